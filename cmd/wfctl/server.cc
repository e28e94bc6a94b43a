// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What concerns the server as a whole: rules list, reload, version.

#include "cmd/wfctl/api.h"
#include "cmd/wfctl/table.h"
#include "cmd/wfctl/version.h"

namespace watchfire::wfctl {
namespace {

using simdjson::dom::element;

int ListRules(const Invocation& invocation, World& world) {
  return GetAndShow(invocation, world, "/api/v1/rules", [&](element json) {
    std::vector<std::vector<std::string>> rows;
    for (const element group : simdjson::dom::array(json["data"]["groups"])) {
      for (const element rule : simdjson::dom::array(group["rules"])) {
        const bool is_alerting = rule["state"].error() == simdjson::SUCCESS;
        rows.push_back({Text(group["name"]), Text(rule["name"]),
                        is_alerting ? Text(rule["state"]) : "recording", Text(rule["health"]),
                        Text(rule["lastError"])});
      }
    }
    PrintTable(world.out, {"GROUP", "RULE", "STATE", "HEALTH", "LAST ERROR"}, rows, world.color);
  });
}

int Reload(const Invocation& invocation, World& world) {
  Api api(invocation, world);
  if (!api.Call({"POST", "/-/reload", ""})) return api.exit_code();
  world.out << "reloaded\n";
  return kOk;
}

int Version(const Invocation&, World& world) {
  world.out << "wfctl, version " << kVersion << "\n";
  return kOk;
}

}  // namespace

std::vector<Command> ServerCommands() {
  return {{.path = "rules list",
           .operands = "",
           .summary = "alerting and recording rules and their state",
           .text = "",
           .flags = {},
           .run = ListRules},
          {.path = "reload",
           .operands = "",
           .summary = "make the server read its configuration again",
           .text = "",
           .flags = {},
           .run = Reload},
          {.path = "version",
           .operands = "",
           .summary = "the version of wfctl",
           .text = "",
           .flags = {},
           .run = Version}};
}

}  // namespace watchfire::wfctl
