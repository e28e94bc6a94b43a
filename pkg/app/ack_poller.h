// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// `poll_acks` at work: one thread that asks vendors what people did there (pkg/responder decides
// what, and when) and tells core, as their webhooks would. Whatever a vendor does, nobody else
// waits for this thread.

#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "pkg/base/channel.h"
#include "pkg/base/guarded.h"
#include "pkg/base/histogram.h"
#include "pkg/config/config.h"
#include "pkg/core/event.h"
#include "pkg/core/view.h"
#include "pkg/net/client.h"
#include "pkg/responder/poll.h"

namespace watchfire::app {

class AckPoller {
 public:
  // What it needs of core. Both block for as long as core's answer takes.
  struct CoreAccess {
    std::function<Result<std::shared_ptr<const core::View>>(unsigned parts)> read;
    std::function<Result<core::Reply>(core::IncidentCommand)> ask;
  };
  struct Stats {
    CounterMap polls;  // vendor, outcome: Poll::Learnt
    CounterMap acts;   // vendor, action, result: Verdict, and "error"
    GaugeMap last_ok;  // vendor: when an account of it answered last, in seconds since 1970
  };

  AckPoller(net::Client& client, CoreAccess core);
  ~AckPoller();  // Stop()
  AckPoller(const AckPoller&) = delete;
  AckPoller& operator=(const AckPoller&) = delete;

  void Start(std::shared_ptr<const config::Config> config);
  // Joins. What comes later is dropped. Idempotent.
  void Stop();
  // Any thread. An account that goes on being polled keeps to its interval.
  void OnConfig(std::shared_ptr<const config::Config> config);

  Stats stats() const { return stats_.Copy(); }

 private:
  struct Line {
    responder::Poll poll;
    uint64_t id = 0;
    std::string fault;        // The last one; logged when it changes.
    std::string notes_fault;  // Of notes, that may fail while acks are heard.
  };
  struct Answered {
    uint64_t line = 0;
    Result<net::OutResponse> response;
  };
  using Input = std::variant<std::shared_ptr<const config::Config>, Answered>;

  void Run();
  void Use(const config::Config& config);
  void Ask(Line* line);
  void Take(const Answered& answered);
  void Tell(Line* line, const std::vector<inbound::ResponderAct>& acts);
  // Returns the verdict's word, or what came of it; "error": it is to be tried again.
  const char* Do(const responder::Verdict& verdict, const inbound::ResponderAct& act);

  net::Client& client_;
  const CoreAccess core_;
  Channel<Input> channel_;
  std::vector<Line> lines_;  // The thread's, once it runs, as is the following.
  uint64_t last_line_ = 0;
  Guarded<Stats> stats_;
  std::thread thread_;
};

}  // namespace watchfire::app
