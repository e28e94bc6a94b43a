// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// /api/v1/oncall/overrides: puts somebody else on call for a while, and ends that.

#include <algorithm>
#include <utility>

#include "pkg/api/handlers.h"
#include "pkg/api/incident_id.h"
#include "pkg/api/members.h"
#include "pkg/api/respond.h"
#include "pkg/base/json.h"
#include "pkg/base/strings.h"

namespace watchfire::api {
namespace {

const char* StateOf(const core::View& view, const oncall::MadeOverride& made) {
  if (made.ended_at != kNoTime) return "ended";
  if (made.draft.to <= view.at) return "over";
  if (!oncall::Overrides::IsOf(view.roster.get(), made)) return "without effect";
  return made.draft.from <= view.at ? "active" : "pending";
}

std::string OverrideJson(const core::View& view, const oncall::MadeOverride& made) {
  const oncall::OverrideDraft& draft = made.draft;
  JsonWriter json;
  json.StartObject().Field("id", std::to_string(made.id)).Field("state", StateOf(view, made));
  json.Field("schedule", draft.schedule).Field("who", draft.who);
  json.Field("from", FormatRfc3339(draft.from, 9, true));
  json.Field("to", FormatRfc3339(draft.to, 9, true));
  json.Field("replaces", draft.replaces).Field("add", draft.is_added);
  json.Field("madeBy", draft.made_by).Field("note", draft.note);
  json.Field("madeAt", FormatRfc3339(made.made_at, 9, true)).Field("endedBy", made.ended_by);
  json.Key("endedAt");
  made.ended_at == kNoTime ? json.Null() : json.String(FormatRfc3339(made.ended_at, 9, true));
  return json.EndObject().Take();
}

// What core made of it.
net::Response Answer(const Call& call, core::OverrideCommand command) {
  const Result<core::Reply> reply = call.backend.Ask(std::move(command));
  if (!reply) return Failure(reply.error());
  if (!reply->status) return Failure(reply->status.error());
  const auto view = call.backend.Read(core::kViewOverrides);
  if (!view) return Failure(view.error());
  for (const oncall::MadeOverride& made : (*view)->overrides) {
    if (made.id == reply->override_id) return Success(OverrideJson(**view, made));
  }
  return Failure(Error{Code::kNotFound, "no override " + std::to_string(reply->override_id)});
}

Result<oncall::OverrideDraft> ReadDraft(const Members& members, WallTime now) {
  const Result<WallTime> from = InstantOf(members, "from");
  if (!from) return Fail(from.error());
  const Result<WallTime> to = InstantOf(members, "to");
  if (!to) return Fail(to.error());
  const Result<Duration> span = SpanOf(members, "for");
  if (!span) return Fail(span.error());
  if ((*to == kNoTime) == (*span == Duration::zero())) {
    return InvalidArgument("to or for must say how long the override lasts, and not both");
  }
  oncall::OverrideDraft draft;
  draft.schedule = MemberOf(members, "schedule");
  draft.who = MemberOf(members, "who");
  draft.from = *from;
  draft.to = *to;
  if (*to == kNoTime) {
    if (*span > oncall::Overrides::kLongest) {
      return InvalidArgument("an override lasts at most 366 days: change the schedule itself");
    }
    // What begins too late to be added up is refused for that; what began before counts from then.
    const WallTime begin = *from == kNoTime ? now : *from;
    draft.to = std::min(begin, now + 2 * oncall::Overrides::kAhead) + *span;
  }
  draft.replaces = MemberOf(members, "replaces");
  draft.is_added = MemberOf(members, "add") == "true";
  draft.made_by = MemberOf(members, "actor");
  draft.note = MemberOf(members, "note");
  return draft;
}

}  // namespace

net::Response GetOverrides(const Call& call) {
  const std::string* schedule = call.request.param("schedule");
  const std::string* all = call.request.param("all");
  const bool is_all = all != nullptr && *all == "true";
  const auto view = call.backend.Read(core::kViewOverrides);
  if (!view) return Failure(view.error());
  const bool is_one = schedule != nullptr && !schedule->empty();
  std::string wanted = is_one ? *schedule : "";
  const oncall::Roster* roster = (*view)->roster.get();
  const oncall::Schedule* found =
      is_one && roster != nullptr ? roster->FindSchedule(wanted) : nullptr;
  if (found != nullptr) wanted = found->name;
  JsonWriter json;
  json.StartObject().Key("overrides").StartArray();
  for (const oncall::MadeOverride& made : (*view)->overrides) {
    if (is_one && made.draft.schedule != wanted) continue;
    const bool is_over = made.ended_at != kNoTime || made.draft.to <= (*view)->at;
    if (is_over && !is_all) continue;
    json.Raw(OverrideJson(**view, made));
  }
  return Success(json.EndArray().EndObject().Take());
}

net::Response PostOverride(const Call& call) {
  if (const auto fault = MediaTypeFault(call.request)) {
    return Failure(415, "unsupported_media_type", *fault);
  }
  const Result<Members> members =
      ReadMembers(call.request.body, {"schedule", "who", "from", "to", "for", "replaces"}, {"add"});
  if (!members) return Failure(members.error());
  Result<oncall::OverrideDraft> draft = ReadDraft(*members, call.backend.Now());
  if (!draft) return Failure(draft.error());
  return Answer(call, {{}, *std::move(draft)});
}

net::Response EndOverride(const Call& call) {
  if (const auto fault = MediaTypeFault(call.request)) {
    return Failure(415, "unsupported_media_type", *fault);
  }
  const uint64_t id = ParseIncidentId(call.params[0]);
  if (id == 0) return Failure(Error{Code::kNotFound, "no override " + GoQuote(call.params[0])});
  const Result<Members> members = ReadMembers(call.request.body, {});
  if (!members) return Failure(members.error());
  return Answer(call, {{}, core::EndOverride{id, MemberOf(*members, "actor")}});
}

}  // namespace watchfire::api
