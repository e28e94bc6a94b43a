// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/oncall/for_config.h"

#include <memory>
#include <utility>

#include "pkg/base/strings.h"
#include "pkg/oncall/call.h"
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

using Found = Result<config::OncallRead::Policy>;

config::OncallRead::Policy Describe(const Roster& roster, const std::string& name,
                                    const Ladder& ladder) {
  config::OncallRead::Policy found{name, {}, false};
  found.resets_acks = ladder.repeat.count > 0 && ladder.repeat.reset_acks;
  for (const Step& step : ladder.steps) found.steps.push_back(Everybody(roster, step));
  return found;
}

Found FindPolicy(const Roster& roster, const std::string& name) {
  const Policy* policy = roster.FindPolicy(name);
  if (policy == nullptr) return Fail(Code::kNotFound, "no policy " + GoQuote(name));
  const Result<Ladder> ladder = MakeLadder(roster, *policy);
  if (!ladder) return Fail(ladder.error());
  return Describe(roster, policy->name, *ladder);
}

// The team's own policy; where there is none, everybody in it.
Found FindTeams(const Roster& roster, const std::string& name) {
  const Team* team = roster.FindTeam(name);
  if (team == nullptr) return Fail(Code::kNotFound, "no team " + GoQuote(name));
  Names policies;
  for (const Policy& policy : roster.policies) {
    if (!policy.team.empty() && roster.FindTeam(policy.team) == team) {
      policies.push_back(policy.name);
    }
  }
  if (policies.size() == 1) return FindPolicy(roster, policies.front());
  if (!policies.empty()) {
    return Fail(Code::kConflict,
                "team " + GoQuote(team->name) + " has several policies: " + Join(policies, ", "));
  }
  if (team->members.empty()) {
    return InvalidArgument("team " + GoQuote(team->name) + " has no members");
  }
  const std::string call = CallOf("team", team->name);
  return Describe(roster, call, *LadderOfCall(roster, call));
}

Found FindCalled(const Roster& roster, const std::string& kind, const std::string& name) {
  if (kind == "policy") return FindPolicy(roster, name);
  if (kind == "team") return FindTeams(roster, name);
  std::string known;
  if (kind == "schedule") {
    const Schedule* schedule = roster.FindSchedule(name);
    if (schedule != nullptr) known = schedule->name;
  } else if (const User* user = roster.FindUser(name)) {
    known = user->name;
  }
  if (known.empty()) return Fail(Code::kNotFound, "no " + kind + " " + GoQuote(name));
  const std::string call = CallOf(kind, known);
  return Describe(roster, call, *LadderOfCall(roster, call));
}

template <typename Entries>
Names NamesOf(const Entries& entries) {
  Names names;
  for (const auto& entry : entries) names.push_back(entry.name);
  return names;
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
    read.policies = NamesOf(roster->policies);
    read.schedules = NamesOf(roster->schedules);
    read.teams = NamesOf(roster->teams);
    read.users = NamesOf(roster->users);
    read.find_policy = [roster](const std::string& name) { return FindPolicy(*roster, name); };
    read.find_called = [roster](const std::string& kind, const std::string& name) {
      return FindCalled(*roster, kind, name);
    };
    read.schedule_name = [roster](const std::string& name) {
      const Schedule* schedule = roster->FindSchedule(name);
      return schedule == nullptr ? "" : schedule->name;
    };
    read.user_name = [roster](const std::string& name) {
      const User* user = roster->FindUser(name);
      return user == nullptr ? name : user->name;
    };
    read.rules_of = [roster](const std::string& name) {
      const User* user = roster->FindUser(name);
      const auto& own = user == nullptr || user->rules.empty() ? roster->rules : user->rules;
      std::vector<std::pair<Duration, std::string>> rules;
      for (const PersonalRule& rule : own) rules.emplace_back(rule.after, rule.method);
      return rules;
    };
    return read;
  };
}

}  // namespace watchfire::oncall
