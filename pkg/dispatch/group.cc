// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/dispatch/group.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "pkg/base/check.h"
#include "pkg/base/fetch.h"
#include "pkg/dispatch/timer.h"

namespace watchfire::dispatch {
namespace {

size_t HashOf(const std::string& timer_key) { return std::hash<std::string>()(timer_key); }

}  // namespace

void Dispatcher::Apply(const std::shared_ptr<const alert::Alert>& alert, Now now, bool rebuilding) {
  for (const config::Route* route : router_.Match(alert->labels).routes) {
    if (Group* known = by_labels_.Find(*route, alert->labels)) {
      known->alerts.Put(alert);
      if (route->prompt_resolved && alert->Resolved(now.wall)) maybe_over_.insert(known->id);
      continue;
    }
    const bool opens = rebuilding || route->delivery == config::Delivery::kAlertmanager;
    if (alert->Resolved(now.wall) && !opens) continue;
    Group& group = Create(*route, route::GroupLabels(*route, alert->labels));
    group.alerts.Put(alert);
    ArmFirst(*alert, now, rebuilding, &group);
  }
  UpdateLeaver(alert, now);
}

Group& Dispatcher::Create(const config::Route& route, labels::LabelSet group_labels) {
  Group& group = groups_[++last_id_];
  group.id = last_id_;
  group.route = &route;
  group.labels = std::move(group_labels);
  group.key = route::GroupKey(route, group.labels);
  by_id_.FindOrAdd(group.id) = &group;
  by_labels_.Add(&group);
  by_key_.emplace(HashOf(TimerKey(group.key, route.receiver)), group.id);
  return group;
}

// A group that is remembered takes up its rhythm.
void Dispatcher::ArmFirst(const alert::Alert& alert, Now now, bool rebuilding, Group* group) {
  const config::Route& route = *group->route;
  const auto known = remembered_.empty() ? remembered_.end()
                                         : remembered_.find(TimerKey(group->key, route.receiver));
  if (rebuilding && known != remembered_.end()) {
    group->flushed = known->second.flushed;
    group->held = std::move(known->second.held);
    group->inhibited = std::move(known->second.inhibited);
    // A clock that was set back must not keep a group waiting for longer than its rhythm.
    const Duration longest = group->flushed ? route.group_interval : route.group_wait;
    const Duration wait = std::clamp(known->second.due - now.wall, Duration::zero(), longest);
    remembered_.erase(known);
    Arm(group, now.mono + wait, std::nullopt);
    return;
  }
  // An alert that already waited elsewhere (a restart, a reload) does not wait again.
  const bool is_old = alert.starts_at + route.group_wait < now.wall;
  Arm(group, is_old ? now.mono : now.mono + route.group_wait, std::nullopt);
}

std::optional<MonoTime> Dispatcher::next_due() const {
  if (timers_.empty()) return std::nullopt;
  return timers_.begin()->first;
}

void Dispatcher::HastenThoseOver(Now now) {
  for (const GroupId id : std::exchange(maybe_over_, {})) {
    const Group* group = Find(id);
    if (group == nullptr) continue;
    const bool is_over = std::ranges::all_of(
        group->alerts, [&](const auto& entry) { return entry.second->Resolved(now.wall); });
    if (is_over) Hasten(id, now.mono);
  }
}

void Dispatcher::FetchDue(Now now, size_t most) const {
  constexpr size_t kMost = 64;
  std::vector<GroupId> due;
  for (auto timer = timers_.begin(); timer != timers_.end() && timer->first <= now.mono; ++timer) {
    if (due.size() == std::min(most, kMost)) break;
    due.push_back(timer->second);
  }
  if (due.size() < 2) return;
  for (const GroupId id : due) by_id_.Fetch(id);
  for (const GroupId id : due) by_id_.FetchValue(id);
  std::vector<const Group*> groups;
  groups.reserve(due.size());
  for (const GroupId id : due) groups.push_back(by_id_.at(id));
  for (const Group* group : groups) FetchWhole(*group);
  for (const auto part : {Members::Part::kLeaves, Members::Part::kEntries, Members::Part::kAlerts,
                          Members::Part::kLabels}) {
    for (const Group* group : groups) group->alerts.Fetch(part);
  }
}

std::vector<Flush> Dispatcher::StartDue(Now now, size_t most) {
  HastenThoseOver(now);
  FetchDue(now, most);
  std::vector<Flush> flushes;
  while (flushes.size() < most && !timers_.empty() && timers_.begin()->first <= now.mono) {
    Group& group = *by_id_.at(timers_.begin()->second);
    MonoTime due = group.due;
    if (due <= now.mono) {
      // The next tick keeps the rhythm; after a stall it starts a new one from now.
      const MonoTime next = due + group.route->group_interval;
      due = next > now.mono ? next : now.mono + group.route->group_interval;
    }
    const bool is_passed = group.extra && *group.extra <= now.mono;
    group.flushed = true;
    Arm(&group, due, is_passed ? std::nullopt : group.extra);
    if (group.flushing) {
      group.tick_waits = true;
      continue;
    }
    group.flushing = true;
    Flush flush{group.id, now.wall, {}};
    flush.alerts.reserve(group.alerts.size());
    for (const uint64_t fingerprint : *group.alerts.order()) {
      flush.alerts.push_back(group.alerts.find(fingerprint)->second);
    }
    flushes.push_back(std::move(flush));
  }
  return flushes;
}

void Dispatcher::EndFlush(const Flush& flush, const Owed& owed, Now now) {
  Group* const* const found = by_id_.Find(flush.group);
  if (found == nullptr) return;
  Group& group = **found;
  WF_CHECK(group.flushing);
  group.flushing = false;
  for (const auto& alert : flush.alerts) {
    if (!alert->Resolved(flush.at)) continue;
    const auto current = group.alerts.find(alert->fingerprint());
    const bool is_unchanged = current != group.alerts.end() && current->second == alert;
    if (!is_unchanged || owed(alert->fingerprint())) continue;
    std::erase(group.leavers, alert->fingerprint());
    group.alerts.Erase(current);
  }
  if (group.alerts.empty()) {
    Destroy(group);
    return;
  }
  if (std::exchange(group.tick_waits, false)) Arm(&group, now.mono, group.extra);
}

void Dispatcher::Settle(GroupId id, const Owed& owed, WallTime at) {
  Group& group = *by_id_.at(id);
  group.Drop([&](uint64_t fingerprint, const auto& alert) {
    return alert->Resolved(at) && !owed(fingerprint);
  });
  if (group.alerts.empty()) Destroy(group);
}

void Dispatcher::Hasten(GroupId id, MonoTime at) {
  Group& group = *by_id_.at(id);
  if (group.flushed && at < group.next()) Arm(&group, group.due, at);
}

void Dispatcher::HastenAll(const labels::LabelSet& labels, MonoTime at) {
  for (const config::Route* route : router_.Match(labels).routes) {
    Group* group = by_labels_.Find(*route, labels);
    if (group != nullptr && at < group->next()) Arm(group, group->due, at);
  }
}

void Dispatcher::Hold(GroupId id, std::vector<uint64_t> held, std::vector<uint64_t> inhibited) {
  Group& group = *by_id_.at(id);
  if (held == group.held && inhibited == group.inhibited) return;
  group.held = std::move(held);
  group.inhibited = std::move(inhibited);
  Change(&group);
}

const Group* Dispatcher::Find(GroupId id) const {
  Group* const* const found = by_id_.Find(id);
  return found == nullptr ? nullptr : *found;
}

std::vector<GroupId> Dispatcher::FindByKey(const std::string& group_key,
                                           const std::string& receiver) const {
  std::vector<GroupId> ids;
  const auto [begin, end] = by_key_.equal_range(HashOf(TimerKey(group_key, receiver)));
  for (auto it = begin; it != end; ++it) {
    const Group& group = *by_id_.at(it->second);
    const bool is_it = group.key == group_key && group.route->receiver == receiver;
    if (is_it) ids.push_back(group.id);
  }
  std::ranges::sort(ids);
  return ids;
}

bool Dispatcher::IsThere(const std::string& timer_key) const {
  const auto [begin, end] = by_key_.equal_range(HashOf(timer_key));
  return std::any_of(begin, end, [&](const auto& entry) {
    const Group& group = *by_id_.at(entry.second);
    return TimerKey(group.key, group.route->receiver) == timer_key;
  });
}

void Dispatcher::Change(Group* group) {
  if (std::exchange(group->is_changed, true)) return;
  changed_.push_back(group->id);
  ++changed_count_;
}

void Dispatcher::Arm(Group* group, MonoTime due, std::optional<MonoTime> extra) {
  auto timer = timers_.extract({group->next(), group->id});
  if (due != group->due) Change(group);
  group->due = due;
  group->extra = extra;
  // Mostly behind all others.
  if (timer.empty()) {
    timers_.emplace_hint(timers_.end(), group->next(), group->id);
    return;
  }
  timer.value().first = group->next();
  timers_.insert(timers_.end(), std::move(timer));
}

void Dispatcher::Destroy(const Group& group) {
  const std::string key = TimerKey(group.key, group.route->receiver);
  const auto [begin, end] = by_key_.equal_range(HashOf(key));
  for (auto it = begin; it != end; ++it) {
    if (it->second != group.id) continue;
    by_key_.erase(it);
    break;
  }
  if (!IsThere(key)) gone_.insert(key);
  changed_count_ -= group.is_changed ? 1 : 0;
  timers_.erase({group.next(), group.id});
  by_labels_.Remove(group);
  by_id_.Erase(group.id);
  groups_.erase(group.id);
}

// -------------------------------------------------------------------------------- remembering

Status Dispatcher::Restore(const Record& record, WallTime now) {
  Result<Timer> timer = Decode(record.value.value_or(""));
  if (!timer) return Fail(timer.error());
  if (timer->due == kNoTime) timer->due = now;
  remembered_[record.key] = *std::move(timer);
  return {};
}

void Dispatcher::Adopt(const Dispatcher& old, Now now) {
  for (const auto& [id, group] : old.groups_) {
    const std::string key = TimerKey(group.key, group.route->receiver);
    if (group.route->delivery == config::Delivery::kStrict) {
      remembered_[key] = {now.wall + (group.due - now.mono), group.flushed, group.held,
                          group.inhibited, /*is_strict=*/true};
    } else {
      gone_.insert(key);
    }
  }
  // What it had not handed out yet.
  gone_.insert(old.gone_.begin(), old.gone_.end());
}

void Dispatcher::EndRebuild() {
  for (const auto& [key, timer] : remembered_) gone_.insert(key);
  remembered_.clear();
}

std::vector<Record> Dispatcher::TakeChanges(Now now) {
  std::vector<Record> records;
  for (const std::string& key : std::exchange(gone_, {})) {
    if (!IsThere(key)) records.push_back({Table::kGroup, key, std::nullopt});
  }
  std::vector<GroupId> changed = std::exchange(changed_, {});
  records.reserve(records.size() + std::exchange(changed_count_, 0));
  std::ranges::sort(changed);
  constexpr size_t kAhead = 8;  // Of those that nothing has looked at for a while.
  for (size_t i = 0; i < changed.size(); ++i) {
    if (i + 3 * kAhead < changed.size()) by_id_.Fetch(changed[i + 3 * kAhead]);
    if (i + 2 * kAhead < changed.size()) by_id_.FetchValue(changed[i + 2 * kAhead]);
    if (i + kAhead < changed.size()) {
      if (const Group* next = Find(changed[i + kAhead])) FetchWhole(*next);
    }
    Group* const* const found = by_id_.Find(changed[i]);
    if (found == nullptr) continue;
    Group& group = **found;
    group.is_changed = false;
    const bool is_strict = group.route->delivery == config::Delivery::kStrict;
    records.push_back({Table::kGroup, TimerKey(group.key, group.route->receiver),
                       Encode({now.wall + (group.due - now.mono), group.flushed, group.held,
                               group.inhibited, is_strict})});
  }
  return records;
}

}  // namespace watchfire::dispatch
