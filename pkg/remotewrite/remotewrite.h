// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Prometheus remote write 1.0, the sender's side: what the body of a request is, and what an answer
// means. No network here. Source: prometheus.io/docs/specs/prw/remote_write_spec.

#pragma once

#include <string>
#include <string_view>

#include "pkg/base/result.h"
#include "pkg/promql/response.h"

namespace watchfire::remotewrite {

inline constexpr std::string_view kContentType = "application/x-protobuf";
inline constexpr std::string_view kVersion = "0.1.0";  // X-Prometheus-Remote-Write-Version.

// Returns the body: a WriteRequest in protocol buffers, compressed by snappy. Samples of one series
// are put together in the order given, labels without a value are left out. Native histograms are
// written as such.
std::string Encode(const promql::Vector& samples);

// What the answer says. Errors: kUnavailable for 5xx and 429 (it may be sent again),
// kInvalidArgument for all else that is not 2xx (samples out of order, a series limit, a 5xx
// of Prometheus about native histograms: sending again will not help); the texts quote the first
// line of `body`.
Status ReadAnswer(int http_status, std::string_view body);

}  // namespace watchfire::remotewrite
