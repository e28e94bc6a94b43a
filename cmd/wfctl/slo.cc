// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// wfctl slo: list.

#include "cmd/wfctl/api.h"
#include "cmd/wfctl/table.h"

namespace watchfire::wfctl {
namespace {

using simdjson::dom::element;

std::vector<std::string> Row(element slo) {
  std::string budget = "-";
  simdjson::dom::array readings;
  if (slo["readings"].get(readings) == simdjson::SUCCESS && readings.size() > 0) {
    budget = Number(readings.at(0)["budgetRemaining"]);
  }
  const char* state = bool(slo["pageFiring"])     ? "page"
                      : bool(slo["ticketFiring"]) ? "ticket"
                                                  : "ok";
  return {Text(slo["id"]), Number(slo["objective"]), budget, state, Text(slo["lastError"])};
}

int List(const Invocation& invocation, World& world) {
  return GetAndShow(invocation, world, "/api/v1/slos", [&](element json) {
    std::vector<std::vector<std::string>> rows;
    for (const element slo : simdjson::dom::array(json["data"]["slos"])) rows.push_back(Row(slo));
    PrintTable(world.out, {"SLO", "OBJECTIVE", "BUDGET LEFT", "STATE", "LAST ERROR"}, rows,
               world.color);
  });
}

}  // namespace

std::vector<Command> SloCommands() {
  return {{.path = "slo list",
           .operands = "",
           .summary = "SLOs: burn rates and budget left",
           .text = "",
           .flags = {},
           .run = List}};
}

}  // namespace watchfire::wfctl
