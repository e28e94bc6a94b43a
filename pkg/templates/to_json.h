// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Template values as JSON, in the form of Go's encoding/json.

#pragma once

#include <string>

#include "pkg/base/result.h"
#include "pkg/templates/value.h"

namespace watchfire::templates {

// Returns compact JSON: keys sorted, structs by their JSON names, < > & escaped.
// Errors: kInvalidArgument "json: unsupported value: NaN"; kExhausted when it is too long.
Result<std::string> ToJson(const Value& value);

}  // namespace watchfire::templates
