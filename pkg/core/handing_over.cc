// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The summary of a shift is sent when others come on call (`oncall.handoffs`).
//
//   a change has come --BeginHandoff--> who is to be told, stored --> message, tried again until it
//                                       is taken, refused or an hour old
//
// Each change is begun once: what is stored says up to which one that is so. A change that passed
// while nobody was running is dealt with afterwards, unless it is older than kLate: then the shift
// is well under way. The text is made when it is sent, as of the change. At least once on the wire,
// as everything: what was under way when the process died is sent again under the same group key.

#include <algorithm>
#include <utility>

#include "pkg/base/histogram.h"
#include "pkg/base/limits.h"
#include "pkg/core/audience.h"
#include "pkg/core/handoff.h"
#include "pkg/core/summaries.h"
#include "pkg/core/summary.h"
#include "pkg/oncall/duty.h"

namespace watchfire::core {
namespace {

constexpr Duration kLate = std::chrono::hours(12);
constexpr Duration kPatience = std::chrono::hours(1);
constexpr Duration kLookAhead = std::chrono::hours(24);  // Of a schedule that never changes.
constexpr const char* kAlertName = "OncallHandoff";

// Those of the receiver that can tell it; none: there is no such receiver. Returns false when there
// was no room for all of them.
bool AddTargets(const config::Receiver* receiver, const std::string& person,
                std::map<SummaryTarget, AutomationSend>* owed) {
  if (receiver == nullptr) return true;
  for (const config::Integration& one : receiver->integrations) {
    if (!config::CanTellHandoff(one.kind)) continue;
    if (owed->size() >= limits::kHandoffTargets) return false;
    owed->try_emplace({person, receiver->name, one.kind, one.index});
  }
  return true;
}

// The receiver of a person's first contact; "": he has none.
std::string FirstContactOf(const config::Oncall& oncall, const std::string& person) {
  const auto rules = oncall.contacts.find(person);
  if (rules == oncall.contacts.end() || rules->second.empty()) return "";
  return std::ranges::min_element(rules->second, {}, &config::ContactRule::after)->receiver;
}

std::shared_ptr<const dispatch::Notification> MessageOf(const SummaryLine& line,
                                                        const oncall::Schedule& schedule,
                                                        const SummaryTarget& target,
                                                        const Summaries::Turn& turn) {
  const Handoff handoff =
      MakeHandoff(*turn.roster, schedule, turn.incidents.all(), *turn.silences.Snapshot(),
                  line.change - std::chrono::nanoseconds(1));
  labels::LabelSet::Pairs names = {
      {"alertname", kAlertName}, {"schedule", schedule.name}, {"severity", "info"}};
  if (!schedule.team.empty()) names.emplace_back("team", schedule.team);
  const Summary summary = {"handoff",
                           {"schedule", schedule.name},
                           line.change,
                           labels::LabelSet(std::move(names)),
                           labels::LabelSet{{"alertname", kAlertName}, {"schedule", schedule.name}},
                           HandoffText(handoff, schedule)};
  return SummaryMessage(summary, target, turn.options.external_url, turn.now.wall);
}

}  // namespace

void Summaries::HandOverShifts(const Turn& turn) {
  const oncall::Roster* roster = turn.roster.get();
  const WallTime now = turn.now.wall;
  std::set<std::string> schedules;
  if (roster != nullptr) {
    for (const config::Handoff& one : turn.config->oncall.handoffs) schedules.insert(one.schedule);
  }
  Drop(schedules, &handoffs_, turn);
  for (const std::string& name : schedules) {
    const oncall::Schedule* schedule = roster->FindSchedule(name);
    if (schedule == nullptr) continue;
    SummaryLine& line = handoffs_[name];
    line.id = name;
    // What was before is nobody's business here; and nothing has been done long after now, unless
    // the clock was ahead and is set right.
    if (line.done == kNoTime || line.done > now + kLate) {
      line.done = now;
      Save(&line, turn);
    }
    if (line.next && *line.next > now + kLookAhead) line.next.reset();
    if (line.next && now < *line.next) continue;
    const WallTime from = std::max(line.done, now - kLate);
    if (const auto change = oncall::LastChange(*roster, *schedule, from, now)) {
      BeginHandoff(&line, *schedule, *change, turn);
    }
    const auto next = oncall::NextDuty(*roster, *schedule, now);
    line.next = std::min(next ? next->begin : WallTime::max(), now + kLookAhead);
  }
  for (auto& [name, line] : handoffs_) {
    for (const SummaryTarget& target : ReadyOf(line, turn)) SendHandoff(&line, target, turn);
  }
}

void Summaries::BeginHandoff(SummaryLine* of, const oncall::Schedule& schedule, WallTime change,
                             const Turn& turn) {
  const config::Oncall& oncall = turn.config->oncall;
  SummaryLine& line = *of;
  // Whoever has not been told of the change before it by now is told of this one.
  line.owed.clear();
  line.done = line.change = change;
  const oncall::People on = oncall::WhoAt(*turn.roster, schedule, change);
  const oncall::People off =
      oncall::WhoAt(*turn.roster, schedule, change - std::chrono::nanoseconds(1));
  bool has_room = true;
  for (const config::Handoff& one : oncall.handoffs) {
    if (one.schedule != line.id) continue;
    if (!one.receiver.empty()) {
      has_room &= AddTargets(FindReceiver(*turn.config, one.receiver), "", &line.owed);
      continue;
    }
    for (const std::string& person : on) {
      if (std::ranges::find(off, person) != off.end()) continue;
      const size_t before = line.owed.size();
      const config::Receiver* contact = FindReceiver(*turn.config, FirstContactOf(oncall, person));
      has_room &= AddTargets(contact, person, &line.owed);
      if (line.owed.size() > before || !has_room) continue;
      Count(&turn.stats.handoffs, {line.id, "unreachable"});
      turn.effects.push_back(Log{Log::Level::kWarn,
                                 "hand-off: who comes on call has no contact that can take it",
                                 {{"schedule", line.id}, {"person", person}}});
    }
  }
  if (!has_room) {
    Count(&turn.stats.handoffs, {line.id, "cut"});
    turn.effects.push_back(Log{Log::Level::kWarn,
                               "hand-off: told to the first " +
                                   std::to_string(limits::kHandoffTargets) + " integrations only",
                               {{"schedule", line.id}}});
  }
  for (auto& [target, send] : line.owed) send.until = turn.now.mono + kPatience;
  Save(&line, turn);
}

void Summaries::SendHandoff(SummaryLine* line, const SummaryTarget& target, const Turn& turn) {
  const oncall::Schedule* schedule = turn.roster->FindSchedule(line->id);
  if (schedule == nullptr) {
    return Settle(line, target, "obsolete", "it is configured no longer", turn);
  }
  const config::Integration* to = MaySend(line, target, kPatience, turn);
  if (to != nullptr) Send(line, target, *to, MessageOf(*line, *schedule, target, turn), turn);
}

std::optional<MonoTime> Summaries::NextHandoff(const config::Config& config,
                                               const oncall::Roster* roster, const Outbox& outbox,
                                               Now now) const {
  if (config.oncall.handoffs.empty() || roster == nullptr) {
    return handoffs_.empty() ? std::nullopt : std::optional(now.mono);
  }
  std::optional<MonoTime> next;
  for (const config::Handoff& one : config.oncall.handoffs) {
    if (roster->FindSchedule(one.schedule) == nullptr) continue;
    const MonoTime due = NextOf(handoffs_, one.schedule, outbox, now);
    next = std::min(next.value_or(due), due);
  }
  return next;
}

}  // namespace watchfire::core
