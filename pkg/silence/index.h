// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Finds the silences that may match an alert without trying them all. Private to pkg/silence.

#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "pkg/labels/labels.h"
#include "pkg/matcher/matcher.h"
#include "pkg/silence/regex_set.h"
#include "pkg/silence/silence.h"

namespace watchfire::silence {

class Index {
 public:
  // The silence stays where it is, with equal matcher sets, until it is removed.
  void Add(const Silence& silence);
  // Looks through all of the index once, however many there are.
  void Remove(const std::unordered_set<const Silence*>& gone);

  // Returns every silence that matches `labels`, and some that may not; none twice.
  std::vector<const Silence*> Candidates(const labels::LabelSet& labels) const;

 private:
  const matcher::Matcher* Anchor(const matcher::Matchers& set) const;
  void AddSet(const Silence& silence, const matcher::Matchers& set);

  using List = std::vector<const Silence*>;
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  template <typename T>
  using ByText = std::unordered_map<std::string, T, Hash, std::equal_to<>>;

  // What silences demand of one label.
  struct Demands {
    ByText<List> values;  // label="value"
    RegexSet regexes;     // label=~"start.*"
    RegexSet floating;    // label=~".*end"
    // The floating ones in the order in which they came.
    std::vector<std::pair<matcher::Matcher, const Silence*>> arrived;
    // For values met before: which of the first `tried` of those match.
    struct Tried {
      size_t tried = 0;
      List matching;
    };
    mutable ByText<Tried> memo;
  };

  static const List& Floating(const Demands& demands, std::string_view value);

  std::map<std::string, Demands, std::less<>> by_label_;
  ByText<size_t> patterns_;   // How many matcher sets hold it, by name, NUL and expression.
  List anywhere_;             // Those with a set that asks no label to be present.
  bool has_several_ = false;  // Some silence has several sets, so it may be found several times.
};

}  // namespace watchfire::silence
