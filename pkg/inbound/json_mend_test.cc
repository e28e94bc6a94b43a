// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/inbound/json_mend.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/inbound/json_in.h"

namespace watchfire::inbound {
namespace {

std::string Mended(const std::string& value) { return MendJson("{\"x\":" + value + "}"); }

std::string Wanted(const std::string& value) { return "{\"x\":" + value + "}"; }

TEST(JsonMendTest, HalfOfASurrogatePairIsALetterThatIsUnknown) {
  EXPECT_EQ(Mended(R"("cut \ud83d")"), Wanted(R"("cut \ufffd")"));
  EXPECT_EQ(Mended(R"("\uDC80 of Python's surrogateescape")"),
            Wanted(R"("\ufffd of Python's surrogateescape")"));
  EXPECT_EQ(Mended(R"("\ud800\u0041")"), Wanted(R"("\ufffd\u0041")"));
  EXPECT_EQ(Mended(R"("\ud800\ud83d\ude00")"), Wanted(R"("\ufffd\ud83d\ude00")"));
  EXPECT_EQ(Mended(R"("\ud800\\ude00")"), Wanted(R"("\ufffd\\ude00")"));
}

TEST(JsonMendTest, ANumberThatFitsNowhereIsAText) {
  for (const char* number :
       {"123456789012345678901234567890", "-9223372036854775809", "18446744073709551616", "1e309",
        "-1.5E+999", "NaN", "Infinity", "-Infinity"}) {
    EXPECT_EQ(Mended(number), Wanted('"' + std::string(number) + '"'));
  }
}

TEST(JsonMendTest, WhatIsRightOrWrongOtherwiseStaysAsItIs) {
  for (const char* value : {"1",
                            "-0",
                            "0.5",
                            "1e300",
                            "18446744073709551615",
                            "-9223372036854775808",
                            "true",
                            "null",
                            "01",
                            "099999999999999999999999",
                            "1.",
                            "+1",
                            ".5",
                            "-",
                            "nan",
                            "NaNs",
                            "--Infinity",
                            R"("NaN 1e999 \" 18446744073709551616 \\")",
                            R"("\ud83d\ude00 \n \/ \u00fc")",
                            R"("open)",
                            R"("open\)",
                            R"("open\u12)",
                            R"("\uzzzz")",
                            "[{",
                            "]"}) {
    EXPECT_EQ(Mended(value), Wanted(value));
  }
  EXPECT_EQ(MendJson(""), "");
}

TEST(JsonInTest, NoPageIsLostForAHalfLetterOrAHugeNumber) {
  const auto json = JsonIn::Parse(
      R"({"a": "cut \ud83d", "trace": 123456789012345678901234567890, "rate": [NaN, -Infinity]})");
  ASSERT_TRUE(json) << json.error().message;
  EXPECT_EQ(json->Text("a"), "cut \xef\xbf\xbd");
  const auto low = JsonIn::Parse(R"({"a": "\udc80"})");
  ASSERT_TRUE(low) << low.error().message;
  EXPECT_EQ(low->Text("a"), "\xef\xbf\xbd");
  EXPECT_EQ(json->Text("trace"), "123456789012345678901234567890");
  EXPECT_EQ(json->Text("rate"), R"(["NaN","-Infinity"])");
}

TEST(JsonInTest, WhatIsBrokenOtherwiseIsStillRefused) {
  const auto json = JsonIn::Parse("{\"a\": NaN,\n \"b\": nul}");
  ASSERT_FALSE(json);
  EXPECT_THAT(json.error().message, testing::HasSubstr("line 2"));
}

}  // namespace
}  // namespace watchfire::inbound
