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
#include <set>
#include <utility>

#include "pkg/base/limits.h"
#include "pkg/base/strings.h"
#include "pkg/core/core.h"
#include "pkg/core/handoff.h"
#include "pkg/core/summary.h"
#include "pkg/incident/analytics.h"
#include "pkg/oncall/duty.h"
#include "pkg/oncall/time_on_call.h"

namespace watchfire::core {
namespace {

constexpr Duration kLate = std::chrono::hours(12);
constexpr Duration kPatience = std::chrono::hours(1);
constexpr Duration kTimeout = std::chrono::seconds(30);  // Of one attempt.
constexpr Duration kLook = std::chrono::seconds(1);      // When pages are in the way: look again.
constexpr Duration kLookAhead = std::chrono::hours(24);  // Of a schedule that never changes.
constexpr Duration kCountMost = std::chrono::hours(24 * 366);
constexpr const char* kAlertName = "OncallHandoff";

// Those of the receiver that can tell it; none: there is no such receiver. Returns false when there
// was no room for all of them.
bool AddTargets(const config::Receiver* receiver, const std::string& person,
                std::map<HandoffTarget, AutomationSend>* owed) {
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

}  // namespace

void Core::HandOverShifts() {
  const oncall::Roster* roster = roster_.get();
  std::set<std::string> schedules;
  if (roster != nullptr) {
    for (const config::Handoff& one : config_->oncall.handoffs) schedules.insert(one.schedule);
  }
  for (auto it = handoffs_.begin(); it != handoffs_.end();) {
    if (schedules.contains(it->first)) {
      ++it;
      continue;
    }
    Store(Record{Table::kMeta, Encode(it->second).key, std::nullopt});
    it = handoffs_.erase(it);
  }
  for (const std::string& name : schedules) {
    const oncall::Schedule* schedule = roster->FindSchedule(name);
    if (schedule == nullptr) continue;
    HandoffLine& line = handoffs_[name];
    line.schedule = name;
    // What was before is nobody's business here; and nothing has been done long after now, unless
    // the clock was ahead and is set right.
    if (line.done == kNoTime || line.done > now_.wall + kLate) {
      line.done = now_.wall;
      Save(&line);
    }
    if (line.next && *line.next > now_.wall + kLookAhead) line.next.reset();
    if (line.next && now_.wall < *line.next) continue;
    const WallTime from = std::max(line.done, now_.wall - kLate);
    if (const auto change = oncall::LastChange(*roster, *schedule, from, now_.wall)) {
      BeginHandoff(name, *change);
    }
    const auto next = oncall::NextDuty(*roster, *schedule, now_.wall);
    line.next = std::min(next ? next->begin : WallTime::max(), now_.wall + kLookAhead);
  }
  for (auto& [name, line] : handoffs_) {
    std::vector<HandoffTarget> due;
    for (const auto& [target, send] : line.owed) {
      if (MayLeave(send) && send.due <= now_.mono) due.push_back(target);
    }
    for (const HandoffTarget& target : due) SendHandoff(name, target);
  }
}

void Core::BeginHandoff(const std::string& schedule_name, WallTime change) {
  const oncall::Roster& roster = *roster_;
  const oncall::Schedule& schedule = *roster.FindSchedule(schedule_name);
  HandoffLine& line = handoffs_[schedule_name];
  // Whoever has not been told of the change before it by now is told of this one.
  line.owed.clear();
  line.done = line.change = change;
  const oncall::People on = oncall::WhoAt(roster, schedule, change);
  const oncall::People off = oncall::WhoAt(roster, schedule, change - std::chrono::nanoseconds(1));
  bool has_room = true;
  for (const config::Handoff& one : config_->oncall.handoffs) {
    if (one.schedule != schedule_name) continue;
    if (!one.receiver.empty()) {
      has_room &= AddTargets(FindReceiver(one.receiver), "", &line.owed);
      continue;
    }
    for (const std::string& person : on) {
      if (std::ranges::find(off, person) != off.end()) continue;
      const size_t before = line.owed.size();
      const config::Receiver* contact = FindReceiver(FirstContactOf(config_->oncall, person));
      has_room &= AddTargets(contact, person, &line.owed);
      if (line.owed.size() > before || !has_room) continue;
      Count(&stats_.handoffs, {schedule_name, "unreachable"});
      Emit(Log{Log::Level::kWarn,
               "hand-off: who comes on call has no contact that can take it",
               {{"schedule", schedule_name}, {"person", person}}});
    }
  }
  if (!has_room) {
    Count(&stats_.handoffs, {schedule_name, "cut"});
    Emit(Log{Log::Level::kWarn,
             "hand-off: told to the first " + std::to_string(limits::kHandoffTargets) +
                 " integrations only",
             {{"schedule", schedule_name}}});
  }
  for (auto& [target, send] : line.owed) send.until = now_.mono + kPatience;
  Save(&line);
}

// What is owed leaves when that is stored.
void Core::Save(HandoffLine* line) {
  const Ticket ticket = outbox_.AddUrgent(Encode(*line), now_.mono);
  for (auto& [target, send] : line->owed) {
    if (!send.intent) send.intent = ticket;
  }
}

void Core::SendHandoff(const std::string& name, const HandoffTarget& target) {
  HandoffLine& line = handoffs_.at(name);
  AutomationSend& send = line.owed.at(target);
  if (send.until == MonoTime()) send.until = now_.mono + kPatience;  // Of a life before this.
  const config::Receiver* receiver = FindReceiver(target.receiver);
  const config::Integration* to = FindTarget(receiver, target);
  const oncall::Schedule* schedule = roster_->FindSchedule(name);
  if (to == nullptr || schedule == nullptr) {
    return SettleHandoff(name, target, "obsolete", "it is configured no longer");
  }
  if (send.until <= now_.mono) return SettleHandoff(name, target, "expired", send.why);
  const LaneKey lane{target.receiver, target.integration, target.index};
  if (!deliveries_.LetBehind(lane, receiver->limits, now_.mono)) {
    send.due = now_.mono + kLook;
    return;
  }
  send.under_way = DeliveryId{++last_id_};
  Emit(Attempt{send.under_way, config_, to, HandoffMessage(line, *schedule, target), kTimeout});
}

std::shared_ptr<const dispatch::Notification> Core::HandoffMessage(
    const HandoffLine& line, const oncall::Schedule& schedule, const HandoffTarget& target) const {
  const Handoff handoff = MakeHandoff(*roster_, schedule, incidents_.all(), *silences_.Snapshot(),
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
  return SummaryMessage(summary, target, options_.external_url, now_.wall);
}

// Returns whether it is about a hand-off.
bool Core::OnHandoffAttempted(const Attempted& event) {
  for (auto& [name, line] : handoffs_) {
    for (auto& [target, send] : line.owed) {
      if (send.under_way != event.id) continue;
      send.under_way = {};
      if (event.kind == Attempted::Kind::kRetry) {
        send.why = event.why;
        send.due = now_.mono + std::max(send.backoff.Next(&rng_), event.retry_after);
        Emit(Log{Log::Level::kWarn,
                 "hand-off: attempt failed, will retry",
                 {{"schedule", name}, {"receiver", target.receiver}, {"err", event.why}}});
        return true;
      }
      const bool is_told = event.kind == Attempted::Kind::kDone;
      SettleHandoff(name, HandoffTarget(target), is_told ? "told" : "refused", event.why);
      return true;
    }
  }
  return false;
}

void Core::SettleHandoff(const std::string& name, const HandoffTarget& target, const char* outcome,
                         std::string why) {
  HandoffLine& line = handoffs_.at(name);
  line.owed.erase(target);
  Save(&line);
  Count(&stats_.handoffs, {name, outcome});
  const bool is_told = std::string_view(outcome) == "told";
  Emit(Log{is_told ? Log::Level::kInfo : Log::Level::kError,
           is_told ? "hand-off: told" : "hand-off: not told, given up",
           {{"schedule", name},
            {"at", FormatRfc3339(line.change)},
            {"person", target.person},
            {"receiver", target.receiver},
            {"err", std::move(why)}}});
}

std::optional<MonoTime> Core::NextHandoff(Now now) const {
  if (config_->oncall.handoffs.empty() || roster_ == nullptr) {
    return handoffs_.empty() ? std::nullopt : std::optional(now.mono);
  }
  std::optional<MonoTime> next;
  const auto consider = [&](MonoTime due) {
    if (!next || due < *next) next = due;
  };
  for (const config::Handoff& one : config_->oncall.handoffs) {
    if (roster_->FindSchedule(one.schedule) == nullptr) continue;
    const auto known = handoffs_.find(one.schedule);
    if (known == handoffs_.end() || !known->second.next) {
      consider(now.mono);
      continue;
    }
    consider(now.mono + std::max(Duration::zero(), *known->second.next - now.wall));
    for (const auto& [target, send] : known->second.owed) {
      if (MayLeave(send)) consider(send.due);
    }
  }
  return next;
}

// Who is on call at once by two schedules of one team is counted once. A wall clock that steps adds
// nothing: what has passed is told by the other one.
void Core::CountTimeOnCall() {
  const auto since = std::exchange(oncall_counted_, now_.mono);
  const oncall::Roster* roster = roster_.get();
  if (roster == nullptr || !since || *since >= now_.mono) return;
  const WallTime from = now_.wall - std::min<Duration>(now_.mono - *since, kCountMost);
  for (const auto& [team, times] : oncall::TimeOnCallByTeam(*roster, from, now_.wall)) {
    for (const auto& [person, time] : times) {
      LabelValues labels = {team, person};
      const bool has_room = stats_.oncall_seconds.size() < limits::kOncallPeople ||
                            stats_.oncall_seconds.contains(labels);
      if (!has_room) labels[1] = incident::kOthers;
      stats_.oncall_seconds[labels] += ToSeconds(time);
    }
  }
}

}  // namespace watchfire::core
