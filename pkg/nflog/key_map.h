// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What is remembered by nflog::Key, visited in the order of keys. Looked up by a hash of the group:
// a storm brings ten thousand groups whose keys differ only far behind, and a tree of them all
// would compare a dozen of those texts each time.

#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "pkg/nflog/key.h"

namespace watchfire::nflog {

template <typename T>
class KeyMap {
 public:
  // Null when there is none. Valid until that key is erased.
  T* Find(const Key& key) {
    const auto bucket = buckets_.find(BucketOf(key.group_key));
    if (bucket == buckets_.end()) return nullptr;
    const auto found = bucket->second.find(key);
    return found == bucket->second.end() ? nullptr : &found->second;
  }
  const T* Find(const Key& key) const { return const_cast<KeyMap*>(this)->Find(key); }
  bool contains(const Key& key) const { return Find(key) != nullptr; }

  // Returns what is there, or a new T; and whether it is new.
  std::pair<T*, bool> Add(const Key& key) {
    const auto [place, is_new] = buckets_[BucketOf(key.group_key)].try_emplace(key);
    size_ += is_new ? 1 : 0;
    return {&place->second, is_new};
  }
  T& operator[](const Key& key) { return *Add(key).first; }

  void Erase(const Key& key) {
    const auto bucket = buckets_.find(BucketOf(key.group_key));
    if (bucket == buckets_.end()) return;
    size_ -= bucket->second.erase(key);
    if (bucket->second.empty()) buckets_.erase(bucket);
  }

  size_t size() const { return size_; }

  // Calls `visit(key, value)` for all, in the order of keys. Nothing may come or go meanwhile.
  template <typename Visit>
  void ForEach(Visit visit) {
    for (auto* entry : InOrder<typename Bucket::value_type>(buckets_)) {
      visit(entry->first, entry->second);
    }
  }
  template <typename Visit>
  void ForEach(Visit visit) const {
    for (const auto* entry : InOrder<const typename Bucket::value_type>(buckets_)) {
      visit(entry->first, entry->second);
    }
  }

  // The keys of one group, in order.
  std::vector<Key> OfGroup(const std::string& group_key) const {
    std::vector<Key> keys;
    const auto bucket = buckets_.find(BucketOf(group_key));
    if (bucket == buckets_.end()) return keys;
    for (const auto& [key, value] : bucket->second) {
      if (key.group_key == group_key) keys.push_back(key);
    }
    return keys;
  }

 private:
  using Bucket = std::map<Key, T>;  // Of one hash: of one group, nearly always.

  static size_t BucketOf(const std::string& group_key) {
    return std::hash<std::string>()(group_key);
  }
  template <typename Entry, typename Buckets>
  static std::vector<Entry*> InOrder(Buckets& buckets) {
    std::vector<Entry*> entries;
    for (auto& [hash, bucket] : buckets) {
      for (Entry& entry : bucket) entries.push_back(&entry);
    }
    std::ranges::sort(entries, [](const Entry* a, const Entry* b) { return a->first < b->first; });
    return entries;
  }

  std::unordered_map<size_t, Bucket> buckets_;
  size_t size_ = 0;
};

}  // namespace watchfire::nflog
