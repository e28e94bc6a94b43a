// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// How far the hand-offs of one schedule are: which changes of shift are dealt with, and who has not
// been told of the last one; and the same of one report that is sent by itself. What is done is
// core's (handing_over.cc, reporting.cc). Plain values.

#pragma once

#include <compare>
#include <map>
#include <optional>
#include <string>

#include "pkg/base/record.h"
#include "pkg/base/result.h"
#include "pkg/base/time.h"
#include "pkg/core/automating.h"

namespace watchfire::core {

// An integration that the summary is told by, and for whom.
struct HandoffTarget {
  std::string person;  // "": of a receiver that the configuration names.
  std::string receiver;
  std::string integration;
  int index = 0;

  auto operator<=>(const HandoffTarget&) const = default;
};

struct HandoffLine {
  std::string schedule;    // Of a report its id (config::Report).
  bool is_report = false;  // `done` and `change` are when it was due.
  // Changes up to this one have been begun: each is, once. kNoTime: nothing is known yet.
  WallTime done = kNoTime;
  WallTime change = kNoTime;  // Whose summary is owed, to these:
  std::map<HandoffTarget, AutomationSend> owed;
  std::optional<WallTime> next;  // When to look again; nullopt: at once. Not stored.
  std::string text;              // Of a report, once it was made. Not stored.
};

// The integration that is to tell it; null if the receiver, which may be null, has it no more.
const config::Integration* FindTarget(const config::Receiver* receiver,
                                      const HandoffTarget& target);

// Table::kMeta, "handoff/<schedule>" or "report/<id>".
Record Encode(const HandoffLine& line);
bool IsHandoff(const Record& record);
bool IsReport(const Record& record);
// Takes back one that IsHandoff() or IsReport(); what it owes may leave at once. Errors: kCorrupt.
Status RestoreHandoff(const Record& record, std::map<std::string, HandoffLine>* lines);

}  // namespace watchfire::core
