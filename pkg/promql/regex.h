// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The regular expressions of label matchers. Private to pkg/promql.

#pragma once

#include <string>

#include "pkg/base/result.h"

namespace watchfire::promql {

// Says why `regex` does not compile, in the words of Go. One that is only too large for us is good:
// Prometheus has to run it.
Status CheckRegex(const std::string& regex);

// Returns whether `regex`, which compiles, matches a label that is missing or empty.
bool MatchesEmpty(const std::string& regex);

}  // namespace watchfire::promql
