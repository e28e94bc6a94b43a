// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The incident.io receiver: POSTs the group to an alert source of kind Alertmanager, in the
// webhook's form with version "1". Sources: reference §4.17;
// https://prometheus.io/docs/alerting/latest/configuration/#incidentio_config.

#pragma once

#include <memory>
#include <string>

#include "pkg/notify/receiver.h"

namespace watchfire::notify::incidentio {

struct Options {
  std::string url;  // Exactly one of url and url_file is set.
  std::string url_file;
  config::SecretSource token;  // Empty: http_config authorizes.
  int max_alerts = 0;          // 0: all.
  Duration timeout{};          // 0: as long as the flush may take.
  config::HttpConfig http;
};

// The row for notify/builtin: kind "incidentio", a paging one.
Backend Describe();

}  // namespace watchfire::notify::incidentio
