// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What Alertmanager 0.34 accepts of email, pushover, sns and wechat is accepted, and what it
// rejects is rejected, with its text (reference alertmanager-compat §3.3, §4). One line, one
// receiver.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/notify/builtin/builtin.h"
#include "pkg/notify/email/email.h"
#include "pkg/notify/pushover/pushover.h"
#include "pkg/notify/sns/sns.h"
#include "pkg/notify/wechat/wechat.h"

namespace watchfire::notify::builtin {
namespace {

using testing::HasSubstr;

struct Case {
  const char* want;  // Part of the only error; "": accepted.
  const char* entry;
  const char* global = "";
};

config::Loaded Load(const std::string& kind, const std::string& entry, const std::string& global) {
  const std::string yaml = "global: {" + global +
                           "}\nroute: {receiver: r}\nreceivers:\n- name: r\n  " + kind +
                           "_configs: [" + entry + "]\n";
  config::Files files;
  files.read = [yaml](const std::string&) -> Result<std::string> { return yaml; };
  files.glob = [](const std::string& pattern) { return std::vector<std::string>{pattern}; };
  config::LoadOptions options;
  options.path = "am.yml";
  return config::Load(options, files, Kinds());
}

void Check(const std::string& kind, const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    SCOPED_TRACE(std::string(c.entry) + " / " + c.global);
    std::vector<std::string> errors;
    for (const config::Problem& problem : Load(kind, c.entry, c.global).problems) {
      if (problem.level == config::Problem::Level::kError) errors.push_back(problem.ToString());
    }
    if (*c.want == '\0') {
      EXPECT_THAT(errors, testing::IsEmpty());
    } else {
      EXPECT_THAT(errors, testing::ElementsAre(HasSubstr(c.want)));
      EXPECT_THAT(errors, testing::Each(testing::StartsWith("am.yml:5:")));
    }
  }
}

template <typename Options>
std::shared_ptr<const Options> Read(const std::string& kind, const std::string& entry,
                                    const std::string& global = "") {
  const config::Loaded loaded = Load(kind, entry, global);
  for (const config::Problem& problem : loaded.problems) {
    if (!loaded.config) ADD_FAILURE() << problem.ToString();
  }
  if (!loaded.config) return nullptr;
  return std::static_pointer_cast<const Options>(
      loaded.config->receivers[0].integrations[0].options);
}

const char* const kSmtp = "smtp_smarthost: 'mail:25', smtp_from: a@b";

TEST(AcceptedTest, Email) {
  Check(
      "email",
      {
          {"", "{to: x@y}", kSmtp},
          {"", "{to: x@y, smarthost: 'h:587', from: c@d}"},
          {"", "{to: '{{ .CommonLabels.mail }}', from: '', hello: '', smarthost: ''}", kSmtp},
          {"missing to address in email config", "{}", kSmtp},
          {"missing to address in email config", "{to: ''}", kSmtp},
          {"missing email config", "null", kSmtp},
          {"no global SMTP smarthost set", "{to: x@y, from: c@d}"},
          {"no global SMTP from set", "{to: x@y, smarthost: 'h:587'}"},
          {"port cannot be empty", "{to: x@y, smarthost: 'h:'}", kSmtp},
          {"missing port in address", "{to: x@y, smarthost: h}", kSmtp},
          {"", "{to: x@y, headers: {subject: s, X-A: b}}", kSmtp},
          {"duplicate header \"Subject\" in email config",
           "{to: x@y, headers: {subject: s, Subject: t}}", kSmtp},
          {"", "{to: x@y, auth_password: p, auth_password_file: f}", kSmtp},
          {"", "{to: x@y, auth_username: u, auth_secret: s, auth_identity: i}", kSmtp},
          {"", "{to: x@y, require_tls: false, force_implicit_tls: true}", kSmtp},
          {"", "{to: x@y, tls_config: {insecure_skip_verify: true}}", kSmtp},
          {"unknown TLS version", "{to: x@y, tls_config: {min_version: TLS9}}", kSmtp},
          {"", "{to: x@y, threading: {}}", kSmtp},
          {"", "{to: x@y, threading: {enabled: true, thread_by_date: daily}}", kSmtp},
          {"", "{to: x@y, threading: {enabled: true, thread_by_date: none}}", kSmtp},
          {"", "{to: x@y, threading: {enabled: false, thread_by_date: weekly}}", kSmtp},
          {"threading.thread_by_date must be either 'none' or 'daily'",
           "{to: x@y, threading: {enabled: true}}", kSmtp},
          {"conflicting configuration: threading.enabled conflicts with custom References header",
           "{to: x@y, headers: {references: r}, threading: {enabled: true, thread_by_date: none}}",
           kSmtp},
          {"conflicting configuration: threading.enabled conflicts with custom In-Reply-To header",
           "{to: x@y, headers: {In-reply-to: r}, threading: {enabled: true, thread_by_date: "
           "none}}",
           kSmtp},
          {"unknown key \"http_config\"", "{to: x@y, http_config: {}}", kSmtp},
          {"unknown key \"subject\"", "{to: x@y, subject: s}", kSmtp},
          {"must be true or false", "{to: x@y, require_tls: 'true'}", kSmtp},
      });
}

TEST(AcceptedTest, EmailTakesWhatItDoesNotSayFromGlobal) {
  const std::string global =
      "smtp_smarthost: 'mail:465', smtp_from: a@b, smtp_hello: me, smtp_auth_username: u, "
      "smtp_auth_password: p, smtp_auth_secret_file: /s, smtp_auth_identity: i, "
      "smtp_require_tls: false, smtp_tls_config: {server_name: n}";
  const auto all = Read<email::Options>("email", "{to: x@y}", global);
  EXPECT_EQ(all->smarthost.ToString(), "mail:465");
  EXPECT_TRUE(all->implicit_tls);
  EXPECT_FALSE(all->require_tls);
  EXPECT_EQ(all->hello, "me");
  EXPECT_EQ(all->auth_username, "u");
  EXPECT_EQ(all->auth_password.value.reveal(), "p");
  EXPECT_EQ(all->auth_secret.file, "/s");
  EXPECT_EQ(all->auth_identity, "i");
  EXPECT_EQ(all->http.tls.server_name, "n");
  const auto own = Read<email::Options>(
      "email",
      "{to: x@y, smarthost: 'h:465', hello: '', auth_password_file: /p, require_tls: true, "
      "force_implicit_tls: false, tls_config: {}}",
      global);
  EXPECT_EQ(own->smarthost.ToString(), "h:465");
  EXPECT_FALSE(own->implicit_tls);
  EXPECT_TRUE(own->require_tls);
  EXPECT_EQ(own->hello, "me");
  EXPECT_EQ(own->auth_password.value.reveal() + own->auth_password.file, "/p");
  EXPECT_EQ(own->http.tls.server_name, "");
  EXPECT_FALSE(
      Load("email", "{to: x@y}", global).config->receivers[0].integrations[0].send_resolved);
}

TEST(AcceptedTest, Pushover) {
  Check("pushover",
        {
            {"", "{user_key: u, token: t}"},
            {"", "{user_key_file: u, token_file: t, ttl: 1h, device: d, sound: s, url_title: x}"},
            {"", "{user_key: '{{ .CommonLabels.u }}', token: t, retry: 1m30s, expire: 1h}"},
            {"missing pushover config", "null"},
            {"one of user_key or user_key_file must be configured", "{token: t}"},
            {"one of token or token_file must be configured", "{user_key: t}"},
            {"at most one of user_key & user_key_file must be configured",
             "{user_key: u, user_key_file: f, token: t}"},
            {"at most one of token & token_file must be configured",
             "{user_key: u, token: t, token_file: f}"},
            {"", "{user_key: u, token: t, html: true}"},
            {"", "{user_key: u, token: t, monospace: true, html: false}"},
            {"at most one of monospace & html must be configured",
             "{user_key: u, token: t, html: true, monospace: true}"},
            {"retry", "{user_key: u, token: t, retry: 1d}"},
            {"unknown key \"api_url\"", "{user_key: u, token: t, api_url: 'http://h'}"},
            {"must be a text", "{user_key: u, token: t, priority: [2]}"},
        });
  const auto options = Read<pushover::Options>("pushover", "{user_key: u, token: t}");
  EXPECT_EQ(options->retry, std::chrono::minutes(1));
  EXPECT_EQ(options->expire, std::chrono::hours(1));
  EXPECT_EQ(options->ttl, Duration::zero());
}

TEST(AcceptedTest, Sns) {
  Check("sns",
        {
            {"", "{topic_arn: a, sigv4: {region: r}}"},
            {"", "{topic_arn: a}"},
            {"", "{phone_number: '+49', subject: '', message: m, api_url: '{{ .Status }}'}"},
            {"", "{target_arn: a, attributes: {k: v}, use_aws_http_client: true}"},
            {"", "{topic_arn: a, phone_number: b, target_arn: c}"},
            {"missing sns config", "null"},
            {"must provide either a Target ARN, Topic ARN, or Phone Number for SNS config", "{}"},
            {"must provide either a Target ARN, Topic ARN, or Phone Number for SNS config",
             "{topic_arn: a, phone_number: b}"},
            {"must provide either a Target ARN, Topic ARN, or Phone Number for SNS config",
             "{topic_arn: a, target_arn: b}"},
            {"", "{topic_arn: a, sigv4: {access_key: k, secret_key: s, profile: p}}"},
            {"must provide a AWS SigV4 Access key and Secret Key",
             "{topic_arn: a, sigv4: {access_key: k}}"},
            {"must provide a AWS SigV4 Access key and Secret Key",
             "{topic_arn: a, sigv4: {secret_key: k}}"},
            {"", "{topic_arn: a, sigv4: {role_arn: r, external_id: e}}"},
            {"external_id", "{topic_arn: a, sigv4: {external_id: e}}"},
            {"unknown key \"regoin\"", "{topic_arn: a, sigv4: {regoin: r}}"},
            {"unknown key \"topic\"", "{topic_arn: a, topic: r}"},
        });
  EXPECT_THAT(Load("sns", "{topic_arn: a, sigv4: {access_key: k, secret_key: s3cr3t}}", "")
                  .config->original,
              Not(HasSubstr("s3cr3t")));
}

TEST(AcceptedTest, Wechat) {
  const char* const all = "wechat_api_secret: s, wechat_api_corp_id: c";
  Check("wechat",
        {
            {"", "{}", all},
            {"", "{api_secret: s, corp_id: c}"},
            {"", "{api_secret_file: s, corp_id: c, api_url: 'http://h/x', message_type: markdown}"},
            {"", "{message_type: '', to_user: u, to_party: p, to_tag: t, agent_id: '1'}", all},
            {"", "{api_secret: '', corp_id: ''}", all},
            {"no global Wechat Api Secret set either inline or in a file", "{corp_id: c}"},
            {"no global Wechat CorpID set", "{api_secret: s}"},
            {"at most one of api_secret & api_secret_file must be configured",
             "{api_secret: s, api_secret_file: f}", all},
            {"weChat message type \"image\" does not match valid options ^(text|markdown)$",
             "{message_type: image}", all},
            {"unsupported scheme", "{api_url: 'ftp://h'}", all},
            {"unknown key \"to_users\"", "{to_users: u}", all},
        });
  const auto options = Read<wechat::Options>("wechat", "{api_url: 'http://h/x'}", all);
  EXPECT_EQ(options->api_url, "http://h/x/");
  EXPECT_EQ(options->message_type, "text");
  // An entry that is null says as much as an empty one.
  EXPECT_NE(Load("wechat", "null", all).config, nullptr);
}

}  // namespace
}  // namespace watchfire::notify::builtin
