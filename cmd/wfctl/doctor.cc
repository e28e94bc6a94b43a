// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// wfctl doctor: whether the running server could page somebody tonight.

#include "cmd/wfctl/doctor.h"

#include <algorithm>
#include <optional>

#include "cmd/wfctl/api.h"
#include "cmd/wfctl/arguments.h"
#include "cmd/wfctl/command.h"
#include "cmd/wfctl/config_source.h"
#include "pkg/base/json.h"
#include "pkg/base/strings.h"

namespace watchfire::wfctl {
namespace {

using Verdict = Finding::Verdict;

constexpr Duration kAhead = std::chrono::hours(24 * 14);

std::string BodyOf(const Result<net::OutResponse>& response) {
  return response && response->status / 100 == 2 ? response->body : "";
}

const char* NameOf(Verdict verdict) {
  if (verdict == Verdict::kGood) return "good";
  return verdict == Verdict::kBad ? "bad" : "unknown";
}

std::string FindingsJson(const std::vector<Finding>& findings) {
  JsonWriter json;
  json.StartArray();
  for (const Finding& finding : findings) {
    json.StartObject().Field("id", finding.id).Field("verdict", NameOf(finding.verdict));
    json.Field("text", finding.text).Field("hint", finding.hint).EndObject();
  }
  return json.EndArray().Take();
}

void Print(const Finding& finding, World& world) {
  const bool is_bad = finding.verdict == Verdict::kBad;
  const bool is_good = finding.verdict == Verdict::kGood;
  const char* color = !world.color ? "" : is_good ? "\033[32m" : is_bad ? "\033[31m" : "\033[33m";
  world.out << color
            << (is_good  ? "\u2713"
                : is_bad ? "\u2717"
                         : "\u2013")
            << (world.color ? "\033[0m" : "") << " " << finding.id << ": " << finding.text;
  if (!finding.hint.empty()) world.out << " (" << finding.hint << ")";
  world.out << "\n";
}

// Nullopt when there is no server.
std::optional<Answers> Ask(const Invocation& invocation, World& world) {
  Api api(invocation, world);
  const auto responses = api.CallAll({{"GET", "/-/ready", ""},
                                      {"GET", "/api/v1/info", ""},
                                      {"GET", "/metrics", ""},
                                      {"GET", "/api/v1/rules?type=alert", ""},
                                      {"GET", "/api/v1/slos", ""},
                                      {"GET", "/api/v1/oncall", ""},
                                      {"GET", "/api/v1/heartbeats", ""},
                                      {"GET", "/api/v1/incidents?state=triggered", ""}});
  if (!responses[0]) {
    world.err << "wfctl: " << Describe(responses[0])
              << " (the server is named by --url or $WATCHFIRE_URL)\n";
    return std::nullopt;
  }
  Answers answers;
  answers.is_ready = responses[0]->status == 200;
  answers.info = BodyOf(responses[1]);
  answers.metrics = BodyOf(responses[2]);
  answers.rules = BodyOf(responses[3]);
  answers.slos = BodyOf(responses[4]);
  answers.oncall = BodyOf(responses[5]);
  answers.heartbeats = BodyOf(responses[6]);
  answers.incidents = BodyOf(responses[7]);
  const std::vector<std::string> schedules = SchedulesIn(answers.oncall);
  std::vector<ApiRequest> requests;
  for (const std::string& name : schedules) {
    requests.push_back({"GET",
                        "/api/v1/oncall/schedules/" + UrlEncode(name) +
                            "?from=" + UrlEncode(FormatRfc3339(world.now, 9, true)) +
                            "&until=" + UrlEncode(FormatRfc3339(world.now + kAhead, 9, true)),
                        ""});
  }
  if (requests.empty()) return answers;
  const auto finals = api.CallAll(requests);
  for (size_t i = 0; i < schedules.size(); ++i) answers.schedules[schedules[i]] = BodyOf(finals[i]);
  return answers;
}

int Doctor(const Invocation& invocation, World& world) {
  Terms terms;
  terms.now = world.now;
  const Result<Duration> overdue = ReadDuration(invocation.Get("overdue", "15m"));
  if (!overdue || *overdue <= Duration::zero()) {
    return Misuse(world, "--overdue needs a duration such as 15m");
  }
  terms.overdue = *overdue;
  ConfigSource source;
  if (!invocation.Get("config.file").empty()) {
    source = LoadConfig(invocation, world);
    if (!source.config) return source.code;
    terms.config = source.config.get();
  }
  const std::optional<Answers> answers = Ask(invocation, world);
  if (!answers) return kUnreachable;
  const std::vector<Finding> findings = Examine(*answers, terms);
  const bool is_bad = std::ranges::count(findings, Verdict::kBad, &Finding::verdict) > 0;
  if (!PrintRaw(invocation.output, world, FindingsJson(findings))) {
    for (const Finding& finding : findings) Print(finding, world);
  }
  return is_bad ? kNo : kOk;
}

}  // namespace

std::vector<Command> DoctorCommands() {
  return {{.path = "doctor",
           .operands = "",
           .summary = "could the server page somebody tonight?",
           .text = R"(
Goes through the checklist of readiness (docs/doctor.md): the store, Prometheus, rules, SLOs, who is
on call and can be reached, vendors, the dead-man's switch, pages that nobody has acknowledged. Ends
with 1 if anything is wrong. Sends nothing to anybody.

examples:
  wfctl doctor
  wfctl doctor --config.file=watchfire.yml -o json
)",
           .flags = {{"config.file", 0, "FILE", "", "the server's file, for who is reached how"},
                     {"overdue", 0, "DURATION", "15m", "how long a page may wait for an ack"}},
           .run = Doctor}};
}

}  // namespace watchfire::wfctl
