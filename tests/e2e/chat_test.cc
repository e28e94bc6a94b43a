// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Receivers of chats against pagersim, over real sockets.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/deliver.h"
#include "tests/e2e/process.h"

namespace watchfire::e2e {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kSecret = "s3cret-of-chats";

// A receiver: its list of one entry, in which PAGER stands for pagersim's address and SECRET for
// what it wants; and part of what pagersim then has.
struct Chat {
  const char* name;
  const char* entry;
  const char* seen;
};

constexpr Chat kChats[] = {
    {"slack", "{api_url: 'http://PAGER/services/T1/B1/SECRET', channel: '#ops'}",
     R"("vendor":"slack","channel":"#ops","id":"1","thread":"","text":"[FIRING:1] victor-ai)"},
    {"slack", "{app_token: SECRET, app_url: 'http://PAGER/api/chat.postMessage', channel: '#ops'}",
     R"("thread":"","text":"[FIRING:1] victor-ai)"},
    {"discord", "{webhook_url: 'http://PAGER/api/webhooks/1234/SECRET', content: '@here'}",
     R"("vendor":"discord","channel":"","id":"1","thread":"","text":"[FIRING:1] victor-ai)"},
    {"msteams", "{webhook_url: 'http://PAGER/webhookb2/g@t/IncomingWebhook/SECRET/o'}",
     R"("vendor":"msteams","channel":"","id":"1","thread":"","text":"[FIRING:1] victor-ai)"},
    {"msteamsv2", "{webhook_url: 'http://PAGER/workflows/SECRET/triggers/manual/paths/invoke'}",
     R"("vendor":"msteamsv2","channel":"","id":"1","thread":"","text":"[FIRING:1] victor-ai)"},
    {"mattermost", "{webhook_url: 'http://PAGER/hooks/SECRET', channel: ops}",
     R"("vendor":"mattermost","channel":"ops","id":"1","thread":"","text":"[FIRING:1] victor-ai)"},
    {"rocketchat", "{api_url: 'http://PAGER/', token: SECRET, token_id: u, channel: '#ops'}",
     R"("vendor":"rocketchat","channel":"#ops","id":"1","thread":"","text":"[FIRING:1] victor-ai)"},
    {"telegram", "{api_url: 'http://PAGER', bot_token: SECRET, chat_id: -7, message_thread_id: 3}",
     R"("vendor":"telegram","channel":"-7","id":"1","thread":"3","text":"\n\nAlerts Firing:)"},
    {"webex",
     "{api_url: 'http://PAGER/v1/messages', room_id: r, "
     "http_config: {authorization: {credentials: SECRET}}}",
     R"("vendor":"webex","channel":"r","id":"1")"},
};

class ChatTest : public testing::Test {
 protected:
  // The body of pagersim's answer to a request of ours.
  std::string Ask(const std::string& method, const std::string& path,
                  const std::string& body = "") {
    net::OutRequest request;
    request.method = method;
    request.url = Secret("http://" + address_ + path);
    request.body = body;
    auto promise = std::make_shared<Promise<Result<net::OutResponse>>>();
    client_.Send(std::move(request), [promise](Result<net::OutResponse> response) {
      promise->Set(std::move(response));
    });
    const auto answer = promise->Wait(std::chrono::steady_clock::now() + std::chrono::seconds(20));
    return answer && *answer ? (*answer)->body : "";
  }
  void Behave(const std::string& json) { Ask("POST", "/api/behaviour", json); }

  std::shared_ptr<const config::Config> Load(const std::string& kind, std::string entry,
                                             const std::string& secret = kSecret) const {
    for (const auto& [name, value] :
         {std::pair<std::string, std::string>{"PAGER", address_}, {"SECRET", secret}}) {
      for (size_t at = 0; (at = entry.find(name)) != std::string::npos;) {
        entry.replace(at, name.size(), value);
      }
    }
    return LoadReceiver("", "  " + kind + "_configs: [" + entry + "]\n");
  }
  Outcome Deliver(const Chat& chat, const std::string& secret = kSecret) {
    return e2e::Deliver(client_, Load(chat.name, chat.entry, secret));
  }

  Process pagersim_{
      {"pagersim",
       {"--victorops.key=k", "--listen=127.0.0.1:0", "--chat.secret=" + std::string(kSecret)}}};
  const std::string address_ = pagersim_.WaitForAddress();
  net::Client client_{{.user_agent = "Watchfire/test"}};
};

class EveryChatTest : public ChatTest, public testing::WithParamInterface<Chat> {};

TEST_P(EveryChatTest, TakesItsMessage) {
  const Outcome outcome = Deliver(GetParam());
  ASSERT_TRUE(outcome.done()) << outcome.why();
  EXPECT_EQ(outcome.requests, 1);
  EXPECT_THAT(Ask("GET", "/api/chats"), HasSubstr(GetParam().seen));
  EXPECT_THAT(Ask("GET", "/api/pages"), Not(HasSubstr(kSecret)));
}

TEST_P(EveryChatTest, RefusesAWrongSecretWhichIsNotTold) {
  const Outcome outcome = Deliver(GetParam(), "wr0ng-s3cret");
  // Telegram's refusals are all tried again, as Alertmanager does.
  EXPECT_EQ(outcome.failed(), std::string(GetParam().name) != "telegram") << outcome.why();
  EXPECT_FALSE(outcome.done());
  EXPECT_THAT(outcome.why(), AllOf(Not(testing::IsEmpty()), Not(HasSubstr("wr0ng-s3cret"))));
  EXPECT_EQ(Ask("GET", "/api/chats"), "[]\n");
}

TEST_P(EveryChatTest, IsTriedAgainWhenItIsBusyBrokenOrCutOff) {
  Behave(R"({"status":429,"retry_after_s":7})");
  const Outcome limited = Deliver(GetParam());
  ASSERT_TRUE(limited.retried()) << limited.why();
  EXPECT_EQ(std::get<notify::Retry>(limited.step).failure, notify::Failure::kRateLimited);
  // Discord says it in two ways, one of them finer.
  EXPECT_EQ(std::get<notify::Retry>(limited.step).after,
            std::chrono::milliseconds(std::string(GetParam().name) == "discord" ? 7500 : 7000));
  Behave(R"({"status":503})");
  const Outcome broken = Deliver(GetParam());
  ASSERT_TRUE(broken.retried()) << broken.why();
  EXPECT_EQ(std::get<notify::Retry>(broken.step).failure, notify::Failure::kServerError);
  Behave(R"({"cut":true})");
  const Outcome cut = Deliver(GetParam());
  EXPECT_TRUE(cut.retried());
  EXPECT_TRUE(cut.unclear);
  EXPECT_THAT(cut.why(), Not(HasSubstr(kSecret)));
  Behave("{}");
  EXPECT_TRUE(Deliver(GetParam()).done());
}

TEST_P(EveryChatTest, TakesTheMessageOfManyAlerts) {
  dispatch::Notification many = notify::SampleFiring();
  for (int i = 0; i < 300; ++i) {
    many.alerts.emplace_back(
        notify::SampleAlert("Alert" + std::to_string(i), "\u00fcber <b> & co"));
  }
  const Outcome outcome = e2e::Deliver(client_, Load(GetParam().name, GetParam().entry), many);
  EXPECT_TRUE(outcome.done()) << outcome.why();
}

INSTANTIATE_TEST_SUITE_P(All, EveryChatTest, testing::ValuesIn(kChats),
                         [](const testing::TestParamInfo<Chat>& chat) {
                           return std::string(chat.param.name) + std::to_string(chat.index);
                         });

TEST_F(ChatTest, ARefusalWithinA200IsSeen) {
  Behave(R"({"result_failure":true})");
  for (const Chat& chat : kChats) {
    const bool always_says_so =
        chat.entry == std::string(kChats[1].entry) || chat.name == std::string("msteams") ||
        chat.name == std::string("rocketchat") || chat.name == std::string("telegram");
    if (always_says_so) {
      EXPECT_FALSE(Deliver(chat).done()) << chat.name;
    }
  }
}

TEST_F(ChatTest, SlackKeepsAGroupInOneMessageAndItsThread) {
  const auto config = Load("slack",
                           "{app_token: SECRET, app_url: 'http://PAGER/api/chat.postMessage', "
                           "channel: '#ops', send_resolved: true, update_message: true, "
                           "post_updates_to_thread: true}");
  dispatch::Notification what = notify::SampleFiring();
  what.reason = dispatch::Reason::kFirst;
  const Outcome first = e2e::Deliver(client_, config, what);
  ASSERT_TRUE(first.done()) << first.why();

  what = notify::SampleResolved();
  what.receiver_data = std::get<notify::Done>(first.step).data;
  ASSERT_EQ(what.receiver_data.size(), 2U);
  const Outcome second = e2e::Deliver(client_, config, what);
  ASSERT_TRUE(second.done()) << second.why();
  EXPECT_EQ(second.requests, 2);
  EXPECT_EQ(std::get<notify::Done>(second.step).data, what.receiver_data);
  const std::string& ts = what.receiver_data.at("threadTs");
  const std::string chats = Ask("GET", "/api/chats");
  EXPECT_THAT(chats, HasSubstr("\"id\":\"" + ts +
                               "\",\"thread\":\"\",\"text\":\"[RESOLVED] victor-ai (critical)\","
                               "\"updates\":1"));
  EXPECT_THAT(chats, HasSubstr("\"thread\":\"" + ts + "\",\"text\":\"[RESOLVED] victor-ai"));

  // Somebody deletes the message.
  what.receiver_data["threadTs"] = "1.000001";
  const Outcome third = e2e::Deliver(client_, config, what);
  ASSERT_TRUE(third.done()) << third.why();
  EXPECT_NE(std::get<notify::Done>(third.step).data.at("threadTs"), ts);
}

TEST_F(ChatTest, SlackTakesOurBlocks) {
  const Outcome outcome = e2e::Deliver(
      client_,
      Load("slack",
           "{api_url: 'http://PAGER/services/T1/B1/SECRET', blocks: [{type: header, text: {type: "
           "plain_text, text: '{{ template \"slack.default.title\" . }}'}}, "
           "'{{ range .Alerts }}- {type: section, text: {type: mrkdwn, text: "
           "{{ .Labels.provider | toJson }}}}\n\n{{ end }}', {type: divider}]}"));
  ASSERT_TRUE(outcome.done()) << outcome.why();
  EXPECT_THAT(Ask("GET", "/api/pages"),
              HasSubstr(R"({"text":{"text":"anthropic","type":"mrkdwn"},"type":"section"},)"
                        R"({"type":"divider"}])"));
}

TEST_F(ChatTest, WhatTheVendorRefusesIsToldWithItsReason) {
  const auto why = [&](const char* kind, const char* entry) {
    const Outcome outcome = e2e::Deliver(client_, Load(kind, entry));
    EXPECT_FALSE(outcome.done());
    return outcome.why();
  };
  EXPECT_EQ(why("slack", "{api_url: 'http://PAGER/services/T1/B1/SECRET', channel: '#archived'}"),
            "channel \"#archived\": unexpected status code 410: channel_is_archived");
  EXPECT_EQ(why("slack",
                "{app_token: SECRET, app_url: 'http://PAGER/api/chat.postMessage', "
                "channel: '#missing'}"),
            "channel \"#missing\": error response from Slack: channel_not_found");
  EXPECT_EQ(why("telegram", "{api_url: 'http://PAGER', bot_token: SECRET, chat_id: 404}"),
            "telegram: Bad Request: chat not found (400)");
  EXPECT_EQ(why("telegram",
                "{api_url: 'http://PAGER', bot_token: SECRET, chat_id: 1, message: "
                "'<p>text</p>'}"),
            "telegram: Bad Request: can't parse entities: Unsupported start tag \"p\" at byte "
            "offset 0 (400)");
  EXPECT_THAT(why("mattermost", "{webhook_url: 'http://PAGER/hooks/SECRET', channel: missing}"),
              HasSubstr("Couldn't find the channel."));
  EXPECT_THAT(why("rocketchat", "{api_url: 'http://PAGER/', token: SECRET, token_id: u}"),
              HasSubstr("error-invalid-params"));
}

}  // namespace
}  // namespace watchfire::e2e
