// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// JSON as careless senders write it, made into JSON. Pure.

#pragma once

#include <string>
#include <string_view>

namespace watchfire::inbound {

// Returns `body`, valid UTF-8, with what a page must not be lost for put right:
// - half of a surrogate pair, as a program writes that cuts a text within an emoji, is U+FFFD;
// - a number that fits neither 64 bits nor a double is a text, as are NaN, Infinity and -Infinity,
//   which Python's json.dumps writes.
// Whatever else is wrong stays wrong. Takes time and room in proportion to `body`.
std::string MendJson(std::string_view body);

}  // namespace watchfire::inbound
