// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Reads `poll_acks`.

#include "pkg/config/ack_polling.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "pkg/base/strings.h"
#include "pkg/config/loader.h"

namespace watchfire::config {
namespace {

struct Vendor {
  std::string_view name;
  const char* url;
  const char* key;  // What the vendor calls it.
};
constexpr std::array kVendors = {
    Vendor{"victorops", "https://api.victorops.com", "api_key"},
    Vendor{"opsgenie", "https://api.opsgenie.com", "api_key"},
    Vendor{"pagerduty", "https://api.pagerduty.com", "api_token"},
};

Duration ReadInterval(Section& section, const AckPolling& polling) {
  const Duration interval = section.PromDuration("interval", polling.interval);
  if (interval < kPollIntervalMin || interval > kPollIntervalMax) {
    section.Error("interval", "interval of poll_acks must be from " +
                                  FormatDuration(kPollIntervalMin) + " to " +
                                  FormatDuration(kPollIntervalMax));
    return polling.interval;
  }
  if (polling.vendor == "victorops" && interval < kPollIntervalOfVictorOps) {
    section.Warn("interval", "VictorOps takes six requests a minute from an account: below " +
                                 FormatDuration(kPollIntervalOfVictorOps) +
                                 " little is left for others");
  }
  return interval;
}

}  // namespace

bool AckPolling::IsSameAccount(const AckPolling& other) const {
  return vendor == other.vendor && url == other.url && id.reveal() == other.id.reveal() &&
         key.reveal() == other.key.reveal();
}

std::shared_ptr<const AckPolling> ReadAckPolling(Section& entry, const std::string& kind,
                                                 Loader* loader) {
  const auto vendor = std::ranges::find(kVendors, kind, &Vendor::name);
  if (vendor == kVendors.end()) return nullptr;
  auto section = entry.Child("poll_acks");
  if (!section) return nullptr;
  auto polling = std::make_shared<AckPolling>();
  polling->vendor = kind;
  polling->url = section->Url("api_url", vendor->url);
  while (polling->url.ends_with('/')) polling->url.pop_back();
  if (kind == "victorops") polling->id = ReadSecret(*section, "api_id", true, loader);
  polling->key = ReadSecret(*section, vendor->key, true, loader);
  polling->interval = ReadInterval(*section, *polling);
  polling->http = section->Http("http_config", loader->config.global.http);
  section->Finish();
  return polling;
}

}  // namespace watchfire::config
