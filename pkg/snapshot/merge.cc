// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/snapshot/merge.h"

#include <map>
#include <string>
#include <utility>

namespace watchfire::snapshot {
namespace {

// Collects the newest record of each key.
class Newest {
 public:
  // A record that was there before, as of `at`.
  void Have(const std::string& key, WallTime at) { at_[key] = at; }

  void Offer(Record record, WallTime at) {
    const auto [place, is_new] = at_.try_emplace(record.key, at);
    if (!is_new && at <= place->second) {
      ++merged_.known;
      return;
    }
    place->second = at;
    const auto [kept, is_first] = records_.try_emplace(record.key);
    if (!is_first) ++merged_.known;  // An older state of it came first.
    kept->second = std::move(record);
  }
  void Expire() { ++merged_.expired; }

  Merged Take() {
    for (auto& [key, record] : records_) merged_.records.push_back(std::move(record));
    return std::move(merged_);
  }

 private:
  std::map<std::string, WallTime> at_;
  std::map<std::string, Record> records_;
  Merged merged_;
};

}  // namespace

Merged MergeSilences(const std::vector<silence::Silence>& silences,
                     const std::vector<Record>& stored, WallTime now, Duration retention) {
  Newest newest;
  for (const Record& record : stored) {
    if (record.table != Table::kSilence) continue;
    // One that cannot be read is lost in any case, and Alertmanager's may take its place.
    const Result<silence::Silence> silence = silence::Decode(record);
    if (silence) newest.Have(record.key, silence->updated_at);
  }
  for (const silence::Silence& silence : silences) {
    if (silence.ends_at <= now - retention) {
      newest.Expire();
    } else {
      newest.Offer(silence::Encode(silence), silence.updated_at);
    }
  }
  return newest.Take();
}

Merged MergeNflog(std::vector<Told> entries, const std::vector<Record>& stored, WallTime now) {
  Newest newest;
  for (const Record& record : stored) {
    if (record.table != Table::kNflog) continue;
    const auto entry = nflog::Decode(record);
    if (entry) newest.Have(record.key, entry->second.at);
  }
  for (Told& told : entries) {
    if (told.entry.expires_at <= now) {
      newest.Expire();
      continue;
    }
    if (told.entry.foreign) told.entry.foreign->until = now + kAdoptWithin;
    newest.Offer(nflog::Encode(told.key, told.entry), told.entry.at);
  }
  return newest.Take();
}

}  // namespace watchfire::snapshot
