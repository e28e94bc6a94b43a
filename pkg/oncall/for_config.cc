// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/oncall/for_config.h"

#include <memory>
#include <utility>

#include "pkg/base/strings.h"
#include "pkg/oncall/duty.h"
#include "pkg/oncall/escalation.h"
#include "pkg/oncall/loader.h"
#include "pkg/oncall/reader.h"

namespace watchfire::oncall {
namespace {

using Kind = Target::Kind;
using Names = std::vector<std::string>;

void AddAll(const Roster& roster, const Targets& targets, int depth, Names* names);

void AddSchedule(const Roster& roster, const Schedule& schedule, int depth, Names* names) {
  for (const Layer& layer : schedule.layers) {
    for (const Targets& slot : layer.rotation.slots) AddAll(roster, slot, depth, names);
    for (const Shift& shift : layer.shifts) AddAll(roster, shift.who, depth, names);
  }
  for (const Override& one : schedule.overrides) AddAll(roster, one.who, depth, names);
}

// Circles are refused by LinkRoster(), and what is deeper than kDepth tells nobody.
void AddAll(const Roster& roster, const Targets& targets, int depth, Names* names) {
  if (depth > kDepth) return;
  for (const Target& target : targets) {
    switch (target.kind) {
      case Kind::kSchedule:
      case Kind::kNext:
      case Kind::kPrevious:
        AddSchedule(roster, roster.schedules.at(target.index), depth + 1, names);
        break;
      case Kind::kPolicy: {
        const Policy& policy = roster.policies.at(target.index);
        if (!policy.steps.empty()) AddAll(roster, policy.steps[0].targets, depth + 1, names);
        break;
      }
      case Kind::kTeam:
      case Kind::kTeamAdmins:
      case Kind::kTeamUsers: {
        People people;
        AddPeople(roster, target, FromNanos(0), &people);
        for (const std::string& name : people) AddName(name, names);
        break;
      }
      default:
        AddName(target.name, names);
    }
  }
}

}  // namespace

std::vector<std::string> Everybody(const Roster& roster, const Schedule& schedule) {
  Names names;
  AddSchedule(roster, schedule, 0, &names);
  return names;
}

std::vector<std::string> Everybody(const Roster& roster, const Step& step) {
  Names names;
  AddAll(roster, step.targets, 0, &names);
  return names;
}

config::OncallReader ConfigReader() {
  return [](const std::vector<std::pair<std::string, std::string>>& texts) {
    std::vector<Document> documents;
    for (const auto& [path, text] : texts) documents.push_back({path, text});
    Loaded loaded = Load(documents);
    config::OncallRead read;
    read.problems = std::move(loaded.problems);
    if (!loaded.roster) return read;
    const auto roster = std::make_shared<const Roster>(*std::move(loaded.roster));
    read.roster = roster;
    for (const Policy& policy : roster->policies) read.policies.push_back(policy.name);
    read.find_policy = [roster](const std::string& name) -> Result<config::OncallRead::Policy> {
      const Policy* policy = roster->FindPolicy(name);
      if (policy == nullptr) return Fail(Code::kNotFound, "no policy " + GoQuote(name));
      const Result<Ladder> ladder = MakeLadder(*roster, *policy);
      if (!ladder) return Fail(ladder.error());
      config::OncallRead::Policy found{policy->name, {}, false};
      const Repeat& repeat = ladder->repeat;
      found.resets_acks = repeat.count > 0 && repeat.reset_acks;
      for (const Step& step : ladder->steps) found.steps.push_back(Everybody(*roster, step));
      return found;
    };
    for (const Schedule& schedule : roster->schedules) read.schedules.push_back(schedule.name);
    read.schedule_name = [roster](const std::string& name) {
      const Schedule* schedule = roster->FindSchedule(name);
      return schedule == nullptr ? "" : schedule->name;
    };
    read.user_name = [roster](const std::string& name) {
      const User* user = roster->FindUser(name);
      return user == nullptr ? name : user->name;
    };
    return read;
  };
}

}  // namespace watchfire::oncall
