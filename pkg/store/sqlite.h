// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What opening and repairing share: the schema, the row checksum and the reading of SQLite's
// errors. Internal to this folder. docs/store-schema.md describes the tables.

#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include <SQLiteCpp/SQLiteCpp.h>

#include "pkg/base/record.h"
#include "pkg/base/result.h"

namespace watchfire::store {

inline constexpr int kSchemaVersion = 11;
inline constexpr const char* kSchemaVersionKey = "schema_version";  // In table meta.
// Of a new file. A row of a log (log_table.h) is about as long; of SQLite's usual pages it would
// take five, each with a write of its own.
inline constexpr int kPageBytes = 16'384;
inline constexpr int kApplicationId = 0x57464952;  // "WFIR", at byte 68 of the file.

// kCorrupt with the hint to repair.
Error Damaged(const std::string& path, const std::string& what);
Error ToError(const std::string& path, const SQLite::Exception& exception);

// "alert", with the double quotes: one table is called group.
std::string Quoted(Table table);

// xxHash64 of the value, xor that of the key rotated left by one bit. SQLite notices broken pages
// but not flipped bits inside a value.
int64_t RowSum(std::string_view key, std::string_view value);
// As rows bear it that versions before 8 of the schema wrote: FNV-1a 64 over key, NUL, value.
int64_t OldRowSum(std::string_view key, std::string_view value);
// Whether `sum` is either.
bool IsSound(std::string_view key, std::string_view value, int64_t sum);
// What is wrong with a row of `table`, so that the store does not open; nullptr if nothing is.
const char* WhatIsWrong(Table table, std::string_view key, std::string_view value, int64_t sum);

// Insert or overwrite; parameters: key, value, sum.
std::string UpsertSql(Table table);

// Writes a complete database without rows to `path`, replacing what stands there.
Status CreateDatabase(const std::string& path);

// Replaces the database at `path` by one that holds every row that can still be read and whose
// checksum is right; the old files are kept as <path>.corrupt-<UTC time>. The caller holds the lock
// and has closed the database.
Status Repair(const std::string& path, const std::function<void(const std::string&)>& repaired);
// Ends a repair that a crash interrupted after the last row was saved; nothing if there is none.
Status FinishRepair(const std::string& path,
                    const std::function<void(const std::string&)>& repaired);

}  // namespace watchfire::store
