// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Go's fmt for template values: print, println and printf, with every flag and verb.
// Source: https://pkg.go.dev/fmt.

#pragma once

#include <span>
#include <string>
#include <string_view>

#include "pkg/base/result.h"
#include "pkg/templates/value.h"

namespace watchfire::templates {

// All of these fail with kExhausted when the text would grow past limits::kTemplateOutputBytes.

// Puts a space between two operands when neither is a string.
Result<std::string> Sprint(std::span<const Value> values);
Result<std::string> Sprintln(std::span<const Value> values);
// Mistakes in the format are told in the text, as in Go: %!d(string=x), %!d(MISSING).
Result<std::string> Sprintf(std::string_view format, std::span<const Value> values);

// Appends what an action prints: as Sprint, but "<no value>" for nothing.
Status AppendPrinted(const Value& value, std::string* out);

// The same for error texts: what %v gives, cut when it is long.
std::string Shown(const Value& value);

}  // namespace watchfire::templates
