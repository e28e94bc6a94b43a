// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/alert/json_fault.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include "pkg/alert/lenient.h"
#include "pkg/base/rng.h"

namespace watchfire::alert {
namespace {

TEST(JsonFaultTest, GoodTextHasNone) {
  for (const char* good :
       {"{}", "[]", " [1, -0.5e+3, 0, \"\\u00e9\\n\", true, false, null, {\"a\": {}}] ", "0",
        "\"x\"", "18446744073709551615", "-9223372036854775808", "[] behind", "[\"\xff\"]"}) {
    EXPECT_EQ(FindJsonFault(good), std::nullopt) << good;
  }
}

TEST(JsonFaultTest, PlaceAndReasonAreNamed) {
  struct Case {
    const char* text;
    const char* fault;
  };
  for (const auto& [text, fault] : std::initializer_list<Case>{
           {"", "line 1, column 1: want a value, found the end"},
           {"[", "line 1, column 2: want a value, found the end"},
           {"[\n {\"a\" 1}]", "line 2, column 7: want \":\" after a member's name, found \"1}]\""},
           {"{\"a\":1\n,}", "line 2, column 2: want a member's name in double quotes, found \"}\""},
           {"{'a':1}", "line 1, column 2: want a member's name in double quotes, found \"'a':1}\""},
           {"[1 2]", "line 1, column 4: want \",\" or \"]\" after an item, found \"2]\""},
           {"{\"a\":1]", "line 1, column 7: want \",\" or \"}\" after a member, found \"]\""},
           {"[1,]", "line 1, column 4: want a value, found \"]\""},
           {"[nul]", "line 1, column 2: want a value, found \"nul]\""},
           {"[\"ab", "line 1, column 2: a string that does not end"},
           {"[\"ab\\", "line 1, column 2: a string that does not end"},
           {"[\"a\nb\"]",
            "line 1, column 4: a line end or other control character inside of a string"},
           {"[\"\\x\"]", "line 1, column 3: no such escape: \"\\\\x\\\"]\""},
           {"[\"\\u12g4\"]", "line 1, column 3: no such escape: \"\\\\u12g4\\\"]\""},
           {"[01]", "line 1, column 2: no number: \"01]\""},
           {"[-]", "line 1, column 2: no number: \"-]\""},
           {"[1.]", "line 1, column 2: no number: \"1.]\""},
           {"[1e999]", "line 1, column 2: a number out of range: \"1e999]\""},
           {"[18446744073709551616]",
            "line 1, column 2: a number out of range: \"1844674407370955\""},
           {"\xef\xbb\xbf[]", "line 1, column 1: want a value, found \"\\ufeff[]\""}}) {
    EXPECT_EQ(FindJsonFault(text), fault) << text;
  }
  EXPECT_EQ(FindJsonFault(std::string(100'000, '[')),
            "line 1, column 1025: nested deeper than 1024 levels");
}

// It explains what the other parser refuses: neither sees a fault where the other sees none.
TEST(JsonFaultTest, AgreesWithTheParserAboutMutants) {
  const std::string seed = R"([{"a":"b\u00e9\"","c":[1,-2.5e3,0.1,true,null]},{}, [ ]])";
  static constexpr std::string_view kSpice = "[]{}\",:\\u019-+.etfn \n";
  Rng rng(7);
  size_t broken = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string text = seed;
    for (uint64_t edits = 1 + rng.Below(3); edits > 0; --edits) {
      text.replace(rng.Below(text.size()), rng.Below(3), 1, kSpice[rng.Below(kSpice.size())]);
    }
    simdjson::dom::parser parser;
    simdjson::dom::element root;
    const auto fault = FindJsonFault(text);
    if (fault) ++broken;
    // Without what follows the first value.
    const bool good = parser.parse(RepairJson(text)).get(root) == simdjson::SUCCESS;
    if (text.starts_with('[')) {
      ASSERT_EQ(good, !fault) << text << "\n" << fault.value_or("");
    }
  }
  EXPECT_GT(broken, 5000U);
}

}  // namespace
}  // namespace watchfire::alert
