// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Teams, users and policies under /api-public, VictorOps' public API. To read only: the
// files of oncall_files say what is.

#include "pkg/api/public_roster.h"

#include <utility>

namespace watchfire::api {
namespace {

using oncall::Policy;
using oncall::Roster;

std::string EmailOf(const Roster& roster, const std::string& name) {
  const oncall::User* user = roster.FindUser(name);
  if (user == nullptr) return "";
  for (const oncall::Contact& contact : user->contacts) {
    if (contact.method == "email") return contact.address;
  }
  return "";
}

void WriteWholeUser(const Roster& roster, const std::string& name, JsonWriter* json) {
  json->StartObject().Field("username", name).Field("displayName", name);
  json->Field("email", EmailOf(roster, name)).Field("verified", true);
  json->Field("_selfUrl", "/api-public/v1/user/" + SlugOf(name)).EndObject();
}

void WriteWholeTeam(const Roster& roster, const std::string& name, JsonWriter* json) {
  const oncall::Team* team = roster.FindTeam(name);
  json->StartObject().Field("name", name).Field("slug", SlugOf(name));
  json->Field("memberCount", team == nullptr ? 0 : static_cast<int64_t>(team->members.size()));
  json->Field("isDefaultTeam", false).EndObject();
}

net::Response ShowMembers(const Call& call, const char* key, bool admins_only) {
  return WithTeam(call, [&](const Roster& roster, const std::string& name) {
    JsonWriter json;
    json.StartObject().Key(key).StartArray();
    if (const oncall::Team* team = roster.FindTeam(name)) {
      for (const oncall::Member& member : team->members) {
        if (member.is_admin || !admins_only) WriteWholeUser(roster, member.user, &json);
      }
    }
    return Json(200, json.EndArray().EndObject().Take());
  });
}

}  // namespace

std::string SlugOf(const std::string& name) {
  std::string slug;
  for (const char c : ToLower(name)) {
    const bool is_word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (is_word) slug += c;
    if (!is_word && !slug.empty() && slug.back() != '-') slug += '-';
  }
  while (!slug.empty() && slug.back() == '-') slug.pop_back();
  return slug.empty() ? name : slug;
}

void WriteNamed(const char* key, const std::string& name, JsonWriter* json) {
  json->Key(key).StartObject().Field("name", name).Field("slug", SlugOf(name)).EndObject();
}

void WriteUser(const char* key, const std::string& name, JsonWriter* json) {
  json->Key(key).StartObject().Field("username", name).EndObject();
}

std::string TeamName(const Roster& roster, const std::string& name) {
  const oncall::Team* team = roster.FindTeam(name);
  return team == nullptr ? name : team->name;
}

std::vector<std::string> TeamNames(const Roster& roster) {
  std::vector<std::string> names;
  for (const oncall::Team& team : roster.teams) names.push_back(team.name);
  for (const Policy& policy : roster.policies) {
    std::string name = TeamName(roster, policy.team);
    if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
  }
  return names;
}

bool IsTeam(const Roster& roster, const std::string& name, const std::string& asked) {
  return name == TeamName(roster, asked) || SlugOf(name) == asked;
}

std::vector<std::string> UserNames(const Roster& roster) {
  std::vector<std::string> names;
  for (const oncall::User& user : roster.users) names.push_back(user.name);
  for (const oncall::Team& team : roster.teams) {
    for (const oncall::Member& member : team.members) {
      if (std::ranges::find(names, member.user) == names.end()) names.push_back(member.user);
    }
  }
  return names;
}

net::Response GetPublicTeams(const Call& call) {
  return WithRoster(call, [](const Roster& roster) {
    JsonWriter json;
    json.StartArray();
    for (const std::string& name : TeamNames(roster)) {
      if (!name.empty()) WriteWholeTeam(roster, name, &json);
    }
    return Json(200, json.EndArray().Take());
  });
}

net::Response GetPublicTeam(const Call& call) {
  return WithTeam(call, [](const Roster& roster, const std::string& name) {
    JsonWriter json;
    WriteWholeTeam(roster, name, &json);
    return Json(200, json.Take());
  });
}

net::Response GetPublicMembers(const Call& call) { return ShowMembers(call, "members", false); }
net::Response GetPublicAdmins(const Call& call) { return ShowMembers(call, "admin", true); }

net::Response GetPublicUsers(const Call& call) {
  return WithRoster(call, [&](const Roster& roster) {
    // The first version has a list within the list.
    const bool is_nested = call.request.path.find("/v1/") != std::string::npos;
    const std::string* email = call.request.param("email");
    JsonWriter json;
    json.StartObject().Key("users").StartArray();
    if (is_nested) json.StartArray();
    for (const std::string& name : UserNames(roster)) {
      if (email == nullptr || EmailOf(roster, name) == *email) {
        WriteWholeUser(roster, name, &json);
      }
    }
    if (is_nested) json.EndArray();
    return Json(200, json.EndArray().EndObject().Take());
  });
}

net::Response GetPublicUser(const Call& call) {
  return WithUser(call, [](const Roster& roster, const std::string& name) {
    JsonWriter json;
    WriteWholeUser(roster, name, &json);
    return Json(200, json.Take());
  });
}

net::Response GetPublicPolicies(const Call& call) {
  return WithRoster(call, [](const Roster& roster) {
    JsonWriter json;
    json.StartObject().Key("policies").StartArray();
    for (const Policy& policy : roster.policies) {
      json.StartObject();
      WriteNamed("policy", policy.name, &json);
      WriteNamed("team", TeamName(roster, policy.team), &json);
      json.EndObject();
    }
    return Json(200, json.EndArray().EndObject().Take());
  });
}

bool Pages(const oncall::Policy& policy, size_t schedule) {
  using Kind = oncall::Target::Kind;
  const auto is_it = [&](const oncall::Target& target) {
    const bool is_schedule = target.kind == Kind::kSchedule || target.kind == Kind::kNext ||
                             target.kind == Kind::kPrevious;
    return is_schedule && target.index == schedule;
  };
  return std::ranges::any_of(policy.steps, [&](const oncall::Step& step) {
    return std::ranges::any_of(step.targets, is_it);
  });
}

}  // namespace watchfire::api
