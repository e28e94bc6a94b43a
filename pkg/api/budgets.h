// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Error budgets in answers. Private to pkg/api.

#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "pkg/base/json.h"
#include "pkg/base/result.h"
#include "pkg/config/config.h"
#include "pkg/slo/budget.h"
#include "pkg/slo/slo.h"

namespace watchfire::api {

// Writes {"remaining","consumed","totalMinutes","remainingMinutes","totalEvents","remainingEvents",
// "knownAt","fresh","burnRate","exhaustedIn","periodEnd","policy","state","since","severity",
// "condition","actions","allows"}; what is not known is null. `at`: now.
void WriteBudget(JsonWriter& json, const config::Slo& slo, const slo::Budget& budget, WallTime at);

// Returns which of `slos` has that id. Errors: kNotFound.
Result<size_t> FindSlo(const std::vector<config::Slo>& slos, std::string_view id);

// Returns "not counted" if what is excluded is left out of its budget, "counted" if not: that of an
// SLO follows from what Prometheus says of the whole period unless its events are counted.
const char* ExcludedBudget(const config::Slo& slo, const slo::Counting& counting);

void WriteNumber(JsonWriter& json, std::string_view name, std::optional<double> value);

}  // namespace watchfire::api
