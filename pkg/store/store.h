// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The only disk of the product. One table per record kind, key and encoded value; one transaction a
// batch (group commit). Blocking: called from the store thread only.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "pkg/base/record.h"
#include "pkg/base/result.h"

namespace watchfire::store {

class Store {
 public:
  virtual ~Store() = default;

  // Calls `row` for every stored record, table by table in enum order, keys in byte order.
  virtual Status Load(const std::function<void(Record)>& row) = 0;
  // Writes all records in one transaction; on error none of them. When OK returns they survive
  // kill -9 (and power loss). The store stays usable after an error: call again when there is
  // space. Errors: kUnavailable (disk full, I/O error), kCorrupt.
  virtual Status Commit(const std::vector<Record>& records) = 0;
  // True when the last Commit before this one, in this life or an earlier one, failed: what its
  // caller did then may not be written down.
  virtual bool lost_writes() const = 0;
};

struct SqliteOptions {
  std::string path;     // "<storage.path>/watchfire.db"; parent directories are created.
  bool repair = false;  // --storage.repair: salvage what can be read of a corrupt file into a new
                        // one, keeping the old as <path>.corrupt-<UTC time>. Healthy files are
                        // left alone.
  // Told in one line what a repair saved and where the old file is, and later, once, from the
  // thread of Commit(), of a damaged row that keeps the file from becoming shorter; may be empty.
  std::function<void(const std::string& line)> tell = {};
};

// Opens SQLite in WAL mode with synchronous=FULL, checks integrity (pages, indexes and a checksum
// per row) and the schema version, and locks <path>.lock against a second process (which gets
// kConflict naming the file); the lock goes with the process, however it dies. A missing file is
// created whole or not at all, so an empty one is damage, not a fresh start. Other programs may
// read the file meanwhile (sqlite3 .backup). Errors: kCorrupt (with the hint to use
// --storage.repair), kConflict, kPermission, kUnavailable, kInvalidArgument (written by a newer
// version).
Result<std::unique_ptr<Store>> OpenSqlite(const SqliteOptions& options);

}  // namespace watchfire::store
