// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Every alert core knows, by fingerprint, in shards. A shard that changed is rebuilt for
// readers only when somebody reads. Expiry is by the wall clock: a firing alert whose ends_at
// passes without a refresh resolves by itself.

#pragma once

#include <array>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "pkg/alert/alert.h"
#include "pkg/base/hash_table.h"
#include "pkg/base/limits.h"
#include "pkg/base/shared_text.h"
#include "pkg/base/time.h"
#include "pkg/core/mute.h"
#include "pkg/core/view.h"
#include "pkg/labels/set_pool.h"

namespace watchfire::core {

class AlertTable {
 public:
  // `room`: for so many that are not shelved.
  explicit AlertTable(size_t room = limits::kActiveAlerts) : room_(room) {}

  struct Row {
    std::shared_ptr<const alert::Alert> alert;
    WallTime received_at = kNoTime;  // First ingest of this episode.
    SharedTexts receivers;           // In route order.
    SharedTexts silenced;            // When somebody last looked: see RefreshSilencedBy().
    // While it fires: of its entry in expiry_ that counts. Then: when its end was known here, for
    // somebody had said so or it had expired, whatever was repeated since (WhenOver()).
    WallTime turns_at = kNoTime;
    mutable uint64_t record : 58 = 0;  // AlertLog's, of its newest state there; 0: none yet.
    bool over : 1 = false;             // Its end is known.
    bool judged : 1 = false;           // See MarkJudged().
    bool shelved : 1 = false;          // See Shelve().
    bool flushed : 1 = false;          // A group has been flushed with it.
    mutable uint64_t marks = 0;        // LabelMarks() of its labels, once a reader came; else 0.

    // When its end was known here, by our clock; kNoTime: it is not.
    WallTime WhenOver() const { return over ? turns_at : kNoTime; }
  };
  enum class Change { kNew, kRefreshed, kResolved, kRefused };

  // Has the processor fetch, all at once, what Apply() will look at of each of these: an alert that
  // is repeated lies in memory that nothing has looked at for a while. They came together, and what
  // they share they keep sharing if most of them are new.
  void Fetch(std::span<const alert::Alert> alerts);
  // Has the processor fetch where a look-up begins.
  void Fetch(uint64_t fingerprint) const { ShardOf(fingerprint).rows.Fetch(fingerprint); }
  // And, a while later, its row.
  void FetchRow(uint64_t fingerprint) const { ShardOf(fingerprint).rows.FetchValue(fingerprint); }
  // Merges an arriving alert. kNew: a new episode began (unknown before, or it had resolved);
  // kResolved: it is over, which neither an earlier call nor Expire() has said (an unknown alert
  // that arrives resolved is kRefreshed); kRefused: there is no room.
  Change Apply(alert::Alert incoming, WallTime now);
  // Of the alert that Apply() called kNew last: its episode before. Unset: none is known.
  struct Episode {
    WallTime began = kNoTime;  // When it was first received.
    WallTime ended = kNoTime;
    bool judged = false;  // See MarkJudged().
  };
  const std::optional<Episode>& before() const { return before_; }
  // The row of the alert that Apply() took last, until others come or go. Readers will see what is
  // written to it: Apply() has seen to that.
  Row& applied() { return *applied_; }

  // Returns the alerts whose end has come since the last call, oldest end first.
  std::vector<std::shared_ptr<const alert::Alert>> Expire(WallTime now);
  // When Expire() next has work.
  std::optional<WallTime> next_expiry() const;

  // Drops alerts resolved at or before `before` that are not in `keep`; returns them.
  std::vector<std::shared_ptr<const alert::Alert>> Collect(WallTime before,
                                                           const std::set<uint64_t>& keep);

  // Puts back a stored alert as it is.
  void Restore(alert::Alert alert, WallTime now);

  // Drops one as if it had never been there.
  void Remove(uint64_t fingerprint);

  const Row* Find(uint64_t fingerprint) const;
  // Finds many; null in the place of each that is not there.
  std::vector<const Row*> Find(std::span<const uint64_t> fingerprints) const;
  void SetReceivers(uint64_t fingerprint, SharedTexts receivers);
  void SetSilencedBy(uint64_t fingerprint, std::vector<std::string> ids);
  // Asks `ids_of` for every row who silences it now: sorted ids, or nullopt for those it has.
  template <typename IdsOf>
  void RefreshSilencedBy(IdsOf ids_of) {
    for (Shard& shard : shards_) {
      shard.rows.ForEach([&](uint64_t, Row& row) {
        std::optional<std::vector<std::string>> ids = ids_of(std::as_const(row));
        if (!ids || *ids == row.silenced.list()) return;
        row.silenced = *std::move(ids);
        shard.view = nullptr;
      });
    }
  }
  // Notes that a group was flushed with it, which let it through while it fired if it `is_judged`,
  // as in MarkJudged(). A storm flushes thousands that nobody has looked at for a while: rows are
  // marked together, before somebody looks. Does nothing for an unknown one.
  void NoteFlushed(uint64_t fingerprint, bool is_judged);
  // Notes that a flush let it through, or kept it back, while it fired. Returns whether that is the
  // first time in this episode; false for an unknown one, and for one that was restored: its
  // episode is another life's.
  bool MarkJudged(uint64_t fingerprint);
  // Of one that is over: it is only kept to be looked up, and takes no room, until it fires again.
  void Shelve(uint64_t fingerprint);
  size_t size() const { return size_; }
  // How many ends it waits for, those that do not count any more among them.
  size_t watched() const { return expiry_.size(); }

  // Calls `visit` for every row, in fingerprint order.
  template <typename Visit>
  void ForEach(Visit visit) const {
    for (const Shard& shard : shards_) {
      for (const auto& [fingerprint, row] : shard.InOrder()) visit(*row);
    }
  }

  // Marks one alert's shard, or all of them, as changed for readers.
  void Touch(uint64_t fingerprint) { ShardOf(fingerprint).view = nullptr; }
  void TouchAll();

  // Returns the shards for readers; `fill` completes a row (inhibition) when its shard is rebuilt.
  template <typename Fill>
  AlertShards Publish(Fill fill) {
    MarkNoted();
    AlertShards out;
    for (size_t i = 0; i < shards_.size(); ++i) {
      if (!shards_[i].view) Rebuild(&shards_[i], fill);
      out[i] = shards_[i].view;
    }
    return out;
  }
  // Does a part of what Publish() would have to do: rebuilds changed shards, going on where it
  // ended last, until that were `rows` rows or all that changed. Returns how many it were.
  template <typename Fill>
  size_t Prepare(size_t rows, Fill fill) {
    MarkNoted();
    size_t done = 0;
    for (size_t i = 0; i < shards_.size() && done < rows; ++i) {
      Shard& shard = shards_[next_to_prepare_++ % shards_.size()];
      if (shard.view) continue;
      Rebuild(&shard, fill);
      done += shard.rows.size();
    }
    return done;
  }
  // How many rows Publish() would have to rebuild, but for what was noted since Prepare().
  size_t changed_rows() const;

 private:
  struct Shard {
    using Ordered = std::vector<std::pair<uint64_t, const Row*>>;  // By fingerprint.
    const Ordered& InOrder() const;
    // Returns the alert's row, a new one if there was none.
    Row& At(uint64_t fingerprint);
    // An alert came or went, not only changed.
    void Reorder();

    HashTable<Row> rows;
    mutable Ordered ordered;  // Empty: to be made anew.
    std::shared_ptr<const std::vector<AlertRow>> view;
  };
  // Has the processor fetch what a walk through `ordered` needs a little after `at`.
  static void Fetch(const Shard::Ordered& ordered, size_t at) {
    constexpr size_t kAhead = 8;
    if (at + 2 * kAhead < ordered.size()) __builtin_prefetch(ordered[at + 2 * kAhead].second);
    if (at + kAhead < ordered.size()) {
      __builtin_prefetch(ordered[at + kAhead].second->alert.get());
    }
  }
  template <typename Fill>
  static void Rebuild(Shard* shard, Fill& fill) {
    auto rows = std::make_shared<std::vector<AlertRow>>();
    rows->reserve(shard->rows.size());
    const Shard::Ordered& ordered = shard->InOrder();
    for (size_t at = 0; at < ordered.size(); ++at) {
      Fetch(ordered, at);
      const auto& [fingerprint, row] = ordered[at];
      // An alert's texts lie far apart in memory: they are looked at once.
      if (row->marks == 0) row->marks = LabelMarks(row->alert->labels);
      rows->push_back(fill(AlertRow{row->alert, row->receivers, std::nullopt, row->silenced,
                                    row->flushed, row->marks, fingerprint}));
    }
    shard->view = std::move(rows);
  }
  Shard& ShardOf(uint64_t fingerprint) { return shards_[AlertShardOf(fingerprint)]; }
  const Shard& ShardOf(uint64_t fingerprint) const { return shards_[AlertShardOf(fingerprint)]; }
  // Sees to it that expiry_ has an entry for the row, no later than its end; or notes that it is
  // over.
  void Watch(Row* row, WallTime now);
  bool HasRoom() const { return size_ - shelved_ < room_; }
  // Marks what NoteFlushed() was told of.
  void MarkNoted();
  // Lets all alerts of one text share it.
  SharedText Shared(const SharedText& text);
  // Lets an alert that is to be kept share what others, or the one before it, have.
  void ShareTexts(alert::Alert* alert);
  void KeepTexts(const alert::Alert& old, alert::Alert* alert);

  struct Flushed {
    uint64_t fingerprint = 0;
    bool is_judged = false;
  };

  std::vector<Flushed> noted_;                                // Not marked yet.
  std::array<Shard, std::tuple_size_v<AlertShards>> shards_;  // Iteration is in fingerprint order.
  // A heap, soonest first. A refresh leaves the entry where it is: it is looked at when its time
  // comes and put back if the alert goes on.
  std::vector<std::pair<WallTime, uint64_t>> expiry_;
  std::unordered_map<std::string_view, SharedText> texts_;  // By themselves.
  SharedText last_text_;  // What was asked for last in texts_: alerts of a rule come together.
  labels::SetPool label_pool_;
  labels::SetPool annotation_pool_;
  bool most_are_new_ = false;  // Of those of the last Fetch().
  const size_t room_;
  size_t size_ = 0;
  size_t shelved_ = 0;  // Of these.
  size_t next_to_prepare_ = 0;
  std::optional<Episode> before_;
  Row* applied_ = nullptr;
};

}  // namespace watchfire::core
