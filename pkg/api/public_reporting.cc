// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// GET /api-reporting/v2/incidents: as VictorOps' reporting API, what has ended, page by page, for
// as long as incidents are kept. Ours is not 15 minutes late.

#include <algorithm>
#include <utility>
#include <vector>

#include "pkg/api/incident_id.h"
#include "pkg/api/public_victorops.h"
#include "pkg/api/query.h"
#include "pkg/api/respond.h"
#include "pkg/base/strings.h"

namespace watchfire::api {
namespace {

using incident::Incident;
using incident::State;

constexpr size_t kLimit = 20;  // The vendor's.
constexpr size_t kLimitMax = 100;

// What the parameters ask for.
struct Wanted {
  std::vector<std::string> phases = {"resolved"};
  std::vector<std::string> services;  // Empty: any.
  std::string routing_key;
  std::string entity_id;
  std::string host;
  std::vector<std::pair<uint64_t, uint64_t>> numbers;  // Ranges, one of which holds; empty: any.
  WallTime after = kNoTime;
  WallTime before = kNoTime;
};

// "4,5,20:50": numbers, and ranges with both their ends. Errors: kInvalidArgument.
Result<std::vector<std::pair<uint64_t, uint64_t>>> ReadNumbers(const std::string& text) {
  std::vector<std::pair<uint64_t, uint64_t>> ranges;
  for (const std::string_view part : Split(text, ',')) {
    const size_t colon = std::min(part.find(':'), part.size());
    const std::string first(Trim(part.substr(0, colon)));
    const std::string last(colon == part.size() ? first : Trim(part.substr(colon + 1)));
    ranges.emplace_back(ParseIncidentId(first), ParseIncidentId(last));
    if (ranges.back().first == 0 || ranges.back().second == 0) {
      return InvalidArgument("incidentNumber must be such as 4,5,20:50, not " + GoQuote(text));
    }
  }
  return ranges;
}

// "web, db": the values between the commas.
std::vector<std::string> ListOf(const std::string& text) {
  std::vector<std::string> values;
  for (const std::string_view part : Split(text, ',')) {
    if (!Trim(part).empty()) values.emplace_back(Trim(part));
  }
  return values;
}

bool IsAmong(const std::vector<std::string>& values, std::string_view value) {
  return std::ranges::find(values, value) != values.end();
}

Result<Wanted> ReadWanted(const net::Request& request) {
  Wanted wanted;
  const auto text = [&](const char* name, std::string* value) {
    const std::string* given = request.param(name);
    if (given != nullptr && !given->empty()) *value = *given;
  };
  std::string phases;
  std::string services;
  text("currentPhase", &phases);
  text("service", &services);
  if (!phases.empty()) wanted.phases = ListOf(phases);
  for (std::string& phase : wanted.phases) phase = PublicPhaseCalled(phase);
  wanted.services = ListOf(services);
  text("routingKey", &wanted.routing_key);
  text("entityId", &wanted.entity_id);
  text("host", &wanted.host);
  const auto is_none = [](const std::string& phase) {
    return phase != "resolved" && phase != "triggered" && phase != "acknowledged";
  };
  if (wanted.phases.empty() || std::ranges::any_of(wanted.phases, is_none)) {
    return InvalidArgument("currentPhase must be of triggered, acknowledged and resolved");
  }
  std::string numbers;
  text("incidentNumber", &numbers);
  if (!numbers.empty()) {
    auto ranges = ReadNumbers(numbers);
    if (!ranges) return Fail(ranges.error());
    wanted.numbers = *std::move(ranges);
  }
  const Result<WallTime> after = ReadTime(request, "startedAfter");
  if (!after) return Fail(after.error());
  wanted.after = *after;
  const Result<WallTime> before = ReadTime(request, "startedBefore");
  if (!before) return Fail(before.error());
  wanted.before = *before;
  return wanted;
}

bool Matches(const Incident& incident, const Wanted& wanted, const PublicEntities& entities) {
  if (incident.state == State::kMerged) return false;
  if (!IsAmong(wanted.phases, PublicPhase(incident.state))) return false;
  if (!wanted.services.empty() && !IsAmong(wanted.services, incident.service)) return false;
  if (!wanted.routing_key.empty() && incident.receiver != wanted.routing_key) return false;
  if (!wanted.entity_id.empty() && PublicEntity(incident, entities) != wanted.entity_id) {
    return false;
  }
  if (!wanted.host.empty()) return false;  // Ours have none.
  const auto has = [&](const auto& range) {
    return range.first <= incident.id && incident.id <= range.second;
  };
  if (!wanted.numbers.empty() && std::ranges::none_of(wanted.numbers, has)) return false;
  if (wanted.after != kNoTime && incident.opened_at < wanted.after) return false;
  return wanted.before == kNoTime || incident.opened_at < wanted.before;
}

}  // namespace

net::Response GetReportedIncidents(const Call& call) {
  if (auto refusal = PublicRefusal(call)) return *std::move(refusal);
  const Result<size_t> offset = ReadOffset(call.request, "offset");
  if (!offset) return PublicError(offset.error());
  const Result<size_t> asked = ReadOffset(call.request, "limit", kLimit);
  if (!asked) return PublicError(asked.error());
  const size_t limit = std::clamp<size_t>(*asked, 1, kLimitMax);
  const Result<Wanted> wanted = ReadWanted(call.request);
  if (!wanted) return PublicError(wanted.error());
  const auto view = ReadPublic(call.backend);
  if (!view) return PublicError(view.error());
  const PublicEntities entities = PublicEntitiesOf(**view);
  size_t total = 0;
  JsonWriter json;
  json.StartObject().Key("incidents").StartArray();
  for (auto it = (*view)->incidents.rbegin(); it != (*view)->incidents.rend(); ++it) {
    if (!Matches(*it->second, *wanted, entities)) continue;
    const size_t place = total++;
    if (place < *offset || place - *offset >= limit) continue;
    WritePublicIncident(*it->second, entities, &json);
  }
  json.EndArray().Field("offset", static_cast<int64_t>(*offset));
  json.Field("limit", static_cast<int64_t>(limit)).Field("total", static_cast<int64_t>(total));
  return Json(200, json.EndObject().Take());
}

}  // namespace watchfire::api
