// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Calls: policies of one step that no document has, made when somebody names a person, a schedule
// or a team to be paged. A call has a name, "user:ada", and is followed as any policy is. A policy
// of a document that is called the same goes first.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "pkg/oncall/escalation.h"
#include "pkg/oncall/model.h"

namespace watchfire::oncall {

// "user:ada", "schedule:primary", "team:db".
std::string CallOf(std::string_view kind, const std::string& name);
// Whom the call of a person is for; nullopt: it is none.
std::optional<std::string> PersonOfCall(const std::string& call);
// Whether it has the form of one.
bool IsCall(const std::string& policy);
// One step that tells whoever the call means, at once. Nullopt: it is none, or the roster does not
// know the schedule or team. People need not be known to it: they are told by their name. Any
// thread.
std::optional<Ladder> LadderOfCall(const Roster& roster, const std::string& call);
// What metrics have as the policy: people are not named there.
std::string LabelOfPolicy(const std::string& policy);

}  // namespace watchfire::oncall
