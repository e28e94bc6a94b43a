// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The `global` section: what integrations take that do not say it themselves.

#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "pkg/base/secret.h"
#include "pkg/base/time.h"
#include "pkg/config/http_config.h"

namespace watchfire::config {

// A secret as the file holds it, or the path of the file that will, read whenever it is sent. Both
// empty: not configured. Never both.
struct SecretSource {
  Secret value;
  std::string file;  // As written: relative to the working directory, unlike files of http_config.

  bool empty() const { return value.empty() && file.empty(); }
};

struct HostPort {
  std::string host;  // Without brackets; may be empty.
  std::string port;  // Empty: not configured.

  bool empty() const { return port.empty(); }
  std::string ToString() const;  // "host:port", "[::1]:25"; "" when not configured.
};

// An empty URL was removed with `null`. Source: reference alertmanager-compat §3.2.
struct Global {
  Duration resolve_timeout = std::chrono::minutes(5);
  HttpConfig http;

  std::string smtp_from;
  std::string smtp_hello = "localhost";
  HostPort smtp_smarthost;
  std::string smtp_auth_username;
  SecretSource smtp_auth_password;
  SecretSource smtp_auth_secret;
  std::string smtp_auth_identity;
  bool smtp_require_tls = true;
  TlsConfig smtp_tls;
  std::optional<bool> smtp_force_implicit_tls;  // Unset: on port 465.

  std::string jira_api_url;  // Has no default.
  SecretSource slack_api_url;
  SecretSource slack_app_token;
  std::string slack_app_url = "https://slack.com/api/chat.postMessage";
  std::string pagerduty_url = "https://events.pagerduty.com/v2/enqueue";
  std::string opsgenie_api_url = "https://api.opsgenie.com/";
  SecretSource opsgenie_api_key;
  std::string wechat_api_url = "https://qyapi.weixin.qq.com/cgi-bin/";
  SecretSource wechat_api_secret;
  std::string wechat_api_corp_id;
  std::string victorops_api_url =
      "https://alert.victorops.com/integrations/generic/20131114/alert/";
  SecretSource victorops_api_key;
  std::string telegram_api_url = "https://api.telegram.org";
  SecretSource telegram_bot_token;
  std::string webex_api_url = "https://webexapis.com/v1/messages";
  std::string rocketchat_api_url = "https://open.rocket.chat/";
  SecretSource rocketchat_token;
  SecretSource rocketchat_token_id;
  SecretSource mattermost_webhook_url;
};

}  // namespace watchfire::config
