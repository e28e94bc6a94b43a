// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/store/log_table.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include <sqlite3.h>

#include "pkg/base/result.h"
#include "pkg/base/strings.h"
#include "pkg/store/sqlite.h"

namespace watchfire::store {
namespace {

// No key that older versions wrote to these tables has this form: those of kNflog and kGroup
// contain a newline, and those of kJournal begin with a hexadecimal digit.
constexpr std::string_view kPrefix = "log-";

std::string KeyOf(uint64_t number) { return std::string(kPrefix) + Hex64(number); }

[[noreturn]] void Broken(const std::string& key, const std::string& what) {
  throw SQLite::Exception("row \"" + key + "\": " + what, SQLITE_CORRUPT);
}

// The records of a stored row.
std::vector<RecordLog::Packed> RecordsOf(const std::string& key, std::string_view value) {
  Result<std::vector<RecordLog::Packed>> records = RecordLog::Unpack(value);
  if (!records) Broken(key, records.error().message);
  return *std::move(records);
}

}  // namespace

std::optional<uint64_t> LogNumber(std::string_view key) {
  if (!key.starts_with(kPrefix)) return std::nullopt;
  const std::optional<uint64_t> number = ParseHex64(key.substr(kPrefix.size()));
  return number && KeyOf(*number) == key ? number : std::nullopt;  // Not in upper case.
}

LogTable::LogTable(SQLite::Database& db, Table table)
    : db_(db),
      table_(table),
      insert_(db, "INSERT INTO " + Quoted(table) + " (key, value, sum) VALUES (?, ?, ?)"),
      delete_(db, "DELETE FROM " + Quoted(table) + " WHERE key = ?"),
      read_(db, "SELECT value, sum FROM " + Quoted(table) + " WHERE key = ?") {}

void LogTable::Restore(const std::string& key, std::string_view value) {
  const std::optional<uint64_t> number = LogNumber(key);
  if (!number) {
    has_single_records_ = true;
    return;
  }
  const Status status = log_.Restore(*number, value);
  if (!status) Broken(key, status.error().message);
}

void LogTable::Convert() {
  if (!has_single_records_) return;
  std::map<std::string, std::string> newest;
  // Were there rows of both kinds, those of the log would be newer.
  for (const bool of_log : {false, true}) {
    SQLite::Statement rows(db_, "SELECT key, value FROM " + Quoted(table_) + " ORDER BY key");
    while (rows.executeStep()) {
      std::string key = rows.getColumn(0).getString();
      std::string value = rows.getColumn(1).getString();
      if (LogNumber(key).has_value() != of_log) continue;
      if (!of_log) {
        newest.emplace(std::move(key), std::move(value));
        continue;
      }
      for (const RecordLog::Packed& record : RecordsOf(key, value)) {
        newest.erase(std::string(record.key));
        if (record.value) newest.emplace(record.key, *record.value);
      }
    }
  }
  db_.exec("DELETE FROM " + Quoted(table_));
  log_ = RecordLog();
  for (const auto& [key, value] : newest) log_.Add(key, value);
  bool tidied = false;
  Write(false, &tidied);
  OnCommitted(true);  // Or the store does not open.
}

void LogTable::Load(const std::function<void(Record)>& row) {
  std::vector<Record> records;
  records.reserve(log_.keys());
  SQLite::Statement rows(db_, "SELECT key, value FROM " + Quoted(table_) + " ORDER BY key");
  while (rows.executeStep()) {
    const std::string key = rows.getColumn(0).getString();
    const std::string value = rows.getColumn(1).getString();
    const uint64_t number = LogNumber(key).value_or(0);
    for (const RecordLog::Packed& record : RecordsOf(key, value)) {
      if (!record.value || !log_.IsAlive(number, record.key)) continue;
      records.push_back({table_, std::string(record.key), std::string(*record.value)});
    }
  }
  std::ranges::sort(records, {}, &Record::key);
  for (Record& record : records) row(std::move(record));
}

void LogTable::Write(bool keep_short, bool* tidied) {
  if (keep_short && !front_is_bad_) KeepShort(tidied);
  for (const RecordLog::NewRow& row : log_.TakeRows()) {
    const std::string key = KeyOf(row.number);
    // Not reset(): that would throw again what the last, failed, execution threw.
    insert_.tryReset();
    insert_.bindNoCopy(1, key);
    insert_.bindNoCopy(2, row.text);
    insert_.bind(3, RowSum(key, row.text));
    insert_.exec();
  }
}

void LogTable::KeepShort(bool* tidied) {
  while (const std::optional<RecordLog::Front> front = log_.ToDrop()) {
    *tidied = true;
    try {
      DropFront(*front);
    } catch (const SQLite::Exception& exception) {
      // Batches need not find out one by one.
      front_is_bad_ = (exception.getErrorCode() & 0xff) == SQLITE_CORRUPT;
      throw;
    }
  }
}

void LogTable::DropFront(const RecordLog::Front& front) {
  const std::string key = KeyOf(front.number);
  std::string text;
  if (!front.dead) {
    read_.tryReset();
    read_.bindNoCopy(1, key);
    if (!read_.executeStep()) Broken(key, "gone");
    text = read_.getColumn(0).getString();
    const int64_t sum = read_.getColumn(1).getInt64();
    read_.reset();
    // Or its damage would have the right sum from now on.
    if (!IsSound(key, text, sum)) Broken(key, "bad checksum");
  }
  const Status status = log_.DropFront(text);
  if (!status) Broken(key, status.error().message);
  delete_.tryReset();
  delete_.bindNoCopy(1, key);
  delete_.exec();
}

}  // namespace watchfire::store
