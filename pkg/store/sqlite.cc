// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/store/sqlite.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdio>
#include <memory>
#include <optional>
#include <utility>

#include <sqlite3.h>

#include "pkg/labels/xxhash.h"
#include "pkg/store/file.h"
#include "pkg/store/log_table.h"
#include "pkg/store/store.h"

namespace watchfire::store {
namespace {

constexpr int kBusyMillis = 5000;  // A backup or an administrator reads the file.
// The log is folded into the database at this size, and shrinks back to it after a burst. Larger
// than SQLite's default, because each time costs syncs, and a storm writes many pages.
constexpr int64_t kWalBytes = int64_t{16} << 20;

class SqliteStore final : public Store {
 public:
  // Checks the file and opens it. Throws SQLite::Exception.
  static Result<std::unique_ptr<Store>> Open(const SqliteOptions& options, FileLock* lock);

  Status Load(const std::function<void(Record)>& row) override;
  Status Commit(const std::vector<Record>& records) override;
  bool lost_writes() const override { return lost_writes_; }

 private:
  explicit SqliteStore(const SqliteOptions& options)
      : path_(options.path), tell_(options.tell), db_(path_, SQLite::OPEN_READWRITE, kBusyMillis) {}

  Status Check();
  Status CheckSchema();
  Status CheckRows(Table table);
  void UpgradeFrom(int version);
  void Prepare();
  void Write(const Record& record);
  Status Attempt(const std::vector<Record>& records, bool keep_logs_short, bool* tidied);
  void SetLostWrites(bool lost);

  const std::string path_;
  const std::function<void(const std::string& line)> tell_;  // May be empty.
  // The file <path>.sound is there while every commit succeeds. Removing it works on a full disk,
  // where writing anything down does not.
  bool lost_writes_ = false;
  std::optional<FileLock> lock_;  // Before db_: released after the database is closed.
  SQLite::Database db_;
  std::array<std::optional<SQLite::Statement>, kTableCount> upserts_;
  std::array<std::optional<SQLite::Statement>, kTableCount> deletes_;
  std::array<std::optional<LogTable>, kTableCount> logs_;  // Of those tables that are one.
};

Result<std::unique_ptr<Store>> SqliteStore::Open(const SqliteOptions& options, FileLock* lock) {
  const std::string& path = options.path;
  const bool fresh = FileSize(path) < 0;
  if (fresh) {
    // A log without its database is a lost database. Creation by rename leaves no such state.
    if (FileSize(path + "-wal") > 0)
      return Fail(Damaged(path, "missing, but its -wal file exists"));
    WF_RETURN_IF_ERROR(CreateDatabase(path + ".new"));
    WF_RETURN_IF_ERROR(Rename(path + ".new", path));
  }
  if (FileSize(path) == 0) return Fail(Damaged(path, "empty file"));
  std::unique_ptr<SqliteStore> store(new SqliteStore(options));
  WF_RETURN_IF_ERROR(store->Check());
  store->Prepare();
  store->lost_writes_ = !fresh && FileSize(path + ".sound") < 0;
  if (fresh) store->SetLostWrites(false);
  store->lock_.emplace(std::move(*lock));
  return store;
}

// Creates the table, empty.
void CreateTable(SQLite::Database& db, Table table) {
  db.exec("CREATE TABLE " + Quoted(table) +
          " (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, value TEXT NOT NULL,"
          " sum INTEGER NOT NULL)");
}

void WriteSchemaVersion(SQLite::Database& db) {
  const std::string number = std::to_string(kSchemaVersion);
  SQLite::Statement version(db, UpsertSql(Table::kMeta));
  version.bind(1, kSchemaVersionKey);
  version.bind(2, number);
  version.bind(3, RowSum(kSchemaVersionKey, number));
  version.exec();
}

// Version 1 had no silences, version 2 no journal, version 4 no escalations, version 5 nothing for
// vendors, version 6 no automation; up to version 3 each alert had a row of its own, up to version
// 7 rows had another sum, and versions 8 and 9 wrote more of alerts and entries of the journal than
// what differs: all are still read. Up to version 10 there was a row for each record of what is a
// log now.
void SqliteStore::UpgradeFrom(int version) {
  if (version < 2) CreateTable(db_, Table::kSilence);
  if (version < 3) CreateTable(db_, Table::kJournal);
  if (version < 5) CreateTable(db_, Table::kEscalation);
  if (version < 6) CreateTable(db_, Table::kVendor);
  if (version < 7) CreateTable(db_, Table::kAutomation);
  WriteSchemaVersion(db_);
}

Status SqliteStore::Check() {
  db_.exec("PRAGMA cell_size_check=ON");
  if (db_.execAndGet("PRAGMA application_id").getInt() != kApplicationId) {
    return Fail(Damaged(path_, "not a Watchfire database"));
  }
  std::string verdict = db_.execAndGet("PRAGMA integrity_check(1)").getString();
  std::ranges::replace(verdict, '\n', ' ');
  if (verdict != "ok") return Fail(Damaged(path_, verdict));
  // What an older version wrote is put into the form of this one after its sums have been looked
  // at, and a crash leaves either whole.
  SQLite::Transaction transaction(db_);
  WF_RETURN_IF_ERROR(CheckSchema());
  for (int i = 0; i < kTableCount; ++i) WF_RETURN_IF_ERROR(CheckRows(Table(i)));
  transaction.commit();
  return {};
}

Status SqliteStore::CheckSchema() {
  SQLite::Statement version(db_, "SELECT value FROM meta WHERE key = ?");
  version.bind(1, kSchemaVersionKey);
  if (!version.executeStep()) return Fail(Damaged(path_, "no schema version"));
  const std::string schema = version.getColumn(0).getString();
  version.reset();
  if (schema == std::to_string(kSchemaVersion)) return {};
  for (int older = 1; older < kSchemaVersion; ++older) {
    if (schema != std::to_string(older)) continue;
    UpgradeFrom(older);
    return {};
  }
  return InvalidArgument(path_ + " has schema " + schema + ", this version knows " +
                         std::to_string(kSchemaVersion) +
                         ": start the version that wrote it, or use another --storage.path");
}

Status SqliteStore::CheckRows(Table table) {
  std::optional<LogTable>& log = logs_[static_cast<size_t>(table)];
  if (IsLog(table)) log.emplace(db_, table);
  SQLite::Statement rows(
      db_, "SELECT key, value, sum FROM " + Quoted(table) + (log ? " ORDER BY key" : ""));
  while (rows.executeStep()) {
    const std::string key = rows.getColumn(0).getString();
    const std::string value = rows.getColumn(1).getString();
    const char* wrong = WhatIsWrong(table, key, value, rows.getColumn(2).getInt64());
    if (wrong != nullptr) {
      return Fail(Damaged(path_, "table " + Quoted(table) + " row \"" + key + "\": " + wrong));
    }
    if (log) log->Restore(key, value);
  }
  if (log) log->Convert();
  return {};
}

void SqliteStore::Prepare() {
  if (db_.execAndGet("PRAGMA journal_mode=WAL").getString() != "wal") {
    throw SQLite::Exception("the file system cannot hold a write-ahead log", SQLITE_IOERR);
  }
  db_.exec("PRAGMA synchronous=FULL");
  const int page_bytes = db_.execAndGet("PRAGMA page_size").getInt();  // Of the file's time.
  db_.exec("PRAGMA wal_autocheckpoint=" + std::to_string(kWalBytes / page_bytes));
  db_.exec("PRAGMA journal_size_limit=" + std::to_string(kWalBytes));
  for (int i = 0; i < kTableCount; ++i) {
    const auto table = Table(i);
    const auto slot = static_cast<size_t>(i);
    if (IsLog(table)) continue;
    upserts_[slot].emplace(db_, UpsertSql(table));
    deletes_[slot].emplace(db_, "DELETE FROM " + Quoted(table) + " WHERE key = ?");
  }
}

Status SqliteStore::Load(const std::function<void(Record)>& row) {
  try {
    for (int i = 0; i < kTableCount; ++i) {
      const auto table = Table(i);
      if (std::optional<LogTable>& log = logs_[static_cast<size_t>(i)]) {
        log->Load(row);
        continue;
      }
      SQLite::Statement rows(db_, "SELECT key, value FROM " + Quoted(table) + " ORDER BY key");
      while (rows.executeStep()) {
        Record record{table, rows.getColumn(0).getString(), rows.getColumn(1).getString()};
        if (table == Table::kMeta && record.key == kSchemaVersionKey) continue;
        row(std::move(record));
      }
    }
    return {};
  } catch (const SQLite::Exception& exception) {
    return Fail(ToError(path_, exception));
  }
}

Status SqliteStore::Commit(const std::vector<Record>& records) {
  bool tidied = false;
  Status status = Attempt(records, true, &tidied);
  // Not if it is what stands in front of a log that cannot be read, or that there is no room for
  // once more: what is new is stored all the same, and the log a little longer.
  if (!status && tidied) {
    const Error error = status.error();
    status = Attempt(records, false, &tidied);
    if (status && error.code == Code::kCorrupt && tell_) {
      tell_(error.message + "; what is new is stored behind it, and the file grows until then");
    }
  }
  if (status.has_value() == lost_writes_) SetLostWrites(!status);
  return status;
}

void SqliteStore::SetLostWrites(bool lost) {
  lost_writes_ = lost;
  const std::string marker = path_ + ".sound";
  if (lost) {
    std::remove(marker.c_str());
  } else if (std::FILE* file = std::fopen(marker.c_str(), "we")) {
    std::fclose(file);
  }
}

Status SqliteStore::Attempt(const std::vector<Record>& records, bool keep_logs_short,
                            bool* tidied) {
  const auto end = [this](bool stored) {
    for (std::optional<LogTable>& log : logs_) {
      if (log) log->OnCommitted(stored);
    }
  };
  try {
    SQLite::Transaction transaction(db_, SQLite::TransactionBehavior::IMMEDIATE);
    for (const Record& record : records) Write(record);
    for (std::optional<LogTable>& log : logs_) {
      if (log) log->Write(keep_logs_short, tidied);
    }
    transaction.commit();
    end(true);
    return {};
  } catch (const SQLite::Exception& exception) {
    end(false);
    return Fail(ToError(path_, exception));  // The transaction has rolled itself back.
  }
}

void SqliteStore::Write(const Record& record) {
  if (std::optional<LogTable>& log = logs_[static_cast<size_t>(record.table)]) {
    log->Add(record);
    return;
  }
  auto& statements = record.value ? upserts_ : deletes_;
  SQLite::Statement& statement = *statements[static_cast<size_t>(record.table)];
  // Not reset(): that would throw again what the last, failed, execution threw.
  statement.tryReset();
  statement.bindNoCopy(1, record.key);
  if (record.value) {
    statement.bindNoCopy(2, *record.value);
    statement.bind(3, RowSum(record.key, *record.value));
  }
  statement.exec();
}

Result<std::unique_ptr<Store>> TryOpen(const SqliteOptions& options, FileLock* lock) {
  try {
    return SqliteStore::Open(options, lock);
  } catch (const SQLite::Exception& exception) {
    return Fail(ToError(options.path, exception));
  }
}

}  // namespace

Error Damaged(const std::string& path, const std::string& what) {
  return {Code::kCorrupt, "store " + path + " is damaged: " + what +
                              " (start once with --storage.repair to save what can be read; the "
                              "damaged file is kept)"};
}

Error ToError(const std::string& path, const SQLite::Exception& exception) {
  switch (exception.getErrorCode() & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_SCHEMA:
    case SQLITE_ERROR:  // Our SQL is fixed, so a name it cannot find is a damaged schema.
      return Damaged(path, exception.what());
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_AUTH:
    case SQLITE_CANTOPEN:
      return {Code::kPermission, "store " + path + ": " + exception.what()};
    default:
      return {Code::kUnavailable, "store " + path + ": " + exception.what()};
  }
}

std::string Quoted(Table table) { return std::string("\"") + TableName(table) + "\""; }

int64_t RowSum(std::string_view key, std::string_view value) {
  return std::bit_cast<int64_t>(labels::XxHash64(value) ^ std::rotl(labels::XxHash64(key), 1));
}

bool IsSound(std::string_view key, std::string_view value, int64_t sum) {
  return RowSum(key, value) == sum || OldRowSum(key, value) == sum;
}

const char* WhatIsWrong(Table table, std::string_view key, std::string_view value, int64_t sum) {
  if (!IsSound(key, value, sum)) return "bad checksum";
  if (!IsLog(table) || !LogNumber(key) || RecordLog::Unpack(value)) return nullptr;
  return "not a row of a log";
}

int64_t OldRowSum(std::string_view key, std::string_view value) {
  uint64_t hash = 14695981039346656037U;
  const auto add = [&hash](char c) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  };
  for (const char c : key) add(c);
  add('\0');
  for (const char c : value) add(c);
  return std::bit_cast<int64_t>(hash);
}

std::string UpsertSql(Table table) {
  return "INSERT INTO " + Quoted(table) +
         " (key, value, sum) VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE SET "
         "value = excluded.value, sum = excluded.sum";
}

Status CreateDatabase(const std::string& path) {
  for (const char* suffix : {"", "-wal", "-shm", "-journal"}) std::remove((path + suffix).c_str());
  try {
    SQLite::Database db(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    db.exec("PRAGMA page_size=" + std::to_string(kPageBytes));
    db.exec("PRAGMA application_id=" + std::to_string(kApplicationId));
    SQLite::Transaction transaction(db);
    for (int i = 0; i < kTableCount; ++i) CreateTable(db, Table(i));
    WriteSchemaVersion(db);
    transaction.commit();
    return {};
  } catch (const SQLite::Exception& exception) {
    return Fail(ToError(path, exception));
  }
}

Result<std::unique_ptr<Store>> OpenSqlite(const SqliteOptions& options) {
  WF_RETURN_IF_ERROR(MakeParents(options.path));
  Result<FileLock> lock = FileLock::Take(options.path + ".lock");
  if (!lock) return Fail(lock.error());
  WF_RETURN_IF_ERROR(FinishRepair(options.path, options.tell));
  Result<std::unique_ptr<Store>> store = TryOpen(options, &*lock);
  if (store || store.error().code != Code::kCorrupt || !options.repair) return store;
  WF_RETURN_IF_ERROR(Repair(options.path, options.tell));
  return TryOpen(options, &*lock);
}

}  // namespace watchfire::store
