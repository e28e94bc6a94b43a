// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// A value behind the house mutex, for the few counters that several threads add to.

#pragma once

#include <utility>

#include "pkg/base/mutex.h"

namespace watchfire {

template <typename T>
class Guarded {
 public:
  explicit Guarded(T value = T()) : value_(std::move(value)) {}

  // Runs `use(value)` alone and returns what it returns. Keep it short; never call out.
  template <typename Use>
  auto With(Use use) {
    MutexLock lock(mutex_);
    return use(value_);
  }
  T Copy() const {
    MutexLock lock(mutex_);
    return value_;
  }

 private:
  mutable Mutex mutex_;
  T value_ WF_GUARDED_BY(mutex_);
};

}  // namespace watchfire
