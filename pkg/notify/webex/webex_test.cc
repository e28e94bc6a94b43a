// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/webex/webex.h"

#include "pkg/base/strings.h"
#include "pkg/notify/conformance.h"

namespace watchfire::notify {
namespace {

using testing::HasSubstr;
using webex::Options;

templates::Snippet Text(const std::string& text) {
  return templates::Snippet::Parse("field", text).value();
}

// As the configuration gives it.
Options Sample() {
  Options options;
  options.api_url = "https://webex.example.com/v1/messages";
  options.room_id = Text("room-{{ .GroupLabels.service }}");
  options.message = Text("{{ template \"webex.default.message\" . }}");
  options.http.authorization = {"Bearer", Secret("b0t-t0ken"), ""};
  return options;
}

std::unique_ptr<Exchange> Start(const Options& options) {
  const auto read = [](const std::string&) -> Result<std::string> { return ""; };
  return webex::Describe().start(std::make_shared<const Options>(options), TestContext(read));
}

INSTANTIATE_TEST_SUITE_P(Webex, ConformanceTest, testing::Values([] {
                           Subject subject;
                           subject.directory = "pkg/notify/webex";
                           subject.start = [] { return Start(Sample()); };
                           subject.retry_codes = {429};
                           subject.secrets = {"b0t-t0ken"};
                           subject.place = Subject::Place::kNone;
                           subject.ok_body = R"({"id":"m1"})";
                           return subject;
                         }()));

TEST(WebexTest, TheTokenIsLeftToTheHttpClient) {
  const net::OutRequest request = BeginRequest(*Start(Sample()), SampleFiring());
  EXPECT_EQ(request.url.reveal(), "https://webex.example.com/v1/messages");
  EXPECT_EQ(request.shown_url, "https://webex.example.com/v1/messages");
  EXPECT_EQ(request.http->authorization->credentials.reveal(), "b0t-t0ken");
  EXPECT_THAT(request.body, testing::EndsWith("\"roomId\":\"room-victor-ai\"}\n"));
}

TEST(WebexTest, ALongMessageIsCutBetweenCharacters) {
  // So many bytes are left of a message that is too long, and what fills the rest.
  const auto cut = [](const std::string& text) {
    Options options = Sample();
    options.message = Text(text);
    const std::string body = BeginRequest(*Start(options), SampleFiring()).body;
    const std::string begin = "{\"markdown\":\"";
    return body.substr(begin.size(), body.find("\",\"roomId") - begin.size());
  };
  EXPECT_EQ(cut("{{ range 7439 }}x{{ end }}"), std::string(7439, 'x'));
  EXPECT_EQ(cut("{{ range 7440 }}x{{ end }}"), std::string(7436, 'x') + "\u2026");
  std::string umlauts = "x";
  for (int i = 0; i < 3717; ++i) umlauts += "\u00fc";
  EXPECT_EQ(cut("x{{ range 4000 }}\u00fc{{ end }}"), umlauts + "\u2026");
  EXPECT_EQ(cut("xx{{ range 4000 }}\u00fc{{ end }}"), "x" + umlauts + "\u2026");
}

TEST(WebexTest, ATemplateThatFailsIsFinal) {
  Options options = Sample();
  options.room_id = Text("{{ .Nope }}");
  const Step step = Start(options)->Begin(SampleFiring());
  ASSERT_TRUE(std::holds_alternative<Fail>(step));
  EXPECT_THAT(WhyOf(step),
              testing::StartsWith("template: field:1:3: executing \"field\" at <.Nope>"));
}

}  // namespace
}  // namespace watchfire::notify
