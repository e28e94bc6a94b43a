// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Alerts labelled as Pyrra labels its own: by their windows, so that each pair has an alert.

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "pkg/config/slo_reader.h"

namespace watchfire::config {
namespace {

constexpr const char* kSeverity = "sloth_severity";

// How long a whole budget lasts, in whole seconds as Pyrra has it.
Duration Exhausts(Duration period, double factor) {
  if (!(factor > 0)) return period;
  return std::chrono::seconds(static_cast<int64_t>(ToSeconds(period) / factor));
}

struct Splitter {
  Slo* slo;
  std::vector<SloSeverity> more = {};

  bool IsTaken(const std::string& name) const {
    const auto is_it = [&](const SloSeverity& other) { return other.name == name; };
    return std::ranges::any_of(slo->severities, is_it) || std::ranges::any_of(more, is_it);
  }

  // Leaves the first pair of windows where it is; the others become severities of their own, which
  // say that they are one of `name` all the same.
  void Split(const std::string& name, SloAlert* alert, std::vector<SloWindow>* windows) {
    const SloAlert common = *alert;
    for (size_t i = 0; i < windows->size(); ++i) {
      const SloWindow& pair = (*windows)[i];
      const labels::LabelSet told{
          {"short", FormatDuration(pair.short_window)},
          {"long", FormatDuration(pair.long_window)},
          {"exhaustion", FormatDuration(Exhausts(slo->period, pair.factor))}};
      if (i == 0) {
        alert->labels = Over(common.labels, told);
        continue;
      }
      size_t number = i + 1;
      while (IsTaken(name + "-" + std::to_string(number))) ++number;
      SloSeverity& own = more.emplace_back();
      own.name = name + "-" + std::to_string(number);
      own.alert = common;
      own.alert.labels = Over({{kSeverity, name}}, Over(common.labels, told));
      // What else is no ticket is critical.
      const bool is_ticket = name == "ticket" && !slo->labels.Has("severity");
      if (is_ticket) own.alert.labels = Over({{"severity", "warning"}}, own.alert.labels);
      // By itself it would be the quick one: it is the first of its own.
      const std::string tier = i == 1 ? "slow" : std::to_string(i + 1);
      own.alert.annotations = Over({{"tier", tier}}, common.annotations);
      own.windows = {pair};
    }
    if (windows->size() > 1) windows->resize(1);
  }
};

}  // namespace

void TellWindows(Slo* slo) {
  Splitter splitter{slo};
  if (!slo->page.disabled) splitter.Split("page", &slo->page, &slo->page_windows);
  if (!slo->ticket.disabled) splitter.Split("ticket", &slo->ticket, &slo->ticket_windows);
  for (SloSeverity& severity : slo->severities) {
    if (!severity.alert.disabled) splitter.Split(severity.name, &severity.alert, &severity.windows);
  }
  for (SloSeverity& severity : splitter.more) slo->severities.push_back(std::move(severity));
}

}  // namespace watchfire::config
