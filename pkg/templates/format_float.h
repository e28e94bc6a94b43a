// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Floats as Go's strconv.FormatFloat writes them.

#pragma once

#include <string>

namespace watchfire::templates {

inline constexpr int kShortest = -1;  // As many digits as it takes to read the same value back.

// `verb` is one of e E f g G x X b. The sign of NaN is not shown; infinities are "+Inf" and "-Inf".
std::string FormatFloat(double value, char verb, int precision);

}  // namespace watchfire::templates
