// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The thread that owns core: takes events from a Channel, lets core decide, and hands the effects
// to whoever carries them out. The only place where core meets a clock.

#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "pkg/base/channel.h"
#include "pkg/base/guarded.h"
#include "pkg/base/histogram.h"
#include "pkg/base/promise.h"
#include "pkg/base/room.h"
#include "pkg/base/time.h"
#include "pkg/core/core.h"

namespace watchfire::app {

// The clock of the process.
Now ReadNow();

class CoreThread {
 public:
  // Carries out a turn's RunQuery, Attempt, Persist and Log; runs on the core thread and must not
  // block.
  using Perform = std::function<void(core::Effects)>;
  using ReplyPromise = std::shared_ptr<Promise<core::Reply>>;

  CoreThread(std::unique_ptr<core::Core> core, Perform perform);
  ~CoreThread();

  void Start();
  // Waits for room when the queue holds limits::kQueuedAlerts; a single batch always fits an empty
  // queue. Errors: kExhausted when there is none within limits::kReplyTime, or the queue of events
  // is full; the caller tells its client to come back.
  Status Post(core::Event event);
  // For answers to work core asked for: never refused while the thread runs. Answers to queries may
  // wait some milliseconds for each other.
  void Complete(core::Event event);
  // Posts a command or view request and waits for core's reply. Errors: kExhausted, kTimeout.
  Result<core::Reply> Ask(core::Event event);

  // Sends Shutdown, waits until core is idle or `patience` is over, and joins. Idempotent.
  void Stop(Duration patience);

  size_t queue_size() const { return channel_.size(); }
  Histogram step_seconds() const { return step_seconds_.Copy(); }

 private:
  struct Envelope {
    core::Event event;
    ReplyPromise reply;  // Null unless somebody waits.
  };
  void Run();
  void AwaitEvents(std::optional<MonoTime> wake);
  void Turn(std::vector<Envelope>* envelopes);  // What is in them is gone.

  std::unique_ptr<core::Core> core_;  // Core thread only, once started.
  Perform perform_;
  Channel<Envelope> channel_;
  Room queued_alerts_;                         // In channel_.
  std::map<RequestId, ReplyPromise> waiting_;  // Core thread only.
  uint64_t last_request_ = 0;
  std::optional<MonoTime> stop_at_;  // Core thread only: when patience is over.
  bool answers_are_soon_ = false;    // Core thread only: the last one was.
  Guarded<Duration> patience_;
  Guarded<Histogram> step_seconds_;
  std::thread thread_;
};

}  // namespace watchfire::app
