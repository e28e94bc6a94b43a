// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// --alerts.per-alertname-limit: how many alerts of one alertname are taken. An alert that is known
// is always refreshed; a new one needs a free place, or that of one that has ended. Source:
// Alertmanager's limit.Bucket (reference §2.4).

#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "pkg/alert/alert.h"
#include "pkg/base/time.h"

namespace watchfire::core {

class NameLimits {
 public:
  explicit NameLimits(size_t limit) : limit_(limit) {}  // 0: none.

  size_t limit() const { return limit_; }

  // Whether an alert that ends then has a place; it keeps it.
  bool Admit(std::string_view name, uint64_t fingerprint, WallTime ends_at, WallTime now);
  bool Admit(const alert::Alert& alert, WallTime now) {
    return limit_ == 0 || Admit(alert.name(), alert.fingerprint(), alert.ends_at, now);
  }
  // Gives an alert a place even where there is none: it was taken in an earlier life.
  void Restore(std::string_view name, uint64_t fingerprint, WallTime ends_at);
  // Forgets the names of which everything has ended.
  void Collect(WallTime now);

 private:
  struct Bucket {
    void Put(uint64_t fingerprint, WallTime ends_at);

    std::unordered_map<uint64_t, WallTime> ends;
    std::set<std::pair<WallTime, uint64_t>> by_end;
  };

  const size_t limit_;
  std::map<std::string, Bucket, std::less<>> buckets_;
};

}  // namespace watchfire::core
