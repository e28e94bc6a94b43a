// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/email/email.h"

#include "pkg/base/digest.h"
#include "pkg/base/strings.h"
#include "pkg/notify/conformance.h"

namespace watchfire::notify {
namespace {

using email::Options;
using testing::ElementsAre;
using testing::HasSubstr;

templates::Snippet Text(const std::string& text) {
  return templates::Snippet::Parse("field", text).value();
}

Options Sample() {
  Options options;
  options.smarthost = {"mail.example.com", "587"};
  options.from = Text("Watchfire <wf@example.com>");
  options.to = Text("Ada <ada@example.com>, {{ .GroupLabels.service }}@example.com");
  options.headers = {{"Subject", Text("{{ template \"email.default.subject\" . }}")},
                     {"To", options.to},
                     {"From", options.from}};
  options.html = Text("{{ template \"email.default.html\" . }}");
  return options;
}

Result<std::string> ReadFile(const std::string& path) {
  if (path == "/etc/password") return "from-file";
  return ::watchfire::Fail(Code::kNotFound, path + ": no such file");
}

std::unique_ptr<Exchange> Start(const Options& options) {
  return email::Describe().start(std::make_shared<const Options>(options), TestContext(ReadFile));
}

net::OutRequest Request(const Options& options,
                        const dispatch::Notification& what = SampleFiring()) {
  return BeginRequest(*Start(options), what);
}

net::OutResponse Reply(int status, const std::string& command, const std::string& text) {
  net::OutResponse response;
  response.status = status;
  response.headers = {{"Command", command}};
  response.body = text;
  return response;
}

Step AnswerWith(const Result<net::OutResponse>& response, const Options& options = Sample()) {
  const auto exchange = Start(options);
  BeginRequest(*exchange, SampleFiring());
  return exchange->OnResponse(response);
}

// Only its golden files are used here.
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ConformanceTest);

TEST(EmailTest, MessagesAreTheGoldenOnes) {
  Options both = Sample();
  both.text = Text("{{ template \"__text_alert_list\" .Alerts }}");
  both.threading = true;
  both.thread_by_day = true;
  for (const bool resolved : {false, true}) {
    const std::string body = Request(both, resolved ? SampleResolved() : SampleFiring()).body;
    const std::string path =
        std::string("pkg/notify/email/testdata/") + (resolved ? "resolved" : "firing") + ".eml";
    if (std::getenv("WF_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << body;  // NOLINT
    std::ifstream file(path, std::ios::binary);
    const std::string wanted{std::istreambuf_iterator<char>(file), {}};
    EXPECT_EQ(body, wanted) << path;
  }
}

TEST(EmailTest, TheEnvelopeIsInTheRequest) {
  const net::OutRequest request = Request(Sample());
  EXPECT_EQ(request.url.reveal(), "smtp://mail.example.com:587/localhost");
  EXPECT_EQ(request.shown_url, "smtp://mail.example.com:587");
  ASSERT_TRUE(request.mail);
  EXPECT_EQ(request.mail->from, "wf@example.com");
  EXPECT_THAT(request.mail->to, ElementsAre("ada@example.com", "victor-ai@example.com"));
  EXPECT_TRUE(request.mail->require_tls);
  EXPECT_EQ(request.mail->username, "");
  EXPECT_NE(request.http, nullptr);
  EXPECT_NE(request.keep_alive, nullptr);
}

TEST(EmailTest, WhereToConnect) {
  Options options = Sample();
  options.implicit_tls = true;
  options.hello = "a b";
  options.smarthost = {"::1", "submissions"};
  EXPECT_EQ(Request(options).url.reveal(), "smtps://[::1]:465/a%20b");
  EXPECT_FALSE(Request(options).mail->require_tls);
  options.implicit_tls = false;
  options.hello = "";
  options.smarthost = {"", "smtp"};
  EXPECT_EQ(Request(options).url.reveal(), "smtp://localhost:25/localhost");
}

TEST(EmailTest, ARepeatedMessageIsTheSameMessage) {
  EXPECT_EQ(Request(Sample()).body, Request(Sample()).body);
  const auto id = [](const dispatch::Notification& what) {
    const std::string body = Request(Sample(), what).body;
    const size_t begin = body.find("Message-Id: ");
    return body.substr(begin, body.find("\r\n", begin) - begin);
  };
  const std::string first = id(SampleFiring());
  EXPECT_THAT(first,
              testing::MatchesRegex("Message-Id: <1787407500000000000\\.[0-9a-f]+@example\\.com>"));
  dispatch::Notification other = SampleFiring();
  other.index = 1;
  EXPECT_NE(id(other), first);
  other = SampleFiring();
  other.at += std::chrono::minutes(5);
  EXPECT_NE(id(other), first);
}

TEST(EmailTest, HeadersOfTheConfigurationReplaceOurs) {
  Options options = Sample();
  options.headers["Message-Id"] = Text("<mine@x>");
  options.headers["Subject"] = Text("{{ .Status }} \u2603");
  options.headers["X-Team"] = Text("ops");
  const std::string body = Request(options).body;
  EXPECT_THAT(body, HasSubstr("Message-Id: <mine@x>\r\n"));
  EXPECT_EQ(body.find("Message-Id"), body.rfind("Message-Id"));
  EXPECT_THAT(body, HasSubstr("Subject: =?utf-8?q?firing_=E2=98=83?=\r\n"));
  EXPECT_THAT(body, HasSubstr("X-Team: ops\r\n"));
}

TEST(EmailTest, ThreadsHaveARootThatIsNoMessage) {
  Options options = Sample();
  options.threading = true;
  const std::string key = Sha256Hex(SampleFiring().group_key).substr(0, 16);
  EXPECT_THAT(Request(options).body,
              HasSubstr("References: <alert-" + key + "-@alertmanager>\r\nIn-Reply-To: <alert-" +
                        key + "-@alertmanager>\r\n"));
  options.thread_by_day = true;
  EXPECT_THAT(Request(options).body,
              HasSubstr("In-Reply-To: <alert-" + key + "-2026-08-22@alertmanager>\r\n"));
  EXPECT_THAT(Request(Sample()).body, Not(HasSubstr("References")));
}

TEST(EmailTest, TextComesBeforeHtmlAndEitherMayBeMissing) {
  Options options = Sample();
  options.text = Text("plain {{ .Status }}");
  const std::string both = Request(options).body;
  EXPECT_LT(both.find("text/plain; charset=UTF-8\r\n\r\nplain firing\r\n--=_"),
            both.find("text/html; charset=UTF-8"));
  options.html = {};
  EXPECT_THAT(Request(options).body, Not(HasSubstr("text/html")));
  options.text = {};
  EXPECT_THAT(Request(options).body, testing::ContainsRegex("\r\n\r\n--=_[0-9a-f]+--\r\n$"));
}

TEST(EmailTest, HtmlIsEscapedAndTextIsNot) {
  Options options = Sample();
  options.text = Text("{{ (index .Alerts 0).Annotations.summary }}");
  options.html = Text("<p>{{ (index .Alerts 0).Annotations.summary }}</p>");
  const std::string body = Request(options).body;
  EXPECT_THAT(body, HasSubstr("\r\nopenai fails <60 %> of its calls & more\r\n"));
  EXPECT_THAT(body, HasSubstr("openai fails &lt;60 %&gt; of its calls &amp; more</p>"));
}

TEST(EmailTest, AddressesThatCannotBeReadAreFinal) {
  const auto why = [](const std::string& from, const std::string& to) {
    Options options = Sample();
    options.from = Text(from);
    options.to = Text(to);
    const Step step = Start(options)->Begin(SampleFiring());
    EXPECT_TRUE(std::holds_alternative<Fail>(step));
    return WhyOf(step);
  };
  EXPECT_EQ(why("a@b, c@d", "x@y"), "must be exactly one 'from' address (got: 2)");
  EXPECT_EQ(why("a", "x@y"), "parse 'from' addresses: mail: missing '@' or angle-addr");
  EXPECT_EQ(why("a@b", "{{ .CommonLabels.nope }}"), "parse 'to' addresses: mail: no address");
  EXPECT_THAT(why("{{ .Nope }}", "x@y"),
              testing::StartsWith("execute 'from' template: template: "));
  EXPECT_THAT(why("a@b", "{{ .Nope }}"), testing::StartsWith("execute 'to' template: template: "));
}

TEST(EmailTest, ATemplateThatFailsIsFinalAndNamed) {
  Options options = Sample();
  options.headers["X-Bad"] = Text("{{ .Nope }}");
  EXPECT_THAT(WhyOf(Start(options)->Begin(SampleFiring())),
              testing::StartsWith("execute \"X-Bad\" header template: "));
  options = Sample();
  options.text = Text("{{ .Nope }}");
  EXPECT_THAT(WhyOf(Start(options)->Begin(SampleFiring())),
              testing::StartsWith("execute text template: "));
  options = Sample();
  options.html = Text("{{ .Nope }}");
  EXPECT_THAT(WhyOf(Start(options)->Begin(SampleFiring())),
              testing::StartsWith("execute html template: "));
}

TEST(EmailTest, ThePasswordIsForPlainAndLoginAndTheSecretForCramMd5) {
  Options options = Sample();
  options.auth_username = "ada";
  options.auth_identity = "boss";
  options.auth_password.file = "/etc/password";
  net::OutRequest request = Request(options);
  EXPECT_EQ(request.mail->username, "ada");
  EXPECT_EQ(request.mail->identity, "boss");
  EXPECT_EQ(request.mail->password.reveal(), "from-file");
  EXPECT_THAT(request.mail->mechanisms, ElementsAre("PLAIN", "LOGIN"));

  options.auth_secret.value = Secret("s3cret");
  const auto exchange = Start(options);
  request = BeginRequest(*exchange, SampleFiring());
  EXPECT_THAT(request.mail->mechanisms, ElementsAre("CRAM-MD5"));
  EXPECT_EQ(request.mail->password.reveal(), "s3cret");
  Step next = exchange->OnResponse(::watchfire::Fail(Code::kPermission, "none of them"));
  ASSERT_TRUE(std::holds_alternative<Send>(next));
  EXPECT_EQ(std::get<Send>(next).request.mail->password.reveal(), "from-file");
  next = exchange->OnResponse(::watchfire::Fail(Code::kPermission, "none of them"));
  ASSERT_TRUE(std::holds_alternative<Retry>(next));
  EXPECT_EQ(std::get<Retry>(next).failure, Failure::kAuth);

  options.auth_username = "";
  EXPECT_EQ(Request(options).mail->username, "");
}

TEST(EmailTest, ThePlainPasswordIsNotShownOnTheWay) {
  Options options = Sample();
  options.auth_username = "ada";
  options.auth_password.value = Secret("s3cret");
  options.require_tls = false;
  EXPECT_THAT(Request(options).mail->mechanisms, ElementsAre("LOGIN"));
  options.implicit_tls = true;
  EXPECT_THAT(Request(options).mail->mechanisms, ElementsAre("PLAIN", "LOGIN"));
  options.implicit_tls = false;
  options.smarthost.host = "localhost";
  EXPECT_THAT(Request(options).mail->mechanisms, ElementsAre("PLAIN", "LOGIN"));
}

TEST(EmailTest, APasswordFileThatIsMissingIsRetried) {
  Options options = Sample();
  options.auth_username = "ada";
  options.auth_password.file = "/etc/none";
  const Step step = Start(options)->Begin(SampleFiring());
  ASSERT_TRUE(std::holds_alternative<Retry>(step));
  EXPECT_EQ(WhyOf(step), "auth_password_file: /etc/none: no such file");
}

TEST(EmailTest, WhatTheServerRefusesForGoodIsFinal) {
  EXPECT_TRUE(std::holds_alternative<Done>(AnswerWith(Reply(250, "DATA", "queued"))));
  const Step later = AnswerWith(Reply(451, "RCPT", "4.7.1 greylisted"));
  ASSERT_TRUE(std::holds_alternative<Retry>(later));
  EXPECT_EQ(WhyOf(later), "send RCPT command: 451 4.7.1 greylisted");
  const Step never = AnswerWith(Reply(550, "RCPT", "5.1.1 nobody"));
  ASSERT_TRUE(std::holds_alternative<Fail>(never));
  EXPECT_EQ(WhyOf(never), "send RCPT command: 550 5.1.1 nobody");
  const Step wrong = AnswerWith(Reply(535, "AUTH", "no"));
  ASSERT_TRUE(std::holds_alternative<Fail>(wrong));
  EXPECT_EQ(std::get<Fail>(wrong).failure, Failure::kAuth);
  const Step cut = AnswerWith(::watchfire::Fail(Code::kUnavailable, "connection cut"));
  ASSERT_TRUE(std::holds_alternative<Retry>(cut));
  const Step late = AnswerWith(::watchfire::Fail(Code::kTimeout, "timed out"));
  EXPECT_EQ(std::get<Retry>(late).failure, Failure::kDeadline);
}

TEST(EmailTest, ThePasswordIsInNoError) {
  Options options = Sample();
  options.auth_username = "ada";
  options.auth_password.value = Secret("s3cret");
  EXPECT_EQ(WhyOf(AnswerWith(Reply(535, "AUTH", "bad password s3cret"), options)),
            "send AUTH command: 535 bad password <secret>");
  EXPECT_THAT(Request(options).body + Request(options).shown_url, Not(HasSubstr("s3cret")));
}

}  // namespace
}  // namespace watchfire::notify
