// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// No template, however hostile, crashes, grows past its bounds or runs for long.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/base/limits.h"
#include "pkg/base/rng.h"
#include "pkg/templates/function.h"
#include "pkg/templates/template.h"

namespace watchfire::templates {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;

Value MakeDot() {
  std::vector<Value> items{Value::String("a"), Value::Int(2), Value()};
  return Value::Of(std::vector<std::pair<std::string, Value>>{
      {"s", Value::String("text")}, {"n", Value::Int(7)}, {"l", Value::Of(std::move(items))}});
}

Result<std::string> Render(const std::string& text) {
  TemplateSet set(AlertmanagerFunctions(), MissingKey::kZero);
  WF_RETURN_IF_ERROR(set.Parse("t", text));
  return set.Execute("t", MakeDot(), {});
}

std::string Repeat(const std::string& text, size_t count) {
  std::string out;
  for (size_t i = 0; i < count; ++i) out += text;
  return out;
}

TEST(BoundsTest, HostileTemplatesEndInAnError) {
  const std::string hostile[] = {
      "{{ range 9223372036854775807 }}{{ end }}",
      "{{ range 9223372036854775807 }}x{{ end }}",
      "{{ range 100000 }}{{ range 100000 }}{{ end }}{{ end }}",
      "{{ $x := \"xxxxxxxx\" }}{{ range 100 }}{{ $x = print $x $x }}{{ end }}",
      "{{ $l := list 1 }}{{ range 1000 }}{{ $l = list $l }}{{ end }}",
      "{{ $l := list 1 }}{{ range 64 }}{{ $l = list $l $l }}{{ end }}{{ $l }}",
      "{{ $l := list 1 }}{{ range 64 }}{{ $l = list $l $l }}{{ end }}{{ toJson $l }}",
      "{{ $l := list 1 }}{{ range 64 }}{{ $l = dict \"a\" $l \"b\" $l }}{{ end }}{{ print $l }}",
      "{{ $l := list }}{{ range 1000000 }}{{ $l = append $l 1 }}{{ end }}",
      "{{ define \"r\" }}{{ template \"r\" . }}{{ end }}{{ template \"r\" . }}",
      "{{ define \"r\" }}x{{ template \"r\" . }}{{ template \"r\" . }}{{ end }}{{ template \"r\" "
      "}}",
      "{{ range 100 }}{{ printf \"%1000000d%1000000d\" 1 2 }}{{ end }}",
      "{{ printf \"%1000000d%1000000d%1000000d\" 1 2 3 }}",
      "{{ range 1000000 }}{{ printf \"%1000000d\" 1 | len }}{{ end }}",
      "{{ $s := printf \"%1000000d\" 1 }}{{ range 100000 }}{{ toUpper $s | len }}{{ end }}",
      "{{ $s := printf \"%1000000d\" 1 }}{{ range 100000 }}{{ match \"(x+x+)+y\" $s }}{{ end }}",
      "{{ range 100000 }}{{ match (printf \"a{%d}\" .) \"a\" }}{{ end }}",
      "{{ match \"((a{100}){100}){100}\" \"a\" }}",
      "{{ reReplaceAll \"\" \"0123456789\" (printf \"%500000d\" 1) }}",
      "{{ join (printf \"%1000000d\" 1) (stringSlice \"a\" \"b\" \"c\") }}",
      "{{ match (printf \"%5000d\" 1) \"a\" }}",
      Repeat("{{ if .n }}", 600) + Repeat("{{ end }}", 600),
      "{{ " + Repeat("(", 600) + "1" + Repeat(")", 600) + " }}",
      "{{ if .n }}" + Repeat("{{ else if .n }}", 600) + "{{ end }}",
      Repeat("{{ if .n }}", 100000),
      "{{ " + Repeat("(", 100000),
  };
  for (const std::string& text : hostile) {
    SCOPED_TRACE(text.substr(0, 200));
    const Result<std::string> out = Render(text);
    ASSERT_FALSE(out) << text.substr(0, 200);
    EXPECT_THAT(out.error().message,
                AnyOf(HasSubstr("steps of work"), HasSubstr("output is larger than"),
                      HasSubstr("exceeded maximum"), HasSubstr("nest deeper"),
                      HasSubstr("depth exceeded"), HasSubstr("expression too large"),
                      HasSubstr("invalid repeat"), HasSubstr("longer than")))
        << text.substr(0, 200);
    EXPECT_LT(out.error().message.size(), 4096U) << text.substr(0, 200);
  }
}

// Each of these took seconds, though it has few nodes: what a call costs is not in their number.
TEST(BoundsTest, FewButDearCallsAreBoundedAsWell) {
  const std::string dear[] = {
      "{{ $s := printf \"%100000d\" 1 }}{{ range 200 }}{{ trimSpace $s | len }}{{ end }}",
      "{{ $s := printf \"%1000000d\" 1 }}{{ range 20 }}{{ title $s | len }}{{ end }}",
      "{{ range 40 }}{{ match (printf \"%d(?i)(\\\\pL{9}){9}\" .) \"a\" }}{{ end }}",
      "{{ range 200 }}{{ match (printf \"(?i)%d\\\\pL\\\\pN\\\\pS[^\\\\pL]\" .) \"a\" }}{{ end }}",
      "{{ reReplaceAll \"x(.*z)?\" \"y\" (reReplaceAll \" \" \"x\" (printf \"%100000d\" 1)) | len "
      "}}",
      "{{ range 20000 }}{{ with toDate \"2006-01-02\" \"2024-02-29\" }}{{ end }}{{ end }}",
      "{{ range 40000 }}{{ with dict \"a\" 1 \"b\" 2 \"c\" 3 \"d\" 4 }}{{ end }}{{ end }}",
      "{{ range 50000 }}{{ if and 1 1 1 1 1 1 1 1 1 1 }}{{ end }}{{ end }}",
  };
  for (const std::string& text : dear) {
    const Result<std::string> out = Render(text);
    ASSERT_FALSE(out) << text;
    EXPECT_THAT(out.error().message, AnyOf(HasSubstr("steps of work"), HasSubstr("too large")))
        << text;
  }
}

// What `reReplaceAll` takes out of a budget, or all of it.
size_t StepsOfReplacing(const std::string& pattern, const std::string& text) {
  Budget budget;
  const Environment environment;
  const Value args[] = {Value::View(pattern), Value::View("-"), Value::View(text)};
  const Function& replace = *FindFunction(AlertmanagerFunctions(), "reReplaceAll");
  if (!replace.call({args, nullptr, environment, budget})) return limits::kTemplateSteps;
  size_t left = 0;
  while (budget.Spend(1)) ++left;
  return limits::kTemplateSteps - left;
}

// A search may look at all that is left of a text, and RE2 may have to do that with its slow
// matcher when the program is long: each match then costs the rest of the text times the program.
TEST(BoundsTest, ReplacingPaysForTheSlowMatcherWhereItMayBeNeeded) {
  const auto text = [](size_t matches) { return Repeat("ab", matches); };
  const std::string slow = "a(.*b.{12}z)?";
  const size_t few = StepsOfReplacing(slow, text(50));
  const size_t more = StepsOfReplacing(slow, text(100));
  EXPECT_GT(few, 50U * 50 * 4);
  EXPECT_GT(more - few, 2 * few);  // Twice the text with twice the matches.
  EXPECT_EQ(StepsOfReplacing(slow, text(1000)), limits::kTemplateSteps);
  // As many groups have to be kept up to date for each.
  EXPECT_GT(StepsOfReplacing("a(.*b.{12}z)?" + Repeat("()", 40), text(50)), 2 * few);
  // A short program has few states, and one without repetitions does not look ahead.
  EXPECT_LT(StepsOfReplacing("[^b]+", text(1000)), 30'000U);
  EXPECT_LT(StepsOfReplacing("a(b|bab|babab|bababab)?", text(1000)), 30'000U);
}

// Each turn is inside of one brace more than the last.
TEST(BoundsTest, ADocumentMayBeInEverNewPlaces) {
  TemplateSet set(AlertmanagerFunctions(), MissingKey::kZero);
  const std::string turn = "{{ range 5000 }}{ {{ . }}{{ end }}";
  ASSERT_TRUE(set.Parse(
      "t", "<script>`${ " + turn + "{{ range 5000 }}}{{ end }}}`</script><b>{{ 1 }}</b>"));
  const Result<std::string> out = set.ExecuteHtml("t", MakeDot(), {});
  ASSERT_TRUE(out) << out.error().message;
  EXPECT_TRUE(out->ends_with("}`</script><b>1</b>")) << out->substr(out->size() - 40);
}

TEST(BoundsTest, WhatTemplatesDoEveryDayFits) {
  const std::string sentence = "printf \"%300d says https://example.com/a?b=c to you\" 1";
  for (const std::string call : {"reReplaceAll \"\\\\s+\" \" \" $s", "title $s", "trimSpace $s",
                                 "reReplaceAll \"https?://[^ ]+\" \"link\" $s", "toJson $s",
                                 "match \"^.*(one|two|you)$\" $s", "urlquery $s"}) {
    const auto out =
        Render("{{ $s := " + sentence + " }}{{ range 200 }}{{ " + call + " }}{{ end }}");
    EXPECT_TRUE(out) << call << ": " << out.error().message;
  }
  EXPECT_TRUE(
      Render("{{ reReplaceAll \" +\" \"_\" (reReplaceAll \"(.)\" \"$1 \" (printf "
             "\"%05000d\" 1)) | len }}"));
}

TEST(BoundsTest, OrdinaryLargeMessagesFit) {
  const Result<std::string> out = Render("{{ range 20000 }}{{ if .  }}{{ . }} {{ end }}{{ end }}");
  ASSERT_TRUE(out) << out.error().message;
  EXPECT_GT(out->size(), 100'000U);
  EXPECT_TRUE(Render(Repeat("{{ if .n }}", 200) + "x" + Repeat("{{ end }}", 200)));
}

// Seeded mutations of working templates: whatever comes out, it is a text or an error.
TEST(BoundsTest, MutatedTemplatesNeverCrash) {
  const std::string seeds[] = {
      "{{ range $i, $x := .l }}{{ if $i }}, {{ end }}{{ $x }}{{ else }}none{{ end }}",
      "{{ define \"a\" }}<{{ . }}>{{ end }}{{ template \"a\" .s }}{{ block \"b\" .n }}{{ . }}{{ "
      "end }}",
      "{{ with $y := index .l 0 }}{{ $y | printf \"%-10s|%5.2f\" | toUpper }}{{ end }}",
      "{{- /* note */ -}} {{ (dict \"k\" (list 1 2.5 'c' `raw` nil true)).k | toJson }}",
      "{{ $x := 1 }}{{ range 5 }}{{ $x = . }}{{ if eq . 3 }}{{ break }}{{ end }}{{ end }}{{ $x }}",
      "{{ slice .s 1 3 }}{{ len .l | printf \"%03d\" }}{{ and .s (or .n .z) | not }}",
      "{{ reReplaceAll \"(t)(e)\" \"$2$1\" .s | base64encode | urlquery }}{{ html \"<&>\" }}",
      "{{ toDate \"2006-01-02\" \"2024-02-29\" | date \"Mon Jan _2 15:04:05.000 MST\" }}",
  };
  static constexpr const char* kPieces[] = {
      "{{",     "}}",       "{{-",     "-}}",       "(",      ")",     "|",   "\"",   "`",   "'",
      "$",      ".",        "$x",      ".s",        ".l",     " ",     "\n",  "end",  "if ", "else",
      "range ", "with ",    "define ", "template ", "block ", "break", "nil", "true", "9",   "-1",
      "1e9",    "0x",       ":=",      "=",         ",",      "%",     "%v",  "[1]",  "*",   "\\",
      "\xff",   "\xe2\x82", "printf ", "index ",    "list ",  "dict ", "eq ", "/*",   "*/"};
  Rng rng(20'260'728);
  size_t rendered = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string text = seeds[rng.Below(std::size(seeds))];
    for (uint64_t edits = 1 + rng.Below(6); edits > 0; --edits) {
      const size_t at = rng.Below(text.size() + 1);
      const size_t cut = std::min<size_t>(rng.Below(8), text.size() - at);
      const bool insert = rng.Below(3) > 0;
      text.replace(at, cut, insert ? kPieces[rng.Below(std::size(kPieces))] : "");
    }
    const Result<std::string> out = Render(text);
    if (!out) {
      ASSERT_FALSE(out.error().message.empty()) << text;
      continue;
    }
    ++rendered;
    ASSERT_LE(out->size(), limits::kTemplateOutputBytes) << text;
  }
  EXPECT_GT(rendered, 500U);
}

}  // namespace
}  // namespace watchfire::templates
