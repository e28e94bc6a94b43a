// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/base/result.h"

#include <cstdio>
#include <cstdlib>

#include "pkg/base/check.h"
#include "pkg/base/record.h"

namespace watchfire {

const char* CodeName(Code code) {
  switch (code) {
    case Code::kInvalidArgument:
      return "invalid_argument";
    case Code::kNotFound:
      return "not_found";
    case Code::kConflict:
      return "conflict";
    case Code::kExhausted:
      return "exhausted";
    case Code::kUnavailable:
      return "unavailable";
    case Code::kTimeout:
      return "timeout";
    case Code::kCorrupt:
      return "corrupt";
    case Code::kPermission:
      return "permission";
  }
  return "unknown";
}

void CheckFailed(const char* file, int line, const char* condition) {
  std::fprintf(stderr, "%s:%d: invariant broken: %s\n", file, line, condition);
  std::abort();
}

const char* TableName(Table table) {
  static constexpr const char* kNames[kTableCount] = {
      "alert", "nflog",   "incident", "rule",       "slo",    "grp",
      "meta",  "silence", "journal",  "escalation", "vendor", "automation"};
  return kNames[static_cast<int>(table)];
}

}  // namespace watchfire
