// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Numbers of the rows that say something about one alert. Most alerts have one row for most of
// their time, so the first costs no memory of its own. Private to pkg/journal.

#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace watchfire::journal {

class RowIds {
 public:
  // Oldest first. Holds until the next change.
  std::span<const uint64_t> list() const {
    if (more_ != nullptr) return *more_;
    return {&only_, only_ == 0 ? size_t{0} : size_t{1}};
  }
  size_t size() const { return list().size(); }
  bool empty() const { return list().empty(); }

  // `row` is not 0.
  void Add(uint64_t row) {
    if (empty()) {
      only_ = row;
    } else {
      if (more_ == nullptr) more_ = std::make_unique<std::vector<uint64_t>>(1, only_);
      more_->push_back(row);
    }
  }
  // Removes the oldest mention of `row`; false when there is none.
  bool Remove(uint64_t row) {
    const std::span<const uint64_t> rows = list();
    const auto place = std::ranges::find(rows, row);
    if (place == rows.end()) return false;
    if (more_ == nullptr) {
      only_ = 0;
      return true;
    }
    more_->erase(more_->begin() + (place - rows.begin()));
    if (more_->size() == 1) {
      only_ = more_->front();
      more_ = nullptr;
    }
    return true;
  }

 private:
  uint64_t only_ = 0;  // 0: none. Of no meaning where there are more.
  std::unique_ptr<std::vector<uint64_t>> more_;
};

}  // namespace watchfire::journal
