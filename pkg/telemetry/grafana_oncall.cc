// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Source of names, types, labels, buckets and meaning: Grafana OnCall, docs "Insight logs and
// metrics" and its exporter; reference paging-backends §7.3.

#include "pkg/telemetry/grafana_oncall.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <tuple>

#include "pkg/base/histogram.h"
#include "pkg/telemetry/people.h"
#include "pkg/telemetry/table.h"

namespace watchfire::telemetry {
namespace {

// Receivers are configured; teams and services are what alerts say. Each label set has four states
// and a histogram.
constexpr size_t kLabelSetsMax = 250;
constexpr std::chrono::hours kRecent{24 * 7};  // Of the response times.

// Of a Grafana with one organisation and stack. The slug tells ours from another OnCall's.
constexpr const char* kOrgId = "1";
constexpr const char* kSlug = "watchfire";
constexpr const char* kStackId = "1";

constexpr std::array<const char*, 4> kStates = {"firing", "acknowledged", "silenced", "resolved"};
constexpr size_t kResolved = 3;

// What was merged into another has found its end.
size_t StateOf(const incident::Incident& incident) {
  switch (incident.state) {
    case incident::State::kTriggered:
      return 0;
    case incident::State::kAcknowledged:
      return 1;
    case incident::State::kSnoozed:
      return 2;
    case incident::State::kResolved:
    case incident::State::kMerged:
      break;
  }
  return kResolved;
}

// When somebody, or something, first acknowledged, snoozed or ended it.
WallTime FirstAction(const incident::Incident& incident) {
  for (const incident::Event& event : incident.timeline) {
    if (event.kind == "acked" || event.kind == "snoozed" || event.kind == "resolved") {
      return event.at;
    }
  }
  return kNoTime;
}

struct Groups {
  std::array<uint64_t, kStates.size()> states{};
  Histogram response{{60, 300, 600, 3600}};

  void Add(const Groups& other) {
    for (size_t i = 0; i < states.size(); ++i) states.at(i) += other.states.at(i);
    response.Add(other.response);
  }
};

// By integration, team and service.
std::map<LabelValues, Groups> CountGroups(const core::View& view) {
  // Texts are only looked at: there may be a hundred thousand incidents.
  std::map<std::tuple<std::string_view, std::string_view, std::string_view>, Groups> all;
  for (const auto& [id, incident] : view.incidents) {
    if (incident->is_test) continue;
    Groups& groups = all[{incident->receiver, incident->team, incident->service}];
    ++groups.states.at(StateOf(*incident));
    const bool is_recent = incident->opened_at + kRecent >= view.at;
    if (!is_recent || incident->state == incident::State::kMerged) continue;
    const WallTime first = FirstAction(*incident);
    if (first == kNoTime) continue;
    groups.response.Observe(std::max(0.0, ToSeconds(first - incident->opened_at)));
  }
  // A dashboard takes their number for one that never falls.
  for (const auto& [labels, count] : view.stats->incidents.forgotten) {
    all[{labels[0], labels[1], labels[2]}].states.at(kResolved) += count;
  }
  std::map<LabelValues, Groups> shown;
  for (const auto& [who, groups] : all) {
    const auto& [receiver, team, service] = who;
    LabelValues labels = {std::string(receiver), team == "none" ? "No team" : std::string(team),
                          service.empty() ? "No service" : std::string(service)};
    labels = BoundedLabels(shown, std::move(labels));
    if (shown.size() >= kLabelSetsMax && !shown.contains(labels)) {
      labels = {"other", "other", "other"};
    }
    shown[labels].Add(groups);
  }
  return shown;
}

}  // namespace

void AddGrafanaOncall(const core::View& view, Exposition* out) {
  for (const auto& [labels, groups] : CountGroups(view)) {
    LabelValues all = {labels[0], labels[1], kOrgId, kSlug, kStackId, labels[2]};
    if (groups.response.counts() != Groups().response.counts()) {
      out->Set("oncall_alert_groups_response_time_seconds", groups.response, all);
    }
    all.emplace_back();
    for (size_t i = 0; i < kStates.size(); ++i) {
      all.back() = kStates.at(i);
      out->Set("oncall_alert_groups_total", static_cast<double>(groups.states.at(i)), all);
    }
  }
  if (!view.config->oncall.person_metrics) return;
  for (const auto& [labels, count] : PagesByPerson(view)) {
    out->Set("oncall_user_was_notified_of_alert_groups_total", static_cast<double>(count),
             {labels[0], kOrgId, kSlug, kStackId});
  }
}

std::vector<Metric> GrafanaOncallMetrics() {
  return {
      {"oncall_alert_groups_total",
       Type::kGauge,
       "Alias for dashboards made for Grafana OnCall, only with "
       "--enable-feature=grafana-oncall-metrics, as are the next two: incidents by state (firing, "
       "acknowledged, silenced, resolved), tests excepted. Merged ones are resolved; so are those "
       "that were forgotten since the start.",
       {"integration", "team", "org_id", "slug", "id", "service_name", "state"}},
      {"oncall_alert_groups_response_time_seconds",
       Type::kHistogram,
       "Alias: from the opening of an incident until it was first acknowledged, snoozed or "
       "resolved, by whomever; of those opened in the last 7 days. No counter: what is older "
       "leaves it.",
       {"integration", "team", "org_id", "slug", "id", "service_name"}},
      {"oncall_user_was_notified_of_alert_groups_total",
       Type::kCounter,
       "Alias of watchfire_person_pages_total; only with oncall.person_metrics.",
       {"username", "org_id", "slug", "id"}},
  };
}

}  // namespace watchfire::telemetry
