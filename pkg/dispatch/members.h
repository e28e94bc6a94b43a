// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The alerts of a group, by fingerprint, and the order in which they are told, which is worked out
// when an alert came or left and not each time somebody asks.
//
// Most groups have a handful, which stand side by side: a storm flushes ten thousand groups that
// nobody has looked at for a while, and a tree of their alerts is a way from one cold place to the
// next. A group may have a hundred thousand as well: these stand in leaves of some dozens.

#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

#include "pkg/alert/alert.h"

namespace watchfire::dispatch {

class Members {
 public:
  using Entry = std::pair<uint64_t, std::shared_ptr<const alert::Alert>>;
  using Order = std::shared_ptr<const std::vector<uint64_t>>;

  // In the order of fingerprints. Valid until one comes or goes.
  class const_iterator {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = Entry;
    using difference_type = std::ptrdiff_t;
    using pointer = const Entry*;
    using reference = const Entry&;

    const_iterator() = default;
    reference operator*() const { return members_->leaves_[leaf_][at_]; }
    pointer operator->() const { return &**this; }
    const_iterator& operator++() {
      if (++at_ == members_->leaves_[leaf_].size()) {
        ++leaf_;
        at_ = 0;
      }
      return *this;
    }
    const_iterator operator++(int) {
      const const_iterator before = *this;
      ++*this;
      return before;
    }
    bool operator==(const const_iterator&) const = default;

   private:
    friend class Members;
    const_iterator(const Members* members, size_t leaf, size_t at)
        : members_(members), leaf_(leaf), at_(at) {}

    const Members* members_ = nullptr;
    size_t leaf_ = 0;
    size_t at_ = 0;
  };

  const_iterator begin() const { return {this, 0, 0}; }
  const_iterator end() const { return {this, leaves_.size(), 0}; }
  const_iterator find(uint64_t fingerprint) const;
  bool contains(uint64_t fingerprint) const { return find(fingerprint) != end(); }
  // Precondition: it is there.
  const std::shared_ptr<const alert::Alert>& at(uint64_t fingerprint) const;
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  // Takes the newest state of an alert.
  void Put(const std::shared_ptr<const alert::Alert>& alert);
  void Erase(const_iterator place);

  template <typename Predicate>
  void EraseIf(Predicate gone) {
    std::vector<uint64_t> going;  // All are asked before one leaves: they may look for each other.
    for (const Entry& entry : *this) {
      if (gone(entry)) going.push_back(entry.first);
    }
    for (const uint64_t fingerprint : going) Erase(find(fingerprint));
  }

  // Fingerprints in NotificationOrder. Labels never change, so neither does it while the same
  // alerts are in the group.
  const Order& order() const;
  // Has the processor fetch a part of them, for order(): each a while after the one before. Not of
  // a crowd, of which some would have left the cache before they are looked at.
  enum class Part { kLeaves, kEntries, kAlerts, kLabels };
  void Fetch(Part part) const;
  // Grows with every change: of who is in it, and of the state of those.
  uint64_t version() const { return version_; }
  // Grows with every change of who is in it.
  uint64_t turnover() const { return turnover_; }

 private:
  using Leaf = std::vector<Entry>;  // Sorted; never empty.

  static constexpr size_t kLeafMost = 64;

  // The leaf that has the fingerprint, or is to take it.
  size_t LeafOf(uint64_t fingerprint) const;
  void Turn() {
    order_ = nullptr;
    ++turnover_;
  }

  std::vector<Leaf> leaves_;  // All of one lies before all of the next.
  size_t size_ = 0;
  uint64_t version_ = 0;
  uint64_t turnover_ = 0;
  mutable Order order_;  // Null: to be worked out.
};

}  // namespace watchfire::dispatch
