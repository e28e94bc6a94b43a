// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The tables whose rows come and change most, each kept as a log (record_log.h): its rows in the
// database, and what is known of them. Internal to this folder.

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <SQLiteCpp/SQLiteCpp.h>

#include "pkg/base/record.h"
#include "pkg/store/record_log.h"

namespace watchfire::store {

// Whether `table` is kept as a log.
constexpr bool IsLog(Table table) {
  return table == Table::kNflog || table == Table::kGroup || table == Table::kJournal;
}

// The number of the log's row with that key; nullopt of any other key: a row of its own for one
// record, as versions before 11 of the schema had them.
std::optional<uint64_t> LogNumber(std::string_view key);

// Throws SQLite::Exception, also because of a row that is not what was written.
class LogTable {
 public:
  // The table is there, and empty until Restore() says otherwise.
  LogTable(SQLite::Database& db, Table table);

  // Takes back one stored row; they come by key, and nothing is wrong with any (WhatIsWrong()).
  void Restore(const std::string& key, std::string_view value);
  // Inside a transaction, after all have been restored: puts rows of single records into the log.
  void Convert();
  // Calls `row` for the newest state of each key, in the order of keys.
  void Load(const std::function<void(Record)>& row);

  // Inside a transaction: any number of Add(), then Write(), and then, once that has ended,
  // OnCommitted(). Sets `tidied` where it sets out to do more than to add, to keep the log short.
  void Add(const Record& record) { log_.Add(record.key, record.value); }
  void Write(bool keep_short, bool* tidied);
  void OnCommitted(bool stored) { log_.OnCommitted(stored); }

 private:
  void KeepShort(bool* tidied);
  void DropFront(const RecordLog::Front& front);

  SQLite::Database& db_;
  const Table table_;
  RecordLog log_;
  bool has_single_records_ = false;
  bool front_is_bad_ = false;  // It cannot be dropped, and nothing behind it.
  SQLite::Statement insert_;
  SQLite::Statement delete_;
  SQLite::Statement read_;
};

}  // namespace watchfire::store
