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
// A base lives as long as one of the others: in the worst case a set costs twice its own size.

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
  // Returns an equal set that shares its names with every other set of the same names, and values
  // with one of those that came shortly before, where that is worth it.
  LabelSet Share(const LabelSet& set);
  // Forgets the names that no set has any more, and what the next sets would be compared with.
  void Sweep();
  size_t size() const { return kinds_.size(); }

 private:
  struct Kind {                  // Of sets with the same names.
    LabelSet names;              // Their values are empty.
    LabelSet base;               // The last that was kept in full; at first the names.
    LabelSet previous;           // The last of all.
    std::vector<Label> of_base;  // To be compared with: put together once.
  };
  static void SetBase(const LabelSet& base, Kind* kind);
  // Sets own_, common_ and news_; false when the names differ.
  bool Compare(const LabelSet& set, const Kind& kind);
  // After Compare().
  LabelSet Keep(const LabelSet& set, Kind* kind);

  std::unordered_map<uint64_t, Kind> kinds_;  // By a hash of the names.
  Kind* last_ = nullptr;               // That of the set before: neighbours mostly have the same.
  std::vector<std::string_view> own_;  // Values, empty where they are the base's.
  size_t common_ = 0;  // Bytes of the others; 0 when the set cannot stand over the base.
  size_t news_ = 0;    // Bytes of those of own_ that the previous set has as well.
};

}  // namespace watchfire::labels
