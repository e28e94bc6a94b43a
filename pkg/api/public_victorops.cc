// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// /api-public/v1/incidents: as VictorOps' public API, for scripts. An incident's number is its id
// here. What the real API lacks and scripts ask for all the same is there too: statuses, limit and
// offset of the list, the log.

#include "pkg/api/public_victorops.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <utility>

#include "pkg/api/inbound_changes.h"
#include "pkg/api/incident_id.h"
#include "pkg/api/public_roster.h"
#include "pkg/api/query.h"
#include "pkg/api/respond.h"
#include "pkg/base/json.h"
#include "pkg/base/limits.h"
#include "pkg/base/strings.h"
#include "pkg/inbound/json_in.h"
#include "pkg/incident/analytics.h"
#include "pkg/oncall/call.h"
#include "pkg/route/route.h"

namespace watchfire::api {
namespace {

using incident::Incident;
using incident::State;

constexpr const char* kKind = "victorops";
constexpr size_t kNamesMax = 100;            // In one request: each waits until it is stored.
constexpr std::chrono::hours kRecently{24};  // So long a resolved incident is listed.

// The phase that an event of the timeline leads to, "" when it leaves it as it was.
std::string PhaseAfter(const std::string& kind) {
  if (kind == "opened" || kind == "reopened" || kind == "returned") return "triggered";
  if (kind == "acked" || kind == "snoozed") return "acknowledged";
  if (kind == "resolved" || kind == "merged") return "resolved";
  return "";
}

std::string StateOf(const std::string& severity) {
  const std::string normal = inbound::NormalSeverity(severity);
  return normal == "warning" ? "WARNING" : normal == "info" ? "INFO" : "CRITICAL";
}

void WriteTransitions(const Incident& incident, JsonWriter* json) {
  json->Key("transitions").StartArray();
  for (const incident::Event& event : incident.timeline) {
    const std::string phase = PhaseAfter(event.kind);
    if (phase.empty()) continue;
    json->StartObject().Field("name", phase).Field("at", FormatRfc3339(event.at));
    json->Field("by", event.actor)
        .Field("manually", event.channel != "pipeline" && event.channel != "clock");
    json->Field("message", event.text).EndObject();
  }
  json->EndArray();
}

void WriteOutcome(const std::string& number, const std::string& entity, const Status& status,
                  JsonWriter* json) {
  json->StartObject().Field("incidentNumber", number).Field("entityId", entity);
  json->Field("cmdAccepted", status.has_value());
  json->Field("message", status ? "" : status.error().message).EndObject();
}

// PATCH of several incidents: each is answered by itself, and the whole with 200.
net::Response Change(const Call& call, const incident::Act& act) {
  if (auto refusal = PublicRefusal(call)) return *std::move(refusal);
  const Result<inbound::JsonIn> json = inbound::JsonIn::Parse(call.request.body);
  if (!json) return PublicError(json.error());
  const std::string user = json->Text("userName");
  if (user.empty()) return PublicError(400, "userName is missing: say who acts");
  std::vector<std::string> numbers;
  for (const inbound::Element& item : inbound::ListOf(json->root(), "incidentNames")) {
    numbers.push_back(inbound::TextOf(item));
  }
  if (numbers.empty() || numbers.size() > kNamesMax) {
    return PublicError(
        400, "incidentNames must list 1 to " + std::to_string(kNamesMax) + " incident numbers");
  }
  return DoPublic(call, numbers, act, user, json->Text("message"));
}

bool IsListed(const Incident& incident, const std::string* statuses, WallTime now) {
  if (incident.state == State::kMerged) return false;
  if (incident.state == State::kResolved && incident.resolved_at + kRecently < now) return false;
  if (statuses == nullptr || statuses->empty()) return true;
  const std::string_view phase = PublicPhase(incident.state);
  return std::ranges::any_of(Split(*statuses, ','), [&](std::string_view status) {
    return PublicPhaseCalled(status) == phase;
  });
}

// Who heard of it since it broke, or came back.
struct Paged {
  WallTime last = kNoTime;  // Of its alerts: when somebody was paged for them.
  std::set<std::string> users;
  std::set<std::string> policies;
};

Paged PagedOf(const Incident& incident) {
  Paged paged;
  paged.last = incident.opened_at;
  for (const incident::Event& event : incident.timeline) {
    if (event.kind == "paged") paged.last = std::max(paged.last, event.at);
    if (event.at < incident.cycle_at) continue;
    if (event.kind == "paged") paged.users.insert(incident::PagedPerson(event.text));
    if (event.kind != "notified" && event.kind != "escalated") continue;
    // "step 1 of critical: to ada (ada-app)", with ", round 2" behind the policy.
    const size_t name = event.text.find(" of ");
    const size_t end = event.text.find(": ");
    if (name == std::string::npos || end == std::string::npos || end < name + 4) continue;
    std::string policy = event.text.substr(name + 4, end - name - 4);
    policy.resize(std::min(policy.size(), policy.rfind(", round ")));
    paged.policies.insert(std::move(policy));
  }
  paged.users.erase("");
  if (paged.users.empty() && !incident.owner.empty()) paged.users.insert(incident.owner);
  return paged;
}

// Whom it went to: teams, people, and the policies with the team of each.
void WritePaged(const Incident& incident, const Paged& paged, const oncall::Roster* roster,
                JsonWriter* json) {
  std::set<std::string> teams;
  if (!incident.team.empty()) teams.insert(incident.team);
  JsonWriter policies;
  policies.StartArray();
  for (const std::string& name : paged.policies) {
    const oncall::Policy* policy = roster == nullptr ? nullptr : roster->FindPolicy(name);
    if (policy == nullptr && oncall::IsCall(name)) continue;  // Somebody by name: no policy.
    std::string team = policy == nullptr ? "" : TeamName(*roster, policy->team);
    if (team.empty()) team = incident.team;
    policies.StartObject();
    WriteNamed("policy", name, &policies);
    if (!team.empty()) WriteNamed("team", team, &policies);
    policies.EndObject();
    if (!team.empty()) teams.insert(std::move(team));
  }
  json->Key("pagedTeams").StartArray();
  for (const std::string& team : teams) json->String(team);
  json->EndArray().Key("pagedUsers").StartArray();
  for (const std::string& user : paged.users) json->String(user);
  json->EndArray().Key("pagedPolicies").Raw(policies.EndArray().Take());
}

}  // namespace

std::string_view PublicPhase(State state) {
  switch (state) {
    case State::kTriggered:
      return "triggered";
    case State::kAcknowledged:
    case State::kSnoozed:  // The vendor snoozes what is acknowledged.
      return "acknowledged";
    case State::kResolved:
    case State::kMerged:
      break;
  }
  return "resolved";
}

std::string PublicPhaseCalled(std::string_view said) {
  const std::string lower = ToLower(Trim(said));
  return lower == "unacked" ? "triggered" : lower == "acked" ? "acknowledged" : lower;
}

PublicEntities PublicEntitiesOf(const core::View& view) {
  PublicEntities entities;
  entities.roster = view.roster;
  for (const core::OpenIncident& open : view.open_incidents) {
    for (const auto& fingerprints : open.alerts) {
      for (const uint64_t fingerprint : *fingerprints) {
        const core::AlertRow* row = view.Find(fingerprint);
        if (row == nullptr) continue;
        const std::string entity(row->alert->labels.Get(inbound::kEntityLabel));
        const auto [known, is_new] = entities.ids.emplace(open.incident->id, entity);
        if (!is_new && known->second != entity) known->second.clear();
      }
    }
  }
  return entities;
}

std::string PublicEntity(const Incident& incident, const PublicEntities& entities) {
  const auto found = entities.ids.find(incident.id);
  if (found != entities.ids.end()) {
    return found->second.empty() ? incident.entity_id : found->second;
  }
  // Its alerts are over, or not known any more: the entity is left where groups are by it.
  const auto parts = route::SplitGroupKey(incident.group_key);
  const std::string entity(parts ? parts->group_labels.Get(inbound::kEntityLabel) : "");
  return entity.empty() ? incident.entity_id : entity;
}

void WritePublicIncident(const Incident& incident, const PublicEntities& entities,
                         JsonWriter* json) {
  json->StartObject().Field("incidentNumber", std::to_string(incident.id));
  json->Field("alertCount", static_cast<int64_t>(incident.alert_count()));
  json->Field("currentPhase", PublicPhase(incident.state));
  json->Field("entityId", PublicEntity(incident, entities));
  json->Field("entityDisplayName", incident.title);
  json->Field("entityState", StateOf(incident.severity)).Field("entityType", "SERVICE");
  json->Field("host", "").Field("service", incident.service);
  json->Field("routingKey", incident.receiver);
  json->Field("startTime", FormatRfc3339(incident.opened_at));
  const Paged paged = PagedOf(incident);
  json->Field("lastAlertTime", FormatRfc3339(paged.last));
  if (incident.resolved_at != kNoTime) json->Field("endTime", FormatRfc3339(incident.resolved_at));
  WritePaged(incident, paged, entities.roster.get(), json);
  WriteTransitions(incident, json);
  json->EndObject();
}

Result<std::shared_ptr<const core::View>> ReadPublic(Backend& backend) {
  return backend.Read(core::kViewIncidents | core::kViewOpenIncidents | core::kViewAlerts);
}

Result<std::shared_ptr<const Incident>> FindPublic(const core::View& view,
                                                   const std::string& number) {
  const auto found = view.incidents.find(ParseIncidentId(number));
  if (found == view.incidents.end()) return Fail(NoIncident(number));
  return found->second;
}

Status PerformPublic(const Call& call, const std::string& number, const incident::Act& act,
                     const std::string& user, const std::string& note) {
  core::IncidentCommand command;
  command.incident = ParseIncidentId(number);
  if (command.incident == 0) return Fail(NoIncident(number));
  command.act = act;
  command.ack = {user, incident::ActorType::kHuman, kKind,
                 TruncateRunes(note, limits::kNoteBytes / 4)};
  const Result<core::Reply> reply = call.backend.Ask(std::move(command));
  return reply ? reply->status : Fail(reply.error());
}

net::Response DoPublic(const Call& call, const std::vector<std::string>& numbers,
                       const incident::Act& act, const std::string& user, const std::string& note) {
  const auto view = ReadPublic(call.backend);
  if (!view) return PublicError(view.error());
  const PublicEntities entities = PublicEntitiesOf(**view);
  JsonWriter answer;
  answer.StartObject().Key("results").StartArray();
  for (const std::string& number : numbers) {
    const Status done = PerformPublic(call, number, act, user, note);
    const auto incident = FindPublic(**view, number);
    WriteOutcome(number, incident ? PublicEntity(**incident, entities) : "", done, &answer);
  }
  return Json(200, answer.EndArray().EndObject().Take());
}

net::Response PublicError(int status, const std::string& message) {
  JsonWriter json;
  return WithRetryAfter(
      Json(status, json.StartObject().Field("error", message).EndObject().Take()));
}

net::Response PublicError(const Error& error) {
  return PublicError(HttpStatus(error.code), error.message);
}

Result<size_t> ReadOffset(const net::Request& request, std::string_view name, size_t fallback) {
  const std::string* text = request.param(name);
  if (text == nullptr || text->empty()) return fallback;
  size_t number = 0;
  const char* end = text->data() + text->size();
  const auto [stop, error] = std::from_chars(text->data(), end, number);
  if (error == std::errc() && stop == end && std::in_range<int64_t>(number)) return number;
  return InvalidArgument(std::string(name) + " must be a number, not " + GoQuote(*text));
}

const config::InboundKey* PublicKey(const Call& call, const config::Config& config) {
  const std::string_view id = call.request.header("X-VO-Api-Id");
  const std::string_view secret = call.request.header("X-VO-Api-Key");
  const config::InboundKey* found = nullptr;
  for (const config::InboundKey& key : config.inbound.Of(kKind)) {
    const bool has_both = !key.api_id.empty() && !key.api_key.empty();
    const bool is_id = EqualsConstantTime(key.api_id.reveal(), id);
    const bool is_key = EqualsConstantTime(key.api_key.reveal(), secret);
    if (has_both && is_id && is_key) found = &key;
  }
  return found;
}

std::optional<net::Response> PublicRefusal(const Call& call) {
  const auto config = call.backend.config();
  if (PublicKey(call, *config) != nullptr) return std::nullopt;
  call.backend.Count({kKind, "bad_key"});
  const bool has_id = !call.request.header("X-VO-Api-Id").empty();
  if (!has_id || call.request.header("X-VO-Api-Key").empty()) {
    return PublicError(401, "X-VO-Api-Id and X-VO-Api-Key are missing");
  }
  return PublicError(403, "Authentication failed");
}

net::Response GetPublicIncidents(const Call& call) {
  if (auto refusal = PublicRefusal(call)) return *std::move(refusal);
  const auto limit = ReadCount(call.request, "limit");
  if (!limit) return PublicError(limit.error());
  const Result<size_t> offset = ReadOffset(call.request, "offset");
  if (!offset) return PublicError(offset.error());
  const auto view = ReadPublic(call.backend);
  if (!view) return PublicError(view.error());
  const PublicEntities entities = PublicEntitiesOf(**view);
  const std::string* statuses = call.request.param("statuses");
  size_t skipped = 0;
  size_t shown = 0;
  JsonWriter json;
  json.StartObject().Key("incidents").StartArray();
  // The newest first.
  for (auto it = (*view)->incidents.rbegin(); it != (*view)->incidents.rend(); ++it) {
    if (!IsListed(*it->second, statuses, (*view)->at)) continue;
    if (skipped++ < *offset) continue;
    if (*limit && shown++ >= **limit) break;
    WritePublicIncident(*it->second, entities, &json);
  }
  return Json(200, json.EndArray().EndObject().Take());
}

net::Response GetPublicIncident(const Call& call) {
  return WithPublicIncident(call, [&](const Incident& incident, const core::View& view) {
    JsonWriter json;
    WritePublicIncident(incident, PublicEntitiesOf(view), &json);
    return Json(200, json.Take());
  });
}

net::Response PatchPublicAck(const Call& call) { return Change(call, incident::Acknowledge{}); }
net::Response PatchPublicResolve(const Call& call) { return Change(call, incident::Resolve{}); }

net::Response GetPublicLog(const Call& call) {
  return WithPublicIncident(call, [&](const Incident& incident, const core::View&) {
    JsonWriter json;
    json.StartObject().Field("incidentNumber", call.params[0]).Key("log").StartArray();
    for (const incident::Event& event : incident.timeline) {
      json.StartObject().Field("at", FormatRfc3339(event.at)).Field("event", event.kind);
      json.Field("by", event.actor).Field("channel", event.channel);
      json.Field("message", event.text).EndObject();
    }
    return Json(200, json.EndArray().EndObject().Take());
  });
}

}  // namespace watchfire::api
