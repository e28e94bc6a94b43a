// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/core/handoff.h"

#include <algorithm>
#include <functional>
#include <tuple>
#include <utility>

#include <cctz/time_zone.h>

#include "pkg/base/json.h"
#include "pkg/base/strings.h"
#include "pkg/incident/analytics.h"

namespace watchfire::core {
namespace {

using incident::Incident;

constexpr Duration kLookBack = std::chrono::hours(24 * 62);

std::string Names(const oncall::People& people) {
  return people.empty() ? "nobody" : Join(people, ", ");
}

std::string Local(WallTime at, const oncall::Schedule& schedule) {
  return cctz::format("%a %Y-%m-%d %H:%M %Z",
                      std::chrono::time_point_cast<std::chrono::seconds>(at), schedule.zone.zone);
}

std::string Counted(size_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

// Whose it is, in words.
std::string HolderOf(const Incident& incident) {
  if (incident.ack) return "held by " + incident.ack->by;
  if (incident.snooze) return "snoozed by " + incident.snooze->by;
  if (incident.owner.empty()) return "nobody's";
  return "not acknowledged, given to " + incident.owner;
}

std::string MatchersOf(const silence::Silence& silence) {
  return matcher::ToString(silence.matcher_sets.at(0));
}

std::string More(size_t count, size_t named) {
  return count > named ? "- and " + std::to_string(count - named) + " more\n" : "";
}

std::string NamesOf(const oncall::Targets& targets) {
  oncall::People names;
  for (const oncall::Target& target : targets) names.push_back(target.name);
  return Names(names);
}

std::string OverrideText(const oncall::Override& one, const oncall::Schedule& schedule) {
  std::string text =
      Local(one.start, schedule) + " to " + Local(one.end, schedule) + ": " + NamesOf(one.who);
  if (one.mode == oncall::Override::Mode::kSubstitute) text += " instead of " + one.replaced;
  if (one.mode == oncall::Override::Mode::kAdd) text += " as well";
  return text;
}

// When it was paged within the shift, last; kNoTime: it was not.
WallTime PagedWithin(const Incident& incident, WallTime from, WallTime until) {
  WallTime last = kNoTime;
  for (const incident::Event& event : incident.timeline) {
    if (event.kind == "paged" && event.at >= from && event.at < until) last = event.at;
  }
  return last;
}

template <typename T>
size_t CutToRows(std::vector<T>* rows) {
  const size_t count = rows->size();
  if (count > kHandoffRows) rows->resize(kHandoffRows);
  return count;
}

void WriteTime(const char* name, WallTime at, JsonWriter* json) {
  json->Key(name);
  if (at == kNoTime) {
    json->Null();
  } else {
    json->String(FormatRfc3339(at, 9, true));
  }
}

void WriteNames(const char* name, const oncall::People& people, JsonWriter* json) {
  json->Key(name).StartArray();
  for (const std::string& one : people) json->String(one);
  json->EndArray();
}

}  // namespace

Handoff MakeHandoff(const oncall::Roster& roster, const oncall::Schedule& schedule,
                    const std::map<uint64_t, std::shared_ptr<const Incident>>& incidents,
                    const std::vector<silence::Silence>& silences, WallTime at) {
  Handoff handoff;
  handoff.schedule = schedule.name;
  handoff.at = at;
  handoff.off = oncall::WhoAt(roster, schedule, at);
  const auto past = oncall::MergePeople(
      oncall::FinalSchedule(roster, schedule, at - kLookBack, at + std::chrono::nanoseconds(1)));
  handoff.since = past.empty() ? at : past.back().begin;
  if (const auto next = oncall::NextDuty(roster, schedule, at)) {
    handoff.until = next->begin;
    handoff.on = next->people;
  }
  if (handoff.since < at) {
    oncall::Clocks clocks = oncall::ClocksOf(&roster);
    clocks.zone = schedule.zone.zone;
    const incident::Figures figures =
        incident::Analyze(incidents, {handoff.since, at}, clocks).total;
    handoff.pages = figures.pages;
    handoff.pages_sleep = figures.pages_sleep;
    handoff.opened = figures.incidents;
    handoff.resolved = figures.resolved;
  }
  for (const auto& [id, incident] : incidents) {
    if (incident::IsOpen(incident->state)) handoff.incidents.push_back(incident);
  }
  const auto order = [](const std::shared_ptr<const Incident>& one) {
    return std::tuple(one->ack.has_value() || one->snooze.has_value(), one->level, one->opened_at,
                      one->id);
  };
  std::ranges::sort(handoff.incidents, {}, order);
  handoff.incident_count = CutToRows(&handoff.incidents);
  std::vector<std::pair<WallTime, std::shared_ptr<const Incident>>> over;
  for (const auto& [id, incident] : incidents) {
    if (incident::IsOpen(incident->state)) continue;
    const WallTime paged = PagedWithin(*incident, handoff.since, at);
    if (paged != kNoTime) over.emplace_back(paged, incident);
  }
  std::ranges::stable_sort(over, std::greater(), [](const auto& one) { return one.first; });
  for (auto& [paged, incident] : over) handoff.over.push_back(std::move(incident));
  handoff.over_count = CutToRows(&handoff.over);
  for (const silence::Silence& one : silences) {
    const bool is_active = silence::StateAt(one, at) == silence::State::kActive;
    if (is_active && one.ends_at <= at + kHandoffSilences) handoff.silences.push_back(one);
  }
  std::ranges::sort(handoff.silences, {},
                    [](const silence::Silence& one) { return std::tuple(one.ends_at, one.id); });
  handoff.silence_count = CutToRows(&handoff.silences);
  for (const oncall::Override& one : schedule.overrides) {
    if (one.end > at && one.start < at + kHandoffOverrides) handoff.overrides.push_back(one);
  }
  std::ranges::stable_sort(handoff.overrides, {}, &oncall::Override::start);
  handoff.override_count = CutToRows(&handoff.overrides);
  return handoff;
}

std::string HandoffText(const Handoff& handoff, const oncall::Schedule& schedule) {
  std::string text = "Hand-off of " + handoff.schedule;
  if (handoff.until == kNoTime) {
    text += ": " + Names(handoff.off) + ", with no change ahead\n";
  } else {
    text += ", " + Local(handoff.until, schedule) + ": " + Names(handoff.off) + " → " +
            Names(handoff.on) + "\n";
  }
  text += "In the shift since " + Local(handoff.since, schedule) + ": " +
          Counted(handoff.pages, "page") + " (" + std::to_string(handoff.pages_sleep) +
          " at night), " + Counted(handoff.opened, "incident") + " opened, " +
          std::to_string(handoff.resolved) + " resolved\n";
  text += "\nOpen incidents: " + std::to_string(handoff.incident_count) + "\n";
  for (const auto& one : handoff.incidents) {
    text += "- #" + std::to_string(one->id) + " " + one->level + " " + one->title + ": " +
            HolderOf(*one) + ", since " + Local(one->opened_at, schedule) + "\n";
  }
  text += More(handoff.incident_count, handoff.incidents.size());
  text += "\nPaged in this shift, and over: " + std::to_string(handoff.over_count) + "\n";
  for (const auto& one : handoff.over) {
    const WallTime paged = PagedWithin(*one, handoff.since, handoff.at);
    text += "- #" + std::to_string(one->id) + " " + one->level + " " + one->title + ": paged " +
            Local(paged, schedule);
    if (!one->acked_by.empty()) text += ", acknowledged by " + one->acked_by;
    if (one->resolved_at != kNoTime) text += ", over " + Local(one->resolved_at, schedule);
    text += "\n";
  }
  text += More(handoff.over_count, handoff.over.size());
  text += "\nSilences that end within " + std::to_string(kHandoffSilences.count()) +
          " h: " + std::to_string(handoff.silence_count) + "\n";
  for (const silence::Silence& one : handoff.silences) {
    text += "- " + Local(one.ends_at, schedule) + ": " + MatchersOf(one) + ", by " +
            one.created_by + (one.comment.empty() ? "" : ": " + one.comment) + "\n";
  }
  text += More(handoff.silence_count, handoff.silences.size());
  text += "\nOverrides within 14 days: " + std::to_string(handoff.override_count) + "\n";
  for (const oncall::Override& one : handoff.overrides) {
    text += "- " + OverrideText(one, schedule) + "\n";
  }
  return text + More(handoff.override_count, handoff.overrides.size());
}

std::string HandoffJson(const Handoff& handoff, const oncall::Schedule& schedule) {
  JsonWriter json;
  json.StartObject().Field("schedule", handoff.schedule);
  WriteTime("at", handoff.at, &json);
  WriteTime("since", handoff.since, &json);
  WriteTime("until", handoff.until, &json);
  WriteNames("off", handoff.off, &json);
  WriteNames("on", handoff.on, &json);
  json.Field("pages", static_cast<int64_t>(handoff.pages));
  json.Field("pagesSleep", static_cast<int64_t>(handoff.pages_sleep));
  json.Field("incidentsOpened", static_cast<int64_t>(handoff.opened));
  json.Field("incidentsResolved", static_cast<int64_t>(handoff.resolved));
  json.Field("openIncidents", static_cast<int64_t>(handoff.incident_count));
  json.Key("incidents").StartArray();
  for (const auto& one : handoff.incidents) {
    const auto& hold = one->ack ? one->ack : one->snooze;
    json.StartObject().Field("id", static_cast<int64_t>(one->id)).Field("title", one->title);
    json.Field("level", one->level).Field("state", incident::StateName(one->state));
    json.Field("holder", hold ? hold->by : std::string());
    WriteTime("openedAt", one->opened_at, &json);
    json.EndObject();
  }
  json.EndArray().Field("endingSilences", static_cast<int64_t>(handoff.silence_count));
  json.Key("silences").StartArray();
  for (const silence::Silence& one : handoff.silences) {
    json.StartObject().Field("id", one.id).Field("matchers", MatchersOf(one));
    WriteTime("endsAt", one.ends_at, &json);
    json.Field("createdBy", one.created_by).Field("comment", one.comment).EndObject();
  }
  json.EndArray().Field("pagedAndOver", static_cast<int64_t>(handoff.over_count));
  json.Key("over").StartArray();
  for (const auto& one : handoff.over) {
    json.StartObject().Field("id", static_cast<int64_t>(one->id)).Field("title", one->title);
    json.Field("level", one->level).Field("ackedBy", one->acked_by);
    WriteTime("pagedAt", PagedWithin(*one, handoff.since, handoff.at), &json);
    WriteTime("resolvedAt", one->resolved_at, &json);
    json.EndObject();
  }
  json.EndArray().Field("comingOverrides", static_cast<int64_t>(handoff.override_count));
  json.Key("overrides").StartArray();
  for (const oncall::Override& one : handoff.overrides) {
    json.StartObject();
    WriteTime("start", one.start, &json);
    WriteTime("end", one.end, &json);
    json.Field("who", NamesOf(one.who)).Field("text", OverrideText(one, schedule)).EndObject();
  }
  json.EndArray().Field("text", HandoffText(handoff, schedule));
  return json.EndObject().Take();
}

}  // namespace watchfire::core
