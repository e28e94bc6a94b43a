// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Pyrra's ServiceLevelObjective (reference slo-and-rules §2.4): its indicators become error ratios
// as Pyrra's own rules have them (§3.2).

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "pkg/base/strings.h"
#include "pkg/config/scalar.h"
#include "pkg/config/slo_query.h"
#include "pkg/config/slo_reader.h"
#include "pkg/promql/print.h"

namespace watchfire::config {
namespace {

constexpr std::string_view kPrefix = "pyrra.dev/";
constexpr std::array<const char*, 4> kRows = {"fastBurn", "mediumBurn", "slowBurn", "longTermBurn"};
constexpr std::array<const char*, 4> kIndicators = {"ratio", "latency", "latencyNative",
                                                    "bool_gauge"};

using Selector = promql::VectorSelector;

// Prometheus 3 writes le="1" as le="1.0"; both are meant.
void AcceptBothForms(Selector* selector) {
  for (promql::LabelMatcher& matcher : selector->matchers) {
    const bool is_whole = !matcher.value.empty() && std::ranges::all_of(matcher.value, [](char c) {
      return c >= '0' && c <= '9';
    });
    if (matcher.name != "le" || matcher.op != promql::MatchOp::kEqual || !is_whole) continue;
    matcher.op = promql::MatchOp::kRegex;
    matcher.value += "(\\.0)?";
  }
}

// sum by (grouping) (function(selector[{{.window}}]))
std::string SumOf(std::string_view function, const Selector& selector,
                  const std::vector<std::string>& grouping) {
  promql::MatrixSelector matrix;
  matrix.selector = selector;
  AcceptBothForms(&matrix.selector);
  matrix.range.value = kWindowRange;
  promql::Call call;
  call.function = promql::FindFunction(function);
  call.args.emplace_back(promql::Expr{std::move(matrix), {}});
  promql::Aggregate sum;
  sum.op = promql::AggregateOp::kSum;
  sum.expr = promql::Expr{std::move(call), {}};
  sum.grouping = grouping;
  return PrintQuery(promql::Expr{std::move(sum), {}});
}

struct Reader {
  Section& indicator;
  SloBatch::Item* item;
  std::vector<std::string> grouping = {};
  std::optional<Selector> total = {};  // What there must be for the SLO to say anything.
  std::optional<Selector> named = {};  // Whose labels are the SLO's; the total's if none.

  std::optional<Selector> Metric(Section& parent, const std::string& key) {
    std::optional<Section> section = parent.Child(key);
    if (!section) {
      if (!parent.Has(key)) parent.Error(key, key + " must be set");
      return std::nullopt;
    }
    std::optional<Selector> selector = ReadSelector(*section, "metric");
    section->Finish();
    return selector;
  }

  // Two of errors, success and total; the third follows from them.
  void Ratio(Section& section) {
    if (!section.Has("success")) return ErrorsOfTotal(section);
    if (section.Has("errors") == section.Has("total")) {
      section.Error("success", "exactly two of errors, success and total must be set",
                    "the third follows from them");
      for (const char* key : {"errors", "success", "total"}) section.Value(key);
      return;
    }
    const std::optional<Selector> success = Metric(section, "success");
    const std::optional<Selector> other =
        Metric(section, section.Has("total") ? "total" : "errors");
    if (!success || !other) return;
    const std::string good = SumOf("rate", *success, grouping);
    const std::string given = SumOf("rate", *other, grouping);
    if (section.Has("total")) {
      total = other;
      item->slo.total_query = given;
      item->slo.error_query = Remainder(given, good);
    } else {
      // What succeeds is there before the first error is; the labels are of what Pyrra names first.
      total = success;
      named = other;
      item->slo.error_query = OrNone(given, good);
      item->slo.total_query = "(" + OrNone(given, good) + ") + (" + OrNone(good, given) + ")";
    }
  }

  void ErrorsOfTotal(Section& section) {
    const std::optional<Selector> errors = Metric(section, "errors");
    total = Metric(section, "total");
    if (!errors || !total) return;
    item->slo.total_query = SumOf("rate", *total, grouping);
    item->slo.error_query = OrNone(SumOf("rate", *errors, grouping), item->slo.total_query);
  }

  void Latency(Section& section) {
    const std::optional<Selector> success = Metric(section, "success");
    total = Metric(section, "total");
    if (!success || !total) return;
    const bool has_bound = std::ranges::any_of(success->matchers, [](const auto& matcher) {
      return matcher.name == "le" && matcher.op == promql::MatchOp::kEqual &&
             ParseYamlNumber(matcher.value).has_value();
    });
    if (!has_bound) {
      section.Error("success", "success must say which bucket is good",
                    "with a matcher such as le=\"0.5\"");
    }
    item->slo.total_query = SumOf("rate", *total, grouping);
    item->slo.error_query =
        "(" + item->slo.total_query + ") - (" + SumOf("rate", *success, grouping) + ")";
  }

  void LatencyNative(Section& section) {
    total = Metric(section, "total");
    const Duration bound = section.PromDuration("latency", {});
    if (bound == Duration::zero()) {
      section.Error("latency", "latency must be above 0", "as in 500ms");
    }
    if (!total) return;
    item->slo.error_ratio_query = "1 - histogram_fraction(0, " + FormatGoFloat(ToSeconds(bound)) +
                                  ", " + SumOf("rate", *total, grouping) + ")";
  }

  void BoolGauge(Section& section) {
    total = ReadSelector(section, "metric");
    if (!total) return;
    item->slo.total_query = SumOf("count_over_time", *total, grouping);
    item->slo.error_query =
        "(" + item->slo.total_query + ") - (" + SumOf("sum_over_time", *total, grouping) + ")";
  }

  // Pyrra takes the first in its order, whatever stands beside it.
  void Leave(const char* name, const char* first) const {
    if (std::string_view(name) == "latency") return;  // Which is an error beside ratio.
    indicator.Warn(name, std::string(name) + " has no effect beside " + first);
  }

  void Read() {
    const auto first =
        std::ranges::find_if(kIndicators, [this](const char* name) { return indicator.Has(name); });
    if (first == kIndicators.end()) {
      indicator.Error("", "one of ratio, latency, latencyNative and bool_gauge must be set");
      return indicator.Finish();
    }
    if (indicator.Has("ratio") && indicator.Has("latency")) {
      indicator.Error("latency", "ratio and latency cannot both be set");
    }
    constexpr std::array<void (Reader::*)(Section&), 4> kReaders = {
        &Reader::Ratio, &Reader::Latency, &Reader::LatencyNative, &Reader::BoolGauge};
    for (size_t i = 0; i < kIndicators.size(); ++i) {
      std::optional<Section> section = indicator.Child(kIndicators[i]);
      if (!section) continue;
      if (kIndicators[i] != *first) {
        Leave(kIndicators[i], *first);
        continue;
      }
      grouping = section->Strings("grouping");
      (this->*kReaders[i])(*section);
      section->Finish();
    }
    indicator.Finish();
  }
};

// Every label that the selector pins down and that no group has of its own.
labels::LabelSet Pinned(const Selector& selector, const std::vector<std::string>& grouping) {
  labels::LabelSet::Pairs pairs;
  for (const promql::LabelMatcher& matcher : selector.matchers) {
    if (matcher.op != promql::MatchOp::kEqual || matcher.name == "__name__") continue;
    if (std::ranges::count(grouping, matcher.name) > 0 || matcher.value.empty()) continue;
    if (matcher.value.find("{{") != std::string::npos) continue;
    pairs.emplace_back(matcher.name, matcher.value);
  }
  return labels::LabelSet(std::move(pairs));
}

struct Alerting {
  bool burnrates = true;
  bool absent = true;
  std::string name = kBurnAlert;
  std::string absent_name = "SLOMetricAbsent";
  std::string absent_severity = "critical";
  std::array<std::string, 4> severities = {"critical", "critical", "warning", "warning"};
};

// Pyrra takes an empty text for none, and keeps its default.
void ReadText(Section& section, const std::string& key, std::string* text) {
  const std::string given = section.String(key);
  if (!given.empty()) *text = given;
}

Alerting ReadAlerting(Section& spec) {
  Alerting alerting;
  std::optional<Section> section = spec.Child("alerting");
  if (!section) return alerting;
  const bool disabled = section->Bool("disabled", false);
  alerting.burnrates = section->Bool("burnrates", true) && !disabled;
  alerting.absent = section->Bool("absent", true);
  const std::string type = section->String("burnRateType", "static");
  section->OneOf("burnRateType", type, {"static", "dynamic"},
                 "unknown burnRateType " + GoQuote(type));
  if (type == "dynamic") {
    section->Warn("burnRateType",
                  "dynamic burn rates are taken as static ones: the same windows, "
                  "with factors that do not follow the traffic");
  }
  ReadText(*section, "name", &alerting.name);
  ReadText(*section, "absentName", &alerting.absent_name);
  if (auto severities = section->Child("severities")) {
    ReadText(*severities, "absent", &alerting.absent_severity);
    for (size_t i = 0; i < kRows.size(); ++i) {
      ReadText(*severities, kRows[i], &alerting.severities[i]);
    }
    severities->Finish();
  }
  section->Finish();
  return alerting;
}

// Keys that steer how Pyrra writes its rules; there are none here.
void ReadOutputKeys(Section& spec) {
  const std::string strategy = spec.String("partial_response_strategy");
  if (!strategy.empty() && strategy != "abort" && strategy != "warn") {
    spec.Error("partial_response_strategy",
               "unknown partial_response_strategy " + GoQuote(strategy), "warn or abort");
  } else if (strategy == "warn") {
    spec.Warn("partial_response_strategy",
              "a partial answer counts as a failed query all the same");
  }
  if (spec.Bool("performanceOverAccuracy", false)) {
    spec.Warn("performanceOverAccuracy",
              "performanceOverAccuracy has no effect: no rules are written");
  }
  if (spec.Has("latency")) {
    spec.Value("latency");
    spec.Warn("latency", "latency has no effect: that is the indicator's to say");
  }
  if (spec.Has("ruleOutput")) {
    spec.Value("ruleOutput");
    spec.Warn("ruleOutput", "ruleOutput has no effect: no rules are written");
  }
}

double ReadTarget(Section& spec) {
  const std::string text = spec.String("target");
  if (!spec.Has("target")) {
    spec.Error("target", "target must be set", "a percentage, as in \"99.9\"");
    return 0;
  }
  const std::optional<double> target = ParseYamlNumber(text);
  if (!target) {
    spec.Error("target", "target must be a number, found " + GoQuote(text));
    return 0;
  }
  CheckObjective(spec, "target", *target);
  if (*target > 0 && *target < 1) {
    spec.Warn("target", "a target of " + text + " is less than one percent",
              "it is given in percent: 99.9, not 0.999");
  }
  return *target;
}

void ReadAlerts(const Alerting& alerting, SloBatch::Item* item) {
  Slo& slo = item->slo;
  slo.alert_name = alerting.name;
  slo.ticket.annotations = slo.page.annotations;
  const auto with = [](const std::string& severity) {
    return labels::LabelSet{{"severity", severity}};
  };
  // Windows of a table have its severities; what a file calls the worst of each is kept.
  slo.page.labels = with(alerting.severities[0]);
  slo.ticket.labels = with(alerting.severities[2]);
  item->has_own_windows = item->windows.text.empty() || !alerting.burnrates;
  if (!item->has_own_windows) return;
  const std::vector<SloWindow> windows = PyrraWindows(slo.period);
  for (size_t i = 0; i < windows.size() && alerting.burnrates; ++i) {
    SloAlert alert;
    alert.labels = with(alerting.severities[i]);
    const AlertSlot slot = SlotFor(&slo, alerting.severities[i], alert, {alerting.severities[i]});
    slot.alert.annotations = slo.page.annotations;
    slot.windows.push_back(windows[i]);
  }
  slo.page.disabled = slo.page_windows.empty();
  slo.ticket.disabled = slo.ticket_windows.empty();
}

}  // namespace

std::vector<SloWindow> PyrraWindows(Duration period) {
  const auto part = [&](int64_t parts) {
    return std::chrono::minutes(std::llround(ToSeconds(period) / static_cast<double>(parts) / 60));
  };
  return {{part(672), part(8064), 14, {}},
          {part(112), part(1344), 7, {}},
          {part(28), part(336), 2, {}},
          {part(7), part(112), 1, {}}};
}

void ReadPyrra(Section& root, SloBatch* batch) {
  root.String("kind");
  root.String("apiVersion");
  root.Value("status");
  const Source& source = root.impl().source;
  const Metadata metadata = ReadMetadata(root);
  std::optional<Section> spec = root.Child("spec");
  if (!spec) {
    if (!root.Has("spec")) root.Error("spec", "spec must be set");
    return root.Finish();
  }
  SloBatch::Item item;
  item.source = &source;
  item.id = root.impl().At("metadata");
  item.objective = spec->impl().At("target");
  ReadOwnAnnotations(metadata, &item);
  Slo& slo = item.slo;
  slo.file = source.file;
  slo.name = metadata.name;
  if (!slo.name.empty() && !IsSloName(slo.name)) {
    root.Error("metadata", "invalid name " + GoQuote(slo.name));
  }
  const labels::LabelSet own = Prefixed(metadata.labels, kPrefix, PairKind::kLabels, source);
  slo.service = own.Get("service");
  if (slo.service.empty()) slo.service = metadata.space.empty() ? "default" : metadata.space;
  slo.id = slo.service + "-" + slo.name;
  slo.objective = ReadTarget(*spec);
  slo.period = ReadPeriod(*spec, "window", "as in 4w or 30d");
  item.period = slo.period;
  spec->String("description");
  slo.page.annotations = Prefixed(metadata.annotations, kPrefix, PairKind::kAnnotations, source);
  const Alerting alerting = ReadAlerting(*spec);
  ReadOutputKeys(*spec);
  if (auto indicator = spec->Child("indicator")) {
    Reader reader{*indicator, &item};
    reader.Read();
    const std::optional<Selector>& named = reader.named ? reader.named : reader.total;
    slo.labels = named ? Over(Pinned(*named, reader.grouping), own) : own;
    if (reader.total && alerting.absent) {
      // As long as an outage of everything would take to page.
      const double wait = 14 * (100 - slo.objective) / 100 * ToSeconds(slo.period) / 672 +
                          std::round(ToSeconds(slo.period) / 20160 / 60) * 60;
      SloAlert alert;
      alert.labels = labels::LabelSet{{"severity", alerting.absent_severity}};
      alert.annotations = slo.page.annotations;
      alert.hold = std::chrono::minutes(std::llround(wait / 60));
      item.rules.push_back(AbsentRule(slo, alerting.absent_name,
                                      "absent(" + promql::Print(*reader.total) + ")", alert));
    }
  } else if (!spec->Has("indicator")) {
    spec->Error("indicator", "indicator must be set");
  }
  ReadAlerts(alerting, &item);
  spec->Finish();
  root.Finish();
  batch->items.push_back(std::move(item));
}

}  // namespace watchfire::config
