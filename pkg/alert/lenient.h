// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What senders get away with at Alertmanager because Go's libraries are lenient.

#pragma once

#include <string>
#include <string_view>

namespace watchfire::alert {

// Returns the first JSON value of `body`, made digestible for a strict parser: whatever follows it
// is cut, malformed UTF-8 and lone surrogate escapes become U+FFFD. Well-formed text comes back
// unchanged; broken JSON stays broken. Source: what Go's encoding/json accepts.
std::string RepairJson(std::string_view body);

// Go's url.ParseRequestURI: an absolute URI, or a path starting with "/". Spaces and non-ASCII are
// tolerated where Go does. Source: go-openapi/strfmt format "uri".
bool IsRequestUri(std::string_view text);

// Equal but for the case of ASCII letters, as Go compares the names of JSON members.
bool LowerCaseEquals(std::string_view a, std::string_view b);
inline bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  return a.size() == b.size() && (a == b || LowerCaseEquals(a, b));
}

}  // namespace watchfire::alert
