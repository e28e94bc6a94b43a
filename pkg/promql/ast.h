// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// PromQL expressions as trees. Plain values: copying copies the whole tree, == compares what is
// said and not where it stood. Parse() (parse.h) makes them, Print() (print.h) writes them,
// walk.h looks through them and changes them.
//
// Source: Prometheus 3.14, promql/parser: what the language has. Names are our own.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "pkg/base/time.h"
#include "pkg/promql/functions.h"

namespace watchfire::promql {

// The bytes [begin, end) of the text that was parsed; 0, 0 in what was not. All spans are equal:
// where something stood is no part of what it says.
struct Span {
  uint32_t begin = 0;
  uint32_t end = 0;
  bool operator==(const Span&) const { return true; }
};

struct Expr;

// Owns an expression. Holds none only if default-constructed or moved from.
class ExprPtr {
 public:
  ExprPtr() = default;
  ExprPtr(Expr expr);  // NOLINT(google-explicit-constructor): a tree is written from its leaves.
  ExprPtr(const ExprPtr& other);
  ExprPtr(ExprPtr&& other) noexcept;
  ExprPtr& operator=(const ExprPtr& other);
  ExprPtr& operator=(ExprPtr&& other) noexcept;
  ~ExprPtr();

  explicit operator bool() const { return expr_ != nullptr; }
  Expr& operator*() { return *expr_; }
  const Expr& operator*() const { return *expr_; }
  Expr* operator->() { return expr_.get(); }
  const Expr* operator->() const { return expr_.get(); }

  // Compares the expressions.
  bool operator==(const ExprPtr& other) const;

 private:
  std::unique_ptr<Expr> expr_;
};

// 1.5, 0x1F, Inf; 5m, which counts as 300 and prints as it was written.
struct NumberLiteral {
  double value = 0;  // Its sign included: -1 is one literal, -(1) is not.
  bool is_duration = false;
  bool operator==(const NumberLiteral& other) const;  // NaN equals NaN.
};

struct StringLiteral {
  std::string value;  // Any bytes.
  bool operator==(const StringLiteral&) const = default;
};

enum class MatchOp { kEqual, kNotEqual, kRegex, kNotRegex };  // = != =~ !~

struct LabelMatcher {
  MatchOp op = MatchOp::kEqual;
  std::string name;
  std::string value;
  Span span;
  bool operator==(const LabelMatcher&) const = default;
};

// A length of time that is computed, in [] or after `offset`: 2 * step(), min_of(5m, range()).
// Experimental in Prometheus.
struct DurationTerm {
  enum class Op {
    kLiteral,
    kStep,
    kRange,
    kMinOf,
    kMaxOf,
    kNegate,  // One operand; those before have none, min_of, max_of and those after two.
    kAdd,
    kSubtract,
    kMultiply,
    kDivide,
    kModulo,
    kPower,
  };
  Op op = Op::kLiteral;
  NumberLiteral literal;  // Seconds. Of kLiteral only.
  std::vector<DurationTerm> operands;
  bool in_parens = false;
  Span span;
  bool operator==(const DurationTerm& other) const;
};

struct TimeLength {
  Duration value{};                     // May be negative for an offset. Not if there is a formula.
  std::optional<DurationTerm> formula;  // Never a mere literal.
  bool operator==(const TimeLength&) const = default;
  bool is_zero() const { return value == Duration::zero() && !formula; }
};

// The modifier @.
struct AtModifier {
  enum class Kind { kNone, kTime, kStart, kEnd } kind = Kind::kNone;
  int64_t unix_millis = 0;  // Of kTime only.
  bool operator==(const AtModifier&) const = default;
};

// How a range reaches over its edges. Experimental in Prometheus.
enum class Extension { kNone, kAnchored, kSmoothed };

struct VectorSelector {
  std::string name;  // As it stands before the braces: IsMetricIdentifier(), or "".
  std::vector<LabelMatcher> matchers;  // Those in the braces; {"a"} is {__name__="a"}.
  AtModifier at;
  TimeLength offset;
  Extension extension = Extension::kNone;
  bool operator==(const VectorSelector& other) const;  // In whatever order the matchers are.
};

// A selector with a range: metric[5m].
struct MatrixSelector {
  VectorSelector selector;
  TimeLength range;
  Span selector_span;
  bool operator==(const MatrixSelector&) const = default;
};

struct Subquery {
  ExprPtr expr;
  TimeLength range;
  std::optional<TimeLength> step;  // Prometheus' evaluation interval if absent.
  AtModifier at;
  TimeLength offset;
  bool operator==(const Subquery&) const = default;
};

struct Call {
  const Function* function = nullptr;  // Never null.
  std::vector<ExprPtr> args;
  bool operator==(const Call&) const = default;
};

enum class AggregateOp {
  kAvg,
  kBottomk,
  kCount,
  kCountValues,
  kGroup,
  kLimitRatio,
  kLimitk,
  kMax,
  kMin,
  kQuantile,
  kStddev,
  kStdvar,
  kSum,
  kTopk,
};

struct Aggregate {
  AggregateOp op = AggregateOp::kSum;
  ExprPtr expr;
  std::optional<ExprPtr> param;  // Exactly if TakesParam(op).
  bool without = false;          // The labels of `grouping` go instead of staying.
  std::vector<std::string> grouping;
  bool operator==(const Aggregate&) const = default;
};

enum class BinaryOp {
  kOr,
  kAnd,
  kUnless,
  kEqual,
  kNotEqual,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
  kTrimUpper,  // Of native histograms, since Prometheus 3.13.
  kTrimLower,
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kModulo,
  kAtan2,
  kPower,
};

// How the series of two vectors find each other.
struct VectorMatching {
  enum class Group { kNone, kLeft, kRight };
  bool on = false;  // Only by `labels` instead of by all others.
  std::vector<std::string> labels;
  Group group = Group::kNone;
  std::vector<std::string> include;  // The labels of group_left and group_right.
  std::optional<double> fill_left;   // Experimental in Prometheus.
  std::optional<double> fill_right;
  bool operator==(const VectorMatching& other) const;  // NaN equals NaN.
};

struct Binary {
  BinaryOp op = BinaryOp::kAdd;
  ExprPtr left;
  ExprPtr right;
  bool returns_bool = false;
  VectorMatching matching;  // As if nothing was written unless both sides are vectors.
  Span op_span;
  bool operator==(const Binary&) const = default;
};

struct Unary {
  bool is_minus = true;
  ExprPtr expr;
  bool operator==(const Unary&) const = default;
};

struct Paren {
  ExprPtr expr;
  bool operator==(const Paren&) const = default;
};

struct Expr {
  std::variant<NumberLiteral, StringLiteral, VectorSelector, MatrixSelector, Subquery, Call,
               Aggregate, Binary, Unary, Paren>
      node;
  Span span;

  // Returns the node if it is a T, else nullptr.
  template <typename T>
  T* As() {
    return std::get_if<T>(&node);
  }
  template <typename T>
  const T* As() const {
    return std::get_if<T>(&node);
  }
  bool operator==(const Expr&) const = default;
};

// Returns what `expr` evaluates to. No deeper check: that is the parser's.
ValueType TypeOf(const Expr& expr);

// Returns the word or sign that stands for it in an expression: "topk", ">=".
std::string_view OpText(AggregateOp op);
std::string_view OpText(BinaryOp op);
std::string_view OpText(MatchOp op);
bool TakesParam(AggregateOp op);
bool IsComparison(BinaryOp op);
bool IsArithmetic(BinaryOp op);
bool IsSetOperator(BinaryOp op);
// 1 for `or` up to 6 for ^, the only one that groups from the right.
int Precedence(BinaryOp op);

// Returns whether `name` is read as a metric's name when it stands by itself: [a-zA-Z_:] and then
// digits as well, and no keyword that the grammar takes for something else (bool, on, inf …).
bool IsMetricIdentifier(std::string_view name);
// [a-zA-Z_][a-zA-Z0-9_]*: a label that needs no quotes.
bool IsLabelIdentifier(std::string_view name);

}  // namespace watchfire::promql
