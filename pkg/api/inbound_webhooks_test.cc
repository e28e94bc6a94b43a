// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// POST /inbound/{kind}/{key}.

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
  const net::Response opened = Post("/inbound/grafana/good-key", Grafana("firing"));
  EXPECT_EQ(opened.status, 200);
  EXPECT_EQ(opened.body, R"({"status":"success","data":{"result":"ok","alerts":2}})");
  EXPECT_THAT(Firing(), SizeIs(2));
  EXPECT_THAT(Firing(), Contains(R"({alertname="A", entity_id="1:f1", severity="critical", )"
                                 R"(source="grafana", team="core"})"));
  EXPECT_THAT(backend_.counted, ElementsAre("grafana ok", "grafana no_severity"));
  backend_.Pass(std::chrono::seconds(2));
  EXPECT_TRUE(HasIncidents());
  EXPECT_EQ(Post("/inbound/grafana/good-key", Grafana("resolved")).status, 200);
  EXPECT_THAT(Firing(), IsEmpty());
}

TEST_F(InboundTest, TwoWordsAboutOneEntityInOneBodyAreOneAlert) {
  const std::string body =
      R"({"alerts":[{"status":"firing","fingerprint":"f","labels":{"alertname":"A"}},)"
      R"({"status":"firing","fingerprint":"f","labels":{"alertname":"A","x":"y"}},)"
      R"({"status":"resolved","fingerprint":"f","labels":{"alertname":"A"}}]})";
  EXPECT_EQ(Post("/inbound/grafana/good-key", body).status, 200);
  EXPECT_THAT(Firing(), IsEmpty());
}

TEST_F(InboundTest, UnknownKindsAndForgedKeysChangeNothing) {
  EXPECT_EQ(Post("/inbound/nagios/good-key", "{}").status, 404);
  EXPECT_EQ(Post("/inbound/opsgenie/good-key", "{}").status, 404);
  for (const char* kind :
       {"grafana", "datadog", "cloudwatch", "azuremonitor", "gcp", "splunk", "generic"}) {
    const std::string path = std::string("/inbound/") + kind;
    const net::Response forged = Post(path + "/bad-key", Grafana("firing"));
    EXPECT_EQ(forged.status, 403) << kind;
    EXPECT_THAT(forged.body, Not(HasSubstr("bad-key")));
    EXPECT_THAT(backend_.counted, Contains(std::string(kind) + " bad_key"));
    for (const char* body : {"", "nonsense", "[]", "{}", "{\"a\":"}) {
      EXPECT_EQ(Post(path + "/good-key", body).status, 400) << kind << body;
    }
    EXPECT_EQ(Post(path + "/good-key", std::string(2 << 20, ' ')).status, 413);
  }
  EXPECT_THAT(Firing(), IsEmpty());
  backend_.busy = true;
  EXPECT_EQ(Post("/inbound/grafana/good-key", Grafana("firing")).status, 503);
}

class SnsWebhookTest : public InboundTest {
 protected:
  inbound::SnsMessage Message(const std::string& state) {
    inbound::SnsMessage sns;
    sns.type = "Notification";
    sns.message_id = "m";
    sns.topic_arn = "arn";
    sns.message = R"({"AlarmName":"CPU","AlarmArn":"arn:1","NewStateValue":")" + state + R"("})";
    sns.timestamp = FormatRfc3339(backend_.Now());
    sns.signing_cert_url = kCertificate;
    return sns;
  }
  net::Response Deliver(const inbound::SnsMessage& sns) {
    return Post("/inbound/cloudwatch/good-key", inbound::WriteSns(sns));
  }
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
}

TEST_F(SnsWebhookTest, WithoutAGoodSignatureNothingHappens) {
  inbound::SnsMessage alarm = Message("ALARM");
  SignSns(&alarm, aws_, "2");
  EXPECT_EQ(Deliver(alarm).status, 503) << "no certificate can be had: SNS comes again";
  backend_.documents[kCertificate] = Identity("another").CertificatePem();
  EXPECT_EQ(Deliver(alarm).status, 403);
  backend_.documents[kCertificate] = aws_.CertificatePem();
  alarm.message += " ";
  EXPECT_EQ(Deliver(alarm).status, 403);
  alarm.signing_cert_url = "https://evil.example/c.pem";
  backend_.documents["https://evil.example/c.pem"] = aws_.CertificatePem();
  EXPECT_EQ(Deliver(alarm).status, 403);
  EXPECT_THAT(Firing(), IsEmpty());
  EXPECT_THAT(backend_.fetched, testing::Each(kCertificate)) << "nobody else is asked";
  EXPECT_THAT(backend_.counted,
              ElementsAre("cloudwatch unverified", "cloudwatch bad_signature",
                          "cloudwatch bad_signature", "cloudwatch bad_signature"));
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

}  // namespace
}  // namespace watchfire::api
