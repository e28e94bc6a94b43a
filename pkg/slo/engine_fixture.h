// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// For tests of the engine: an SLO of one pair of windows, so that two numbers say everything.

#pragma once

#include <string>

#include "pkg/config/config.h"

namespace watchfire::slo {

// A little before the first round.
inline constexpr WallTime kBeforeRounds = WallTime(std::chrono::seconds(1'000'000'020));

inline config::Slo Cart(const std::string& error_query = "e[{{.window}}]",
                        const std::string& total_query = "t[{{.window}}]") {
  config::Slo slo;
  slo.id = "shop-cart";
  slo.service = "shop";
  slo.name = "cart";
  slo.objective = 99.9;
  slo.error_query = error_query;
  slo.total_query = total_query;
  slo.alert_name = "CartBurns";
  slo.page_windows = {{std::chrono::hours(1), std::chrono::minutes(5), 14.4}};
  slo.ticket.disabled = true;
  return slo;
}

}  // namespace watchfire::slo
