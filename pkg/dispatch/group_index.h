// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Finds the group of an alert by the labels that its route groups by, without putting the labels of
// the group together. Private to pkg/dispatch.

#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "pkg/config/config.h"
#include "pkg/labels/labels.h"
#include "pkg/labels/lookup.h"

namespace watchfire::dispatch {

struct Group;

// Routes neither change nor go while it lives.
class GroupIndex {
 public:
  // The group on `route` of an alert with `labels`, or null.
  Group* Find(const config::Route& route, const labels::LabelSet& labels);
  // Files a group by its route and labels, neither of which ever changes. It stays where it is.
  void Add(Group* group);
  void Remove(const Group& group);

 private:
  struct Value {
    std::string_view text;
    bool is_there = false;
  };
  struct OfRoute {
    std::vector<labels::Lookup> names;  // That it groups by.
    // The group that was found last, for the alerts of one mostly come together; and its values.
    Group* last = nullptr;
    std::vector<Value> values;
  };

  OfRoute& Of(const config::Route& route);
  static uint64_t HashOf(const config::Route& route, OfRoute& here, const labels::LabelSet& labels);
  static bool FitsLast(const config::Route& route, OfRoute& here, const labels::LabelSet& labels);
  static void SetLast(Group* group, OfRoute* here);

  std::unordered_multimap<uint64_t, Group*> groups_;  // By a hash of route and labels.
  std::unordered_map<const config::Route*, OfRoute> routes_;
};

}  // namespace watchfire::dispatch
