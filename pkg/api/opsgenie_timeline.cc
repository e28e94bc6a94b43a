// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// GET /v2/schedules/{id}/timeline: as Opsgenie's Schedule API, who is on call when, by rotation.
//
//   rotation by itself, with the overrides that are for it:  | ada       | cem (override) | bo   |
//   whole schedule:                                          | ada, dee        | cem      | bo   |
//   its final timeline is what both have.

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "pkg/api/opsgenie_roster.h"
#include "pkg/api/public_victorops.h"
#include "pkg/oncall/duty.h"
#include "pkg/oncall/local_time.h"

namespace watchfire::api {
namespace {

using oncall::Duty;
using oncall::Layer;
using oncall::Roster;
using oncall::Schedule;

// A stretch of one person.
struct Period {
  WallTime begin;
  WallTime end;
  std::string person;
  bool is_override = false;
};
using Periods = std::vector<Period>;

struct Range {
  WallTime from;
  WallTime until;
};

struct Parts {
  bool has_base = false;
  bool has_override = false;
  bool has_forwarding = false;
};

using Fault = tl::unexpected<inbound::OpsgenieFault>;

// One rotation, with the overrides that are for it or for all.
Schedule Alone(const Schedule& schedule, const Layer& layer, bool with_overrides) {
  Schedule alone;
  alone.name = schedule.name;
  alone.zone = schedule.zone;
  alone.enabled = schedule.enabled;
  alone.layers = {layer};
  if (!with_overrides) return alone;
  std::ranges::copy_if(
      schedule.overrides, std::back_inserter(alone.overrides), [&](const oncall::Override& one) {
        return one.layers.empty() || std::ranges::find(one.layers, layer.name) != one.layers.end();
      });
  return alone;
}

// Puts periods together that touch each other.
class Collector {
 public:
  void Add(Period period) {
    const auto [last, is_new] = last_.try_emplace(period.person, periods_.size());
    if (!is_new) {
      Period& known = periods_[last->second];
      if (known.end == period.begin && known.is_override == period.is_override) {
        known.end = period.end;
        return;
      }
      last->second = periods_.size();
    }
    periods_.push_back(std::move(period));
  }
  Periods Take() { return std::move(periods_); }

 private:
  Periods periods_;
  std::map<std::string, size_t> last_;  // By person: the last period.
};

bool Has(const oncall::People& people, const std::string& name) {
  return std::ranges::find(people, name) != people.end();
}

Periods BasePeriods(const Roster& roster, const Schedule& schedule, const Layer& layer,
                    const Range& range) {
  Collector periods;
  const Schedule base = Alone(schedule, layer, false);
  for (const Duty& duty : oncall::FinalSchedule(roster, base, range.from, range.until)) {
    for (const std::string& name : duty.people) periods.Add({duty.begin, duty.end, name});
  }
  return periods.Take();
}

// `whole`: the final schedule, in which only the rotations of the highest level count.
Periods FinalPeriods(const Roster& roster, const Schedule& schedule, const Layer& layer,
                     const Range& range, const std::vector<Duty>& whole) {
  Collector periods;
  const Schedule alone = Alone(schedule, layer, true);
  const Schedule base = Alone(schedule, layer, false);
  auto all = whole.begin();
  for (const Duty& duty : oncall::FinalSchedule(roster, alone, range.from, range.until)) {
    const bool is_changed =
        std::ranges::find(duty.sources, std::string("override")) != duty.sources.end();
    const oncall::People usual = is_changed ? oncall::WhoAt(roster, base, duty.begin) : duty.people;
    while (all != whole.end() && all->end <= duty.begin) ++all;
    for (auto next = all; next != whole.end() && next->begin < duty.end; ++next) {
      for (const std::string& name : duty.people) {
        if (!Has(next->people, name)) continue;
        periods.Add({std::max(duty.begin, next->begin), std::min(duty.end, next->end), name,
                     !Has(usual, name)});
      }
    }
  }
  return periods.Take();
}

void WriteRotation(const Roster& roster, const Schedule& schedule, size_t index,
                   const Periods& periods, bool overrides_only, JsonWriter* json) {
  const Layer& layer = schedule.layers[index];
  json->StartObject().Field("id", OpsgenieId(schedule, layer)).Field("name", layer.name);
  json->Field("order", static_cast<int64_t>(index + 1)).Key("periods").StartArray();
  for (const Period& period : periods) {
    if (overrides_only && !period.is_override) continue;
    json->StartObject().Field("startDate", FormatRfc3339(period.begin, 0));
    json->Field("endDate", FormatRfc3339(period.end, 0));
    json->Field("type", period.is_override ? "override" : "default").Key("recipient");
    WriteOnCallUser(roster, period.person, json);
    json->EndObject();
  }
  json->EndArray().EndObject();
}

void WriteTimelines(const Roster& roster, const Schedule& schedule, const Range& range,
                    const Parts& parts, JsonWriter* json) {
  const std::vector<Duty> whole = oncall::FinalSchedule(roster, schedule, range.from, range.until);
  JsonWriter base;
  JsonWriter overrides;
  base.StartArray();
  overrides.StartArray();
  json->Key("finalTimeline").StartObject().Key("rotations").StartArray();
  for (size_t i = 0; i < schedule.layers.size(); ++i) {
    const Layer& layer = schedule.layers[i];
    const Periods periods = FinalPeriods(roster, schedule, layer, range, whole);
    WriteRotation(roster, schedule, i, periods, false, json);
    if (parts.has_override) WriteRotation(roster, schedule, i, periods, true, &overrides);
    if (parts.has_base) {
      WriteRotation(roster, schedule, i, BasePeriods(roster, schedule, layer, range), false, &base);
    }
  }
  json->EndArray().EndObject();
  const auto write = [&](bool is_asked, const char* key, const std::string& rotations) {
    if (is_asked) json->Key(key).StartObject().Key("rotations").Raw(rotations).EndObject();
  };
  write(parts.has_base, "baseTimeline", base.EndArray().Take());
  write(parts.has_override, "overrideTimeline", overrides.EndArray().Take());
  // Who is away is an override here.
  write(parts.has_forwarding, "forwardingTimeline", "[]");
}

inbound::OpsgenieResult<Range> ReadRange(const Call& call, const Schedule& schedule) {
  const auto from = ReadOpsgenieDate(call.request, call.backend.Now());
  if (!from) return Fault(from.error());
  const std::string* unit = call.request.param("intervalUnit");
  const std::string* count = call.request.param("interval");
  const std::string word = unit == nullptr || unit->empty() ? "weeks" : *unit;
  const Result<size_t> interval = ReadOffset(call.request, "interval", 1);
  const bool is_days = word == "days";
  const bool is_months = word == "months";
  if (!is_days && !is_months && word != "weeks") {
    return Fault({422, "intervalUnit", "should be one of [ days, weeks, months ]"});
  }
  const size_t most = is_days ? 366 : is_months ? 12 : 52;
  if (!interval || *interval == 0 || *interval > most) {
    return Fault({422, "interval",
                  "must be a number from 1 to " + std::to_string(most) + " of " + word + ", not " +
                      GoQuote(count == nullptr ? "" : *count)});
  }
  const auto length = static_cast<int>(*interval);
  const oncall::LocalTime begin = oncall::ToLocal(*from, schedule.zone.zone);
  const oncall::LocalTime end(begin.year(), begin.month() + (is_months ? length : 0),
                              begin.day() + (is_months ? 0
                                             : is_days ? length
                                                       : 7 * length),
                              begin.hour(), begin.minute(), begin.second());
  return Range{*from, oncall::FirstInstant(end, schedule.zone.zone)};
}

inbound::OpsgenieResult<Parts> ReadParts(const net::Request& request) {
  Parts parts;
  const std::string* text = request.param("expand");
  if (text == nullptr || text->empty()) return parts;
  for (const std::string_view word : Split(*text, ',')) {
    bool* part = word == "base"         ? &parts.has_base
                 : word == "override"   ? &parts.has_override
                 : word == "forwarding" ? &parts.has_forwarding
                                        : nullptr;
    if (part == nullptr) {
      return Fault({422, "expand", "should be some of [ base, override, forwarding ]"});
    }
    *part = true;
  }
  return parts;
}

}  // namespace

net::Response GetOpsgenieTimeline(const Call& call) {
  return WithOpsgenieSchedule(
      call, [&](OpsgenieVisit& visit, const Roster& roster, const Schedule& schedule) {
        const auto range = ReadRange(call, schedule);
        if (!range) return visit.Refuse(range.error());
        const auto parts = ReadParts(call.request);
        if (!parts) return visit.Refuse(parts.error());
        JsonWriter json;
        json.StartObject().Key("data").StartObject();
        WriteParent(schedule, &json);
        json.Field("startDate", FormatRfc3339(range->from, 0));
        json.Field("endDate", FormatRfc3339(range->until, 0));
        WriteTimelines(roster, schedule, *range, *parts, &json);
        json.EndObject().Key("expandable").StartArray();
        for (const char* part : {"base", "forwarding", "override"}) json.String(part);
        json.EndArray();
        return visit.Show(json);
      });
}

}  // namespace watchfire::api
