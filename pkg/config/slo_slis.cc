// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// A list of SLIs as guides write it: a ratio or a quantile over the whole period, and its target.
//
//   slis:
//     - name: availability
//       query: sum(rate(good_total[30d])) / sum(rate(all_total[30d]))
//       target: 0.999
//     - name: latency_p95
//       query: histogram_quantile(0.95, sum(rate(seconds_bucket[30d])) by (le))
//       target: 0.2      # seconds: 95 % of the events are to be that fast

#include <algorithm>
#include <cmath>
#include <utility>

#include "pkg/base/strings.h"
#include "pkg/config/slo_query.h"
#include "pkg/config/slo_reader.h"
#include "pkg/promql/walk.h"

namespace watchfire::config {
namespace {

// The file's name without folder and endings: "shop.slis.yml" is of the service shop.
std::string StemOf(const std::string& path) {
  const std::string name = path.substr(path.rfind('/') + 1);
  return name.substr(0, name.find('.'));
}

const promql::Expr& Inside(const promql::Expr& expr) {
  const promql::Expr* at = &expr;
  while (const auto* paren = at->As<promql::Paren>()) at = &*paren->expr;
  return *at;
}

// The buckets of a histogram up to `bound`: where they were kept apart by le they no longer are.
std::string Bucket(promql::ExprPtr buckets, const std::string& bound) {
  const bool is_whole = bound.find_first_not_of("0123456789") == std::string::npos;
  promql::LabelMatcher matcher;
  matcher.name = "le";
  matcher.op = is_whole ? promql::MatchOp::kRegex : promql::MatchOp::kEqual;
  matcher.value = is_whole ? bound + "(\\.0)?" : bound;
  promql::AddMatcher(&*buckets, matcher);
  bool sums = false;
  promql::Rewrite(&buckets, [&](promql::ExprPtr* at) {
    auto* aggregate = (*at)->As<promql::Aggregate>();
    if (aggregate == nullptr) return true;
    sums = true;
    if (aggregate->without) {
      aggregate->grouping.emplace_back("le");
    } else {
      std::erase(aggregate->grouping, "le");
    }
    return true;
  });
  if (!sums) {
    promql::Aggregate sum;
    sum.expr = std::move(buckets);
    sum.without = true;
    sum.grouping = {"le"};
    buckets = promql::Expr{std::move(sum), {}};
  }
  return PrintQuery(*buckets);
}

bool IsClassic(const promql::Expr& expr) {
  return std::ranges::all_of(promql::Selectors(expr), [](const promql::VectorSelector* selector) {
    return selector->name.ends_with("_bucket");
  });
}

struct Reader {
  Section& section;
  Slo* slo;

  // What `quantile` of the events must not be above: that share of them is to be below it.
  void Quantile(const promql::Call& call, std::optional<double> target) {
    const auto* quantile = Inside(*call.args[0]).As<promql::NumberLiteral>();
    if (quantile == nullptr || !(quantile->value > 0 && quantile->value < 1)) {
      section.Error("query", "the quantile must be a number between 0 and 1");
      return;
    }
    if (target && *target <= 0) {
      section.Error("target", "target must be above 0", "a length of time in seconds");
    }
    slo->objective = std::round(quantile->value * 1e11) / 1e9;
    const std::string bound = FormatGoFloat(target.value_or(0));
    if (!IsClassic(*call.args[1])) {
      slo->error_ratio_query =
          "1 - histogram_fraction(0, " + bound + ", " + PrintQuery(*call.args[1]) + ")";
      return;
    }
    slo->total_query = Bucket(call.args[1], "+Inf");
    slo->error_query = "(" + slo->total_query + ") - (" + Bucket(call.args[1], bound) + ")";
  }

  void Ratio(const promql::Expr& expr, std::optional<double> target) {
    if (target && (*target <= 0 || *target >= 1)) {
      section.Error("target", "target must be between 0 and 1, both excluded",
                    "a share of good events, as in 0.999");
    }
    slo->objective = std::round(target.value_or(0) * 1e11) / 1e9;
    const auto* quotient = expr.As<promql::Binary>();
    const bool counts = quotient != nullptr && quotient->op == promql::BinaryOp::kDivide &&
                        quotient->matching == promql::VectorMatching() &&
                        promql::TypeOf(*quotient->left) == promql::ValueType::kVector &&
                        promql::TypeOf(*quotient->right) == promql::ValueType::kVector;
    if (counts) {
      slo->total_query = PrintQuery(*quotient->right);
      slo->error_query = Remainder(slo->total_query, PrintQuery(*quotient->left));
    } else {
      slo->error_ratio_query = "1 - (" + PrintQuery(expr) + ")";
    }
  }

  // nullopt: the period is not known from it.
  std::optional<Duration> Read() {
    const std::optional<double> target = ReadNumber(section, "target");
    std::optional<WindowQuery> query = ReadQuery(section, "query", {});
    if (!section.Has("target")) section.Error("target", "target must be set");
    if (!query) return std::nullopt;
    std::optional<Duration> period;
    if (query->windows == 0) {
      period = OnlyRange(*query->expr);
      if (!period || *period == Duration::zero()) {
        section.Error("query", "query must have one range, that of the period",
                      "as in rate(requests_total[30d])");
        return std::nullopt;
      }
      promql::ReplaceRanges(&*query->expr, *period, kWindowRange);
    }
    const promql::Expr& expr = Inside(*query->expr);
    const auto* call = expr.As<promql::Call>();
    if (call != nullptr && call->function->name == "histogram_quantile") {
      Quantile(*call, target);
    } else {
      Ratio(expr, target);
    }
    return period;
  }
};

}  // namespace

void ReadSlis(Section& root, SloBatch* batch) {
  const Source& source = root.impl().source;
  std::string service = StemOf(source.file);
  if (root.Has("service")) {
    service = ReadSloName(root, "service");
  } else if (!IsSloName(service)) {
    root.Error("slis", "service must be set", "the file's name is not fit for one");
  }
  for (Section& section : root.Children("slis")) {
    SloBatch::Item item;
    item.source = &source;
    item.id = section.impl().At("name");
    item.objective = section.impl().At("target");
    Slo& slo = item.slo;
    slo.file = source.file;
    slo.service = service;
    slo.name = ReadSloName(section, "name");
    slo.id = service + "-" + slo.name;
    slo.alert_name = kBurnAlert;
    const std::string description = section.String("description");
    if (!description.empty() &&
        TakesAnnotation(source, section.impl().At("description"), "description", description)) {
      slo.page.annotations = slo.ticket.annotations = {{"description", description}};
    }
    item.period = Reader{section, &slo}.Read();
    section.Finish();
    batch->items.push_back(std::move(item));
  }
  if (root.Has("policy")) {
    ReadBudgetPolicy(root, batch);
  } else {
    root.Finish();
  }
}

}  // namespace watchfire::config
