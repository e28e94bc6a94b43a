// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What is on its way to the store. Changes to one key coalesce; one batch is out at a time, and the
// next takes everything that came meanwhile (group commit). A batch that fails goes back and is
// tried again, so a full disk loses nothing as long as the process lives.
//
//   Add -> pending --TakeBatch--> in flight --OnCommitted(ok)--> durable
//             ^________________________________|(error: merge back, wait kRetryAfter)

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

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

  // Queues a change to be written within kWriteBehind.
  Ticket Add(Record record, MonoTime now);
  // Queues a change that somebody waits for: the next TakeBatch carries it.
  Ticket AddUrgent(Record record, MonoTime now);

  // Returns the next batch when none is in flight and one is due.
  std::optional<Persist> TakeBatch(MonoTime now);
  // When TakeBatch next has work; nullopt when idle or waiting for the store.
  std::optional<MonoTime> next_due() const;

  // Takes the store's answer.
  void OnCommitted(BatchId id, bool ok, MonoTime now);

  bool durable(Ticket ticket) const { return ticket <= durable_; }
  // True when the last answer was an error.
  bool failing() const { return failing_; }
  // Records not known to be stored.
  size_t size() const { return pending_.size() + in_flight_.size(); }

 private:
  using Key = std::pair<Table, std::string>;

  std::map<Key, std::optional<std::string>> pending_;
  std::map<Key, std::optional<std::string>> in_flight_;
  Ticket last_batch_ = 0;  // Number of the last batch taken.
  Ticket durable_ = 0;     // All batches up to this one are stored.
  bool busy_ = false;
  bool failing_ = false;
  std::optional<MonoTime> due_;
};

}  // namespace watchfire::core
