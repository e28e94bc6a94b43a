// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/oncall/json.h"

#include "pkg/base/json.h"
#include "pkg/oncall/check.h"

namespace watchfire::oncall {
namespace {

void WriteNames(const char* key, const std::vector<std::string>& names, JsonWriter* json) {
  json->Key(key).StartArray();
  for (const std::string& name : names) json->String(name);
  json->EndArray();
}

}  // namespace

std::string WhoJson(const Schedule& schedule, WallTime at, const People& people,
                    const std::optional<Duty>& next) {
  JsonWriter json;
  json.StartObject().Field("schedule", schedule.name).Field("at", FormatRfc3339(at, 9, true));
  WriteNames("oncall", people, &json);
  if (next) {
    json.Field("until", FormatRfc3339(next->begin, 0));
    WriteNames("next", next->people, &json);
  } else {
    json.Key("until").Null().Key("next").Null();
  }
  return json.EndObject().Take();
}

std::string ScheduleJson(const Roster& roster, const Schedule& schedule, WallTime from, WallTime to,
                         const std::vector<Duty>& duties) {
  JsonWriter json;
  json.StartObject().Field("schedule", schedule.name).Field("timeZone", schedule.zone.name);
  json.Field("from", FormatRfc3339(from, 0)).Field("to", FormatRfc3339(to, 0));
  json.Field("coverage", Coverage(roster, schedule, from, to));
  json.Key("entries").StartArray();
  for (const Duty& duty : duties) {
    json.StartObject().Field("start", FormatRfc3339(duty.begin, 0));
    json.Field("end", FormatRfc3339(duty.end, 0));
    WriteNames("oncall", duty.people, &json);
    WriteNames("source", duty.sources, &json);
    json.EndObject();
  }
  return json.EndArray().EndObject().Take();
}

}  // namespace watchfire::oncall
