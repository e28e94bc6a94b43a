// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/templates/template.h"

#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/base/limits.h"

namespace watchfire::templates {
namespace {

using ::testing::HasSubstr;

std::string Render(std::string_view text, double value = 0.05) {
  const labels::LabelSet labels{{"provider", "openai"}, {"tool", "search"}};
  const Result<Template> parsed = Template::Parse(text);
  if (!parsed) return "error: " + parsed.error().message;
  return parsed->Execute({labels, value}).value();
}

TEST(TemplateTest, RendersLabelsAndValueInBothSpellings) {
  EXPECT_EQ(Render(""), "");
  EXPECT_EQ(Render("plain { } text }}"), "plain { } text }}");
  EXPECT_EQ(Render("{{ $labels.provider }} fails {{ $value }}"), "openai fails 0.05");
  EXPECT_EQ(Render("{{.Labels.tool}}{{.Value}}"), "search0.05");
  EXPECT_EQ(Render("{{\n$value\n}}"), "0.05");
}

TEST(TemplateTest, AMissingLabelIsEmpty) { EXPECT_EQ(Render("[{{ $labels.nope }}]"), "[]"); }

TEST(TemplateTest, PrintsTheValueAsGoDoes) {
  const std::pair<double, const char*> cases[] = {
      {0, "0"},
      {1, "1"},
      {-0.5, "-0.5"},
      {100000, "100000"},
      {999999, "999999"},
      {1000000, "1e+06"},
      {1234567.5, "1.2345675e+06"},
      {123456789, "1.23456789e+08"},
      {12345.678, "12345.678"},
      {0.0001, "0.0001"},
      {0.00001, "1e-05"},
      {0.1 + 0.2, "0.30000000000000004"},
      {1e21, "1e+21"},
      {5e-324, "5e-324"},
      {std::numeric_limits<double>::quiet_NaN(), "NaN"},
      {std::numeric_limits<double>::infinity(), "+Inf"},
      {-std::numeric_limits<double>::infinity(), "-Inf"},
  };
  for (const auto& [value, want] : cases) EXPECT_EQ(Render("{{ $value }}", value), want);
}

TEST(TemplateTest, TrimMarkersEatTheSpaceAround) {
  EXPECT_EQ(Render("a \n {{- $value -}} \t\n b"), "a0.05b");
  EXPECT_EQ(Render("a {{- $value }} b"), "a0.05 b");
  EXPECT_EQ(Render("a {{ $value -}} b"), "a 0.05b");
  EXPECT_EQ(Render("a {{ $value -}}   {{- $value }} b"), "a 0.050.05 b");
  // Without a space inside, the minus is part of the action, as in Go.
  EXPECT_THAT(Render("{{-$value}}"), HasSubstr("not supported"));
}

TEST(TemplateTest, CommentsVanish) {
  EXPECT_EQ(Render("a{{/* why }} not */}}b"), "ab");
  EXPECT_EQ(Render("a {{- /* x */ -}} b"), "ab");
  EXPECT_EQ(Render("a {{- /* x */}} b"), "a b");
  EXPECT_THAT(Render("{{ /* x */}}"), HasSubstr("not supported"));  // Go wants no space there.
  EXPECT_EQ(Render("{{/* x */ $value }}"), "error: line 1: comment ends before closing delimiter");
  EXPECT_EQ(Render("{{/* x }}"), "error: line 1: unclosed comment");
}

TEST(TemplateTest, RefusesWhatItCannotRenderNamingIt) {
  for (const char* bad :
       {"$value | humanize", "humanize $value", "if $value", "end", "$labels", ".", "$labels.a.b",
        "$labels.", "$externalURL", "printf \"%v\" $value", "$x := 1", "with .Labels",
        "$labels.a-b", "index $labels \"a\"", "\"text\"", "$labelsx.a"}) {
    const std::string text = "one\ntwo {{ " + std::string(bad) + " }}";
    EXPECT_THAT(Render(text), HasSubstr("error: line 2: ")) << bad;
    EXPECT_THAT(Render(text), HasSubstr("is not supported")) << bad;
  }
  EXPECT_EQ(Render("{{ humanize $value }}"),
            "error: line 1: \"humanize $value\" is not supported (supported: $labels.NAME, $value, "
            ".Labels.NAME, .Value)");
  EXPECT_EQ(Render("x{{ }}"), "error: line 1: missing value for command");
  EXPECT_EQ(Render("\n\nx{{ $value }"), "error: line 3: unclosed action");
  EXPECT_EQ(Render("{{"), "error: line 1: unclosed action");
  EXPECT_EQ(Template::Parse("{{").error().code, Code::kInvalidArgument);
}

TEST(TemplateTest, OutputIsBounded) {
  const labels::LabelSet labels{{"big", std::string(limits::kTemplateOutputBytes / 2, 'x')}};
  EXPECT_TRUE(Template::Parse("{{$labels.big}}{{$labels.big}}")->Execute({labels, 0}));
  const Result<std::string> over =
      Template::Parse("{{$labels.big}}{{$labels.big}}.")->Execute({labels, 0});
  EXPECT_EQ(over.error().code, Code::kExhausted);
  EXPECT_EQ(over.error().message, "output is larger than 1048576 bytes");
}

// Every text of up to six of these tokens parses or is refused, never crashes, and a text without
// an opening delimiter is itself.
TEST(TemplateTest, EveryShortTextIsParsedOrRefused) {
  const std::vector<std::string> tokens{"{{", "}}", "-", " ", "/*", "*/", "$value", "x"};
  size_t parsed = 0;
  for (size_t code = 0; code < 8 * 8 * 8 * 8 * 8 * 8; ++code) {
    std::string text;
    for (size_t rest = code, i = 0; i < 6; ++i, rest /= 8) text += tokens[rest % 8];
    const Result<Template> result = Template::Parse(text);
    if (!result) continue;
    ++parsed;
    if (text.find("{{") == std::string::npos) {
      ASSERT_EQ(result->Execute({{}, 1}).value(), text);
    }
  }
  EXPECT_GT(parsed, 100'000U);
}

}  // namespace
}  // namespace watchfire::templates
