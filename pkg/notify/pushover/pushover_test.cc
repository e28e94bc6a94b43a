// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/pushover/pushover.h"

#include <map>

#include "pkg/base/strings.h"
#include "pkg/notify/conformance.h"

namespace watchfire::notify {
namespace {

using pushover::Options;

templates::Snippet Text(const std::string& text) {
  return templates::Snippet::Parse("field", text).value();
}

Options Sample() {
  Options options;
  options.user_key = Text("us3r/k3y");
  options.token = Text("t0ken k3y");
  options.title = Text("{{ template \"pushover.default.title\" . }}");
  options.message = Text("{{ template \"pushover.default.message\" . }}");
  options.url = Text("{{ template \"pushover.default.url\" . }}");
  options.priority = Text("{{ if eq .Status \"firing\" }}2{{ else }}0{{ end }}");
  return options;
}

Result<std::string> ReadFile(const std::string& path) {
  if (path == "/etc/key") return "{{ .Status }}-from-file";
  return ::watchfire::Fail(Code::kNotFound, path + ": no such file");
}

std::unique_ptr<Exchange> Start(const Options& options) {
  return pushover::Describe().start(std::make_shared<const Options>(options),
                                    TestContext(ReadFile));
}

// The fields of the query, each once.
std::map<std::string, std::string> Fields(const Options& options,
                                          const dispatch::Notification& what = SampleFiring()) {
  const std::string url = BeginRequest(*Start(options), what).url.reveal();
  std::map<std::string, std::string> fields;
  const std::string query = url.substr(url.find('?') + 1);
  for (const std::string_view pair : Split(query, '&')) {
    const size_t equals = pair.find('=');
    EXPECT_TRUE(fields
                    .emplace(std::string(pair.substr(0, equals)),
                             UrlDecode(pair.substr(equals + 1), /*plus_is_space=*/true))
                    .second)
        << pair;
  }
  return fields;
}

// The golden file shows the query, its secrets masked.
std::string Shown(const net::OutRequest& request) {
  std::string out;
  const std::string url = request.url.reveal();
  const std::string query = url.substr(url.find('?') + 1);
  for (const std::string_view pair : Split(query, '&')) out += UrlDecode(pair, true) + "\n";
  return request.method + " " + url.substr(0, url.find('?')) + "\n" + out + request.body;
}

Subject Conformance() {
  Subject subject;
  subject.directory = "pkg/notify/pushover";
  subject.start = [] { return Start(Sample()); };
  subject.secrets = {"us3r/k3y", "us3r%2Fk3y", "t0ken k3y", "t0ken%20k3y"};
  subject.ok_body = R"({"status":1,"request":"x"})";
  subject.content_type = "text/plain";
  subject.show = Shown;
  return subject;
}
INSTANTIATE_TEST_SUITE_P(Pushover, ConformanceTest, testing::Values(Conformance()));

TEST(PushoverTest, WhatFiresIsAnEmergency) {
  std::map<std::string, std::string> fields = Fields(Sample());
  EXPECT_EQ(fields["priority"], "2");
  EXPECT_EQ(fields["retry"], "60");
  EXPECT_EQ(fields["expire"], "3600");
  EXPECT_EQ(Fields(Sample(), SampleResolved())["priority"], "0");
}

TEST(PushoverTest, OptionalFieldsAreSentWhenTheyAreSet) {
  std::map<std::string, std::string> fields = Fields(Sample());
  for (const char* name : {"html", "monospace", "ttl"}) EXPECT_FALSE(fields.contains(name)) << name;
  for (const char* name : {"device", "sound", "url_title"}) EXPECT_EQ(fields[name], "") << name;

  Options options = Sample();
  options.url_title = Text("{{ .Status }}!");
  options.device = Text("phone,tablet");
  options.sound = Text("siren");
  options.ttl = std::chrono::minutes(2);
  options.monospace = true;
  fields = Fields(options);
  EXPECT_EQ(fields["url_title"], "firing!");
  EXPECT_EQ(fields["device"], "phone,tablet");
  EXPECT_EQ(fields["sound"], "siren");
  EXPECT_EQ(fields["ttl"], "120");
  EXPECT_EQ(fields["monospace"], "1");
}

TEST(PushoverTest, HtmlIsEscapedOnlyWhereItIsHtml) {
  Options options = Sample();
  options.message = Text("<b>{{ .CommonAnnotations.runbook_url }} {{ \"<\" }}</b>");
  EXPECT_EQ(Fields(options)["message"], "<b>https://runbooks.example.com/provider?a=1&b=2 <</b>");
  options.html = true;
  EXPECT_EQ(Fields(options)["html"], "1");
  EXPECT_EQ(Fields(options)["message"],
            "<b>https://runbooks.example.com/provider?a=1&amp;b=2 &lt;</b>");
}

TEST(PushoverTest, LimitsCountCharacters) {
  const auto many = [](size_t count) {
    std::string text;
    for (size_t i = 0; i < count; ++i) text += "\u00fc";
    return text;
  };
  Options options = Sample();
  options.title = Text(many(300));
  options.message = Text(many(1100));
  options.url = Text(many(600));
  std::map<std::string, std::string> fields = Fields(options);
  EXPECT_EQ(fields["title"], many(249) + "\u2026");
  EXPECT_EQ(fields["message"], many(1023) + "\u2026");
  EXPECT_EQ(fields["url"], many(511) + "\u2026");
}

TEST(PushoverTest, AMessageIsNeverEmpty) {
  Options options = Sample();
  options.message = Text(" \n {{ .CommonLabels.nope }}");
  EXPECT_EQ(Fields(options)["message"], "(no details)");
}

TEST(PushoverTest, SecretsMayStandInFilesThatAreTemplates) {
  Options options = Sample();
  options.token_file = options.user_key_file = "/etc/key";
  std::map<std::string, std::string> fields = Fields(options);
  EXPECT_EQ(fields["token"], "firing-from-file");
  EXPECT_EQ(fields["user"], "firing-from-file");
  options.token_file = "/etc/none";
  const Step step = Start(options)->Begin(SampleFiring());
  ASSERT_TRUE(std::holds_alternative<Retry>(step));
  EXPECT_EQ(WhyOf(step), "token_file: /etc/none: no such file");
}

TEST(PushoverTest, AFailingTemplateIsFinal) {
  Options options = Sample();
  options.sound = Text("{{ .Nope }}");
  const Step step = Start(options)->Begin(SampleFiring());
  ASSERT_TRUE(std::holds_alternative<Fail>(step));
  EXPECT_THAT(WhyOf(step), testing::HasSubstr("can't evaluate field Nope"));
  options = Sample();
  options.token = Text("t0ken{{ .Nope }}");
  EXPECT_THAT(WhyOf(Start(options)->Begin(SampleFiring())), Not(testing::HasSubstr("t0ken")));
}

}  // namespace
}  // namespace watchfire::notify
