// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Evaluating Prometheus alerting rules: slots, pending, firing, keep_firing_for, resolved. A pure
// state machine: it says which query to run and when, takes the answer, and gives alerts to send.
// Semantics: Prometheus package rules (reference §4). Owned by the core thread.

#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pkg/alert/alert.h"
#include "pkg/base/record.h"
#include "pkg/base/result.h"
#include "pkg/base/shared_text.h"
#include "pkg/base/time.h"
#include "pkg/config/config.h"
#include "pkg/promql/response.h"
#include "pkg/rules/evaluate.h"
#include "pkg/rules/schedule.h"
#include "pkg/rules/series.h"

namespace watchfire::rules {

enum class Health { kUnknown, kOk, kError };

struct RuleStatus {
  Health health = Health::kUnknown;
  std::string last_error;
  WallTime last_evaluation = kNoTime;
  Duration evaluation_time{};
};

// One attempt to evaluate a rule, for whoever asks what it saw.
struct Evaluation {
  WallTime started = kNoTime;
  WallTime at = kNoTime;  // The `time` of its query.
  Duration took{};
  size_t samples = 0;  // In the result.
  SharedText error;    // Empty: it went well.
};
// Newest last.
using History = std::vector<Evaluation>;

// What to ask next: a rule's expression at the slot time less query_offset, or what its templates
// ask by `query`, at the slot time.
struct Query {
  size_t group = 0;  // Index into the groups given at construction.
  size_t rule = 0;
  SharedText expr;
  WallTime slot = kNoTime;  // The evaluation timestamp.
  WallTime at = kNoTime;    // The `time` parameter.
  bool for_template = false;

  bool operator==(const Query&) const = default;
};

struct GroupStats {
  std::string name;  // "<file>;<group>": the rule_group label.
  uint64_t iterations = 0;
  uint64_t missed = 0;
  uint64_t evaluations = 0;
  uint64_t failures = 0;
  Duration interval{};
  Duration last_duration{};
  WallTime last_evaluation = kNoTime;
  size_t last_samples = 0;  // In the results of the last evaluation.
  size_t rules = 0;
};

// A rule begins to fail, or works again. What fails goes on failing until an attempt went well, its
// result written, if it records and somebody takes it.
struct HealthChange {
  size_t group = 0;
  size_t rule = 0;
  std::string error;      // "": it works again.
  WallTime at = kNoTime;  // The `time` of its query.

  bool operator==(const HealthChange&) const = default;
};

struct EngineOptions {
  Duration resend_delay = std::chrono::minutes(1);
  std::string external_url;          // For generatorURL (see GraphUrl) and templates.
  labels::LabelSet external_labels;  // Added to every alert sent where absent; for templates.
  bool writes = false;               // Somebody takes Outcome::samples.
  size_t together = 1;               // So many alerting rules of a group are asked at once.
};

// Returns "<external_url>/graph?g0.expr=<escaped expr>&g0.tab=1", what Prometheus puts into
// generatorURL. Source: prometheus/common-strutil TableLinkForExpression.
std::string GraphUrl(std::string_view external_url, std::string_view expr);

// Until when an alert sent at `slot` counts as firing without being sent again: four of the longer
// of both. Source: Prometheus rules.Alert.ValidUntil.
WallTime ValidUntil(WallTime slot, Duration interval, Duration resend_delay);

// Samples to be written, with the ends of series that are no more.
struct Write {
  // Of what was in no group any more when the configuration was loaded.
  static constexpr size_t kGone = static_cast<size_t>(-1);

  size_t group = 0;
  std::vector<size_t> rules;  // Whose series these are.
  WallTime at = kNoTime;
  promql::Vector samples;
  // The group goes on when OnWritten says how the writing ended: rules to come read the samples.
  bool is_awaited = false;
};

// Evaluation runs rule after rule inside a group, but alerting rules between two recording rules
// may be asked together: none reads what another makes. Groups are independent. Time is the wall
// clock (slots lie on the UTC grid `k·interval + hash(group) mod interval`).
//
// What failed for a reason that may pass is asked again before the next slot comes. A recording
// rule whose results somebody takes owes them for every slot: those that stayed open are evaluated
// as of their own time before the next one is, oldest first, because series take no samples out of
// order.
class Engine {
 public:
  Engine(std::vector<config::RuleGroup> groups, EngineOptions options);

  // When Due() next has something; nullopt when no group has rules or all are busy. The epoch until
  // a group's first Due(), which finds its first slot.
  std::optional<WallTime> next_slot() const;

  // From now on, so many alerting rules of a group are asked at once.
  void AskTogether(size_t most) { options_.together = most; }

  // Starts every group whose slot has come and that is not still busy, and returns the first
  // queries of each. Slots missed while busy or stopped are counted and skipped, never caught up.
  // Also those whose failed rules are to be asked again.
  std::vector<Query> Due(WallTime now);

  struct Outcome {
    std::vector<alert::Alert> send;  // For the alert table, exactly as Prometheus would POST them.
    std::optional<Query> next;       // The next one of the same group, if any.
    std::vector<Query> more;         // To be asked together with `next`.
    std::vector<Record> records;     // State that changed (Table::kRule).
    // If it has samples: what a recording rule gave, or the alerting rules of the whole pass. Only
    // if EngineOptions::writes.
    Write write;
    std::optional<HealthChange> health = {};  // Of the rule that was answered, or written.
  };
  // Takes the answer to `query`. An error changes no alert state, and firing alerts go on being
  // sent, so that nothing resolves on a query error. (Prometheus sends nothing then, and its alerts
  // expire after four intervals: a pager would report a recovery nobody saw.) An answer nobody
  // waits for (asked before a reload, or twice) has no effect.
  Outcome OnResult(const Query& query, Result<promql::Vector> result, WallTime now, Duration took);
  // How a write ended that this engine gave; its samples are not looked at. Ends of series that
  // were not written are told again.
  Outcome OnWritten(const Write& write, const Status& status, WallTime now);

  // What time makes due though no answer comes. Firing alerts are sent again before they would
  // expire, however long their group waits for an answer, or was not evaluated at all: silence of
  // Prometheus is no end of an alert. And the series of rules that a reload took away end, unless
  // another rule has taken them up.
  Outcome Upkeep(WallTime now);
  // When Upkeep has work; the epoch: at once.
  std::optional<WallTime> next_upkeep() const;

  // Takes over the state of rules with equal group file, name, rule name and labels (reload).
  // Groups whose interval is unchanged keep their slots; one that was busy asks again for the slot
  // under way. Returns the deletion of what is stored of rules that are gone.
  std::vector<Record> AdoptState(const Engine& old);
  // Restores instances stored by OnResult's records; unknown rules are dropped. `for` and
  // keep_firing_for go on as if the time between had been one long evaluation error.
  // Errors: kCorrupt.
  Status Restore(const Record& record);

  const std::vector<config::RuleGroup>& groups() const { return groups_; }
  // Pending and firing instances of one rule, in the order of their printed labels.
  std::vector<const Instance*> instances(size_t group, size_t rule) const;
  const RuleStatus& status(size_t group, size_t rule) const;
  // At most limits::kEvaluationsKept.
  History history(size_t group, size_t rule) const;
  std::vector<GroupStats> stats() const;

 private:
  struct RuleState {
    std::string key;  // Of the stored record: "file;group;rule;labels hash", unique.
    SharedText expr;
    RuleStatus status;
    History history;    // A ring, once it is full.
    size_t oldest = 0;  // In it.
    Evaluation& newest() { return oldest == 0 ? history.back() : history[oldest - 1]; }
    Instances active;
    Texts texts;
    Trail trail;
    bool is_failing = false;  // As HealthChange told it last.
    // Of a recording rule: slots without a written result, oldest first; the last is the one under
    // way.
    std::vector<WallTime> owed;
  };
  // A rule whose answer is awaited.
  struct Asked {
    Query query;
    // The answer to the rule, and to its templates so far.
    promql::Vector answer = {};
    Answers answers = {};
    Duration answered_in{};
  };
  struct GroupState {
    explicit GroupState(Schedule slots) : schedule(slots) {}

    Schedule schedule;
    std::vector<Asked> asked;  // Not empty iff busy. A recording rule is alone in it.
    bool writing = false;      // Busy with what the one that was asked gave.
    // The pass over the rules at `slot`.
    WallTime slot = kNoTime;
    std::deque<size_t> todo;             // Those not asked yet.
    std::vector<size_t> failed;          // To be asked again at `retry_at`.
    WallTime retry_at = kNoTime;         // kNoTime: nothing to be asked again.
    Duration patience{};                 // Until the next time.
    bool write_failed = false;           // In this pass.
    Write alert_series;                  // Of the alerting rules of this pass.
    WallTime hold_at = WallTime::max();  // No firing alert is to be held before.
    Duration took{};                     // While any of the slot under way was evaluated.
    WallTime took_until = kNoTime;       // So far that is counted.
    size_t samples = 0;                  // The same.
    GroupStats stats;
    std::vector<RuleState> rules;
  };

  // Series of rules that are gone.
  struct Gone {
    Duration wait{};  // For rules that may have taken them up to be evaluated.
    Trail trail;
    std::optional<WallTime> end_at;  // Not known before the first Upkeep.
    bool is_writing = false;
  };

  // Notes when a group has something to do, after anything that may change it.
  void Plan(size_t group, WallTime now);
  void Begin(size_t group, const Schedule::Turn& turn, WallTime now);
  // The next queries of the pass under way, marked as asked. None: others are awaited, or the pass
  // is over.
  std::vector<Query> Ask(size_t group, WallTime now);
  bool MayAsk(size_t group, size_t rule) const;
  Outcome Settle(const Asked& asked, const Result<promql::Vector>& result, WallTime now);
  // Goes on to what comes next in the pass.
  void GoOn(size_t group, WallTime now, Outcome* outcome);
  void KeepFiring(size_t group, WallTime now, Outcome* outcome);
  void OnGoneWritten(const Write& write, const Status& status, WallTime now);
  void Bury(const Trail& trail, std::optional<Duration> interval);
  void AdoptGroups(const Engine& old);
  Outcome SettleAlerting(const Asked& asked, const Result<promql::Vector>& result, WallTime now,
                         Status* status);
  Write SettleRecording(const Query& query, const Result<promql::Vector>& result, Status* status);
  void Note(const Asked& asked, const Status& status, size_t samples, WallTime now);
  std::optional<HealthChange> NoteHealth(const Query& query, const std::string& error);
  void Leave(const Query& query, const Status& status);
  bool IsRecording(size_t group, size_t rule) const;
  // As sent at `slot`. What comes a whole interval late counts from `now` on.
  alert::Alert ToAlert(const std::pair<size_t, size_t>& place, const Instance& instance,
                       WallTime slot, WallTime now) const;
  // So long after the last time a firing alert is sent again, whatever happens.
  Duration HoldAfter(size_t group) const;

  std::vector<config::RuleGroup> groups_;  // All but `together` stay as given.
  EngineOptions options_;                  // Never changes after construction.
  Surroundings around_;                    // The same, for templates.
  std::vector<GroupState> states_;         // One for each of groups_.
  // The same, apart so that a look at all is short: when it is to be looked at. max(): not before
  // an answer comes, or never.
  std::vector<WallTime> due_at_;
  WallTime looked_at_ = kNoTime;                            // When all was looked at last.
  std::map<std::string, std::pair<size_t, size_t>> index_;  // Record key to group and rule.
  std::vector<Gone> gone_;                                  // Write::rules has the index.
};

}  // namespace watchfire::rules
