// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/silence/index.h"

#include <algorithm>
#include <limits>

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

bool AsksFor(const Matcher& matcher, Op op) {
  return matcher.op() == op && !matcher.MatchesValue("");
}

// How many characters of the expression stand for themselves: the more, the fewer values match.
size_t Literals(std::string_view regex) {
  constexpr std::string_view kSpecial = ".*+?()|{}^$\\";
  size_t count = 0;
  bool in_class = false;
  for (const char c : regex) {
    in_class = c == '[' || (in_class && c != ']');
    if (!in_class && c != ']' && kSpecial.find(c) == std::string_view::npos) ++count;
  }
  return count;
}

std::string PatternKey(const Matcher& matcher) { return matcher.name() + '\0' + matcher.value(); }

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

// Returns the matcher by which the set is filed, or null: each holds for an absent label. Of
// several expressions it is the one that few other silences have: {cluster=~"prod-.",
// pod=~"web-7-.*"} is better looked for by its pod.
const Matcher* Index::Anchor(const matcher::Matchers& set) const {
  const auto equal =
      std::ranges::find_if(set, [](const Matcher& m) { return AsksFor(m, Op::kEqual); });
  if (equal != set.end()) return &*equal;
  const Matcher* best = nullptr;
  std::pair<size_t, size_t> best_rank;
  for (const Matcher& matcher : set) {
    if (!AsksFor(matcher, Op::kRegex)) continue;
    const auto known = patterns_.find(PatternKey(matcher));
    const std::pair rank(known == patterns_.end() ? 0 : known->second,
                         std::numeric_limits<size_t>::max() - Literals(matcher.value()));
    if (best != nullptr && rank >= best_rank) continue;
    best = &matcher;
    best_rank = rank;
  }
  return best;
}

void Index::AddSet(const Silence& silence, const matcher::Matchers& set) {
  const Matcher* anchor = Anchor(set);
  for (const Matcher& matcher : set) {
    if (matcher.op() == Op::kRegex) ++patterns_[PatternKey(matcher)];
  }
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
  for (const Silence* silence : gone) {
    for (const matcher::Matchers& set : silence->matcher_sets) {
      for (const Matcher& matcher : set) {
        if (matcher.op() != Op::kRegex) continue;
        const auto known = patterns_.find(PatternKey(matcher));
        if (--known->second == 0) patterns_.erase(known);
      }
    }
  }
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
  if (out.empty() && by_label_.empty()) return out;
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
