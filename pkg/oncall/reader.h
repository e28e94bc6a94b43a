// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// From documents to a Roster: our own `oncall:` YAML, and what the APIs and exports of Opsgenie,
// PagerDuty, VictorOps (Splunk On-Call) and Grafana OnCall say, as JSON or YAML, in their envelopes
// or bare. Each document is recognised by its shape; several make one Roster, so overrides, users
// and policies may lie in files of their own.
//
// Nothing is lost in silence: every point where a document says more than we do, or where we read
// it differently, is a Remark. Sources: reference paging-backends §1.3, §2.3, §3.3, §6.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pkg/base/result.h"
#include "pkg/config/config.h"
#include "pkg/oncall/clock_changes.h"
#include "pkg/oncall/model.h"

namespace watchfire::oncall {

struct Document {
  std::string path;
  std::string text;
};

// How to read what documents leave open.
struct ReadOptions {
  // A time-of-day that ends at :59 means the minute after it: Opsgenie cannot say it otherwise.
  bool exact_ends = false;
  // VictorOps' weekly_restriction is one stretch from its first day to its last; or its hours on
  // each of these days.
  bool weekly_each_day = false;
  // What a policy's delays count from. kAsDialect: as its vendor does.
  enum class Delays { kAsDialect, kBefore, kAfter, kSinceStart } delays = Delays::kAsDialect;
  // Which of PagerDuty's layers wins. kAsDocument: that with the greater number when they are
  // called Layer 1, Layer 2 …; else the first in what the API answers (it lists the uppermost
  // first), and the last in anything else.
  enum class Layers { kAsDocument, kFirstWins, kLastWins } layers = Layers::kAsDocument;
  // The schedule of overrides that name none.
  std::string schedule = {};
};

// Reads "ends=exact", "weekly=each-day", "delays=before|after|since-start", "layers=first|last"
// and their opposites "ends=next-minute", "weekly=one-stretch". Errors: kInvalidArgument.
Status SetReadOption(const std::string& text, ReadOptions* options);

// Reads RFC 3339, with blanks for T and without seconds too; without an offset it is the time on
// the wall in `zone`. Errors: kInvalidArgument, also outside 1701 to 2247.
Result<WallTime> ParseZonedOrLocal(std::string_view text, const Location& zone);

struct Remark {
  enum class Kind { kKept, kChanged, kLost } kind = Kind::kKept;
  std::string file;
  int line = 0;
  int column = 0;
  std::string subject;  // `schedule "Primary"`
  std::string text;
};

struct Loaded {
  std::optional<Roster> roster;  // Nullopt iff there is an error among the problems. Linked.
  std::vector<config::Problem> problems;
  std::vector<Remark> remarks;                               // In file order.
  std::vector<std::pair<std::string, std::string>> formats;  // Path and "Opsgenie", each once.
  WrittenOverrides written;                                  // Of the roster's overrides.
};

Loaded Load(const std::vector<Document>& documents, const ReadOptions& options = {});

}  // namespace watchfire::oncall
