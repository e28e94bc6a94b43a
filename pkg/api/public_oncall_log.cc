// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// GET /api-reporting/v1/team/{team}/oncall/log: as VictorOps' reporting API, who of a team was on
// call when, and for how many hours. As there, those on call by a policy are whom its first step
// tells. A pure function of the configuration and the time: the past is what the files of now, and
// the overrides that people made, say of it. Source: reference paging-backends §1.3, §1.5.

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "pkg/api/public_roster.h"
#include "pkg/oncall/duty.h"
#include "pkg/oncall/person.h"

namespace watchfire::api {
namespace {

using oncall::Policy;
using oncall::Roster;
using std::chrono::days;

constexpr days kWindowMax{366};

struct Window {
  WallTime start;
  WallTime end;
};

// One stretch on call.
struct Stretch {
  WallTime on;
  WallTime off;
  const Policy* policy = nullptr;
};

// By person; in no order.
using Log = std::map<std::string, std::vector<Stretch>>;

// A time, or a day, which is its beginning in UTC, or with `is_end` its end. kNoTime when absent.
// Errors: kInvalidArgument.
Result<WallTime> ReadEdge(const net::Request& request, const char* name, bool is_end) {
  const std::string* text = request.param(name);
  if (text == nullptr || text->empty()) return kNoTime;
  const bool is_day = text->size() == std::string_view("2026-01-31").size();
  const Result<WallTime> time = ParseTime(is_day ? *text + "T00:00:00Z" : *text);
  if (time && *time < FromNanos(0)) return InvalidArgument(std::string(name) + " is before 1970");
  if (time) return is_day && is_end ? std::min(*time, WallTime::max() - days(1)) + days(1) : *time;
  return InvalidArgument(std::string(name) +
                         " must be a time such as 2026-08-22T14:00:00Z, or a day, not " +
                         GoQuote(*text));
}

// From `start`, the beginning of the day if it is not said, to `end`, or now: nothing has been that
// is still to come. Errors: kInvalidArgument.
Result<Window> ReadWindow(const Call& call) {
  const WallTime now = call.backend.Now();
  const Result<WallTime> start = ReadEdge(call.request, "start", false);
  if (!start) return Fail(start.error());
  const Result<WallTime> end = ReadEdge(call.request, "end", true);
  if (!end) return Fail(end.error());
  Window window{*start, *end == kNoTime ? now : std::min(*end, now)};
  if (*start == kNoTime) window.start = std::chrono::floor<days>(window.end);
  if (*start != kNoTime && window.start >= now) {
    return InvalidArgument(
        "start must be in the past: this is a log; what is to come is the team's oncall/schedule");
  }
  if (window.start > window.end || (*end != kNoTime && window.start == window.end)) {
    return InvalidArgument("end must be after start");
  }
  if (window.start + kWindowMax < window.end) {
    return InvalidArgument("from start to end it must be at most " +
                           std::to_string(kWindowMax.count()) +
                           " days: ask for a longer time in parts");
  }
  return window;
}

// Adds who was on call by the first step of the policy.
void AddPolicy(const Roster& roster, const Policy& policy, const Window& window, Log* log) {
  const std::optional<oncall::Step> step = StepOf(roster, policy, 0);
  if (!step) return;
  // All targets at once, as a schedule of one turn that is theirs.
  oncall::Schedule schedule;
  oncall::Layer& layer = schedule.layers.emplace_back();
  layer.rotation.anchor = window.start;
  layer.rotation.slots = {step->targets};
  for (const oncall::Duty& duty :
       oncall::FinalSchedule(roster, schedule, window.start, window.end)) {
    for (const std::string& name : duty.people) {
      std::vector<Stretch>& stretches = (*log)[name];
      if (!stretches.empty() && stretches.back().policy == &policy &&
          stretches.back().off == duty.begin) {
        stretches.back().off = duty.end;
      } else {
        stretches.push_back({duty.begin, duty.end, &policy});
      }
    }
  }
}

void WriteDuration(const char* key, Duration duration, JsonWriter* json) {
  const auto minutes = std::chrono::floor<std::chrono::minutes>(duration).count();
  json->Key(key).StartObject().Field("hours", static_cast<int64_t>(minutes / 60));
  json->Field("minutes", static_cast<int64_t>(minutes % 60)).EndObject();
}

void WriteUserLog(const std::string& name, std::vector<Stretch> stretches, JsonWriter* json) {
  std::ranges::stable_sort(stretches, {}, &Stretch::on);
  Duration total{};
  Duration adjusted{};  // What two policies have at once counts once.
  WallTime counted = kNoTime;
  for (const Stretch& one : stretches) {
    total += one.off - one.on;
    const WallTime from = std::max(one.on, counted);
    if (one.off > from) adjusted += one.off - from;
    counted = std::max(counted, one.off);
  }
  json->StartObject().Field("userId", name);
  WriteDuration("total", total, json);
  WriteDuration("adjustedTotal", adjusted, json);
  json->Key("log").StartArray();
  for (const Stretch& one : stretches) {
    json->StartObject().Field("on", FormatRfc3339(one.on, 0));
    json->Field("off", FormatRfc3339(one.off, 0));
    WriteDuration("duration", one.off - one.on, json);
    WriteNamed("escalationPolicy", one.policy->name, json);
    json->EndObject();
  }
  json->EndArray().EndObject();
}

// Whether the log has a user of that name, or the files do.
bool IsKnown(const Roster& roster, const Log& log, const std::string& name) {
  const std::vector<std::string> users = UserNames(roster);
  return log.contains(name) || std::ranges::find(users, name) != users.end();
}

}  // namespace

net::Response GetReportedOncallLog(const Call& call) {
  return WithTeam(call, [&](const Roster& roster, const std::string& team) {
    const Result<Window> window = ReadWindow(call);
    if (!window) return PublicError(window.error());
    Log log;
    for (const Policy& policy : roster.policies) {
      if (TeamName(roster, policy.team) == team) AddPolicy(roster, policy, *window, &log);
    }
    const std::string* asked = call.request.param("userName");
    const bool is_one = asked != nullptr && !asked->empty();
    const std::string user = is_one ? oncall::PersonCalled(&roster, *asked) : "";
    if (is_one && !IsKnown(roster, log, user)) {
      return PublicError(404, "no user " + GoQuote(*asked));
    }
    JsonWriter json;
    json.StartObject().Field("teamSlug", SlugOf(team));
    json.Field("start", FormatRfc3339(window->start, 0));
    json.Field("end", FormatRfc3339(window->end, 0)).Key("userLogs").StartArray();
    for (const auto& [name, stretches] : log) {
      if (!is_one || name == user) WriteUserLog(name, stretches, &json);
    }
    return Json(200, json.EndArray().EndObject().Take());
  });
}

}  // namespace watchfire::api
