// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/promql/walk.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/promql/parse.h"
#include "pkg/promql/print.h"

namespace watchfire::promql {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using ::testing::ElementsAre;

ExprPtr Read(std::string_view text) { return *Parse(text); }

constexpr const char* kRatio =
    R"(sum(rate(errors{code=~"5.."}[5m])) / clamp_min(sum(rate(all[5m] offset 1m)), 1))";

TEST(WalkTest, VisitsParentsFirstInTheOrderOfTheText) {
  const ExprPtr expr = Read("topk(2, -a + (b)) or max_over_time(c[5m:])");
  std::vector<std::string> seen;
  ForEach(*expr, [&](const Expr& part) { seen.push_back(Print(part)); });
  EXPECT_THAT(
      seen, ElementsAre("topk(2, -a + (b)) or max_over_time(c[5m:])", "topk(2, -a + (b))", "2",
                        "-a + (b)", "-a", "a", "(b)", "b", "max_over_time(c[5m:])", "c[5m:]", "c"));
}

TEST(WalkTest, FindsSelectors) {
  const ExprPtr expr = Read(kRatio);
  std::vector<std::string> found;
  for (const VectorSelector* selector : Selectors(*expr)) found.push_back(Print(*selector));
  EXPECT_THAT(found, ElementsAre(R"(errors{code=~"5.."})", "all offset 1m"));
}

TEST(WalkTest, AddsMatchers) {
  ExprPtr expr = Read("a / on (x) b{c='d'} + info(e, {f='g'})");
  AddMatcher(&*expr, {MatchOp::kEqual, "cluster", "eu", {}});
  EXPECT_EQ(Print(expr),
            R"(a{cluster="eu"} / on (x) b{c="d",cluster="eu"} + info(e{cluster="eu"}, {f="g"}))");
}

TEST(WalkTest, ReplacesRanges) {
  ExprPtr expr = Read("rate(a[5m]) + rate(b[1h]) + max_over_time(c[5m:1m])");
  ReplaceRanges(&*expr, minutes(5), hours(72));
  EXPECT_EQ(Print(expr), "rate(a[3d]) + rate(b[1h]) + max_over_time(c[3d:1m])");
}

TEST(WalkTest, ShiftsIntoThePast) {
  ExprPtr expr = Read(kRatio);
  ASSERT_TRUE(ShiftBack(&*expr, hours(1)));
  EXPECT_EQ(Print(expr), R"(sum(rate(errors{code=~"5.."}[5m] offset 1h)) / )"
                         "clamp_min(sum(rate(all[5m] offset 1h1m)), 1)");
  ExprPtr nested = Read("max_over_time(rate(a[5m] offset 1m)[1h:] @ 5) + sum_over_time(b[1h:])");
  ASSERT_TRUE(ShiftBack(&*nested, -minutes(2)));
  EXPECT_EQ(Print(nested),
            "max_over_time(rate(a[5m] offset 1m)[1h:] @ 5.000) + sum_over_time(b[1h:] offset -2m)");
  ExprPtr computed = Read("a + b offset step()");
  const ExprPtr before = computed;
  EXPECT_FALSE(ShiftBack(&*computed, minutes(1)));
  EXPECT_EQ(computed, before);
}

TEST(WalkTest, PinsTimes) {
  ExprPtr expr = Read("a + b @ 7 + max_over_time(c[5m:])");
  PinAt(&*expr, {AtModifier::Kind::kEnd, 0});
  EXPECT_EQ(Print(expr), "a @ end() + b @ 7.000 + max_over_time(c[5m:] @ end())");
}

// What an increment of an SLI is: each rate() a difference of what it counts.
TEST(WalkTest, RewritesWithSomethingAround) {
  ExprPtr expr = Read("sum(rate(a[5m])) - rate(b[5m])");
  Rewrite(&expr, [](ExprPtr* part) {
    const auto* call = (*part)->As<Call>();
    if (call == nullptr || call->function->name != "rate") return true;
    const MatrixSelector& matrix = *call->args[0]->As<MatrixSelector>();
    Binary difference;
    difference.op = BinaryOp::kSubtract;
    VectorSelector earlier = matrix.selector;
    earlier.offset.value += matrix.range.value;
    difference.left = Expr{matrix.selector, {}};
    difference.right = Expr{std::move(earlier), {}};
    *part = Expr{std::move(difference), {}};
    return false;
  });
  EXPECT_EQ(Print(expr), "sum(a - a offset 5m) - (b - b offset 5m)");
}

}  // namespace
}  // namespace watchfire::promql
