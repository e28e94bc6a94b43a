// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/promql/parse.h"

#include <cmath>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/promql/print.h"

namespace watchfire::promql {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

ExprPtr Read(std::string_view text) {
  Result<ExprPtr> parsed = Parse(text);
  EXPECT_TRUE(parsed) << text << ": " << (parsed ? "" : parsed.error().message);
  return parsed ? *std::move(parsed) : Expr{NumberLiteral{}, {}};
}
std::string Refusal(std::string_view text, const ParseOptions& options = {}) {
  const Result<ExprPtr> parsed = Parse(text, options);
  return parsed ? "accepted" : parsed.error().message;
}
std::string_view At(std::string_view text, Span span) {
  return text.substr(span.begin, span.end - span.begin);
}

TEST(ParseTest, ASelectorHasItsParts) {
  const std::string text = R"(http_errors{job="api", code=~"5..",} @ 1.5 offset -5m)";
  const ExprPtr expr = Read(text);
  const auto* selector = expr->As<VectorSelector>();
  ASSERT_NE(selector, nullptr);
  EXPECT_EQ(selector->name, "http_errors");
  EXPECT_THAT(selector->matchers, ElementsAre(LabelMatcher{MatchOp::kEqual, "job", "api", {}},
                                              LabelMatcher{MatchOp::kRegex, "code", "5..", {}}));
  EXPECT_EQ(At(text, selector->matchers[1].span), R"(code=~"5..")");
  EXPECT_EQ(selector->at.unix_millis, 1500);
  EXPECT_EQ(selector->offset.value, -minutes(5));
  EXPECT_EQ(At(text, expr->span), text);
}

TEST(ParseTest, NamesInQuotesMayHoldAnything) {
  const ExprPtr expr = Read(R"({"my.metric", "label.x"!="y", plain='z'})");
  const auto& matchers = expr->As<VectorSelector>()->matchers;
  EXPECT_THAT(matchers, ElementsAre(LabelMatcher{MatchOp::kEqual, "__name__", "my.metric", {}},
                                    LabelMatcher{MatchOp::kNotEqual, "label.x", "y", {}},
                                    LabelMatcher{MatchOp::kEqual, "plain", "z", {}}));
  EXPECT_EQ(Read(R"(sum by ("a b", c) (x))")->As<Aggregate>()->grouping,
            (std::vector<std::string>{"a b", "c"}));
}

TEST(ParseTest, KeywordsMayBeNames) {
  for (const char* name : {"sum", "by", "without", "offset", "or", "and", "unless", "start", "end",
                           "step", "range", "max_of", "fill", "fill_left", "anchored", "topk"}) {
    EXPECT_EQ(Read(name)->As<VectorSelector>()->name, name);
    EXPECT_EQ(Read(std::string(name) + "{a='b'} + 1")->As<Binary>()->op, BinaryOp::kAdd);
  }
  EXPECT_EQ(Read("or or or")->As<Binary>()->op, BinaryOp::kOr);
  EXPECT_EQ(Read("offset offset 5m")->As<VectorSelector>()->offset.value, minutes(5));
  EXPECT_EQ(Read("sum by (on, by, bool, group_left, atan2, sum, offset) (x)")
                ->As<Aggregate>()
                ->grouping.size(),
            7U);
  EXPECT_EQ(Read("x{on='a', by='b', inf='c'}")->As<VectorSelector>()->matchers.size(), 3U);
  for (const char* word : {"on", "ignoring", "bool", "group_left", "atan2"}) {
    EXPECT_THAT(Refusal(word), HasSubstr("unexpected <")) << word;
  }
}

TEST(ParseTest, OperatorsBindInTheirOrder) {
  const auto shape = [](const char* text, const char* same) {
    const ExprPtr a = Read(text);
    ExprPtr b = Read(same);
    // Takes the parentheses out of `same`, which are there to show the order.
    const auto strip = [](const auto& self, ExprPtr* expr) -> void {
      while (Paren* paren = (*expr)->As<Paren>()) *expr = ExprPtr(std::move(paren->expr));
      if (Binary* binary = (*expr)->As<Binary>()) {
        self(self, &binary->left);
        self(self, &binary->right);
      } else if (Unary* unary = (*expr)->As<Unary>()) {
        self(self, &unary->expr);
      }
    };
    strip(strip, &b);
    EXPECT_EQ(a, b) << text << " is not " << same;
  };
  shape("a + b * c", "a + (b * c)");
  shape("a - b - c", "(a - b) - c");
  shape("a ^ b ^ c", "a ^ (b ^ c)");
  shape("a or b and c unless d", "a or ((b and c) unless d)");
  shape("a > b + c", "a > (b + c)");
  shape("a == b != c", "(a == b) != c");
  shape("-a ^ b", "-(a ^ b)");
  shape("-a * b", "(-a) * b");
  shape("a ^ -b * c", "(a ^ (-b)) * c");
  shape("a atan2 b % c", "(a atan2 b) % c");
  shape("a + b offset 5m", "a + b offset 5m");
  EXPECT_EQ(Read("-1")->As<NumberLiteral>()->value, -1);
  EXPECT_NE(Read("-1 ^ 2")->As<Unary>(), nullptr) << "not the square of -1";
}

TEST(ParseTest, MatchingIsRead) {
  const ExprPtr expr = Read("a * on (x, y) group_left (z) b");
  const VectorMatching& matching = expr->As<Binary>()->matching;
  EXPECT_TRUE(matching.on);
  EXPECT_THAT(matching.labels, ElementsAre("x", "y"));
  EXPECT_EQ(matching.group, VectorMatching::Group::kLeft);
  EXPECT_THAT(matching.include, ElementsAre("z"));
  const ExprPtr other = Read("a == bool ignoring (x,) group_right b");
  EXPECT_TRUE(other->As<Binary>()->returns_bool);
  EXPECT_FALSE(other->As<Binary>()->matching.on);
  EXPECT_EQ(other->As<Binary>()->matching.group, VectorMatching::Group::kRight);
  const VectorMatching filled =
      Read("a + fill_right (-2) fill_left (5m) b")->As<Binary>()->matching;
  EXPECT_EQ(filled.fill_left, 300);
  EXPECT_EQ(filled.fill_right, -2);
  EXPECT_EQ(Read("a + on () 1")->As<Binary>()->matching, VectorMatching()) << "means nothing there";
}

TEST(ParseTest, RangesAndSubqueriesAreRead) {
  const std::string text = "max_over_time(rate(x{a='b'}[300] offset 1w)[1h30m:1m] @ end())";
  const ExprPtr call = Read(text);
  const auto* subquery = call->As<Call>()->args[0]->As<Subquery>();
  ASSERT_NE(subquery, nullptr);
  EXPECT_EQ(subquery->range.value, minutes(90));
  EXPECT_EQ(subquery->step->value, minutes(1));
  EXPECT_EQ(subquery->at.kind, AtModifier::Kind::kEnd);
  const Expr& inner = *subquery->expr->As<Call>()->args[0];
  EXPECT_EQ(inner.As<MatrixSelector>()->range.value, seconds(300));
  EXPECT_EQ(inner.As<MatrixSelector>()->selector.offset.value, std::chrono::hours(168));
  EXPECT_EQ(At(text, inner.span), "x{a='b'}[300] offset 1w");
  EXPECT_EQ(At(text, inner.As<MatrixSelector>()->selector_span), "x{a='b'}");
  EXPECT_EQ(At(text, call->As<Call>()->args[0]->span),
            "rate(x{a='b'}[300] offset 1w)[1h30m:1m] @ end()");
  EXPECT_FALSE(Read("x[5m:]")->As<Subquery>()->step);
}

TEST(ParseTest, DurationsMayBeComputed) {
  const auto formula = [](const char* text) {
    return Read(text)->As<MatrixSelector>()->range.formula.value_or(DurationTerm());
  };
  using Op = DurationTerm::Op;
  EXPECT_EQ(formula("x[5m+step()*2]").op, Op::kAdd);
  EXPECT_EQ(formula("x[5m+step()*2]").operands[1].op, Op::kMultiply);
  EXPECT_EQ(formula("x[2^3^1]").operands[1].op, Op::kPower);
  EXPECT_EQ(formula("x[-(step()-1m)]").op, Op::kNegate);
  EXPECT_EQ(formula("x[min_of(range(), 1h)]").operands.size(), 2U);
  EXPECT_EQ(Read("x[(5m)]")->As<MatrixSelector>()->range.value, minutes(5));
  EXPECT_EQ(Read("x offset -(5m)")->As<VectorSelector>()->offset.value, -minutes(5));
  EXPECT_EQ(Read("x offset 1m + 1m")->As<Binary>()->op, BinaryOp::kAdd) << "ends the offset";
  EXPECT_EQ(Read("x offset -2^2")->As<Binary>()->op, BinaryOp::kPower);
  EXPECT_EQ(Read("x offset (1m) + 1m")->As<VectorSelector>()->offset.formula->op, Op::kAdd);
  EXPECT_EQ(Read("x offset - -1m")->As<VectorSelector>()->offset.value, minutes(1));
  EXPECT_EQ(Read("x </ 0.5 > 1")->As<Binary>()->op, BinaryOp::kGreater);
  EXPECT_EQ(Read("x >/ 1 + 1")->As<Binary>()->op, BinaryOp::kTrimLower);
  EXPECT_EQ(Print(Read("max_over_time(y[step():1m])")), "max_over_time(y[step():1m])");
  EXPECT_EQ(Print(Read("max_over_time(y[range():])")), "max_over_time(y[range():])");
  EXPECT_EQ(Print(Read("y[max_of(1m,step()):step()]")), "y[max_of(1m, step()):step()]");
}

TEST(ParseTest, NumbersComeInManyForms) {
  const std::vector<std::pair<const char*, double>> cases = {
      {"1", 1},      {"017", 15},        {"08", 8},
      {"0x1F", 31},  {"0X_ff", 255},     {"1_000", 1000},
      {"1e3", 1000}, {"1E-2", 0.01},     {".5", 0.5},
      {"5.", 5},     {"+Inf", HUGE_VAL}, {"-inf", -HUGE_VAL},
      {"5m", 300},   {"1d12h", 129600},  {"0s", 0},
      {"1e-400", 0}, {"250ms", 0.25},    {"9223372036854775808", 9223372036854775808.0}};
  for (const auto& [text, want] : cases) {
    EXPECT_EQ(Read(text)->As<NumberLiteral>()->value, want) << text;
  }
  EXPECT_TRUE(std::isnan(Read("NaN")->As<NumberLiteral>()->value));
  EXPECT_TRUE(Read("5m")->As<NumberLiteral>()->is_duration);
}

TEST(ParseTest, StringsHaveGosEscapes) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {R"("a\n\t\"")", "a\n\t\""},
      {R"('it\'s "x"')", "it's \"x\""},
      {"`raw \\n\nline`", "raw \\n\nline"},
      {R"("\x41\101\u00e9\U0001F525")", "AA\xc3\xa9\xf0\x9f\x94\xa5"},
      {R"("\xff")", "\xff"},
      {"\"# no comment\"", "# no comment"}};
  for (const auto& [text, want] : cases) {
    EXPECT_EQ(Read(text)->As<StringLiteral>()->value, want) << text;
  }
}

TEST(ParseTest, CommentsAreSpace) {
  EXPECT_EQ(Read("# first\nsum ( # all\n x{ # in braces\n a='#' } ) # last"),
            Read("sum(x{a='#'})"));
}

TEST(ParseTest, EachThingKnowsItsPlace) {
  const std::string text = "  sum by (a) (b) # c\n / -(d) ^ 2";
  const ExprPtr expr = Read(text);
  const auto* binary = expr->As<Binary>();
  EXPECT_EQ(At(text, expr->span), "sum by (a) (b) # c\n / -(d) ^ 2");
  EXPECT_EQ(At(text, binary->left->span), "sum by (a) (b)");
  EXPECT_EQ(At(text, binary->op_span), "/");
  EXPECT_EQ(At(text, binary->right->span), "-(d) ^ 2");
  EXPECT_EQ(At(text, binary->right->As<Unary>()->expr->span), "(d) ^ 2");
}

TEST(ParseTest, TypesAreKnown) {
  EXPECT_EQ(TypeOf(*Read("1 + scalar(x)")), ValueType::kScalar);
  EXPECT_EQ(TypeOf(*Read("-(1 + x)")), ValueType::kVector);
  EXPECT_EQ(TypeOf(*Read("x[5m]")), ValueType::kMatrix);
  EXPECT_EQ(TypeOf(*Read("'x'")), ValueType::kString);
}

// Every message and place here is Prometheus 3.14's own.
TEST(ParseTest, SyntaxErrorsSayWhere) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "1:1: parse error: no expression found in input"},
      {"# only this", "1:1: parse error: no expression found in input"},
      {"a and", "1:6: parse error: unexpected end of input"},
      {"a b", "1:3: parse error: unexpected identifier \"b\""},
      {"rate(x[5m]", "1:11: parse error: unclosed left parenthesis"},
      {"x)", "1:3: parse error: unexpected right parenthesis ')'"},
      {"x{", "1:3: parse error: unexpected end of input inside braces"},
      {"x[5m", "1:5: parse error: unclosed left bracket"},
      {"x]", "1:2: parse error: unexpected right bracket ']'"},
      {"a\n  + + \n* b", "3:1: parse error: unexpected <op:*>"},
      {"sum(a + )", "1:9: parse error: unexpected \")\" in aggregation"},
      {"rate(a,)", "1:7: parse error: trailing commas not allowed in function call args"},
      {"sum by a (x)",
       "1:8: parse error: unexpected identifier \"a\" in grouping opts, expected \"(\""},
      {"sum by (1) (x)",
       "1:9: parse error: unexpected number \"1\" in grouping opts, expected label"},
      {"sum by (a b) (x)",
       "1:11: parse error: unexpected identifier \"b\" in grouping opts, expected \",\" or \")\""},
      {"x{a}",
       "1:4: parse error: unexpected \"}\" in label matching, expected label matching operator"},
      {"x{a=b}",
       "1:5: parse error: unexpected identifier \"b\" in label matching, expected string"},
      {"x{a='b' c='d'}",
       "1:9: parse error: unexpected identifier \"c\" in label matching, expected \",\" or \"}\""},
      {"x{,}",
       "1:3: parse error: unexpected \",\" in label matching, expected identifier or \"}\""},
      {"x{a:b='c'}", "1:4: parse error: unexpected character inside braces: ':'"},
      {"x offset foo",
       "1:10: parse error: unexpected identifier \"foo\" in offset, expected number, duration, "
       "step(), or range()"},
      {"x @ foo", "1:5: parse error: unexpected identifier \"foo\" in @, expected timestamp"},
      {"x[5m:1m 1m]",
       "1:9: parse error: unexpected duration \"1m\" in subquery selector, expected \"]\""},
      {"x[]",
       "1:3: parse error: unexpected \"]\" in subquery or range selector, expected number, "
       "duration, step(), or range()"},
      {"x[:1m]", "1:4: parse error: unexpected colon before duration in duration expression"},
      {"x[5m] + rate(y[1h])[:1m]",
       "1:22: parse error: unexpected colon before duration in duration expression"},
      {"a * on (b) group_left",
       "1:22: parse error: unexpected end of input in grouping opts, expected \"(\""},
      {"x[abc]", "1:3: parse error: unexpected character in duration expression: 'a'"},
      {"'abc", "1:1: parse error: unterminated quoted string"},
      {"`abc", "1:1: parse error: unterminated raw string"},
      {"\"\\q\"", "1:1: parse error: unknown escape sequence U+0071 'q'"},
      {"\"\\ud800\"", "1:1: parse error: escape sequence is an invalid Unicode code point"},
      {"\"\\400\"", "1:1: parse error: escape sequence is an invalid Unicode code point"},
      {"\"\xff\"", "1:1: parse error: invalid UTF-8 rune"},
      {"a $ b", "1:3: parse error: unexpected character: '$'"},
      {"a =~ b", "1:3: parse error: unexpected character after '=': '~'"},
      {"a = b", "1:3: parse error: unexpected \"=\""},
      {"a ! b", "1:3: parse error: unexpected character after '!': ' '"},
      {"1a", "1:1: parse error: bad number or duration syntax: \"1\""},
      {"5m1h", "1:1: parse error: not a valid duration string: \"5m1h\""},
      {"1e400",
       "1:1: parse error: error parsing number: strconv.ParseFloat: parsing \"1e400\": "
       "value out of range"},
      {"a * group_left b", "1:5: parse error: unexpected <group_left>"},
      {"a:b(c)", "1:4: parse error: unexpected \"(\""},
  };
  for (const auto& [text, want] : cases) EXPECT_EQ(Refusal(text), want) << text;
}

TEST(ParseTest, WrongTypesAreRefused) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"foo(x)", "1:1: parse error: unknown function with name \"foo\""},
      {"RATE(x[5m])", "1:1: parse error: unknown function with name \"RATE\""},
      {"rate(x)",
       "1:6: parse error: expected type range vector in call to function \"rate\", got "
       "instant vector"},
      {"rate(x[5m], 1)", "1:1: parse error: expected 1 argument(s) in call to \"rate\", got 2"},
      {"round(x, 1, 2)",
       "1:1: parse error: expected at most 2 argument(s) in call to \"round\", got 3"},
      {"label_join(x, 'a')",
       "1:1: parse error: expected at least 3 argument(s) in call to \"label_join\", got 2"},
      {"abs('x')",
       "1:5: parse error: expected type instant vector in call to function \"abs\", got "
       "string"},
      {"sum(x[5m])",
       "1:5: parse error: expected type instant vector in aggregation expression, got "
       "range vector"},
      {"topk(x, y)",
       "1:6: parse error: expected type scalar in aggregation parameter, got instant "
       "vector"},
      {"count_values(1, y)",
       "1:14: parse error: expected type string in aggregation parameter, got "
       "scalar"},
      {"topk(x)",
       "1:1: parse error: wrong number of arguments for aggregate expression provided, "
       "expected 2, got 1"},
      {"sum()", "1:1: parse error: no arguments for aggregate expression provided"},
      {"x + bool y", "1:3: parse error: bool modifier can only be used on comparison operators"},
      {"1 > 2", "1:3: parse error: comparisons between scalars must use BOOL modifier"},
      {"1 or x", "1:1: parse error: set operator \"or\" not allowed in binary scalar expression"},
      {"x and on (a) group_left y", "1:1: parse error: no grouping allowed for \"and\" operation"},
      {"x * on (a) group_left (a) y",
       "1:3: parse error: label \"a\" must not occur in ON and GROUP clause at once"},
      {"x + on (a) 1", "1:1: parse error: vector matching only allowed between instant vectors"},
      {"x[5m] + 1",
       "1:1: parse error: binary expression must contain only scalar and instant vector "
       "types"},
      {"-x[5m]",
       "1:1: parse error: unary expression only allowed on expressions of type scalar or "
       "instant vector, got \"range vector\""},
      {"x[5m][1h:]",
       "1:1: parse error: subquery is only allowed on instant vector, got matrix "
       "instead"},
  };
  for (const auto& [text, want] : cases) EXPECT_EQ(Refusal(text), want) << text;
}

TEST(ParseTest, ModifiersAndMatchersOutOfPlaceAreRefused) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"(x)[5m]", "1:4: parse error: ranges only allowed for vector selectors"},
      {"x offset 5m [5m]", "1:13: parse error: no offset modifiers allowed before range"},
      {"x @ 5 [5m]", "1:7: parse error: no @ modifiers allowed before range"},
      {"(x) offset 5m",
       "1:1: parse error: offset modifier must be preceded by an instant vector selector or range "
       "vector selector or a subquery"},
      {"1 @ 5",
       "1:1: parse error: @ modifier must be preceded by an instant vector selector or "
       "range vector selector or a subquery"},
      {"x offset 5m offset 5m", "1:1: parse error: offset may not be set multiple times"},
      {"x @ 1 @ end()", "1:1: parse error: @ <timestamp> may not be set multiple times"},
      {"x @ Inf", "1:1: parse error: timestamp out of bounds for @ modifier: +Inf"},
      {"x[0]", "1:3: parse error: duration must be greater than 0"},
      {"x[5m/0]", "1:5: parse error: division by zero"},
      {"{}", "1:1: parse error: vector selector must contain at least one non-empty matcher"},
      {"{a=~'.*', b!='c'}",
       "1:1: parse error: vector selector must contain at least one non-empty matcher"},
      {"x{__name__='y'}", "1:1: parse error: metric name must not be set twice: \"x\" or \"y\""},
      {"x{a=~'('}", "1:3: parse error: error parsing regexp: missing closing ): `(`"},
      {"sum by ('') (x)", "1:9: parse error: invalid label name for grouping: \"\""},
      {"x anchored smoothed",
       "1:1: parse error: anchored and smoothed modifiers cannot be used together"},
      {"info(x, y)",
       "1:9: parse error: expected label selectors only, got vector selector instead"},
      {"x and fill (1) y",
       "1:1: parse error: filling in missing series not allowed for set operators"},
  };
  for (const auto& [text, want] : cases) EXPECT_EQ(Refusal(text), want) << text;
  EXPECT_EQ(Refusal("{a!=''}"), "accepted");
  EXPECT_EQ(Refusal("{a!~'|b'}"), "accepted");
  EXPECT_EQ(Refusal("info(x, {a=~'.*'})"), "accepted") << "matches all by intent";
}

TEST(ParseTest, ExperimentsNeedTheirFlag) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"mad_over_time(x[5m])", "1:1: parse error: function \"mad_over_time\" is not enabled"},
      {"limitk(2, x)",
       "1:1: parse error: limitk() is experimental and must be enabled with "
       "--enable-feature=promql-experimental-functions"},
      {"x[5m + 1m]", "1:3: parse error: experimental duration expression is not enabled"},
      {"x[step()]", "1:3: parse error: experimental duration expression is not enabled"},
      {"x[5m] anchored", "1:1: parse error: anchored modifier is experimental and not enabled"},
      {"x + fill (0) y", "1:1: parse error: binop fill modifiers are experimental and not enabled"},
  };
  for (const auto& [text, want] : cases) {
    EXPECT_EQ(Refusal(text, {.experimental = false}), want) << text;
    EXPECT_EQ(Refusal(text), "accepted") << text;
  }
  EXPECT_EQ(Refusal("sum(rate(x[5m] offset 1m))", {.experimental = false}), "accepted");
}

}  // namespace
}  // namespace watchfire::promql
