// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "cmd/pagersim/pushover.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

#include "pkg/base/json.h"
#include "pkg/base/strings.h"

namespace watchfire::pagersim {
namespace {

constexpr const char* kRequest = "5042853c-402d-4a18-abcb-168734a801de";

std::string Get(const Fields& fields, const std::string& name) {
  const auto found = fields.find(name);
  return found == fields.end() ? "" : found->second;
}

bool IsKey(const std::string& text) {
  return text.size() == 30 && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
         });
}

std::optional<int> Number(const std::string& text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(number)
                                                                  : std::nullopt;
}

// What the vendor says about an emergency that it will not ring.
void CheckEmergency(const Fields& fields, std::vector<std::string>* errors) {
  const std::optional<int> retry = Number(Get(fields, "retry"));
  const std::optional<int> expire = Number(Get(fields, "expire"));
  if (!retry) errors->emplace_back("retry must be supplied with priority=2");
  if (retry && *retry < 30) errors->emplace_back("retry must be at least 30 seconds");
  if (!expire) errors->emplace_back("expire must be supplied with priority=2");
  if (expire && *expire > 10'800) errors->emplace_back("expire must be at most 10800 seconds");
}

}  // namespace

Reply PushoverAnswer(const Fields& fields) {
  std::vector<std::string> errors;
  std::string invalid;  // The field the vendor points at.
  if (!IsKey(Get(fields, "token"))) {
    invalid = "token";
    errors.emplace_back("application token is invalid");
  } else if (!IsKey(Get(fields, "user"))) {
    invalid = "user";
    errors.emplace_back("user identifier is not a valid user, group, or subscribed user key");
  }
  if (Get(fields, "message").empty()) errors.emplace_back("message cannot be blank");
  const std::pair<const char*, size_t> limits[] = {
      {"title", 250}, {"message", 1024}, {"url", 512}, {"url_title", 100}};
  for (const auto& [name, runes_max] : limits) {
    if (RuneCount(RepairUtf8(Get(fields, name))) > runes_max) {
      errors.push_back(std::string(name) + " is too long (at most " + std::to_string(runes_max) +
                       " characters)");
    }
  }
  const std::string text = Get(fields, "priority");
  const std::optional<int> priority = text.empty() ? 0 : Number(text);
  if (!priority || *priority < -2 || *priority > 2) errors.emplace_back("priority is invalid");
  if (priority == 2) CheckEmergency(fields, &errors);
  if (Get(fields, "html") == "1" && Get(fields, "monospace") == "1") {
    errors.emplace_back("html and monospace are mutually exclusive");
  }
  JsonWriter json;
  json.StartObject();
  if (errors.empty()) {
    json.Field("status", 1).Field("request", kRequest);
    if (priority == 2) json.Field("receipt", "rLqVuqTRh62UzxtmqiaLzQmVcPgiCy");
    return {200, json.EndObject().Take()};
  }
  if (!invalid.empty()) json.Field(invalid, "invalid");
  json.Key("errors").StartArray();
  for (const std::string& error : errors) json.String(error);
  json.EndArray().Field("status", 0).Field("request", kRequest);
  return {400, json.EndObject().Take()};
}

std::string PushoverShown(const Fields& fields) {
  JsonWriter json;
  json.StartObject();
  for (const auto& [name, value] : fields) {
    if (name != "token" && name != "user") json.Field(name, value);
  }
  return json.EndObject().Take();
}

}  // namespace watchfire::pagersim
