// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The {id} of an incident's path. Private to pkg/api.

#pragma once

#include <charconv>
#include <cstdint>
#include <string_view>

#include "pkg/base/result.h"
#include "pkg/base/strings.h"

namespace watchfire::api {

// Returns 0, which is nobody's id, unless `text` is a number.
inline uint64_t ParseIncidentId(std::string_view text) {
  uint64_t id = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  return error == std::errc() && stop == text.data() + text.size() ? id : 0;
}

inline Error NoIncident(std::string_view id) {
  return {Code::kNotFound, "no incident " + GoQuote(id)};
}

}  // namespace watchfire::api
