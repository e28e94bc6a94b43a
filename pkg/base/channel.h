// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// A bounded queue between threads. Crossing a thread means moving a value through one of these.

#pragma once

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "pkg/base/mutex.h"
#include "pkg/base/time.h"

namespace watchfire {

template <typename T>
class Channel {
 public:
  explicit Channel(size_t capacity) : capacity_(capacity) {}

  // Returns false, leaving `value` untouched, when the channel is full or closed. Never blocks.
  bool TryPush(T&& value) {
    {
      MutexLock lock(mutex_);
      if (closed_ || items_.size() >= capacity_) return false;
      items_.push_back(std::move(value));
      is_hurried_ = true;
    }
    ready_.NotifyOne();
    return true;
  }

  // Like TryPush but past the capacity: for completions of work that was itself bounded when it
  // was accepted, so that an answer is never dropped. Returns false only when closed.
  bool Push(T&& value) {
    {
      MutexLock lock(mutex_);
      if (closed_) return false;
      items_.push_back(std::move(value));
      is_hurried_ = true;
    }
    ready_.NotifyOne();
    return true;
  }

  // Like Push, but does not wake an Await() that waits for more than there are: to be woken for
  // each of many values costs more than what is done about it.
  bool PushUnhurried(T&& value) {
    bool wakes = false;
    {
      MutexLock lock(mutex_);
      if (closed_) return false;
      items_.push_back(std::move(value));
      wakes = items_.size() >= enough_;
    }
    if (wakes) ready_.NotifyOne();
    return true;
  }

  // Moves everything queued into the result, waiting for the first item until `deadline`: for ever
  // if there is none, not at all if it is MonoTime{}. Returns an empty vector at the deadline, or
  // when closed and drained.
  std::vector<T> PopAll(std::optional<MonoTime> deadline) {
    MutexLock lock(mutex_);
    while (items_.empty() && !closed_ && WaitUntil(deadline)) {
    }
    is_hurried_ = false;
    return std::exchange(items_, {});
  }

  // Waits until `enough` values are queued, or one that is not unhurried, or the deadline (as of
  // PopAll), or the end. Returns how many are queued. For a channel with one reader.
  size_t Await(size_t enough, std::optional<MonoTime> deadline) {
    MutexLock lock(mutex_);
    enough_ = enough;
    while (items_.size() < enough && !is_hurried_ && !closed_ && WaitUntil(deadline)) {
    }
    enough_ = 1;
    return items_.size();
  }

  // Moves what is queued into `out`, which loses what it has; its room is for what comes next.
  void TakeAll(std::vector<T>* out) {
    out->clear();
    if (out->capacity() > kRoomKept) std::vector<T>().swap(*out);
    MutexLock lock(mutex_);
    is_hurried_ = false;
    out->swap(items_);
  }

  // Nothing more goes in; what is queued still comes out.
  void Close() {
    {
      MutexLock lock(mutex_);
      closed_ = true;
    }
    ready_.NotifyAll();
  }

  bool closed() const {
    MutexLock lock(mutex_);
    return closed_;
  }
  size_t size() const {
    MutexLock lock(mutex_);
    return items_.size();
  }

 private:
  static constexpr size_t kRoomKept = 256;

  // Returns false at the deadline.
  bool WaitUntil(std::optional<MonoTime> deadline) WF_REQUIRES(mutex_) {
    if (!deadline) {
      ready_.Wait(mutex_);
      return true;
    }
    // Waiting for what is past is a system call and a turn of the scheduler all the same.
    return *deadline != MonoTime{} && ready_.WaitUntil(mutex_, *deadline);
  }

  const size_t capacity_;
  mutable Mutex mutex_;
  CondVar ready_;
  std::vector<T> items_ WF_GUARDED_BY(mutex_);
  bool closed_ WF_GUARDED_BY(mutex_) = false;
  bool is_hurried_ WF_GUARDED_BY(mutex_) = false;  // One of items_ is not unhurried.
  size_t enough_ WF_GUARDED_BY(mutex_) = 1;        // Of unhurried ones, to wake the reader.
};

}  // namespace watchfire
