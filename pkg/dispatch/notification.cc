// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/dispatch/notification.h"

#include <algorithm>

namespace watchfire::dispatch {
namespace {

// Labels present in every set with one value.
labels::LabelSet Common(const std::vector<alert::Alert>& alerts,
                        const labels::LabelSet& (*of)(const alert::Alert&)) {
  labels::LabelSet::Pairs common;
  if (alerts.empty()) return {};
  for (const labels::Label& label : of(alerts.front())) {
    const bool shared = std::ranges::all_of(alerts, [&](const alert::Alert& alert) {
      return of(alert).Has(label.name) && of(alert).Get(label.name) == label.value;
    });
    if (shared) common.emplace_back(label.name, label.value);
  }
  return labels::LabelSet(std::move(common));
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
