// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/api/alert_incidents.h"

#include <algorithm>

#include "pkg/base/strings.h"

namespace watchfire::api {
namespace {

void WriteHold(const char* name, const std::optional<incident::Hold>& hold, JsonWriter* json) {
  if (!hold) return;
  json->Key(name).StartObject().Field("by", hold->by);
  json->Field("since", FormatRfc3339(hold->since)).Key("until");
  hold->until == kNoTime ? json->Null() : json->String(FormatRfc3339(hold->until));
  json->EndObject();
}

}  // namespace

bool AckQuery::Wants(const incident::Incident& incident) const {
  if (acked && incident.ack.has_value() != *acked) return false;
  return !by || (incident.ack && by->Is(incident.ack->by));
}

Result<AckQuery> ReadAckQuery(const net::Request& request, const config::Config& config) {
  AckQuery query;
  if (const std::string* acked = request.param("acked"); acked != nullptr && !acked->empty()) {
    if (*acked != "true" && *acked != "false") {
      return InvalidArgument("acked must be true or false, not " + GoQuote(*acked));
    }
    query.acked = *acked == "true";
  }
  if (const std::string* by = request.param("acked_by"); by != nullptr && !by->empty()) {
    query.by.emplace(config.oncall.roster, *by);
  }
  return query;
}

AlertIncidents::AlertIncidents(const core::View& view) {
  for (const core::OpenIncident& open : view.open_incidents) {
    for (const auto& group : open.alerts) {
      for (const uint64_t alert : *group) entries_.emplace_back(alert, open.incident.get());
    }
  }
  std::ranges::sort(entries_, [](const Entry& a, const Entry& b) {
    return a.first != b.first ? a.first < b.first : a.second->id < b.second->id;
  });
  // Two groups of one incident may share an alert.
  entries_.erase(std::unique(entries_.begin(), entries_.end()), entries_.end());
}

std::span<const AlertIncidents::Entry> AlertIncidents::Find(uint64_t fingerprint) const {
  const auto begin = std::ranges::lower_bound(entries_, fingerprint, {}, &Entry::first);
  const auto end = std::ranges::upper_bound(entries_, fingerprint, {}, &Entry::first);
  return {begin, end};
}

bool AlertIncidents::IsWanted(const AckQuery& query, uint64_t fingerprint) const {
  if (query.is_any()) return true;
  const std::span<const Entry> own = Find(fingerprint);
  // Nobody has acknowledged what no incident is about.
  const bool wants_unacked = query.acked == false && !query.by;
  const auto is_fine = [&](const Entry& entry) { return query.Wants(*entry.second); };
  return wants_unacked ? std::ranges::all_of(own, is_fine) : std::ranges::any_of(own, is_fine);
}

void AlertIncidents::Write(uint64_t fingerprint, JsonWriter* json) const {
  const std::span<const Entry> own = Find(fingerprint);
  if (own.empty()) return;
  json->Key("incidents").StartArray();
  for (const Entry& entry : own) {
    const incident::Incident& incident = *entry.second;
    json->StartObject().Field("id", std::to_string(incident.id));
    json->Field("state", incident::StateName(incident.state)).Field("level", incident.level);
    json->Field("owner", incident.owner);
    WriteHold("ack", incident.ack, json);
    WriteHold("snooze", incident.snooze, json);
    json->EndObject();
  }
  json->EndArray();
}

}  // namespace watchfire::api
