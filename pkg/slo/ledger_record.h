// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The stored form of a ledger: a row for each hour in the finest slots that the ledger still has of
// it, and one for each day that it has as a day only. Private to pkg/slo.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/base/result.h"
#include "pkg/slo/ledger.h"

namespace watchfire::slo {

// {"step":5,"known":[5,5,…],"series":[{"labels":{…},"bad":[…],"total":[…]}]}: minutes a slot, how
// many of each are known, and what was counted in each. `level` is kHour or kDay.
std::string EncodeRow(const Ledger& ledger, Level level, int64_t slot);

struct StoredRow {
  Level step = Level::kMinute;
  int64_t first = 0;  // Slot of `step` that the row begins with.
  std::vector<int64_t> known;
  std::vector<std::vector<Counted>> slots;

  // The last minute that is known; the one before the row if none is.
  int64_t LastKnownMinute() const;
  // What was counted, and how many minutes are known, in [begin, begin + minutes).
  std::vector<Counted> Between(int64_t begin, int64_t minutes) const;
  int64_t KnownBetween(int64_t begin, int64_t minutes) const;
};

// Errors: kCorrupt.
Result<StoredRow> DecodeRow(Level level, int64_t slot, std::string_view json);

// Writes a row into a ledger, at the levels that now answer for its minutes.
void WriteRow(const StoredRow& row, Ledger* ledger);

}  // namespace watchfire::slo
