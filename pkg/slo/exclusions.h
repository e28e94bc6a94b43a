// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Times in which the events of SLOs do not count: those that people ask for while the server runs
// (work that was announced, an outage that was somebody else's), and those that the files schedule.
// One that is taken back covers nothing any more, and its events count again; the record of it
// stays. A pure state machine, owned by the core thread.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "pkg/base/limits.h"
#include "pkg/base/record.h"
#include "pkg/base/result.h"
#include "pkg/base/time.h"
#include "pkg/config/config.h"
#include "pkg/slo/excluded.h"

namespace watchfire::slo {

// What somebody asks for.
struct ExclusionDraft {
  std::vector<std::string> slos;  // Ids; none: all of `service`, those that come later as well.
  std::string service;            // "" with ids.
  WallTime start = kNoTime;       // Every minute that is touched; kNoTime: now.
  WallTime end = kNoTime;         // Not included.
  std::string reason;             // Not empty.
  std::string author;             // Not empty.
};

struct Exclusion {
  uint64_t id = 0;
  ExclusionDraft draft;  // Ids sorted, times in whole minutes.
  WallTime made_at = kNoTime;
  WallTime ended_at = kNoTime;  // When it was taken back; kNoTime: it was not.
  std::string ended_by;
  // If it was over early: when that was said, by whom, and what its end was to be.
  WallTime shortened_at = kNoTime;
  std::string shortened_by = {};
  WallTime planned_end = kNoTime;

  bool Covers(const config::Slo& slo) const;
};

// What excludes an SLO at a time.
struct Holding {
  uint64_t id = 0;     // 0: a schedule.
  std::string reason;  // Of a schedule the name of its time interval.
  std::string author;  // "" of a schedule.
  WallTime until = kNoTime;

  bool operator==(const Holding&) const = default;
};

class Exclusions {
 public:
  static constexpr size_t kMost = 1000;
  static constexpr size_t kKept = 2000;  // With those that were taken back.
  static constexpr size_t kSlosMost = 100;
  static constexpr Duration kLongest = std::chrono::hours(24 * limits::kBudgetDays);
  static constexpr Duration kHistory = kLongest;  // What is older than counts are has no effect.

  struct Written {
    uint64_t id = 0;
    Record record;
    bool is_new = false;
  };
  // Of the SLOs of the files. What was asked for already, and holds still, is not made again: the
  // same SLOs, span and reason have the same id. Errors: kNotFound: no such SLO or service;
  // kInvalidArgument, with what is wrong: it begins more than kHistory ago or ahead, is longer than
  // kLongest, or over before any period of its SLOs; kExhausted: kMost hold, or twice kKept are
  // kept, until Collect().
  Result<Written> Add(std::span<const config::Slo> slos, ExclusionDraft draft, WallTime now);
  // Takes it back, all of it. Errors: kInvalidArgument; kNotFound; kConflict: it has been already.
  Result<Record> End(uint64_t id, const std::string& by, WallTime now);

  // It is over with this minute; what has passed of it stays excluded. Errors: as of End();
  // kInvalidArgument also if it has not begun, kConflict if it is over.
  Result<Record> Shorten(uint64_t id, const std::string& by, WallTime now);

  // Table::kMeta, "exclusion/<id>".
  static bool IsExclusion(const Record& record);
  // Errors: kCorrupt.
  Status Restore(const Record& record);
  // Forgets what ended, or was taken back, kHistory ago, and of what was taken back the oldest when
  // there are more than kKept in all; returns what deletes them.
  std::vector<Record> Collect(WallTime now);

  // What is excluded of the minutes [from, to) for an SLO, by people and by its schedules. What a
  // schedule says is worked out once for all SLOs that have it: some microseconds for each month.
  ExcludedSpans Spans(const config::Slo& slo, int64_t from, int64_t to) const;
  // What excludes it at a time; of several what does so the longest.
  std::optional<Holding> At(const config::Slo& slo, WallTime at) const;
  // Another number after each change.
  uint64_t version() const { return version_; }

  const std::map<uint64_t, Exclusion>& all() const { return all_; }
  std::vector<Exclusion> List() const;  // By id.
  // How many minutes of schedules have been worked out so far.
  int64_t worked_out() const { return worked_out_; }

 private:
  // What a schedule excludes of the minutes [from, to).
  struct Worked {
    std::vector<timeinterval::TimeInterval> calendars;
    int64_t from = 0;
    int64_t to = 0;
    ExcludedSpans spans;
  };
  const Worked& WorkOut(const config::ExcludedTimes& times, int64_t from, int64_t to) const;

  std::map<uint64_t, Exclusion> all_;
  // Those of the files, and for a while those of the files before.
  mutable std::vector<Worked> schedules_;
  mutable int64_t worked_out_ = 0;
  uint64_t last_ = 0;
  uint64_t version_ = 0;
};

}  // namespace watchfire::slo
