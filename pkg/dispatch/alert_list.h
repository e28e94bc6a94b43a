// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The alerts that a message tells of. They are shared with the table of alerts and not copied: a
// storm tells of a hundred thousand, and to copy one touches three places that others own, too.

#pragma once

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

#include "pkg/alert/alert.h"

namespace watchfire::dispatch {

// Reads like a vector of alerts.
class AlertList {
 public:
  using Shared = std::shared_ptr<const alert::Alert>;
  using value_type = alert::Alert;

  class Iterator {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = alert::Alert;
    using difference_type = std::ptrdiff_t;
    using pointer = const alert::Alert*;
    using reference = const alert::Alert&;

    Iterator() = default;
    reference operator*() const { return **at_; }
    pointer operator->() const { return at_->get(); }
    Iterator& operator++() {
      ++at_;
      return *this;
    }
    Iterator operator++(int) { return Iterator(at_++); }
    bool operator==(const Iterator& other) const = default;

   private:
    friend class AlertList;
    explicit Iterator(const Shared* at) : at_(at) {}

    const Shared* at_ = nullptr;
  };
  using const_iterator = Iterator;

  AlertList() = default;
  AlertList(std::initializer_list<alert::Alert> alerts) {
    for (const alert::Alert& alert : alerts) emplace_back(alert);
  }
  explicit AlertList(std::vector<alert::Alert> alerts) {
    for (alert::Alert& alert : alerts) emplace_back(std::move(alert));
  }

  Iterator begin() const { return Iterator(alerts_.data()); }
  Iterator end() const { return Iterator(alerts_.data() + alerts_.size()); }
  size_t size() const { return alerts_.size(); }
  bool empty() const { return alerts_.empty(); }
  const alert::Alert& operator[](size_t index) const { return *alerts_[index]; }
  const alert::Alert& at(size_t index) const { return *alerts_.at(index); }
  const alert::Alert& front() const { return *alerts_.front(); }
  const alert::Alert& back() const { return *alerts_.back(); }

  void reserve(size_t count) { alerts_.reserve(count); }
  void push_back(Shared alert) { alerts_.push_back(std::move(alert)); }
  // Makes one that nobody shares. It may be changed until somebody else knows the list.
  template <typename... Arguments>
  alert::Alert& emplace_back(Arguments&&... arguments) {
    auto own = std::make_shared<alert::Alert>(std::forward<Arguments>(arguments)...);
    alert::Alert& alert = *own;
    alerts_.push_back(std::move(own));
    return alert;
  }
  // The same in the place of one that is there, like it.
  alert::Alert& Own(size_t index) {
    auto own = std::make_shared<alert::Alert>(*alerts_[index]);
    alert::Alert& alert = *own;
    alerts_[index] = std::move(own);
    return alert;
  }
  // Leaves those from `count` on out, if there are so many.
  void Cut(size_t count) {
    if (count < alerts_.size()) alerts_.resize(count);
  }
  void clear() { alerts_.clear(); }
  // Those of which neither is `less` stay in their order.
  template <typename Less>
  void Sort(Less less) {
    std::ranges::stable_sort(alerts_,
                             [&](const Shared& a, const Shared& b) { return less(*a, *b); });
  }

 private:
  std::vector<Shared> alerts_;
};

}  // namespace watchfire::dispatch
