// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Regular expressions in the words of Go, whose users write ours.

#pragma once

#include <string>
#include <string_view>

#include <re2/re2.h>

namespace watchfire {

// Returns what Go's regexp says where RE2 reports `code`: "missing closing )". Source: the error
// codes of Go's regexp/syntax.
const char* RegexReason(re2::RE2::ErrorCode code);

// Returns `pattern` with the groups that Go also writes as (?<name>…) as (?P<name>…): Debian's RE2
// does not know the former yet.
std::string WithOldGroupNames(std::string_view pattern);

// Returns what Go refuses in `pattern` though RE2 takes it, in Go's words: "invalid escape
// sequence:
// `\C`". "" if there is nothing of the kind; whether RE2 takes the rest is not looked at.
std::string GoRegexFault(std::string_view pattern);

// Returns `text` as a regular expression that matches just it. Source: Go's regexp.QuoteMeta, which
// escapes less than RE2's.
std::string QuoteRegex(std::string_view text);

}  // namespace watchfire
