// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Tables of burn-rate windows: Sloth's AlertWindows (reference slo-and-rules §2.2), and those of
// watchfire/v1.

#include <utility>

#include "pkg/base/strings.h"
#include "pkg/config/slo_reader.h"

namespace watchfire::config {
namespace {

constexpr const char* kApiVersion = "sloth.slok.dev/v1";

// Reads both lengths, which must be there.
void ReadLengths(Section& section, const char* longer, const char* shorter, SloWindow* window) {
  const std::optional<Duration> length = ReadDuration(section, longer);
  const std::optional<Duration> shorter_length = ReadDuration(section, shorter);
  window->long_window = length.value_or(Duration::zero());
  window->short_window = shorter_length.value_or(Duration::zero());
  for (const char* name : {longer, shorter}) {
    if (!section.Has(name)) section.Error(name, std::string(name) + " must be set");
  }
  if (section.Has(longer) && section.Has(shorter) && length && shorter_length &&
      (*shorter_length == Duration::zero() || *shorter_length >= *length)) {
    section.Error(shorter, std::string(shorter) + " must be above 0 and shorter than " + longer);
  }
}

SloWindow ReadWindow(Section& parent, const std::string& key) {
  SloWindow window;
  std::optional<Section> section = parent.Child(key);
  if (!section) {
    if (!parent.Has(key)) parent.Error(key, key + " must be set");
    return window;
  }
  const std::optional<double> share = ReadNumber(*section, "errorBudgetPercent");
  window.factor = share.value_or(0);
  if (share ? *share <= 0 : !section->Has("errorBudgetPercent")) {
    section->Error("errorBudgetPercent", "errorBudgetPercent must be above 0");
  }
  ReadLengths(*section, "longWindow", "shortWindow", &window);
  section->Finish();
  return window;
}

SloBatch::Tier ReadTier(Section& spec, const std::string& key) {
  std::optional<Section> section = spec.Child(key);
  if (!section) {
    if (!spec.Has(key)) spec.Error(key, key + " must be set");
    return {key, {}};
  }
  SloBatch::Tier tier{key, {ReadWindow(*section, "quick"), ReadWindow(*section, "slow")}};
  section->Finish();
  return tier;
}

// {severity: page, long: 1h, short: 5m, factor: 14.4}
void ReadPair(Section& section, SloBatch::Table* table) {
  const std::string severity = section.String("severity");
  if (severity.empty()) section.Error("severity", "severity must be set", "page, ticket or other");
  SloWindow window;
  ReadLengths(section, "long", "short", &window);
  const std::optional<double> factor = ReadNumber(section, "factor");
  window.factor = factor.value_or(0);
  if (!section.Has("factor")) {
    section.Error("factor", "factor must be set", "a burn rate, as in 14.4");
  } else if (factor && *factor <= 0) {
    section.Error("factor", "factor must be above 0");
  }
  section.Finish();
  for (SloBatch::Tier& tier : table->tiers) {
    if (tier.severity != severity) continue;
    tier.windows.push_back(window);
    return;
  }
  table->tiers.push_back({severity, {window}});
}

}  // namespace

void ReadAlertWindows(Section& root, SloBatch* batch) {
  root.String("kind");
  if (root.String("apiVersion") != kApiVersion) {
    root.Error("apiVersion", "unknown apiVersion of AlertWindows",
               std::string("use ") + kApiVersion);
  }
  root.Child("metadata");  // Names the object for Kubernetes, nothing to us.
  std::optional<Section> spec = root.Child("spec");
  if (spec) {
    SloBatch::Table table;
    table.is_share = true;
    table.source = &root.impl().source;
    table.mark = spec->impl().At("sloPeriod");
    table.period = ReadPeriod(*spec, "sloPeriod", "as in 28d");
    table.tiers = {ReadTier(*spec, "page"), ReadTier(*spec, "ticket")};
    spec->Finish();
    batch->tables.push_back(std::move(table));
  } else if (!root.Has("spec")) {
    root.Error("spec", "spec must be set");
  }
  root.Finish();
}

void ReadTables(Section& root, SloBatch* batch) {
  for (Section& section : root.Children("tables")) {
    SloBatch::Table table;
    table.source = &section.impl().source;
    table.name = ReadSloName(section, "name");
    table.mark = section.impl().At("name");
    std::vector<Section> pairs = section.Children("alerts");
    for (Section& pair : pairs) ReadPair(pair, &table);
    if (pairs.empty()) {
      section.Error("alerts", "alerts must hold at least one pair of windows",
                    "as in {severity: page, long: 1h, short: 5m, factor: 14.4}");
    }
    section.Finish();
    batch->tables.push_back(std::move(table));
  }
}

}  // namespace watchfire::config
