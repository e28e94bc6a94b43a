// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#pragma once

#include <vector>

#include "pkg/net/http.h"

namespace watchfire::net {

// Adds `headers` to an answer. Of one name they replace what is there, but for
// Content-Security-Policy: of several policies browsers obey each.
void AddHeaders(const std::vector<Header>& headers, Response* response);

}  // namespace watchfire::net
