// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/matcher/matcher.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "pkg/base/limits.h"
#include "pkg/base/rng.h"

namespace watchfire::matcher {
namespace {

// What a text parses to, printed; or "error: " and why not.
std::string Read(std::string_view text, Mode mode) {
  const Result<Matchers> matchers = Parse(text, mode);
  if (!matchers) return "error: " + matchers.error().message;
  std::string out;
  for (const Matcher& matcher : *matchers) out += "[" + matcher.ToString() + "]";
  return out;
}

std::string ReadOne(std::string_view text, Mode mode) {
  const Result<Matcher> matcher = ParseOne(text, mode);
  return matcher ? matcher->ToString() : "error: " + matcher.error().message;
}

struct Case {
  std::string text;
  std::string want;
};

void ExpectReads(Mode mode, const std::vector<Case>& cases) {
  for (const auto& [text, want] : cases) EXPECT_EQ(Read(text, mode), want) << text;
}

void ExpectReadsOne(Mode mode, const std::vector<Case>& cases) {
  for (const auto& [text, want] : cases) EXPECT_EQ(ReadOne(text, mode), want) << text;
}

Matcher Make(Op op, std::string name, std::string value) {
  return Matcher::Create(op, std::move(name), std::move(value)).value();
}

TEST(MatcherTest, EachOperatorMatchesAndAMissingLabelIsEmpty) {
  const labels::LabelSet labels{{"job", "api"}};
  EXPECT_TRUE(Make(Op::kEqual, "job", "api").Matches(labels));
  EXPECT_FALSE(Make(Op::kEqual, "job", "ap").Matches(labels));
  EXPECT_TRUE(Make(Op::kNotEqual, "job", "ap").Matches(labels));
  EXPECT_TRUE(Make(Op::kRegex, "job", "a.i|db").Matches(labels));
  EXPECT_FALSE(Make(Op::kNotRegex, "job", "a.i|db").Matches(labels));
  for (const Op op : {Op::kEqual, Op::kRegex}) EXPECT_TRUE(Make(op, "none", "").Matches(labels));
  for (const Op op : {Op::kNotEqual, Op::kNotRegex}) {
    EXPECT_FALSE(Make(op, "none", "").Matches(labels));
  }
  EXPECT_TRUE(Make(Op::kRegex, "none", ".*").Matches({}));
  EXPECT_FALSE(Make(Op::kRegex, "none", ".+").Matches({}));
}

TEST(MatcherTest, RegexesAreAnchoredAndADotIsNotANewline) {
  EXPECT_FALSE(Make(Op::kRegex, "a", "b").MatchesValue("abc"));
  EXPECT_FALSE(Make(Op::kRegex, "a", "x|b").MatchesValue("bc"));
  EXPECT_FALSE(Make(Op::kRegex, "a", "b.c").MatchesValue("b\nc"));
  EXPECT_FALSE(Make(Op::kRegex, "a", "b").MatchesValue("b\n"));
  EXPECT_TRUE(Make(Op::kRegex, "a", "(?s)b.c").MatchesValue("b\nc"));
  EXPECT_TRUE(Make(Op::kRegex, "a", "(?i)B").MatchesValue("b"));
  EXPECT_TRUE(Make(Op::kRegex, "a", ".").MatchesValue("\u03a3"));
}

TEST(MatcherTest, GroupsMayHaveEitherOfGosNames) {
  for (const char* regex : {"(?P<dc>eu|us)-[0-9]", "(?<dc>eu|us)-[0-9]"}) {
    const Result<Matcher> matcher = Matcher::Create(Op::kRegex, "zone", regex);
    ASSERT_TRUE(matcher) << regex;
    EXPECT_TRUE(matcher->MatchesValue("eu-1"));
    EXPECT_EQ(matcher->value(), regex) << "printed as written";
  }
}

TEST(MatcherTest, ABadRegexSaysWhyInAlertmanagersWords) {
  const std::vector<Case> cases = {
      {"(foo", "error parsing regexp: missing closing ): `^(?:(foo)$`"},
      {"[a", "error parsing regexp: missing closing ]: `[a)$`"},
      {"*", "error parsing regexp: missing argument to repetition operator: `*`"},
      {"a**", "error parsing regexp: invalid nested repetition operator: `**`"},
      {"a{1001}", "error parsing regexp: invalid repeat count: `{1001}`"},
      {"(?=x)", "error parsing regexp: invalid or unsupported Perl syntax: `(?=`"},
      {"\\1", "error parsing regexp: invalid escape sequence: `\\1`"},
      {"[z-a]", "error parsing regexp: invalid character class range: `z-a`"},
      {"(?P<n", "error parsing regexp: invalid named capture: `(?P<n)$`"},
      {"\xff", "error parsing regexp: invalid UTF-8: ``"},
  };
  for (const auto& [regex, want] : cases) {
    const Result<Matcher> matcher = Matcher::Create(Op::kRegex, "a", regex);
    ASSERT_FALSE(matcher) << regex;
    EXPECT_EQ(matcher.error(), (Error{Code::kInvalidArgument, want}));
    EXPECT_TRUE(Matcher::Create(Op::kEqual, "a", regex)) << "no regex, no rule: " << regex;
  }
}

TEST(MatcherTest, ALongOrExplosiveRegexIsRefused) {
  EXPECT_TRUE(Matcher::Create(Op::kRegex, "a", std::string(limits::kRegexBytes, 'x')));
  EXPECT_EQ(Matcher::Create(Op::kRegex, "a", std::string(4097, 'x')).error().message,
            "regular expression of 4097 bytes is longer than 4096");
  EXPECT_FALSE(Matcher::Create(Op::kRegex, "a", "((a{1000}){1000}){1000}"));
}

TEST(MatcherTest, PrintsAsAlertmanagerDoes) {
  EXPECT_EQ(Make(Op::kRegex, "team", "a|b").ToString(), R"(team=~"a|b")");
  EXPECT_EQ(Make(Op::kEqual, "a", "x\\y\"z\n\t\u03a3").ToString(), "a=\"x\\\\y\\\"z\\n\t\u03a3\"");
  EXPECT_EQ(Make(Op::kNotEqual, "a b", "c\td").ToString(), R"("a b"!="c\td")");
  EXPECT_EQ(Make(Op::kNotRegex, "a\u00a0b", "c").ToString(), R"("a\u00a0b"!~"c")");
  EXPECT_EQ(Make(Op::kEqual, "\u03a3", "c").ToString(), "\u03a3=\"c\"");
}

TEST(MatcherTest, ListsPrintSortedByNameValueOperator) {
  EXPECT_EQ(ToString(Matchers{}), "{}");
  EXPECT_EQ(ToString({Make(Op::kRegex, "b", "1"), Make(Op::kNotEqual, "a", "2"),
                      Make(Op::kNotRegex, "a", "1"), Make(Op::kEqual, "a", "1")}),
            R"({a="1",a!~"1",a!="2",b=~"1"})");
}

TEST(ParseTest, ClassicGrammar) {
  ExpectReads(Mode::kClassic,
              {{"", ""},
               {"{}", ""},
               {" ", ""},
               {"foo=bar", "[foo=\"bar\"]"},
               {" foo \t= \n bar baz ", "[foo=\"bar baz\"]"},
               {"{foo=\"b,ar\", a:b!~x.*,}", "[foo=\"b,ar\"][a:b!~\"x.*\"]"},
               {"foo=", "[foo=\"\"]"},
               {"foo=~", "[foo=~\"\"]"},
               {"foo==~x", "[foo=\"=~x\"]"},
               {"foo={bar}", "[foo=\"{bar\"]"},
               {R"(foo="\n\"\\\d")", R"([foo="\n\"\\\\d"])"},
               {"foo=a\\", R"([foo="a\\"])"},
               {R"(foo="a\",b",c=d)", R"([foo="a\",b"][c="d"])"},
               {"foo=a\xff", "[foo=\"a\uFFFD\"]"},
               {",", "error: bad matcher format: "},
               {"a=b,,c=d", "error: bad matcher format: "},
               {"foo", "error: bad matcher format: foo"},
               {"a=b, 0x=1", "error: bad matcher format: 0x=1"},
               {"foo!bar", "error: bad matcher format: foo!bar"},
               {"\u03a3=a", "error: bad matcher format: \u03a3=a"},
               {"a=b\"c", "error: matcher value contains unescaped double quote: b\"c"},
               {"a=\"bc", "error: matcher value contains unescaped double quote: \"bc"},
               {"a=\"b\"c", "error: matcher value contains unescaped double quote: \"b\"c"},
               {"a=~(", "error: error parsing regexp: missing closing ): `^(?:()$`"}});
  ExpectReadsOne(Mode::kClassic,
                 {{"a=b,c=d", "a=\"b,c=d\""},
                  {"a=b}", "a=\"b}\""},
                  {"{a=b", "error: bad matcher format: {a=b"},
                  {"", "error: bad matcher format: "},
                  {"a=\"\xff\"", "error: matcher value not valid UTF-8: \"\xff\""}});
}

TEST(ParseTest, Utf8Grammar) {
  ExpectReads(Mode::kUtf8,
              {{"", ""},
               {" \u202f", ""},
               {"{}", ""},
               {"{ }", ""},
               {"{foo=bar,}", "[foo=\"bar\"]"},
               {"foo!=bar\n, \"b z\" !~ [a-z]+", "[foo!=\"bar\"][\"b z\"!~\"[a-z]+\"]"},
               {"foo=\u03a3\u202f,", "[foo=\"\u03a3\"]"},
               {R"("\xf0\x9f\x99\x82"=d)", "[\U0001f642=\"d\"]"},
               {R"(a="\U0001f642\u00e9\101\a")", "[a=\"\U0001f642\u00e9A\a\"]"},
               {"a=\"\"", "[a=\"\"]"},
               {"00=b", "[00=\"b\"]"},
               {"a=~\"x\\\\d\"", R"([a=~"x\\d"])"}});
}

TEST(ParseTest, Utf8GrammarTellsPlaceAndExpectation) {
  ExpectReads(
      Mode::kUtf8,
      {{",", "error: 0:1: unexpected ,: expected label name"},
       {"{,}", "error: 1:2: unexpected ,: expected label name"},
       {"=", "error: 0:1: unexpected =: expected label name"},
       {"{", "error: 0:1: end of input: expected close brace"},
       {"}", "error: 0:1: }: expected opening brace"},
       {"foo=bar}", "error: 0:8: }: expected opening brace"},
       {"{foo=bar", "error: 0:8: end of input: expected close brace"},
       {"{foo=bar, ", "error: 0:9: end of input: expected close brace"},
       {"{a=b},", "error: 5:6: ,: expected end of input"},
       {"{a=b} ~", "error: 6:7: ~: invalid input: expected end of input"},
       {"foo", "error: end of input: expected an operator such as '=', '!=', '=~' or '!~'"},
       {"a b", "error: 2:3: unexpected b: expected an operator such as '=', '!=', '=~' or '!~'"},
       {"foo=", "error: end of input: expected label value"},
       {"foo=,", "error: 4:5: unexpected ,: expected label value"},
       {"foo=bar, =", "error: 9:10: unexpected =: expected a matcher or close brace after comma"},
       {"foo=\"bar\"x", "error: 9:10: unexpected x: expected a comma or close brace"},
       {"{foo=:\"bar\"}", "error: 6:11: unexpected \"bar\": expected a comma or close brace"},
       {"{foo=bar\\n}", "error: 8:9: \\: invalid input: expected a comma or close brace"},
       {"{foo=\"bar\\w\"}", "error: 5:12: \"bar\\w\": invalid input"},
       {R"({"foo"="\xf0\x9f"})", R"(error: 7:17: "\xf0\x9f": invalid input)"},
       {R"(a="\ud800")", R"(error: 2:10: "\ud800": invalid input)"},
       {"a=\"b\nc\"", "error: 2:7: \"b\nc\": invalid input"},
       {"\u03a3=\"x", "error: 2:4: \"x: missing end \": expected label value"},
       {"\"x\\\"", "error: 0:4: \"x\\\": missing end \""},
       {"~", "error: 0:1: ~: invalid input"},
       {"{'", "error: 1:2: ': invalid input"},
       {"!", "error: 0:1: unexpected end of input, expected one of '=~'"},
       {"a!!",
        "error: 1:2: !: expected one of '=~': expected an operator such as '=', '!=', '=~' "
        "or '!~'"},
       {"a=\xff", "error: 2:3: \xff: invalid input: expected label value"},
       {"a=~\"(\"",
        "error: failed to create matcher: error parsing regexp: missing closing ): "
        "`^(?:()$`"}});
  ExpectReadsOne(Mode::kUtf8, {{"", "error: no matchers"},
                               {"a=b,c=d", "error: expected 1 matcher, found 2"},
                               {"{a=b}", "error: unexpected open or close brace: {a=b}"},
                               {"a=b}", "error: unexpected open or close brace: a=b}"},
                               {"\u03a3=c", "\u03a3=\"c\""}});
}

TEST(ParseTest, FallbackKeepsTheClassicMeaning) {
  ExpectReads(Mode::kFallback, {{R"(foo="\xf0\x9f\x99\x82")", R"([foo="\\xf0\\x9f\\x99\\x82"])"},
                                {"\u03a3=c", "[\u03a3=\"c\"]"},
                                {"foo=", "[foo=\"\"]"},
                                {"foo=b c", "[foo=\"b c\"]"},
                                {R"("a b"="\x41")", R"(["a b"="A"])"},
                                {"foo", "error: bad matcher format: foo"},
                                {"\u03a3=", "error: bad matcher format: \u03a3="}});
  ExpectReadsOne(Mode::kFallback, {{"a=b,c=d", "a=\"b,c=d\""},
                                   {"\"a\"=b,c=d", "error: bad matcher format: \"a\"=b,c=d"},
                                   {"{a=b}", "error: unexpected open or close brace: {a=b}"}});
}

// Every list of matchers reads back from its printed form: in the two modern modes whatever the
// names, in classic mode when the names are classic.
TEST(ParsePropertyTest, PrintedMatchersReadBack) {
  static const std::vector<std::string> kPieces = {
      "a", "Z_", "9",  ":", " ", "\t", "\n",     "\\",        "\"",     "'",
      "`", "{",  "}",  "=", "~", "!",  ",",      "\u00a0",    "\u03a3", "\u2028",
      ".", "x",  "\a", "[", "]", "n",  "\uFFFD", "\U0001f642"};
  static const std::vector<std::string> kClassicPieces = {"a", "Z_", "q9", "x"};
  Rng rng(1);
  const auto text = [&rng](const std::vector<std::string>& pieces, size_t min) {
    std::string out;
    for (size_t n = min + rng.Below(6); n > 0; --n) out += pieces[rng.Below(pieces.size())];
    return out;
  };
  for (int round = 0; round < 20'000; ++round) {
    const bool classic = rng.Chance(0.5);
    Matchers matchers;
    for (size_t n = rng.Below(4); n > 0; --n) {
      const std::string name = text(classic ? kClassicPieces : kPieces, 1);
      const auto matcher = Matcher::Create(static_cast<Op>(rng.Below(4)), name, text(kPieces, 0));
      if (matcher) matchers.push_back(*matcher);
    }
    const std::string printed = ToString(matchers);
    std::vector<Mode> modes = {Mode::kUtf8, Mode::kFallback};
    if (classic) modes.push_back(Mode::kClassic);
    for (const Mode mode : modes) {
      const auto back = Parse(printed, mode);
      ASSERT_TRUE(back) << printed << ": " << back.error().message;
      ASSERT_EQ(back->size(), matchers.size()) << printed;
      ASSERT_EQ(ToString(*back), printed);
      for (const Matcher& matcher : matchers) {
        ASSERT_NE(std::find(back->begin(), back->end(), matcher), back->end()) << printed;
      }
    }
  }
}

// Whatever the bytes, all parsers answer, and what they accept prints and reads back the same.
TEST(ParsePropertyTest, AnyTextIsAnsweredAndAcceptedOnesAreStable) {
  static constexpr std::string_view kAlphabet = "ab=~!,{}\"\\ n(x0\xce\xa3\xff'";
  Rng rng(2);
  int accepted = 0;
  for (int round = 0; round < 50'000; ++round) {
    std::string text;
    for (size_t n = rng.Below(14); n > 0; --n) text += kAlphabet[rng.Below(kAlphabet.size())];
    for (const Mode mode : {Mode::kFallback, Mode::kClassic, Mode::kUtf8}) {
      (void)ParseOne(text, mode);
      const auto matchers = Parse(text, mode);
      if (!matchers) continue;
      const std::string printed = ToString(*matchers);
      const auto again = Parse(printed, mode);
      // An empty quoted name is grammatical, but nothing can print it back.
      if (text.find("\"\"") != std::string::npos) continue;
      ASSERT_TRUE(again) << text << " -> " << printed << ": " << again.error().message;
      ASSERT_EQ(ToString(*again), printed);
      ++accepted;
    }
  }
  EXPECT_GT(accepted, 1000);
}

}  // namespace
}  // namespace watchfire::matcher
