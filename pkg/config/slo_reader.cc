// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/config/slo_reader.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "pkg/base/strings.h"
#include "pkg/templates/template.h"

namespace watchfire::config {
namespace {

// OpenSLO's labels, which may have several values: these are joined.
std::vector<Pair> LabelsOf(Section& metadata) {
  std::vector<Pair> pairs;
  const YamlNode* labels = metadata.impl().FindKind("labels", YamlNode::Kind::kMap);
  for (size_t i = 0; labels != nullptr && i < labels->keys.size(); ++i) {
    const YamlNode& value = labels->items[i];
    const Key& key = labels->keys[i];
    const bool is_list = value.kind == YamlNode::Kind::kList;
    const auto is_text = [](const YamlNode& node) {
      return node.kind == YamlNode::Kind::kScalar || node.kind == YamlNode::Kind::kNull;
    };
    if (!is_list ? !is_text(value) : !std::ranges::all_of(value.items, is_text)) {
      metadata.impl().source.Error(key.mark,
                                   "labels." + key.text + " must be a text or a list of texts");
      continue;
    }
    std::vector<std::string> texts;
    if (!is_list) texts.push_back(value.text);
    for (const YamlNode& item : value.items) texts.push_back(item.text);
    pairs.push_back({key.text, Join(texts, ","), key.mark});
  }
  return pairs;
}

bool IsAlnum(char c) { return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z'); }

}  // namespace

bool IsSloName(const std::string& text, size_t least) {
  return text.size() >= std::max<size_t>(least, 1) && IsAlnum(text.front()) &&
         IsAlnum(text.back()) && std::ranges::all_of(text, [](char c) {
           return IsAlnum(c) || c == '-' || c == '_' || c == '.';
         });
}

std::string ReadSloName(Section& section, const std::string& key, size_t least) {
  std::string name = section.String(key);
  if (name.empty()) {
    section.Error(key, key + " must be set");
  } else if (!IsSloName(name, least)) {
    section.Error(key, "invalid " + key + " " + GoQuote(name),
                  "letters, digits, - _ and . between a letter or digit at each end");
  }
  return name;
}

void CheckObjective(Section& section, const std::string& key, double percent) {
  if (percent > 0 && percent < 100) return;
  section.Error(key, key + " must be between 0 and 100, both excluded", "a percentage, as in 99.9");
}

std::optional<double> ReadNumber(Section& section, const std::string& key) {
  // No text is read as NaN.
  const double number = section.Double(key, std::numeric_limits<double>::quiet_NaN());
  return std::isnan(number) ? std::nullopt : std::optional(number);
}

std::optional<Duration> ReadDuration(Section& section, const std::string& key) {
  // No text is read as less than none.
  const Duration duration = section.PromDuration(key, Duration(-1));
  return duration < Duration::zero() ? std::nullopt : std::optional(duration);
}

double ReadObjective(Section& section, const std::string& key) {
  const std::optional<double> percent = ReadNumber(section, key);
  if (percent) {
    CheckObjective(section, key, *percent);
  } else if (!section.Has(key)) {
    section.Error(key, key + " must be set", "a percentage, as in 99.9");
  }
  return percent.value_or(0);
}

double ReadShare(Section& section, const std::string& key, const std::string& hint) {
  const std::optional<double> share = ReadNumber(section, key);
  if (share ? *share <= 0 || *share >= 1 : !section.Has(key)) {
    section.Error(key, key + " must be between 0 and 1, both excluded", hint);
  }
  return share.value_or(0);
}

Duration ReadPeriod(Section& section, const std::string& key, const std::string& hint) {
  const std::optional<Duration> period = ReadDuration(section, key);
  if (period ? *period == Duration::zero() : !section.Has(key)) {
    section.Error(key, key + " must be above 0", hint);
  }
  return period.value_or(Duration::zero());
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

void CheckAnnotation(const Source& source, Mark mark, const std::string& name,
                     const std::string& text) {
  const auto parsed = templates::Template::Parse(text);
  if (!parsed) {
    source.Error(mark, name + ": " + parsed.error().message);
  } else if (parsed->may_query()) {
    source.Warn(mark, name + ": query does not work in annotations of SLOs",
                "ask for it in a rule of its own");
  }
}

bool TakesAnnotation(const Source& source, Mark mark, const std::string& name,
                     const std::string& text) {
  if (const auto parsed = templates::Template::Parse(text); !parsed) {
    source.Warn(mark, name + " is left out, for it is no template: " + parsed.error().message);
    return false;
  }
  CheckAnnotation(source, mark, name, text);
  return true;
}

labels::LabelSet ReadAnnotations(Section& section, const std::string& key) {
  for (const Pair& pair : section.impl().Pairs(key)) {
    const std::string name = key + "." + pair.name;
    if (pair.text.empty()) {
      section.impl().source.Error(pair.mark, name + " must not be empty");
    } else {
      CheckAnnotation(section.impl().source, pair.mark, name, pair.text);
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
  metadata.labels = is_strict ? LabelsOf(*section) : section->impl().Pairs("labels");
  if (is_strict) {
    section->String("displayName");
    section->Finish();
  }
  return metadata;  // Otherwise the rest names the object for Kubernetes, nothing to us.
}

labels::LabelSet Prefixed(const std::vector<Pair>& pairs, std::string_view prefix, PairKind kind,
                          const Source& source) {
  labels::LabelSet::Pairs found;
  for (const Pair& pair : pairs) {
    if (!pair.name.starts_with(prefix) || pair.name.size() == prefix.size() || pair.text.empty()) {
      continue;
    }
    if (kind == PairKind::kAnnotations) {
      CheckAnnotation(source, pair.mark, pair.name, pair.text);
    } else if (pair.text.find("{{") != std::string::npos) {
      source.Error(pair.mark, pair.name + ": templates are not supported in labels of SLOs",
                   "write a fixed text");
      continue;
    }
    found.emplace_back(LabelName(std::string_view(pair.name).substr(prefix.size())), pair.text);
  }
  return labels::LabelSet(std::move(found));
}

void ReadOwnAnnotations(const Metadata& metadata, SloBatch::Item* item) {
  const std::map<std::string_view, Text*> places = {
      {"watchfire/windows", &item->windows},
      {"watchfire/alert_labels", &item->alert_labels},
      {"watchfire/policy", &item->policy},
      {"watchfire/mode", &item->mode},
      {"watchfire/min_total", &item->min_total},
      {"watchfire/min_bad", &item->min_bad},
      {"watchfire/no_data", &item->no_data},
      {"watchfire/no_data_for", &item->no_data_for},
      {"watchfire/scrape_interval", &item->scrape_interval}};
  for (const Pair& pair : metadata.annotations) {
    const auto place = places.find(pair.name);
    if (place != places.end()) *place->second = {pair.text, pair.mark};
    if (pair.name != "watchfire/exclude") continue;
    for (const std::string_view name : Split(pair.text, ',')) {
      item->excluded.push_back({std::string(Trim(name)), pair.mark});
    }
  }
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

AlertSlot SlotFor(Slo* slo, const std::string& severity, const SloAlert& alert,
                  const std::vector<std::string>& names) {
  const auto fits = [&](const AlertSlot& slot) {
    return slot.windows.empty() ||
           (slot.alert.labels == alert.labels && slot.alert.hold == alert.hold);
  };
  const auto take = [&](const AlertSlot& slot) {
    slot.alert.labels = alert.labels;
    slot.alert.hold = alert.hold;
    return slot;
  };
  const AlertSlot usual = SlotOf(slo, severity);
  if (fits(usual)) return take(usual);
  for (size_t i = 0;; ++i) {
    const std::string name =
        i < names.size() ? names[i] : severity + "-" + std::to_string(i - names.size() + 2);
    if (name.empty() || name == "page" || name == "ticket") continue;
    const auto found = std::ranges::find(slo->severities, name, &SloSeverity::name);
    const bool is_new = found == slo->severities.end();
    SloSeverity& named = is_new ? slo->severities.emplace_back() : *found;
    named.name = name;
    const AlertSlot slot{named.alert, named.windows};
    if (fits(slot)) return take(slot);
  }
}

Rule AbsentRule(const Slo& slo, const std::string& alert, const std::string& absence,
                const SloAlert& terms) {
  Rule rule;
  rule.alert = alert;
  rule.expr = absence;
  rule.hold = terms.hold;
  rule.labels = Over({{"slo", slo.name},
                      {"service", slo.service},
                      {"sloth_id", slo.id},
                      {"sloth_service", slo.service},
                      {"sloth_slo", slo.name}},
                     slo.labels);
  rule.labels = Over(rule.labels, terms.labels);
  rule.annotations =
      Over({{"summary", slo.service + " " + slo.name + ": there is no data to tell its SLO by"}},
           terms.annotations);
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
