// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cmd/wfctl/fake_server.h"

namespace watchfire::wfctl {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr const char* kConfig = R"(route: {receiver: page}
receivers:
- name: page
  victorops_configs:
  - {api_key_file: key, routing_key: platform}
  slack_configs:
  - {app_token: xoxb-s3cret-token, channel: '#ops', update_message: true, send_resolved: true}
  - {api_url: 'https://hooks.example.com/services/T1/S3CR3T-PATH', channel: '#quiet'}
- name: nobody
)";

// Every vendor says yes, in its way.
Result<net::OutResponse> Yes(const net::OutRequest& request) {
  net::OutResponse response;
  response.status = 200;
  response.headers = {{"X-Request-Id", "req-1"}, {"Content-Type", "application/json"}};
  response.body = R"({"ok":true,"result":"success","channel":"C7","ts":"17.5","echo":")" +
                  request.url.reveal() + "\"}";
  return response;
}

FakeServer Server() {
  FakeServer server;
  server.files["am.yml"] = kConfig;
  server.files["key"] = "v1ctor-key\n";
  server.vendor = Yes;
  return server;
}

std::vector<std::string> Words(std::vector<std::string> more = {}) {
  std::vector<std::string> words = {"receiver", "test", "page", "--config.file=am.yml"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

TEST(ReceiverTest, EveryIntegrationIsTestedAndItsAnswerTold) {
  FakeServer server = Server();
  EXPECT_EQ(server.Run(Words()), kOk) << server.out << server.err;
  EXPECT_THAT(server.out,
              AllOf(HasSubstr("Integration   Message   Result    Took"),
                    HasSubstr("victorops[0]  firing    accepted"),
                    HasSubstr("victorops[0]  resolved  accepted"),
                    HasSubstr("slack[0]      resolved  accepted"),
                    HasSubstr("slack[1]      resolved  not sent"),
                    HasSubstr("send_resolved is false"), HasSubstr("req-1"),
                    HasSubstr("200 {\"ok\":true"), HasSubstr("5 of 5 messages accepted\n")));
  for (const char* secret : {"S3CR3T", "v1ctor-key", "s3cret-token"}) {
    EXPECT_THAT(server.out, Not(HasSubstr(secret)));
  }
  EXPECT_THAT(server.deliveries, SizeIs(5));
}

TEST(ReceiverTest, TheMessageSaysWhatItIsAndWhoSentIt) {
  FakeServer server = Server();
  EXPECT_EQ(server.Run(Words({"--integration=victorops", "severity=critical", "team=db",
                              "--annotation=description=mine"})),
            kOk);
  ASSERT_THAT(server.deliveries, SizeIs(2));
  EXPECT_THAT(server.deliveries[0].body,
              AllOf(HasSubstr("WatchfireTest"), HasSubstr("severity = critical"),
                    HasSubstr("team = db"), HasSubstr("\"message_type\":\"CRITICAL\""),
                    HasSubstr("TEST of receiver page, sent by ada: nothing is wrong"),
                    HasSubstr("description = mine")));
  EXPECT_THAT(server.deliveries[1].body, HasSubstr("\"message_type\":\"RECOVERY\""));
  // One incident: the end is that of the same.
  const auto entity = [](const std::string& body) {
    return body.substr(body.find("\"entity_id\""), 80);
  };
  EXPECT_EQ(entity(server.deliveries[0].body), entity(server.deliveries[1].body));
}

TEST(ReceiverTest, TheEndUpdatesTheMessageThatWasPosted) {
  FakeServer server = Server();
  EXPECT_EQ(server.Run(Words({"--integration=slack[0]"})), kOk);
  ASSERT_THAT(server.deliveries, SizeIs(2));
  EXPECT_THAT(server.deliveries[1].url.reveal(), HasSubstr("chat.update"));
  EXPECT_THAT(server.deliveries[1].body,
              AllOf(HasSubstr("\"ts\":\"17.5\""), HasSubstr("\"http://localhost:9093/#/alerts")));
}

TEST(ReceiverTest, TheEndCanBeLeftOut) {
  FakeServer server = Server();
  EXPECT_EQ(server.Run(Words({"--no-send-resolved"})), kOk);
  EXPECT_THAT(server.deliveries, SizeIs(3));
  EXPECT_THAT(server.out, Not(HasSubstr("resolved")));
}

TEST(ReceiverTest, OneRefusalIsEnoughToFailAndItsEndIsNotSent) {
  FakeServer server = Server();
  server.vendor = [](const net::OutRequest& request) -> Result<net::OutResponse> {
    if (request.url.reveal().find("victorops") == std::string::npos) return Yes(request);
    net::OutResponse response;
    response.status = 404;
    response.body = "no such key: v1ctor-key";
    return response;
  };
  EXPECT_EQ(server.Run(Words()), kNo);
  EXPECT_THAT(server.out, AllOf(HasSubstr("victorops[0]  firing    refused"),
                                HasSubstr("unexpected status code 404: no such key: <secret>"),
                                Not(HasSubstr("victorops[0]  resolved")),
                                HasSubstr("3 of 4 messages accepted")));
  EXPECT_EQ(server.Run(Words({"-o", "json"})), kNo);
  EXPECT_THAT(server.out,
              AllOf(HasSubstr(R"("integration":"victorops[0]","message":"firing",)"
                              R"("outcome":"refused","accepted":false,"status":404)"),
                    HasSubstr("\"failure\":\"clientError\""), Not(HasSubstr("v1ctor-key"))));
}

TEST(ReceiverTest, AMessageThatWasMadeInPartIsNoSuccess) {
  FakeServer server = Server();
  server.files["am.yml"] =
      "route: {receiver: page}\nreceivers:\n- name: page\n  slack_configs:\n"
      "  - {app_token: xoxb-s3cret-token, channel: '#ops', title: '{{ .Nope }}'}\n";
  EXPECT_EQ(server.Run(Words()), kNo);
  EXPECT_THAT(server.out,
              AllOf(HasSubstr("slack[0]     firing    incomplete"),
                    HasSubstr("can't evaluate field Nope in type *template.Data; the answer was "
                              "200 {\"ok\":true"),
                    HasSubstr("1 of 1 message accepted, 1 incomplete\n")));
  EXPECT_EQ(server.Run(Words({"-o", "json"})), kNo);
  EXPECT_THAT(server.out, AllOf(HasSubstr(R"("outcome":"incomplete","accepted":true)"),
                                HasSubstr(R"("incomplete":"template: title:1:3)")));
}

TEST(ReceiverTest, NoAnswerIsWhatAServerWouldTryAgain) {
  FakeServer server = Server();
  server.vendor = [](const net::OutRequest&) -> Result<net::OutResponse> {
    return Fail(Code::kTimeout, "no answer");
  };
  EXPECT_EQ(server.Run(Words({"--integration=victorops"})), kNo);
  EXPECT_THAT(server.out, AllOf(HasSubstr("failed for now"), HasSubstr("0 of 1 message accepted")));
  server.files.erase("key");
  EXPECT_EQ(server.Run(Words({"--integration=victorops"})), kNo);
  EXPECT_THAT(server.out, HasSubstr("api_key_file: "));
}

TEST(ReceiverTest, ADryRunShowsAndSendsNothing) {
  FakeServer server = Server();
  EXPECT_EQ(server.Run(Words({"--dry-run"})), kOk) << server.err;
  EXPECT_THAT(server.out, AllOf(HasSubstr("# page victorops[0]: firing, 1 alert"),
                                HasSubstr("# page slack[1]: resolved, 1 alert"),
                                HasSubstr("nothing is sent: send_resolved is false"),
                                HasSubstr("POST https://slack.com/api/chat.update\n"),
                                Not(HasSubstr("v1ctor-key"))));
  EXPECT_THAT(server.deliveries, IsEmpty());
}

TEST(ReceiverTest, MistakesAreNamed) {
  FakeServer server = Server();
  EXPECT_EQ(server.Run({"receiver", "test", "--config.file=am.yml"}), kUsage);
  EXPECT_EQ(server.Run({"receiver", "test", "page"}), kUsage);
  EXPECT_THAT(server.err, HasSubstr("needs --config.file"));
  EXPECT_EQ(server.Run({"receiver", "test", "pge", "--config.file=am.yml"}), kUsage);
  EXPECT_THAT(server.err, HasSubstr("there is no receiver \"pge\" (did you mean \"page\"?)"));
  EXPECT_EQ(server.Run({"receiver", "test", "nobody", "--config.file=am.yml"}), kNo);
  EXPECT_THAT(server.err, HasSubstr("has no integrations"));
  EXPECT_EQ(server.Run(Words({"--integration=email"})), kUsage);
  EXPECT_EQ(server.Run(Words({"team!=db"})), kUsage);
  EXPECT_THAT(server.deliveries, IsEmpty());
}

}  // namespace
}  // namespace watchfire::wfctl
