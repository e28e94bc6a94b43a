// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The ledger of one SLI: what was counted for each label set, and for which minutes Prometheus was
// asked at all. Says nothing of objectives or windows, so these may change without losing it. Pure.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "pkg/labels/labels.h"
#include "pkg/promql/response.h"
#include "pkg/slo/history.h"

namespace watchfire::slo {

// What was counted for one label set in one slot.
struct Counted {
  labels::LabelSet labels;
  Events events;

  bool operator==(const Counted&) const = default;
};

// Puts the two answers for one slot together. A label set without bad events has none of these
// (most error series are born with the first error); one without its total keeps its bad events,
// since the total of seldom scraped targets comes with another slot.
// Values that are no numbers count as absent. Errors: kConflict (a label set twice).
Result<std::vector<Counted>> Join(const promql::Vector& bad, const promql::Vector& total);

// Which slots are known: asked for, and answered, be it with nothing.
class Coverage {
 public:
  explicit Coverage(int64_t newest);

  void Advance(int64_t minute);
  // The minutes of the slot that are known; 0 outside of what is held.
  int64_t KnownMinutes(Level level, int64_t slot) const;
  bool Known(Level level, int64_t slot) const {
    return KnownMinutes(level, slot) == MinutesOf(level);
  }
  // Makes all of the slot known, or, for restoring, `minutes` of it.
  void Cover(Level level, int64_t slot) { Cover(level, slot, MinutesOf(level)); }
  void Cover(Level level, int64_t slot, int64_t minutes);
  // Makes a minute unknown.
  void Forget(int64_t minute);
  // How many of the minutes [from, to) are known.
  double Between(int64_t from, int64_t to) const;
  int64_t newest() const { return newest_; }
  static size_t Bytes();

 private:
  int64_t newest_;
  std::vector<uint8_t> fine_;   // Minutes, 5 minutes and hours, one behind the other.
  std::vector<uint16_t> days_;  // A day has more minutes than a byte.
};

struct LedgerOptions {
  // More label sets than these are added up in one, whose labels are OtherLabels().
  size_t series_max = 500;
  // A label set in which nothing was counted for so long is forgotten.
  Duration retention = std::chrono::hours(24 * 30);

  bool operator==(const LedgerOptions&) const = default;
};

class Ledger {
 public:
  struct Series {
    labels::LabelSet labels;
    History history;
    uint64_t round = 0;  // Of the last writing that named it.
  };

  Ledger(int64_t newest, LedgerOptions options);

  // Makes `minute` the newest; at the turn of an hour forgets what has been silent for long.
  void Advance(int64_t minute);

  // Takes what was counted in a slot; label sets that are not among it counted nothing. Replaces
  // what was there, so an answer may be taken twice. When a label set is too many, those that count
  // the most in `counted` are kept. A slot that is not held is left alone.
  void Write(Level level, int64_t slot, std::vector<Counted> counted);

  // Takes how the events of an hour are spread over its minutes, counted[i] being those of the
  // i-th, so that a window that begins within it has what came since then. How many there are of
  // the hour stays as it was written.
  void WriteMinutesOf(int64_t hour, const std::vector<std::vector<Counted>>& counted);
  bool HasMinutesOf(int64_t hour) const { return told_.contains(hour); }
  // Forgets those of all other hours.
  void KeepMinutesOf(const std::set<int64_t>& hours);

  // Makes the minutes [from, to) unknown as far as there are minutes of them: what was counted
  // there counts on until it is asked again.
  void Doubt(int64_t from, int64_t to);

  // Returns what there would be if no time after `minute`, which is older than newest(), had ever
  // come. What is known in coarser slots only than that ledger has is unknown there.
  Ledger Rewound(int64_t minute) const;

  const std::vector<Series>& series() const { return series_; }
  const Coverage& coverage() const { return coverage_; }
  int64_t newest() const { return coverage_.newest(); }
  // All label sets together in the minutes [from, to).
  Events Between(int64_t from, int64_t to) const;
  // The share of the minutes [from, to) that are known and not before the first event ever counted.
  double CoverageOf(int64_t from, int64_t to) const;

  // Slots that were written with more bad, or good, in a label set than there was at all.
  uint64_t anomalies() const { return anomalies_; }
  // Whether some label sets are in OtherLabels().
  bool overflowing() const { return overflowing_; }
  // The first minute in which anything was counted; newest() + 1 if nothing was.
  int64_t first_minute() const { return first_minute_; }

  // Hours in which something changed since they were last taken, oldest first: what to store.
  std::vector<int64_t> TakeDirtyHours();
  bool is_dirty() const { return !dirty_hours_.empty(); }
  void MarkDirty(int64_t hour) { dirty_hours_.insert(hour); }
  // For restoring a slot of which only `minutes` were known.
  void WritePart(Level level, int64_t slot, int64_t minutes, std::vector<Counted> counted);

  size_t Bytes() const;

 private:
  Series* Find(const labels::LabelSet& labels);
  void Enter(const Counted& counted, Level level, int64_t slot, Events* other);

  LedgerOptions options_;
  Coverage coverage_;
  std::vector<Series> series_;  // By labels.
  uint64_t round_ = 0;          // Of writing.
  uint64_t anomalies_ = 0;
  bool overflowing_ = false;
  int64_t first_minute_;
  std::set<int64_t> dirty_hours_;
  std::set<int64_t> told_;  // Hours whose minutes histories were told of.
};

// {other="true"}: no alert of its own is lost in it, but nothing tells its members apart.
labels::LabelSet OtherLabels();

}  // namespace watchfire::slo
