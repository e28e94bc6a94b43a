// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Signature version 4 of Amazon Web Services, in a header. Pure functions. Source: AWS IAM User
// Guide, "Create a signed AWS API request", read 2026-08; checked with the vectors of AWS' test
// suite.

#pragma once

#include <string>
#include <vector>

#include "pkg/base/time.h"
#include "pkg/net/http.h"

namespace watchfire::notify::sns {

struct Credentials {
  std::string access_key;
  std::string secret_key;
  std::string session_token;  // Of temporary ones; empty otherwise.
  WallTime expires = WallTime::max();

  bool empty() const { return access_key.empty() || secret_key.empty(); }
};

// Where a signature is good.
struct Scope {
  std::string region;   // "eu-central-1"
  std::string service;  // "sns"
};

// "20150830T123600Z"
std::string AmzDate(WallTime time);

// Returns the value of Authorization for a request without a query. `path` begins with a slash;
// `headers` are those to be signed, with Host and X-Amz-Date among them.
std::string Signature(const Credentials& credentials, const Scope& scope, const std::string& method,
                      const std::string& path, const std::vector<net::Header>& headers,
                      const std::string& body);

// Returns a signed POST of a form. Errors: kInvalidArgument when `url` is not http(s)://host…
Result<net::OutRequest> SignedForm(const Credentials& credentials, const Scope& scope,
                                   const std::string& url, const std::string& form, WallTime now);

}  // namespace watchfire::notify::sns
