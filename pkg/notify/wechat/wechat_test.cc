// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/wechat/wechat.h"

#include "pkg/notify/conformance.h"

namespace watchfire::notify {
namespace {

using testing::HasSubstr;
using wechat::Options;

constexpr const char* kToken =
    R"({"errcode":0,"errmsg":"ok","access_token":"t0k/en","expires_in":7200})";
constexpr const char* kOk = R"({"errcode":0,"errmsg":"ok","msgid":"m"})";

templates::Snippet Text(const std::string& text) {
  return templates::Snippet::Parse("field", text).value();
}

Options Sample() {
  Options options;
  options.api_secret = Text("s3cret/x");
  options.api_url = "https://qyapi.example.com/cgi-bin/";
  options.corp_id = Text("ww1");
  options.message = Text("{{ template \"wechat.default.message\" . }}");
  options.to_user = Text("@all");
  options.agent_id = Text("1000002");
  return options;
}

Result<std::string> ReadFile(const std::string& path) {
  if (path == "/etc/secret") return "from-file";
  return ::watchfire::Fail(Code::kNotFound, path + ": no such file");
}

std::unique_ptr<Exchange> Start(const std::shared_ptr<const Options>& options,
                                Duration later = Duration::zero()) {
  Context context = TestContext(ReadFile);
  context.now = [later] { return SampleFiring().at + later; };
  return wechat::Describe().start(options, context);
}
std::unique_ptr<Exchange> Start(const Options& options) {
  return Start(std::make_shared<const Options>(options));
}

net::OutResponse Ok(const std::string& body) {
  net::OutResponse response;
  response.status = 200;
  response.body = body;
  return response;
}

net::OutRequest Sent(Step step) {
  EXPECT_TRUE(std::holds_alternative<Send>(step)) << WhyOf(step);
  auto* send = std::get_if<Send>(&step);
  return send != nullptr ? std::move(send->request) : net::OutRequest();
}

// Fetches a token and gets to the message.
net::OutRequest Reach(Exchange& exchange, const dispatch::Notification& what) {
  BeginRequest(exchange, what);
  return Sent(exchange.OnResponse(Ok(kToken)));
}

Step AnswerMessage(const std::string& body) {
  const auto exchange = Start(Sample());
  Reach(*exchange, SampleFiring());
  return exchange->OnResponse(Ok(body));
}

Subject Conformance() {
  Subject subject;
  subject.directory = "pkg/notify/wechat";
  subject.start = [] { return Start(Sample()); };
  for (int code = 100; code < 500; ++code) {
    if (code / 100 != 2) subject.retry_codes.push_back(code);
  }
  subject.secrets = {"s3cret/x", "s3cret%2Fx", "t0k/en", "t0k%2Fen"};
  subject.ok_body = kOk;
  subject.reach = Reach;
  return subject;
}
INSTANTIATE_TEST_SUITE_P(Wechat, ConformanceTest, testing::Values(Conformance()));

TEST(WechatTest, ATokenIsFetchedBeforeTheMessage) {
  const auto exchange = Start(Sample());
  const net::OutRequest first = BeginRequest(*exchange, SampleFiring());
  EXPECT_EQ(first.method, "GET");
  EXPECT_EQ(first.url.reveal(),
            "https://qyapi.example.com/cgi-bin/gettoken?corpid=ww1&corpsecret=s3cret%2Fx");
  EXPECT_EQ(first.shown_url,
            "https://qyapi.example.com/cgi-bin/gettoken?corpid=ww1&corpsecret=<secret>");
  const net::OutRequest second = Sent(exchange->OnResponse(Ok(kToken)));
  EXPECT_EQ(second.url.reveal(),
            "https://qyapi.example.com/cgi-bin/message/send?access_token=t0k%2Fen");
  EXPECT_TRUE(std::holds_alternative<Done>(exchange->OnResponse(Ok(kOk))));
}

TEST(WechatTest, ATokenIsGoodForTwoHoursAndForAllDeliveries) {
  const auto options = std::make_shared<const Options>(Sample());
  Reach(*Start(options), SampleFiring());
  const auto method = [&](Duration later) {
    return BeginRequest(*Start(options, later), SampleFiring()).method;
  };
  EXPECT_EQ(method(std::chrono::minutes(119)), "POST");
  EXPECT_EQ(method(std::chrono::hours(2)), "GET");
  Options other = *options;
  other.api_secret = Text("another");
  EXPECT_EQ(BeginRequest(*Start(other), SampleFiring()).method, "GET");
}

TEST(WechatTest, ARefusedTokenIsReplacedOnce) {
  for (const char* code : {"40014", "42001"}) {
    const auto options = std::make_shared<const Options>(Sample());
    const auto exchange = Start(options);
    Reach(*exchange, SampleFiring());
    const std::string refusal =
        std::string("{\"errcode\":") + code + ",\"errmsg\":\"invalid access_token t0k/en\"}";
    EXPECT_EQ(Sent(exchange->OnResponse(Ok(refusal))).method, "GET");
    const auto renewed = Ok(R"({"errcode":0,"access_token":"n3w"})");
    EXPECT_THAT(Sent(exchange->OnResponse(renewed)).url.reveal(), HasSubstr("=n3w"));
    const Step again = exchange->OnResponse(Ok(refusal));
    ASSERT_TRUE(std::holds_alternative<Retry>(again)) << code;
    EXPECT_EQ(BeginRequest(*Start(options), SampleFiring()).method, "GET");
  }
}

TEST(WechatTest, OtherRefusalsAreFinalUnlessTheVendorIsBusy) {
  const Step refused = AnswerMessage(R"({"errcode":81013,"errmsg":"user & party all invalid"})");
  ASSERT_TRUE(std::holds_alternative<Fail>(refused));
  EXPECT_EQ(WhyOf(refused), "errcode 81013: user & party all invalid");
  EXPECT_TRUE(std::holds_alternative<Retry>(AnswerMessage(R"({"errcode":-1,"errmsg":"busy"})")));
  for (const char* body : {"", "<html>", "[]"}) {
    EXPECT_TRUE(std::holds_alternative<Retry>(AnswerMessage(body))) << body;
  }
}

TEST(WechatTest, AWrongSecretIsFinal) {
  const auto exchange = Start(Sample());
  BeginRequest(*exchange, SampleFiring());
  const Step step =
      exchange->OnResponse(Ok(R"({"errcode":40001,"errmsg":"invalid credential s3cret/x"})"));
  ASSERT_TRUE(std::holds_alternative<Fail>(step));
  EXPECT_EQ(std::get<Fail>(step).failure, Failure::kAuth);
  EXPECT_EQ(WhyOf(step),
            "invalid APISecret for CorpID: ww1: errcode 40001: invalid credential <secret>");
}

TEST(WechatTest, MarkdownStandsInItsOwnField) {
  Options options = Sample();
  options.message_type = "markdown";
  options.message = Text("**{{ .Status }}**");
  options.to_user = Text("");
  options.to_party = Text("7");
  options.to_tag = Text("{{ .GroupLabels.service }}");
  EXPECT_EQ(Reach(*Start(options), SampleFiring()).body,
            "{\"text\":{\"content\":\"\"},\"toparty\":\"7\",\"totag\":\"victor-ai\","
            "\"agentid\":\"1000002\",\"safe\":\"0\",\"msgtype\":\"markdown\","
            "\"markdown\":{\"content\":\"**firing**\"}}\n");
}

TEST(WechatTest, TheSecretMayStandInAFile) {
  Options options = Sample();
  options.api_secret_file = "/etc/secret";
  EXPECT_THAT(BeginRequest(*Start(options), SampleFiring()).url.reveal(),
              testing::EndsWith("corpsecret=from-file"));
  options.api_secret_file = "/etc/none";
  const Step step = Start(options)->Begin(SampleFiring());
  ASSERT_TRUE(std::holds_alternative<Retry>(step));
  EXPECT_EQ(WhyOf(step), "api_secret_file: /etc/none: no such file");
}

TEST(WechatTest, AFailingTemplateIsFinal) {
  Options options = Sample();
  options.to_tag = Text("{{ .Nope }}");
  const Step step = Start(options)->Begin(SampleFiring());
  ASSERT_TRUE(std::holds_alternative<Fail>(step));
  EXPECT_THAT(WhyOf(step), testing::StartsWith("templating error: "));
  EXPECT_EQ(std::get<Fail>(step).failure, Failure::kTemplate);
}

}  // namespace
}  // namespace watchfire::notify
