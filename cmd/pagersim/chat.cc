// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "cmd/pagersim/chat.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "pkg/base/json.h"
#include "pkg/base/strings.h"

namespace watchfire::pagersim {

const ChatMessage& ChatRoom::Add(ChatMessage message) {
  if (messages_.size() == kMessagesMax) messages_.pop_front();
  ++last_id_;
  if (message.id.empty()) message.id = std::to_string(last_id_);
  messages_.push_back(std::move(message));
  return messages_.back();
}

ChatMessage* ChatRoom::Find(std::string_view vendor, std::string_view channel,
                            std::string_view id) {
  const auto found = std::ranges::find_if(messages_, [&](const ChatMessage& message) {
    return message.vendor == vendor && message.channel == channel && message.id == id;
  });
  return found == messages_.end() ? nullptr : &*found;
}

std::optional<ChatButton> ChatRoom::FindButton(std::string_view id,
                                               std::string_view action_id) const {
  std::optional<ChatButton> found;
  for (const ChatMessage& message : messages_) {
    if (!id.empty() && message.id != id) continue;
    for (const ChatButton& button : message.buttons) {
      if (button.action_id == action_id) found = button;
    }
  }
  return found;
}

std::string ChatRoom::Json() const {
  JsonWriter json;
  json.StartArray();
  for (const ChatMessage& message : messages_) {
    json.StartObject().Field("vendor", message.vendor).Field("channel", message.channel);
    json.Field("id", message.id).Field("thread", message.thread).Field("text", message.text);
    json.Field("updates", message.updates);
    if (!message.buttons.empty()) {
      json.Key("buttons").StartArray();
      for (const ChatButton& button : message.buttons) json.String(button.action_id);
      json.EndArray();
    }
    json.EndObject();
  }
  return json.EndArray().Take();
}

std::string ChatCall::Text(std::string_view pointer) const {
  std::string_view text;
  if (!body || body->at_pointer(pointer).get(text) != simdjson::SUCCESS) return "";
  return std::string(text);
}

size_t ChatCall::Count(std::string_view pointer) const {
  simdjson::dom::array list;
  if (!body || body->at_pointer(pointer).get(list) != simdjson::SUCCESS) return 0;
  return list.size();
}

bool Right(const std::string& secret, std::string_view given) {
  if (secret.empty()) return !given.empty();
  return EqualsConstantTime(given, secret);
}

std::string BearerToken(const ChatCall& call) {
  constexpr std::string_view kScheme = "Bearer ";
  const std::string header = call.header("Authorization");
  return header.starts_with(kScheme) ? header.substr(kScheme.size()) : "";
}

Reply ChatJson(int status, std::string body) {
  return {.status = status, .body = std::move(body), .type = "application/json; charset=utf-8"};
}

Reply ChatText(int status, std::string body) {
  return {.status = status, .body = std::move(body), .type = "text/plain; charset=utf-8"};
}

Chats::Chats(Secret secret)
    : secret_(std::move(secret)),
      vendors_({SlackWebhook(), SlackApi(), Discord(), TeamsConnector(), TeamsWorkflow(),
                Mattermost(), RocketChat(), Telegram(), Webex()}) {
  for (const ChatVendor& vendor : vendors_) paths_.emplace_back(vendor.path);
}

const ChatVendor* Chats::Find(const std::string& path, std::smatch* match) const {
  for (size_t i = 0; i < vendors_.size(); ++i) {
    if (std::regex_match(path, *match, paths_[i])) return &vendors_[i];
  }
  return nullptr;
}

Reply Chats::Answer(ChatCall call, std::string_view body) {
  std::smatch match;
  const ChatVendor* vendor = Find(call.path, &match);
  if (vendor == nullptr) return ChatText(404, "no such chat");
  if (match.size() > 1) call.key = match[1].str();
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  const bool is_json = parser.parse(body.data(), body.size()).get(root) == simdjson::SUCCESS;
  if (is_json && root.is_object()) call.body = root;
  call.bytes = body.size();
  return vendor->answer(call, secret_.reveal(), room_);
}

std::optional<Reply> Chats::Failure(const std::string& path, const Behaviour& behaviour) const {
  std::smatch match;
  const ChatVendor* vendor = Find(path, &match);
  if (vendor == nullptr) return std::nullopt;
  const auto wait = std::chrono::floor<std::chrono::seconds>(behaviour.retry_after);
  return vendor->failure(behaviour.status == 0 ? 200 : behaviour.status, wait.count());
}

std::string Chats::Masked(std::string path) const {
  std::smatch match;
  if (Find(path, &match) == nullptr || match.size() < 2) return path;
  const auto begin = static_cast<size_t>(match.position(1));
  const auto length = static_cast<size_t>(match.length(1));
  return path.replace(begin, length, "***");
}

}  // namespace watchfire::pagersim
