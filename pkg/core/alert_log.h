// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// How alerts lie in the store: as a log. Each batch adds records of many alerts at its end, the
// newest state of an alert counts, and what is not the newest of anything is dropped at the front,
// where the few that still count are written once more.
//
//   front                                            end
//   | A B C | B' D E | -C F | A' G |      B' D E F A' G are alive, C is gone
//     all dead: dropped first
//
// So a storm costs the disk little and in one stroke, whichever alerts it is made of, and the log
// never holds more than about twice what is alive. Owned by the core thread.

#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "pkg/base/record.h"
#include "pkg/base/result.h"
#include "pkg/base/time.h"
#include "pkg/core/alert_table.h"

namespace watchfire::core {

class AlertLog {
 public:
  static constexpr size_t kAlertsPerRecord = 256;

  // Returns the records that write down what `table` holds of the alerts now, or that it holds them
  // no more; sets Row::record of those, which is ours. Adds to `fingerprints` those that had to be
  // moved from the front.
  std::vector<Record> Append(std::vector<uint64_t>* fingerprints, const AlertTable& table,
                             WallTime now);
  // The records of the last Append() are stored, or not: then Append() has to be called again with
  // the same alerts.
  void OnCommitted(bool stored);

  // Takes back one stored record; they come by key. Refreshes are not stored, so the expiry of a
  // firing alert is stale: it lives until `alive_until` at least, time enough to repeat it. Only a
  // stored resolve is a resolve. Errors: kCorrupt.
  Status Restore(const Record& record, WallTime alive_until, WallTime now, AlertTable* table);

  // Alerts in the log, dead ones included.
  size_t size() const { return size_; }

 private:
  struct Entry {
    uint64_t number = 0;  // AlertTable::Row::record of those that are alive in it.
    std::vector<uint64_t> fingerprints;
  };

  void DropFront(std::vector<uint64_t>* moved, const AlertTable& table);
  Record Write(const std::vector<uint64_t>& fingerprints, size_t from, size_t to, WallTime now,
               const AlertTable& table);

  std::deque<Entry> entries_;         // By number.
  std::vector<std::string> dropped_;  // Keys to be deleted, until that is stored.
  size_t appended_ = 0;               // Of the last Append(): entries that are not stored yet.
  uint64_t last_ = 1;                 // 1: all that stand alone, as up to version 3 of the schema.
  size_t size_ = 0;
};

}  // namespace watchfire::core
