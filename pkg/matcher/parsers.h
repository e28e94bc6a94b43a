// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The two grammars behind Parse and ParseOne. Private to pkg/matcher.

#pragma once

#include <string_view>

#include "pkg/base/result.h"
#include "pkg/matcher/matcher.h"

namespace watchfire::matcher {

// The grammar of Alertmanager before 0.27: classic names; values with or without quotes, in which
// only \n \" and \\ are escapes. Source: Alertmanager pkg/labels/parse.go (reference §3.7).
Result<Matchers> ParseClassic(std::string_view text);
// The whole of `text` is one matcher, so commas and braces belong to the value.
Result<Matcher> ParseOneClassic(std::string_view text);

// Any UTF-8 in names; reserved characters need quotes; quotes hold Go string literals.
// Source: Alertmanager matcher/parse (reference §3.7).
Result<Matchers> ParseUtf8(std::string_view text);
Result<Matcher> ParseOneUtf8(std::string_view text);

}  // namespace watchfire::matcher
