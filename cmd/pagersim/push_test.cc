// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Pushover, WeCom and AWS as they answer.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cmd/pagersim/aws.h"
#include "cmd/pagersim/pushover.h"
#include "cmd/pagersim/webhook.h"
#include "cmd/pagersim/wechat.h"

namespace watchfire::pagersim {
namespace {

using testing::HasSubstr;

const WallTime kStart = FromNanos(1'700'000'000'000'000'000);
const std::string kKey(30, 'k');

Fields Message() { return {{"token", kKey}, {"user", kKey}, {"message", "m"}}; }

TEST(PushoverTest, TakesAMessage) {
  Fields fields = Message();
  EXPECT_THAT(PushoverAnswer(fields).body, HasSubstr("\"status\":1"));
  fields["priority"] = "2";
  fields["retry"] = "30";
  fields["expire"] = "10800";
  EXPECT_THAT(PushoverAnswer(fields).body, HasSubstr("receipt"));
  EXPECT_EQ(PushoverShown(fields).find("kkk"), std::string::npos);
}

TEST(PushoverTest, RefusesWhatTheVendorRefuses) {
  const auto with = [](const std::string& name, const std::string& value) {
    Fields fields = Message();
    fields[name] = value;
    const Reply reply = PushoverAnswer(fields);
    return std::to_string(reply.status) + " " + reply.body;
  };
  EXPECT_THAT(with("token", "short"), HasSubstr("400 {\"token\":\"invalid\""));
  EXPECT_THAT(with("user", ""), HasSubstr("\"user\":\"invalid\""));
  EXPECT_THAT(with("message", ""), HasSubstr("message cannot be blank"));
  EXPECT_THAT(with("message", std::string(1025, 'x')), HasSubstr("message is too long"));
  EXPECT_THAT(with("title", std::string(251, 'x')), HasSubstr("title is too long"));
  EXPECT_THAT(with("priority", "3"), HasSubstr("priority is invalid"));
  EXPECT_THAT(with("priority", "2"), HasSubstr("retry must be supplied"));
}

TEST(WechatTest, WantsATokenOfItsOwn) {
  WechatDesk desk;
  const std::string body =
      R"({"text":{"content":"c"},"touser":"@all","agentid":"1","msgtype":"text"})";
  EXPECT_THAT(desk.Send("token-1", body, kStart).body, HasSubstr("40014"));
  EXPECT_THAT(desk.GetToken("c", "wrong", kStart).body, HasSubstr("40001"));
  EXPECT_THAT(desk.GetToken("c", "s", kStart).body, HasSubstr("\"access_token\":\"token-1\""));
  EXPECT_THAT(desk.Send("token-1", body, kStart).body, HasSubstr("\"errcode\":0"));
  EXPECT_THAT(desk.Send("token-1", body, kStart + std::chrono::hours(2)).body, HasSubstr("42001"));
}

TEST(WechatTest, RefusesWhatTheVendorRefuses) {
  WechatDesk desk;
  desk.GetToken("c", "s", kStart);
  const auto code = [&](const std::string& body) {
    return desk.Send("token-1", body, kStart).body;
  };
  EXPECT_THAT(code("{"), HasSubstr("47001"));
  EXPECT_THAT(code(R"({"msgtype":"x"})"), HasSubstr("40008"));
  EXPECT_THAT(code(R"({"msgtype":"text","touser":"a"})"), HasSubstr("41011"));
  EXPECT_THAT(code(R"({"msgtype":"text","agentid":"1"})"), HasSubstr("81013"));
  EXPECT_THAT(code(R"({"msgtype":"markdown","agentid":"1","touser":"a","text":{"content":"c"}})"),
              HasSubstr("44004"));
}

TEST(AwsTest, ASignatureIsChecked) {
  AwsDesk desk;
  AwsRequest request{"POST", "/", {{"host", "h"}, {"x-amz-date", "20231114T221320Z"}}, "Action=x"};
  EXPECT_THAT(desk.Answer(request, kStart).body, HasSubstr("MissingAuthenticationToken"));
  const auto with = [&](const std::string& key, const std::string& signature) {
    request.headers["authorization"] = "AWS4-HMAC-SHA256 Credential=" + key +
                                       "/20231114/r/sns/aws4_request, SignedHeaders=host;x-amz-date"
                                       ", Signature=" +
                                       signature;
    return desk.Answer(request, kStart).body;
  };
  EXPECT_THAT(with("AKIDOTHER", "0"), HasSubstr("InvalidClientTokenId"));
  EXPECT_THAT(with(AwsDesk::kAccessKey, "0"), HasSubstr("SignatureDoesNotMatch"));
  request.headers["x-amz-date"] = "20231114T220000Z";
  EXPECT_THAT(with(AwsDesk::kAccessKey, "0"), HasSubstr("Signature expired"));
}

TEST(AwsTest, FormsAreRead) {
  const Fields form = ParseForm("a=b%20c+d&e=&f");
  EXPECT_EQ(form.at("a"), "b c d");
  EXPECT_EQ(form.at("e"), "");
  EXPECT_EQ(form.at("f"), "");
}

// By `printf '1700000000.{}' | openssl dgst -sha256 -hmac key`.
TEST(WebhookTest, OnlyWhatIsSignedAndNewIsTaken) {
  const std::string good = "v1=9d713ed406bb7076d4123f0dc2c39d2df5c654ed4b0cd56b52c8b4c940bd63ae";
  const WallTime now = FromNanos(1'700'000'000'000'000'000);
  const auto status = [&](const char* timestamp, const std::string& signatures, const char* body,
                          Duration later = {}) {
    return TakeSigned("key", timestamp, signatures, body, now + later).status;
  };
  EXPECT_EQ(status("1700000000", good, "{}"), 200);
  EXPECT_EQ(status("1700000000", "v1=00, " + good, "{}"), 200);
  EXPECT_EQ(status("1700000000", good, "{}", std::chrono::minutes(5)), 200);
  EXPECT_EQ(status("1700000000", good, "{}", std::chrono::minutes(6)), 401);
  EXPECT_EQ(status("1700000000", good, "{}", std::chrono::minutes(-6)), 401);
  EXPECT_EQ(status("1700000000", good, "{ }"), 401);
  EXPECT_EQ(status("1700000001", good, "{}"), 401);
  EXPECT_EQ(status("", good, "{}"), 401);
  EXPECT_EQ(status("1700000000", "", "{}"), 401);
}

}  // namespace
}  // namespace watchfire::pagersim
