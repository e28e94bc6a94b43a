// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Constants in templates: Go's string, character and number literals.

#pragma once

#include <string>
#include <string_view>

#include "pkg/base/result.h"
#include "pkg/templates/nodes.h"

namespace watchfire::templates {

// Returns what a "quoted" or `raw` literal, quotes included, stands for.
// Errors: "invalid syntax". Source: Go strconv.Unquote.
Result<std::string> Unquote(std::string_view literal);

// Returns the code point of a 'c' literal, quotes included.
// Errors: "invalid syntax", "malformed character constant: …".
Result<Number> ParseRune(std::string_view literal);

// Reads an integer (decimal, 0x, 0o, 0b, leading 0, underscores) or a float (also 0x1p-2).
// Errors: "integer overflow: …", "illegal number syntax: …".
Result<Number> ParseNumber(std::string_view literal);

// Reads all of `text` as Go's strconv.ParseFloat does: also "Inf", "NaN" and hexadecimal.
// Returns false when it is no number; too large gives an infinity and false.
bool ParseFloat(std::string_view text, double* value);

}  // namespace watchfire::templates
