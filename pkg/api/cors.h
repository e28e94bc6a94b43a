// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What lets pages of other origins call API v2: --web.cors.origin, as Alertmanager has it since
// 0.34.2. Without the flag browsers keep them out, since no answer says otherwise.

#pragma once

#include <optional>

#include "pkg/matcher/matcher.h"
#include "pkg/net/http.h"

namespace watchfire::api {

// Answers an OPTIONS request by which a browser asks whether it may send another. nullopt when this
// is none, or `origins`, which an origin must match as a whole, is not set.
std::optional<net::Response> AnswerPreflight(const net::Request& request,
                                             const std::optional<matcher::Matcher>& origins);

// Adds to the answer what a browser must find there to hand it to the page that asked.
void AddCorsHeaders(const net::Request& request, const std::optional<matcher::Matcher>& origins,
                    net::Response* response);

}  // namespace watchfire::api
