// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/discord/discord.h"

#include "pkg/base/strings.h"
#include "pkg/notify/conformance.h"

namespace watchfire::notify {
namespace {

using discord::Options;
using testing::HasSubstr;

const char* const kUrl = "https://discord.example.com/api/webhooks/112233445566/sEcReTtOkEn-xyz";

templates::Snippet Text(const std::string& text) {
  return templates::Snippet::Parse("field", text).value();
}

// As the configuration gives it.
Options Sample() {
  Options options;
  options.webhook_url.value = Secret(kUrl);
  options.title = Text("{{ template \"discord.default.title\" . }}");
  options.message = Text("{{ template \"discord.default.message\" . }}");
  return options;
}

Result<std::string> ReadFile(const std::string& path) {
  if (path == "/etc/url") return "https://chat.example.com/hooks/from-file";
  return ::watchfire::Fail(Code::kNotFound, path + ": no such file");
}

std::unique_ptr<Exchange> Start(const Options& options) {
  return discord::Describe().start(std::make_shared<const Options>(options), TestContext(ReadFile));
}

INSTANTIATE_TEST_SUITE_P(Discord, ConformanceTest, testing::Values([] {
                           Subject subject;
                           subject.directory = "pkg/notify/discord";
                           subject.start = [] { return Start(Sample()); };
                           subject.retry_codes = {429};
                           subject.secrets = {"112233445566", "sEcReTtOkEn-xyz"};
                           return subject;
                         }()));

TEST(DiscordTest, TheUrlMayStandInAFileReadForEverySend) {
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

TEST(DiscordTest, TextsAreCutWhereDiscordWouldRefuseThem) {
  Options options = Sample();
  options.title = options.message = options.content = Text("{{ range 5000 }}\u00fc{{ end }}");
  const std::string body = BeginRequest(*Start(options), SampleFiring()).body;
  const auto cut = [](size_t runes) {
    std::string text;
    for (size_t i = 1; i < runes; ++i) text += "\u00fc";
    return text + "\u2026";
  };
  EXPECT_EQ(body, "{\"content\":\"" + cut(2000) + "\",\"embeds\":[{\"title\":\"" + cut(256) +
                      "\",\"description\":\"" + cut(4096) + "\",\"color\":10038562}]}\n");
}

TEST(DiscordTest, TheSenderMayBeNamedWithoutTemplates) {
  Options options = Sample();
  options.username = "Watch {{ .Status }}";
  options.avatar_url = "https://example.com/a.png";
  EXPECT_THAT(BeginRequest(*Start(options), SampleFiring()).body,
              testing::EndsWith(R"(}],"username":"Watch {{ .Status }}",)"
                                R"("avatar_url":"https://example.com/a.png"})"
                                "\n"));
}

TEST(DiscordTest, TheAnswerSaysHowLongToWait) {
  const auto wait = [](const std::string& header, const std::string& body) {
    const auto exchange = Start(Sample());
    BeginRequest(*exchange, SampleFiring());
    net::OutResponse response;
    response.status = 429;
    response.headers = {{"Retry-After", header}};
    response.body = body;
    const Step step = exchange->OnResponse(response);
    EXPECT_EQ(std::get<Retry>(step).failure, Failure::kRateLimited);
    return std::get<Retry>(step).after;
  };
  using std::chrono::milliseconds;
  EXPECT_EQ(wait("", R"({"message":"limited","retry_after":0.65,"global":false})"),
            milliseconds(650));
  EXPECT_EQ(wait("1", R"({"retry_after":0.65})"), milliseconds(1000));
  EXPECT_EQ(wait("1", R"({"retry_after":64.0001})"), milliseconds(64001));
  EXPECT_EQ(wait("", R"({"retry_after":1e300})"), std::chrono::hours(1));
  for (const char* body : {R"({"retry_after":-5})", R"({"retry_after":"5"})", "[]", ""}) {
    EXPECT_EQ(wait("", body), milliseconds(0)) << body;
  }
}

TEST(DiscordTest, ATemplateThatFailsIsFinal) {
  Options options = Sample();
  options.message = Text("{{ .Nope }}");
  const Step step = Start(options)->Begin(SampleFiring());
  ASSERT_TRUE(std::holds_alternative<Fail>(step));
  EXPECT_THAT(WhyOf(step),
              testing::StartsWith("template: field:1:3: executing \"field\" at <.Nope>"));
}

}  // namespace
}  // namespace watchfire::notify
