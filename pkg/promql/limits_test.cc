// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Expressions that nobody writes, and the largest that somebody may generate.

#include "pkg/base/limits.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/promql/parse.h"

namespace watchfire::promql {
namespace {

using ::testing::HasSubstr;

std::string Refusal(std::string_view text) {
  const Result<ExprPtr> parsed = Parse(text);
  return parsed ? "accepted" : parsed.error().message;
}

std::string Repeat(std::string_view part, size_t times) {
  std::string text;
  for (size_t i = 0; i < times; ++i) text += part;
  return text;
}

TEST(ParseLimitTest, HostileTextIsRefusedInTime) {
  const size_t much = limits::kExpressionBytes / 2;
  for (const char* part : {"(", "-", "-(", "a^", "rate(", "sum by (a) (", "x[5m:", "a+-"}) {
    EXPECT_THAT(Refusal(Repeat(part, much / std::string(part).size())), HasSubstr("parse error"))
        << part;
  }
  EXPECT_THAT(Refusal(Repeat("(", much)), HasSubstr("nested deeper than 1000 levels"));
  EXPECT_THAT(Refusal("x[" + Repeat("(", much)), HasSubstr("nested deeper than 1000 levels"));
  EXPECT_THAT(Refusal("x[1" + Repeat("+1", much / 2) + "]"), HasSubstr("more than 2000 operators"));
  EXPECT_THAT(Refusal("a" + Repeat("+a", much / 2)), HasSubstr("more than 2000 operators"));
  EXPECT_THAT(Refusal("a" + Repeat("[5m:]", much / 5)), HasSubstr("more than 2000"));
  EXPECT_THAT(Refusal(std::string(limits::kExpressionBytes + 1, ' ')),
              HasSubstr("longer than 1048576 bytes"));
}

TEST(ParseLimitTest, LargeExpressionsOfPeopleAreRead) {
  EXPECT_EQ(Refusal("a" + Repeat(" or a", limits::kExpressionHeight - 1)), "accepted");
  EXPECT_EQ(Refusal(Repeat("(", 400) + "a" + Repeat(")", 400)), "accepted");
  EXPECT_EQ(Refusal("x{a=~'" + Repeat("some_value|", 20'000) + "last'}"), "accepted")
      << "whether Prometheus can run that is for Prometheus to say";
  EXPECT_EQ(
      Refusal("sum(" + Repeat("x offset 5m,", 3) + "x)"),
      "1:1: parse error: wrong number of arguments for aggregate expression provided, expected "
      "1, got 4");
}

}  // namespace
}  // namespace watchfire::promql
