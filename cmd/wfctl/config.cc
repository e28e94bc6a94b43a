// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// wfctl config: show. Its routes are in routes.cc.

#include "cmd/wfctl/api.h"

namespace watchfire::wfctl {
namespace {

using simdjson::dom::element;

int ShowConfig(const Invocation& invocation, World& world) {
  return GetAndShow(invocation, world, "/api/v2/status", [&](element status) {
    const std::string original = Text(status["config"]["original"]);
    world.out << original << (original.ends_with("\n") ? "" : "\n");
    if (invocation.output == "simple") return;
    for (const char* key :
         {"buildUser", "goVersion", "revision", "version", "branch", "buildDate"}) {
      world.out << "# " << key << " " << Text(status["versionInfo"][key]) << "\n";
    }
    world.out << "# uptime " << Text(status["uptime"]) << "\n";
  });
}

}  // namespace

std::vector<Command> ConfigCommands() {
  return {{.path = "config show",
           .operands = "",
           .summary = "the configuration that the server runs with",
           .text =
               R"(
Defaults are filled in and secrets read <secret>. -o extended adds the version and the time the
server started, as comments; -o json is the whole status.
)",
           .flags = {},
           .run = ShowConfig,
           .is_default = true}};
}

}  // namespace watchfire::wfctl
