// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Evaluating Prometheus alerting rules: slots, pending, firing, keep_firing_for, resolved. A pure
// state machine: it says which query to run and when, takes the answer, and gives alerts to send.
// Semantics: Prometheus package rules (reference §4). Owned by the core thread.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pkg/alert/alert.h"
#include "pkg/base/record.h"
#include "pkg/base/result.h"
#include "pkg/base/time.h"
#include "pkg/config/config.h"
#include "pkg/promql/response.h"
#include "pkg/rules/schedule.h"

namespace watchfire::rules {

enum class State { kInactive, kPending, kFiring };

struct Instance {
  labels::LabelSet labels;  // Final labels, alertname included.
  labels::LabelSet annotations;
  State state = State::kPending;
  double value = 0;
  WallTime active_at = kNoTime;
  WallTime fired_at = kNoTime;
  WallTime resolved_at = kNoTime;
  WallTime keep_firing_since = kNoTime;
  WallTime last_sent_at = kNoTime;
  bool operator==(const Instance&) const = default;
};

enum class Health { kUnknown, kOk, kError };

struct RuleStatus {
  Health health = Health::kUnknown;
  std::string last_error;
  WallTime last_evaluation = kNoTime;
  Duration evaluation_time{};
};

// What to ask next: the expression at the slot time less query_offset.
struct Query {
  size_t group = 0;  // Index into the groups given at construction.
  size_t rule = 0;
  std::string expr;
  WallTime slot = kNoTime;  // The evaluation timestamp.
  WallTime at = kNoTime;    // slot - query_offset: the `time` parameter.

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
  size_t rules = 0;
};

struct EngineOptions {
  Duration resend_delay = std::chrono::minutes(1);
  std::string external_url;          // For generatorURL: see GraphUrl.
  labels::LabelSet external_labels;  // Added to every alert sent where absent.
};

// Returns "<external_url>/graph?g0.expr=<escaped expr>&g0.tab=1", what Prometheus puts into
// generatorURL. Source: prometheus/common-strutil TableLinkForExpression.
std::string GraphUrl(std::string_view external_url, std::string_view expr);

// Until when an alert sent at `slot` counts as firing without being sent again: four of the longer
// of both. Source: Prometheus rules.Alert.ValidUntil.
WallTime ValidUntil(WallTime slot, Duration interval, Duration resend_delay);

// Evaluation runs rule after rule inside a group; groups are independent. Time is the wall clock
// (slots lie on the UTC grid `k·interval + hash(group) mod interval`). Recording rules are listed
// but never due: their results would have nowhere to go, so their health stays kUnknown.
class Engine {
 public:
  Engine(std::vector<config::RuleGroup> groups, EngineOptions options);

  // When Due() next has something; nullopt when no group has an evaluable rule or all are busy.
  // The epoch until a group's first Due(), which finds its first slot.
  std::optional<WallTime> next_slot() const;

  // Starts every group whose slot has come and that is not still busy, and returns the first query
  // of each. Slots missed while busy or stopped are counted and skipped, never caught up.
  std::vector<Query> Due(WallTime now);

  struct Outcome {
    std::vector<alert::Alert> send;  // For the alert table, exactly as Prometheus would POST them.
    std::optional<Query> next;       // The next rule of the same group, if any.
    std::vector<Record> records;     // State that changed (Table::kRule).
  };
  // Takes the answer to `query`. An error changes no alert state, and firing alerts go on being
  // sent, so that nothing resolves on a query error. (Prometheus sends nothing then, and its alerts
  // expire after four intervals: a pager would report a recovery nobody saw.) An answer nobody
  // waits for (asked before a reload, or twice) has no effect.
  Outcome OnResult(const Query& query, const Result<promql::Vector>& result, WallTime now,
                   Duration took);

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
  std::vector<GroupStats> stats() const;

 private:
  struct RuleState {
    std::string key;  // Of the stored record: "file;group;rule;labels hash", unique.
    RuleStatus status;
    std::map<std::string, Instance> active;  // Key: labels as printed.
  };
  struct GroupState {
    Schedule schedule;
    bool evaluable = false;      // Holds an alerting rule.
    std::optional<Query> asked;  // Engaged iff busy.
    Duration took{};             // Of the rules evaluated at the slot under way.
    GroupStats stats;
    std::vector<RuleState> rules;
  };

  // The query of the first alerting rule from index `rule` on.
  std::optional<Query> NextQuery(size_t group, size_t rule, WallTime slot) const;
  alert::Alert ToAlert(const Query& query, const Instance& instance, WallTime now) const;

  std::vector<config::RuleGroup> groups_;                   // Never changes after construction.
  EngineOptions options_;                                   // Never changes after construction.
  std::vector<GroupState> states_;                          // One for each of groups_.
  std::map<std::string, std::pair<size_t, size_t>> index_;  // Record key to group and rule.
};

}  // namespace watchfire::rules
