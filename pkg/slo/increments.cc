// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/slo/increments.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "pkg/base/check.h"
#include "pkg/promql/parse.h"
#include "pkg/promql/print.h"
#include "pkg/promql/walk.h"
#include "pkg/slo/burn.h"
#include "pkg/slo/linear.h"

namespace watchfire::slo {
namespace {

using promql::Binary;
using promql::BinaryOp;
using promql::Call;
using promql::Expr;
using promql::ExprPtr;
using promql::MatrixSelector;
using promql::VectorMatching;
using promql::VectorSelector;

constexpr Duration kCoarse = std::chrono::minutes(5);

ExprPtr CallOf(std::string_view name, std::vector<ExprPtr> args) {
  return Expr{Call{promql::FindFunction(name), std::move(args)}, {}};
}

ExprPtr BinaryOf(BinaryOp op, ExprPtr left, ExprPtr right) {
  Binary binary;
  binary.op = op;
  binary.left = std::move(left);
  binary.right = std::move(right);
  return Expr{std::move(binary), {}};
}

ExprPtr Number(double value) { return Expr{promql::NumberLiteral{value}, {}}; }

ExprPtr RangeOf(std::string_view function, MatrixSelector matrix, Duration range) {
  matrix.range.value = range;
  return CallOf(function, {Expr{std::move(matrix), {}}});
}

// Whether the targets of a counter were scraped, when it was. They are joined by these labels: of
// others, of which there may be thousands, nothing is read.
MatrixSelector UpOf(const MatrixSelector& counter) {
  MatrixSelector up;
  up.selector.name = "up";
  up.selector.offset = counter.selector.offset;
  for (const promql::LabelMatcher& each : counter.selector.matchers) {
    if (each.name == "job" || each.name == "instance") up.selector.matchers.push_back(each);
  }
  return up;
}

// The parts that a counter's growth is put together from.
struct CounterParts {
  const MatrixSelector& counter;
  Duration step;
  Duration lookback;
  ExprPtr now;   // The last sample of the step: a series that has none in it did not grow.
  ExprPtr then;  // The last sample at its begin.

  ExprPtr Over(std::string_view function) const { return RangeOf(function, counter, step); }
  ExprPtr Difference() const { return Since(now); }
  // By how much `sample` is above what was there at the begin; nothing if it is below.
  ExprPtr Since(ExprPtr sample) const {
    return BinaryOf(BinaryOp::kGreaterOrEqual,
                    BinaryOf(BinaryOp::kSubtract, std::move(sample), then), Number(0));
  }
  // Of `births`, the last samples of series that were not there a step ago, what `policy` counts.
  // A target is looked for as long as a series is: one scrape that failed makes none unknown.
  ExprPtr Births(ExprPtr births, slo::Births policy) const {
    if (policy == slo::Births::kCount) return births;
    MatrixSelector up = UpOf(counter);
    up.selector.offset.value += step;
    ExprPtr scraped = RangeOf("max_over_time", std::move(up), lookback);
    ExprPtr known = BinaryOf(BinaryOp::kAnd, std::move(births),
                             BinaryOf(BinaryOp::kEqual, std::move(scraped), Number(1)));
    Binary* join = known->As<Binary>();
    join->matching.on = true;
    join->matching.labels = {"job", "instance"};
    return known;
  }
};

CounterParts PartsOf(const MatrixSelector& counter, Duration step, Duration lookback) {
  MatrixSelector before = counter;
  before.selector.offset.value += step;
  // A series that ended within the step counts up to its end.
  return {counter, step, lookback, RangeOf("last_over_time", counter, step),
          RangeOf("last_over_time", before, lookback)};
}

// A step of a minute, which is asked again and again. After a reset: what is there now, and what
// was added before, for the last sample before the reset is the greatest of the step.
ExprPtr FineGrowth(const CounterParts& parts, slo::Births births) {
  ExprPtr lost =
      CallOf("clamp_min",
             {BinaryOf(BinaryOp::kSubtract, parts.Over("max_over_time"), parts.then), Number(0)});
  ExprPtr growth = BinaryOf(BinaryOp::kOr, parts.Difference(),
                            BinaryOf(BinaryOp::kAdd, parts.now, std::move(lost)));
  if (births == slo::Births::kIgnore) return growth;
  // All that was there a step ago stands before the `or`, and needs not be looked up again.
  return BinaryOf(BinaryOp::kOr, std::move(growth), parts.Births(parts.now, births));
}

// A longer step, which is asked once. Within it a counter can be reset and pass what it was; then
// increase() knows better. Not so of a reset right at its begin, as of what is restarted at full
// hours: of that increase() sees nothing before its first sample. That one is the least of a step
// without resets, and below what was there before if that was reset, however high it rises then.
ExprPtr CoarseGrowth(const CounterParts& parts, slo::Births births) {
  ExprPtr grew =
      BinaryOf(BinaryOp::kAnd, parts.Difference(), parts.Since(parts.Over("min_over_time")));
  ExprPtr growth =
      BinaryOf(BinaryOp::kOr, std::move(grew), BinaryOf(BinaryOp::kAnd, parts.now, parts.then));
  const ExprPtr is_whole = BinaryOf(BinaryOp::kEqual, parts.Over("resets"), Number(0));
  growth = BinaryOf(BinaryOp::kAnd, std::move(growth), is_whole);
  // Of one that was reset once and is not yet what it was, the greatest was the last before that.
  const ExprPtr greatest = parts.Over("max_over_time");
  ExprPtr once =
      BinaryOf(BinaryOp::kAnd, BinaryOf(BinaryOp::kAdd, parts.now, parts.Since(greatest)),
               BinaryOf(BinaryOp::kGreater, greatest, parts.now));
  once = BinaryOf(BinaryOp::kAnd, std::move(once),
                  BinaryOf(BinaryOp::kEqual, parts.Over("resets"), Number(1)));
  growth = BinaryOf(BinaryOp::kOr, std::move(growth), std::move(once));
  if (births != slo::Births::kIgnore) {
    // Of one that was also reset its last sample says nothing of its first life.
    ExprPtr lives =
        BinaryOf(BinaryOp::kOr, BinaryOf(BinaryOp::kAnd, parts.now, is_whole),
                 BinaryOf(BinaryOp::kAdd, parts.Over("increase"), parts.Over("min_over_time")));
    ExprPtr born = BinaryOf(BinaryOp::kUnless, std::move(lives), parts.then);
    growth = BinaryOf(BinaryOp::kOr, std::move(growth), parts.Births(std::move(born), births));
  }
  return BinaryOf(BinaryOp::kOr, std::move(growth), parts.Over("increase"));
}

// Error series end with their process and begin anew with its first error, mostly at as much as
// they were: at 1. That looks like one series in which nothing happened. So those that were away
// for more than a tenth of a long step, by the scrapes of their targets, are looked at closer.
// Those that failed do not count: over a target that was out of reach the coarse growth sees
// further.
ExprPtr GrowthWithHoles(const CounterParts& parts, Duration open, slo::Births births) {
  // A target may be there twice, as seen by two Prometheus: that is an error where one is meant.
  promql::Aggregate scrapes;
  scrapes.op = promql::AggregateOp::kMax;
  scrapes.grouping = {"job", "instance"};
  scrapes.expr = RangeOf("sum_over_time", UpOf(parts.counter), parts.step);
  ExprPtr few = BinaryOf(BinaryOp::kLess, parts.Over("count_over_time"),
                         BinaryOf(BinaryOp::kMultiply, Number(0.9), Expr{std::move(scrapes), {}}));
  few->As<Binary>()->matching = {true, {"job", "instance"}, VectorMatching::Group::kLeft, {}, {},
                                 {}};
  // Some branches have the name of the metric, so that of one series there would be two.
  promql::Subquery slots;
  slots.expr =
      BinaryOf(BinaryOp::kAdd, FineGrowth(PartsOf(parts.counter, kCoarse, parts.lookback), births),
               Number(0));
  slots.range.value = open;
  slots.step = promql::TimeLength{kCoarse, {}};
  return BinaryOf(BinaryOp::kAnd, CallOf("sum_over_time", {Expr{std::move(slots), {}}}),
                  std::move(few));
}

// Prometheus looks behind the begin of the range by itself. Of a series that is not there it takes
// the first sample inside for what was before, as if it were no birth.
ExprPtr AnchoredGrowth(const CounterParts& parts, slo::Births births) {
  MatrixSelector anchored = parts.counter;
  anchored.selector.extension = promql::Extension::kAnchored;
  ExprPtr growth = RangeOf("increase", std::move(anchored), parts.step);
  if (births == slo::Births::kIgnore) return growth;
  ExprPtr born = BinaryOf(BinaryOp::kUnless, parts.now, parts.then);
  return BinaryOf(BinaryOp::kOr, parts.Births(std::move(born), births), std::move(growth));
}

ExprPtr LeafOver(const Call& leaf, Duration step, const IncrementOptions& options) {
  const Duration open = step - std::chrono::milliseconds(options.closed_ranges ? 1 : 0);
  if (const auto* slices = leaf.args[0]->As<promql::Subquery>()) {
    promql::Subquery within = *slices;
    within.range.value = open;
    return CallOf(leaf.function->name, {Expr{std::move(within), {}}});
  }
  const MatrixSelector* matrix = leaf.args[0]->As<MatrixSelector>();
  WF_CHECK(matrix != nullptr);
  if (leaf.function->name.ends_with("_over_time")) {
    return RangeOf(leaf.function->name, *matrix, open);
  }
  if (options.growth == GrowthQuery::kIncrease) return RangeOf("increase", *matrix, step);
  const CounterParts parts = PartsOf(*matrix, step, options.lookback);
  if (options.growth == GrowthQuery::kAnchored) return AnchoredGrowth(parts, options.births);
  if (step < kCoarse) return FineGrowth(parts, options.births);
  if (step == kCoarse) return CoarseGrowth(parts, options.births);
  ExprPtr growth = CoarseGrowth(parts, options.births);
  if (options.births == slo::Births::kIgnore) return growth;
  return BinaryOf(BinaryOp::kOr, GrowthWithHoles(parts, open, options.births), std::move(growth));
}

Result<ExprPtr> ParseQuery(const std::string& query) {
  config::Slo one;
  one.error_ratio_query = query;
  return promql::Parse(ErrorRatioExpr(one, kStandIn));
}

ExprPtr WithoutParens(ExprPtr expr) {
  while (const auto* paren = expr->As<promql::Paren>()) expr = ExprPtr(paren->expr);
  return expr;
}

bool IsNumber(const Expr& expr, double value) {
  const auto* number = expr.As<promql::NumberLiteral>();
  return number != nullptr && number->value == value;
}

// Takes off what stands around a query to make its ratio presentable: it says nothing about counts.
ExprPtr WithoutGuards(ExprPtr expr, std::vector<std::string>* notes) {
  while (true) {
    expr = WithoutParens(std::move(expr));
    const auto* binary = expr->As<Binary>();
    const bool guard = binary != nullptr && !binary->returns_bool &&
                       (binary->op == BinaryOp::kGreater || binary->op == BinaryOp::kNotEqual ||
                        binary->op == BinaryOp::kGreaterOrEqual) &&
                       IsNumber(*binary->right, 0);
    const auto* call = expr->As<Call>();
    const bool clamp =
        call != nullptr && call->function->name == "clamp_min" && IsNumber(*call->args[1], 0);
    if (!guard && !clamp) return expr;
    notes->push_back(guard ? "the comparison at the end of " + promql::Print(expr) + " is left out"
                           : "clamp_min around the query is left out: windows are never below 0");
    expr = ExprPtr(guard ? binary->left : call->args[0]);
  }
}

struct Sides {
  ExprPtr bad;
  ExprPtr total;
};

// The mean of samples or slices is their sum by their number.
std::optional<Sides> SplitMean(const Expr& ratio) {
  const auto* call = ratio.As<Call>();
  if (call == nullptr || call->function->name != "avg_over_time") return std::nullopt;
  return Sides{CallOf("sum_over_time", call->args), CallOf("count_over_time", call->args)};
}

// X / Y gives X and Y, a mean over time its sum and number; 1 - either gives Y - X and Y.
Result<Sides> SplitRatio(ExprPtr ratio) {
  ratio = WithoutParens(std::move(ratio));
  const auto* binary = ratio->As<Binary>();
  const bool complement =
      binary != nullptr && binary->op == BinaryOp::kSubtract && IsNumber(*binary->left, 1);
  if (complement) {
    ratio = WithoutParens(binary->right);
    binary = ratio->As<Binary>();
  }
  std::optional<Sides> sides = SplitMean(*ratio);
  // With on() or group_left() the ratio has other labels than its sides.
  if (!sides && binary != nullptr && binary->op == BinaryOp::kDivide &&
      binary->matching == VectorMatching() && !IsConstant(*binary->right)) {
    sides = Sides{binary->left, binary->right};
  }
  if (!sides) {
    return Fail(Code::kInvalidArgument,
                "the ratio query is neither X / Y nor 1 - X / Y, so its events are unknown");
  }
  if (complement) sides->bad = BinaryOf(BinaryOp::kSubtract, sides->total, sides->bad);
  return *std::move(sides);
}

// One addend of a composite: 0.5 * (max(ratio) or vector(0)).
struct Addend {
  double weight = 0;
  ExprPtr ratio;
};

bool IsZeroVector(const Expr& expr) {
  const auto* call = expr.As<Call>();
  return call != nullptr && call->function->name == "vector" && IsNumber(*call->args[0], 0);
}

std::optional<Addend> ReadAddend(const Expr& expr) {
  const auto* product = expr.As<Binary>();
  if (product == nullptr || product->op != BinaryOp::kMultiply) return std::nullopt;
  const auto* weight = product->left->As<promql::NumberLiteral>();
  const ExprPtr inside = WithoutParens(product->right);
  const auto* either = inside->As<Binary>();
  if (weight == nullptr || !(weight->value > 0) || either == nullptr ||
      either->op != BinaryOp::kOr || either->matching != VectorMatching() ||
      !IsZeroVector(*either->right)) {
    return std::nullopt;
  }
  const auto* worst = either->left->As<promql::Aggregate>();
  if (worst == nullptr || worst->op != promql::AggregateOp::kMax || worst->without ||
      !worst->grouping.empty()) {
    return std::nullopt;
  }
  return Addend{weight->value, worst->expr};
}

// Takes a sum of addends apart; false if `expr` is none. A sum of one is one, too.
bool ReadAddends(const Expr& expr, std::vector<Addend>* addends) {
  if (std::optional<Addend> addend = ReadAddend(expr)) {
    addends->push_back(*std::move(addend));
    return true;
  }
  const auto* sum = expr.As<Binary>();
  return sum != nullptr && sum->op == BinaryOp::kAdd && sum->matching == VectorMatching() &&
         ReadAddends(*sum->left, addends) && ReadAddends(*sum->right, addends);
}

Result<Sides> SidesOf(const config::Slo& slo) {
  if (!slo.error_ratio_query.empty()) {
    Result<ExprPtr> ratio = ParseQuery(slo.error_ratio_query);
    if (!ratio) return Fail(std::move(ratio.error()));
    return SplitRatio(*std::move(ratio));
  }
  Result<ExprPtr> bad = ParseQuery(slo.error_query);
  if (!bad) return Fail(std::move(bad.error()));
  Result<ExprPtr> total = ParseQuery(slo.total_query);
  if (!total) return Fail(std::move(total.error()));
  return Sides{*std::move(bad), *std::move(total)};
}

std::string OptionsKey(const IncrementOptions& options) {
  // What anchored ranges count is the same: a ledger goes on when Prometheus learns them.
  const GrowthQuery counts =
      options.growth == GrowthQuery::kAnchored ? GrowthQuery::kOffsetDelta : options.growth;
  return std::to_string(static_cast<int>(counts)) + " " +
         std::to_string(static_cast<int>(options.births)) + " " + FormatDuration(options.lookback) +
         (options.closed_ranges ? " closed" : "") +
         (options.backend.empty() ? "" : " of " + options.backend);
}

}  // namespace

Result<Increments> Increments::Rewrite(const config::Slo& slo, const IncrementOptions& options) {
  Result<Sides> sides = SidesOf(slo);
  if (!sides) return Fail(std::move(sides.error()));
  return Count(std::move(sides->bad), std::move(sides->total), options);
}

Result<std::vector<Increments::Part>> Increments::Parts(const config::Slo& slo,
                                                        const IncrementOptions& options) {
  std::vector<Addend> addends;
  if (!slo.error_ratio_query.empty()) {
    const Result<ExprPtr> sum = ParseQuery(slo.error_ratio_query);
    if (sum && !ReadAddends(**sum, &addends)) addends.clear();
  }
  std::vector<Part> parts;
  if (addends.empty()) {
    Result<Increments> whole = Rewrite(slo, options);
    if (!whole) return Fail(std::move(whole.error()));
    parts.push_back({1, /*of_composite=*/false, *std::move(whole)});
  }
  for (Addend& addend : addends) {
    std::vector<std::string> notes;
    Result<Sides> sides = SplitRatio(WithoutGuards(std::move(addend.ratio), &notes));
    if (!sides) return Fail(std::move(sides.error()));
    Result<Increments> part = Count(std::move(sides->bad), std::move(sides->total), options);
    if (!part) return Fail(std::move(part.error()));
    parts.push_back({addend.weight, /*of_composite=*/true, *std::move(part)});
  }
  return parts;
}

Result<Increments> Increments::Count(ExprPtr bad, ExprPtr total, const IncrementOptions& options) {
  Increments out;
  out.options_ = options;
  out.bad_ = WithoutGuards(std::move(bad), &out.notes_);
  out.total_ = WithoutGuards(std::move(total), &out.notes_);
  Units units;
  for (const auto& [name, side] : {std::pair{"errors", &out.bad_}, {"total", &out.total_}}) {
    const std::string why = WhyNotLinear(**side, &units);
    if (!why.empty()) return Fail(Code::kInvalidArgument, std::string(name) + ": " + why);
  }
  if (units.per_second && units.counts) {
    return Fail(Code::kInvalidArgument, "rate() and increase() are mixed: their units differ");
  }
  if (options.growth != GrowthQuery::kIncrease) out.growth_ = Growth::Of(*out.bad_, *out.total_);
  out.key_ =
      promql::Print(out.bad_) + "\n" + promql::Print(out.total_) + "\n" + OptionsKey(options);
  return out;
}

std::string Increments::Text(const ExprPtr& side, Duration step, GrowthQuery by) const {
  IncrementOptions options = options_;
  options.growth = by;
  ExprPtr copy = side;
  promql::Rewrite(&copy, [&](ExprPtr* expr) {
    if (!IsLeaf(**expr)) return true;
    *expr = LeafOver(*(*expr)->As<Call>(), step, options);
    return false;
  });
  return promql::Print(copy);
}

}  // namespace watchfire::slo
