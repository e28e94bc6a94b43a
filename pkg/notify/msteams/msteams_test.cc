// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/msteams/msteams.h"

#include "pkg/base/strings.h"
#include "pkg/notify/conformance.h"

namespace watchfire::notify {
namespace {

using msteams::Options;

templates::Snippet Text(const std::string& text) {
  return templates::Snippet::Parse("field", text).value();
}

// As the configuration gives it.
Options Sample() {
  Options options;
  options.webhook_url.value =
      Secret("https://acme.webhook.example.com/webhookb2/aaaabbbb-cccc@dddd/s3cr3tpart");
  options.title = Text("{{ template \"msteams.default.title\" . }}");
  options.summary = Text("{{ template \"msteams.default.summary\" . }}");
  options.text = Text("{{ template \"msteams.default.text\" . }}");
  return options;
}

Result<std::string> ReadFile(const std::string& path) {
  if (path == "/etc/url") return "https://chat.example.com/hooks/from-file";
  return ::watchfire::Fail(Code::kNotFound, path + ": no such file");
}

std::unique_ptr<Exchange> Start(const Options& options) {
  return msteams::Describe().start(std::make_shared<const Options>(options), TestContext(ReadFile));
}

INSTANTIATE_TEST_SUITE_P(MsTeams, ConformanceTest, testing::Values([] {
                           Subject subject;
                           subject.directory = "pkg/notify/msteams";
                           subject.start = [] { return Start(Sample()); };
                           subject.retry_codes = {429};
                           subject.secrets = {"aaaabbbb-cccc@dddd", "s3cr3tpart"};
                           subject.ok_body = "1";
                           return subject;
                         }()));

TEST(MsTeamsTest, TheUrlMayStandInAFileReadForEverySend) {
  Options options = Sample();
  options.webhook_url = {{}, "/etc/url"};
  const net::OutRequest request = BeginRequest(*Start(options), SampleFiring());
  EXPECT_EQ(request.url.reveal(), "https://chat.example.com/hooks/from-file");
  EXPECT_EQ(request.shown_url, "https://chat.example.com/<secret>");
  options.webhook_url = {{}, "/etc/missing"};
  const Step missing = Start(options)->Begin(SampleFiring());
  EXPECT_TRUE(std::holds_alternative<Retry>(missing));
  EXPECT_EQ(WhyOf(missing), "webhook_url_file: /etc/missing: no such file");
  options.webhook_url.file.clear();
  EXPECT_EQ(WhyOf(Start(options)->Begin(SampleFiring())),
            "the webhook_url is not one of http or https with a host");
}

TEST(MsTeamsTest, ALongTextIsCutToWhatTeamsTakes) {
  Options options = Sample();
  for (const char* text : {"x", "\u00fc", "<", "\\\"<\\n"}) {
    options.text = Text("{{ range 30000 }}" + std::string(text) + "{{ end }}");
    const std::string body = BeginRequest(*Start(options), SampleFiring()).body;
    EXPECT_LE(body.size(), 28672U);
    EXPECT_GT(body.size(), 28000U) << text;
    EXPECT_THAT(body, testing::HasSubstr("\u2026\""));
  }
}

TEST(MsTeamsTest, A200MaySayThatTeamsDidNotTakeIt) {
  const auto answer = [](const std::string& body) {
    const auto exchange = Start(Sample());
    BeginRequest(*exchange, SampleFiring());
    net::OutResponse response;
    response.status = 200;
    response.body = body;
    return exchange->OnResponse(response);
  };
  const Step limited = answer(
      "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error "
      "429 with ContextId 1");
  ASSERT_TRUE(std::holds_alternative<Retry>(limited));
  EXPECT_EQ(std::get<Retry>(limited).failure, Failure::kRateLimited);
  const Step broken = answer("Webhook message delivery failed with error: HTTP error 502");
  ASSERT_TRUE(std::holds_alternative<Retry>(broken));
  EXPECT_EQ(std::get<Retry>(broken).failure, Failure::kServerError);
  EXPECT_TRUE(std::holds_alternative<Done>(answer("1")));
}

TEST(MsTeamsTest, ATemplateThatFailsIsFinal) {
  Options options = Sample();
  options.summary = Text("{{ .Nope }}");
  const Step step = Start(options)->Begin(SampleFiring());
  ASSERT_TRUE(std::holds_alternative<Fail>(step));
  EXPECT_THAT(WhyOf(step),
              testing::StartsWith("template: field:1:3: executing \"field\" at <.Nope>"));
}

}  // namespace
}  // namespace watchfire::notify
