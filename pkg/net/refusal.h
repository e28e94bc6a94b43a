// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The answer to a request that never became one: too large, too slow, malformed, one too many.
// And to one that found nobody free.

#pragma once

#include <string>
#include <vector>

#include "pkg/net/http.h"

namespace watchfire::net {

struct Refusal {
  int status = 400;
  std::string message;
};

// Returns our JSON error body for `status`: {"status":"error","errorType":…,"error":message}.
std::string ErrorBody(int status, const std::string& message);

// Returns a whole HTTP/1.1 response that closes the connection, with ErrorBody as its body.
std::string RefusalBytes(const Refusal& refusal);

// What may follow an answer of BusyBytes().
struct Manner {
  bool close = false;                // The connection ends after it.
  bool no_body = false;              // An answer to HEAD.
  std::vector<Header> headers = {};  // Further ones.
};
// Returns a whole 503 answer in plain text, as Go's servers give it.
std::string BusyBytes(const std::string& body, const Manner& manner);

}  // namespace watchfire::net
