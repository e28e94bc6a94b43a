// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/core/report_text.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <cctz/time_zone.h>

#include "pkg/incident/analytics.h"
#include "pkg/oncall/clocks.h"

namespace watchfire::core {
namespace {

using incident::Figures;
using incident::Period;
using incident::Person;
using incident::Spread;

constexpr const char* kNone = "–";

std::string Local(WallTime at, const config::Report& report) {
  return cctz::format("%a %Y-%m-%d %H:%M", std::chrono::floor<std::chrono::seconds>(at),
                      report.location.zone);
}

// A share of nothing is none, not zero.
std::string Percent(size_t part, size_t whole) {
  if (whole == 0) return kNone;
  const double share = static_cast<double>(part) / static_cast<double>(whole);
  return std::to_string(std::lround(share * 100)) + " %";
}

std::string Mean(const Spread& spread) {
  if (spread.count == 0) return kNone;
  return FormatDuration(std::chrono::seconds(std::llround(spread.mean)));
}

std::string Times(const char* name, const Spread& now, const Spread& before) {
  std::string line = std::string(name) + ": " + Mean(now) + " (" + Mean(before) + ")";
  if (now.count > 0) {
    line += ", nine in ten within " + FormatDuration(std::chrono::seconds(std::llround(now.p90)));
  }
  return line + "\n";
}

std::string Counts(const char* name, size_t now, size_t before) {
  return std::string(name) + ": " + std::to_string(now) + " (" + std::to_string(before) + ")\n";
}

std::string Volume(const Figures& now, const Figures& before) {
  return Counts("Incidents opened", now.incidents, before.incidents) +
         Counts("Pages", now.pages, before.pages) +
         Counts("Pages at night", now.pages_sleep, before.pages_sleep) +
         Counts("Pages in the evening or at the weekend", now.pages_off, before.pages_off) +
         Counts("Resolved though nobody had acknowledged", now.resolved_unacked,
                before.resolved_unacked);
}

std::string Shares(const Figures& now, const Figures& before) {
  return "Noise, of what is over: " + Percent(now.noise(), now.over()) + " (" +
         Percent(before.noise(), before.over()) + "); " + Percent(now.classified(), now.over()) +
         " of it was classified\n" +
         "Escalated, of what was paged: " + Percent(now.escalated, now.paged) + " (" +
         Percent(before.escalated, before.paged) + ")\n";
}

std::string Culprits(const std::vector<incident::Culprit>& culprits) {
  if (culprits.empty()) return "";
  std::string text = "\nAlerts that opened most incidents\n";
  for (size_t i = 0; i < std::min(culprits.size(), kReportRows); ++i) {
    const incident::Culprit& one = culprits[i];
    text += "- " + one.alert + ": " + std::to_string(one.incidents) + ", of these " +
            std::to_string(one.noise) + " noise\n";
  }
  return text;
}

std::string People(const std::map<std::string, Person>& people) {
  std::vector<std::pair<std::string, Person>> paged;
  for (const auto& [name, person] : people) {
    if (person.pages > 0) paged.emplace_back(name, person);
  }
  if (paged.empty()) return "";
  std::ranges::stable_sort(paged, std::ranges::greater(),
                           [](const auto& one) { return one.second.pages; });
  std::string text = "\nPeople who were paged most\n";
  for (size_t i = 0; i < std::min(paged.size(), kReportRows); ++i) {
    const Person& person = paged[i].second;
    text += "- " + paged[i].first + ": " + std::to_string(person.pages) + ", of these " +
            std::to_string(person.pages_sleep) + " at night\n";
  }
  return text;
}

size_t CountWithin(const std::vector<WallTime>& times, const Period& period) {
  return static_cast<size_t>(std::ranges::count_if(
      times, [&](WallTime at) { return at >= period.from && at < period.until; }));
}

}  // namespace

std::string ReportText(
    const config::Report& report, WallTime due,
    const std::map<uint64_t, std::shared_ptr<const incident::Incident>>& incidents,
    const std::vector<WallTime>& breaches, const oncall::Roster* roster) {
  constexpr Duration kTick(1);
  const WallTime from = config::LastDue(report, due - kTick);
  const Period period{from, due};
  const Period last{config::LastDue(report, from - kTick), from};
  oncall::Clocks clocks = oncall::ClocksOf(roster);
  clocks.zone = report.location.zone;
  const incident::Analytics now = incident::Analyze(incidents, period, clocks, report.team, roster);
  const Figures before = incident::Analyze(incidents, last, clocks, report.team, roster).total;
  std::string text = "Alerting report";
  if (!report.team.empty()) text += " of " + report.team;
  text += ", " + Local(from, report) + " to " + Local(due, report) + "\n";
  text += std::string("In brackets: the ") + config::EveryName(report.every) + " before. " +
          "Clocks of " + report.location.name + ".\n\n";
  text += Volume(now.total, before);
  text += Times("Time to acknowledge", now.total.ack_seconds, before.ack_seconds);
  text += Times("Time to resolve", now.total.resolve_seconds, before.resolve_seconds);
  text += Shares(now.total, before);
  // SLOs know nothing of an incident's team.
  if (report.team.empty()) {
    text +=
        Counts("Error budgets used up", CountWithin(breaches, period), CountWithin(breaches, last));
  }
  text += Culprits(now.culprits) + People(now.people);
  text += "\nAll of it: wfctl report --from " + FormatRfc3339(from, 0) + " --until " +
          FormatRfc3339(due, 0);
  if (!report.team.empty()) text += " --team '" + report.team + "'";
  return text + "\n";
}

}  // namespace watchfire::core
