// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Who may speak to a front, and how: TLS, passwords, a rate limit, and headers of every answer.
// Immutable but for what it remembers of its clients; a changed configuration makes a new one.
// Source: the Prometheus exporter toolkit, web/handler.go.

#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pkg/base/guarded.h"
#include "pkg/base/result.h"
#include "pkg/base/time.h"
#include "pkg/config/web_file.h"
#include "pkg/net/http.h"
#include "pkg/net/passwords.h"
#include "pkg/net/tls_context.h"

namespace watchfire::net {

// A token bucket. Any thread.
class RateLimiter {
 public:
  explicit RateLimiter(const config::RateLimit& rate) : rate_(rate) {}

  // Takes a token; false when there is none.
  bool Allow(MonoTime now);

 private:
  struct Bucket {
    bool is_new = true;
    MonoTime full_at{};  // When it holds `burst` tokens again.
  };
  const config::RateLimit rate_;
  Guarded<Bucket> bucket_;
};

class Access {
 public:
  using Handler = std::function<Response(const Request&)>;

  // Errors: kInvalidArgument, those of TlsContext::Make().
  static Result<std::shared_ptr<const Access>> Make(const config::WebConfig& config);

  // Null: plain HTTP.
  const std::shared_ptr<const TlsContext>& tls() const { return tls_; }
  const std::vector<Header>& headers() const { return headers_; }

  // Whether a request with these headers has to wait for a password's slow check. Cheap.
  bool IsSlow(const std::vector<Header>& headers) const;
  // Returns the handler's answer, or 401 or 429 instead. Slow when IsSlow() says so. `is_open`: no
  // password is asked for.
  Response Answer(const Request& request, const Handler& handler, bool is_open = false) const;

 private:
  explicit Access(const config::WebConfig& config);

  std::shared_ptr<const TlsContext> tls_;
  std::vector<Header> headers_;
  std::unique_ptr<const Passwords> passwords_;  // Null: anybody.
  std::unique_ptr<RateLimiter> rate_;
};

}  // namespace watchfire::net
