// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Rocket.Chat's chat.postMessage. A channel whose name contains "missing" does not exist. Source:
// developer.rocket.chat, "Post Message" and "Rate limiter".

#include "cmd/pagersim/chat.h"
#include "pkg/base/json.h"

namespace watchfire::pagersim {
namespace {

Reply Refused(int status, std::string_view error) {
  JsonWriter json;
  json.StartObject().Field("success", false).Field("error", error).EndObject();
  return ChatJson(status, json.Take());
}

Reply Answer(const ChatCall& call, const std::string& secret, ChatRoom& room) {
  if (!Right(secret, call.header("X-Auth-Token")) || call.header("X-User-Id").empty()) {
    return ChatJson(401, R"({"status":"error","message":"You must be logged in to do this."})");
  }
  if (!call.body) return Refused(400, "Invalid JSON");
  const std::string channel = call.Text("/channel");
  if (channel.empty()) {
    return Refused(400,
                   "The required \"roomId\" or \"channel\" param provided does not match any "
                   "channel [error-invalid-params]");
  }
  if (channel.find("missing") != std::string::npos) {
    return Refused(400, "[invalid-channel]");
  }
  const std::string title = call.Text("/attachments/0/title");
  const ChatMessage& message =
      room.Add({"rocketchat", channel, "", "", title.empty() ? call.Text("/text") : title, 0});
  JsonWriter json;
  json.StartObject().Field("channel", channel).Key("message").StartObject();
  json.Field("_id", message.id).EndObject().Field("success", true).EndObject();
  return ChatJson(200, json.Take());
}

}  // namespace

ChatVendor RocketChat() {
  return {"/api/v1/chat\\.postMessage", Answer, [](int status, int64_t) {
            return Refused(status, status == 429 ? "Error, too many requests. Please slow down. "
                                                   "[error-too-many-requests]"
                                                 : "failing as asked for");
          }};
}

}  // namespace watchfire::pagersim
