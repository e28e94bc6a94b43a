// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "cmd/pagersim/webhook.h"

#include <charconv>
#include <chrono>

#include "pkg/base/digest.h"
#include "pkg/base/json.h"
#include "pkg/base/strings.h"

namespace watchfire::pagersim {

Reply TakeSigned(const std::string& secret, std::string_view timestamp, std::string_view signatures,
                 std::string_view body, WallTime now) {
  constexpr std::chrono::minutes kSkewMax{5};
  int64_t seconds = 0;
  const auto [end, error] =
      std::from_chars(timestamp.data(), timestamp.data() + timestamp.size(), seconds);
  if (error != std::errc() || end != timestamp.data() + timestamp.size()) {
    return {401, JsonError("unauthorized", "no timestamp")};
  }
  const WallTime at = FromNanos(0) + std::chrono::seconds(seconds);
  if (at > now + kSkewMax || at + kSkewMax < now) {
    return {401, JsonError("unauthorized", "the timestamp is too old or too new")};
  }
  const std::string wanted =
      "v1=" + Hex(HmacSha256(secret, std::string(timestamp) + "." + std::string(body)));
  for (const std::string_view signature : Split(signatures, ',')) {
    if (EqualsConstantTime(Trim(signature), wanted)) return {200, "{}"};
  }
  return {401, JsonError("unauthorized", "no signature of ours")};
}

}  // namespace watchfire::pagersim
