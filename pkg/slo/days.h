// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What each day (UTC) did to each error budget, for 400 days: 16 bytes a day and SLO in memory, 40
// on disk. A day that is over is asked once, some time after midnight; days that are missing (while
// we did not run, or before we were there) up to a period ago are asked as well, the newest first.
// All of it is background: two SLOs' days are out at a time, and for a fifth of the time at most.
// Owned by slo::Engine, on the core thread; pure.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pkg/base/limits.h"
#include "pkg/base/record.h"
#include "pkg/base/result.h"
#include "pkg/base/time.h"
#include "pkg/config/config.h"
#include "pkg/promql/response.h"
#include "pkg/slo/budget.h"
#include "pkg/slo/history.h"

namespace watchfire::slo {

struct DayQuestion {
  uint64_t id = 0;
  size_t slo = 0;
  std::string expr;
  WallTime at = kNoTime;
};

using limits::kBudgetDays;

// Returns the day that `at` lies in.
int32_t DayOf(WallTime at);
WallTime StartOfDay(int32_t day);
// Returns how many days of a period are kept: 1 to kBudgetDays.
int32_t PeriodDays(const config::Slo& slo);

// What a number that was kept as a float says: seven digits.
double Rounded(double value);

// Returns the share of the budget of a period that (*days)[index] spent, by the SLO's objective of
// today: its bad events of all that a period with as much traffic as the days before it would
// allow. Sums up to what the period has consumed. Nullopt if nothing is known of the day.
std::optional<double> ConsumedOn(const config::Slo& slo, const BudgetDays& days, size_t index);

// Returns how many events a period has, by the days of the last one. Nullopt if none is known.
std::optional<double> EventsOf(const config::Slo& slo, const BudgetDays& days);

class Days {
 public:
  // A day is asked so long after its end, and up to so much later: all SLOs at once would be a
  // storm.
  static constexpr Duration kSettle = std::chrono::minutes(15);
  static constexpr Duration kSpread = std::chrono::hours(3);
  // After the first Due(), and between two days of one SLO.
  static constexpr Duration kFirst = std::chrono::minutes(2);
  static constexpr Duration kNextDay = std::chrono::seconds(10);
  // After an answer that failed; the second if asking the same again will not help.
  static constexpr Duration kRetry = std::chrono::minutes(10);
  static constexpr Duration kRefused = std::chrono::hours(6);
  static constexpr size_t kOut = 2;
  // So many days without data in a row, and older ones are not asked.
  static constexpr int kEmptyRun = 3;
  static constexpr int32_t kDaysPerRow = 16;

  // `slos` outlive it. `spread`: false, for tests: everything as early as it may be.
  Days(std::span<const config::Slo> slos, bool spread);

  // What the ledgers of incremental mode say of a day: its events without what is excluded of it,
  // and the NumberOf() that.
  struct CountedDay {
    Events events;
    uint32_t excluded = 0;
  };
  using Counted = std::function<std::optional<CountedDay>(size_t slo, int64_t day)>;
  std::vector<DayQuestion> Due(WallTime now, const Counted& counted);
  // When Due() has something; nullopt while all waits for answers.
  std::optional<WallTime> next() const;
  static bool IsDay(uint64_t question) { return (question & kDayBit) != 0; }
  void OnAnswer(uint64_t id, Result<promql::Vector> result, WallTime now);
  // Takes the number of what is excluded of each day from `oldest` on, as far as anything is. Days
  // that were kept with another are counted again, if they can be: what was left at their end
  // stays. Not so those that are as they were, which were known better when they were young.
  void Recount(size_t slo, int32_t oldest, const std::map<int32_t, uint32_t>& excluded,
               const Counted& counted);
  // What is left of the budget, whenever that is known.
  void Left(size_t slo, double remaining, WallTime at);

  const std::shared_ptr<const BudgetDays>& of(size_t slo) const { return tracks_[slo].days; }

  // What has changed, for Table::kSlo: a row for 16 days of an SLO.
  std::vector<Record> TakeRecords();
  static bool IsDays(const Record& record);
  // Rows of SLOs that are not there stay: they may come back. Errors: kCorrupt.
  Status Restore(const Record& record);
  void AdoptState(const Days& old);

 private:
  static constexpr uint64_t kDayBit = uint64_t{1} << 63;

  struct Track {
    std::shared_ptr<const BudgetDays> days;  // Null: none.
    // The number of what was excluded of a day when it was counted, of those of which anything was.
    std::map<int32_t, uint32_t> excluded;
    std::set<int32_t> dirty_rows;
    // What was left when it was last known, and at the last time of the day before that.
    float left = BudgetDay::kUnknown;
    int32_t left_day = 0;
    float closing = BudgetDay::kUnknown;
    int32_t closing_day = 0;
  };
  struct Asked {  // A day of an SLO.
    size_t slo = 0;
    int32_t day = 0;
    WallTime at = kNoTime;
    bool is_ratio = false;
    std::optional<promql::Vector> bad;
    std::optional<promql::Vector> total;
  };

  Duration SpreadOf(size_t slo) const;
  uint32_t ExcludedOf(size_t slo, int32_t day) const;
  std::optional<int32_t> MissingDay(size_t slo, WallTime now) const;
  void Plan(size_t slo, WallTime now, Duration wait);
  void Ask(size_t slo, int32_t day, WallTime now, std::vector<DayQuestion>* out);
  void Finish(uint64_t key, WallTime now);
  void Rest(WallTime now, Duration took, Duration least);
  void AdoptAgenda(const Days& old);
  void Put(size_t slo, BudgetDay day, uint32_t excluded);
  void Keep(size_t slo, BudgetDays days);
  float RemainingAt(size_t slo, int32_t day) const;
  Record ToRecord(size_t slo, int32_t row) const;

  std::span<const config::Slo> slos_;
  bool spread_;
  std::map<std::string_view, size_t> by_id_;      // Of slos_.
  std::vector<Track> tracks_;                     // One for each of slos_.
  std::set<std::pair<WallTime, size_t>> agenda_;  // When an SLO has something to ask, if not out.
  std::map<uint64_t, Asked> out_;                 // By the first question's id, without its bit.
  WallTime pause_until_ = WallTime();             // Of all.
  WallTime last_now_ = kNoTime;
  uint64_t last_id_ = 0;
  std::set<size_t> dirty_;                 // Whose rows have changed.
  std::map<std::string, Record> orphans_;  // Rows by key, of SLOs that are not there.
  std::vector<Record> deletions_;          // To be taken.
};

}  // namespace watchfire::slo
