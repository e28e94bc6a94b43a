// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/labels/name_pool.h"

#include <algorithm>
#include <functional>
#include <string_view>

namespace watchfire::labels {

namespace {

bool HaveSameNames(const LabelSet& a, const LabelSet& b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(),
                    [](const Label& x, const Label& y) { return x.name == y.name; });
}

}  // namespace

LabelSet NamePool::Share(const LabelSet& set) {
  if (set.empty()) return set;
  if (HaveSameNames(set, last_)) return set.SharingNames(last_);
  constexpr uint64_t kSpread = 0x9e3779b97f4a7c15ULL;
  uint64_t hash = set.size();
  for (const Label& label : set) {
    hash = (hash ^ std::hash<std::string_view>()(label.name)) * kSpread;
  }
  const auto [place, is_new] = names_.try_emplace(hash);
  if (is_new) place->second = set.OnlyNames();
  if (!HaveSameNames(set, place->second)) return set;
  last_ = place->second;
  return set.SharingNames(last_);
}

void NamePool::Sweep() {
  last_ = {};
  std::erase_if(names_, [](const auto& entry) { return entry.second.unique(); });
}

}  // namespace watchfire::labels
