// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The same test data for pkg/templates as oracle/main.go builds for Go's text/template.

#pragma once

#include <string>
#include <string_view>

#include "pkg/templates/function.h"
#include "pkg/templates/value.h"

namespace watchfire::templates {

// Returns the value that typed JSON describes: plain arrays and objects are []any and
// map[string]any, numbers int or float64; {"$kv": {…}} and its like are other types (see decode in
// oracle/main.go). Malformed input is a failed check: the files are our own.
Value TypedValue(std::string_view json);

// The functions that the oracle knows.
FunctionTable OracleFunctions();

}  // namespace watchfire::templates
