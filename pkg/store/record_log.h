// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// A table as a log: each batch adds rows of many records at its end, the newest state of a key
// counts, and what is not the newest of anything is dropped at the front, where what still counts
// is written once more.
//
//   front                                          end
//   | a=1 b=1 c=1 | b=2 | -c  a=2 |      b=2 and a=2 are alive, c is gone
//     all dead: dropped first
//
// The front goes first, always. Were a newer row dropped before an older one, what the older says
// of a key, or of one that has been deleted, would count again. So a deletion has to be remembered
// until no older row is left, and then is in front itself, and goes.
//
// A row is text: for each record a line `<bytes of the key> <bytes of the value>`, or `<bytes of
// the key> -` for a deletion; then the key, a newline, and the value and a newline. It has each key
// once (a deletion may stand before a state), so that a state is alive if the row is the newest
// that has one. No disk and no SQL; log_table.h has them. Internal to this folder.

#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pkg/base/result.h"
#include "pkg/store/key_index.h"

namespace watchfire::store {

class RecordLog {
 public:
  // A row has not more bytes, unless it is of one record.
  static constexpr size_t kRowBytes = 16'384;
  // Rows that one batch drops at most: they may be short.
  static constexpr size_t kDropsMax = 4096;
  // So many dead bytes are no reason to clean up.
  static constexpr size_t kDeadAllowed = 16 * kRowBytes;

  struct Packed {
    std::string_view key;
    std::optional<std::string_view> value;  // nullopt: deleted.
    uint32_t bytes = 0;                     // What it takes of the row.
  };
  struct NewRow {
    uint64_t number = 0;
    std::string text;
  };
  // A row in front that has to go.
  struct Front {
    uint64_t number = 0;
    bool dead = false;  // DropFront() needs not its text.
  };

  // Returns the records of a row, in order; they point into `text`. Errors: kCorrupt.
  static Result<std::vector<Packed>> Unpack(std::string_view text);

  explicit RecordLog(const KeyHash& hash = KeyHash::Random()) : hash_(hash) {}

  // Takes back a stored row; they come by number. Errors: kCorrupt.
  Status Restore(uint64_t number, std::string_view text);
  // Whether that is the newest state of `key`, if the row `number`, a stored one, has one.
  bool IsAlive(uint64_t number, std::string_view key) const;

  // A batch: any number of Add(), then DropFront() while there is something to drop, then the rows
  // of TakeRows() are written and those dropped deleted, and OnCommitted() told of it. What was
  // not committed has not been: the same can be added again.
  void Add(std::string_view key, const std::optional<std::string>& value);
  // Nullopt when the log is short enough, or this batch has dropped its part: about twice what it
  // has added, so that one that is too long becomes shorter and no batch takes long.
  std::optional<Front> ToDrop() const;
  // Adds once more what is alive in the front row, whose text that is. Errors: kCorrupt (then the
  // batch has to be ended as not stored).
  Status DropFront(std::string_view text);
  std::vector<NewRow> TakeRows() { return std::exchange(new_rows_, {}); }
  void OnCommitted(bool stored);

  // Of all rows, and of the states that are alive.
  size_t bytes() const { return bytes_; }
  size_t live_bytes() const { return live_bytes_; }
  size_t keys() const { return index_.size(); }

 private:
  struct Row {
    uint64_t number = 0;
    uint32_t bytes = 0;
    uint32_t live_bytes = 0;
  };
  struct Change {
    KeyId id;
    std::optional<KeyIndex::Place> before;
  };

  // Rows are known by their place since the start: numbers may have gaps, where rows were lost.
  Row& RowOf(uint64_t place) { return rows_[place - first_]; }
  uint64_t last() const { return first_ + rows_.size() - 1; }

  void BeginRow();
  void Append(std::string_view key, const KeyId& id, const std::optional<std::string_view>& value);
  // Where a key is whose record ends the last row.
  std::optional<KeyIndex::Place> AtEnd(bool is_state, uint32_t bytes) const;
  std::optional<KeyIndex::Place> PlaceOf(const KeyId& id) const;
  // `before`: PlaceOf() it.
  void SetPlace(const KeyId& id, const std::optional<KeyIndex::Place>& before,
                const std::optional<KeyIndex::Place>& place);

  KeyHash hash_;
  KeyIndex index_;
  std::deque<Row> rows_;
  uint64_t first_ = 0;  // Place of rows_.front().
  size_t bytes_ = 0;
  size_t live_bytes_ = 0;

  // Of the batch.
  std::vector<NewRow> new_rows_;
  std::vector<Change> changes_;
  size_t new_count_ = 0;      // At the end of rows_.
  size_t dropped_count_ = 0;  // At the front of rows_.
  size_t added_bytes_ = 0;
  size_t dropped_bytes_ = 0;
};

}  // namespace watchfire::store
