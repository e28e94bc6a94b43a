// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/silence/index.h"

#include <algorithm>

#include "pkg/base/limits.h"

namespace watchfire::silence {

// Every matcher set stands for its silence where one matcher, the cheapest to look up, puts it:
//
//   {instance="db-1", job=~"x.*"}  by_label_["instance"].values["db-1"]
//   {instance=~"db-(1|2)"}         by_label_["instance"].regexes
//   {instance=~".*-prod"}          by_label_["instance"].floating
//   {instance!="db-1"}             anywhere_
//
// An alert visits the demands on its own labels: one look-up, one walk through an automaton, and
// what is remembered of the floating ones, whose automaton is much slower and which are therefore
// tried once for each distinct value.

namespace {

using matcher::Matcher;
using matcher::Op;

constexpr size_t kFewArrived = 32;  // Sooner tried by themselves than with all others.

// Returns the matcher by which the set is filed, or null: each holds for an absent label.
const Matcher* Anchor(const matcher::Matchers& matchers) {
  const auto demands = [](Op op) {
    return [op](const Matcher& m) { return m.op() == op && !m.MatchesValue(""); };
  };
  auto found = std::ranges::find_if(matchers, demands(Op::kEqual));
  if (found == matchers.end()) found = std::ranges::find_if(matchers, demands(Op::kRegex));
  return found == matchers.end() ? nullptr : &*found;
}

// Shrinks every value of `map` and drops those that are empty then: look-ups must not grow with
// what once was.
template <typename Map, typename Shrink>
void DropEmpty(Map* map, Shrink shrink) {
  for (auto it = map->begin(); it != map->end();) {
    it = shrink(&it->second) ? map->erase(it) : std::next(it);
  }
}

}  // namespace

void Index::Add(const Silence& silence) {
  has_several_ |= silence.matcher_sets.size() > 1;
  for (const matcher::Matchers& set : silence.matcher_sets) AddSet(silence, set);
}

void Index::AddSet(const Silence& silence, const matcher::Matchers& set) {
  const Matcher* anchor = Anchor(set);
  if (anchor == nullptr) {
    anywhere_.push_back(&silence);
    return;
  }
  Demands& demands = by_label_[anchor->name()];
  if (anchor->op() == Op::kEqual) {
    demands.values[anchor->value()].push_back(&silence);
    return;
  }
  if (RegexSet::Suits(*anchor)) {
    demands.regexes.Add(*anchor, silence);
  } else {
    demands.floating.Add(*anchor, silence);
    demands.arrived.emplace_back(*anchor, &silence);
  }
}

void Index::Remove(const std::unordered_set<const Silence*>& gone) {
  const auto is_gone = [&gone](const Silence* silence) { return gone.contains(silence); };
  std::erase_if(anywhere_, is_gone);
  DropEmpty(&by_label_, [&](Demands* demands) {
    DropEmpty(&demands->values, [&is_gone](List* list) {
      std::erase_if(*list, is_gone);
      return list->empty();
    });
    demands->regexes.Remove(gone);
    demands->floating.Remove(gone);
    const size_t dropped =
        std::erase_if(demands->arrived, [&](const auto& pair) { return is_gone(pair.second); });
    if (dropped > 0) demands->memo.clear();
    return demands->values.empty() && demands->regexes.empty() && demands->floating.empty();
  });
}

const Index::List& Index::Floating(const Demands& demands, std::string_view value) {
  auto found = demands.memo.find(value);
  if (found == demands.memo.end()) {
    if (demands.memo.size() >= limits::kSilenceMemoValues) demands.memo.clear();
    found = demands.memo.emplace(std::string(value), Demands::Tried()).first;
  }
  auto& [tried, matching] = found->second;
  if (demands.arrived.size() - tried > kFewArrived) {
    matching.clear();
    demands.floating.AppendMatching(value, &matching);
    tried = demands.arrived.size();
  }
  for (; tried < demands.arrived.size(); ++tried) {
    const auto& [anchor, silence] = demands.arrived[tried];
    if (anchor.MatchesValue(value)) matching.push_back(silence);
  }
  return matching;
}

std::vector<const Silence*> Index::Candidates(const labels::LabelSet& labels) const {
  List out = anywhere_;
  const auto add = [&out](const List& list) { out.insert(out.end(), list.begin(), list.end()); };
  for (const auto& [name, value] : labels) {
    const auto by_label = by_label_.find(name);
    if (by_label == by_label_.end() || value.empty()) continue;
    const Demands& demands = by_label->second;
    const auto list = demands.values.find(value);
    if (list != demands.values.end()) add(list->second);
    demands.regexes.AppendMatching(value, &out);
    if (!demands.floating.empty()) add(Floating(demands, value));
  }
  if (has_several_) {
    std::ranges::sort(out);
    out.erase(std::unique(out.begin(), out.end()), out.end());
  }
  return out;
}

}  // namespace watchfire::silence
