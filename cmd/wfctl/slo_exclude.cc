// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "cmd/wfctl/slo_exclude.h"

#include "cmd/wfctl/api.h"
#include "cmd/wfctl/arguments.h"
#include "cmd/wfctl/table.h"
#include "pkg/base/json.h"
#include "pkg/base/strings.h"

namespace watchfire::wfctl {
namespace {

using simdjson::dom::element;

constexpr const char* kPath = "/api/v1/slos/exclusions";

std::string Author(const Invocation& invocation, const World& world) {
  return invocation.Get("actor", world.user.empty() ? "wfctl" : world.user);
}

// "shop-paid, shop-fast", or "all of shop".
std::string WhatOf(element one) {
  std::vector<std::string> slos;
  simdjson::dom::array list;
  if (one["slo"].get(list) == simdjson::SUCCESS) {
    for (const element slo : list) slos.push_back(Text(slo));
  }
  return slos.empty() ? "all of " + Text(one["service"]) : Join(slos, ", ");
}

// Calls the server and says what it made of it. `done`: of one that was there.
int Tell(const Invocation& invocation, World& world, const ApiRequest& request,
         const std::string& done) {
  Api api(invocation, world);
  const std::optional<std::string> body = api.Call(request);
  if (!body) return api.exit_code();
  return Show(invocation, world, *body, [&](element json) {
    const element one = json["data"].value();
    world.out << "exclusion " << Text(one["id"]) << done << ": " << WhatOf(one) << " from "
              << Text(one["start"]) << " to " << Text(one["end"]) << "\n";
    simdjson::dom::array budgets;
    if (!done.empty() || one["budgets"].get(budgets) != simdjson::SUCCESS) return;
    for (const element budget : budgets) {
      const std::string how = Text(budget["budget"]);
      if (how != "counted" && how != "counted for now") continue;
      world.err << "wfctl: " << Text(budget["slo"])
                << (how == "counted"
                        ? ": its budget counts this time all the same, only its alerts "
                          "are muted\n"
                        : ": its budget leaves this time out once enough of its period "
                          "has been counted\n");
    }
  });
}

int Exclude(const Invocation& invocation, World& world) {
  const std::string service = invocation.Get("service");
  if (invocation.operands.empty() == service.empty()) {
    return Misuse(world, "name the SLOs, or --service, and not both");
  }
  if (invocation.Get("reason").empty()) return Misuse(world, "--reason is missing");
  if (invocation.Get("to").empty() == invocation.Get("for").empty()) {
    return Misuse(world, "--to or --for must say how long, and not both");
  }
  JsonWriter json;
  json.StartObject();
  if (service.empty()) {
    json.Key("slo").StartArray();
    for (const std::string& slo : invocation.operands) json.String(slo);
    json.EndArray();
  } else {
    json.Field("service", service);
  }
  for (const auto& [flag, name] : {std::pair("from", "start"), std::pair("to", "end")}) {
    const std::string text = invocation.Get(flag);
    if (text.empty() || text == "now") continue;
    const Result<WallTime> at = ReadTimeFlag(invocation, flag);
    if (!at) return Misuse(world, at.error().message);
    json.Field(name, FormatRfc3339(*at, 9, true));
  }
  if (!invocation.Get("for").empty()) json.Field("for", invocation.Get("for"));
  json.Field("reason", invocation.Get("reason")).Field("author", Author(invocation, world));
  return Tell(invocation, world, {"POST", kPath, json.EndObject().Take()}, "");
}

int List(const Invocation& invocation, World& world) {
  std::vector<std::string> query;
  const std::string slo = invocation.Get("slo");
  if (!slo.empty()) query.push_back("slo=" + UrlEncode(slo));
  if (invocation.On("all")) query.emplace_back("all=true");
  const std::string path = std::string(kPath) + (query.empty() ? "" : "?" + Join(query, "&"));
  return GetAndShow(invocation, world, path, [&](element json) {
    std::vector<std::vector<std::string>> rows;
    for (const element one : simdjson::dom::array(json["data"]["exclusions"])) {
      rows.push_back({Text(one["id"]), Text(one["state"]), WhatOf(one), Text(one["start"]),
                      Text(one["end"]), Text(one["author"]), Text(one["reason"])});
    }
    PrintTable(world.out, {"ID", "STATE", "SLO", "FROM", "TO", "BY", "REASON"}, rows, world.color);
  });
}

int End(const Invocation& invocation, World& world) {
  if (invocation.operands.size() != 1) return Misuse(world, "name one exclusion by its id");
  JsonWriter json;
  const bool keeps_past = invocation.On("keep-past");
  json.StartObject().Field("author", Author(invocation, world));
  if (keeps_past) json.Field("keepPast", true);
  const std::string path = std::string(kPath) + "/" + UrlEncode(invocation.operands[0]) + "/end";
  return Tell(invocation, world, {"POST", path, json.EndObject().Take()},
              keeps_past ? " over early" : " taken back");
}

}  // namespace

std::vector<Command> SloExclusionCommands() {
  return {
      {.path = "slo exclude",
       .operands = "[SLO …]",
       .summary = "time that does not count against error budgets",
       .text = R"(
For work that was announced, or an outage that was somebody else's. The time may be past, or to come.
Where events are counted (slo_mode: incremental) they are left out of the budget and of burn rates;
elsewhere only alerts are muted, and this says so. The same again is the same exclusion.

examples:
  wfctl slo exclude shop-availability --for 2h --reason=disks
  wfctl slo exclude --service shop --from 2026-01-31T01:00:00Z --to 2026-01-31T02:30:00Z --reason=move
)",
       .flags = {{"service", 0, "NAME", "", "all SLOs of this service"},
                 {"from", 0, "TIME", "now", "such as 2026-01-31T15:04:05Z; may be past"},
                 {"to", 0, "TIME", "", "the end, not included"},
                 {"for", 0, "DURATION", "", "instead of --to: how long"},
                 {"reason", 0, "TEXT", "", "why it does not count"},
                 {"actor", 0, "NAME", "", "who says so; your user name unless given"}},
       .run = Exclude},
      {.path = "slo exclusions",
       .operands = "",
       .summary = "time that was excluded at the server",
       .text = R"(
Lists those that hold, whenever their time is; --all has those that were taken back as well.

examples:
  wfctl slo exclusions
  wfctl slo exclusions --slo shop-availability --all -o json
)",
       .flags = {{"slo", 0, "SLO", "", "only of this SLO"},
                 {"all", 0, "", "", "also those that were taken back"}},
       .run = List},
      {.path = "slo exclusions end",
       .operands = "ID",
       .summary = "take an exclusion back: its events count again",
       .text = R"(
All of it, what has passed as well. Of work that was over early keep that: --keep-past.

examples:
  wfctl slo exclusions end 3
  wfctl slo exclusions end 3 --keep-past
)",
       .flags = {{"keep-past", 0, "", "", "it is only over early: what has passed stays excluded"},
                 {"actor", 0, "NAME", "", "who says so; your user name unless given"}},
       .run = End}};
}

}  // namespace watchfire::wfctl
