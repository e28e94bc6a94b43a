// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The name of a signed message, and of what it says that something came to be:
//
//   sns/<hash>                            a message: it counts once
//   sns/<hash> state/<hash>@<nanoseconds> and not when a later state of the same thing was told
//
// SNS keeps no order: an alarm that comes after its own end must open nothing that nobody ends.

#pragma once

#include <cstdio>
#include <string>
#include <string_view>
#include <utility>

#include "pkg/base/time.h"

namespace watchfire::core {

// What core answers (kConflict) to a message that changes nothing.
inline constexpr const char* kCameBefore = "this message came before";
inline constexpr const char* kOvertaken = "a later state of the same came before";

// `message` and `thing`: without blanks and '@'. `at`: when the sender says that it came to be.
inline std::string OrderedReceipt(const std::string& message, const std::string& thing,
                                  WallTime at) {
  char nanos[24];
  std::snprintf(nanos, sizeof nanos, "%020lld", static_cast<long long>(ToNanos(at)));  // NOLINT
  return message + " state/" + thing + "@" + nanos;
}

// The names of the message and of the state, which is "" where none is told.
inline std::pair<std::string, std::string> ReceiptNames(std::string_view receipt) {
  const size_t blank = receipt.find(' ');
  if (blank == std::string_view::npos) return {std::string(receipt), ""};
  return {std::string(receipt.substr(0, blank)), std::string(receipt.substr(blank + 1))};
}

// What names of states of one thing begin with; "" for other names.
inline std::string_view ThingOf(std::string_view name) {
  const size_t at = name.rfind('@');
  return at == std::string_view::npos ? std::string_view() : name.substr(0, at + 1);
}

}  // namespace watchfire::core
