// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Pushover, WeCom, SNS and signed webhooks against pagersim, over real sockets.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/notify/pushover/pushover.h"
#include "pkg/notify/wechat/wechat.h"
#include "tests/e2e/deliver.h"
#include "tests/e2e/process.h"

namespace watchfire::e2e {
namespace {

using testing::HasSubstr;

class PushTest : public testing::Test {
 protected:
  // The body of pagersim's answer to a request of ours.
  std::string Ask(const std::string& method, const std::string& path,
                  const std::string& body = "") {
    net::OutRequest request;
    request.method = method;
    request.url = Secret(url_ + path);
    request.body = body;
    auto promise = std::make_shared<Promise<Result<net::OutResponse>>>();
    client_.Send(std::move(request), [promise](Result<net::OutResponse> response) {
      promise->Set(std::move(response));
    });
    const auto answer = promise->Wait(std::chrono::steady_clock::now() + std::chrono::seconds(20));
    return answer && *answer ? (*answer)->body : "";
  }
  std::string Pages() { return Ask("GET", "/api/pages"); }

  std::shared_ptr<const config::Config> Wechat(const std::string& secret = "s") const {
    return LoadReceiver(
        "wechat_api_url: '" + url_ + "/cgi-bin', wechat_api_corp_id: c",
        "  wechat_configs: [{api_secret: " + secret + ", to_user: '@all', agent_id: '1'}]\n");
  }
  std::shared_ptr<const config::Config> Sns(const std::string& keys,
                                            const std::string& secret = "pagersim-secret") const {
    return LoadReceiver("", "  sns_configs: [{api_url: '" + url_ +
                                "', sigv4: {region: r, access_key: AKIDPAGERSIM, secret_key: " +
                                secret + "}, " + keys + "}]\n");
  }
  // Its URL cannot be configured.
  Outcome Pushover(const std::string& keys) {
    const auto config = LoadReceiver("", "  pushover_configs: [{" + keys + "}]\n");
    if (config == nullptr) return {notify::Fail{"no configuration"}};
    auto options = std::make_shared<notify::pushover::Options>(
        *std::static_pointer_cast<const notify::pushover::Options>(
            config->receivers[0].integrations[0].options));
    options->api_url = url_ + "/1/messages.json";
    const auto exchange = notify::pushover::Describe().start(options, RealContext(config));
    return Drive(client_, *exchange, notify::SampleFiring());
  }

  Process pagersim_{Process::Options{
      "pagersim",
      {"--victorops.key=k", "--listen=127.0.0.1:0", "--webhook.signing-secret=s1gning"}}};
  const std::string url_ = "http://" + pagersim_.WaitForAddress();
  net::Client client_{net::Client::Options{.user_agent = "Watchfire/test"}};
};

std::string Keys() {
  return "user_key: " + std::string(30, 'u') + ", token: " + std::string(30, 't');
}

TEST_F(PushTest, PushoverTakesAnEmergency) {
  const Outcome outcome = Pushover(Keys() + ", sound: siren");
  ASSERT_TRUE(outcome.done()) << outcome.why();
  const std::string pages = Pages();
  EXPECT_THAT(pages, HasSubstr(R"("priority":"2")"));
  EXPECT_THAT(pages, HasSubstr(R"x("title":"[FIRING:1] victor-ai (critical)")x"));
  EXPECT_THAT(pages, HasSubstr(R"("sound":"siren")"));
  EXPECT_THAT(pages, Not(HasSubstr("tttt")));
}

TEST_F(PushTest, PushoverRefusesAWrongKeyAndForAReason) {
  const Outcome outcome = Pushover("user_key: unknown-one, token: " + std::string(30, 't'));
  ASSERT_TRUE(outcome.failed());
  EXPECT_THAT(outcome.why(), HasSubstr("unexpected status code 400"));
  EXPECT_THAT(outcome.why(), HasSubstr("user identifier is not a valid user"));
  EXPECT_THAT(Pushover(Keys() + ", retry: 10s").why(), HasSubstr("retry must be at least 30"));
}

TEST_F(PushTest, PushoverIsTriedAgainWhenItFails) {
  Ask("POST", "/api/behaviour", R"({"status":503,"retry_after_s":7})");
  const Outcome failing = Pushover(Keys());
  ASSERT_TRUE(failing.retried());
  EXPECT_EQ(std::get<notify::Retry>(failing.step).after, std::chrono::seconds(7));
  Ask("POST", "/api/behaviour", R"({"status":429})");
  EXPECT_TRUE(Pushover(Keys()).failed());
  Ask("POST", "/api/behaviour", R"({"cut":true})");
  const Outcome cut = Pushover(Keys());
  EXPECT_TRUE(cut.retried());
  EXPECT_TRUE(cut.unclear);
  EXPECT_THAT(cut.why(), Not(HasSubstr("tttt")));
}

TEST_F(PushTest, WechatFetchesOneTokenForManyMessages) {
  const auto config = Wechat();
  const Outcome first = Deliver(client_, config);
  ASSERT_TRUE(first.done()) << first.why();
  EXPECT_EQ(first.requests, 2);
  EXPECT_EQ(Deliver(client_, config, notify::SampleResolved()).requests, 1);
  EXPECT_THAT(Pages(), HasSubstr(R"("touser":"@all","agentid":"1","safe":"0","msgtype":"text")"));
}

TEST_F(PushTest, WechatReplacesATokenThatIsNotTaken) {
  const auto config = Wechat();
  const auto options = std::static_pointer_cast<const notify::wechat::Options>(
      config->receivers[0].integrations[0].options);
  options->tokens->With([](auto& tokens) {
    tokens["c\ns"] = {"old", std::chrono::system_clock::now()};
  });
  const Outcome outcome = Deliver(client_, config);
  ASSERT_TRUE(outcome.done()) << outcome.why();
  EXPECT_EQ(outcome.requests, 3);
}

TEST_F(PushTest, WechatRefusals) {
  const Outcome wrong = Deliver(client_, Wechat("wrong"));
  ASSERT_TRUE(wrong.failed());
  EXPECT_EQ(wrong.why(), "invalid APISecret for CorpID: c: errcode 40001: invalid credential");
  const auto nobody =
      LoadReceiver("wechat_api_url: '" + url_ + "/cgi-bin', wechat_api_corp_id: c",
                   "  wechat_configs: [{api_secret: s3cret-of-ours, agent_id: '1'}]\n");
  EXPECT_EQ(Deliver(client_, nobody).why(), "errcode 81013: user & party & tag all invalid");
  Ask("POST", "/api/behaviour", R"({"status":502})");
  EXPECT_TRUE(Deliver(client_, Wechat()).retried());
}

TEST_F(PushTest, SnsTakesWhatIsSigned) {
  const Outcome outcome = Deliver(
      client_, Sns("topic_arn: 'arn:aws:sns:r:1:pages.fifo', attributes: {team: 'a b/\u00fc'}"));
  ASSERT_TRUE(outcome.done()) << outcome.why();
  EXPECT_THAT(Pages(), HasSubstr("MessageGroupId="));
  EXPECT_TRUE(Deliver(client_, Sns("phone_number: '+4917012345'")).done());
}

// Amazon takes a message whose deduplication id it has seen, and delivers it to nobody.
TEST_F(PushTest, ARecoveryRightBehindItsPageIsDeliveredByAFifoTopic) {
  const auto config = Sns("topic_arn: 'arn:aws:sns:r:1:pages.fifo'");
  ASSERT_TRUE(Deliver(client_, config).done());
  EXPECT_TRUE(Deliver(client_, config).done());  // Again after a crash: folded.
  ASSERT_TRUE(Deliver(client_, config, notify::SampleResolved()).done());
  EXPECT_EQ(Ask("GET", "/api/sns"),
            "[\"[FIRING:1] victor-ai (critical)\",\"[RESOLVED] victor-ai (critical)\"]\n");
}

TEST_F(PushTest, SnsRefusals) {
  const std::string topic = "topic_arn: 'arn:aws:sns:r:1:pages'";
  const Outcome wrong = Deliver(client_, Sns(topic, "other-secret"));
  ASSERT_TRUE(wrong.failed());
  EXPECT_THAT(wrong.why(), HasSubstr("unexpected status code 403: SignatureDoesNotMatch: "));
  EXPECT_THAT(Deliver(client_, Sns("phone_number: '0170'")).why(),
              HasSubstr("InvalidParameter: Invalid parameter: PhoneNumber"));
  Ask("POST", "/api/behaviour", R"({"status":500})");
  EXPECT_TRUE(Deliver(client_, Sns(topic)).retried());
}

TEST_F(PushTest, SnsTakesOnARole) {
  const auto config =
      LoadReceiver("", "  sns_configs: [{api_url: '" + url_ +
                           "', topic_arn: 'arn:aws:sns:r:1:pages', sigv4: {region: r, access_key: "
                           "AKIDPAGERSIM, secret_key: pagersim-secret, role_arn: 'arn:aws:iam::1:"
                           "role/pager'}}]\n");
  notify::Context context = RealContext(config);
  context.environment = [this](const std::string& name) {
    return name == "AWS_ENDPOINT_URL_STS" ? url_ : "";
  };
  const auto deliver = [&] {
    const auto exchange = notify::builtin::Start(config->receivers[0].integrations[0], context);
    return Drive(client_, *exchange, notify::SampleFiring());
  };
  const Outcome first = deliver();
  ASSERT_TRUE(first.done()) << first.why();
  EXPECT_EQ(first.requests, 2);
  EXPECT_EQ(deliver().requests, 1);
}

TEST_F(PushTest, ASignedWebhookIsTakenAndAnUnsignedOneIsNot) {
  const auto deliver = [&](const std::string& keys) {
    return Deliver(client_, LoadReceiver("", "  webhook_configs: [{url: '" + url_ + "/webhook/x'" +
                                                 keys + "}]\n"));
  };
  const Outcome taken = deliver(", signing_secret: s1gning");
  EXPECT_TRUE(taken.done()) << taken.why();
  EXPECT_THAT(deliver(", signing_secret: other").why(), HasSubstr("no signature of ours"));
  EXPECT_THAT(deliver("").why(), HasSubstr("unexpected status code 401"));
}

}  // namespace
}  // namespace watchfire::e2e
