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
labels::LabelSet Common(const std::vector<alert::Alert>& alerts,
                        const labels::LabelSet& (*of)(const alert::Alert&)) {
  if (alerts.empty()) return {};
  struct Candidate {
    labels::Label label;
    size_t place = 0;  // In the set before: alerts of a group mostly have the same names.
  };
  const labels::LabelSet& first = of(alerts.front());
  std::vector<Candidate> common;
  common.reserve(first.size());
  for (const labels::Label& label : first) common.push_back({label, common.size()});
  std::vector<std::pair<size_t, std::string_view>> unlike;
  for (size_t i = 1; i < alerts.size() && !common.empty(); ++i) {
    const labels::LabelSet& set = of(alerts[i]);
    unlike.clear();
    const bool is_beside = set.VisitUnlike(
        of(alerts[i - 1]),
        [&](size_t index, std::string_view value) { unlike.emplace_back(index, value); });
    const auto has = [&](const Candidate& candidate) {
      const auto& [label, place] = candidate;
      if (!is_beside) return place < set.size() && set.ValueAt(place) == label.value;
      // All else is as in the set before, which has it.
      const auto found = std::ranges::find(unlike, place, &decltype(unlike)::value_type::first);
      return found == unlike.end() || found->second == label.value;
    };
    size_t kept = 0;
    for (Candidate candidate : common) {
      if (!is_beside) candidate.place = IndexOf(set, candidate.label.name, candidate.place);
      if (has(candidate)) common[kept++] = candidate;
    }
    common.resize(kept);
  }
  std::vector<labels::Label> found;
  found.reserve(common.size());
  for (const Candidate& candidate : common) found.push_back(candidate.label);
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
