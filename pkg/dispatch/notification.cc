// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/dispatch/notification.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

namespace watchfire::dispatch {
namespace {

// Where `set` has `name`; `guess` is tried first.
size_t IndexOf(const labels::LabelSet& set, std::string_view name, size_t guess) {
  if (guess < set.size() && set.at(guess).name == name) return guess;
  const auto found = std::ranges::find(set, name, &labels::Label::name);
  return static_cast<size_t>(found - set.begin());
}

// Labels present in every set with one value.
labels::LabelSet Common(const AlertList& alerts,
                        const labels::LabelSet& (*of)(const alert::Alert&)) {
  if (alerts.empty()) return {};
  struct Candidate {
    labels::Label label;
    size_t place = 0;  // In the set before: alerts of a group mostly have the same names.
    bool is_common = true;
  };
  const labels::LabelSet& first = of(alerts.front());
  std::vector<Candidate> candidates;
  candidates.reserve(first.size());
  for (const labels::Label& label : first) candidates.push_back({label, candidates.size()});
  bool are_in_place = true;  // Those that are common: each is where it is in the first set.
  for (size_t i = 1; i < alerts.size(); ++i) {
    const labels::LabelSet& set = of(alerts[i]);
    // All that is not visited is as in the set before, which has it.
    const auto visit = [&](size_t index, std::string_view value) {
      if (index >= candidates.size()) return;
      Candidate& candidate = candidates[index];
      candidate.is_common = candidate.is_common && value == candidate.label.value;
    };
    if (are_in_place && set.VisitUnlike(of(alerts[i - 1]), visit)) continue;
    if (std::ranges::none_of(candidates, &Candidate::is_common)) break;
    are_in_place = true;
    for (size_t number = 0; number < candidates.size(); ++number) {
      auto& [label, place, is_common] = candidates[number];
      if (!is_common) continue;
      place = IndexOf(set, label.name, place);
      is_common = place < set.size() && set.ValueAt(place) == label.value;
      are_in_place = are_in_place && (place == number || !is_common);
    }
  }
  std::vector<labels::Label> found;
  found.reserve(candidates.size());
  for (const Candidate& candidate : candidates) {
    if (candidate.is_common) found.push_back(candidate.label);
  }
  return labels::LabelSet::FromViews(std::move(found));
}

}  // namespace

const char* ReasonText(Reason reason) {
  switch (reason) {
    case Reason::kFirst:
      return "first notification";
    case Reason::kNewAlerts:
      return "new alerts added";
    case Reason::kSomeResolved:
      return "some alerts resolved";
    case Reason::kAllResolved:
      return "all alerts resolved";
    case Reason::kRepeat:
      return "repeat interval elapsed";
  }
  return "unknown";
}

bool Notification::firing() const {
  return std::ranges::any_of(alerts, [this](const alert::Alert& alert) { return Firing(alert); });
}

labels::LabelSet Notification::common_labels() const {
  return Common(alerts,
                [](const alert::Alert& alert) -> const labels::LabelSet& { return alert.labels; });
}

labels::LabelSet Notification::common_annotations() const {
  return Common(alerts, [](const alert::Alert& alert) -> const labels::LabelSet& {
    return alert.annotations;
  });
}

}  // namespace watchfire::dispatch
