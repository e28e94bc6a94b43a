// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The certificates of SNS that were fetched, so that a storm of alarms asks Amazon once, and no
// more than one worker ever waits for it. Pure: who calls fetches, and says what time it is.

#pragma once

#include <map>
#include <optional>
#include <string>

#include "pkg/base/result.h"
#include "pkg/base/time.h"

namespace watchfire::inbound {

class SnsCertificates {
 public:
  // Returns the certificate (PEM) behind `url`, as it was fetched within a day. Errors:
  // kUnavailable, until 10 s after a fetch failed, and while one is under way: SNS comes again.
  // nullopt: the caller fetches it now, and calls Fetched() whatever comes of it.
  std::optional<Result<std::string>> Find(const std::string& url, MonoTime now);
  // Returns `got`, or kUnavailable if that is no certificate. Keeps 16 outcomes, the latest.
  Result<std::string> Fetched(const std::string& url, Result<std::string> got, MonoTime now);

 private:
  struct Outcome {
    Result<std::string> result;
    MonoTime until;
  };
  std::map<std::string, Outcome> outcomes_;
  bool is_fetching_ = false;
};

}  // namespace watchfire::inbound
