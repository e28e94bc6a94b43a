// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// OAuth2 client credentials (RFC 6749 section 4.4) and signed assertions (RFC 7523 section 3.1),
// without sockets: the request for a token, the
// reading of its answer, and what is known of tokens so far. Source of what the RFC leaves open:
// Go's golang.org/x/oauth2, which Alertmanager uses.

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "pkg/base/result.h"
#include "pkg/base/time.h"
#include "pkg/config/http_config.h"
#include "pkg/net/http.h"

namespace watchfire::net {

// One way to get a token.
struct Grant {
  config::OAuth2 oauth2;
  std::string secret;       // What client_secret or its file held; of an assertion, its key.
  config::HttpConfig http;  // How to reach token_url.
  std::string key;          // Equal for equal grants; the digest of all that a token depends on.

  // Reads the secret. Errors: of ReadCredential().
  static Result<std::shared_ptr<const Grant>> For(const config::OAuth2& oauth2);

  // Returns the request for a token. Client and secret go into Authorization, or into the body for
  // servers that want them there; an assertion, signed at `now`, goes into the body. Errors: of
  // SignAssertion().
  Result<OutRequest> Request(bool secret_in_body, Duration timeout, WallTime now) const;
};

struct Token {
  std::string authorization;  // "Bearer abc"
  MonoTime expires = MonoTime::max();
};

// Reads the answer of a token endpoint: JSON, or a form as old servers send it. A token counts as
// expired ten seconds early. Errors: kUnavailable; they never quote the answer but for its `error`.
Result<Token> DecodeToken(const OutResponse& response, MonoTime now);

// What is known per grant. Bounded: beyond 1,000 grants those not in use are forgotten.
class Tokens {
 public:
  // Where a server wants client and secret is found out by trying, as Go does.
  enum class Style { kUnknown, kHeader, kBody };
  struct Entry {
    std::optional<Token> token;
    bool fetching = false;  // Somebody asks for it: the others wait.
    Style style = Style::kUnknown;
  };

  Entry& At(const std::string& key);
  // Forgets the token of `key` if it still is `authorization`.
  void Drop(const std::string& key, const std::string& authorization);

 private:
  std::unordered_map<std::string, Entry> entries_;
};

}  // namespace watchfire::net
