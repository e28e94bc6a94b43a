// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// A button pressed in a Slack message of ours, and whether it was Slack that says so. Pure.
// Sources, read 2026-11: docs.slack.dev "Handling user interaction in your Slack apps",
// "block_actions payload", "Verifying requests from Slack"; reference paging-backends §4.1.

#pragma once

#include <string>
#include <string_view>

#include "pkg/base/result.h"
#include "pkg/base/secret.h"
#include "pkg/base/time.h"

namespace watchfire::inbound {

// What our buttons are called, as their action_id.
inline constexpr const char* kSlackAcknowledge = "watchfire_acknowledge";
inline constexpr const char* kSlackResolve = "watchfire_resolve";
inline constexpr const char* kSlackSnooze = "watchfire_snooze";
inline constexpr const char* kSlackEscalate = "watchfire_escalate";

struct SlackPress {
  enum class Action { kNone, kAcknowledge, kResolve, kSnooze, kEscalate };

  Action action = Action::kNone;  // kNone: something else in a message was used.
  std::string value;              // Of the button: the token of a link that acknowledges.
  std::string user_id;            // "U024BE7LH"; of letters and digits.
  std::string user_name;          // As the user calls himself; not shortened.
  std::string action_ts;          // Another for every press: digits and a dot.
  WallTime at = kNoTime;          // The same as a time.
  std::string response_url;       // Of Slack, where who pressed can be answered; "": nowhere.

  // The form with the field `payload` that Slack posts. Errors: kInvalidArgument: no such form, no
  // JSON object in it, or a press of a button of ours without its user or time.
  static Result<SlackPress> Read(std::string_view body);
};

// Whether `signature`, X-Slack-Signature, is that of the body at `timestamp`,
// X-Slack-Request-Timestamp, by `secret`. An empty secret signs nothing.
bool IsSignedBySlack(std::string_view body, std::string_view timestamp, const Secret& secret,
                     std::string_view signature);

// X-Slack-Request-Timestamp as a time; kNoTime when it is none.
WallTime SlackTime(std::string_view timestamp);

}  // namespace watchfire::inbound
