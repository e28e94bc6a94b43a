// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The webhook receiver: POSTs the group as JSON, byte for byte what Alertmanager sends (payload
// version "4"). Source: https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
// and reference §4.2, read 2026-08.

#pragma once

#include <memory>
#include <string>

#include "pkg/notify/receiver.h"

namespace watchfire::notify::webhook {

struct Options {
  Secret url;  // Exactly one of url and url_file is set.
  std::string url_file;
  int max_alerts = 0;  // 0: all.
  Duration timeout{};  // 0: as long as the flush may take.
  config::HttpConfig http;
};

// The row for notify/builtin: kind "webhook".
Backend Describe();

// The body for `notification`, with a final newline. Status and common labels are those of the
// first `max_alerts` alerts; the number of the others is "truncatedAlerts".
std::string Payload(const dispatch::Notification& notification, int max_alerts);

}  // namespace watchfire::notify::webhook
