// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/promql/print.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "pkg/base/strings.h"
#include "pkg/promql/text.h"

namespace watchfire::promql {
namespace {

constexpr int kSignPrecedence = 5;  // Of *, whose operands may have a sign.

std::string FormatNumber(const NumberLiteral& number) {
  if (!number.is_duration || !std::isfinite(number.value)) return FormatPlain(number.value);
  return FormatLength(Duration(static_cast<int64_t>(std::round(number.value * 1e9))));
}

void AppendLabels(const std::vector<std::string>& labels, std::string* out) {
  *out += '(';
  for (size_t i = 0; i < labels.size(); ++i) {
    if (i > 0) *out += ", ";
    *out += IsLabelIdentifier(labels[i]) ? labels[i] : GoQuote(labels[i]);
  }
  *out += ')';
}

void AppendTerm(const DurationTerm& term, std::string* out) {
  using Op = DurationTerm::Op;
  static constexpr std::array<std::string_view, 12> kTexts = {
      "", "step()", "range()", "min_of(", "max_of(", "-", " + ", " - ", " * ", " / ", " % ", " ^ "};
  const std::string_view text = kTexts[static_cast<size_t>(term.op)];
  if (term.in_parens) *out += '(';
  switch (term.op) {
    case Op::kLiteral:
      *out += FormatNumber(term.literal);
      break;
    case Op::kStep:
    case Op::kRange:
      *out += text;
      break;
    case Op::kNegate:
      *out += text;
      AppendTerm(term.operands[0], out);
      break;
    case Op::kMinOf:
    case Op::kMaxOf:
      *out += text;
      AppendTerm(term.operands[0], out);
      *out += ", ";
      AppendTerm(term.operands[1], out);
      *out += ')';
      break;
    default:
      AppendTerm(term.operands[0], out);
      *out += text;
      AppendTerm(term.operands[1], out);
      break;
  }
  if (term.in_parens) *out += ')';
}

void AppendLength(const TimeLength& length, std::string* out) {
  if (length.formula) {
    AppendTerm(*length.formula, out);
  } else {
    *out += FormatLength(length.value);
  }
}

// Whether it would go on with an operator that follows: not in parentheses, unlike most.
bool IsOpen(const TimeLength& offset) {
  return offset.formula && offset.formula->op >= DurationTerm::Op::kAdd &&
         !offset.formula->in_parens;
}

// An offset that goes on behind its first number needs parentheses there, or it would end with it;
// what has no text at all, as an offset of step() + 1, gets them around itself.
void AppendOpenOffset(const DurationTerm& formula, std::string* out) {
  const DurationTerm* first = &formula;
  while (first->op >= DurationTerm::Op::kAdd && !first->in_parens) first = &first->operands[0];
  std::string text;
  AppendTerm(formula, &text);
  const bool is_literal = first->op == DurationTerm::Op::kLiteral;
  if (is_literal) {
    const std::string literal = FormatNumber(first->literal);
    text = "(" + literal + ")" + text.substr(literal.size());
  } else if (!text.starts_with("(") && !text.starts_with("--")) {
    text = "(" + text + ")";
  }
  *out += text;
}

void AppendOffset(const TimeLength& offset, std::string* out) {
  if (offset.is_zero()) return;
  *out += " offset ";
  if (IsOpen(offset)) {
    AppendOpenOffset(*offset.formula, out);
  } else {
    AppendLength(offset, out);
  }
}

void AppendAt(const AtModifier& at, std::string* out) {
  switch (at.kind) {
    case AtModifier::Kind::kNone:
      break;
    case AtModifier::Kind::kTime:
      *out += " @ " + FormatFixed(SecondsFor(at.unix_millis, 1000), 3);
      break;
    case AtModifier::Kind::kStart:
      *out += " @ start()";
      break;
    case AtModifier::Kind::kEnd:
      *out += " @ end()";
      break;
  }
}

void AppendExtension(Extension extension, std::string* out) {
  if (extension == Extension::kAnchored) *out += " anchored";
  if (extension == Extension::kSmoothed) *out += " smoothed";
}

std::string FormatMatcher(const LabelMatcher& matcher) {
  std::string text = IsLabelIdentifier(matcher.name) ? matcher.name : GoQuote(matcher.name);
  text += OpText(matcher.op);
  return text + GoQuote(matcher.value);
}

// A selector without what follows the braces.
void AppendSeries(const VectorSelector& selector, std::string* out) {
  std::vector<std::string> matchers;
  for (const LabelMatcher& matcher : selector.matchers) {
    matchers.push_back(FormatMatcher(matcher));
  }
  if (IsMetricIdentifier(selector.name)) {
    *out += selector.name;
  } else if (!selector.name.empty()) {
    matchers.push_back(FormatMatcher({MatchOp::kEqual, "__name__", selector.name, {}}));
  }
  std::ranges::sort(matchers);
  if (!matchers.empty() || selector.name.empty()) *out += "{" + Join(matchers, ",") + "}";
}

class Printer {
 public:
  explicit Printer(std::string* out) : out_(*out) {}

  void Print(const Expr& expr) {
    std::visit([this](const auto& node) { PrintNode(node); }, expr.node);
  }

 private:
  void PrintNode(const NumberLiteral& number) { out_ += FormatNumber(number); }
  void PrintNode(const StringLiteral& string) { out_ += GoQuote(string.value); }
  void PrintNode(const VectorSelector& selector);
  void PrintNode(const MatrixSelector& matrix);
  void PrintNode(const Subquery& subquery);
  void PrintNode(const Call& call);
  void PrintNode(const Aggregate& aggregate);
  void PrintNode(const Binary& binary);
  void PrintNode(const Unary& unary);
  void PrintNode(const Paren& paren) { PrintIn(true, *paren.expr); }

  void PrintMatching(const VectorMatching& matching);
  void PrintIn(bool parens, const Expr& expr) {
    if (parens) out_ += '(';
    Print(expr);
    if (parens) out_ += ')';
  }

  std::string& out_;
};

// Whether it starts with a sign: -1, -a.
bool HasSign(const Expr& expr) {
  if (const auto* number = expr.As<NumberLiteral>()) {
    return std::signbit(number->value) && !std::isnan(number->value);
  }
  return expr.As<Unary>() != nullptr;
}

// Whether an operand of an operator of `precedence` would otherwise be read apart.
bool NeedsParens(const Expr& expr, int precedence, bool groups_away) {
  if (const auto* binary = expr.As<Binary>()) {
    const int own = Precedence(binary->op);
    return own < precedence || (own == precedence && groups_away);
  }
  return false;
}

// Whether its text ends with such an offset.
bool EndsOpen(const Expr& expr) {
  if (const auto* selector = expr.As<VectorSelector>()) return IsOpen(selector->offset);
  if (const auto* binary = expr.As<Binary>()) return EndsOpen(*binary->right);
  const auto* unary = expr.As<Unary>();
  return unary != nullptr && EndsOpen(*unary->expr);
}

void Printer::PrintNode(const VectorSelector& selector) {
  AppendSeries(selector, &out_);
  AppendAt(selector.at, &out_);
  AppendExtension(selector.extension, &out_);
  AppendOffset(selector.offset, &out_);
}

void Printer::PrintNode(const MatrixSelector& matrix) {
  AppendSeries(matrix.selector, &out_);
  out_ += '[';
  AppendLength(matrix.range, &out_);
  out_ += ']';
  AppendExtension(matrix.selector.extension, &out_);
  AppendAt(matrix.selector.at, &out_);
  AppendOffset(matrix.selector.offset, &out_);
}

void Printer::PrintNode(const Subquery& subquery) {
  PrintIn(subquery.expr->As<Binary>() != nullptr || HasSign(*subquery.expr), *subquery.expr);
  out_ += '[';
  AppendLength(subquery.range, &out_);
  out_ += ':';
  if (subquery.step) AppendLength(*subquery.step, &out_);
  out_ += ']';
  AppendAt(subquery.at, &out_);
  AppendOffset(subquery.offset, &out_);
}

void Printer::PrintNode(const Call& call) {
  out_ += call.function->name;
  out_ += '(';
  for (size_t i = 0; i < call.args.size(); ++i) {
    if (i > 0) out_ += ", ";
    Print(*call.args[i]);
  }
  out_ += ')';
}

void Printer::PrintNode(const Aggregate& aggregate) {
  out_ += OpText(aggregate.op);
  if (aggregate.without || !aggregate.grouping.empty()) {
    out_ += aggregate.without ? " without " : " by ";
    AppendLabels(aggregate.grouping, &out_);
    out_ += ' ';
  }
  out_ += '(';
  if (aggregate.param) {
    Print(**aggregate.param);
    out_ += ", ";
  }
  Print(*aggregate.expr);
  out_ += ')';
}

void Printer::PrintMatching(const VectorMatching& matching) {
  const bool is_grouped = matching.group != VectorMatching::Group::kNone;
  if (!matching.labels.empty() || matching.on || is_grouped) {
    out_ += matching.on ? " on " : " ignoring ";
    AppendLabels(matching.labels, &out_);
  }
  if (is_grouped) {
    out_ += matching.group == VectorMatching::Group::kLeft ? " group_left " : " group_right ";
    AppendLabels(matching.include, &out_);
  }
  const auto fill = [this](const char* word, double value) {
    out_ += std::string(" ") + word + " (" + FormatGoFloat(value) + ")";
  };
  if (matching.fill_left && matching.fill_left == matching.fill_right) {
    return fill("fill", *matching.fill_left);
  }
  if (matching.fill_left) fill("fill_left", *matching.fill_left);
  if (matching.fill_right) fill("fill_right", *matching.fill_right);
}

void Printer::PrintNode(const Binary& binary) {
  const int precedence = Precedence(binary.op);
  const bool is_power = binary.op == BinaryOp::kPower;  // Groups from the right.
  const Expr& left = *binary.left;
  const auto* number = left.As<NumberLiteral>();
  if (is_power && number != nullptr && std::isinf(number->value) && number->value > 0) {
    out_ += "Inf";  // Prometheus writes +Inf, which would be a sign before the whole power.
  } else {
    const bool is_arithmetic =
        IsArithmetic(binary.op) && binary.op != BinaryOp::kAtan2;  // As a duration has them.
    PrintIn(NeedsParens(left, precedence, is_power) || (is_power && HasSign(left)) ||
                (is_arithmetic && EndsOpen(left)),
            left);
  }
  out_ += ' ';
  out_ += OpText(binary.op);
  if (binary.returns_bool) out_ += " bool";
  PrintMatching(binary.matching);
  out_ += ' ';
  PrintIn(NeedsParens(*binary.right, precedence, !is_power), *binary.right);
}

void Printer::PrintNode(const Unary& unary) {
  out_ += unary.is_minus ? '-' : '+';
  // -1 would be a literal.
  const bool parens =
      NeedsParens(*unary.expr, kSignPrecedence, true) || unary.expr->As<NumberLiteral>() != nullptr;
  PrintIn(parens, *unary.expr);
}

}  // namespace

std::string Print(const Expr& expr) {
  std::string text;
  Printer(&text).Print(expr);
  return text;
}

std::string Print(const VectorSelector& selector) { return Print(Expr{selector, {}}); }

}  // namespace watchfire::promql
