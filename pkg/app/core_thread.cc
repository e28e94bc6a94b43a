// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/app/core_thread.h"

#include <utility>

#include <pthread.h>

#include "pkg/base/limits.h"

namespace watchfire::app {

Now ReadNow() { return {std::chrono::steady_clock::now(), std::chrono::system_clock::now()}; }

CoreThread::CoreThread(std::unique_ptr<core::Core> core, Perform perform)
    : core_(std::move(core)),
      perform_(std::move(perform)),
      channel_(limits::kEventQueue),
      queued_alerts_(limits::kQueuedAlerts),
      step_seconds_(Histogram({0.0001, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1})) {}

CoreThread::~CoreThread() { Stop(Duration::zero()); }

void CoreThread::Start() {
  thread_ = std::thread([this] { Run(); });
}

Status CoreThread::Post(core::Event event) {
  const auto* arrived = std::get_if<core::AlertsArrived>(&event);
  const size_t alerts = arrived == nullptr ? 0 : arrived->alerts.size();
  // A flood waits at the door: what is queued delays pages and takes memory, and a sender that is
  // turned away may not come back (Prometheus drops the batch).
  const bool fits = queued_alerts_.Enter(alerts, ReadNow().mono + limits::kReplyTime);
  if (fits && channel_.TryPush({std::move(event), nullptr})) return {};
  if (fits) queued_alerts_.Leave(alerts);
  return Fail(Code::kExhausted,
              "the event queue is full (" + std::to_string(limits::kEventQueue) + "): try again");
}

void CoreThread::Complete(core::Event event) { channel_.Push({std::move(event), nullptr}); }

Result<core::Reply> CoreThread::Ask(core::Event event) {
  auto promise = std::make_shared<Promise<core::Reply>>();
  if (!channel_.TryPush({std::move(event), promise})) {
    return Fail(Code::kExhausted, "the event queue is full or the server is stopping: try again");
  }
  std::optional<core::Reply> reply = promise->Wait(ReadNow().mono + limits::kReplyTime);
  if (!reply) return Fail(Code::kTimeout, "no answer within the time limit: try again");
  return *std::move(reply);
}

void CoreThread::Stop(Duration patience) {
  if (!thread_.joinable()) return;
  patience_.With([&](Duration& value) { value = patience; });
  queued_alerts_.Close();
  channel_.Push({core::Shutdown{}, nullptr});
  thread_.join();
  channel_.Close();
}

void CoreThread::Run() {
  pthread_setname_np(pthread_self(), "core");
  while (true) {
    std::optional<MonoTime> wake = core_->next_deadline(ReadNow());
    if (stop_at_ && (!wake || *stop_at_ < *wake)) wake = stop_at_;
    Turn(channel_.PopAll(wake));
    if (!stop_at_) continue;
    if (core_->idle() || ReadNow().mono >= *stop_at_) return;
  }
}

void CoreThread::Turn(std::vector<Envelope> envelopes) {
  const Now now = ReadNow();
  std::vector<core::Event> events;
  events.reserve(envelopes.size());
  for (Envelope& envelope : envelopes) {
    if (const auto* arrived = std::get_if<core::AlertsArrived>(&envelope.event)) {
      queued_alerts_.Leave(arrived->alerts.size());
    }
    if (std::holds_alternative<core::Shutdown>(envelope.event)) {
      stop_at_ = now.mono + patience_.Copy();
    }
    if (envelope.reply) {
      const RequestId id{++last_request_};
      waiting_[id] = std::move(envelope.reply);
      std::visit(
          [id](auto& event) {
            if constexpr (requires { event.reply_to; }) event.reply_to = id;
          },
          envelope.event);
    }
    events.push_back(std::move(envelope.event));
  }
  for (core::Effect& effect : core_->Step(now, std::move(events))) {
    auto* reply = std::get_if<core::Reply>(&effect);
    if (reply == nullptr) {
      perform_(std::move(effect));
      continue;
    }
    const auto found = waiting_.find(reply->to);
    if (found == waiting_.end()) continue;
    found->second->Set(std::move(*reply));
    waiting_.erase(found);
  }
  const double seconds = ToSeconds(ReadNow().mono - now.mono);
  step_seconds_.With([&](Histogram& histogram) { histogram.Observe(seconds); });
}

}  // namespace watchfire::app
