// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/telegram/telegram.h"

#include "pkg/base/strings.h"
#include "pkg/notify/conformance.h"

namespace watchfire::notify {
namespace {

using telegram::Options;
using testing::HasSubstr;

templates::Snippet Text(const std::string& text) {
  return templates::Snippet::Parse("field", text).value();
}

// As the configuration gives it.
Options Sample() {
  Options options;
  options.api_url = "https://telegram.example.com";
  options.bot_token.value = Secret("112233:AAbbCCdd-t0ken");
  options.chat_id = -1001234567890;
  options.message = Text("{{ template \"telegram.default.message\" . }}");
  return options;
}

Result<std::string> ReadFile(const std::string& path) {
  if (path == "/etc/token") return "445566:from-file";
  if (path == "/etc/chat") return "-42";
  if (path == "/etc/broken") return "#ops";
  return ::watchfire::Fail(Code::kNotFound, path + ": no such file");
}

std::unique_ptr<Exchange> Start(const Options& options) {
  return telegram::Describe().start(std::make_shared<const Options>(options),
                                    TestContext(ReadFile));
}

// Everything is worth a retry.
std::vector<int> AllButSuccess() {
  std::vector<int> codes;
  for (int code = 100; code < 500; ++code) {
    if (code / 100 != 2) codes.push_back(code);
  }
  return codes;
}

INSTANTIATE_TEST_SUITE_P(Telegram, ConformanceTest, testing::Values([] {
                           Subject subject;
                           subject.directory = "pkg/notify/telegram";
                           subject.start = [] { return Start(Sample()); };
                           subject.retry_codes = AllButSuccess();
                           subject.secrets = {"112233:AAbbCCdd-t0ken"};
                           subject.ok_body = R"({"ok":true,"result":{"message_id":7}})";
                           return subject;
                         }()));

TEST(TelegramTest, TokenAndChatMayStandInFilesReadForEverySend) {
  Options options = Sample();
  options.bot_token = {{}, "/etc/token"};
  options.chat_id = 0;
  options.chat_id_file = "/etc/chat";
  const net::OutRequest request = BeginRequest(*Start(options), SampleFiring());
  EXPECT_EQ(request.url.reveal(), "https://telegram.example.com/bot445566:from-file/sendMessage");
  EXPECT_EQ(request.shown_url, "https://telegram.example.com/bot<secret>/sendMessage");
  EXPECT_THAT(request.body, testing::StartsWith("{\"chat_id\":\"-42\","));
  options.chat_id_file = "/etc/broken";
  EXPECT_EQ(WhyOf(Start(options)->Begin(SampleFiring())),
            "chat_id_file: /etc/broken does not hold a whole number");
  options.chat_id_file = "/etc/missing";
  EXPECT_EQ(WhyOf(Start(options)->Begin(SampleFiring())),
            "chat_id_file: /etc/missing: no such file");
  options.bot_token.file = "/etc/missing";
  const Step missing = Start(options)->Begin(SampleFiring());
  EXPECT_TRUE(std::holds_alternative<Retry>(missing));
  EXPECT_EQ(WhyOf(missing), "bot_token_file: /etc/missing: no such file");
}

TEST(TelegramTest, TheModeSaysHowTheMessageIsRead) {
  const auto body = [](const std::string& mode, const std::string& message) {
    Options options = Sample();
    options.parse_mode = mode;
    options.message = Text(message);
    return BeginRequest(*Start(options), SampleFiring()).body;
  };
  const std::string message = "<b>{{ \"a < b\" }}</b>";
  EXPECT_THAT(
      body("HTML", message),
      HasSubstr(R"("parse_mode":"HTML","text":"\u003cb\u003ea \u0026lt; b\u003c/b\u003e")"));
  EXPECT_THAT(
      body("MarkdownV2", message),
      HasSubstr(R"("parse_mode":"MarkdownV2","text":"\u003cb\u003ea \u003c b\u003c/b\u003e")"));
  EXPECT_EQ(body("", "plain"),
            "{\"chat_id\":\"-1001234567890\",\"disable_web_page_preview\":\"true\","
            "\"text\":\"plain\"}\n");
}

TEST(TelegramTest, TopicAndSilenceAreTexts) {
  Options options = Sample();
  options.message_thread_id = 17;
  options.disable_notifications = true;
  EXPECT_THAT(BeginRequest(*Start(options), SampleFiring()).body,
              HasSubstr(R"(,"disable_notification":"true","disable_web_page_preview":"true",)"
                        R"("message_thread_id":"17","parse_mode":"HTML",)"));
}

TEST(TelegramTest, ALongMessageIsCutOrReplacedByWhatItIsAbout) {
  Options options = Sample();
  options.message = Text("{{ range 4097 }}x{{ end }}");
  options.parse_mode = "Markdown";
  EXPECT_THAT(BeginRequest(*Start(options), SampleFiring()).body,
              HasSubstr("\"text\":\"" + std::string(4095, 'x') + "\u2026\""));
  options.parse_mode = "HTML";
  dispatch::Notification notification = SampleFiring();
  notification.group_labels = labels::LabelSet{{"service", "a<b"}};
  EXPECT_THAT(BeginRequest(*Start(options), notification).body,
              HasSubstr("\"text\":\"Alertmanager notification could not be sent: message length "
                        "exceeds Telegram limits.\\n[FIRING:1] a\\u0026lt;b "));
  options.message = Text("{{ range 4096 }}x{{ end }}");
  EXPECT_THAT(BeginRequest(*Start(options), notification).body,
              HasSubstr("\"text\":\"" + std::string(4096, 'x') + "\""));
  // Of HTML what is shown counts, not where a link leads.
  options.message =
      Text("<a href='http://h/{{ range 4096 }}y{{ end }}'>{{ range 4096 }}x{{ end }}</a>");
  EXPECT_THAT(BeginRequest(*Start(options), notification).body, HasSubstr("xxx\\u003c/a\\u003e\""));
  options.message = Text("<a href='http://h/{{ range 32768 }}y{{ end }}'>x</a>");
  EXPECT_THAT(BeginRequest(*Start(options), notification).body, HasSubstr("could not be sent"));
}

TEST(TelegramTest, ARefusalIsDescribedAndRetriedWhenTelegramSays) {
  const auto answer = [](int status, const std::string& body) {
    const auto exchange = Start(Sample());
    BeginRequest(*exchange, SampleFiring());
    net::OutResponse response;
    response.status = status;
    response.body = body;
    return exchange->OnResponse(response);
  };
  const Step limited = answer(
      429, R"({"ok":false,"error_code":429,"description":"Too Many Requests: retry after 35",)"
           R"("parameters":{"retry_after":35}})");
  ASSERT_TRUE(std::holds_alternative<Retry>(limited));
  EXPECT_EQ(std::get<Retry>(limited).after, std::chrono::seconds(35));
  EXPECT_EQ(std::get<Retry>(limited).failure, Failure::kRateLimited);
  EXPECT_EQ(WhyOf(limited), "telegram: Too Many Requests: retry after 35 (429)");

  const Step unknown =
      answer(400, R"({"ok":false,"error_code":400,"description":"Bad Request: chat not found"})");
  ASSERT_TRUE(std::holds_alternative<Retry>(unknown));
  EXPECT_EQ(std::get<Retry>(unknown).failure, Failure::kClientError);
  EXPECT_EQ(WhyOf(unknown), "telegram: Bad Request: chat not found (400)");
  EXPECT_THAT(WhyOf(answer(200, "<html>")), HasSubstr("the answer is not one of Telegram: <html>"));
  EXPECT_TRUE(std::holds_alternative<Retry>(answer(200, R"({"ok":false})")));
}

TEST(TelegramTest, ATimeoutNamesTheConfiguredOne) {
  Options options = Sample();
  options.timeout = std::chrono::milliseconds(1500);
  const auto exchange = Start(options);
  EXPECT_EQ(BeginRequest(*exchange, SampleFiring()).timeout, options.timeout);
  EXPECT_EQ(WhyOf(exchange->OnResponse(::watchfire::Fail(Code::kTimeout, "too slow"))),
            "configured telegram timeout reached (1.5s): too slow");
}

TEST(TelegramTest, ATemplateThatFailsIsFinal) {
  Options options = Sample();
  options.message = Text("{{ .Nope }}");
  const Step step = Start(options)->Begin(SampleFiring());
  ASSERT_TRUE(std::holds_alternative<Fail>(step));
  EXPECT_THAT(WhyOf(step),
              testing::StartsWith("template: field:1:3: executing \"field\" at <.Nope>"));
}

}  // namespace
}  // namespace watchfire::notify
