// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Overrides that people make while the server runs: they are kept, and laid over the schedules that
// the files have. What was on call in the past stays as it was: an override begins now at the
// earliest, and one that has begun can only be ended. A pure state machine, owned by the core
// thread.

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "pkg/base/record.h"
#include "pkg/base/result.h"
#include "pkg/base/time.h"
#include "pkg/oncall/model.h"

namespace watchfire::oncall {

// What somebody asks for.
struct OverrideDraft {
  std::string schedule;      // Its name or alias; "": the only one.
  std::string who;           // A name, alias or address of somebody in the files.
  WallTime from = kNoTime;   // Whole seconds. What is past, and kNoTime: now.
  WallTime to = kNoTime;     // Not included.
  std::string replaces;      // "": all who are on call; else only the part of this one.
  bool is_added = false;     // Beside those on call, not in their place.
  std::string made_by = {};  // Not empty.
  std::string note = {};
  // Those of one group were asked for together. Of a group `who` may be `replaces`: nobody stands
  // in yet, and it covers nothing.
  std::string group = {};
};

struct MadeOverride {
  uint64_t id = 0;      // A later one is greater, and wins.
  OverrideDraft draft;  // With the names as the files have them, and times in full.
  WallTime made_at = kNoTime;
  WallTime ended_at = kNoTime;  // Somebody ended it before its time; draft.to says what it covered.
  std::string ended_by;
};

class Overrides {
 public:
  static constexpr size_t kMost = 1000;
  static constexpr size_t kKept = 2000;  // With those that are over.
  static constexpr Duration kLongest = std::chrono::hours(24 * 366);
  static constexpr Duration kAhead = std::chrono::hours(24 * 366 * 2);  // It begins by then.

  struct Written {
    uint64_t id = 0;
    Record record;
  };
  // `roster`: that of the files; null: none. Errors: kNotFound: no such schedule; kInvalidArgument,
  // with what is wrong; kExhausted: kMost go on or are to come.
  Result<Written> Add(const Roster* roster, OverrideDraft draft, WallTime now);
  // From now on it covers nothing more. Errors: kNotFound; kConflict: it is over.
  Result<Record> End(uint64_t id, const std::string& by, WallTime now);

  // Table::kMeta, "override/<id>".
  static bool IsOverride(const Record& record);
  // Errors: kCorrupt.
  Status Restore(const Record& record);
  // Forgets those that have been over for `kept`, and the oldest that are over when there are more
  // than kKept in all; returns what deletes them.
  std::vector<Record> Collect(WallTime now, Duration kept);

  // The roster with them laid over its schedules; `files` itself when there are none. Those whose
  // schedule or person the files have no more cover nothing.
  std::shared_ptr<const Roster> Over(std::shared_ptr<const Roster> files) const;
  // Whether the files still have its schedule and its people.
  static bool IsOf(const Roster* roster, const MadeOverride& made);

  const std::map<uint64_t, MadeOverride>& all() const { return all_; }
  std::vector<MadeOverride> List() const;  // By id.

 private:
  std::map<uint64_t, MadeOverride> all_;
  uint64_t last_ = 0;
};

}  // namespace watchfire::oncall
