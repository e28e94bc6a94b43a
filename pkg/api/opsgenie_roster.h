// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Schedules, escalations, teams and users of the roster, as Opsgenie's API names them. Private to
// pkg/api. Sources: docs.opsgenie.com/docs/schedule-api, /docs/who-is-on-call-api,
// /docs/escalation-api, /docs/team-api, /docs/user-api; reference paging-backends §2.3.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pkg/api/opsgenie_visit.h"
#include "pkg/oncall/model.h"

namespace watchfire::api {

// What a client calls it by, in the form of a UUID: the one among `aliases` that has this form, as
// documents of the vendor bring theirs along; else made of the kind and the name, and the same as
// long as these are.
std::string OpsgenieIdOf(std::string_view kind, const std::string& name,
                         const std::vector<std::string>& aliases);
std::string OpsgenieId(const oncall::Schedule& schedule);
std::string OpsgenieId(const oncall::Schedule& schedule, const oncall::Layer& layer);
std::string OpsgenieId(const oncall::Policy& policy);

// Of that very name; null if there is none. Lists ask for each of their entries, for which
// FindUser() and FindTeam(), which know aliases, take too long.
const oncall::User* UserCalled(const oncall::Roster& roster, const std::string& name);
const oncall::Team* TeamCalled(const oncall::Roster& roster, const std::string& name);

// `name`: as the roster has it.
std::string OpsgenieUserId(const oncall::Roster& roster, const std::string& name);
std::string OpsgenieTeamId(const oncall::Roster& roster, const std::string& name);

// Whose id it is; what is nobody's comes back as it is.
std::string OpsgenieUserName(const oncall::Roster& roster, const std::string& id);

// What an act names, "user:X", "team:X", "schedule:X" or an escalation or user "X", with the name
// for an id: whoever reads ids here may send them. Errors: as Backend::Read.
Result<std::string> WithNameForId(Backend& backend, const std::string& said);

// By id, name or alias; null if there is none.
const oncall::Schedule* FindOpsgenieSchedule(const oncall::Roster& roster, const std::string& said);

// The names of all teams: those that documents list, and those that only policies or schedules
// name.
std::vector<std::string> OpsgenieTeamNames(const oncall::Roster& roster);

// Member `ownerTeam`: {"id", "name"}; nothing without a team.
void WriteOwnerTeam(const oncall::Roster& roster, const std::string& team, JsonWriter* json);

// {"type", "id", "username" or "name"}: who is told, or takes turns. What the vendor has no type
// of, e-mail addresses and webhooks, has one of its own, and no id.
void WriteRecipient(const oncall::Roster& roster, const oncall::Target& target, JsonWriter* json);

// {"id", "type": "user", "name"}: somebody who is on call.
void WriteOnCallUser(const oncall::Roster& roster, const std::string& name, JsonWriter* json);

// Member `_parent`: {"id", "name", "enabled"}
void WriteParent(const oncall::Schedule& schedule, JsonWriter* json);

// The moment that a parameter says; `now` if it is absent or empty. Errors: 422 for what is no time
// or more than ten years away.
inbound::OpsgenieResult<WallTime> ReadOpsgenieDate(const net::Request& request, WallTime now);

// What `show` makes of the roster, an empty one without oncall_files, or what forbids it.
template <typename Show>
net::Response WithOpsgenieRoster(const Call& call, const Show& show) {
  OpsgenieVisit visit(call);
  if (auto refusal = visit.Refusal({"id", "name"}, OpsgenieVisit::Right::kOnCall)) {
    return *std::move(refusal);
  }
  static const oncall::Roster& kNone = *new oncall::Roster;
  const auto view = call.backend.Read(0);
  if (!view) return visit.Refuse(view.error());
  const oncall::Roster* roster = (*view)->roster.get();
  return show(visit, roster == nullptr ? kNone : *roster);
}

// The same of the schedule that the path names.
template <typename Show>
net::Response WithOpsgenieSchedule(const Call& call, const Show& show) {
  return WithOpsgenieRoster(call, [&](OpsgenieVisit& visit, const oncall::Roster& roster) {
    const oncall::Schedule* schedule = FindOpsgenieSchedule(roster, call.params[0]);
    if (schedule != nullptr) return show(visit, roster, *schedule);
    return visit.Refuse("unknown_name", 404,
                        "No schedule has the id or name " + GoQuote(call.params[0]));
  });
}

}  // namespace watchfire::api
