// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// POST /api/v1/incidents/{id}/…: what people do to incidents. A body is an object of texts; which
// ones an act takes is a row of the table below. Whether they make sense is for the registry to
// say.

#include "pkg/api/handlers.h"
#include "pkg/api/incident_id.h"
#include "pkg/api/members.h"
#include "pkg/api/respond.h"
#include "pkg/base/json.h"
#include "pkg/base/strings.h"

namespace watchfire::api {
namespace {

struct ActKind {
  std::vector<std::string> members;  // Beside actor and note.
  Result<incident::Act> (*make)(const Members&);
};

Result<incident::Until> ReadUntil(const Members& members) {
  incident::Until until;
  const Result<WallTime> at = InstantOf(members, "until");
  if (!at) return Fail(at.error());
  until.at = *at;
  const Result<Duration> span = SpanOf(members, "for");
  if (!span) return Fail(span.error());
  until.span = *span;
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
  const uint64_t into = ParseIncidentId(MemberOf(members, "into"));
  if (into == 0) {
    return InvalidArgument("into must be the id of an incident, not " +
                           GoQuote(MemberOf(members, "into")));
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
  command.ack.actor = MemberOf(*members, "actor");
  command.ack.note = MemberOf(*members, "note");
  command.ack.channel = "api";
  Result<incident::Act> act = kind.make(*members);
  if (!act) return Failure(act.error());
  command.act = *std::move(act);
  const std::string id = std::to_string(command.incident);
  const Result<core::Reply> reply = call.backend.Ask(std::move(command));
  if (!reply) return Failure(reply.error());
  if (!reply->status) return Failure(reply->status.error());
  JsonWriter json;
  json.StartObject().Field("id", id);
  if (!reply->remark.empty()) json.Field("remark", reply->remark);
  return Success(json.EndObject().Take());
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
  return Perform(call, {{"to"}, [](const Members& members) -> Result<incident::Act> {
                          return incident::Escalate{MemberOf(members, "to"), false};
                        }});
}

net::Response MitigateIncident(const Call& call) {
  return Perform(
      call, {{}, [](const Members&) -> Result<incident::Act> { return incident::Mitigate{}; }});
}

net::Response SetPostmortem(const Call& call) {
  return Perform(call, {{"status"}, [](const Members& members) -> Result<incident::Act> {
                          return incident::SetPostmortem{MemberOf(members, "status")};
                        }});
}

net::Response NoteIncident(const Call& call) {
  return Perform(call,
                 {{}, [](const Members&) -> Result<incident::Act> { return incident::AddNote{}; }});
}

net::Response ReassignIncident(const Call& call) {
  return Perform(call, {{"owner"}, [](const Members& members) -> Result<incident::Act> {
                          return incident::Reassign{MemberOf(members, "owner")};
                        }});
}

net::Response SetIncidentSeverity(const Call& call) {
  return Perform(call, {{"severity"}, [](const Members& members) -> Result<incident::Act> {
                          return incident::SetLevel{MemberOf(members, "severity")};
                        }});
}

net::Response SetIncidentRole(const Call& call) {
  return Perform(call,
                 {{"role", "name"}, [](const Members& members) -> Result<incident::Act> {
                    return incident::SetRole{MemberOf(members, "role"), MemberOf(members, "name")};
                  }});
}

net::Response SnoozeIncident(const Call& call) {
  return Perform(call, {{"until", "for"}, MakeSnooze});
}

net::Response ClassifyIncident(const Call& call) {
  return Perform(call, {{"classification"}, [](const Members& members) -> Result<incident::Act> {
                          return incident::Classify{MemberOf(members, "classification")};
                        }});
}

net::Response MergeIncident(const Call& call) { return Perform(call, {{"into"}, MakeMerge}); }

}  // namespace watchfire::api
