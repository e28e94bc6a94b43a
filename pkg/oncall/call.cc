// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/oncall/call.h"

#include <utility>

namespace watchfire::oncall {
namespace {

using Kind = Target::Kind;

// The name behind "kind:"; nullopt: it is not of this kind.
std::optional<std::string> NameOf(const std::string& call, std::string_view kind) {
  const bool is_of_kind =
      call.size() > kind.size() + 1 && call.starts_with(kind) && call[kind.size()] == ':';
  return is_of_kind ? std::optional(call.substr(kind.size() + 1)) : std::nullopt;
}

Ladder Tells(Target target) {
  Step step;
  step.targets.push_back(std::move(target));
  Ladder ladder;
  ladder.steps.push_back(std::move(step));
  return ladder;
}

}  // namespace

std::string CallOf(std::string_view kind, const std::string& name) {
  return std::string(kind) + ":" + name;
}

std::optional<std::string> PersonOfCall(const std::string& call) { return NameOf(call, "user"); }

bool IsCall(const std::string& policy) {
  return NameOf(policy, "user") || NameOf(policy, "schedule") || NameOf(policy, "team");
}

std::optional<Ladder> LadderOfCall(const Roster& roster, const std::string& call) {
  if (const auto person = PersonOfCall(call)) return Tells({Kind::kUnknown, *person, 0});
  if (const auto name = NameOf(call, "schedule")) {
    const Schedule* schedule = roster.FindSchedule(*name);
    if (schedule == nullptr) return std::nullopt;
    const auto index = static_cast<size_t>(schedule - roster.schedules.data());
    return Tells({Kind::kSchedule, schedule->name, index});
  }
  if (const auto name = NameOf(call, "team")) {
    const Team* team = roster.FindTeam(*name);
    if (team == nullptr) return std::nullopt;
    return Tells({Kind::kTeam, team->name, static_cast<size_t>(team - roster.teams.data())});
  }
  return std::nullopt;
}

std::string LabelOfPolicy(const std::string& policy) {
  return PersonOfCall(policy) ? "user" : policy;
}

}  // namespace watchfire::oncall
