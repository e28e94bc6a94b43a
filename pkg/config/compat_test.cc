// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What Alertmanager 0.34 accepts is accepted and what it rejects is rejected, with its text where
// it has one of its own (reference alertmanager-compat §3). One line, one file.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/config/fake_world.h"

namespace watchfire::config {
namespace {

struct Case {
  const char* want;  // Part of an error; "": accepted.
  const char* text;
};

// Whole files.
constexpr Case kFiles[] = {
    {"no route provided in config", ""},
    {"no route provided in config", "# nothing\n"},
    {"no routes provided", "receivers: [{name: a}]"},
    {"no routes provided", "route:\nreceivers: [{name: a}]"},
    {"no routes provided", "global: {}"},
    {"must be a mapping", "just a text"},
    {"must be a mapping", "[a, b]"},
    {"root route must specify a default receiver", "route: {}\nreceivers: [{name: a}]"},
    {"root route must specify a default receiver", "route: {receiver: ''}\nreceivers: [{name: a}]"},
    {"root route must specify a default receiver", "route: {receiver: ~}\nreceivers: [{name: a}]"},
    {"undefined receiver \"a\" used in route", "route: {receiver: a}"},
    {"undefined receiver \"a\" used in route", "route: {receiver: a}\nreceivers: []"},
    {"undefined receiver \"b\" used in route",
     "route: {receiver: a, routes: [{receiver: b}]}\nreceivers: [{name: a}]"},
    {"undefined receiver \"b\" used in route",
     "route: {receiver: a, routes: [{routes: [{receiver: b}]}]}\nreceivers: [{name: a}]"},
    {"", "route: {receiver: a}\nreceivers: [{name: a}]"},
    {"", "route: {receiver: a}\nreceivers: [{name: a}, {name: b}]"},
    {"", "route: {receiver: 5}\nreceivers: [{name: 5}]"},
    {"", "route: {receiver: yes}\nreceivers: [{name: yes}]"},
    {"", "route: &r {receiver: a}\nreceivers: [{name: a}]\ninhibit_rules: []"},
    {"",
     "route: {receiver: a, routes: [&x {match: {a: b}}, {<<: *x, continue: true}]}\n"
     "receivers: [{name: a}]"},
    {"not unique", "route: {receiver: a}\nreceivers: [{name: a}, {name: a}]"},
    {"missing name in receiver", "route: {receiver: a}\nreceivers: [{name: a}, {}]"},
    {"missing name in receiver", "route: {receiver: a}\nreceivers: [{name: a}, {name: ''}]"},
    {"unknown key \"nme\"", "route: {receiver: a}\nreceivers: [{name: a, nme: b}]"},
    {"duplicate key \"name\"", "route: {receiver: a}\nreceivers: [{name: a, name: a}]"},
    {"must be a list", "route: {receiver: a}\nreceivers: {name: a}"},
    {"must be a list", "route: {receiver: a}\nreceivers: a"},
    {"must be a mapping", "route: {receiver: a}\nreceivers: [{name: a}, b]"},
    {"must be a text", "route: {receiver: [a]}\nreceivers: [{name: a}]"},
    {"YAML: ", "route: {receiver: a\nreceivers: [{name: a}]"},
    {"", "route: {receiver: a}\nreceivers: [{name: a, webhook_configs: [{url: 'http://h/'}]}]"},
    {"", "route: {receiver: a}\nreceivers: [{name: a, webhook_configs: []}]"},
    {"", "route: {receiver: a}\nreceivers: [{name: a, webhook_configs: }]"},
    {"",
     "route: {receiver: a}\nreceivers: [{name: a, webhook_configs: [{url: 'HTTP://h:99999/a "
     "b'}]}]"},
    {"send_resolved must be true or false",
     "route: {receiver: a}\nreceivers: [{name: a, webhook_configs: [{url: 'http://h/', "
     "send_resolved: 'true'}]}]"},
    {"",
     "route: {receiver: a}\nreceivers: [{name: a, webhook_configs: [{url: 'http://h/', "
     "send_resolved: Off, max_alerts: 0x10}]}]"},
    {"",
     "route: {receiver: a}\nreceivers: [{name: a, webhook_configs: [{url: 'http://h/', "
     "send_resolved: , max_alerts: }]}]"},
    {"max_alerts must be a whole number",
     "route: {receiver: a}\nreceivers: [{name: a, webhook_configs: [{url: 'http://h/', "
     "max_alerts: '5'}]}]"},
    {"max_alerts must be a whole number",
     "route: {receiver: a}\nreceivers: [{name: a, webhook_configs: [{url: 'http://h/', "
     "max_alerts: five}]}]"},
    {"must be configured", "route: {receiver: a}\nreceivers: [{name: a, webhook_configs: [{}]}]"},
    {"scheme", "route: {receiver: a}\nreceivers: [{name: a, webhook_configs: [{url: h/}]}]"},
    {"scheme", "route: {receiver: a}\nreceivers: [{name: a, webhook_configs: [{url: 'ftp://h'}]}]"},
    {"missing host for URL",
     "route: {receiver: a}\nreceivers: [{name: a, webhook_configs: [{url: 'http://'}]}]"},
    {"invalid URL escape",
     "route: {receiver: a}\nreceivers: [{name: a, webhook_configs: [{url: 'http://h/%zz'}]}]"},
    {"invalid character in host name",
     "route: {receiver: a}\nreceivers: [{name: a, webhook_configs: [{url: 'http://a b/'}]}]"},
    {"invalid port in URL",
     "route: {receiver: a}\nreceivers: [{name: a, webhook_configs: [{url: 'http://h:x/'}]}]"},
    {"cannot have continue in root route",
     "route: {receiver: a, continue: true}\nreceivers: [{name: a}]"},
    {"", "route: {receiver: a, continue: no}\nreceivers: [{name: a}]"},
    {"", "route: {receiver: a, continue: }\nreceivers: [{name: a}]"},
    {"root route must not have any matchers",
     "route: {receiver: a, match: {a: b}}\nreceivers: [{name: a}]"},
    {"root route must not have any matchers",
     "route: {receiver: a, match_re: {a: b}}\nreceivers: [{name: a}]"},
    {"root route must not have any matchers",
     "route: {receiver: a, matchers: [a=b]}\nreceivers: [{name: a}]"},
    {"", "route: {receiver: a, match: {}, match_re: {}, matchers: []}\nreceivers: [{name: a}]"},
    {"root route must not have any mute time intervals",
     "route: {receiver: a, mute_time_intervals: [x]}\nreceivers: [{name: a}]"},
    {"root route must not have any active time intervals",
     "route: {receiver: a, active_time_intervals: [x]}\nreceivers: [{name: a}]"},
    {"", "route: {receiver: a, mute_time_intervals: []}\nreceivers: [{name: a}]"},
    {"", "route: {receiver: a, group_by: []}\nreceivers: [{name: a}]"},
    {"", "route: {receiver: a, group_by: ['...']}\nreceivers: [{name: a}]"},
    {"", "route: {receiver: a, group_by: [a, b]}\nreceivers: [{name: a}]"},
    {"invalid label name \"\" in group_by list",
     "route: {receiver: a, group_by: ['']}\nreceivers: [{name: a}]"},
    {"duplicated label \"a\" in group_by",
     "route: {receiver: a, group_by: [a, a]}\nreceivers: [{name: a}]"},
    {"cannot have wildcard group_by (`...`) and other labels at the same time",
     "route: {receiver: a, group_by: ['...', a]}\nreceivers: [{name: a}]"},
    {"group_by must be a list", "route: {receiver: a, group_by: a}\nreceivers: [{name: a}]"},
    {"group_interval cannot be zero",
     "route: {receiver: a, group_interval: 0s}\nreceivers: [{name: a}]"},
    {"repeat_interval cannot be zero",
     "route: {receiver: a, repeat_interval: 0}\nreceivers: [{name: a}]"},
    {"", "route: {receiver: a, group_wait: 0s}\nreceivers: [{name: a}]"},
    {"", "route: {receiver: a, group_wait: , group_interval: ~}\nreceivers: [{name: a}]"},
    {"", "route: {receiver: a, group_wait: 1d12h}\nreceivers: [{name: a}]"},
    {"not a valid duration string: \"5x\"",
     "route: {receiver: a, group_wait: 5x}\nreceivers: [{name: a}]"},
    {"not a valid duration string: \"5\"",
     "route: {receiver: a, group_wait: 5}\nreceivers: [{name: a}]"},
    {"not a valid duration string: \"1.5h\"",
     "route: {receiver: a, group_wait: 1.5h}\nreceivers: [{name: a}]"},
    {"not a valid duration string: \"-5m\"",
     "route: {receiver: a, group_wait: -5m}\nreceivers: [{name: a}]"},
    {"empty duration string", "route: {receiver: a, group_wait: ''}\nreceivers: [{name: a}]"},
    {"unknown key \"group_wiat\"", "route: {receiver: a, group_wiat: 5s}\nreceivers: [{name: a}]"},
    {"",
     "route: {receiver: a, routes: [{matchers: ['a=\"b\"', 'c=~d|e']}]}\nreceivers: [{name: a}]"},
    {"", "route: {receiver: a, routes: [{matchers: ['{a=b,c!=d}']}]}\nreceivers: [{name: a}]"},
    {"", "route: {receiver: a, routes: [{matchers: ['a=']}]}\nreceivers: [{name: a}]"},
    {"", "route: {receiver: a, routes: [{matchers: ['']}]}\nreceivers: [{name: a}]"},
    {"", "route: {receiver: a, routes: [{matchers: [~]}]}\nreceivers: [{name: a}]"},
    {"bad matcher format: foo",
     "route: {receiver: a, routes: [{matchers: [foo]}]}\nreceivers: [{name: a}]"},
    {"matcher value contains unescaped double quote: ",
     "route: {receiver: a, routes: [{matchers: ['a=\"b']}]}\nreceivers: [{name: a}]"},
    {"error parsing regexp: missing closing )",
     "route: {receiver: a, routes: [{matchers: ['a=~(b']}]}\nreceivers: [{name: a}]"},
    {"error parsing regexp: ",
     "route: {receiver: a, routes: [{match_re: {a: '*'}}]}\nreceivers: [{name: a}]"},
    {"invalid label name \"a-b\"",
     "route: {receiver: a, routes: [{match: {a-b: c}}]}\nreceivers: [{name: a}]"},
    {"invalid label name \"a-b\"",
     "route: {receiver: a, routes: [{match_re: {a-b: c}}]}\nreceivers: [{name: a}]"},
    {"invalid regexp value for \"a\"",
     "route: {receiver: a, routes: [{match_re: {a: ~}}]}\nreceivers: [{name: a}]"},
    {"", "route: {receiver: a, routes: [{match: {a: ~, b: 5, c: yes}}]}\nreceivers: [{name: a}]"},
    {"duplicate key \"a\"",
     "route: {receiver: a, routes: [{match: {a: b, a: c}}]}\nreceivers: [{name: a}]"},
    {"undefined time interval \"x\" used in route",
     "route: {receiver: a, routes: [{mute_time_intervals: [x]}]}\nreceivers: [{name: a}]"},
    {"undefined time interval \"x\" used in route",
     "route: {receiver: a, routes: [{active_time_intervals: [x]}]}\nreceivers: [{name: a}]"},
    {"",
     "route: {receiver: a, routes: [{mute_time_intervals: [x], active_time_intervals: [y]}]}\n"
     "receivers: [{name: a}]\ntime_intervals: [{name: x}]\nmute_time_intervals: [{name: y}]"},
    {"", "route: {receiver: a, labels: {team: '{{ .x }}'}}\nreceivers: [{name: a}]"},
    {"invalid label name \"\" in route labels",
     "route: {receiver: a, routes: [{labels: {'': x}}]}\nreceivers: [{name: a}]"},
    {"labels.x must be a text", "route: {receiver: a, labels: {x: [y]}}\nreceivers: [{name: a}]"},
    {"", "route: {receiver: a}\nreceivers: [{name: a, labels: {name: a, team: x}}]"},
    {"receiver label \"name\" must match receiver name \"a\", got \"y\"",
     "route: {receiver: a}\nreceivers: [{name: a, labels: {name: y}}]"},
    {"notification config name \"\" is not unique",
     "route: {receiver: a}\nreceivers: [{name: a}, ~, ~]"},
    {"", "route: {receiver: a}\nreceivers: [{name: a}, ~]"},
    {"missing webhook config",
     "route: {receiver: a}\nreceivers: [{name: a, webhook_configs: [~]}]"},
};

// What comes after a route and a receiver.
constexpr Case kRests[] = {
    {"", "global:"},
    {"", "global: {}"},
    {"must be a mapping", "global: []"},
    {"unknown key \"globl\"", "globl: {}"},
    {"unknown key \"smtp_form\"", "global: {smtp_form: x}"},
    {"duplicate key \"smtp_from\"", "global: {smtp_from: x, smtp_from: y}"},
    {"", "global: {resolve_timeout: 1h30m}"},
    {"not a valid duration string", "global: {resolve_timeout: 5 minutes}"},
    {"",
     "global: {smtp_smarthost: 'mail:25', smtp_from: a@b, smtp_hello: x, smtp_require_tls: no,\n"
     "  smtp_auth_username: u, smtp_auth_password: p, smtp_auth_secret: s,\n"
     "  smtp_auth_identity: i}"},
    {"", "global: {smtp_smarthost: '[::1]:25'}"},
    {"", "global: {smtp_smarthost: ':25'}"},
    {"", "global: {smtp_smarthost: ''}"},
    {"address mail: missing port in address", "global: {smtp_smarthost: mail}"},
    {"address \"mail:\": port cannot be empty", "global: {smtp_smarthost: 'mail:'}"},
    {"address ::1:25: too many colons in address", "global: {smtp_smarthost: '::1:25'}"},
    {"address [::1:25: missing ']' in address", "global: {smtp_smarthost: '[::1:25'}"},
    {"smtp_require_tls must be true or false", "global: {smtp_require_tls: maybe}"},
    {"", "global: {smtp_auth_password: p, smtp_auth_password_file: ''}"},
    {"at most one of smtp_auth_password & smtp_auth_password_file must be configured",
     "global: {smtp_auth_password: p, smtp_auth_password_file: f}"},
    {"at most one of smtp_auth_secret & smtp_auth_secret_file must be configured",
     "global: {smtp_auth_secret: p, smtp_auth_secret_file: f}"},
    {"", "global: {smtp_tls_config: {insecure_skip_verify: true}, smtp_force_implicit_tls: true}"},
    {"unknown TLS version", "global: {smtp_tls_config: {min_version: TLS9}}"},
    {"", "global: {slack_api_url: 'https://hooks.example/x'}"},
    {"", "global: {slack_api_url: <secret>}"},
    {"", "global: {slack_api_url_file: /x}"},
    {"scheme", "global: {slack_api_url: hooks.example}"},
    {"scheme", "global: {slack_api_url: ''}"},
    {"at most one of slack_api_url & slack_api_url_file must be configured",
     "global: {slack_api_url: 'https://x', slack_api_url_file: f}"},
    {"at most one of slack_app_token & slack_app_token_file must be configured",
     "global: {slack_app_token: t, slack_app_token_file: f}"},
    {"at most one of slack_app_token/slack_app_token_file & slack_api_url/slack_api_url_file must "
     "be "
     "configured",
     "global: {slack_app_token: t, slack_api_url: 'https://x'}"},
    {"", "global: {slack_app_token: t, slack_api_url: 'https://slack.com/api/chat.postMessage'}"},
    {"", "global: {slack_app_token: t, slack_app_url: 'https://x', slack_api_url: 'https://x'}"},
    {"at most one of victorops_api_key & victorops_api_key_file must be configured",
     "global: {victorops_api_key: t, victorops_api_key_file: f}"},
    {"", "global: {victorops_api_key: t, victorops_api_url: 'http://h'}"},
    {"", "global: {victorops_api_key: 12345}"},
    {"", "global: {victorops_api_url: ~}"},
    {"unsupported scheme \"ftp\" for URL", "global: {pagerduty_url: 'ftp://h'}"},
    {"unsupported scheme \"\" for URL", "global: {pagerduty_url: h}"},
    {"missing host for URL", "global: {pagerduty_url: 'http:///x'}"},
    {"", "global: {pagerduty_url: 'https://u:p@h:8443/x?y#z'}"},
    {"invalid userinfo", "global: {pagerduty_url: 'https://u:<p>@h'}"},
    {"invalid URL escape", "global: {pagerduty_url: 'https://h/%4'}"},
    {"at most one of opsgenie_api_key & opsgenie_api_key_file must be configured",
     "global: {opsgenie_api_key: t, opsgenie_api_key_file: f}"},
    {"", "global: {opsgenie_api_key_file: f, opsgenie_api_url: 'https://h'}"},
    {"at most one of wechat_api_secret & wechat_api_secret_file must be configured",
     "global: {wechat_api_secret: t, wechat_api_secret_file: f}"},
    {"", "global: {wechat_api_secret: t, wechat_api_corp_id: c, wechat_api_url: 'https://h'}"},
    {"at most one of telegram_bot_token & telegram_bot_token_file must be configured",
     "global: {telegram_bot_token: t, telegram_bot_token_file: f}"},
    {"", "global: {telegram_bot_token: t, telegram_api_url: 'https://h'}"},
    {"", "global: {webex_api_url: 'https://h'}"},
    {"at most one of rocketchat_token & rocketchat_token_file must be configured",
     "global: {rocketchat_token: t, rocketchat_token_file: f}"},
    {"at most one of rocketchat_token_id & rocketchat_token_id_file must be configured",
     "global: {rocketchat_token_id: t, rocketchat_token_id_file: f}"},
    {"",
     "global: {rocketchat_token: t, rocketchat_token_id_file: f, rocketchat_api_url: 'http://h'}"},
    {"at most one of mattermost_webhook_url & mattermost_webhook_url_file must be configured",
     "global: {mattermost_webhook_url: 'https://h', mattermost_webhook_url_file: f}"},
    {"", "global: {jira_api_url: 'https://h/rest/api/2/'}"},
    {"must be a text", "global: {smtp_from: [x]}"},
    {"", "templates: []"},
    {"", "templates:"},
    {"", "templates: ['*.tmpl', /etc/x.tmpl]"},
    {"templates must be a list", "templates: x"},
    {"", "inhibit_rules: []"},
    {"", "inhibit_rules: [~]"},
    {"", "inhibit_rules: [{}]"},
    {"", "inhibit_rules: [{source_match: {a: b}, target_match_re: {c: 'd.*'}, equal: [e, f]}]"},
    {"", "inhibit_rules: [{source_matchers: ['a=b'], target_matchers: ['c=~d']}]"},
    {"", "inhibit_rules: [{name: x}, {name: x}]"},
    {"invalid label name \"a-b\"", "inhibit_rules: [{source_match: {a-b: c}}]"},
    {"invalid label name \"a-b\"", "inhibit_rules: [{target_match: {a-b: c}}]"},
    {"invalid regexp value for \"a\"", "inhibit_rules: [{source_match_re: {a: }}]"},
    {"error parsing regexp: ", "inhibit_rules: [{target_match_re: {a: '('}}]"},
    {"bad matcher format: x", "inhibit_rules: [{source_matchers: [x]}]"},
    {"invalid label name \"\" in equal list", "inhibit_rules: [{equal: ['']}]"},
    {"unknown key \"sources\"", "inhibit_rules: [{sources: []}]"},
    {"must be a list", "inhibit_rules: {}"},
    {"missing name in time interval", "time_intervals: [{}]"},
    {"missing name in mute time interval", "mute_time_intervals: [{}]"},
    {"time interval \"x\" is not unique", "time_intervals: [{name: x}, {name: x}]"},
    {"mute time interval \"x\" is not unique", "mute_time_intervals: [{name: x}, {name: x}]"},
    {"time interval \"x\" is not unique",
     "mute_time_intervals: [{name: x}]\ntime_intervals: [{name: x}]"},
    {"",
     "time_intervals: [{name: x, time_intervals: [{times: [{start_time: '09:00', end_time: "
     "'24:00'}], weekdays: ['monday:friday', Sunday], days_of_month: ['1:5', '-3:-1'], months: "
     "['may:august', '12'], years: ['2020:2030'], location: UTC}]}]"},
    {"both start and end times must be provided",
     "time_intervals: [{name: x, time_intervals: [{times: [{start_time: '09:00'}]}]}]"},
    {"couldn't parse timestamp 25:00, invalid format",
     "time_intervals: [{name: x, time_intervals: [{times: [{start_time: '09:00', end_time: "
     "'25:00'}]}]}]"},
    {"start time cannot be equal or greater than end time",
     "time_intervals: [{name: x, time_intervals: [{times: [{start_time: '09:00', end_time: "
     "'09:00'}]}]}]"},
    {"is not a valid weekday", "time_intervals: [{name: x, time_intervals: [{weekdays: [mon]}]}]"},
    {"", "time_intervals: [{name: x, time_intervals: [{weekdays: ['friday:monday']}]}]"},
    {"0 is not a valid day of the month: out of range",
     "time_intervals: [{name: x, time_intervals: [{days_of_month: ['0']}]}]"},
    {"end day must be negative if start day is negative",
     "time_intervals: [{name: x, time_intervals: [{days_of_month: ['-1:5']}]}]"},
    {"is always before start day",
     "time_intervals: [{name: x, time_intervals: [{days_of_month: ['30:-1']}]}]"},
    {"is before start month",
     "time_intervals: [{name: x, time_intervals: [{months: ['march:february']}]}]"},
    {"is not a valid month", "time_intervals: [{name: x, time_intervals: [{months: [foo]}]}]"},
    {"is before start year",
     "time_intervals: [{name: x, time_intervals: [{years: ['2020:2019']}]}]"},
    {"unknown time zone Mars", "time_intervals: [{name: x, time_intervals: [{location: Mars}]}]"},
    {"unknown key \"tmes\"", "time_intervals: [{name: x, time_intervals: [{tmes: []}]}]"},
    {"", "time_intervals: [{name: x, time_intervals: [{times: [], weekdays: []}]}]"},
    {"", "tracing:"},
    {"tracing endpoint must be set", "tracing: {}"},
    {"",
     "tracing: {endpoint: 'h:4317', client_type: http, sampling_fraction: 1, insecure: yes,\n"
     "  compression: gzip, timeout: 5s, headers: {X-A: {values: [b], secrets: [c]}}}"},
    {"expected tracing client type", "tracing: {endpoint: x, client_type: udp}"},
    {"invalid compression type zip provided, valid options: gzip",
     "tracing: {endpoint: x, compression: zip}"},
    {"sampling_fraction must be a number", "tracing: {endpoint: x, sampling_fraction: many}"},
    {"unknown key \"endpiont\"", "tracing: {endpoint: x, endpiont: y}"},
    {"", "event_recorder: {}"},
    {"",
     "event_recorder: {file_outputs: [{path: x}], stdout_outputs: [{}], webhook_outputs: [{url: "
     "'http://h', workers: 2, batch: true, batch_max_events: 5, batch_flush_interval: 1s}], "
     "kafka_outputs: [{brokers: ['h:1'], topic: t, acks: all, compression: zstd}]}"},
    {"",
     "event_recorder: {file_outputs: [{name: a, path: x}], stdout_outputs: [{name: b}], "
     "webhook_outputs: [{name: c, url: 'http://h'}], "
     "kafka_outputs: [{name: d, brokers: ['h:1'], topic: t}]}"},
    {"unknown key \"nme\"", "event_recorder: {stdout_outputs: [{nme: b}]}"},
    {"file output requires a path", "event_recorder: {file_outputs: [{}]}"},
    {"webhook output requires a url", "event_recorder: {webhook_outputs: [{}]}"},
    {"batch settings require batch: true",
     "event_recorder: {webhook_outputs: [{url: 'http://h', batch_max_bytes: 1}]}"},
    {"requires at least one broker", "event_recorder: {kafka_outputs: [{topic: t}]}"},
    {"requires a topic", "event_recorder: {kafka_outputs: [{brokers: [b]}]}"},
    {"unknown format \"xml\"",
     "event_recorder: {kafka_outputs: [{brokers: [b], topic: t, format: xml}]}"},
    {"unknown acks \"some\"",
     "event_recorder: {kafka_outputs: [{brokers: [b], topic: t, acks: some}]}"},
};

void Check(const std::string& text, const std::string& want) {
  const Loaded loaded = World(text).Load();
  std::string errors;
  for (const Problem& problem : loaded.problems) {
    if (problem.level == Problem::Level::kError) errors += problem.ToString() + "\n";
  }
  if (want.empty()) {
    EXPECT_EQ(errors, "") << text;
    EXPECT_NE(loaded.config, nullptr) << text;
  } else {
    EXPECT_THAT(errors, testing::HasSubstr(want)) << text;
    EXPECT_EQ(loaded.config, nullptr) << text;
  }
}

TEST(CompatTest, FilesAreAcceptedAndRejectedAsByAlertmanager) {
  for (const Case& one : kFiles) Check(std::string(one.text) + "\n", one.want);
}

TEST(CompatTest, SectionsAreAcceptedAndRejectedAsByAlertmanager) {
  for (const Case& one : kRests) Check(Minimal(one.text) + "\n", one.want);
}

TEST(CompatTest, WhatIsAcceptedIsShownSoThatItIsAcceptedAgain) {
  const auto check = [](const std::string& text) {
    const Loaded first = World(text).Load();
    if (!first.config) return;
    const Loaded second = World(first.config->original).Load();
    ASSERT_NE(second.config, nullptr)
        << first.config->original << testing::PrintToString(World::Print(second.problems));
    // A URL taken away is not shown, and so has its default the next time.
    if (text.find("api_url: ~") != std::string::npos) return;
    EXPECT_EQ(second.config->original, first.config->original) << text;
  };
  for (const Case& one : kFiles) check(std::string(one.text) + "\n");
  for (const Case& one : kRests) check(Minimal(one.text) + "\n");
}

TEST(CompatTest, ClassicModeKnowsClassicNamesOnly) {
  for (const auto& [text, want] : std::vector<std::pair<std::string, std::string>>{
           {"route: {receiver: a, group_by: [a-b]}\nreceivers: [{name: a}]\n",
            "invalid label name \"a-b\" in group_by list"},
           {"route: {receiver: a, labels: {a-b: c}}\nreceivers: [{name: a}]\n",
            "invalid label name \"a-b\" in route labels"},
           {Minimal("inhibit_rules: [{equal: [a-b]}]\n"),
            "invalid label name \"a-b\" in equal list"},
           {"route: {receiver: a, routes: [{matchers: ['a-b=c']}]}\nreceivers: [{name: a}]\n",
            "bad matcher format: a-b=c"}}) {
    World world(text);
    EXPECT_NE(world.Load().config, nullptr) << text;
    world.options.matcher_mode = matcher::Mode::kClassic;
    EXPECT_THAT(world.Problems(), testing::Contains(testing::HasSubstr(want))) << text;
    world.options.matcher_mode = matcher::Mode::kUtf8;
    ASSERT_NE(world.Load().config, nullptr) << text;
    EXPECT_EQ(world.Load().config->matcher_mode, matcher::Mode::kUtf8);
  }
}

}  // namespace
}  // namespace watchfire::config
