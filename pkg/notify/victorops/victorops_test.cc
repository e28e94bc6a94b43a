// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/victorops/victorops.h"

#include "pkg/base/digest.h"
#include "pkg/base/strings.h"
#include "pkg/notify/conformance.h"
#include "pkg/notify/update_for_test.h"

namespace watchfire::notify {
namespace {

using testing::HasSubstr;
using victorops::Options;

templates::Snippet Text(const std::string& text) {
  return templates::Snippet::Parse("field", text).value();
}

// As the configuration gives it.
Options Sample() {
  Options options;
  options.message_type = Text("CRITICAL");
  options.state_message = Text("{{ template \"victorops.default.state_message\" . }}");
  options.entity_display_name = Text("{{ template \"victorops.default.entity_display_name\" . }}");
  options.monitoring_tool = Text("{{ template \"victorops.default.monitoring_tool\" . }}");
  options.api_key = Secret("k3y/with space");
  options.api_url = "https://alert.example.com/integrations/generic/20131114/alert/";
  options.routing_key = Text("{{ .GroupLabels.service }}");
  options.custom_fields = {{"environment", Text("production")}, {"zone", Text("<{{ \"eu\" }}>")}};
  return options;
}

Result<std::string> ReadFile(const std::string& path) {
  if (path == "/etc/key") return "key-from-file";
  if (path == "/etc/empty") return "";
  return ::watchfire::Fail(Code::kNotFound, path + ": no such file");
}

std::unique_ptr<Exchange> Start(const Options& options) {
  return victorops::Describe().start(std::make_shared<const Options>(options),
                                     TestContext(ReadFile));
}

Step Answer(int status, const std::string& body) {
  const auto exchange = Start(Sample());
  BeginRequest(*exchange, SampleFiring());
  net::OutResponse response;
  response.status = status;
  response.body = body;
  return exchange->OnResponse(response);
}

INSTANTIATE_TEST_SUITE_P(VictorOps, ConformanceTest,
                         testing::Values(Subject{"pkg/notify/victorops",
                                                 [] { return Start(Sample()); },
                                                 {429},
                                                 {"k3y/with space", "k3y%2Fwith%20space"},
                                                 R"({"result":"success","entity_id":"x"})"}));

TEST(VictorOpsTest, TheKeyAndTheRoutingKeyEndTheUrl) {
  const net::OutRequest request = BeginRequest(*Start(Sample()), SampleFiring());
  EXPECT_EQ(request.url.reveal(),
            "https://alert.example.com/integrations/generic/20131114/alert/k3y%2Fwith%20space/"
            "victor-ai");
  EXPECT_EQ(request.shown_url,
            "https://alert.example.com/integrations/generic/20131114/alert/<secret>/victor-ai");
}

TEST(VictorOpsTest, TheKeyMayStandInAFileReadForEverySend) {
  Options options = Sample();
  options.api_key_file = "/etc/key";
  EXPECT_THAT(BeginRequest(*Start(options), SampleFiring()).url.reveal(),
              HasSubstr("/alert/key-from-file/victor-ai"));
  options.api_key_file = "/etc/missing";
  EXPECT_EQ(WhyOf(Start(options)->Begin(SampleFiring())),
            "api_key_file: /etc/missing: no such file");
  options.api_key_file = "/etc/empty";
  EXPECT_TRUE(std::holds_alternative<Fail>(Start(options)->Begin(SampleFiring())));
}

TEST(VictorOpsTest, ARefusalInsideA200IsFinal) {
  const Step refused =
      Answer(200, R"({"result":"failure","message":"no key k3y%2Fwith%20space\nhere"})");
  ASSERT_TRUE(std::holds_alternative<Fail>(refused));
  EXPECT_EQ(WhyOf(refused), "VictorOps refused the message: no key <secret> here");
  EXPECT_EQ(WhyOf(Answer(200, R"({"result":"failure"})")),
            "VictorOps refused the message: no reason given");
  for (const char* body :
       {"", "<html>", "[]", "{}", "{\"result\":1}", "{\"result\":\"success\"}"}) {
    EXPECT_TRUE(std::holds_alternative<Done>(Answer(200, body))) << body;
  }
}

TEST(VictorOpsTest, TheMessageTypeIsKnownToTheVendorAndRecoveryWhenAllIsOver) {
  Options options = Sample();
  const auto payload = [&](const dispatch::Notification& notification) {
    return BeginRequest(*Start(options), notification).body;
  };
  for (const char* type : {"INFO", "WARNING", "CRITICAL"}) {
    options.message_type = Text(type);
    EXPECT_THAT(payload(SampleFiring()),
                HasSubstr("\"message_type\":\"" + std::string(type) + "\""));
    EXPECT_THAT(payload(SampleResolved()), HasSubstr("\"message_type\":\"RECOVERY\""));
  }
  for (const char* type : {"", "critical", "PAGE", "RECOVERY"}) {
    options.message_type = Text(type);
    EXPECT_THAT(payload(SampleFiring()), HasSubstr("\"message_type\":\"CRITICAL\"")) << type;
  }
}

TEST(VictorOpsTest, TheEntityStaysTheSameFromFiringToRecovery) {
  const std::string entity = "\"entity_id\":\"" + Sha256Hex(SampleFiring().group_key) + "\"";
  EXPECT_THAT(BeginRequest(*Start(Sample()), SampleFiring()).body, HasSubstr(entity));
  EXPECT_THAT(BeginRequest(*Start(Sample()), SampleResolved()).body, HasSubstr(entity));
}

TEST(VictorOpsTest, AFailingRouteIsFinalAndAFailingTextIsRetried) {
  Options options = Sample();
  options.state_message = Text("{{ .Nope }}");
  const Step text = Start(options)->Begin(SampleFiring());
  ASSERT_TRUE(std::holds_alternative<Retry>(text));
  EXPECT_THAT(WhyOf(text), testing::StartsWith("templating error: template: field:1:3: "));
  options.routing_key = Text("{{ .Nope }}");
  const Step route = Start(options)->Begin(SampleFiring());
  ASSERT_TRUE(std::holds_alternative<Fail>(route));
  EXPECT_THAT(WhyOf(route), testing::StartsWith("failed to template VictorOps routing key: "));
}

TEST(VictorOpsTest, FixedTextsReplaceTheDefaultsAndLongOnesAreCut) {
  Options options = Sample();
  options.state_message = Text(std::string(30'000, 'm'));
  options.entity_display_name = Text(std::string(2000, 'n'));
  options.monitoring_tool = Text("");
  options.custom_fields["state_start_time"] = Text("mine");
  const std::string payload = BeginRequest(*Start(options), SampleFiring()).body;
  EXPECT_THAT(payload, HasSubstr("\"" + std::string(20'479, 'm') + "\u2026\""));
  EXPECT_THAT(payload, HasSubstr("\"" + std::string(1023, 'n') + "\u2026\""));
  EXPECT_THAT(payload, HasSubstr("\"monitoring_tool\":\"\""));
  EXPECT_THAT(payload, HasSubstr("\"state_start_time\":\"mine\""));
}

TEST(VictorOpsTest, AcksNotesAndResolvesAreToldUnderTheEntityOfThePages) {
  const std::string entity = "\"entity_id\":\"" + Sha256Hex(SampleFiring().group_key) + "\"";
  const unsigned takes = victorops::Describe().kind.takes(nullptr, false);
  for (const config::VendorAct act : config::kVendorActs) {
    if ((takes & act) == 0) continue;
    const net::OutRequest request = BeginRequest(*Start(Sample()), SampleUpdate(act));
    EXPECT_EQ(request.url.reveal(), BeginRequest(*Start(Sample()), SampleFiring()).url.reveal());
    EXPECT_THAT(request.body, HasSubstr(entity));
    ExpectUpdateGolden("pkg/notify/victorops", act, request.body);
  }
  EXPECT_EQ(takes & config::kVendorUnacknowledge, 0U) << "no message of theirs says that";
}

}  // namespace
}  // namespace watchfire::notify
