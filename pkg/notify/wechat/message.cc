// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/wechat/message.h"

#include <string_view>
#include <tuple>

#include <simdjson.h>

#include "pkg/base/json.h"

namespace watchfire::notify::wechat {

std::string MessageJson(const Options& options, Rendering* message) {
  const bool is_markdown = options.message_type == "markdown";
  const std::string content = message->Text(options.message);
  JsonWriter json(/*escape_html=*/true);
  json.StartObject();
  json.Key("text").StartObject().Field("content", is_markdown ? "" : content).EndObject();
  const auto field = [&](const char* name, const templates::Snippet& snippet) {
    const std::string value = message->Text(snippet);
    if (!value.empty()) json.Field(name, value);
  };
  field("touser", options.to_user);
  field("toparty", options.to_party);
  field("totag", options.to_tag);
  field("agentid", options.agent_id);
  json.Field("safe", "0").Field("msgtype", options.message_type);
  json.Key("markdown").StartObject().Field("content", is_markdown ? content : "").EndObject();
  return json.EndObject().Take() + "\n";
}

std::optional<Answer> ReadAnswer(const std::string& body) {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(simdjson::padded_string(body)).get(object) != simdjson::SUCCESS) return {};
  Answer answer;
  std::string_view text;
  std::ignore = object["errcode"].get(answer.code);
  if (object["errmsg"].get(text) == simdjson::SUCCESS) answer.message = std::string(text);
  if (object["access_token"].get(text) == simdjson::SUCCESS) answer.token = std::string(text);
  return answer;
}

}  // namespace watchfire::notify::wechat
