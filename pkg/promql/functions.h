// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The functions of PromQL: what they take and return.

#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

namespace watchfire::promql {

enum class ValueType { kScalar, kVector, kMatrix, kString };

// Returns what Prometheus' messages call it: "instant vector".
std::string_view TypeName(ValueType type);

struct Function {
  std::string_view name;
  ValueType result = ValueType::kVector;
  std::array<ValueType, 5> arg_types{};
  size_t arg_count = 0;  // Of arg_types.
  // 0: exactly arg_count. Else the last one may be left out, or stand up to `variadic` times; as
  // often as one likes if negative.
  int variadic = 0;
  bool experimental = false;  // Prometheus needs --enable-feature=promql-experimental-functions.
};

// Returns every function by name. Source: Prometheus 3.14 promql/parser/functions.go, and
// holt_winters, as 2.x calls double_exponential_smoothing.
std::span<const Function> Functions();

// Returns the function of this very name, or nullptr. Lives as long as the program.
const Function* FindFunction(std::string_view name);

}  // namespace watchfire::promql
