// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/inbound/twilio.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace watchfire::inbound {
namespace {

using ::testing::HasSubstr;

constexpr const char* kSid = "CA1234567890ABCDE1234567890ABCDE12";
constexpr const char* kUrl = "https://wf.example.com/inbound/twilio/k?entity_id=ab";

std::string Form(const std::string& more) { return "CallSid=" + std::string(kSid) + more; }

TEST(TwilioTest, ReadsWhatACallSays) {
  const auto call = TwilioCall::Read(Form("&To=%2B15557654321&Digits=4&Note=a+b"));
  ASSERT_TRUE(call) << call.error().message;
  EXPECT_EQ(call->call_sid, kSid);
  EXPECT_EQ(call->to, "+15557654321");
  EXPECT_EQ(call->digits, "4");
  EXPECT_EQ(call->fields.at("Note"), "a b");
  EXPECT_EQ(call->who(), "phone ending in 4321");
}

TEST(TwilioTest, ANumberThatIsHiddenIsNotMadeUp) {
  EXPECT_EQ(TwilioCall::Read(Form("&To=1234"))->who(), "phone");
  EXPECT_EQ(TwilioCall::Read(Form(""))->who(), "phone");
}

TEST(TwilioTest, RefusesWhatTwilioDoesNotSend) {
  for (const std::string& body :
       {std::string(), std::string("{}"), std::string("Digits=4"), std::string("CallSid=CA12"),
        "CallSid=" + std::string(kSid) + "0", Form("&Digits=4&Digits=5")}) {
    EXPECT_FALSE(TwilioCall::Read(body)) << body;
  }
}

// Worked out with openssl dgst -sha1 -hmac.
TEST(TwilioTest, TellsTwilioFromOthers) {
  const auto call = TwilioCall::Read(Form("&To=%2B15557654321&Digits=4"));
  ASSERT_TRUE(call);
  const Secret token("12345");
  constexpr const char* kSignature = "J1cy0IhhxZmZilRwJbxN6XcEAaM=";
  EXPECT_TRUE(IsSignedByTwilio(kUrl, *call, token, kSignature));
  EXPECT_FALSE(IsSignedByTwilio(kUrl, *call, Secret("12346"), kSignature));
  EXPECT_FALSE(IsSignedByTwilio(std::string(kUrl) + "c", *call, token, kSignature));
  EXPECT_FALSE(IsSignedByTwilio(kUrl, *call, token, ""));
  const auto other = TwilioCall::Read(Form("&To=%2B15557654321&Digits=5"));
  EXPECT_FALSE(IsSignedByTwilio(kUrl, *other, token, kSignature));
}

TEST(TwilioTest, WhatWasNotSentIsNotSigned) {
  const auto call = TwilioCall::Read(Form("&Digits=4"));
  ASSERT_TRUE(call);
  EXPECT_EQ(call->fields.size(), 2U);
  EXPECT_TRUE(IsSignedByTwilio(kUrl, *call, Secret("12345"), "GhdCi18a4by0JmFGPmRKFLWk5JQ="));
}

TEST(TwilioTest, SpeaksXml) {
  EXPECT_EQ(SayTwiml("a < b & \"c\"\x01"),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Say>a &lt; b &amp; "
            "&quot;c&quot; </Say><Hangup/></Response>\n");
  EXPECT_THAT(AskTwiml("Press 4", "https://x/?a=1&b=2"),
              HasSubstr("action=\"https://x/?a=1&amp;b=2\"><Say>Press 4</Say></Gather>"));
}

}  // namespace
}  // namespace watchfire::inbound
