// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/promql/regex.h"

#include <re2/re2.h>

#include "pkg/base/regex.h"
#include "pkg/base/strings.h"

namespace watchfire::promql {
namespace {

re2::RE2::Options MakeOptions() {
  re2::RE2::Options options(re2::RE2::Quiet);
  options.set_dot_nl(true);
  return options;
}

}  // namespace

Status CheckRegex(const std::string& regex) {
  // Prometheus compares plain text without reading it as a regular expression.
  if (regex.find_first_of("\\.+*?()|[]{}^$") == std::string::npos) return {};
  if (!IsValidUtf8(regex)) {
    return InvalidArgument("error parsing regexp: invalid UTF-8: `" + RepairUtf8(regex) + "`");
  }
  const std::string readable = WithOldGroupNames(regex);
  const std::string fault = GoRegexFault(readable);
  if (!fault.empty()) return InvalidArgument("error parsing regexp: " + fault);
  const re2::RE2 compiled(readable, MakeOptions());
  if (compiled.ok() || compiled.error_code() == re2::RE2::ErrorPatternTooLarge) return {};
  return InvalidArgument(std::string("error parsing regexp: ") +
                         RegexReason(compiled.error_code()) + ": `" + compiled.error_arg() + "`");
}

bool MatchesEmpty(const std::string& regex) {
  const re2::RE2 compiled(WithOldGroupNames(regex), MakeOptions());
  return compiled.ok() && re2::RE2::FullMatch("", compiled);
}

}  // namespace watchfire::promql
