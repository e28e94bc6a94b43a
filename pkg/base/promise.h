// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// One value from one thread to another, once: how an HTTP worker waits for core's reply.

#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "pkg/base/mutex.h"
#include "pkg/base/time.h"

namespace watchfire {

template <typename T>
class Promise {
 public:
  // The first call wins; later ones are ignored.
  void Set(T value) {
    {
      MutexLock lock(mutex_);
      if (value_) return;
      value_ = std::move(value);
    }
    ready_.NotifyAll();
  }

  // Returns the value, or nullopt when `deadline` passes first. Call once.
  std::optional<T> Wait(MonoTime deadline) {
    MutexLock lock(mutex_);
    while (!value_) {
      if (!ready_.WaitUntil(mutex_, deadline)) break;
    }
    return std::exchange(value_, std::nullopt);
  }

 private:
  Mutex mutex_;
  CondVar ready_;
  std::optional<T> value_ WF_GUARDED_BY(mutex_);
};

}  // namespace watchfire
