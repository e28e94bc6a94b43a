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

Hook PagerDutyHook(const PersonAct& act, const std::string& dedup_key, uint64_t event,
                   const Secret& secret, WallTime now) {
  const bool is_note = act.verb == PersonAct::Verb::kNote;
  const char* const status = act.verb == PersonAct::Verb::kResolve ? "resolved" : "acknowledged";
  const std::string incident = "PSIM" + Padded(act.number, 3);
  JsonWriter json;
  json.StartObject().Key("event").StartObject();
  json.Field("id", "01PAGERSIM" + Padded(event, 16));
  json.Field("event_type", std::string("incident.") + (is_note ? "annotated" : status));
  json.Field("resource_type", "incident").Field("occurred_at", FormatRfc3339(now));
  json.Key("agent").StartObject().Field("id", "PUSER01").Field("summary", act.user);
  json.Field("type", "user_reference").EndObject();
  json.Key("data").StartObject();
  if (is_note) {
    json.Field("id", "PNOTE" + Padded(event, 3)).Field("type", "incident_note");
    json.Field("content", act.text).Field("trimmed", false).Key("incident").StartObject();
    json.Field("id", incident).Field("type", "incident_reference").EndObject();
  } else {
    json.Field("id", incident).Field("type", "incident");
    json.Field("number", static_cast<int64_t>(act.number)).Field("status", status);
    json.Field("incident_key", dedup_key).Key("resolve_reason").Null();
  }
  Hook hook{json.EndObject().EndObject().EndObject().Take()};
  hook.headers = {{"X-PagerDuty-Signature", "v1=" + Hex(HmacSha256(secret.reveal(), hook.body))},
                  {"X-Webhook-Id", Padded(event, 8)}};
  return hook;
}

Hook OpsgenieHook(const PersonAct& act, const std::string& id, const std::string& alias,
                  WallTime now) {
  const bool is_note = act.verb == PersonAct::Verb::kNote;
  const bool is_end = act.verb == PersonAct::Verb::kResolve;
  JsonWriter json;
  json.StartObject().Field("action", is_note ? "AddNote" : is_end ? "Close" : "Acknowledge");
  json.Key("alert").StartObject();
  json.Field("alertId", id).Field("alias", alias).Field("username", act.user);
  if (is_note) json.Field("note", act.text);
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
