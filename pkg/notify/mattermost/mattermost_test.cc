// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/mattermost/mattermost.h"

#include "pkg/base/strings.h"
#include "pkg/notify/conformance.h"

namespace watchfire::notify {
namespace {

using mattermost::Options;
using testing::EndsWith;
using testing::HasSubstr;

using testing::StartsWith;

templates::Snippet Text(const std::string& text) {
  return templates::Snippet::Parse("field", text).value();
}

// As the configuration gives it.
Options Sample() {
  const auto text = [](const std::string& name) {
    return Text("{{ template \"mattermost.default." + name + "\" . }}");
  };
  Options options;
  options.webhook_url.value = Secret("https://mattermost.example.com/hooks/h00kh00kh00k");
  options.channel = Text("{{ .GroupLabels.service }}");
  options.username = text("username");
  options.own.text = text("text");
  options.own.fallback = text("fallback");
  options.own.color = text("color");
  options.own.title = text("title");
  options.own.title_link = text("titlelink");
  return options;
}

// With everything that a message may have.
Options Full() {
  Options options = Sample();
  options.icon_url = Text("https://example.com/{{ .Status }}.png");
  options.icon_emoji = Text("fire");
  options.type = Text("custom_alert");
  options.card = Text("Alerts: {{ len .Alerts }}");
  options.priority = {Text("Urgent"), true, true};
  options.own.text = Text("{{ .Status }} & <more>");
  mattermost::Attachment other = options.own;
  other.pretext = Text("before");
  other.author_name = Text("{{ .Receiver }}");
  other.author_link = Text("https://example.com/author");
  other.author_icon = Text("https://example.com/author.png");
  other.fields = {{Text("Provider"), Text("{{ (index .Alerts 0).Labels.provider }}"), true},
                  {Text("Alerts"), Text("{{ len .Alerts }}"), std::nullopt},
                  {Text("Long"), Text("text"), false}};
  other.thumb_url = Text("https://example.com/t.png");
  other.footer = Text("below");
  other.footer_icon = Text("https://example.com/f.png");
  other.image_url = Text("https://example.com/i.png");
  options.attachments = {other, {}};
  return options;
}

Result<std::string> ReadFile(const std::string& path) {
  if (path == "/etc/url") return "https://chat.example.com/hooks/from-file";
  return ::watchfire::Fail(Code::kNotFound, path + ": no such file");
}

std::unique_ptr<Exchange> Start(const Options& options) {
  return mattermost::Describe().start(std::make_shared<const Options>(options),
                                      TestContext(ReadFile));
}

Subject Conforming(const std::string& golden, const std::function<Options()>& options) {
  Subject subject;
  subject.directory = "pkg/notify/mattermost";
  subject.golden = golden;
  subject.start = [options] { return Start(options()); };
  subject.retry_codes = {429};
  subject.secrets = {"h00kh00kh00k"};
  subject.ok_body = "ok";
  subject.why = "channel \"victor-ai\": ";
  return subject;
}

INSTANTIATE_TEST_SUITE_P(Mattermost, ConformanceTest,
                         testing::Values(Conforming("", Sample), Conforming("full_", Full)));

TEST(MattermostTest, TheUrlMayStandInAFileReadForEverySend) {
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

TEST(MattermostTest, ThePriorityIsOneThatMattermostKnows) {
  const auto priority = [](const std::string& level, bool ack, bool persistent) {
    Options options = Sample();
    options.priority = {Text(level), ack, persistent};
    const std::string body = BeginRequest(*Start(options), SampleFiring()).body;
    return body.substr(body.find("\"priority\":"));
  };
  EXPECT_EQ(priority("urgent", true, true),
            "\"priority\":{\"priority\":\"urgent\",\"requested_ack\":true,"
            "\"persistent_notifications\":true}}\n");
  EXPECT_EQ(priority("IMPORTANT", true, true),
            "\"priority\":{\"priority\":\"important\",\"requested_ack\":true}}\n");
  for (const char* level : {"standard", "critical", "{{ .CommonLabels.nope }}"}) {
    EXPECT_EQ(priority(level, true, true), "\"priority\":{\"priority\":\"standard\"}}\n");
  }
}

TEST(MattermostTest, TextStandsAboveAListOfAttachmentsAndIsCut) {
  Options options = Sample();
  options.attachments = {{}};
  options.own.text = Text("{{ range 20000 }}x{{ end }}");
  EXPECT_THAT(BeginRequest(*Start(options), SampleFiring()).body,
              StartsWith("{\"text\":\"" + std::string(16382, 'x') + "\u2026\",\"channel\""));
  options.own.text = {};
  EXPECT_THAT(BeginRequest(*Start(options), SampleFiring()).body,
              testing::AllOf(StartsWith("{\"channel\""), EndsWith("\"attachments\":[{}]}\n")));
}

TEST(MattermostTest, ATemplateThatFailsIsFinal) {
  Options options = Sample();
  options.type = Text("{{ .Nope }}");
  const Step step = Start(options)->Begin(SampleFiring());
  ASSERT_TRUE(std::holds_alternative<Fail>(step));
  EXPECT_THAT(WhyOf(step),
              testing::StartsWith("template: field:1:3: executing \"field\" at <.Nope>"));
}

}  // namespace
}  // namespace watchfire::notify
