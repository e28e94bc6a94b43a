// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// /v2/schedules/{id}/overrides: as Opsgenie's Schedule Override API. One is an override as any
// other (pkg/oncall/overrides.h), stored before the answer; the client's alias is its group. Those
// of the files are listed, and changed there. Source: docs.opsgenie.com/docs/schedule-override-api.

#include <algorithm>
#include <optional>
#include <utility>

#include "pkg/api/opsgenie_roster.h"
#include "pkg/inbound/json_in.h"
#include "pkg/oncall/overrides.h"

namespace watchfire::api {
namespace {

using oncall::MadeOverride;
using oncall::OverrideDraft;
using oncall::Roster;
using oncall::Schedule;
using Fault = tl::unexpected<inbound::OpsgenieFault>;

constexpr const char* kActor = "Opsgenie API";  // The vendor's clients do not say who they are.
constexpr const char* kSingle = "override-";    // The alias of one that was made without.

std::string AliasOf(const MadeOverride& made) {
  return made.draft.group.empty() ? kSingle + std::to_string(made.id) : made.draft.group;
}

// Those of the schedule that go on or are to come, and have somebody stand in.
std::vector<const MadeOverride*> LiveOf(const core::View& view, const Schedule& schedule) {
  std::vector<const MadeOverride*> live;
  for (const MadeOverride& made : view.overrides) {
    const OverrideDraft& draft = made.draft;
    const bool is_over = made.ended_at != kNoTime || draft.to <= view.at;
    if (is_over || draft.schedule != schedule.name || draft.who == draft.replaces) continue;
    live.push_back(&made);
  }
  return live;
}

std::vector<const MadeOverride*> LiveOf(const core::View& view, const Schedule& schedule,
                                        const std::string& alias) {
  std::vector<const MadeOverride*> live = LiveOf(view, schedule);
  std::erase_if(live, [&](const MadeOverride* made) { return AliasOf(*made) != alias; });
  return live;
}

// The members that all have, into an object that is open.
void WriteTimes(const Schedule& schedule, const std::string& alias, WallTime from, WallTime to,
                JsonWriter* json) {
  WriteParent(schedule, json);
  json->Field("alias", alias).Field("startDate", FormatRfc3339(from, 0));
  json->Field("endDate", FormatRfc3339(to, 0)).Key("user");
}

void WriteMade(const Roster& roster, const Schedule& schedule, const MadeOverride& made,
               JsonWriter* json) {
  json->StartObject();
  WriteTimes(schedule, AliasOf(made), made.draft.from, made.draft.to, json);
  oncall::Target who;
  who.name = made.draft.who;
  WriteRecipient(roster, who, json);
  json->EndObject();
}

// One of the files.
void WriteFiled(const Roster& roster, const Schedule& schedule, size_t index, JsonWriter* json) {
  const oncall::Override& one = schedule.overrides[index];
  json->StartObject();
  WriteTimes(schedule, schedule.name + "-" + std::to_string(index + 1), one.start, one.end, json);
  if (one.who.empty()) {
    json->StartObject().Field("type", "none").EndObject();
  } else {
    WriteRecipient(roster, one.who.front(), json);
  }
  json->Key("rotations").StartArray();
  for (const oncall::Layer& layer : schedule.layers) {
    if (std::ranges::find(one.layers, layer.name) == one.layers.end()) continue;
    json->StartObject().Field("id", OpsgenieId(schedule, layer)).Field("name", layer.name);
    json->EndObject();
  }
  json->EndArray().EndObject();
}

// Whether the body names all rotations of the schedule, or none, which says the same.
bool IsOfAll(const inbound::Object& body, const Schedule& schedule) {
  const std::vector<inbound::Element> rotations = inbound::ListOf(body, "rotations");
  if (rotations.empty()) return true;
  return std::ranges::all_of(schedule.layers, [&](const oncall::Layer& layer) {
    return std::ranges::any_of(rotations, [&](const inbound::Element& element) {
      inbound::Object one;
      if (element.get(one) != simdjson::SUCCESS) return false;
      return inbound::TextOf(one, "name") == layer.name ||
             inbound::TextOf(one, "id") == OpsgenieId(schedule, layer);
    });
  });
}

// `alias`: of the path; "": the body may have one.
inbound::OpsgenieResult<OverrideDraft> ReadDraft(const Call& call, const Roster& roster,
                                                 const Schedule& schedule,
                                                 const std::string& alias) {
  const Result<inbound::JsonIn> json = inbound::JsonIn::Parse(call.request.body);
  if (!json) return Fault({400, "", json.error().message});
  OverrideDraft draft;
  draft.schedule = schedule.name;
  draft.made_by = kActor;
  draft.group = alias.empty() ? json->Text("alias") : alias;
  const auto user = inbound::ObjectOf(json->root(), "user");
  if (!user) return Fault({422, "user", "must be an object with a type, and an id or a username"});
  const std::string type = inbound::TextOf(*user, "type");
  if (!type.empty() && type != "user") {
    return Fault({422, "user", "must be of type user: an override has one person stand in"});
  }
  const std::string username = inbound::TextOf(*user, "username");
  draft.who = username.empty() ? OpsgenieUserName(roster, inbound::TextOf(*user, "id")) : username;
  if (draft.who.empty()) return Fault({422, "user", "must have an id or a username"});
  for (const auto& [member, time] : std::initializer_list<std::pair<const char*, WallTime*>>{
           {"startDate", &draft.from}, {"endDate", &draft.to}}) {
    const std::string text = json->Text(member);
    const Result<WallTime> parsed = ParseTime(text);
    if (!parsed || *parsed == kNoTime) {
      return Fault(
          {422, member, "must be a time such as 2026-08-22T14:00:00Z, not " + GoQuote(text)});
    }
    *time = *parsed;
  }
  if (!IsOfAll(json->root(), schedule)) {
    return Fault({422, "rotations",
                  "must be left out, or be all: overrides of single rotations are written in the "
                  "files of oncall_files"});
  }
  return draft;
}

// The core's word.
Result<uint64_t> Ask(const Call& call, core::OverrideCommand command) {
  const Result<core::Reply> reply = call.backend.Ask(std::move(command));
  if (!reply) return Fail(reply.error());
  if (!reply->status) return Fail(reply->status.error());
  return reply->override_id;
}

Status End(const Call& call, const std::vector<const MadeOverride*>& live) {
  for (const MadeOverride* made : live) {
    const Result<uint64_t> ended = Ask(call, {{}, core::EndOverride{made->id, kActor}});
    // Somebody else ended it meanwhile.
    const bool is_over = !ended && ended.error().code == Code::kConflict;
    if (!ended && !is_over) return Fail(ended.error());
  }
  return {};
}

bool IsSame(const MadeOverride& made, const OverrideDraft& draft) {
  using std::chrono::seconds;
  return made.draft.who == draft.who && made.draft.to == std::chrono::floor<seconds>(draft.to) &&
         made.draft.from >= std::chrono::floor<seconds>(draft.from);
}

net::Response ShowMade(const Call& call, OpsgenieVisit& visit, const Roster& roster,
                       const Schedule& schedule, uint64_t id, bool is_new) {
  const auto view = call.backend.Read(core::kViewOverrides);
  if (!view) return visit.Refuse(view.error());
  const auto made = std::ranges::find((*view)->overrides, id, &MadeOverride::id);
  if (made == (*view)->overrides.end()) {
    return visit.Refuse("unknown_name", 404, "The override is gone already");
  }
  JsonWriter json;
  json.StartObject();
  if (is_new) json.Field("result", "Created");
  json.Key("data");
  WriteMade(roster, schedule, *made, &json);
  return is_new ? visit.Create(json) : visit.Show(json);
}

net::Response NoOverride(OpsgenieVisit& visit, const std::string& alias) {
  return visit.Refuse("unknown_name", 404,
                      "No override that was made here has the alias " + GoQuote(alias) +
                          "; those of files are changed there");
}

}  // namespace

net::Response GetOpsgenieOverrides(const Call& call) {
  return WithOpsgenieSchedule(
      call, [&](OpsgenieVisit& visit, const Roster& roster, const Schedule& schedule) {
        const auto view = call.backend.Read(core::kViewOverrides);
        if (!view) return visit.Refuse(view.error());
        // As the files have it, without what people made.
        const Roster* files = (*view)->config->oncall.roster.get();
        const Schedule* filed = files == nullptr ? nullptr : files->FindSchedule(schedule.name);
        JsonWriter json;
        json.StartObject().Key("data").StartArray();
        for (size_t i = 0; filed != nullptr && i < filed->overrides.size(); ++i) {
          if (filed->overrides[i].end > (*view)->at) WriteFiled(*files, *filed, i, &json);
        }
        for (const MadeOverride* made : LiveOf(**view, schedule)) {
          WriteMade(roster, schedule, *made, &json);
        }
        json.EndArray();
        return visit.Show(json);
      });
}

net::Response GetOpsgenieOverride(const Call& call) {
  return WithOpsgenieSchedule(
      call, [&](OpsgenieVisit& visit, const Roster& roster, const Schedule& schedule) {
        const auto view = call.backend.Read(core::kViewOverrides);
        if (!view) return visit.Refuse(view.error());
        const auto live = LiveOf(**view, schedule, call.params[1]);
        if (live.empty()) return NoOverride(visit, call.params[1]);
        return ShowMade(call, visit, roster, schedule, live.back()->id, false);
      });
}

net::Response PostOpsgenieOverride(const Call& call) {
  return WithOpsgenieSchedule(
      call, [&](OpsgenieVisit& visit, const Roster& roster, const Schedule& schedule) {
        auto draft = ReadDraft(call, roster, schedule, "");
        if (!draft) return visit.Refuse(draft.error());
        const auto view = call.backend.Read(core::kViewOverrides);
        if (!view) return visit.Refuse(view.error());
        const std::string alias = draft->group;
        const auto live =
            alias.empty() ? std::vector<const MadeOverride*>() : LiveOf(**view, schedule, alias);
        if (!live.empty()) {
          // Sent again, because the answer was not heard.
          if (IsSame(*live.back(), *draft)) {
            return ShowMade(call, visit, roster, schedule, live.back()->id, true);
          }
          return visit.Refuse(
              {422, "alias", "is that of another override that is not over: " + GoQuote(alias)});
        }
        const Result<uint64_t> id = Ask(call, {{}, *std::move(draft)});
        if (!id) return visit.Refuse(id.error());
        return ShowMade(call, visit, roster, schedule, *id, true);
      });
}

net::Response PutOpsgenieOverride(const Call& call) {
  return WithOpsgenieSchedule(
      call, [&](OpsgenieVisit& visit, const Roster& roster, const Schedule& schedule) {
        auto draft = ReadDraft(call, roster, schedule, call.params[1]);
        if (!draft) return visit.Refuse(draft.error());
        const auto view = call.backend.Read(core::kViewOverrides);
        if (!view) return visit.Refuse(view.error());
        const auto live = LiveOf(**view, schedule, call.params[1]);
        if (live.empty()) return NoOverride(visit, call.params[1]);
        // What comes is stored before what goes.
        const Result<uint64_t> id = Ask(call, {{}, *std::move(draft)});
        if (!id) return visit.Refuse(id.error());
        if (const Status ended = End(call, live); !ended) return visit.Refuse(ended.error());
        return ShowMade(call, visit, roster, schedule, *id, false);
      });
}

net::Response DeleteOpsgenieOverride(const Call& call) {
  return WithOpsgenieSchedule(call,
                              [&](OpsgenieVisit& visit, const Roster&, const Schedule& schedule) {
                                const auto view = call.backend.Read(core::kViewOverrides);
                                if (!view) return visit.Refuse(view.error());
                                const auto live = LiveOf(**view, schedule, call.params[1]);
                                if (live.empty()) return NoOverride(visit, call.params[1]);
                                if (const Status ended = End(call, live); !ended)
                                  return visit.Refuse(ended.error());
                                JsonWriter json;
                                json.StartObject().Field("result", "Deleted");
                                return visit.Show(json);
                              });
}

}  // namespace watchfire::api
