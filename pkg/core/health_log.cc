// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/core/health_log.h"

#include "pkg/base/limits.h"
#include "pkg/base/strings.h"

namespace watchfire::core {

std::vector<Log> HealthLog::Add(Change change, MonoTime now) {
  std::vector<Log> lines;
  if (!since_ || now - *since_ >= kSpan) {
    if (left_out_ > 0) {
      lines.push_back({Log::Level::kWarn,
                       "evaluation: more began to fail, or work again, than was said",
                       {{"left_out", std::to_string(left_out_)}}});
    }
    since_ = now;
    lines_ = left_out_ = 0;
  }
  if (lines_ >= limits::kHealthLines) {
    if (left_out_++ == 0) {
      lines.push_back({Log::Level::kWarn,
                       "evaluation: so much fails, or works again, that no more is said for now",
                       {{"lines", std::to_string(limits::kHealthLines)},
                        {"span", FormatDuration(kSpan)},
                        {"see", "/api/v1/rules, /api/v1/slos"}}});
    }
    return lines;
  }
  ++lines_;
  const std::string what = change.what;
  if (change.error.empty()) {
    lines.push_back({Log::Level::kInfo, what + ": failing → healthy", std::move(change.fields)});
    return lines;
  }
  change.fields.emplace_back("error", TruncateRunes(change.error, kErrorRunes));
  if (!change.again.empty() && change.again.size() <= kAgainBytes) {
    change.fields.emplace_back("again", std::move(change.again));
  }
  lines.push_back({Log::Level::kWarn, what + ": healthy → failing", std::move(change.fields)});
  return lines;
}

}  // namespace watchfire::core
