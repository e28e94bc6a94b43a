// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/dispatch/members.h"

#include <algorithm>
#include <functional>

#include "pkg/alert/notification_order.h"

namespace watchfire::dispatch {

const Members::Order& Members::order() const {
  if (order_ != nullptr) return order_;
  std::vector<alert::NotificationPlace> places;
  places.reserve(alerts_.size());
  for (const auto& [fingerprint, alert] : alerts_) {
    places.emplace_back(*alert, places.empty() ? nullptr : &places.back());
  }
  std::ranges::stable_sort(places, std::less<>());
  auto order = std::make_shared<std::vector<uint64_t>>();
  order->reserve(places.size());
  for (const alert::NotificationPlace& place : places) order->push_back(place.fingerprint());
  order_ = std::move(order);
  return order_;
}

}  // namespace watchfire::dispatch
