// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// wfctl shadow: report.

#include "cmd/wfctl/api.h"
#include "cmd/wfctl/table.h"

namespace watchfire::wfctl {
namespace {

using simdjson::dom::element;

constexpr size_t kAlertsShown = 3;

// `ApiDown service="api" firing (alertmanager)`: who told it, unless both or only one could.
std::string AlertText(element alert) {
  const bool ours = alert["watchfire"];
  const bool theirs = alert["alertmanager"];
  std::string text = Text(alert["labels"]["alertname"]);
  const std::string rest = PairsText(alert["labels"], "alertname");
  text += (rest.empty() ? "" : " " + rest) + " " + Text(alert["status"]);
  if (ours != theirs) text += ours ? " (watchfire)" : " (alertmanager)";
  return text;
}

std::string AlertsText(element difference) {
  std::string text;
  size_t shown = 0;
  for (const element alert : simdjson::dom::array(difference["alerts"])) {
    if (shown == kAlertsShown) break;
    text += (shown++ == 0 ? "" : ", ") + AlertText(alert);
  }
  const uint64_t count = difference["alertCount"];
  if (count > shown) text += " and " + std::to_string(count - shown) + " more";
  return text;
}

uint64_t CountOf(element data, const char* result) { return data["counts"][result]; }

void Print(element data, World& world) {
  world.out << "compared with " << Text(data["alertmanager"]) << " since " << Text(data["since"])
            << "\n";
  const std::string fault = Text(data["pollError"]);
  if (!fault.empty()) world.out << "it cannot be polled: " << fault << "\n";
  for (const char* result : {"same", "extra", "missing", "different", "unjudged"}) {
    world.out << result << " " << CountOf(data, result) << ", ";
  }
  world.out << "waiting " << uint64_t(data["waiting"]) << "\n";
  std::vector<std::vector<std::string>> rows;
  for (const element difference : simdjson::dom::array(data["differences"])) {
    rows.push_back({Text(difference["at"]), Text(difference["result"]),
                    Text(difference["receiver"]), PairsText(difference["groupLabels"]),
                    AlertsText(difference), Text(difference["reason"])});
  }
  if (rows.empty()) return;
  world.out << "\n";
  PrintTable(world.out, {"AT", "RESULT", "RECEIVER", "GROUP", "ALERTS", "REASON"}, rows,
             world.color);
}

int ShowReport(const Invocation& invocation, World& world) {
  uint64_t differing = 0;
  Api api(invocation, world);
  const std::optional<std::string> body = api.Call({"GET", "/api/v1/shadow", ""});
  if (!body) return api.exit_code();
  simdjson::dom::parser parser;
  const simdjson::padded_string padded(*body);
  const element data = parser.parse(padded).value()["data"];
  for (const char* result : {"extra", "missing", "different"}) differing += CountOf(data, result);
  Show(invocation, world, *body, [&](element json) { Print(json["data"], world); });
  return differing == 0 ? kOk : kNo;
}

}  // namespace

std::vector<Command> ShadowCommands() {
  return {{.path = "shadow report",
           .operands = "",
           .summary = "shadow mode: what differs from the live Alertmanager",
           .text = R"(
The last 1,000 messages that differ, newest first. Results:
  extra      Watchfire would have sent it, the Alertmanager did not
  missing    the Alertmanager sent it, Watchfire would not have
  different  both, but at other times or with other alerts
Exit code 1 if anything differs, so that a pipeline can wait for a quiet week.

example:
  wfctl shadow report -o json
)",
           .flags = {},
           .run = ShowReport}};
}

}  // namespace watchfire::wfctl
