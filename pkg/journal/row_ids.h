// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Numbers of the rows that say something about one alert. Most alerts have two rows for most of
// their time, that they fire and that somebody was told, so that two cost no memory of their own.
// Private to pkg/journal.

#pragma once

#include <algorithm>
#include <array>
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
    return std::span(few_).first(static_cast<size_t>(std::ranges::find(few_, 0) - few_.begin()));
  }
  size_t size() const { return list().size(); }
  bool empty() const { return list().empty(); }

  // `row` is not 0.
  void Add(uint64_t row) {
    const size_t count = size();
    if (more_ == nullptr && count < few_.size()) {
      few_[count] = row;
      return;
    }
    if (more_ == nullptr) {
      more_ = std::make_unique<std::vector<uint64_t>>();
      more_->reserve(2 * few_.size());
      more_->assign(few_.begin(), few_.end());
    }
    more_->push_back(row);
  }
  // Removes the oldest mention of `row`; false when there is none.
  bool Remove(uint64_t row) {
    const std::span<const uint64_t> rows = list();
    const auto place = std::ranges::find(rows, row);
    if (place == rows.end()) return false;
    if (more_ == nullptr) {
      std::shift_left(few_.begin() + (place - rows.begin()), few_.end(), 1);
      few_.back() = 0;
      return true;
    }
    more_->erase(more_->begin() + (place - rows.begin()));
    if (more_->size() == few_.size()) {
      std::ranges::copy(*more_, few_.begin());
      more_ = nullptr;
    }
    return true;
  }

 private:
  std::array<uint64_t, 2> few_{};  // 0: none, and none behind it. Of no meaning if there are more.
  std::unique_ptr<std::vector<uint64_t>> more_;
};

}  // namespace watchfire::journal
