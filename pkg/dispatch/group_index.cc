// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/dispatch/group_index.h"

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>

#include "pkg/dispatch/group.h"

namespace watchfire::dispatch {
namespace {

uint64_t HashOf(const config::Route& route, const labels::LabelSet& labels) {
  uint64_t hash = std::hash<const void*>()(&route);
  if (route.group_by_all) return hash ^ labels.fingerprint();
  for (const std::string& name : route.group_by) {
    hash = (hash ^ std::hash<std::string_view>()(labels.Get(name))) * 0x9e3779b97f4a7c15ULL;
    hash ^= hash >> 32;
  }
  return hash;
}

// Whether alerts with `labels` fall into a group with `group_labels` on `route`.
bool Fits(const config::Route& route, const labels::LabelSet& group_labels,
          const labels::LabelSet& labels) {
  if (route.group_by_all) return group_labels == labels;
  return std::ranges::all_of(route.group_by, [&](const std::string& name) {
    const std::string_view value = labels.Get(name);
    if (value != group_labels.Get(name)) return false;
    return !value.empty() || labels.Has(name) == group_labels.Has(name);
  });
}

}  // namespace

Group* GroupIndex::Find(const config::Route& route, const labels::LabelSet& labels) {
  const auto is_it = [&](const Group& group) {
    return group.route == &route && Fits(route, group.labels, labels);
  };
  if (last_ != nullptr && is_it(*last_)) return last_;
  const auto [begin, end] = groups_.equal_range(HashOf(route, labels));
  const auto found =
      std::find_if(begin, end, [&](const auto& entry) { return is_it(*entry.second); });
  if (found == end) return nullptr;
  last_ = found->second;
  return last_;
}

void GroupIndex::Add(Group* group) {
  groups_.emplace(HashOf(*group->route, group->labels), group);
  last_ = group;
}

void GroupIndex::Remove(const Group& group) {
  if (last_ == &group) last_ = nullptr;
  const auto [begin, end] = groups_.equal_range(HashOf(*group.route, group.labels));
  const auto found =
      std::find_if(begin, end, [&](const auto& entry) { return entry.second == &group; });
  if (found != end) groups_.erase(found);
}

}  // namespace watchfire::dispatch
