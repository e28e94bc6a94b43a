// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// PATCH /api-public/v1/{team|policies}/…/oncall/user: one person takes the rest of another's turn.
// An override of each schedule that pages the other one now, until others are on call anyway.
// Source: reference paging-backends §1.3.

#include <algorithm>
#include <set>
#include <utility>

#include "pkg/api/public_roster.h"
#include "pkg/inbound/json_in.h"
#include "pkg/oncall/duty.h"
#include "pkg/oncall/escalation.h"
#include "pkg/oncall/person.h"

namespace watchfire::api {
namespace {

using oncall::Roster;
using oncall::Schedule;

// What has nobody else in sight is taken for so long.
constexpr std::chrono::hours kTaken{24};

// The schedules that the policy names in any of its steps.
void AddSchedules(const Roster& roster, const oncall::Policy& policy, std::set<size_t>* schedules) {
  const Result<oncall::Ladder> ladder = oncall::MakeLadder(roster, policy);
  if (!ladder) return;
  for (const oncall::Step& step : ladder->steps) {
    for (const oncall::Target& target : step.targets) {
      if (target.kind == oncall::Target::Kind::kSchedule) schedules->insert(target.index);
    }
  }
}

net::Response Take(const Call& call, const Roster& roster, const std::set<size_t>& schedules) {
  const Result<inbound::JsonIn> json = inbound::JsonIn::Parse(call.request.body);
  if (!json) return PublicError(json.error());
  const std::string from = oncall::PersonCalled(&roster, json->Text("fromUser"));
  const std::string to = oncall::PersonCalled(&roster, json->Text("toUser"));
  if (from.empty() || to.empty()) {
    return PublicError(400, "fromUser and toUser must say whose turn is taken, and by whom");
  }
  const WallTime now = call.backend.Now();
  size_t taken = 0;
  for (const size_t index : schedules) {
    const Schedule& schedule = roster.schedules[index];
    const oncall::People people = oncall::WhoAt(roster, schedule, now);
    if (std::ranges::find(people, from) == people.end()) continue;
    const std::optional<oncall::Duty> next = oncall::NextDuty(roster, schedule, now);
    core::OverrideCommand command;
    command.what =
        oncall::OverrideDraft{schedule.name, to,    now, next ? next->begin : now + kTaken,
                              from,          false, to,  "taken from " + from};
    const Result<core::Reply> reply = call.backend.Ask(std::move(command));
    if (!reply) return PublicError(reply.error());
    if (!reply->status) return PublicError(reply->status.error());
    ++taken;
  }
  if (taken == 0) return PublicError(404, GoQuote(from) + " is not on call there now");
  JsonWriter answer;
  answer.StartObject().Field("result", to + " is on call for " + from);
  return Json(200, answer.EndObject().Take());
}

}  // namespace

net::Response PatchPublicTeamOncall(const Call& call) {
  return WithTeam(call, [&](const Roster& roster, const std::string& team) {
    std::set<size_t> schedules;
    for (const oncall::Policy& policy : roster.policies) {
      if (TeamName(roster, policy.team) == team) AddSchedules(roster, policy, &schedules);
    }
    return Take(call, roster, schedules);
  });
}

net::Response PatchPublicPolicyOncall(const Call& call) {
  return WithRoster(call, [&](const Roster& roster) {
    const oncall::Policy* policy = roster.FindPolicy(call.params[0]);
    if (policy == nullptr) return PublicError(404, "no policy " + GoQuote(call.params[0]));
    std::set<size_t> schedules;
    AddSchedules(roster, *policy, &schedules);
    return Take(call, roster, schedules);
  });
}

}  // namespace watchfire::api
