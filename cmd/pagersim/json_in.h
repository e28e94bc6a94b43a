// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Reading the JSON that senders write, for the fake vendors: what is not there or of another kind
// reads as empty.

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

namespace watchfire::pagersim {

// A JSON object that owns its bytes.
class JsonIn {
 public:
  // nullopt if `body` is not a JSON object.
  static std::optional<JsonIn> Parse(std::string_view body) {
    JsonIn json;
    simdjson::dom::element root;
    if (json.parser_->parse(body.data(), body.size()).get(root) != simdjson::SUCCESS ||
        !root.is_object()) {
      return std::nullopt;
    }
    json.root_ = root;
    return json;
  }

  // `pointer` is a JSON pointer: "/payload/summary".
  std::optional<simdjson::dom::element> At(std::string_view pointer) const {
    simdjson::dom::element found;
    if (root_.at_pointer(pointer).get(found) != simdjson::SUCCESS) return std::nullopt;
    return found;
  }
  std::string Text(std::string_view pointer) const {
    std::string_view text;
    const auto found = At(pointer);
    return found && found->get(text) == simdjson::SUCCESS ? std::string(text) : "";
  }
  std::vector<simdjson::dom::element> List(std::string_view pointer) const {
    std::vector<simdjson::dom::element> items;
    simdjson::dom::array list;
    const auto found = At(pointer);
    if (!found || found->get(list) != simdjson::SUCCESS) return items;
    for (const simdjson::dom::element item : list) items.push_back(item);
    return items;
  }
  const simdjson::dom::element& root() const { return root_; }

 private:
  // Holds what root_ points into, at an address that stays.
  std::unique_ptr<simdjson::dom::parser> parser_ = std::make_unique<simdjson::dom::parser>();
  simdjson::dom::element root_;
};

// A member of an element as text.
inline std::string TextOf(const simdjson::dom::element& element, std::string_view key) {
  std::string_view text;
  return element[key].get(text) == simdjson::SUCCESS ? std::string(text) : "";
}

}  // namespace watchfire::pagersim
