// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// A first look at PromQL, until there is a parser: finds what no expression can have. Private to
// pkg/config.

#pragma once

#include <string>
#include <string_view>

namespace watchfire::config {

// Returns what is wrong with `expression` and where in it, or "": it is empty, or a bracket or
// quote is not closed or not opened.
std::string ExpressionFault(std::string_view expression);

}  // namespace watchfire::config
