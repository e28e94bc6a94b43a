// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// wfctl incident: list, show, ack, resolve.

#include "cmd/wfctl/api.h"
#include "cmd/wfctl/table.h"
#include "pkg/base/json.h"
#include "pkg/base/strings.h"

namespace watchfire::wfctl {
namespace {

using simdjson::dom::element;

int List(const Invocation& invocation, World& world) {
  const std::string state = invocation.Get("state");
  return GetAndShow(
      invocation, world, "/api/v1/incidents" + (state.empty() ? "" : "?state=" + UrlEncode(state)),
      [&](element json) {
        std::vector<std::vector<std::string>> rows;
        for (const element incident : simdjson::dom::array(json["data"]["incidents"])) {
          rows.push_back({Text(incident["id"]), Text(incident["state"]), Text(incident["severity"]),
                          Text(incident["team"]), Text(incident["openedAt"]),
                          Text(incident["ackedBy"]), Text(incident["title"])});
        }
        PrintTable(world.out, {"ID", "STATE", "SEVERITY", "TEAM", "OPENED", "ACKED BY", "TITLE"},
                   rows, world.color);
      });
}

void PrintIncident(element incident, World& world) {
  for (const auto& [label, key] :
       std::initializer_list<std::pair<const char*, const char*>>{{"incident", "id"},
                                                                  {"title", "title"},
                                                                  {"state", "state"},
                                                                  {"severity", "severity"},
                                                                  {"team", "team"},
                                                                  {"receiver", "receiver"},
                                                                  {"opened", "openedAt"},
                                                                  {"paged", "pagedAt"},
                                                                  {"acknowledged", "ackedAt"},
                                                                  {"by", "ackedBy"},
                                                                  {"resolved", "resolvedAt"}}) {
    const std::string value = Text(incident[key]);
    if (!value.empty()) world.out << label << ": " << value << "\n";
  }
  std::vector<std::vector<std::string>> rows;
  for (const element event : simdjson::dom::array(incident["timeline"])) {
    rows.push_back({Text(event["at"]), Text(event["kind"]), Text(event["actor"]),
                    Text(event["channel"]), Text(event["text"])});
  }
  world.out << "\n";
  PrintTable(world.out, {"AT", "WHAT", "WHO", "THROUGH", "TEXT"}, rows, world.color);
}

int ShowOne(const Invocation& invocation, World& world) {
  if (invocation.operands.size() != 1) return Misuse(world, "incident show needs one ID");
  return GetAndShow(invocation, world, "/api/v1/incidents/" + UrlEncode(invocation.operands[0]),
                    [&](element json) { PrintIncident(json["data"], world); });
}

int Act(const Invocation& invocation, World& world, const std::string& verb) {
  if (invocation.operands.size() != 1) return Misuse(world, "incident " + verb + " needs one ID");
  const std::string& id = invocation.operands[0];
  JsonWriter json;
  json.StartObject();
  json.Field("actor", invocation.Get("actor", world.user.empty() ? "wfctl" : world.user));
  json.Field("note", invocation.Get("note")).EndObject();
  Api api(invocation, world);
  const std::optional<std::string> body =
      api.Call({"POST", "/api/v1/incidents/" + UrlEncode(id) + "/" + verb, json.Take()});
  if (!body) return api.exit_code();
  if (!PrintRaw(invocation.output, world, *body)) {
    world.out << "incident " << id << (verb == "ack" ? ": acknowledged\n" : ": resolved\n");
  }
  return kOk;
}

}  // namespace

std::vector<Command> IncidentCommands() {
  const std::vector<Flag> acting = {{"actor", 0, "NAME", "", "who; your user name unless given"},
                                    {"note", 0, "TEXT", "", "goes into the timeline"}};
  return {{.path = "incident list",
           .operands = "",
           .summary = "incidents: triggered, acknowledged, resolved",
           .text = "",
           .flags = {{"state", 0, "STATE", "", "only those in this state"}},
           .run = List},
          {.path = "incident show",
           .operands = "ID",
           .summary = "one incident with its timeline",
           .text = "",
           .flags = {},
           .run = ShowOne},
          {.path = "incident ack",
           .operands = "ID",
           .summary = "acknowledge: nobody else is paged",
           .text = "example:\n  wfctl incident ack 7 --note='rolling back'\n",
           .flags = acting,
           .run = [](const Invocation& i, World& world) { return Act(i, world, "ack"); }},
          {.path = "incident resolve",
           .operands = "ID",
           .summary = "close an incident",
           .text = "",
           .flags = acting,
           .run = [](const Invocation& i, World& world) { return Act(i, world, "resolve"); }}};
}

}  // namespace watchfire::wfctl
