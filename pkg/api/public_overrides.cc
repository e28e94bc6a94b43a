// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// /api-public/v1/overrides: VictorOps' scheduled overrides. One says that a user is away for a
// while; its assignments say who stands in by which policy, nobody at first. Here that is an
// override (pkg/oncall/overrides.h) of each schedule of these policies, all of one group: its name
// is made of what the client asks for, so that asking twice makes nothing new.
// Source: reference paging-backends §1.3; Splunk On-Call's public API, "Scheduled Overrides".

#include <algorithm>
#include <set>
#include <utility>

#include "pkg/api/incident_id.h"
#include "pkg/api/public_roster.h"
#include "pkg/inbound/json_in.h"
#include "pkg/oncall/for_config.h"
#include "pkg/oncall/person.h"
#include "pkg/oncall/reader.h"
#include "pkg/timeinterval/parse.h"

namespace watchfire::api {
namespace {

using oncall::MadeOverride;
using oncall::OverrideDraft;
using oncall::Policy;
using oncall::Roster;
using oncall::Schedule;

constexpr const char* kSingle = "override-";  // The public id of one that was made elsewhere.

struct Sight {
  std::shared_ptr<const core::View> view;
  const Roster& files;  // Without what people made; empty without oncall_files.
};

template <typename Show>
net::Response WithSight(const Call& call, const Show& show) {
  if (auto refusal = PublicRefusal(call)) return *std::move(refusal);
  static const Roster& kNone = *new Roster;
  const auto view = call.backend.Read(core::kViewOverrides);
  if (!view) return PublicError(view.error());
  const Roster* files = (*view)->config->oncall.roster.get();
  return show(Sight{*view, files == nullptr ? kNone : *files});
}

bool IsLive(const MadeOverride& made, WallTime now) {
  return made.ended_at == kNoTime && made.draft.to > now;
}

std::string PublicIdOf(const MadeOverride& made) {
  return made.draft.group.empty() ? kSingle + std::to_string(made.id) : made.draft.group;
}

// Those of one public id that are not over.
std::vector<const MadeOverride*> LiveOf(const Sight& sight, const std::string& id) {
  std::vector<const MadeOverride*> live;
  for (const MadeOverride& made : sight.view->overrides) {
    if (IsLive(made, sight.view->at) && PublicIdOf(made) == id) live.push_back(&made);
  }
  return live;
}

std::set<std::string> SchedulesOf(const Roster& roster, const Policy& policy) {
  std::set<std::string> schedules;
  for (const oncall::Step& step : policy.steps) {
    for (const oncall::Target& target : step.targets) {
      if (target.kind != oncall::Target::Kind::kSchedule) continue;
      schedules.insert(roster.schedules.at(target.index).name);
    }
  }
  return schedules;
}

// What of it is about the policy; nullptr: nothing is.
const MadeOverride* ByPolicy(const Roster& roster, const Policy& policy,
                             const std::vector<const MadeOverride*>& live) {
  const std::set<std::string> schedules = SchedulesOf(roster, policy);
  const auto found = std::ranges::find_if(
      live, [&](const MadeOverride* made) { return schedules.contains(made->draft.schedule); });
  return found == live.end() ? nullptr : *found;
}

void WriteAssignment(const Roster& roster, const Policy& policy, const MadeOverride& made,
                     JsonWriter* json) {
  const bool is_assigned = made.draft.who != made.draft.replaces;
  json->StartObject().Field("team", SlugOf(TeamName(roster, policy.team)));
  json->Field("policy", SlugOf(policy.name)).Field("assigned", is_assigned);
  if (is_assigned) json->Field("user", made.draft.who);
  json->EndObject();
}

void WriteAssignments(const Roster& roster, const std::vector<const MadeOverride*>& live,
                      JsonWriter* json) {
  json->StartArray();
  for (const Policy& policy : roster.policies) {
    if (const MadeOverride* made = ByPolicy(roster, policy, live)) {
      WriteAssignment(roster, policy, *made, json);
    }
  }
  json->EndArray();
}

// `live`: of one public id, at least one.
void WriteOverride(const Sight& sight, const std::vector<const MadeOverride*>& live,
                   JsonWriter* json) {
  const OverrideDraft& first = live.front()->draft;
  const std::string id = PublicIdOf(*live.front());
  // Whoever is assigned late begins late, and the whole began before.
  WallTime from = first.from;
  for (const MadeOverride& made : sight.view->overrides) {
    if (PublicIdOf(made) == id) from = std::min(from, made.draft.from);
  }
  const Schedule* schedule = sight.files.FindSchedule(first.schedule);
  json->StartObject().Field("publicId", id);
  WriteUser("user", first.replaces, json);
  json->Field("timezone", schedule == nullptr ? "UTC" : schedule->zone.name);
  json->Field("start", FormatRfc3339(from, 0)).Field("end", FormatRfc3339(first.to, 0));
  json->Key("assignments");
  WriteAssignments(sight.files, live, json);
  json->EndObject();
}

net::Response ShowOne(const Call& call, const std::string& id) {
  return WithSight(call, [&](const Sight& sight) {
    const auto live = LiveOf(sight, id);
    if (live.empty()) return PublicError(404, "no override " + GoQuote(id));
    JsonWriter json;
    json.StartObject().Key("override");
    WriteOverride(sight, live, &json);
    return Json(200, json.EndObject().Take());
  });
}

// One of the files, which nobody changes here.
void WriteFiled(const Roster& roster, const Schedule& schedule, size_t index, JsonWriter* json) {
  const oncall::Override& change = schedule.overrides[index];
  json->StartObject();
  json->Field("publicId", SlugOf(schedule.name) + "-" + std::to_string(index + 1));
  WriteUser("user", change.replaced, json);
  json->Field("timezone", schedule.zone.name);
  json->Field("start", FormatRfc3339(change.start, 0));
  json->Field("end", FormatRfc3339(change.end, 0)).Key("assignments").StartArray();
  for (const oncall::Target& who : change.who) {
    json->StartObject().Field("team", TeamName(roster, schedule.team));
    json->Field("policy", SlugOf(schedule.name)).Field("assigned", true);
    json->Field("user", who.name).EndObject();
  }
  json->EndArray().EndObject();
}

// The core's word; an error if it refused.
Status Ask(const Call& call, core::OverrideCommand command) {
  const Result<core::Reply> reply = call.backend.Ask(std::move(command));
  return reply ? reply->status : Fail(reply.error());
}

std::string WhoAsks(const Call& call) { return std::string(call.request.header("X-VO-Api-Id")); }

Status End(const Call& call, uint64_t id) {
  const Status ended = Ask(call, {{}, core::EndOverride{id, WhoAsks(call)}});
  // Somebody else ended it meanwhile.
  const bool is_over = !ended && ended.error().code == Code::kConflict;
  return is_over ? Status() : ended;
}

// What POST asks for, but the schedule.
Result<OverrideDraft> ReadDraft(const Call& call, const Roster& roster) {
  const Result<inbound::JsonIn> json = inbound::JsonIn::Parse(call.request.body);
  if (!json) return Fail(json.error());
  OverrideDraft draft;
  draft.who = oncall::PersonCalled(&roster, json->Text("username"));
  if (draft.who.empty()) return InvalidArgument("username is missing: say who is away");
  // The name is the client's, and a path: only what lies below the zoneinfo directory is read.
  const std::string name = json->Text("timezone");
  const auto zone = timeinterval::ParseLocation(name.empty() ? "UTC" : name);
  if (!zone) return InvalidArgument("timezone is none: " + GoQuote(name));
  for (const auto& [member, time] : std::initializer_list<std::pair<const char*, WallTime*>>{
           {"start", &draft.from}, {"end", &draft.to}}) {
    const std::string text = json->Text(member);
    const Result<WallTime> parsed = oncall::ParseZonedOrLocal(text, *zone);
    if (!parsed) return InvalidArgument(std::string(member) + " is no time: " + GoQuote(text));
    *time = *parsed;
  }
  draft.replaces = draft.who;
  draft.made_by = WhoAsks(call);
  const labels::LabelSet asked{
      {"end", FormatRfc3339(draft.to)}, {"start", FormatRfc3339(draft.from)}, {"user", draft.who}};
  draft.group = "so-" + Hex64(asked.fingerprint());
  return draft;
}

// The schedules that page `user` by some policy, at some time.
std::set<std::string> SchedulesWith(const Roster& roster, const std::string& user) {
  std::set<std::string> schedules;
  for (const Policy& policy : roster.policies) {
    for (const std::string& name : SchedulesOf(roster, policy)) {
      const std::vector<std::string> people = oncall::Everybody(roster, *roster.FindSchedule(name));
      if (std::ranges::find(people, user) != people.end()) schedules.insert(name);
    }
  }
  return schedules;
}

// Has `who` stand in by the policy of the path, "": nobody, and shows the assignment. What comes is
// stored before what goes.
net::Response Assign(const Call& call, const Sight& sight, const std::string& who) {
  const auto live = LiveOf(sight, call.params[0]);
  if (live.empty()) return PublicError(404, "no override " + GoQuote(call.params[0]));
  if (live.front()->draft.group.empty()) {
    return PublicError(400, "the override was not made by this API: end it, and make another");
  }
  const Policy* policy = sight.files.FindPolicy(call.params[1]);
  if (policy == nullptr || ByPolicy(sight.files, *policy, live) == nullptr) {
    return PublicError(404, "the override has no assignment of policy " + GoQuote(call.params[1]));
  }
  const std::set<std::string> schedules = SchedulesOf(sight.files, *policy);
  for (const MadeOverride* made : live) {
    OverrideDraft draft = made->draft;
    if (!schedules.contains(draft.schedule) || draft.replaces.empty()) continue;
    draft.who = who.empty() ? draft.replaces : oncall::PersonCalled(&sight.files, who);
    draft.made_by = WhoAsks(call);
    const auto is_same = [&](const MadeOverride* other) {
      return other->draft.schedule == draft.schedule && other->draft.who == draft.who;
    };
    if (std::ranges::none_of(live, is_same)) {
      if (const Status added = Ask(call, {{}, draft}); !added) return PublicError(added.error());
    }
    if (made->draft.who == draft.who) continue;
    if (const Status ended = End(call, made->id); !ended) return PublicError(ended.error());
  }
  return GetPublicAssignment(call);
}

}  // namespace

net::Response GetPublicOverrides(const Call& call) {
  return WithSight(call, [](const Sight& sight) {
    JsonWriter json;
    json.StartObject().Key("overrides").StartArray();
    for (const Schedule& schedule : sight.files.schedules) {
      for (size_t i = 0; i < schedule.overrides.size(); ++i) {
        if (schedule.overrides[i].end <= sight.view->at) continue;
        WriteFiled(sight.files, schedule, i, &json);
      }
    }
    std::set<std::string> shown;
    for (const MadeOverride& made : sight.view->overrides) {
      if (!IsLive(made, sight.view->at) || !shown.insert(PublicIdOf(made)).second) continue;
      WriteOverride(sight, LiveOf(sight, PublicIdOf(made)), &json);
    }
    return Json(200, json.EndArray().EndObject().Take());
  });
}

net::Response GetPublicOverride(const Call& call) { return ShowOne(call, call.params[0]); }

net::Response PostPublicOverride(const Call& call) {
  return WithSight(call, [&](const Sight& sight) {
    Result<OverrideDraft> draft = ReadDraft(call, sight.files);
    if (!draft) return PublicError(draft.error());
    const std::set<std::string> schedules = SchedulesWith(sight.files, draft->who);
    if (schedules.empty()) {
      return PublicError(400, "no policy has " + GoQuote(draft->who) +
                                  " on call by a schedule: there is nothing to override");
    }
    const auto live = LiveOf(sight, draft->group);
    for (const std::string& schedule : schedules) {
      const auto is_it = [&](const MadeOverride* made) { return made->draft.schedule == schedule; };
      if (std::ranges::any_of(live, is_it)) continue;
      draft->schedule = schedule;
      if (const Status added = Ask(call, {{}, *draft}); !added) return PublicError(added.error());
    }
    return ShowOne(call, draft->group);
  });
}

net::Response DeletePublicOverride(const Call& call) {
  return WithSight(call, [&](const Sight& sight) {
    const auto live = LiveOf(sight, call.params[0]);
    if (live.empty()) {
      return PublicError(404, "no override " + GoQuote(call.params[0]) +
                                  " was made here; those of files are changed there");
    }
    for (const MadeOverride* made : live) {
      if (const Status ended = End(call, made->id); !ended) return PublicError(ended.error());
    }
    JsonWriter json;
    return Json(200, json.StartObject().Field("result", "success").EndObject().Take());
  });
}

net::Response GetPublicAssignments(const Call& call) {
  return WithSight(call, [&](const Sight& sight) {
    const auto live = LiveOf(sight, call.params[0]);
    if (live.empty()) return PublicError(404, "no override " + GoQuote(call.params[0]));
    JsonWriter json;
    WriteAssignments(sight.files, live, &json);
    return Json(200, json.Take());
  });
}

net::Response GetPublicAssignment(const Call& call) {
  return WithSight(call, [&](const Sight& sight) {
    const auto live = LiveOf(sight, call.params[0]);
    const Policy* policy = sight.files.FindPolicy(call.params[1]);
    const MadeOverride* made = policy == nullptr ? nullptr : ByPolicy(sight.files, *policy, live);
    if (made == nullptr) return PublicError(404, "no such assignment");
    JsonWriter json;
    WriteAssignment(sight.files, *policy, *made, &json);
    return Json(200, json.Take());
  });
}

net::Response PutPublicAssignment(const Call& call) {
  return WithSight(call, [&](const Sight& sight) {
    const Result<inbound::JsonIn> json = inbound::JsonIn::Parse(call.request.body);
    if (!json) return PublicError(json.error());
    const std::string who = json->Text("username");
    if (who.empty()) return PublicError(400, "username is missing: say who stands in");
    return Assign(call, sight, who);
  });
}

net::Response DeletePublicAssignment(const Call& call) {
  return WithSight(call, [&](const Sight& sight) { return Assign(call, sight, ""); });
}

}  // namespace watchfire::api
