// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/app/core_thread.h"

#include <algorithm>
#include <utility>

#include <pthread.h>

#include "pkg/base/limits.h"

namespace watchfire::app {
namespace {

// How long the answer to a query waits for the others that are under way, if nothing is asked
// because of it.
constexpr std::chrono::milliseconds kAnswersWait{25};
// So many are taken together: more save nothing.
constexpr size_t kAnswersTogether = 64;

}  // namespace

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

void CoreThread::Complete(core::Event event) {
  if (const auto* answer = std::get_if<core::QueryDone>(&event);
      answer != nullptr && !answer->is_awaited) {
    channel_.PushUnhurried({std::move(event), nullptr});
  } else {
    channel_.Push({std::move(event), nullptr});
  }
}

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
  std::vector<Envelope> envelopes;
  while (true) {
    std::optional<MonoTime> wake = core_->next_deadline(ReadNow());
    if (stop_at_ && (!wake || *stop_at_ < *wake)) wake = stop_at_;
    AwaitEvents(wake);
    channel_.TakeAll(&envelopes);
    Turn(&envelopes);
    if (!stop_at_) continue;
    if (core_->idle() || ReadNow().mono >= *stop_at_) return;
  }
}

// To wait and be woken takes longer than to take an answer: where more are on their way, those that
// come soon are taken together. Whatever else comes is not kept waiting.
void CoreThread::AwaitEvents(std::optional<MonoTime> wake) {
  const size_t most = std::min(core_->queries_out(), kAnswersTogether);
  const auto soon = [wake] {
    const MonoTime until = ReadNow().mono + kAnswersWait;
    return wake ? std::min(until, *wake) : until;
  };
  if (most > 1 && answers_are_soon_ && channel_.Await(most, soon()) > 0) return;
  if (channel_.Await(1, wake) > 0 && most > 1) channel_.Await(most, soon());
}

void CoreThread::Turn(std::vector<Envelope>* envelopes) {
  const Now now = ReadNow();
  std::vector<core::Event> events;
  events.reserve(envelopes->size());
  for (Envelope& envelope : *envelopes) {
    if (const auto* answer = std::get_if<core::QueryDone>(&envelope.event)) {
      answers_are_soon_ = answer->took <= kAnswersWait;
    }
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
  core::Effects effects = core_->Step(now, std::move(events));
  std::vector<core::Reply> replies;
  for (core::Effect& effect : effects) {
    if (auto* reply = std::get_if<core::Reply>(&effect)) replies.push_back(std::move(*reply));
  }
  if (!replies.empty()) {
    std::erase_if(effects,
                  [](const auto& effect) { return std::holds_alternative<core::Reply>(effect); });
  }
  if (!effects.empty()) perform_(std::move(effects));
  for (core::Reply& reply : replies) {
    const auto found = waiting_.find(reply.to);
    if (found == waiting_.end()) continue;
    found->second->Set(std::move(reply));
    waiting_.erase(found);
  }
  const double seconds = ToSeconds(ReadNow().mono - now.mono);
  step_seconds_.With([&](Histogram& histogram) { histogram.Observe(seconds); });
}

}  // namespace watchfire::app
