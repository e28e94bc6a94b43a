// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Discord's webhooks. Sources: the vendor's pages "Webhook Resource", "Rate Limits" and "Opcodes
// and Status Codes"; reference paging-backends §4.2.

#include "cmd/pagersim/chat.h"
#include "pkg/base/json.h"
#include "pkg/base/strings.h"

namespace watchfire::pagersim {
namespace {

constexpr size_t kEmbedsMax = 10;
constexpr size_t kEmbedRunesMax = 6000;  // Of all texts of all embeds.

Reply Refused(int status, int code, std::string_view message) {
  JsonWriter json;
  json.StartObject().Field("message", message).Field("code", code).EndObject();
  return ChatJson(status, json.Take());
}

Reply TooLong(std::string_view field, size_t max) {
  JsonWriter json;
  json.StartObject().Field("message", "Invalid Form Body").Field("code", 50035);
  json.Key("errors").StartObject().Key(field).StartObject().Key("_errors").StartArray();
  json.StartObject().Field("code", "BASE_TYPE_MAX_LENGTH");
  json.Field("message", "Must be " + std::to_string(max) + " or fewer in length.").EndObject();
  return ChatJson(400, json.EndArray().EndObject().EndObject().EndObject().Take());
}

Reply Answer(const ChatCall& call, const std::string& secret, ChatRoom& room) {
  if (!Right(secret, call.key)) return Refused(401, 50027, "Invalid Webhook Token");
  if (!call.body) return Refused(400, 50109, "The request body contains invalid JSON.");
  const size_t embeds = call.Count("/embeds");
  const std::string content = call.Text("/content");
  if (content.empty() && embeds == 0) return Refused(400, 50006, "Cannot send an empty message");
  if (RuneCount(content) > 2000) return TooLong("content", 2000);
  if (RuneCount(call.Text("/username")) > 80) return TooLong("username", 80);
  if (embeds > kEmbedsMax) return TooLong("embeds", kEmbedsMax);
  size_t runes = 0;
  for (size_t i = 0; i < embeds; ++i) {
    const std::string at = "/embeds/" + std::to_string(i);
    const size_t title = RuneCount(call.Text(at + "/title"));
    const size_t description = RuneCount(call.Text(at + "/description"));
    if (title > 256) return TooLong("title", 256);
    if (description > 4096) return TooLong("description", 4096);
    if (title + description == 0) return Refused(400, 50006, "Cannot send an empty message");
    runes += title + description;
  }
  if (runes > kEmbedRunesMax) return TooLong("embeds", kEmbedRunesMax);
  const std::string title = call.Text("/embeds/0/title");
  room.Add({"discord", "", "", "", title.empty() ? content : title, 0});
  return ChatJson(204, "");
}

Reply Failure(int status, int64_t retry_after_s) {
  if (status != 429) return Refused(status, 0, std::to_string(status) + ": failing as asked for");
  JsonWriter json;
  json.StartObject().Field("message", "You are being rate limited.");
  // A little more than the header says, which is in whole seconds.
  json.Field("retry_after", static_cast<double>(retry_after_s) + 0.5).Field("global", false);
  return ChatJson(status, json.EndObject().Take());
}

}  // namespace

ChatVendor Discord() { return {"/api/webhooks/\\d+/([^/]+)", Answer, Failure}; }

}  // namespace watchfire::pagersim
