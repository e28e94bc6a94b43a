// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The webhooks of monitoring tools. Bodies are those of the vendors' documentation, shortened.

#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/inbound/inbound.h"
#include "pkg/inbound/json_mutants_for_test.h"

namespace watchfire::inbound {
namespace {

using testing::HasSubstr;

const WallTime kNow = FromNanos(1'790'000'000'000'000'000);

constexpr const char* kGrafana = R"({
  "receiver": "wf", "status": "firing", "orgId": 1, "alerts": [
   {"status": "firing", "labels": {"alertname": "High memory", "team": "blue", "severity": "high"},
    "annotations": {"summary": "memory"}, "startsAt": "2026-09-21T13:00:00+02:00",
    "endsAt": "0001-01-01T00:00:00Z", "generatorURL": "https://g.example/rule",
    "fingerprint": "15a37193dce72bab", "silenceURL": "https://g.example/silence",
    "dashboardURL": "https://g.example/d", "panelURL": "", "values": {"B": 44.2}},
   {"status": "resolved", "labels": {"alertname": "High CPU"}, "annotations": {},
    "fingerprint": "bc97ff14869b13e3"}],
  "version": "1", "state": "alerting", "message": "m"})";
constexpr const char* kGrafanaLegacy = R"({
  "ruleId": 7, "ruleName": "Disk", "ruleUrl": "https://g.example/r", "state": "alerting",
  "title": "[Alerting] Disk", "message": "full", "orgId": 2, "tags": {"severity": "warning"},
  "evalMatches": [{"value": 1, "metric": "m", "tags": null}]})";
constexpr const char* kDatadog = R"({
  "id": "5001", "title": "[Triggered on {host:a}] Disk full", "alert_id": "77",
  "alert_cycle_key": "9123", "transition": "Triggered", "type": "error", "priority": "P2",
  "scope": "host:a", "tags": "env:prod,service:web,team:core", "hostname": "a",
  "date": "1789999000000", "link": "https://dd.example/1", "body": "text",
  "query": "$ALERT_QUERY"})";
constexpr const char* kAzure = R"({
  "schemaId": "azureMonitorCommonAlertSchema", "data": {
   "essentials": {"alertId": "/subscriptions/1/alerts/b9569717", "alertRule": "CPU",
     "severity": "Sev3",
     "signalType": "Metric", "monitorCondition": "Fired", "monitoringService": "Platform",
     "alertTargetIDs": ["/subscriptions/1/vm"], "configurationItems": ["vm-1"],
     "firedDateTime": "2026-09-21T13:00:00.1234567Z", "description": "hot",
     "essentialsVersion": "1.0"},
   "alertContext": {"a": 1}, "customProperties": {"service": "web", "owner": "ada"}}})";
constexpr const char* kGcp = R"({
  "version": "1.2", "incident": {"incident_id": "0.abc", "scoping_project_id": "p",
   "url": "https://c.example", "state": "open", "started_at": 1789999000, "ended_at": null,
   "summary": "CPU is high", "severity": "No severity", "policy_name": "CPU",
   "policy_user_labels": {"severity": "critical", "team": "core"}, "condition_name": "cond",
   "documentation": {"content": "see runbook", "mime_type": "text/markdown"},
   "resource": {"type": "gce", "labels": {"zone": "z"}}, "resource_name": "vm-1",
   "observed_value": "0.9"}})";
constexpr const char* kSplunk = R"({
  "sid": "scheduler_1", "search_name": "Errors", "app": "search", "owner": "admin",
  "results_link": "https://s.example", "result": {"host": "web-1", "count": "12", "_raw": "boom",
  "severity": "high", "service": "web"}})";
constexpr const char* kObservability = R"({
  "incidentId": "F1", "detector": "CPU detector", "rule": "CPU", "severity": "Major",
  "status": "anomalous", "timestamp": "2026-09-21T13:00:00Z", "description": "d",
  "detectorUrl": "https://o.example", "runbookUrl": "https://r.example",
  "dimensions": {"host": "h", "service": "web"}})";
constexpr const char* kAlarm = R"({
  "AlarmName": "CPU", "AlarmDescription": "hot", "AWSAccountId": "123", "NewStateValue": "ALARM",
  "NewStateReason": "Threshold Crossed", "StateChangeTime": "2026-09-21T13:00:00.000+0000",
  "Region": "EU Ireland", "AlarmArn": "arn:aws:cloudwatch:eu-west-1:123:alarm:CPU",
  "OldStateValue": "OK", "Trigger": {"MetricName": "CPUUtilization", "Namespace": "AWS/EC2",
  "Dimensions": [{"name": "InstanceId", "value": "i-1"}], "Threshold": 90}})";
constexpr const char* kJenkins = R"({
  "name": "deploy", "build": {"number": 7, "phase": "FINALIZED", "status": "FAILURE",
  "full_url": "https://j.example/7", "scm": {"branch": "main"}}})";

config::InboundMapping JenkinsMapping() {
  config::InboundMapping mapping;
  mapping.entity = "{name}/{build.scm.branch}";
  mapping.status = "{build.phase}/{build.status}";
  mapping.severity = "{build.status}";
  mapping.resolved = {"completed/success", "finalized/success"};
  mapping.ignored = {"STARTED/*", "QUEUED/*"};
  mapping.severities = {{"FAILURE", "critical"}};
  mapping.labels = {{"alertname", "Build of {name} failed"}, {"service", "{name}"}};
  mapping.annotations = {{"link", "{build.full_url}"}, {"none", "{build.nothing}"}};
  return mapping;
}

// "verb entity severity {labels} {annotations}".
std::string Shown(const Result<Changes>& changes) {
  if (!changes) return changes.error().message;
  std::string out;
  for (const Change& change : *changes) {
    const char* verb = change.verb == Verb::kTrigger   ? "trigger "
                       : change.verb == Verb::kResolve ? "resolve "
                                                       : "nothing ";
    out += verb + change.entity + " " + change.severity + " " +
           labels::LabelSet(change.labels).ToString() + " " +
           labels::LabelSet(change.annotations).ToString() + "\n";
  }
  return out;
}

std::string Replaced(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

TEST(GrafanaReadTest, AlertsKeepTheirLabels) {
  EXPECT_EQ(Shown(ReadGrafana(kGrafana, kNow)),
            R"(trigger 1:15a37193dce72bab critical )"
            R"({alertname="High memory", severity="high", team="blue"} )"
            R"({dashboard_url="https://g.example/d", silence_url="https://g.example/silence", )"
            R"(summary="memory"})"
            "\n"
            R"(resolve 1:bc97ff14869b13e3  {alertname="High CPU"} {})"
            "\n");
  EXPECT_EQ((*ReadGrafana(kGrafana, kNow))[0].starts_at, *ParseTime("2026-09-21T11:00:00Z"));
  const std::string bad = Replaced(kGrafana, "\"firing\", \"labels\"", "\"on\", \"labels\"");
  EXPECT_EQ(Shown(ReadGrafana(bad, kNow)), "alerts.0.status must be firing or resolved");
}

TEST(GrafanaReadTest, TheOldAlertingIsReadToo) {
  EXPECT_EQ(Shown(ReadGrafana(kGrafanaLegacy, kNow)),
            R"(trigger 2:rule:7 warning {alertname="Disk", severity="warning"} )"
            R"({description="full", summary="[Alerting] Disk"})"
            "\n");
  EXPECT_THAT(Shown(ReadGrafana(Replaced(kGrafanaLegacy, "alerting", "ok"), kNow)),
              HasSubstr("resolve 2:rule:7"));
  EXPECT_THAT(Shown(ReadGrafana("{}", kNow)), HasSubstr("state must be"));
}

TEST(DatadogReadTest, BothEndsAreAboutTheSameCycle) {
  EXPECT_EQ(Shown(ReadDatadog(kDatadog, kNow)),
            R"(trigger 9123 critical {alertname="Disk full", environment="prod", instance="a", )"
            R"(service="web", team="core"} )"
            R"({description="text", summary="[Triggered on {host:a}] Disk full"})"
            "\n");
  EXPECT_THAT(Shown(ReadDatadog(Replaced(kDatadog, ": \"Triggered\"", ": \"Recovered\""), kNow)),
              HasSubstr("resolve 9123"));
  // The default payload has no transition and no ids.
  EXPECT_THAT(Shown(ReadDatadog(R"({"id":"1","title":"[Recovered] Disk full"})", kNow)),
              HasSubstr("resolve Disk full"));
  EXPECT_THAT(Shown(ReadDatadog(R"({"title":"[Warn] Disk","alert_id":"7","scope":"a"})", kNow)),
              HasSubstr("trigger 7/a warning"));
  EXPECT_THAT(Shown(ReadDatadog("{}", kNow)), HasSubstr("nothing says what it is about"));
}

// A payload of somebody's own that has no more than $ALERT_TYPE.
TEST(DatadogReadTest, WithoutATransitionSuccessIsAnEnd) {
  EXPECT_THAT(Shown(ReadDatadog(R"({"title":"Disk","alert_id":"7","type":"error"})", kNow)),
              HasSubstr("trigger 7/ critical"));
  EXPECT_THAT(Shown(ReadDatadog(R"({"title":"Disk","alert_id":"7","type":"success"})", kNow)),
              HasSubstr("resolve 7/"));
  EXPECT_THAT(
      Shown(ReadDatadog(
          R"({"title":"Disk","alert_id":"7","type":"success","transition":"Renotify"})", kNow)),
      HasSubstr("trigger 7/"));
}

TEST(DatadogReadTest, ATitleWithAPriorityAndAScopeSaysWhatHappenedToWhat) {
  const auto begins = [](const std::string& title) {
    const std::string shown = Shown(ReadDatadog(R"({"title":")" + title + "\"}", kNow));
    return shown.substr(0, shown.find(" {"));
  };
  EXPECT_EQ(begins("[P2] [Triggered on {host:a}] Disk full"), "trigger Disk full/host:a critical");
  EXPECT_EQ(begins("[P2] [Recovered on {host:a}] Disk full"), "resolve Disk full/host:a critical");
  EXPECT_EQ(begins("[Recovered on {host:b}] Disk full"), "resolve Disk full/host:b ");
  EXPECT_EQ(begins("[Recovered on {service:Warn-proxy}] Slow"), "resolve Slow/service:Warn-proxy ");
  EXPECT_EQ(begins("[P4] Slow"), "trigger Slow info");
  EXPECT_EQ(begins("[P2] [Recovered on {host:a}]"),
            "nothing says what it is about: send "
            "alert_cycle_key, alert_id or title");
}

TEST(AzureMonitorReadTest, TheCommonSchemaIsRead) {
  EXPECT_EQ(
      Shown(ReadAzureMonitor(kAzure, kNow)),
      R"(trigger /subscriptions/1/alerts/b9569717 warning )"
      R"({alertname="CPU", instance="vm-1", service="web"} )"
      R"({description="hot", monitoringService="Platform", owner="ada", signalType="Metric", )"
      R"(summary="CPU", target="/subscriptions/1/vm"})"
      "\n");
  EXPECT_THAT(Shown(ReadAzureMonitor(Replaced(kAzure, "Fired", "Resolved"), kNow)),
              HasSubstr("resolve /subscriptions/1/alerts/b9569717"));
  EXPECT_THAT(Shown(ReadAzureMonitor("{}", kNow)), HasSubstr("common alert schema"));
}

// Azure never says that these are over, and each event has an id of its own.
TEST(AzureMonitorReadTest, AnAlertOfTheActivityLogEndsByItself) {
  EXPECT_EQ(ReadAzureMonitor(kAzure, kNow)->at(0).lifetime, Duration::zero());
  const std::string event = Replaced(kAzure, "\"Metric\"", "\"Activity Log\"");
  EXPECT_EQ(ReadAzureMonitor(event, kNow)->at(0).lifetime, std::chrono::hours(1));
}

TEST(GcpReadTest, IncidentsAreRead) {
  EXPECT_EQ(Shown(ReadGcp(kGcp, kNow)),
            R"(trigger 0.abc critical {alertname="CPU", instance="vm-1", project="p", )"
            R"(team="core"} {condition="cond", description="see runbook", severity="critical", )"
            R"(summary="CPU is high", value="0.9"})"
            "\n");
  EXPECT_THAT(Shown(ReadGcp(Replaced(kGcp, "\"open\"", "\"CLOSED\""), kNow)),
              HasSubstr("resolve 0.abc"));
  EXPECT_THAT(Shown(ReadGcp(R"({"version":"test","incident":{"incident_id":"12345",)"
                            R"("state":"OPEN","summary":"Test Incident"}})",
                            kNow)),
              HasSubstr("nothing 12345"));
  EXPECT_EQ(Shown(ReadGcp("{}", kNow)), "incident must be an object");
}

TEST(SplunkReadTest, ASearchEndsByItselfAndADetectorSaysSo) {
  const auto search = ReadSplunk(kSplunk, kNow);
  EXPECT_EQ(Shown(search),
            R"(trigger Errors/web-1 critical {alertname="Errors", instance="web-1", )"
            R"(service="web"} {app="search", count="12", description="boom", owner="admin", )"
            R"(summary="Errors"})"
            "\n");
  EXPECT_EQ((*search)[0].lifetime, std::chrono::hours(1));
  EXPECT_THAT(Shown(ReadSplunk(kObservability, kNow)), HasSubstr("trigger F1 critical"));
  EXPECT_THAT(Shown(ReadSplunk(Replaced(kObservability, "anomalous", "ok"), kNow)),
              HasSubstr("resolve F1"));
  EXPECT_EQ(Shown(ReadSplunk("{}", kNow)), "search_name and sid are missing");
}

// The sample of Splunk's own manual: a search that has no name is an alert all the same.
TEST(SplunkReadTest, ASearchWithoutANameIsKnownByItsRuns) {
  const char* sample = R"({"result": {"sourcetype": "mongod", "count": "8"},
    "sid": "scheduler_admin_search_W2_at_14232356_132", "search_name": null, "owner": "admin",
    "results_link": "http://web.example.local:8000/app/search/@go", "app": "search"})";
  EXPECT_EQ(Shown(ReadSplunk(sample, kNow)),
            R"(trigger scheduler_admin_search_W2  {alertname="Splunk alert"} {app="search", )"
            R"(count="8", owner="admin", sourcetype="mongod", summary="Splunk alert"})"
            "\n");
  EXPECT_EQ(Shown(ReadSplunk(Replaced(sample, "14232356_132", "14232416_7"), kNow)),
            Shown(ReadSplunk(sample, kNow)));
}

TEST(CloudWatchReadTest, AlarmsAreReadAndOtherTextIsAnAlertOfItsOwn) {
  EXPECT_EQ(Shown(ReadCloudWatch(kAlarm, "ALARM: CPU", "m1", kNow)),
            R"(trigger arn:aws:cloudwatch:eu-west-1:123:alarm:CPU  )"
            R"({account="123", alertname="CPU", namespace="AWS/EC2", region="EU Ireland"} )"
            R"({description="hot", dimension_InstanceId="i-1", metric="CPUUtilization", )"
            R"(reason="Threshold Crossed", summary="ALARM: CPU", threshold="90"})"
            "\n");
  EXPECT_THAT(Shown(ReadCloudWatch(Replaced(kAlarm, "\"ALARM\"", "\"OK\""), "", "m2", kNow)),
              HasSubstr("resolve arn:aws:cloudwatch:eu-west-1:123:alarm:CPU"));
  const auto unknown =
      ReadCloudWatch(Replaced(kAlarm, "\"ALARM\"", "\"INSUFFICIENT_DATA\""), "", "m", kNow);
  EXPECT_THAT(Shown(unknown), HasSubstr("nothing "));
  EXPECT_EQ(unknown->at(0).state_at, kNoTime) << "it changes nothing, nor what came before it";
  const auto text = ReadCloudWatch("disk is full", "Disk", "m3", kNow);
  EXPECT_EQ(Shown(text),
            "trigger m3  {alertname=\"Disk\"} {description=\"disk is full\", "
            "summary=\"Disk\"}\n");
  EXPECT_EQ((*text)[0].lifetime, std::chrono::hours(1));
  EXPECT_EQ((*text)[0].state_at, kNoTime);
}

TEST(CloudWatchReadTest, TheStateIsAsOldAsItSays) {
  const WallTime at = ParseTime("2026-09-21T13:00:00Z").value();
  const auto read = [&](Duration later) {
    return ReadCloudWatch(kAlarm, "", "m", at + later)->at(0);
  };
  EXPECT_EQ(read(std::chrono::minutes(5)).state_at, at);
  EXPECT_EQ(read(-std::chrono::minutes(5)).state_at, at) << "our clock may be behind";
  EXPECT_EQ(read(-std::chrono::minutes(5)).starts_at, kNoTime);
  EXPECT_EQ(read(-std::chrono::minutes(61)).state_at, kNoTime) << "no clock is so far behind";
}

// As docs/inbound.md has it.
config::InboundMapping GitHubMapping() {
  config::InboundMapping mapping;
  mapping.entity = "{repository.full_name}/{workflow_run.name}/{workflow_run.head_branch}";
  mapping.status = "{action}/{workflow_run.conclusion}";
  mapping.resolved = {"completed/success"};
  mapping.ignored = {"/",
                     "requested/",
                     "in_progress/",
                     "completed/cancelled",
                     "completed/skipped",
                     "completed/neutral"};
  return mapping;
}

TEST(GenericReadTest, GitHubsPingAndItsFormsAreRead) {
  EXPECT_THAT(Shown(ReadGeneric(R"({"zen":"Keep it simple","hook_id":1,)"
                                R"("repository":{"full_name":"a/b"}})",
                                GitHubMapping())),
              HasSubstr("nothing a/b//"));
  EXPECT_THAT(Shown(ReadGeneric("payload=%7B%22action%22%3A%22completed%22%2C%22workflow_run%22%3A"
                                "%7B%22name%22%3A%22the+build%22%7D%7D&other=1",
                                GitHubMapping())),
              HasSubstr("trigger /the build/"));
}

TEST(GenericReadTest, TheMappingSaysWhatIsWhat) {
  EXPECT_EQ(Shown(ReadGeneric(kJenkins, JenkinsMapping())),
            R"(trigger deploy/main critical {alertname="Build of deploy failed", )"
            R"(service="deploy"} {link="https://j.example/7"})"
            "\n");
  EXPECT_THAT(Shown(ReadGeneric(Replaced(kJenkins, "FAILURE", "SUCCESS"), JenkinsMapping())),
              HasSubstr("resolve deploy/main"));
  EXPECT_THAT(Shown(ReadGeneric(R"({"name":"d","build":{"phase":"STARTED"}})", JenkinsMapping())),
              HasSubstr("nothing d/"));
  // Some plugins say at the start how the build before went; all phases of a good build are good.
  EXPECT_THAT(Shown(ReadGeneric(Replaced(kJenkins, "FINALIZED", "STARTED"), JenkinsMapping())),
              HasSubstr("nothing deploy/main"));
  const std::string completed = Replaced(kJenkins, "FINALIZED", "COMPLETED");
  EXPECT_THAT(Shown(ReadGeneric(completed, JenkinsMapping())), HasSubstr("trigger deploy/main"));
  EXPECT_THAT(Shown(ReadGeneric(Replaced(completed, "FAILURE", "SUCCESS"), JenkinsMapping())),
              HasSubstr("resolve deploy/main"));
  EXPECT_THAT(Shown(ReadGeneric("{}", JenkinsMapping())), HasSubstr("{name}/{build.scm.branch}"));
  config::InboundMapping lists;
  lists.entity = "{a.1.b.c}";
  EXPECT_THAT(Shown(ReadGeneric(R"({"a":[0,{"b.c":"dot"}]})", lists)), HasSubstr("trigger dot"));
}

TEST(WebhooksReadTest, AnyValueInAnyPlaceIsReadOrRefused) {
  using Read = std::function<Result<Changes>(const std::string&)>;
  struct Case {
    const char* body;
    Read read;
  };
  const Read grafana = [](const std::string& body) { return ReadGrafana(body, kNow); };
  const Read splunk = [](const std::string& body) { return ReadSplunk(body, kNow); };
  for (const Case& c : std::initializer_list<Case>{
           {kGrafana, grafana},
           {kGrafanaLegacy, grafana},
           {kDatadog, [](const std::string& body) { return ReadDatadog(body, kNow); }},
           {kAzure, [](const std::string& body) { return ReadAzureMonitor(body, kNow); }},
           {kGcp, [](const std::string& body) { return ReadGcp(body, kNow); }},
           {kSplunk, splunk},
           {kObservability, splunk},
           {kAlarm, [](const std::string& body) { return ReadCloudWatch(body, "s", "id", kNow); }},
           {kJenkins,
            [](const std::string& body) { return ReadGeneric(body, JenkinsMapping()); }}}) {
    size_t taken = 0;
    for (const std::string& body : MutantsOf(c.body)) {
      const auto changes = c.read(body);
      if (!changes) {
        EXPECT_FALSE(changes.error().message.empty()) << body;
        continue;
      }
      ++taken;
      for (const Change& change : *changes) {
        EXPECT_FALSE(change.entity.empty()) << body;
        Plan(change, "generic", {}, {}, kNow);
      }
    }
    EXPECT_GT(taken, 20U) << c.body;
  }
}

}  // namespace
}  // namespace watchfire::inbound
