// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What is on its way to the store. Changes to one key coalesce; one batch is out at a time, and the
// next takes everything that came meanwhile (group commit). A batch that fails goes back and is
// tried again, so a full disk loses nothing as long as the process lives.
//
//   Add -> pending --TakeBatch--> in flight --OnCommitted(ok)--> durable
//             ^________________________________|(error: merge back, wait kRetryAfter)
//
// In a storm batches follow each other kPause apart: what a batch costs by itself, such as the sync
// of the disk, is more than what a dozen records in it cost, and ten thousand messages wait for
// each other anyway.
//
// What only has to be remembered within kWriteBehind (the journal, the rhythm of groups) waits with
// its owner, for most of it changes once more meanwhile: Note(), TakeNoted().
//
// Of alerts, of which a storm brings a hundred thousand, only the fingerprints wait; they are put
// into words (AlertLog) as they leave, some thousands at a time.

#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "pkg/base/hash_table.h"
#include "pkg/base/ids.h"
#include "pkg/base/record.h"
#include "pkg/base/time.h"
#include "pkg/core/event.h"

namespace watchfire::core {

// Names the batch a change travels in; durable() compares against it.
using Ticket = uint64_t;

class Outbox {
 public:
  static constexpr Duration kWriteBehind = std::chrono::seconds(1);
  static constexpr Duration kRetryAfter = std::chrono::seconds(1);
  static constexpr size_t kAlertsPerBatch = 4096;
  // Behind a batch of so many records, alerts aside, the next one is not begun for so long.
  static constexpr size_t kManyRecords = 64;
  static constexpr Duration kPause = std::chrono::milliseconds(10);

  // Queues a change to be written within kWriteBehind.
  Ticket Add(Record record, MonoTime now);
  // Queues a change that somebody waits for: the next TakeBatch carries it.
  Ticket AddUrgent(Record record, MonoTime now);

  // Queues an alert, known or just dropped, to be written as it is when its turn comes.
  void AddAlert(uint64_t fingerprint, MonoTime now);
  // The same, of an alert that somebody waits for: the next TakeBatch carries it.
  void AddAlertUrgent(uint64_t fingerprint, MonoTime now);
  // The batch after which all that was added urgently by now is stored.
  Ticket UrgentTicket() const;

  // Notes that something changed whose owner puts it into words when it leaves, in kWriteBehind.
  void Note(MonoTime now);
  // Whether that is now, or soon enough when in a `hurry`: then the next TakeBatch takes a batch,
  // and what was noted has to be added to it first.
  bool TakeNoted(MonoTime now, bool hurry);

  // Returns what writes alerts down as they are now. May add to them others that have to be written
  // again with them if the batch fails.
  using AlertRecords = std::function<std::vector<Record>(std::vector<uint64_t>* fingerprints)>;
  // Returns the next batch when none is in flight and one is due: all that is pending, but only
  // kAlertsPerBatch of the alerts.
  std::optional<Persist> TakeBatch(MonoTime now, const AlertRecords& records_of = {});
  // When TakeBatch next has work; nullopt when idle or waiting for the store.
  std::optional<MonoTime> next_due() const;

  // Takes the store's answer.
  void OnCommitted(BatchId id, bool ok, MonoTime now);

  bool durable(Ticket ticket) const { return ticket <= durable_; }
  // True when the last answer was an error.
  bool failing() const { return failing_; }
  // Records not known to be stored.
  size_t size() const {
    return pending_.size() + in_flight().size() + alerts_pending_.size() + alerts_in_flight_.size();
  }

 private:
  void Put(Record record);
  // Those that go back if the batch fails.
  std::span<const Record> in_flight() const {
    return batch_ == nullptr ? std::span<const Record>() : std::span(*batch_).subspan(of_alerts_);
  }

  std::vector<Record> pending_;  // In the order they came.
  HashTable<uint32_t> places_;   // One behind the place of each, by a hash of table and key, or by
                                 // the next that is free.
  std::shared_ptr<const std::vector<Record>> batch_;  // Null: none is out.
  size_t of_alerts_ = 0;  // So many of its first records write down alerts_in_flight_.
  std::deque<uint64_t> alerts_pending_;  // May name one twice.
  std::vector<uint64_t> alerts_in_flight_;
  size_t urgent_ = 0;      // So many of the first alerts are waited for.
  size_t again_ = 0;       // So many of those after them failed together and are tried together.
  Ticket last_batch_ = 0;  // Number of the last batch taken.
  Ticket durable_ = 0;     // All batches up to this one are stored.
  bool busy_ = false;
  MonoTime not_before_ = MonoTime::min();  // No batch begins.
  bool failing_ = false;
  std::optional<MonoTime> due_;
  std::optional<MonoTime> noted_due_;  // Of what Note() tells of.
};

}  // namespace watchfire::core
