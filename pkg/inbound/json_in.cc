// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/inbound/json_in.h"

#include <charconv>
#include <cmath>

#include "pkg/alert/json_fault.h"
#include "pkg/base/strings.h"
#include "pkg/inbound/json_mend.h"

namespace watchfire::inbound {
namespace {

std::optional<Element> Member(const Element& value, std::string_view name) {
  Element member;
  simdjson::dom::array array;
  if (value.get(array) == simdjson::SUCCESS) {
    size_t index = 0;
    const auto [stop, error] = std::from_chars(name.data(), name.data() + name.size(), index);
    const bool is_number = error == std::errc() && stop == name.data() + name.size();
    if (!is_number || array.at(index).get(member) != simdjson::SUCCESS) return std::nullopt;
    return member;
  }
  Object object;
  if (value.get(object) != simdjson::SUCCESS || object[name].get(member) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  return member;
}

}  // namespace

std::string TextOf(const Element& value) {
  if (value.is_null()) return "";
  std::string_view text;
  if (value.get(text) == simdjson::SUCCESS) return std::string(text);
  return simdjson::minify(value);
}

std::string TextOf(const Object& object, std::string_view name) {
  Element value;
  return object[name].get(value) == simdjson::SUCCESS ? TextOf(value) : std::string();
}

std::optional<Element> At(const Element& root, std::string_view path) {
  Element value = root;
  while (true) {
    // A name may hold dots itself: the whole rest is tried first.
    if (const auto whole = Member(value, path)) return whole;
    const size_t dot = path.find('.');
    if (dot == std::string_view::npos) return std::nullopt;
    const auto next = Member(value, path.substr(0, dot));
    if (!next) return std::nullopt;
    value = *next;
    path.remove_prefix(dot + 1);
  }
}

std::optional<Object> ObjectOf(const Object& object, std::string_view name) {
  Object member;
  if (object[name].get(member) != simdjson::SUCCESS) return std::nullopt;
  return member;
}

std::vector<Element> ListOf(const Object& object, std::string_view name) {
  simdjson::dom::array array;
  if (object[name].get(array) != simdjson::SUCCESS) return {};
  return {array.begin(), array.end()};
}

WallTime TimeOf(const Object& object, std::string_view name, WallTime now) {
  constexpr double kMillis = 1e11;  // Seconds reach it in the year 5138, milliseconds did in 1973.
  const std::string text = TextOf(object, name);
  if (text.empty()) return kNoTime;
  double number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  WallTime time = kNoTime;
  if (error == std::errc() && stop == text.data() + text.size()) {
    if (std::fabs(number) >= kMillis) number /= 1000;
    if (!(number > 0) || number >= kMillis / 20) return kNoTime;
    time = WallTime(FromSeconds(number));
  } else {
    time = ParseTime(text).value_or(kNoTime);
  }
  return time > now || time < WallTime() ? kNoTime : time;
}

Result<JsonIn> JsonIn::Parse(std::string_view body) {
  JsonIn json;
  json.parser_ = std::make_unique<simdjson::dom::parser>();
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (body.starts_with(kByteOrderMark)) body.remove_prefix(kByteOrderMark.size());
  simdjson::error_code error = json.parser_->parse(body.data(), body.size()).get(json.element_);
  std::string mended;
  if (error == simdjson::UTF8_ERROR) {
    body = mended = RepairUtf8(body);
    error = json.parser_->parse(body.data(), body.size()).get(json.element_);
  }
  if (error) {
    body = mended = MendJson(body);
    error = json.parser_->parse(body.data(), body.size()).get(json.element_);
  }
  if (error) {
    return InvalidArgument("invalid JSON: " +
                           alert::DescribeJsonFault(body, simdjson::error_message(error)));
  }
  if (json.element_.get(json.root_) != simdjson::SUCCESS) {
    return InvalidArgument("invalid JSON: line 1, column 1: the body must be an object");
  }
  return json;
}

std::string JsonIn::NoText(std::initializer_list<std::string_view> names) const {
  for (const std::string_view name : names) {
    Element value;
    if (root_[name].get(value) != simdjson::SUCCESS) continue;
    if (value.is_array() || value.is_object()) return std::string(name);
  }
  return "";
}

std::string Cut(std::string_view text, size_t max) {
  size_t runes = 0;
  for (size_t at = 0; at < text.size(); ++at) {
    const bool begins = (static_cast<unsigned char>(text[at]) & 0xc0) != 0x80;
    if (begins && runes++ == max) return std::string(text.substr(0, at));
  }
  return std::string(text);
}

}  // namespace watchfire::inbound
