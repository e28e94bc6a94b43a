// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Base64 (RFC 4648). What Go's templates make of it, faults named by their place, is in
// pkg/templates/escape.h.

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace watchfire {

// Section 4: with + and /, padded.
std::string EncodeBase64(std::string_view bytes);
// Returns what padded base64 stands for; nullopt of any other text, blanks and line ends included.
std::optional<std::string> DecodeBase64(std::string_view text);

// Section 5: with - and _, not padded, as in tokens.
std::string EncodeBase64Url(std::string_view bytes);
// Returns what that stands for; nullopt of any other text, be it only padded, or with bits that the
// encoding would leave zero: each string of bytes has one text.
std::optional<std::string> DecodeBase64Url(std::string_view text);

}  // namespace watchfire
