// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/dispatch/group_index.h"

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>

#include "pkg/dispatch/group.h"

namespace watchfire::dispatch {
namespace {

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
  OfRoute& here = Of(route);
  if (FitsLast(route, here, labels)) return here.last;
  const auto [begin, end] = groups_.equal_range(HashOf(route, here, labels));
  const auto found = std::find_if(begin, end, [&](const auto& entry) {
    const Group& group = *entry.second;
    return group.route == &route && Fits(route, group.labels, labels);
  });
  if (found == end) return nullptr;
  SetLast(found->second, &here);
  return here.last;
}

void GroupIndex::Add(Group* group) {
  OfRoute& here = Of(*group->route);
  groups_.emplace(HashOf(*group->route, here, group->labels), group);
  SetLast(group, &here);
}

void GroupIndex::Remove(const Group& group) {
  OfRoute& here = Of(*group.route);
  if (here.last == &group) here.last = nullptr;
  const auto [begin, end] = groups_.equal_range(HashOf(*group.route, here, group.labels));
  const auto found =
      std::find_if(begin, end, [&](const auto& entry) { return entry.second == &group; });
  if (found != end) groups_.erase(found);
}

GroupIndex::OfRoute& GroupIndex::Of(const config::Route& route) {
  const auto [place, is_new] = routes_.try_emplace(&route);
  OfRoute& here = place->second;
  if (is_new) here.names = {route.group_by.begin(), route.group_by.end()};
  return here;
}

uint64_t GroupIndex::HashOf(const config::Route& route, OfRoute& here,
                            const labels::LabelSet& labels) {
  uint64_t hash = std::hash<const void*>()(&route);
  if (route.group_by_all) return hash ^ labels.fingerprint();
  for (labels::Lookup& name : here.names) {
    hash = (hash ^ std::hash<std::string_view>()(name.In(labels))) * 0x9e3779b97f4a7c15ULL;
    hash ^= hash >> 32;
  }
  return hash;
}

// Whether an alert with `labels` belongs to the group that was found last: what Fits() says of it.
bool GroupIndex::FitsLast(const config::Route& route, OfRoute& here,
                          const labels::LabelSet& labels) {
  if (here.last == nullptr) return false;
  if (route.group_by_all) return here.last->labels == labels;
  for (size_t i = 0; i < here.names.size(); ++i) {
    const std::string_view value = here.names[i].In(labels);
    if (value != here.values[i].text) return false;
    if (value.empty() && labels.Has(here.names[i].name()) != here.values[i].is_there) return false;
  }
  return true;
}

void GroupIndex::SetLast(Group* group, OfRoute* here) {
  here->last = group;
  here->values.clear();
  for (const labels::Lookup& name : here->names) {
    here->values.push_back({group->labels.Get(name.name()), group->labels.Has(name.name())});
  }
}

}  // namespace watchfire::dispatch
