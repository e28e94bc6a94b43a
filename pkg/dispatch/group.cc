// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/dispatch/group.h"

#include <algorithm>

#include "pkg/base/check.h"
#include "pkg/route/route.h"

namespace watchfire::dispatch {

void Dispatcher::Apply(const std::shared_ptr<const alert::Alert>& alert, Now now, bool rebuilding) {
  for (const config::Route* route : route::Match(root_, alert->labels)) {
    const labels::LabelSet group_labels = route::GroupLabels(*route, alert->labels);
    const auto identity = std::make_pair(route, group_labels.ToString());
    const auto found = by_labels_.find(identity);
    if (found != by_labels_.end()) {
      groups_[found->second].alerts[alert->fingerprint()] = alert;
      continue;
    }
    if (alert->Resolved(now.wall) && !rebuilding) continue;

    Group& group = groups_[++last_id_];
    group.id = last_id_;
    group.route = route;
    group.labels = group_labels;
    group.key = route::GroupKey(*route, group_labels);
    group.alerts[alert->fingerprint()] = alert;
    by_labels_[identity] = group.id;
    // An alert that already waited elsewhere (a restart, a reload) does not wait again.
    const bool old = alert->starts_at + route->group_wait < now.wall;
    Arm(&group, old ? now.mono : now.mono + route->group_wait);
  }
}

std::optional<MonoTime> Dispatcher::next_due() const {
  if (timers_.empty()) return std::nullopt;
  return timers_.begin()->first;
}

std::vector<Flush> Dispatcher::StartDue(Now now) {
  std::vector<Flush> flushes;
  while (!timers_.empty() && timers_.begin()->first <= now.mono) {
    Group& group = groups_.at(timers_.begin()->second);
    // The next tick keeps the rhythm; after a stall it starts a new one from now.
    const MonoTime next = group.due + group.route->group_interval;
    Arm(&group, next > now.mono ? next : now.mono + group.route->group_interval);
    if (group.flushing) {
      group.tick_waits = true;
      continue;
    }
    group.flushing = true;
    Flush flush{group.id, now.wall, {}};
    for (const auto& [fingerprint, alert] : group.alerts) flush.alerts.push_back(alert);
    std::ranges::stable_sort(flush.alerts, [](const auto& a, const auto& b) {
      return alert::NotificationOrder(*a, *b);
    });
    flushes.push_back(std::move(flush));
  }
  return flushes;
}

void Dispatcher::EndFlush(const Flush& flush, bool success, Now now) {
  const auto found = groups_.find(flush.group);
  if (found == groups_.end()) return;
  Group& group = found->second;
  WF_CHECK(group.flushing);
  group.flushing = false;
  if (success) {
    for (const auto& alert : flush.alerts) {
      const auto current = group.alerts.find(alert->fingerprint());
      const bool unchanged = current != group.alerts.end() && current->second == alert;
      if (unchanged && alert->Resolved(flush.at)) group.alerts.erase(current);
    }
  }
  if (group.alerts.empty()) {
    timers_.erase({group.due, group.id});
    by_labels_.erase({group.route, group.labels.ToString()});
    groups_.erase(found);
    return;
  }
  if (std::exchange(group.tick_waits, false)) Arm(&group, now.mono);
}

const Group* Dispatcher::Find(GroupId id) const {
  const auto found = groups_.find(id);
  return found == groups_.end() ? nullptr : &found->second;
}

void Dispatcher::Arm(Group* group, MonoTime due) {
  timers_.erase({group->due, group->id});
  group->due = due;
  timers_.insert({due, group->id});
}

}  // namespace watchfire::dispatch
