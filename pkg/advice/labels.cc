// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Labels that an alert's texts name and its expression cannot have: they are always empty. Only
// what the expression proves is said; a selector may have any label. But of two metrics that are
// compared, the end of a name is no label: `$labels.spec_replicas` is meant to be the value of
// kube_deployment_spec_replicas.

#include <algorithm>
#include <array>
#include <set>
#include <string>

#include "pkg/advice/remarks.h"
#include "pkg/base/strings.h"
#include "pkg/promql/ast.h"
#include "pkg/promql/parse.h"

namespace watchfire::advice {
namespace {

using promql::Aggregate;
using promql::AggregateOp;
using promql::Binary;
using promql::Call;
using promql::Expr;
using promql::VectorMatching;

// Which labels a result may have: all but `names`, or none but `names`.
struct Labels {
  bool any = true;
  std::set<std::string> names = {};

  bool Has(const std::string& name) const { return any != names.contains(name); }
  void Add(const std::string& name) { Put(name, !any); }
  void Drop(const std::string& name) { Put(name, any); }
  void Put(const std::string& name, bool listed) {
    if (listed) {
      names.insert(name);
    } else {
      names.erase(name);
    }
  }
  void Keep(const std::vector<std::string>& kept) {
    Labels out{false, {}};
    for (const std::string& name : kept) {
      if (Has(name)) out.names.insert(name);
    }
    *this = std::move(out);
  }
};

Labels LabelsOf(const Expr& expr);

Labels Either(const Labels& a, const Labels& b) {
  Labels out{a.any || b.any, {}};
  for (const Labels* side : {&a, &b}) {
    for (const std::string& name : side->names) {
      const bool may_be = a.Has(name) || b.Has(name);
      if (may_be != out.any) out.names.insert(name);
    }
  }
  return out;
}

// absent() has the labels that its selector pins down.
Labels OfAbsent(const Call& call) {
  Labels out{false, {}};
  const auto* selector = call.args[0]->As<promql::VectorSelector>();
  if (const auto* matrix = call.args[0]->As<promql::MatrixSelector>()) selector = &matrix->selector;
  if (selector == nullptr) return out;
  for (const promql::LabelMatcher& matcher : selector->matchers) {
    if (matcher.op == promql::MatchOp::kEqual) out.names.insert(matcher.name);
  }
  return out;
}

Labels OfCall(const Call& call) {
  // Those that give the labels of the only vector they take.
  static constexpr std::array<std::string_view, 20> kKeep = {
      "abs",  "ceil",  "clamp",  "clamp_max", "clamp_min", "delta",  "deriv",
      "exp",  "floor", "idelta", "increase",  "irate",     "ln",     "log10",
      "log2", "rate",  "resets", "round",     "sqrt",      "changes"};
  const std::string_view name = call.function->name;
  if (call.args.empty()) return {};
  if (name == "vector") return {false, {}};
  if (name == "absent" || name == "absent_over_time") return OfAbsent(call);
  if (name == "label_replace" || name == "label_join") {
    Labels out = LabelsOf(*call.args[0]);
    const auto* to = call.args.size() > 1 ? call.args[1]->As<promql::StringLiteral>() : nullptr;
    if (to == nullptr) return {};
    out.Add(to->value);
    return out;
  }
  if (name == "histogram_quantile" && call.args.size() == 2) return LabelsOf(*call.args[1]);
  if (std::ranges::find(kKeep, name) != kKeep.end()) return LabelsOf(*call.args[0]);
  return {};
}

Labels OfAggregate(const Aggregate& aggregate) {
  Labels out = LabelsOf(*aggregate.expr);
  const AggregateOp op = aggregate.op;
  if (op == AggregateOp::kTopk || op == AggregateOp::kBottomk || op == AggregateOp::kLimitk ||
      op == AggregateOp::kLimitRatio) {
    return out;  // Series as they are.
  }
  if (aggregate.without) {
    for (const std::string& name : aggregate.grouping) out.Drop(name);
  } else {
    out.Keep(aggregate.grouping);
  }
  if (op != AggregateOp::kCountValues) return out;
  const auto* name = (*aggregate.param)->As<promql::StringLiteral>();
  if (name == nullptr) return {};
  out.Add(name->value);
  return out;
}

Labels OfBinary(const Binary& binary) {
  const bool left = TypeOf(*binary.left) == promql::ValueType::kVector;
  const bool right = TypeOf(*binary.right) == promql::ValueType::kVector;
  if (!left || !right) return LabelsOf(left ? *binary.left : *binary.right);
  if (binary.op == promql::BinaryOp::kOr) {
    return Either(LabelsOf(*binary.left), LabelsOf(*binary.right));
  }
  const VectorMatching& matching = binary.matching;
  if (matching.fill_left || matching.fill_right) return {};
  Labels out =
      LabelsOf(matching.group == VectorMatching::Group::kRight ? *binary.right : *binary.left);
  if (IsSetOperator(binary.op)) return out;
  if (matching.group == VectorMatching::Group::kNone) {
    if (matching.on) {
      out.Keep(matching.labels);
    } else {
      for (const std::string& name : matching.labels) out.Drop(name);
    }
  }
  for (const std::string& name : matching.include) out.Add(name);
  return out;
}

Labels LabelsOf(const Expr& expr) {
  if (const auto* call = expr.As<Call>()) return OfCall(*call);
  if (const auto* aggregate = expr.As<Aggregate>()) return OfAggregate(*aggregate);
  if (const auto* binary = expr.As<Binary>()) return OfBinary(*binary);
  if (const auto* unary = expr.As<promql::Unary>()) return LabelsOf(*unary->expr);
  if (const auto* paren = expr.As<promql::Paren>()) return LabelsOf(*paren->expr);
  if (const auto* subquery = expr.As<promql::Subquery>()) return LabelsOf(*subquery->expr);
  return {};
}

const Expr& Bare(const Expr& expr) {
  const auto* paren = expr.As<promql::Paren>();
  return paren == nullptr ? expr : Bare(*paren->expr);
}

// The metrics that the expression compares or counts with one another, as they are.
void AddCompared(const Expr& expr, std::set<std::string>* metrics) {
  const auto* binary = Bare(expr).As<Binary>();
  if (binary == nullptr) return;
  const bool are_vectors = TypeOf(*binary->left) == promql::ValueType::kVector &&
                           TypeOf(*binary->right) == promql::ValueType::kVector;
  for (const Expr* side : {&*binary->left, &*binary->right}) {
    const auto* selector = Bare(*side).As<promql::VectorSelector>();
    if (selector != nullptr && are_vectors && !IsSetOperator(binary->op)) {
      metrics->insert(selector->name);
    }
    AddCompared(*side, metrics);
  }
}

// The one of the metrics whose name ends with `label`, a word of several; "" without one.
std::string MetricOf(const std::string& label, const std::set<std::string>& metrics) {
  if (label.find('_') == std::string::npos) return "";
  for (const std::string& metric : metrics) {
    if (metric.ends_with("_" + label)) return metric;
  }
  return "";
}

bool IsNameChar(char c) {
  return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '_';
}

// The labels that the actions of a template name as $labels.name. None where it could be another
// thing: in texts and comments, or if $labels is set anew.
std::set<std::string> NamedIn(std::string_view text) {
  constexpr std::string_view kWord = "$labels.";
  std::set<std::string> named;
  const bool is_plain = text.find("/*") == std::string_view::npos &&
                        text.find("$labels :=") == std::string_view::npos &&
                        text.find("$labels =") == std::string_view::npos &&
                        text.find("$labels:=") == std::string_view::npos;
  for (size_t at = text.find(kWord); is_plain && at != std::string_view::npos;
       at = text.find(kWord, at + 1)) {
    const size_t open = text.rfind("{{", at);
    if (open == std::string_view::npos) continue;
    const std::string_view before = text.substr(open, at - open);
    if (before.find("}}") != std::string_view::npos) continue;
    if (before.find_first_of("\"`'") != std::string_view::npos) continue;
    size_t end = at + kWord.size();
    while (end < text.size() && IsNameChar(text[end])) ++end;
    if (end > at + kWord.size()) {
      named.emplace(text.substr(at + kWord.size(), end - at - kWord.size()));
    }
  }
  return named;
}

}  // namespace

void AdviseLabels(const config::Rule& rule, const config::YamlNode& node, Remarks* remarks) {
  const Result<promql::ExprPtr> expr = promql::Parse(rule.expr);
  if (!expr) return;  // It was reported, or is another language.
  const Labels possible = LabelsOf(**expr);
  std::set<std::string> compared;
  AddCompared(**expr, &compared);
  for (const auto& [key, set] :
       {std::pair("labels", &rule.labels), std::pair("annotations", &rule.annotations)}) {
    const config::YamlNode* place = node.Find(key);
    for (const labels::Label& text : *set) {
      const std::string where(text.name);
      if (place == nullptr || place->Find(where) == nullptr) continue;  // Of the group.
      for (const std::string& name : NamedIn(text.value)) {
        const std::string metric = MetricOf(name, compared);
        if (possible.Has(name) && metric.empty()) continue;
        remarks->Add("label-never-there", place->At(where),
                     "alert " + GoQuote(rule.alert) + " names the label " + GoQuote(name) + " in " +
                         where +
                         (metric.empty() ? ", and its expression has none"
                                         : ", which is how the metric " + metric + " is called"));
      }
    }
  }
}

}  // namespace watchfire::advice
