// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/msteamsv2/msteamsv2.h"

#include "pkg/base/strings.h"
#include "pkg/notify/conformance.h"

namespace watchfire::notify {
namespace {

using msteamsv2::Options;

templates::Snippet Text(const std::string& text) {
  return templates::Snippet::Parse("field", text).value();
}

// As the configuration gives it.
Options Sample() {
  Options options;
  options.webhook_url.value =
      Secret("https://prod.flow.example.com/workflows/0a1b2c3d4e/triggers/manual?sig=S1gnAtUrE");
  options.title = Text("{{ template \"msteamsv2.default.title\" . }}");
  options.text = Text("{{ template \"msteamsv2.default.text\" . }}");
  return options;
}

Result<std::string> ReadFile(const std::string& path) {
  if (path == "/etc/url") return "https://chat.example.com/hooks/from-file";
  return ::watchfire::Fail(Code::kNotFound, path + ": no such file");
}

std::unique_ptr<Exchange> Start(const Options& options) {
  return msteamsv2::Describe().start(std::make_shared<const Options>(options),
                                     TestContext(ReadFile));
}

INSTANTIATE_TEST_SUITE_P(MsTeamsV2, ConformanceTest, testing::Values([] {
                           Subject subject;
                           subject.directory = "pkg/notify/msteamsv2";
                           subject.start = [] { return Start(Sample()); };
                           subject.retry_codes = {429};
                           subject.secrets = {"0a1b2c3d4e", "S1gnAtUrE"};
                           return subject;
                         }()));

TEST(MsTeamsV2Test, TheUrlMayStandInAFileReadForEverySend) {
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

TEST(MsTeamsV2Test, ALongTextIsCutToWhatTeamsTakes) {
  Options options = Sample();
  for (const char* text : {"x", "\u00fc", "<", "\\\"<\\n"}) {
    options.text = Text("{{ range 30000 }}" + std::string(text) + "{{ end }}");
    const std::string body = BeginRequest(*Start(options), SampleFiring()).body;
    EXPECT_LE(body.size(), 28672U);
    EXPECT_GT(body.size(), 28000U) << text;
    EXPECT_THAT(body, testing::HasSubstr("\u2026\""));
  }
}

TEST(MsTeamsV2Test, ATemplateThatFailsIsFinal) {
  Options options = Sample();
  options.text = Text("{{ .Nope }}");
  const Step step = Start(options)->Begin(SampleFiring());
  ASSERT_TRUE(std::holds_alternative<Fail>(step));
  EXPECT_THAT(WhyOf(step),
              testing::StartsWith("template: field:1:3: executing \"field\" at <.Nope>"));
}

}  // namespace
}  // namespace watchfire::notify
