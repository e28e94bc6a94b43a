// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Slack: incoming webhooks, and chat.postMessage and chat.update of the Web API. A channel whose
// name contains "missing" does not exist, one with "archived" is closed. Sources: the changelog
// entry of 2016-05-17 about webhooks' errors; the methods' pages at api.slack.com; reference
// paging-backends §4.1.

#include <chrono>
#include <cstdio>

#include "cmd/pagersim/chat.h"
#include "pkg/base/digest.h"
#include "pkg/base/json.h"
#include "pkg/base/strings.h"

namespace watchfire::pagersim {
namespace {

constexpr size_t kAttachmentsMax = 100;
constexpr size_t kBlocksMax = 50;
constexpr size_t kTextRunesMax = 40'000;
constexpr size_t kHeaderRunesMax = 150;
constexpr size_t kSectionRunesMax = 3000;

// A refusal of the content, "" when there is none.
std::string BlocksError(const simdjson::dom::array& blocks) {
  if (blocks.size() > kBlocksMax) return "invalid_blocks";
  for (const simdjson::dom::element block : blocks) {
    std::string_view type;
    std::string_view text;
    if (block["type"].get(type) != simdjson::SUCCESS) return "invalid_blocks";
    const bool has_text = block["text"]["text"].get(text) == simdjson::SUCCESS;
    if (type == "header" && (!has_text || RuneCount(text) > kHeaderRunesMax)) {
      return "invalid_blocks";
    }
    if (type == "section" && has_text && (text.empty() || RuneCount(text) > kSectionRunesMax)) {
      return "invalid_blocks";
    }
  }
  return "";
}

std::string ContentError(const ChatCall& call) {
  const size_t attachments = call.Count("/attachments");
  if (call.Text("/text").empty() && attachments == 0 && call.Count("/blocks") == 0) {
    return "no_text";
  }
  if (RuneCount(call.Text("/text")) > kTextRunesMax) return "msg_too_long";
  if (attachments > kAttachmentsMax) return "too_many_attachments";
  for (size_t i = 0; i <= attachments; ++i) {
    const std::string at = i < attachments ? "/attachments/" + std::to_string(i) : "";
    simdjson::dom::array blocks;
    if (call.body->at_pointer(at + "/blocks").get(blocks) != simdjson::SUCCESS) continue;
    std::string error = BlocksError(blocks);
    if (!error.empty()) return error;
  }
  return "";
}

std::string ChannelError(const std::string& channel) {
  if (channel.find("missing") != std::string::npos) return "channel_not_found";
  return channel.find("archived") != std::string::npos ? "is_archived" : "";
}

std::string Seen(const ChatCall& call) {
  const std::string title = call.Text("/attachments/0/title");
  const std::string block = call.Text("/attachments/0/blocks/0/text/text");
  return !title.empty() ? title : !block.empty() ? block : call.Text("/text");
}

// The buttons in blocks of attachments.
std::vector<ChatButton> ButtonsOf(const ChatCall& call) {
  std::vector<ChatButton> buttons;
  for (size_t a = 0; a < call.Count("/attachments"); ++a) {
    const std::string attachment = "/attachments/" + std::to_string(a) + "/blocks";
    for (size_t b = 0; b < call.Count(attachment); ++b) {
      const std::string block = attachment + "/" + std::to_string(b) + "/elements";
      for (size_t e = 0; e < call.Count(block); ++e) {
        const std::string element = block + "/" + std::to_string(e);
        if (call.Text(element + "/type") != "button") continue;
        buttons.push_back({call.Text(element + "/action_id"), call.Text(element + "/value")});
      }
    }
  }
  return buttons;
}

Reply Refused(std::string_view error) {
  JsonWriter json;
  return ChatJson(200,
                  json.StartObject().Field("ok", false).Field("error", error).EndObject().Take());
}

// A channel's identity; a name gets one that stays the same.
std::string ChannelId(const std::string& channel) {
  const bool is_id =
      channel.size() == 9 && channel[0] == 'C' && channel.find('#') == std::string::npos;
  if (is_id) return channel;
  std::string id = "C" + Sha256Hex(channel).substr(0, 8);
  for (char& c : id) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return id;
}

// "1700000000.000100".
std::string Timestamp(WallTime now, size_t count) {
  char text[40];
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count();
  std::snprintf(text, sizeof(text), "%lld.%06zu", static_cast<long long>(seconds),
                count % 1'000'000);
  return text;
}

Reply Accepted(const std::string& channel, const std::string& ts) {
  JsonWriter json;
  json.StartObject().Field("ok", true).Field("channel", channel).Field("ts", ts);
  return ChatJson(200, json.EndObject().Take());
}

Reply Update(const ChatCall& call, ChatRoom& room) {
  const std::string channel = call.Text("/channel");
  // A name will not do here.
  if (ChannelId(channel) != channel) return Refused("channel_not_found");
  ChatMessage* message = room.Find("slack", channel, call.Text("/ts"));
  if (message == nullptr) return Refused("message_not_found");
  message->text = Seen(call);
  message->buttons = ButtonsOf(call);
  ++message->updates;
  return Accepted(channel, message->id);
}

Reply Post(const ChatCall& call, ChatRoom& room) {
  const std::string channel = call.Text("/channel");
  const std::string error = channel.empty() ? "channel_not_found" : ChannelError(channel);
  if (!error.empty()) return Refused(error);
  const std::string id = ChannelId(channel);
  const std::string thread = call.Text("/thread_ts");
  if (!thread.empty() && room.Find("slack", id, thread) == nullptr) {
    return Refused("cannot_reply_to_message");
  }
  const std::string number = room.Add({"slack", id, "", thread, Seen(call), 0, ButtonsOf(call)}).id;
  const std::string ts = Timestamp(call.now, std::stoul(number));
  room.Find("slack", id, number)->id = ts;
  return Accepted(id, ts);
}

Reply AnswerApi(const ChatCall& call, const std::string& secret, ChatRoom& room) {
  const std::string token = BearerToken(call);
  if (token.empty()) return Refused("not_authed");
  if (!Right(secret, token)) return Refused("invalid_auth");
  if (!call.body) return Refused("invalid_json");
  const std::string error = ContentError(call);
  if (!error.empty()) return Refused(error);
  return call.path.ends_with("update") ? Update(call, room) : Post(call, room);
}

Reply AnswerWebhook(const ChatCall& call, const std::string& secret, ChatRoom& room) {
  if (!Right(secret, call.key)) return ChatText(403, "invalid_token");
  if (!call.body) return ChatText(400, "invalid_payload");
  const std::string channel = call.Text("/channel");
  const std::string error = ChannelError(channel);
  if (error == "channel_not_found") return ChatText(404, error);
  if (!error.empty()) return ChatText(410, "channel_is_archived");
  const std::string content = ContentError(call);
  if (!content.empty()) return ChatText(400, content);
  room.Add({"slack", channel, "", "", Seen(call), 0, ButtonsOf(call)});
  return ChatText(200, "ok");
}

}  // namespace

ChatVendor SlackWebhook() {
  return {"/services/[^/]+/[^/]+/([^/]+)", AnswerWebhook, [](int status, int64_t) {
            return ChatText(status, status == 429 ? "rate_limited" : "rollup_error");
          }};
}

ChatVendor SlackApi() {
  return {"/api/chat\\.(?:postMessage|update)", AnswerApi, [](int status, int64_t) {
            Reply reply = Refused(status == 429 ? "ratelimited" : "internal_error");
            reply.status = status;
            return reply;
          }};
}

}  // namespace watchfire::pagersim
