// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// GET /oncalls and /schedules: as PagerDuty's REST API, who is on call, by policy and by schedule.

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "pkg/api/pagerduty_rest.h"
#include "pkg/api/public_roster.h"
#include "pkg/api/public_victorops.h"
#include "pkg/api/respond.h"
#include "pkg/oncall/check.h"
#include "pkg/oncall/duty.h"
#include "pkg/oncall/escalation.h"

namespace watchfire::api {
namespace {

using oncall::Policy;
using oncall::Roster;
using oncall::Schedule;
using oncall::Target;
using Kind = oncall::Target::Kind;

constexpr std::chrono::hours kFar{24 * 3660};
constexpr std::chrono::hours kRangeMost{24 * 366};
constexpr std::chrono::hours kRendered{24 * 14};
// So far around what is asked for the ends of a turn are looked for.
constexpr std::chrono::hours kAround{24 * 100};

struct Range {
  WallTime since;
  WallTime until;
};

// Somebody's time on call without a break. kNoTime: none is in sight.
struct Stint {
  WallTime begin = kNoTime;
  WallTime end = kNoTime;
  std::string person;

  // Of a range of no length the moment itself counts.
  bool IsIn(const Range& range) const {
    const bool begins = begin == kNoTime || begin < range.until ||
                        (begin == range.since && range.since == range.until);
    return begins && (end == kNoTime || end > range.since);
  }
};
using Stints = std::vector<Stint>;

// One entry of the answer.
struct OnCall {
  const Policy* policy = nullptr;      // Null: no policy names the schedule.
  const Schedule* schedule = nullptr;  // Null: the policy names the person.
  size_t level = 1;
  Stint stint;
};

Result<WallTime> ReadMoment(const Call& call, const char* name, WallTime fallback) {
  const std::string* text = call.request.param(name);
  if (text == nullptr || text->empty()) return fallback;
  const Result<WallTime> at = ParseTime(*text);
  const WallTime now = call.backend.Now();
  if (at && *at > now - kFar && *at < now + kFar) return *at;
  return InvalidArgument(std::string(name) +
                         " must be a time such as 2026-08-22T14:00:00Z within ten years, not " +
                         GoQuote(*text));
}

// `length`: of the range when no end is said. Zero: it goes on until now, as at the vendor.
Result<Range> ReadRange(const Call& call, Duration length) {
  const Result<WallTime> since = ReadMoment(call, "since", call.backend.Now());
  if (!since) return Fail(since.error());
  const WallTime usual =
      length == Duration::zero() ? std::max(*since, call.backend.Now()) : *since + length;
  const Result<WallTime> until = ReadMoment(call, "until", usual);
  if (!until) return Fail(until.error());
  if (*until < *since || *until - *since > kRangeMost) {
    return InvalidArgument("until must be behind since, by at most 366 days");
  }
  return Range{*since, *until};
}

// Everybody's stints that touch the range, by their begin.
Stints StintsOf(const Roster& roster, const Schedule& schedule, const Range& range) {
  const WallTime from = range.since - kAround;
  const WallTime until = range.until + kAround;
  Stints stints;
  std::map<std::string, size_t> last;  // By person: the last stint.
  for (const oncall::Duty& duty : oncall::FinalSchedule(roster, schedule, from, until)) {
    for (const std::string& name : duty.people) {
      const auto [known, is_new] = last.try_emplace(name, stints.size());
      if (!is_new && stints[known->second].end == duty.begin) {
        stints[known->second].end = duty.end;
        continue;
      }
      known->second = stints.size();
      stints.push_back({duty.begin, duty.end, name});
    }
  }
  std::erase_if(stints, [&](const Stint& stint) { return !stint.IsIn(range); });
  for (Stint& stint : stints) {
    if (stint.begin <= from) stint.begin = kNoTime;
    if (stint.end >= until) stint.end = kNoTime;
  }
  return stints;
}

// Collects who is on call by the policies, and by schedules that none of them names.
class Finder {
 public:
  // `schedules`: ids or names of those that are asked for; none: all.
  Finder(const Roster& roster, const Range& range, std::vector<std::string> schedules)
      : roster_(roster), range_(range), wanted_(std::move(schedules)) {}

  std::vector<OnCall> Find() {
    for (const Policy& policy : roster_.policies) AddPolicy(policy);
    for (const Schedule& schedule : roster_.schedules) {
      if (!stints_.contains(&schedule)) AddSchedule({nullptr, &schedule, 1, {}});
    }
    return std::move(found_);
  }

 private:
  void AddPolicy(const Policy& policy) {
    const Result<oncall::Ladder> ladder = oncall::MakeLadder(roster_, policy);
    if (!ladder) return;  // Nobody can follow it.
    for (size_t i = 0; i < ladder->steps.size(); ++i) {
      for (const Target& target : ladder->steps[i].targets) AddTarget(policy, i + 1, target);
    }
  }

  void AddTarget(const Policy& policy, size_t level, const Target& target) {
    if (target.kind == Kind::kSchedule) {
      AddSchedule({&policy, &roster_.schedules[target.index], level, {}});
      return;
    }
    oncall::People people;
    oncall::AddPeople(roster_, target, range_.since, &people);
    for (const std::string& name : people) {
      found_.push_back({&policy, nullptr, level, {kNoTime, kNoTime, name}});
    }
  }

  void AddSchedule(OnCall entry) {
    const auto [known, is_new] = stints_.try_emplace(entry.schedule);
    const Schedule& schedule = *entry.schedule;
    if (is_new && IsAmong(wanted_, RestId(schedule), schedule.name)) {
      known->second = StintsOf(roster_, schedule, range_);
    }
    for (const Stint& stint : known->second) {
      entry.stint = stint;
      found_.push_back(entry);
    }
  }

  const Roster& roster_;
  const Range range_;
  const std::vector<std::string> wanted_;
  std::map<const Schedule*, Stints> stints_;
  std::vector<OnCall> found_;
};

void WriteMoment(const char* name, WallTime at, JsonWriter* json) {
  json->Key(name);
  at == kNoTime ? json->Null() : json->String(FormatRfc3339(at, 0));
}

void WriteOnCall(const Call& call, const Roster& roster, const OnCall& entry, bool whole_users,
                 JsonWriter* json) {
  json->StartObject().Key("escalation_policy");
  if (entry.policy == nullptr) {
    json->Null();
  } else {
    WriteReference(call, "escalation_policy", RestId(*entry.policy), entry.policy->name, json);
  }
  json->Field("escalation_level", static_cast<int64_t>(entry.level)).Key("schedule");
  if (entry.schedule == nullptr) {
    json->Null();
  } else {
    WriteReference(call, "schedule", RestId(*entry.schedule), entry.schedule->name, json);
  }
  json->Key("user");
  if (whole_users) {
    WriteRestUser(call, roster, entry.stint.person, json);
  } else {
    WriteUserReference(call, roster, entry.stint.person, json);
  }
  WriteMoment("start", entry.stint.begin, json);
  WriteMoment("end", entry.stint.end, json);
  json->EndObject();
}

// Those that the parameters ask for.
std::vector<OnCall> Select(const Call& call, const Roster& roster, std::vector<OnCall> all) {
  const std::vector<std::string> schedules = RestList(call.request, "schedule_ids");
  const std::vector<std::string> policies = RestList(call.request, "escalation_policy_ids");
  const std::vector<std::string> users = RestList(call.request, "user_ids");
  const auto is_out = [&](const OnCall& entry) {
    const Policy* policy = entry.policy;
    const std::string& person = entry.stint.person;
    if (entry.schedule == nullptr && !schedules.empty()) return true;
    if (policy == nullptr ? !policies.empty() : !IsAmong(policies, RestId(*policy), policy->name)) {
      return true;
    }
    return !users.empty() && !IsAmong(users, RestUserId(roster, person), person);
  };
  std::erase_if(all, is_out);
  const std::string* earliest = call.request.param("earliest");
  if (earliest == nullptr || *earliest != "true") return all;
  // A level may have several schedules, whose entries are one behind the other.
  std::ranges::stable_sort(all, {}, [](const OnCall& entry) { return entry.stint.begin; });
  std::set<std::tuple<const Policy*, const Schedule*, size_t, std::string>> seen;
  std::erase_if(all, [&](const OnCall& entry) {
    const Schedule* own = entry.policy == nullptr ? entry.schedule : nullptr;
    return !seen.emplace(entry.policy, own, entry.level, entry.stint.person).second;
  });
  return all;
}

// The members of a schedule, into an object that is open.
void WriteSchedule(const Call& call, const Roster& roster, const Schedule& schedule,
                   JsonWriter* json) {
  WriteIdentity(call, "schedule", "schedule", RestId(schedule), schedule.name, json);
  json->Field("name", schedule.name).Field("description", "");
  json->Field("time_zone", schedule.zone.name.empty() ? "UTC" : schedule.zone.name);
  json->Key("escalation_policies").StartArray();
  const auto index = static_cast<size_t>(&schedule - roster.schedules.data());
  for (const Policy& policy : roster.policies) {
    if (!Pages(policy, index)) continue;
    WriteReference(call, "escalation_policy", RestId(policy), policy.name, json);
  }
  json->EndArray();
}

void WriteFinal(const Call& call, const Roster& roster, const Schedule& schedule,
                const Range& range, JsonWriter* json) {
  json->Key("final_schedule").StartObject().Field("name", "Final Schedule");
  json->Key("rendered_schedule_entries").StartArray();
  for (const Stint& stint : StintsOf(roster, schedule, range)) {
    const WallTime begin = std::max(stint.begin, range.since);
    const WallTime end = stint.end == kNoTime ? range.until : std::min(stint.end, range.until);
    json->StartObject().Field("start", FormatRfc3339(begin, 0));
    json->Field("end", FormatRfc3339(end, 0)).Key("user");
    WriteUserReference(call, roster, stint.person, json);
    json->EndObject();
  }
  json->EndArray();
  const double covered = oncall::Coverage(roster, schedule, range.since, range.until);
  json->Field("rendered_coverage_percentage", covered * 100).EndObject();
}

// What `show` makes of the schedule that the path names and the range of the query.
template <typename Show>
net::Response WithRestSchedule(const Call& call, const Show& show) {
  return WithRestRoster(call, [&](const Roster& roster) {
    const auto by_id = std::ranges::find_if(roster.schedules, [&](const Schedule& schedule) {
      return RestId(schedule) == call.params[0];
    });
    const Schedule* found =
        by_id == roster.schedules.end() ? roster.FindSchedule(call.params[0]) : &*by_id;
    if (found == nullptr) return RestUnknown(call, "schedule", call.params[0]);
    const Result<Range> range = ReadRange(call, kRendered);
    if (!range) return RestInvalid(call, range.error().message);
    return show(roster, *found, *range);
  });
}

}  // namespace

net::Response GetRestOncalls(const Call& call) {
  return WithRestRoster(call, [&](const Roster& roster) {
    const Result<RestPage> page = RestPage::Read(call.request);
    if (!page) return RestInvalid(call, page.error().message);
    const Result<Range> range = ReadRange(call, Duration::zero());
    if (!range) return RestInvalid(call, range.error().message);
    const std::vector<std::string> include = RestList(call.request, "include");
    const bool whole_users = std::ranges::find(include, "users") != include.end();
    Finder finder(roster, *range, RestList(call.request, "schedule_ids"));
    const std::vector<OnCall> found = Select(call, roster, finder.Find());
    JsonWriter json;
    json.StartObject().Key("oncalls").StartArray();
    for (size_t i = 0; i < found.size(); ++i) {
      if (page->Has(i)) WriteOnCall(call, roster, found[i], whole_users, &json);
    }
    json.EndArray();
    page->Write(found.size(), &json);
    return Json(200, json.Take());
  });
}

net::Response GetRestSchedules(const Call& call) {
  return WithRestRoster(call, [&](const Roster& roster) {
    const Result<RestPage> page = RestPage::Read(call.request);
    if (!page) return RestInvalid(call, page.error().message);
    const std::string* query = call.request.param("query");
    JsonWriter json;
    json.StartObject().Key("schedules").StartArray();
    size_t number = 0;
    for (const Schedule& schedule : roster.schedules) {
      const bool is_out =
          query != nullptr && ToLower(schedule.name).find(ToLower(*query)) == std::string::npos;
      if (is_out || !page->Has(number++)) continue;
      json.StartObject();
      WriteSchedule(call, roster, schedule, &json);
      json.EndObject();
    }
    json.EndArray();
    page->Write(number, &json);
    return Json(200, json.Take());
  });
}

net::Response GetRestSchedule(const Call& call) {
  return WithRestSchedule(call,
                          [&](const Roster& roster, const Schedule& schedule, const Range& range) {
                            JsonWriter json;
                            json.StartObject().Key("schedule").StartObject();
                            WriteSchedule(call, roster, schedule, &json);
                            WriteFinal(call, roster, schedule, range, &json);
                            return Json(200, json.EndObject().EndObject().Take());
                          });
}

net::Response GetRestScheduleUsers(const Call& call) {
  return WithRestSchedule(call,
                          [&](const Roster& roster, const Schedule& schedule, const Range& range) {
                            oncall::People people;
                            for (const Stint& stint : StintsOf(roster, schedule, range)) {
                              if (std::ranges::find(people, stint.person) == people.end()) {
                                people.push_back(stint.person);
                              }
                            }
                            JsonWriter json;
                            json.StartObject().Key("users").StartArray();
                            for (const std::string& name : people)
                              WriteRestUser(call, roster, name, &json);
                            return Json(200, json.EndArray().EndObject().Take());
                          });
}

}  // namespace watchfire::api
