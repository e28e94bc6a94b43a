// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What changed about each alert, and what was said about it to whom: the memory behind "why was I
// (not) paged?". It holds transitions, not repetitions: an alert that fires for a week and is
// inhibited all the while costs two entries. What it holds goes to the store write-behind, and the
// past is answered by reading back to an instant.
//
//   row 7   [ 0x2f fires | 0x9a fires | 0x2f kept out of {}:{} by 0x9a ]   the entries of one Step
//   row 8   message to on-call: firing 0x9a; attempts: failed, accepted    one message, with its
//   end
//
//   0x2f -> rows 7, 7
//   0x9a -> rows 7, 8
//
// Everything is bounded (limits.h): the oldest goes first and is counted. A pure state machine,
// owned by the core thread. Silences are not in it: ended ones stay in their set for as long as
// this does, and their times say all.

#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "pkg/base/hash_table.h"
#include "pkg/base/limits.h"
#include "pkg/base/record.h"
#include "pkg/base/result.h"
#include "pkg/base/time.h"
#include "pkg/journal/row_ids.h"
#include "pkg/journal/texts.h"
#include "pkg/labels/labels.h"

namespace watchfire::journal {

enum class Kind : uint8_t {
  kFiring,      // An episode begins. text: who sent it; number: the nanos it says it started.
  kResolved,    // Its sender ended it. number: nanos of the end.
  kExpired,     // Its sender fell silent. number: nanos of the end.
  kLetThrough,  // At a flush: no longer kept out.
  kInhibited,   // At a flush: kept out. number: the source; text: "index name" of the rule.
  kSilenced,    // At a flush: kept out. text: ids, joined by ", ".
  kMuted,       // At a flush: kept out. text: names of the intervals that hold.
  kInactive,    // At a flush: kept out. text: names of the active intervals, of which none holds.
  kForgotten,   // It left the alert table; from here on its labels are known from here only.
  kConfigured,  // Of no alert: another configuration came into force. number: its hash.
  kFellBack,    // The receiver's fallback is told as well. text: which, and why.
  kEscalated,   // An escalation policy did something. text: which step, and whom it reached.
};
inline constexpr int kKindCount = 12;
const char* KindName(Kind kind);  // "firing", "let_through" …

// Where a decision was made: one group of one receiver.
struct Place {
  std::string receiver;
  std::string group_key;

  auto operator<=>(const Place&) const = default;
};

struct Line {
  WallTime at = kNoTime;
  Kind kind = Kind::kFiring;
  Place place;  // Empty unless it was at a flush.
  std::string text;
  uint64_t number = 0;

  bool operator==(const Line&) const = default;
};

struct Attempt {
  WallTime at = kNoTime;  // When it ended.
  Duration took{};
  std::string why;       // Empty: accepted.
  bool unknown = false;  // It may have been taken all the same.

  bool operator==(const Attempt&) const = default;
};

// Whether it is what a flush decided about the alert: to let it through, or to keep it out.
bool IsDecision(Kind kind);

enum class Outcome : uint8_t {
  kUnderWay,    // No answer yet.
  kAccepted,    //
  kFailed,      // Given up: a refusal, or no time left.
  kAbandoned,   // Given up because of a reload or a stop.
  kLost,        // The process died before it knew.
  kSuperseded,  // Given up for a newer message of its group (delivery: strict).
};
inline constexpr int kOutcomeCount = 6;
const char* OutcomeName(Outcome outcome);  // "under_way", "accepted" …

// What one integration was told, or was to be told, about the alert asked for.
struct Message {
  uint64_t id = 0;
  WallTime at = kNoTime;
  Place place;
  std::string integration;  // "webhook"
  int index = 0;
  std::string reason;  // dispatch::ReasonText
  bool firing = true;  // As which the alert stood in it.
  size_t alerts = 0;   // How many alerts were in it.
  std::vector<Attempt> attempts;
  size_t attempts_omitted = 0;  // Between the first and the second of them.
  Outcome outcome = Outcome::kUnderWay;
  WallTime ended_at = kNoTime;

  bool operator==(const Message&) const = default;
};

// What core says about a message before it is sent.
struct Sending {
  uint64_t id = 0;            // Of the delivery; for Failed() and Over() of this life.
  std::string_view receiver;  // This and all other texts: during the call.
  std::string_view group_key;
  std::string_view integration;
  int index = 0;
  std::string_view reason;
  const std::vector<uint64_t>& firing;
  const std::vector<uint64_t>& resolved;
};

struct Options {
  size_t entries_max = limits::kJournalEntries;
  size_t entries_per_alert_max = limits::kJournalEntriesPerAlert;
  size_t text_bytes_max = limits::kJournalTextBytes;
};

class Journal {
 public:
  static constexpr size_t kRowEntries = 256;   // More entries of one Step begin another row.
  static constexpr size_t kAttemptsKept = 16;  // Of one message: the first, and the newest.
  static constexpr size_t kWhyRunes = 500;     // Of an attempt's reason.

  explicit Journal(const Options& options = {}) : options_(options) {}

  // ---- What core notes. All at `now` of one Step; Close() ends it. ----

  // Has the processor fetch what a note about the alert will look at.
  void Fetch(uint64_t alert) const { alerts_.Fetch(alert); }
  // And, a while later, what it says of it.
  void FetchKnown(uint64_t alert) const { alerts_.FetchValue(alert); }
  // The same for Failed() and Over().
  void FetchSent(uint64_t id) const;
  void Firing(uint64_t alert, std::string_view source, WallTime starts_at, WallTime now);
  void Ended(uint64_t alert, WallTime ends_at, bool expired, WallTime now);
  // The alert leaves the alert table. Does nothing for one of which nothing is known.
  void Forgotten(const labels::LabelSet& labels, WallTime now);
  // Notes a configuration unless it is the one already in force.
  void Configured(uint64_t hash, WallTime now);

  // What a flush decided about an alert; kept only when it differs from the last decision there.
  // `kind` is kLetThrough or one of those that keep out. One look-up when nothing was ever kept
  // out and is not now.
  void Decided(uint64_t alert, const Place& place, Kind kind, uint64_t number,
               std::string_view text, WallTime now);

  // The fallback of the place's receiver is told of the alert.
  void FellBack(uint64_t alert, const Place& place, std::string_view text, WallTime now);
  // An escalation policy of the place's receiver did something about the alert.
  void Escalated(uint64_t alert, const Place& place, std::string_view text, WallTime now);

  void Sent(const Sending& sending, WallTime now);
  // An attempt failed and the message goes on. Only the first is stored at once. Unknown ids are
  // ignored, here and below.
  void Failed(uint64_t id, Attempt attempt);
  // The message is over; `last` is the attempt that ended it, if one did.
  void Over(uint64_t id, Outcome outcome, std::optional<Attempt> last, WallTime now);

  // Ends the Step: drops what is over a bound.
  void Close();
  // Returns what changed since the last call, to be stored; after Close().
  std::vector<Record> TakeRecords();
  // How many records TakeRecords() has.
  size_t changes() const { return dirty_count_ + deletions_.size(); }
  // Drops what is older than `before`; TakeRecords() returns the deletions. What was written while
  // the clock was ahead of `now` by more than a minute goes too, once it is the oldest.
  void Collect(WallTime before, WallTime now);
  // Takes back one stored record; messages under way are lost ones. Errors: kCorrupt.
  Status Restore(const Record& record);

  // ---- Readers ----

  struct History {
    std::vector<Line> lines;  // In the order noted, not after `until`.
    // Begun not after `until`, with what was known of each by then.
    std::vector<Message> messages;
    bool cut = false;  // Older ones were dropped for a bound.
  };
  History Read(uint64_t alert, WallTime until) const;
  bool Knows(uint64_t alert) const { return alerts_.contains(alert); }
  // Whether some flush may have kept it out by its last decision.
  bool KeptOut(uint64_t alert) const {
    if (kept_out_ == 0) return false;
    const Known* known = alerts_.Find(alert);
    return known != nullptr && known->kept_out;
  }
  // Whether something that it still holds was noted not after `at`.
  bool KnewBy(uint64_t alert, WallTime at) const;
  // Labels of an alert that left the table; null when it did not, or is unknown.
  const labels::LabelSet* Labels(uint64_t alert) const;
  // Fingerprints of those with Labels() that `wants` accepts, sorted.
  template <typename Wants>
  std::vector<uint64_t> Find(Wants wants) const {
    std::vector<uint64_t> found;
    alerts_.ForEach([&](uint64_t alert, const Known& known) {
      if (!known.labels.empty() && wants(known.labels)) found.push_back(alert);
    });
    std::sort(found.begin(), found.end());
    return found;
  }
  // When configurations came into force after `from`, oldest first.
  std::vector<WallTime> ConfiguredAfter(WallTime from) const;
  // Since when everything is known that no bound dropped; kNoTime when nothing is.
  WallTime since() const { return rows_.empty() ? kNoTime : rows_.begin()->second.at; }

  size_t size() const { return entries_; }
  uint64_t dropped() const { return dropped_; }  // Entries, for a bound.

 private:
  friend class RowCodec;

  struct Entry {
    uint64_t alert = 0;
    uint64_t number = 0;
    TextId place = 0;  // PlaceText.
    TextId text = 0;
    Kind kind = Kind::kFiring;
  };
  struct Sheet {  // A message, for all of its alerts.
    TextId place = 0;
    TextId integration = 0;
    TextId reason = 0;
    int index = 0;
    std::vector<uint64_t> firing;  // Sorted.
    std::vector<uint64_t> resolved;
    std::vector<Attempt> attempts;
    size_t attempts_omitted = 0;
    Outcome outcome = Outcome::kUnderWay;
    WallTime ended_at = kNoTime;
    uint64_t delivery = 0;  // Of a message of this life.
  };
  // Holds entries or a message, never both. Never empty once it is closed.
  struct Row {
    WallTime at = kNoTime;
    bool is_dirty = false;  // To be written.
    std::vector<Entry> entries;
    std::unique_ptr<Sheet> sheet;
  };
  using Rows = std::map<uint64_t, Row>;
  struct Known {
    RowIds rows;              // One for each entry and message.
    labels::LabelSet labels;  // Once it left the alert table.
    bool kept_out = false;    // At some place, by the last decision there.
    bool cut = false;
  };

  // Returns what is known of its alert now; null for a configuration, which is of none.
  Known* Note(WallTime at, Entry entry);
  const Entry* LastDecision(const Known& known, uint64_t alert, TextId place) const;
  static void AddAttempt(Attempt attempt, Sheet* sheet);
  Message Show(uint64_t id, const Row& row, uint64_t alert, WallTime until) const;
  Line Show(const Row& row, const Entry& entry) const;
  Place PlaceOf(TextId id) const;

  Known& Index(uint64_t alert, uint64_t row);
  void Unindex(uint64_t alert, uint64_t row, bool over_bound);
  void Mark(uint64_t id, Row* row);  // As dirty.
  void DropRow(Rows::iterator row, bool over_bound);
  void DropOldestOf(uint64_t alert);
  void Release(const Row& row);
  void SetLabels(const labels::LabelSet& labels, Known* known);
  void SetKeptOut(bool is_kept_out, Known* known);
  void EraseRow(Rows::iterator row);

  const Options options_;
  Texts texts_;
  Rows rows_;  // By sequence.
  uint64_t last_row_ = 0;
  uint64_t open_ = 0;  // The row that takes the entries of this Step; 0: none yet.
  HashTable<Known> alerts_;
  std::unordered_map<uint64_t, Rows::iterator> under_way_;  // By delivery; of those not dropped.
  std::map<uint64_t, WallTime> configurations_;             // Row -> its time, of kConfigured.
  std::vector<uint64_t> dirty_;    // Rows to be written, save those that are no more.
  size_t dirty_count_ = 0;         // Those that are.
  std::vector<uint64_t> crowded_;  // Alerts that may have too many entries.
  std::vector<Record> deletions_;
  size_t entries_ = 0;  // Entries, and alerts in messages.
  size_t label_bytes_ = 0;
  size_t kept_out_ = 0;  // Of alerts_, those that are.
  uint64_t dropped_ = 0;
  uint64_t configuration_ = 0;
};

}  // namespace watchfire::journal
