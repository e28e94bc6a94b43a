// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// time.Time and time.Duration as template values, with the methods that templates can call.

#pragma once

#include <optional>

#include "pkg/templates/go_time.h"
#include "pkg/templates/value.h"

namespace watchfire::templates {

Value TimeValue(GoTime time);
Value DurationValue(Duration duration);

// Null when `value` is no time.Time.
const GoTime* AsTime(const Value& value);

}  // namespace watchfire::templates
