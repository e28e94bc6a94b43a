// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What happens to incidents without a page, a recovery or a person: acks and snoozes end, ends
// become final, and groups vanish with the configuration that made them.
//
// An incident that comes back is paged again through the way of all pages: its alerts are put in
// doubt in the notification log, in the same batch of the store as its new state, and its groups
// are flushed at once. Whoever died in between finds both after the restart.

#include <algorithm>

#include "pkg/core/core.h"

namespace watchfire::core {
namespace {

// Whether the receiver took a message about this episode of the alert, and none since that may have
// told it the end. An entry of the future is of before the clock was set back, and says nothing of
// it.
bool IsTold(const nflog::Entry& entry, const alert::Alert& alert, WallTime now) {
  return std::ranges::binary_search(entry.firing, alert.fingerprint()) &&
         !std::ranges::binary_search(entry.ending, alert.fingerprint()) &&
         alert.starts_at <= entry.at && entry.at <= now + std::chrono::minutes(1);
}

// Whether the last event, a group's that joined this instant, took it out of somebody's hand.
bool HasReturnedByJoining(const incident::Incident& incident, WallTime now) {
  const auto& events = incident.timeline;
  auto event = events.rbegin();
  if (event != events.rend() && event->kind == "merged") ++event;
  return event != events.rend() && event->kind == "returned" && event->at == now;
}

}  // namespace

void Core::AdvanceIncidents() {
  for (incident::Registry::Turn& turn : incidents_.Advance(now_.wall)) {
    using Kind = incident::Registry::Turn::Kind;
    if (turn.kind == Kind::kCounted) {
      Store(std::move(turn.record));
      continue;
    }
    outbox_.AddUrgent(std::move(turn.record), now_.mono);
    if (turn.kind == Kind::kUnanswered) {
      Emit(Log{Log::Level::kWarn,
               "incident: nobody took it within its response target",
               {{"incident", std::to_string(turn.id)}}});
      continue;
    }
    const char* message = turn.kind == Kind::kReminded     ? "incident: its ack will expire"
                          : turn.kind == Kind::kAckExpired ? "incident: ack expired → triggered"
                                                           : "incident: snooze over → triggered";
    Emit(Log{turn.kind == Kind::kSnoozeOver ? Log::Level::kInfo : Log::Level::kWarn,
             message,
             {{"incident", std::to_string(turn.id)}, {"by", turn.by}}});
    if (turn.kind == Kind::kReminded) continue;
    Repage(*incidents_.Find(turn.id));
    const char* what = turn.kind == Kind::kAckExpired ? "the ack of " : "the snooze of ";
    TellOfReturn(*incidents_.Find(turn.id), turn.by, what + turn.by + " is over");
  }
}

// A page is about to go out.
void Core::NotePage(const incident::Page& page) {
  const auto before = incidents_.FindOpen(page.receiver, page.group_key);
  Store(incidents_.OnAttempt(page, now_.wall));
  const auto incident = incidents_.FindOpen(page.receiver, page.group_key);
  // What it joined was in somebody's hand, and is not any more: it is graver than that.
  const bool is_back = before != nullptr ? before->cycle != incident->cycle
                                         : HasReturnedByJoining(*incident, now_.wall);
  if (is_back) {
    Emit(Log{Log::Level::kWarn,
             "incident: graver than what was in hand → triggered",
             {{"incident", std::to_string(incident->id)},
              {"receiver", page.receiver},
              {"group", page.group_key}}});
    incident::Incident others = *incident;  // This group is told just now.
    std::erase_if(others.groups, [&](const incident::Group& group) {
      return group.receiver == page.receiver && group.group_key == page.group_key;
    });
    Repage(others);
    TellOfReturn(*incident, "monitoring", "graver than what was in hand");
  }
  if (before != nullptr) return;
  const auto& reopened = incident->reopened;
  const bool is_reopened = !reopened.empty() && reopened.back() == now_.wall;
  Emit(Log{Log::Level::kInfo,
           incident->opened_at == now_.wall ? "incident: opened → triggered"
           : is_reopened                    ? "incident: resolved → triggered"
                                            : "incident: a group more is part of it",
           {{"incident", std::to_string(incident->id)},
            {"receiver", page.receiver},
            {"group", page.group_key}}});
}

// Nothing of the group fires any more.
void Core::EndGroup(const std::string& receiver, const std::string& group_key,
                    incident::Registry::Recovery how, WallTime ended_at) {
  const auto incident = incidents_.FindOpen(receiver, group_key);
  auto record = incidents_.OnRecovered(receiver, group_key, now_.wall, how, ended_at);
  if (!record) return;
  Store(*std::move(record));
  const bool is_over = !IsOpen(incidents_.Find(incident->id)->state);
  Emit(Log{
      Log::Level::kInfo,
      is_over ? "incident: its alerts are over → resolved" : "incident: a group of it is over",
      {{"incident", std::to_string(incident->id)}, {"receiver", receiver}, {"group", group_key}}});
}

// Everybody whom pages of the group go to.
std::vector<nflog::Key> Core::PagersOf(const incident::Group& group) const {
  std::vector<nflog::Key> keys;
  const config::Receiver* receiver = FindReceiver(group.receiver);
  if (receiver == nullptr) return keys;
  std::vector<Audience> audiences = StandInsFor(*receiver);
  for (const config::Integration& integration : receiver->integrations) {
    audiences.push_back({*receiver, integration});
  }
  for (const Audience& to : audiences) {
    if (to.integration.pages) keys.push_back(to.KeyIn(group.group_key));
  }
  return keys;
}

void Core::Repage(const incident::Incident& incident) {
  for (const incident::Group& group : incident.groups) {
    for (const nflog::Key& key : PagersOf(group)) {
      // What is on the wire left before: who gets it may still take it for acknowledged.
      Delivery* delivery = deliveries_.FindByKey(key);
      if (delivery != nullptr && delivery->state == Delivery::State::kAttempting) {
        delivery->came_back = delivery->is_stale = true;
      }
      const nflog::Entry* entry = nflog_.Find(key);
      if (entry == nullptr) continue;
      const std::vector<uint64_t> told = entry->firing;
      // Whatever becomes of a message under way, this is owed now.
      if (delivery != nullptr) {
        std::erase_if(delivery->in_doubt, [&](uint64_t fingerprint) {
          return std::ranges::binary_search(told, fingerprint);
        });
      }
      if (auto record = nflog_.Doubt(key, told)) {
        outbox_.AddUrgent(*std::move(record), now_.mono);
      }
    }
    for (const dispatch::GroupId id : dispatcher_->FindByKey(group.group_key, group.receiver)) {
      dispatcher_->Hasten(id, now_.mono);
    }
  }
}

// Somebody has it in hand since just now: what waits only to say once more what its receiver took
// before is not said. (Where the contract does not hold, the flush waits for it, as Alertmanager's
// does.)
void Core::Spare(uint64_t id) {
  auto incident = incidents_.Find(id);
  if (incident->merged_into != 0) incident = incidents_.Find(incident->merged_into);
  if (incident == nullptr) return;  // What it was merged into is forgotten already.
  std::vector<nflog::Key> spared;
  for (const incident::Group& group : incident->groups) {
    if (!incidents_.IsInHand(group.receiver, group.group_key)) return;
    for (const nflog::Key& key : PagersOf(group)) {
      const nflog::Entry* entry = nflog_.Find(key);
      Delivery* delivery = deliveries_.FindByKey(key);
      if (entry == nullptr || delivery == nullptr || !delivery->is_strict) continue;
      const bool is_known =
          std::ranges::all_of(delivery->notification->alerts, [&](const alert::Alert& alert) {
            return delivery->notification->Firing(alert) && IsTold(*entry, alert, now_.wall);
          });
      if (!is_known) continue;
      if (delivery->state == Delivery::State::kAttempting) {
        delivery->is_stale = true;  // It has this one try.
        continue;
      }
      Supersede(*delivery);
      NothingOwed(key);
      spared.push_back(key);
    }
  }
  // Nor does whoever stands in say it.
  for (const nflog::Key& key : spared) {
    if (key.via.empty()) PlanFurtherOf(key);
  }
}

// Who has it in hand needs no repetition; when the ack or the snooze ends, it is paged (Repage).
bool Core::IsSpared(const nflog::Key& key, dispatch::Reason reason) const {
  return reason == dispatch::Reason::kRepeat && incidents_.IsInHand(key.owner(), key.group_key);
}

// Somebody closed the incident by hand. What ended since and began anew between two flushes is news
// all the same, though the receiver was told of it as firing.
void Core::DoubtWhatBeganAnew(const nflog::Key& key,
                              const std::vector<std::shared_ptr<const alert::Alert>>& alerts) {
  const nflog::Entry* entry = nflog_.Find(key);
  if (entry == nullptr || entry->firing.empty()) return;
  if (incidents_.FindOpen(key.owner(), key.group_key) != nullptr) return;
  const auto last = incidents_.FindLast(key.owner(), key.group_key);
  if (last == nullptr) return;
  std::vector<uint64_t> anew;
  for (const auto& alert : alerts) {
    const AlertTable::Row* row = alerts_.Find(alert->fingerprint());
    // By both clocks: its sender's may be ahead, and who falls silent for a while begins nothing.
    const bool is_later =
        row != nullptr && alert->starts_at > entry->at && row->received_at > entry->at;
    // Its incident ended by itself, of which the receiver did not hear: nobody has it any more.
    const bool is_left =
        row != nullptr && incident::EndedByItself(*last) && row->received_at >= last->resolved_at;
    if ((is_later || is_left) && !alert->Resolved(now_.wall)) anew.push_back(alert->fingerprint());
  }
  std::ranges::sort(anew);
  if (auto record = nflog_.Doubt(key, anew)) Store(*std::move(record));
}

// Somebody has it in hand: of what the receiver took nothing is in doubt, whatever asked for it to
// be said again (an ack that expired, a silence that is over, a lost connection). `alerts` are
// those that nothing mutes.
void Core::Reassure(const nflog::Key& key,
                    const std::vector<std::shared_ptr<const alert::Alert>>& alerts) {
  const nflog::Entry* entry = nflog_.Find(key);
  if (entry == nullptr || entry->attempted.empty()) return;
  if (!incidents_.IsInHand(key.owner(), key.group_key)) return;
  std::vector<uint64_t> told;
  for (const auto& alert : alerts) {
    const uint64_t fingerprint = alert->fingerprint();
    if (alert->Resolved(now_.wall) || !IsTold(*entry, *alert, now_.wall)) continue;
    if (std::ranges::binary_search(entry->attempted, fingerprint)) told.push_back(fingerprint);
  }
  if (told.empty()) return;
  std::ranges::sort(told);
  Store(nflog_.Withdraw(key, told, {}));
}

void Core::CloseOrphans(const std::set<std::pair<std::string, std::string>>& alive) {
  std::vector<incident::Group> orphans;
  for (const uint64_t id : incidents_.open()) {
    const incident::Incident& incident = *incidents_.Find(id);
    if (incident.opened_at + kOrphanGrace >= now_.wall) continue;
    for (const incident::Group& group : incident.groups) {
      if (!alive.contains({group.receiver, group.group_key})) orphans.push_back(group);
    }
  }
  // Nobody said that they are over.
  using Recovery = incident::Registry::Recovery;
  for (const incident::Group& group : orphans) {
    EndGroup(group.receiver, group.group_key, Recovery::kSilence);
  }
}

}  // namespace watchfire::core
