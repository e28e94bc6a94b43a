// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/ruletest/ahead.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "pkg/promql/parse.h"
#include "pkg/promql/walk.h"

namespace watchfire::ruletest {
namespace {

constexpr int64_t kStepsAtOnce = 5000;  // Prometheus gives 11,000.

bool LooksAhead(const promql::AtModifier& at, const promql::TimeLength& offset) {
  return at.kind != promql::AtModifier::Kind::kNone || offset.formula ||
         offset.value < Duration::zero();
}

// The metrics that `text` reads; nullopt if that cannot be told, or it looks ahead.
std::optional<std::set<std::string>> MetricsOf(const std::string& text) {
  const auto parsed = promql::Parse(text);
  if (!parsed) return std::nullopt;
  std::set<std::string> names;
  bool is_known = true;
  promql::ForEach(**parsed, [&](const promql::Expr& expr) {
    if (const auto* subquery = expr.As<promql::Subquery>()) {
      is_known &= !LooksAhead(subquery->at, subquery->offset);
    }
    const auto* call = expr.As<promql::Call>();
    is_known &= call == nullptr || call->function->name != "info";
    const auto* matrix = expr.As<promql::MatrixSelector>();
    const auto* selector = matrix ? &matrix->selector : expr.As<promql::VectorSelector>();
    if (selector == nullptr) return;
    std::string name = selector->name;
    for (const promql::LabelMatcher& matcher : selector->matchers) {
      const bool is_name = matcher.name == "__name__" && matcher.op == promql::MatchOp::kEqual;
      if (is_name) name = matcher.value;
    }
    is_known &= !name.empty() && !LooksAhead(selector->at, selector->offset) &&
                selector->extension != promql::Extension::kSmoothed;
    names.insert(std::move(name));
  });
  if (!is_known || names.contains("ALERTS") || names.contains("ALERTS_FOR_STATE")) {
    return std::nullopt;
  }
  return names;
}

bool MayAsk(const config::Rule& rule) {
  const auto asks = [](const labels::Label& one) {
    return one.value.find("query") != std::string_view::npos;
  };
  return std::ranges::none_of(rule.labels, asks) && std::ranges::none_of(rule.annotations, asks);
}

bool IsPlain(const std::string& query) {
  return std::ranges::none_of(
      std::vector<std::string>{"@", "offset", "ALERTS", "__name__", "info"},
      [&](const std::string& word) { return query.find(word) != std::string::npos; });
}

}  // namespace

bool MayAskAhead(const Suite& suite, const config::TestCase& test) {
  if (!IsInAnyOrder(test)) return false;
  // What is decoded of a range has no histograms.
  for (const config::TestSeries& series : test.series) {
    if (series.values.find('{') != std::string::npos) return false;
  }
  std::set<std::string> read;  // By the rules so far.
  for (const config::RuleGroup& group : suite.groups) {
    for (const config::Rule& rule : group.rules) {
      const auto names = MetricsOf(rule.expr);
      if (!names || !MayAsk(rule)) return false;
      read.insert(names->begin(), names->end());
      if (!rule.record.empty() && read.contains(rule.record)) return false;
    }
  }
  for (const config::Slo& slo : suite.slos) {
    for (const std::string* query : {&slo.error_query, &slo.total_query, &slo.error_ratio_query}) {
      if (!IsPlain(*query)) return false;
    }
  }
  return std::ranges::all_of(
      test.exprs, [](const config::ExprTest& one) { return MetricsOf(one.expr).has_value(); });
}

Result<promql::Vector> Ahead::Query(const std::string& expr, WallTime at) {
  if (at > last_ || at < start_ || (at - start_) % step_ != Duration::zero()) {
    return backend_.Query(expr, at);
  }
  const auto known = columns_.find(expr);
  if (known == columns_.end() || at < known->second.begin || at >= known->second.end) {
    const bool is_all = (last_ - at) / step_ < kStepsAtOnce;
    const WallTime to = is_all ? last_ : at + kStepsAtOnce * step_;
    Result<promql::Vector> range = backend_.Range(expr, at, to, step_);
    if (!range) return backend_.Query(expr, at);
    Column column{at, to + Duration(1), {}};
    for (promql::Sample& sample : *range) {
      promql::Vector& vector = column.at[sample.at];
      vector.push_back(std::move(sample));
    }
    columns_.insert_or_assign(expr, std::move(column));
  }
  const Column& column = columns_.at(expr);
  const auto found = column.at.find(at);
  return found == column.at.end() ? promql::Vector() : found->second;
}

}  // namespace watchfire::ruletest
