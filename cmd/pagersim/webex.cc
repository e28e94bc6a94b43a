// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Webex' messages. A room whose identity contains "missing" does not exist. Source:
// developer.webex.com, "Create a Message" and "REST API Basics".

#include "cmd/pagersim/chat.h"
#include "pkg/base/json.h"

namespace watchfire::pagersim {
namespace {

constexpr size_t kMessageBytesMax = 7439;

Reply Refused(int status, std::string_view message) {
  JsonWriter json;
  json.StartObject().Field("message", message).Key("errors").StartArray().StartObject();
  json.Field("description", message).EndObject().EndArray();
  return ChatJson(status, json.Field("trackingId", "ROUTERGW_0").EndObject().Take());
}

Reply Answer(const ChatCall& call, const std::string& secret, ChatRoom& room) {
  if (!Right(secret, BearerToken(call))) {
    return Refused(401,
                   "The request requires a valid access token set in the Authorization request "
                   "header.");
  }
  if (!call.body) return Refused(400, "POST failed: the body is not a JSON object");
  const std::string room_id = call.Text("/roomId");
  const std::string text = call.Text("/markdown");
  if (room_id.empty()) return Refused(400, "Either toPersonId, toPersonEmail or roomId required");
  if (text.empty()) return Refused(400, "Message text, markdown or files required");
  if (text.size() > kMessageBytesMax) {
    return Refused(400, "Message length limited to 7439 bytes");
  }
  if (room_id.find("missing") != std::string::npos) {
    return Refused(404, "The requested resource could not be found.");
  }
  const ChatMessage& message = room.Add({"webex", room_id, "", "", text, 0});
  JsonWriter json;
  json.StartObject().Field("id", message.id).Field("roomId", room_id).Field("markdown", text);
  return ChatJson(200, json.EndObject().Take());
}

}  // namespace

ChatVendor Webex() {
  return {"/v1/messages", Answer,
          [](int status, int64_t) { return Refused(status, "failing as asked for"); }};
}

}  // namespace watchfire::pagersim
