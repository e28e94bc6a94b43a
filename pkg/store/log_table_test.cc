// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/store/log_table.h"

#include <csignal>
#include <filesystem>
#include <map>
#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pkg/base/rng.h"
#include "pkg/store/store_fixture.h"

namespace watchfire::store {
namespace {

using testing::HasSubstr;

using Model = std::map<std::pair<Table, std::string>, std::string>;

void Apply(const std::vector<Record>& records, Model* model) {
  for (const Record& record : records) {
    model->erase({record.table, record.key});
    if (record.value) (*model)[{record.table, record.key}] = *record.value;
  }
}

std::vector<Record> RecordsOf(const Model& model) {
  std::vector<Record> records;
  for (const auto& [key, value] : model) records.push_back({key.first, key.second, value});
  return records;
}

class LogTableTest : public StoreTest {
 protected:
  void Sql(const std::string& statement) {
    SQLite::Database(path_, SQLite::OPEN_READWRITE, 5000).exec(statement);
  }
  std::string Ask(const std::string& query) {
    return SQLite::Database(path_, SQLite::OPEN_READONLY, 5000).execAndGet(query).getString();
  }

  // A file of version 10, of plain rows.
  void MakeOldFile(const std::vector<Record>& records) {
    ASSERT_TRUE(Open());
    SQLite::Database db(path_, SQLite::OPEN_READWRITE);
    SQLite::Transaction transaction(db);
    for (const Record& record : records) {
      SQLite::Statement insert(db, UpsertSql(record.table));
      insert.bind(1, record.key);
      insert.bind(2, *record.value);
      insert.bind(3, RowSum(record.key, *record.value));
      insert.exec();
    }
    MakeOld(db, "10", {});
    transaction.commit();
  }
};

// Commits on a disk that has no more room than `bytes` in each file.
Status CommitOnFullDisk(Store& store, const std::vector<Record>& records, uint64_t bytes) {
  struct rlimit old {};
  getrlimit(RLIMIT_FSIZE, &old);
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  const struct rlimit small { bytes, old.rlim_max };
  setrlimit(RLIMIT_FSIZE, &small);
  Status status = store.Commit(records);
  setrlimit(RLIMIT_FSIZE, &old);
  std::signal(SIGXFSZ, old_handler);
  return status;
}

std::vector<Record> RandomBatch(Rng* rng, int number) {
  constexpr Table kTables[] = {Table::kNflog, Table::kGroup, Table::kJournal, Table::kIncident};
  std::vector<Record> records;
  for (uint64_t left = rng->Below(60); left > 0; --left) {
    const Table table = kTables[rng->Below(4)];
    const std::string key = "key\n" + std::to_string(rng->Below(300));
    std::optional<std::string> value;
    if (rng->Chance(0.7)) value = std::to_string(number) + std::string(rng->Below(3000), 'v');
    records.push_back({table, key, value});
  }
  return records;
}

TEST_F(LogTableTest, IsAMapThroughFullDisksAndReopenings) {
  Rng rng(1);
  auto store = Open().value();
  Model model;
  int failed = 0;
  for (int number = 0; number < 1500; ++number) {
    const std::vector<Record> records = RandomBatch(&rng, number);
    const bool is_full = rng.Chance(0.15);
    const Status status =
        is_full ? CommitOnFullDisk(*store, records, rng.Below(400'000)) : store->Commit(records);
    if (status) {
      Apply(records, &model);
    } else {
      ++failed;
      EXPECT_TRUE(is_full);
      EXPECT_EQ(status.error().code, Code::kUnavailable) << status.error().message;
    }
    if (rng.Chance(0.03)) {
      store.reset();
      store = Open().value();
    }
    if (number % 50 == 0) {
      ASSERT_EQ(All(*store), RecordsOf(model)) << number;
    }
  }
  EXPECT_GT(failed, 20);
  EXPECT_EQ(All(*store), RecordsOf(model));
  EXPECT_NE(Ask("SELECT min(key) FROM nflog"), "log-0000000000000001") << "nothing was dropped";
  store.reset();
  EXPECT_EQ(All(*Open().value()), RecordsOf(model));
}

TEST_F(LogTableTest, ABatchIsAFewRows) {
  std::vector<Record> records;
  for (int i = 0; i < 1000; ++i) {
    for (const Table table : {Table::kNflog, Table::kGroup, Table::kJournal}) {
      records.push_back({table, std::to_string(i), std::string(100, 'v')});
    }
  }
  ASSERT_TRUE(Open().value()->Commit(records));
  for (const char* table : {"nflog", "grp", "journal"}) {
    EXPECT_EQ(Ask("SELECT count(*) FROM " + std::string(table)), "7") << table;
  }
  EXPECT_EQ(Ask("SELECT substr(value, 1, 6) FROM nflog WHERE key = 'log-0000000000000001'"),
            "1 100\n");
}

TEST_F(LogTableTest, TheFileStaysSmallHoweverOftenTheSameIsOverwritten) {
  auto store = Open().value();
  const auto pages = [&] { return std::stoi(Ask("PRAGMA page_count")); };
  int early = 0;
  for (int batch = 0; batch < 400; ++batch) {
    std::vector<Record> records;
    for (int i = 0; i < 100; ++i) {
      records.push_back({Table::kGroup, std::to_string(i), std::string(1000, 'v')});
    }
    ASSERT_TRUE(store->Commit(records));
    if (batch == 20) early = pages();
  }
  EXPECT_LE(pages(), early + 8);
  EXPECT_LE(early * kPageBytes, 1'500'000);
  EXPECT_EQ(All(*store).size(), 100U);
}

// A row in front that can no longer be read keeps nothing new from being stored, though the log is
// no longer kept short. The next start tells of it.
TEST_F(LogTableTest, ADamagedFrontKeepsNothingFromBeingStored) {
  for (const char* damage : {"UPDATE nflog SET value = replace(value, 'first', 'fxrst')",
                             "DELETE FROM nflog WHERE key = 'log-0000000000000001'"}) {
    std::filesystem::remove_all(directory_ + "/data");
    auto store = Open().value();
    ASSERT_TRUE(store->Commit({{Table::kNflog, "kept", "first"}}));
    Sql(damage);
    int told = 0;
    for (int i = 0; i < 50; ++i) {
      const std::string value = std::to_string(i) + std::string(20'000, 'v');
      const Status status =
          store->Commit({{Table::kNflog, "other", value}, {Table::kMeta, "m", value}});
      ASSERT_TRUE(status) << status.error().message;
      EXPECT_EQ(All(*store).back().value, value);
      if (repaired_.find("the file grows") != std::string::npos) ++told;
      repaired_.clear();
    }
    EXPECT_EQ(told, 1);
    EXPECT_EQ(Ask("SELECT count(*) FROM nflog WHERE value LIKE '5 %'"), "50");
    EXPECT_FALSE(store->lost_writes());
  }
}

class OldFileTest : public LogTableTest {
 protected:
  OldFileTest() {
    for (int i = 0; i < 3000; ++i) {
      const std::string value = std::to_string(i) + std::string(700, 'v');
      old_.push_back({Table::kNflog, "webhook\n" + std::to_string(10'000 + i), value});
    }
    // Not a row of a log, though it looks like one.
    old_.insert(old_.begin(), {Table::kNflog, "log-0000000000000001\n", "plain"});
    old_.push_back({Table::kGroup, "2\n{}x", ""});
    old_.push_back({Table::kJournal, "18aa0", std::string(100'000, 'j')});
    MakeOldFile(old_);
  }

  std::vector<Record> old_;
};

TEST_F(OldFileTest, ItsRowsBecomeALog) {
  auto store = Open().value();
  EXPECT_EQ(All(*store), old_);
  EXPECT_EQ(Ask("SELECT count(*) FROM nflog WHERE length(key) != 20"), "0");
  EXPECT_LE(std::stoi(Ask("SELECT count(*) FROM nflog")), 150);
  EXPECT_EQ(Ask("SELECT value FROM meta WHERE key = 'schema_version'"), "11");
  ASSERT_TRUE(store->Commit(
      {{Table::kGroup, "2\n{}x", "newer"}, {Table::kNflog, old_[0].key, std::nullopt}}));
  store.reset();
  old_.erase(old_.begin());
  old_[old_.size() - 2].value = "newer";
  EXPECT_EQ(All(*Open().value()), old_);
}

TEST_F(OldFileTest, KilledAtAnyInstantItIsWhole) {
  int upgraded = 0;
  for (int round = 0; round < 16; ++round) {
    SCOPED_TRACE(round);
    std::filesystem::remove_all(directory_ + "/data");
    MakeOldFile(old_);
    const pid_t child = fork();
    if (child == 0) {
      const auto store = OpenSqlite({path_});
      _exit(store ? 0 : 1);
    }
    // Killed when the log has so many bytes; the last rounds let it end.
    std::error_code none;
    int status = 0;
    while (waitpid(child, &status, WNOHANG) == 0) {
      const auto size = std::filesystem::file_size(path_ + "-wal", none);
      if (!none && size > static_cast<uint64_t>(round) * 400'000) kill(child, SIGKILL);
    }
    const std::string version = Ask("SELECT value FROM meta WHERE key = 'schema_version'");
    const std::string plain = Ask("SELECT count(*) FROM nflog WHERE key LIKE 'webhook%'");
    EXPECT_EQ(plain, version == "10" ? "3000" : "0");
    upgraded += version == "11" ? 1 : 0;
    EXPECT_EQ(All(*Open().value()), old_);
  }
  EXPECT_LT(upgraded, 16);
  EXPECT_GT(upgraded, 0);
}

TEST_F(OldFileTest, DamageIsNotGivenARightSum) {
  Sql("UPDATE nflog SET value = 'odd' WHERE key = '" + old_[5].key + "'");
  EXPECT_THAT(Open().error().message, HasSubstr("bad checksum"));
  EXPECT_EQ(Ask("SELECT value FROM meta WHERE key = 'schema_version'"), "10")
      << "the older version can still be started";
  old_.erase(old_.begin() + 5);
  EXPECT_EQ(All(*Open(true).value()), old_);
  EXPECT_EQ(All(*Open().value()), old_);
}

// A repair of a file that has lost its version.
TEST_F(OldFileTest, ItsRowsBecomeALogInAFileOfThisVersionToo) {
  Sql("UPDATE meta SET value = '11', sum = " + std::to_string(RowSum(kSchemaVersionKey, "11")));
  EXPECT_EQ(All(*Open().value()), old_);
}

TEST_F(LogTableTest, PlainRowsAreOlderThanTheLog) {
  ASSERT_TRUE(Open().value()->Commit({{Table::kNflog, "a", "new"}, {Table::kNflog, "b", "new"}}));
  ASSERT_TRUE(Open().value()->Commit({{Table::kNflog, "b", std::nullopt}}));
  for (const char* key : {"a", "b", "z"}) {
    Sql("INSERT INTO nflog (key, value, sum) VALUES ('" + std::string(key) + "', 'old', " +
        std::to_string(RowSum(key, "old")) + ")");
  }
  EXPECT_EQ(All(*Open().value()),
            (std::vector<Record>{{Table::kNflog, "a", "new"}, {Table::kNflog, "z", "old"}}));
}

TEST_F(LogTableTest, WhereARowIsLostTheStateBeforeItCounts) {
  {
    auto store = Open().value();
    ASSERT_TRUE(store->Commit({{Table::kNflog, "a", "1"}, {Table::kNflog, "b", "1"}}));
    ASSERT_TRUE(store->Commit({{Table::kNflog, "a", "2"}, {Table::kNflog, "c", "2"}}));
    ASSERT_TRUE(store->Commit({{Table::kNflog, "d", "3"}}));
  }
  Sql("UPDATE nflog SET value = '1 -' || substr(value, 4) WHERE id = 2");
  EXPECT_THAT(Open().error().message,
              HasSubstr("table \"nflog\" row \"log-0000000000000002\": bad checksum"));
  const std::vector<Record> want = {
      {Table::kNflog, "a", "1"}, {Table::kNflog, "b", "1"}, {Table::kNflog, "d", "3"}};
  {
    auto repaired = Open(true).value();
    EXPECT_EQ(All(*repaired), want);
    EXPECT_TRUE(repaired->lost_writes()) << "an older state is as good as none";
  }
  ASSERT_TRUE(Open().value()->Commit({{Table::kNflog, "e", "4"}}));
  EXPECT_FALSE(Open().value()->lost_writes());
  EXPECT_EQ(Ask("SELECT max(key) FROM nflog"), "log-0000000000000004");
  EXPECT_EQ(All(*Open().value()).size(), 4U);
}

TEST_F(LogTableTest, ARowWithTheRightSumThatIsNoLogIsDamage) {
  ASSERT_TRUE(Open().value()->Commit({{Table::kNflog, "a", "1"}}));
  const std::string key = "log-0000000000000007";
  Sql("INSERT INTO nflog (key, value, sum) VALUES ('" + key + "', 'odd', " +
      std::to_string(RowSum(key, "odd")) + ")");
  EXPECT_EQ(Open().error().code, Code::kCorrupt);
  EXPECT_THAT(Open().error().message, HasSubstr("row \"" + key + "\": not a row of a log"));
  EXPECT_EQ(All(*Open(true).value()), (std::vector<Record>{{Table::kNflog, "a", "1"}}));
}

TEST(LogNumberTest, IsThatOfKeysOfTheLogOnly) {
  EXPECT_EQ(LogNumber("log-00000000000000ff"), 255U);
  for (const char* key : {"", "log-", "log-1", "log-00000000000000FF", "log-00000000000000ff\n",
                          "Log-00000000000000ff", "webhook\n0\n2\n{}x", "2\n{}x",
                          "18aa000000000000-0000000000000001"}) {
    EXPECT_EQ(LogNumber(key), std::nullopt) << key;
  }
}

}  // namespace
}  // namespace watchfire::store
