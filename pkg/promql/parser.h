// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The recursive descent that parse.h starts. Private to pkg/promql.
//
// Every function that reads something returns it, or nothing with `fault_` set. Recursion goes
// through ReadExpr and ReadTerm alone, which count its depth.

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/promql/ast.h"
#include "pkg/promql/lexer.h"
#include "pkg/promql/parse.h"

namespace watchfire::promql {

class Parser {
 public:
  Parser(std::string_view text, const ParseOptions& options) : lexer_(text), options_(options) {}

  tl::expected<ExprPtr, Fault> Run();

 private:
  // An expression and the levels of its tree, so that none grows too high to walk through.
  struct Operand {
    ExprPtr expr;
    size_t height = 1;
  };
  // What an error says about where it happened.
  struct Context {
    std::string_view where;
    std::string_view expected;
  };

  // The token to come; a faulty one is a fault from then on.
  const Token& Peek();
  bool PeekIs(Token::Kind kind) { return Peek().kind == kind; }
  Token Take();
  std::optional<Token> TakeIf(Token::Kind kind);
  void Fail(Span span, std::string message, std::string hint = "");
  void Unexpected(const Context& context = {});
  bool Expect(Token::Kind kind, const Context& context = {});
  bool Experiment(Span span, std::string_view message);

  // parse.cc
  Operand ReadExpr(int precedence_min);
  Operand ReadOperand();
  Operand ReadSigned();
  Operand ReadPrimary();
  Operand ReadLiteral();
  Operand ReadParen();
  Operand ReadBinary(Operand left);
  bool ReadMatching(Binary* binary);
  bool ReadFill(VectorMatching* matching);
  std::optional<double> ReadFillValue();
  std::optional<std::vector<std::string>> ReadGrouping();
  std::optional<std::string> ReadGroupingLabel();
  std::optional<double> ReadNumber();
  bool IsTooHigh(size_t height, Span span);

  // parse_call.cc
  Operand ReadWord();
  Operand ReadCall(const Token& name);
  Operand ReadAggregate(const Token& name);
  bool ReadModifier(Aggregate* aggregate, bool* found);
  std::optional<std::vector<ExprPtr>> ReadArgs(size_t* height);

  // parse_selector.cc
  Operand ReadSelector(const std::optional<Token>& name);
  bool ReadMatchers(VectorSelector* selector);
  std::optional<LabelMatcher> ReadMatcher();
  Operand ReadModifiers(Operand operand);
  bool ReadOffset(Expr* expr);
  bool ReadAt(Expr* expr);
  bool ReadExtension(Expr* expr);
  Operand ReadBrackets(Operand operand);
  bool ToMatrix(const Token& bracket, TimeLength range, Expr* expr);

  // parse_duration.cc
  std::optional<TimeLength> ReadPositiveLength(const Context& context);
  std::optional<TimeLength> ReadOffsetLength();
  std::optional<DurationTerm> ReadTerm(int precedence_min);
  std::optional<DurationTerm> ReadTermRest(DurationTerm first, int precedence_min);
  std::optional<DurationTerm> ReadSignedTerm();
  std::optional<DurationTerm> ReadPrimaryTerm();
  std::optional<DurationTerm> ReadMinMaxTerm();
  std::optional<DurationTerm> ReadLiteralTerm();
  std::optional<DurationTerm> JoinTerms(const Token& op, DurationTerm left, DurationTerm right);
  std::optional<DurationTerm> ApplySign(const Token& sign, DurationTerm term);

  Lexer lexer_;
  const ParseOptions options_;
  std::optional<Token> next_;
  uint32_t end_ = 0;       // Of the last token taken.
  size_t depth_ = 0;       // Of the recursion.
  size_t aggregates_ = 0;  // Being read.
  size_t terms_ = 0;       // Of the durations so far.
  Context duration_context_;
  std::optional<Fault> fault_;
};

// Whether `token` may be the name of a metric: an identifier, or a keyword that does not forbid it.
bool MayNameMetric(const Token& token);
// Whether an expression may start with it; so may what is an error by itself.
bool MayStartExpr(const Token& token);

// Finds the first type error of `expr`; drops what was written about matching where it means
// nothing. Source: Prometheus' checkAST.
std::optional<Fault> CheckTypes(Expr* expr);

}  // namespace watchfire::promql
