// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Small text helpers shared by many folders.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace watchfire {

// Splits at every `separator`; "a,,b" has three parts, "" has one empty part.
std::vector<std::string_view> Split(std::string_view text, char separator);
std::string_view Trim(std::string_view text);
std::string Join(const std::vector<std::string>& parts, std::string_view separator);
std::string ToLower(std::string_view text);

// Returns `text` as a Go string literal (strconv.Quote): \" \\ \n \t \x.. \u...., printable
// Unicode kept. Source: group keys and matchers print this way in Alertmanager.
std::string GoQuote(std::string_view text);

// Returns true when `text` is well-formed UTF-8 (no surrogates, no overlong forms).
bool IsValidUtf8(std::string_view text);
// Returns `text` with each malformed byte sequence replaced by U+FFFD.
std::string RepairUtf8(std::string_view text);
// Number of code points; `text` must be valid UTF-8.
size_t RuneCount(std::string_view text);
// Cuts to `max` code points, the last being "…" when something was cut (max <= 3: just cut).
// Source: Alertmanager notify.TruncateInRunes.
std::string TruncateRunes(std::string_view text, size_t max);

// 16 lower-case hex digits, zero padded.
std::string Hex64(uint64_t value);
// The value of exactly 16 hex digits of either case; nullopt for any other text.
std::optional<uint64_t> ParseHex64(std::string_view text);
// Percent-encodes everything but unreserved characters (RFC 3986).
std::string UrlEncode(std::string_view text);
// Decodes %XX and, when `plus_is_space`, '+'. Malformed escapes stay as they are.
std::string UrlDecode(std::string_view text, bool plus_is_space);

// Returns a and b compared in a time that depends on their lengths only (keys, tokens).
bool EqualsConstantTime(std::string_view a, std::string_view b);

// Returns the entry of `known` with the smallest edit distance to `text` if it is close enough to
// be a typo (distance <= 1 + length/3), else "". The "did you mean" of every error message.
std::string Nearest(std::string_view text, const std::vector<std::string>& known);

// Returns `value` as Go prints a float64 with %v, which is how templates show it: shortest digits
// that round-trip, exponent form when the decimal exponent is < -4 or >= 6 ("1e+06"); "NaN",
// "+Inf", "-Inf". Source: strconv.FormatFloat(value, 'g', -1, 64), measured with Go 1.26.
std::string FormatGoFloat(double value);

}  // namespace watchfire
