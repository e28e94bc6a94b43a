// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What rule files rely on. The language itself is compared with Go's in tests/templates.

#include "pkg/templates/template.h"

#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/base/limits.h"

namespace watchfire::templates {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;

std::string Render(std::string_view text, double value = 0.05) {
  const labels::LabelSet labels{{"provider", "openai"}, {"tool", "search"}};
  const Result<Template> parsed = Template::Parse(text);
  if (!parsed) return "error: " + parsed.error().message;
  const Result<std::string> out =
      parsed->Execute({labels, value, FromNanos(1'500'000'000'123'456'789),
                       labels::LabelSet{{"cluster", "eu"}}, "https://watch.example.com/fire"});
  return out ? *out : "error: " + out.error().message;
}

TEST(TemplateTest, RendersLabelsAndValueInBothSpellings) {
  EXPECT_EQ(Render(""), "");
  EXPECT_EQ(Render("plain { } text }}"), "plain { } text }}");
  EXPECT_EQ(Render("{{ $labels.provider }} fails {{ $value }}"), "openai fails 0.05");
  EXPECT_EQ(Render("{{.Labels.tool}}{{.Value}}"), "search0.05");
  EXPECT_EQ(Render("{{\n$value\n}}"), "0.05");
  EXPECT_EQ(Render("{{ $externalLabels.cluster }} {{ $externalURL }} {{ .ExternalURL }}"),
            "eu https://watch.example.com/fire https://watch.example.com/fire");
  EXPECT_EQ(Render("{{ $labels }}"), "map[provider:openai tool:search]");
  EXPECT_EQ(Render("{{ range $k, $v := $labels }}{{ $k }}={{ $v }};{{ end }}"),
            "provider=openai;tool=search;");
}

TEST(TemplateTest, AMissingLabelIsEmpty) {
  EXPECT_EQ(Render("[{{ $labels.nope }}]"), "[]");
  EXPECT_EQ(Render("{{ if $labels.nope }}a{{ else }}b{{ end }}"), "b");
  EXPECT_EQ(Render("[{{ index $labels \"nope\" }}]"), "[]");
}

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

TEST(TemplateTest, TheUsualAnnotationsRender) {
  EXPECT_EQ(Render("{{ $value | humanizePercentage }} of {{ $labels.provider | title }} calls"),
            "5% of Openai calls");
  EXPECT_EQ(Render("{{ humanize $value }} {{ $value | humanizeDuration }}", 1234567),
            "1.235M 14d 6h 56m 7s");
  EXPECT_EQ(Render("{{ printf \"%.1f\" $value }}", 12.34), "12.3");
  EXPECT_EQ(Render("{{ if gt $value 0.01 }}high{{ else }}low{{ end }}"), "high");
  EXPECT_EQ(Render("{{ with $labels.tool }}{{ . }}{{ end }}"), "search");
  EXPECT_EQ(Render("{{ $x := $labels.tool | toUpper }}{{ $x }}-{{ $x }}"), "SEARCH-SEARCH");
  EXPECT_EQ(Render("{{ now }} {{ now | humanizeTimestamp }}"),
            "1.500000000123e+09 2017-07-14 02:40:00.122 +0000 UTC");
  EXPECT_EQ(Render("{{ externalURL }}{{ pathPrefix }}"), "https://watch.example.com/fire/fire");
}

TEST(TemplateTest, QueryIsRefusedInClearWords) {
  EXPECT_EQ(Render("{{ query \"up\" | first | value }}"),
            "error: template: rule:1:3: executing \"rule\" at <query \"up\">: error calling query: "
            "query in templates is not supported here");
}

TEST(TemplateTest, ParseErrorsNameTheLine) {
  EXPECT_EQ(Render("one\ntwo {{ if $value"), "error: line 2: unclosed action");
  EXPECT_EQ(Render("{{ range . }}"), "error: line 1: unexpected EOF");
  EXPECT_EQ(Render("{{ $nope }}"), "error: line 1: undefined variable \"$nope\"");
  EXPECT_EQ(Render("{{ humanise $value }}"), "error: line 1: function \"humanise\" not defined");
  EXPECT_EQ(Render("{{/* x */ $value }}"), "error: line 1: comment ends before closing delimiter");
  EXPECT_EQ(Render("x{{ }}"), "error: line 1: missing value for command");
  EXPECT_EQ(Template::Parse("{{").error().code, Code::kInvalidArgument);
}

TEST(TemplateTest, ExecutionErrorsNameTheNode) {
  EXPECT_EQ(Render("a\n {{ $labels.tool.x }}"),
            "error: template: rule:2:11: executing \"rule\" at <$labels.tool.x>: can't evaluate "
            "field x in type string");
  EXPECT_THAT(Render("{{ toUpper $value }}"),
              HasSubstr("wrong type for value; expected string; got float64"));
}

TEST(TemplateTest, OutputIsBounded) {
  const labels::LabelSet labels{{"big", std::string(limits::kTemplateOutputBytes / 2, 'x')}};
  EXPECT_TRUE(Template::Parse("{{$labels.big}}{{$labels.big}}")->Execute({labels, 0}));
  const Result<std::string> over =
      Template::Parse("{{$labels.big}}{{$labels.big}}.")->Execute({labels, 0});
  EXPECT_EQ(over.error().code, Code::kExhausted);
  EXPECT_EQ(over.error().message,
            "template: rule:1:30: executing \"rule\" at <.>: output is larger than 1048576 bytes");
  const Result<std::string> quoted =
      Template::Parse("{{$labels.big}}{{$labels.big}}" + std::string(5000, 'x'))
          ->Execute({labels, 0});
  EXPECT_THAT(quoted.error().message, HasSubstr("at <xxx"));
  EXPECT_LT(quoted.error().message.size(), 1000U);
}

TEST(TemplateSetTest, LaterDefinitionsReplaceEarlierOnes) {
  TemplateSet set(AlertmanagerFunctions(), MissingKey::kZero);
  ASSERT_TRUE(set.Parse("a.tmpl", "{{ define \"x\" }}first{{ end }}{{ define \"y\" }}y{{ end }}"));
  ASSERT_TRUE(set.Parse("b.tmpl", "{{ define \"x\" }}second{{ end }}{{ define \"y\" }} {{ end }}"));
  ASSERT_TRUE(set.Parse("", "{{ template \"x\" }}{{ template \"y\" }}"));
  EXPECT_EQ(*set.Execute("", {}, {}), "secondy");
  EXPECT_THAT(set.names(), ElementsAre("", "a.tmpl", "b.tmpl", "x", "y"));
  EXPECT_EQ(set.Execute("z", {}, {}).error().code, Code::kNotFound);
}

std::string Beginning(const std::string& text, size_t runes_max) {
  const TemplateSet set(AlertmanagerFunctions(), MissingKey::kZero);
  const auto snippet = Snippet::Parse("text", text);
  const Result<std::string> out =
      set.Execute(snippet.value(), Value::View("\u20ac"), {}, runes_max);
  return out ? *out : "error: " + out.error().message;
}

TEST(TemplateSetTest, StopsWhenMoreThanWhatIsWantedIsThere) {
  // A rune too many tells the caller to cut.
  EXPECT_EQ(Beginning("{{ range 1000 }}ab{{ end }}", 5), "ababab");
  EXPECT_EQ(Beginning("ab{{ . }}{{ . }}cd", 3), "ab\u20ac\u20ac");
  EXPECT_EQ(Beginning("ab{{ . }}", 3), "ab\u20ac");
  EXPECT_EQ(Beginning("ab{{ 1234 }}{{ 5678 }}", 5), "ab1234");
  EXPECT_EQ(Beginning("", 0), "");
  // What fails behind spoils nothing, what fails before does.
  EXPECT_EQ(Beginning("abcd{{ index 1 2 }}", 3), "abcd");
  EXPECT_THAT(Beginning("abc{{ index 1 2 }}", 3), HasSubstr("error calling index"));
  EXPECT_EQ(Beginning("abcd{{ range 1000000000000 }}{{ end }}", 3), "abcd");
}

TEST(TemplateSetTest, ACopyGrowsAlone) {
  TemplateSet set(AlertmanagerFunctions(), MissingKey::kZero);
  ASSERT_TRUE(set.Parse("a", "{{ define \"x\" }}first{{ end }}"));
  TemplateSet copy = set;
  ASSERT_TRUE(copy.Parse("b", "{{ define \"x\" }}second{{ end }}"));
  EXPECT_EQ(*set.Execute("x", {}, {}), "first");
  EXPECT_EQ(*copy.Execute("x", {}, {}), "second");
}

TEST(TemplateSetTest, AFailedParseChangesNothing) {
  TemplateSet set(AlertmanagerFunctions(), MissingKey::kZero);
  const Status parsed = set.Parse("mail.tmpl", "{{ define \"x\" }}x{{ end }}\n{{ if }}");
  EXPECT_EQ(parsed.error().message, "template: mail.tmpl:2: missing value for if");
  EXPECT_FALSE(set.Has("x"));
}

TEST(TemplateSetTest, ErrorsNameTheFileAndTheTemplate) {
  TemplateSet set(AlertmanagerFunctions(), MissingKey::kError);
  ASSERT_TRUE(set.Parse("mail.tmpl", "{{ define \"x\" }}\n  {{ .a.b }}{{ end }}"));
  EXPECT_EQ(
      set.Execute("x", Value::Of(std::vector<std::pair<std::string, Value>>{}), {}).error().message,
      "template: mail.tmpl:2:7: executing \"x\" at <.a.b>: map has no entry for key \"a\"");
}

// Every text of up to six of these tokens parses or is refused, never crashes, and a text without
// an opening delimiter is itself.
std::string RenderSnippet(const TemplateSet& set, const std::string& text) {
  const Result<Snippet> snippet = Snippet::Parse("title", text);
  if (!snippet) return "error: " + snippet.error().message;
  const Result<std::string> out = set.Execute(*snippet, Value::String("dot"), {});
  return out ? *out : "error: " + out.error().message;
}

TEST(SnippetTest, ASnippetCallsTheSetItIsRunIn) {
  TemplateSet set(AlertmanagerFunctions(), MissingKey::kZero);
  const Result<Snippet> snippet = Snippet::Parse("title", "{{ template \"a\" . }}!");
  ASSERT_TRUE(snippet);
  EXPECT_FALSE(set.Execute(*snippet, {}, {}));
  ASSERT_TRUE(set.Parse("f", "{{ define \"a\" }}<{{ toUpper . }}>{{ end }}"));
  EXPECT_EQ(set.Execute(*snippet, Value::String("b"), {}).value(), "<B>!");
  EXPECT_EQ(RenderSnippet(set, ""), "");
  EXPECT_TRUE(Snippet().empty());
  EXPECT_EQ(set.Execute(Snippet(), {}, {}).value(), "");
}

TEST(SnippetTest, WhatASnippetDefinesCountsInItAlone) {
  TemplateSet set(AlertmanagerFunctions(), MissingKey::kZero);
  ASSERT_TRUE(set.Parse("f", "{{ define \"a\" }}old{{ end }}{{ define \"title\" }}t{{ end }}"));
  EXPECT_EQ(RenderSnippet(set, "{{ define \"a\" }}new{{ end }}{{ template \"a\" }}"), "new");
  EXPECT_EQ(RenderSnippet(set, "{{ template \"a\" }}"), "old");
  // A template that happens to have the field's name is another one.
  EXPECT_EQ(RenderSnippet(set, "{{ template \"title\" }}"), "t");
  EXPECT_EQ(RenderSnippet(set, "{{ define \"b\" }}{{ end }}{{ template \"title\" }}"), "t");
}

TEST(SnippetTest, ErrorsCallASnippetByItsName) {
  const TemplateSet set(AlertmanagerFunctions(), MissingKey::kZero);
  EXPECT_EQ(RenderSnippet(set, "a\n{{ . "), "error: template: title:2: unclosed action");
  EXPECT_EQ(RenderSnippet(set, "{{ .Foo }}"),
            "error: template: title:1:3: executing \"title\" at <.Foo>: can't evaluate field Foo "
            "in type string");
}

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
