// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/web/web.h"

#include <cstdint>
#include <cstdlib>

#include "pkg/base/check.h"
#include "pkg/base/digest.h"
#include "pkg/web/policy.h"

namespace watchfire::web {
namespace {

// The text between <tag> and </tag>.
std::string_view Inside(std::string_view html, const std::string& tag) {
  const size_t open = html.find("<" + tag + ">");
  const size_t close = html.find("</" + tag + ">");
  WF_CHECK(open != std::string_view::npos && close != std::string_view::npos);
  const size_t start = open + tag.size() + 2;
  return html.substr(start, close - start);
}

// `hex` has an even number of lower-case digits.
std::string Base64OfHex(const std::string& hex) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (size_t i = 0; i < hex.size(); i += 6) {
    const std::string part = hex.substr(i, 6);  // Three bytes make four digits.
    const uint32_t bits =
        static_cast<uint32_t>(std::strtoul((part + "000000").substr(0, 6).c_str(), nullptr, 16));
    const size_t digits = part.size() / 2 + 1;
    for (size_t digit = 0; digit < 4; ++digit) {
      out += digit < digits ? kDigits[(bits >> (18 - 6 * digit)) & 63] : '=';
    }
  }
  return out;
}

}  // namespace

std::string HashSource(std::string_view text) {
  return "'sha256-" + Base64OfHex(Sha256Hex(text)) + "'";
}

std::string SecurityPolicy() {
  return "default-src 'none'; script-src " + HashSource(Inside(Index(), "script")) +
         "; style-src " + HashSource(Inside(Index(), "style")) +
         "; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
         "frame-ancestors 'none'";
}

}  // namespace watchfire::web
