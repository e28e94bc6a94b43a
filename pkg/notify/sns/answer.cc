// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/sns/answer.h"

#include <string_view>
#include <utility>

#include <simdjson.h>

#include "pkg/base/time.h"

namespace watchfire::notify::sns {
namespace {

WallTime Expiration(const std::string& text) {
  return text.empty() ? WallTime::max() : ParseTime(text).value_or(WallTime::max());
}

}  // namespace

std::string XmlText(const std::string& body, const std::string& tag) {
  const size_t begin = body.find("<" + tag + ">");
  if (begin == std::string::npos) return "";
  const size_t from = begin + tag.size() + 2;
  const size_t end = body.find("</" + tag + ">", from);
  if (end == std::string::npos) return "";
  std::string text = body.substr(from, end - from);
  const std::pair<std::string_view, std::string_view> entities[] = {
      {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&apos;", "'"}, {"&amp;", "&"}};
  for (const auto& [entity, character] : entities) {
    for (size_t at = 0; (at = text.find(entity, at)) != std::string::npos; ++at) {
      text.replace(at, entity.size(), character);
    }
  }
  return text;
}

Credentials CredentialsOfXml(const std::string& body) {
  return {XmlText(body, "AccessKeyId"), XmlText(body, "SecretAccessKey"),
          XmlText(body, "SessionToken"), Expiration(XmlText(body, "Expiration"))};
}

Credentials CredentialsOfJson(const std::string& body) {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(simdjson::padded_string(body)).get(object) != simdjson::SUCCESS) return {};
  const auto text = [&](const char* name) {
    std::string_view value;
    return object[name].get(value) == simdjson::SUCCESS ? std::string(value) : std::string();
  };
  return {text("AccessKeyId"), text("SecretAccessKey"), text("Token"),
          Expiration(text("Expiration"))};
}

}  // namespace watchfire::notify::sns
