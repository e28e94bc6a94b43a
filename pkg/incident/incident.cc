// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/incident/incident.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "pkg/base/digest.h"
#include "pkg/base/limits.h"
#include "pkg/base/strings.h"
#include "pkg/incident/change.h"

namespace watchfire::incident {
namespace {

constexpr std::array kStates = {"triggered", "acknowledged", "snoozed", "resolved", "merged"};
constexpr std::array kPostmortems = {"missing", "draft", "reviewed"};
constexpr std::array kOutcomes = {"actionable", "noise", "false_positive", "duplicate"};
constexpr std::array<std::string_view, 4> kLevels = {"SEV1", "SEV2", "SEV3", "SEV4"};

template <typename Enum, size_t kCount>
std::optional<Enum> FindName(const std::array<const char*, kCount>& names, std::string_view name) {
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) return std::nullopt;
  return static_cast<Enum>(found - names.begin());
}

// What a word is worth by itself.
int RankOf(std::string_view severity) {
  if (severity == "critical" || severity == "page") return 4;
  if (severity == "error") return 3;
  if (severity == "warning" || severity == "ticket") return 2;
  if (severity == "info" || severity == "none" || severity.empty()) return 0;
  return 1;
}

// Bucket edges hold the usual targets: 2 min, 5 min, 15 min, 30 min, 1 h (reference §7.3).
std::vector<double> AckBuckets() { return {15, 30, 60, 120, 300, 600, 900, 1800, 3600, 14400}; }

std::vector<double> ResolveBuckets() {
  return {60, 300, 900, 1800, 3600, 7200, 14400, 28800, 86400, 259200};
}

bool IsVital(std::string_view kind) {
  constexpr std::array<std::string_view, 7> kVital = {"acked",  "resolved", "returned", "reopened",
                                                      "merged", "snoozed",  "mitigated"};
  return std::ranges::find(kVital, kind) != kVital.end();
}

bool IsByMachine(const Event& event) {
  return event.channel == "pipeline" || event.channel == "clock" || event.channel == "rule" ||
         event.channel == "escalation";
}

// Places at the end for what must not be missing. Half of them are for people alone, who act less
// often than an incident can end and reopen; a rule that merges a thousand has none.
constexpr size_t kReserved = 50;

size_t KeptFrom(const Event& event) {
  if (!IsVital(event.kind) || event.channel == "rule") return kReserved;
  return IsByMachine(event) ? kReserved / 2 : 0;
}
constexpr size_t kNameRunes = limits::kIncidentNameBytes / 4;

// How long the text is in JSON, without its quotes.
size_t JsonBytes(std::string_view text) {
  size_t bytes = text.size();
  for (const char c : text) {
    if (c == '"' || c == '\\') ++bytes;
    if (static_cast<unsigned char>(c) < 0x20) bytes += 5;  // \u001f
  }
  return bytes;
}

size_t JsonBytes(const Event& event) {
  return JsonBytes(event.actor) + JsonBytes(event.channel) + JsonBytes(event.text);
}

size_t JsonBytes(const std::vector<Group>& groups) {
  size_t bytes = 0;
  for (const Group& group : groups) {
    bytes += JsonBytes(group.receiver) + JsonBytes(group.group_key) + group.entity_id.size();
  }
  return bytes;
}

// Whether `event` fits into what is left when so many places and bytes are kept free.
bool Fits(const Incident& incident, const Event& event, size_t places, size_t bytes_max) {
  if (incident.timeline.size() + places >= limits::kIncidentEvents) return false;
  size_t bytes = JsonBytes(event);
  for (const Event& known : incident.timeline) bytes += JsonBytes(known);
  return bytes <= bytes_max;
}

// Leaves out the last of these names until the rest fits. Returns whether it did.
bool FitAlerts(std::vector<std::string>* alerts) {
  size_t count = 0;
  size_t bytes = 0;
  for (const std::string& name : *alerts) {
    bytes += JsonBytes(name);
    if (bytes > limits::kIncidentPartBytes || count == limits::kIncidentAlerts) break;
    ++count;
  }
  if (count == alerts->size()) return false;
  alerts->resize(count);
  return true;
}

std::vector<std::string> Both(const std::vector<std::string>& a,
                              const std::vector<std::string>& b) {
  std::vector<std::string> both;
  std::ranges::set_intersection(a, b, std::back_inserter(both));
  return both;
}

bool CutTo(size_t runes, std::string* text) {
  if (text->size() <= runes) return false;
  std::string cut = TruncateRunes(*text, runes);
  if (cut.size() == text->size()) return false;
  *text = std::move(cut);
  return true;
}

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

const char* PostmortemStatusName(PostmortemStatus status) {
  return kPostmortems.at(static_cast<size_t>(status));
}

std::optional<PostmortemStatus> ParsePostmortemStatus(std::string_view name) {
  return FindName<PostmortemStatus>(kPostmortems, name);
}

size_t Incident::alert_count() const {
  size_t count = past_alerts;
  for (const Group& group : groups) count += group.alerts;
  return count;
}

std::string LevelOf(std::string_view severity, const config::Incidents& terms) {
  const auto configured = terms.severities.find(severity);
  if (configured != terms.severities.end()) return configured->second;
  constexpr std::array<const char*, 5> kByRank = {"SEV4", "SEV3", "SEV3", "SEV2", "SEV1"};
  return kByRank.at(static_cast<size_t>(RankOf(severity)));
}

bool IsWorse(std::string_view a, std::string_view b, const config::Incidents& terms) {
  const std::string level_of_a = LevelOf(a, terms);
  const std::string level_of_b = LevelOf(b, terms);
  return level_of_a != level_of_b ? level_of_a < level_of_b : RankOf(a) > RankOf(b);
}

bool IsLevel(std::string_view text) { return std::ranges::find(kLevels, text) != kLevels.end(); }

const char* ActName(const Act& act) {
  constexpr std::array<const char*, std::variant_size_v<Act>> kNames = {
      "acknowledged", "resolved",        "noted",         "reassigned", "severity set",
      "role set",     "snoozed",         "classified",    "merged",     "escalated",
      "mitigated",    "post-mortem set", "note corrected"};
  return kNames.at(act.index());
}

Stats::Stats()
    : ack_seconds(AckBuckets()),
      resolve_seconds(ResolveBuckets()),
      page_seconds({0.1, 0.5, 1, 5, 10, 30, 60, 120, 300, 600}),
      detect_seconds({1, 5, 15, 30, 60, 120, 300, 600, 900, 1800, 3600}),
      send_seconds({0.1, 0.5, 1, 5, 10, 30, 60, 120, 300, 600}),
      mitigate_seconds(ResolveBuckets()),
      close_seconds(ResolveBuckets()),
      ack_to_resolve(ResolveBuckets()),
      alerts({1, 2, 5, 10, 20, 50, 100, 200, 500, 1000}) {}

bool EndedByItself(const Incident& incident) {
  if (incident.resolved_how != kTimedOut) return incident.resolved_how == "monitoring";
  const auto& events = incident.timeline;
  const auto end = std::find_if(events.rbegin(), events.rend(),
                                [](const Event& event) { return event.kind == "resolved"; });
  return end != events.rend() && end->channel == "clock";
}

bool Fit(Page* page) {
  bool is_cut = CutTo(kTitleRunes, &page->title);
  for (std::string* name :
       {&page->severity, &page->team, &page->service, &page->backend, &page->to}) {
    is_cut |= CutTo(kNameRunes, name);
  }
  for (std::string& name : page->alerts) is_cut |= CutTo(kNameRunes, &name);
  for (std::string& name : page->bare_alerts) CutTo(kNameRunes, &name);
  is_cut |= FitAlerts(&page->alerts);
  page->bare_alerts = Both(page->bare_alerts, page->alerts);
  is_cut |= std::erase_if(page->links, [](const auto& link) {
              return link.second.size() > limits::kIncidentLinkBytes;
            }) > 0;
  const std::string whole = page->correlation;
  if (CutTo(kNameRunes, &page->correlation)) {
    page->correlation += " #" + Sha256Hex(whole).substr(0, 16);
    is_cut = true;
  }
  return is_cut;
}

void AddAlerts(const std::vector<std::string>& names, const std::vector<std::string>& bare,
               Incident* incident) {
  // What is paged again is as its page says.
  std::vector<std::string> others;
  std::ranges::set_difference(AlertsWithoutRunbook(*incident), names, std::back_inserter(others));
  std::vector<std::string> all_bare;
  std::ranges::set_union(others, bare, std::back_inserter(all_bare));
  std::vector<std::string> all;
  std::ranges::set_union(incident->alerts, names, std::back_inserter(all));
  FitAlerts(&all);
  incident->bare_alerts = Both(all_bare, all);
  incident->alerts = std::move(all);
}

std::vector<std::string> AlertsWithoutRunbook(const Incident& incident) {
  if (incident.bare_alerts) return *incident.bare_alerts;
  return incident.links.contains("runbook") ? std::vector<std::string>() : incident.alerts;
}

WallTime LastPagedAt(const Incident& incident) {
  if (incident.paged_at == kNoTime) return kNoTime;
  // Of a long timeline the last ones may be missing.
  WallTime last = std::max(incident.paged_at, incident.cycle_paged_at);
  for (const Event& event : incident.timeline) {
    if (event.kind == "paged") last = std::max(last, event.at);
  }
  return last;
}

void RaiseSeverity(const std::string& severity, const config::Incidents& terms,
                   Incident* incident) {
  incident->severity = severity;
  if (incident->level_by.empty()) incident->level = LevelOf(severity, terms);
}

bool HasRoomFor(const Incident& incident, const std::vector<Group>& groups) {
  return incident.groups.size() + groups.size() <= limits::kIncidentGroups &&
         JsonBytes(incident.groups) + JsonBytes(groups) <= limits::kIncidentPartBytes;
}

bool CanTake(const Incident& incident, const Incident& other) {
  return incident.is_test == other.is_test && incident.merged.size() < limits::kIncidentGroups &&
         HasRoomFor(incident, other.groups);
}

bool HasRoom(const Incident& incident, const Event& event) {
  return Fits(incident, event, kReserved, limits::kIncidentPartBytes);
}

void AddEvent(Incident* incident, Event event) {
  const size_t places = KeptFrom(event);
  const size_t parts = places == kReserved ? 1 : 2;
  if (Fits(*incident, event, places, parts * limits::kIncidentPartBytes)) {
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

bool IsGraverThanHeld(std::string_view severity, const Incident& incident,
                      const config::Incidents& terms) {
  const bool is_held = incident.ack || incident.snooze;
  return is_held && incident.level_by.empty() && IsWorse(severity, incident.severity, terms);
}

void EndHold(Incident* incident, const std::string& by, const std::string& channel, WallTime now) {
  const bool is_ack = incident->ack.has_value();
  const std::string holder = is_ack ? incident->ack->by : incident->snooze->by;
  StartCycle(incident, now);
  if (is_ack) incident->owner.clear();
  AddEvent(incident, {now, "returned", by, channel,
                      "graver than what " + holder + (is_ack ? " acknowledged" : " snoozed") +
                          ": " + incident->severity});
}

void End(State state, const std::string& by, WallTime now, Incident* incident) {
  incident->state = state;
  incident->resolved_at = now;
  if (state == State::kMerged) incident->ended_at = now;
  incident->resolved_by = by;
  incident->ack.reset();
  incident->snooze.reset();
  incident->past_alerts = incident->alert_count();
  incident->groups.clear();
  // Nobody need answer any more.
  if (!incident->response.is_met) incident->response.due_at = kNoTime;
}

double SecondsBetween(WallTime from, WallTime to) {
  return from == kNoTime || to < from ? 0.0 : ToSeconds(to - from);
}

}  // namespace watchfire::incident
