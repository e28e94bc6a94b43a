// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/message_data.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/notify/message_environment.h"
#include "pkg/notify/samples_for_test.h"
#include "pkg/templates/default_templates.h"
#include "pkg/templates/template.h"

namespace watchfire::notify {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::string Render(const std::string& text, const dispatch::Notification& notification) {
  templates::TemplateSet set = templates::DefaultTemplates();
  const Status parsed = set.Parse("", text);
  if (!parsed) return "error: " + parsed.error().message;
  const Result<std::string> out =
      set.Execute("", MessageData(notification, labels::LabelSet{{"team", "ai"}}), {});
  return out ? *out : "error: " + out.error().message;
}

std::string Render(const std::string& text) { return Render(text, SampleFiring()); }

// The example of the reference.
dispatch::Notification Example() {
  dispatch::Notification notification;
  notification.receiver = "r";
  notification.group_labels = labels::LabelSet{{"alertname", "X"}};
  notification.external_url = "http://am:9093";
  notification.at = FromNanos(1'500'000'000'000'000'000);
  alert::Alert alert;
  alert.labels = labels::LabelSet{{"alertname", "X"}, {"instance", "a"}, {"job", "j"}};
  alert.annotations = labels::LabelSet{{"summary", "S"}};
  alert.starts_at = FromNanos(1'400'000'000'000'000'000);
  alert.generator_url = "http://prom/graph";
  notification.alerts = {alert};
  return notification;
}

dispatch::Notification ResolvedExample() {
  dispatch::Notification notification = Example();
  notification.alerts.Own(0).ends_at = notification.at;
  return notification;
}

std::string Named(const std::string& name, const dispatch::Notification& notification) {
  return Render("{{ template \"" + name + "\" . }}", notification);
}

TEST(MessageDataTest, FieldsOfTheMessage) {
  EXPECT_EQ(Render("{{ .Receiver }}"), "on-call\\.eu \\(primary\\)");
  EXPECT_EQ(Render("{{ .Status }} {{ .NotificationReason }}"), "firing some alerts resolved");
  EXPECT_EQ(Render("{{ .Status }}", SampleResolved()), "resolved");
  EXPECT_EQ(Render("{{ .ExternalURL }} {{ .RouteLabels.team }}"), "http://localhost:9093 ai");
  EXPECT_EQ(Render("{{ len .Alerts }} {{ len .Alerts.Firing }} {{ len .Alerts.Resolved }}"),
            "2 1 1");
  EXPECT_EQ(Render("{{ range .Alerts.Resolved }}{{ .Labels.alertname }}{{ end }}"), "ProviderSlow");
  EXPECT_EQ(Render("{{ (index .Alerts 0).Labels.provider }} {{ (index .Alerts.Firing 0).Status }}"),
            "openai firing");
  EXPECT_EQ(Render("{{ .Nope }}"),
            "error: template: :1:3: executing \"\" at <.Nope>: can't evaluate field Nope in type "
            "*template.Data");
}

TEST(MessageDataTest, FieldsOfAnAlert) {
  EXPECT_EQ(Render("{{ with index .Alerts 0 }}{{ .StartsAt }}|{{ .EndsAt }}|{{ .EndsAt.IsZero }}|"
                   "{{ .GeneratorURL }}|{{ .Fingerprint | len }}{{ end }}"),
            "2026-08-22 14:04:18.1234 +0000 UTC|0001-01-01 00:00:00 +0000 UTC|true|"
            "http://localhost:9093/graph?g0.expr=up+%3D%3D+0&g0.tab=1|16");
  EXPECT_EQ(Render("{{ with index .Alerts 1 }}{{ (.EndsAt.Sub .StartsAt).Seconds }}{{ end }}"),
            "31.876600001");
  EXPECT_EQ(Render("{{ (index .Alerts 0).Annotations.ticket }}"), "OPS-7");
}

TEST(MessageDataTest, TimesKeepTheOffsetOfTheirSender) {
  dispatch::Notification notification = SampleFiring();
  notification.alerts.Own(1).starts_zone = 120;
  notification.alerts.Own(1).ends_zone = -210;
  const std::string at =
      "{{ with index .Alerts 1 }}{{ .StartsAt | date \"15:04 -07:00\" }} "
      "{{ .EndsAt | date \"15:04 -07:00\" }}{{ end }}";
  EXPECT_EQ(Render(at, notification), "16:04 +02:00 10:34 -03:30");
  EXPECT_EQ(Render("{{ (index .Alerts 1).StartsAt | tz \"UTC\" | date \"15:04\" }}", notification),
            "14:04");
}

TEST(MessageDataTest, LabelSetsAreSortedWithTheNameFirst) {
  const dispatch::Notification example = Example();
  EXPECT_EQ(Render("{{ .CommonLabels }}", example), "alertname=X, instance=a, job=j");
  EXPECT_EQ(Render("{{ .CommonLabels.SortedPairs }}", example), "alertname=X, instance=a, job=j");
  EXPECT_EQ(Render("{{ .CommonLabels.Names }} {{ .CommonLabels.Values.Join \"-\" }}", example),
            "[alertname instance job] X-a-j");
  EXPECT_EQ(Render("{{ .CommonLabels.SortedPairs.Names.Join \",\" }}", example),
            "alertname,instance,job");
  EXPECT_EQ(
      Render("{{ range .CommonLabels.SortedPairs }}{{ .Name }}:{{ .Value }} {{ end }}", example),
      "alertname:X instance:a job:j ");
  EXPECT_EQ(Render("{{ range $k, $v := .CommonLabels }}{{ $k }}:{{ $v }} {{ end }}", example),
            "alertname:X instance:a job:j ");
  EXPECT_EQ(Render("{{ .CommonLabels.Remove .GroupLabels.Names }}", example), "instance=a, job=j");
  EXPECT_EQ(Render("{{ .CommonLabels.Remove (stringSlice \"job\" \"instance\") }}", example),
            "alertname=X");
  EXPECT_EQ(Render("{{ .CommonLabels.Remove nil | len }}", example), "3");
  EXPECT_EQ(Render("{{ .CommonLabels.Values | join \" \" }}", example), "X a j");
  EXPECT_EQ(Render("[{{ .CommonLabels.nope }}]{{ index .CommonLabels \"job\" }}", example), "[]j");
  EXPECT_EQ(Render("{{ printf \"%T %T %T %T\" . .Alerts .Alerts.Firing .CommonLabels }}", example),
            "*template.Data template.Alerts []template.Alert template.KV");
}

TEST(MessageDataTest, JsonIsTheWebhooks) {
  EXPECT_EQ(Render("{{ toJson . }}", Example()),
            R"({"receiver":"r","status":"firing","alerts":[{"status":"firing",)"
            R"("labels":{"alertname":"X","instance":"a","job":"j"},"annotations":{"summary":"S"},)"
            R"("startsAt":"2014-05-13T16:53:20Z","endsAt":"0001-01-01T00:00:00Z",)"
            R"("generatorURL":"http://prom/graph","fingerprint":"861af8887d0dd801"}],)"
            R"("notification_reason":"first notification","groupLabels":{"alertname":"X"},)"
            R"("commonLabels":{"alertname":"X","instance":"a","job":"j"},)"
            R"("commonAnnotations":{"summary":"S"},"routeLabels":{"team":"ai"},)"
            R"("externalURL":"http://am:9093"})");
}

TEST(MessageEnvironmentTest, KnowsTheTimeAndTheZones) {
  templates::TemplateSet set = templates::DefaultTemplates();
  ASSERT_TRUE(set.Parse("", "{{ tz \"Europe/Berlin\" now }} {{ routeLabels \"team\" }}"));
  const auto render = [&](int64_t seconds) {
    return *set.Execute(
        "", {},
        MessageEnvironment(FromNanos(seconds * 1'000'000'000), labels::LabelSet{{"team", "ai"}}));
  };
  EXPECT_EQ(render(1'500'000'000), "2017-07-14 04:40:00 +0200 CEST ai");
  EXPECT_EQ(render(1'510'000'000), "2017-11-06 21:26:40 +0100 CET ai");
  ASSERT_TRUE(set.Parse("", "{{ tz \"Mars/Olympus\" now }}"));
  EXPECT_THAT(set.Execute("", {}, MessageEnvironment(FromNanos(0))).error().message,
              HasSubstr("unknown time zone Mars/Olympus"));
}

TEST(MessageEnvironmentTest, RouteLabelsMayNameEachOther) {
  const auto render = [](const labels::LabelSet& raw) {
    return RenderRouteLabels(raw, templates::DefaultTemplates(), Example(), FromNanos(0));
  };
  EXPECT_EQ(*render(labels::LabelSet{{"a", "{{ routeLabels \"b\" }}-{{ .GroupLabels.alertname }}"},
                                     {"b", "{{ .Status | toUpper }}"},
                                     {"c", "{{ routeLabels \"nope\" }}"}}),
            (labels::LabelSet{{"a", "FIRING-X"}, {"b", "FIRING"}, {"c", ""}}));
  EXPECT_THAT(
      render(labels::LabelSet{{"a", "{{ routeLabels \"b\" }}"}, {"b", "{{ routeLabels \"a\" }}"}})
          .error()
          .message,
      HasSubstr("route label cycle detected: a -> b -> a"));
  labels::LabelSet::Pairs chain;
  for (int i = 0; i < 20; ++i) {
    chain.emplace_back("l" + std::to_string(100 + i),
                       "{{ routeLabels \"l" + std::to_string(101 + i) + "\" }}");
  }
  EXPECT_EQ(render(labels::LabelSet(chain)).error().code, Code::kExhausted);
}

TEST(DefaultTemplatesTest, SubjectAndLinks) {
  EXPECT_EQ(Named("__alertmanager", Example()), "Alertmanager");
  EXPECT_EQ(Named("__alertmanagerURL", Example()), "http://am:9093/#/alerts?receiver=r");
  EXPECT_EQ(Named("__alertmanagerURL", SampleFiring()),
            "http://localhost:9093/#/alerts?receiver=on-call%5C.eu+%5C%28primary%5C%29");
  EXPECT_EQ(Named("__subject", Example()), "[FIRING:1] X (a j)");
  EXPECT_EQ(Named("__subject", ResolvedExample()), "[RESOLVED] X (a j)");
  dispatch::Notification two = Example();
  two.alerts.emplace_back(two.alerts[0]).labels = labels::LabelSet{{"alertname", "X"}};
  EXPECT_EQ(Named("__subject", two), "[FIRING:2] X ");
  EXPECT_EQ(Named("__description", Example()), "");
}

TEST(DefaultTemplatesTest, Lists) {
  const std::string list =
      "Labels:\n - alertname = X\n - instance = a\n - job = j\nAnnotations:\n - summary = S\n"
      "Source: http://prom/graph\n";
  const std::string markdown =
      "\nLabels:\n  - alertname = X\n  - instance = a\n  - job = j\n\nAnnotations:\n"
      "  - summary = S\n\nSource: http://prom/graph\n\n";
  EXPECT_EQ(Render("{{ template \"__text_alert_list\" .Alerts }}", Example()), list);
  EXPECT_EQ(Render("{{ template \"pagerduty.default.instances\" .Alerts.Firing }}", Example()),
            list);
  EXPECT_EQ(Render("{{ template \"__text_alert_list_markdown\" .Alerts }}", Example()), markdown);
  for (const char* name : {"opsgenie.default.description", "victorops.default.state_message"}) {
    EXPECT_EQ(Named(name, Example()), "S\nAlerts Firing:\n" + list + "\n");
    EXPECT_EQ(Named(name, ResolvedExample()), "S\n\nAlerts Resolved:\n" + list);
  }
  for (const char* name :
       {"pushover.default.message", "sns.default.message", "webex.default.message"}) {
    EXPECT_EQ(Named(name, Example()), "S\n\nAlerts Firing:\n" + list + "\n\n\n");
  }
  for (const char* name : {"telegram.default.message", "discord.default.message"}) {
    EXPECT_EQ(Named(name, ResolvedExample()), "\n\n\nAlerts Resolved:\n" + list + "\n\n");
  }
  for (const char* name : {"msteams.default.text", "msteamsv2.default.text",
                           "jira.default.description", "mattermost.default.text"}) {
    EXPECT_EQ(Named(name, Example()), "\n\n# Alerts Firing:\n" + markdown + "\n\n\n");
  }
  EXPECT_EQ(Named("wechat.default.message", Example()),
            "[FIRING:1] X (a j)\nS\nAlerts Firing:\n" + list +
                "\n\nAlertmanagerUrl:\nhttp://am:9093/#/alerts?receiver=r");
}

TEST(DefaultTemplatesTest, ColorsAndPriorities) {
  EXPECT_EQ(Named("slack.default.color", Example()), "danger");
  EXPECT_EQ(Named("mattermost.default.color", ResolvedExample()), "good");
  EXPECT_EQ(Named("slack.default.fallback", Example()),
            "[FIRING:1] X (a j) | http://am:9093/#/alerts?receiver=r");
  EXPECT_EQ(Named("jira.default.priority", Example()), "");
  const auto priority = [](const std::vector<std::string>& severities, bool resolved) {
    dispatch::Notification notification = resolved ? ResolvedExample() : Example();
    const alert::Alert alert = notification.alerts[0];
    notification.alerts.clear();
    for (const std::string& severity : severities) {
      notification.alerts.emplace_back(alert).labels = labels::LabelSet{{"severity", severity}};
    }
    return Named("jira.default.priority", notification);
  };
  EXPECT_EQ(priority({"info", "warning", "critical", "info"}, false), "High");
  EXPECT_EQ(priority({"warning", "info"}, false), "Medium");
  EXPECT_EQ(priority({"info", "none"}, false), "Low");
  EXPECT_EQ(priority({"warning"}, true), "Medium");
}

TEST(DefaultTemplatesTest, EveryNameOfAlertmanagerExists) {
  const templates::TemplateSet set = templates::DefaultTemplates();
  for (const char* name : {"slack.default.title",
                           "slack.default.username",
                           "slack.default.fallback",
                           "slack.default.callbackid",
                           "slack.default.pretext",
                           "slack.default.titlelink",
                           "slack.default.iconemoji",
                           "slack.default.iconurl",
                           "slack.default.text",
                           "slack.default.footer",
                           "slack.default.color",
                           "pagerduty.default.description",
                           "pagerduty.default.client",
                           "pagerduty.default.clientURL",
                           "pagerduty.default.instances",
                           "opsgenie.default.message",
                           "opsgenie.default.description",
                           "opsgenie.default.source",
                           "wechat.default.message",
                           "wechat.default.to_user",
                           "wechat.default.to_party",
                           "wechat.default.to_tag",
                           "wechat.default.agent_id",
                           "victorops.default.state_message",
                           "victorops.default.entity_display_name",
                           "victorops.default.monitoring_tool",
                           "pushover.default.title",
                           "pushover.default.message",
                           "pushover.default.url",
                           "sns.default.subject",
                           "sns.default.message",
                           "telegram.default.message",
                           "discord.default.content",
                           "discord.default.title",
                           "discord.default.message",
                           "webex.default.message",
                           "msteams.default.summary",
                           "msteams.default.title",
                           "msteams.default.text",
                           "msteamsv2.default.title",
                           "msteamsv2.default.text",
                           "jira.default.summary",
                           "jira.default.description",
                           "jira.default.priority",
                           "rocketchat.default.title",
                           "rocketchat.default.alias",
                           "rocketchat.default.titlelink",
                           "rocketchat.default.emoji",
                           "rocketchat.default.iconurl",
                           "rocketchat.default.text",
                           "mattermost.default.color",
                           "mattermost.default.username",
                           "mattermost.default.title",
                           "mattermost.default.titlelink",
                           "mattermost.default.fallback",
                           "mattermost.default.text",
                           "email.default.subject",
                           "email.default.html"}) {
    EXPECT_TRUE(set.Has(name)) << name;
  }
}

TEST(MessageDataTest, AGivenMessageIsShownAsItIs) {
  GivenMessage given;
  given.receiver = "a+b";
  given.status = "odd";
  given.common_labels = labels::LabelSet{{"not", "common"}};
  given.alerts = {
      {.status = "firing", .fingerprint = "f1"},
      {.status = "resolved", .labels = labels::LabelSet{{"alertname", "X"}}},
      {.status = "neither", .starts_at = ParseZonedTime("2026-01-31T12:00:00+02:00").value()}};
  const auto snippet = templates::Snippet::Parse(
      "t",
      "{{ .Receiver }} {{ .Status }} {{ .CommonLabels.not }} {{ len .Alerts }} "
      "{{ (index .Alerts.Firing 0).Fingerprint }} {{ len .Alerts.Resolved }} "
      "{{ (index .Alerts 1).Labels.alertname }} {{ (index .Alerts 2).StartsAt.Hour }}");
  ASSERT_TRUE(snippet.has_value());
  EXPECT_EQ(templates::DefaultTemplates()
                .Execute(*snippet, MessageData(given), MessageEnvironment(kNoTime))
                .value(),
            "a+b odd common 3 f1 1 X 12");
}

TEST(DefaultTemplatesTest, AConfiguredDefinitionReplacesTheDefault) {
  EXPECT_EQ(
      Render("{{ define \"__subject\" }}mine{{ end }}{{ template \"slack.default.title\" . }}"),
      "mine");
}

TEST(DefaultTemplatesTest, TheEmailShowsEverything) {
  EXPECT_THAT(Named("email.default.html", SampleFiring()),
              AllOf(HasSubstr("2 alerts for service=victor-ai"), HasSubstr("#E6522C"),
                    HasSubstr("View in Alertmanager"), HasSubstr("[1] Firing"),
                    HasSubstr("[1] Resolved"), HasSubstr("Sent by Alertmanager"),
                    HasSubstr("runbook_url = https://runbooks.example.com/provider")));
  EXPECT_THAT(
      Named("email.default.html", ResolvedExample()),
      AllOf(HasSubstr("1 alert for alertname=X"), HasSubstr("#68B90F"), Not(HasSubstr("Firing"))));
}

}  // namespace
}  // namespace watchfire::notify
