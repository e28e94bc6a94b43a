// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The web page, embedded: one HTML file with its style and script inside, which reads the API
// relative to its own address and so works below any route prefix and without internet.

#pragma once

#include <string>
#include <string_view>

namespace watchfire::web {

// The page (UTF-8 HTML), lives forever.
std::string_view Index();

// Its Content-Security-Policy: exactly the style and the script that are in it, requests to its own
// origin, nothing else. Source: CSP level 3, hash sources.
std::string SecurityPolicy();

}  // namespace watchfire::web
