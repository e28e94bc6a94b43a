// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// wfctl incident: list, show, runbook, postmortem.

#include "cmd/wfctl/incident.h"

#include <iterator>

#include "cmd/wfctl/api.h"
#include "cmd/wfctl/arguments.h"
#include "cmd/wfctl/table.h"
#include "pkg/base/json.h"
#include "pkg/base/strings.h"
#include "pkg/incident/postmortem.h"
#include "pkg/notify/message_environment.h"

namespace watchfire::wfctl {
namespace {

using simdjson::dom::element;

// A time, or a duration that is over: --since=24h. Errors: kInvalidArgument.
Result<WallTime> ReadSince(const Invocation& invocation, const World& world,
                           const std::string& flag) {
  const Result<Duration> ago = ReadDuration(invocation.Get(flag));
  if (ago && *ago > Duration::zero()) return world.now - *ago;
  return ReadTimeFlag(invocation, flag);
}

Result<std::string> ListPath(const Invocation& invocation, const World& world) {
  std::vector<std::string> query;
  for (const char* flag : {"state", "team", "severity", "level", "service", "receiver", "owner",
                           "classification", "limit", "before"}) {
    const std::string value = invocation.Get(flag);
    if (!value.empty()) query.push_back(std::string(flag) + "=" + UrlEncode(value));
  }
  Result<std::vector<std::string>> acks = AckQuery(invocation);
  if (!acks) return Fail(std::move(acks.error()));
  query.insert(query.end(), acks->begin(), acks->end());
  for (const char* flag : {"since", "until"}) {
    const Result<WallTime> time = ReadSince(invocation, world, flag);
    if (!time) return Fail(time.error());
    if (*time != kNoTime) {
      query.push_back(std::string(flag) + "=" + UrlEncode(FormatRfc3339(*time)));
    }
  }
  return "/api/v1/incidents" + (query.empty() ? "" : "?" + Join(query, "&"));
}

int List(const Invocation& invocation, World& world) {
  const Result<std::string> path = ListPath(invocation, world);
  if (!path) return Misuse(world, path.error().message);
  const bool is_wide = invocation.output == "wide" || invocation.output == "extended";
  return GetAndShow(invocation, world, *path, [&](element json) {
    std::vector<std::string> header = {"ID",   "STATE",  "LEVEL", "SEVERITY",
                                       "TEAM", "OPENED", "OWNER", "TITLE"};
    if (is_wide) header.insert(header.end(), {"SERVICE", "UNTIL", "CLASSIFICATION", "RECEIVER"});
    std::vector<std::vector<std::string>> rows;
    for (const element incident : simdjson::dom::array(json["data"]["incidents"])) {
      rows.push_back({Text(incident["id"]), Text(incident["state"]), Text(incident["level"]),
                      Text(incident["severity"]), Text(incident["team"]),
                      Text(incident["openedAt"]), Text(incident["owner"]),
                      Text(incident["title"])});
      if (!is_wide) continue;
      const std::string until = Text(incident["ack"]["until"]) + Text(incident["snooze"]["until"]);
      const std::vector<std::string> more = {Text(incident["service"]), until,
                                             Text(incident["classification"]["as"]),
                                             Text(incident["receiver"])};
      rows.back().insert(rows.back().end(), more.begin(), more.end());
    }
    PrintTable(world.out, header, rows, world.color);
    const std::string next = Text(json["data"]["next"]);
    if (!next.empty()) world.err << "there are more: --before=" << next << "\n";
  });
}

void PrintHold(const char* label, simdjson::simdjson_result<element> hold, World& world) {
  const std::string by = Text(hold["by"]);
  if (by.empty()) return;
  const std::string until = Text(hold["until"]);
  world.out << label << ": by " << by << " since " << Text(hold["since"])
            << (until.empty() ? "" : " until " + until) << "\n";
}

void PrintIncident(element incident, World& world) {
  for (const auto& [label, key] :
       std::initializer_list<std::pair<const char*, const char*>>{{"incident", "id"},
                                                                  {"title", "title"},
                                                                  {"state", "state"},
                                                                  {"level", "level"},
                                                                  {"severity", "severity"},
                                                                  {"team", "team"},
                                                                  {"service", "service"},
                                                                  {"owner", "owner"},
                                                                  {"receiver", "receiver"},
                                                                  {"merged into", "mergedInto"},
                                                                  {"opened", "openedAt"},
                                                                  {"paged", "pagedAt"},
                                                                  {"acknowledged", "ackedAt"},
                                                                  {"by", "ackedBy"},
                                                                  {"mitigated", "mitigatedAt"},
                                                                  {"over", "endedAt"},
                                                                  {"resolved", "resolvedAt"}}) {
    const std::string value = Text(incident[key]);
    if (!value.empty()) world.out << label << ": " << value << "\n";
  }
  if (const std::string due = Text(incident["postmortem"]["dueAt"]); !due.empty()) {
    world.out << "post-mortem: " << Text(incident["postmortem"]["status"]) << ", due " << due
              << "\n";
  }
  PrintHold("held", incident["ack"], world);
  PrintHold("snoozed", incident["snooze"], world);
  const std::string outcome = Text(incident["classification"]["as"]);
  if (!outcome.empty()) {
    world.out << "classification: " << outcome << ", by " << Text(incident["classification"]["by"])
              << "\n";
  }
  for (const char* pairs : {"roles", "links"}) {
    for (const auto& [name, value] : Pairs(incident[pairs])) {
      world.out << name << ": " << value << "\n";
    }
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

void PrintMarkdown(const Invocation& invocation, World& world, const std::string& text) {
  JsonWriter json;
  json.StartObject().Field("id", invocation.operands[0]).Field("markdown", text).EndObject();
  if (!PrintRaw(invocation.output, world, json.Take())) world.out << text;
}

int Runbook(const Invocation& invocation, World& world) {
  if (invocation.operands.size() != 1) return Misuse(world, "incident runbook needs one ID");
  Api api(invocation, world);
  const auto text =
      api.Call({"GET", "/api/v1/incidents/" + UrlEncode(invocation.operands[0]) + "/runbook", ""});
  if (!text) return api.exit_code();
  PrintMarkdown(invocation, world, *text);
  return kOk;
}

// Renders the server's incident with a template from here.
Result<std::string> RenderHere(const std::string& answer, const std::string& path,
                               const World& world) {
  Result<std::string> text = world.files.read(path);
  if (!text) return Fail(std::move(text.error()));
  templates::TemplateSet set = templates::DefaultTemplates();
  if (Status parsed = set.Parse(incident::kPostmortemTemplate, *text); !parsed) {
    return Fail(std::move(parsed.error()));
  }
  simdjson::dom::parser parser;
  const element data = parser.parse(simdjson::padded_string(answer))["data"];
  const Result<incident::Incident> incident = incident::FromJson(simdjson::minify(data));
  if (!incident) return Fail(incident.error());
  return incident::RenderPostmortem(*incident, set, notify::MessageEnvironment(world.now));
}

int Postmortem(const Invocation& invocation, World& world) {
  if (invocation.operands.size() != 1) return Misuse(world, "incident postmortem needs one ID");
  const bool is_draft = invocation.On("draft");
  const bool is_reviewed = invocation.On("reviewed");
  const std::string own = invocation.Get("template");
  if (int{is_draft} + int{is_reviewed} + int{!own.empty()} > 1) {
    return Misuse(world, "--draft, --reviewed and --template exclude each other");
  }
  if (is_draft) return MarkPostmortem(invocation, world, "draft");
  if (is_reviewed) return MarkPostmortem(invocation, world, "reviewed");
  const std::string path = "/api/v1/incidents/" + UrlEncode(invocation.operands[0]);
  Api api(invocation, world);
  std::optional<std::string> text =
      api.Call({"GET", own.empty() ? path + "/postmortem" : path, ""});
  if (!text) return api.exit_code();
  if (!own.empty()) {
    Result<std::string> rendered = RenderHere(*text, own, world);
    if (!rendered) {
      world.err << "wfctl: " << rendered.error().message << "\n";
      return kNo;
    }
    text = *std::move(rendered);
  }
  PrintMarkdown(invocation, world, *text);
  return kOk;
}

}  // namespace

Result<std::vector<std::string>> AckQuery(const Invocation& invocation) {
  const bool is_unacked = invocation.On("unacked");
  const std::string by = invocation.Get("acked-by");
  if (is_unacked && (invocation.On("acked") || !by.empty())) {
    return InvalidArgument(std::string(by.empty() ? "--acked" : "--acked-by") +
                           " and --unacked leave nothing");
  }
  std::vector<std::string> query;
  if (invocation.On("acked")) query.emplace_back("acked=true");
  if (is_unacked) query.emplace_back("acked=false");
  if (!by.empty()) query.push_back("acked_by=" + UrlEncode(by));
  return query;
}

std::vector<Command> IncidentReadCommands() {
  return {{.path = "incident list",
           .operands = "",
           .summary = "incidents, newest first, by state, owner, team, time",
           .text = R"(
All conditions must hold. States are open (which is triggered, acknowledged or snoozed),
triggered, acknowledged, snoozed, resolved, merged. Times read 2026-01-31T15:04:05Z, or 24h for
so long ago. -o wide adds service, end of ack or snooze, classification and receiver.

examples:
  wfctl incident list --state=open
  wfctl incident list --state=open --unacked --team=storage
  wfctl incident list --acked-by=ada -o wide
  wfctl incident list --since=7d --classification=none --limit=50
)",
           .flags = {{"state", 0, "STATE", "", "only those in this state"},
                     {"team", 0, "TEAM", "", "only this team's"},
                     {"severity", 0, "SEVERITY", "", "by the severity label of the alerts"},
                     {"level", 0, "LEVEL", "", "SEV1, SEV2, SEV3 or SEV4"},
                     {"service", 0, "SERVICE", "", "by the service label of the alerts"},
                     {"receiver", 0, "NAME", "", "only those of this receiver"},
                     {"owner", 0, "NAME", "", "only those that are this person's"},
                     {"acked", 0, "", "", "only those with an ack in force"},
                     {"unacked", 0, "", "", "only those without"},
                     {"acked-by", 0, "NAME", "", "only those with an ack of this person in force"},
                     {"classification", 0, "NAME", "",
                      "actionable, noise, false_positive, duplicate, or none"},
                     {"since", 0, "TIME", "", "opened then or later"},
                     {"until", 0, "TIME", "", "opened before that"},
                     {"limit", 0, "COUNT", "", "at most so many"},
                     {"before", 0, "ID", "", "go on behind a list that was cut off at this one"}},
           .run = List},
          {.path = "incident show",
           .operands = "ID",
           .summary = "one incident with its timeline",
           .text = "example:\n  wfctl incident show 7\n",
           .flags = {},
           .run = ShowOne},
          {.path = "incident runbook",
           .operands = "ID",
           .summary = "what is to be done, from a file of incidents.runbooks",
           .text = "example:\n  wfctl incident runbook 7\n",
           .flags = {},
           .run = Runbook},
          {.path = "incident postmortem",
           .operands = "ID",
           .summary = "a post-mortem in Markdown, filled in from the timeline",
           .text = R"(
The server's template is used, which is incident.postmortem of its configuration if there is one;
or with --template that of a file here. With --draft or --reviewed it says how far the document
has come, of what incidents.postmortem wants one of; nothing is rendered then.

examples:
  wfctl incident postmortem 7
  wfctl incident postmortem 7 --template=postmortem.tmpl
  wfctl incident postmortem 7 --reviewed --note=https://wiki.example.com/pm/7
)",
           .flags = {{"template", 0, "FILE", "", "a Go text template of your own"},
                     {"draft", 0, "", "", "say that it is written, and not reviewed yet"},
                     {"reviewed", 0, "", "", "say that it is reviewed"},
                     {"actor", 0, "NAME", "", "who says so; your user name unless given"},
                     {"note", 0, "TEXT", "", "goes into the timeline"}},
           .run = Postmortem}};
}

std::vector<Command> IncidentCommands() {
  std::vector<Command> all = IncidentReadCommands();
  std::vector<Command> acts = IncidentActCommands();
  std::move(acts.begin(), acts.end(), std::back_inserter(all));
  return all;
}

}  // namespace watchfire::wfctl
