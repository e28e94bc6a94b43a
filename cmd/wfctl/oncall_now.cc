// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// wfctl oncall now and handoff: what the running server knows of who is on call, and what whoever
// comes next should know.

#include "cmd/wfctl/api.h"
#include "cmd/wfctl/arguments.h"
#include "cmd/wfctl/oncall.h"
#include "cmd/wfctl/table.h"
#include "pkg/base/strings.h"

namespace watchfire::wfctl {
namespace {

using simdjson::dom::element;

std::string NamesOf(simdjson::simdjson_result<element> list, const char* nobody) {
  std::vector<std::string> names;
  simdjson::dom::array all;
  if (list.get(all) != simdjson::SUCCESS) return "";
  for (const element name : all) names.push_back(Text(name));
  return names.empty() ? nobody : Join(names, ", ");
}

int Now(const Invocation& invocation, World& world) {
  const Result<WallTime> at = ReadTimeFlag(invocation, "at");
  if (!at) return Misuse(world, at.error().message);
  if (*at == kNoTime && !invocation.All("at").empty()) {
    return Misuse(world, "--at: \"\" is no time (write it like 2026-01-31T15:04:05Z)");
  }
  std::string path = "/api/v1/oncall";
  if (*at != kNoTime) path += "?at=" + UrlEncode(FormatRfc3339(*at, 9, true));
  return GetAndShow(invocation, world, path, [&](element json) {
    std::vector<std::vector<std::string>> rows;
    for (const element one : simdjson::dom::array(json["data"]["schedules"])) {
      rows.push_back({Text(one["schedule"]), NamesOf(one["oncall"], "nobody"), Text(one["until"]),
                      NamesOf(one["next"], "nobody")});
    }
    PrintTable(world.out, {"SCHEDULE", "ON CALL", "UNTIL", "THEN"}, rows, world.color);
    rows.clear();
    for (const element policy : simdjson::dom::array(json["data"]["policies"])) {
      for (const element step : simdjson::dom::array(policy["steps"])) {
        rows.push_back(
            {Text(policy["policy"]), Text(step["after"]), NamesOf(step["oncall"], "nobody")});
      }
    }
    if (rows.empty()) return;
    world.out << "\n";
    PrintTable(world.out, {"POLICY", "AFTER", "PAGES"}, rows, world.color);
  });
}

int Handoff(const Invocation& invocation, World& world) {
  std::string path = "/api/v1/oncall/handoff";
  const std::string schedule = invocation.Get("schedule");
  if (!schedule.empty()) path += "?schedule=" + UrlEncode(schedule);
  return GetAndShow(invocation, world, path,
                    [&](element json) { world.out << Text(json["data"]["text"]); });
}

}  // namespace

Command OncallHandoffCommand() {
  return {.path = "oncall handoff",
          .operands = "",
          .summary = "what whoever comes on call next should know",
          .text = R"(
Asks the server for the summary of a schedule's present shift: who hands over to whom and when, how
many pages there were, which incidents are open and who holds them, and which silences end soon.

examples:
  wfctl oncall handoff
  wfctl oncall handoff --schedule=primary -o json
)",
          .flags = {{"schedule", 0, "NAME", "", "which one, when there are several"}},
          .run = Handoff};
}

Command OncallNowCommand() {
  return {.path = "oncall now",
          .operands = "",
          .summary = "who is on call, by the running server",
          .text = R"(
Asks the server whom its schedules (oncall_files) have on call, until when and who comes then, and
whom each step of each escalation policy would page.

examples:
  wfctl oncall now
  wfctl oncall now --at=2026-12-24T18:00:00Z -o json
)",
          .flags = {{"at", 0, "TIME", "now", "RFC 3339"}},
          .run = Now};
}

}  // namespace watchfire::wfctl
