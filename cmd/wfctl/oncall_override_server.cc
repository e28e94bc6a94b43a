// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// wfctl oncall override without files, and oncall overrides: at the running server, which keeps
// what is made there.

#include "cmd/wfctl/api.h"
#include "cmd/wfctl/arguments.h"
#include "cmd/wfctl/oncall.h"
#include "cmd/wfctl/table.h"
#include "pkg/base/json.h"
#include "pkg/base/strings.h"

namespace watchfire::wfctl {
namespace {

using simdjson::dom::element;

constexpr const char* kPath = "/api/v1/oncall/overrides";

std::string Actor(const Invocation& invocation, const World& world) {
  return invocation.Get("actor", world.user.empty() ? "wfctl" : world.user);
}

// Calls the server and says what it made of it.
int Tell(const Invocation& invocation, World& world, const ApiRequest& request, const char* verb) {
  Api api(invocation, world);
  const std::optional<std::string> body = api.Call(request);
  if (!body) return api.exit_code();
  return Show(invocation, world, *body, [&](element json) {
    const auto made = json["data"];
    world.out << "override " << Text(made["id"]) << verb << ": " << Text(made["schedule"]) << ": "
              << Text(made["who"]) << " from " << Text(made["from"]) << " to " << Text(made["to"])
              << "\n";
  });
}

int List(const Invocation& invocation, World& world) {
  std::vector<std::string> query;
  const std::string schedule = invocation.Get("schedule");
  if (!schedule.empty()) query.push_back("schedule=" + UrlEncode(schedule));
  if (invocation.On("all")) query.emplace_back("all=true");
  const std::string path = std::string(kPath) + (query.empty() ? "" : "?" + Join(query, "&"));
  return GetAndShow(invocation, world, path, [&](element json) {
    std::vector<std::vector<std::string>> rows;
    for (const element one : simdjson::dom::array(json["data"]["overrides"])) {
      const std::string replaces = Text(one["replaces"]);
      bool is_added = false;
      is_added = one["add"].get(is_added) == simdjson::SUCCESS && is_added;
      rows.push_back({Text(one["id"]), Text(one["state"]), Text(one["schedule"]), Text(one["who"]),
                      is_added           ? "beside the others"
                      : replaces.empty() ? "everybody"
                                         : replaces,
                      Text(one["from"]), Text(one["to"]), Text(one["madeBy"])});
    }
    PrintTable(world.out, {"ID", "STATE", "SCHEDULE", "WHO", "INSTEAD OF", "FROM", "TO", "MADE BY"},
               rows, world.color);
  });
}

}  // namespace

int OverrideAtServer(const Invocation& invocation, World& world) {
  const std::string end = invocation.Get("end");
  JsonWriter json;
  json.StartObject().Field("actor", Actor(invocation, world));
  if (!end.empty()) {
    return Tell(
        invocation, world,
        {"POST", std::string(kPath) + "/" + UrlEncode(end) + "/end", json.EndObject().Take()},
        " ended");
  }
  if (!invocation.Get("write").empty()) {
    return Misuse(world, "--write is a file for overrides beside the schedules",
                  "name the schedules with --file, or leave --write out to ask the server");
  }
  if (invocation.Get("who").empty()) return Misuse(world, "--who is missing");
  for (const char* name : {"from", "to"}) {
    const std::string text = invocation.Get(name);
    if (text.empty() || text == "now") continue;
    const Result<WallTime> at = ReadTimeFlag(invocation, name);
    if (!at) return Misuse(world, at.error().message);
    json.Field(name, FormatRfc3339(*at, 9, true));
  }
  for (const char* name : {"schedule", "who", "for", "replaces", "note"}) {
    const std::string text = invocation.Get(name);
    if (!text.empty()) json.Field(name, text);
  }
  if (invocation.On("add")) json.Field("add", true);
  return Tell(invocation, world, {"POST", kPath, json.EndObject().Take()}, "");
}

Command OncallOverridesCommand() {
  return {.path = "oncall overrides",
          .operands = "",
          .summary = "overrides that were made at the server",
          .text = R"(
Lists those that go on or are to come; --all has those that are over as well, as long as incidents
are kept. Overrides of files are in the files.

examples:
  wfctl oncall overrides
  wfctl oncall overrides --schedule=primary --all -o json
)",
          .flags = {{"schedule", 0, "NAME", "", "only of this schedule"},
                    {"all", 0, "", "", "also those that are over"}},
          .run = List};
}

}  // namespace watchfire::wfctl
