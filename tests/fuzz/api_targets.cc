// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What clients and vendors send, through the handlers of the API with a real core behind them.

#include <algorithm>
#include <charconv>
#include <initializer_list>

#include "pkg/api/backend_for_test.h"
#include "pkg/base/check.h"
#include "pkg/base/strings.h"
#include "pkg/net/framer.h"
#include "pkg/net/responder.h"
#include "pkg/notify/builtin/builtin.h"
#include "tests/fuzz/targets.h"

namespace watchfire::fuzz {
namespace {

constexpr const char* kMain = R"(
route:
  receiver: hook
  group_by: [alertname]
  group_wait: 1ms
  routes: [{receiver: quiet, matchers: [team=~"d.*"], mute_time_intervals: [always]}]
receivers:
  - {name: hook, webhook_configs: [{url: 'http://hook.example/', page: true}]}
  - {name: quiet}
time_intervals: [{name: always, time_intervals: [{}]}]
inhibit_rules: [{source_matchers: [severity="critical"], target_matchers: [severity="info"]}]
inbound:
  victorops: [{key: open-sesame}]
  opsgenie: [{key: open-sesame}]
  pagerduty: [{key: open-sesame}]
  grafana: [{key: open-sesame}]
  datadog: [{key: open-sesame}]
  cloudwatch: [{key: open-sesame, verify: false}]
  azuremonitor: [{key: open-sesame}]
  gcp: [{key: open-sesame}]
  splunk: [{key: open-sesame}]
  generic:
  - key: open-sesame
    mapping: {entity: "{name}/{build.0}", status: "{build.status}", resolved: [ok],
              severity: "{build.status}", labels: {alertname: "{name}"}}
)";

constexpr const char* kSome = R"([
  {"labels": {"alertname": "A", "severity": "critical", "team": "db", "job": "j"}},
  {"labels": {"alertname": "B", "severity": "info"}, "annotations": {"summary": "b"}},
  {"labels": {"alertname": "C", "severity": "warning"}}])";

constexpr const char* kSilence = R"({"matchers": [
    {"name": "alertname", "value": "A", "isRegex": false}],
  "startsAt": "2026-09-21T14:00:00Z", "endsAt": "2026-12-31T00:00:00Z",
  "createdBy": "ada", "comment": "no"})";

std::shared_ptr<const config::Config> ApiConfig() {
  static const auto* config = [] {
    config::Files files;
    files.read = [](const std::string&) -> Result<std::string> { return std::string(kMain); };
    files.glob = [](const std::string& pattern) { return std::vector<std::string>{pattern}; };
    config::LoadOptions options;
    options.path = "api.yml";
    return new auto(config::Load(options, files, notify::builtin::Kinds()).config);
  }();
  WF_CHECK(*config != nullptr);
  return *config;
}

// A process in which something burns, is silenced or inhibited, and somebody was paged.
struct Busy {
  api::FakeBackend backend{ApiConfig()};

  Busy() {
    Handle(api::MakeRequest("POST", "/api/v2/silences", kSilence), backend);
    Handle(api::MakeRequest("POST", "/api/v2/alerts", kSome), backend);
    backend.Pass(std::chrono::seconds(2));
    WF_CHECK(!(*backend.Read(core::kViewIncidents))->incidents.empty());
  }
};

bool SaysAny(const std::string& text, std::initializer_list<std::string_view> words) {
  return std::ranges::any_of(
      words, [&](std::string_view word) { return text.find(word) != std::string::npos; });
}

// What is wrong with any answer to `input_bytes`.
std::string Fault(const net::Response& response, size_t input_bytes) {
  const std::string shown = std::to_string(response.status) + " " + response.body.substr(0, 300);
  if (response.status >= 500) return "not the client's fault? " + shown;
  if (!IsValidUtf8(response.body)) return "no UTF-8: " + shown;
  // Quoting twice makes many bytes of one; more would let a small request cost much.
  if (response.status >= 400 && response.body.size() > 4096 + 16 * input_bytes) {
    return "an error of " + std::to_string(response.body.size()) + " bytes: " + shown;
  }
  return "";
}

// The same for the body of a POST, which an error must find its way around in by one of `places`.
Outcome Judge(const net::Response& response, size_t input_bytes,
              std::initializer_list<std::string_view> places) {
  Outcome outcome{response.status == 200, Fault(response, input_bytes)};
  if (!outcome.accepted && outcome.complaint.empty() && !SaysAny(response.body, places)) {
    outcome.complaint = "points nowhere: " + response.body.substr(0, 300);
  }
  return outcome;
}

// Readers must live with what was written.
void ReadBack(api::FakeBackend& backend, std::initializer_list<const char*> targets,
              Outcome* outcome) {
  for (const char* target : targets) {
    if (!outcome->complaint.empty()) return;
    const net::Response response = Handle(api::MakeRequest("GET", target), backend);
    if (response.status == 200) continue;
    outcome->complaint = std::string(target) + " then fails: " + response.body.substr(0, 300);
  }
}

}  // namespace

Outcome TryAlerts(std::string_view body) {
  Busy busy;
  const net::Response response =
      Handle(api::MakeRequest("POST", "/api/v2/alerts", std::string(body)), busy.backend);
  Outcome outcome = Judge(response, body.size(),
                          {"line ", "alert ", "alerts in body", ".labels in body",
                           ".generatorURL in body", "the body must be", " in body is required"});
  busy.backend.Pass(std::chrono::seconds(2));
  ReadBack(busy.backend, {"/api/v2/alerts", "/api/v2/alerts/groups", "/api/v1/incidents"},
           &outcome);
  return outcome;
}

Outcome TrySilence(std::string_view body) {
  Busy busy;
  const net::Response response =
      Handle(api::MakeRequest("POST", "/api/v2/silences", std::string(body)), busy.backend);
  if (response.status == 404 && response.body == "\"silence not found\"\n") return {false, ""};
  Outcome outcome =
      Judge(response, body.size(), {"line ", " in body", "silence", "time", "matcher"});
  busy.backend.Pass(std::chrono::seconds(2));
  ReadBack(busy.backend, {"/api/v2/silences", "/api/v2/alerts"}, &outcome);
  return outcome;
}

Outcome TryQuery(std::string_view target) {
  static auto* busy = new Busy();  // Reading changes nothing.
  net::Request request;
  request.method = "GET";
  net::ParseTarget(target, &request);
  const net::Response response = Handle(request, busy->backend);
  Outcome outcome{response.status == 200, Fault(response, target.size())};
  const bool may_be_silent = outcome.accepted || response.status == 404 || response.status == 307;
  if (outcome.complaint.empty() && response.body.empty() && !may_be_silent) {
    outcome.complaint = "refused without a word: " + std::to_string(response.status);
  }
  return outcome;
}

Outcome TryRequests(std::string_view bytes) {
  Busy busy;
  net::Responder responder(
      [&](const net::Request& request) { return Handle(request, busy.backend); }, "");
  net::Framer framer;
  Outcome outcome;
  while (!bytes.empty() && outcome.complaint.empty()) {
    const size_t used = framer.Feed(bytes);
    bytes.remove_prefix(used);
    if (const auto& refusal = framer.refusal()) {
      // 501 and 505 are the client's fault as well (RFC 9112).
      const int status = refusal->status;
      if (status < 400 || refusal->message.empty() ||
          (status >= 500 && status != 501 && status != 505)) {
        outcome.complaint = "refused with " + std::to_string(status) + " " + refusal->message;
      }
      return outcome;
    }
    if (!framer.complete()) {
      if (used == 0) outcome.complaint = "the framer neither takes nor refuses more bytes";
      continue;
    }
    const net::AnswerBytes said = responder.Answer(framer.Take(), "127.0.0.1:1");
    const std::string answer = said.head + said.body;
    int status = 0;
    if (answer.starts_with("HTTP/1.1 ")) {
      std::from_chars(answer.data() + 9, answer.data() + answer.size(), status);
    }
    outcome.accepted |= status == 200;
    if (status < 200 || status >= 500) outcome.complaint = "answered " + answer.substr(0, 300);
  }
  return outcome;
}

// @ENTITY@ in `body` stands for what the vendor knows our incident by.
Outcome TryVictorOps(std::string_view body) {
  Busy busy;
  const std::string incidents =
      Handle(api::MakeRequest("GET", "/api/v1/incidents"), busy.backend).body;
  const std::string mark = "\"entityId\":\"";
  const size_t at = incidents.find(mark) + mark.size();
  const std::string entity = incidents.substr(at, incidents.find('"', at) - at);
  std::string text(body);
  if (const size_t hole = text.find("@ENTITY@"); hole != text.npos) text.replace(hole, 8, entity);
  const net::Response response =
      Handle(api::MakeRequest("POST", "/inbound/victorops/open-sesame", text), busy.backend);
  Outcome outcome = Judge(response, body.size(), {"line "});
  ReadBack(busy.backend, {"/api/v1/incidents"}, &outcome);
  return outcome;
}

Outcome TryInbound(std::string_view body) {
  Busy busy;
  Outcome outcome;
  for (const char* path :
       {"/integrations/generic/20131114/alert/open-sesame/route", "/v2/enqueue",
        "/v2/change/enqueue", "/generic/2010-04-15/create_event.json", "/v2/alerts",
        "/v2/alerts/a/close?identifierType=alias", "/v2/alerts/a/tags?identifierType=alias",
        "/v2/alerts/a/snooze?identifierType=alias", "/inbound/grafana/open-sesame",
        "/inbound/datadog/open-sesame", "/inbound/cloudwatch/open-sesame",
        "/inbound/azuremonitor/open-sesame", "/inbound/gcp/open-sesame",
        "/inbound/splunk/open-sesame", "/inbound/generic/open-sesame"}) {
    net::Request request = api::MakeRequest("POST", path, std::string(body));
    request.headers.push_back({"Authorization", "GenieKey open-sesame"});
    const net::Response response = Handle(request, busy.backend);
    const bool is_taken = response.status < 300;
    outcome.accepted |= is_taken;
    if (outcome.complaint.empty()) outcome.complaint = Fault(response, body.size());
    if (outcome.complaint.empty() && !is_taken && response.body.size() < 20) {
      outcome.complaint = std::string(path) + " refuses without a word";
    }
  }
  busy.backend.Pass(std::chrono::seconds(2));
  ReadBack(busy.backend, {"/api/v2/alerts", "/api/v2/alerts/groups", "/api/v1/incidents"},
           &outcome);
  return outcome;
}

Outcome TryAck(std::string_view body) {
  Busy busy;
  const net::Response response =
      Handle(api::MakeRequest("POST", "/api/v1/incidents/1/ack", std::string(body)), busy.backend);
  Outcome outcome =
      Judge(response, body.size(), {"line ", "actor", "note", "member", "the body must be"});
  ReadBack(busy.backend, {"/api/v1/incidents", "/api/v1/incidents/1"}, &outcome);
  return outcome;
}

}  // namespace watchfire::fuzz
