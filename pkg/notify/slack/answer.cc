// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/slack/answer.h"

#include <algorithm>
#include <initializer_list>
#include <string_view>

namespace watchfire::notify::slack {
namespace {

using Names = std::initializer_list<std::string_view>;
bool IsOneOf(const std::string& error, Names names) { return std::ranges::count(names, error) > 0; }

}  // namespace

bool IsGone(const std::string& error) {
  return IsOneOf(error, {"message_not_found", "cant_update_message", "edit_window_closed",
                         "thread_not_found", "invalid_thread_ts", "cannot_reply_to_message"});
}

Step Refusal(const std::string& error, const std::vector<std::string>& secrets) {
  const std::string why =
      Excerpt("error response from Slack: " + (error.empty() ? "no reason given" : error), secrets);
  if (IsOneOf(error, {"ratelimited", "rate_limited", "message_limit_exceeded"})) {
    return Retry{{}, why, Failure::kRateLimited};
  }
  if (IsOneOf(error, {"internal_error", "fatal_error", "service_unavailable", "request_timeout"})) {
    return Retry{{}, why, Failure::kServerError};
  }
  if (IsOneOf(error, {"not_authed", "invalid_auth", "account_inactive", "token_revoked",
                      "token_expired", "no_permission", "missing_scope", "access_denied",
                      "not_allowed_token_type", "ekm_access_denied"})) {
    return Fail{why, Failure::kAuth};
  }
  return Fail{why, Failure::kClientError};
}

}  // namespace watchfire::notify::slack
