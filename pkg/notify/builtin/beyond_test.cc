// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The receivers that Alertmanager does not have, as users write them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/notify/builtin/load_for_test.h"

namespace watchfire::notify::builtin {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// An entry and what is wrong with it: nothing, or a text in the only error.
struct Case {
  const char* want;
  const char* kind;
  const char* entry;  // AC stands for an account's sid.
};

constexpr Case kCases[] = {
    {"", "twilio", "{account_sid: AC, auth_token: s3cret, to: '+1', from: '+2'}"},
    {"", "twilio",
     "{account_sid: AC, auth_token_file: /f, to: '+1', messaging_service_sid: MG, message: m, "
     "api_url: 'http://h:1/', send_resolved: true, http_config: {proxy_url: 'http://p'}}"},
    {"", "twilio",
     "{account_sid: AC, auth_token: s3cret, to: '+1', from: '+2', channel: call, language: en-GB, "
     "voice: alice, ack_url: 'https://h/s3cret/{{ .Status }}'}"},
    {"account_sid must be AC and 32", "twilio",
     "{account_sid: AC12, auth_token: s3cret, to: '+1', from: '+2'}"},
    {"api_key_sid must be SK and 32", "twilio",
     "{account_sid: AC, api_key_sid: AC, auth_token: s3cret, to: '+1', from: '+2'}"},
    {"missing auth_token or auth_token_file", "twilio", "{account_sid: AC, to: '+1', from: '+2'}"},
    {"at most one of auth_token & auth_token_file", "twilio",
     "{account_sid: AC, auth_token: s3cret, auth_token_file: /f, to: '+1', from: '+2'}"},
    {"missing to on twilio_config", "twilio", "{account_sid: AC, auth_token: s3cret, from: '+2'}"},
    {"missing from or messaging_service_sid", "twilio",
     "{account_sid: AC, auth_token: s3cret, to: '+1'}"},
    {"at most one of from & messaging_service_sid", "twilio",
     "{account_sid: AC, auth_token: s3cret, to: '+1', from: '+2', messaging_service_sid: MG}"},
    {"a call comes from a number", "twilio",
     "{account_sid: AC, auth_token: s3cret, to: '+1', channel: call, messaging_service_sid: MG}"},
    {"unknown channel", "twilio",
     "{account_sid: AC, auth_token: s3cret, to: '+1', from: '+2', channel: fax}"},
    {"ack_url is for calls", "twilio",
     "{account_sid: AC, auth_token: s3cret, to: '+1', from: '+2', ack_url: 'https://h/s3cret'}"},
    {"ack_url must be http or https", "twilio",
     "{account_sid: AC, auth_token: s3cret, to: '+1', from: '+2', channel: call, ack_url: s3cret}"},
    {"invalid template syntax: ack_url, line 1", "twilio",
     "{account_sid: AC, auth_token: s3cret, to: '+1', from: '+2', channel: call, "
     "ack_url: 'https://h/s3cret{{'}"},
    {"auth_token authorizes, so http_config must not", "twilio",
     "{account_sid: AC, auth_token: s3cret, to: '+1', from: '+2', "
     "http_config: {basic_auth: {username: u, password: s3cret}}}"},
    {"unknown key \"body\"", "twilio",
     "{account_sid: AC, auth_token: s3cret, to: '+1', from: '+2', body: b}"},
    {"missing twilio config", "twilio", "null"},
    {"", "servicenow",
     "{instance_url: 'https://h', http_config: {basic_auth: {username: u, password: s3cret}}}"},
    {"", "servicenow",
     "{instance_url: 'https://h/', table: sn_si_incident, short_description: a, description: b, "
     "work_notes: '', impact: '1', urgency: '{{ 1 }}', category: c, subcategory: d, "
     "assignment_group: e, caller_id: f, cmdb_ci: g, close_code: h, close_notes: i, "
     "resolve_state: '', reopen_state: '-5', fields: {u_a: [1]}, http_config: {oauth2: "
     "{client_id: c, client_secret: s3cret, token_url: 'https://h/oauth_token.do'}}}"},
    {"missing instance_url", "servicenow", "{http_config: {authorization: {credentials: s3cret}}}"},
    {"ServiceNow lets nobody in", "servicenow", "{instance_url: 'https://h'}"},
    {"must hold no user and password", "servicenow",
     "{instance_url: 'https://u:s3cret@h', http_config: {bearer_token: s3cret}}"},
    {"table must be a name", "servicenow",
     "{instance_url: 'https://h', table: a/b, http_config: {bearer_token: s3cret}}"},
    {"resolve_state must be the number", "servicenow",
     "{instance_url: 'https://h', resolve_state: Resolved, http_config: {bearer_token: s3cret}}"},
    {"fields must be a mapping", "servicenow",
     "{instance_url: 'https://h', fields: [a], http_config: {bearer_token: s3cret}}"},
    {"template: impact:1: unclosed action", "servicenow",
     "{instance_url: 'https://h', impact: '{{', http_config: {bearer_token: s3cret}}"},
};

std::string Entry(const Case& each) {
  std::string entry = each.entry;
  const std::string place = "account_sid: AC,";
  if (const size_t at = entry.find(place); at != std::string::npos) {
    entry.replace(at, place.size(), "account_sid: AC" + std::string(32, 'a') + ",");
  }
  return "  " + std::string(each.kind) + "_configs:\n  - " + entry + "\n";
}

TEST(BeyondTest, MistakesAreNamedWithTheirPlace) {
  for (const Case& each : kCases) {
    SCOPED_TRACE(Entry(each));
    const std::vector<std::string> errors = Errors(Entry(each));
    if (std::string_view(each.want).empty()) {
      EXPECT_THAT(errors, IsEmpty());
    } else {
      EXPECT_THAT(errors, ElementsAre(AllOf(HasSubstr("am.yml:8:"), HasSubstr(each.want),
                                            Not(HasSubstr("s3cret")))));
    }
  }
}

// They would refuse the whole file.
TEST(BeyondTest, AlertmanagersToolsDoNotSeeThem) {
  for (const Case& each : kCases) {
    if (!std::string_view(each.want).empty()) continue;
    const config::Loaded loaded = Load("", Entry(each));
    ASSERT_NE(loaded.config, nullptr);
    EXPECT_THAT(loaded.config->original,
                AllOf(Not(HasSubstr("s3cret")), Not(HasSubstr(each.kind)), HasSubstr("name: r")));
  }
}

TEST(BeyondTest, TwilioIsEnteredByTheAccountOrAKey) {
  const Case account{"", "twilio", "{account_sid: AC, auth_token: s3cret, to: '+1', from: '+2'}"};
  net::OutRequest request = FirstRequest(Load("", Entry(account)));
  ASSERT_TRUE(request.http->basic_auth);
  EXPECT_EQ(request.http->basic_auth->username, "AC" + std::string(32, 'a'));
  EXPECT_EQ(request.http->basic_auth->password.reveal(), "s3cret");
  const std::string key = "SK" + std::string(32, '1');
  const std::string entry =
      "{account_sid: AC, auth_token_file: /f, api_key_sid: " + key + ", to: '+1', from: '+2'}";
  request = FirstRequest(Load("", Entry({"", "twilio", entry.c_str()})));
  EXPECT_EQ(request.http->basic_auth->username, key);
  EXPECT_EQ(request.http->basic_auth->password_file, "/f");
  EXPECT_THAT(request.url.reveal(), testing::StartsWith("https://api.twilio.com/2010-04-01/"));
  EXPECT_THAT(request.body, HasSubstr("Body=%5BFIRING%3A1%5D%20victor-ai"));
}

}  // namespace
}  // namespace watchfire::notify::builtin
