// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Room for so many things at once: who brings more waits at the door. Thread-safe.

#pragma once

#include <cstddef>

#include "pkg/base/mutex.h"
#include "pkg/base/time.h"

namespace watchfire {

class Room {
 public:
  explicit Room(size_t capacity) : capacity_(capacity) {}

  // Waits until `count` fit, or the room is empty, however many they are. Returns false, and
  // nothing has entered, at the deadline and once it is closed.
  bool Enter(size_t count, MonoTime deadline) {
    if (count == 0) return true;
    MutexLock lock(mutex_);
    while (!closed_ && inside_ > 0 && inside_ + count > capacity_) {
      if (!left_.WaitUntil(mutex_, deadline)) return false;
    }
    if (closed_) return false;
    inside_ += count;
    return true;
  }

  void Leave(size_t count) {
    if (count == 0) return;
    {
      MutexLock lock(mutex_);
      inside_ -= count;
    }
    left_.NotifyAll();
  }

  // Nobody enters any more, and nobody waits.
  void Close() {
    {
      MutexLock lock(mutex_);
      closed_ = true;
    }
    left_.NotifyAll();
  }

 private:
  const size_t capacity_;
  Mutex mutex_;
  CondVar left_;
  size_t inside_ WF_GUARDED_BY(mutex_) = 0;
  bool closed_ WF_GUARDED_BY(mutex_) = false;
};

}  // namespace watchfire
