// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What one rule of `automation` does about one incident, once in each of its cycles.
//
//   waiting (for a person) --> acting (a message is sent) --> verifying --> done
//
// Each stage is left out where the rule has none of it. Plain values; the rules are book.h.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "pkg/base/record.h"
#include "pkg/base/result.h"
#include "pkg/base/time.h"
#include "pkg/config/automation.h"

namespace watchfire::automation {

enum class State { kWaiting, kActing, kVerifying, kDone };
const char* StateName(State state);  // "waiting", "acting", "verifying", "done"

// The words of reference paging-backends §7.2, M7, and two more.
enum class Outcome {
  kSuccess,   // With verification: that passed.
  kFailure,   // It was refused, or the verification did not pass in time.
  kTimeout,   // No answer in time.
  kRejected,  // A person said no, or nobody yes.
  kDryRun,
  kLimited,   // Too many runs within the hour.
  kObsolete,  // The incident, or the configuration, was faster.
};
const char* OutcomeName(Outcome outcome);  // "success" …

// Of the ticket that a run created: whether it is to be told of the incident's end.
enum class TicketState {
  kNone,     // There is no ticket, or another run of the incident sees to it.
  kOpen,     // The incident goes on.
  kClosing,  // It is over, and the ticket is being told.
  kClosed,
  kLeft,  // It could not be told.
};
const char* TicketStateName(TicketState state);  // "", "open", "closing", "closed", "left"

struct Run {
  uint64_t incident = 0;
  int cycle = 0;
  std::string rule;
  config::AutomationAction action = config::AutomationAction::kAcknowledge;
  State state = State::kDone;
  std::optional<Outcome> outcome;  // Iff done.
  WallTime at = kNoTime;           // When the rule found the incident.
  WallTime acted_at = kNoTime;     // When something was begun; kNoTime: nothing was.
  WallTime due = kNoTime;          // Waiting, acting, verifying: given up then.
  WallTime ended_at = kNoTime;     // Iff done.
  std::string by;                  // Who approved, or refused; "": nobody.
  std::string text;                // What it waits for, or how it ended.
  TicketState ticket = TicketState::kNone;
  std::string ticket_group;  // The key of the group that the ticket is known by; "": no ticket.

  // "12-1-disk-space": incident, cycle, rule. Also the key of its record.
  std::string id() const;
  bool operator==(const Run&) const = default;
};

// Table::kAutomation; the API shows the same JSON.
std::string ToJson(const Run& run);
Record Encode(const Run& run);
// Errors: kCorrupt.
Result<Run> Decode(const Record& record);

}  // namespace watchfire::automation
