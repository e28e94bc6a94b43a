// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What the grammar cannot say: types, numbers of arguments, operators and their modifiers. In the
// order in which Prometheus looks, so that the first error is the same.

#include <algorithm>
#include <utility>

#include "pkg/base/strings.h"
#include "pkg/promql/parser.h"
#include "pkg/promql/regex.h"

namespace watchfire::promql {
namespace {

using Found = std::optional<Fault>;

std::string Name(ValueType type) { return std::string(TypeName(type)); }

// As Go's Name() has it, for the one message that differs.
std::string ShortName(ValueType type) {
  switch (type) {
    case ValueType::kScalar:
      return "scalar";
    case ValueType::kVector:
      return "vector";
    case ValueType::kMatrix:
      return "matrix";
    case ValueType::kString:
      return "string";
  }
  return "";
}

Found Expected(const Expr& at, ValueType want, const std::string& where, ValueType got) {
  std::string hint;
  if (want == ValueType::kMatrix && got == ValueType::kVector) hint = "add a range, as in x[5m]";
  if (want == ValueType::kVector && got == ValueType::kMatrix) {
    hint = "leave the range out, or put a function like rate() around it";
  }
  if (want == ValueType::kVector && got == ValueType::kScalar) hint = "vector() makes it one";
  if (want == ValueType::kScalar && got == ValueType::kVector) hint = "scalar() makes it one";
  return Fault{at.span, "expected type " + Name(want) + " in " + where + ", got " + Name(got),
               std::move(hint)};
}

class Checker {
 public:
  // Returns the first fault of `expr` or of what is below, and its type.
  Found Check(Expr* expr, ValueType* type) {
    Found found = std::visit([&](auto& node) { return CheckNode(expr, node, type); }, expr->node);
    return found;
  }

 private:
  Found CheckNode(Expr*, NumberLiteral&, ValueType* type) {
    *type = ValueType::kScalar;
    return std::nullopt;
  }
  Found CheckNode(Expr*, StringLiteral&, ValueType* type) {
    *type = ValueType::kString;
    return std::nullopt;
  }
  Found CheckNode(Expr* expr, VectorSelector& selector, ValueType* type) {
    *type = ValueType::kVector;
    return CheckSelector(selector, expr->span);
  }
  Found CheckNode(Expr*, MatrixSelector& matrix, ValueType* type) {
    *type = ValueType::kMatrix;
    return CheckSelector(matrix.selector, matrix.selector_span);
  }
  Found CheckNode(Expr* expr, Subquery& subquery, ValueType* type);
  Found CheckNode(Expr* expr, Call& call, ValueType* type);
  Found CheckNode(Expr* expr, Aggregate& aggregate, ValueType* type);
  Found CheckNode(Expr* expr, Binary& binary, ValueType* type);
  Found CheckNode(Expr* expr, Unary& unary, ValueType* type);
  Found CheckNode(Expr*, Paren& paren, ValueType* type) { return Check(&*paren.expr, type); }

  Found CheckSelector(const VectorSelector& selector, Span span);
  static Found CheckCount(const Expr& expr, const Call& call);
  Found CheckInfo(const Expr& expr, const Call& call);
  static Found CheckOperator(const Binary& binary, ValueType left, ValueType right);
  static Found CheckMatching(const Expr& expr, Binary* binary, bool is_between_vectors);

  const VectorSelector* info_ = nullptr;  // The second argument of info(), which may match all.
};

Found Checker::CheckSelector(const VectorSelector& selector, Span span) {
  for (const LabelMatcher& matcher : selector.matchers) {
    if (!selector.name.empty() && matcher.name == "__name__") {
      return Fault{span, "metric name must not be set twice: " + GoQuote(selector.name) + " or " +
                             GoQuote(matcher.value)};
    }
  }
  if (!selector.name.empty() || &selector == info_) return std::nullopt;
  const auto demands = [](const LabelMatcher& matcher) {
    switch (matcher.op) {
      case MatchOp::kEqual:
        return !matcher.value.empty();
      case MatchOp::kNotEqual:
        return matcher.value.empty();
      case MatchOp::kRegex:
        return !MatchesEmpty(matcher.value);
      case MatchOp::kNotRegex:
        return MatchesEmpty(matcher.value);
    }
    return false;
  };
  if (std::ranges::any_of(selector.matchers, demands)) return std::nullopt;
  return Fault{span, "vector selector must contain at least one non-empty matcher"};
}

Found Checker::CheckNode(Expr* expr, Subquery& subquery, ValueType* type) {
  *type = ValueType::kMatrix;
  ValueType inner{};
  if (Found found = Check(&*subquery.expr, &inner)) return found;
  if (inner == ValueType::kVector) return std::nullopt;
  return Fault{expr->span,
               "subquery is only allowed on instant vector, got " + ShortName(inner) + " instead"};
}

Found Checker::CheckNode(Expr* expr, Unary& unary, ValueType* type) {
  if (Found found = Check(&*unary.expr, type)) return found;
  if (*type == ValueType::kScalar || *type == ValueType::kVector) return std::nullopt;
  return Fault{expr->span,
               "unary expression only allowed on expressions of type scalar or instant vector, "
               "got " +
                   GoQuote(Name(*type))};
}

Found Checker::CheckNode(Expr*, Aggregate& aggregate, ValueType* type) {
  *type = ValueType::kVector;
  ValueType got{};
  if (Found found = Check(&*aggregate.expr, &got)) return found;
  if (got != ValueType::kVector) {
    return Expected(*aggregate.expr, ValueType::kVector, "aggregation expression", got);
  }
  if (!aggregate.param) return std::nullopt;
  Expr& param = **aggregate.param;
  if (Found found = Check(&param, &got)) return found;
  const ValueType want =
      aggregate.op == AggregateOp::kCountValues ? ValueType::kString : ValueType::kScalar;
  if (got == want) return std::nullopt;
  return Expected(param, want, "aggregation parameter", got);
}

Found Checker::CheckCount(const Expr& expr, const Call& call) {
  const Function& function = *call.function;
  const size_t count = call.args.size();
  const size_t least = function.variadic == 0 ? function.arg_count : function.arg_count - 1;
  const auto fault = [&](const char* how, size_t bound) {
    return Fault{expr.span, std::string("expected ") + how + std::to_string(bound) +
                                " argument(s) in call to " + GoQuote(function.name) + ", got " +
                                std::to_string(count)};
  };
  if (function.variadic == 0 && count != least) return fault("", least);
  if (count < least) return fault("at least ", least);
  const size_t most = least + static_cast<size_t>(std::max(function.variadic, 0));
  if (function.variadic > 0 && count > most) return fault("at most ", most);
  return std::nullopt;
}

Found Checker::CheckInfo(const Expr& expr, const Call& call) {
  if (call.function->name != "info" || call.args.size() < 2) return std::nullopt;
  const Expr& labels = *call.args[1];
  const ValueType type = TypeOf(labels);
  if (type != ValueType::kVector) {
    return Expected(expr, ValueType::kVector, "call to function \"info\"", type);
  }
  const auto* selector = labels.As<VectorSelector>();
  if (selector == nullptr) return Fault{labels.span, "expected label selectors only"};
  if (!selector->name.empty()) {
    return Fault{labels.span, "expected label selectors only, got vector selector instead"};
  }
  info_ = selector;
  return std::nullopt;
}

Found Checker::CheckNode(Expr* expr, Call& call, ValueType* type) {
  const Function& function = *call.function;
  *type = function.result;
  if (Found found = CheckCount(*expr, call)) return found;
  if (Found found = CheckInfo(*expr, call)) return found;
  for (size_t i = 0; i < call.args.size(); ++i) {
    ValueType got{};
    if (Found found = Check(&*call.args[i], &got)) return found;
    const ValueType want = function.arg_types[std::min(i, function.arg_count - 1)];
    if (got == want) continue;
    return Expected(*call.args[i], want, "call to function " + GoQuote(function.name), got);
  }
  return std::nullopt;
}

Found Checker::CheckNode(Expr* expr, Binary& binary, ValueType* type) {
  ValueType left{};
  ValueType right{};
  if (Found found = Check(&*binary.left, &left)) return found;
  if (Found found = Check(&*binary.right, &right)) return found;
  const bool is_scalar = left == ValueType::kScalar && right == ValueType::kScalar;
  *type = is_scalar ? ValueType::kScalar : ValueType::kVector;
  if (Found found = CheckOperator(binary, left, right)) return found;
  const bool is_between_vectors = left == ValueType::kVector && right == ValueType::kVector;
  if (Found found = CheckMatching(*expr, &binary, is_between_vectors)) return found;
  if (is_between_vectors || !IsSetOperator(binary.op)) return std::nullopt;
  return Fault{expr->span, "set operator " + GoQuote(OpText(binary.op)) +
                               " not allowed in binary scalar expression"};
}

Found Checker::CheckOperator(const Binary& binary, ValueType left, ValueType right) {
  const bool is_comparison = IsComparison(binary.op);
  if (binary.returns_bool && !is_comparison) {
    return Fault{binary.op_span, "bool modifier can only be used on comparison operators"};
  }
  if (is_comparison && !binary.returns_bool && left == ValueType::kScalar &&
      right == ValueType::kScalar) {
    return Fault{binary.op_span, "comparisons between scalars must use BOOL modifier"};
  }
  const VectorMatching& matching = binary.matching;
  for (const std::string& label : matching.labels) {
    if (matching.on && std::ranges::count(matching.include, label) > 0) {
      return Fault{binary.op_span,
                   "label " + GoQuote(label) + " must not occur in ON and GROUP clause at once"};
    }
  }
  const auto is_operand = [](ValueType type) {
    return type == ValueType::kScalar || type == ValueType::kVector;
  };
  if (is_operand(left) && is_operand(right)) return std::nullopt;
  return Fault{is_operand(left) ? binary.right->span : binary.left->span,
               "binary expression must contain only scalar and instant vector types"};
}

Found Checker::CheckMatching(const Expr& expr, Binary* binary, bool is_between_vectors) {
  const VectorMatching& matching = binary->matching;
  const bool fills = matching.fill_left || matching.fill_right;
  if (!is_between_vectors) {
    if (!matching.labels.empty()) {
      return Fault{expr.span, "vector matching only allowed between instant vectors"};
    }
    if (fills) {
      return Fault{expr.span, "filling in missing series only allowed between instant vectors"};
    }
    binary->matching = {};
    return std::nullopt;
  }
  if (!IsSetOperator(binary->op)) return std::nullopt;
  if (matching.group != VectorMatching::Group::kNone) {
    return Fault{expr.span,
                 "no grouping allowed for " + GoQuote(OpText(binary->op)) + " operation"};
  }
  if (!fills) return std::nullopt;
  return Fault{expr.span, "filling in missing series not allowed for set operators"};
}

}  // namespace

std::optional<Fault> CheckTypes(Expr* expr) {
  ValueType type{};
  return Checker().Check(expr, &type);
}

}  // namespace watchfire::promql
