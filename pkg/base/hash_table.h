// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Values by keys of 64 bits that are hashes themselves, such as fingerprints of alerts: for tables
// of a hundred thousand that every alert is looked up in. A value costs its own bytes, its key and
// about 12 more, and a look-up touches one line of cells and one of values.
//
//   cells   [ .  a2 | c7  0 | .    . | 91  1 ]    half of the mixed key, and the number of an entry
//   blocks  [ key value | key value | ... ]       in the order they came; gaps are used again
//
// Not thread-safe. Whoever can choose keys can make it slow, as with any table of unkeyed hashes.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "pkg/base/check.h"

namespace watchfire {

template <typename T>
class HashTable {
 public:
  // The value of `key`, or null. It stays where it is until another one is erased.
  T* Find(uint64_t key) {
    const size_t at = CellOf(key);
    return at == kNowhere ? nullptr : &EntryOf(cells_[at]).value;
  }
  const T* Find(uint64_t key) const { return const_cast<HashTable*>(this)->Find(key); }
  bool contains(uint64_t key) const { return CellOf(key) != kNowhere; }
  // Has the processor fetch where a look-up of the key begins.
  void Fetch(uint64_t key) const {
    if (!cells_.empty()) __builtin_prefetch(&cells_[Home(Mixed(key))]);
  }
  // The same of the value, where Fetch() has been done with a while ago.
  void FetchValue(uint64_t key) const {
    if (cells_.empty()) return;
    const uint32_t mixed = Mixed(key);
    const size_t mask = cells_.size() - 1;
    for (size_t at = Home(mixed); cells_[at].number != kFree; at = (at + 1) & mask) {
      if (cells_[at].mixed != mixed) continue;
      const uint32_t number = cells_[at].number;
      const Entry* entry = &blocks_[number / kBlock][number % kBlock];
      __builtin_prefetch(entry);
      __builtin_prefetch(reinterpret_cast<const char*>(entry + 1) - 1);
      return;
    }
  }
  // Precondition: it is there.
  T& at(uint64_t key) {
    T* found = Find(key);
    WF_CHECK(found != nullptr);
    return *found;
  }
  const T& at(uint64_t key) const { return const_cast<HashTable*>(this)->at(key); }

  // The value of `key`, a new one if there was none.
  T& FindOrAdd(uint64_t key) {
    if (T* found = Find(key)) return *found;
    // Full at 7/8.
    if (8 * (size_ + 1) > 7 * cells_.size()) Grow();
    uint32_t number = used_;
    if (free_.empty()) {
      WF_CHECK(used_ < kFree);
      if (used_ % kBlock == 0) blocks_.push_back(std::make_unique<Entry[]>(kBlock));
      ++used_;
    } else {
      number = free_.back();
      free_.pop_back();
    }
    const Cell cell{Mixed(key), number};
    Place(cell);
    ++size_;
    Entry& entry = EntryOf(cell);
    entry.key = key;
    return entry.value;
  }

  // Returns whether it was there. Others may move.
  bool Erase(uint64_t key) {
    const size_t at = CellOf(key);
    if (at == kNowhere) return false;
    EntryOf(cells_[at]).value = T();
    free_.push_back(cells_[at].number);
    --size_;
    CloseGap(at);
    // What a storm has left behind goes, at a price that its own erasures have paid for.
    if (used_ >= 4 * kBlock && size_ < used_ / 4) Compact();
    return true;
  }

  // Calls `visit(key, value)` for each, in no order that may show.
  template <typename Visit>
  void ForEach(Visit visit) {
    for (const Cell& cell : cells_) {
      if (cell.number == kFree) continue;
      Entry& entry = EntryOf(cell);
      visit(std::as_const(entry.key), entry.value);
    }
  }
  template <typename Visit>
  void ForEach(Visit visit) const {
    const_cast<HashTable*>(this)->ForEach(
        [&visit](uint64_t key, const T& value) { visit(key, value); });
  }

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  // Values that it has memory for.
  size_t capacity() const { return blocks_.size() * kBlock; }

 private:
  static constexpr uint32_t kBlock = 32;
  static constexpr uint32_t kFree = ~uint32_t{0};
  static constexpr size_t kNowhere = ~size_t{0};

  struct Cell {
    uint32_t mixed = 0;
    uint32_t number = kFree;
  };
  struct Entry {
    uint64_t key = 0;
    T value{};
  };

  static uint32_t Mixed(uint64_t key) {
    return static_cast<uint32_t>((key * 0x9e3779b97f4a7c15ULL) >> 32);
  }
  size_t Home(uint32_t mixed) const { return mixed >> shift_; }
  Entry& EntryOf(const Cell& cell) { return blocks_[cell.number / kBlock][cell.number % kBlock]; }

  size_t CellOf(uint64_t key) const {
    if (size_ == 0) return kNowhere;
    const uint32_t mixed = Mixed(key);
    const size_t mask = cells_.size() - 1;
    for (size_t at = Home(mixed); cells_[at].number != kFree; at = (at + 1) & mask) {
      const Cell& cell = cells_[at];
      if (cell.mixed == mixed && blocks_[cell.number / kBlock][cell.number % kBlock].key == key) {
        return at;
      }
    }
    return kNowhere;
  }

  void Place(const Cell& cell) {
    const size_t mask = cells_.size() - 1;
    size_t at = Home(cell.mixed);
    while (cells_[at].number != kFree) at = (at + 1) & mask;
    cells_[at] = cell;
  }

  // Those behind the gap move up into it where they are not in front of their home then.
  void CloseGap(size_t gap) {
    const size_t mask = cells_.size() - 1;
    for (size_t at = (gap + 1) & mask; cells_[at].number != kFree; at = (at + 1) & mask) {
      const size_t from_home = (at - Home(cells_[at].mixed)) & mask;
      if (from_home < ((at - gap) & mask)) continue;
      cells_[gap] = cells_[at];
      gap = at;
    }
    cells_[gap] = Cell();
  }

  void Grow() {
    constexpr size_t kLeast = 8;
    const size_t count = cells_.empty() ? kLeast : 2 * cells_.size();
    shift_ = 32;
    for (size_t reach = 1; reach < count; reach *= 2) --shift_;
    std::vector<Cell> old = std::exchange(cells_, std::vector<Cell>(count));
    for (const Cell& cell : old) {
      if (cell.number != kFree) Place(cell);
    }
  }

  void Compact() {
    HashTable fresh;
    ForEach([&fresh](uint64_t key, T& value) { fresh.FindOrAdd(key) = std::move(value); });
    *this = std::move(fresh);
  }

  std::vector<Cell> cells_;  // A power of two of them, or none.
  int shift_ = 32;           // 32 less the bits of their number.
  std::vector<std::unique_ptr<Entry[]>> blocks_;
  std::vector<uint32_t> free_;  // Numbers of entries that are gaps.
  uint32_t used_ = 0;           // Entries that ever held something.
  size_t size_ = 0;
};

}  // namespace watchfire
