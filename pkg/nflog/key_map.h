// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What is remembered by nflog::Key, visited in the order of keys. Looked up by a hash of the group:
// a storm brings ten thousand groups whose keys differ only far behind, and a tree of them all
// would compare a dozen of those texts each time. The few keys of a group are looked through.

#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "pkg/base/shared_text.h"
#include "pkg/nflog/key.h"

namespace watchfire::nflog {

template <typename T>
class KeyMap {
 public:
  // Null when there is none. Valid until that key is erased.
  T* Find(const Key& key) {
    const auto found = PlaceOf(key.group_key.hash(), key);
    return found == entries_.end() ? nullptr : &found->second.second;
  }
  const T* Find(const Key& key) const { return const_cast<KeyMap*>(this)->Find(key); }
  bool contains(const Key& key) const { return Find(key) != nullptr; }

  // Returns what is there, or a new T; and whether it is new.
  std::pair<T*, bool> Add(const Key& key) {
    const size_t hash = key.group_key.hash();
    if (const auto found = PlaceOf(hash, key); found != entries_.end()) {
      return {&found->second.second, false};
    }
    const auto place = entries_.emplace(std::piecewise_construct, std::forward_as_tuple(hash),
                                        std::forward_as_tuple(key, T()));
    return {&place->second.second, true};
  }
  T& operator[](const Key& key) { return *Add(key).first; }

  void Erase(const Key& key) { Take(key); }
  // Erases it and returns what it was; nullopt when there was none.
  std::optional<T> Take(const Key& key) {
    const auto found = PlaceOf(key.group_key.hash(), key);
    if (found == entries_.end()) return std::nullopt;
    std::optional<T> taken = std::move(found->second.second);
    entries_.erase(found);
    return taken;
  }

  size_t size() const { return entries_.size(); }

  // Calls `visit(key, value)` for all, in the order of keys. Nothing may come or go meanwhile.
  template <typename Visit>
  void ForEach(Visit visit) {
    for (Entry* entry : InOrder<Entry>(entries_)) visit(entry->first, entry->second);
  }
  template <typename Visit>
  void ForEach(Visit visit) const {
    for (const Entry* entry : InOrder<const Entry>(entries_)) visit(entry->first, entry->second);
  }

  // The keys of one group, in order.
  std::vector<Key> OfGroup(const SharedText& group_key) const {
    std::vector<Key> keys;
    const auto [begin, end] = entries_.equal_range(group_key.hash());
    for (auto at = begin; at != end; ++at) {
      const Key& key = at->second.first;
      if (key.group_key == group_key) keys.push_back(key);
    }
    std::ranges::sort(keys);
    return keys;
  }

 private:
  using Entry = std::pair<const Key, T>;
  using Entries = std::unordered_multimap<size_t, Entry>;  // By the hash of the group key.

  typename Entries::iterator PlaceOf(size_t hash, const Key& key) {
    // Not by equal_range(), which looks at what stands behind them as well: memory of its own.
    auto found = entries_.find(hash);
    while (found != entries_.end() && found->first == hash && found->second.first != key) ++found;
    return found != entries_.end() && found->first == hash ? found : entries_.end();
  }
  template <typename Ordered, typename Of>
  static std::vector<Ordered*> InOrder(Of& entries) {
    std::vector<Ordered*> ordered;
    ordered.reserve(entries.size());
    for (auto& [hash, entry] : entries) ordered.push_back(&entry);
    std::ranges::sort(ordered, {}, [](const Entry* entry) -> const Key& { return entry->first; });
    return ordered;
  }

  Entries entries_;
};

}  // namespace watchfire::nflog
