// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Chats that take messages: Slack, Discord, Microsoft Teams, Mattermost, Rocket.Chat, Telegram and
// Webex, one file each. They share a room in which every message is kept. No sockets and no clock;
// owned by one thread.

#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "cmd/pagersim/behaviour.h"
#include "cmd/pagersim/reply.h"
#include "pkg/base/secret.h"
#include "pkg/base/time.h"

namespace watchfire::pagersim {

// A button of Block Kit that calls back.
struct ChatButton {
  std::string action_id;
  std::string value;
};

struct ChatMessage {
  std::string vendor;
  std::string channel;
  std::string id;      // As the vendor names it.
  std::string thread;  // The message that this one replies to.
  std::string text;    // What a reader sees first of it.
  int updates = 0;
  std::vector<ChatButton> buttons = {};
};

// The last messages, oldest first.
class ChatRoom {
 public:
  static constexpr size_t kMessagesMax = 1000;

  // Takes a message without id, which becomes a number that counts from 1.
  const ChatMessage& Add(ChatMessage message);
  ChatMessage* Find(std::string_view vendor, std::string_view channel, std::string_view id);

  // The button of that name in that message, or in the last that has one when `id` is "".
  std::optional<ChatButton> FindButton(std::string_view id, std::string_view action_id) const;

  // [{"vendor":…,"channel":…,"id":…,"thread":…,"text":…,"updates":0}], with "buttons":["NAME",…]
  // where there are any.
  std::string Json() const;

 private:
  std::deque<ChatMessage> messages_;
  uint64_t last_id_ = 0;
};

// A message as it arrives. `body` is a JSON object, or nullopt.
struct ChatCall {
  std::string path;
  std::string key;  // What stands for the secret in the path.
  std::function<std::string(const char* name)> header;
  size_t bytes = 0;  // Of the body.
  std::optional<simdjson::dom::element> body;
  WallTime now;

  // Texts of the body by JSON pointer; "" when absent or no text.
  std::string Text(std::string_view pointer) const;
  size_t Count(std::string_view pointer) const;  // Entries of a list; 0 when absent or none.
};

// One kind of endpoint, all of POST.
struct ChatVendor {
  std::string path;  // A regular expression for the whole path; its first group is the secret.
  // `authentic`: the secret, or what the vendor has for one in the headers, is the right one.
  std::function<Reply(const ChatCall& call, const std::string& secret, ChatRoom& room)> answer;
  // What goes with an HTTP status that was asked for; 200: a refusal that looks like success.
  std::function<Reply(int status, int64_t retry_after_s)> failure;
};

// The vendors. `Right(secret, given)`: an empty secret takes anything but nothing.
ChatVendor SlackWebhook();
ChatVendor SlackApi();
ChatVendor Discord();
ChatVendor TeamsConnector();
ChatVendor TeamsWorkflow();
ChatVendor Mattermost();
ChatVendor RocketChat();
ChatVendor Telegram();
ChatVendor Webex();

bool Right(const std::string& secret, std::string_view given);
// The token of an Authorization header; "" when it is of another scheme.
std::string BearerToken(const ChatCall& call);
// Replies in JSON, and in plain text.
Reply ChatJson(int status, std::string body);
Reply ChatText(int status, std::string body);

class Chats {
 public:
  // `secret`: the last part of webhooks' URLs, and every token; empty: any.
  explicit Chats(Secret secret);

  const std::vector<ChatVendor>& vendors() const { return vendors_; }

  // Answers a POST whose path is one of vendors().
  Reply Answer(ChatCall call, std::string_view body);
  // What the vendor of that path says when it fails as asked for; nullopt: no chat's path.
  std::optional<Reply> Failure(const std::string& path, const Behaviour& behaviour) const;
  // The path without its secret.
  std::string Masked(std::string path) const;

  std::string Json() const { return room_.Json(); }
  std::optional<ChatButton> FindButton(std::string_view id, std::string_view action_id) const {
    return room_.FindButton(id, action_id);
  }

 private:
  const ChatVendor* Find(const std::string& path, std::smatch* match) const;

  const Secret secret_;
  const std::vector<ChatVendor> vendors_;
  std::vector<std::regex> paths_;  // Beside the vendors.
  ChatRoom room_;
};

}  // namespace watchfire::pagersim
