// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The incident.io receiver: POSTs the group to an alert source of kind Alertmanager, in the
// webhook's form with version "1". Sources: reference §4.17;
// https://prometheus.io/docs/alerting/latest/configuration/#incidentio_config;
// github.com/prometheus/alertmanager/pull/5022 (metadata).

#pragma once

#include <map>
#include <memory>
#include <string>

#include "pkg/notify/receiver.h"

namespace watchfire::notify::incidentio {

struct Options {
  std::string url;  // Exactly one of url and url_file is set.
  std::string url_file;
  config::SecretSource token;                          // Empty: http_config authorizes.
  std::map<std::string, templates::Snippet> metadata;  // Sent along, for the source's attributes.
  int max_alerts = 0;                                  // 0: all.
  Duration timeout{};                                  // 0: as long as the flush may take.
  config::HttpConfig http;
};

// Reads and checks one entry of incidentio_configs.
std::shared_ptr<const void> Parse(config::Section& section, const config::Global& global);

// The row for notify/builtin: kind "incidentio", a paging one.
Backend Describe();

}  // namespace watchfire::notify::incidentio
