// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <array>
#include <sstream>
#include <string>

#include "cmd/wfctl/api.h"
#include "pkg/base/json.h"
#include "pkg/base/strings.h"

namespace watchfire::wfctl {
namespace {

using simdjson::dom::element;

// Texts that YAML would take for something else, or that hold its signs, are written as JSON
// strings, which YAML reads alike.
std::string Scalar(std::string_view text) {
  static constexpr std::array kWords = {"true", "false", "null", "yes", "no",
                                        "on",   "off",   "y",    "n"};
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '/';
  };
  const auto is_inner = [&](char c) {
    return is_plain(c) || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == ' ';
  };
  const bool is_word = std::ranges::find(kWords, ToLower(text)) != kWords.end();
  if (!text.empty() && is_plain(text[0]) && text.back() != ' ' && !is_word &&
      std::ranges::all_of(text, is_inner)) {
    return std::string(text);
  }
  return JsonWriter().String(text).Take();
}

bool IsEmpty(element value) {
  simdjson::dom::object object;
  simdjson::dom::array array;
  return (value.get(object) == simdjson::SUCCESS && object.size() == 0) ||
         (value.get(array) == simdjson::SUCCESS && array.size() == 0);
}

bool IsBlock(element value) { return (value.is_object() || value.is_array()) && !IsEmpty(value); }

// Writes a value; a block begins on the current line, its further lines `indent` blanks in.
void Write(element value, size_t indent, std::ostringstream& out) {
  const std::string margin(indent, ' ');
  bool is_first = true;
  if (!IsBlock(value)) {
    std::string_view text;
    out << (value.get(text) == simdjson::SUCCESS ? Scalar(text) : simdjson::minify(value)) << "\n";
  } else if (value.is_object()) {
    for (const auto field : simdjson::dom::object(value)) {
      out << (is_first ? "" : margin) << Scalar(field.key) << ":";
      is_first = false;
      if (!IsBlock(field.value)) {
        out << " ";
        Write(field.value, 0, out);
      } else {
        const size_t deeper = field.value.is_array() ? indent : indent + 2;
        out << "\n" << std::string(deeper, ' ');
        Write(field.value, deeper, out);
      }
    }
  } else {
    for (const element item : simdjson::dom::array(value)) {
      out << (is_first ? "" : margin) << "- ";
      is_first = false;
      Write(item, indent + 2, out);
    }
  }
}

}  // namespace

std::string ToYaml(element json) {
  std::ostringstream out;
  Write(json, 0, out);
  return out.str();
}

}  // namespace watchfire::wfctl
