// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The fallback of a receiver: who is told of a group when the receiver does not take its page.
//
//   on-call owes nothing --------------------> its fallback knows nothing
//   on-call owes a page for fallback_after,
//   or has refused it -----------------------> its fallback is told all that on-call should know,
//                                              once, and of what is new as long as this lasts
//   on-call has taken it --------------------> its fallback is told of the ends of what it knows
//
// The fallback is one more audience of the group, served as under `delivery: strict`, with log
// entries of its own (nflog::Key::via). So what keeps pages from being lost or said twice across
// crashes, reloads and mutes keeps these as well. A fallback does not fall back further.

#include <algorithm>

#include "pkg/base/check.h"
#include "pkg/core/core.h"

namespace watchfire::core {
namespace {

using Hashes = std::vector<uint64_t>;

// Where a receiver has integrations that page, its page is what those say; else what any does.
bool Counts(const config::Receiver& receiver, const nflog::Key& key) {
  const bool has_pager = std::ranges::any_of(receiver.integrations, &config::Integration::pages);
  return std::ranges::any_of(receiver.integrations, [&](const config::Integration& one) {
    return one.kind == key.integration && one.index == key.index && (one.pages || !has_pager);
  });
}

bool IsNews(dispatch::Reason reason) {
  return reason == dispatch::Reason::kFirst || reason == dispatch::Reason::kNewAlerts;
}

}  // namespace

// How long the integration may owe a page before somebody stands in; nullopt: nobody does.
std::optional<Duration> Core::PatienceWith(const nflog::Key& key) const {
  const config::Receiver* receiver = FindReceiver(key.receiver);
  if (receiver == nullptr || receiver->fallback.empty() || !Counts(*receiver, key)) {
    return std::nullopt;
  }
  return receiver->fallback_after;
}

// A message is about to be tried: is it one that pages, and since when has that been owed? Returns
// what the log is to say. A life takes over from the one before, so that a process that dies again
// and again still gets to the fallback.
WallTime Core::NoteOwed(const Delivery& delivery) {
  const nflog::Key& key = delivery.key;
  if (!key.via.empty()) return kNoTime;
  const dispatch::Notification& notification = *delivery.notification;
  if (!IsNews(notification.reason)) {
    undelivered_.Settled(key);
    return kNoTime;
  }
  const nflog::Entry* entry = nflog_.Find(key);
  const WallTime known = entry == nullptr ? kNoTime : entry->owed_since;
  WallTime since = known == kNoTime ? now_.wall : std::min(known, now_.wall);
  // What began later than the debt was not part of it: that one is over.
  WallTime begun = kNoTime;
  for (const alert::Alert& alert : notification.alerts) {
    if (!notification.Firing(alert)) continue;
    const bool is_told = entry != nullptr &&
                         std::ranges::binary_search(entry->firing, alert.fingerprint()) &&
                         !std::ranges::binary_search(entry->attempted, alert.fingerprint());
    if (!is_told && (begun == kNoTime || alert.starts_at < begun)) begun = alert.starts_at;
  }
  if (begun != kNoTime && begun > since) {
    since = std::min(begun, now_.wall);
    undelivered_.Settled(key);
  }
  undelivered_.Owe(key, now_.mono - (now_.wall - since), PatienceWith(key));
  return since;
}

// News for one whose last message has no answer yet: that may take as long as its deadline, and is
// owed from now on.
void Core::NoteOwedMeanwhile(const Delivery& attempting, const dispatch::Flush& flush,
                             const dispatch::Group& group, const std::vector<Muted>& muted) {
  const nflog::Key& key = attempting.key;
  if (!key.via.empty() || undelivered_.Find(key) != nullptr) return;
  const nflog::Entry* entry = nflog_.Find(key);
  for (size_t i = 0; i < muted.size(); ++i) {
    const alert::Alert& alert = *flush.alerts[i];
    const uint64_t fingerprint = alert.fingerprint();
    if (muted[i] != Muted::kNo || alert.Resolved(flush.at) || group.IsLeaving(fingerprint) ||
        std::ranges::binary_search(attempting.firing, fingerprint)) {
      continue;
    }
    const bool is_told = entry != nullptr && std::ranges::binary_search(entry->firing, fingerprint);
    if (is_told && !std::ranges::binary_search(entry->attempted, fingerprint)) continue;
    undelivered_.Owe(key, now_.mono, PatienceWith(key));
    if (auto record = nflog_.Owe(key, now_.wall)) Store(*std::move(record));
    return;
  }
}

void Core::NothingOwed(const nflog::Key& key) {
  undelivered_.Settled(key);
  if (auto record = nflog_.Settle(key)) Store(*std::move(record));
}

void Core::StartFallbacks() {
  for (const nflog::Key& key : undelivered_.TakeOverdue(now_.mono)) PlanFurtherOf(key);
}

void Core::PlanFurtherOf(const nflog::Key& key) {
  if (!key.person.empty()) {  // One of its groups speaks for all.
    if (const dispatch::Group* group = DriverOf(key)) PlanFurther(*group);
    return;
  }
  const config::Receiver* receiver = FindReceiver(key.owner());
  const bool is_told_alone =
      receiver != nullptr && receiver->fallback.empty() &&
      (escalations_.empty() || !escalations_.HasGroup({key.owner(), key.group_key}));
  if (is_told_alone) return;  // As most are.
  for (const dispatch::GroupId id : dispatcher_->FindByKey(key.group_key, key.owner())) {
    PlanFurther(*dispatcher_->Find(id));
  }
}

void Core::PlanFurther(const dispatch::Group& group) {
  PlanFallback(group);
  PlanPeople(group);
}

std::vector<Audience> Core::StandInsFor(const config::Receiver& receiver) const {
  std::vector<Audience> all;
  if (receiver.fallback.empty()) return all;
  const config::Receiver* fallback = FindReceiver(receiver.fallback);
  WF_CHECK(fallback != nullptr);  // The loader refuses undefined ones.
  for (const config::Integration& integration : fallback->integrations) {
    all.push_back({*fallback, integration, receiver.name});
  }
  return all;
}

// The integration of `receiver` that has owed the group a page for too long, if one has.
std::optional<nflog::Key> Core::OverdueOf(const dispatch::Group& group,
                                          const config::Receiver& receiver) const {
  for (const config::Integration& integration : receiver.integrations) {
    nflog::Key key = Audience{receiver, integration}.KeyIn(group.key);
    if (undelivered_.IsOverdue(key)) return key;
  }
  return std::nullopt;
}

// Brings the fallback of the group's receiver up to date.
void Core::PlanFallback(const dispatch::Group& group) {
  const config::Receiver& receiver = ReceiverOf(*group.route);
  if (receiver.fallback.empty()) return;
  const std::optional<nflog::Key> overdue = OverdueOf(group, receiver);
  std::vector<Audience> stand_ins;
  for (const Audience& who : StandInsFor(receiver)) {
    const nflog::Key key = who.KeyIn(group.key);
    const nflog::Entry* entry = nflog_.Find(key);
    const bool knows = entry != nullptr && !(entry->firing.empty() && entry->attempted.empty());
    if (overdue || knows || deliveries_.Busy(key)) stand_ins.push_back(who);
  }
  if (stand_ins.empty()) return;
  const Survey now = SurveyOf(group);
  for (Audience& who : stand_ins) {
    who.ends_only = !overdue;
    if (!PlanStrictly(now.flush, group, who, now.muted, now.snoozed) || !overdue) continue;
    const Delivery* begun = deliveries_.FindByKey(who.KeyIn(group.key));
    if (begun == nullptr || !IsNews(begun->notification->reason)) continue;
    NoteFallback(group, *overdue, who.receiver, begun->firing);
  }
}

Survey Core::SurveyOf(const dispatch::Group& group) const {
  Survey now;
  now.flush = {group.id, now_.wall, {}};
  for (const uint64_t fingerprint : *group.alerts.order()) {
    now.flush.alerts.push_back(group.alerts.find(fingerprint)->second);
    const alert::Alert& alert = *now.flush.alerts.back();
    now.muted.push_back(MutedBy(alert, *group.route, now_.wall));
    const bool is_muted = now.muted.back() != Muted::kNo && now.muted.back() != Muted::kInhibited;
    if (is_muted && !alert.Resolved(now_.wall) && !group.IsLeaving(fingerprint)) {
      now.snoozed.push_back(fingerprint);
    }
  }
  std::ranges::sort(now.snoozed);
  return now;
}

// Says why the fallback hears of these.
void Core::NoteFallback(const dispatch::Group& group, const nflog::Key& overdue,
                        const config::Receiver& fallback, const Hashes& alerts) {
  const dispatch::Undelivered::Debt& debt = *undelivered_.Find(overdue);
  const std::string since = FormatRfc3339(now_.wall - (now_.mono - debt.since), 0);
  const std::string why = debt.why.empty() ? "no answer yet" : debt.why;
  Emit(Log{Log::Level::kWarn,
           "page: not taken → sent to the fallback",
           {{"receiver", overdue.receiver},
            {"integration", overdue.integration},
            {"fallback", fallback.name},
            {"group", group.key},
            {"since", since},
            {"err", why}}});
  const std::string text = "to " + fallback.name + ", for " + overdue.integration + " of " +
                           overdue.receiver + " has not taken it since " + since + ": " + why;
  for (const uint64_t alert : alerts) {
    journal_.FellBack(alert, {overdue.receiver, group.key}, text, now_.wall);
  }
}

}  // namespace watchfire::core
