// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// `inbound:` the keys that other tools may send us alerts with, by the kind of tool.

#pragma once

#include <array>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/base/secret.h"
#include "pkg/base/time.h"
#include "pkg/labels/labels.h"

namespace re2 {
class RE2;
}

namespace watchfire::config {

// In the order in which the documentation lists them.
inline constexpr std::array<std::string_view, 11> kInboundKinds = {
    "victorops",    "opsgenie", "pagerduty", "grafana", "datadog", "cloudwatch",
    "azuremonitor", "gcp",      "splunk",    "generic", "twilio"};

// What a body of the kind `generic` means. Texts in which {path} stands for a value of the body:
// {build.url}, {alerts.0.name}.
struct InboundMapping {
  std::string entity;                             // What the alert is about: one alert for each.
  std::string status;                             // "": every message opens or refreshes.
  std::string severity;                           // "": none.
  std::vector<std::string> resolved;              // Values of `status` that end the alert.
  std::vector<std::string> ignored;               // Values of `status` that change nothing.
  std::map<std::string, std::string> severities;  // Values of `severity` and what they mean.
  std::map<std::string, std::string> labels;
  std::map<std::string, std::string> annotations;
};

// One key, and what is the same for all that comes with it.
struct InboundKey {
  Secret key;
  Secret api_id;          // victorops: of /api-public.
  Secret api_key;         // Of what is no alert there.
  Secret auth_token;      // twilio: of the account, which signs.
  Secret signing_secret;  // pagerduty: of the webhook subscription; slack: of the app.
  // twilio: what it calls, without the parameter entity_id. "": by the external URL.
  std::string url;
  labels::LabelSet labels;  // Of every alert; they win.
  // `entity_without`: what it finds is left out of entity ids, such as the number of a request. May
  // be null.
  std::shared_ptr<const re2::RE2> entity_without;
  // So long after its last message an alert ends by itself. Zero: as its kind does.
  Duration expires_after{};
  bool verify = true;  // cloudwatch: take only messages whose signature is good.
  // cloudwatch: ARNs of the topics whose messages are taken. Empty: of any.
  std::vector<std::string> topics;
  InboundMapping mapping;  // generic
};

struct Inbound {
  std::map<std::string, std::vector<InboundKey>, std::less<>> keys;  // By kind.

  // Returns the keys of `kind`, none if it is not configured.
  std::span<const InboundKey> Of(std::string_view kind) const {
    const auto found = keys.find(kind);
    if (found == keys.end()) return {};
    return found->second;
  }
};

}  // namespace watchfire::config
