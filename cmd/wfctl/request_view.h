// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// One request or e-mail for reading, its secrets masked.

#pragma once

#include <ostream>

#include "cmd/wfctl/masking.h"
#include "pkg/base/json.h"
#include "pkg/net/http.h"

namespace watchfire::wfctl {

// Method and URL, headers (those that http_config adds, too), and the body: JSON indented, a form
// field by field, an e-mail part by part.
void PrintRequest(const net::OutRequest& request, const Masking& masking, std::ostream& out);

// {"method", "url", "headers": [{"name", "value"}], "delaySeconds", "body"}, of an e-mail {"url",
// "from", "to", "headers", "parts": [{"type", "text"}], "raw"}. The body is as it is sent, but for
// the masks.
void WriteRequest(const net::OutRequest& request, const Masking& masking, JsonWriter* json);

}  // namespace watchfire::wfctl
