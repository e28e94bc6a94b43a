// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/inbound/sns_certificates.h"

#include <algorithm>
#include <utility>

namespace watchfire::inbound {
namespace {

constexpr size_t kOutcomesMost = 16;  // Amazon has one for each region, and renews them.
constexpr std::chrono::hours kGoodFor{24};
constexpr std::chrono::seconds kBadFor{10};

}  // namespace

std::optional<Result<std::string>> SnsCertificates::Find(const std::string& url, MonoTime now) {
  const auto found = outcomes_.find(url);
  if (found != outcomes_.end() && now < found->second.until) return found->second.result;
  if (is_fetching_) {
    return Fail(Code::kUnavailable, "another certificate is being fetched: try again");
  }
  is_fetching_ = true;
  return std::nullopt;
}

Result<std::string> SnsCertificates::Fetched(const std::string& url, Result<std::string> got,
                                             MonoTime now) {
  is_fetching_ = false;
  if (got && got->find("-----BEGIN CERTIFICATE-----") == std::string::npos) {
    got = Fail(Code::kUnavailable, "it is no certificate");
  }
  outcomes_.erase(url);
  if (outcomes_.size() >= kOutcomesMost) {
    outcomes_.erase(std::ranges::min_element(outcomes_, {},
                                             [](const auto& entry) { return entry.second.until; }));
  }
  const Duration lasts = got ? Duration(kGoodFor) : Duration(kBadFor);
  outcomes_.emplace(url, Outcome{got, now + lasts});
  return got;
}

}  // namespace watchfire::inbound
