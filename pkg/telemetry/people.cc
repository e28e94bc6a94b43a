// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/telemetry/people.h"

#include "pkg/base/limits.h"
#include "pkg/oncall/duty.h"

namespace watchfire::telemetry {

CounterMap PagesByPerson(const core::View& view) {
  const bool has_names = view.config->oncall.person_metrics;
  CounterMap pages;
  for (const auto& [labels, count] : view.stats->incidents.person_pages) {
    pages[{has_names ? labels[0] : ""}] += count;
  }
  // Who was never paged has none; that is what a rate begins at.
  for (const auto& [labels, value] : view.stats->oncall_seconds) {
    pages.try_emplace({has_names ? labels[1] : ""});
  }
  return pages;
}

void AddPeople(const core::View& view, Exposition* out) {
  const bool has_names = view.config->oncall.person_metrics;
  GaugeMap seconds;
  for (const auto& [labels, value] : view.stats->oncall_seconds) {
    seconds[{labels[0], has_names ? labels[1] : ""}] += value;
  }
  out->Set("watchfire_oncall_seconds_total", seconds);
  out->Set("watchfire_person_pages_total", PagesByPerson(view));
  out->Set("watchfire_pages_joined_total", static_cast<double>(view.stats->pages_joined));
  GaugeMap on_call;
  if (const oncall::Roster* roster = view.roster.get(); has_names && roster) {
    for (const oncall::Schedule& schedule : roster->schedules) {
      for (const std::string& name : oncall::WhoAt(*roster, schedule, view.at)) {
        if (on_call.size() < limits::kOncallPeople) on_call[{schedule.name, name}] = 1;
      }
    }
  }
  out->Set("watchfire_oncall_info", on_call);
  CounterMap handoffs = view.stats->handoffs;
  for (const config::Handoff& one : view.config->oncall.handoffs) {
    for (const char* outcome : {"told", "refused", "expired", "unreachable", "cut"}) {
      handoffs.try_emplace({one.schedule, outcome});
    }
  }
  out->Set("watchfire_oncall_handoffs_total", handoffs);
}

}  // namespace watchfire::telemetry
