// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Any YAML value, for fields that Alertmanager leaves open: a webhook's payload, PagerDuty's
// details, Jira's fields.

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "pkg/base/result.h"

namespace watchfire::config {

// A plain scalar is what YAML 1.1 resolves it to, as Go's yaml.v2 does: null, a boolean, a number
// or a text. Keys that are no text are texts here.
struct Any {
  using List = std::vector<Any>;
  using Map = std::map<std::string, Any>;

  std::variant<std::monostate, bool, int64_t, double, std::string, List, Map> value;

  bool is_null() const { return std::holds_alternative<std::monostate>(value); }
  // The alternative of type T, or nullptr.
  template <typename T>
  const T* As() const {
    return std::get_if<T>(&value);
  }
  bool operator==(const Any&) const = default;
};

// Reads one YAML document, such as a rendered template. Errors: kInvalidArgument with the reason;
// kConfigBytes, kYamlDepth and kYamlNodes of limits.h bound it.
Result<Any> ParseAny(const std::string& text);

}  // namespace watchfire::config
