// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Telegram's sendMessage. The chat 404 does not exist. Source: core.telegram.org/bots/api,
// "sendMessage", "Making requests" and "Formatting options".

#include <algorithm>
#include <array>
#include <vector>

#include "cmd/pagersim/chat.h"
#include "pkg/base/json.h"
#include "pkg/base/strings.h"

namespace watchfire::pagersim {
namespace {

constexpr size_t kTextRunesMax = 4096;
constexpr std::array<std::string_view, 16> kTags = {
    "b",   "strong", "i",          "em", "u",    "ins", "s",          "strike",
    "del", "span",   "tg-spoiler", "a",  "code", "pre", "blockquote", "tg-emoji"};

Reply Refused(int status, const std::string& description, int64_t retry_after_s = 0) {
  JsonWriter json;
  json.StartObject().Field("ok", false).Field("error_code", status);
  json.Field("description", description);
  if (retry_after_s > 0) {
    json.Key("parameters").StartObject().Field("retry_after", retry_after_s).EndObject();
  }
  return ChatJson(status, json.EndObject().Take());
}

// What is wrong with the tags of an HTML message, "" if nothing is.
std::string TagError(std::string_view text) {
  std::vector<std::string> open;
  for (size_t at = text.find('<'); at != std::string_view::npos; at = text.find('<', at + 1)) {
    const size_t end = text.find('>', at);
    const std::string offset = "at byte offset " + std::to_string(at);
    if (end == std::string_view::npos) return "Unclosed start tag " + offset;
    const bool closes = text[at + 1] == '/';
    const size_t begin = at + (closes ? 2 : 1);
    const std::string tag = ToLower(text.substr(begin, end - begin));
    const std::string name = tag.substr(0, tag.find(' '));
    if (std::ranges::find(kTags, name) == kTags.end()) {
      return "Unsupported start tag \"" + name + "\" " + offset;
    }
    if (!closes) {
      open.push_back(name);
    } else if (open.empty() || open.back() != name) {
      return "Unmatched end tag " + offset;
    } else {
      open.pop_back();
    }
  }
  return open.empty() ? "" : "Can't find end tag corresponding to start tag " + open.back();
}

Reply Answer(const ChatCall& call, const std::string& secret, ChatRoom& room) {
  if (!Right(secret, call.key)) return Refused(401, "Unauthorized");
  if (!call.body) return Refused(400, "Bad Request: can't parse JSON object");
  const std::string chat = call.Text("/chat_id");
  const std::string text = call.Text("/text");
  const std::string mode = call.Text("/parse_mode");
  if (chat.empty()) return Refused(400, "Bad Request: chat_id is empty");
  if (chat == "404") return Refused(400, "Bad Request: chat not found");
  if (Trim(text).empty()) return Refused(400, "Bad Request: message text is empty");
  if (mode == "HTML") {
    const std::string error = TagError(text);
    if (!error.empty()) return Refused(400, "Bad Request: can't parse entities: " + error);
  } else if (!mode.empty() && mode != "Markdown" && mode != "MarkdownV2") {
    return Refused(400, "Bad Request: unsupported parse_mode");
  }
  if (RuneCount(text) > kTextRunesMax) return Refused(400, "Bad Request: message is too long");
  const ChatMessage& message =
      room.Add({"telegram", chat, "", call.Text("/message_thread_id"), text, 0});
  JsonWriter json;
  json.StartObject().Field("ok", true).Key("result").StartObject();
  json.Key("message_id").Raw(message.id).Key("chat").StartObject().Field("id", chat).EndObject();
  return ChatJson(200, json.Field("text", text).EndObject().EndObject().Take());
}

}  // namespace

ChatVendor Telegram() {
  return {"/bot([^/]+)/sendMessage", Answer, [](int status, int64_t retry_after_s) {
            if (status == 429) {
              return Refused(429, "Too Many Requests: retry after " + std::to_string(retry_after_s),
                             retry_after_s);
            }
            return Refused(status, "failing as asked for");
          }};
}

}  // namespace watchfire::pagersim
