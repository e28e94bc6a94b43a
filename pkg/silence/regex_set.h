// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Many regular expressions on one label, tried at once. Private to pkg/silence.

#pragma once

#include <memory>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "pkg/matcher/matcher.h"
#include "pkg/silence/silence.h"

namespace re2 {
class RE2;
}

namespace watchfire::silence {

// An automaton that reads a value once knows all expressions that match it. Building one for
// thousands takes too long for a change of one, so they are kept in batches that double: a new
// expression joins the last and smallest, and two of one size become one.
class RegexSet {
 public:
  RegexSet();
  ~RegexSet();
  RegexSet(RegexSet&&) noexcept;

  // Whether the set is faster than trying the expression by itself: its matches must begin alike,
  // or the automaton has to bear it in mind all the way through every value.
  static bool Suits(const matcher::Matcher& regex);

  void Add(const matcher::Matcher& regex, const Silence& silence);
  void Remove(const std::unordered_set<const Silence*>& gone);
  bool empty() const { return batches_.empty(); }

  // Appends the silences whose expression matches `value`.
  void AppendMatching(std::string_view value, std::vector<const Silence*>* out) const;

 private:
  struct Batch;

  std::vector<Batch> batches_;  // No larger ones behind smaller ones, when added in order.
};

}  // namespace watchfire::silence
