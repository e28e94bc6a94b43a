// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/slo/no_data.h"

#include <algorithm>
#include <string>
#include <utility>

#include "pkg/rules/evaluate.h"
#include "pkg/rules/rules.h"

namespace watchfire::slo {
namespace {

constexpr Duration kShortest = std::chrono::minutes(10);

bool IsAbove(config::SloWindow::Compare compare) {
  return compare == config::SloWindow::Compare::kAbove ||
         compare == config::SloWindow::Compare::kAtLeast;
}

}  // namespace

Duration NoDataFor(const config::Slo& slo) {
  if (slo.no_data_for > Duration::zero()) return slo.no_data_for;
  if (slo.no_data != config::NoData::kAlert) return kShortest;
  std::optional<Duration> fastest;
  for (const Severity& severity : Severities(slo)) {
    for (const config::SloWindow& pair : severity.pairs) {
      // The share of the window that an outage must have lasted.
      const double share = pair.factor * BudgetRatio(slo);
      if (!IsAbove(pair.compare) || share >= 1) continue;
      const Duration detection =
          FromSeconds(share * ToSeconds(pair.long_window)) + severity.alert.hold;
      if (!fastest || detection < *fastest) fastest = detection;
    }
  }
  return std::max(kShortest, fastest.value_or(kShortest));
}

labels::LabelSet NoDataLabels(const config::Slo& slo) {
  labels::LabelSet::Pairs pairs{{"slo", slo.name},       {"service", slo.service},
                                {"sloth_id", slo.id},    {"sloth_service", slo.service},
                                {"sloth_slo", slo.name}, {"severity", "warning"}};
  for (const labels::Label& label : slo.labels) pairs.emplace_back(label.name, label.value);
  pairs.emplace_back("alertname", kNoDataAlertName);
  return labels::LabelSet().With(pairs);
}

labels::LabelSet NoDataAnnotations(const config::Slo& slo, Duration shortest, WallTime since) {
  const std::string subject = slo.service + " " + slo.name;
  const std::string at = FormatRfc3339(since);
  labels::LabelSet::Pairs pairs;
  const config::SloAlert& usual = slo.page.disabled ? slo.ticket : slo.page;
  for (const labels::Label& label : usual.annotations) {
    if (label.value.find("{{") == std::string_view::npos) {
      pairs.emplace_back(label.name, label.value);
    }
  }
  pairs.emplace_back("title", subject + " has no data");
  pairs.emplace_back("summary", subject + ": no events over " + FormatDuration(shortest) +
                                    ", since " + at + ": none of its alerts can fire");
  pairs.emplace_back("no_data_since", at);
  return labels::LabelSet(std::move(pairs));
}

std::set<Duration> WithoutData(const Severity& severity, const Reading& reading,
                               std::set<Duration> unknown) {
  for (const config::SloWindow& pair : severity.pairs) {
    for (const Duration window : {pair.long_window, pair.short_window}) {
      if (!reading.error_ratio.contains(window)) unknown.insert(window);
    }
  }
  return unknown;
}

bool Engine::IsHeld(const config::Slo& slo, const Severity& severity, const Reading& reading,
                    const std::set<Duration>& unknown, BurnAlert* burn, WallTime slot) {
  if (slo.no_data != config::NoData::kHold || burn->resolved || burn->pending) return false;
  const std::set<Duration> gaps = WithoutData(severity, reading, unknown);
  if (Judge(slo, severity.pairs, reading, gaps).verdict != Verdict::kUnknown) return false;
  if (burn->held_since == kNoTime || burn->held_since > slot) burn->held_since = slot;
  return slot - burn->held_since < NoDataFor(slo);
}

bool Engine::UpdateNoData(const config::Slo& slo, WallTime now, SloState* state,
                          std::set<std::string>* alive) const {
  const Duration shortest = *state->windows.begin();
  const bool is_known = state->answers.contains(shortest);
  const bool has_data = std::ranges::any_of(state->status.readings, [&](const Reading& reading) {
    return reading.error_ratio.contains(shortest);
  });
  WallTime& since = state->status.no_data_since;
  if (is_known && has_data) since = kNoTime;
  if (!(is_known && has_data) && IsExcluded(*state, now)) {
    // Who works on it may well stop it: nobody has waited until that is over. What fires is held.
    const bool is_firing = std::ranges::any_of(state->alerts, [&](const auto& entry) {
      const bool fires = entry.second.no_data && !entry.second.resolved && !entry.second.pending;
      if (fires) alive->insert(entry.first);
      return fires;
    });
    if (!is_firing) since = kNoTime;
    return false;
  }
  // A wall clock set back must not make anybody wait for the time it was set back by.
  if (is_known && !has_data && (since == kNoTime || since > state->slot)) since = state->slot;
  if (slo.no_data != config::NoData::kAlert) return false;
  if (!is_known) {
    for (const auto& [key, burn] : state->alerts) {
      if (burn.no_data) alive->insert(key);
    }
    return false;
  }
  if (has_data) return false;
  const labels::LabelSet labels = NoDataLabels(slo);
  const std::string key = labels.ToString();
  alive->insert(key);
  BurnAlert& burn = state->alerts[key];
  bool changed = false;
  if (!burn.no_data || burn.resolved) {
    burn = BurnAlert{};
    burn.no_data = burn.pending = changed = true;
    burn.alert.labels = labels;
  }
  burn.alert.active_at = since;
  if (burn.pending && state->slot - since >= NoDataFor(slo)) {
    burn.pending = false;
    burn.alert.starts_at = state->slot;
    changed = true;
  }
  burn.alert.annotations = NoDataAnnotations(slo, shortest, since);
  burn.alert.generator_url = rules::GraphUrl(options_.external_url, ErrorRatioExpr(slo, shortest));
  return changed;
}

}  // namespace watchfire::slo
