// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The delivery contract, `delivery: strict`. What Alertmanager leaves to chance is kept here:
//
//   told firing      -> its end is told, though it be silenced, muted or inhibited by then
//   muted, then free -> told at once, not at the group's next interval; after an inhibition, when
//                       group_wait is over, for what was inhibited often ends with its source
//   slow receiver    -> has its own deadline; neither its group nor the others wait for it
//
//   led elsewhere    -> by a new configuration: who was told of it is told of its end (leavers.cc)
//
// What the receiver believes of each alert is in the notification log: Entry.firing (surely told),
// Entry.attempted (perhaps told, or told and to be told again). A resolved alert stays in its group
// for as long as some integration believes it to fire.

#include <algorithm>
#include <tuple>
#include <utility>

#include "pkg/core/core.h"
#include "pkg/core/storms.h"
#include "pkg/dispatch/decide.h"

namespace watchfire::core {
namespace {

using AlertPtr = std::shared_ptr<const alert::Alert>;
using Hashes = std::vector<uint64_t>;

// Of receivers that name no deadline: Alertmanager's default group_interval, or the group's own if
// longer.
constexpr Duration kDeadline = std::chrono::minutes(5);

bool Holds(const Hashes& sorted, uint64_t fingerprint) {
  return std::ranges::binary_search(sorted, fingerprint);
}

// True when the receiver may believe that the alert fires.
bool Believes(const nflog::Entry* entry, uint64_t fingerprint) {
  return entry != nullptr &&
         (Holds(entry->firing, fingerprint) || Holds(entry->attempted, fingerprint));
}

// True when only alerts fire that are to be told of no more, but for their end.
bool IsAllLeaving(const dispatch::Group& group, const Hashes& firing) {
  return !firing.empty() && std::ranges::all_of(firing, [&](uint64_t fingerprint) {
    return group.IsLeaving(fingerprint);
  });
}

nflog::Key KeyOf(const SharedText& group_key, const config::Receiver& receiver,
                 const config::Integration& integration) {
  return {group_key, receiver.name, integration.kind, integration.index, {}};
}

// What of a flush is to be told: all of it, the hashes of what fires and of what has ended, sorted.
// Ends and what is leaving are told to who knows of them; `is_leaving` is asked by fingerprint.
template <typename IsLeaving>
std::tuple<std::vector<AlertPtr>, Hashes, Hashes> Collect(const dispatch::Flush& flush,
                                                          const std::vector<Muted>& muted,
                                                          const nflog::Entry* entry,
                                                          WallTime doubt_before,
                                                          IsLeaving is_leaving) {
  std::vector<AlertPtr> alerts;
  Hashes firing;
  Hashes resolved;
  for (size_t i = 0; i < muted.size(); ++i) {
    const AlertPtr& alert = flush.alerts[i];
    const bool is_over = alert->Resolved(flush.at);
    const bool maybe_told = entry == nullptr && alert->starts_at < doubt_before;
    const bool is_known = maybe_told || Believes(entry, alert->fingerprint());
    if ((is_over || is_leaving(alert->fingerprint())) && !is_known) continue;
    if (!is_over && muted[i] != Muted::kNo) continue;
    alerts.push_back(alert);
    (is_over ? resolved : firing).push_back(alert->fingerprint());
  }
  std::ranges::sort(firing);
  std::ranges::sort(resolved);
  return {std::move(alerts), std::move(firing), std::move(resolved)};
}

}  // namespace

void Core::FlushStrictly(const dispatch::Flush& flush, const dispatch::Group& group,
                         const config::Receiver& receiver, const std::vector<Muted>& muted) {
  Hashes held;
  // Somebody asked not to hear of these for a while: said again when that is over. A receiver that
  // was told of an inhibited alert still knows it when the inhibition ends.
  Hashes snoozed;
  for (size_t i = 0; i < muted.size(); ++i) {
    const alert::Alert& alert = *flush.alerts[i];
    if (muted[i] == Muted::kNo || alert.Resolved(flush.at)) continue;
    if (group.IsLeaving(alert.fingerprint())) continue;
    held.push_back(alert.fingerprint());
    if (muted[i] != Muted::kInhibited) snoozed.push_back(alert.fingerprint());
  }
  std::ranges::sort(held);
  std::ranges::sort(snoozed);
  Hashes inhibited;
  std::ranges::set_difference(held, snoozed, std::back_inserter(inhibited));
  for (const config::Integration& integration : receiver.integrations) {
    PlanStrictly(flush, group, {receiver, integration}, muted, snoozed);
  }
  PlanFurther(group);
  dispatcher_->Hold(group.id, std::move(held), std::move(inhibited));
  dispatcher_->EndFlush(flush, OwedTo(receiver, group.key), now_);
  HastenRepeat(flush.group, receiver);
}

bool Core::PlanStrictly(const dispatch::Flush& flush, const dispatch::Group& group,
                        const Audience& to, const std::vector<Muted>& muted,
                        const Hashes& snoozed) {
  const config::Integration& integration = to.integration;
  const nflog::Key key = to.KeyIn(group.key);
  Delivery* busy = deliveries_.FindByKey(key);
  if (busy != nullptr && busy->state == Delivery::State::kAttempting) {
    busy->is_stale = true;  // The group is flushed again as soon as the answer is there.
    NoteOwedMeanwhile(*busy, flush, group, muted);
    return false;
  }
  const auto collect = [&] {
    if (auto record = nflog_.Doubt(key, snoozed)) Store(*std::move(record));
    return Collect(flush, muted, nflog_.Find(key), doubt_before_,
                   [&](uint64_t alert) { return to.ends_only || group.IsLeaving(alert); });
  };
  auto [alerts, firing, resolved] = collect();
  dispatch::Backoff backoff;
  MonoTime owed_since{};
  if (busy != nullptr) {
    const bool is_same = busy->firing == firing && busy->resolved == resolved;
    if (is_same && !(to.ends_only && resolved.empty())) return false;
    backoff = busy->backoff;
    owed_since = busy->owed_since;
    Supersede(*busy);
    std::tie(alerts, firing, resolved) = collect();  // It took its own doubts with it.
  }
  if (!integration.send_resolved) {
    if (auto record = nflog_.Forget(key, resolved)) Store(*std::move(record));
    std::erase_if(alerts, [&](const AlertPtr& alert) { return alert->Resolved(flush.at); });
    resolved.clear();
  }
  if (alerts.empty()) {
    NothingOwed(key);
    return false;
  }
  // What a policy owes to a person is no repetition: it knows of the ack.
  const bool is_sparing = integration.pages && to.person.empty();
  if (is_sparing) {
    DoubtWhatBeganAnew(key, alerts);
    Reassure(key, alerts);
  }
  const bool maybe_told = std::ranges::any_of(
      alerts, [&](const AlertPtr& alert) { return alert->starts_at < doubt_before_; });
  const std::optional<dispatch::Reason> reason =
      dispatch::Decide({nflog_.Find(key), firing, resolved, integration.send_resolved,
                        group.route->repeat_interval, flush.at, maybe_told});
  const bool is_idle = resolved.empty() && (to.ends_only || IsAllLeaving(group, firing));
  if (!reason || is_idle || (is_sparing && IsSpared(key, *reason))) {
    NothingOwed(key);
    return false;
  }
  Delivery delivery = MakeDelivery(group, to, flush.at, *reason, alerts);
  delivery.is_strict = true;
  delivery.backoff = backoff;
  delivery.owed_since = owed_since;
  delivery.deadline =
      now_.mono + to.receiver.deadline.value_or(std::max(group.route->group_interval, kDeadline));
  if (!to.person.empty()) storms_->Board(delivery);
  return Deliver(std::move(delivery));
}

// What it was about to say is no longer true; something fresh takes its place.
void Core::Supersede(const Delivery& waiting) {
  if (!waiting.maybe_taken)
    Store(nflog_.Withdraw(waiting.key, waiting.in_doubt, waiting.ends_in_doubt));
  journal_.Over(waiting.id.value, journal::Outcome::kSuperseded, std::nullopt, now_.wall);
  deliveries_.Remove(waiting.id);
}

// What the log must go on to hold beside what this message said: alerts that the receiver knows
// and that were muted when it was put together.
Hashes Core::StillInDoubt(const Delivery& delivery) const {
  const nflog::Entry* entry = nflog_.Find(delivery.key);
  if (entry == nullptr) return {};
  Hashes known;
  std::ranges::set_union(entry->firing, entry->attempted, std::back_inserter(known));
  const auto groups = GroupsOf(delivery.key);
  std::erase_if(known, [&](uint64_t fingerprint) {
    return Holds(delivery.firing, fingerprint) || Holds(delivery.resolved, fingerprint) ||
           std::ranges::none_of(groups, [&](dispatch::GroupId id) {
             return dispatcher_->Find(id)->alerts.contains(fingerprint);
           });
  });
  return known;
}

// Whether it is to hear of this alert's end, as far as is known.
bool Core::IsAwaitedBy(const Audience& who, const SharedText& group_key, uint64_t fingerprint) {
  const nflog::Key key = who.KeyIn(group_key);
  // Who does not want to hear of ends still may be told of the beginning just now.
  const Delivery* busy = deliveries_.FindByKey(key);
  return (busy != nullptr && Holds(busy->firing, fingerprint)) ||
         (who.integration.send_resolved && Believes(nflog_.Find(key), fingerprint));
}

// Valid until the configuration changes.
dispatch::Owed Core::OwedTo(const config::Receiver& receiver, const SharedText& group_key) {
  std::vector<Audience> all = FurtherFor(receiver, group_key);
  for (const config::Integration& integration : receiver.integrations) {
    all.push_back({receiver, integration});
  }
  return [this, all = std::move(all), group_key](uint64_t fingerprint) {
    return std::ranges::any_of(
        all, [&](const Audience& who) { return IsAwaitedBy(who, group_key, fingerprint); });
  };
}

// A mute ended: the groups that kept something back because of it are flushed soon.
void Core::FlushHeldThatAreFree() {
  if (!std::exchange(mutes_ended_, false)) return;
  storms_->Wake();
  for (const auto& entry : dispatcher_->groups()) {
    const dispatch::Group& group = entry.second;
    for (const uint64_t fingerprint : group.held) {
      const auto alert = group.alerts.find(fingerprint);
      if (alert == group.alerts.end() || alert->second->Resolved(now_.wall)) continue;
      if (MutedBy(*alert->second, *group.route, now_.wall) != Muted::kNo) continue;
      const bool is_inhibited = Holds(group.inhibited, fingerprint);
      dispatcher_->Hasten(group.id, is_inhibited ? now_.mono + group.route->group_wait : now_.mono);
    }
  }
}

// exact_repeat: the next message is due when the last one is repeat_interval old, not at the first
// tick behind that.
void Core::HastenRepeat(dispatch::GroupId id, const config::Receiver& receiver) {
  const dispatch::Group* group = dispatcher_->Find(id);
  if (group == nullptr || !group->route->exact_repeat) return;
  for (const config::Integration& integration : receiver.integrations) {
    const nflog::Entry* entry = nflog_.Find(KeyOf(group->key, receiver, integration));
    if (entry == nullptr || entry->firing.empty()) continue;
    const Duration left = entry->at + group->route->repeat_interval - now_.wall;
    if (left < Duration::zero()) continue;  // Due already and not sent: muted, or it failed.
    dispatcher_->Hasten(id, now_.mono + left + std::chrono::milliseconds(1));
  }
}

// After a restart: a message of the last life may have arrived or not, or it surely did not and
// was given up by an orderly stop. It is said again at once.
void Core::HastenInDoubt() {
  for (const auto& entry : dispatcher_->groups()) {
    const dispatch::Group& group = entry.second;
    const config::Receiver& receiver = ReceiverOf(*group.route);
    const auto is_unsure = [&](const nflog::Key& key) {
      const nflog::Entry* known = nflog_.Find(key);
      return known != nullptr && (!known->attempted.empty() || known->owed_since != kNoTime);
    };
    const bool is_in_doubt =
        std::ranges::any_of(receiver.integrations,
                            [&](const config::Integration& integration) {
                              return is_unsure(KeyOf(group.key, receiver, integration));
                            }) ||
        std::ranges::any_of(FurtherFor(receiver, group.key),
                            [&](const Audience& who) { return is_unsure(who.KeyIn(group.key)); });
    if (is_in_doubt) dispatcher_->Hasten(group.id, now_.mono);
  }
}

// Groups made anew hold all that ended and is not forgotten yet; what nobody waits for must not be
// said again. (Whoever wants no ends has his log moved on by the next flush.)
void Core::DropEndsThatWereTold() {
  std::vector<dispatch::GroupId> ids;
  for (const auto& [id, group] : dispatcher_->groups()) ids.push_back(id);
  for (const dispatch::GroupId id : ids) {
    const dispatch::Group& group = *dispatcher_->Find(id);
    const config::Receiver& receiver = ReceiverOf(*group.route);
    const auto is_awaited = [&](uint64_t fingerprint) {
      const bool is_old = group.alerts.at(fingerprint)->starts_at < doubt_before_;
      return std::ranges::any_of(
                 receiver.integrations,
                 [&](const config::Integration& integration) {
                   const nflog::Entry* entry = nflog_.Find(KeyOf(group.key, receiver, integration));
                   const bool is_unmet = entry != nullptr && entry->foreign.has_value();
                   return Believes(entry, fingerprint) || is_unmet || (entry == nullptr && is_old);
                 }) ||
             std::ranges::any_of(FurtherFor(receiver, group.key), [&](const Audience& who) {
               return Believes(nflog_.Find(who.KeyIn(group.key)), fingerprint);
             });
    };
    CloseIncidentAhead(group);
    dispatcher_->Settle(id, is_awaited, now_.wall);
  }
}

void Core::Hasten(const nflog::Key& key) {
  auto ids = dispatcher_->FindByKey(key.group_key, key.owner());
  if (ids.empty()) {
    if (const dispatch::Group* driver = DriverOf(key)) ids.push_back(driver->id);
  }
  for (const dispatch::GroupId id : ids) dispatcher_->Hasten(id, now_.mono);
}

// A strict group did not wait for this delivery, so what it still owed may have changed.
void Core::AfterDelivery(const nflog::Key& key) {
  for (const dispatch::GroupId id : GroupsOf(key)) {
    const dispatch::Group& group = *dispatcher_->Find(id);
    // Where the contract does not hold, only the next flush may tell of ends.
    if (group.flushing || group.route->delivery != config::Delivery::kStrict) continue;
    const config::Receiver& receiver = ReceiverOf(*group.route);
    CloseIncidentAhead(group);
    dispatcher_->Settle(id, OwedTo(receiver, group.key), now_.wall);
    HastenRepeat(id, receiver);
  }
}

}  // namespace watchfire::core
