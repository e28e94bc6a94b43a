// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Finds the group of an alert by the labels that its route groups by, without putting the labels of
// the group together. Private to pkg/dispatch.

#pragma once

#include <cstdint>
#include <unordered_map>

#include "pkg/config/config.h"
#include "pkg/labels/labels.h"

namespace watchfire::dispatch {

struct Group;

class GroupIndex {
 public:
  // The group on `route` of an alert with `labels`, or null.
  Group* Find(const config::Route& route, const labels::LabelSet& labels);
  // Files a group by its route and labels, neither of which ever changes. It stays where it is.
  void Add(Group* group);
  void Remove(const Group& group);

 private:
  std::unordered_multimap<uint64_t, Group*> groups_;  // By a hash of route and labels.
  Group* last_ = nullptr;  // That was found: the alerts of a group mostly come together.
};

}  // namespace watchfire::dispatch
