// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/net/access.h"

#include <chrono>

#include "pkg/base/limits.h"
#include "pkg/net/headers.h"

namespace watchfire::net {
namespace {

// As Go's http.Error().
Response Plain(int status, const std::string& text) {
  return {status,
          {{"Content-Type", "text/plain; charset=utf-8"}, {"X-Content-Type-Options", "nosniff"}},
          text + "\n"};
}

}  // namespace

// Instead of counting tokens: each one taken moves the time at which the bucket is full again.
bool RateLimiter::Allow(MonoTime now) {
  if (rate_.interval <= Duration::zero()) return true;
  return bucket_.With([&](Bucket& bucket) {
    if (bucket.is_new || bucket.full_at < now) bucket = {false, now};
    const auto missing = (bucket.full_at - now) + rate_.interval;
    // Rounded up. Divided, because the product of the two may be beyond what nanoseconds can say.
    const auto tokens = (missing - Duration(1)) / rate_.interval + 1;
    if (tokens > rate_.burst || missing > 4 * limits::kConfiguredDuration) return false;
    bucket.full_at += rate_.interval;
    return true;
  });
}

Result<std::shared_ptr<const Access>> Access::Make(const config::WebConfig& config) {
  const std::shared_ptr<Access> access(new Access(config));
  if (config.tls) {
    auto tls = TlsContext::Make(*config.tls);
    if (!tls) return Fail(std::move(tls.error()));
    access->tls_ = *std::move(tls);
  }
  return std::shared_ptr<const Access>(access);
}

Access::Access(const config::WebConfig& config)
    : rate_(std::make_unique<RateLimiter>(config.rate_limit)) {
  for (const auto& [name, value] : config.headers) headers_.push_back({name, value});
  if (!config.users.empty()) passwords_ = std::make_unique<Passwords>(config.users);
}

bool Access::IsSlow(const std::vector<Header>& headers) const {
  return passwords_ && passwords_->IsSlow(FindHeader(headers, "Authorization"));
}

Response Access::Answer(const Request& request, const Handler& handler, bool is_open) const {
  if (!rate_->Allow(std::chrono::steady_clock::now())) return Plain(429, "Too Many Requests");
  const bool may = is_open || !passwords_ || passwords_->Check(request.header("Authorization"));
  Response response = may ? handler(request) : Plain(401, "Unauthorized");
  AddHeaders(headers_, &response);
  if (!may) response.headers.push_back({"WWW-Authenticate", "Basic"});
  return response;
}

}  // namespace watchfire::net
