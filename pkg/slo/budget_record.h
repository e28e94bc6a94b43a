// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What is stored of an error budget's state; see docs/store-schema.md. Private to pkg/slo.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pkg/base/result.h"
#include "pkg/base/time.h"
#include "pkg/config/config.h"

namespace watchfire::slo {

// What a share of a budget is a share of: another one says nothing of it.
struct BudgetBasis {
  double objective = 0;  // 0: stored by a version that did not say.
  std::string period;
  std::string queries;  // 16 hex digits that stand for them, and for the calendar.

  bool operator==(const BudgetBasis&) const = default;
};

BudgetBasis BasisOf(const config::Slo& slo);

struct BudgetRecord {
  std::string state;      // "": none.
  std::string condition;  // Of its level, as it was decided by.
  WallTime since = kNoTime;
  WallTime known_at = kNoTime;
  double remaining = 0;
  BudgetBasis basis;
  std::vector<WallTime> breaches = {};
  uint64_t breach_count = 0;
  bool is_breached = false;
};

// Returns one JSON object.
std::string EncodeBudget(const BudgetRecord& record);
// Errors: kCorrupt.
Result<BudgetRecord> DecodeBudget(std::string_view text);

}  // namespace watchfire::slo
