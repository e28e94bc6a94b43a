// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// wfctl heartbeat: list, ping.

#include "cmd/wfctl/api.h"
#include "cmd/wfctl/table.h"
#include "pkg/base/strings.h"

namespace watchfire::wfctl {
namespace {

using simdjson::dom::element;

int List(const Invocation& invocation, World& world) {
  return GetAndShow(invocation, world, "/api/v1/heartbeats", [&](element json) {
    std::vector<std::vector<std::string>> rows;
    for (const element row : simdjson::dom::array(json["data"]["heartbeats"])) {
      rows.push_back({Text(row["name"]), bool(row["missing"]) ? "missing" : "ok",
                      Text(row["every"]), Text(row["grace"]), Text(row["lastSeen"]),
                      Text(row["missingSince"])});
    }
    PrintTable(world.out, {"HEARTBEAT", "STATE", "EVERY", "GRACE", "LAST SEEN", "MISSING SINCE"},
               rows, world.color);
  });
}

int Ping(const Invocation& invocation, World& world) {
  if (invocation.operands.size() != 1) return Misuse(world, "heartbeat ping needs one NAME");
  const std::string& name = invocation.operands[0];
  Api api(invocation, world);
  const auto body = api.Call({"POST", "/api/v1/heartbeats/" + UrlEncode(name) + "/ping", ""});
  if (!body) return api.exit_code();
  return Show(invocation, world, *body,
              [&](element) { world.out << "heartbeat " << name << ": heard\n"; });
}

}  // namespace

std::vector<Command> HeartbeatCommands() {
  return {{.path = "heartbeat list",
           .operands = "",
           .summary = "who is expected to be heard from, and was",
           .text = "",
           .flags = {},
           .run = List},
          {.path = "heartbeat ping",
           .operands = "NAME",
           .summary = "say that something lives, at the end of a job",
           .text = R"(
What is expected and not heard from becomes the alert HeartbeatMissing; a ping resolves it.

examples:
  wfctl heartbeat ping nightly-backup
)",
           .flags = {},
           .run = Ping}};
}

}  // namespace watchfire::wfctl
