// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/core/group_rows.h"

#include <algorithm>
#include <utility>

namespace watchfire::core {
namespace {

using dispatch::Group;
using dispatch::GroupId;

constexpr GroupId kShardGroups = 64;
// To look at so many groups is about as much work as to make the row of one with one alert.
constexpr size_t kLooks = 4;

const std::vector<std::string>& NamesThatMute(const Group& group, const RouteMutes& mutes) {
  static const std::vector<std::string>& none = *new std::vector<std::string>();
  const Mute* mute = mutes.Find(*group.route);
  return mute == nullptr ? none : mute->names;
}

// Rendered labels of a route are about the state of the alerts as well.
uint64_t VersionOf(const Group& group) {
  return group.route->labels.empty() ? 0 : group.alerts.version();
}

bool IsShown(const Group& group) { return group.leavers.size() < group.alerts.size(); }

GroupRow MakeRow(const Group& group, const RouteMutes& mutes) {
  GroupRow row{group.route->receiver, group.labels, nullptr,
               group.alerts.order(),  group.key,    NamesThatMute(group, mutes)};
  if (const auto& templates = group.route->labels; !templates.empty()) {
    row.route_labels = std::make_shared<const RouteLabels>(
        labels::LabelSet(labels::LabelSet::Pairs(templates.begin(), templates.end())));
  }
  if (!group.leavers.empty()) {
    std::vector<uint64_t> rest = *row.alerts;
    std::erase_if(rest, [&](uint64_t alert) { return group.IsLeaving(alert); });
    row.alerts = std::make_shared<const std::vector<uint64_t>>(std::move(rest));
  }
  return row;
}

}  // namespace

bool GroupRows::Prepare(const Groups& groups, const RouteMutes& mutes, size_t rows) {
  // What comes later has a greater id: a storm of new groups would keep a reader waiting.
  if (next_ == 0) last_ = groups.empty() ? 0 : groups.rbegin()->first;
  size_t done = 0;
  auto first = groups.lower_bound(next_);
  while (first != groups.end() && first->first <= last_ && done < rows) {
    const Range range = ShardAt(groups, first);
    Shard& shard = shards_[first->first / kShardGroups];
    done += kShardGroups / kLooks;
    if (!AreCurrent(shard, range, mutes)) done += Rebuild(&shard, range, mutes);
    first = range.second;
  }
  const bool is_over = first == groups.end() || first->first > last_;
  next_ = is_over ? 0 : first->first;
  return is_over;
}

GroupShards GroupRows::Publish(const Groups& groups, const RouteMutes& mutes) {
  GroupShards out;
  auto place = shards_.begin();
  for (auto first = groups.begin(); first != groups.end();) {
    const Range range = ShardAt(groups, first);
    const uint64_t number = first->first / kShardGroups;
    while (place != shards_.end() && place->first < number) place = shards_.erase(place);
    if (place == shards_.end() || place->first != number) {
      place = shards_.emplace_hint(place, number, Shard());
    }
    Shard& shard = place->second;
    if (!AreCurrent(shard, range, mutes)) Rebuild(&shard, range, mutes);
    if (!shard.rows->empty()) out.push_back(shard.rows);
    first = range.second;
    ++place;
  }
  shards_.erase(place, shards_.end());
  return out;
}

void GroupRows::Clear() {
  shards_.clear();
  next_ = 0;
}

// The groups from `first` on that share its shard.
GroupRows::Range GroupRows::ShardAt(const Groups& groups, Groups::const_iterator first) {
  const uint64_t number = first->first / kShardGroups;
  auto last = first;
  while (last != groups.end() && last->first / kShardGroups == number) ++last;
  return {first, last};
}

bool GroupRows::IsCurrent(const Kept& kept, const Group& group, const RouteMutes& mutes) {
  return kept.id == group.id && kept.turnover == group.alerts.turnover() &&
         kept.version == VersionOf(group) && kept.leavers == group.leavers &&
         (kept.row == nullptr || kept.row->muted_by == NamesThatMute(group, mutes));
}

bool GroupRows::AreCurrent(const Shard& shard, Range groups, const RouteMutes& mutes) {
  return std::equal(
      shard.kept.begin(), shard.kept.end(), groups.first, groups.second,
      [&](const Kept& kept, const auto& entry) { return IsCurrent(kept, entry.second, mutes); });
}

// Returns how many alerts the groups hold whose rows had to be made, and not only moved.
size_t GroupRows::Rebuild(Shard* shard, Range groups, const RouteMutes& mutes) {
  size_t alerts = 0;
  std::vector<Kept> kept;
  auto rows = std::make_shared<std::vector<GroupRow>>();
  rows->reserve(kShardGroups);  // They stay where they are put.
  auto old = shard->kept.begin();
  for (auto it = groups.first; it != groups.second; ++it) {
    const Group& group = it->second;
    while (old != shard->kept.end() && old->id < group.id) ++old;
    const bool is_current = old != shard->kept.end() && IsCurrent(*old, group, mutes);
    kept.push_back({group.id, group.alerts.turnover(), VersionOf(group), group.leavers, nullptr});
    if (!is_current) alerts += group.alerts.size();
    if (!IsShown(group)) continue;
    rows->push_back(is_current ? *old->row : MakeRow(group, mutes));
    kept.back().row = &rows->back();
  }
  shard->kept = std::move(kept);
  shard->rows = std::move(rows);
  return alerts;
}

}  // namespace watchfire::core
