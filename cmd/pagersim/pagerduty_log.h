// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// GET /log_entries of PagerDuty's REST API: the account's history, the newest first. Pure. Source:
// PagerDuty/api-schema, "List log entries".

#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>

#include "cmd/pagersim/reply.h"
#include "pkg/base/time.h"

namespace watchfire::pagersim {

class PagerDutyLog {
 public:
  static constexpr size_t kEntriesMax = 5000;  // The oldest make room.

  struct Entry {
    std::string type;  // "acknowledge"
    uint64_t incident = 0;
    std::string dedup_key;
    std::string user;  // "": the integration did it.
    std::string text;  // Of a note.
    WallTime at{};
    uint64_t number = 0;
  };
  void Add(Entry entry);

  // A parameter of the query, "" if absent.
  using Parameter = std::function<std::string(const char*)>;
  // Answers 400 to times that cannot be read.
  Reply List(const Parameter& parameter) const;

 private:
  std::deque<Entry> entries_;
  uint64_t last_number_ = 0;
};

}  // namespace watchfire::pagersim
