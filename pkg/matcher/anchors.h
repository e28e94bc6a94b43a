// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Finds, among many lists of matchers, those that may match a label set without trying them all.

#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "pkg/labels/labels.h"
#include "pkg/matcher/matcher.h"

namespace watchfire::matcher {

// Lists that demand one value of a label stand under it, the others are candidates of every set.
class Anchors {
 public:
  // Files `matchers` under `number`.
  void Add(const Matchers& matchers, size_t number);

  // Calls `visit` with the number of every list that matches `labels`, and of some that may not; in
  // no particular order, none twice.
  template <typename Visit>
  void ForCandidates(const labels::LabelSet& labels, Visit visit) const {
    for (const size_t number : anywhere_) visit(number);
    for (const auto& [name, by_value] : by_label_) {
      const auto found = by_value.find(labels.Get(name));
      if (found == by_value.end()) continue;
      for (const size_t number : found->second) visit(number);
    }
  }

 private:
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  using ByValue = std::unordered_map<std::string, std::vector<size_t>, Hash, std::equal_to<>>;

  std::unordered_map<std::string, ByValue, Hash, std::equal_to<>> by_label_;
  std::vector<size_t> anywhere_;
};

}  // namespace watchfire::matcher
