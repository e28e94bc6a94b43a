// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/dispatch/members.h"

#include <algorithm>

namespace watchfire::dispatch {

const Members::Order& Members::order() const {
  if (order_ != nullptr) return order_;
  std::vector<const alert::Alert*> alerts;
  alerts.reserve(alerts_.size());
  for (const auto& [fingerprint, alert] : alerts_) alerts.push_back(alert.get());
  std::ranges::stable_sort(alerts, [](const alert::Alert* a, const alert::Alert* b) {
    return alert::NotificationOrder(*a, *b);
  });
  auto order = std::make_shared<std::vector<uint64_t>>();
  order->reserve(alerts.size());
  for (const alert::Alert* alert : alerts) order->push_back(alert->fingerprint());
  order_ = std::move(order);
  return order_;
}

}  // namespace watchfire::dispatch
