// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// SLO files: Sloth's prometheus/v1 and AlertWindows documents (reference slo-and-rules §2.1, §2.2).

#include <algorithm>
#include <utility>

#include "pkg/base/strings.h"
#include "pkg/config/expression.h"
#include "pkg/config/loader.h"

namespace watchfire::config {
namespace {

constexpr const char* kVersion = "prometheus/v1";
constexpr const char* kApiVersion = "sloth.slok.dev/v1";
constexpr std::string_view kWindow = "{{.window}}";

// ^[A-Za-z0-9][-A-Za-z0-9_.]*[A-Za-z0-9]$
bool IsName(const std::string& text) {
  const auto is_alnum = [](char c) {
    return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
  };
  return text.size() >= 2 && is_alnum(text.front()) && is_alnum(text.back()) &&
         std::ranges::all_of(
             text, [&](char c) { return is_alnum(c) || c == '-' || c == '_' || c == '.'; });
}

std::string ReadName(Section& section, const std::string& key) {
  std::string name = section.String(key);
  if (name.empty()) {
    section.Error(key, key + " must be set");
  } else if (!IsName(name)) {
    section.Error(key, "invalid " + key + " " + GoQuote(name),
                  "letters, digits, - _ and . between a letter or digit at each end");
  }
  return name;
}

// Labels or annotations: no empty values, and no templates, which would reach people as they stand.
labels::LabelSet ReadStatic(Section& section, const std::string& key) {
  for (const Pair& pair : section.impl().Pairs(key)) {
    const std::string name = key + "." + pair.name;
    if (pair.text.empty()) {
      section.impl().source.Error(pair.mark, name + " must not be empty");
    } else if (pair.text.find("{{") != std::string::npos) {
      section.impl().source.Error(
          pair.mark, name + ": templates are not supported in SLO files yet", "write a fixed text");
    }
  }
  return ReadLabels(section, key);
}

labels::LabelSet Over(const labels::LabelSet& base, const labels::LabelSet& top) {
  labels::LabelSet::Pairs pairs = base.pairs();
  for (auto& pair : top.pairs()) pairs.push_back(std::move(pair));  // The last wins.
  return labels::LabelSet(std::move(pairs));
}

// A query with every {{ .window }} written as {{.window}}, and the same for one window, to check.
struct Query {
  std::string text;
  Expression sample;
  size_t windows = 0;
};

// Returns false, having reported it, if it has another template.
bool SplitQuery(Section& section, const std::string& key, const std::string& text, Query* query) {
  constexpr std::string_view kSampleWindow = "5m";
  const auto add = [&](std::string_view text_part, std::string_view sample_part, size_t from) {
    query->sample.parts.push_back({query->sample.text.size(), from});
    query->text += text_part;
    query->sample.text += sample_part;
  };
  for (size_t from = 0; from < text.size();) {
    const size_t open = text.find("{{", from);
    const std::string_view plain = std::string_view(text).substr(from, open - from);
    add(plain, plain, from);
    if (open == std::string::npos) break;
    const size_t close = text.find("}}", open);
    const std::string_view inside = std::string_view(text).substr(
        open + 2, close == std::string::npos ? close : close - open - 2);
    if (close == std::string::npos || Trim(inside) != ".window") {
      section.Error(key, key + ": {{" + std::string(inside) + "}} is not supported",
                    "the only template of a query is {{.window}}");
      return false;
    }
    add(kWindow, kSampleWindow, open);
    ++query->windows;
    from = close + 2;
  }
  add("", "", text.size());
  return true;
}

std::string ReadQuery(Section& section, const std::string& key, bool speaks_metricsql) {
  std::string text = section.String(key);
  if (!section.Has(key)) {
    section.Error(key, key + " must be set");
    return text;
  }
  Query query;
  if (!SplitQuery(section, key, text, &query)) return text;
  if (query.windows == 0) {
    section.Error(key, key + " must contain {{.window}}", "as in rate(errors_total[{{.window}}])");
  }
  const auto type = CheckExpression(section, key, query.sample, speaks_metricsql);
  if (type && !HasSamples(*type)) {
    section.Error(key, key + ": gives a " + std::string(promql::TypeName(*type)),
                  "a query of an SLO gives an instant vector or a scalar");
  }
  return query.text;
}

void ReadSli(Section& section, Slo* slo, bool speaks_metricsql) {
  std::optional<Section> events = section.Child("events");
  std::optional<Section> raw = section.Child("raw");
  section.Refuse("plugin");
  if (events) {
    slo->error_query = ReadQuery(*events, "error_query", speaks_metricsql);
    slo->total_query = ReadQuery(*events, "total_query", speaks_metricsql);
    if (!slo->error_query.empty() && slo->error_query == slo->total_query) {
      events->Error("error_query", "error_query and total_query must differ");
    }
    events->Finish();
  }
  if (raw) {
    slo->error_ratio_query = ReadQuery(*raw, "error_ratio_query", speaks_metricsql);
    raw->Finish();
  }
  if (events.has_value() == raw.has_value() && !section.Has("plugin")) {
    section.Error("", "exactly one of events and raw must be set in sli");
  }
  section.Finish();
}

SloAlert ReadAlert(Section& alerting, const std::string& key, const SloAlert& common) {
  SloAlert alert = common;
  std::optional<Section> section = alerting.Child(key);
  if (!section) return alert;
  alert.disabled = section->Bool("disable", false);
  alert.labels = Over(common.labels, ReadStatic(*section, "labels"));
  alert.annotations = Over(common.annotations, ReadStatic(*section, "annotations"));
  section->Finish();
  return alert;
}

void ReadAlerting(Section& section, Slo* slo) {
  slo->alert_name = section.String("name");
  SloAlert common;
  common.labels = ReadStatic(section, "labels");
  common.annotations = ReadStatic(section, "annotations");
  slo->page = ReadAlert(section, "page_alert", common);
  slo->ticket = ReadAlert(section, "ticket_alert", common);
  section.Finish();
}

SloBatch::Item ReadSlo(Section& section, const Slo& common, bool speaks_metricsql) {
  SloBatch::Item item;
  item.slo = common;
  item.source = &section.impl().source;
  item.id = section.impl().At("name");
  item.objective = section.impl().At("objective");
  Slo& slo = item.slo;
  slo.name = ReadName(section, "name");
  slo.id = slo.service + "-" + slo.name;
  section.String("description");
  slo.objective = section.Double("objective", 0);
  if (!section.Has("objective")) {
    section.Error("objective", "objective must be set", "a percentage, as in 99.9");
  } else if (slo.objective <= 0 || slo.objective >= 100) {
    section.Error("objective", "objective must be between 0 and 100, both excluded",
                  "a percentage, as in 99.9");
  }
  slo.labels = Over(common.labels, ReadStatic(section, "labels"));
  section.Refuse("plugins");
  if (auto sli = section.Child("sli")) {
    ReadSli(*sli, &slo, speaks_metricsql);
  } else if (!section.Has("sli")) {
    section.Error("sli", "sli must be set");
  }
  if (auto alerting = section.Child("alerting")) ReadAlerting(*alerting, &slo);
  if (slo.alert_name.empty() && !(slo.page.disabled && slo.ticket.disabled)) {
    section.Error("alerting", "alerting.name must be set",
                  "or disable both page_alert and ticket_alert");
  }
  section.Finish();
  return item;
}

void ReadSloth(Section& root, SloBatch* batch) {
  const std::string version = root.String("version");
  if (version != kVersion) {
    root.Error("version", "unknown version " + GoQuote(version), "prometheus/v1 is supported");
  }
  Slo common;
  common.service = ReadName(root, "service");
  common.labels = ReadStatic(root, "labels");
  root.Refuse("slo_plugins");
  const YamlNode* slos = root.impl().Find("slos");
  if (slos == nullptr || (slos->kind == YamlNode::Kind::kList && slos->items.empty())) {
    root.Error("slos", "slos must hold at least one SLO");
  }
  for (Section& slo : root.Children("slos")) {
    batch->items.push_back(ReadSlo(slo, common, batch->speaks_metricsql));
    batch->items.back().slo.file = root.impl().source.file;
  }
  root.Finish();
}

SloWindow ReadWindow(Section& parent, const std::string& key, Duration period) {
  SloWindow window;
  std::optional<Section> section = parent.Child(key);
  if (!section) {
    if (!parent.Has(key)) parent.Error(key, key + " must be set");
    return window;
  }
  const double percent = section->Double("errorBudgetPercent", 0);
  window.long_window = section->PromDuration("longWindow", {});
  window.short_window = section->PromDuration("shortWindow", {});
  if (percent <= 0) section->Error("errorBudgetPercent", "errorBudgetPercent must be above 0");
  for (const char* name : {"longWindow", "shortWindow"}) {
    if (!section->Has(name)) section->Error(name, std::string(name) + " must be set");
  }
  if (section->Has("longWindow") && section->Has("shortWindow") &&
      (window.short_window == Duration::zero() || window.short_window >= window.long_window)) {
    section->Error("shortWindow", "shortWindow must be above 0 and shorter than longWindow");
  }
  section->Finish();
  if (window.long_window > Duration::zero()) {
    window.factor = percent * ToSeconds(period) / (100 * ToSeconds(window.long_window));
  }
  return window;
}

std::vector<SloWindow> ReadWindows(Section& spec, const std::string& key, Duration period) {
  std::optional<Section> section = spec.Child(key);
  if (!section) {
    if (!spec.Has(key)) spec.Error(key, key + " must be set");
    return {};
  }
  std::vector<SloWindow> windows = {ReadWindow(*section, "quick", period),
                                    ReadWindow(*section, "slow", period)};
  section->Finish();
  return windows;
}

void ReadAlertWindows(Section& root, SloBatch* batch) {
  if (root.String("apiVersion") != kApiVersion) {
    root.Error("apiVersion", "unknown apiVersion of AlertWindows",
               std::string("use ") + kApiVersion);
  }
  root.Child("metadata");  // Names the object for Kubernetes, nothing to us.
  std::optional<Section> spec = root.Child("spec");
  if (spec) {
    SloBatch::Table table;
    table.source = &root.impl().source;
    table.mark = spec->impl().At("sloPeriod");
    table.period = spec->PromDuration("sloPeriod", {});
    if (table.period == Duration::zero()) spec->Error("sloPeriod", "sloPeriod must be above 0");
    table.page = ReadWindows(*spec, "page", table.period);
    table.ticket = ReadWindows(*spec, "ticket", table.period);
    spec->Finish();
    batch->tables.push_back(std::move(table));
  } else if (!root.Has("spec")) {
    root.Error("spec", "spec must be set");
  }
  root.Finish();
}

}  // namespace

void ReadSloFile(const std::string& text, const Source& source, SloBatch* batch) {
  const std::optional<std::vector<YamlNode>> documents = ParseYaml(text, source);
  if (!documents) return;
  for (const YamlNode& document : *documents) {
    if (document.kind == YamlNode::Kind::kNull) continue;
    std::optional<Section> root =
        MakeSection(document, document.mark, source, nullptr, "a document");
    if (!root) continue;
    const std::string kind = root->String("kind");
    if (kind == "AlertWindows") {
      ReadAlertWindows(*root, batch);
    } else if (kind.empty() && !root->Has("apiVersion")) {
      ReadSloth(*root, batch);
    } else {
      root->Error("kind", "kind " + GoQuote(kind) + " is not supported yet",
                  "supported: version: prometheus/v1, and kind: AlertWindows");
    }
  }
}

}  // namespace watchfire::config
