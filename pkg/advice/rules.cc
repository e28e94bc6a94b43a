// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Remarks about alerting rules: what somebody needs who is woken by one.

#include <algorithm>
#include <array>
#include <cctype>

#include "pkg/advice/remarks.h"
#include "pkg/base/strings.h"

namespace watchfire::advice {
namespace {

using config::Rule;
using config::RuleGroup;
using config::YamlNode;

// A window that one bad sample does not fill.
constexpr Duration kSteady = std::chrono::minutes(5);

bool IsWordChar(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == ':';
}

// Whether `expr` looks back for `kSteady` or longer: a range in brackets, or a recorded series
// that is named after its window, as "job:errors:ratio_rate1h" is.
bool LooksBack(std::string_view expr) {
  const auto is_long = [](std::string_view text) {
    const Result<Duration> duration = ParseDuration(text);
    return duration && *duration >= kSteady;
  };
  for (size_t at = expr.find('['); at != std::string_view::npos; at = expr.find('[', at + 1)) {
    const std::string_view rest = expr.substr(at + 1);
    if (is_long(rest.substr(0, rest.find_first_of("]:")))) return true;
  }
  for (size_t at = 0; at < expr.size();) {
    const size_t begin = at;
    while (at < expr.size() && IsWordChar(expr[at])) ++at;
    const std::string_view word = expr.substr(begin, at - begin);
    if (word.find(':') != std::string_view::npos) {
      // The digits before the last letters.
      const size_t unit = word.find_last_of("0123456789");
      const size_t start = unit == std::string_view::npos
                               ? std::string_view::npos
                               : word.find_last_not_of("0123456789", unit);
      if (start != std::string_view::npos && is_long(word.substr(start + 1))) return true;
    }
    if (at == begin) ++at;
  }
  return false;
}

// The first label of `by (...)` that is another for each request, or "".
std::string UnboundedBy(const std::string& expr) {
  for (size_t at = expr.find("by"); at != std::string::npos; at = expr.find("by", at + 2)) {
    const size_t open = expr.find_first_not_of(" \t\n", at + 2);
    if (open == std::string::npos || expr[open] != '(' || (at > 0 && IsWordChar(expr[at - 1]))) {
      continue;
    }
    std::string word;
    for (size_t i = open + 1; i < expr.size(); ++i) {
      if (IsWordChar(expr[i])) {
        word += expr[i];
        continue;
      }
      if (IsUnbounded(word)) return word;
      word.clear();
      if (expr[i] == ')') break;
    }
  }
  return "";
}

bool HasAny(const labels::LabelSet& set, std::initializer_list<std::string_view> names) {
  return std::ranges::any_of(names, [&](std::string_view name) { return !set.Get(name).empty(); });
}

// Those of the rule, and what catalogues give each of its alerts: by its name, or by a label that
// the rule itself sets.
labels::LabelSet AnnotationsOf(const Rule& rule, const config::Config& config) {
  labels::LabelSet::Pairs all;
  for (const config::Enrichment& lookup : config.enrichments) {
    const std::string_view value =
        lookup.label == "alertname" ? rule.alert : rule.labels.Get(lookup.label);
    const auto found = lookup.entries.find(value);
    if (found == lookup.entries.end()) continue;
    all.insert(all.end(), found->second.begin(), found->second.end());
  }
  // One without a text is none: the alert is given what the catalogue has.
  for (const auto& [name, text] : rule.annotations.pairs()) {
    if (!text.empty()) all.emplace_back(name, text);
  }
  return labels::LabelSet(std::move(all));
}

void AdvisePage(const Rule& rule, const labels::LabelSet& annotations, const YamlNode& node,
                Remarks* remarks) {
  std::vector<std::string> missing;
  for (const std::string& name : remarks->options().annotations) {
    const bool is_there = name == "runbook_url" ? HasAny(annotations, {"runbook_url", "runbook"})
                                                : HasAny(annotations, {name});
    if (!is_there) missing.push_back(name);
  }
  const std::string subject = "alert " + GoQuote(rule.alert) + " pages ";
  if (!missing.empty()) {
    remarks->Add("page-without-annotation", node.At("alert"),
                 subject + "and has no annotation " + Join(missing, ", "));
  }
  if (!HasAny(annotations, {"dashboard_url", "grafana_url", "dashboard"})) {
    remarks->Add("page-without-dashboard", node.At("alert"), subject + "and links no dashboard");
  }
  const bool is_steady = rule.hold > Duration::zero() || LooksBack(rule.expr);
  if (!is_steady) {
    remarks->Add("page-without-for", node.At("alert"), subject + "at the first sample");
  }
}

void AdviseRule(const Rule& rule, const config::Config& config, const YamlNode& node,
                Remarks* remarks) {
  if (rule.alert.empty()) return;
  if (IsPagingSeverity(rule.labels.Get("severity"))) {
    AdvisePage(rule, AnnotationsOf(rule, config), node, remarks);
  }
  AdviseLabels(rule, node, remarks);
  const std::string by = UnboundedBy(rule.expr);
  if (!by.empty()) {
    remarks->Add("unbounded-label", node.At("expr"),
                 "alert " + GoQuote(rule.alert) + " is by " + GoQuote(by) +
                     ", which has another value for each request");
  }
  for (const labels::Label& label : rule.labels) {
    if (!IsUnbounded(label.name)) continue;
    remarks->Add("unbounded-label", node.At("labels"),
                 "alert " + GoQuote(rule.alert) + " has the label " + GoQuote(label.name) +
                     ", which has another value for each request");
  }
}

}  // namespace

void AdviseRules(const config::Config& config, const std::string& file, const YamlNode& root,
                 Remarks* remarks) {
  // A PrometheusRule has its groups inside of `spec`.
  const YamlNode* spec = root.Find("groups") == nullptr ? root.Find("spec") : &root;
  if (spec == nullptr) return;
  for (size_t i = 0; const YamlNode* node = Entry(*spec, "groups", i); ++i) {
    const YamlNode* name = node->Find("name");
    if (name == nullptr) continue;
    const auto group = std::ranges::find_if(config.rule_groups, [&](const RuleGroup& one) {
      return one.file == file && one.name == name->text;
    });
    if (group == config.rule_groups.end()) continue;
    for (size_t rule = 0; rule < group->rules.size(); ++rule) {
      const YamlNode* place = Entry(*node, "rules", rule);
      if (place != nullptr) AdviseRule(group->rules[rule], config, *place, remarks);
    }
  }
}

}  // namespace watchfire::advice
