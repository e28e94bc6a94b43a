// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/twilio/twilio.h"

#include <map>

#include "pkg/base/digest.h"
#include "pkg/base/strings.h"
#include "pkg/notify/conformance.h"

namespace watchfire::notify {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using twilio::Channel;
using twilio::Options;

constexpr const char* kToken = "t0ken-of-the-account";
constexpr const char* kQueued = R"({"sid":"SM12","status":"queued","error_code":null})";

templates::Snippet Text(const std::string& text) {
  return templates::Snippet::Parse("field", text).value();
}

Options Sample(Channel channel = Channel::kSms) {
  Options options;
  options.api_url = "https://api.example.com";
  options.account_sid = "AC" + std::string(32, '0');
  options.auth_token.value = Secret(kToken);
  options.channel = channel;
  options.to = Text("+15550{{ len .Alerts }}");
  options.from = Text("+15551111");
  options.message = Text("{{ .Status }}: \"{{ .GroupLabels.service }}\" & <more>");
  return options;
}

std::unique_ptr<Exchange> Start(const Options& options) {
  return twilio::Describe().start(std::make_shared<const Options>(options), TestContext(nullptr));
}

// The fields of the request, one a line.
std::string Form(const net::OutRequest& request) {
  std::string out;
  for (const std::string_view pair : Split(request.body, '&')) {
    const size_t equals = pair.find('=');
    out += std::string(pair.substr(0, equals)) + " = " +
           UrlDecode(pair.substr(equals + 1), /*plus_is_space=*/true) + "\n";
  }
  return out;
}

std::string Field(const Options& options, const std::string& name,
                  const dispatch::Notification& what = SampleFiring()) {
  const std::string form = "\n" + Form(BeginRequest(*Start(options), what));
  const size_t at = form.find("\n" + name + " = ");
  if (at == std::string::npos) return "";
  const size_t begin = at + name.size() + 4;
  // Others follow in a line of their own; a body may have several.
  return form.substr(begin, form.size() - 1 - begin);
}

net::OutResponse Response(int status, const std::string& body) {
  net::OutResponse response;
  response.status = status;
  response.body = body;
  return response;
}

Options WithAck() {
  Options options = Sample(Channel::kCall);
  options.ack_url = Text("https://wf.example.com/inbound/twilio/inb0und-k3y");
  options.language = "en-GB";
  return options;
}

INSTANTIATE_TEST_SUITE_P(
    Twilio, ConformanceTest,
    testing::Values(Subject{.directory = "pkg/notify/twilio",
                            .start = [] { return Start(Sample()); },
                            .retry_codes = {429},
                            .secrets = {kToken},
                            .ok_body = R"({"sid":"SM12","status":"sent"})",
                            .place = Subject::Place::kNone,
                            .golden = "sms-",
                            .content_type = "application/x-www-form-urlencoded",
                            .show = Form},
                    Subject{.directory = "pkg/notify/twilio",
                            .start = [] { return Start(WithAck()); },
                            .retry_codes = {429},
                            .secrets = {kToken, "inb0und-k3y"},
                            .ok_body = R"({"sid":"CA12","status":"in-progress"})",
                            .place = Subject::Place::kBody,
                            .golden = "call-",
                            .content_type = "application/x-www-form-urlencoded",
                            .show = Form}));

TEST(TwilioTest, MessagesAndCallsHaveTheirResources) {
  const auto url = [](Channel channel) {
    return BeginRequest(*Start(Sample(channel)), SampleFiring()).url.reveal();
  };
  const std::string account =
      "https://api.example.com/2010-04-01/Accounts/AC" + std::string(32, '0');
  EXPECT_EQ(url(Channel::kSms), account + "/Messages.json");
  EXPECT_EQ(url(Channel::kCall), account + "/Calls.json");
}

TEST(TwilioTest, AServiceMaySendInsteadOfANumber) {
  Options options = Sample();
  options.from = {};
  options.messaging_service_sid = Text("MG12");
  const std::string form = Form(BeginRequest(*Start(options), SampleFiring()));
  EXPECT_THAT(form, AllOf(HasSubstr("MessagingServiceSid = MG12\n"), Not(HasSubstr("From"))));
}

TEST(TwilioTest, TextsAreCutToWhatIsTaken) {
  Options options = Sample();
  options.message = Text(std::string(1599, 'x') + "\u00fc" + "y");
  EXPECT_EQ(Field(options, "Body"), std::string(1599, 'x') + "\u2026");
  options.channel = Channel::kCall;
  options.message = Text(std::string(3000, '&'));
  const std::string twiml = Field(options, "Twiml");
  EXPECT_LE(twiml.size(), 4000U);
  EXPECT_GE(twiml.size(), 3980U);
  EXPECT_THAT(twiml, testing::EndsWith("&amp;\u2026</Say></Response>"));
}

TEST(TwilioTest, ALongMessageKeepsItsLink) {
  const std::string link = "https://wf.example.com/ack/" + std::string(100, 'a');
  Options options = Sample();
  options.message = Text(std::string(1700, 'x') + "\nAcknowledge: {{ ackURL }}\n{{ .Status }}");
  Context context = TestContext(nullptr);
  context.ack_url = link;
  const auto exchange = twilio::Describe().start(std::make_shared<const Options>(options), context);
  const std::string form = Form(BeginRequest(*exchange, SampleFiring()));
  const std::string body = form.substr(form.find("Body = ") + 7);
  EXPECT_EQ(body, std::string(1600 - link.size() - 2, 'x') + "\u2026\n" + link + "\n");
}

TEST(TwilioTest, NothingIsAskedWhereNobodyTakesTheAnswer) {
  EXPECT_EQ(Field(Sample(Channel::kCall), "Twiml"),
            "<Response><Pause length=\"1\"/><Say>firing: &quot;victor-ai&quot; &amp; &lt;more&gt;"
            "</Say><Pause length=\"1\"/><Say>firing: &quot;victor-ai&quot; &amp; &lt;more&gt;</Say>"
            "</Response>");
}

TEST(TwilioTest, TheAnswerGoesToTheAckUrlWithTheIncidentsIdentity) {
  const std::string id = "entity_id=" + Sha256Hex(SampleFiring().group_key);
  EXPECT_THAT(Field(WithAck(), "Twiml"),
              HasSubstr("<Gather input=\"dtmf\" numDigits=\"1\" timeout=\"10\" method=\"POST\" "
                        "action=\"https://wf.example.com/inbound/twilio/inb0und-k3y?" +
                        id + "\">"));
  Options options = WithAck();
  options.ack_url = Text("{{ .ExternalURL }}/ack?key=a");
  EXPECT_THAT(Field(options, "Twiml"),
              HasSubstr("action=\"http://localhost:9093/ack?key=a&amp;" + id));
  options.ack_url = Text("ftp://h/s3cret");
  EXPECT_EQ(WhyOf(Start(options)->Begin(SampleFiring())),
            "the ack_url is not one of http or https with a host");
  options.ack_url = Text("https://h/s3cret/{{ .Nope }}");
  EXPECT_THAT(WhyOf(Start(options)->Begin(SampleFiring())), Not(HasSubstr("s3cret")));
}

// Takes the message with `first` and answers what is asked then; what comes of it.
std::vector<std::string> Walk(Channel channel, const std::string& first,
                              const std::vector<Result<net::OutResponse>>& answers) {
  const auto exchange = Start(Sample(channel));
  BeginRequest(*exchange, SampleFiring());
  Step step = exchange->OnResponse(Response(201, first));
  std::vector<std::string> out;
  for (size_t i = 0;; ++i) {
    if (auto* send = std::get_if<Send>(&step)) {
      const auto delay = std::chrono::duration_cast<std::chrono::seconds>(send->request.delay);
      const std::string url = send->request.url.reveal();
      out.push_back(send->request.method + " " + url.substr(url.find("000/") + 3) + " after " +
                    std::to_string(delay.count()));
      if (i >= answers.size()) return out;
      step = exchange->OnResponse(answers[i]);
      continue;
    }
    const bool done = std::holds_alternative<Done>(step);
    out.push_back(done ? "done"
                       : (std::holds_alternative<Retry>(step) ? "retry " : "fail ") + WhyOf(step));
    return out;
  }
}

TEST(TwilioTest, WhatIsQueuedIsFollowedUp) {
  EXPECT_THAT(
      Walk(Channel::kSms, kQueued,
           {Response(200, R"({"status":"sending"})"), Response(200, R"({"status":"sent"})")}),
      testing::ElementsAre("GET /Messages/SM12.json after 1", "GET /Messages/SM12.json after 2",
                           "done"));
  const Result<net::OutResponse> queued = Response(200, kQueued);
  EXPECT_THAT(
      Walk(Channel::kSms, kQueued, {queued, queued, queued}),
      testing::ElementsAre("GET /Messages/SM12.json after 1", "GET /Messages/SM12.json after 2",
                           "GET /Messages/SM12.json after 3", "done"));
}

TEST(TwilioTest, WhatCameToNothingIsAFailure) {
  const auto end = [](Channel channel, const std::string& status) {
    return Walk(channel, kQueued, {Response(200, status)}).back();
  };
  EXPECT_EQ(end(Channel::kSms,
                R"({"status":"undelivered","error_code":30003,"error_message":"Unreachable"})"),
            "fail Twilio's message is undelivered: error 30003: Unreachable");
  EXPECT_EQ(end(Channel::kSms, R"({"status":"failed","error_code":null})"),
            "fail Twilio's message is failed");
  EXPECT_EQ(end(Channel::kCall, R"({"status":"busy"})"), "retry Twilio's call found nobody: busy");
  EXPECT_EQ(end(Channel::kCall, R"({"status":"no-answer"})"),
            "retry Twilio's call found nobody: no-answer");
  EXPECT_EQ(end(Channel::kCall, R"({"status":"failed"})"), "fail Twilio's call is failed");
}

// Another attempt would be another message.
TEST(TwilioTest, AStatusThatCannotBeHadLeavesItAtWhatWasTaken) {
  for (const Result<net::OutResponse>& answer :
       {Result<net::OutResponse>(Response(500, "")), Result<net::OutResponse>(Response(429, "")),
        Result<net::OutResponse>(Response(200, "<html>")),
        Result<net::OutResponse>(::watchfire::Fail(Code::kTimeout, "late"))}) {
    EXPECT_EQ(Walk(Channel::kSms, kQueued, {answer}).back(), "done");
  }
}

TEST(TwilioTest, ErrorsAreReadFromTheAnswer) {
  const auto exchange = Start(Sample());
  BeginRequest(*exchange, SampleFiring());
  EXPECT_EQ(WhyOf(exchange->OnResponse(Response(
                400, R"({"code":21211,"message":"Invalid 'To' Phone Number: 7",)"
                     R"("more_info":"https://www.twilio.com/docs/errors/21211","status":400})"))),
            "unexpected status code 400: 21211: Invalid 'To' Phone Number: 7");
}

TEST(TwilioTest, AFailingTemplateIsFinal) {
  Options options = Sample();
  options.message = Text("{{ .Nope }}");
  EXPECT_TRUE(std::holds_alternative<Fail>(Start(options)->Begin(SampleFiring())));
}

}  // namespace
}  // namespace watchfire::notify
