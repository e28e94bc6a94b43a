// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// /api/v1/oncall: who is on call, whom a policy would page now, and final schedules: pure functions
// of the roster, that is the files and the overrides that people made, and the time.

#include "pkg/api/handlers.h"
#include "pkg/api/respond.h"
#include "pkg/base/json.h"
#include "pkg/base/strings.h"
#include "pkg/core/handoff.h"
#include "pkg/oncall/duty.h"
#include "pkg/oncall/escalation.h"
#include "pkg/oncall/ical.h"
#include "pkg/oncall/json.h"

namespace watchfire::api {
namespace {

constexpr Duration kRange = std::chrono::hours(24 * 7);
constexpr Duration kRangeMax = std::chrono::hours(24 * 366);
// What a calendar that subscribes is given: it asks again by itself.
constexpr std::string_view kCalendar = ".ics";
constexpr Duration kCalendarPast = std::chrono::hours(24 * 14);
constexpr Duration kCalendarAhead = std::chrono::hours(24 * 90);

// Whom a step tells, were it due at `at`; of a round robin all that it may tell.
oncall::People Reached(const oncall::Roster& roster, const oncall::Step& step, WallTime at) {
  oncall::People people;
  for (const oncall::Target& target : step.targets) {
    using Kind = oncall::Target::Kind;
    const bool is_address = target.kind == Kind::kEmail || target.kind == Kind::kWebhook ||
                            target.kind == Kind::kUnknown;
    if (is_address) {
      people.push_back(target.name);
    } else {
      oncall::AddPeople(roster, target, at, &people);
    }
  }
  return people;
}

void WritePolicy(const oncall::Roster& roster, const oncall::Policy& policy, WallTime at,
                 JsonWriter* json) {
  const Result<oncall::Ladder> ladder = oncall::MakeLadder(roster, policy);
  if (!ladder) return;  // Nobody can follow it; the loader says so where somebody is to.
  json->StartObject().Field("policy", policy.name).Key("steps").StartArray();
  for (const oncall::Step& step : ladder->steps) {
    json->StartObject().Field("after", FormatDuration(step.after)).Key("oncall").StartArray();
    for (const std::string& name : Reached(roster, step, at)) json->String(name);
    json->EndArray().EndObject();
  }
  json->EndArray().EndObject();
}

// Absent or empty: `fallback`.
Result<WallTime> ReadInstant(const net::Request& request, const char* name, WallTime fallback) {
  const std::string* text = request.param(name);
  if (text == nullptr || text->empty()) return fallback;
  const Result<WallTime> time = ParseTime(*text);
  if (time) return *time;
  return InvalidArgument(std::string(name) + " must be a time such as 2026-08-22T14:00:00Z, not " +
                         GoQuote(*text));
}

}  // namespace

net::Response GetOncall(const Call& call) {
  const Result<WallTime> at = ReadInstant(call.request, "at", call.backend.Now());
  if (!at) return Failure(at.error());
  const auto view = call.backend.Read(0);
  if (!view) return Failure(view.error());
  JsonWriter json;
  json.StartObject().Field("at", FormatRfc3339(*at, 9, true)).Key("schedules").StartArray();
  if (const oncall::Roster* roster = (*view)->roster.get()) {
    for (const oncall::Schedule& schedule : roster->schedules) {
      json.Raw(oncall::WhoJson(schedule, *at, oncall::WhoAt(*roster, schedule, *at),
                               oncall::NextDuty(*roster, schedule, *at)));
    }
    json.EndArray().Key("policies").StartArray();
    for (const oncall::Policy& policy : roster->policies) {
      WritePolicy(*roster, policy, *at, &json);
    }
  } else {
    json.EndArray().Key("policies").StartArray();
  }
  return Success(json.EndArray().EndObject().Take());
}

net::Response GetOncallSchedule(const Call& call) {
  std::string name = call.params[0];
  const bool is_calendar = name.ends_with(kCalendar);
  if (is_calendar) name.resize(name.size() - kCalendar.size());
  const WallTime now = call.backend.Now();
  const Result<WallTime> from =
      ReadInstant(call.request, "from", is_calendar ? now - kCalendarPast : now);
  if (!from) return Failure(from.error());
  const Result<WallTime> until = ReadInstant(
      call.request, "until", *from + (is_calendar ? kCalendarPast + kCalendarAhead : kRange));
  if (!until) return Failure(until.error());
  if (*until <= *from || *until - *from > kRangeMax) {
    return Failure(Error{Code::kInvalidArgument, "until must be behind from, by at most 366 days"});
  }
  const auto view = call.backend.Read(0);
  if (!view) return Failure(view.error());
  const oncall::Roster* roster = (*view)->roster.get();
  const oncall::Schedule* schedule = roster == nullptr ? nullptr : roster->FindSchedule(name);
  if (schedule == nullptr) {
    return Failure(Error{Code::kNotFound, "no schedule is called " + GoQuote(name)});
  }
  const std::vector<oncall::Duty> duties = oncall::FinalSchedule(*roster, *schedule, *from, *until);
  if (is_calendar) {
    return {200,
            {{"Content-Type", "text/calendar; charset=utf-8"}},
            oncall::WriteCalendar(*schedule, duties, now)};
  }
  return Success(oncall::ScheduleJson(*roster, *schedule, *from, *until, duties));
}

net::Response GetOncallHandoff(const Call& call) {
  const auto view = call.backend.Read(core::kViewIncidents | core::kViewSilences);
  if (!view) return Failure(view.error());
  const oncall::Roster* roster = (*view)->roster.get();
  const std::string* name = call.request.param("schedule");
  const bool is_named = name != nullptr && !name->empty();
  const oncall::Schedule* schedule = nullptr;
  if (roster != nullptr && is_named) schedule = roster->FindSchedule(*name);
  if (roster != nullptr && !is_named && roster->schedules.size() == 1) {
    schedule = &roster->schedules.front();
  }
  if (schedule == nullptr && is_named) {
    return Failure(Error{Code::kNotFound, "no schedule is called " + GoQuote(*name)});
  }
  if (schedule == nullptr) {
    return Failure(Error{Code::kInvalidArgument,
                         "schedule must name one of those that GET /api/v1/oncall lists"});
  }
  const core::Handoff handoff =
      core::MakeHandoff(*roster, *schedule, (*view)->incidents, *(*view)->silences, (*view)->at);
  return Success(core::HandoffJson(handoff, *schedule));
}

}  // namespace watchfire::api
