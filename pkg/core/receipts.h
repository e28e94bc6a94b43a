// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Which signed messages were taken already, so that a recorded one counts once. Time is an
// argument; owned by the core thread.

#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "pkg/base/limits.h"
#include "pkg/base/record.h"
#include "pkg/base/result.h"
#include "pkg/base/time.h"

namespace watchfire::core {

class Receipts {
 public:
  // Signatures are good for an hour before and after the time that is signed (inbound::CheckSns);
  // afterwards nobody has to remember the message.
  static constexpr Duration kKept = std::chrono::hours(2) + std::chrono::minutes(1);
  // Beyond that the oldest are forgotten.
  static constexpr size_t kMost = 50 * limits::kInboundBurst;

  // Whether the message of that name comes for the first time; or, of the name of a state
  // (receipt_names.h), whether no later state of the same came before. `records` gets what is to be
  // stored: Table::kMeta, "receipt/<name>".
  bool Take(const std::string& name, WallTime now, std::vector<Record>* records);
  // Forgets those that are no longer needed; returns the deletions.
  std::vector<Record> Collect(WallTime now);

  static bool IsReceipt(const Record& record);
  // Takes back one that IsReceipt(). Errors: kCorrupt.
  Status Restore(const Record& record);

  size_t size() const { return known_.size(); }

 private:
  void Forget(std::vector<Record>* records);

  std::set<std::string> known_;
  std::set<std::pair<WallTime, std::string>> by_time_;
};

}  // namespace watchfire::core
