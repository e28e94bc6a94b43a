// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/incident/paged_rules.h"

#include <algorithm>
#include <vector>

namespace watchfire::incident {

void PagedRules::Note(const Incident& incident, WallTime at) {
  if (incident.is_test || at == kNoTime) return;
  const std::vector<std::string> bare = AlertsWithoutRunbook(incident);
  bool is_full = false;
  for (const std::string& name : incident.alerts) {
    auto known = rules_.find(name);
    if (known == rules_.end()) {
      is_full = is_full || !HasRoom(at);
      if (is_full) continue;
      known = rules_.try_emplace(name).first;
    }
    if (at < known->second.paged_at) continue;
    known->second = {at, !std::ranges::binary_search(bare, name)};
  }
}

bool PagedRules::HasRoom(WallTime now) {
  if (rules_.size() < kMost) return true;
  std::erase_if(rules_, [&](const auto& rule) { return rule.second.paged_at < now - kLately; });
  return rules_.size() < kMost;
}

PagedRules::Counts PagedRules::Count(WallTime now) const {
  Counts counts;
  for (const auto& [name, rule] : rules_) {
    if (rule.paged_at < now - kLately) continue;
    ++(rule.has_runbook ? counts.with_runbook : counts.without);
  }
  return counts;
}

}  // namespace watchfire::incident
