// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Alerts that a new configuration leads elsewhere, while the receiver of old waits for their end.
//
//   before   {team="db"} -> R1     group {}/{team="db"}:{} of R1 holds A
//   after    A -> R2               R2: a group like any other
//                                  R1: the same group, of which A is a leaver
//
// The group of R1 keeps its key, for that is the name by which the vendor knows the incident.

#include <algorithm>

#include "pkg/dispatch/group.h"
#include "pkg/dispatch/timer.h"

namespace watchfire::dispatch {

bool Dispatcher::Remembers(const std::string& group_key, const std::string& receiver) const {
  const auto found = remembered_.find(TimerKey(group_key, receiver));
  return found != remembered_.end() && found->second.is_strict;
}

bool Dispatcher::Keep(const std::string& group_key, const std::string& receiver,
                      const std::vector<std::shared_ptr<const alert::Alert>>& alerts,
                      const Dispatcher* old, Now now) {
  Group* group = nullptr;
  if (const auto known = FindByKey(group_key, receiver); !known.empty()) {
    group = by_id_.at(known.front());
  } else {
    const config::Route* old_route = nullptr;
    std::optional<route::GroupKeyParts> parts = route::SplitGroupKey(group_key);
    if (old != nullptr) {
      for (const GroupId id : old->FindByKey(group_key, receiver)) {
        old_route = old->Find(id)->route;
        parts = {old_route->key, old->Find(id)->labels};
      }
    }
    if (!parts) return false;
    const config::Route* route =
        RouteForLeavers(parts->route_key, receiver, parts->group_labels, old_route);
    if (route == nullptr) return true;
    group = &Create(*route, parts->group_labels);
    ArmFirst(*alerts.front(), now, /*rebuilding=*/true, group);
  }
  for (const auto& alert : alerts) {
    const uint64_t fingerprint = alert->fingerprint();
    if (group->alerts.contains(fingerprint)) continue;
    group->alerts.Put(alert);
    group->leavers.insert(std::ranges::lower_bound(group->leavers, fingerprint), fingerprint);
    leavers_.emplace(fingerprint, group->id);
  }
  return true;
}

// A route that makes this very group when others of its alerts come, or one that stands for what is
// gone: nothing leads to it. Null when the former is not strict.
const config::Route* Dispatcher::RouteForLeavers(const std::string& route_key,
                                                 const std::string& receiver,
                                                 const labels::LabelSet& group_labels,
                                                 const config::Route* old) {
  for (const config::Route* route : route::All(root_)) {
    if (route->key == route_key && route->receiver == receiver &&
        route::GroupLabels(*route, group_labels) == group_labels) {
      return route->delivery == config::Delivery::kStrict ? route : nullptr;
    }
  }
  const auto [place, is_new] = gone_routes_.try_emplace({route_key, receiver});
  config::Route& gone = place->second;
  if (!is_new) return &gone;
  const config::Route& like = old != nullptr ? *old : root_;
  gone.receiver = receiver;
  gone.key = gone.id = route_key;
  gone.group_wait = like.group_wait;
  gone.group_interval = like.group_interval;
  gone.repeat_interval = like.repeat_interval;
  gone.prompt_resolved = like.prompt_resolved;
  gone.delivery = config::Delivery::kStrict;
  if (old != nullptr) gone.labels = old->labels;
  return &gone;
}

void Dispatcher::UpdateLeaver(const std::shared_ptr<const alert::Alert>& alert, Now now) {
  const auto [begin, end] = leavers_.equal_range(alert->fingerprint());
  for (auto it = begin; it != end;) {
    Group* const* const found = by_id_.Find(it->second);
    if (found == nullptr || !(*found)->alerts.contains(alert->fingerprint())) {
      it = leavers_.erase(it);  // Its end was told; should it begin again, that is not for here.
      continue;
    }
    Group& group = **found;
    group.alerts.Put(alert);
    if (group.route->prompt_resolved && alert->Resolved(now.wall)) maybe_over_.insert(group.id);
    ++it;
  }
}

}  // namespace watchfire::dispatch
