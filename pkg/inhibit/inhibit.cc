// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/inhibit/inhibit.h"

#include <iterator>
#include <map>
#include <tuple>
#include <utility>

#include "pkg/labels/values_key.h"
#include "pkg/matcher/matcher.h"

namespace watchfire::inhibit {

// Two rules, {source: severity="critical", target: severity="warning", equal: [cluster, service]}
// and one that differs only in its source, alertname="NodeDown", have one side:
//
//   by_equal   "eu|api|" -> { rule 0, 0x17: ends 12:05; rule 0, 0x9a: ends 12:07; rule 1, 0x03: … }
//              "us|api|" -> { rule 0, 0x30: ends 12:01 }
//
// A check of {severity="warning", cluster="eu", service="api"} finds the side by its severity,
// looks at the first line only, from the lowest rule and fingerprint on, and stops at the first
// source that fires. Sources that ran out unrefreshed stay until they are dropped: Remove(),
// DropEnded().

Index::Index(std::vector<config::InhibitRule> rules) {
  using Names = std::vector<std::string>;
  std::map<std::tuple<std::string, Names, Names>, size_t> numbers;  // Of sides.
  for (config::InhibitRule& rule : rules) {
    by_source_.Add(rule.source, sources_.size());
    const auto [same, is_new] = numbers.try_emplace(
        {matcher::ToString(rule.target), rule.equal, rule.equal_but}, sides_.size());
    side_of_.push_back(same->second);
    sources_.push_back(std::move(rule.source));
    if (!is_new) continue;
    by_target_.Add(rule.target, sides_.size());
    sides_.push_back({std::move(rule.target), std::move(rule.equal), std::move(rule.equal_but)});
  }
}

bool Index::Update(const alert::Alert& alert, WallTime at) {
  const bool is_over = alert.Resolved(alert.updated_at);
  if (is_over) return Remove(alert);
  bool is_news = false;
  by_source_.ForCandidates(alert.labels, [&](size_t rule) {
    if (!matcher::MatchesAll(sources_[rule], alert.labels)) return;
    Side& side = SideOf(rule);
    const Source source{alert.ends_at, matcher::MatchesAll(side.target, alert.labels)};
    Sources& sources = side.by_equal[side.KeyOf(alert.labels)];
    const auto [place, is_new] = sources.try_emplace({rule, alert.fingerprint()}, source);
    // One that has run out, or is back after that, is news as well.
    is_news |= is_new || place->second.ends_at <= at || source.ends_at <= at;
    place->second = source;
  });
  return is_news;
}

bool Index::Remove(const alert::Alert& alert) {
  bool was_known = false;
  by_source_.ForCandidates(alert.labels, [&](size_t rule) {
    Side& side = SideOf(rule);
    const auto found = side.by_equal.find(side.KeyOf(alert.labels));
    if (found == side.by_equal.end()) return;
    was_known |= found->second.erase({rule, alert.fingerprint()}) > 0;
    if (found->second.empty()) side.by_equal.erase(found);
  });
  return was_known;
}

void Index::DropEnded(WallTime before) {
  for (Side& side : sides_) {
    for (auto line = side.by_equal.begin(); line != side.by_equal.end();) {
      std::erase_if(line->second,
                    [&](const auto& entry) { return entry.second.ends_at <= before; });
      line = line->second.empty() ? side.by_equal.erase(line) : std::next(line);
    }
  }
}

std::optional<Verdict> Index::Check(const labels::LabelSet& labels, WallTime at) const {
  std::optional<Verdict> verdict;
  by_target_.ForCandidates(labels, [&](size_t number) {
    const Side& side = sides_[number];
    if (side.by_equal.empty() || !matcher::MatchesAll(side.target, labels)) return;
    const auto found = side.by_equal.find(side.KeyOf(labels));
    if (found == side.by_equal.end()) return;
    const auto* first = FirstOf(found->second, labels, at);
    if (first == nullptr) return;
    const auto& [rule, fingerprint] = first->first;
    if (!verdict || rule < verdict->rule) verdict = Verdict{fingerprint, rule};
  });
  return verdict;
}

const Index::Sources::value_type* Index::FirstOf(const Sources& sources,
                                                 const labels::LabelSet& labels,
                                                 WallTime at) const {
  for (const auto& entry : sources) {
    const auto& [key, source] = entry;
    if (source.ends_at <= at) continue;
    if (source.two_sided && matcher::MatchesAll(sources_[key.first], labels)) continue;
    return &entry;
  }
  return nullptr;
}

size_t Index::size() const {
  size_t total = 0;
  for (const Side& side : sides_) {
    for (const auto& [key, sources] : side.by_equal) total += sources.size();
  }
  return total;
}

std::string Index::Side::KeyOf(const labels::LabelSet& labels) const {
  std::string key;
  if (equal_but.empty()) {
    labels::MakeValuesKey(labels, equal, &key);
  } else {
    labels::MakeOtherValuesKey(labels, equal_but, &key);
  }
  return key;
}

}  // namespace watchfire::inhibit
