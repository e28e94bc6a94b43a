// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Sends outbound webhooks from a thread of its own, at most once and in order, as VictorOps does.

#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "pkg/base/channel.h"
#include "pkg/base/result.h"
#include "pkg/base/time.h"

namespace watchfire::pagersim {

struct Callback {
  uint64_t incident = 0;
  std::string phase;  // For the log.
  std::string body;   // JSON.
  MonoTime not_before;
};

class CallbackSender {
 public:
  // `report` is called on the sender's thread with the incident and how it went: an HTTP status
  // ("200") or why there was none.
  using Report = std::function<void(uint64_t incident, const std::string& outcome)>;

  // `url` is http://host[:port]/path. Errors: kInvalidArgument if it is something else.
  static Result<std::unique_ptr<CallbackSender>> Start(const std::string& url, Report report);

  // Sends what is queued and ends.
  ~CallbackSender();

  // Queues a webhook. Dropped, with a log line, when a thousand are waiting.
  void Send(Callback callback);

 private:
  CallbackSender(std::string origin, std::string path, Report report);
  void Run();

  const std::string origin_;  // "http://host:port".
  const std::string path_;    // May hold a key; never logged.
  const Report report_;
  Channel<Callback> queue_;
  std::thread thread_;
};

}  // namespace watchfire::pagersim
