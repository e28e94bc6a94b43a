// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/rocketchat/rocketchat.h"

#include "pkg/base/strings.h"
#include "pkg/notify/conformance.h"

namespace watchfire::notify {
namespace {

using rocketchat::Options;
using testing::HasSubstr;

templates::Snippet Text(const std::string& text) {
  return templates::Snippet::Parse("field", text).value();
}

// As the configuration gives it, with everything that a message may have.
Options Sample() {
  const auto text = [](const std::string& name) {
    return Text("{{ template \"rocketchat.default." + name + "\" . }}");
  };
  Options options;
  options.api_url = "https://chat.example.com";
  options.token.value = Secret("t0ken-of-bot");
  options.token_id.value = Secret("us3r-id-of-bot");
  options.channel = Text("#{{ .GroupLabels.service }}");
  options.color = Text("{{ if eq .Status \"firing\" }}red{{ else }}green{{ end }}");
  options.title = text("title");
  options.title_link = text("titlelink");
  options.text = Text("{{ len .Alerts }} <alerts>");
  options.emoji = Text(":fire:");
  options.icon_url = Text("https://example.com/a.png");
  options.image_url = Text("https://example.com/i.png");
  options.thumb_url = Text("https://example.com/t.png");
  options.fields = {{Text("Provider"), Text("{{ (index .Alerts 0).Labels.provider }}"), true},
                    {Text("Nothing"), {}, false}};
  options.actions = {{Text("Runbook"), Text("{{ .CommonAnnotations.runbook_url }}"), {}},
                     {Text("Ack"), {}, Text("ack {{ .GroupLabels.service }}")}};
  return options;
}

Result<std::string> ReadFile(const std::string& path) {
  if (path == "/etc/token") return "token-from-file";
  if (path == "/etc/id") return "id-from-file";
  return ::watchfire::Fail(Code::kNotFound, path + ": no such file");
}

std::unique_ptr<Exchange> Start(const Options& options) {
  return rocketchat::Describe().start(std::make_shared<const Options>(options),
                                      TestContext(ReadFile));
}

INSTANTIATE_TEST_SUITE_P(
    Rocketchat, ConformanceTest, testing::Values([] {
      Subject subject;
      subject.directory = "pkg/notify/rocketchat";
      subject.start = [] { return Start(Sample()); };
      subject.retry_codes = {429};
      subject.secrets = {"t0ken-of-bot", "us3r-id-of-bot"};
      subject.headers = {"X-Auth-Token: t0ken-of-bot", "X-User-Id: us3r-id-of-bot"};
      subject.place = Subject::Place::kNone;
      subject.ok_body = R"({"success":true,"message":{}})";
      subject.why = "channel \"#victor-ai\": ";
      return subject;
    }()));

TEST(RocketchatTest, TokensMayStandInFilesReadForEverySend) {
  Options options = Sample();
  options.token = {{}, "/etc/token"};
  options.token_id = {{}, "/etc/id"};
  const net::OutRequest request = BeginRequest(*Start(options), SampleFiring());
  EXPECT_EQ(request.url.reveal(), "https://chat.example.com/api/v1/chat.postMessage");
  EXPECT_EQ(net::FindHeader(request.headers, "X-Auth-Token"), "token-from-file");
  EXPECT_EQ(net::FindHeader(request.headers, "X-User-Id"), "id-from-file");
  options.token.file = "/etc/missing";
  EXPECT_EQ(WhyOf(Start(options)->Begin(SampleFiring())), "token_file: /etc/missing: no such file");
  options.token.file = "/etc/token";
  options.token_id.file = "/etc/missing";
  const Step missing = Start(options)->Begin(SampleFiring());
  EXPECT_TRUE(std::holds_alternative<Retry>(missing));
  EXPECT_EQ(WhyOf(missing), "token_id_file: /etc/missing: no such file");
}

TEST(RocketchatTest, A200MustSayThatTheMessageWasTaken) {
  const auto answer = [](const std::string& body) {
    const auto exchange = Start(Sample());
    BeginRequest(*exchange, SampleFiring());
    net::OutResponse response;
    response.status = 200;
    response.body = body;
    return exchange->OnResponse(response);
  };
  const Step refused = answer(R"({"success":false,"error":"error-invalid-channel"})");
  ASSERT_TRUE(std::holds_alternative<Fail>(refused));
  EXPECT_EQ(WhyOf(refused),
            "channel \"#victor-ai\": error response from Rocketchat: error-invalid-channel");
  EXPECT_TRUE(std::holds_alternative<Fail>(answer("{}")));
  EXPECT_TRUE(std::holds_alternative<Fail>(answer(R"({"success":"true"})")));
  EXPECT_TRUE(std::holds_alternative<Retry>(answer("<html>")));
  EXPECT_TRUE(std::holds_alternative<Retry>(answer("")));
}

TEST(RocketchatTest, ALongTitleIsCut) {
  Options options = Sample();
  options.title = Text("{{ range 1025 }}x{{ end }}");
  EXPECT_THAT(BeginRequest(*Start(options), SampleFiring()).body,
              HasSubstr("\"title\":\"" + std::string(1023, 'x') + "\u2026\""));
}

TEST(RocketchatTest, TheTextOfAPushNotificationStandsAboveTheAttachment) {
  Options options = Sample();
  options.message_text = Text("{{ len .Alerts }} alerts");
  EXPECT_THAT(BeginRequest(*Start(options), SampleFiring()).body,
              testing::StartsWith(R"({"channel":"#victor-ai","text":"2 alerts","emoji":)"));
}

TEST(RocketchatTest, ATemplateThatFailsIsFinal) {
  Options options = Sample();
  options.channel = Text("{{ .Nope }}");
  const Step step = Start(options)->Begin(SampleFiring());
  ASSERT_TRUE(std::holds_alternative<Fail>(step));
  EXPECT_THAT(WhyOf(step),
              testing::StartsWith("template: field:1:3: executing \"field\" at <.Nope>"));
}

}  // namespace
}  // namespace watchfire::notify
