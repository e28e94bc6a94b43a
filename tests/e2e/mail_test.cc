// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// E-mail to a real mail server, aiosmtpd of Debian, with certificates made here.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include "pkg/net/tls_for_test.h"
#include "tests/e2e/deliver.h"
#include "tests/e2e/process.h"
#include "tests/e2e/sink.h"

namespace watchfire::e2e {
namespace {

using testing::HasSubstr;

constexpr const char* kServer = "tests/e2e/smtp_server.py";

class MailTest : public testing::Test {
 protected:
  // Starts the server with these arguments; its certificate is for "mail.test".
  void Start(std::vector<std::string> arguments, bool tls = true) {
    arguments.insert(arguments.begin(), {"python3", kServer});
    if (tls) {
      arguments.push_back("--certificate=" + dir_.Write("cert.pem", server_.CertificatePem()));
      arguments.push_back("--key=" + dir_.Write("key.pem", server_.KeyPem()));
    }
    process_ = std::make_unique<Process>(Process::Options{"/usr/bin/env", arguments});
    address_ = process_->WaitForAddress();
    if (address_.empty()) {
      // Only without ./dev, which fetches it.
      GTEST_SKIP() << "the mail server did not start: " << process_->errors();
    }
  }

  // A receiver whose own keys are `keys`, beside what connects it to the server.
  std::shared_ptr<const config::Config> Config(const std::string& keys) {
    const std::string ca = dir_.Write("ca.pem", authority_.CertificatePem());
    return LoadReceiver(
        "smtp_from: 'Watchfire <wf@example.com>', smtp_smarthost: '" + address_ + "'",
        "  email_configs:\n  - {to: 'Ada <ada@example.com>, ops@example.com', "
        "tls_config: {ca_file: '" +
            ca + "', server_name: mail.test}, " + keys + "}\n");
  }
  Outcome Send(const std::string& keys) { return Deliver(client_, Config(keys)); }

  // The messages that the server took, as it told them.
  std::vector<std::string> Taken() const {
    std::vector<std::string> messages;
    const std::string errors = process_->errors();
    for (size_t at = 0; (at = errors.find("message {", at)) != std::string::npos;) {
      const size_t end = errors.find('\n', at);
      messages.push_back(errors.substr(at + 8, end - at - 8));
      at = end;
    }
    return messages;
  }
  // Waits for the first message and returns a text in it: "headers/Subject".
  std::string Told(const std::string& pointer) {
    Eventually([&] { return !Taken().empty(); });
    if (Taken().empty()) return "no message";
    simdjson::dom::parser parser;
    const simdjson::dom::element message = parser.parse(simdjson::padded_string(Taken()[0]));
    auto value = message.at_pointer("/" + pointer);
    std::string_view text;
    if (value.get(text) == simdjson::SUCCESS) return std::string(text);
    return value.error() == simdjson::SUCCESS ? simdjson::minify(value.value()) : "nothing";
  }

  TempDir dir_;
  const net::Identity authority_{"authority.test"};
  const net::Identity server_{"mail.test", &authority_};
  std::unique_ptr<Process> process_;
  std::string address_;
  net::Client client_{net::Client::Options{.user_agent = "Watchfire/test"}};
};

constexpr const char* kLogin = "auth_username: ada, auth_password: s3cret";

TEST_F(MailTest, AMessageArrivesByStartTlsAndPlain) {
  ASSERT_NO_FATAL_FAILURE(Start({"--user=ada", "--password=s3cret"}));
  if (IsSkipped()) return;
  const Outcome outcome = Send(std::string(kLogin) +
                               ", hello: me.test, text: \"t\u00fcr\\n.\\n{{ .Status }}\", headers: "
                               "{subject: '\u2603 {{ .Status }}', x-team: ops}, "
                               "threading: {enabled: true, thread_by_date: none}");
  ASSERT_TRUE(outcome.done()) << outcome.why();
  EXPECT_FALSE(outcome.unclear);
  EXPECT_EQ(Told("from"), "wf@example.com");
  EXPECT_EQ(Told("to"), R"(["ada@example.com","ops@example.com"])");
  EXPECT_EQ(Told("tls"), "true");
  EXPECT_EQ(Told("login"), "ada");
  EXPECT_EQ(Told("mechanism"), "PLAIN");
  EXPECT_EQ(Told("hello"), "me.test");
  EXPECT_EQ(Told("headers/Subject"), "\u2603 firing");
  EXPECT_EQ(Told("headers/X-Team"), "ops");
  EXPECT_EQ(Told("headers/To"), "Ada <ada@example.com>, ops@example.com");
  EXPECT_THAT(Told("headers/References"), testing::StartsWith("<alert-"));
  EXPECT_EQ(Told("parts/text~1plain"), "t\u00fcr\n.\nfiring");
  EXPECT_THAT(Told("parts/text~1html"), HasSubstr("2 alerts for"));
}

TEST_F(MailTest, AMessageArrivesByTlsFromTheFirstByte) {
  ASSERT_NO_FATAL_FAILURE(
      Start({"--implicit", "--user=ada", "--password=s3cret", "--mechanisms=LOGIN"}));
  if (IsSkipped()) return;
  const Outcome outcome = Send(std::string(kLogin) + ", force_implicit_tls: true");
  ASSERT_TRUE(outcome.done()) << outcome.why();
  EXPECT_EQ(Told("tls"), "true");
  EXPECT_EQ(Told("mechanism"), "LOGIN");
}

TEST_F(MailTest, TheSecretAnswersAChallengeAndThePasswordIsForOthers) {
  ASSERT_NO_FATAL_FAILURE(Start({"--user=ada", "--password=s3cret", "--mechanisms=CRAM-MD5"}));
  if (IsSkipped()) return;
  const Outcome outcome = Send("auth_username: ada, auth_secret: s3cret, auth_password: other");
  ASSERT_TRUE(outcome.done()) << outcome.why();
  EXPECT_EQ(Told("mechanism"), "CRAM-MD5");
  const Outcome none = Send(kLogin);
  EXPECT_TRUE(none.retried());
  EXPECT_THAT(none.why(), HasSubstr("find auth mechanism: none of PLAIN, LOGIN"));
}

TEST_F(MailTest, AServerWithoutChallengesGetsThePassword) {
  ASSERT_NO_FATAL_FAILURE(Start({"--user=ada", "--password=s3cret"}));
  if (IsSkipped()) return;
  const Outcome outcome = Send(std::string(kLogin) + ", auth_secret: other");
  ASSERT_TRUE(outcome.done()) << outcome.why();
  EXPECT_EQ(outcome.requests, 2);
}

TEST_F(MailTest, AWrongPasswordIsFinal) {
  ASSERT_NO_FATAL_FAILURE(Start({"--user=ada", "--password=s3cret"}));
  if (IsSkipped()) return;
  const Outcome outcome = Send("auth_username: ada, auth_password: wr0ng");
  ASSERT_TRUE(outcome.failed()) << outcome.why();
  EXPECT_EQ(std::get<notify::Fail>(outcome.step).failure, notify::Failure::kAuth);
  EXPECT_THAT(outcome.why(), testing::StartsWith("send AUTH command: 535 5.7.8"));
  EXPECT_TRUE(Taken().empty());
}

TEST_F(MailTest, WithoutTlsNothingIsSentUnlessItIsAllowed) {
  ASSERT_NO_FATAL_FAILURE(Start({}, /*tls=*/false));
  if (IsSkipped()) return;
  const Outcome refused = Send("send_resolved: true");
  EXPECT_TRUE(refused.retried());
  EXPECT_THAT(refused.why(), HasSubstr("does not advertise the STARTTLS extension"));
  EXPECT_TRUE(Taken().empty());
  const Outcome allowed = Send("require_tls: false");
  ASSERT_TRUE(allowed.done()) << allowed.why();
  EXPECT_EQ(Told("tls"), "false");
}

TEST_F(MailTest, ACertificateOfSomebodyElseEndsIt) {
  ASSERT_NO_FATAL_FAILURE(Start({}));
  if (IsSkipped()) return;
  const auto with = [&](const std::string& tls) {
    return Deliver(client_,
                   LoadReceiver("smtp_from: a@b, smtp_smarthost: '" + address_ + "'",
                                "  email_configs: [{to: c@d, tls_config: {" + tls + "}}]\n"));
  };
  const std::string ca = dir_.Write("ca.pem", authority_.CertificatePem());
  for (const std::string& tls :
       {std::string(), "ca_file: '" + ca + "'", "ca_file: '" + ca + "', server_name: other.test"}) {
    const Outcome outcome = with(tls);
    EXPECT_TRUE(outcome.retried()) << tls;
    EXPECT_FALSE(outcome.unclear);
  }
  EXPECT_TRUE(Taken().empty());
  EXPECT_TRUE(with("insecure_skip_verify: true").done());
}

TEST_F(MailTest, AGreylistedMessageIsTakenTheSecondTime) {
  ASSERT_NO_FATAL_FAILURE(Start({"--greylist"}));
  if (IsSkipped()) return;
  const auto config = LoadReceiver("smtp_from: a@b, smtp_smarthost: '" + address_ +
                                       "', smtp_tls_config: {insecure_skip_verify: true}",
                                   "  email_configs: [{to: c@d}]\n");
  const Outcome first = Deliver(client_, config);
  ASSERT_TRUE(first.retried());
  EXPECT_EQ(first.why(), "send RCPT command: 451 4.7.1 greylisted, come back later");
  EXPECT_TRUE(Deliver(client_, config).done());
}

TEST_F(MailTest, ARecipientThatIsNotThereIsFinal) {
  ASSERT_NO_FATAL_FAILURE(Start({"--refuse=ops@example.com"}));
  if (IsSkipped()) return;
  const Outcome outcome = Send("send_resolved: true");
  ASSERT_TRUE(outcome.failed());
  EXPECT_EQ(outcome.why(), "send RCPT command: 550 5.1.1 no mailbox here by that name");
}

TEST_F(MailTest, ACutConnectionIsRetriedUnderTheSameIdentity) {
  ASSERT_NO_FATAL_FAILURE(Start({"--cut"}));
  if (IsSkipped()) return;
  for (int i = 0; i < 2; ++i) {
    const Outcome outcome = Send("send_resolved: true");
    EXPECT_TRUE(outcome.retried());
    EXPECT_TRUE(outcome.unclear);
  }
  Eventually([&] { return Taken().size() == 2; });
  ASSERT_EQ(Taken().size(), 2U);
  const auto id = [](const std::string& message) {
    const size_t begin = message.find("Message-Id");
    return message.substr(begin, message.find(',', begin) - begin);
  };
  EXPECT_EQ(id(Taken()[0]), id(Taken()[1]));
}

TEST_F(MailTest, AServerThatIsAwayIsRetried) {
  address_ = "127.0.0.1:1";
  const Outcome outcome = Send("send_resolved: true");
  EXPECT_TRUE(outcome.retried());
  EXPECT_FALSE(outcome.unclear);
}

// A server that takes the connection, or asks for the message, and says nothing more.
class HungMailTest : public MailTest, public testing::WithParamInterface<const char*> {};

TEST_P(HungMailTest, HoldsUpNoOtherReceiverAndIsGivenUpAtItsDeadline) {
  ASSERT_NO_FATAL_FAILURE(Start({std::string("--hang=") + GetParam()}, /*tls=*/false));
  if (IsSkipped()) return;
  Sink sink;
  const std::string config =
      "route:\n  receiver: mail\n  group_by: [alertname]\n  group_wait: 0s\n"
      "  group_interval: 10s\n"
      "  routes: [{receiver: mail, continue: true}, {receiver: ok}]\n"
      "receivers:\n- {name: mail, email_configs: [{to: a@example.com, from: b@example.com, "
      "require_tls: false, smarthost: '" +
      address_ + "'}]}\n- {name: ok, webhook_configs: [{url: '" + sink.url() + "'}]}\n";
  Process watchfire({"watchfire",
                     {"--config.file=" + dir_.Write("w.yml", config),
                      "--storage.path=" + dir_.path(), "--web.listen-address=127.0.0.1:0"}});
  const std::string address = watchfire.WaitForAddress();
  std::string many = "[";
  for (int i = 0; i < 30; ++i) many += R"({"labels":{"alertname":"A)" + std::to_string(i) + "\"}},";
  many.back() = ']';
  EXPECT_EQ(Http(address, "POST", "/api/v2/alerts", many).status, 200);
  EXPECT_TRUE(Eventually([&] { return sink.accepted().size() == 30; })) << watchfire.errors();
  const std::string late =
      "alertmanager_notifications_failed_total{integration=\"email\","
      "reason=\"contextDeadlineExceeded\"}";
  EXPECT_TRUE(Eventually([&] { return Metric(address, late) >= 30; }, 60)) << watchfire.errors();
  EXPECT_TRUE(Taken().empty());
}

INSTANTIATE_TEST_SUITE_P(Where, HungMailTest, testing::Values("greeting", "data"),
                         [](const auto& where) { return std::string(where.param); });

}  // namespace
}  // namespace watchfire::e2e
