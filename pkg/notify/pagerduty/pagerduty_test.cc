// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/pagerduty/pagerduty.h"

#include "pkg/base/digest.h"
#include "pkg/notify/conformance.h"
#include "pkg/notify/update_for_test.h"

namespace watchfire::notify {
namespace {

using pagerduty::Options;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kKey = "0123456789abcdef0123456789abcdef";
constexpr const char* kAccepted =
    R"({"status":"success","message":"Event processed","dedup_key":"x"})";

templates::Snippet Text(const std::string& text) {
  return templates::Snippet::Parse("field", text).value();
}

// As the configuration gives it.
Options Sample() {
  Options options;
  options.routing_key = Text(kKey);
  options.url = "https://events.example.com/v2/enqueue";
  options.client = Text("{{ template \"pagerduty.default.client\" . }}");
  options.client_url = Text("{{ template \"pagerduty.default.clientURL\" . }}");
  options.description = Text("{{ template \"pagerduty.default.description\" . }}");
  options.source = options.client;
  options.event_class = Text("{{ .GroupLabels.service }}");
  options.component = Text("{{ .CommonLabels.provider }}");
  options.images = {{Text("https://example.com/{{ .Status }}.png"), Text("graph"), Text("")},
                    {Text("{{ .CommonLabels.nope }}"), Text("none"), Text("")}};
  options.links = {{Text("{{ .ExternalURL }}"), Text("<all>")}, {Text(""), Text("none")}};
  options.details = pagerduty::DefaultDetails();
  return options;
}

Options SampleV1() {
  Options options = Sample();
  options.service_key = Text(kKey);
  return options;
}

Result<std::string> ReadFile(const std::string& path) {
  if (path == "/etc/key") return "key-of-{{ .Status }}";
  if (path == "/etc/empty") return "";
  return ::watchfire::Fail(Code::kNotFound, path + ": no such file");
}

std::unique_ptr<Exchange> Start(const Options& options) {
  return pagerduty::Describe().start(std::make_shared<const Options>(options),
                                     TestContext(ReadFile));
}

std::string Payload(const Options& options, const dispatch::Notification& what = SampleFiring()) {
  return BeginRequest(*Start(options), what).body;
}

Step Answer(const Options& options, const Result<net::OutResponse>& response) {
  const auto exchange = Start(options);
  BeginRequest(*exchange, SampleFiring());
  return exchange->OnResponse(response);
}

Step Answer(const Options& options, int status, const std::string& body) {
  net::OutResponse response;
  response.status = status;
  response.body = body;
  return Answer(options, response);
}

INSTANTIATE_TEST_SUITE_P(PagerDuty, ConformanceTest,
                         testing::Values(Subject{.directory = "pkg/notify/pagerduty",
                                                 .start = [] { return Start(Sample()); },
                                                 .retry_codes = {429},
                                                 .secrets = {kKey},
                                                 .ok_body = kAccepted,
                                                 .headers = {},
                                                 .place = Subject::Place::kBody,
                                                 .unanswered = Failure::kRequest}));

TEST(PagerDutyTest, AServiceKeyMakesItVersionOne) {
  const net::OutRequest request = BeginRequest(*Start(SampleV1()), SampleFiring());
  EXPECT_EQ(request.url.reveal(), pagerduty::kUrlV1);
  EXPECT_THAT(request.body,
              testing::StartsWith("{\"service_key\":\"" + std::string(kKey) +
                                  "\",\"incident_key\":\"" + Sha256Hex(SampleFiring().group_key) +
                                  "\",\"event_type\":\"trigger\",\"description\":\""
                                  "[FIRING:1] victor-ai (critical)\","
                                  "\"event_action\":\"\",\"payload\":null,"
                                  "\"client\":\"Alertmanager\",\"client_url\":"));
  EXPECT_THAT(request.body, HasSubstr("\"details\":{\"firing\":[{"));
  const std::string resolved = Payload(SampleV1(), SampleResolved());
  EXPECT_THAT(resolved, HasSubstr("\"event_type\":\"resolve\""));
  EXPECT_THAT(resolved, Not(HasSubstr("\"client\"")));
}

TEST(PagerDutyTest, VersionOneIsLimitedWith403) {
  const Step limited = Answer(SampleV1(), 403, "slow down");
  ASSERT_TRUE(std::holds_alternative<Retry>(limited));
  EXPECT_EQ(std::get<Retry>(limited).failure, Failure::kRateLimited);
  EXPECT_TRUE(std::holds_alternative<Fail>(Answer(SampleV1(), 429, "")));
}

TEST(PagerDutyTest, TheKeyStaysTheSameFromTriggerToResolve) {
  const std::string key = "\"dedup_key\":\"" + Sha256Hex(SampleFiring().group_key) + "\"";
  EXPECT_THAT(Payload(Sample()), HasSubstr(key + ",\"event_action\":\"trigger\""));
  EXPECT_THAT(Payload(Sample(), SampleResolved()),
              HasSubstr(key + ",\"event_action\":\"resolve\""));
}

TEST(PagerDutyTest, TheKeyMayStandInAFileReadForEverySend) {
  Options options = Sample();
  options.routing_key = {};
  options.routing_key_file = "/etc/key";
  EXPECT_THAT(Payload(options), HasSubstr("\"routing_key\":\"key-of-firing\""));
  options.routing_key_file = "/etc/missing";
  const Step missing = Start(options)->Begin(SampleFiring());
  ASSERT_TRUE(std::holds_alternative<Retry>(missing));
  EXPECT_EQ(WhyOf(missing), "routing_key_file: /etc/missing: no such file");
  EXPECT_EQ(std::get<Retry>(missing).failure, Failure::kFileRead);
  options.routing_key_file = "/etc/empty";
  EXPECT_EQ(WhyOf(Start(options)->Begin(SampleFiring())), "routing key cannot be empty");
  options.service_key_file = "/etc/empty";
  EXPECT_EQ(WhyOf(Start(options)->Begin(SampleFiring())), "service key cannot be empty");
}

TEST(PagerDutyTest, SeverityIsErrorUnlessItSaysSomething) {
  Options options = Sample();
  for (const char* empty : {"", "{{ .CommonLabels.nope }}"}) {
    options.severity = Text(empty);
    EXPECT_THAT(Payload(options), HasSubstr("\"severity\":\"error\""));
  }
  options.severity = Text("{{ .CommonLabels.severity }}");
  EXPECT_THAT(Payload(options), HasSubstr("\"severity\":\"critical\""));
}

TEST(PagerDutyTest, DetailsThatDoNotFitAreReplacedByTheReason) {
  Options options = Sample();
  const std::string replaced =
      "\"custom_details\":{\"error\":\"Custom details have been removed because the original "
      "event exceeds the maximum size of 512KB\"}";
  config::TemplateTree& detail = options.details.items[0];
  // The default has the form of the event, so this is the room that it leaves.
  detail.text = Text("x");
  const size_t without = Payload(options).size() - 1;
  detail.text = Text(std::string(512'000 - without, 'x'));
  EXPECT_EQ(Payload(options).size(), 512'000U);
  EXPECT_THAT(Payload(options), Not(HasSubstr(replaced)));
  detail.text = Text(std::string(512'001 - without, 'x'));
  EXPECT_THAT(Payload(options), HasSubstr(replaced));
  // More than any template may print, each by itself or together.
  detail.text = Text("{{ range .Alerts }}{{ range $.Alerts }}" + std::string(300'000, 'x') +
                     "{{ end }}{{ end }}");
  EXPECT_THAT(Payload(options), HasSubstr(replaced));
}

TEST(PagerDutyTest, AFailingTemplateIsFinal) {
  Options options = Sample();
  options.group = Text("{{ .Nope }}");
  const Step step = Start(options)->Begin(SampleFiring());
  ASSERT_TRUE(std::holds_alternative<Fail>(step));
  EXPECT_THAT(WhyOf(step), testing::StartsWith("failed to template PagerDuty v2 message: "));
  EXPECT_EQ(std::get<Fail>(step).failure, Failure::kTemplate);
  options = SampleV1();
  options.details.items[1].text = Text("{{ .Nope }}");
  EXPECT_THAT(WhyOf(Start(options)->Begin(SampleFiring())),
              testing::StartsWith("failed to template PagerDuty details: template: field:1:3"));
}

TEST(PagerDutyTest, A400SaysWhatIsWrongWithTheEvent) {
  const Step refused = Answer(Sample(), 400,
                              R"({"status":"invalid event","message":"Event object is invalid",)"
                              R"("errors":["'severity' is bad","no )" +
                                  std::string(kKey) + R"("]})");
  ASSERT_TRUE(std::holds_alternative<Fail>(refused));
  EXPECT_EQ(std::get<Fail>(refused).failure, Failure::kClientError);
  EXPECT_EQ(WhyOf(refused),
            "unexpected status code 400: Event object is invalid: 'severity' is bad,no <secret>");
  EXPECT_EQ(WhyOf(Answer(Sample(), 400, "[]")), "unexpected status code 400: []");
}

TEST(PagerDutyTest, ARefusalInsideA202IsFinal) {
  const Step refused =
      Answer(Sample(), 202, R"({"status":"invalid event","message":"no","errors":["a"]})");
  ASSERT_TRUE(std::holds_alternative<Fail>(refused));
  EXPECT_EQ(WhyOf(refused), "PagerDuty did not take the event: invalid event: no: a");
  for (const char* body : {"", "<html>", "[]", "{}", "{\"status\":1}", kAccepted}) {
    EXPECT_TRUE(std::holds_alternative<Done>(Answer(Sample(), 202, body))) << body;
  }
}

TEST(PagerDutyTest, ATimeoutNamesTheConfiguredOne) {
  Options options = Sample();
  options.timeout = std::chrono::milliseconds(1500);
  EXPECT_EQ(BeginRequest(*Start(options), SampleFiring()).timeout, options.timeout);
  EXPECT_EQ(WhyOf(Answer(options, ::watchfire::Fail(Code::kTimeout, "too slow"))),
            "configured pagerduty timeout reached (1.5s): too slow");
}

TEST(PagerDutyTest, LongSummariesAreCut) {
  Options options = Sample();
  options.description = Text(std::string(2000, 's'));
  const std::string cut = std::string(1023, 's') + "\u2026\"";
  EXPECT_THAT(Payload(options), HasSubstr("\"summary\":\"" + cut));
  options.service_key = Text("k");
  EXPECT_THAT(Payload(options), HasSubstr("\"description\":\"" + cut));
}

TEST(PagerDutyTest, AcksAndResolvesAreEventsUnderTheKeyOfThePages) {
  const unsigned takes = pagerduty::Describe().kind.takes(nullptr, false);
  EXPECT_EQ(takes, unsigned{config::kVendorAcknowledge} | config::kVendorResolve);
  for (const config::VendorAct act : config::kVendorActs) {
    if ((takes & act) == 0) continue;
    const std::string body = Payload(Sample(), SampleUpdate(act));
    EXPECT_THAT(body, HasSubstr("\"dedup_key\":\"" + Sha256Hex(SampleFiring().group_key) + "\""));
    EXPECT_THAT(body, Not(HasSubstr("custom_details")));
    ExpectUpdateGolden("pkg/notify/pagerduty", act, body);
  }
}

TEST(PagerDutyTest, EventsV1AcknowledgeAndResolveAsWell) {
  EXPECT_THAT(
      Payload(SampleV1(), SampleUpdate(config::kVendorAcknowledge)),
      testing::AllOf(HasSubstr(R"("event_type":"acknowledge")"),
                     HasSubstr("ada acknowledged it in Watchfire"), HasSubstr("\"incident_key\"")));
  EXPECT_THAT(Payload(SampleV1(), SampleUpdate(config::kVendorResolve)),
              HasSubstr(R"("event_type":"resolve")"));
}

TEST(PagerDutyTest, AnAckThatIsLimitedIsRetriedAndARefusedOneIsNot) {
  const auto answer = [](int status) {
    const auto exchange = Start(Sample());
    BeginRequest(*exchange, SampleUpdate(config::kVendorAcknowledge));
    net::OutResponse response;
    response.status = status;
    return exchange->OnResponse(response);
  };
  EXPECT_TRUE(std::holds_alternative<Done>(answer(202)));
  EXPECT_TRUE(std::holds_alternative<Retry>(answer(429)));
  EXPECT_TRUE(std::holds_alternative<Retry>(answer(503)));
  EXPECT_TRUE(std::holds_alternative<Fail>(answer(400)));
}

}  // namespace
}  // namespace watchfire::notify
