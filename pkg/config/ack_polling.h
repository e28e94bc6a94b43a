// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// `poll_acks` of an entry of victorops_configs, opsgenie_configs or pagerduty_configs: the vendor's
// API is asked for what people did there to what we paged. Nothing is asked without it.

#pragma once

#include <chrono>
#include <string>

#include "pkg/base/secret.h"
#include "pkg/base/time.h"
#include "pkg/config/http_config.h"

namespace watchfire::config {

// Between two requests to one account.
inline constexpr std::chrono::seconds kPollIntervalMin{1};
inline constexpr std::chrono::hours kPollIntervalMax{1};
// VictorOps takes six a minute, of which we use half. Source: reference paging-backends §1.3, §5.
inline constexpr std::chrono::seconds kPollIntervalOfVictorOps{20};

struct AckPolling {
  std::string vendor;  // "victorops", "opsgenie", "pagerduty"
  std::string url;     // Without a slash at the end; may have a path.
  Secret id;           // victorops: api_id
  Secret key;          // victorops, opsgenie: api_key; pagerduty: api_token
  Duration interval = std::chrono::seconds(30);
  HttpConfig http;

  // Whether both ask the same account: of several entries that do, one asks.
  bool IsSameAccount(const AckPolling& other) const;
};

}  // namespace watchfire::config
