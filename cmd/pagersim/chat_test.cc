// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "cmd/pagersim/chat.h"

#include <chrono>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace watchfire::pagersim {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;

const WallTime kNow = FromNanos(1'700'000'000'000'000'000);

std::string Repeat(size_t count) { return std::string(count, 'x'); }

class ChatTest : public testing::Test {
 protected:
  Reply Post(const std::string& path, const std::string& body,
             const std::map<std::string, std::string>& headers = {}) {
    ChatCall call;
    call.path = path;
    call.header = [headers](const char* name) {
      const auto found = headers.find(name);
      return found == headers.end() ? "" : found->second;
    };
    call.now = kNow;
    return chats_.Answer(std::move(call), body);
  }
  Reply Slack(const std::string& method, const std::string& body,
              const std::string& token = "s3cret") {
    return Post("/api/chat." + method, body, {{"Authorization", "Bearer " + token}});
  }

  Chats chats_{Secret("s3cret")};
};

// "status body", or "status" without one.
std::string Print(const Reply& reply) {
  return std::to_string(reply.status) + (reply.body.empty() ? "" : " " + reply.body);
}

TEST_F(ChatTest, SlackWebhookSaysOkAndNothingElse) {
  const auto post = [&](const std::string& body, const std::string& secret = "s3cret") {
    return Print(Post("/services/T1/B1/" + secret, body));
  };
  EXPECT_EQ(post(R"({"text":"hi"})"), "200 ok");
  EXPECT_EQ(post(R"({"attachments":[{"title":"t"}]})"), "200 ok");
  EXPECT_EQ(post(R"({"text":"hi"})", "wrong"), "403 invalid_token");
  EXPECT_EQ(post("text"), "400 invalid_payload");
  EXPECT_EQ(post("[]"), "400 invalid_payload");
  EXPECT_EQ(post(R"({"attachments":[]})"), "400 no_text");
  EXPECT_EQ(post(R"({"text":"hi","channel":"#missing"})"), "404 channel_not_found");
  EXPECT_EQ(post(R"({"text":"hi","channel":"#archived"})"), "410 channel_is_archived");
  EXPECT_EQ(post(R"({"blocks":[{"text":"no type"}]})"), "400 invalid_blocks");
  EXPECT_EQ(post(R"({"attachments":[{"blocks":[{"type":"header","text":{"text":")" + Repeat(151) +
                 R"("}}]}]})"),
            "400 invalid_blocks");
}

TEST_F(ChatTest, SlackMessagesCanBeUpdatedAndRepliedTo) {
  const Reply posted = Slack("postMessage", R"({"channel":"#ops","text":"one"})");
  EXPECT_THAT(posted.body,
              MatchesRegex(R"(\{"ok":true,"channel":"C[0-9A-F]{8}","ts":"1700000000.000001"\})"));
  const std::string channel = posted.body.substr(posted.body.find("\"C") + 1, 9);
  const auto at = [&](const std::string& more) {
    return R"({"channel":")" + channel + "\"," + more;
  };

  EXPECT_EQ(Print(Slack("update", at(R"("ts":"1700000000.000001","text":"two"})"))),
            "200 " + posted.body);
  EXPECT_THAT(Slack("postMessage", at(R"("thread_ts":"1700000000.000001","text":"three"})")).body,
              HasSubstr("\"ok\":true"));
  EXPECT_THAT(chats_.Json(), HasSubstr(R"("id":"1700000000.000001","thread":"","text":"two",)"
                                       R"("updates":1)"));
  EXPECT_THAT(chats_.Json(), HasSubstr(R"("thread":"1700000000.000001","text":"three")"));

  const auto error = [](const Reply& reply) {
    return reply.body.substr(std::string(R"({"ok":false,"error":)").size());
  };
  EXPECT_EQ(error(Slack("update", at(R"("ts":"1.000001","text":"x"})"))), "\"message_not_found\"}");
  EXPECT_EQ(error(Slack("update", R"({"channel":"#ops","ts":"1700000000.000001","text":"x"})")),
            "\"channel_not_found\"}");
  EXPECT_EQ(error(Slack("postMessage", at(R"("thread_ts":"1.1","text":"x"})"))),
            "\"cannot_reply_to_message\"}");
  EXPECT_EQ(error(Slack("postMessage", R"({"text":"x"})")), "\"channel_not_found\"}");
  EXPECT_EQ(error(Slack("postMessage", R"({"channel":"#a","text":"x"})", "wrong")),
            "\"invalid_auth\"}");
  EXPECT_EQ(error(Post("/api/chat.postMessage", "{}")), "\"not_authed\"}");
  EXPECT_EQ(error(Slack("postMessage", "")), "\"invalid_json\"}");
  EXPECT_EQ(error(Slack("postMessage", R"({"channel":"#a","text":")" + Repeat(40'001) + "\"}")),
            "\"msg_too_long\"}");
}

TEST_F(ChatTest, DiscordMeasuresEveryText) {
  const auto post = [&](const std::string& body, const std::string& secret = "s3cret") {
    return Print(Post("/api/webhooks/1234/" + secret, body));
  };
  const auto embed = [](const std::string& key, size_t runes) {
    return R"({"embeds":[{")" + key + R"(":")" + Repeat(runes) + "\"}]}";
  };
  EXPECT_EQ(post(embed("title", 256)), "204");
  EXPECT_EQ(post(embed("description", 4096)), "204");
  EXPECT_THAT(post(embed("title", 257)), HasSubstr("Must be 256 or fewer in length."));
  EXPECT_THAT(post(embed("description", 4097)), HasSubstr("Must be 4096 or fewer in length."));
  EXPECT_THAT(post(R"({"content":")" + Repeat(2001) + "\"}"), HasSubstr("Must be 2000 or fewer"));
  EXPECT_EQ(post("{}"), R"(400 {"message":"Cannot send an empty message","code":50006})");
  EXPECT_THAT(post("no"), HasSubstr("50109"));
  EXPECT_EQ(post(R"({"content":"x"})", "wrong"),
            R"(401 {"message":"Invalid Webhook Token","code":50027})");
}

TEST_F(ChatTest, TeamsTakesCardsOfItsKindsUpTo28Kilobytes) {
  const auto old = [&](const std::string& body) {
    return Print(Post("/webhookb2/g@t/IncomingWebhook/s3cret/owner", body));
  };
  EXPECT_EQ(old(R"({"text":"x"})"), "200 1");
  EXPECT_EQ(old(R"({"title":"x"})"), "400 Summary or Text is required.");
  EXPECT_EQ(old(R"({"text":")" + Repeat(28'672) + "\"}"), "413 Request Entity Too Large");
  const auto flow = [&](const std::string& body, const std::string& secret = "s3cret") {
    return Print(Post("/workflows/" + secret + "/triggers/manual/paths/invoke", body));
  };
  const std::string card = R"({"type":"message","attachments":[{"contentType":)"
                           R"("application/vnd.microsoft.card.adaptive","content":)"
                           R"({"type":"AdaptiveCard","body":[{"type":"TextBlock","text":"T"}]}}]})";
  EXPECT_EQ(flow(card), "202");
  EXPECT_THAT(flow(card, "wrong"), HasSubstr("WorkflowTriggerNotFound"));
  EXPECT_THAT(flow(R"({"text":"x"})"), HasSubstr("TriggerInputSchemaMismatch"));
  EXPECT_THAT(flow(""), HasSubstr("InvalidRequestContent"));
  EXPECT_THAT(chats_.Json(), HasSubstr(R"("vendor":"msteamsv2","channel":"","id":"2","thread":"",)"
                                       R"("text":"T")"));
}

TEST_F(ChatTest, MattermostWantsSomethingToSay) {
  const auto post = [&](const std::string& body, const std::string& secret = "s3cret") {
    return Print(Post("/hooks/" + secret, body));
  };
  EXPECT_EQ(post(R"({"attachments":[{"title":"t"}]})"), "200 ok");
  EXPECT_THAT(post("{}"), HasSubstr("No text specified."));
  EXPECT_THAT(post(R"({"text":"x"})", "wrong"), HasSubstr("Invalid webhook."));
  EXPECT_THAT(post(R"({"text":"x","channel":"missing"})"), HasSubstr("404"));
  EXPECT_THAT(post(R"({"text":")" + Repeat(16'384) + "\"}"), HasSubstr("16383"));
}

TEST_F(ChatTest, RocketChatWantsBothHeaders) {
  const auto post = [&](const std::string& body, const std::string& user) {
    return Print(
        Post("/api/v1/chat.postMessage", body, {{"X-Auth-Token", "s3cret"}, {"X-User-Id", user}}));
  };
  EXPECT_THAT(post(R"({"channel":"#ops","text":"x"})", "u"), HasSubstr("\"success\":true"));
  EXPECT_THAT(post(R"({"channel":"#ops","text":"x"})", ""), HasSubstr("401 {\"status\":\"error\""));
  EXPECT_THAT(post(R"({"text":"x"})", "u"), HasSubstr("error-invalid-params"));
  EXPECT_THAT(post(R"({"channel":"#missing"})", "u"), HasSubstr("invalid-channel"));
}

TEST_F(ChatTest, TelegramReadsTheMarkup) {
  const auto post = [&](const std::string& text, const std::string& mode = "HTML") {
    return Print(Post("/bots3cret/sendMessage",
                      R"({"chat_id":"7","text":")" + text + R"(","parse_mode":")" + mode + "\"}"));
  };
  EXPECT_THAT(post("<b>bold</b> &lt; <a href='x'>link</a>"), HasSubstr("\"ok\":true"));
  EXPECT_THAT(post("<p>text</p>"), HasSubstr("Unsupported start tag"));
  EXPECT_THAT(post("<b>text"), HasSubstr("Can't find end tag"));
  EXPECT_THAT(post("text</b>"), HasSubstr("Unmatched end tag"));
  EXPECT_THAT(post("a < b"), HasSubstr("Unclosed start tag"));
  EXPECT_THAT(post("a < b", "MarkdownV2"), HasSubstr("\"ok\":true"));
  EXPECT_THAT(post("x", "html"), HasSubstr("unsupported parse_mode"));
  EXPECT_THAT(post(Repeat(4097)), HasSubstr("message is too long"));
  EXPECT_THAT(post("  "), HasSubstr("message text is empty"));
  EXPECT_THAT(Post("/bots3cret/sendMessage", R"({"chat_id":"404","text":"x"})").body,
              HasSubstr("chat not found"));
  EXPECT_EQ(Print(Post("/botwrong/sendMessage", "{}")),
            R"(401 {"ok":false,"error_code":401,"description":"Unauthorized"})");
}

TEST_F(ChatTest, WebexCountsBytes) {
  const auto post = [&](const std::string& body, const std::string& token = "s3cret") {
    return Print(Post("/v1/messages", body, {{"Authorization", "Bearer " + token}}));
  };
  const auto message = [](size_t bytes) {
    return R"({"roomId":"r","markdown":")" + Repeat(bytes) + "\"}";
  };
  EXPECT_THAT(post(message(7439)), HasSubstr("200 "));
  EXPECT_THAT(post(message(7440)), HasSubstr("7439 bytes"));
  EXPECT_THAT(post(R"({"markdown":"x"})"), HasSubstr("roomId required"));
  EXPECT_THAT(post(message(1), "wrong"), HasSubstr("401 "));
  EXPECT_THAT(post(R"({"roomId":"missing","markdown":"x"})"), HasSubstr("404 "));
}

TEST_F(ChatTest, FailuresAreInTheWordsOfTheVendor) {
  Behaviour limited;
  limited.status = 429;
  limited.retry_after = std::chrono::seconds(7);
  const auto failure = [&](const std::string& path) {
    return Print(chats_.Failure(path, limited).value());
  };
  EXPECT_EQ(failure("/services/T/B/x"), "429 rate_limited");
  EXPECT_EQ(failure("/api/chat.update"), R"(429 {"ok":false,"error":"ratelimited"})");
  EXPECT_THAT(failure("/api/webhooks/1/x"), HasSubstr(R"("retry_after":7.5,"global":false)"));
  EXPECT_THAT(failure("/botx/sendMessage"), HasSubstr(R"("parameters":{"retry_after":7})"));
  EXPECT_FALSE(chats_.Failure("/api/pages", limited));

  Behaviour refusing;
  refusing.result_failure = true;
  EXPECT_EQ(Print(chats_.Failure("/api/chat.postMessage", refusing).value()),
            R"(200 {"ok":false,"error":"internal_error"})");
}

TEST_F(ChatTest, SecretsAreMaskedInPaths) {
  EXPECT_EQ(chats_.Masked("/services/T1/B1/abc"), "/services/T1/B1/***");
  EXPECT_EQ(chats_.Masked("/bot1:abc/sendMessage"), "/bot***/sendMessage");
  EXPECT_EQ(chats_.Masked("/webhookb2/g@t/IncomingWebhook/abc/o"),
            "/webhookb2/g@t/IncomingWebhook/***/o");
  EXPECT_EQ(chats_.Masked("/v1/messages"), "/v1/messages");
  EXPECT_EQ(chats_.Masked("/elsewhere/abc"), "/elsewhere/abc");
}

}  // namespace
}  // namespace watchfire::pagersim
