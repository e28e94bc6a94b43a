// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "cmd/pagersim/wechat.h"

#include <simdjson.h>

#include "pkg/base/json.h"

namespace watchfire::pagersim {
namespace {

constexpr std::chrono::seconds kTokenLife{7200};

Reply Refused(int code, std::string_view message) {
  JsonWriter json;
  json.StartObject().Field("errcode", code).Field("errmsg", message).EndObject();
  return {200, json.Take()};
}

std::string Text(const simdjson::dom::object& object, std::string_view name) {
  std::string_view text;
  return object[name].get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

}  // namespace

Reply WechatDesk::GetToken(const std::string& company, const std::string& secret, WallTime now) {
  if (company.empty()) return Refused(41002, "corpid missing");
  if (secret.empty()) return Refused(41004, "corpsecret missing");
  if (secret == "wrong") return Refused(40001, "invalid credential");
  const std::string token = "token-" + std::to_string(++issued_);
  std::erase_if(tokens_, [now](const auto& entry) { return entry.second <= now; });
  tokens_[token] = now + kTokenLife;
  JsonWriter json;
  json.StartObject().Field("errcode", 0).Field("errmsg", "ok").Field("access_token", token);
  json.Field("expires_in", static_cast<int64_t>(kTokenLife.count())).EndObject();
  return {200, json.Take()};
}

Reply WechatDesk::Send(const std::string& token, std::string_view body, WallTime now) const {
  if (token.empty()) return Refused(41001, "access_token missing");
  const auto known = tokens_.find(token);
  if (known == tokens_.end()) return Refused(40014, "invalid access_token");
  if (known->second <= now) return Refused(42001, "access_token expired");

  simdjson::dom::parser parser;
  simdjson::dom::object message;
  if (parser.parse(body.data(), body.size()).get(message) != simdjson::SUCCESS) {
    return Refused(47001, "data format error");
  }
  const std::string type = Text(message, "msgtype");
  if (type != "text" && type != "markdown") return Refused(40008, "invalid message type");
  if (Text(message, "agentid").empty()) return Refused(41011, "missing agentid");
  if (Text(message, "touser").empty() && Text(message, "toparty").empty() &&
      Text(message, "totag").empty()) {
    return Refused(81013, "user & party & tag all invalid");
  }
  simdjson::dom::object content;
  if (message[type].get(content) != simdjson::SUCCESS || Text(content, "content").empty()) {
    return Refused(44004, "content size out of limit");
  }
  JsonWriter json;
  json.StartObject().Field("errcode", 0).Field("errmsg", "ok");
  json.Field("msgid", "pagersim").EndObject();
  return {200, json.Take()};
}

}  // namespace watchfire::pagersim
