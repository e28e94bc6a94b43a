// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/inbound/sns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/inbound/sns_for_test.h"

namespace watchfire::inbound {
namespace {

using testing::HasSubstr;

const WallTime kNow = FromNanos(1'790'000'000'000'000'000);

SnsMessage Notification() {
  SnsMessage sns;
  sns.type = "Notification";
  sns.message_id = "m1";
  sns.topic_arn = "arn:aws:sns:eu-west-1:123:alarms";
  sns.subject = "ALARM";
  sns.has_subject = true;
  sns.message = "{\"AlarmName\":\"CPU\"}";
  sns.timestamp = FormatRfc3339(kNow);
  return sns;
}

TEST(SnsTest, WhatIsSignedIsTakenAndNothingElse) {
  const Identity aws("sns.eu-west-1.amazonaws.com");
  const Identity other("evil.example");
  for (const char* version : {"1", "2"}) {
    for (const char* type : {"Notification", "SubscriptionConfirmation"}) {
      SnsMessage sns = Notification();
      sns.type = type;
      sns.token = "t";
      sns.subscribe_url = "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription";
      SignSns(&sns, aws, version);
      EXPECT_TRUE(VerifySns(sns, aws.CertificatePem(), kNow)) << type << version;
      EXPECT_FALSE(VerifySns(sns, other.CertificatePem(), kNow));
      for (std::string* member : {&sns.message, &sns.message_id, &sns.topic_arn, &sns.type,
                                  &sns.signature, &sns.signature_version}) {
        const std::string good = *member;
        *member += "x";
        EXPECT_FALSE(VerifySns(sns, aws.CertificatePem(), kNow)) << *member;
        *member = good;
      }
      EXPECT_TRUE(VerifySns(sns, aws.CertificatePem(), kNow));
    }
  }
}

TEST(SnsTest, AnOldMessageIsRefused) {
  const Identity aws("sns");
  SnsMessage sns = Notification();
  SignSns(&sns, aws, "2");
  EXPECT_TRUE(VerifySns(sns, aws.CertificatePem(), kNow + std::chrono::minutes(59)));
  const Status old = VerifySns(sns, aws.CertificatePem(), kNow + std::chrono::minutes(61));
  EXPECT_THAT(old.error().message, HasSubstr("old message"));
  EXPECT_FALSE(VerifySns(sns, aws.CertificatePem(), kNow - std::chrono::minutes(61)))
      << "from the future";
  EXPECT_FALSE(VerifySns(sns, "no certificate", kNow));
  EXPECT_TRUE(CheckSns(sns, kNow)) << "needs no certificate";
  EXPECT_FALSE(CheckSns(sns, kNow + std::chrono::minutes(61)));
  sns.timestamp = "yesterday";
  EXPECT_FALSE(VerifySns(sns, aws.CertificatePem(), kNow));
}

TEST(SnsTest, OnlyAmazonIsEverAsked) {
  for (const char* url : {"https://sns.eu-west-1.amazonaws.com/a.pem",
                          "https://sns.cn-north-1.amazonaws.com.cn/?Action=ConfirmSubscription"}) {
    EXPECT_TRUE(IsSnsUrl(url)) << url;
  }
  for (const char* url :
       {"", "http://sns.eu-west-1.amazonaws.com/a", "https://sns.eu-west-1.amazonaws.com.evil/a",
        "https://evil.example/sns.eu-west-1.amazonaws.com", "https://sns.a@evil.amazonaws.com/",
        "https://sns.eu-west-1.amazonaws.com:8443/", "https://sns.eu-west-1.amazonaws.com@evil/",
        "https://sns..amazonaws.com/", "https://sns.amazonaws.com/", "https://s3.amazonaws.com/a",
        "https://sns.a.b.amazonaws.com/", "https://sns.eu-west-1.amazonaws.com\\@evil/",
        "https://sns.eu-west-1.amazonaws.com/\r\nHost: evil",
        "https://sns.eu-west-1.amazonaws.com?@evil/", "https://sns.s3.amazonaws.com/x.pem",
        "https://sns.s3-us-west-2.amazonaws.com/x.pem", "https://sns.eu.amazonaws.com/x.pem"}) {
    EXPECT_FALSE(IsSnsUrl(url)) << url;
  }
  EXPECT_TRUE(IsSnsCertificateUrl("https://sns.eu-west-1.amazonaws.com/a.pem"));
  for (const char* url :
       {"https://sns.eu-west-1.amazonaws.com/", "https://sns.eu-west-1.amazonaws.com/?a=b.pem",
        "https://sns.eu-west-1.amazonaws.com/a#b.pem", "https://sns.s3.amazonaws.com/x.pem"}) {
    EXPECT_FALSE(IsSnsCertificateUrl(url)) << url;
  }
}

TEST(SnsTest, EnvelopesAreReadOrRefused) {
  const auto sns = SnsMessage::Read(WriteSns(Notification()));
  ASSERT_TRUE(sns);
  EXPECT_EQ(sns->subject, "ALARM");
  EXPECT_EQ(sns->message, "{\"AlarmName\":\"CPU\"}");
  EXPECT_THAT(SnsMessage::Read("{}").error().message, HasSubstr("raw message delivery"));
  EXPECT_FALSE(SnsMessage::Read(R"({"Type":"Notification"})"));
  EXPECT_FALSE(SnsMessage::Read(R"({"Type":["Notification"]})"));
  EXPECT_FALSE(SnsMessage::Read("nonsense"));
}

}  // namespace
}  // namespace watchfire::inbound
