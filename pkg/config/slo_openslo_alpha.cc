// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// SLOs of openslo/v1alpha, as far as other tools read them: ratios of two queries over days. Each
// objective has queries of its own, and is an SLO.
// Source: reference slo-and-rules §2.2, last paragraph.

#include <utility>

#include "pkg/base/strings.h"
#include "pkg/config/slo_openslo.h"
#include "pkg/promql/walk.h"

namespace watchfire::config {
namespace {

constexpr int kDaysMax = 366;

// The days of its only time window; 0 after reporting why there are none.
int ReadDays(Section& spec) {
  std::vector<Section> windows = spec.Children("timeWindows");
  int days = 0;
  for (Section& window : windows) {
    const std::string unit = window.String("unit");
    const int count = window.Int("count", 0);
    window.Bool("isRolling", true);
    if (unit != "Day" && unit != "Week") {
      window.Error("unit", "unit " + GoQuote(unit) + " is not supported in openslo/v1alpha",
                   "Day and Week are; openslo/v1 has calendars");
    } else if (count < 1 || count > kDaysMax / (unit == "Week" ? 7 : 1)) {
      window.Error("count", "count must be from 1 on, and a year at most");
    } else {
      days = count * (unit == "Week" ? 7 : 1);
    }
    if (window.Has("calendar")) {
      window.Value("calendar");
      window.Error("calendar", "calendars are not supported in openslo/v1alpha",
                   "openslo/v1 has them");
    }
    window.Finish();
  }
  if (windows.size() != 1) {
    spec.Error("timeWindows", "timeWindows must hold exactly one window",
               "as in [{unit: Day, count: 28, isRolling: true}]");
    return 0;
  }
  return days;
}

// The query of good or total over {{.window}}; "" after reporting why there is none.
std::string ReadCounts(Section& ratio, const char* key, bool is_counter, bool speaks_metricsql) {
  std::optional<Section> metric = ratio.Child(key);
  if (!metric) {
    if (!ratio.Has(key)) ratio.Error(key, std::string(key) + " must be set");
    return "";
  }
  const std::string source = ToLower(metric->String("source"));
  if (source != "prometheus" && source != "sloth") {
    metric->Error("source", "source must be prometheus");
  }
  const std::string type = ToLower(metric->String("queryType", "promql"));
  if (type != "promql") metric->Error("queryType", "queryType must be promql");
  std::optional<WindowQuery> query =
      ReadQuery(*metric, "query", {speaks_metricsql, /*dollar=*/true, false});
  metric->Finish();
  if (!query) return "";
  if (query->windows > 0) return query->text;
  const std::optional<Duration> range = query->expr ? OnlyRange(*query->expr) : std::nullopt;
  if (range && *range != Duration::zero()) {
    promql::ReplaceRanges(&*query->expr, *range, kWindowRange);
    return PrintQuery(*query->expr);
  }
  if (range && is_counter) {
    OverWindow(&query->expr);
    return PrintQuery(*query->expr);
  }
  ratio.Error(key, std::string(key) + ": it is not clear where its window is",
              "write {{.window}} there, or counter: true beside good and total");
  return "";
}

// Adds what an objective says to `item`; false after reporting what is wrong.
bool ReadAlphaObjective(Section& section, bool speaks_metricsql, SloBatch::Item* item) {
  item->objective = section.impl().At("target");
  section.String("displayName");
  for (const char* key : {"op", "value"}) section.Value(key);  // Of thresholds; many have them.
  const double target = ReadShare(section, "target", "a share, as in 0.999");
  item->slo.objective = openslo::Rounded(target * 100);
  std::string good, total;
  if (auto ratio = section.Child("ratioMetrics")) {
    const bool is_counter = ratio->Bool("counter", false) || ratio->Bool("incremental", false);
    good = ReadCounts(*ratio, "good", is_counter, speaks_metricsql);
    total = ReadCounts(*ratio, "total", is_counter, speaks_metricsql);
    if (!good.empty() && good == total) {
      ratio->Error("good", "good and total are the same query");
    }
    ratio->Finish();
  } else if (!section.Has("ratioMetrics")) {
    section.Error("ratioMetrics", "ratioMetrics must be set",
                  "thresholds and slices are read from openslo/v1");
  }
  section.Finish();
  if (good.empty() || total.empty() || !(target > 0 && target < 1)) return false;
  item->slo.error_query = Remainder(total, good);
  item->slo.total_query = total;
  return true;
}

}  // namespace

void ReadOpenSloAlpha(Section& root, SloBatch* batch) {
  for (const char* key : {"apiVersion", "kind"}) root.String(key);
  const Metadata metadata = ReadMetadata(root, true);
  std::optional<Section> spec = root.Child("spec");
  if (!spec && !root.Has("spec")) root.Error("spec", "spec must be set");
  root.Finish();
  if (!spec) return;
  SloBatch::Item item;
  item.source = &root.impl().source;
  item.id = root.impl().At("metadata");
  ReadOwnAnnotations(metadata, &item);
  item.slo.file = item.source->file;
  item.slo.alert_name = kBurnAlert;
  item.slo.labels = Prefixed(metadata.labels, "", PairKind::kLabels, *item.source);
  item.slo.service = ReadSloName(*spec, "service");
  if (!metadata.name.empty() && !IsSloName(metadata.name)) {
    root.Error("metadata", "invalid name " + GoQuote(metadata.name),
               "letters, digits, - _ and . between a letter or digit at each end");
  }
  spec->String("description");
  const std::string method = spec->String("budgetingMethod", "Occurrences");
  if (method != "Occurrences") {
    spec->Error("budgetingMethod", "budgetingMethod must be Occurrences in openslo/v1alpha",
                "openslo/v1 has slices");
  }
  if (const int days = ReadDays(*spec); days > 0) item.period = std::chrono::hours(24 * days);
  std::vector<Section> objectives = spec->Children("objectives");
  if (objectives.empty()) {
    spec->Error("objectives", "objectives must hold at least one objective");
  }
  for (size_t i = 0; i < objectives.size(); ++i) {
    SloBatch::Item one = item;
    one.slo.name = metadata.name + "-" + std::to_string(i);
    one.slo.id = one.slo.service + "-" + one.slo.name;
    if (ReadAlphaObjective(objectives[i], batch->speaks_metricsql, &one)) {
      batch->items.push_back(std::move(one));
    }
  }
  spec->Finish();
}

}  // namespace watchfire::config
