// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/dispatch/notification.h"

#include <algorithm>
#include <numeric>
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
  const labels::LabelSet& first = of(alerts.front());
  std::vector<labels::Label> common(first.begin(), first.end());
  // Of each the place in the set before: alerts of a group mostly have the same names.
  std::vector<size_t> places(common.size());
  std::iota(places.begin(), places.end(), size_t{0});
  for (size_t i = 1; i < alerts.size() && !common.empty(); ++i) {
    const labels::LabelSet& set = of(alerts[i]);
    size_t kept = 0;
    for (size_t j = 0; j < common.size(); ++j) {
      const size_t place = IndexOf(set, common[j].name, places[j]);
      if (place == set.size() || set.at(place).value != common[j].value) continue;
      places[kept] = place;
      common[kept++] = common[j];
    }
    common.resize(kept);
  }
  return labels::LabelSet::FromViews(std::move(common));
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
