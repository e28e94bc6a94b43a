// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/promql/print.h"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "pkg/promql/parse.h"
#include "pkg/promql/random_expr_for_test.h"
#include "pkg/promql/walk.h"

namespace watchfire::promql {
namespace {

ExprPtr Read(std::string_view text) {
  Result<ExprPtr> parsed = Parse(text);
  EXPECT_TRUE(parsed) << text << ": " << (parsed ? "" : parsed.error().message);
  return parsed ? *std::move(parsed) : Expr{NumberLiteral{}, {}};
}
ExprPtr Metric(const char* name) {
  VectorSelector selector;
  selector.name = name;
  return Expr{std::move(selector), {}};
}
ExprPtr Join(ExprPtr left, BinaryOp op, ExprPtr right) {
  Binary binary;
  binary.op = op;
  binary.left = std::move(left);
  binary.right = std::move(right);
  return Expr{std::move(binary), {}};
}
ExprPtr Minus(ExprPtr expr) { return Expr{Unary{true, std::move(expr)}, {}}; }

// Every right side is what Prometheus 3.14 prints for the left one.
TEST(PrintTest, PrintsWhatPrometheusPrints) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"up", "up"},
      {" up { job = 'a' , env != \"b\" } ", R"(up{env!="b",job="a"})"},
      {R"({"my.metric", "a.b"=~"x"})", R"({"a.b"=~"x",__name__="my.metric"})"},
      {"{__name__='up'}", R"({__name__="up"})"},
      {"x{}", "x"},
      {"x[300]", "x[5m]"},
      {"x[90m] offset -1w @ 1.5", "x[1h30m] @ 1.500 offset -1w"},
      {"x offset 5m @ end()", "x @ end() offset 5m"},
      {"x[5m:]", "x[5m:]"},
      {"x[1h:60]@start() offset 1h", "x[1h:1m] @ start() offset 1h"},
      {"sum(x)by(b,a)", "sum by (b, a) (x)"},
      {"sum by () (x)", "sum(x)"},
      {"sum without () (x)", "sum without () (x)"},
      {"SUM(x) by (\"a b\")", R"(sum by ("a b") (x))"},
      {"topk(3,x)", "topk(3, x)"},
      {"count_values('v', x)", R"(count_values("v", x))"},
      {"a+b", "a + b"},
      {"a AND ignoring() b", "a and b"},
      {"a==bool on()b", "a == bool on () b"},
      {"a*on(x)group_left b", "a * on (x) group_left () b"},
      {"a / ignoring (x) group_right (y) b", "a / ignoring (x) group_right (y) b"},
      {"a + fill(0) b", "a + fill (0) b"},
      {"a + fill_right(1e9) fill_left(-1) b", "a + fill_left (-1) fill_right (1e+09) b"},
      {"-1", "-1"},
      {"- - 1", "1"},
      {"-x", "-x"},
      {"+x", "+x"},
      {"-(1)", "-(1)"},
      {"1e3", "1000"},
      {"0x1F", "31"},
      {"1e-7", "0.0000001"},
      {"inf", "+Inf"},
      {"nan", "NaN"},
      {"90s", "1m30s"},
      {"-5m", "-5m"},
      {"x > 1h", "x > 1h"},
      {R"('it\'s "x"')", R"("it's \"x\"")"},
      {"`a\\b`", R"("a\\b")"},
      {"\"\\xff\"", R"("\xff")"},
      {"rate(x[5m] anchored)", "rate(x[5m] anchored)"},
      {"x smoothed @ 5", "x @ 5.000 smoothed"},
      {"x[1m+step()*2]", "x[1m + step() * 2]"},
      {"x offset (5m)", "x offset 5m"},
      {"x offset -(step()+1)", "x offset -(step() + 1)"},
      {"x[max_of(5m,range())]", "x[max_of(5m, range())]"},
      {"((x))", "((x))"},
      {"time()-process_start_time_seconds", "time() - process_start_time_seconds"},
  };
  for (const auto& [text, want] : cases) {
    const ExprPtr expr = Read(text);
    EXPECT_EQ(Print(expr), want) << text;
    EXPECT_EQ(Read(want), expr) << text;
  }
}

TEST(PrintTest, WhatPrometheusWouldNotReadBackIsPrintedExactly) {
  for (const char* text :
       {"x[0.0001]", "x[1.0005] offset 0.0000005", "Inf ^ 2", "-Inf ^ 2", "290ms",
        "x @ 9007199254740.993", "x offset (5m) + 1", "x offset (step()) * 2",
        "x offset --(step()) + 1", "x[123456789.0000001]"}) {
    const ExprPtr expr = Read(text);
    EXPECT_EQ(Read(Print(expr)), expr) << Print(expr);
  }
  EXPECT_EQ(Print(Read("x[0.0001]")), "x[0.0001]");
  EXPECT_EQ(Print(Read("290ms")), "290ms");
}

TEST(PrintTest, TreesThatNoTextHasGetParentheses) {
  const ExprPtr sum = Join(Metric("a"), BinaryOp::kAdd, Metric("b"));
  EXPECT_EQ(Print(Join(sum, BinaryOp::kMultiply, Metric("c"))), "(a + b) * c");
  EXPECT_EQ(Print(Join(Metric("c"), BinaryOp::kSubtract, sum)), "c - (a + b)");
  EXPECT_EQ(Print(Join(sum, BinaryOp::kSubtract, Metric("c"))), "a + b - c");
  EXPECT_EQ(Print(Minus(sum)), "-(a + b)");
  const ExprPtr power = Join(Metric("a"), BinaryOp::kPower, Metric("b"));
  EXPECT_EQ(Print(Join(power, BinaryOp::kPower, Metric("c"))), "(a ^ b) ^ c");
  EXPECT_EQ(Print(Join(Metric("c"), BinaryOp::kPower, power)), "c ^ a ^ b");
  EXPECT_EQ(Print(Join(Minus(Metric("a")), BinaryOp::kPower, Metric("b"))), "(-a) ^ b");
  EXPECT_EQ(Print(Minus(power)), "-a ^ b");
  EXPECT_EQ(Print(Minus(Expr{NumberLiteral{1, false}, {}})), "-(1)");
  EXPECT_EQ(Print(Expr{Subquery{sum, {std::chrono::minutes(5), {}}, {}, {}, {}}, {}}),
            "(a + b)[5m:]");
  EXPECT_EQ(Print(Metric("not.an identifier")), R"({__name__="not.an identifier"})");
  EXPECT_EQ(Print(Metric("inf")), R"({__name__="inf"})");
}

// Takes out all parentheses.
void Strip(ExprPtr* root) {
  Rewrite(root, [](ExprPtr* expr) {
    while (Paren* paren = (*expr)->As<Paren>()) *expr = ExprPtr(std::move(paren->expr));
    return true;
  });
}

TEST(PrintTest, RandomTreesAreReadBack) {
  for (uint64_t seed = 0; seed < 20'000; ++seed) {
    RandomExpr random(seed);
    ExprPtr made = random.Make(random.Type(), 6);
    const std::string text = Print(made);
    Result<ExprPtr> read = Parse(text);
    ASSERT_TRUE(read) << "seed " << seed << ": " << text << "\n" << read.error().message;
    ASSERT_EQ(Print(*read), text) << "seed " << seed;
    ASSERT_EQ(**Parse(Print(*read)), **read) << "seed " << seed << ": " << text;
    Strip(&made);
    Strip(&*read);
    ASSERT_EQ(*read, made) << "seed " << seed << ": " << text << "\n" << Print(*read);
  }
}

TEST(PrintTest, CopiesAreDeepAndEqual) {
  const ExprPtr original = Read("sum by (a) (rate(x[5m])) / 2");
  ExprPtr copy = original;
  EXPECT_EQ(copy, original);
  copy->As<Binary>()->left->As<Aggregate>()->grouping.clear();
  EXPECT_NE(copy, original);
  EXPECT_EQ(Print(original), "sum by (a) (rate(x[5m])) / 2");
  copy = ExprPtr(copy->As<Binary>()->right);  // Part of what it replaces.
  EXPECT_EQ(Print(copy), "2");
}

}  // namespace
}  // namespace watchfire::promql
