// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Mattermost's incoming webhooks. A channel whose name contains "missing" does not exist. Source:
// developers.mattermost.com, "Incoming webhooks".

#include "cmd/pagersim/chat.h"
#include "pkg/base/json.h"
#include "pkg/base/strings.h"

namespace watchfire::pagersim {
namespace {

constexpr size_t kTextRunesMax = 16'383;

Reply Refused(int status, std::string_view id, std::string_view message) {
  JsonWriter json;
  json.StartObject().Field("id", id).Field("message", message).Field("detailed_error", "");
  return ChatJson(status, json.Field("status_code", status).EndObject().Take());
}

Reply Answer(const ChatCall& call, const std::string& secret, ChatRoom& room) {
  if (!Right(secret, call.key)) {
    return Refused(400, "web.incoming_webhook.invalid.app_error", "Invalid webhook.");
  }
  if (!call.body) {
    return Refused(400, "api.webhook.incoming.error", "Could not decode the multipart payload.");
  }
  if (call.Text("/text").empty() && call.Count("/attachments") == 0) {
    return Refused(400, "web.incoming_webhook.text.app_error", "No text specified.");
  }
  if (RuneCount(call.Text("/text")) > kTextRunesMax) {
    return Refused(400, "web.incoming_webhook.text.length.app_error",
                   "Maximum text length is 16383 characters.");
  }
  const std::string channel = call.Text("/channel");
  if (channel.find("missing") != std::string::npos) {
    return Refused(404, "web.incoming_webhook.channel.app_error", "Couldn't find the channel.");
  }
  const std::string title = call.Text("/attachments/0/title");
  room.Add({"mattermost", channel, "", "", title.empty() ? call.Text("/text") : title, 0});
  return ChatText(200, "ok");
}

}  // namespace

ChatVendor Mattermost() {
  return {"/hooks/([^/]+)", Answer, [](int status, int64_t) {
            return status == 429 ? ChatText(429, "limit exceeded")
                                 : Refused(status, "failing", "failing as asked for");
          }};
}

}  // namespace watchfire::pagersim
