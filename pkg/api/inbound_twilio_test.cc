// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// A digit pressed in a call, over HTTP.

#include <array>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "pkg/api/incidents_for_test.h"

namespace watchfire::api {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kToken = "12345";

std::shared_ptr<const config::Config> TwilioConfig(const std::string& url) {
  auto config = std::make_shared<config::Config>(*IncidentsConfig());
  config::InboundKey& key = config->inbound.keys["twilio"].emplace_back();
  key.key = Secret("twilio-key");
  key.auth_token = Secret(kToken);
  key.url = url;
  return config;
}

std::string Signature(const std::string& text, const std::string& token = kToken) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  HMAC(EVP_sha1(), token.data(), static_cast<int>(token.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &size);
  std::array<unsigned char, 64> encoded{};
  const int length = EVP_EncodeBlock(encoded.data(), digest.data(), static_cast<int>(size));
  return {reinterpret_cast<const char*>(encoded.data()), static_cast<size_t>(length)};
}

class TwilioTest : public IncidentsTest {
 protected:
  explicit TwilioTest(const std::string& url = "") : IncidentsTest(TwilioConfig(url)) {}

  std::string Asked() { return entity_.empty() ? Entity() : entity_; }
  static std::string Sid(char last) { return "CA" + std::string(31, '0') + last; }
  // Presses a digit, as Twilio tells it of a call of the first incident.
  net::Response Press(const std::string& digit, char call = '1',
                      const std::string& to = "15550004567",
                      const std::string& asked = "http://wf/inbound/twilio/twilio-key") {
    return Say(digit, call, to,
               Signature(asked + "?entity_id=" + Asked() + "CallSid" + Sid(call) + "Digits" +
                         digit + "To" + to));
  }
  net::Response Say(const std::string& digit, char call, const std::string& to,
                    const std::string& signature) {
    net::Request request = MakeRequest("POST", "/inbound/twilio/twilio-key?entity_id=" + Asked(),
                                       "CallSid=" + Sid(call) + "&To=" + to + "&Digits=" + digit);
    request.headers.push_back({"X-Twilio-Signature", signature});
    return Handle(request, backend_);
  }

  std::string entity_;  // Of the call; "": that of the first incident.
};

TEST_F(TwilioTest, FourAcknowledges) {
  Page("api");
  const net::Response response = Press("4");
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(response.body, HasSubstr("<Say>Acknowledged. It is yours.</Say><Hangup/>"));
  EXPECT_EQ(Find(1)->acked_by, "phone ending in 4567");
  EXPECT_EQ(Find(1)->timeline.back().channel, "twilio");
  EXPECT_THAT(backend_.counted, ElementsAre("twilio ok"));
}

TEST_F(TwilioTest, AnotherDigitIsAskedForAgain) {
  Page("api");
  const net::Response response = Press("5");
  EXPECT_THAT(response.body, HasSubstr("action=\"http://wf/inbound/twilio/twilio-key?entity_id="));
  EXPECT_THAT(response.body, HasSubstr("<Say>Press 4 to acknowledge.</Say></Gather>"));
  EXPECT_EQ(Find(1)->acked_by, "");
  EXPECT_THAT(backend_.counted, ElementsAre("twilio ignored"));
}

TEST_F(TwilioTest, WhoIsLateHearsWhoHasIt) {
  Page("api");
  EXPECT_EQ(Post("/api/v1/incidents/1/ack", R"({"actor":"ada"})").status, 200);
  EXPECT_THAT(Press("4").body, HasSubstr("It is acknowledged already, by ada."));
  EXPECT_EQ(Find(1)->ack->by, "ada");
  EXPECT_EQ(Post("/api/v1/incidents/1/resolve", R"({"actor":"ada"})").status, 200);
  EXPECT_THAT(Press("4", '2').body, HasSubstr("It is resolved already."));
  EXPECT_THAT(backend_.counted, ElementsAre("twilio duplicate", "twilio already_resolved"));
}

TEST_F(TwilioTest, WhatNoPersonAcknowledgedIsTakenOver) {
  Page("api");
  VictorOps(Flat("ACKED", ""));
  ASSERT_TRUE(Find(1)->ack && Find(1)->ack->is_automatic);
  EXPECT_THAT(Press("4").body, HasSubstr("It is yours."));
  EXPECT_EQ(Find(1)->ack->by, "phone ending in 4567");
}

TEST_F(TwilioTest, ForgeriesChangeNothing) {
  Page("api");
  EXPECT_EQ(Say("4", '1', "15550004567", "").status, 403);
  EXPECT_EQ(Say("4", '1', "15550004567", Signature("http://wf/")).status, 403);
  // A good one, with another digit.
  const std::string five = Signature("http://wf/inbound/twilio/twilio-key?entity_id=" + Entity() +
                                     "CallSid" + Sid('1') + "Digits5To15550004567");
  EXPECT_EQ(Say("5", '1', "15550004567", five).status, 200);
  EXPECT_EQ(Say("4", '1', "15550004567", five).status, 403);
  EXPECT_EQ(Post("/inbound/twilio/twilio-kez", "CallSid=" + Sid('1')).status, 403);
  EXPECT_EQ(Post("/inbound/twilio/twilio-key", "{}").status, 400);
  EXPECT_EQ(Find(1)->acked_by, "");
  EXPECT_THAT(backend_.counted,
              ElementsAre("twilio bad_signature", "twilio bad_signature", "twilio ignored",
                          "twilio bad_signature", "twilio bad_key", "twilio bad_body"));
}

// The same entity may break again: an old call says nothing about that.
TEST_F(TwilioTest, ACallAcknowledgesOnce) {
  Page("api");
  Press("4");
  EXPECT_EQ(Post("/api/v1/incidents/1/snooze", R"({"actor":"ada","for":"1s"})").status, 200);
  backend_.Pass(std::chrono::seconds(3));
  ASSERT_FALSE(Find(1)->ack);
  EXPECT_THAT(Press("4").body, HasSubstr("This call has acknowledged before."));
  EXPECT_FALSE(Find(1)->ack);
  EXPECT_THAT(Press("4", '2').body, HasSubstr("It is yours."));
  EXPECT_TRUE(Find(1)->ack);
}

class BehindAProxyTest : public TwilioTest {
 protected:
  BehindAProxyTest() : TwilioTest("https://public.example.com/twilio") {}
};

TEST_F(BehindAProxyTest, TheUrlIsTheOneThatTwilioKnows) {
  Page("api");
  EXPECT_EQ(Press("4").status, 403);
  EXPECT_THAT(Press("4", '1', "15550004567", "https://public.example.com/twilio").body,
              HasSubstr("It is yours."));
}

class UrlWithAQueryTest : public TwilioTest {
 protected:
  UrlWithAQueryTest() : TwilioTest("https://public.example.com/twilio?tenant=a%20b") {}
};

// Twilio asked for the parameters of `url`, so they come back in its request.
TEST_F(UrlWithAQueryTest, IsSignedWithThatQueryOnce) {
  Page("api");
  net::Request request =
      MakeRequest("POST", "/inbound/twilio/twilio-key?tenant=a b&entity_id=" + Asked(),
                  "CallSid=" + Sid('1') + "&To=15550004567&Digits=4");
  request.headers.push_back(
      {"X-Twilio-Signature", Signature("https://public.example.com/twilio?tenant=a%20b&entity_id=" +
                                       Asked() + "CallSid" + Sid('1') + "Digits4To15550004567")});
  EXPECT_THAT(Handle(request, backend_).body, HasSubstr("It is yours."));
}

TEST_F(TwilioTest, WhatIsNotStoredIsNotConfirmed) {
  Page("api");
  entity_ = Entity();
  backend_.busy = true;
  EXPECT_EQ(Press("4").status, 503);
}

}  // namespace
}  // namespace watchfire::api
