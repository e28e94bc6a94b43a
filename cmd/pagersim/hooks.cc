// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "cmd/pagersim/hooks.h"

#include <chrono>

#include "pkg/base/digest.h"
#include "pkg/base/json.h"
#include "pkg/base/strings.h"

namespace watchfire::pagersim {
namespace {

// With so many digits, zeros before them.
std::string Padded(uint64_t number, size_t digits) {
  std::string text = std::to_string(number);
  return text.size() < digits ? std::string(digits - text.size(), '0') + text : text;
}

}  // namespace

Hook PagerDutyHook(uint64_t number, const std::string& dedup_key, const std::string& user,
                   uint64_t event, const Secret& secret, WallTime now) {
  JsonWriter json;
  json.StartObject().Key("event").StartObject();
  json.Field("id", "01PAGERSIM" + Padded(event, 16)).Field("event_type", "incident.acknowledged");
  json.Field("resource_type", "incident").Field("occurred_at", FormatRfc3339(now));
  json.Key("agent").StartObject().Field("id", "PUSER01").Field("summary", user);
  json.Field("type", "user_reference").EndObject();
  json.Key("data").StartObject().Field("id", "PSIM" + Padded(number, 3));
  json.Field("type", "incident").Field("number", static_cast<int64_t>(number));
  json.Field("status", "acknowledged").Field("incident_key", dedup_key);
  json.Key("resolve_reason").Null().EndObject().EndObject().EndObject();
  Hook hook{json.Take()};
  hook.headers = {{"X-PagerDuty-Signature", "v1=" + Hex(HmacSha256(secret.reveal(), hook.body))},
                  {"X-Webhook-Id", Padded(event, 8)}};
  return hook;
}

Hook OpsgenieHook(const std::string& id, const std::string& alias, const std::string& user,
                  WallTime now) {
  JsonWriter json;
  json.StartObject().Field("action", "Acknowledge").Key("alert").StartObject();
  json.Field("alertId", id).Field("alias", alias).Field("username", user);
  json.Field("updatedAt", ToNanos(now)).EndObject();
  json.Key("source").StartObject().Field("name", "").Field("type", "web").EndObject();
  return {json.Field("integrationName", "Watchfire").EndObject().Take()};
}

Hook SlackHook(const ChatButton& button, const std::string& user, uint64_t event,
               const Secret& secret, WallTime now) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count();
  const std::string timestamp = std::to_string(seconds);
  JsonWriter json;
  json.StartObject().Field("type", "block_actions").Key("user").StartObject();
  json.Field("id", user).Field("username", "user-" + ToLower(user)).EndObject();
  json.Key("actions").StartArray().StartObject().Field("type", "button");
  json.Field("block_id", "watchfire").Field("action_id", button.action_id);
  json.Field("value", button.value).Field("action_ts", timestamp + "." + Padded(event, 6));
  json.EndObject().EndArray().EndObject();
  Hook hook{"payload=" + UrlEncode(json.Take()), "application/x-www-form-urlencoded"};
  const std::string text = "v0:" + timestamp + ":" + hook.body;
  hook.headers = {{"X-Slack-Request-Timestamp", timestamp},
                  {"X-Slack-Signature", "v0=" + Hex(HmacSha256(secret.reveal(), text))}};
  return hook;
}

}  // namespace watchfire::pagersim
