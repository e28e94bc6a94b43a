// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Numbers for people. Source: prometheus/common helpers/templates and Prometheus template
// (reference slo-and-rules §4.7).

#pragma once

#include <string>

#include "pkg/base/result.h"
#include "pkg/templates/go_time.h"
#include "pkg/templates/value.h"

namespace watchfire::templates {

// Number, numeric string or duration, the latter in seconds.
// Errors: "can't convert T to float", `strconv.ParseFloat: parsing "x": invalid syntax`.
Result<double> ToFloat(const Value& value);

// "1.235M", "2.34m", "0".
std::string Humanize(double value);
// "1Mi".
std::string Humanize1024(double value);
// Seconds: "1d 2h 3m 4s", "59.5s", "1.5ms", "-1h 0m 0s".
std::string HumanizeDuration(double seconds);
// A ratio: "12.35%".
std::string HumanizePercentage(double ratio);

// Seconds since 1970, cut to milliseconds. Errors: not a number, out of range.
Result<GoTime> TimeFromSeconds(double seconds);
// Errors: not a number, out of range.
Result<Duration> DurationFromSeconds(double seconds);

}  // namespace watchfire::templates
