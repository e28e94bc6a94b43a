// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Whether the receivers do what their contracts say.

#include <algorithm>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/config/schema.h"
#include "pkg/notify/builtin/load_for_test.h"
#include "pkg/notify/rehearsal.h"

namespace watchfire::notify::builtin {
namespace {

using testing::Each;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

// The least that each must be told. A new backend needs a line here.
const std::map<std::string, std::string>& Least() {
  static const auto& least = *new std::map<std::string, std::string>{
      {"discord", "{webhook_url: 'http://h/hook'}"},
      {"email", "{to: a@b, from: c@d, smarthost: 'h:25'}"},
      {"incidentio", "{url: 'http://h/', alert_source_token: t}"},
      {"jira", "{api_url: 'http://h/rest/api/2', project: P, issue_type: Bug}"},
      {"mattermost", "{webhook_url: 'http://h/hook'}"},
      {"msteams", "{webhook_url: 'http://h/hook'}"},
      {"msteamsv2", "{webhook_url: 'http://h/hook'}"},
      {"opsgenie", "{api_key: k, api_url: 'http://h/', update_alerts: true}"},
      {"pagerduty", "{routing_key: k}"},
      {"pushover", "{user_key: u, token: t}"},
      {"rocketchat", "{token: t, token_id: i, channel: c}"},
      {"servicenow",
       "{instance_url: 'http://h/', http_config: {basic_auth: {username: u, password: p}}}"},
      {"slack", "{api_url: 'http://h/hook', channel: '#c'}"},
      {"sns",
       "{topic_arn: 'arn:aws:sns:eu-west-1:1:t', "
       "sigv4: {region: eu-west-1, access_key: a, secret_key: s}}"},
      {"telegram", "{bot_token: t, chat_id: 1}"},
      {"twilio", "{account_sid: AC" + std::string(32, '0') +
                     ", auth_token: t, to: '+15550100', from: '+15550199'}"},
      {"victorops", "{api_key: k, routing_key: r}"},
      {"webex", "{room_id: r, http_config: {authorization: {credentials: c}}}"},
      {"webhook", "{url: 'http://h/hook'}"},
      {"wechat", "{api_secret: s, corp_id: c}"},
  };
  return least;
}

// A receiver of that kind, told the least.
class Subject {
 public:
  explicit Subject(const Backend& backend) {
    const auto least = Least().find(backend.kind.kind);
    if (least == Least().end()) {
      ADD_FAILURE() << "no example of " << backend.kind.kind << " in Least()";
      return;
    }
    loaded_ = Load("", "  " + least->first + "_configs: [" + least->second + "]\n");
    for (const config::Problem& problem : loaded_.problems) {
      if (problem.level == config::Problem::Level::kError) ADD_FAILURE() << problem.ToString();
    }
  }

  explicit operator bool() const { return loaded_.config != nullptr; }

  std::unique_ptr<Exchange> Begin() const {
    Context context;
    context.user_agent = "Watchfire/test";
    context.now = [] { return SampleFiring().at; };
    return Start(loaded_.config->receivers[0].integrations[0], context);
  }

 private:
  config::Loaded loaded_;
};

TEST(ContractTest, EveryReceiverSaysWhatItPromises) {
  for (const Backend& backend : Backends()) {
    SCOPED_TRACE(backend.kind.kind);
    EXPECT_THAT(backend.contract.dedup, Not(IsEmpty()));
    EXPECT_THAT(backend.contract.sources, Not(IsEmpty()));
    EXPECT_THAT(backend.contract.sources, Each(StartsWith("https://")));
    for (const Limit& limit : backend.contract.limits) EXPECT_GT(limit.max, 0U) << limit.what;
  }
}

TEST(ContractTest, StatusesAreRetriedAsTheContractSays) {
  for (const Backend& backend : Backends()) {
    const Subject subject(backend);
    if (!subject) continue;
    const Contract& contract = backend.contract;
    for (const int status : {301, 304, 400, 401, 403, 404, 408, 409, 413, 422, 425, 429, 499, 500,
                             501, 502, 503, 504, 599}) {
      SCOPED_TRACE(backend.kind.kind + " " + std::to_string(status));
      const auto exchange = subject.Begin();
      ASSERT_TRUE(std::holds_alternative<Send>(exchange->Begin(SampleFiring())));
      net::OutResponse response;
      response.status = status;
      const Step step = exchange->OnResponse(response);
      const bool passes = contract.is_mail ? status / 100 != 5 : status / 100 == 5;
      const bool retried =
          passes || contract.retries_all || std::ranges::count(contract.retry_codes, status) > 0;
      EXPECT_EQ(std::holds_alternative<Retry>(step), retried);
      EXPECT_EQ(std::holds_alternative<Fail>(step), !retried);
    }
  }
}

TEST(ContractTest, WhatAVendorAnswersWhenAllIsWellEndsTheDelivery) {
  for (const Backend& backend : Backends()) {
    const Subject subject(backend);
    if (!subject) continue;
    for (const dispatch::Notification& what : {SampleFiring(), SampleResolved()}) {
      const Rehearsal rehearsal = Rehearse(*subject.Begin(), backend.contract, what);
      const auto* fail = std::get_if<Fail>(&rehearsal.end);
      const auto* retry = std::get_if<Retry>(&rehearsal.end);
      EXPECT_TRUE(std::holds_alternative<Done>(rehearsal.end))
          << backend.kind.kind << (fail ? fail->why : "") << (retry ? retry->why : "");
      EXPECT_THAT(rehearsal.requests, Not(IsEmpty()));
    }
  }
}

TEST(ContractTest, ARehearsalHasEveryRequestInOrder) {
  const auto sent = [](const std::string& kind) {
    std::vector<std::string> lines;
    for (const Backend& backend : Backends()) {
      if (backend.kind.kind != kind) continue;
      const Subject subject(backend);
      const auto exchange = subject.Begin();
      for (const auto& request : Rehearse(*exchange, backend.contract, SampleFiring()).requests) {
        lines.push_back(request.method + " " + request.shown_url);
      }
    }
    return lines;
  };
  EXPECT_THAT(sent("jira"), testing::ElementsAre("POST http://h/rest/api/2/search",
                                                 "POST http://h/rest/api/2/issue"));
  EXPECT_THAT(sent("wechat"),
              testing::ElementsAre(StartsWith("GET https://qyapi.weixin.qq.com/cgi-bin/gettoken?"),
                                   StartsWith("POST https://qyapi.weixin.qq.com/cgi-bin/message")));
  EXPECT_EQ(sent("opsgenie").size(), 6U);  // Three changes, each followed up.
}

// A field that is looked for, and read only if it is there, would be missing from the table.
TEST(ContractTest, EveryFieldThatIsLookedForHasAType) {
  for (const config::IntegrationKind& kind : Kinds()) {
    for (const config::Field& field : config::FieldsOf(kind)) {
      EXPECT_NE(field.type, "") << kind.kind << " " << field.path;
    }
  }
  for (const config::Field& field : config::GlobalFields()) EXPECT_NE(field.type, "") << field.path;
  for (const config::Field& field : config::HttpFields()) EXPECT_NE(field.type, "") << field.path;
}

}  // namespace
}  // namespace watchfire::notify::builtin
