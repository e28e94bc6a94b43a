// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The buttons in a message about an incident. What they do comes back to /inbound/slack.

#pragma once

#include <string>
#include <vector>

namespace watchfire::notify::slack {

// Returns an attachment, a JSON object, with a button for each of `names` (Options): which one it
// is stands in its action_id, and in its value the token of `ack_url` (Context), which names the
// incident and says what may be done to it.
std::string ButtonsAttachment(const std::vector<std::string>& names, const std::string& ack_url);

}  // namespace watchfire::notify::slack
