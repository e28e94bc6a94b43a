// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Every alert core knows, by fingerprint, in 256 shards. A shard that changed is rebuilt for
// readers only when somebody reads. Expiry is by the wall clock: a firing alert whose ends_at
// passes without a refresh resolves by itself.

#pragma once

#include <array>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "pkg/alert/alert.h"
#include "pkg/base/time.h"
#include "pkg/core/view.h"

namespace watchfire::core {

class AlertTable {
 public:
  static constexpr size_t kShards = 256;

  struct Row {
    std::shared_ptr<const alert::Alert> alert;
    WallTime received_at = kNoTime;        // First ingest of this episode.
    std::vector<std::string> receivers;    // In route order.
    std::vector<std::string> silenced_by;  // Ids of the silences in force that match, sorted.
    bool flushed = false;                  // A group has been flushed with it.
  };
  enum class Change { kNew, kRefreshed, kResolved, kRefused };

  // Merges an arriving alert. kNew: a new episode began (unknown before, or it had resolved);
  // kResolved: it was firing and now is not (an unknown alert that arrives resolved is kRefreshed);
  // kRefused: limits::kActiveAlerts is reached.
  Change Apply(const alert::Alert& incoming, WallTime now);

  // Returns the alerts whose end has come since the last call, oldest end first.
  std::vector<std::shared_ptr<const alert::Alert>> Expire(WallTime now);
  // When Expire() next has work.
  std::optional<WallTime> next_expiry() const;

  // Drops alerts resolved at or before `before` that are not in `keep`; returns them.
  std::vector<std::shared_ptr<const alert::Alert>> Collect(WallTime before,
                                                           const std::set<uint64_t>& keep);

  // Puts back a stored alert as it is.
  void Restore(alert::Alert alert, WallTime now);

  const Row* Find(uint64_t fingerprint) const;
  void SetReceivers(uint64_t fingerprint, std::vector<std::string> receivers);
  void SetSilencedBy(uint64_t fingerprint, std::vector<std::string> ids);
  // Asks `ids_of` for every row who silences it now.
  template <typename IdsOf>
  void RefreshSilencedBy(IdsOf ids_of) {
    for (Shard& shard : shards_) {
      for (auto& [fingerprint, row] : shard.rows) {
        std::vector<std::string> ids = ids_of(std::as_const(row));
        if (ids == row.silenced_by) continue;
        row.silenced_by = std::move(ids);
        shard.view = nullptr;
      }
    }
  }
  // Notes that a group was flushed with it; does nothing for an unknown one.
  void MarkFlushed(uint64_t fingerprint);
  size_t size() const { return size_; }

  // Calls `visit` for every row, in fingerprint order.
  template <typename Visit>
  void ForEach(Visit visit) const {
    for (const auto& shard : shards_) {
      for (const auto& [fingerprint, row] : shard.rows) visit(row);
    }
  }

  // Marks one alert's shard, or all of them, as changed for readers.
  void Touch(uint64_t fingerprint) { ShardOf(fingerprint).view = nullptr; }
  void TouchAll();

  // Returns the shards for readers; `fill` completes a row (inhibition) when its shard is rebuilt.
  template <typename Fill>
  AlertShards Publish(Fill fill) {
    AlertShards out;
    for (size_t i = 0; i < kShards; ++i) {
      if (!shards_[i].view) {
        auto rows = std::make_shared<std::vector<AlertRow>>();
        rows->reserve(shards_[i].rows.size());
        for (const auto& [fingerprint, row] : shards_[i].rows) {
          rows->push_back(
              fill(AlertRow{row.alert, row.receivers, std::nullopt, row.silenced_by, row.flushed}));
        }
        shards_[i].view = std::move(rows);
      }
      out[i] = shards_[i].view;
    }
    return out;
  }

 private:
  struct Shard {
    std::map<uint64_t, Row> rows;
    std::shared_ptr<const std::vector<AlertRow>> view;
  };
  Shard& ShardOf(uint64_t fingerprint) { return shards_[fingerprint >> 56]; }
  const Shard& ShardOf(uint64_t fingerprint) const { return shards_[fingerprint >> 56]; }
  void Schedule(const alert::Alert& alert, WallTime now);

  std::array<Shard, kShards> shards_;  // By the top byte: iteration is in fingerprint order.
  std::set<std::pair<WallTime, uint64_t>> expiry_;
  size_t size_ = 0;
};

}  // namespace watchfire::core
