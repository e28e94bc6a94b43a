// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What happens to incidents without a page, a recovery or a person: acks and snoozes end, and
// groups vanish with the configuration that made them.
//
// An incident that comes back is paged again through the way of all pages: its alerts are put in
// doubt in the notification log, in the same batch of the store as its new state, and its groups
// are flushed at once. Whoever died in between finds both after the restart.

#include <algorithm>

#include "pkg/core/core.h"

namespace watchfire::core {

void Core::AdvanceIncidents() {
  for (incident::Registry::Turn& turn : incidents_.Advance(now_.wall)) {
    using Kind = incident::Registry::Turn::Kind;
    outbox_.AddUrgent(std::move(turn.record), now_.mono);
    const char* message = turn.kind == Kind::kReminded     ? "incident: its ack will expire"
                          : turn.kind == Kind::kAckExpired ? "incident: ack expired → triggered"
                                                           : "incident: snooze over → triggered";
    Emit(Log{turn.kind == Kind::kSnoozeOver ? Log::Level::kInfo : Log::Level::kWarn,
             message,
             {{"incident", std::to_string(turn.id)}, {"by", turn.by}}});
    if (turn.kind != Kind::kReminded) Repage(*incidents_.Find(turn.id));
  }
}

void Core::Repage(const incident::Incident& incident) {
  for (const incident::Group& group : incident.groups) {
    const config::Receiver* receiver = FindReceiver(group.receiver);
    if (receiver == nullptr) continue;
    std::vector<Audience> audiences = StandInsFor(*receiver);
    for (const config::Integration& integration : receiver->integrations) {
      audiences.push_back({*receiver, integration});
    }
    for (const Audience& to : audiences) {
      const nflog::Key key = to.KeyIn(group.group_key);
      const nflog::Entry* entry = nflog_.Find(key);
      if (!to.integration.pages || entry == nullptr) continue;
      const std::vector<uint64_t> told = entry->firing;
      if (auto record = nflog_.Doubt(key, told)) {
        outbox_.AddUrgent(*std::move(record), now_.mono);
      }
    }
    for (const dispatch::GroupId id : dispatcher_->FindByKey(group.group_key, group.receiver)) {
      dispatcher_->Hasten(id, now_.mono);
    }
  }
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
  for (const incident::Group& group : orphans) {
    if (auto record = incidents_.OnRecovered(group.receiver, group.group_key, now_.wall)) {
      Store(*std::move(record));
    }
  }
}

}  // namespace watchfire::core
