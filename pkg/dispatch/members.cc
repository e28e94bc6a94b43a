// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/dispatch/members.h"

#include <algorithm>
#include <functional>

#include "pkg/alert/notification_order.h"
#include "pkg/base/check.h"
#include "pkg/base/fetch.h"

namespace watchfire::dispatch {
namespace {

// With the count of those who share it, which stands in front of it.
void FetchAlert(const alert::Alert* alert) {
  constexpr size_t kCount = 16;
  FetchBytes(reinterpret_cast<const char*>(alert) - kCount, kCount + sizeof(*alert));
}

}  // namespace

size_t Members::LeafOf(uint64_t fingerprint) const {
  // The last that does not begin behind it.
  const auto behind = std::ranges::upper_bound(leaves_, fingerprint, {},
                                               [](const Leaf& leaf) { return leaf.front().first; });
  return behind == leaves_.begin() ? 0 : static_cast<size_t>(behind - leaves_.begin()) - 1;
}

Members::const_iterator Members::find(uint64_t fingerprint) const {
  if (leaves_.empty()) return end();
  const size_t number = LeafOf(fingerprint);
  const Leaf& leaf = leaves_[number];
  const auto place = std::ranges::lower_bound(leaf, fingerprint, {}, &Entry::first);
  if (place == leaf.end() || place->first != fingerprint) return end();
  return {this, number, static_cast<size_t>(place - leaf.begin())};
}

const std::shared_ptr<const alert::Alert>& Members::at(uint64_t fingerprint) const {
  const const_iterator place = find(fingerprint);
  WF_CHECK(place != end());
  return place->second;
}

void Members::Put(const std::shared_ptr<const alert::Alert>& alert) {
  ++version_;
  const uint64_t fingerprint = alert->fingerprint();
  const size_t number = LeafOf(fingerprint);
  if (leaves_.empty()) leaves_.emplace_back();
  Leaf& leaf = leaves_[number];
  const auto place = std::ranges::lower_bound(leaf, fingerprint, {}, &Entry::first);
  if (place != leaf.end() && place->first == fingerprint) {
    place->second = alert;
    return;
  }
  leaf.emplace(place, fingerprint, alert);
  ++size_;
  Turn();
  if (leaf.size() <= kLeafMost) return;
  const auto middle = leaf.begin() + kLeafMost / 2;
  Leaf upper(std::make_move_iterator(middle), std::make_move_iterator(leaf.end()));
  leaf.erase(middle, leaf.end());
  leaves_.insert(leaves_.begin() + static_cast<ptrdiff_t>(number) + 1, std::move(upper));
}

void Members::Erase(const_iterator place) {
  Leaf& leaf = leaves_[place.leaf_];
  leaf.erase(leaf.begin() + static_cast<ptrdiff_t>(place.at_));
  if (leaf.empty()) leaves_.erase(leaves_.begin() + static_cast<ptrdiff_t>(place.leaf_));
  --size_;
  Turn();
  ++version_;
}

void Members::Fetch(Part part) const {
  constexpr size_t kUsualBytes = 128;  // Of labels, with what is their own.
  constexpr size_t kEntriesOfLine = 64 / sizeof(Entry);
  if (order_ != nullptr || size_ > kLeafMost || leaves_.empty()) return;
  if (part == Part::kLeaves) return __builtin_prefetch(leaves_.data());
  for (const Leaf& leaf : leaves_) {
    for (size_t i = 0; i < leaf.size(); ++i) {
      if (part == Part::kEntries && i % kEntriesOfLine == 0) __builtin_prefetch(&leaf[i]);
      if (part == Part::kAlerts) FetchAlert(leaf[i].second.get());
      if (part == Part::kLabels) leaf[i].second->labels.Fetch(kUsualBytes);
    }
  }
}

const Members::Order& Members::order() const {
  if (order_ != nullptr) return order_;
  // Nobody has looked at them for a while: all are fetched at once.
  Fetch(Part::kAlerts);
  Fetch(Part::kLabels);
  std::vector<alert::NotificationPlace> places;
  places.reserve(size_);
  for (const auto& [fingerprint, alert] : *this) {
    places.emplace_back(*alert, places.empty() ? nullptr : &places.back());
  }
  std::ranges::sort(places, std::less<>());  // No two have the same labels.
  auto order = std::make_shared<std::vector<uint64_t>>();
  order->reserve(places.size());
  for (const alert::NotificationPlace& place : places) order->push_back(place.fingerprint());
  order_ = std::move(order);
  return order_;
}

}  // namespace watchfire::dispatch
