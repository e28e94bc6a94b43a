// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What time does to incidents: acks and snoozes end, and ends become final.

#include <algorithm>

#include "pkg/incident/change.h"
#include "pkg/incident/registry.h"

namespace watchfire::incident {

WallTime NextDue(const Incident& incident) {
  WallTime due = incident.counts_at;
  const auto consider = [&](WallTime at) {
    if (at != kNoTime && (due == kNoTime || at < due)) due = at;
  };
  if (incident.ack) {
    consider(incident.ack->until);
    consider(incident.ack->remind_at);
  }
  if (incident.snooze) consider(incident.snooze->until);
  if (!incident.response.is_met) consider(incident.response.due_at);
  return due;
}

std::optional<WallTime> Registry::next_due() const {
  if (timers_.empty()) return std::nullopt;
  return timers_.begin()->first;
}

std::vector<Registry::Turn> Registry::Advance(WallTime now) {
  std::vector<Turn> turns;
  // Every turn takes away the time that made it due.
  while (!timers_.empty() && timers_.begin()->first <= now) {
    Incident incident = *incidents_.at(timers_.begin()->second);
    if (incident.counts_at != kNoTime) {
      CountEnd(&incident);
      turns.push_back({Turn::Kind::kCounted, incident.id, "", {}});
      turns.back().record = Put(std::move(incident));
      continue;
    }
    if (const Response& response = incident.response;
        !response.is_met && response.due_at != kNoTime && response.due_at <= now) {
      turns.push_back(MissTarget(std::move(incident), now));
      continue;
    }
    const bool ends =
        (incident.ack && incident.ack->until != kNoTime && incident.ack->until <= now) ||
        incident.snooze;
    if (ends) {
      turns.push_back(Return(std::move(incident), now));
      continue;
    }
    incident.ack->remind_at = kNoTime;
    Turn turn{Turn::Kind::kReminded, incident.id, incident.ack->by, {}};
    AddEvent(&incident, {now, "reminder", turn.by, "clock",
                         "the ack expires at " + FormatRfc3339(incident.ack->until, 0)});
    Count(&StatsOf(incident).ack_reminders, TeamAndSeverity(incident));
    turn.record = Put(std::move(incident));
    turns.push_back(std::move(turn));
  }
  return turns;
}

std::optional<Record> Registry::TakeBack(uint64_t id, const std::string& by, const std::string& why,
                                         WallTime now) {
  const auto found = Find(id);
  if (found == nullptr || !found->ack) return std::nullopt;
  Incident incident = *found;
  CountEngaged(incident, now, now);
  StartCycle(&incident, now);
  incident.owner.clear();
  AddEvent(&incident, {now, "returned", by, "escalation", why});
  return Put(std::move(incident));
}

Registry::Turn Registry::MissTarget(Incident incident, WallTime now) {
  Decide(&incident, false);
  AddEvent(&incident, {now, "unanswered", "response_targets", "clock",
                       "nobody took it within the target of " + incident.level});
  Turn turn{Turn::Kind::kUnanswered, incident.id, "", {}};
  turn.record = Put(std::move(incident));
  return turn;
}

// Nobody holds it any more: it is back with those on call.
Registry::Turn Registry::Return(Incident incident, WallTime now) {
  const bool is_ack = incident.ack.has_value();
  Turn turn{is_ack ? Turn::Kind::kAckExpired : Turn::Kind::kSnoozeOver,
            incident.id,
            is_ack ? incident.ack->by : incident.snooze->by,
            {}};
  CountEngaged(incident, now, now);
  StartCycle(&incident, now);
  if (is_ack) {
    incident.owner.clear();
    Count(&StatsOf(incident).stale_acks, TeamAndSeverity(incident));
  }
  AddEvent(&incident, {now, "returned", turn.by, "clock",
                       is_ack ? "the ack has expired" : "the snooze is over"});
  turn.record = Put(std::move(incident));
  return turn;
}

}  // namespace watchfire::incident
