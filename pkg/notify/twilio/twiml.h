// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What a call does, in Twilio's markup.
// Source: https://www.twilio.com/docs/voice/twiml/gather, read 2026-08.

#pragma once

#include <string>

#include "pkg/notify/twilio/twilio.h"

namespace watchfire::notify::twilio {

// Returns a call that says `text` twice, for who is woken misses the beginning, and with an
// `ack_url` takes a 4 and posts it there.
std::string Twiml(const std::string& text, const Options& options, const std::string& ack_url);

}  // namespace watchfire::notify::twilio
