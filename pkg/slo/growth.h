// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What counters grew by, worked out from their samples. Asking Prometheus for it takes seven
// selectors a counter (increments.h), each of which decodes a chunk of each series; its samples
// take one, and the errors are mostly among the samples of all events. Pure.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pkg/base/time.h"
#include "pkg/matcher/matcher.h"
#include "pkg/promql/ast.h"
#include "pkg/promql/response.h"

namespace watchfire::slo {

class Growth {
 public:
  // Of the two sides of an SLI that add up (linear.h). nullopt if a side is more than sums,
  // differences and multiples of rate() and increase(), and `or` with zeros: joins with info
  // metrics, counters with an offset, counts of samples.
  static std::optional<Growth> Of(const promql::Expr& bad, const promql::Expr& total);

  // The range selectors to ask, over `range`: instant queries whose answers are samples.
  std::vector<std::string> Queries(Duration range) const;

  struct Sides {
    promql::Vector bad;  // Each sample at the end of its minute.
    promql::Vector total;
  };
  // Which minute has what a counter grew by from its last sample in one to its first in the next:
  // the later one, as sums have it; or the earlier one, so that a window that begins between them
  // has none of it, as increase() has not. Then the first minute has what came before it as well,
  // and what new series begin with is left out.
  enum class Straddling { kLater, kEarlier };
  // What happened in the minutes [first, last], as the queries of Increments have it, with the last
  // of two resets in one minute seen as well. `samples` are the answers to Queries(), series by
  // series, from a minute or more before `first` on. nullopt if they do not tell: of kLater, a
  // series has no sample before one in these minutes, so it may be new or its scrapes far apart; or
  // it is there twice.
  std::optional<Sides> Count(const std::vector<promql::Vector>& samples, int64_t first,
                             int64_t last, Straddling straddling = Straddling::kLater) const;

 private:
  struct Leaf {
    promql::VectorSelector selector;
    size_t query = 0;             // Of Queries().
    matcher::Matchers narrowing;  // Which of its series are meant.
  };
  struct Node {
    enum class Kind { kLeaf, kZero, kScale, kSum, kAdd, kSubtract, kOr };
    Kind kind = Kind::kZero;
    size_t leaf = 0;                    // kLeaf
    double factor = 1;                  // kScale
    bool without = false;               // kSum
    std::vector<std::string> grouping;  // kSum
    std::vector<Node> parts;
  };
  class Compiler;
  class Counter;

  std::vector<Leaf> leaves_;
  std::vector<promql::VectorSelector> queries_;
  Node bad_;
  Node total_;
};

}  // namespace watchfire::slo
