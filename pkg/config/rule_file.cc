// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Prometheus rule files (reference slo-and-rules §2.5): strict, every error at once.

#include <set>

#include "pkg/base/strings.h"
#include "pkg/config/loader.h"
#include "pkg/config/section_impl.h"
#include "pkg/labels/labels.h"

namespace watchfire::config {
namespace {

// Catches what is no expression at all: brackets and quotes that do not match. Prometheus has the
// last word when the rule is first evaluated.
std::string ExpressionFault(const std::string& expr) {
  if (Trim(expr).empty()) return "expression is empty";
  std::string open;
  for (size_t i = 0; i < expr.size(); ++i) {
    const char c = expr[i];
    if (c == '#') {
      i = expr.find('\n', i);
      if (i == std::string::npos) break;
    } else if (c == '"' || c == '\'' || c == '`') {
      size_t end = i + 1;
      while (end < expr.size() && expr[end] != c) end += expr[end] == '\\' && c != '`' ? 2 : 1;
      if (end >= expr.size()) return std::string("missing end ") + c;
      i = end;
    } else if (c == '(' || c == '[' || c == '{') {
      open += c;
    } else if (c == ')' || c == ']' || c == '}') {
      const char want = c == ')' ? '(' : c == ']' ? '[' : '{';
      if (open.empty() || open.back() != want) return std::string("unexpected ") + c;
      open.pop_back();
    }
  }
  return open.empty() ? "" : std::string("missing end of ") + open.back();
}

using Templates = std::vector<std::pair<std::string, templates::Template>>;

labels::LabelSet ReadLabels(Section& section, const std::string& key, Templates* compiled) {
  labels::LabelSet::Pairs pairs;
  for (const auto& [name, value] : section.StringMap(key)) {
    if (name == "__name__" || !labels::IsClassicLabelName(name)) {
      section.Error(key, key + ": invalid name \"" + name + "\"");
      continue;
    }
    if (compiled != nullptr) {
      Result<templates::Template> text = templates::Template::Parse(value);
      if (!text) {
        section.Error(key, key + "." + name + ": " + text.error().message);
        continue;
      }
      compiled->emplace_back(name, *std::move(text));
    }
    pairs.emplace_back(name, value);
  }
  return labels::LabelSet(std::move(pairs));
}

Rule ReadRule(Section& section, const std::map<std::string, std::string>& group_labels) {
  Rule rule;
  rule.alert = section.String("alert");
  rule.record = section.String("record");
  rule.expr = section.String("expr");
  rule.hold = section.PromDuration("for", {});
  rule.keep_firing_for = section.PromDuration("keep_firing_for", {});
  if (rule.alert.empty() == rule.record.empty()) {
    section.Error("alert", rule.alert.empty() ? "one of 'record' or 'alert' must be set"
                                              : "only one of 'record' and 'alert' must be set");
  }
  const std::string fault = ExpressionFault(rule.expr);
  if (!fault.empty()) section.Error("expr", "expr: " + fault);
  const bool recording = !rule.record.empty();
  rule.labels = ReadLabels(section, "labels", recording ? nullptr : &rule.label_templates);
  rule.annotations = ReadLabels(section, "annotations", &rule.annotation_templates);
  if (recording) {
    for (const char* key : {"for", "keep_firing_for", "annotations"}) {
      if (section.Has(key)) {
        section.Error(key, std::string("invalid field '") + key + "' in recording rule");
      }
    }
  }
  // The rule's own labels win over the group's.
  labels::LabelSet::Pairs merged(group_labels.begin(), group_labels.end());
  for (const labels::Label& label : rule.labels) merged.emplace_back(label.name, label.value);
  for (const auto& [name, value] : group_labels) {
    if (recording || rule.labels.Has(name)) continue;
    if (auto text = templates::Template::Parse(value)) {
      rule.label_templates.emplace_back(name, *std::move(text));
    }
  }
  rule.labels = labels::LabelSet(std::move(merged));
  section.Finish();
  return rule;
}

}  // namespace

void ReadRuleFile(const std::string& path, const std::string& text, Problems* problems,
                  Config* config) {
  const std::vector<Node> documents = ParseYaml(path, text, problems);
  if (documents.empty()) return;
  if (documents.size() > 1) {
    problems->Warn(path, documents[1], "only the first YAML document of a rule file is used");
  }
  Section root = MakeSection(path, documents[0], "the rule file", problems);
  std::set<std::string> names;
  for (Section& section : root.Children("groups")) {
    RuleGroup group;
    group.file = path;
    group.name = section.String("name");
    if (group.name.empty()) section.Error("name", "groupname must not be empty");
    if (!group.name.empty() && !names.insert(group.name).second) {
      section.Error("name", "groupname: \"" + group.name + "\" is repeated in the same file");
    }
    group.interval = section.PromDuration("interval", config->evaluation.interval);
    if (group.interval <= Duration::zero()) {
      section.Error("interval", "interval must be greater than zero");
      group.interval = std::chrono::minutes(1);
    }
    group.query_offset = section.PromDuration("query_offset", {});
    group.limit = section.Int("limit", 0);
    ReadLabels(section, "labels", nullptr);  // Reports bad names.
    const std::map<std::string, std::string> labels = section.StringMap("labels");
    for (Section& rule : section.Children("rules")) {
      group.rules.push_back(ReadRule(rule, labels));
    }
    section.Finish();
    config->rule_groups.push_back(std::move(group));
  }
  root.Finish();
}

}  // namespace watchfire::config
