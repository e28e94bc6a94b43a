// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/slo/growth.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <utility>

#include "pkg/promql/print.h"
#include "pkg/slo/history.h"
#include "pkg/slo/linear.h"

namespace watchfire::slo {
namespace {

using promql::Binary;
using promql::BinaryOp;
using promql::Expr;
using promql::Sample;
using promql::Vector;
using promql::VectorMatching;
using promql::VectorSelector;

constexpr const char* kName = "__name__";

std::optional<double> ConstantOf(const Expr& expr) {
  if (const auto* number = expr.As<promql::NumberLiteral>()) return number->value;
  if (const auto* paren = expr.As<promql::Paren>()) return ConstantOf(*paren->expr);
  if (const auto* unary = expr.As<promql::Unary>()) {
    const std::optional<double> value = ConstantOf(*unary->expr);
    return value && unary->is_minus ? -*value : value;
  }
  const auto* binary = expr.As<Binary>();
  if (binary == nullptr) return std::nullopt;
  const std::optional<double> left = ConstantOf(*binary->left);
  const std::optional<double> right = ConstantOf(*binary->right);
  if (!left || !right) return std::nullopt;
  if (binary->op == BinaryOp::kMultiply) return *left * *right;
  if (binary->op == BinaryOp::kDivide) return *left / *right;
  if (binary->op == BinaryOp::kAdd) return *left + *right;
  if (binary->op == BinaryOp::kSubtract) return *left - *right;
  return std::nullopt;
}

bool IsVectorOfZero(const promql::Call& call) {
  return call.function->name == "vector" && ConstantOf(*call.args[0]) == 0.0;
}

bool Has(const VectorSelector& selector, const promql::LabelMatcher& matcher) {
  return std::ranges::find(selector.matchers, matcher) != selector.matchers.end();
}

// Whether all that `narrow` names is among what `wide` names.
bool Covers(const VectorSelector& wide, const VectorSelector& narrow) {
  return wide.name == narrow.name && std::ranges::all_of(wide.matchers, [&](const auto& matcher) {
           return Has(narrow, matcher);
         });
}

matcher::Op OpOf(promql::MatchOp op) {
  switch (op) {
    case promql::MatchOp::kEqual:
      return matcher::Op::kEqual;
    case promql::MatchOp::kNotEqual:
      return matcher::Op::kNotEqual;
    case promql::MatchOp::kRegex:
      return matcher::Op::kRegex;
    case promql::MatchOp::kNotRegex:
      return matcher::Op::kNotRegex;
  }
  return matcher::Op::kEqual;
}

// Finds the element of some labels.
class Index {
 public:
  // The element of `labels` in `vector`; nullptr if there is none.
  double* Find(const labels::LabelSet& labels, Vector* vector) const {
    const auto [begin, end] = places_.equal_range(labels.fingerprint());
    for (auto at = begin; at != end; ++at) {
      if ((*vector)[at->second].labels == labels) return &(*vector)[at->second].value;
    }
    return nullptr;
  }
  void Add(const labels::LabelSet& labels, size_t place) {
    places_.emplace(labels.fingerprint(), place);
  }

 private:
  std::unordered_multimap<uint64_t, size_t> places_;
};

// nullopt: labels are there twice.
std::optional<Index> IndexOf(Vector* vector) {
  Index index;
  for (size_t i = 0; i < vector->size(); ++i) {
    const labels::LabelSet& labels = (*vector)[i].labels;
    if (index.Find(labels, vector) != nullptr) return std::nullopt;
    index.Add(labels, i);
  }
  return index;
}

}  // namespace

// Turns expressions into nodes.
class Growth::Compiler {
 public:
  explicit Compiler(std::vector<Leaf>* leaves) : leaves_(*leaves) {}

  std::optional<Node> Compile(const Expr& expr) {
    if (const auto* paren = expr.As<promql::Paren>()) return Compile(*paren->expr);
    if (const auto* unary = expr.As<promql::Unary>()) {
      return Scaled(*unary->expr, unary->is_minus ? -1 : 1);
    }
    if (const auto* call = expr.As<promql::Call>()) return CompileCall(*call);
    if (const auto* binary = expr.As<Binary>()) return CompileBinary(*binary);
    const auto* aggregate = expr.As<promql::Aggregate>();
    if (aggregate == nullptr || aggregate->op != promql::AggregateOp::kSum) return std::nullopt;
    return With({Node::Kind::kSum, 0, 1, aggregate->without, aggregate->grouping, {}},
                {&*aggregate->expr});
  }

 private:
  std::optional<Node> With(Node node, const std::vector<const Expr*>& parts) {
    for (const Expr* part : parts) {
      std::optional<Node> compiled = Compile(*part);
      if (!compiled) return std::nullopt;
      node.parts.push_back(*std::move(compiled));
    }
    return node;
  }

  std::optional<Node> Scaled(const Expr& expr, double factor) {
    return With({Node::Kind::kScale, 0, factor, false, {}, {}}, {&expr});
  }

  std::optional<Node> CompileCall(const promql::Call& call) {
    if (IsVectorOfZero(call)) return Node();
    const bool grows = call.function->name == "rate" || call.function->name == "increase";
    const auto* matrix = grows ? call.args[0]->As<promql::MatrixSelector>() : nullptr;
    if (matrix == nullptr || !matrix->selector.offset.is_zero()) return std::nullopt;
    leaves_.push_back({matrix->selector, 0, {}});
    return Node{Node::Kind::kLeaf, leaves_.size() - 1, 1, false, {}, {}};
  }

  std::optional<Node> CompileBinary(const Binary& binary) {
    if (binary.matching != VectorMatching()) return std::nullopt;
    const std::optional<double> left = ConstantOf(*binary.left);
    const std::optional<double> right = ConstantOf(*binary.right);
    switch (binary.op) {
      case BinaryOp::kMultiply:
        if (left) return Scaled(*binary.right, *left);
        return right ? Scaled(*binary.left, *right) : std::nullopt;
      case BinaryOp::kDivide:
        return right ? Scaled(*binary.left, 1 / *right) : std::nullopt;
      case BinaryOp::kAdd:
        return With({Node::Kind::kAdd, 0, 1, false, {}, {}}, {&*binary.left, &*binary.right});
      case BinaryOp::kSubtract:
        return With({Node::Kind::kSubtract, 0, 1, false, {}, {}}, {&*binary.left, &*binary.right});
      case BinaryOp::kOr:
        return With({Node::Kind::kOr, 0, 1, false, {}, {}}, {&*binary.left, &*binary.right});
      default:
        return std::nullopt;
    }
  }

  std::vector<Leaf>& leaves_;
};

// Evaluates nodes for one minute.
class Growth::Counter {
 public:
  Counter(const Growth& growth, const std::vector<Vector>& samples, Straddling straddling,
          WallTime first, WallTime last)
      : growth_(growth), samples_(samples), straddling_(straddling), first_(first), last_(last) {
    for (const Vector& answer : samples) {
      std::vector<Run>& runs = runs_.emplace_back();
      for (size_t i = 0; i < answer.size(); ++i) {
        if (runs.empty() || !(answer[i].labels == answer[runs.back().first].labels)) {
          runs.push_back({i, i});
        }
        runs.back().last = i + 1;
      }
    }
  }

  std::optional<Vector> Count(const Node& node, WallTime begin, WallTime end) {
    begin_ = begin;
    end_ = end;
    std::optional<Vector> out = Eval(node, /*keep_name=*/false);
    if (!out) return std::nullopt;
    for (Sample& sample : *out) sample.at = end;
    return out;
  }

 private:
  struct Run {  // The samples [first, last) of one series.
    size_t first = 0;
    size_t last = 0;
  };

  std::optional<Vector> Eval(const Node& node, bool keep_name) {
    switch (node.kind) {
      case Node::Kind::kLeaf:
        return EvalLeaf(growth_.leaves_[node.leaf], keep_name);
      case Node::Kind::kZero:
        return Vector{Sample{}};
      case Node::Kind::kScale: {
        std::optional<Vector> out = Eval(node.parts[0], false);
        if (!out) return std::nullopt;
        for (Sample& sample : *out) sample.value *= node.factor;
        return out;
      }
      case Node::Kind::kSum:
        return EvalSum(node);
      default:
        return EvalPair(node);
    }
  }

  std::optional<Vector> EvalLeaf(const Leaf& leaf, bool keep_name) {
    const Vector& samples = samples_[leaf.query];
    Vector out;
    for (const Run& run : runs_[leaf.query]) {
      const labels::LabelSet& labels = samples[run.first].labels;
      if (!matcher::MatchesAll(leaf.narrowing, labels)) continue;
      bool is_new = false;
      const std::optional<double> grown = Grown(samples, run, &is_new);
      if (is_new) return std::nullopt;
      if (!grown) continue;
      out.push_back({keep_name ? labels : labels.With({{kName, ""}}), end_, *grown});
    }
    return out;
  }

  // nullopt: no sample in the minute.
  std::optional<double> Grown(const Vector& samples, const Run& run, bool* is_new) const {
    const bool is_later = straddling_ == Straddling::kLater;
    const Sample* before = nullptr;
    std::optional<double> grown;
    for (size_t i = run.first; i < run.last && samples[i].at <= (is_later ? end_ : last_); ++i) {
      const Sample& sample = samples[i];
      if (std::isnan(sample.value)) continue;
      const WallTime at = is_later || before == nullptr ? sample.at : std::max(before->at, first_);
      if (at > end_) break;
      const bool is_inside = at > begin_ || (!is_later && begin_ == first_ && sample.at > first_);
      if (is_inside && before != nullptr) {
        // A reset is to zero.
        const bool is_reset = sample.value < before->value;
        grown = grown.value_or(0) + sample.value - (is_reset ? 0 : before->value);
      } else if (is_inside && is_later) {
        *is_new = true;
        return std::nullopt;
      }
      before = &sample;
    }
    return grown;
  }

  std::optional<Vector> EvalSum(const Node& node) {
    const std::optional<Vector> parts = Eval(node.parts[0], /*keep_name=*/true);
    if (!parts) return std::nullopt;
    std::vector<std::string> by = node.grouping;
    labels::LabelSet::Pairs dropped{{kName, ""}};
    for (const std::string& name : node.grouping) dropped.emplace_back(name, "");
    std::erase(by, kName);
    Vector out;
    Index index;
    for (const Sample& part : *parts) {
      labels::LabelSet labels = node.without ? part.labels.With(dropped) : part.labels.Only(by);
      if (double* sum = index.Find(labels, &out)) {
        *sum += part.value;
        continue;
      }
      index.Add(labels, out.size());
      out.push_back({std::move(labels), end_, part.value});
    }
    return out;
  }

  // What PromQL does with two vectors that match by all labels.
  std::optional<Vector> EvalPair(const Node& node) {
    std::optional<Vector> left = Eval(node.parts[0], false);
    std::optional<Vector> right = left ? Eval(node.parts[1], false) : std::nullopt;
    if (!right) return std::nullopt;
    const bool is_or = node.kind == Node::Kind::kOr;
    const std::optional<Index> lefts = IndexOf(&*left);
    const std::optional<Index> rights = IndexOf(&*right);
    if (!lefts || !rights) return std::nullopt;
    if (is_or) {
      for (Sample& sample : *right) {
        if (lefts->Find(sample.labels, &*left) == nullptr) left->push_back(sample);
      }
      return left;
    }
    Vector out;
    for (Sample& sample : *left) {
      const double* other = rights->Find(sample.labels, &*right);
      if (other == nullptr) continue;
      sample.value += node.kind == Node::Kind::kAdd ? *other : -*other;
      out.push_back(std::move(sample));
    }
    return out;
  }

  const Growth& growth_;
  const std::vector<Vector>& samples_;
  Straddling straddling_;
  WallTime first_;
  WallTime last_;
  std::vector<std::vector<Run>> runs_;  // By query.
  WallTime begin_;
  WallTime end_;
};

std::optional<Growth> Growth::Of(const Expr& bad, const Expr& total) {
  Growth out;
  Compiler compiler(&out.leaves_);
  std::optional<Node> bad_node = compiler.Compile(bad);
  std::optional<Node> total_node = bad_node ? compiler.Compile(total) : std::nullopt;
  if (!total_node) return std::nullopt;
  out.bad_ = *std::move(bad_node);
  out.total_ = *std::move(total_node);
  // Wide selectors first: they bring what narrow ones ask.
  std::vector<Leaf*> by_width;
  for (Leaf& leaf : out.leaves_) by_width.push_back(&leaf);
  std::ranges::stable_sort(by_width, {}, [](Leaf* leaf) { return leaf->selector.matchers.size(); });
  for (Leaf* leaf : by_width) {
    const auto wide = std::ranges::find_if(
        out.queries_, [&](const VectorSelector& query) { return Covers(query, leaf->selector); });
    leaf->query = static_cast<size_t>(wide - out.queries_.begin());
    if (wide == out.queries_.end()) {
      out.queries_.push_back(leaf->selector);
      continue;
    }
    for (const promql::LabelMatcher& each : leaf->selector.matchers) {
      if (Has(*wide, each)) continue;
      Result<matcher::Matcher> matcher =
          matcher::Matcher::Create(OpOf(each.op), each.name, each.value);
      if (!matcher) return std::nullopt;
      leaf->narrowing.push_back(*std::move(matcher));
    }
  }
  return out;
}

std::vector<std::string> Growth::Queries(Duration range) const {
  std::vector<std::string> out;
  for (const VectorSelector& selector : queries_) {
    out.push_back(promql::Print(Expr{promql::MatrixSelector{selector, {range, {}}, {}}, {}}));
  }
  return out;
}

std::optional<Growth::Sides> Growth::Count(const std::vector<Vector>& samples, int64_t first,
                                           int64_t last, Straddling straddling) const {
  Counter counter(*this, samples, straddling, EndOf(Level::kMinute, first - 1),
                  EndOf(Level::kMinute, last));
  Sides out;
  for (int64_t minute = first; minute <= last; ++minute) {
    const WallTime begin = EndOf(Level::kMinute, minute - 1);
    const WallTime end = EndOf(Level::kMinute, minute);
    std::optional<Vector> bad = counter.Count(bad_, begin, end);
    std::optional<Vector> total = bad ? counter.Count(total_, begin, end) : std::nullopt;
    if (!total) return std::nullopt;
    out.bad.insert(out.bad.end(), bad->begin(), bad->end());
    out.total.insert(out.total.end(), total->begin(), total->end());
  }
  return out;
}

}  // namespace watchfire::slo
