// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What incidents begin and end with, and who is on call, for tests.

#pragma once

#include <memory>

#include "pkg/core/view.h"
#include "pkg/oncall/model.h"

namespace watchfire::telemetry {

inline void AddOpenings(core::View* view) {
  // Ada has the first shift there is.
  oncall::Layer layer;
  layer.shifts = {{view->at,
                   view->at + std::chrono::hours(1),
                   {oncall::Target{oncall::Target::Kind::kUser, "ada", 0}}}};
  oncall::Schedule schedule;
  schedule.name = "primary";
  schedule.layers.push_back(layer);
  oncall::Roster roster;
  roster.schedules.push_back(schedule);
  view->roster = std::make_shared<const oncall::Roster>(roster);
  auto config = std::make_shared<config::Config>(*view->config);
  config->oncall.person_metrics = true;
  view->config = config;
  incident::Stats* stats = &view->stats->incidents;
  view->stats->rule_pending.Observe({"critical", "rules"}, 60);
  view->stats->alerts_suppressed[{"silence"}] = 1;
  view->stats->backends_up[{"on-call", "webhook", "0"}] = 1;
  view->stats->reports[{"managers", "told"}] = 1;
  stats->send_seconds.Observe({"core", "critical"}, 0.2);
  stats->repages[{"core", "critical"}] = 1;
  stats->ack_to_resolve.Observe({"core", "critical"}, 1700);
  stats->opened[{"core", "critical", "monitoring"}] = 3;
  stats->missing_context[{"runbook"}] = 1;
  stats->detect_seconds.Observe({"core", "critical"}, 20);
  stats->escalated[{"core", "critical"}] = 1;
  stats->escalations[{"core", "timeout", "2"}] = 2;
  stats->mitigate_seconds.Observe({"core", "critical"}, 600);
  stats->close_seconds.Observe({"core", "critical"}, 700);
  stats->responses[{"SEV1", "no"}] = stats->postmortems[{"required"}] = 1;
  stats->alerts.Observe({"core", "critical"}, 3);
  stats->engaged_seconds[{"core"}] = view->stats->oncall_coverage[{"primary"}] = 1;
  view->stats->rerouted[{"core", "storage"}] = view->stats->alert_flaps[{"core"}] = 1;
  view->stats->foreign_acks[{"core"}] = 1;
  view->stats->slo_pages[{"yes"}] = view->stats->slo_losses[{"no"}] = 1;
  auto resolved = std::make_shared<incident::Incident>();
  resolved->id = 99;
  resolved->team = "core";
  resolved->state = incident::State::kResolved;
  resolved->postmortem.due_at = view->at;
  resolved->opened_at = view->at;
  resolved->timeline = {{view->at, "acked", "ada", "api", ""}};
  view->incidents[resolved->id] = resolved;
}

}  // namespace watchfire::telemetry
