// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Commands that talk to a server: alerts, incidents, SLOs, rules.

#include <cstdlib>
#include <string>

#include <simdjson.h>

#include "cmd/wfctl/command.h"
#include "cmd/wfctl/table.h"
#include "pkg/base/json.h"
#include "pkg/base/strings.h"

namespace watchfire::wfctl {
namespace {

using simdjson::dom::element;

std::string Text(element value) {
  std::string_view text;
  return value.get(text) == simdjson::SUCCESS ? std::string(text) : "";
}

std::string Number(simdjson::simdjson_result<element> value) {
  double number = 0;
  if (value.get(number) != simdjson::SUCCESS) return "-";
  char buffer[32];
  std::snprintf(buffer, sizeof(buffer), "%.4g", number);
  return buffer;
}

// GETs `path` and gives the body to `print`; with -o json prints it as it came.
template <typename Print>
int Get(const Arguments& arguments, World& world, const std::string& path, Print print) {
  const Result<net::OutResponse> response = world.call("GET", path, "");
  if (!response || response->status != 200) return Explain(response, world);
  if (arguments.output == "json") {
    world.out << response->body << (response->body.ends_with("\n") ? "" : "\n");
    return kOk;
  }
  simdjson::dom::parser parser;
  const simdjson::padded_string body(response->body);
  print(parser.parse(body).value());
  return kOk;
}

int Usage(World& world, const char* text) {
  world.err << "usage: wfctl " << text << "\n";
  return kUsage;
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
  PrintTable(world.out, {"AT", "WHAT", "WHO", "THROUGH", "TEXT"}, rows);
}

int ActOnIncident(const Arguments& arguments, World& world, const std::string& verb) {
  const char* user = std::getenv("USER");
  JsonWriter json;
  json.StartObject();
  json.Field("actor", arguments.Option("actor", user == nullptr ? "wfctl" : user));
  json.Field("note", arguments.Option("note")).EndObject();
  const Result<net::OutResponse> response = world.call(
      "POST", "/api/v1/incidents/" + UrlEncode(arguments.words[2]) + "/" + verb, json.Take());
  if (!response || response->status != 200) return Explain(response, world);
  if (arguments.output == "json") {
    world.out << response->body << "\n";
  } else {
    world.out << "incident " << arguments.words[2]
              << (verb == "ack" ? ": acknowledged\n" : ": resolved\n");
  }
  return kOk;
}

}  // namespace

int Incident(const Arguments& arguments, World& world) {
  const std::vector<std::string>& words = arguments.words;
  const std::string verb = words.size() > 1 ? words[1] : "";
  if (verb == "list" && words.size() == 2) {
    const std::string state = arguments.Option("state");
    return Get(
        arguments, world, "/api/v1/incidents" + (state.empty() ? "" : "?state=" + UrlEncode(state)),
        [&](element json) {
          std::vector<std::vector<std::string>> rows;
          for (const element incident : simdjson::dom::array(json["data"]["incidents"])) {
            rows.push_back({Text(incident["id"]), Text(incident["state"]),
                            Text(incident["severity"]), Text(incident["team"]),
                            Text(incident["openedAt"]), Text(incident["ackedBy"]),
                            Text(incident["title"])});
          }
          PrintTable(world.out, {"ID", "STATE", "SEVERITY", "TEAM", "OPENED", "ACKED BY", "TITLE"},
                     rows);
        });
  }
  if (words.size() == 3 && verb == "show") {
    return Get(arguments, world, "/api/v1/incidents/" + UrlEncode(words[2]),
               [&](element json) { PrintIncident(json["data"], world); });
  }
  if (words.size() == 3 && (verb == "ack" || verb == "resolve")) {
    return ActOnIncident(arguments, world, verb);
  }
  return Usage(world, "incident list | show ID | ack ID | resolve ID");
}

int Alert(const Arguments& arguments, World& world) {
  if (arguments.words.size() < 2 || arguments.words[1] != "query") {
    return Usage(world, "alert query [MATCHER ...]");
  }
  std::string path = "/api/v2/alerts";
  for (size_t i = 2; i < arguments.words.size(); ++i) {
    path += (i == 2 ? "?filter=" : "&filter=") + UrlEncode(arguments.words[i]);
  }
  return Get(arguments, world, path, [&](element json) {
    std::vector<std::vector<std::string>> rows;
    for (const element alert : simdjson::dom::array(json)) {
      std::string labels;
      for (const auto field : simdjson::dom::object(alert["labels"])) {
        if (field.key == "alertname") continue;
        if (!labels.empty()) labels += " ";
        labels += std::string(field.key) + "=" + Text(field.value);
      }
      rows.push_back({Text(alert["labels"]["alertname"]), Text(alert["status"]["state"]),
                      Text(alert["startsAt"]), labels});
    }
    PrintTable(world.out, {"ALERT", "STATE", "SINCE", "LABELS"}, rows);
  });
}

int Slo(const Arguments& arguments, World& world) {
  if (arguments.words.size() != 2 || arguments.words[1] != "list") return Usage(world, "slo list");
  return Get(arguments, world, "/api/v1/slos", [&](element json) {
    std::vector<std::vector<std::string>> rows;
    for (const element slo : simdjson::dom::array(json["data"]["slos"])) {
      std::string budget = "-";
      const auto readings = slo["readings"].get_array();
      if (readings.error() == simdjson::SUCCESS && readings.size() > 0) {
        budget = Number(readings.at(0)["budgetRemaining"]);
      }
      rows.push_back({Text(slo["id"]), Number(slo["objective"]), budget,
                      bool(slo["pageFiring"])     ? "page"
                      : bool(slo["ticketFiring"]) ? "ticket"
                                                  : "ok",
                      Text(slo["lastError"])});
    }
    PrintTable(world.out, {"SLO", "OBJECTIVE", "BUDGET LEFT", "STATE", "LAST ERROR"}, rows);
  });
}

int Rules(const Arguments& arguments, World& world) {
  if (arguments.words.size() != 2 || arguments.words[1] != "list") {
    return Usage(world, "rules list");
  }
  return Get(arguments, world, "/api/v1/rules", [&](element json) {
    std::vector<std::vector<std::string>> rows;
    for (const element group : simdjson::dom::array(json["data"]["groups"])) {
      for (const element rule : simdjson::dom::array(group["rules"])) {
        element state;
        const bool alerting = rule["state"].get(state) == simdjson::SUCCESS;
        element error;
        const bool failed = rule["lastError"].get(error) == simdjson::SUCCESS;
        rows.push_back({Text(group["name"]), Text(rule["name"]),
                        alerting ? Text(state) : "recording", Text(rule["health"]),
                        failed ? Text(error) : ""});
      }
    }
    PrintTable(world.out, {"GROUP", "RULE", "STATE", "HEALTH", "LAST ERROR"}, rows);
  });
}

}  // namespace watchfire::wfctl
