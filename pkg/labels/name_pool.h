// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Lets label sets that are kept for long share their names: a hundred thousand alerts have a
// handful of different lists of them. Not thread-safe; the sets it returns are.

#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>

#include "pkg/labels/labels.h"

namespace watchfire::labels {

class NamePool {
 public:
  // Returns an equal set whose names are those of every other set of the same names.
  LabelSet Share(const LabelSet& set);
  // Forgets the names that no set has any more.
  void Sweep();
  size_t size() const { return names_.size(); }

 private:
  // By a hash of the names; their values are empty.
  std::unordered_map<uint64_t, LabelSet> names_;
  LabelSet last_;  // Of names_, those of the set before: neighbours mostly have the same.
};

}  // namespace watchfire::labels
