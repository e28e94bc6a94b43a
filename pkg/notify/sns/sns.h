// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The Amazon SNS receiver: one message to a topic, a phone or an endpoint for each notification. A
// FIFO topic gets the SHA-256 of the group key as group and deduplication id. Sources: reference
// alertmanager-compat §4.9; docs.aws.amazon.com/sns/latest/api/API_Publish.html, read 2026-08.

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

// The row for notify/builtin: kind "sns", a paging one.
Backend Describe();

}  // namespace watchfire::notify::sns
