// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// How far the summaries of one kind are that are sent by themselves: the hand-offs of a schedule,
// or a report. Which of them were begun, and who has not been told of the last one. What is done
// about it is Summaries' (summaries.h). Plain values.

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
struct SummaryTarget {
  std::string person;  // "": of a receiver that the configuration names.
  std::string receiver;
  std::string integration;
  int index = 0;

  auto operator<=>(const SummaryTarget&) const = default;
};

struct SummaryLine {
  std::string id;          // The schedule's name, or the report's id (config::Report).
  bool is_report = false;  // `done` and `change` are when it was due.
  // Changes up to this one have been begun: each is, once. kNoTime: nothing is known yet.
  WallTime done = kNoTime;
  WallTime change = kNoTime;  // Whose summary is owed, to these:
  std::map<SummaryTarget, AutomationSend> owed;
  std::optional<WallTime> next;  // When to look again; nullopt: at once. Not stored.
  std::string text;              // Of a report, once it was made. Not stored.
};

// Table::kMeta, "handoff/<schedule>" or "report/<id>".
Record Encode(const SummaryLine& line);
bool IsHandoff(const Record& record);
bool IsReport(const Record& record);
// Takes back one that IsHandoff() or IsReport(); what it owes may leave at once. Errors: kCorrupt.
Status RestoreSummary(const Record& record, std::map<std::string, SummaryLine>* lines);

}  // namespace watchfire::core
