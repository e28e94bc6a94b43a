// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// POST /api/v1/incidents/{id}/…: what people do to incidents. A body is an object of texts; which
// ones an act takes is a row of the table below. Whether they make sense is for the registry to
// say.

#include <algorithm>
#include <map>

#include <simdjson.h>

#include "pkg/alert/json_fault.h"
#include "pkg/api/handlers.h"
#include "pkg/api/incident_id.h"
#include "pkg/api/respond.h"
#include "pkg/base/json.h"
#include "pkg/base/strings.h"

namespace watchfire::api {
namespace {

using Members = std::map<std::string, std::string, std::less<>>;

struct ActKind {
  std::vector<std::string> members;  // Beside actor and note.
  Result<incident::Act> (*make)(const Members&);
};

// Reads an object of texts with no other members than those.
Result<Members> ReadMembers(const std::string& body, std::vector<std::string> known) {
  known.insert(known.begin(), {"actor", "note"});
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (const auto error = parser.parse(body).get(object); error != simdjson::SUCCESS) {
    return InvalidArgument(
        "the body must be a JSON object such as {\"actor\": \"ada\", \"note\": \"on it\"}: " +
        alert::DescribeJsonFault(body, simdjson::error_message(error)));
  }
  Members members;
  for (const auto& [key, value] : object) {
    if (std::ranges::find(known, key) == known.end()) {
      return InvalidArgument("unknown member " + GoQuote(key) + ": " + Join(known, ", ") +
                             " are known");
    }
    std::string_view text;
    if (value.get(text) != simdjson::SUCCESS) {
      return InvalidArgument(std::string(key) + " must be a string");
    }
    members[std::string(key)] = text;
  }
  return members;
}

std::string Get(const Members& members, std::string_view name) {
  const auto found = members.find(name);
  return found == members.end() ? std::string() : found->second;
}

Result<incident::Until> ReadUntil(const Members& members) {
  incident::Until until;
  if (const std::string text = Get(members, "until"); !text.empty()) {
    const Result<WallTime> at = ParseTime(text);
    if (!at) {
      return InvalidArgument("until must be a time such as 2026-08-22T14:00:00Z, not " +
                             GoQuote(text));
    }
    until.at = *at;
  }
  if (const std::string text = Get(members, "for"); !text.empty()) {
    const Result<Duration> span = ParseDuration(text);
    if (!span || *span == Duration::zero()) {
      return InvalidArgument("for must be a duration such as 2h30m, not " + GoQuote(text));
    }
    until.span = *span;
  }
  return until;
}

Result<incident::Act> MakeAcknowledge(const Members& members) {
  Result<incident::Until> until = ReadUntil(members);
  if (!until) return Fail(std::move(until.error()));
  return incident::Act(incident::Acknowledge{*until});
}

Result<incident::Act> MakeSnooze(const Members& members) {
  Result<incident::Until> until = ReadUntil(members);
  if (!until) return Fail(std::move(until.error()));
  return incident::Act(incident::Snooze{*until});
}

Result<incident::Act> MakeMerge(const Members& members) {
  const uint64_t into = ParseIncidentId(Get(members, "into"));
  if (into == 0) {
    return InvalidArgument("into must be the id of an incident, not " +
                           GoQuote(Get(members, "into")));
  }
  return incident::Act(incident::Merge{into});
}

net::Response Perform(const Call& call, const ActKind& kind) {
  if (const auto fault = MediaTypeFault(call.request)) {
    return Failure(415, "unsupported_media_type", *fault);
  }
  core::IncidentCommand command;
  command.incident = ParseIncidentId(call.params[0]);
  if (command.incident == 0) return Failure(NoIncident(call.params[0]));
  const Result<Members> members = ReadMembers(call.request.body, kind.members);
  if (!members) return Failure(members.error());
  command.ack.actor = Get(*members, "actor");
  command.ack.note = Get(*members, "note");
  command.ack.channel = "api";
  Result<incident::Act> act = kind.make(*members);
  if (!act) return Failure(act.error());
  command.act = *std::move(act);
  const std::string id = std::to_string(command.incident);
  const Result<core::Reply> reply = call.backend.Ask(std::move(command));
  if (!reply) return Failure(reply.error());
  if (!reply->status) return Failure(reply->status.error());
  JsonWriter json;
  return Success(json.StartObject().Field("id", id).EndObject().Take());
}

}  // namespace

net::Response AckIncident(const Call& call) {
  return Perform(call, {{"until", "for"}, MakeAcknowledge});
}

net::Response ResolveIncident(const Call& call) {
  return Perform(call,
                 {{}, [](const Members&) -> Result<incident::Act> { return incident::Resolve{}; }});
}

net::Response EscalateIncident(const Call& call) {
  return Perform(
      call, {{}, [](const Members&) -> Result<incident::Act> { return incident::Escalate{}; }});
}

net::Response MitigateIncident(const Call& call) {
  return Perform(
      call, {{}, [](const Members&) -> Result<incident::Act> { return incident::Mitigate{}; }});
}

net::Response SetPostmortem(const Call& call) {
  return Perform(call, {{"status"}, [](const Members& members) -> Result<incident::Act> {
                          return incident::SetPostmortem{Get(members, "status")};
                        }});
}

net::Response NoteIncident(const Call& call) {
  return Perform(call,
                 {{}, [](const Members&) -> Result<incident::Act> { return incident::AddNote{}; }});
}

net::Response ReassignIncident(const Call& call) {
  return Perform(call, {{"owner"}, [](const Members& members) -> Result<incident::Act> {
                          return incident::Reassign{Get(members, "owner")};
                        }});
}

net::Response SetIncidentSeverity(const Call& call) {
  return Perform(call, {{"severity"}, [](const Members& members) -> Result<incident::Act> {
                          return incident::SetLevel{Get(members, "severity")};
                        }});
}

net::Response SetIncidentRole(const Call& call) {
  return Perform(call, {{"role", "name"}, [](const Members& members) -> Result<incident::Act> {
                          return incident::SetRole{Get(members, "role"), Get(members, "name")};
                        }});
}

net::Response SnoozeIncident(const Call& call) {
  return Perform(call, {{"until", "for"}, MakeSnooze});
}

net::Response ClassifyIncident(const Call& call) {
  return Perform(call, {{"classification"}, [](const Members& members) -> Result<incident::Act> {
                          return incident::Classify{Get(members, "classification")};
                        }});
}

net::Response MergeIncident(const Call& call) { return Perform(call, {{"into"}, MakeMerge}); }

}  // namespace watchfire::api
