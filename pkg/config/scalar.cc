// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/config/scalar.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "pkg/base/strings.h"

namespace watchfire::config {
namespace {

template <typename T>
std::optional<T> ParseWhole(std::string_view text, int base) {
  T value{};
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value, base);
  if (text.empty() || error != std::errc() || stop != end) return std::nullopt;
  return value;
}

struct Digits {
  std::string text;  // With a minus sign, without prefix.
  int base = 10;
};

// Takes sign, underscores and prefix off.
Digits SplitDigits(const std::string& text) {
  if (text.starts_with('_')) return {};
  std::string rest;
  for (const char c : text) {
    if (c != '_') rest += c;
  }
  const bool is_negative = rest.starts_with('-');
  if (is_negative || rest.starts_with('+')) rest.erase(0, 1);
  if (rest.starts_with('-') || rest.starts_with('+')) return {};
  Digits digits;
  static constexpr std::array<std::pair<std::string_view, int>, 4> kPrefixes = {
      {{"0x", 16}, {"0b", 2}, {"0o", 8}, {"0", 8}}};
  for (const auto& [prefix, base] : kPrefixes) {
    if (rest.size() <= prefix.size() || !ToLower(rest).starts_with(prefix)) continue;
    digits.base = base;
    rest.erase(0, prefix.size());
    break;
  }
  digits.text = (is_negative ? "-" : "") + rest;
  return digits;
}

std::optional<int64_t> ParseInteger(const std::string& text) {
  const Digits digits = SplitDigits(text);
  return ParseWhole<int64_t>(digits.text, digits.base);
}

std::optional<double> ParseFraction(const std::string& text) {
  std::string_view rest = text;
  if (rest.starts_with('+')) rest.remove_prefix(1);
  // from_chars takes words like "inf", YAML does not.
  const auto is_part = [](char c) {
    return (c >= '0' && c <= '9') || std::string_view("+-.eE").find(c) != std::string_view::npos;
  };
  double value = 0;
  const char* end = rest.data() + rest.size();
  const auto [stop, error] = std::from_chars(rest.data(), end, value);
  if (rest.empty() || error != std::errc() || stop != end || !std::ranges::all_of(rest, is_part)) {
    return std::nullopt;
  }
  return value;
}

}  // namespace

std::optional<bool> ParseYamlBool(const std::string& text) {
  static constexpr std::array<std::string_view, 4> kTrue = {"y", "yes", "on", "true"};
  static constexpr std::array<std::string_view, 4> kFalse = {"n", "no", "off", "false"};
  if (text.empty()) return std::nullopt;
  const std::string lower = ToLower(text);
  const auto is_lower = [](char c) { return c >= 'a' && c <= 'z'; };
  const bool is_mixed = lower.compare(1, std::string::npos, text, 1) != 0;
  if (is_mixed && std::ranges::any_of(text, is_lower)) return std::nullopt;
  if (std::ranges::count(kTrue, lower) > 0) return true;
  if (std::ranges::count(kFalse, lower) > 0) return false;
  return std::nullopt;
}

std::optional<int64_t> ParseYamlInt(const std::string& text) {
  if (const std::optional<int64_t> value = ParseInteger(text)) return value;
  const std::optional<double> fraction = ParseFraction(text);
  if (!fraction || std::abs(*fraction) >= 9.2e18) return std::nullopt;
  return static_cast<int64_t>(*fraction);
}

std::optional<double> ParseYamlNumber(const std::string& text) {
  if (const std::optional<int64_t> value = ParseInteger(text)) return static_cast<double>(*value);
  return ParseFraction(text);
}

std::string HostPort::ToString() const {
  if (empty()) return "";
  const bool is_v6 = host.find(':') != std::string::npos;
  return (is_v6 ? "[" + host + "]" : host) + ":" + port;
}

Result<HostPort> ParseHostPort(const std::string& text) {
  const auto fail = [&](const std::string& why) {
    return InvalidArgument("address " + text + ": " + why);
  };
  const size_t colon = text.rfind(':');
  if (colon == std::string::npos) return fail("missing port in address");
  HostPort address;
  if (text.starts_with('[')) {
    const size_t end = text.find(']');
    if (end == std::string::npos) return fail("missing ']' in address");
    if (end + 1 == text.size()) return fail("missing port in address");
    if (end + 1 != colon) {
      return fail(text[end + 1] == ':' ? "too many colons in address" : "missing port in address");
    }
    address.host = text.substr(1, end - 1);
  } else {
    address.host = text.substr(0, colon);
    if (address.host.find(':') != std::string::npos) return fail("too many colons in address");
  }
  address.port = text.substr(colon + 1);
  if (address.host.find('[') != std::string::npos || address.port.find('[') != std::string::npos) {
    return fail("unexpected '[' in address");
  }
  if (address.host.find(']') != std::string::npos || address.port.find(']') != std::string::npos) {
    return fail("unexpected ']' in address");
  }
  if (!address.port.empty()) return address;
  return InvalidArgument("address " + GoQuote(text) + ": port cannot be empty");
}

bool IsPlaceholder(std::string_view text, bool is_url) {
  if (text.size() < 3) return false;
  if (text.starts_with('<') && text.ends_with('>')) return true;
  const auto is_capital = [](char c) { return c >= 'A' && c <= 'Z'; };
  const auto joins = [](char c) { return c == '_' || c == '-'; };
  if (std::ranges::all_of(text, [&](char c) { return is_capital(c) || joins(c); })) {
    if (is_url || std::ranges::any_of(text, joins)) return true;
  }
  std::string word = ToLower(text);
  std::ranges::replace_if(
      word, [&](char c) { return joins(c) || c == ' '; }, '_');
  if (word.starts_with("your_")) return true;
  static constexpr std::array<std::string_view, 6> kWords = {"changeme",   "change_me", "replaceme",
                                                             "replace_me", "fixme",     "todo"};
  return std::ranges::count(kWords, word) > 0 ||
         word.find_first_not_of("x_") == std::string::npos ||
         word.find_first_not_of('*') == std::string::npos ||
         word.find_first_not_of('.') == std::string::npos;
}

Any ToAny(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::kNull:
      return {};
    case YamlNode::Kind::kScalar: {
      if (!node.plain) return {node.text};
      if (const auto value = ParseYamlBool(node.text)) return {*value};
      if (const auto value = ParseInteger(node.text)) return {*value};
      if (const auto value = ParseFraction(node.text)) return {*value};
      return {node.text};
    }
    case YamlNode::Kind::kList: {
      Any::List list;
      for (const YamlNode& item : node.items) list.push_back(ToAny(item));
      return {std::move(list)};
    }
    case YamlNode::Kind::kMap:
      break;
  }
  Any::Map map;
  for (size_t i = 0; i < node.keys.size(); ++i) {
    map.emplace(node.keys[i].text, ToAny(node.items[i]));
  }
  return {std::move(map)};
}

Result<Any> ParseAny(const std::string& text) {
  Problems problems;
  const Source source("", &problems);
  const std::optional<YamlNode> node = ParseYamlDocument(text, source);
  if (node && !problems.has_error()) return ToAny(*node);
  const Problem first = problems.Take().front();
  return InvalidArgument("line " + std::to_string(first.line) + ": " + first.message);
}

}  // namespace watchfire::config
