// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/labels/name_pool.h"

#include <algorithm>
#include <functional>
#include <string_view>

namespace watchfire::labels {

LabelSet NamePool::Share(const LabelSet& set) {
  if (set.empty()) return set;
  constexpr uint64_t kSpread = 0x9e3779b97f4a7c15ULL;
  uint64_t hash = set.size();
  for (const Label& label : set) {
    hash = (hash ^ std::hash<std::string_view>()(label.name)) * kSpread;
  }
  const auto [place, is_new] = names_.try_emplace(hash);
  if (is_new) place->second = set.OnlyNames();
  const LabelSet& names = place->second;
  const bool are_same = set.size() == names.size() &&
                        std::equal(set.begin(), set.end(), names.begin(),
                                   [](const Label& a, const Label& b) { return a.name == b.name; });
  return are_same ? set.SharingNames(names) : set;
}

void NamePool::Sweep() {
  std::erase_if(names_, [](const auto& entry) { return entry.second.unique(); });
}

}  // namespace watchfire::labels
