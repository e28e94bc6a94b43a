// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Keeps the error budgets of all SLOs: the state of each policy and its alert. A state changes by
// what is known and by nothing else: while Prometheus does not answer, over restarts and reloads it
// holds. Owned by slo::Engine, on the core thread; pure.

#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/alert/alert.h"
#include "pkg/base/record.h"
#include "pkg/base/result.h"
#include "pkg/base/time.h"
#include "pkg/config/config.h"
#include "pkg/slo/budget.h"
#include "pkg/slo/policy.h"

namespace watchfire::slo {

inline constexpr const char* kPolicyAlertName = "SLOErrorBudgetPolicy";

struct BudgetTerms {
  Duration interval = std::chrono::minutes(1);
  Duration resend_delay = std::chrono::minutes(1);
  std::string external_url;
  labels::LabelSet external_labels;
};

class Budgets {
 public:
  // A budget is relied on for so long after it was known last, or for five evaluations.
  static constexpr Duration kFresh = std::chrono::minutes(15);
  // What is left is stored at every change of state, and so often.
  static constexpr Duration kStoreEvery = std::chrono::hours(1);
  // A budget that was used up is so until this much of it is left again: rolling windows cross zero
  // many times. Source: reference paging-backends §7.2, M9.
  static constexpr double kBreachMargin = 0.01;
  // In so much of a calendar period, at its begin, states get better only: a single failure spends
  // all there is when there was little else.
  static constexpr int kSettlingPart = 30;

  struct Outcome {
    std::vector<alert::Alert> send;
    std::vector<BudgetChange> changes;
  };

  // `slos` outlive it.
  Budgets(std::span<const config::Slo> slos, BudgetTerms terms);

  // What an evaluation said of the budget.
  struct Known {
    double remaining = 0;
    std::optional<double> burn_rate;  // Over ProjectionWindow().
  };
  void Judge(size_t slo, const Known& known, WallTime slot, WallTime now, Outcome* outcome);

  // Sends the alerts of states that are not their policy's first before they expire, and what ended
  // with a reload. A state that nothing was known of for a whole period is none any more, and its
  // alert ends.
  void Upkeep(WallTime now, Outcome* outcome);
  // When Upkeep() has work; WallTime::max(): never.
  WallTime next_upkeep() const;

  // What has changed, to be stored: of Table::kSlo. `all`: whatever is known, at the end of a life.
  // Those of SLOs that are gone are deleted when nothing was known of them for kBudgetDays.
  std::vector<Record> TakeRecords(WallTime now, bool all = false);

  // Takes over by SLO id (reload). A state whose policy, objective or period is another one is
  // decided again from what was left, without margins; what is told of it goes on if it is the
  // same. SLOs that are gone are kept for a time: they may come back.
  void AdoptState(const Budgets& old);
  // Whether a row is one of those.
  static bool IsBudget(const Record& record);
  // Errors: kCorrupt.
  Status Restore(const Record& record);
  // The SLO that a row is of; nullopt if it is not there.
  std::optional<size_t> SloOf(const Record& record) const;

  const Budget& budget(size_t slo) const { return tracks_[slo].budget; }

 private:
  struct Track {
    Budget budget;
    std::string condition;     // Of the level that the state has, as it was decided by.
    bool is_doubtful = false;  // To be decided without regard to what it was.
    WallTime sent_at = kNoTime;
    WallTime stored_at = kNoTime;
  };

  struct Orphan {  // The state of an SLO that is not there.
    Record record;
    WallTime known_at = kNoTime;
  };

  void Expire(WallTime now, Outcome* outcome);
  std::vector<Record> ForgetOrphans(WallTime now);
  bool Alerts(size_t slo) const;
  void NoteAlerting(size_t slo);
  alert::Alert ToAlert(size_t slo, WallTime ends_at) const;
  labels::LabelSet Annotations(size_t slo) const;
  std::string ConditionOf(size_t slo) const;
  bool MayWorsen(const config::Slo& slo, WallTime slot) const;
  void Move(size_t slo, size_t step, WallTime at, Outcome* outcome);
  bool NoteBreach(size_t slo, WallTime slot);
  void Adopt(size_t slo, const Track& from, const config::Slo& was);
  Record ToRecord(size_t slo) const;

  std::span<const config::Slo> slos_;
  BudgetTerms terms_;
  std::map<std::string_view, size_t> by_id_;  // Of slos_.
  std::vector<Track> tracks_;                 // One for each of slos_.
  std::map<std::string, Orphan> orphans_;     // By key.
  WallTime swept_at_ = kNoTime;               // When orphans_ was looked through.
  std::set<size_t> alerting_;                 // Whose alerts fire.
  std::set<size_t> dirty_;                    // What is not stored as it is.
  std::vector<alert::Alert> ended_;           // To be told.
};

}  // namespace watchfire::slo
