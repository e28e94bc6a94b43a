// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What is stored of the books: rows of hours, which become coarser as they age, and of days.

#include <charconv>

#include "pkg/slo/books.h"
#include "pkg/slo/ledger_record.h"

namespace watchfire::slo {
namespace {

// No SLO's id begins with it.
constexpr std::string_view kPrefix = "\thistory/";
constexpr Duration kWriteBehind = std::chrono::seconds(30);  // Of each ledger.
constexpr Duration kLookEvery = std::chrono::seconds(1);

std::string KeyOf(const std::string& hash, Level level, int64_t slot) {
  return std::string(kPrefix) + hash + (level == Level::kDay ? "/d" : "/h") + std::to_string(slot);
}

struct Place {
  std::string hash;
  Level level = Level::kHour;
  int64_t slot = 0;
};

std::optional<Place> PlaceOf(std::string_view key) {
  key.remove_prefix(std::min(kPrefix.size(), key.size()));
  const size_t slash = key.find('/');
  if (slash == std::string_view::npos || slash + 2 > key.size()) return std::nullopt;
  const char kind = key[slash + 1];
  if (kind != 'h' && kind != 'd') return std::nullopt;
  Place place{std::string(key.substr(0, slash)), kind == 'd' ? Level::kDay : Level::kHour, 0};
  const std::string_view number = key.substr(slash + 2);
  const auto end = std::from_chars(number.data(), number.data() + number.size(), place.slot);
  if (end.ec != std::errc() || end.ptr != number.data() + number.size()) return std::nullopt;
  return place;
}

// The minute in which nobody can need the row any more.
int64_t UselessAt(Level level, int64_t slot) {
  const int64_t slots = static_cast<int64_t>(kLevelSlots[static_cast<size_t>(level)]);
  return (slot + slots) * MinutesOf(level);
}

}  // namespace

bool Books::IsHistory(const Record& record) { return record.key.starts_with(kPrefix); }

std::optional<WallTime> Books::next_records() const {
  if (!deletions_.empty()) return looked_ + kLookEvery;
  std::optional<WallTime> next;
  for (const auto& account : accounts_) {
    if (account->ledger == nullptr || !account->ledger->is_dirty()) continue;
    const WallTime due = std::max(account->stored_at + kWriteBehind, looked_ + kLookEvery);
    next = next ? std::min(*next, due) : due;
  }
  return next;
}

std::vector<Record> Books::TakeRecords(WallTime now, bool all) {
  std::vector<Record> records;
  if (!all && now >= looked_ && now < looked_ + kLookEvery) return records;
  looked_ = now;
  records = std::exchange(deletions_, {});
  for (const auto& account : accounts_) {
    if (account->ledger == nullptr || !account->ledger->is_dirty()) continue;
    const bool is_due = now < account->stored_at || now >= account->stored_at + kWriteBehind;
    if (!all && !is_due) continue;
    account->stored_at = now;
    Flush(account.get(), &records);
  }
  const int64_t minute = MinuteAt(now);
  std::erase_if(orphans_, [&](const auto& orphan) {
    if (orphan.second > minute) return false;
    records.push_back({Table::kSlo, orphan.first, std::nullopt});
    return true;
  });
  return records;
}

void Books::Flush(Account* account, std::vector<Record>* records) {
  Ledger& ledger = *account->ledger;
  const auto write = [&](Level level, int64_t slot) {
    std::string key = KeyOf(account->key_hash, level, slot);
    orphans_.erase(key);
    records->push_back({Table::kSlo, std::move(key), EncodeRow(ledger, level, slot)});
  };
  const int64_t newest = ledger.newest();
  const int64_t before = account->stored_newest.value_or(newest);
  account->stored_newest = newest;
  const auto hour_of = [](Level level, int64_t at) { return ReachOf(level, at).begin / 60; };
  // Hours that are known in coarser slots from now on.
  for (const Level level : {Level::kMinute, Level::kFiveMinutes}) {
    for (int64_t hour = std::max(hour_of(level, before), hour_of(Level::kHour, newest));
         hour < hour_of(level, newest); ++hour) {
      ledger.MarkDirty(hour);
    }
  }
  const int64_t first_hour = hour_of(Level::kHour, newest);
  const int64_t first_day = ReachOf(Level::kDay, newest).begin / 1440;
  // Days that are known as days only, be it that they were asked so or have become so.
  std::set<int64_t> days;
  for (const int64_t hour : ledger.TakeDirtyHours()) {
    if (hour >= first_hour) {
      write(Level::kHour, hour);
    } else {
      days.insert(FloorDiv(hour, 24));
    }
  }
  for (int64_t day = hour_of(Level::kHour, before) / 24; day < first_hour / 24; ++day) {
    days.insert(day);
    for (int64_t hour = day * 24; hour < day * 24 + 24; ++hour) {
      records->push_back({Table::kSlo, KeyOf(account->key_hash, Level::kHour, hour), std::nullopt});
    }
  }
  for (const int64_t day : days) {
    if (day >= first_day) write(Level::kDay, day);
  }
  for (int64_t day = ReachOf(Level::kDay, before).begin / 1440; day < first_day; ++day) {
    records->push_back({Table::kSlo, KeyOf(account->key_hash, Level::kDay, day), std::nullopt});
  }
}

// They are of a future that did not come.
void Books::DropRowsAfter(const Account& account, int64_t minute) {
  const Ledger& ledger = *account.ledger;
  for (const Level level : {Level::kHour, Level::kDay}) {
    const int64_t last = SlotAt(level, ledger.newest());
    for (int64_t slot = SlotAt(level, minute) + 1; slot <= last; ++slot) {
      if (ledger.coverage().KnownMinutes(level, slot) == 0) continue;
      deletions_.push_back({Table::kSlo, KeyOf(account.key_hash, level, slot), std::nullopt});
    }
  }
}

Status Books::Restore(const Record& record) {
  const std::optional<Place> place = PlaceOf(record.key);
  if (!place) return Fail(Code::kCorrupt, "slo history: the key is unknown");
  if (!record.value) return {};
  for (const auto& account : accounts_) {
    if (account->key_hash != place->hash) continue;
    const Result<StoredRow> row = DecodeRow(place->level, place->slot, *record.value);
    if (!row) return Fail(row.error());
    if (account->ledger == nullptr) {
      account->ledger = std::make_shared<Ledger>(row->LastKnownMinute(), account->ledger_options);
    }
    WriteRow(*row, account->ledger.get());
    account->ledger->TakeDirtyHours();  // It is what is stored.
    account->stored_newest = account->ledger->newest();
    return {};
  }
  orphans_[record.key] = UselessAt(place->level, place->slot);
  return {};
}

void Books::Orphan(const Account& account) {
  const Ledger& ledger = *account.ledger;
  for (const Level level : {Level::kHour, Level::kDay}) {
    const Reach reach = ReachOf(level, ledger.newest());
    const int64_t unit = MinutesOf(level);
    const int64_t end = level == Level::kDay ? reach.end : ledger.newest() + 1;
    for (int64_t slot = CeilDiv(reach.begin, unit); slot * unit < end; ++slot) {
      if (ledger.coverage().KnownMinutes(level, slot) == 0) continue;
      orphans_[KeyOf(account.key_hash, level, slot)] = UselessAt(level, slot);
    }
  }
}

}  // namespace watchfire::slo
