// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The Amazon SNS receiver: one message to a topic, a phone or an endpoint for each notification. A
// FIFO topic gets the SHA-256 of the group key as group, so that the messages of a group stay in
// order. The deduplication id is another for each notification and the same for its repetitions:
// SNS takes a message whose id it saw in the last five minutes and delivers it to nobody, which
// with Alertmanager, where group and deduplication id are equal, loses a recovery soon after its
// page. Sources: reference alertmanager-compat §4.9;
// docs.aws.amazon.com/sns/latest/api/API_Publish.html and .../dg/fifo-message-dedup.html, read
// 2026-08; github.com/prometheus/alertmanager/issues/3699.

#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "pkg/base/guarded.h"
#include "pkg/notify/receiver.h"
#include "pkg/notify/sns/credentials.h"

namespace watchfire::notify::sns {

struct Options {
  templates::Snippet api_url;  // Empty: AWS itself.
  Identity identity;
  templates::Snippet topic_arn;  // One of these three, or all of them, which the vendor refuses.
  templates::Snippet phone_number;
  templates::Snippet target_arn;
  templates::Snippet subject;
  templates::Snippet message;
  std::vector<std::pair<templates::Snippet, templates::Snippet>> attributes;
  config::HttpConfig http;
  // The temporary credentials last fetched, for deliveries on whatever thread.
  std::shared_ptr<Guarded<Credentials>> fetched = std::make_shared<Guarded<Credentials>>();
};

// Reads and checks one entry of sns_configs.
std::shared_ptr<const void> Parse(config::Section& section, const config::Global& global);

// The row for notify/builtin: kind "sns", a paging one.
Backend Describe();

}  // namespace watchfire::notify::sns
