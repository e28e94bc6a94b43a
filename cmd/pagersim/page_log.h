// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// PageLog keeps the last requests that arrived at the vendor endpoints, oldest first.

#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>

#include "pkg/base/time.h"

namespace watchfire::pagersim {

struct Page {
  uint64_t seq = 0;  // Counts from 1; later pages have higher numbers.
  WallTime received_at;
  std::string method;
  std::string path;  // With the key masked.
  std::string body;  // As sent.
  int status = 0;    // What was answered; 0 while there is no answer.
};

class PageLog {
 public:
  static constexpr size_t kMaxPages = 1000;
  static constexpr size_t kMaxBytes = size_t{64} << 20;  // Of all bodies together.

  // Gives `page` its number and returns it. The oldest pages make room.
  uint64_t Add(Page page);

  // Notes the answer of a page, if it is still kept.
  void SetStatus(uint64_t seq, int status);

  // The pages numbered above `after` as a JSON array, oldest first. `body` is the JSON that was
  // sent, or a string if it was not JSON.
  std::string Json(uint64_t after) const;

  const std::deque<Page>& pages() const { return pages_; }

 private:
  std::deque<Page> pages_;
  size_t bytes_ = 0;
  uint64_t last_seq_ = 0;
};

}  // namespace watchfire::pagersim
