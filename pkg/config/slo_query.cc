// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/config/slo_query.h"

#include <set>
#include <utility>

#include "pkg/base/strings.h"
#include "pkg/config/expression.h"
#include "pkg/config/section_impl.h"
#include "pkg/promql/parse.h"
#include "pkg/promql/print.h"
#include "pkg/promql/walk.h"

namespace watchfire::config {
namespace {

constexpr std::string_view kDollarWindow = "$__window";

// A query that is being split: as it is shown, and the same for one window, to parse.
struct Parts {
  std::string text;
  Expression sample;
  size_t windows = 0;

  void Add(std::string_view shown, std::string_view sampled, size_t from) {
    sample.parts.push_back({sample.text.size(), from});
    text += shown;
    sample.text += sampled;
  }
};

// Returns false, having reported it, if it has another template.
bool Split(Section& section, const std::string& key, const std::string& text, bool dollar,
           Parts* parts) {
  const std::string sample = FormatDuration(kWindowRange);
  for (size_t from = 0; from < text.size();) {
    const size_t brace = text.find("{{", from);
    const size_t word = dollar ? text.find(kDollarWindow, from) : std::string::npos;
    const size_t open = std::min(brace, word);
    const std::string_view plain = std::string_view(text).substr(from, open - from);
    parts->Add(plain, plain, from);
    if (open == std::string::npos) break;
    size_t end = open + kDollarWindow.size();
    if (open == brace) {
      const size_t close = text.find("}}", open);
      const std::string_view inside = std::string_view(text).substr(
          open + 2, close == std::string::npos ? close : close - open - 2);
      if (close == std::string::npos || Trim(inside) != ".window") {
        section.Error(key, key + ": {{" + std::string(inside) + "}} is not supported",
                      "the only template of a query is {{.window}}");
        return false;
      }
      end = close + 2;
    }
    parts->Add(kWindow, sample, open);
    ++parts->windows;
    from = end;
  }
  parts->Add("", "", text.size());
  return true;
}

void Replace(std::string* text, std::string_view from, std::string_view to) {
  for (size_t at = text->find(from); at != std::string::npos; at = text->find(from, at)) {
    text->replace(at, from.size(), to);
    at += to.size();
  }
}

// A comment at the end of a query ends at the line's end, not at the parenthesis.
std::string Parens(const std::string& text) {
  return "(" + text + (text.find('#') == std::string::npos ? ")" : "\n)");
}

promql::ExprPtr Increase(promql::VectorSelector selector) {
  promql::MatrixSelector matrix;
  matrix.selector = std::move(selector);
  matrix.range.value = kWindowRange;
  promql::Call call;
  call.function = promql::FindFunction("increase");
  call.args.emplace_back(promql::Expr{std::move(matrix), {}});
  return promql::Expr{std::move(call), {}};
}

}  // namespace

std::optional<WindowQuery> ReadQuery(Section& section, const std::string& key,
                                     const QueryOptions& options) {
  const std::string text = section.String(key);
  if (!section.Has(key)) {
    section.Error(key, key + " must be set");
    return std::nullopt;
  }
  Parts parts;
  if (!Split(section, key, text, options.dollar, &parts)) return std::nullopt;
  if (parts.windows == 0 && options.needs_window) {
    section.Error(key, key + " must contain {{.window}}", "as in rate(errors_total[{{.window}}])");
  }
  const auto type = CheckExpression(section, key, parts.sample, options.speaks_metricsql);
  if (type && !HasSamples(*type)) {
    section.Error(key, key + ": gives a " + std::string(promql::TypeName(*type)),
                  "a query of an SLO gives an instant vector or a scalar");
    return std::nullopt;
  }
  WindowQuery query{parts.text, parts.windows, {}};
  auto parsed = promql::TryParse(parts.sample.text);
  if (parsed) query.expr = *std::move(parsed);
  if (!parsed && !options.speaks_metricsql) return std::nullopt;
  return query;
}

std::optional<promql::VectorSelector> ReadSelector(Section& section, const std::string& key) {
  const std::string text = section.String(key);
  if (!section.Has(key)) {
    section.Error(key, key + " must be set", "a selector, as in requests_total{job=\"api\"}");
    return std::nullopt;
  }
  if (!CheckExpression(section, key, {text, {}}, false)) return std::nullopt;
  auto parsed = promql::TryParse(text);
  if (!parsed) return std::nullopt;
  const auto* selector = (*parsed)->As<promql::VectorSelector>();
  if (selector != nullptr && selector->at.kind == promql::AtModifier::Kind::kNone &&
      selector->extension == promql::Extension::kNone) {
    return *selector;
  }
  section.Error(key, key + " must be a plain selector",
                "as in requests_total{job=\"api\"}, without functions and @");
  return std::nullopt;
}

std::string PrintQuery(const promql::Expr& expr) {
  std::string text = promql::Print(expr);
  Replace(&text, FormatDuration(kWindowRange), kWindow);
  return text;
}

std::string AtWindow(std::string_view query, Duration window) {
  std::string text(query);
  Replace(&text, kWindow, FormatDuration(window));
  return text;
}

std::optional<Duration> OnlyRange(const promql::Expr& expr) {
  std::set<Duration> ranges;
  bool is_computed = false;
  const auto note = [&](const promql::TimeLength& range) {
    is_computed |= range.formula.has_value();
    ranges.insert(range.value);
  };
  promql::ForEach(expr, [&](const promql::Expr& part) {
    if (const auto* matrix = part.As<promql::MatrixSelector>()) note(matrix->range);
    if (const auto* subquery = part.As<promql::Subquery>()) note(subquery->range);
  });
  if (ranges.empty()) return Duration::zero();
  if (ranges.size() > 1 || is_computed) return std::nullopt;
  return *ranges.begin();
}

void OverWindow(promql::ExprPtr* counters) {
  bool sums = false;
  promql::Rewrite(counters, [&](promql::ExprPtr* at) {
    sums |= (*at)->As<promql::Aggregate>() != nullptr;
    auto* selector = (*at)->As<promql::VectorSelector>();
    if (selector == nullptr) return true;
    *at = Increase(std::move(*selector));
    return false;
  });
  if (sums) return;
  promql::Aggregate sum;
  sum.op = promql::AggregateOp::kSum;
  sum.expr = std::move(*counters);
  *counters = promql::Expr{std::move(sum), {}};
}

std::string Quotient(const std::string& bad, const std::string& total) {
  return Parens(bad) + " / " + Parens(total);
}

std::string Remainder(const std::string& total, const std::string& good) {
  return Parens(total) + " - (" + OrNone(good, total) + ")";
}

std::string OrNone(const std::string& bad, const std::string& total) {
  return Parens(bad) + " or 0 * " + Parens(total);
}

std::string BadSlices(const std::string& ratio, Duration slice, double target) {
  // `>= 0` drops slices of 0/0, which a comparison with bool would turn into good ones.
  return "avg_over_time((1 - (" + Parens(AtWindow(ratio, slice)) + " >= 0) < bool " +
         FormatGoFloat(target) + ")[{{.window}}:" + FormatDuration(slice) + "])";
}

std::string MeanOfSlices(const std::string& ratio, Duration slice) {
  return "avg_over_time((" + Parens(AtWindow(ratio, slice)) +
         " >= 0)[{{.window}}:" + FormatDuration(slice) + "])";
}

}  // namespace watchfire::config
