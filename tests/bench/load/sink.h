// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// A webhook that answers 200 to everything and remembers, for each group, how often it was told and
// of how many alerts the first time. One thread with epoll: a storm may bring thousands of
// connections.

#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>

namespace watchfire::load {

class Sink {
 public:
  struct Group {
    size_t notifications = 0;
    size_t first_alerts = 0;  // In the first notification.
  };
  struct Totals {
    size_t notifications = 0;
    size_t alerts = 0;
    size_t groups = 0;
    size_t repeated = 0;    // Groups told more than once.
    size_t incomplete = 0;  // Groups whose first notification held fewer than `whole` alerts.
  };

  // Listens on 127.0.0.1; 0: any free port.
  explicit Sink(uint16_t port);
  ~Sink();

  uint16_t port() const { return port_; }
  size_t notifications() const { return notifications_; }
  // When the last notification had arrived.
  std::chrono::steady_clock::time_point last() const { return last_; }
  Totals totals(size_t whole) const;
  // Forgets what was told.
  void Reset();

 private:
  void Run();
  void Accept();
  // Returns false when the connection is over.
  bool Read(int fd);
  void Take(std::string_view body);

  int listener_ = -1;
  int epoll_ = -1;
  int wake_ = -1;
  uint16_t port_ = 0;
  std::unordered_map<int, std::string> unread_;  // By socket: what does not make a request yet.
  std::atomic<size_t> notifications_{0};
  std::atomic<std::chrono::steady_clock::time_point> last_{};
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Group> groups_;
  size_t alerts_ = 0;
  std::thread thread_;
};

}  // namespace watchfire::load
