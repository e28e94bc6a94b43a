// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The alerts of a group, by fingerprint, and the order in which they are told, which is worked out
// when an alert came or left and not each time somebody asks.

#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "pkg/alert/alert.h"

namespace watchfire::dispatch {

class Members {
 public:
  using Map = std::map<uint64_t, std::shared_ptr<const alert::Alert>>;
  using Order = std::shared_ptr<const std::vector<uint64_t>>;
  using const_iterator = Map::const_iterator;

  const_iterator begin() const { return alerts_.begin(); }
  const_iterator end() const { return alerts_.end(); }
  const_iterator find(uint64_t fingerprint) const { return alerts_.find(fingerprint); }
  bool contains(uint64_t fingerprint) const { return alerts_.contains(fingerprint); }
  // Precondition: it is there.
  const std::shared_ptr<const alert::Alert>& at(uint64_t fingerprint) const {
    return alerts_.at(fingerprint);
  }
  size_t size() const { return alerts_.size(); }
  bool empty() const { return alerts_.empty(); }

  // Takes the newest state of an alert.
  void Put(const std::shared_ptr<const alert::Alert>& alert) {
    const auto [place, is_new] = alerts_.insert_or_assign(alert->fingerprint(), alert);
    if (is_new) Turn();
    ++version_;
  }
  void Erase(const_iterator place) {
    alerts_.erase(place);
    Turn();
    ++version_;
  }

  template <typename Predicate>
  void EraseIf(Predicate gone) {
    if (std::erase_if(alerts_, gone) == 0) return;
    Turn();
    ++version_;
  }

  // Fingerprints in NotificationOrder. Labels never change, so neither does it while the same
  // alerts are in the group.
  const Order& order() const;
  // Grows with every change: of who is in it, and of the state of those.
  uint64_t version() const { return version_; }
  // Grows with every change of who is in it.
  uint64_t turnover() const { return turnover_; }

 private:
  void Turn() {
    order_ = nullptr;
    ++turnover_;
  }

  Map alerts_;
  uint64_t version_ = 0;
  uint64_t turnover_ = 0;
  mutable Order order_;  // Null: to be worked out.
};

}  // namespace watchfire::dispatch
