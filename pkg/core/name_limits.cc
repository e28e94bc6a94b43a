// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/core/name_limits.h"

namespace watchfire::core {

void NameLimits::Bucket::Put(uint64_t fingerprint, WallTime ends_at) {
  const auto [place, is_new] = ends.try_emplace(fingerprint, ends_at);
  if (!is_new) {
    by_end.erase({place->second, fingerprint});
    place->second = ends_at;
  }
  by_end.emplace(ends_at, fingerprint);
}

bool NameLimits::Admit(std::string_view name, uint64_t fingerprint, WallTime ends_at,
                       WallTime now) {
  if (limit_ == 0) return true;
  auto found = buckets_.find(name);
  if (found == buckets_.end()) found = buckets_.try_emplace(std::string(name)).first;
  Bucket& bucket = found->second;
  if (!bucket.ends.contains(fingerprint) && bucket.ends.size() >= limit_) {
    const auto [end, oldest] = *bucket.by_end.begin();
    if (end > now) return false;
    bucket.by_end.erase(bucket.by_end.begin());
    bucket.ends.erase(oldest);
  }
  bucket.Put(fingerprint, ends_at);
  return true;
}

void NameLimits::Restore(std::string_view name, uint64_t fingerprint, WallTime ends_at) {
  if (limit_ != 0) buckets_[std::string(name)].Put(fingerprint, ends_at);
}

void NameLimits::Collect(WallTime now) {
  std::erase_if(buckets_,
                [now](const auto& entry) { return entry.second.by_end.rbegin()->first <= now; });
}

}  // namespace watchfire::core
