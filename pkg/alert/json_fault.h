// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Where a body stops being JSON. The parser that reads bodies is fast because it keeps no track of
// that; this one reads only what the other has refused.

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace watchfire::alert {

// Returns the place and the reason, `line 2, column 14: want ":" after a member's name, found "}"`,
// or nullopt when the first value of `text` is JSON (RFC 8259) of at most 1024 levels with numbers
// that fit. What follows it, and malformed UTF-8, are no fault. Lines and columns count from 1,
// columns in bytes.
std::optional<std::string> FindJsonFault(std::string_view text);

// The same for a text that was refused; `reason` in place of what it cannot find.
std::string DescribeJsonFault(std::string_view text, const std::string& reason);

}  // namespace watchfire::alert
