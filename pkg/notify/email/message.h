// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// One e-mail: its headers and, as text and HTML, its body. Sources: RFC 5322, RFC 2046.

#pragma once

#include <string>

#include "pkg/base/time.h"
#include "pkg/notify/email/email.h"
#include "pkg/notify/rendering.h"

namespace watchfire::notify::email {

// Who sends it, as an address alone, and when.
struct Sending {
  std::string from;
  WallTime now;
};

// Returns the message with lines that end in CRLF. A repeated attempt at one notification has the
// same Message-Id. When a template fails, message->status() says so and `failed` of what it is:
// `"Subject" header`, "text", "html".
std::string MessageText(const dispatch::Notification& notification, const Options& options,
                        const Sending& sending, Rendering* message, std::string* failed);

}  // namespace watchfire::notify::email
