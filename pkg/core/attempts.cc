// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What becomes of a delivery that is under way: its turns, its attempts, and what their outcomes
// mean for the notification log, the incident, the circuit of its lane and its receiver's fallback.

#include <algorithm>
#include <iterator>

#include "pkg/base/fetch.h"
#include "pkg/core/core.h"
#include "pkg/core/runs.h"
#include "pkg/core/storms.h"

namespace watchfire::core {

void Core::RetryDeliveries() {
  deliveries_.Wake(outbox_, now_.mono);
  for (const DeliveryId id : deliveries_.TakeReady(now_.mono)) Release(id);
  for (const DeliveryId id : deliveries_.Expired(now_.mono)) GiveUpInLine(id);
}

void Core::Release(DeliveryId id) {
  Delivery& delivery = *deliveries_.Find(id);
  ++delivery.attempts;
  const Duration left = delivery.deadline - now_.mono;
  Emit(Attempt{id, delivery.config, delivery.integration, storms_->Said(&delivery),
               std::max<Duration>(left, std::chrono::milliseconds(1)), roster_,
               AckUrlFor(delivery)});
}

// Has the processor fetch, all at once, what is looked at of the deliveries that have been
// answered: since they left, a hundred others were worked on.
void Core::FetchAnswered(const std::vector<Event>& events) {
  std::vector<const Delivery*> answered;
  for (const Event& event : events) {
    const auto* attempted = std::get_if<Attempted>(&event);
    const Delivery* delivery = attempted == nullptr ? nullptr : deliveries_.Find(attempted->id);
    if (delivery == nullptr) continue;
    answered.push_back(delivery);
    FetchWhole(*delivery);
  }
  if (answered.size() < 2) return;
  for (const Delivery* delivery : answered) {
    FetchWhole(*delivery->notification);
    journal_.FetchSent(delivery->id.value);
  }
  for (const Delivery* delivery : answered) nflog_.Fetch(delivery->key);
}

void Core::On(Attempted event) {
  Delivery* delivery = deliveries_.Find(event.id);
  if (delivery == nullptr) {
    if (runs_->OnRunAttempted(event) || summaries_.OnAttempted(event, SummaryTurn())) return;
    if (VendorLine* line = vendor_updates_.FindByDelivery(event.id)) OnUpdateAttempted(line, event);
    return;
  }
  const LabelValues who = {delivery->key.integration, delivery->key.receiver};
  Count(&stats_.requests, who);
  stats_.notification_latency.Observe(who, ToSeconds(event.took));
  NoteCircuit(*delivery, event);
  if (event.kind == Attempted::Kind::kDone) {
    NoteAttempt(event, /*goes_on=*/false);
    if (!event.flaw.empty()) {
      Emit(Log{Log::Level::kWarn,
               "notify: the message that was sent is incomplete",
               {{"receiver", delivery->key.receiver},
                {"integration", delivery->key.integration},
                {"group", delivery->key.group_key},
                {"err", event.flaw}}});
    }
    AcceptDelivery(*delivery, std::move(event.data));
    Finish(event.id, true);
    return;
  }
  Count(&stats_.requests_failed, who);
  undelivered_.Failed(delivery->key, event.why);
  delivery->maybe_taken |= event.unknown;
  if (event.kind == Attempted::Kind::kRetry) {
    const Duration wait = std::max(delivery->backoff.Next(&rng_), event.retry_after);
    const MonoTime wake = now_.mono + wait;
    // Of a configuration that is no longer, nothing is tried again: Finish() asks the new one.
    if (wake < delivery->deadline && !stopping_ && !delivery->is_stale) {
      Emit(Log{Log::Level::kWarn,
               "notify: attempt failed, will retry",
               {{"receiver", delivery->key.receiver},
                {"integration", delivery->key.integration},
                {"attempt", std::to_string(delivery->attempts)},
                {"err", event.why}}});
      NoteAttempt(event, /*goes_on=*/true);
      deliveries_.BackOff(event.id, wake);
      return;
    }
  }
  if (event.kind == Attempted::Kind::kFail) undelivered_.Refused(delivery->key, now_.mono);
  GiveUp(*delivery, event);
}

// It did not get its turn in time: the vendor is down, or the limits of the receiver are too
// narrow.
void Core::GiveUpInLine(DeliveryId id) {
  Attempted event;
  event.kind = Attempted::Kind::kRetry;
  event.id = id;
  event.why = "no turn before the deadline: a limit of the receiver, or its circuit is open";
  event.failure = "contextDeadlineExceeded";
  // Another one that was given up may have made this one superfluous.
  if (const Delivery* delivery = deliveries_.Find(id)) GiveUp(*delivery, event);
}

void Core::GiveUp(const Delivery& delivery, const Attempted& event) {
  NoteAttempt(event, /*goes_on=*/false);
  Count(&stats_.notifications_failed,
        {delivery.key.integration, delivery.key.receiver, event.failure});
  Emit(Log{Log::Level::kError,
           "notify: failed",
           {{"receiver", delivery.key.receiver},
            {"integration", delivery.key.integration},
            {"group", delivery.key.group_key},
            {"attempts", std::to_string(delivery.attempts)},
            {"err", event.why}}});
  if (!delivery.maybe_taken)
    Store(nflog_.Withdraw(delivery.key, delivery.in_doubt, delivery.ends_in_doubt));
  if (delivery.page) {
    if (auto record = incidents_.OnPageFailed(PageOf(delivery), event.why, now_.wall)) {
      Store(*std::move(record));
    }
  }
  // One that is only not tried again, for something fresh takes its place, has missed nobody.
  const bool is_superseded = delivery.is_stale && event.kind == Attempted::Kind::kRetry;
  if (!delivery.key.person.empty() && delivery.page && !is_superseded) {
    PersonMissed(delivery.key);
    storms_->Missed(delivery, event.kind == Attempted::Kind::kFail);
  }
  Finish(event.id, false);
}

// A message that could not be made, or a secret that could not be read, says nothing about the
// vendor.
void Core::NoteCircuit(const Delivery& delivery, const Attempted& event) {
  if (!event.asked) return;
  deliveries_.NoteTaken(delivery, event.kind == Attempted::Kind::kDone);
  const nflog::Key& key = delivery.key;
  const auto say = [&](Log::Level level, const char* message) {
    Emit(Log{level,
             message,
             {{"receiver", key.receiver}, {"integration", key.integration}, {"err", event.why}}});
  };
  if (event.kind == Attempted::Kind::kRetry) {
    if (deliveries_.Failed(delivery, now_.mono)) say(Log::Level::kWarn, "circuit: closed → open");
    return;
  }
  if (event.kind == Attempted::Kind::kFail && event.failure == "other") return;
  if (!deliveries_.Answered(delivery)) return;
  say(Log::Level::kInfo, "circuit: open → closed");
  const auto is_here = [&](const nflog::Key& owed) {
    return owed.receiver == key.receiver && owed.integration == key.integration &&
           owed.index == key.index && !deliveries_.Busy(owed);
  };
  // What was given up meanwhile need not wait for its group's next interval.
  for (const nflog::Key& owed : undelivered_.Keys(is_here)) {
    if (IsStrict(owed)) Hasten(owed);
  }
}

void Core::WriteAccepted(const Delivery& delivery, dispatch::ReceiverData data) {
  const Duration memory = std::min(options_.retention, 2 * delivery.repeat_interval);
  nflog::Entry entry{delivery.firing, delivery.resolved, now_.wall, {}, now_.wall + memory};
  entry.data = std::move(data);
  if (delivery.is_strict) entry.attempted = StillInDoubt(delivery);
  if (delivery.came_back) {
    std::vector<uint64_t> again;
    std::ranges::set_union(entry.attempted, entry.firing, std::back_inserter(again));
    entry.attempted = std::move(again);
  }
  outbox_.AddUrgent(nflog_.Accept(delivery.key, std::move(entry)), now_.mono);
}

// Writes down what the receiver now knows.
void Core::AcceptDelivery(Delivery& delivery, dispatch::ReceiverData data) {
  // What is kept of a message that said of several is none of this one's group.
  if (!delivery.riders.empty()) {
    const nflog::Entry* known = nflog_.Find(delivery.key);
    data = known == nullptr ? dispatch::ReceiverData() : known->data;
  }
  WriteAccepted(delivery, std::move(data));
  undelivered_.Settled(delivery.key);
  const bool is_personal = !delivery.key.person.empty();
  // What came back meanwhile is owed once more.
  if (is_personal && delivery.page && !delivery.came_back)
    PersonTook(delivery.key, &delivery.firing);
  storms_->Arrived(delivery);
  if (!delivery.key.via.empty() && !is_personal && !delivery.firing.empty()) {
    ++stats_.fallbacks[{delivery.key.via, delivery.key.receiver}];
  }
  if (!delivery.page) return;
  NotePaged(PageOf(delivery));
  Emit(Log{Log::Level::kInfo,
           "page: accepted",
           {{"receiver", delivery.key.receiver},
            {"integration", delivery.key.integration},
            {"group", delivery.key.group_key},
            {"alerts", std::to_string(delivery.firing.size())},
            {"attempts", std::to_string(delivery.attempts)}}});
}

}  // namespace watchfire::core
