// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The only mutex of the product, with clang's thread-safety annotations. Used inside pkg/base by
// Channel and Published; anything else crosses threads by moving a value through those two.

#pragma once

#include <condition_variable>
#include <mutex>

#if defined(__clang__)
#define WF_ATTRIBUTE(x) __attribute__((x))
#else
#define WF_ATTRIBUTE(x)
#endif

#define WF_CAPABILITY(name) WF_ATTRIBUTE(capability(name))
#define WF_SCOPED_CAPABILITY WF_ATTRIBUTE(scoped_lockable)
#define WF_GUARDED_BY(x) WF_ATTRIBUTE(guarded_by(x))
#define WF_REQUIRES(x) WF_ATTRIBUTE(requires_capability(x))
#define WF_ACQUIRE(...) WF_ATTRIBUTE(acquire_capability(__VA_ARGS__))
#define WF_RELEASE(...) WF_ATTRIBUTE(release_capability(__VA_ARGS__))
#define WF_NO_THREAD_SAFETY WF_ATTRIBUTE(no_thread_safety_analysis)

namespace watchfire {

class WF_CAPABILITY("mutex") Mutex {
 public:
  void Lock() WF_ACQUIRE() { mutex_.lock(); }
  void Unlock() WF_RELEASE() { mutex_.unlock(); }

 private:
  friend class CondVar;
  std::mutex mutex_;
};

class WF_SCOPED_CAPABILITY MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) WF_ACQUIRE(mutex) : mutex_(mutex) { mutex_.Lock(); }
  ~MutexLock() WF_RELEASE() { mutex_.Unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

class CondVar {
 public:
  void Wait(Mutex& mutex) WF_REQUIRES(mutex) WF_NO_THREAD_SAFETY {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    condition_.wait(lock);
    lock.release();
  }
  // Returns false when `deadline` passed first.
  template <typename TimePoint>
  bool WaitUntil(Mutex& mutex, TimePoint deadline) WF_REQUIRES(mutex) WF_NO_THREAD_SAFETY {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    const bool in_time = condition_.wait_until(lock, deadline) == std::cv_status::no_timeout;
    lock.release();
    return in_time;
  }
  void NotifyOne() { condition_.notify_one(); }
  void NotifyAll() { condition_.notify_all(); }

 private:
  std::condition_variable condition_;
};

}  // namespace watchfire
