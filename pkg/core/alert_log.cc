// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/core/alert_log.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "pkg/alert/pack.h"
#include "pkg/base/strings.h"

namespace watchfire::core {
namespace {

constexpr uint64_t kAlone = 1;
constexpr std::string_view kPrefix = "log-";  // Behind all fingerprints.
// So many dead ones are no reason to clean up.
constexpr size_t kDeadAllowed = 4 * AlertLog::kAlertsPerRecord;
// Dropped in one Append() at most, for it must not take long: twice what comes in.
constexpr size_t kDropsMax = 32;

std::string KeyOf(uint64_t number, uint64_t fingerprint) {
  return number == kAlone ? Hex64(fingerprint) : std::string(kPrefix) + Hex64(number);
}

void SetRecord(const AlertTable::Row& row, uint64_t number) {
  // Numbers count up from 1: these bits will never be wanted.
  constexpr uint64_t kBits = (uint64_t{1} << 58) - 1;
  row.record = number & kBits;
}

}  // namespace

std::vector<Record> AlertLog::Append(std::vector<uint64_t>* fingerprints, const AlertTable& table,
                                     WallTime now) {
  // Not while what was dropped is to be dropped again: each attempt would make the next one longer.
  const bool is_again = !dropped_.empty();
  const auto too_much = [&] { return size_ > 2 * table.size() + kDeadAllowed; };
  for (size_t i = 0; !is_again && i < kDropsMax && too_much(); ++i) {
    DropFront(fingerprints, table);
  }
  std::vector<Record> records;
  for (size_t from = 0; from < fingerprints->size(); from += kAlertsPerRecord) {
    const size_t to = std::min(fingerprints->size(), from + kAlertsPerRecord);
    records.push_back(Write(*fingerprints, from, to, now, table));
  }
  appended_ = records.size();
  for (const std::string& key : dropped_) records.push_back({Table::kAlert, key, std::nullopt});
  return records;
}

void AlertLog::OnCommitted(bool stored) {
  if (stored) {
    appended_ = 0;
    dropped_.clear();
  }
  // The numbers of what failed are not used again: the rows of the table bear them.
  for (; appended_ > 0; --appended_) {
    size_ -= entries_.back().fingerprints.size();
    entries_.pop_back();
  }
}

void AlertLog::DropFront(std::vector<uint64_t>* moved, const AlertTable& table) {
  const Entry& front = entries_.front();
  for (const uint64_t fingerprint : front.fingerprints) {
    const AlertTable::Row* row = table.Find(fingerprint);
    if (row != nullptr && row->record == front.number) moved->push_back(fingerprint);
  }
  size_ -= front.fingerprints.size();
  dropped_.push_back(KeyOf(front.number, front.fingerprints.front()));
  entries_.pop_front();
}

Record AlertLog::Write(const std::vector<uint64_t>& fingerprints, size_t from, size_t to,
                       WallTime now, const AlertTable& table) {
  Entry entry{++last_, {}};
  entry.fingerprints.assign(fingerprints.begin() + static_cast<ptrdiff_t>(from),
                            fingerprints.begin() + static_cast<ptrdiff_t>(to));
  std::vector<const alert::Alert*> alerts;
  std::deque<alert::Alert> ended;
  std::vector<uint64_t> gone;
  alerts.reserve(entry.fingerprints.size());
  const std::vector<const AlertTable::Row*> rows = table.Find(entry.fingerprints);
  constexpr size_t kAhead = 8;
  for (size_t i = 0; i < rows.size(); ++i) {
    if (i + kAhead < rows.size() && rows[i + kAhead] != nullptr) {
      __builtin_prefetch(rows[i + kAhead]->alert.get());
    }
    const AlertTable::Row* const row = rows[i];
    if (row == nullptr) {
      gone.push_back(entry.fingerprints[i]);
      continue;
    }
    if (row->record == entry.number) continue;  // Named twice.
    const alert::Alert* alert = row->alert.get();
    // What has expired is stored as resolved at its end, so that a restart does not revive it; and
    // what is said to be over once more as of when that was known, which stays so.
    const WallTime known_at = std::max(row->WhenOver(), alert->ends_at);
    const bool is_told_again = row->over && alert->updated_at > known_at;
    if (alert->Resolved(now) && (alert->updated_at < alert->ends_at || is_told_again)) {
      ended.push_back(*alert);
      ended.back().updated_at = known_at;
      alert = &ended.back();
    }
    alerts.push_back(alert);
    SetRecord(*row, entry.number);
  }
  Record record{Table::kAlert, KeyOf(entry.number, 0), alert::Pack(alerts, gone)};
  size_ += entry.fingerprints.size();
  entries_.push_back(std::move(entry));
  return record;
}

Status AlertLog::Restore(const Record& record, WallTime alive_until, WallTime now,
                         AlertTable* table) {
  Entry entry{kAlone, {}};
  alert::Packed packed;
  if (record.key.starts_with(kPrefix)) {
    const auto number = ParseHex64(std::string_view(record.key).substr(kPrefix.size()));
    if (!number || *number <= kAlone) return Fail(Code::kCorrupt, "alerts record: bad key");
    Result<alert::Packed> unpacked = alert::Unpack(record.value.value_or(""));
    if (!unpacked) return Fail(unpacked.error());
    packed = *std::move(unpacked);
    entry.number = last_ = *number;
  } else {
    Result<alert::Alert> alert = alert::Decode(record.value.value_or(""));
    if (!alert) return Fail(alert.error());
    packed.alerts.push_back(*std::move(alert));
  }
  for (const uint64_t fingerprint : packed.gone) {
    table->Remove(fingerprint);
    entry.fingerprints.push_back(fingerprint);
  }
  for (alert::Alert& alert : packed.alerts) {
    entry.fingerprints.push_back(alert.fingerprint());
    // A clock that was ahead revives nothing.
    alert.ends_at = alert.ends_at > alert.updated_at ? std::max(alert.ends_at, alive_until)
                                                     : std::min(alert.ends_at, now);
    table->Restore(std::move(alert), now);
    SetRecord(*table->Find(entry.fingerprints.back()), entry.number);
  }
  if (entry.fingerprints.empty()) return Fail(Code::kCorrupt, "alerts record: empty");
  size_ += entry.fingerprints.size();
  entries_.push_back(std::move(entry));
  return {};
}

}  // namespace watchfire::core
