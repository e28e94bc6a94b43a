// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// A string that does not print. Only the code that puts it on the wire calls reveal().

#pragma once

#include <string>
#include <utility>

namespace watchfire {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}

  const std::string& reveal() const { return value_; }
  bool empty() const { return value_.empty(); }
  // What logs, errors and /api/v2/status show.
  static const char* masked() { return "<secret>"; }

  bool operator==(const Secret&) const = default;

 private:
  std::string value_;
};

}  // namespace watchfire
