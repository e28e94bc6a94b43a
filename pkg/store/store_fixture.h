// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// A store in a directory of its own, for tests.

#pragma once

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <stdlib.h>

#include "pkg/store/sqlite.h"
#include "pkg/store/store.h"

namespace watchfire::store {

class StoreTest : public testing::Test {
 protected:
  StoreTest() {
    std::string name = testing::TempDir() + "wf-store-XXXXXX";
    directory_ = mkdtemp(name.data());
    path_ = directory_ + "/data/watchfire.db";
  }
  ~StoreTest() override { std::filesystem::remove_all(directory_); }

  Result<std::unique_ptr<Store>> Open(bool repair = false) {
    return OpenSqlite({path_, repair, [this](const std::string& line) { repaired_ = line; }});
  }

  void Overwrite(int64_t offset, const std::string& bytes) {
    std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(offset);
    file << bytes;
  }

  // Entries of the data directory that a repair left behind.
  int KeptFiles() const {
    int count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(directory_ + "/data")) {
      if (entry.path().filename().string().starts_with("watchfire.db.corrupt-")) ++count;
    }
    return count;
  }

  std::string directory_;
  std::string path_;
  std::string repaired_;
};

inline std::vector<Record> All(Store& store) {
  std::vector<Record> rows;
  const Status loaded = store.Load([&](Record row) { rows.push_back(std::move(row)); });
  EXPECT_TRUE(loaded) << loaded.error().message;
  return rows;
}

// Makes the file one of an older version, which had not these tables.
inline void MakeOld(SQLite::Database& db, const std::string& version,
                    const std::vector<std::string>& tables) {
  for (const std::string& table : tables) db.exec("DROP TABLE " + table);
  db.exec("UPDATE meta SET value = '" + version + "', sum = " +
          std::to_string(RowSum(kSchemaVersionKey, version)) + " WHERE key = 'schema_version'");
}

}  // namespace watchfire::store
