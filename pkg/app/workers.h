// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The threads that carry out core's effects: one for the store, a few for rendering and decoding.

#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "pkg/app/core_thread.h"
#include "pkg/base/channel.h"
#include "pkg/base/guarded.h"
#include "pkg/core/event.h"
#include "pkg/net/client.h"
#include "pkg/notify/receiver.h"
#include "pkg/store/store.h"

namespace watchfire::app {

// Runs closures that are pure functions of what they hold: templates, payloads, decoding.
class RenderPool {
 public:
  explicit RenderPool(size_t threads);
  ~RenderPool();  // Runs what is queued, then joins.

  void Run(std::function<void()> job) { jobs_.Push(std::move(job)); }
  void Stop();
  size_t threads() const { return threads_.size(); }

 private:
  Channel<std::function<void()>> jobs_;
  std::vector<std::thread> threads_;
};

// Owns the database connection: one transaction per Persist.
class StoreThread {
 public:
  using Done = std::function<void(core::Committed)>;

  StoreThread(std::unique_ptr<store::Store> store, Done done);
  ~StoreThread();  // Commits what is queued, then joins.

  void Commit(core::Persist batch) { batches_.Push(std::move(batch)); }
  void Stop();

 private:
  std::unique_ptr<store::Store> store_;
  Done done_;
  Channel<core::Persist> batches_;
  std::thread thread_;
};

// Starts the state machine of one integration's backend.
using StartExchange = std::function<std::unique_ptr<notify::Exchange>(const core::Attempt&)>;

// Drives one attempt: Begin, then every request it wants sent, until it is done. Requests within
// one attempt share its time; more than kSendsPerAttempt of them is a failure. `done` runs once, on
// a render thread or, where an answer is small and only has to be judged, on the client's.
inline constexpr int kSendsPerAttempt = 16;
void DriveAttempt(core::Attempt attempt, const StartExchange& start, RenderPool& pool,
                  net::Client& client, std::function<void(core::Attempted)> done);

// The same of all attempts of a turn: to wake a render thread for each costs more than to begin
// it, so that each thread is woken once and takes the next that is not begun until none is.
void DriveAttempts(std::vector<core::Attempt> attempts, const StartExchange& start,
                   RenderPool& pool, net::Client& client,
                   const std::function<void(core::Attempted)>& done);

// Shadow mode's DriveAttempt: makes the first request, so that a template's error shows, and lets
// it fall. It has no client, so nothing can be sent. The outcome is always kDone: core goes on as
// if the vendor had taken it, in step with the live Alertmanager. `made` gets the notification, and
// what was wrong or ""; both callbacks run on a render thread, `made` first.
using Made = std::function<void(std::shared_ptr<const dispatch::Notification>, std::string)>;
void SwallowAttempt(core::Attempt attempt, const StartExchange& start, RenderPool& pool, Made made,
                    std::function<void(core::Attempted)> done);

// Sends queries, as many at once as their datasource takes, in the order in which they came, and
// decodes each answer. `done` runs once for each: on a render thread or, where the answer is small
// or none, on the client's. Those that wait behind one that gets no answer, or only after a second,
// are handed back as not asked. Any thread. To be kept until the client is gone.
class QueryDesk {
 public:
  using Done = std::function<void(core::QueryDone)>;

  QueryDesk(RenderPool& pool, net::Client& client, Done done)
      : pool_(pool), client_(client), done_(std::make_shared<const Done>(std::move(done))) {}
  QueryDesk(const QueryDesk&) = delete;  // Requests under way have a pointer to it.
  QueryDesk& operator=(const QueryDesk&) = delete;

  void Ask(std::vector<core::RunQuery> queries);

 private:
  // Of one datasource.
  struct Line {
    std::deque<core::RunQuery> waiting;
    size_t out = 0;
  };
  using Lines = std::map<std::string, Line>;  // By the datasource's name.

  std::vector<net::Client::Outgoing> TakeReady(const std::string& datasource);
  void Finish(const core::RunQuery& query, MonoTime sent, Result<net::OutResponse> response);

  RenderPool& pool_;
  net::Client& client_;
  const std::shared_ptr<const Done> done_;
  Guarded<Lines> lines_;
};

// Encodes the samples, which takes its time, on a render thread, and sends them to every
// remote_write of the configuration at once; `done` gets the worst end, on the client's thread.
void DriveWrite(core::WriteSamples write, RenderPool& pool, net::Client& client,
                std::function<void(core::SamplesWritten)> done);

}  // namespace watchfire::app
