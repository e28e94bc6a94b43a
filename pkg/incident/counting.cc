// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What is counted as it happens: openings, pages, escalations. Source: reference paging-backends
// §7.

#include <algorithm>
#include <array>
#include <charconv>

#include "pkg/base/limits.h"
#include "pkg/incident/analytics.h"
#include "pkg/incident/change.h"
#include "pkg/incident/registry.h"

namespace watchfire::incident {
namespace {

constexpr int kLevels = 10;  // Of a policy, that metrics tell apart.

// Whether a rule has asked for a step of the policy: of all, or of this one by name. A dry run, a
// failure and a question are no escalations.
bool IsAskedByRule(const Event& event, const std::string& policy) {
  constexpr std::string_view kDone = "escalate success";
  constexpr std::string_view kTo = ": to ";
  std::string_view text = event.text;
  if (event.kind != "automation" || !text.starts_with(kDone)) return false;
  text.remove_prefix(kDone.size());
  if (!text.starts_with(kTo)) return true;
  text.remove_prefix(kTo.size());
  return text == policy || text.starts_with(policy + ": ");
}

// "3" of "step 3 of critical: to ada (app)".
std::string LevelOfStep(std::string_view text) {
  constexpr std::string_view kStep = "step ";
  int step = 0;
  if (text.starts_with(kStep)) {
    std::from_chars(text.data() + kStep.size(), text.data() + text.size(), step);
  }
  return step > kLevels ? std::to_string(kLevels) + "+" : std::to_string(step);
}

}  // namespace

void Registry::CountOpened(const Incident& incident, const Page& page) {
  Stats& stats = StatsOf(incident);
  // The share of what monitoring missed begins at the zero that was there before (M1).
  for (const bool is_by_human : {false, true}) {
    const LabelValues who = {incident.team, incident.severity, DetectedBy(is_by_human)};
    stats.opened[BoundedLabels(stats.opened, who)] += is_by_human == incident.is_by_human ? 1 : 0;
  }
  // M1 B. Of the others it is the ingest lag (A), which is counted by alerts: the two are not to be
  // averaged.
  if (page.started_at != kNoTime && page.is_start_known) {
    stats.detect_seconds.Observe(TeamAndSeverity(incident),
                                 Took("detection", page.started_at, page.detected_at));
  }
  const std::array<std::pair<const char*, bool>, 5> fields = {
      {{"runbook", page.links.contains("runbook")},
       {"dashboard", page.links.contains("dashboard")},
       {"service", !page.service.empty()},
       {"team", !page.team.empty()},
       {"severity", !page.severity.empty()}}};
  for (const auto& [field, is_there] : fields) {
    stats.missing_context[{field}] += is_there ? 0 : 1;
  }
}

// Series of an earlier life are there again before anything counts in them: a rate does not see the
// first of one that was not.
void Registry::CountFromNothing(const Incident& incident) {
  Stats& stats = StatsOf(incident);
  for (const bool is_by_human : {false, true}) {
    stats.opened.try_emplace(
        BoundedLabels(stats.opened, {incident.team, incident.severity, DetectedBy(is_by_human)}));
  }
  if (incident.paged_at == kNoTime) return;
  stats.paged.try_emplace(BoundedLabels(stats.paged, TeamAndSeverity(incident)));
  for (const Hours any : {Hours::kBusiness, Hours::kOff, Hours::kSleep}) {
    stats.pages.try_emplace(
        BoundedLabels(stats.pages, {incident.team, incident.severity, HoursName(any)}));
  }
}

// M8: however many contacts it takes, a person is paged once in a cycle.
void Registry::CountPerson(const Incident& incident, const std::string& to) {
  const std::string person = PagedPerson(to);
  if (person.empty()) return;
  const auto& events = incident.timeline;
  for (auto event = events.rbegin(); event != events.rend(); ++event) {
    if (event->kind == "returned" || event->kind == "reopened") break;
    if (event->kind == "paged" && PagedPerson(event->text) == person) return;
  }
  CounterMap& pages = StatsOf(incident).person_pages;
  const bool has_room = pages.size() < limits::kOncallPeople || pages.contains({person});
  Count(&pages, {has_room ? person : kOthers});
}

void Registry::CountPage(const Incident& incident, const Page& page, WallTime now) {
  Stats& stats = StatsOf(incident);
  // A rate of the first page at night begins at the zero that was there by day.
  for (const Hours any : {Hours::kBusiness, Hours::kOff, Hours::kSleep}) {
    stats.pages.try_emplace(
        BoundedLabels(stats.pages, {incident.team, incident.severity, HoursName(any)}));
  }
  const Hours hours = HoursOf(now, page.zone);
  Count(&stats.pages, {incident.team, incident.severity, HoursName(hours)});
  if (incident.cycle > 1) Count(&stats.repages, TeamAndSeverity(incident));
}

void Registry::ObserveAck(const Incident& incident, ActorType type, double seconds) {
  StatsOf(incident).ack_seconds.Observe(
      {incident.team, incident.severity, incident.backend, ActorTypeName(type),
       incident.cycle == 1 ? "first" : "repage"},
      seconds);
}

// Whoever is rung may be faster than the answer of the vendor that rings: that took no time. What
// was acknowledged long before its page was accepted is no answer to it, and not measured.
void Registry::CountOvertaken(const Incident& incident, WallTime now) {
  std::map<bool, WallTime> first;  // By Event::is_automatic.
  const auto& events = incident.timeline;
  for (auto event = events.rbegin(); event != events.rend(); ++event) {
    if (event->kind == "returned" || event->kind == "reopened") break;
    if (event->kind == "acked") first[event->is_automatic] = event->at;
  }
  for (const auto& [is_automatic, at] : first) {
    if (at + kOvertakes < now) continue;
    ObserveAck(incident, is_automatic ? ActorType::kAutomation : ActorType::kHuman, 0);
  }
}

// M6: of the paged ones, each once; whether the page or the step came first.
void Registry::CountEscalated(const Incident& incident) {
  Count(&StatsOf(incident).escalated, TeamAndSeverity(incident));
}

void Registry::CountEscalation(const Incident& incident, const Event& event) {
  if (event.kind != "escalated") return;
  Count(&StatsOf(incident).escalations,
        {incident.team, CauseOfStep(incident, event.actor).kind, LevelOfStep(event.text)});
  if (incident.paged_at != kNoTime && !IsEscalated(incident)) CountEscalated(incident);
}

// A reopening goes on with the same incident, so what may be reopened has no end to count yet
// (reference §7.2, M2).
void Registry::CountEnd(Incident* incident) {
  Stats& stats = StatsOf(*incident);
  incident->counts_at = kNoTime;
  stats.resolve_seconds.Observe({incident->team, incident->severity, incident->resolved_how},
                                Took("resolve", incident->opened_at, incident->ended_at));
  if (incident->resolved_how != kTimedOut) {
    stats.close_seconds.Observe(TeamAndSeverity(*incident),
                                SecondsBetween(incident->opened_at, incident->resolved_at));
  }
  if (incident->mitigated_at != kNoTime) {
    stats.mitigate_seconds.Observe(TeamAndSeverity(*incident),
                                   Took("mitigate", incident->opened_at, incident->mitigated_at));
  }
  const WallTime acked = FirstAckOfPerson(*incident);
  // A time-out is no resolution: it says nothing of how long that took.
  if (acked != kNoTime && incident->resolved_how != kTimedOut) {
    stats.ack_to_resolve.Observe(TeamAndSeverity(*incident),
                                 SecondsBetween(acked, incident->ended_at));
  }
  // A record of a version that did not count them has none.
  if (incident->past_alerts > 0) {
    stats.alerts.Observe(TeamAndSeverity(*incident), static_cast<double>(incident->past_alerts));
  }
  if (incident->postmortem.is_wanted()) Count(&stats.postmortems, {"required"});
  // What only a rule acknowledged has no ack that M5 measures, either.
  if (acked == kNoTime && incident->paged_at != kNoTime) {
    Count(&stats.resolved_unacked, TeamAndSeverity(*incident));
  }
  if (incident->verdict && incident->verdict->rule == kShort) CountVerdict(*incident);
}

void Registry::CountVerdict(const Incident& incident) {
  const Verdict& verdict = *incident.verdict;
  Count(&StatsOf(incident).outcomes,
        {OutcomeName(verdict.outcome), verdict.source(), incident.team});
}

// From the first ack of a person in the cycle that ends now, as the report has it. Who acknowledges
// what is over already, though nobody could know, is engaged for no time.
void Registry::CountEngaged(const Incident& incident, WallTime until, WallTime now) {
  WallTime since = kNoTime;
  const auto& events = incident.timeline;
  for (auto event = events.rbegin(); event != events.rend(); ++event) {
    if (event->kind == "returned" || event->kind == "reopened") break;
    if (event->kind == "acked" && !event->is_automatic) since = event->at;
  }
  if (since == kNoTime) return;
  const double most = ToSeconds(kEngagedTime);
  GaugeMap& engaged = StatsOf(incident).engaged_seconds;
  engaged[BoundedLabels(engaged, {incident.team})] +=
      std::min(most, Took("engaged", since, std::max(until, std::min(since, now))));
}

// Clocks that disagree, and those that are set back, give times that cannot be.
double Registry::Took(const char* delay, WallTime from, WallTime to) {
  if (from != kNoTime && to < from) Count(&stats_.clock_skew, {delay});
  return SecondsBetween(from, to);
}

WallTime FirstAckOfPerson(const Incident& incident) {
  for (const Event& event : incident.timeline) {
    if (event.kind == "acked" && !event.is_automatic) return event.at;
  }
  return kNoTime;
}

Cause CauseOfStep(const Incident& incident, const std::string& policy) {
  const auto& events = incident.timeline;
  for (auto event = events.rbegin(); event != events.rend(); ++event) {
    const bool is_called = event->kind == "called" && event->text == policy;
    if (event->kind == "hastened" || is_called) return {"manual", event->actor};
    if (IsAskedByRule(*event, policy)) return {"policy", event->actor};
    const bool is_step =
        event->kind == "notified" || event->kind == "escalated" || event->kind == "unreachable";
    if (is_step && event->actor == policy) break;  // What was asked for before has come.
  }
  return {};
}

bool IsEscalated(const Incident& incident) {
  return std::ranges::any_of(incident.timeline,
                             [](const Event& event) { return event.kind == "escalated"; });
}

}  // namespace watchfire::incident
