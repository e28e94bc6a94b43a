// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Prometheus rule files, and the Operator's PrometheusRule (reference slo-and-rules §2.5, §2.6).

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <utility>

#include "pkg/base/strings.h"
#include "pkg/config/expression.h"
#include "pkg/config/loader.h"
#include "pkg/promql/parse.h"
#include "pkg/promql/print.h"

namespace watchfire::config {
namespace {

using Templates = std::vector<std::pair<std::string, templates::Template>>;

// Parses the values of `set`. Those under `key` of `section` are reported where they stand.
Templates ParseTemplates(Section& section, const std::string& key, const labels::LabelSet& set) {
  Templates parsed;
  for (const labels::Label& label : set) {
    Result<templates::Template> text = templates::Template::Parse(label.value);
    if (text) parsed.emplace_back(label.name, *std::move(text));
  }
  for (const Pair& pair : section.impl().Pairs(key)) {
    const Result<templates::Template> text = templates::Template::Parse(pair.text);
    if (text) continue;
    section.impl().source.Error(pair.mark, key + "." + pair.name + ": " + text.error().message);
  }
  return parsed;
}

bool IsMetricName(const std::string& name) {
  return !name.empty() && name.find_first_of("{}") == std::string::npos;
}

class RuleReader {
 public:
  RuleReader(const labels::LabelSet& group_labels, Section& section, bool speaks_metricsql)
      : section_(section), group_labels_(group_labels), speaks_metricsql_(speaks_metricsql) {}

  Rule Read() {
    rule_.alert = section_.String("alert");
    rule_.record = section_.String("record");
    rule_.expr = section_.String("expr");
    rule_.hold = section_.PromDuration("for", {});
    rule_.keep_firing_for = section_.PromDuration("keep_firing_for", {});
    const labels::LabelSet own = ReadLabels(section_, "labels");
    rule_.labels = labels::LabelSet(Joined(own));
    rule_.annotations = ReadLabels(section_, "annotations");
    CheckName();
    CheckExpr();
    if (rule_.record.empty()) {
      rule_.label_templates = ParseTemplates(section_, "labels", rule_.labels);
      rule_.annotation_templates = ParseTemplates(section_, "annotations", rule_.annotations);
    }
    section_.Finish();
    return std::move(rule_);
  }

 private:
  labels::LabelSet::Pairs Joined(const labels::LabelSet& own) const {
    labels::LabelSet::Pairs pairs = group_labels_.pairs();
    for (auto& pair : own.pairs()) pairs.push_back(std::move(pair));  // The last wins.
    return pairs;
  }

  void CheckExpr() {
    if (!section_.Has("expr")) {
      section_.Error("expr", "field 'expr' must be set in rule");
      return;
    }
    const auto type = CheckExpression(section_, "expr", {rule_.expr, {}}, speaks_metricsql_);
    if (type && !speaks_metricsql_) {
      std::string printed = promql::Print(*promql::TryParse(rule_.expr));
      if (printed != rule_.expr) rule_.printed = std::move(printed);
    }
    if (!type || HasSamples(*type)) return;
    section_.Warn("expr",
                  "expr: gives a " + std::string(promql::TypeName(*type)) +
                      ", so every evaluation of this rule will fail",
                  "a rule takes an instant vector or a scalar");
  }

  void CheckName() {
    if (rule_.alert.empty() && rule_.record.empty()) {
      section_.Error("", "one of 'record' or 'alert' must be set");
      return;
    }
    if (!rule_.alert.empty() && !rule_.record.empty()) {
      section_.Error("record", "only one of 'record' and 'alert' must be set");
      return;
    }
    if (rule_.record.empty()) return;
    if (!IsMetricName(rule_.record)) {
      section_.Error("record", "invalid recording rule name: " + GoQuote(rule_.record));
    }
    const std::array<std::pair<const char*, bool>, 3> odd = {
        {{"annotations", !rule_.annotations.empty()},
         {"for", rule_.hold != Duration::zero()},
         {"keep_firing_for", rule_.keep_firing_for != Duration::zero()}}};
    for (const auto& [key, is_set] : odd) {
      if (!is_set) continue;
      section_.Error(key, std::string("invalid field '") + key + "' in recording rule");
    }
  }

  Section& section_;
  const labels::LabelSet& group_labels_;
  const bool speaks_metricsql_;
  Rule rule_;
};

// `from_operator`: it comes from a PrometheusRule, which has a word for Thanos.
RuleGroup ReadGroup(Section& section, const Config& config, bool from_operator) {
  RuleGroup group;
  group.file = section.impl().source.file;
  group.name = section.String("name");
  group.interval = section.PromDuration("interval", {});
  if (group.interval == Duration::zero()) group.interval = config.evaluation.interval;
  group.query_offset = section.PromDuration("query_offset", {});
  group.limit = section.Int("limit", 0);
  // Prometheus takes it as well.
  if (group.limit < 0) {
    section.Warn("limit", "limit is negative, which limits nothing", "0 means no limit");
  }
  const labels::LabelSet labels = ReadLabels(section, "labels");
  ParseTemplates(section, "labels", {});
  for (Section& rule : section.Children("rules")) {
    group.rules.push_back(RuleReader(labels, rule, SpeaksMetricsql(config)).Read());
  }
  if (from_operator) {
    std::string strategy = section.String("partial_response_strategy");
    std::ranges::transform(strategy, strategy.begin(),
                           [](unsigned char c) { return std::tolower(c); });
    if (!strategy.empty() && strategy != "warn" && strategy != "abort") {
      section.Error("partial_response_strategy",
                    "unknown partial_response_strategy " + GoQuote(strategy), "warn or abort");
    }
  }
  section.Finish();
  return group;
}

// Where the groups of a file stand, by name.
using Lines = std::map<std::string, int>;

void ReadGroups(Section& parent, bool from_operator, Config* config, Lines* lines) {
  for (Section& section : parent.Children("groups")) {
    RuleGroup group = ReadGroup(section, *config, from_operator);
    const int line = section.impl().At("name").line;
    if (group.name.empty()) {
      section.Error("name", "group name must not be empty");
    } else if (const auto [first, is_new] = lines->emplace(group.name, line); !is_new) {
      section.Error("name", "group name " + GoQuote(group.name) + " is repeated in the same file",
                    "first on line " + std::to_string(first->second));
    }
    config->rule_groups.push_back(std::move(group));
  }
  parent.Finish();
}

// The Kubernetes resource around the groups, or what kubectl prints of several.
void ReadPrometheusRule(Section& root, Config* config, Lines* lines) {
  const std::string version = root.String("apiVersion");
  const std::string kind = root.String("kind");
  if (kind == "List" || kind == "PrometheusRuleList") {
    root.Value("metadata");
    for (Section& item : root.Children("items")) ReadPrometheusRule(item, config, lines);
    root.Finish();
    return;
  }
  if (kind != "PrometheusRule") {
    root.Error("kind", "kind must be PrometheusRule, not " + GoQuote(kind));
  } else if (version != "monitoring.coreos.com/v1") {
    root.Error("apiVersion",
               "apiVersion must be monitoring.coreos.com/v1, not " + GoQuote(version));
  }
  root.Value("metadata");
  root.Value("status");
  if (auto spec = root.Child("spec")) ReadGroups(*spec, true, config, lines);
  root.Finish();
}

}  // namespace

void ReadRuleFile(const std::string& text, const Source& source, Config* config) {
  auto documents = ParseYaml(text, source);
  if (!documents) return;
  if (documents->empty()) documents->emplace_back();
  Lines lines;
  bool has_resources = false;
  for (size_t i = 0; i < documents->size(); ++i) {
    YamlNode& document = (*documents)[i];
    if (document.mark.line == 0) document.mark = {1, 1};
    if (i > 0 && document.kind == YamlNode::Kind::kNull) continue;  // Behind a last "---".
    if (i > 0 && !has_resources) {
      source.Warn(document.mark, "only the first YAML document of this file is used");
      return;
    }
    std::optional<Section> root = MakeSection(document, document.mark, source, nullptr, "the file");
    if (!root) return;
    if (has_resources || root->Has("kind") || root->Has("apiVersion")) {
      has_resources = true;
      ReadPrometheusRule(*root, config, &lines);
    } else {
      ReadGroups(*root, false, config, &lines);
    }
  }
}

}  // namespace watchfire::config
