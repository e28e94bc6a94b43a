// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What Alertmanager's and Prometheus' functions have in common.

#pragma once

#include <string>
#include <string_view>

#include "pkg/base/result.h"
#include "pkg/templates/function.h"

namespace watchfire::templates {

Result<Value> CallToUpper(const Call& call);
Result<Value> CallToLower(const Call& call);
Result<Value> CallSafeHtml(const Call& call);
// match PATTERN TEXT: unanchored.
Result<Value> CallMatch(const Call& call);
// reReplaceAll PATTERN REPLACEMENT TEXT, with $1 and ${name} in the replacement.
Result<Value> CallReplaceAll(const Call& call);

// Upper case for the first letter of each word, lower case for the rest; apostrophes and points
// inside a word do not end it. Source: golang.org/x/text/cases.Title, American English.
std::string TitleEnglish(std::string_view text);
// Title case for the first letter of each word, the rest as it is. Source: Go strings.Title.
std::string TitleWords(std::string_view text);

}  // namespace watchfire::templates
