// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The targets that wfctl report sets beside its figures: those of the source documents unless
// --target says otherwise.

#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pkg/base/result.h"

namespace watchfire::wfctl {

// "4m 10s": two units at most, as people say it; "–" without a value.
std::string Span(std::optional<double> seconds);

class ReportTargets {
 public:
  // `texts`: "mtta=5m", "noise=5%", "pages=5"; the last of a name counts. Errors: kInvalidArgument:
  // no such target, or not a value of its kind.
  static Result<ReportTargets> Read(const std::vector<std::string>& texts);

  // "< 2m"
  std::string Words(const std::string& name) const;
  // "met", "missed", or "–" without a value.
  std::string Verdict(const std::string& name, std::optional<double> value) const;

 private:
  std::map<std::string, double> values_;  // Of those that differ.
};

}  // namespace watchfire::wfctl
