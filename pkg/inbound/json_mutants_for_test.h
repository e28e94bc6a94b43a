// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// For tests of readers: a good body with one of its values replaced by what does not belong there.

#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <simdjson.h>

#include "pkg/base/check.h"

namespace watchfire::inbound {

class JsonMutants {
 public:
  explicit JsonMutants(const std::string& body) {
    simdjson::dom::parser parser;
    simdjson::dom::element root;
    WF_CHECK(parser.parse(body).get(root) == simdjson::SUCCESS);
    Write(root);
    const size_t nodes = seen_;
    for (const char* with : {"null", "7", "-1e300", "true", "\"x\"", "\"\"", "[]", "[[]]", "{}",
                             "[{\"a\":[1]}]", "{\"\":{}}"}) {
      for (size_t node = 0; node < nodes; ++node) {
        seen_ = 0;
        target_ = node;
        with_ = with;
        bodies_.push_back(Write(root));
      }
    }
  }
  std::vector<std::string> Take() && { return std::move(bodies_); }

 private:
  std::string Write(const simdjson::dom::element& value) {
    if (seen_++ == target_) return std::string(with_);
    std::string out;
    simdjson::dom::object object;
    simdjson::dom::array array;
    if (value.get(object) == simdjson::SUCCESS) {
      for (const auto& [key, member] : object) {
        out += (out.empty() ? "\"" : ",\"") + std::string(key) + "\":" + Write(member);
      }
      return "{" + out + "}";
    }
    if (value.get(array) == simdjson::SUCCESS) {
      for (const simdjson::dom::element member : array)
        out += (out.empty() ? "" : ",") + Write(member);
      return "[" + out + "]";
    }
    return simdjson::minify(value);
  }

  size_t seen_ = 0;
  size_t target_ = static_cast<size_t>(-1);
  std::string_view with_;
  std::vector<std::string> bodies_;
};

inline std::vector<std::string> MutantsOf(const std::string& body) {
  return JsonMutants(body).Take();
}

}  // namespace watchfire::inbound
