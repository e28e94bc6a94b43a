// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Escaping of text for the places it goes to, as Go's text/template and net/url do it.

#pragma once

#include <string>
#include <string_view>

#include "pkg/base/result.h"

namespace watchfire::templates {

// " ' & < > and NUL as character references.
std::string EscapeHtml(std::string_view text);
// For the inside of a JavaScript string literal.
std::string EscapeJs(std::string_view text);
// For a query parameter: space becomes '+'. Source: Go url.QueryEscape.
std::string EscapeQuery(std::string_view text);
// Back again. Errors: kInvalidArgument 'invalid URL escape "%zz"'. Source: Go url.QueryUnescape.
Result<std::string> UnescapeQuery(std::string_view text);

// Base64 with the alphabet for URLs, padded.
std::string EncodeBase64Url(std::string_view text);
// Errors: kInvalidArgument "illegal base64 data at input byte N".
Result<std::string> DecodeBase64Url(std::string_view text);

}  // namespace watchfire::templates
