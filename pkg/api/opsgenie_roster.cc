// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/api/opsgenie_roster.h"

#include <algorithm>

#include "pkg/api/public_roster.h"
#include "pkg/base/digest.h"

namespace watchfire::api {
namespace {

using oncall::Roster;
using oncall::Target;
using Kind = oncall::Target::Kind;

constexpr size_t kUuidSize = 36;
constexpr std::chrono::hours kFar{24 * 3660};

bool IsDash(size_t at) { return at == 8 || at == 13 || at == 18 || at == 23; }

bool IsUuid(const std::string& text) {
  if (text.size() != kUuidSize) return false;
  for (size_t i = 0; i < kUuidSize; ++i) {
    const char c = text[i];
    const bool is_hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (IsDash(i) ? c != '-' : !is_hex) return false;
  }
  return true;
}

// What the vendor calls such a recipient.
const char* TypeOf(Kind kind) {
  switch (kind) {
    case Kind::kUser:
    case Kind::kUnknown:
      break;
    case Kind::kTeam:
    case Kind::kTeamAdmins:
    case Kind::kTeamUsers:
      return "team";
    case Kind::kSchedule:
    case Kind::kNext:
    case Kind::kPrevious:
      return "schedule";
    case Kind::kPolicy:
      return "escalation";
    case Kind::kEmail:
      return "email";
    case Kind::kWebhook:
      return "webhook";
  }
  return "user";
}

}  // namespace

std::string OpsgenieIdOf(std::string_view kind, const std::string& name,
                         const std::vector<std::string>& aliases) {
  const auto given = std::ranges::find_if(aliases, IsUuid);
  if (given != aliases.end()) return *given;
  const std::string hex = Sha256Hex(std::string(kind) + "/" + name);
  // Version 8 of RFC 9562: made by a rule of one's own.
  return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-8" + hex.substr(12, 3) + "-a" +
         hex.substr(15, 3) + "-" + hex.substr(18, 12);
}

std::string OpsgenieId(const oncall::Schedule& schedule) {
  return OpsgenieIdOf("schedule", schedule.name, schedule.aliases);
}

std::string OpsgenieId(const oncall::Schedule& schedule, const oncall::Layer& layer) {
  return OpsgenieIdOf("rotation", schedule.name + "/" + layer.name, layer.aliases);
}

std::string OpsgenieId(const oncall::Policy& policy) {
  return OpsgenieIdOf("escalation", policy.name, policy.aliases);
}

const oncall::User* UserCalled(const Roster& roster, const std::string& name) {
  const auto found = std::ranges::find(roster.users, name, &oncall::User::name);
  return found == roster.users.end() ? nullptr : &*found;
}

const oncall::Team* TeamCalled(const Roster& roster, const std::string& name) {
  const auto found = std::ranges::find(roster.teams, name, &oncall::Team::name);
  return found == roster.teams.end() ? nullptr : &*found;
}

std::string OpsgenieUserId(const Roster& roster, const std::string& name) {
  const oncall::User* user = UserCalled(roster, name);
  return OpsgenieIdOf("user", name, user == nullptr ? std::vector<std::string>() : user->aliases);
}

std::string OpsgenieTeamId(const Roster& roster, const std::string& name) {
  const oncall::Team* team = TeamCalled(roster, name);
  return OpsgenieIdOf("team", name, team == nullptr ? std::vector<std::string>() : team->aliases);
}

std::string OpsgenieUserName(const Roster& roster, const std::string& id) {
  for (const std::string& name : UserNames(roster)) {
    if (OpsgenieUserId(roster, name) == id) return name;
  }
  return id;
}

Result<std::string> WithNameForId(Backend& backend, const std::string& said) {
  const size_t colon = said.find(':');
  const std::string kind = colon == std::string::npos ? "" : said.substr(0, colon + 1);
  const std::string id = said.substr(kind.size());
  if (!IsUuid(id)) return said;
  const auto view = backend.Read(0);
  if (!view) return Fail(view.error());
  const Roster* roster = (*view)->roster.get();
  if (roster == nullptr) return said;
  if (kind == "schedule:") {
    const oncall::Schedule* schedule = FindOpsgenieSchedule(*roster, id);
    return schedule == nullptr ? said : kind + schedule->name;
  }
  if (kind == "team:") {
    const std::vector<std::string> names = OpsgenieTeamNames(*roster);
    const auto found = std::ranges::find_if(
        names, [&](const std::string& name) { return OpsgenieTeamId(*roster, name) == id; });
    return found == names.end() ? said : kind + *found;
  }
  if (kind.empty()) {
    for (const oncall::Policy& policy : roster->policies) {
      if (OpsgenieId(policy) == id) return policy.name;
    }
  }
  return kind + OpsgenieUserName(*roster, id);
}

const oncall::Schedule* FindOpsgenieSchedule(const Roster& roster, const std::string& said) {
  for (const oncall::Schedule& schedule : roster.schedules) {
    if (OpsgenieId(schedule) == said) return &schedule;
  }
  return roster.FindSchedule(said);
}

std::vector<std::string> OpsgenieTeamNames(const Roster& roster) {
  std::vector<std::string> names = TeamNames(roster);
  for (const oncall::Schedule& schedule : roster.schedules) {
    std::string name = TeamName(roster, schedule.team);
    if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
  }
  std::erase(names, "");
  return names;
}

void WriteOwnerTeam(const Roster& roster, const std::string& team, JsonWriter* json) {
  if (team.empty()) return;
  const std::string name = TeamName(roster, team);
  json->Key("ownerTeam").StartObject().Field("id", OpsgenieTeamId(roster, name));
  json->Field("name", name).EndObject();
}

void WriteRecipient(const Roster& roster, const Target& target, JsonWriter* json) {
  json->StartObject().Field("type", TypeOf(target.kind));
  switch (target.kind) {
    case Kind::kUser:
    case Kind::kUnknown:
      json->Field("id", OpsgenieUserId(roster, target.name)).Field("username", target.name);
      break;
    case Kind::kTeam:
    case Kind::kTeamAdmins:
    case Kind::kTeamUsers: {
      const std::string& name = roster.teams.at(target.index).name;
      json->Field("id", OpsgenieTeamId(roster, name)).Field("name", name);
      break;
    }
    case Kind::kSchedule:
    case Kind::kNext:
    case Kind::kPrevious: {
      const oncall::Schedule& schedule = roster.schedules.at(target.index);
      json->Field("id", OpsgenieId(schedule)).Field("name", schedule.name);
      break;
    }
    case Kind::kPolicy: {
      const oncall::Policy& policy = roster.policies.at(target.index);
      json->Field("id", OpsgenieId(policy)).Field("name", policy.name);
      break;
    }
    case Kind::kEmail:
    case Kind::kWebhook:
      json->Field("name", target.name);
      break;
  }
  json->EndObject();
}

void WriteOnCallUser(const Roster& roster, const std::string& name, JsonWriter* json) {
  json->StartObject().Field("id", OpsgenieUserId(roster, name)).Field("type", "user");
  json->Field("name", name).EndObject();
}

void WriteParent(const oncall::Schedule& schedule, JsonWriter* json) {
  json->Key("_parent").StartObject().Field("id", OpsgenieId(schedule));
  json->Field("name", schedule.name).Field("enabled", schedule.enabled).EndObject();
}

inbound::OpsgenieResult<WallTime> ReadOpsgenieDate(const net::Request& request, WallTime now) {
  const std::string* text = request.param("date");
  if (text == nullptr || text->empty()) return now;
  using Fault = tl::unexpected<inbound::OpsgenieFault>;
  const Result<WallTime> at = ParseTime(*text);
  if (!at) {
    return Fault({422, "date",
                  "must be a time such as 2026-08-22T14:00:00+02:00, its plus sent as %2B, not " +
                      GoQuote(*text)});
  }
  if (*at < now - kFar || *at > now + kFar) {
    return Fault({422, "date", "must not be more than ten years away"});
  }
  return *at;
}

}  // namespace watchfire::api
