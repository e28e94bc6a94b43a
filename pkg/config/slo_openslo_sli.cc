// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// OpenSLO's SLIs: queries that know no window become ratios over one.

#include <algorithm>
#include <utility>

#include "pkg/base/strings.h"
#include "pkg/config/slo_openslo.h"
#include "pkg/promql/print.h"
#include "pkg/promql/walk.h"

namespace watchfire::config::openslo {
namespace {

// How often what is no counter is looked at.
constexpr const char* kStep = ":1m]";

// The query over {{.window}}: of counters their increase, of others `function` of their samples.
// `*text` is left alone after reporting why there is none.
bool OverTheWindow(Section& at, const std::string& key, WindowQuery query, bool is_counter,
                   const std::string& function, std::string* text) {
  if (query.windows > 0) {
    *text = query.text;
    return true;
  }
  if (!query.expr) {
    at.Error(key, key + ": it is not clear where its window is", "write {{.window}} there");
    return false;
  }
  const std::optional<Duration> range = OnlyRange(*query.expr);
  if (!range) {
    at.Error(key, key + " has several ranges: which of them is the window?",
             "write {{.window}} there");
    return false;
  }
  if (*range != Duration::zero()) {
    promql::ReplaceRanges(&*query.expr, *range, kWindowRange);
    *text = PrintQuery(*query.expr);
  } else if (is_counter) {
    OverWindow(&query.expr);
    *text = PrintQuery(*query.expr);
  } else if (query.expr->As<promql::VectorSelector>() != nullptr) {
    *text = function + "(" + query.text + "[{{.window}}])";
    if (function == "sum_over_time") *text = "sum(" + *text + ")";
  } else {
    *text = function + "((" + query.text + ")[{{.window}}" + kStep + ")";
  }
  return true;
}

constexpr const char* kKnownTypes = "Prometheus, Thanos, Mimir, Cortex and VictoriaMetrics are";

std::string Unsupported(const std::string& type) {
  return "metric sources of type " + GoQuote(type) + " are not supported";
}

// What gives data whenever `query`, asked over five minutes, does.
std::string Present(const std::string& query) { return AtWindow(query, std::chrono::minutes(5)); }

}  // namespace

std::string Sli::ErrorRatio(const std::string& condition) const {
  if (!ratio.empty()) return ratio;
  if (threshold.empty()) return Quotient(bad, total);
  // `>= -Inf` drops NaN, which would count as missing the threshold.
  return "1 - avg_over_time((((" + threshold + ") >= -Inf) " + condition + ")[{{.window}}" + kStep +
         ")";
}

bool Resources::IsKnownType(const std::string& type) {
  static constexpr const char* kKnown[] = {"prometheus", "thanos", "mimir", "cortex",
                                           "victoriametrics"};
  const std::string lower = ToLower(type);
  return std::ranges::any_of(kKnown, [&](const char* known) { return lower == known; });
}

void Resources::CheckType(Section& source, const std::string& key, const std::string& type) {
  if (!IsKnownType(type)) source.Error(key, Unsupported(type), kKnownTypes);
}

std::optional<WindowQuery> Resources::ReadMetric(Section& parent, const std::string& key) {
  std::optional<Section> metric = parent.Child(key);
  if (!metric) {
    parent.Error(key, key + " must be set");
    return std::nullopt;
  }
  std::optional<WindowQuery> query;
  if (auto source = metric->Child("metricSource")) {
    const std::string ref = source->String("metricSourceRef");
    const std::string type = source->String("type");
    const auto named = sources_.find(ref);
    if (named != sources_.end()) {
      if (type.empty()) CheckType(*source, "metricSourceRef", named->second);
    } else if (!ref.empty() && type.empty()) {
      source->Error("metricSourceRef", "there is no DataSource " + GoQuote(ref));
    } else if (!ref.empty()) {
      source->Warn("metricSourceRef", "there is no DataSource " + GoQuote(ref),
                   "SLOs are asked of the first of `datasources`");
    }
    if (!type.empty()) CheckType(*source, "type", type);
    if (ref.empty() && type.empty()) {
      source->Error("type", "type must be set where there is no metricSourceRef",
                    "as in type: Prometheus");
    }
    if (auto spec = source->Child("spec")) {
      const bool is_promql = spec->Has("promql") && !spec->Has("query");
      query = ReadQuery(*spec, is_promql ? "promql" : "query",
                        {batch_->speaks_metricsql, /*dollar=*/true, false});
      spec->FinishLeniently();  // OpenSLO leaves to each source what may stand there.
    } else if (!source->Has("spec")) {
      source->Error("spec", "spec must be set", "as in spec: {query: …}");
    }
    source->Finish();
  } else if (!metric->Has("metricSource")) {
    metric->Error("metricSource", "metricSource must be set");
  }
  metric->Finish();
  return query;
}

std::string Resources::Counted(Section& ratio, const std::string& key, bool is_counter) {
  std::string text;
  std::optional<WindowQuery> query = ReadMetric(ratio, key);
  if (query) OverTheWindow(ratio, key, *std::move(query), is_counter, "sum_over_time", &text);
  return text;
}

std::optional<Sli> Resources::ReadRatio(Section& ratio) {
  Sli sli;
  const bool is_counter = ratio.Bool("counter", false);
  const bool has_raw = ratio.Has("raw");
  if (has_raw) {
    const std::string type = ratio.String("rawType");
    if (type != "success" && type != "failure") {
      ratio.Error("rawType", "rawType must be success or failure");
    }
    std::optional<WindowQuery> query = ReadMetric(ratio, "raw");
    std::string text;
    if (query && OverTheWindow(ratio, "raw", *query, false, "avg_over_time", &text)) {
      sli.ratio = type == "success" ? "1 - (" + text + ")" : text;
      sli.presence = Present(query->text);
    }
    for (const char* key : {"good", "bad", "total"}) {
      if (ratio.Has(key)) ratio.Error(key, std::string(key) + " and raw exclude each other");
    }
  } else {
    if (ratio.Has("good") == ratio.Has("bad")) {
      ratio.Error(ratio.Has("bad") ? "bad" : "", "exactly one of good and bad must be set",
                  "or raw with rawType");
    }
    sli.total = Counted(ratio, "total", is_counter);
    const std::string good = ratio.Has("good") ? Counted(ratio, "good", is_counter) : "";
    const std::string bad = ratio.Has("bad") ? Counted(ratio, "bad", is_counter) : "";
    if (!good.empty() && good == sli.total) {
      ratio.Error("good", "good and total are the same query");
    }
    if (!bad.empty() && bad == sli.total) ratio.Error("bad", "bad and total are the same query");
    if (!sli.total.empty() && !good.empty()) sli.bad = Remainder(sli.total, good);
    if (!sli.total.empty() && !bad.empty()) sli.bad = OrNone(bad, sli.total);
    sli.presence = Present(sli.total);
    if (ratio.Has("rawType")) ratio.Error("rawType", "rawType goes with raw only");
  }
  ratio.Finish();
  if (sli.ratio.empty() && sli.bad.empty()) return std::nullopt;
  return sli;
}

std::optional<Sli> Resources::ReadSliSpec(Section& spec) {
  spec.String("description");
  std::optional<Section> ratio = spec.Child("ratioMetric");
  const bool has_threshold = spec.Has("thresholdMetric");
  if (ratio.has_value() == has_threshold) {
    spec.Error("", "exactly one of ratioMetric and thresholdMetric must be set");
  }
  std::optional<Sli> sli;
  if (has_threshold) {
    const std::optional<WindowQuery> query = ReadMetric(spec, "thresholdMetric");
    if (query && query->windows > 0) {
      spec.Error("thresholdMetric", "the samples of a thresholdMetric have no window",
                 "write a fixed range, as in rate(requests_total[5m])");
    } else if (query) {
      if (query->expr && promql::TypeOf(*query->expr) == promql::ValueType::kScalar) {
        spec.Error("thresholdMetric", "a thresholdMetric must give an instant vector");
      }
      sli.emplace();
      sli->threshold = sli->presence = query->text;
    }
  } else if (ratio) {
    sli = ReadRatio(*ratio);
  }
  spec.Finish();
  return sli;
}

std::optional<Sli> Resources::ReadSli(Section& parent) {
  const std::string ref = parent.String("indicatorRef");
  std::optional<Section> indicator = parent.Child("indicator");
  if (indicator.has_value() == !ref.empty()) {
    parent.Error(indicator ? "indicatorRef" : "",
                 "exactly one of indicator and indicatorRef must be set");
  }
  if (indicator) {
    std::optional<Sli> sli;
    for (const char* key : {"apiVersion", "kind"}) indicator->String(key);
    if (indicator->Has("metadata")) ReadMetadata(*indicator, true);
    if (auto spec = indicator->Child("spec")) {
      sli = ReadSliSpec(*spec);
    } else if (!indicator->Has("spec")) {
      indicator->Error("spec", "spec must be set");
    }
    indicator->Finish();
    return sli;
  }
  if (ref.empty()) return std::nullopt;
  const auto found = slis_.find(ref);
  if (found != slis_.end()) return found->second;
  if (const auto foreign = foreign_.find(ref); foreign != foreign_.end()) {
    parent.Error("indicatorRef", Unsupported(foreign->second), kKnownTypes);
    return std::nullopt;
  }
  std::vector<std::string> known;
  for (const auto& [name, sli] : slis_) known.push_back(name);
  const std::string nearest = Nearest(ref, known);
  parent.Error("indicatorRef", "there is no SLI " + GoQuote(ref),
               nearest.empty() ? "" : "did you mean " + GoQuote(nearest) + "?");
  return std::nullopt;
}

// Of an SLI's spec the type of its first metric source that is not supported; empty if all are.
std::string Resources::ForeignType(const YamlNode& spec) const {
  const auto at = [](const YamlNode* node, const char* key) {
    return node == nullptr || node->kind != YamlNode::Kind::kMap ? nullptr : node->Find(key);
  };
  std::vector<const YamlNode*> metrics = {at(&spec, "thresholdMetric")};
  for (const char* key : {"good", "bad", "total", "raw"}) {
    metrics.push_back(at(at(&spec, "ratioMetric"), key));
  }
  for (const YamlNode* metric : metrics) {
    const YamlNode* source = at(metric, "metricSource");
    const YamlNode* type = at(source, "type");
    const YamlNode* ref = at(source, "metricSourceRef");
    std::string name = type == nullptr ? "" : type->text;
    const auto named = ref == nullptr ? sources_.end() : sources_.find(ref->text);
    if (name.empty() && named != sources_.end()) name = named->second;
    if (!name.empty() && !IsKnownType(name)) return name;
  }
  return "";
}

// Files have SLIs and sources of other systems, too: they are wrong for the SLOs that need them.
bool Resources::IsForeign(Section& root, const std::string& name) {
  const YamlNode* spec = root.impl().Find("spec");
  const std::string type =
      spec == nullptr || spec->kind != YamlNode::Kind::kMap ? "" : ForeignType(*spec);
  if (type.empty()) return false;
  root.Warn("spec", Unsupported(type) + ": no SLO can have this SLI", kKnownTypes);
  foreign_.emplace(name, type);
  return true;
}

void Resources::Read(const std::string& kind, Section& root) {
  for (const char* key : {"apiVersion", "kind"}) root.String(key);
  const std::string name = ReadMetadata(root, true).name;
  std::optional<Section> spec = root.Child("spec");
  if (!spec && !root.Has("spec") && kind != "Service") root.Error("spec", "spec must be set");
  root.Finish();
  const auto keep = [&](auto* map, auto value) {
    if (!map->emplace(name, std::move(value)).second && !name.empty()) {
      root.Error("metadata", kind + " " + GoQuote(name) + " is not unique");
    }
  };
  if (kind == "SLI") {
    if (IsForeign(root, name)) return;
    keep(&slis_, spec ? ReadSliSpec(*spec) : std::nullopt);
  } else if (kind == "AlertCondition") {
    keep(&conditions_, spec ? ReadConditionSpec(*spec, name) : std::nullopt);
  } else if (kind == "AlertPolicy") {
    keep(&policies_, spec ? ReadPolicySpec(*spec, name) : std::nullopt);
  } else {
    std::string value;
    if (spec) {
      spec->String("description");
      if (kind == "DataSource") {
        value = spec->String("type");
        const bool is_known = IsKnownType(value);
        if (value.empty()) {
          spec->Error("type", "type must be set", "as in type: Prometheus");
        } else if (!is_known) {
          spec->Warn("type", Unsupported(value) + ": no SLO can be asked of it", kKnownTypes);
        }
        spec->Value("connectionDetails");
        if (spec->Has("connectionDetails") && is_known) {
          spec->Warn("connectionDetails", "connectionDetails have no effect",
                     "SLOs are asked of the first of `datasources`");
        }
      } else if (kind == "AlertNotificationTarget") {
        value = spec->String("target");
        if (value.empty()) spec->Error("target", "target must be set");
      }
      spec->Finish();
    }
    keep(kind == "DataSource" ? &sources_ : kind == "Service" ? &services_ : &targets_, value);
  }
}

}  // namespace watchfire::config::openslo
