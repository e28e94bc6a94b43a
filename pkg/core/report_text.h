// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What a report that is sent by itself says (`reports`): the figures of docs/analytics.md over a
// day, week or month, beside those of the one before. Pure; any thread.

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "pkg/base/time.h"
#include "pkg/config/reports.h"
#include "pkg/incident/incident.h"
#include "pkg/oncall/model.h"

namespace watchfire::core {

// So many alerts, and people, are named.
inline constexpr size_t kReportRows = 5;

// As plain text, for people; times are those of the report's location. Ends in a line break; its
// first line is a title. `due` is when the report is: it tells of the time since it was due before.
// `breaches`: when an error budget was used up, of all SLOs. `roster` may be null.
std::string ReportText(
    const config::Report& report, WallTime due,
    const std::map<uint64_t, std::shared_ptr<const incident::Incident>>& incidents,
    const std::vector<WallTime>& breaches, const oncall::Roster* roster);

}  // namespace watchfire::core
