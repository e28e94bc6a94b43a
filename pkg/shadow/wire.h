// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What a live Alertmanager says of itself: its groups, its silences, its webhooks. Read from 0.22
// on; members that it does not need are ignored.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pkg/base/result.h"
#include "pkg/shadow/message.h"
#include "pkg/silence/set.h"

namespace watchfire::shadow {

struct TheirGroups {
  std::vector<Group> groups;
  // Whether alerts muted by a time interval are shown as such: Alertmanager 0.28 and later.
  bool shows_muting = false;
};

// The answer to GET /api/v2/alerts/groups. Errors: kInvalidArgument, with the offending place.
// Source: reference §2.7.
Result<TheirGroups> DecodeGroups(std::string_view body);

// The body of a webhook (version 4), for the receiver whose messages it mirrors. Errors:
// kInvalidArgument. Source: reference §4.2.
Result<Message> DecodeWebhook(const std::string& receiver, std::string_view body);

struct TheirSilence {
  silence::Draft draft;  // With its id, and times that may be in the past.
  bool expired = false;
};
struct TheirSilences {
  std::vector<TheirSilence> silences;
  std::vector<std::string> faults;  // One text for each that cannot be read.
};

// The answer to GET /api/v2/silences. Errors: kInvalidArgument when it is no array of objects.
// Source: reference §2.9.
Result<TheirSilences> DecodeSilences(std::string_view body);

}  // namespace watchfire::shadow
