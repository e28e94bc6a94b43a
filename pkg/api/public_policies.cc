// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// One policy with its steps, and a user's teams, under /api-public, VictorOps' public API.

#include <algorithm>

#include "pkg/api/public_roster.h"

namespace watchfire::api {
namespace {

using oncall::Policy;
using oncall::Roster;
using oncall::Target;
using Kind = oncall::Target::Kind;

// Member `key`: {"slug", `name_key`}
void WriteSlugged(const char* key, const char* name_key, const std::string& name,
                  JsonWriter* json) {
  json->Key(key).StartObject().Field("slug", SlugOf(name)).Field(name_key, name).EndObject();
}

void WriteRotation(const char* type, const Target& target, JsonWriter* json) {
  json->Field("executionType", type);
  WriteSlugged("rotationGroup", "label", target.name, json);
}

void WriteEntry(const Roster& roster, const Target& target, JsonWriter* json) {
  json->StartObject();
  switch (target.kind) {
    case Kind::kTeam:
    case Kind::kTeamAdmins:
    case Kind::kTeamUsers:
      json->Field("executionType", "team_page");
      WriteNamed("team", TeamName(roster, target.name), json);
      break;
    case Kind::kSchedule:
      WriteRotation("rotation_group", target, json);
      break;
    case Kind::kNext:
      WriteRotation("rotation_group_next", target, json);
      break;
    case Kind::kPrevious:
      WriteRotation("rotation_group_previous", target, json);
      break;
    case Kind::kPolicy:
      json->Field("executionType", "policy_routing").Key("targetPolicy").StartObject();
      json->Field("policySlug", SlugOf(target.name));
      json->Field("teamSlug", SlugOf(TeamName(roster, roster.policies.at(target.index).team)));
      json->EndObject();
      break;
    case Kind::kEmail:
      json->Field("executionType", "email").Key("email").StartObject();
      json->Field("address", target.name).EndObject();
      break;
    case Kind::kWebhook:
      json->Field("executionType", "webhook");
      WriteSlugged("webhook", "label", target.name, json);
      break;
    case Kind::kUser:
    case Kind::kUnknown:
      json->Field("executionType", "user");
      WriteUser("user", target.name, json);
      break;
  }
  json->EndObject();
}

void WritePolicy(const Roster& roster, const Policy& policy, JsonWriter* json) {
  json->StartObject().Field("name", policy.name).Field("slug", SlugOf(policy.name));
  json->Field("teamSlug", SlugOf(TeamName(roster, policy.team)));
  json->Key("steps").StartArray();
  Duration before{};
  for (const oncall::Step& step : policy.steps) {
    // In minutes, waited before the step.
    const auto minutes = std::chrono::floor<std::chrono::minutes>(step.after) -
                         std::chrono::floor<std::chrono::minutes>(before);
    before = step.after;
    json->StartObject().Field("timeout", static_cast<int64_t>(minutes.count()));
    json->Key("entries").StartArray();
    for (const Target& target : step.targets) WriteEntry(roster, target, json);
    json->EndArray().EndObject();
  }
  json->EndArray().EndObject();
}

bool IsMember(const Roster& roster, const std::string& team, const std::string& user) {
  const oncall::Team* found = roster.FindTeam(team);
  return found != nullptr &&
         std::ranges::any_of(found->members, [&](const auto& m) { return m.user == user; });
}

}  // namespace

net::Response GetPublicPolicy(const Call& call) {
  return WithRoster(call, [&](const Roster& roster) {
    for (const Policy& policy : roster.policies) {
      if (policy.name != call.params[0] && SlugOf(policy.name) != call.params[0]) continue;
      JsonWriter json;
      WritePolicy(roster, policy, &json);
      return Json(200, json.Take());
    }
    return PublicError(404, "no policy " + GoQuote(call.params[0]));
  });
}

net::Response GetPublicUserTeams(const Call& call) {
  return WithUser(call, [](const Roster& roster, const std::string& user) {
    JsonWriter json;
    json.StartObject().Key("teams").StartArray();
    for (const std::string& team : TeamNames(roster)) {
      if (!IsMember(roster, team, user)) continue;
      json.StartObject().Field("name", team).Field("slug", SlugOf(team)).EndObject();
    }
    return Json(200, json.EndArray().EndObject().Take());
  });
}

}  // namespace watchfire::api
