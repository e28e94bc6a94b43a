// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// An SLO with the guide's error budget policy, for tests.

#pragma once

#include <limits>
#include <string>

#include "pkg/config/config.h"

namespace watchfire::slo {

// 99.9 % of 30 days; normal above 0.5, caution from 0.2 on, freeze below, and exhausted.
inline config::Slo WithPolicy() {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  config::Slo slo;
  slo.id = "shop-cart";
  slo.service = "shop";
  slo.name = "cart";
  slo.objective = 99.9;
  slo.error_query = "e[{{.window}}]";
  slo.total_query = "t[{{.window}}]";
  slo.alert_name = "CartBurns";
  slo.labels = labels::LabelSet{{"team", "basket"}};
  slo.page_windows = {{std::chrono::hours(1), std::chrono::minutes(5), 14.4}};
  slo.ticket_windows = {{std::chrono::hours(24), std::chrono::hours(2), 3}};
  slo.policy = "Shop";
  slo.levels = {
      {"budget_remaining > 0.5", 0.5, kInfinity, true, false, false, {"Go on"}},
      {"budget_remaining between 0.2 and 0.5", 0.2, 0.5, false, false, false, {"Slow", "Test"}},
      {"budget_remaining < 0.2", -kInfinity, 0.2, false, true, false, {"Fixes only"}},
      {"budget_exhausted", -kInfinity, 0, false, false, true, {"Tell everybody"}}};
  return slo;
}

}  // namespace watchfire::slo
