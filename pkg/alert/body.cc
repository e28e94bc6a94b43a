// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/alert/body.h"

#include "pkg/alert/json_fault.h"
#include "pkg/alert/lenient.h"
#include "pkg/base/strings.h"

namespace watchfire::alert {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

// A year outside the range of our nanoseconds becomes the nearest leap year (for the sake of
// 29 February) inside.
std::optional<ZonedTime> Saturate(std::string_view text) {
  const std::string_view year = text.substr(0, 4);
  const bool number = year.find_first_not_of("0123456789") == std::string_view::npos;
  if (text.size() < 10 || !number || (year >= "1678" && year <= "2261")) return std::nullopt;
  const auto time = ParseZonedTime((year > "2261" ? "2260" : "1680") + std::string(text.substr(4)));
  return time ? std::optional<ZonedTime>(*time) : std::nullopt;
}

}  // namespace

WireError Unparsable(const std::string& body_name, const std::string& why) {
  return {400, 400, "parsing " + body_name + " body from \"\" failed, because " + why};
}

WireError Required(const std::string& member) {
  return {422, kRequiredCode, member + " in body is required"};
}

const char* TypeName(element value) {
  switch (value.type()) {
    case element_type::ARRAY:
      return "an array";
    case element_type::OBJECT:
      return "an object";
    case element_type::STRING:
      return "a string";
    case element_type::BOOL:
      return "a boolean";
    case element_type::NULL_VALUE:
      return "null";
    default:
      return "a number";
  }
}

tl::expected<element, WireError> ParseBody(const std::string& body_name, const std::string& body,
                                           simdjson::dom::parser* parser) {
  if (body.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    return tl::unexpected(Required(body_name));
  }
  element root;
  simdjson::error_code error = parser->parse(body).get(root);
  if (error != simdjson::SUCCESS) {
    // The strict parser is fast; the few bodies it refuses get a second chance.
    const std::string repaired = RepairJson(body);
    if (repaired != body) error = parser->parse(repaired).get(root);
  }
  if (error != simdjson::SUCCESS) {
    return tl::unexpected(
        Unparsable(body_name, DescribeJsonFault(body, simdjson::error_message(error))));
  }
  return root;
}

std::string WithRoom(std::string_view body) {
  std::string copy;
  copy.reserve(body.size() + simdjson::SIMDJSON_PADDING);
  return copy.append(body);
}

std::string_view FieldReader::Text(const std::string& member, element value) {
  std::string_view text;
  if (value.get(text) != simdjson::SUCCESS) Mismatch(member, "a string", value);
  return text;
}

bool FieldReader::Bool(const std::string& member, element value) {
  bool is_true = false;
  if (value.get(is_true) != simdjson::SUCCESS) Mismatch(member, "a boolean", value);
  return is_true;
}

ZonedTime FieldReader::Time(const std::string& member, element value) {
  const std::string_view text = Text(member, value);
  if (text.empty()) return {WallTime(), 0};
  Result<ZonedTime> time = ParseZonedTime(text);
  if (!time) {
    if (const auto saturated = Saturate(text)) time = *saturated;
  }
  if (time) return *time;
  Fault(": " + member + ": " + time.error().message);
  return {};
}

void FieldReader::Map(const std::string& member, element value,
                      std::optional<std::vector<labels::Label>>* out) {
  if (value.is_null()) {
    out->reset();
    return;
  }
  simdjson::dom::object object;
  if (value.get(object) != simdjson::SUCCESS) {
    return Mismatch(member, "an object of strings", value);
  }
  if (!*out) out->emplace();
  (*out)->reserve((*out)->size() + object.size());
  for (const auto& [key, value_of_key] : object) {
    std::string_view text;
    // The name of the member is put together only for a fault.
    if (value_of_key.get(text) != simdjson::SUCCESS && !value_of_key.is_null()) {
      text = Text(member + "." + std::string(key), value_of_key);
    }
    (*out)->push_back({key, text});
  }
}

void FieldReader::Mismatch(const std::string& member, const char* want, element value) {
  Fault((member.empty() ? "" : ": " + member) + " must be " + want + ", not " + TypeName(value));
}

void FieldReader::Fault(const std::string& what) {
  if (!fault_.empty()) return;
  fault_ = kind_ + (index_ ? " " + std::to_string(*index_) : "") + TruncateRunes(what, kEchoRunes);
}

}  // namespace watchfire::alert
