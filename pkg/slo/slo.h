// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// SLOs by multi-window multi-burn-rate alerts. In exact mode every evaluation asks Prometheus for
// the error ratio of each distinct window. In incremental mode the events of each minute are
// counted (books.h), and windows follow from that; a window of which too little is known is asked
// exactly until there is enough, and so are SLOs whose events cannot be counted. Pure; owned by the
// core thread. Theory and defaults: SRE workbook, chapter "Alerting on SLOs" (reference
// slo-and-rules §1, §7).

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "pkg/alert/alert.h"
#include "pkg/base/record.h"
#include "pkg/base/result.h"
#include "pkg/base/time.h"
#include "pkg/config/config.h"
#include "pkg/promql/response.h"
#include "pkg/rules/schedule.h"
#include "pkg/slo/books.h"
#include "pkg/slo/budget.h"
#include "pkg/slo/exclusions.h"

namespace watchfire::slo {

class Budgets;
class Days;
struct Judgement;
struct Severity;

struct Query {
  size_t slo = 0;  // Index into the SLOs given at construction.
  // The value of {{.window}}; for the budget the period, of which a calendar's is over so far only.
  Duration window{};
  std::string expr;
  WallTime slot = kNoTime;  // What to evaluate at.
  // Of a question of the books, which is about no SLO and window: its number. If `step` is not zero
  // it is asked from `from` to `slot`.
  uint64_t question = 0;
  WallTime from = kNoTime;
  Duration step{};
  bool background = false;  // No decision waits for it: others go first.
  bool samples = false;     // A range selector, whose samples are the answer.

  bool operator==(const Query&) const = default;
};

// What is known about one SLO (or one label set of a grouped SLO).
struct Reading {
  labels::LabelSet labels;                 // Of the query result; usually empty.
  std::map<Duration, double> error_ratio;  // By window; absent when there was no data.
  // By window, of SLOs whose alerts need a least number of events that can be counted.
  std::map<Duration, Events> events = {};
};

struct SloStatus {
  std::vector<Reading> readings;
  bool page_firing = false;
  bool ticket_firing = false;
  std::vector<std::string> firing = {};  // Every severity that fires, further ones too; sorted.
  std::vector<std::string> tiers = {};   // Of those, the pairs: "page quick"; sorted.
  std::string last_error;                // Of the last round; "" when every answer was good.
  // Why its alerts do not wait for the least number of events that its file asks for: these cannot
  // be counted.
  std::string least_error = {};
  // What its events cannot be over some window of an hour or more: "1h window: more good events
  // than events: 150%"; "" if all is possible.
  std::string ratio_error = {};
  WallTime last_evaluation = kNoTime;
  uint64_t failures = 0;  // Rounds in which an answer failed.
  // Since when no label set has had data in the shortest window, as far as answers say; kNoTime: it
  // has, or time that does not count goes on. And whether that is an alert by now.
  WallTime no_data_since = kNoTime;
  bool no_data_firing = false;
};

// How the numbers of one SLO come about.
struct Counting {
  std::string why_exact;            // Why its events are not counted; "" if they are. The rest is
                                    // about those that are:
  std::string error;                // Why the last minute was not, so that exact PromQL was asked.
  std::set<Duration> counted;       // Windows whose last answer follows from the counts.
  double known = 0;                 // The share of the period that was asked for and answered …
  double coverage = 0;              // … and that of it which is not before the first event.
  std::string fill_error;           // Why history does not come in.
  uint64_t anomalies = 0;           // Minutes in which more was bad, or good, than there was.
  bool is_capped = false;           // Some label sets are lumped together: exact PromQL is asked.
  std::map<Duration, Audit> audit;  // The last comparison with exact PromQL, by window.
};

// A SLO begins to fail, or works again: no answer of a round failed.
struct HealthChange {
  size_t slo = 0;
  std::string error;      // "": it works again. The first of the round …
  std::string expr = {};  // … and what was asked …
  WallTime at = kNoTime;  // … as of when.
  bool of_ratio = false;  // Its queries answer: what they say cannot be (SloStatus::ratio_error).
};

struct EngineOptions {
  Duration interval = std::chrono::minutes(1);
  Duration resend_delay = std::chrono::minutes(1);
  std::string external_url;
  labels::LabelSet external_labels;
  bool spread = true;  // Slots are spread over the interval; false: they are its multiples.
  // Count events where that is possible, which takes an interval of a minute or more. Of SLOs that
  // do not say it themselves.
  bool incremental = false;
  BooksOptions books = {};
  bool daily = false;  // Keep what each day did to the budgets.
  // What people exclude, besides what SLOs schedule. Null: nothing. Outlives the engine.
  const Exclusions* exclusions = nullptr;
};

// One alert that fires, waits for its SloAlert::hold, or has resolved within
// rules::kResolvedRetention.
struct BurnAlert {
  std::string severity;  // "page", "ticket" or another; "" if no_data.
  alert::Alert alert;    // Without external labels.
  WallTime last_sent_at = kNoTime;
  bool resolved = false;
  bool pending = false;           // Nobody has heard of it yet.
  bool no_data = false;           // It tells that there is no data, not that anything burns.
  WallTime held_since = kNoTime;  // Without data to fire by; kNoTime: it has.

  bool operator==(const BurnAlert&) const = default;
};

class Engine {
 public:
  Engine(std::vector<config::Slo> slos, EngineOptions options);
  Engine(Engine&& other) noexcept;
  ~Engine();

  // When Due() or TakeRecords() next has something; nullopt when every SLO waits for answers or
  // there is none. The epoch until a SLO's first Due(), which finds its first slot.
  std::optional<WallTime> next_slot() const;

  // The queries of every SLO whose slot has come: one per distinct window plus the period. Windows
  // of a day and more are asked less often (Cadence in burn.h). A SLO whose previous round is
  // still out skips the slot. Of SLOs whose events are counted, the questions of the books, and
  // when the newest minute has come in, the windows that do not follow from the counts.
  std::vector<Query> Due(WallTime now);

  struct Outcome {
    std::vector<alert::Alert> send;          // After the last answer of a round.
    std::vector<Record> records;             // Table::kSlo
    std::vector<BudgetChange> changes = {};  // Of error budget policies.
    std::vector<HealthChange> health = {};
  };
  // Takes one answer. When all of a round are in, each severity fires when any of its window pairs
  // has both burn rates strictly above the factor (ratio > factor · (100-objective)/100; NaN is
  // false). A window whose query failed is unknown: what can be decided without it is, the rest is
  // held (nothing fires anew, nothing resolves, held alerts go on being sent). One alert per SLO,
  // label set and severity: see MakeAlert in burn.h. While an exclusion holds none begins, nor soon
  // afterwards by a pair of windows of which too little counts (slo_excluded.cc); what fires goes
  // on by what counts, and is held where nothing does. Answers nobody waits for have no effect.
  Outcome OnResult(const Query& query, Result<promql::Vector> result, WallTime now);
  // What follows from rounds that Due() began and that had nothing to ask.
  Outcome TakeOutcome() { return std::exchange(outcome_, {}); }

  // What has been counted since, to be stored: within half a minute, at most once a second; at once
  // if `all` is asked. See Books::TakeRecords(). And states of error budget policies that changed.
  std::vector<Record> TakeRecords(WallTime now, bool all = false);

  // Sends firing alerts again before they would expire, however long their SLO waits for answers:
  // silence of Prometheus is no end of an alert. So with those of error budget policies.
  Outcome Upkeep(WallTime now);
  // When Upkeep has work; the epoch: at once.
  std::optional<WallTime> next_upkeep() const;

  // Takes over alerts, readings and slots by SLO id (reload). Returns the deletion of what is
  // stored of SLOs that are gone.
  std::vector<Record> AdoptState(const Engine& old);
  // Restores alerts stored by OnResult's records, and counts; unknown SLOs are dropped. Errors:
  // kCorrupt.
  Status Restore(const Record& record);

  const std::vector<config::Slo>& slos() const { return slos_; }
  const SloStatus& status(size_t slo) const;
  Counting counting(size_t slo) const;
  Budget budget(size_t slo) const;
  // Label sets that events are counted by.
  size_t counted_series() const { return books_.counted_series(); }
  // Whether counters are asked for by anchored ranges.
  bool asks_anchored() const { return books_.asks_anchored(); }

  // Burn rate of `window` for a reading: error ratio / budget ratio; nullopt without data.
  static std::optional<double> BurnRate(const config::Slo& slo, const Reading& reading,
                                        Duration window);
  // 1 - e(period)/budget; may be negative; nullopt without data.
  static std::optional<double> BudgetRemaining(const config::Slo& slo, const Reading& reading);

 private:
  using Alerts = std::map<std::string, BurnAlert>;  // By printed alert labels.
  struct Answer {
    WallTime slot;
    promql::Vector vector;                 // Without __name__.
    std::map<std::string, Events> events;  // By label set; see Reading::events.
  };
  struct SloState {
    explicit SloState(rules::Schedule of) : schedule(of) {}

    rules::Schedule schedule;
    std::set<Duration> windows;  // All that are asked, the period included.
    SloStatus status;
    std::map<Duration, Answer> answers;  // The last good answers; a failure erases.
    std::set<Duration> outstanding;      // Not empty iff a round is under way.
    WallTime slot = kNoTime;             // Of the round.
    std::string error;                   // The first of the round …
    std::string failed_expr;             // … and what was asked.
    bool is_failing = false;             // As HealthChange told it last.
    std::string count_error;             // Why the round did not follow from the counts.
    std::set<Duration> counted;          // Windows whose answers do …
    std::set<Duration> left_out;         // … of which nothing counts, all being excluded.
    Alerts alerts;
    WallTime hold_at = WallTime::max();   // No firing alert is to be held before.
    std::optional<Increments> events_of;  // What its least number of events is counted by.
    // What is excluded of what its windows look back to, and some time ahead.
    ExcludedSpans excluded;
    int64_t excluded_from = 0;  // The minutes for which that was found out …
    int64_t excluded_until = 0;
    uint64_t excluded_version = 0;  // … and of what.
  };

  static constexpr Duration kCounted = std::chrono::minutes(1);  // What the books count at once.

  bool IsIncremental(const config::Slo& slo) const {
    return slo.mode ? *slo.mode == config::SloMode::kIncremental : options_.incremental;
  }
  BooksOptions ToBooksOptions() const;
  static void UpdateFiring(SloState* state);
  static void Append(Outcome from, Outcome* to);
  Status RestoreBudget(const Record& record);
  void AskDays(WallTime now, std::vector<Query>* queries);
  void JudgeBudget(size_t index, WallTime now, Outcome* outcome);
  bool BeginsAnew(size_t index) const;
  // Whether rounds of the SLO follow the books and not its own schedule.
  bool Counts(size_t slo) const { return counts_ && books_.Keeps(slo); }
  void Begin(const Books::Closed& closed, WallTime now, std::vector<Query>* queries);
  void Ask(size_t slo, Duration window, std::vector<Query>* queries);
  // Least numbers of events (slo_least.cc).
  void PrepareLeast(size_t slo);
  Result<Answer> ToAnswer(const SloState& state, WallTime slot, promql::Vector vector) const;
  std::map<std::string, Events> CountedEvents(size_t slo, Duration window) const;
  // Times that do not count (slo_excluded.cc).
  void RefreshExcluded(size_t slo, WallTime now);
  // What is excluded of the minutes [from, to).
  ExcludedSpans SpansOf(size_t slo, int64_t from, int64_t to) const;
  void RecountDays(size_t slo, WallTime now);
  static void ForgetLeftOut(SloState* state);
  static bool IsExcluded(const SloState& state, WallTime now);
  Judgement JudgeUnlessKeptBack(const SloState& state, const Severity& severity,
                                const Reading& reading, const std::set<Duration>& unknown,
                                const std::string& key, WallTime now) const;
  bool IsKeptBack(const SloState& state, const Reading& reading, const config::SloWindow& pair,
                  WallTime now) const;
  bool Wanted(const config::Slo& slo, const SloState& state, Duration window, WallTime slot) const;
  Outcome Finish(size_t index, WallTime now);
  void NoteHealth(size_t index, Outcome* outcome);
  void NoteRatio(size_t index, Outcome* outcome);  // slo_ratio.cc
  Duration HoldAfter() const;  // So long after the last time a firing alert is sent, whatever.
  void KeepFiring(size_t index, WallTime now, Outcome* outcome);
  alert::Alert ToSend(const BurnAlert& burn, WallTime now) const;
  // Both return whether an alert began, fired, resolved or went. EndAlerts resolves what is not
  // `alive`, and forgets it if it was pending.
  bool UpdateAlerts(const config::Slo& slo, WallTime now, SloState* state) const;
  bool EndAlerts(const std::set<std::string>& alive, WallTime now, SloState* state) const;
  // Whether an alert goes on for want of data alone (no_data.cc).
  static bool IsHeld(const config::Slo& slo, const Severity& severity, const Reading& reading,
                     const std::set<Duration>& unknown, BurnAlert* burn, WallTime slot);
  // Adds the alert that tells of no data to `alive`, if it is. Returns whether it began or fired.
  bool UpdateNoData(const config::Slo& slo, WallTime now, SloState* state,
                    std::set<std::string>* alive) const;

  std::vector<config::Slo> slos_;  // Never changes after construction.
  EngineOptions options_;          // Never changes after construction.
  std::vector<SloState> states_;   // One for each of slos_.
  bool counts_ = false;            // Never changes after construction.
  Books books_;                    // Of all SLOs if counts_, else of none.
  std::unique_ptr<Budgets> budgets_;
  std::unique_ptr<Days> days_;         // Null: without options_.daily.
  std::vector<Books::Closed> closed_;  // Whose rounds are to begin.
  Outcome outcome_;
};

}  // namespace watchfire::slo
