// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// SLOs by multi-window multi-burn-rate alerts, in exact mode: every evaluation asks Prometheus for
// the error ratio of each distinct window. Pure; owned by the core thread. Theory and defaults: SRE
// workbook, chapter "Alerting on SLOs" (reference slo-and-rules §1).

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "pkg/alert/alert.h"
#include "pkg/base/record.h"
#include "pkg/base/result.h"
#include "pkg/base/time.h"
#include "pkg/config/config.h"
#include "pkg/promql/response.h"
#include "pkg/rules/schedule.h"

namespace watchfire::slo {

struct Query {
  size_t slo = 0;  // Index into the SLOs given at construction.
  // The value of {{.window}}; for the budget the period, of which a calendar's is over so far only.
  Duration window{};
  std::string expr;
  WallTime slot = kNoTime;

  bool operator==(const Query&) const = default;
};

// What is known about one SLO (or one label set of a grouped SLO).
struct Reading {
  labels::LabelSet labels;                 // Of the query result; usually empty.
  std::map<Duration, double> error_ratio;  // By window; absent when there was no data.
};

struct SloStatus {
  std::vector<Reading> readings;
  bool page_firing = false;
  bool ticket_firing = false;
  std::string last_error;  // Of the last round; "" when every answer was good.
  WallTime last_evaluation = kNoTime;
  uint64_t failures = 0;  // Rounds in which an answer failed.
};

struct EngineOptions {
  Duration interval = std::chrono::minutes(1);
  Duration resend_delay = std::chrono::minutes(1);
  std::string external_url;
  labels::LabelSet external_labels;
  bool spread = true;  // Slots are spread over the interval; false: they are its multiples.
};

// One alert that fires, waits for its SloAlert::hold, or has resolved within
// rules::kResolvedRetention.
struct BurnAlert {
  std::string severity;  // "page", "ticket" or another.
  alert::Alert alert;    // Without external labels.
  WallTime last_sent_at = kNoTime;
  bool resolved = false;
  bool pending = false;  // Nobody has heard of it yet.

  bool operator==(const BurnAlert&) const = default;
};

class Engine {
 public:
  Engine(std::vector<config::Slo> slos, EngineOptions options);

  // When Due() next has something; nullopt when every SLO waits for answers or there is none. The
  // epoch until a SLO's first Due(), which finds its first slot.
  std::optional<WallTime> next_slot() const;

  // The queries of every SLO whose slot has come: one per distinct window plus the period. Windows
  // of a day and more are asked less often (Cadence in burn.h). A SLO whose previous round is
  // still out skips the slot.
  std::vector<Query> Due(WallTime now);

  struct Outcome {
    std::vector<alert::Alert> send;  // After the last answer of a round.
    std::vector<Record> records;     // Table::kSlo
  };
  // Takes one answer. When all of a round are in, each severity fires when any of its window pairs
  // has both burn rates strictly above the factor (ratio > factor · (100-objective)/100; NaN is
  // false). A window whose query failed is unknown: what can be decided without it is, the rest is
  // held (nothing fires anew, nothing resolves, held alerts go on being sent). One alert per SLO,
  // label set and severity: see MakeAlert in burn.h. Answers nobody waits for have no effect.
  Outcome OnResult(const Query& query, Result<promql::Vector> result, WallTime now);

  // Sends firing alerts again before they would expire, however long their SLO waits for answers:
  // silence of Prometheus is no end of an alert.
  Outcome Upkeep(WallTime now);
  // When Upkeep has work; the epoch: at once.
  std::optional<WallTime> next_upkeep() const;

  // Takes over alerts, readings and slots by SLO id (reload). Returns the deletion of what is
  // stored of SLOs that are gone.
  std::vector<Record> AdoptState(const Engine& old);
  // Restores alerts stored by OnResult's records; unknown SLOs are dropped. Errors: kCorrupt.
  Status Restore(const Record& record);

  const std::vector<config::Slo>& slos() const { return slos_; }
  const SloStatus& status(size_t slo) const;

  // Burn rate of `window` for a reading: error ratio / budget ratio; nullopt without data.
  static std::optional<double> BurnRate(const config::Slo& slo, const Reading& reading,
                                        Duration window);
  // 1 - e(period)/budget; may be negative; nullopt without data.
  static std::optional<double> BudgetRemaining(const config::Slo& slo, const Reading& reading);

 private:
  using Alerts = std::map<std::string, BurnAlert>;  // By printed alert labels.
  struct Answer {
    WallTime slot;
    promql::Vector vector;  // Without __name__.
  };
  struct SloState {
    rules::Schedule schedule;
    std::set<Duration> windows;  // All that are asked, the period included.
    SloStatus status;
    std::map<Duration, Answer> answers;  // The last good answers; a failure erases.
    std::set<Duration> outstanding;      // Not empty iff a round is under way.
    WallTime slot = kNoTime;             // Of the round.
    std::string error;                   // The first of the round.
    Alerts alerts;
    WallTime hold_at = WallTime::max();  // No firing alert is to be held before.
  };

  bool Wanted(const config::Slo& slo, const SloState& state, Duration window, WallTime slot) const;
  Outcome Finish(size_t index, WallTime now);
  Duration HoldAfter() const;  // So long after the last time a firing alert is sent, whatever.
  void KeepFiring(size_t index, WallTime now, Outcome* outcome);
  alert::Alert ToSend(const BurnAlert& burn, WallTime now) const;
  // Both return whether an alert began, fired, resolved or went. EndAlerts resolves what is not
  // `alive`, and forgets it if it was pending.
  bool UpdateAlerts(const config::Slo& slo, WallTime now, SloState* state) const;
  bool EndAlerts(const std::set<std::string>& alive, WallTime now, SloState* state) const;

  std::vector<config::Slo> slos_;  // Never changes after construction.
  EngineOptions options_;          // Never changes after construction.
  std::vector<SloState> states_;   // One for each of slos_.
};

}  // namespace watchfire::slo
