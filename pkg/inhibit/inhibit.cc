// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/inhibit/inhibit.h"

#include <algorithm>
#include <utility>

#include "pkg/matcher/matcher.h"

namespace watchfire::inhibit {

// The index of one rule {source: severity="critical", target: severity="warning",
// equal: [cluster, service]}:
//
//   by_equal   "eu|api|" -> { 0x17: ends 12:05, 0x9a: ends 12:07 }
//              "us|api|" -> { 0x30: ends 12:01 }
//
// A check of {severity="warning", cluster="eu", service="api"} looks at the first line only, from
// the lowest fingerprint on, and stops at the first source that fires. Sources that ran out
// unrefreshed stay until the alert table drops them and calls Remove().

Index::Index(std::vector<config::InhibitRule> rules) {
  rules_.reserve(rules.size());
  for (config::InhibitRule& rule : rules) rules_.push_back({std::move(rule), {}});
}

bool Index::Update(const alert::Alert& alert) {
  if (alert.Resolved(alert.updated_at)) Remove(alert);
  bool is_source = false;
  for (RuleIndex& index : rules_) {
    if (!matcher::MatchesAll(index.rule.source, alert.labels)) continue;
    is_source = true;
    if (alert.Resolved(alert.updated_at)) continue;
    const bool two_sided = matcher::MatchesAll(index.rule.target, alert.labels);
    index.by_equal[EqualKey(index.rule, alert.labels)].insert_or_assign(
        alert.fingerprint(), Source{alert.ends_at, two_sided});
  }
  return is_source;
}

void Index::Remove(const alert::Alert& alert) {
  for (RuleIndex& index : rules_) {
    const auto found = index.by_equal.find(EqualKey(index.rule, alert.labels));
    if (found == index.by_equal.end()) continue;
    found->second.erase(alert.fingerprint());
    if (found->second.empty()) index.by_equal.erase(found);
  }
}

std::optional<Verdict> Index::Check(const labels::LabelSet& labels, WallTime at) const {
  for (size_t i = 0; i < rules_.size(); ++i) {
    const auto& [rule, by_equal] = rules_[i];
    if (by_equal.empty() || !matcher::MatchesAll(rule.target, labels)) continue;
    const auto found = by_equal.find(EqualKey(rule, labels));
    if (found == by_equal.end()) continue;
    const bool exclude_two_sided = matcher::MatchesAll(rule.source, labels);
    for (const auto& [fingerprint, source] : found->second) {
      const bool counts = source.ends_at > at && !(exclude_two_sided && source.two_sided);
      if (counts) return Verdict{fingerprint, i};
    }
  }
  return std::nullopt;
}

size_t Index::size() const {
  size_t total = 0;
  for (const RuleIndex& index : rules_) {
    for (const auto& [key, sources] : index.by_equal) total += sources.size();
  }
  return total;
}

std::string Index::EqualKey(const config::InhibitRule& rule, const labels::LabelSet& labels) {
  std::string key;
  for (const std::string& name : rule.equal) {
    key.append(labels.Get(name));
    key += '\xff';  // Stands in no UTF-8 text, so different values never join to one key.
  }
  return key;
}

}  // namespace watchfire::inhibit
