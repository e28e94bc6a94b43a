// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The part of Go's text/template that rule files need first: literal text, {{ $labels.name }},
// {{ $value }}, {{ .Labels.name }}, {{ .Value }}, with the trim markers {{- and -}} and comments.
// Anything else is refused when parsed, naming the construct, so that no page ever carries a
// half-rendered text. Parse once, execute many; output is bounded. Immutable after Parse.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pkg/base/result.h"
#include "pkg/labels/labels.h"

namespace watchfire::templates {

// What an action can name. In a rule both are those of the query's sample: the rule's own labels
// and alertname are not among them. Source: Prometheus rules.AlertingRule.Eval.
struct RuleData {
  const labels::LabelSet& labels;
  double value = 0;
};

class Template {
 public:
  // Errors: kInvalidArgument "line L: …", L counted from 1 inside `text`.
  static Result<Template> Parse(std::string_view text);

  // A missing label renders as "" (missingkey=zero); the value prints as FormatGoFloat does.
  // Errors: kExhausted past limits::kTemplateOutputBytes.
  Result<std::string> Execute(const RuleData& data) const;

 private:
  struct Piece {
    enum class Kind { kText, kLabel, kValue } kind = Kind::kText;
    std::string text;  // The literal, or the label's name.
  };

  static Result<Piece> ParseAction(std::string_view action);

  std::vector<Piece> pieces_;
};

}  // namespace watchfire::templates
