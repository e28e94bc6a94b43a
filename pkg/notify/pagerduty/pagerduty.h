// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The PagerDuty receiver: Events API v2, or v1 when a service key is configured. One alert per
// group: trigger opens it or adds to it, resolve closes it; dedup_key is the SHA-256 of the group
// key. Sources: reference §4.3; https://developer.pagerduty.com/docs/events-api-v2/trigger-events/
// and https://developer.pagerduty.com/docs/events-api-v1/trigger-events/, read 2026-08.

#pragma once

#include <memory>
#include <string>
#include <vector>

#include "pkg/config/template_tree.h"
#include "pkg/notify/receiver.h"

namespace watchfire::notify::pagerduty {

inline constexpr const char* kUrlV1 =
    "https://events.pagerduty.com/generic/2010-04-15/create_event.json";

struct Image {
  templates::Snippet src;  // One without is left out.
  templates::Snippet alt;
  templates::Snippet href;
};

struct Link {
  templates::Snippet href;  // One without is left out.
  templates::Snippet text;
};

struct Options {
  // A key and its file are never both set; all of them are templates.
  templates::Snippet service_key;  // With this or its file it is v1, whatever else is set.
  std::string service_key_file;
  templates::Snippet routing_key;
  std::string routing_key_file;
  std::string url;              // Of v2.
  std::string url_v1 = kUrlV1;  // Not configurable: there is only one.
  templates::Snippet client;
  templates::Snippet client_url;
  templates::Snippet description;
  // v2 only from here to `links`.
  templates::Snippet source;
  templates::Snippet severity;  // Empty: "error".
  templates::Snippet event_class;
  templates::Snippet component;
  templates::Snippet group;
  std::vector<Image> images;
  std::vector<Link> links;
  config::TemplateTree details;  // A mapping: the four of Alertmanager and what is configured.
  Duration timeout{};            // 0: as long as the flush may take.
  config::HttpConfig http;

  bool is_v1() const { return !service_key.empty() || !service_key_file.empty(); }
};

// The details that Alertmanager adds to every event unless they are configured otherwise.
config::TemplateTree DefaultDetails();

// Reads and checks one entry of pagerduty_configs.
std::shared_ptr<const void> Parse(config::Section& section, const config::Global& global);

// The row for notify/builtin: kind "pagerduty", a paging one.
Backend Describe();

}  // namespace watchfire::notify::pagerduty
