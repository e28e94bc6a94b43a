// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/incident/incident.h"

#include <algorithm>
#include <array>

#include "pkg/base/limits.h"
#include "pkg/incident/change.h"

namespace watchfire::incident {
namespace {

constexpr std::array kStates = {"triggered", "acknowledged", "snoozed", "resolved", "merged"};
constexpr std::array kOutcomes = {"actionable", "noise", "false_positive", "duplicate"};
constexpr std::array<std::string_view, 4> kLevels = {"SEV1", "SEV2", "SEV3", "SEV4"};

template <typename Enum, size_t kCount>
std::optional<Enum> FindName(const std::array<const char*, kCount>& names, std::string_view name) {
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) return std::nullopt;
  return static_cast<Enum>(found - names.begin());
}

// Bucket edges hold the usual targets: 2 min, 5 min, 15 min, 30 min, 1 h (reference §7.3).
std::vector<double> AckBuckets() { return {15, 30, 60, 120, 300, 600, 900, 1800, 3600, 14400}; }

std::vector<double> ResolveBuckets() {
  return {60, 300, 900, 1800, 3600, 7200, 14400, 28800, 86400, 259200};
}

bool IsVital(std::string_view kind) {
  constexpr std::array<std::string_view, 6> kVital = {"acked",    "resolved", "returned",
                                                      "reopened", "merged",   "snoozed"};
  return std::ranges::find(kVital, kind) != kVital.end();
}

constexpr size_t kReserved = 50;

}  // namespace

const char* StateName(State state) { return kStates.at(static_cast<size_t>(state)); }

std::optional<State> ParseState(std::string_view name) { return FindName<State>(kStates, name); }

const char* ActorTypeName(ActorType type) {
  return type == ActorType::kHuman ? "human" : "automation";
}

const char* OutcomeName(Outcome outcome) { return kOutcomes.at(static_cast<size_t>(outcome)); }

std::optional<Outcome> ParseOutcome(std::string_view name) {
  return FindName<Outcome>(kOutcomes, name);
}

int SeverityRank(std::string_view severity) {
  if (severity == "critical" || severity == "page") return 4;
  if (severity == "error") return 3;
  if (severity == "warning" || severity == "ticket") return 2;
  if (severity == "info" || severity == "none" || severity.empty()) return 0;
  return 1;
}

std::string LevelOf(std::string_view severity, const config::Incidents& terms) {
  const auto configured = terms.severities.find(severity);
  if (configured != terms.severities.end()) return configured->second;
  constexpr std::array<const char*, 5> kByRank = {"SEV4", "SEV3", "SEV3", "SEV2", "SEV1"};
  return kByRank.at(static_cast<size_t>(SeverityRank(severity)));
}

bool IsLevel(std::string_view text) { return std::ranges::find(kLevels, text) != kLevels.end(); }

const char* ActName(const Act& act) {
  constexpr std::array<const char*, std::variant_size_v<Act>> kNames = {
      "acknowledged", "resolved", "noted",      "reassigned", "severity set",
      "role set",     "snoozed",  "classified", "merged"};
  return kNames.at(act.index());
}

Stats::Stats()
    : ack_seconds(AckBuckets()),
      resolve_seconds(ResolveBuckets()),
      page_seconds({0.1, 0.5, 1, 5, 10, 30, 60, 120, 300, 600}) {}

bool HasRoom(const Incident& incident) {
  return incident.timeline.size() + kReserved < limits::kIncidentEvents;
}

void AddEvent(Incident* incident, Event event) {
  const size_t room = limits::kIncidentEvents - (IsVital(event.kind) ? 0 : kReserved);
  if (incident->timeline.size() < room) {
    incident->timeline.push_back(std::move(event));
  } else {
    ++incident->dropped_events;
  }
}

void StartCycle(Incident* incident, WallTime now) {
  incident->state = State::kTriggered;
  incident->ack.reset();
  incident->snooze.reset();
  ++incident->cycle;
  incident->cycle_at = now;
  incident->cycle_paged_at = kNoTime;
  incident->cycle_acked_at = kNoTime;
}

double SecondsBetween(WallTime from, WallTime to) {
  return from == kNoTime || to < from ? 0.0 : ToSeconds(to - from);
}

}  // namespace watchfire::incident
