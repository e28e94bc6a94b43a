// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/promql/functions.h"

#include <string>

#include <gtest/gtest.h>

#include "pkg/promql/parse.h"
#include "pkg/promql/print.h"

namespace watchfire::promql {
namespace {

const char* Sample(ValueType type) {
  switch (type) {
    case ValueType::kScalar:
      return "1";
    case ValueType::kVector:
      return "{a=\"b\"}";
    case ValueType::kMatrix:
      return "x[5m]";
    case ValueType::kString:
      return "\"t\"";
  }
  return "";
}

TEST(FunctionsTest, EachTakesWhatItsRowSaysAndNothingElse) {
  for (const Function& function : Functions()) {
    const auto call = [&](size_t count) {
      std::string text = std::string(function.name) + "(";
      for (size_t i = 0; i < count; ++i) {
        const size_t type = std::min(i, function.arg_count - 1);
        text += (i > 0 ? ", " : "") + std::string(Sample(function.arg_types[type]));
      }
      return text + ")";
    };
    const size_t least = function.variadic == 0 ? function.arg_count : function.arg_count - 1;
    const size_t most = function.variadic < 0 ? 40 : least + static_cast<size_t>(function.variadic);
    for (const size_t count : {least, most}) {
      const Result<ExprPtr> parsed = Parse(call(count));
      ASSERT_TRUE(parsed) << call(count) << ": " << parsed.error().message;
      EXPECT_EQ(TypeOf(**parsed), function.result);
      EXPECT_EQ(Print(*parsed), call(count));
    }
    if (least > 0) {
      EXPECT_FALSE(Parse(call(least - 1))) << call(least - 1);
    }
    if (function.variadic >= 0 && function.arg_count > 0) {
      EXPECT_FALSE(Parse(call(most + 1))) << call(most + 1);
    }
    EXPECT_EQ(FindFunction(function.name), &function);
  }
  EXPECT_EQ(FindFunction("sum"), nullptr);
  EXPECT_EQ(FindFunction(""), nullptr);
}

}  // namespace
}  // namespace watchfire::promql
