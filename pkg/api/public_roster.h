// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Teams, users and policies of the roster, as VictorOps' public API names them. Private to pkg/api.

#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pkg/api/public_victorops.h"
#include "pkg/api/respond.h"
#include "pkg/base/json.h"
#include "pkg/base/strings.h"
#include "pkg/oncall/model.h"

namespace watchfire::api {

// Letters and digits in lower case, a dash for what is between them: Find…() of the roster finds
// it. A name that has none is its own slug.
std::string SlugOf(const std::string& name);

// Member `key`: {"name", "slug"}
void WriteNamed(const char* key, const std::string& name, JsonWriter* json);

// Member `key`: {"username"}
void WriteUser(const char* key, const std::string& name, JsonWriter* json);

// A team's name as the roster has it, whatever a policy calls it.
std::string TeamName(const oncall::Roster& roster, const std::string& name);

// The names of all teams: those that documents list, and those that only policies name; "" when a
// policy names none.
std::vector<std::string> TeamNames(const oncall::Roster& roster);

// Whether a request that says `asked`, a name, alias or slug, means the team `name`.
bool IsTeam(const oncall::Roster& roster, const std::string& name, const std::string& asked);

// Everybody whom documents list as a user or a team's member, each once.
std::vector<std::string> UserNames(const oncall::Roster& roster);

// Step `index` of a policy, those of policies that it hands over to among them; nullopt if it has
// none. On call by a policy are those whom step 0 tells. In public_oncall.cc.
std::optional<oncall::Step> StepOf(const oncall::Roster& roster, const oncall::Policy& policy,
                                   size_t index);

// Whether a step of the policy tells that schedule (its place in the roster), or who is next or was
// before there.
bool Pages(const oncall::Policy& policy, size_t schedule);

// What `show` writes of the roster, an empty one without oncall_files.
template <typename Show>
net::Response WithRoster(const Call& call, const Show& show) {
  if (auto refusal = PublicRefusal(call)) return *std::move(refusal);
  static const oncall::Roster& kNone = *new oncall::Roster;
  const auto view = call.backend.Read(0);
  if (!view) return PublicError(view.error());
  const oncall::Roster* roster = (*view)->roster.get();
  return show(roster == nullptr ? kNone : *roster);
}

// The same of the team, or the user, whom the path names.
template <typename Show>
net::Response WithTeam(const Call& call, const Show& show) {
  return WithRoster(call, [&](const oncall::Roster& roster) {
    for (const std::string& name : TeamNames(roster)) {
      if (!name.empty() && IsTeam(roster, name, call.params[0])) return show(roster, name);
    }
    return PublicError(404, "no team " + GoQuote(call.params[0]));
  });
}

template <typename Show>
net::Response WithUser(const Call& call, const Show& show) {
  return WithRoster(call, [&](const oncall::Roster& roster) {
    const oncall::User* user = roster.FindUser(call.params[0]);
    for (const std::string& name : UserNames(roster)) {
      const bool is_it = user == nullptr ? name == call.params[0] : name == user->name;
      if (is_it) return show(roster, name);
    }
    return PublicError(404, "no user " + GoQuote(call.params[0]));
  });
}

}  // namespace watchfire::api
