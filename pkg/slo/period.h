// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Periods of error budgets: they move along with the clock, or begin anew with the calendar.

#pragma once

#include "pkg/base/time.h"
#include "pkg/config/config.h"

namespace watchfire::slo {

// Returns when the calendar period that holds `at` began. One begins when clocks at its location
// show its start: in the spring an hour later than in winter, seen from UTC.
WallTime PeriodStart(const config::CalendarPeriod& calendar, WallTime at);
// Returns when the next one begins.
WallTime PeriodEnd(const config::CalendarPeriod& calendar, WallTime at);

// Returns how long the period of `slo` is: of a calendar the one that holds `at`.
Duration PeriodLength(const config::Slo& slo, WallTime at);

// Returns how much of the period of `slo` is over at `at`, in whole seconds and at least one: all
// of it unless it follows the calendar. The range over which its budget is reckoned.
Duration PeriodSoFar(const config::Slo& slo, WallTime at);

}  // namespace watchfire::slo
