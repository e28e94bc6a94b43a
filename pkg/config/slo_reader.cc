// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/config/slo_reader.h"

#include <algorithm>
#include <utility>

#include "pkg/base/strings.h"
#include "pkg/templates/template.h"

namespace watchfire::config {
namespace {

bool IsAlnum(char c) { return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z'); }

}  // namespace

bool IsSloName(const std::string& text) {
  return text.size() >= 2 && IsAlnum(text.front()) && IsAlnum(text.back()) &&
         std::ranges::all_of(text,
                             [](char c) { return IsAlnum(c) || c == '-' || c == '_' || c == '.'; });
}

std::string ReadSloName(Section& section, const std::string& key) {
  std::string name = section.String(key);
  if (name.empty()) {
    section.Error(key, key + " must be set");
  } else if (!IsSloName(name)) {
    section.Error(key, "invalid " + key + " " + GoQuote(name),
                  "letters, digits, - _ and . between a letter or digit at each end");
  }
  return name;
}

void CheckObjective(Section& section, const std::string& key, double percent) {
  if (percent > 0 && percent < 100) return;
  section.Error(key, key + " must be between 0 and 100, both excluded", "a percentage, as in 99.9");
}

double ReadObjective(Section& section, const std::string& key) {
  const double percent = section.Double(key, 0);
  if (section.Has(key)) {
    CheckObjective(section, key, percent);
  } else {
    section.Error(key, key + " must be set", "a percentage, as in 99.9");
  }
  return percent;
}

labels::LabelSet ReadFixedLabels(Section& section, const std::string& key) {
  for (const Pair& pair : section.impl().Pairs(key)) {
    const std::string name = key + "." + pair.name;
    if (pair.text.empty()) {
      section.impl().source.Error(pair.mark, name + " must not be empty");
    } else if (pair.text.find("{{") != std::string::npos) {
      section.impl().source.Error(pair.mark,
                                  name + ": templates are not supported in labels of SLOs",
                                  "write a fixed text");
    }
  }
  return ReadLabels(section, key);
}

labels::LabelSet ReadAnnotations(Section& section, const std::string& key) {
  for (const Pair& pair : section.impl().Pairs(key)) {
    const std::string name = key + "." + pair.name;
    const auto parsed = templates::Template::Parse(pair.text);
    if (pair.text.empty()) {
      section.impl().source.Error(pair.mark, name + " must not be empty");
    } else if (!parsed) {
      section.impl().source.Error(pair.mark, name + ": " + parsed.error().message);
    }
  }
  return ReadLabels(section, key);
}

labels::LabelSet Over(const labels::LabelSet& base, const labels::LabelSet& top) {
  labels::LabelSet::Pairs pairs = base.pairs();
  for (auto& pair : top.pairs()) pairs.push_back(std::move(pair));  // The last wins.
  return labels::LabelSet(std::move(pairs));
}

Metadata ReadMetadata(Section& root, bool is_strict) {
  Metadata metadata;
  std::optional<Section> section = root.Child("metadata");
  if (!section) {
    if (!root.Has("metadata")) root.Error("metadata", "metadata must be set");
    return metadata;
  }
  metadata.name = section->String("name");
  if (metadata.name.empty()) section->Error("name", "metadata.name must be set");
  if (!is_strict) metadata.space = section->String("namespace");
  metadata.annotations = section->impl().Pairs("annotations");
  const YamlNode* labels = section->impl().FindKind("labels", YamlNode::Kind::kMap);
  for (size_t i = 0; labels != nullptr && i < labels->keys.size(); ++i) {
    const YamlNode& value = labels->items[i];
    std::vector<std::string> texts;
    if (value.kind == YamlNode::Kind::kScalar) texts.push_back(value.text);
    for (const YamlNode& item : value.items) texts.push_back(item.text);
    metadata.labels.push_back({labels->keys[i].text, Join(texts, ","), labels->keys[i].mark});
  }
  if (is_strict) {
    section->String("displayName");
    section->Finish();
  }
  return metadata;  // Otherwise the rest names the object for Kubernetes, nothing to us.
}

labels::LabelSet Prefixed(const std::vector<Pair>& pairs, std::string_view prefix,
                          const Source& source) {
  labels::LabelSet::Pairs found;
  for (const Pair& pair : pairs) {
    if (!pair.name.starts_with(prefix) || pair.name.size() == prefix.size() || pair.text.empty()) {
      continue;
    }
    if (pair.text.find("{{") != std::string::npos) {
      source.Error(pair.mark, pair.name + ": templates are not supported here",
                   "write a fixed text");
      continue;
    }
    found.emplace_back(LabelName(std::string_view(pair.name).substr(prefix.size())), pair.text);
  }
  return labels::LabelSet(std::move(found));
}

Text OwnAnnotation(const Metadata& metadata, std::string_view what) {
  for (const Pair& pair : metadata.annotations) {
    if (pair.name == "watchfire/" + std::string(what)) return {pair.text, pair.mark};
  }
  return {};
}

std::string LabelName(std::string_view text) {
  std::string name;
  for (const char c : text) name += IsAlnum(c) ? c : '_';
  if (name.empty() || (name[0] >= '0' && name[0] <= '9')) name.insert(0, 1, '_');
  return name;
}

AlertSlot SlotOf(Slo* slo, const std::string& severity) {
  if (severity == "page" || severity == "critical") return {slo->page, slo->page_windows};
  if (severity == "ticket" || severity == "warning") return {slo->ticket, slo->ticket_windows};
  const auto found = std::ranges::find(slo->severities, severity, &SloSeverity::name);
  if (found != slo->severities.end()) return {found->alert, found->windows};
  SloSeverity& added = slo->severities.emplace_back();
  added.name = severity;
  return {added.alert, added.windows};
}

Rule AbsentRule(const Slo& slo, const std::string& alert, const std::string& expr,
                const std::string& severity, Duration hold) {
  Rule rule;
  rule.alert = alert;
  rule.expr = "absent(" + expr + ")";
  rule.hold = hold;
  rule.labels = Over({{"slo", slo.name}, {"service", slo.service}}, slo.labels);
  rule.labels = Over(rule.labels, {{"severity", severity}});
  rule.annotations = labels::LabelSet{
      {"summary", slo.service + " " + slo.name + ": there is no data to tell its SLO by"}};
  for (const auto& [set, texts] : {std::pair(&rule.labels, &rule.label_templates),
                                   std::pair(&rule.annotations, &rule.annotation_templates)}) {
    for (const labels::Label& label : *set) {
      auto parsed = templates::Template::Parse(label.value);
      if (parsed) texts->emplace_back(label.name, *std::move(parsed));
    }
  }
  return rule;
}

}  // namespace watchfire::config
