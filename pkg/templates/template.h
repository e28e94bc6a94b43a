// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Go's text/template and html/template: the whole language, parse once, execute many, with bounds
// on output and work. A TemplateSet holds templates that call each other; a Template is one text of
// a rule file. Sources: https://pkg.go.dev/text/template and html/template. Thread: immutable after
// parsing, safe to share.
//
// Not there: constants with an imaginary part, functions as values, and printing addresses (%p).

#pragma once

#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pkg/base/result.h"
#include "pkg/base/time.h"
#include "pkg/labels/labels.h"
#include "pkg/templates/executor.h"
#include "pkg/templates/function.h"
#include "pkg/templates/nodes.h"
#include "pkg/templates/value.h"

namespace watchfire::templates {

inline constexpr size_t kAllRunes = std::numeric_limits<size_t>::max();

// A text that may call the templates of a set: one field of a receiver. Parsed without the set, so
// that a configuration is checked field by field before the set is complete. Cheap to copy.
class Snippet {
 public:
  Snippet() = default;  // Prints nothing.

  // `name` is what errors call it. The functions are Alertmanager's. Errors: as TemplateSet::Parse.
  static Result<Snippet> Parse(std::string name, std::string_view text);

  // Written as "", or not at all.
  bool empty() const { return trees_ == nullptr; }
  const std::string& name() const { return name_; }

 private:
  friend class TemplateSet;

  std::string name_;
  std::shared_ptr<const TreeMap> trees_;  // Its own tree and what it defines; null: "".
};

class TemplateSet {
 public:
  // `functions` come beside the built-in ones.
  TemplateSet(FunctionTable functions, MissingKey missing_key)
      : functions_(functions), missing_key_(missing_key) {}

  // Adds the template `name` and all that its text defines. Templates of the same names are
  // replaced, except by empty ones. Errors: kInvalidArgument "template: NAME:LINE: …", kExhausted;
  // the set is then as it was. `column`, if there is one, becomes the error's in that line, from 1.
  Status Parse(std::string name, std::string_view text, int* column = nullptr);

  bool Has(std::string_view name) const { return trees_.find(name) != trees_.end(); }
  // Sorted.
  std::vector<std::string> names() const;

  // Returns what the template `name` prints for `dot`, at most limits::kTemplateOutputBytes, with
  // limits::kTemplateSteps of work. Errors: kInvalidArgument "template: NAME:LINE:COLUMN: executing
  // "NAME" at <NODE>: …", with kExhausted when a bound is reached; kNotFound.
  Result<std::string> Execute(std::string_view name, const Value& dot,
                              const Environment& environment) const;

  // The same for an HTML document: each value is escaped for its place, as in Go's html/template.
  // Other errors: kInvalidArgument "html/template: …" when the document cannot be read alike by
  // all, or ends inside a tag. Unlike there, this is found out only while it runs.
  Result<std::string> ExecuteHtml(std::string_view name, const Value& dot,
                                  const Environment& environment) const;

  // The same for a text of its own; what it defines counts in it alone. Errors call it by its name.
  // Stops once it has printed more than `runes_max` runes: who cuts the text there has enough, and
  // what fails behind that place spoils nothing.
  Result<std::string> Execute(const Snippet& snippet, const Value& dot,
                              const Environment& environment, size_t runes_max = kAllRunes) const;
  Result<std::string> ExecuteHtml(const Snippet& snippet, const Value& dot,
                                  const Environment& environment) const;

 private:
  Status Run(std::string_view name, const Value& dot, const Environment& environment,
             Output* output) const;
  Status Run(const Snippet& snippet, const Value& dot, const Environment& environment,
             Output* output) const;
  Status Run(const Tree& tree, const TreeMap& trees, const Value& dot,
             const Environment& environment, Output* output) const;
  static void Overlay(const TreeMap& defined, TreeMap* trees);

  FunctionTable functions_;
  MissingKey missing_key_;
  TreeMap trees_;
};

// What an action of a rule can name. Labels and value are those of the query's sample: the rule's
// own labels and alertname are not among them. Source: Prometheus rules.AlertingRule.Eval.
struct RuleData {
  const labels::LabelSet& labels;
  double value = 0;
  WallTime at = kNoTime;  // The evaluation; kNoTime: `now` is an error.
  labels::LabelSet external_labels = {};
  std::string external_url = {};
  std::function<Result<Value>(std::string_view expr)> query = {};  // As Environment::query.
};

// A label or annotation of a rule, with Prometheus' functions and the variables $labels, $value,
// $externalLabels and $externalURL.
class Template {
 public:
  // Errors: kInvalidArgument, kExhausted "line L: …", L counted from 1 inside `text`.
  static Result<Template> Parse(std::string_view text);

  // A missing label renders as "" (missingkey=zero). Errors: as TemplateSet::Execute, the template
  // being called "rule".
  Result<std::string> Execute(const RuleData& data) const;

  // May it call `query`? Not always: it can stand in a branch that is not taken.
  bool may_query() const { return may_query_; }

 private:
  Template(std::shared_ptr<const TreeMap> trees, bool may_query)
      : trees_(std::move(trees)), may_query_(may_query) {}

  std::shared_ptr<const TreeMap> trees_;  // Never null.
  bool may_query_ = false;
};

}  // namespace watchfire::templates
