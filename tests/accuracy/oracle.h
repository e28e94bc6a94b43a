// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// A tiny Prometheus: evaluates the part of PromQL that counts events over series that a test makes.
// Ranges are open at their left, increase() and rate() extrapolate as Prometheus' do, offset and
// staleness are kept. Source: Prometheus 3, promql/functions.go (extrapolatedRate), engine.go.

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "pkg/labels/labels.h"
#include "pkg/promql/ast.h"
#include "pkg/promql/response.h"

namespace watchfire::accuracy {

// One series; times are milliseconds since 1970 and rise. NaN is a staleness marker.
class Series {
 public:
  explicit Series(labels::LabelSet labels);
  void Add(int64_t at, double value);

  const labels::LabelSet& labels() const { return labels_; }
  const labels::LabelSet& bare_labels() const { return bare_labels_; }  // Without __name__.
  uint64_t key() const { return key_; }                                 // Of bare_labels().
  // The newest sample in (at - lookback, at], stale or not; nullptr if there is none.
  const double* Latest(int64_t at, int64_t lookback) const;
  // The same without staleness markers.
  const double* Last(int64_t at, int64_t range) const;
  // The extrapolated increase over (at - range, at]; false with fewer than two samples.
  bool Increase(int64_t at, int64_t range, double* value) const;
  // Sum and number of the samples of (at - range, at].
  double Sum(int64_t at, int64_t range) const;
  double Max(int64_t at, int64_t range) const;
  double Min(int64_t at, int64_t range) const;
  size_t Count(int64_t at, int64_t range) const;
  size_t Resets(int64_t at, int64_t range) const;
  // Adds those samples to `out`.
  void AppendTo(promql::Vector* out, int64_t at, int64_t range) const;

 private:
  // The samples of (at - range, at]: indexes [first, last).
  std::pair<size_t, size_t> Window(int64_t at, int64_t range) const;

  labels::LabelSet labels_;
  labels::LabelSet bare_labels_;
  uint64_t key_;
  std::vector<int64_t> times_;  // Without staleness markers, as are the next three.
  std::vector<double> values_;
  std::vector<double> grown_;    // By how much it has grown since the first sample.
  std::vector<size_t> resets_;   // How often it was reset since then.
  std::vector<int64_t> stales_;  // When it was marked stale.
};

class Oracle {
 public:
  Series* Add(labels::LabelSet labels);  // With __name__; before the first query. Stays there.

  // Evaluates at `at`. What it does not know of PromQL stops the test.
  promql::Vector Query(const std::string& expr, WallTime at);
  // The samples of a range selector at `at`, series by series.
  promql::Vector Samples(const std::string& expr, WallTime at);
  uint64_t queries() const { return queries_; }

 private:
  struct Element {
    labels::LabelSet labels;
    double value = 0;
    uint64_t key = 0;  // Of the labels without __name__.
  };
  struct Value {
    bool is_scalar = false;
    double scalar = 0;
    std::vector<Element> vector;
  };

  const promql::Expr& Parsed(const std::string& expr);
  Value Eval(const promql::Expr& expr, int64_t at) const;
  Value EvalCall(const promql::Call& call, int64_t at) const;
  Value EvalSteps(const promql::Subquery& steps, int64_t at) const;  // Their sum.
  Value EvalBinary(const promql::Binary& binary, int64_t at) const;
  Value EvalSum(const promql::Aggregate& aggregate, int64_t at) const;
  const std::vector<const Series*>& Select(const promql::VectorSelector& selector) const;
  // What two elements must have in common to be one, as a number.
  uint64_t MatchKey(const Element& element, const promql::VectorMatching& matching) const;

  std::map<std::string, std::vector<std::unique_ptr<Series>>> series_;  // By metric.
  std::map<std::string, promql::ExprPtr> parsed_;
  mutable std::unordered_map<const promql::VectorSelector*, std::vector<const Series*>> selected_;
  mutable std::map<std::pair<const promql::VectorMatching*, uint64_t>, uint64_t> match_keys_;
  uint64_t queries_ = 0;
};

}  // namespace watchfire::accuracy
