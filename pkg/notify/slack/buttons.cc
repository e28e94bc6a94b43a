// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/slack/buttons.h"

#include "pkg/base/json.h"
#include "pkg/inbound/slack.h"

namespace watchfire::notify::slack {
namespace {

void WriteText(JsonWriter* json, const char* text) {
  json->StartObject().Field("type", "plain_text").Field("text", text).EndObject();
}

void WriteButton(JsonWriter* json, const std::string& name, const std::string& token) {
  const bool is_ack = name == "acknowledge";
  const bool is_resolve = name == "resolve";
  const bool is_escalate = name == "escalate";
  json->StartObject().Field("type", "button").Key("text");
  WriteText(json, is_ack        ? "Acknowledge"
                  : is_resolve  ? "Resolve"
                  : is_escalate ? "Escalate"
                                : "Snooze");
  json->Field("action_id", is_ack        ? inbound::kSlackAcknowledge
                           : is_resolve  ? inbound::kSlackResolve
                           : is_escalate ? inbound::kSlackEscalate
                                         : inbound::kSlackSnooze);
  json->Field("value", token);
  if (is_ack) json->Field("style", "primary");
  if (is_resolve) {
    // An end cannot be taken back, and the button is next to the others.
    json->Field("style", "danger").Key("confirm").StartObject().Key("title");
    WriteText(json, "Resolve the incident?");
    json->Key("text");
    WriteText(json, "What still fires pages again later.");
    json->Key("confirm");
    WriteText(json, "Resolve");
    json->Key("deny");
    WriteText(json, "Cancel");
    json->EndObject();
  }
  json->EndObject();
}

}  // namespace

std::string ButtonsAttachment(const std::vector<std::string>& names, const std::string& ack_url) {
  const std::string token = ack_url.substr(ack_url.rfind('/') + 1);
  JsonWriter json(/*escape_html=*/true);
  json.StartObject().Key("blocks").StartArray().StartObject();
  json.Field("type", "actions").Field("block_id", "watchfire").Key("elements").StartArray();
  for (const std::string& name : names) WriteButton(&json, name, token);
  return json.EndArray().EndObject().EndArray().EndObject().Take();
}

}  // namespace watchfire::notify::slack
