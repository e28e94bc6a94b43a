// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Alertmanager's `global` section (reference alertmanager-compat §3.2).

#include <string>

#include "pkg/config/loader.h"

namespace watchfire::config {
namespace {

// null takes the default away: an integration then misses its URL.
std::string ReadUrl(Section& section, const std::string& key, const std::string& fallback) {
  section.Has(key);
  return section.impl().IsNull(key) ? "" : section.Url(key, fallback);
}

// The same for keys that Alertmanager 0.25 does not know: a default would keep its amtool from
// loading what we show.
std::string ReadNewUrl(Section& section, const std::string& key, const std::string& fallback) {
  if (!section.impl().Absent(key)) return ReadUrl(section, key, fallback);
  const Unshown unshown(section);
  return section.Url(key, fallback);
}

void ReadMail(Section& section, Global* global) {
  global->smtp_from = section.String("smtp_from");
  global->smtp_hello = section.String("smtp_hello", global->smtp_hello);
  global->smtp_smarthost = section.Host("smtp_smarthost");
  global->smtp_auth_username = section.String("smtp_auth_username");
  global->smtp_auth_password = section.SecretOrFile("smtp_auth_password");
  global->smtp_auth_secret = section.SecretOrFile("smtp_auth_secret");
  global->smtp_auth_identity = section.String("smtp_auth_identity");
  global->smtp_require_tls = section.Bool("smtp_require_tls", global->smtp_require_tls);
  global->smtp_tls = section.Tls("smtp_tls_config", {}, FilePaths::kAsWritten);
  global->smtp_force_implicit_tls = section.MaybeBool("smtp_force_implicit_tls");
}

void ReadSlack(Section& section, Global* global) {
  global->slack_api_url = section.SecretUrlOrFile("slack_api_url");
  global->slack_app_token = section.SecretOrFile("slack_app_token");
  global->slack_app_url = ReadNewUrl(section, "slack_app_url", global->slack_app_url);
  if (global->slack_app_token.empty() || global->slack_api_url.empty()) return;
  // Receivers with tokens of their own in http_config use the one URL as the other.
  const std::string& url = global->slack_api_url.value.reveal();
  if (url == global->slack_app_url || url == Secret::masked()) return;
  section.Error(global->slack_app_token.value.empty() ? "slack_app_token_file" : "slack_app_token",
                "at most one of slack_app_token/slack_app_token_file & "
                "slack_api_url/slack_api_url_file must be configured");
}

void ReadOthers(Section& section, Global* global) {
  global->jira_api_url = section.Url("jira_api_url");
  global->pagerduty_url = ReadUrl(section, "pagerduty_url", global->pagerduty_url);
  global->opsgenie_api_url = ReadUrl(section, "opsgenie_api_url", global->opsgenie_api_url);
  global->opsgenie_api_key = section.SecretOrFile("opsgenie_api_key");
  global->wechat_api_url = ReadUrl(section, "wechat_api_url", global->wechat_api_url);
  global->wechat_api_secret = section.SecretOrFile("wechat_api_secret");
  global->wechat_api_corp_id = section.String("wechat_api_corp_id");
  global->victorops_api_url = ReadUrl(section, "victorops_api_url", global->victorops_api_url);
  global->victorops_api_key = section.SecretOrFile("victorops_api_key");
  global->telegram_api_url = ReadUrl(section, "telegram_api_url", global->telegram_api_url);
  global->telegram_bot_token = section.SecretOrFile("telegram_bot_token");
  global->webex_api_url = ReadUrl(section, "webex_api_url", global->webex_api_url);
  global->rocketchat_api_url =
      ReadNewUrl(section, "rocketchat_api_url", global->rocketchat_api_url);
  global->rocketchat_token = section.SecretOrFile("rocketchat_token");
  global->rocketchat_token_id = section.SecretOrFile("rocketchat_token_id");
  global->mattermost_webhook_url = section.SecretUrlOrFile("mattermost_webhook_url");
}

}  // namespace

Global ReadGlobal(Section& section) {
  Global global;
  global.resolve_timeout = section.PromDuration("resolve_timeout", global.resolve_timeout);
  global.http = section.Http("http_config", global.http);
  ReadMail(section, &global);
  ReadSlack(section, &global);
  ReadOthers(section, &global);
  section.Finish();
  return global;
}

}  // namespace watchfire::config
