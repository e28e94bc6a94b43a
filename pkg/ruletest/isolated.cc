// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/ruletest/isolated.h"

#include <algorithm>
#include <utility>

#include "pkg/promql/parse.h"
#include "pkg/promql/print.h"
#include "pkg/promql/walk.h"

namespace watchfire::ruletest {
namespace {

using promql::LabelMatcher;
using promql::MatchOp;

constexpr std::string_view kName = "__name__";

// Gives the name that `selector` asks for the prefix, whatever way it asks.
void AddPrefix(const std::string& prefix, promql::VectorSelector* selector) {
  if (!selector->name.empty()) {
    selector->name = prefix + selector->name;
    return;
  }
  bool is_bound = false;  // To names with the prefix.
  for (LabelMatcher& matcher : selector->matchers) {
    if (matcher.name != kName) continue;
    const bool is_regex = matcher.op == MatchOp::kRegex || matcher.op == MatchOp::kNotRegex;
    matcher.value = prefix + (is_regex ? "(?:" + matcher.value + ")" : matcher.value);
    is_bound |= matcher.op == MatchOp::kEqual || matcher.op == MatchOp::kRegex;
  }
  if (!is_bound) {
    selector->matchers.push_back({MatchOp::kRegex, std::string(kName), prefix + ".*", {}});
  }
}

bool UsesNameAsText(const promql::Expr& root) {
  bool uses = false;
  promql::ForEach(root, [&](const promql::Expr& expr) {
    // What is anchored within cannot get a prefix.
    const auto looks_inside = [](const LabelMatcher& matcher) {
      return matcher.name == kName &&
             (matcher.op == MatchOp::kRegex || matcher.op == MatchOp::kNotRegex) &&
             matcher.value.find_first_of("^\\") != std::string::npos;
    };
    const auto* matrix = expr.As<promql::MatrixSelector>();
    const auto* selector = matrix ? &matrix->selector : expr.As<promql::VectorSelector>();
    uses |= selector != nullptr && std::ranges::any_of(selector->matchers, looks_inside);
    const auto* text = expr.As<promql::StringLiteral>();
    uses |= text != nullptr && text->value == kName;
    const auto* call = expr.As<promql::Call>();
    uses |= call != nullptr && call->function->name == "info";
  });
  return uses;
}

bool MayShare(const std::string& expr) {
  const auto parsed = promql::Parse(expr);
  return parsed && !UsesNameAsText(**parsed);
}

}  // namespace

bool MayShare(const Suite& suite, const config::TestCase& test) {
  if (!IsInAnyOrder(test)) return false;
  for (const config::RuleGroup& group : suite.groups) {
    for (const config::Rule& rule : group.rules) {
      if (!MayShare(rule.expr)) return false;
      // What templates ask is known only when they run.
      for (const auto& [name, text] : rule.labels) {
        if (text.find(kName) != std::string_view::npos) return false;
      }
      for (const auto& [name, text] : rule.annotations) {
        if (text.find(kName) != std::string_view::npos) return false;
      }
    }
  }
  for (const config::Slo& slo : suite.slos) {
    for (const std::string* query : {&slo.error_query, &slo.total_query, &slo.error_ratio_query}) {
      if (query->find(kName) != std::string::npos) return false;
    }
  }
  return std::ranges::all_of(test.exprs,
                             [](const config::ExprTest& one) { return MayShare(one.expr); });
}

Status Isolated::Write(const promql::Vector& samples) {
  promql::Vector renamed = samples;
  for (promql::Sample& sample : renamed) {
    std::string name = prefix_ + std::string(sample.labels.Get(kName));
    sample.labels = sample.labels.With({{std::string(kName), std::move(name)}});
  }
  return shared_.Write(renamed);
}

Result<std::string> Isolated::Inward(const std::string& expr) const {
  auto parsed = promql::Parse(expr);
  if (!parsed) return Fail(std::move(parsed.error()));
  promql::ForEach(**parsed, [&](promql::Expr& part) {
    if (auto* selector = part.As<promql::VectorSelector>()) AddPrefix(prefix_, selector);
    if (auto* matrix = part.As<promql::MatrixSelector>()) AddPrefix(prefix_, &matrix->selector);
  });
  return promql::Print(**parsed);
}

Result<promql::Vector> Isolated::Outward(Result<promql::Vector> result) const {
  if (!result) return result;
  for (promql::Sample& sample : *result) {
    const std::string_view name = sample.labels.Get(kName);
    if (!name.starts_with(prefix_)) continue;
    sample.labels =
        sample.labels.With({{std::string(kName), std::string(name.substr(prefix_.size()))}});
  }
  return result;
}

Result<promql::Vector> Isolated::Query(const std::string& expr, WallTime at) {
  const Result<std::string> inward = Inward(expr);
  if (!inward) return Fail(inward.error());
  return Outward(shared_.Query(*inward, at));
}

Result<promql::Vector> Isolated::Range(const std::string& expr, WallTime from, WallTime to,
                                       Duration step) {
  const Result<std::string> inward = Inward(expr);
  if (!inward) return Fail(inward.error());
  return Outward(shared_.Range(*inward, from, to, step));
}

}  // namespace watchfire::ruletest
