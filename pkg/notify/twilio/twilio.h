// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The Twilio receiver: a text message, or a call that reads the message out and, where somebody can
// take the answer, asks to press 4 to acknowledge. One number each; several people are several
// entries.
//
//     message or call ──201──> status … ──> status …
//
// 201 says that it was queued, so its status is asked for after 1, 3 and 6 s: what failed by then
// is a failure, and a call that found nobody is made again with the next attempt. Whatever else the
// status says, or that it cannot be had, leaves it at the 201, since Twilio knows no deduplication:
// another attempt is another message. So is the one after an attempt that nobody answered.
// Sources, read 2026-11: https://www.twilio.com/docs/messaging/api/message-resource,
// /docs/voice/api/call-resource, /docs/voice/twiml/gather, /docs/api/errors.

#pragma once

#include <memory>
#include <string>

#include "pkg/notify/receiver.h"

namespace watchfire::notify::twilio {

enum class Channel { kSms, kCall };

struct Options {
  std::string api_url;  // No final slash.
  std::string account_sid;
  config::SecretSource auth_token;  // Also in `http`; here for what errors must not show.
  Channel channel = Channel::kSms;
  templates::Snippet to;
  templates::Snippet from;                   // This,
  templates::Snippet messaging_service_sid;  // or, of text messages, this.
  templates::Snippet message;                // Sent, or spoken.
  // Where the digits go that somebody presses in the call about what fires: a POST with Twilio's
  // fields, `Digits` among them, to this URL and its parameter entity_id, the SHA-256 of the group
  // key, which is also what VictorOps knows the incident by. A secret, as it may hold a key. Empty:
  // nothing is asked.
  templates::Snippet ack_url;
  std::string language;  // Of the voice: "en-GB". Empty: the account's.
  std::string voice;     // "Polly.Amy" and so on.
  config::HttpConfig http;
};

// Reads and checks one entry of twilio_configs.
std::shared_ptr<const void> Parse(config::Section& section, const config::Global& global);

// The row for notify/builtin: kind "twilio", a paging one.
Backend Describe();

}  // namespace watchfire::notify::twilio
