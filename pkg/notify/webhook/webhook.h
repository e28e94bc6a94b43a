// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The webhook receiver: POSTs the group as JSON, byte for byte what Alertmanager sends (payload
// version "4"). Source: https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
// and reference §4.2, read 2026-08.
//
// With a signing secret, which Alertmanager does not have, two headers say that the body is ours
// and how old it is; docs/own-receivers.md tells receivers how to check them:
//
//     X-Watchfire-Timestamp: 1787407500                (Unix time, seconds, of this attempt)
//     X-Watchfire-Signature: v1=<lower-case hex of HMAC-SHA-256(secret, timestamp + "." + body)>

#pragma once

#include <memory>
#include <optional>
#include <string>

#include "pkg/config/template_tree.h"
#include "pkg/notify/receiver.h"

namespace watchfire::notify::webhook {

struct Options {
  templates::Snippet url;  // Exactly one of url and url_file is set; both are templates.
  std::string url_file;
  int max_alerts = 0;                           // 0: all.
  Duration timeout{};                           // 0: as long as the flush may take.
  std::optional<config::TemplateTree> payload;  // Replaces the body.
  config::SecretSource signing_secret;          // Empty: no signature.
  config::HttpConfig http;
};

// Reads and checks one entry of webhook_configs.
std::shared_ptr<const void> Parse(config::Section& section, const config::Global& global);

// The row for notify/builtin: kind "webhook".
Backend Describe();

// The value of X-Watchfire-Signature.
std::string Signature(const std::string& secret, const std::string& timestamp,
                      const std::string& body);

// The default body for `shown`, with a final newline. `route_labels` are rendered;
// `truncated_alerts`: how many alerts it had besides.
std::string Payload(const dispatch::Notification& shown, const labels::LabelSet& route_labels,
                    size_t truncated_alerts);

// The body that tells of `about.update`, with a final newline.
std::string UpdatePayload(const dispatch::Notification& about);

}  // namespace watchfire::notify::webhook
