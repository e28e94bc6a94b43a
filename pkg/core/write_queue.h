// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Remote writes that wait and that are under way. A place that is slow or away must not take all
// memory, nor the connections that pages need: few writes are out at once, of one group one after
// the other (series take no samples out of order), and when too much waits the oldest goes.

#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "pkg/base/ids.h"
#include "pkg/config/config.h"
#include "pkg/core/event.h"
#include "pkg/rules/rules.h"

namespace watchfire::core {

class WriteQueue {
 public:
  struct Entry {
    uint64_t generation = 0;                       // Of the engine that gave it.
    std::shared_ptr<const config::Config> config;  // Where to.
    rules::Write write;                            // Without its samples once it is out.
  };

  // Returns those that had to go for it, oldest first: what waits is at most
  // limits::kQueuedWrites, with limits::kQueuedSamples, or one write alone.
  std::vector<Entry> Add(Entry entry);
  // What is to be sent next, if another may be; it is out then, as `id`.
  std::optional<WriteSamples> Next(QueryId id);
  // Returns what `id` was; nullopt: nothing that is out.
  std::optional<Entry> Finish(QueryId id);
  // Forgets what waits and would be waited for.
  void DropAwaited();

  bool empty() const { return waiting_.empty() && out_.empty(); }
  bool is_waiting() const { return !waiting_.empty(); }

 private:
  // A write may hold later samples of the series of one that is out: of its group, or, since the
  // numbers of groups mean something else after a reload, of any group before it.
  bool MustWait(const Entry& entry) const;

  std::deque<Entry> waiting_;  // Oldest first.
  size_t samples_ = 0;         // In waiting_.
  std::map<QueryId, Entry> out_;
};

}  // namespace watchfire::core
