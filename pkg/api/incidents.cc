// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// /api/v1/incidents: what pages opened, who acknowledged, how it ended.

#include <algorithm>
#include <charconv>

#include <simdjson.h>

#include "pkg/alert/json_fault.h"
#include "pkg/api/handlers.h"
#include "pkg/api/query.h"
#include "pkg/api/respond.h"
#include "pkg/base/json.h"
#include "pkg/base/strings.h"

namespace watchfire::api {
namespace {

using incident::Incident;
using incident::State;

constexpr const char* kOpen = "open";  // Triggered or acknowledged.

// Returns 0, which is nobody's id, unless `text` is a number.
uint64_t ParseId(std::string_view text) {
  uint64_t id = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  return error == std::errc() && stop == text.data() + text.size() ? id : 0;
}

Error NoIncident(std::string_view id) { return {Code::kNotFound, "no incident " + GoQuote(id)}; }

struct IncidentQuery {
  std::string state;
  std::optional<std::string> team;
  std::optional<size_t> limit;

  bool Wants(const Incident& incident) const {
    if (team && incident.team != *team) return false;
    if (state == kOpen) return incident.state != State::kResolved;
    return state.empty() || state == StateName(incident.state);
  }
};

Result<IncidentQuery> ReadIncidentQuery(const net::Request& request) {
  IncidentQuery query;
  if (const std::string* state = request.param("state")) query.state = *state;
  const std::vector<std::string> known = {kOpen, "triggered", "acknowledged", "resolved"};
  if (!query.state.empty() && std::ranges::find(known, query.state) == known.end()) {
    return InvalidArgument("state must be one of " + Join(known, ", ") + ", not " +
                           GoQuote(query.state));
  }
  if (const std::string* team = request.param("team")) query.team = *team;
  Result<std::optional<size_t>> limit = ReadCount(request, "limit");
  if (!limit) return Fail(std::move(limit.error()));
  query.limit = *limit;
  return query;
}

// Reads {"actor": "...", "note": "..."}; whether an actor is named is for the registry to demand.
Result<incident::Ack> ReadAck(const std::string& body) {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (const auto error = parser.parse(body).get(object); error != simdjson::SUCCESS) {
    return InvalidArgument(
        "the body must be a JSON object such as {\"actor\": \"ada\", \"note\": \"on it\"}: " +
        alert::DescribeJsonFault(body, simdjson::error_message(error)));
  }
  incident::Ack ack;
  ack.channel = "api";
  for (const auto& [key, value] : object) {
    if (key != "actor" && key != "note") {
      return InvalidArgument("unknown member " + GoQuote(key) + ": actor and note are known");
    }
    std::string_view text;
    if (value.get(text) != simdjson::SUCCESS) {
      return InvalidArgument(std::string(key) + " must be a string");
    }
    (key == "actor" ? ack.actor : ack.note) = text;
  }
  return ack;
}

net::Response Act(const Call& call, core::IncidentCommand::Verb verb) {
  if (const auto fault = MediaTypeFault(call.request)) {
    return Failure(415, "unsupported_media_type", *fault);
  }
  core::IncidentCommand command;
  command.verb = verb;
  command.incident = ParseId(call.params[0]);
  if (command.incident == 0) return Failure(NoIncident(call.params[0]));
  Result<incident::Ack> ack = ReadAck(call.request.body);
  if (!ack) return Failure(ack.error());
  command.ack = *std::move(ack);
  const std::string id = std::to_string(command.incident);
  const Result<core::Reply> reply = call.backend.Ask(std::move(command));
  if (!reply) return Failure(reply.error());
  if (!reply->status) return Failure(reply->status.error());
  JsonWriter json;
  return Success(json.StartObject().Field("id", id).EndObject().Take());
}

}  // namespace

net::Response GetIncidents(const Call& call) {
  const Result<IncidentQuery> query = ReadIncidentQuery(call.request);
  if (!query) return Failure(query.error());
  const auto view = call.backend.Read(core::kViewIncidents);
  if (!view) return Failure(view.error());
  JsonWriter json;
  json.StartObject().Key("incidents").StartArray();
  size_t total = 0;
  const auto& incidents = (*view)->incidents;
  for (auto it = incidents.rbegin(); it != incidents.rend(); ++it) {
    if (!query->Wants(*it->second)) continue;
    if (++total <= query->limit.value_or(total)) json.Raw(incident::ToJson(*it->second));
  }
  json.EndArray().Field("total", static_cast<int64_t>(total));
  return Success(json.EndObject().Take());
}

net::Response GetIncident(const Call& call) {
  const auto view = call.backend.Read(core::kViewIncidents);
  if (!view) return Failure(view.error());
  const auto found = (*view)->incidents.find(ParseId(call.params[0]));
  if (found == (*view)->incidents.end()) return Failure(NoIncident(call.params[0]));
  return Success(incident::ToJson(*found->second));
}

net::Response AckIncident(const Call& call) {
  return Act(call, core::IncidentCommand::Verb::kAcknowledge);
}

net::Response ResolveIncident(const Call& call) {
  return Act(call, core::IncidentCommand::Verb::kResolve);
}

}  // namespace watchfire::api
