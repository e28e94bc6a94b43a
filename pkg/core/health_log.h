// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What the log says of rules and SLOs that fail: a line when one begins to, and one when it works
// again. At most limits::kHealthLines in kSpan, so that rules that come and go do not fill a disk;
// what was left out is counted. Owned by the core thread.

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pkg/base/time.h"
#include "pkg/core/event.h"

namespace watchfire::core {

class HealthLog {
 public:
  static constexpr Duration kSpan = std::chrono::minutes(10);
  static constexpr size_t kErrorRunes = 500;   // Longer errors are cut.
  static constexpr size_t kAgainBytes = 2000;  // Longer commands are left out.

  struct Change {
    const char* what = "rule";
    std::vector<std::pair<std::string, std::string>> fields;  // Which one.
    std::string error;                                        // "": it works again.
    std::string again = {};  // The command that asks what was asked.
  };
  // Returns the lines to be written, oldest first.
  std::vector<Log> Add(Change change, MonoTime now);

 private:
  std::optional<MonoTime> since_;  // Of what is counted.
  size_t lines_ = 0;
  size_t left_out_ = 0;
};

}  // namespace watchfire::core
