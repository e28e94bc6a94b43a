// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The shapes of answers, and the headers that every family of endpoints shares. Private to pkg/api.

#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/base/result.h"
#include "pkg/base/time.h"
#include "pkg/labels/labels.h"
#include "pkg/net/http.h"

namespace watchfire {
class JsonWriter;
}

namespace watchfire::api {

// The one place where an error becomes an HTTP status.
int HttpStatus(Code code);

// A client that is told to come back, by a 503 or 429, also hears when.
net::Response WithRetryAfter(net::Response response);
net::Response Json(int status, std::string body);
net::Response Text(int status, std::string body);

// Our own API and Prometheus': {"status":"success","data":…} and {"status":"error",…}.
net::Response Success(std::string_view data);
net::Response Failure(const Error& error);
net::Response Failure(int status, std::string_view type, std::string_view message);

// API v2. Bodies end with a newline, as Go's encoder writes them; errors of handlers are a bare
// JSON string, errors of the framework {"code","message"} without newline (reference §2.1).
net::Response V2Json(std::string body);
// An array of `count` elements and about so many bytes; `write` writes each, in order. What is
// large is written while it is sent, when the handler is done: `write` owns all that it looks at.
using ElementWriter = std::function<void(JsonWriter* json, size_t at)>;
net::Response V2Array(size_t count, size_t bytes, ElementWriter write);
net::Response V2Empty(int status);
net::Response V2Message(int status, std::string_view message);
net::Response V2Failure(const Error& error);
net::Response V2Framework(int status, int code, std::string_view message);

// Returns what forbids reading the body as JSON, or nullopt. A page of another origin cannot send
// this type unasked, so demanding it keeps strangers from acting through a visitor's browser.
std::optional<std::string> MediaTypeFault(const net::Request& request);

// Writes {"name":"value",…}.
void WriteLabels(JsonWriter& json, const labels::LabelSet& labels);
// Writes the time in milliseconds; unset as null.
void WriteTime(JsonWriter& json, std::string_view name, WallTime time);
// Writes the nanoseconds' time as Go's RFC3339Nano does; unset as year 1.
void WriteNanoTime(JsonWriter& json, std::string_view name, WallTime time);

}  // namespace watchfire::api
