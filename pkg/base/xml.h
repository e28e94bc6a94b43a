// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Text on its way into XML, such as what a telephone service is to say.

#pragma once

#include <string>
#include <string_view>

namespace watchfire {

// Returns `text` for an element or a quoted attribute: & < > " as entities, and a blank for each
// control character, of which XML has no place for most.
std::string EscapeXml(std::string_view text);

}  // namespace watchfire
