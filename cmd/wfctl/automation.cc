// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// wfctl automation: list, approve, refuse.

#include "cmd/wfctl/api.h"
#include "cmd/wfctl/table.h"
#include "pkg/base/json.h"
#include "pkg/base/strings.h"

namespace watchfire::wfctl {
namespace {

using simdjson::dom::element;

int List(const Invocation& invocation, World& world) {
  return GetAndShow(invocation, world, "/api/v1/automation", [&](element json) {
    std::vector<std::vector<std::string>> rows;
    for (const element run : simdjson::dom::array(json["data"]["runs"])) {
      const std::string result = Text(run["result"]);
      rows.push_back({Text(run["id"]), Text(run["action"]),
                      result.empty() ? Text(run["state"]) : result, Text(run["at"]),
                      Text(run["by"]), Text(run["text"])});
    }
    PrintTable(world.out, {"RUN", "ACTION", "STATE", "AT", "BY", "TEXT"}, rows, world.color);
  });
}

int Decide(const Invocation& invocation, World& world, const std::string& verb,
           const std::string& done) {
  if (invocation.operands.size() != 1)
    return Misuse(world, "automation " + verb + " needs one RUN");
  const std::string& run = invocation.operands[0];
  JsonWriter json;
  json.StartObject();
  json.Field("actor", invocation.Get("actor", world.user.empty() ? "wfctl" : world.user));
  Api api(invocation, world);
  const auto body = api.Call(
      {"POST", "/api/v1/automation/" + UrlEncode(run) + "/" + verb, json.EndObject().Take()});
  if (!body) return api.exit_code();
  return Show(invocation, world, *body,
              [&](element) { world.out << "run " << run << ": " << done << "\n"; });
}

int Approve(const Invocation& invocation, World& world) {
  return Decide(invocation, world, "approve", "approved");
}

int Refuse(const Invocation& invocation, World& world) {
  return Decide(invocation, world, "refuse", "refused");
}

}  // namespace

std::vector<Command> AutomationCommands() {
  const Flag actor = {"actor", 0, "NAME", "", "who; your user name unless given"};
  return {{.path = "automation list",
           .operands = "",
           .summary = "what rules did about incidents, and what waits for a person",
           .text = "",
           .flags = {},
           .run = List},
          {.path = "automation approve",
           .operands = "RUN",
           .summary = "let a run go on that waits for a person",
           .text = R"(
examples:
  wfctl automation approve 7-1-restart-api
)",
           .flags = {actor},
           .run = Approve},
          {.path = "automation refuse",
           .operands = "RUN",
           .summary = "end a run that waits for a person",
           .text = "",
           .flags = {actor},
           .run = Refuse}};
}

}  // namespace watchfire::wfctl
