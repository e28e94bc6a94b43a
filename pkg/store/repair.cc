// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <limits>
#include <vector>

#include <sqlite3.h>

#include "pkg/base/time.h"
#include "pkg/store/file.h"
#include "pkg/store/sqlite.h"

namespace watchfire::store {
namespace {

// Row ids next to damage are probed one by one, so an unreadable subtree must not cost for ever.
constexpr int kProbesMax = 200'000;

// Copies the readable rows of one table. A damaged page hides a range of row ids and everything
// behind it from a scan, but a search for an id past the gap takes another way down the tree:
//
//     ids   1 ........ 40 [ damaged ] 57 .................... 900
//           scan up ---->             <---------------- scan down
//
// What neither scan reached is halved and tried again, which finds islands between two gaps.
class TableSalvage {
 public:
  TableSalvage(SQLite::Database& from, SQLite::Statement& upsert, Table table)
      : table_(table),
        up_(from, Select(table, "ASC")),
        down_(from, Select(table, "DESC")),
        upsert_(upsert) {}

  void Run() { Copy(1, std::numeric_limits<int64_t>::max()); }

  int64_t saved() const { return saved_; }
  // The new database took a row badly (its disk is full): the salvage is not complete.
  bool failed() const { return failed_; }

 private:
  static std::string Select(Table table, const std::string& order) {
    return "SELECT id, key, value, sum FROM " + Quoted(table) +
           " NOT INDEXED WHERE id BETWEEN ? AND ? ORDER BY id " + order;
  }

  // Copies [low, high], both included.
  void Copy(int64_t low, int64_t high) {
    if (Scan(&up_, low, high, +1, &low)) return;
    if (Scan(&down_, low, high, -1, &high) || low >= high) return;
    const int64_t middle = low + (high - low) / 2;
    Copy(low, middle);
    Copy(middle + 1, high);
  }

  // Copies in the direction of `step` until a page that cannot be read; `edge` then is the first id
  // not reached. Returns true when nothing of the range is left to do.
  bool Scan(SQLite::Statement* rows, int64_t low, int64_t high, int step, int64_t* edge) {
    if (failed_ || --probes_left_ < 0) return true;
    rows->tryReset();
    rows->bind(1, low);
    rows->bind(2, high);
    int code = rows->tryExecuteStep();
    for (; code == SQLITE_ROW; code = rows->tryExecuteStep()) {
      const int64_t id = rows->getColumn(0).getInt64();
      Save(rows);
      if (failed_ || id == (step > 0 ? high : low)) return true;
      *edge = id + step;
    }
    return code == SQLITE_DONE;
  }

  void Save(SQLite::Statement* row) {
    const std::string key = row->getColumn(1).getString();
    const std::string value = row->getColumn(2).getString();
    const int64_t sum = row->getColumn(3).getInt64();
    if (WhatIsWrong(table_, key, value, sum) != nullptr) return;
    upsert_.tryReset();
    upsert_.bind(1, key);
    upsert_.bind(2, value);
    upsert_.bind(3, sum);
    failed_ = upsert_.tryExecuteStep() != SQLITE_DONE;
    ++saved_;
  }

  const Table table_;
  SQLite::Statement up_;
  SQLite::Statement down_;
  SQLite::Statement& upsert_;
  int probes_left_ = kProbesMax;
  int64_t saved_ = 0;
  bool failed_ = false;
};

// Copies what can be read of `path` into the database `fresh`; returns the number of rows.
Result<int64_t> Salvage(const std::string& path, SQLite::Database& fresh) {
  int64_t saved = 0;
  std::vector<SQLite::Statement> upserts;
  upserts.reserve(kTableCount);
  for (int i = 0; i < kTableCount; ++i) upserts.emplace_back(fresh, UpsertSql(Table(i)));
  try {
    SQLite::Database old(path, SQLite::OPEN_READWRITE);
    // The old file stays as evidence: its log is read, never folded in.
    sqlite3_db_config(old.getHandle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    old.exec("PRAGMA cell_size_check=ON");
    old.exec("PRAGMA writable_schema=ON");  // Or SQLite reads nothing of a shortened file.
    for (int i = 0; i < kTableCount; ++i) {
      TableSalvage table(old, upserts[static_cast<size_t>(i)], Table(i));
      table.Run();
      if (table.failed()) return Fail(Code::kUnavailable, "no room for the repaired store");
      saved += table.saved();
    }
  } catch (const SQLite::Exception&) {
    // The header or the schema is gone: what was read before stands, which may be nothing.
  }
  return saved;
}

Result<int64_t> SalvageInto(const std::string& path, const std::string& fresh) {
  WF_RETURN_IF_ERROR(CreateDatabase(fresh));
  try {
    SQLite::Database db(fresh, SQLite::OPEN_READWRITE);
    SQLite::Transaction transaction(db);
    Result<int64_t> saved = Salvage(path, db);
    if (saved) transaction.commit();
    return saved;
  } catch (const SQLite::Exception& exception) {
    return Fail(ToError(fresh, exception));
  }
}

// "20260822T140418Z", when `path` was written.
std::string Stamp(const std::string& path) {
  const WallTime written = FromNanos(0) + std::chrono::seconds(WrittenAt(path));
  std::string stamp = FormatRfc3339(written, 0);
  std::erase_if(stamp, [](char c) { return c == '-' || c == ':'; });
  return stamp;
}

std::string Finished(const std::string& path) { return path + ".repaired"; }

// Puts the finished repair in the place of the damaged database, which keeps another name: the one
// returned. The log leaves first: beside the new database it would be replayed into it. A crash
// between any two steps leaves the finished repair, and the next start takes them again.
Result<std::string> Install(const std::string& path) {
  // What could not be read may have been the newest state of anything, and the one before it counts
  // now: what fires has to be told once more, as after writes that were lost.
  std::remove((path + ".sound").c_str());
  const std::string kept = path + ".corrupt-" + Stamp(Finished(path));
  if (FileSize(path + "-wal") > 0) WF_RETURN_IF_ERROR(Rename(path + "-wal", kept + "-wal"));
  for (const char* suffix : {"-wal", "-shm"}) std::remove((path + suffix).c_str());
  if (FileSize(path) >= 0 && FileSize(kept) < 0) WF_RETURN_IF_ERROR(KeepAs(path, kept));
  WF_RETURN_IF_ERROR(Rename(Finished(path), path));
  return kept;
}

}  // namespace

Status Repair(const std::string& path, const std::function<void(const std::string&)>& repaired) {
  const std::string fresh = path + ".new";
  const Result<int64_t> saved = SalvageInto(path, fresh);
  if (!saved) return Fail(saved.error());
  WF_RETURN_IF_ERROR(Rename(fresh, Finished(path)));
  const Result<std::string> kept = Install(path);
  if (!kept) return Fail(kept.error());
  if (repaired) {
    repaired("store " + path + " repaired: " + std::to_string(*saved) +
             " rows saved, damaged file kept as " + *kept);
  }
  return {};
}

Status FinishRepair(const std::string& path,
                    const std::function<void(const std::string&)>& repaired) {
  if (FileSize(Finished(path)) < 0) return {};
  const Result<std::string> kept = Install(path);
  if (!kept) return Fail(kept.error());
  if (repaired) {
    repaired("store " + path + ": an interrupted repair is finished, damaged file kept as " +
             *kept);
  }
  return {};
}

}  // namespace watchfire::store
