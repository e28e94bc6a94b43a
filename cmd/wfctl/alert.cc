// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// wfctl alert: query and add.

#include <algorithm>

#include "cmd/wfctl/api.h"
#include "cmd/wfctl/dates.h"
#include "cmd/wfctl/explain.h"
#include "cmd/wfctl/incident.h"
#include "cmd/wfctl/table.h"
#include "pkg/base/json.h"
#include "pkg/base/strings.h"

namespace watchfire::wfctl {
namespace {

using simdjson::dom::element;

Result<std::string> AlertsPath(const Invocation& invocation) {
  bool any = false;
  for (const char* state : {"active", "inhibited", "silenced", "unprocessed"}) {
    any = any || invocation.On(state);
  }
  std::string path = "/api/v2/alerts?active=";
  path += invocation.On("active", !any) ? "true" : "false";
  for (const char* state : {"inhibited", "silenced", "unprocessed"}) {
    path += std::string("&") + state + (invocation.On(state) ? "=true" : "=false");
  }
  Result<std::vector<std::string>> acks = AckQuery(invocation);
  if (!acks) return Fail(std::move(acks.error()));
  for (const std::string& part : *acks) path += "&" + part;
  const std::string receiver = invocation.Get("receiver");
  if (!receiver.empty()) path += "&receiver=" + UrlEncode(receiver);
  for (const std::string& filter : ReadFilters(invocation)) path += "&filter=" + UrlEncode(filter);
  return path;
}

// Whose acks its incidents have: "ada until 2026-01-31T15:00:00.000Z".
std::string AckedBy(element alert) {
  std::vector<std::string> parts;
  simdjson::dom::array incidents;
  if (alert["incidents"].get(incidents) != simdjson::SUCCESS) return "";
  for (const element incident : incidents) {
    const std::string by = Text(incident["ack"]["by"]);
    const std::string until = Text(incident["ack"]["until"]);
    if (!by.empty()) parts.push_back(by + (until.empty() ? "" : " until " + until));
  }
  return Join(parts, ", ");
}

// Who keeps the alert quiet: silences, alerts that inhibit it, intervals.
std::string MutedBy(element alert) {
  std::vector<std::string> parts;
  for (const auto& [key, word] :
       {std::pair("silencedBy", "silence "), std::pair("inhibitedBy", "alert "),
        std::pair("mutedBy", "interval ")}) {
    for (const std::string& id : Texts(alert["status"][key])) parts.push_back(word + id);
  }
  return Join(parts, ", ");
}

// A column of -o wide, where somebody has acknowledged something.
void AddAcks(const std::vector<element>& alerts, std::vector<std::string>* header,
             std::vector<std::vector<std::string>>* rows) {
  if (std::ranges::all_of(alerts, [](element alert) { return AckedBy(alert).empty(); })) return;
  header->emplace_back("Acked By");
  for (size_t i = 0; i < alerts.size(); ++i) (*rows)[i].push_back(AckedBy(alerts[i]));
}

// The last column of -o wide, where the server explains.
void AddSummaries(const std::vector<element>& alerts, Api& api, std::vector<std::string>* header,
                  std::vector<std::vector<std::string>>* rows) {
  std::vector<std::string> fingerprints;
  for (const element alert : alerts) {
    const std::string id = Text(alert["fingerprint"]);
    if (!id.empty()) fingerprints.push_back(id);
  }
  const std::map<std::string, std::string> summaries = Summaries(api, fingerprints);
  if (summaries.empty()) return;
  header->emplace_back("Why");
  for (size_t i = 0; i < alerts.size(); ++i) {
    const auto found = summaries.find(Text(alerts[i]["fingerprint"]));
    (*rows)[i].push_back(found == summaries.end() ? "-" : found->second);
  }
}

void PrintAlerts(element json, const Invocation& invocation, Api& api, World& world) {
  std::vector<element> alerts;
  for (const element alert : simdjson::dom::array(json)) alerts.push_back(alert);
  std::ranges::stable_sort(alerts, {}, [](element alert) { return Time(alert["startsAt"]); });
  const std::string layout = invocation.Get("date.format", "2006-01-02 15:04:05 MST");
  const auto date = [&](element alert, const char* key) {
    return FormatDate(Time(alert[key]), layout);
  };
  std::vector<std::string> header = {"Alertname", "Starts At", "Summary", "State"};
  if (invocation.output == "extended") {
    header = {"Labels", "Annotations", "Starts At", "Ends At", "Generator URL", "State"};
  } else if (invocation.output == "wide") {
    header = {"Alertname", "State", "Starts At", "Receivers", "Labels", "Summary", "Muted By"};
  }
  std::vector<std::vector<std::string>> rows;
  for (const element alert : alerts) {
    const std::string name = Text(alert["labels"]["alertname"]);
    const std::string state = Text(alert["status"]["state"]);
    const std::string summary = Text(alert["annotations"]["summary"]);
    if (invocation.output == "extended") {
      rows.push_back({PairsText(alert["labels"]), PairsText(alert["annotations"]),
                      date(alert, "startsAt"), date(alert, "endsAt"), Text(alert["generatorURL"]),
                      state});
    } else if (invocation.output == "wide") {
      rows.push_back({name, state, date(alert, "startsAt"), Join(Texts(alert["receivers"]), ","),
                      PairsText(alert["labels"], "alertname"), summary, MutedBy(alert)});
    } else {
      rows.push_back({name, date(alert, "startsAt"), summary, state});
    }
  }
  if (invocation.output == "wide") {
    AddAcks(alerts, &header, &rows);
    AddSummaries(alerts, api, &header, &rows);
  }
  PrintTable(world.out, header, rows, world.color);
}

int Query(const Invocation& invocation, World& world) {
  const Result<std::string> path = AlertsPath(invocation);
  if (!path) return Misuse(world, path.error().message);
  Api api(invocation, world);
  const std::optional<std::string> body = api.Call({"GET", *path, ""});
  if (!body) return api.exit_code();
  return Show(invocation, world, *body,
              [&](element json) { PrintAlerts(json, invocation, api, world); });
}

void WritePairs(const std::vector<std::pair<std::string, std::string>>& pairs, JsonWriter& json) {
  json.StartObject();
  for (const auto& [name, value] : pairs) json.Field(name, value);
  json.EndObject();
}

int Add(const Invocation& invocation, World& world) {
  const auto labels = ReadPairs(ReadFilters(invocation), invocation.matcher_mode, "labels");
  if (!labels) return Misuse(world, labels.error().message);
  if (labels->empty()) {
    return Misuse(world, "an alert needs labels", "as in wfctl alert add Test severity=warning");
  }
  const auto annotations =
      ReadPairs(invocation.All("annotation"), invocation.matcher_mode, "annotations");
  if (!annotations) return Misuse(world, annotations.error().message);
  const Result<WallTime> start = ReadTimeFlag(invocation, "start");
  if (!start) return Misuse(world, start.error().message);
  const Result<WallTime> end = ReadTimeFlag(invocation, "end");
  if (!end) return Misuse(world, end.error().message);

  JsonWriter json;
  json.StartArray().StartObject().Key("labels");
  WritePairs(*labels, json);
  json.Key("annotations");
  WritePairs(*annotations, json);
  if (*start != kNoTime) json.Field("startsAt", FormatRfc3339(*start));
  if (*end != kNoTime) json.Field("endsAt", FormatRfc3339(*end));
  const std::string url = invocation.Get("generator-url");
  if (!url.empty()) json.Field("generatorURL", url);
  json.EndObject().EndArray();
  Api api(invocation, world);
  return api.Call({"POST", "/api/v2/alerts", json.Take()}) ? kOk : api.exit_code();
}

}  // namespace

std::vector<Command> AlertCommands() {
  return {
      {.path = "alert query",
       .operands = "[MATCHER …]",
       .summary = "alerts, by label, state and receiver",
       .text =
           R"(
All matchers must match; they read name=value, name!=value, name=~regex, name!~regex. A first
one without operator is the alert's name. Without a state only active alerts are shown.
-o wide adds labels, receivers, who keeps an alert quiet, and (of the first 100, where the server
is a Watchfire) who was told: `wfctl explain` in one line.

examples:
  wfctl alert query                        what fires
  wfctl alert query HighLatency team=db    by name and label
  wfctl alert query -asi -o wide 'service=~api.*'
  wfctl alert query --unacked              what nobody has acknowledged yet
  wfctl alert query -r 'db-.*' -o json     for another program
)",
       .flags = {{"active", 'a', "", "", "show active alerts"},
                 {"silenced", 's', "", "", "show silenced alerts"},
                 {"inhibited", 'i', "", "", "show inhibited alerts"},
                 {"unprocessed", 'u', "", "", "show alerts not yet processed"},
                 {"receiver", 'r', "REGEX", "", "only alerts that go to a receiver of this name"},
                 {"acked", 0, "", "", "only alerts whose incident is acknowledged"},
                 {"unacked", 0, "", "", "only alerts whose incident is not, or that have none"},
                 {"acked-by", 0, "NAME", "",
                  "only alerts whose incident this person acknowledged"}},
       .run = Query,
       .is_default = true},
      {.path = "alert add",
       .operands = "[NAME] LABEL=VALUE …",
       .summary = "send one alert, as Prometheus would",
       .text =
           R"(
Without --start it starts now; without --end it lasts for the server's resolve_timeout. Send it
again with an --end in the past to resolve it.

examples:
  wfctl alert add Test severity=warning team=db
  wfctl alert add Test team=db --annotation=summary='only a test' --end=2026-01-31T15:04:05Z
)",
       .flags = {{"annotation", 0, "NAME=VALUE", "", "an annotation; may be repeated"},
                 {"start", 0, "TIME", "", "when it started, as in 2026-01-31T15:04:05+01:00"},
                 {"end", 0, "TIME", "", "when it ends"},
                 {"generator-url", 0, "URL", "", "what the alert links to"}},
       .run = Add}};
}

}  // namespace watchfire::wfctl
