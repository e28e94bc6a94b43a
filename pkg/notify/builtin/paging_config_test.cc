// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// PagerDuty, Opsgenie, Jira and incident.io as users configure them: what Alertmanager 0.34 accepts
// is accepted, what it rejects is rejected, with its text where it has one (reference
// alertmanager-compat §3.3, §4).

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/notify/builtin/builtin.h"
#include "pkg/notify/samples_for_test.h"

namespace watchfire::notify::builtin {
namespace {

using config::Problem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// A file whose receiver has one integration, written in YAML's flow style.
config::Loaded Load(const std::string& kind, const std::string& entry,
                    const std::string& global = "") {
  const std::string yaml = "global: {" + global +
                           "}\nroute: {receiver: r}\nreceivers:\n- name: r\n" + "  " + kind +
                           "_configs:\n  - " + entry + "\n";
  config::Files files;
  files.read = [yaml](const std::string&) -> Result<std::string> { return yaml; };
  files.glob = [](const std::string& pattern) { return std::vector<std::string>{pattern}; };
  config::LoadOptions options;
  options.path = "am.yml";
  return config::Load(options, files, Kinds());
}

std::vector<std::string> Problems(const config::Loaded& loaded, Problem::Level level) {
  std::vector<std::string> texts;
  for (const Problem& problem : loaded.problems) {
    if (problem.level == level) texts.push_back(problem.ToString());
  }
  return texts;
}

// The request that the integration begins with.
net::OutRequest FirstRequest(const config::Loaded& loaded) {
  if (!loaded.config) return {};
  Context context;
  context.user_agent = "Watchfire/test";
  context.read_file = [](const std::string&) -> Result<std::string> { return "from-file"; };
  context.templates = {loaded.config, &loaded.config->templates};
  const auto exchange = Start(loaded.config->receivers[0].integrations[0], context);
  Step step = exchange->Begin(SampleFiring());
  EXPECT_TRUE(std::holds_alternative<Send>(step));
  return std::get<Send>(step).request;
}

struct Case {
  const char* want;  // Part of the only error; "": accepted.
  const char* kind;
  const char* entry;
  const char* global = "";
};

constexpr Case kCases[] = {
    // PagerDuty.
    {"", "pagerduty", "{routing_key: k}"},
    {"", "pagerduty", "{routing_key_file: /f}"},
    {"", "pagerduty", "{service_key: k}"},
    {"", "pagerduty", "{service_key_file: /f, routing_key: k}"},
    {"", "pagerduty", "{routing_key: <secret>, url: 'http://h/', timeout: 1m30s}"},
    {"", "pagerduty", "{routing_key: k, severity: x, class: c, component: c, group: g, source: s}"},
    {"", "pagerduty", "{routing_key: k, client: '', client_url: , description: , details: }"},
    {"", "pagerduty", "{routing_key: k, details: {firing: x, a: [1, {b: yes}], c: , 5: d}}"},
    {"", "pagerduty", "{routing_key: k, images: [{src: s, alt: a, href: h}], links: [{href: h}]}"},
    {"", "pagerduty", "{routing_key: k, images: [], links: [{}, {text: t}]}"},
    {"", "pagerduty", "{routing_key: k, send_resolved: no, http_config: {bearer_token: x}}"},
    {"missing service or routing key in PagerDuty config", "pagerduty", "{}"},
    {"missing service or routing key in PagerDuty config", "pagerduty", "{routing_key: ''}"},
    {"missing pagerduty config", "pagerduty", "null"},
    {"at most one of routing_key & routing_key_file must be configured", "pagerduty",
     "{routing_key: k, routing_key_file: /f}"},
    {"at most one of service_key & service_key_file must be configured", "pagerduty",
     "{service_key: k, service_key_file: /f}"},
    {"no global PagerDuty URL set", "pagerduty", "{routing_key: k}", "pagerduty_url: null"},
    {"unsupported scheme", "pagerduty", "{routing_key: k, url: h}"},
    {"unknown key \"teams\"", "pagerduty", "{routing_key: k, teams: [a]}"},
    {"unknown key \"source\"", "pagerduty", "{routing_key: k, images: [{source: a}]}"},
    {"unknown key \"url\"", "pagerduty", "{routing_key: k, links: [{url: a}]}"},
    {"details must be a mapping", "pagerduty", "{routing_key: k, details: [a]}"},
    {"timeout", "pagerduty", "{routing_key: k, timeout: 1d}"},
    {"images must be a list", "pagerduty", "{routing_key: k, images: {src: a}}"},
    {"invalid template syntax", "pagerduty", "{routing_key: k, details: {a: [{b: '{{'}]}}"},
    {"invalid template syntax", "pagerduty", "{routing_key: '{{ x', url: 'http://h/'}"},
    // Opsgenie.
    {"", "opsgenie", "{api_key: k}"},
    {"", "opsgenie", "{api_key_file: /f, api_url: 'http://h'}"},
    {"", "opsgenie", "{}", "opsgenie_api_key: k"},
    {"", "opsgenie", "null", "opsgenie_api_key_file: /f"},
    {"", "opsgenie", "{api_key: k, responders: [{id: a, type: scheDule}, {name: b, type: teams}]}"},
    {"", "opsgenie", "{api_key: k, responders: [{username: c, type: USER}]}"},
    {"", "opsgenie", "{api_key: k, responders: [{id: a, type: '{{/* any */}}team'}]}"},
    {"", "opsgenie",
     "{api_key: k, tags: 'a,b', actions: 'a, b', note: n, priority: P9, entity: e}"},
    {"", "opsgenie", "{api_key: k, details: {a: 5, b: }, update_alerts: on, description: ''}"},
    {"", "opsgenie", "{api_key: k, actions: [View, Restart]}"},
    {"no global OpsGenie API Key set either inline or in a file", "opsgenie", "{}"},
    {"no global OpsGenie URL set", "opsgenie", "{api_key: k}", "opsgenie_api_url: null"},
    {"at most one of api_key & api_key_file must be configured", "opsgenie",
     "{api_key: k, api_key_file: /f}"},
    {"at most one of opsgenie_api_key & opsgenie_api_key_file must be configured", "opsgenie",
     "{api_key: k}", "opsgenie_api_key: k, opsgenie_api_key_file: /f"},
    {"opsGenieConfig responder {a   wrong} type does not match valid options "
     "^(team|teams|user|escalation|schedule)$",
     "opsgenie", "{api_key: k, responders: [{id: a, type: Wrong}]}"},
    {"opsGenieConfig responder {a   } type does not match", "opsgenie",
     "{api_key: k, responders: [{id: a}]}"},
    {"opsGenieConfig responder {   schedule} has to have at least one of id, username or name "
     "specified",
     "opsgenie", "{api_key: k, responders: [{type: schedule}]}"},
    {"invalid template syntax", "opsgenie",
     "{api_key: k, responders: [{id: a, type: '{{/* no }}team'}]}"},
    {"invalid template syntax in api_key", "opsgenie", "{}", "opsgenie_api_key: '{{ s3cret'"},
    {"unknown key \"teams\"", "opsgenie", "{api_key: k, teams: ops}"},
    {"unknown key \"visible_to\"", "opsgenie", "{api_key: k, visible_to: []}"},
    {"tags must be a text", "opsgenie", "{api_key: k, tags: [a]}"},
    {"details.a must be a text", "opsgenie", "{api_key: k, details: {a: [1]}}"},
    {"actions must be a text", "opsgenie", "{api_key: k, actions: {a: b}}"},
    // Jira.
    {"", "jira", "{api_url: 'https://h/rest/api/2/', project: P, issue_type: Bug}"},
    {"", "jira", "{project: P, issue_type: Bug}", "jira_api_url: 'https://h/rest/api/3'"},
    {"", "jira",
     "{api_url: 'http://h', project: P, issue_type: B, api_type: cloud, labels: [a, 5]}"},
    {"", "jira", "{api_url: 'http://h', project: P, issue_type: B, summary: '', priority: }"},
    {"", "jira",
     "{api_url: 'http://h', project: P, issue_type: B, labels: {values: [a, 5], enable_update: "
     "no}}"},
    {"", "jira", "{api_url: 'http://h', project: P, issue_type: B, labels: {}}"},
    {"invalid template syntax", "jira",
     "{api_url: 'http://h', project: P, issue_type: B, labels: {values: ['{{']}}"},
    {"unknown key \"update_mode\"", "jira",
     "{api_url: 'http://h', project: P, issue_type: B, labels: {update_mode: merge}}"},
    {"", "jira",
     "{api_url: 'http://h', project: P, issue_type: B, summary: {enable_update: false}, "
     "description: {template: x, enable_update: yes}}"},
    {"", "jira",
     "{api_url: 'http://h', project: P, issue_type: B, reopen_transition: R, resolve_transition: "
     "D, wont_fix_resolution: W, reopen_duration: 1d12h, fields: {a: {b: [1]}}}"},
    {"missing project in jira_config", "jira", "{api_url: 'http://h', issue_type: Bug}"},
    {"missing issue_type in jira_config", "jira", "{api_url: 'http://h', project: P}"},
    {"unknown api_type on jira_config, must be auto, cloud or datacenter", "jira",
     "{api_url: 'http://h', project: P, issue_type: B, api_type: server}"},
    {"no global Jira Cloud URL set", "jira", "{project: P, issue_type: Bug}"},
    {"missing jira config", "jira", "null"},
    {"unknown key \"enable_updates\"", "jira",
     "{api_url: 'http://h', project: P, issue_type: B, summary: {enable_updates: false}}"},
    {"unknown key \"custom_fields\"", "jira",
     "{api_url: 'http://h', project: P, issue_type: B, custom_fields: {a: b}}"},
    {"summary must be a text", "jira",
     "{api_url: 'http://h', project: P, issue_type: B, summary: [a]}"},
    {"labels must be a list", "jira",
     "{api_url: 'http://h', project: P, issue_type: B, labels: a}"},
    {"reopen_duration", "jira",
     "{api_url: 'http://h', project: P, issue_type: B, reopen_duration: 1.5h}"},
    {"fields must be a mapping", "jira",
     "{api_url: 'http://h', project: P, issue_type: B, fields: [a]}"},
    {"invalid template syntax", "jira",
     "{api_url: 'http://h', project: P, issue_type: B, labels: ['{{']}"},
    // incident.io.
    {"", "incidentio", "{url: 'https://h/x', alert_source_token: t}"},
    {"", "incidentio",
     "{url_file: /f, alert_source_token_file: /t, max_alerts: 5, timeout: 500ms}"},
    {"", "incidentio", "{url: 'https://h/x'}"},
    {"", "incidentio", "{url: 'https://h/x', http_config: }"},
    {"", "incidentio", "{url: 'https://h/x', http_config: {authorization: {credentials: c}}}"},
    {"", "incidentio", "{url: 'https://h/x', http_config: {bearer_token_file: /f}}"},
    {"", "incidentio", "{url: 'https://h/x', alert_source_token: t, http_config: {proxy_url: ''}}"},
    {"one of url or url_file must be configured", "incidentio", "{alert_source_token: t}"},
    {"at most one of url & url_file must be configured", "incidentio",
     "{url: 'https://h/x', url_file: /f}"},
    {"at most one of alert_source_token & alert_source_token_file must be configured", "incidentio",
     "{url: 'https://h/x', alert_source_token: t, alert_source_token_file: /t}"},
    {"cannot specify alert_source_token or alert_source_token_file when using "
     "http_config.authorization",
     "incidentio",
     "{url: 'https://h/x', alert_source_token_file: /t, http_config: {bearer_token: c}}"},
    {"at least one of alert_source_token, alert_source_token_file or http_config.authorization "
     "must "
     "be configured",
     "incidentio", "{url: 'https://h/x', http_config: {follow_redirects: true}}"},
    {"missing incidentio config", "incidentio", "null"},
    {"", "incidentio", "{url: 'https://h/x', metadata: {team: '{{ .CommonLabels.team }}'}}"},
    {"template: metadata.team:1: unclosed action", "incidentio",
     "{url: 'https://h/x', metadata: {team: '{{'}}"},
    {"unknown key \"payload\"", "incidentio", "{url: 'https://h/x', payload: {a: b}}"},
    {"must not be negative", "incidentio", "{url: 'https://h/x', max_alerts: -1}"},
    {"timeout", "incidentio", "{url: 'https://h/x', timeout: 1w}"},
};

TEST(PagingConfigTest, WhatAlertmanagerAcceptsIsAcceptedAndWhatItRejectsRejected) {
  for (const Case& each : kCases) {
    SCOPED_TRACE(std::string(each.kind) + ": " + each.entry);
    const config::Loaded loaded = Load(each.kind, each.entry, each.global);
    const std::vector<std::string> errors = Problems(loaded, Problem::Level::kError);
    if (std::string_view(each.want).empty()) {
      EXPECT_THAT(errors, IsEmpty());
    } else {
      EXPECT_THAT(errors, ElementsAre(AllOf(HasSubstr("am.yml:"), HasSubstr(each.want),
                                            Not(HasSubstr("s3cret")))));
    }
  }
}

TEST(PagingConfigTest, PagerDutyTakesWhatItIsNotToldFromItsDefaults) {
  const config::Loaded loaded = Load(
      "pagerduty", "{routing_key: s3cret, details: {firing: '{{ len .Alerts }}', extra: [on]}}",
      "pagerduty_url: 'http://127.0.0.1:8080/v2/enqueue'");
  const net::OutRequest request = FirstRequest(loaded);
  EXPECT_EQ(request.url.reveal(), "http://127.0.0.1:8080/v2/enqueue");
  EXPECT_THAT(request.body,
              AllOf(HasSubstr("\"routing_key\":\"s3cret\""), HasSubstr("\"extra\":[true]"),
                    HasSubstr("\"firing\":2,\"num_firing\":1,\"num_resolved\":1,\"resolved\":[{"),
                    HasSubstr("\"source\":\"Alertmanager\",\"severity\":\"error\""),
                    HasSubstr("\"client\":\"Alertmanager\"")));
  EXPECT_THAT(loaded.config->original, Not(HasSubstr("s3cret")));
  EXPECT_THAT(FirstRequest(Load("pagerduty", "{routing_key: k, client: '{{ .Status }}'}")).body,
              HasSubstr("\"source\":\"firing\""));
  EXPECT_THAT(
      FirstRequest(Load("pagerduty", "{routing_key: k, client: '{{ .Status }}', source: x}")).body,
      HasSubstr("\"source\":\"x\""));
  EXPECT_THAT(FirstRequest(Load("pagerduty", "{service_key: k, routing_key: r}")).body,
              HasSubstr("\"service_key\":\"k\""));
}

TEST(PagingConfigTest, OpsgenieTakesUrlAndKeyFromGlobalUnlessItHasItsOwn) {
  const std::string global =
      "opsgenie_api_key: s3cret, opsgenie_api_url: 'http://127.0.0.1:8080/jsm/ops/integration'";
  const config::Loaded loaded = Load("opsgenie", "{priority: P1}", global);
  const net::OutRequest request = FirstRequest(loaded);
  EXPECT_EQ(request.url.reveal(), "http://127.0.0.1:8080/jsm/ops/integration/v2/alerts");
  EXPECT_EQ(net::FindHeader(request.headers, "Authorization"), "GenieKey s3cret");
  EXPECT_THAT(loaded.config->original, Not(HasSubstr("s3cret")));
  EXPECT_THAT(Problems(loaded, Problem::Level::kWarning), IsEmpty());
  const net::OutRequest own =
      FirstRequest(Load("opsgenie", "{api_key_file: /f, api_url: 'http://h'}", global));
  EXPECT_EQ(own.url.reveal(), "http://h/v2/alerts");
  EXPECT_EQ(net::FindHeader(own.headers, "Authorization"), "GenieKey from-file");
}

TEST(PagingConfigTest, OpsgeniesEndIsAWarning) {
  for (const char* entry :
       {"{api_key: k}", "{api_key: k, api_url: 'https://API.eu.opsgenie.com/'}"}) {
    EXPECT_THAT(Problems(Load("opsgenie", entry), Problem::Level::kWarning),
                ElementsAre(AllOf(HasSubstr("am.yml:6:"), HasSubstr("2027-04-05"),
                                  HasSubstr("https://api.atlassian.com/jsm/ops/integration/"))));
  }
}

// As the source documents have it: Alertmanager refuses the list of actions.
TEST(PagingConfigTest, OpsgeniesActionsMayBeAList) {
  const config::Loaded loaded =
      Load("opsgenie",
           "{api_key: k, api_url: 'http://h', priority: P1,\n"
           "     description: 'Critical: {{ range .Alerts }}{{ .Annotations.summary }}{{ end }}',\n"
           "     tags: 'critical,{{ range .Alerts }}{{ .Labels.service }}{{ end }}',\n"
           "     details: {AlertName: '{{ .GroupLabels.alertname }}'},\n"
           "     actions: ['View Dashboard', 'Check {{ .Status }}', Escalate]}");
  EXPECT_THAT(Problems(loaded, Problem::Level::kWarning),
              ElementsAre(AllOf(HasSubstr("am.yml:10:"), HasSubstr("actions is a list"),
                                HasSubstr("View Dashboard,Check {{ .Status }},Escalate"))));
  EXPECT_THAT(
      FirstRequest(loaded).body,
      AllOf(HasSubstr("\"actions\":[\"View Dashboard\",\"Check firing\",\"Escalate\"]"),
            HasSubstr("\"tags\":[\"critical\",\"victor-aivictor-ai\"],\"priority\":\"P1\"")));
  EXPECT_THAT(loaded.config->original,
              HasSubstr("actions: \"View Dashboard,Check {{ .Status }},Escalate\""));
}

TEST(PagingConfigTest, JiraJoinsItsPathsToTheUrl) {
  const net::OutRequest request = FirstRequest(
      Load("jira", "{project: P, issue_type: Bug}", "jira_api_url: 'https://h/rest/api/2/'"));
  EXPECT_EQ(request.url.reveal(), "https://h/rest/api/2/search");
  EXPECT_EQ(FirstRequest(Load("jira",
                              "{project: P, issue_type: Bug, api_type: cloud, api_url: "
                              "'https://h/rest/api/2'}"))
                .url.reveal(),
            "https://h/rest/api/3/search/jql");
}

TEST(PagingConfigTest, JirasUrlIsThatOfItsApi) {
  const auto warnings = [](const std::string& url) {
    return Problems(Load("jira", "{project: P, issue_type: Bug, api_url: '" + url + "'}"),
                    Problem::Level::kWarning);
  };
  EXPECT_THAT(warnings("https://x.atlassian.net"),
              ElementsAre(AllOf(HasSubstr("am.yml:6:"), HasSubstr("below /rest/api/"),
                                HasSubstr("https://example.atlassian.net/rest/api/3"))));
  EXPECT_THAT(warnings("https://x.atlassian.net/rest/api/3"), IsEmpty());
  EXPECT_THAT(warnings("https://api.atlassian.com/ex/jira/1/rest/api/2/"), IsEmpty());
}

TEST(PagingConfigTest, IncidentioSendsItsToken) {
  const config::Loaded loaded =
      Load("incidentio", "{url: 'https://h/x', alert_source_token: s3cret}");
  const net::OutRequest request = FirstRequest(loaded);
  EXPECT_EQ(net::FindHeader(request.headers, "Authorization"), "Bearer s3cret");
  EXPECT_THAT(request.body, HasSubstr("\"version\":\"1\""));
  EXPECT_THAT(loaded.config->original, AllOf(HasSubstr("https://h/x"), Not(HasSubstr("s3cret"))));
}

}  // namespace
}  // namespace watchfire::notify::builtin
