// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Lets label sets that are kept for long share what they have in common: a hundred thousand alerts
// have a handful of different lists of names, and those of one group, which come one after the
// other, differ in two or three values. Not thread-safe; the sets it returns are.
//
//   names   alertname cluster pod          of all sets of these names
//   base    Down      prod    web-1        the first of a row of neighbours, in full
//   others  .         .       web-2        what differs from it
//
// Names and base live as long as one of the others: in the worst case a set costs its own size,
// that of its base and that of its names.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "pkg/labels/labels.h"

namespace watchfire::labels {

class SetPool {
 public:
  // Returns an equal set that shares its names with every other set of the same names that this
  // pool has returned, and values with one of those that came shortly before, where that is worth
  // it.
  LabelSet Share(const LabelSet& set);
  // Share() for a set that is not put together yet. Puts `labels` in order, if they are not. The
  // first of its names is put together by itself: it may stay alone.
  LabelSet Make(std::vector<Label>* labels);
  // Whether a few others share with it now, of whatever pool.
  static bool IsShared(const LabelSet& set);
  // Forgets the names that no set has any more, and what the next sets would be compared with.
  void Sweep();
  size_t size() const { return kinds_.size(); }

 private:
  struct Kind {                  // Of sets with the same names.
    LabelSet names;              // Their values are empty. Not there yet: one has been made.
    LabelSet base;               // The last that was kept in full; at first the names.
    LabelSet previous;           // The last of all.
    std::vector<Label> of_base;  // To be compared with: put together once.
  };
  static void SetBase(const LabelSet& base, Kind* kind);
  // Sets own_, common_ and news_; false when the names differ, or their order.
  bool Compare(const std::vector<Label>& labels, const Kind& kind);
  bool CompareLast(const std::vector<Label>& labels) {
    return last_ != nullptr && Compare(labels, *last_);
  }
  // Finds or makes the kind, which is the last one then; false: another one has its place.
  bool CompareOthers(const std::vector<Label>& labels, uint64_t hash_of_names);
  // After Compare(): makes own_ all values where the set is to stand over the names alone.
  const LabelSet& ChooseBase(const std::vector<Label>& labels, const Kind& kind);
  // Whoever comes next is compared with it.
  LabelSet Keep(LabelSet set, Kind* kind);

  std::unordered_map<uint64_t, Kind> kinds_;  // By a hash of the names.
  Kind* last_ = nullptr;               // That of the set before: neighbours mostly have the same.
  std::vector<Label> labels_;          // Of a set that is shared.
  std::vector<std::string_view> own_;  // Values, empty where they are the base's.
  size_t common_ = 0;  // Bytes of the others; 0 when the set cannot stand over the base.
  size_t news_ = 0;    // Bytes of those of own_ that the previous set has as well.
};

}  // namespace watchfire::labels
