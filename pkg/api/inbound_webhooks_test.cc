// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// POST /inbound/{kind}/{key}.

#include <utility>

#include "pkg/api/inbound_for_test.h"
#include "pkg/inbound/sns_for_test.h"

namespace watchfire::api {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

std::string Grafana(const std::string& status) {
  return R"({"orgId":1,"alerts":[{"status":")" + status +
         R"(","fingerprint":"f1","labels":{"alertname":"A","severity":"critical"}},)"
         R"({"status":")" +
         status + R"(","fingerprint":"f2","labels":{"alertname":"B"}}]})";
}

TEST_F(InboundTest, AWebhookOpensAndResolves) {
  const net::Response opened = Post("/inbound/grafana/grafana-key", Grafana("firing"));
  EXPECT_EQ(opened.status, 200);
  EXPECT_EQ(opened.body, R"({"status":"success","data":{"result":"ok","alerts":2}})");
  EXPECT_THAT(Firing(), SizeIs(2));
  EXPECT_THAT(Firing(), Contains(R"({alertname="A", entity_id="1:f1", severity="critical", )"
                                 R"(source="grafana", team="core"})"));
  EXPECT_THAT(backend_.counted, ElementsAre("grafana ok", "grafana no_severity"));
  backend_.Pass(std::chrono::seconds(2));
  EXPECT_TRUE(HasIncidents());
  EXPECT_EQ(Post("/inbound/grafana/grafana-key", Grafana("resolved")).status, 200);
  EXPECT_THAT(Firing(), IsEmpty());
}

TEST_F(InboundTest, WhatIsOfNoConsequenceSaysSo) {
  const net::Response response =
      Post("/inbound/gcp/gcp-key", R"({"version":"test","incident":{"incident_id":"0.a",)"
                                   R"("state":"OPEN"}})");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, R"({"status":"success","data":{"result":"ignored","alerts":0}})");
  EXPECT_THAT(backend_.counted, ElementsAre("gcp ignored"));
  EXPECT_THAT(Firing(), IsEmpty());
}

TEST_F(InboundTest, NoPageIsLostForAHalfLetterOrAHugeNumber) {
  const std::string body = R"({"alerts":[{"status":"firing","fingerprint":"f",)"
                           R"("labels":{"alertname":"A","severity":"critical"},)"
                           R"("annotations":{"summary":"cut \ud83d"},)"
                           R"("values":{"B":NaN,"C":123456789012345678901234567890}}]})";
  EXPECT_EQ(Post("/inbound/grafana/grafana-key", body).status, 200);
  EXPECT_EQ(Only()->annotations.Get("summary"), "cut \xef\xbf\xbd");
}

TEST_F(InboundTest, TwoWordsAboutOneEntityInOneBodyAreOneAlert) {
  const std::string opens =
      R"({"status":"firing","fingerprint":"f","labels":{"alertname":"A"}},)"
      R"({"status":"firing","fingerprint":"f","labels":{"alertname":"A","x":"y"},)"
      R"("annotations":{"summary":"second"}})";
  const std::string ends = R"({"status":"resolved","fingerprint":"f","labels":{"alertname":"A"}})";
  const auto post = [&](const std::string& alerts) {
    EXPECT_EQ(Post("/inbound/grafana/grafana-key", R"({"alerts":[)" + alerts + "]}").status, 200);
  };
  post(opens);
  EXPECT_EQ(Only()->annotations.Get("summary"), "second");
  post(opens + "," + ends);
  EXPECT_THAT(Firing(), IsEmpty());
  backend_.Pass(std::chrono::seconds(1));
  post(opens + "," + ends + "," + opens);
  EXPECT_FALSE(Only()->labels.Has("x"));
}

TEST_F(InboundTest, TooManyAlertsInOneBodyAreNotAskedForAgain) {
  const std::string alert = R"({"status":"firing","labels":{"alertname":"A"}})";
  std::string alerts = alert;
  for (int i = 0; i < 1000; ++i) alerts += "," + alert;
  EXPECT_EQ(Post("/inbound/grafana/grafana-key", R"({"alerts":[)" + alerts + "]}").status, 400);
}

TEST_F(InboundTest, UnknownKindsAndForgedKeysChangeNothing) {
  EXPECT_EQ(Post("/inbound/nagios/nagios-key", "{}").status, 404);
  EXPECT_EQ(Post("/inbound/opsgenie/opsgenie-key", "{}").status, 400);
  for (const char* path : {"/inbound/grafanna/grafana-key", "/inbound/grafana/grafana-key/x"}) {
    const net::Response unknown = Post(path, "{}");
    EXPECT_EQ(unknown.status, 404) << path;
    EXPECT_THAT(unknown.body, Not(HasSubstr("grafana-key"))) << path;
  }
  for (const char* kind :
       {"grafana", "datadog", "cloudwatch", "azuremonitor", "gcp", "splunk", "generic"}) {
    const std::string path = std::string("/inbound/") + kind;
    const net::Response forged = Post(path + "/bad-key", Grafana("firing"));
    EXPECT_EQ(forged.status, 403) << kind;
    EXPECT_THAT(forged.body, Not(HasSubstr("bad-key")));
    EXPECT_THAT(backend_.counted, Contains(std::string(kind) + " bad_key"));
    EXPECT_EQ(Post(path + "/victorops-key", Grafana("firing")).status, 403) << "another kind's";
    for (const char* body : {"", "nonsense", "[]", "{}", "{\"a\":"}) {
      EXPECT_EQ(Post(path + "/" + kind + "-key", body).status, 400) << kind << body;
    }
    EXPECT_EQ(Post(path + "/" + kind + "-key", std::string(2 << 20, ' ')).status, 413);
  }
  EXPECT_THAT(Firing(), IsEmpty());
  backend_.busy = true;
  EXPECT_EQ(Post("/inbound/grafana/grafana-key", Grafana("firing")).status, 503);
}

class SnsWebhookTest : public InboundTest {
 protected:
  inbound::SnsMessage Message(const std::string& state) {
    inbound::SnsMessage sns;
    sns.type = "Notification";
    sns.message_id = "m" + std::to_string(++messages_);
    sns.topic_arn = "arn";
    sns.message = R"({"AlarmName":"CPU","AlarmArn":"arn:1","NewStateValue":")" + state + R"("})";
    sns.timestamp = FormatRfc3339(backend_.Now());
    sns.signing_cert_url = kCertificate;
    return sns;
  }
  net::Response Deliver(const inbound::SnsMessage& sns) {
    return Post("/inbound/cloudwatch/cloudwatch-key", inbound::WriteSns(sns));
  }
  int messages_ = 0;
  static constexpr const char* kCertificate = "https://sns.eu-west-1.amazonaws.com/c.pem";
  Identity aws_{"sns.eu-west-1.amazonaws.com"};
};

TEST_F(SnsWebhookTest, ASignedAlarmOpensAndResolves) {
  backend_.documents[kCertificate] = aws_.CertificatePem();
  inbound::SnsMessage alarm = Message("ALARM");
  SignSns(&alarm, aws_, "2");
  EXPECT_EQ(Deliver(alarm).status, 200);
  EXPECT_EQ(Only()->labels.ToString(),
            R"({alertname="CPU", entity_id="arn:1", source="cloudwatch", team="core"})");
  inbound::SnsMessage ok = Message("OK");
  SignSns(&ok, aws_, "1");
  EXPECT_EQ(Deliver(ok).status, 200);
  EXPECT_THAT(Firing(), IsEmpty());
  EXPECT_THAT(backend_.fetched, SizeIs(1)) << "the certificate is kept";
}

TEST_F(SnsWebhookTest, WithoutAGoodSignatureNothingHappens) {
  inbound::SnsMessage alarm = Message("ALARM");
  SignSns(&alarm, aws_, "2");
  EXPECT_EQ(Deliver(alarm).status, 503) << "no certificate can be had: SNS comes again";
  backend_.documents[kCertificate] = aws_.CertificatePem();
  EXPECT_EQ(Deliver(alarm).status, 503) << "not asked again at once";
  backend_.Pass(std::chrono::seconds(10));
  backend_.documents["https://sns.eu-west-1.amazonaws.com/another.pem"] =
      Identity("another").CertificatePem();
  alarm.signing_cert_url = "https://sns.eu-west-1.amazonaws.com/another.pem";
  EXPECT_EQ(Deliver(alarm).status, 403);
  alarm.signing_cert_url = kCertificate;
  alarm.message += " ";
  EXPECT_EQ(Deliver(alarm).status, 403);
  alarm.signing_cert_url = "https://evil.example/c.pem";
  backend_.documents["https://evil.example/c.pem"] = aws_.CertificatePem();
  EXPECT_EQ(Deliver(alarm).status, 403);
  EXPECT_THAT(Firing(), IsEmpty());
  EXPECT_THAT(
      backend_.fetched,
      ElementsAre(kCertificate, "https://sns.eu-west-1.amazonaws.com/another.pem", kCertificate))
      << "nobody else is asked";
  EXPECT_THAT(backend_.counted, ElementsAre("cloudwatch unverified", "cloudwatch unverified",
                                            "cloudwatch bad_signature", "cloudwatch bad_signature",
                                            "cloudwatch bad_signature"));
}

// Within the hour for which its signature is good.
TEST_F(SnsWebhookTest, ARecordingChangesNothingAndIsCounted) {
  backend_.documents[kCertificate] = aws_.CertificatePem();
  inbound::SnsMessage early = Message("OK");
  SignSns(&early, aws_, "2");
  EXPECT_EQ(Deliver(early).status, 200);
  inbound::SnsMessage alarm = Message("ALARM");
  SignSns(&alarm, aws_, "2");
  EXPECT_EQ(Deliver(alarm).status, 200);
  EXPECT_THAT(Deliver(early).body, HasSubstr("replayed"));
  EXPECT_THAT(Firing(), SizeIs(1)) << "the end of what was before";
  inbound::SnsMessage ok = Message("OK");
  SignSns(&ok, aws_, "2");
  EXPECT_EQ(Deliver(ok).status, 200);
  backend_.Pass(std::chrono::minutes(50));
  const net::Response again = Deliver(alarm);
  EXPECT_EQ(again.status, 200) << "so an honest retry ends";
  EXPECT_THAT(again.body, HasSubstr("replayed"));
  EXPECT_THAT(Firing(), IsEmpty());
  EXPECT_THAT(backend_.counted,
              ElementsAre("cloudwatch no_alert", "cloudwatch no_severity", "cloudwatch replayed",
                          "cloudwatch ok", "cloudwatch replayed"));
}

// SNS keeps no order: what comes late must neither open what nobody ends, nor end what burns.
TEST_F(SnsWebhookTest, WhatComesAfterALaterStateChangesNothing) {
  backend_.documents[kCertificate] = aws_.CertificatePem();
  const WallTime start = backend_.Now();
  const auto deliver = [&](const char* state, int minute, const char* alarm = "arn:1") {
    inbound::SnsMessage sns = Message("");
    sns.message = R"({"AlarmName":"CPU","AlarmArn":")" + std::string(alarm) +
                  R"(","NewStateValue":")" + state + R"(","StateChangeTime":")" +
                  FormatRfc3339(start + std::chrono::minutes(minute)) + "\"}";
    SignSns(&sns, aws_, "2");
    const net::Response response = Deliver(sns);
    EXPECT_EQ(response.status, 200) << "so SNS does not try again";
    return response.body;
  };
  backend_.Pass(std::chrono::minutes(20));
  deliver("OK", 2);
  EXPECT_THAT(deliver("ALARM", 1), HasSubstr("overtaken"));
  EXPECT_THAT(Firing(), IsEmpty());
  deliver("ALARM", 1, "arn:2");
  EXPECT_THAT(Firing(), SizeIs(1)) << "another alarm";
  deliver("OK", 3, "arn:2");
  deliver("ALARM", 3);
  EXPECT_THAT(Firing(), SizeIs(1));
  EXPECT_THAT(deliver("OK", 2), HasSubstr("overtaken")) << "of what was before";
  EXPECT_THAT(Firing(), SizeIs(1));
  deliver("INSUFFICIENT_DATA", 9);
  deliver("OK", 4);
  EXPECT_THAT(Firing(), IsEmpty());
  EXPECT_THAT(backend_.counted, Contains("cloudwatch overtaken").Times(2));
}

TEST_F(SnsWebhookTest, WhatWasNotTakenMayComeAgain) {
  backend_.documents[kCertificate] = aws_.CertificatePem();
  inbound::SnsMessage alarm = Message("ALARM");
  SignSns(&alarm, aws_, "2");
  backend_.busy = true;
  EXPECT_EQ(Deliver(alarm).status, 503);
  backend_.busy = false;
  EXPECT_EQ(Deliver(alarm).status, 200);
  EXPECT_THAT(Firing(), SizeIs(1));
}

TEST_F(SnsWebhookTest, AnOldRecordingIsRefusedAndCounted) {
  backend_.documents[kCertificate] = aws_.CertificatePem();
  inbound::SnsMessage alarm = Message("ALARM");
  SignSns(&alarm, aws_, "2");
  backend_.Pass(std::chrono::minutes(61));  // Longer than SNS tries.
  EXPECT_EQ(Deliver(alarm).status, 403);
  EXPECT_THAT(Firing(), IsEmpty());
  EXPECT_THAT(backend_.counted, ElementsAre("cloudwatch bad_signature"));
}

TEST_F(SnsWebhookTest, JunkMakesNobodyAskAmazon) {
  backend_.documents[kCertificate] = aws_.CertificatePem();
  inbound::SnsMessage junk = Message("ALARM");
  SignSns(&junk, aws_, "2");
  for (std::string* member : {&junk.timestamp, &junk.signature_version, &junk.signature}) {
    const std::string good = std::exchange(*member, "junk!");
    EXPECT_EQ(Deliver(junk).status, 403);
    *member = good;
  }
  EXPECT_THAT(backend_.fetched, IsEmpty());
}

TEST_F(SnsWebhookTest, ASubscriptionIsConfirmedAtAmazonOnly) {
  backend_.documents[kCertificate] = aws_.CertificatePem();
  inbound::SnsMessage wish = Message("");
  wish.type = "SubscriptionConfirmation";
  wish.token = "t";
  wish.subscribe_url = "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=t";
  SignSns(&wish, aws_, "2");
  EXPECT_EQ(Deliver(wish).status, 503) << "not confirmed yet: SNS comes again";
  backend_.documents[wish.subscribe_url] = "<ok/>";
  const net::Response confirmed = Deliver(wish);
  EXPECT_EQ(confirmed.status, 200);
  EXPECT_THAT(confirmed.body, HasSubstr("subscribed"));
  wish.subscribe_url = "http://169.254.169.254/latest/meta-data";
  SignSns(&wish, aws_, "2");
  EXPECT_EQ(Deliver(wish).status, 400);
  EXPECT_THAT(backend_.fetched, Not(Contains(wish.subscribe_url)));
}

TEST_F(SnsWebhookTest, OnlyTheTopicsOfTheKeyAreTaken) {
  auto with_topics = std::make_shared<config::Config>(*InboundConfig());
  with_topics->inbound.keys["cloudwatch"][0].topics = {"other", "arn"};
  FakeBackend backend(with_topics);
  backend.documents[kCertificate] = aws_.CertificatePem();
  const auto deliver = [&](const std::string& topic) {
    inbound::SnsMessage sns = Message("ALARM");
    sns.topic_arn = topic;
    SignSns(&sns, aws_, "2");
    return Handle(MakeRequest("POST", "/inbound/cloudwatch/cloudwatch-key", inbound::WriteSns(sns)),
                  backend);
  };
  EXPECT_EQ(deliver("arn:of:somebody").status, 403);
  EXPECT_THAT(backend.fetched, IsEmpty());
  EXPECT_EQ(deliver("arn").status, 200);
  EXPECT_THAT(backend.counted, ElementsAre("cloudwatch bad_topic", "cloudwatch no_severity"));
}

TEST_F(SnsWebhookTest, WithoutVerifyNoSubscriptionIsConfirmed) {
  auto config = std::make_shared<config::Config>(*InboundConfig());
  config->inbound.keys["cloudwatch"][0].verify = false;
  FakeBackend backend(config);
  inbound::SnsMessage wish = Message("");
  wish.type = "SubscriptionConfirmation";
  wish.subscribe_url = "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=t";
  backend.documents[wish.subscribe_url] = "<ok/>";
  const net::Response response = Handle(
      MakeRequest("POST", "/inbound/cloudwatch/cloudwatch-key", inbound::WriteSns(wish)), backend);
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(response.body, HasSubstr("ignored"));
  EXPECT_THAT(backend.fetched, IsEmpty());
}

TEST_F(SnsWebhookTest, WithoutVerifyAMessageThatIsRepeatedCountsOnceAllTheSame) {
  auto config = std::make_shared<config::Config>(*InboundConfig());
  config->inbound.keys["cloudwatch"][0].verify = false;
  FakeBackend backend(config);
  const auto deliver = [&](const inbound::SnsMessage& sns) {
    return Handle(MakeRequest("POST", "/inbound/cloudwatch/cloudwatch-key", inbound::WriteSns(sns)),
                  backend)
        .body;
  };
  const inbound::SnsMessage alarm = Message("ALARM");
  EXPECT_THAT(deliver(alarm), HasSubstr(R"("result":"ok")"));
  EXPECT_THAT(deliver(Message("OK")), HasSubstr(R"("result":"ok")"));
  EXPECT_THAT(deliver(alarm), HasSubstr("replayed")) << "SNS did not hear the answer";
  EXPECT_THAT(backend.counted,
              ElementsAre("cloudwatch no_severity", "cloudwatch ok", "cloudwatch replayed"));
  // Of a relay that has one id for all its messages, none is lost.
  inbound::SnsMessage other = alarm;
  other.message = R"({"AlarmName":"Disk","AlarmArn":"arn:2","NewStateValue":"ALARM"})";
  EXPECT_THAT(deliver(other), HasSubstr(R"("result":"ok")"));
}

}  // namespace
}  // namespace watchfire::api
