// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "tests/accuracy/oracle.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

#include "pkg/base/check.h"
#include "pkg/promql/parse.h"

namespace watchfire::accuracy {
namespace {

using promql::BinaryOp;

constexpr int64_t kLookback = 5 * 60 * 1000;

int64_t Millis(Duration duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

labels::LabelSet WithoutName(const labels::LabelSet& labels) {
  return labels.Has("__name__") ? labels.With({{"__name__", ""}}) : labels;
}

bool Keep(BinaryOp op, double left, double right) {
  switch (op) {
    case BinaryOp::kEqual:
      return left == right;
    case BinaryOp::kNotEqual:
      return left != right;
    case BinaryOp::kLess:
      return left < right;
    case BinaryOp::kLessOrEqual:
      return left <= right;
    case BinaryOp::kGreater:
      return left > right;
    default:
      return left >= right;
  }
}

double Compute(BinaryOp op, double left, double right) {
  switch (op) {
    case BinaryOp::kAdd:
      return left + right;
    case BinaryOp::kSubtract:
      return left - right;
    case BinaryOp::kMultiply:
      return left * right;
    default:
      WF_CHECK(op == BinaryOp::kDivide);
      return left / right;
  }
}

}  // namespace

Series::Series(labels::LabelSet labels)
    : labels_(std::move(labels)),
      bare_labels_(WithoutName(labels_)),
      key_(bare_labels_.fingerprint()) {}

void Series::Add(int64_t at, double value) {
  if (std::isnan(value)) {
    stales_.push_back(at);
    return;
  }
  const bool reset = !values_.empty() && value < values_.back();
  const double growth = values_.empty() ? 0 : reset ? value : value - values_.back();
  grown_.push_back(grown_.empty() ? 0 : grown_.back() + growth);
  resets_.push_back(resets_.empty() ? 0 : resets_.back() + (reset ? 1 : 0));
  times_.push_back(at);
  values_.push_back(value);
}

std::pair<size_t, size_t> Series::Window(int64_t at, int64_t range) const {
  const auto first = std::ranges::upper_bound(times_, at - range);
  const auto last = std::ranges::upper_bound(times_, at);
  return {static_cast<size_t>(first - times_.begin()), static_cast<size_t>(last - times_.begin())};
}

void Series::AppendTo(promql::Vector* out, int64_t at, int64_t range) const {
  const auto [first, last] = Window(at, range);
  for (size_t i = first; i < last; ++i) {
    out->push_back({labels_, WallTime(std::chrono::milliseconds(times_[i])), values_[i]});
  }
}

const double* Series::Last(int64_t at, int64_t range) const {
  const auto [first, last] = Window(at, range);
  return first < last ? &values_[last - 1] : nullptr;
}

const double* Series::Latest(int64_t at, int64_t lookback) const {
  const auto [first, last] = Window(at, lookback);
  if (first == last) return nullptr;
  const auto stale = std::ranges::upper_bound(stales_, at);
  if (stale != stales_.begin() && *std::prev(stale) > times_[last - 1]) return nullptr;
  return &values_[last - 1];
}

bool Series::Increase(int64_t at, int64_t range, double* value) const {
  const auto [first, last] = Window(at, range);
  if (last - first < 2) return false;
  const double grown = grown_[last - 1] - grown_[first];
  const double sampled = static_cast<double>(times_[last - 1] - times_[first]);
  const double average = sampled / static_cast<double>(last - first - 1);
  double to_start = static_cast<double>(times_[first] - (at - range));
  double to_end = static_cast<double>(at - times_[last - 1]);
  if (to_start >= average * 1.1) to_start = average / 2;
  if (grown > 0 && values_[first] >= 0) {
    to_start = std::min(to_start, sampled * (values_[first] / grown));
  }
  if (to_end >= average * 1.1) to_end = average / 2;
  *value = grown * (sampled + to_start + to_end) / sampled;
  return true;
}

double Series::Sum(int64_t at, int64_t range) const {
  const auto [first, last] = Window(at, range);
  double sum = 0;
  for (size_t i = first; i < last; ++i) sum += values_[i];
  return sum;
}

double Series::Max(int64_t at, int64_t range) const {
  const auto [first, last] = Window(at, range);
  double max = -std::numeric_limits<double>::infinity();
  for (size_t i = first; i < last; ++i) max = std::max(max, values_[i]);
  return max;
}

double Series::Min(int64_t at, int64_t range) const {
  const auto [first, last] = Window(at, range);
  double min = std::numeric_limits<double>::infinity();
  for (size_t i = first; i < last; ++i) min = std::min(min, values_[i]);
  return min;
}

size_t Series::Resets(int64_t at, int64_t range) const {
  const auto [first, last] = Window(at, range);
  return first < last ? resets_[last - 1] - resets_[first] : 0;
}

size_t Series::Count(int64_t at, int64_t range) const {
  const auto [first, last] = Window(at, range);
  return last - first;
}

Series* Oracle::Add(labels::LabelSet labels) {
  auto& same_name = series_[std::string(labels.Get("__name__"))];
  same_name.push_back(std::make_unique<Series>(std::move(labels)));
  return same_name.back().get();
}

const promql::Expr& Oracle::Parsed(const std::string& expr) {
  promql::ExprPtr& parsed = parsed_[expr];
  if (!parsed) {
    Result<promql::ExprPtr> fresh = promql::Parse(expr);
    WF_CHECK(fresh.has_value());
    parsed = *std::move(fresh);
  }
  return *parsed;
}

promql::Vector Oracle::Samples(const std::string& expr, WallTime at) {
  ++queries_;
  const auto* matrix = Parsed(expr).As<promql::MatrixSelector>();
  WF_CHECK(matrix != nullptr);
  promql::Vector out;
  for (const Series* series : Select(matrix->selector)) {
    series->AppendTo(&out, Millis(at.time_since_epoch()), Millis(matrix->range.value));
  }
  return out;
}

promql::Vector Oracle::Query(const std::string& expr, WallTime at) {
  ++queries_;
  const Value value = Eval(Parsed(expr), Millis(at.time_since_epoch()));
  if (value.is_scalar) return {{{}, at, value.scalar}};
  promql::Vector out;
  for (const Element& element : value.vector) out.push_back({element.labels, at, element.value});
  return out;
}

const std::vector<const Series*>& Oracle::Select(const promql::VectorSelector& selector) const {
  const auto [entry, fresh] = selected_.try_emplace(&selector);
  const auto found = series_.find(selector.name);
  if (!fresh || found == series_.end()) return entry->second;
  for (const auto& series : found->second) {
    const bool matches = std::ranges::all_of(selector.matchers, [&](const auto& matcher) {
      WF_CHECK(matcher.op == promql::MatchOp::kEqual);
      return series->labels().Get(matcher.name) == matcher.value;
    });
    if (matches) entry->second.push_back(series.get());
  }
  return entry->second;
}

uint64_t Oracle::MatchKey(const Element& element, const promql::VectorMatching& matching) const {
  if (!matching.on) {
    WF_CHECK(matching.labels.empty());
    return element.key;
  }
  const auto [entry, fresh] = match_keys_.try_emplace({&matching, element.key});
  if (fresh) entry->second = element.labels.Only(matching.labels).fingerprint();
  return entry->second;
}

Oracle::Value Oracle::Eval(const promql::Expr& expr, int64_t at) const {
  if (const auto* number = expr.As<promql::NumberLiteral>()) return {true, number->value, {}};
  if (const auto* paren = expr.As<promql::Paren>()) return Eval(*paren->expr, at);
  if (const auto* call = expr.As<promql::Call>()) return EvalCall(*call, at);
  if (const auto* binary = expr.As<promql::Binary>()) return EvalBinary(*binary, at);
  if (const auto* aggregate = expr.As<promql::Aggregate>()) return EvalSum(*aggregate, at);
  const auto* selector = expr.As<promql::VectorSelector>();
  WF_CHECK(selector != nullptr);
  Value value;
  for (const Series* series : Select(*selector)) {
    const double* latest = series->Latest(at - Millis(selector->offset.value), kLookback);
    if (latest != nullptr) value.vector.push_back({series->labels(), *latest, series->key()});
  }
  return value;
}

Oracle::Value Oracle::EvalCall(const promql::Call& call, int64_t at) const {
  const std::string_view name = call.function->name;
  if (name == "vector")
    return {false, 0, {{{}, Eval(*call.args[0], at).scalar, labels::LabelSet().fingerprint()}}};
  if (name == "clamp_min") {
    Value value = Eval(*call.args[0], at);
    const double least = Eval(*call.args[1], at).scalar;
    for (Element& element : value.vector) element.value = std::max(element.value, least);
    return value;
  }
  if (const auto* steps = call.args[0]->As<promql::Subquery>()) {
    WF_CHECK(name == "sum_over_time");
    return EvalSteps(*steps, at);
  }
  const auto* matrix = call.args[0]->As<promql::MatrixSelector>();
  WF_CHECK(matrix != nullptr);
  const int64_t end = at - Millis(matrix->selector.offset.value);
  const int64_t range = Millis(matrix->range.value);
  Value value;
  for (const Series* series : Select(matrix->selector)) {
    if (series->Count(end, range) == 0) continue;
    double result = 0;
    if (name == "last_over_time") {
      value.vector.push_back({series->labels(), *series->Last(end, range), series->key()});
      continue;
    }
    if (name == "sum_over_time") {
      result = series->Sum(end, range);
    } else if (name == "count_over_time") {
      result = static_cast<double>(series->Count(end, range));
    } else if (name == "max_over_time") {
      result = series->Max(end, range);
    } else if (name == "min_over_time") {
      result = series->Min(end, range);
    } else if (name == "resets") {
      result = static_cast<double>(series->Resets(end, range));
    } else {
      WF_CHECK(name == "increase" || name == "rate");
      if (!series->Increase(end, range, &result)) continue;
      if (name == "rate") result /= static_cast<double>(range) / 1000;
    }
    value.vector.push_back({series->bare_labels(), result, series->key()});
  }
  return value;
}

Oracle::Value Oracle::EvalSteps(const promql::Subquery& steps, int64_t at) const {
  const int64_t step = Millis(steps.step.value().value);
  std::map<uint64_t, Element> sums;
  // Multiples of the step since 1970.
  for (int64_t each = at / step * step; each > at - Millis(steps.range.value); each -= step) {
    for (const Element& element : Eval(*steps.expr, each).vector) {
      const auto [entry, fresh] = sums.try_emplace(element.key, element);
      if (fresh) continue;
      // Once with a name and once without one are two series, and then twice the same.
      WF_CHECK(entry->second.labels == element.labels);
      entry->second.value += element.value;
    }
  }
  Value out;
  for (auto& [key, element] : sums) {
    out.vector.push_back({WithoutName(element.labels), element.value, key});
  }
  return out;
}

Oracle::Value Oracle::EvalBinary(const promql::Binary& binary, int64_t at) const {
  const Value left = Eval(*binary.left, at);
  const Value right = Eval(*binary.right, at);
  const bool compares = promql::IsComparison(binary.op);
  Value out;
  if (left.is_scalar && right.is_scalar) {
    return {true, Compute(binary.op, left.scalar, right.scalar), {}};
  }
  if (left.is_scalar || right.is_scalar) {
    for (const Element& element : left.is_scalar ? right.vector : left.vector) {
      const double a = left.is_scalar ? left.scalar : element.value;
      const double b = left.is_scalar ? element.value : right.scalar;
      if (!compares) {
        out.vector.push_back({WithoutName(element.labels), Compute(binary.op, a, b), element.key});
      } else if (Keep(binary.op, a, b)) {
        out.vector.push_back(element);
      }
    }
    return out;
  }
  std::map<uint64_t, const Element*> others;
  for (const Element& element : right.vector) {
    const bool fresh = others.emplace(MatchKey(element, binary.matching), &element).second;
    WF_CHECK(fresh || promql::IsSetOperator(binary.op));
  }
  std::set<uint64_t> keys;
  for (const Element& element : left.vector) {
    const uint64_t key = MatchKey(element, binary.matching);
    const auto other = others.find(key);
    if (binary.op == BinaryOp::kOr || (binary.op == BinaryOp::kAnd && other != others.end()) ||
        (binary.op == BinaryOp::kUnless && other == others.end())) {
      out.vector.push_back(element);
    } else if (!promql::IsSetOperator(binary.op) && other != others.end()) {
      const double b = other->second->value;
      if (!compares) {
        out.vector.push_back(
            {WithoutName(element.labels), Compute(binary.op, element.value, b), element.key});
      } else if (Keep(binary.op, element.value, b)) {
        out.vector.push_back(element);
      }
    }
    keys.insert(key);
  }
  if (binary.op != BinaryOp::kOr) return out;
  for (const Element& element : right.vector) {
    if (!keys.contains(MatchKey(element, binary.matching))) out.vector.push_back(element);
  }
  return out;
}

Oracle::Value Oracle::EvalSum(const promql::Aggregate& aggregate, int64_t at) const {
  const bool is_max = aggregate.op == promql::AggregateOp::kMax;
  WF_CHECK((is_max || aggregate.op == promql::AggregateOp::kSum) && !aggregate.without);
  std::map<uint64_t, Element> sums;
  for (const Element& element : Eval(*aggregate.expr, at).vector) {
    labels::LabelSet group;
    if (!aggregate.grouping.empty()) group = element.labels.Only(aggregate.grouping);
    const uint64_t key = group.fingerprint();
    const auto [entry, fresh] = sums.try_emplace(key, Element{{}, element.value, key});
    Element& sum = entry->second;
    sum.labels = std::move(group);
    if (fresh) continue;
    sum.value = is_max ? std::max(sum.value, element.value) : sum.value + element.value;
  }
  Value out;
  for (auto& [key, element] : sums) out.vector.push_back(std::move(element));
  return out;
}

}  // namespace watchfire::accuracy
