// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// An immutable value that many hold, or none: a std::shared_ptr<const T> of one word, for what
// exists a hundred thousand times. Safe to share between threads.

#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

namespace watchfire {

template <typename T>
class SharedValue {
 public:
  SharedValue() = default;
  explicit SharedValue(T value) : held_(new Held{{1}, std::move(value)}) {}
  SharedValue(const SharedValue& other) : held_(other.held_) {
    if (held_ != nullptr) held_->owners.fetch_add(1, std::memory_order_relaxed);
  }
  SharedValue(SharedValue&& other) noexcept : held_(std::exchange(other.held_, nullptr)) {}
  SharedValue& operator=(SharedValue other) noexcept {
    std::swap(held_, other.held_);
    return *this;
  }
  ~SharedValue() {
    if (held_ != nullptr && held_->owners.fetch_sub(1, std::memory_order_acq_rel) == 1) {
      delete held_;
    }
  }

  // Null when there is none.
  const T* get() const { return held_ != nullptr ? &held_->value : nullptr; }
  // Nobody else holds it.
  bool unique() const {
    return held_ == nullptr || held_->owners.load(std::memory_order_relaxed) == 1;
  }

 private:
  struct Held {
    std::atomic<uint32_t> owners;
    const T value;
  };

  Held* held_ = nullptr;
};

}  // namespace watchfire
