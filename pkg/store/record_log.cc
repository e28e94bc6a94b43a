// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/store/record_log.h"

#include <charconv>

namespace watchfire::store {
namespace {

constexpr char kDeleted = '-';
constexpr size_t kDigitsMax = 20;
constexpr size_t kHeaderMax = 2 * kDigitsMax + 4;  // And a blank and three newlines.

void Pack(std::string* text, std::string_view key, const std::optional<std::string_view>& value) {
  char header[kHeaderMax];
  char* to = std::to_chars(header, header + kDigitsMax, key.size()).ptr;
  *to++ = ' ';
  if (value) {
    to = std::to_chars(to, to + kDigitsMax, value->size()).ptr;
  } else {
    *to++ = kDeleted;
  }
  *to++ = '\n';
  text->append(header, to).append(key).push_back('\n');
  if (value) text->append(*value).push_back('\n');
}

// Takes parts of a row from its front.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  size_t left() const { return rest_.size(); }

  bool Skip(char wanted) {
    if (!rest_.starts_with(wanted)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool Number(size_t* number) {
    const char* begin = rest_.data();
    const auto [end, error] = std::from_chars(begin, begin + rest_.size(), *number);
    if (error != std::errc()) return false;
    rest_.remove_prefix(static_cast<size_t>(end - begin));
    return true;
  }
  // So many bytes, and a newline.
  bool Bytes(size_t count, std::string_view* bytes) {
    if (count >= rest_.size()) return false;
    *bytes = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return Skip('\n');
  }

 private:
  std::string_view rest_;
};

bool UnpackOne(Reader* reader, RecordLog::Packed* record) {
  const size_t before = reader->left();
  size_t key_bytes = 0;
  size_t value_bytes = 0;
  if (!reader->Number(&key_bytes) || !reader->Skip(' ')) return false;
  const bool is_deleted = reader->Skip(kDeleted);
  if (!is_deleted && !reader->Number(&value_bytes)) return false;
  if (!reader->Skip('\n') || !reader->Bytes(key_bytes, &record->key)) return false;
  if (!is_deleted && !reader->Bytes(value_bytes, &record->value.emplace())) return false;
  record->bytes = static_cast<uint32_t>(before - reader->left());
  return true;
}

}  // namespace

Result<std::vector<RecordLog::Packed>> RecordLog::Unpack(std::string_view text) {
  std::vector<Packed> records;
  Reader reader(text);
  do {
    if (!UnpackOne(&reader, &records.emplace_back())) {
      return Fail(Code::kCorrupt, "record " + std::to_string(records.size()) + " of it is cut");
    }
  } while (reader.left() > 0);
  return records;
}

Status RecordLog::Restore(uint64_t number, std::string_view text) {
  const Result<std::vector<Packed>> records = Unpack(text);
  if (!records) return Fail(records.error());
  rows_.push_back({number, static_cast<uint32_t>(text.size()), 0});
  bytes_ += text.size();
  for (const Packed& record : *records) {
    const KeyId id = hash_(record.key);
    SetPlace(id, PlaceOf(id), AtEnd(record.value.has_value(), record.bytes));
  }
  return {};
}

bool RecordLog::IsAlive(uint64_t number, std::string_view key) const {
  const KeyIndex::Place* place = index_.Find(hash_(key));
  return place != nullptr && rows_[place->row - first_].number == number;
}

void RecordLog::Add(std::string_view key, const std::optional<std::string>& value) {
  const KeyId id = hash_(key);
  if (!value && index_.Find(id) == nullptr) return;  // Not there, or already said.
  const size_t before = bytes_;
  Append(key, id, value);
  added_bytes_ += bytes_ - before;
}

void RecordLog::BeginRow() {
  const uint64_t number = rows_.empty() ? 1 : rows_.back().number + 1;
  rows_.push_back({number, 0, 0});
  new_rows_.push_back({number, {}});
  new_rows_.back().text.reserve(kRowBytes);
  ++new_count_;
}

void RecordLog::Append(std::string_view key, const KeyId& id,
                       const std::optional<std::string_view>& value) {
  const std::optional<KeyIndex::Place> before = PlaceOf(id);
  const size_t most = key.size() + (value ? value->size() : 0) + kHeaderMax;
  const bool is_there_twice = before && before->row == last();
  if (new_rows_.empty() || is_there_twice || new_rows_.back().text.size() + most > kRowBytes) {
    BeginRow();
  }
  std::string& text = new_rows_.back().text;
  const size_t old_size = text.size();
  Pack(&text, key, value);
  const auto bytes = static_cast<uint32_t>(text.size() - old_size);
  bytes_ += bytes;
  rows_.back().bytes += bytes;
  changes_.push_back({id, before});
  SetPlace(id, before, AtEnd(value.has_value(), bytes));
}

std::optional<KeyIndex::Place> RecordLog::PlaceOf(const KeyId& id) const {
  const KeyIndex::Place* place = index_.Find(id);
  return place == nullptr ? std::nullopt : std::optional(*place);
}

std::optional<KeyIndex::Place> RecordLog::AtEnd(bool is_state, uint32_t bytes) const {
  if (!is_state) return std::nullopt;
  return KeyIndex::Place{last(), 0, bytes};
}

void RecordLog::SetPlace(const KeyId& id, const std::optional<KeyIndex::Place>& before,
                         const std::optional<KeyIndex::Place>& place) {
  if (before) {
    RowOf(before->row).live_bytes -= before->bytes;
    live_bytes_ -= before->bytes;
  }
  if (!place) {
    index_.Erase(id);
    return;
  }
  index_.Put(id, place->row, place->bytes);
  RowOf(place->row).live_bytes += place->bytes;
  live_bytes_ += place->bytes;
}

std::optional<RecordLog::Front> RecordLog::ToDrop() const {
  const bool is_long = bytes_ > 2 * live_bytes_ + kDeadAllowed;
  const bool is_stored = dropped_count_ + new_count_ < rows_.size();
  const bool has_done = dropped_bytes_ >= 2 * added_bytes_ || dropped_count_ >= kDropsMax;
  if (!is_long || !is_stored || has_done) return std::nullopt;
  const Row& front = rows_[dropped_count_];
  return Front{front.number, front.live_bytes == 0};
}

Status RecordLog::DropFront(std::string_view text) {
  const uint64_t place = first_ + dropped_count_;
  ++dropped_count_;
  dropped_bytes_ += RowOf(place).bytes;
  bytes_ -= RowOf(place).bytes;
  if (RowOf(place).live_bytes == 0) return {};
  const Result<std::vector<Packed>> records = Unpack(text);
  if (!records) return Fail(records.error());
  for (const Packed& record : *records) {
    const KeyId id = hash_(record.key);
    const KeyIndex::Place* newest = index_.Find(id);
    if (!record.value || newest == nullptr || newest->row != place) continue;
    Append(record.key, id, record.value);
  }
  if (RowOf(place).live_bytes != 0) return Fail(Code::kCorrupt, "it is not what was written");
  return {};
}

void RecordLog::OnCommitted(bool stored) {
  if (stored) {
    rows_.erase(rows_.begin(), rows_.begin() + static_cast<ptrdiff_t>(dropped_count_));
    first_ += dropped_count_;
  } else {
    for (auto change = changes_.rbegin(); change != changes_.rend(); ++change) {
      SetPlace(change->id, PlaceOf(change->id), change->before);
    }
    for (size_t i = 0; i < dropped_count_; ++i) bytes_ += rows_[i].bytes;
    for (; new_count_ > 0; --new_count_) {
      bytes_ -= rows_.back().bytes;
      rows_.pop_back();
    }
  }
  new_rows_.clear();
  std::vector<Change>().swap(changes_);  // It may have been large.
  new_count_ = dropped_count_ = 0;
  added_bytes_ = dropped_bytes_ = 0;
}

}  // namespace watchfire::store
