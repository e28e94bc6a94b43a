// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/dispatch/notification.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace watchfire::dispatch {
namespace {

// Labels present in every set with one value.
labels::LabelSet Common(const std::vector<alert::Alert>& alerts,
                        const labels::LabelSet& (*of)(const alert::Alert&)) {
  if (alerts.empty()) return {};
  const labels::LabelSet& first = of(alerts.front());
  std::vector<labels::Label> common(first.begin(), first.end());
  for (size_t i = 1; i < alerts.size() && !common.empty(); ++i) {
    // Both are sorted by name.
    const labels::LabelSet& set = of(alerts[i]);
    labels::LabelSet::Iterator other = set.begin();
    std::erase_if(common, [&](const labels::Label& label) {
      for (; other != set.end(); ++other) {
        const labels::Label known = *other;
        if (known.name == label.name) return known.value != label.value;
        if (known.name > label.name) return true;
      }
      return true;
    });
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
