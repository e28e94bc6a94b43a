// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/store/store.h"

#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utime.h>

#include "pkg/store/sqlite.h"
#include "pkg/store/store_fixture.h"

namespace watchfire::store {
namespace {

using testing::HasSubstr;

// `count` alerts of about half a kilobyte, so that a thousand fill some thirty pages.
std::vector<Record> Alerts(int first, int count) {
  std::vector<Record> records;
  for (int i = first; i < first + count; ++i) {
    std::string key = std::to_string(i);
    key.insert(0, 8 - key.size(), '0');
    records.push_back({Table::kAlert, key, key + std::string(500, 'v')});
  }
  return records;
}

TEST_F(StoreTest, WhatWasCommittedIsThereAfterReopening) {
  const std::vector<Record> written = {{Table::kMeta, "stopped_at", "now"},
                                       {Table::kGroup, "1", "{}"},
                                       {Table::kAlert, "b", "second"},
                                       {Table::kAlert, "a\n\"'\u00e9", std::string("\0x", 2)},
                                       {Table::kAlert, "\xff", ""},
                                       {Table::kIncident, "", std::string(300'000, 'x')},
                                       {Table::kJournal, "b", ""},
                                       {Table::kJournal, "a\n\xff", std::string("\0\n\xff", 3)}};
  {
    auto store = Open().value();
    ASSERT_TRUE(store->Commit(written));
  }
  // Table by table in enum order, keys in byte order.
  EXPECT_EQ(All(*Open().value()),
            (std::vector<Record>{written[3], written[2], written[4], written[5], written[1],
                                 written[0], written[7], written[6]}));
}

TEST_F(StoreTest, TheLastValueWinsAndNulloptDeletes) {
  auto store = Open().value();
  ASSERT_TRUE(store->Commit({{Table::kRule, "a", "1"}, {Table::kRule, "b", "1"}}));
  ASSERT_TRUE(store->Commit({{Table::kRule, "a", "2"},
                             {Table::kRule, "a", "3"},
                             {Table::kRule, "b", std::nullopt},
                             {Table::kSlo, "never there", std::nullopt},
                             {Table::kGroup, "never there", std::nullopt}}));
  ASSERT_TRUE(store->Commit({}));
  EXPECT_EQ(All(*store), (std::vector<Record>{{Table::kRule, "a", "3"}}));
}

TEST_F(StoreTest, ASecondProcessIsRefused) {
  auto store = Open().value();
  const auto second = Open(true);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::kConflict);
  EXPECT_THAT(second.error().message, HasSubstr(path_ + ".lock"));
  store.reset();
  EXPECT_TRUE(Open());
}

// Of records that are written once, every other is deleted so many batches later. The others have
// to be moved, as what is written beside them makes their log long.
constexpr int kKept = 20;
std::string Once(int batch) { return "once " + std::to_string(batch); }
bool IsThere(int batch, int last) {
  return batch <= last && (batch % 2 == 0 || batch > last - kKept);
}

// Writes batches of ten rows that all carry the batch number, large enough for the log that they
// lie in to drop its front, and reports each acknowledged one.
[[noreturn]] void WriteUntilKilled(const std::string& path, int report) {
  auto store = OpenSqlite({path});
  for (int batch = 0; store; ++batch) {
    std::vector<Record> records;
    records.reserve(14);
    for (int i = 0; i < 10; ++i) {
      records.push_back(
          {Table::kNflog, std::to_string(i), std::to_string(batch) + std::string(5000, ' ')});
    }
    records.push_back({Table::kIncident, std::to_string(batch), std::string(2000, 'x')});
    records.push_back({Table::kGroup, "often", std::string(20'000, 'x')});
    records.push_back({Table::kGroup, Once(batch), std::to_string(batch)});
    if (batch >= kKept && !IsThere(batch - kKept, batch)) {
      records.push_back({Table::kGroup, Once(batch - kKept), std::nullopt});
    }
    if (!(*store)->Commit(records)) break;
    if (write(report, &batch, sizeof(batch)) != sizeof(batch)) break;
  }
  _exit(1);
}

TEST_F(StoreTest, KillNineLosesNoAcknowledgedBatchAndKeepsNoHalfOne) {
  for (int round = 0; round < 12; ++round) {
    SCOPED_TRACE(round);
    std::filesystem::remove_all(directory_ + "/data");
    int pipe_ends[2];
    ASSERT_EQ(pipe(pipe_ends), 0);
    const pid_t child = fork();
    if (child == 0) WriteUntilKilled(path_, pipe_ends[1]);
    close(pipe_ends[1]);
    int acknowledged = -1;
    while (acknowledged < 1 + round * 9) {
      ASSERT_EQ(read(pipe_ends[0], &acknowledged, sizeof(acknowledged)),
                static_cast<ssize_t>(sizeof(acknowledged)));
    }
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    while (read(pipe_ends[0], &acknowledged, sizeof(acknowledged)) > 0) continue;
    close(pipe_ends[0]);

    auto store = Open();
    ASSERT_TRUE(store) << store.error().message;
    std::set<std::string> batches;
    std::map<std::string, std::string> groups;
    int incidents = 0;
    for (const Record& record : All(**store)) {
      if (record.table == Table::kNflog) batches.insert(*record.value);
      if (record.table == Table::kGroup) groups.emplace(record.key, *record.value);
      if (record.table == Table::kIncident) ++incidents;
    }
    ASSERT_EQ(batches.size(), 1U) << "half a batch";
    EXPECT_GE(std::stoi(*batches.begin()), acknowledged);
    EXPECT_EQ(std::stoi(*batches.begin()), incidents - 1);
    std::map<std::string, std::string> want = {{"often", std::string(20'000, 'x')}};
    for (int batch = 0; batch < incidents; ++batch) {
      if (IsThere(batch, incidents - 1)) want.emplace(Once(batch), std::to_string(batch));
    }
    EXPECT_EQ(groups, want);
  }
}

TEST_F(StoreTest, AFullDiskIsAnErrorAndTheStoreWorksAgainWhenThereIsSpace) {
  auto store = Open().value();
  ASSERT_TRUE(store->Commit(Alerts(0, 10)));
  struct rlimit old {};
  getrlimit(RLIMIT_FSIZE, &old);
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  const struct rlimit small { 65'536, old.rlim_max };
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const Status full = store->Commit(Alerts(10, 1000));
  const Status still_full = store->Commit(Alerts(10, 1000));
  setrlimit(RLIMIT_FSIZE, &old);
  std::signal(SIGXFSZ, old_handler);

  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code, Code::kUnavailable) << full.error().message;
  EXPECT_THAT(full.error().message, HasSubstr(path_));
  EXPECT_FALSE(still_full);
  EXPECT_EQ(All(*store).size(), 10U) << "none of a failed batch";
  ASSERT_TRUE(store->Commit(Alerts(10, 1000)));
  store.reset();
  EXPECT_EQ(All(*Open().value()).size(), 1010U);
}

TEST_F(StoreTest, SqlitesOwnFullErrorIsUnavailable) {
  { auto store = Open().value(); }
  SQLite::Database limited(path_, SQLite::OPEN_READWRITE);
  limited.exec("PRAGMA max_page_count=60");
  SQLite::Statement insert(limited, UpsertSql(Table::kAlert));
  try {
    insert.bind(1, "k");
    insert.bind(2, std::string(1'000'000, 'x'));
    insert.bind(3, 0);
    insert.exec();
    FAIL() << "not full";
  } catch (const SQLite::Exception& exception) {
    EXPECT_EQ(ToError(path_, exception).code, Code::kUnavailable);
  }
}

TEST_F(StoreTest, AFileKeepsThePagesThatItWasMadeWith) {
  const auto page_bytes = [&] {
    return SQLite::Database(path_).execAndGet("PRAGMA page_size").getInt();
  };
  EXPECT_TRUE(Open().value()->Commit(Alerts(0, 100)));
  EXPECT_EQ(page_bytes(), kPageBytes);
  {
    SQLite::Database file(path_, SQLite::OPEN_READWRITE);
    file.exec("PRAGMA journal_mode=DELETE");
    file.exec("PRAGMA page_size=4096");
    file.exec("VACUUM");
  }
  ASSERT_EQ(page_bytes(), 4096);
  auto store = Open().value();
  EXPECT_EQ(All(*store).size(), 100U);
  EXPECT_TRUE(store->Commit(Alerts(100, 100)));
  store.reset();
  EXPECT_EQ(All(*Open().value()).size(), 200U);
  EXPECT_EQ(page_bytes(), 4096);
}

class DamagedStoreTest : public StoreTest {
 protected:
  DamagedStoreTest() {
    auto store = Open().value();
    EXPECT_TRUE(store->Commit(Alerts(0, 1000)));
    EXPECT_TRUE(store->Commit({{Table::kIncident, "7", "{\"state\":\"acknowledged\"}"}}));
  }

  // How many the file has.
  int64_t Pages() const {
    return static_cast<int64_t>(std::filesystem::file_size(path_)) / kPageBytes;
  }
  // Refused with the hint, by every start, until repaired once; returns what was saved.
  std::vector<Record> RefusedThenRepaired() {
    for (int start = 0; start < 2; ++start) {
      const auto store = Open();
      EXPECT_FALSE(store);
      if (store) return {};
      EXPECT_EQ(store.error().code, Code::kCorrupt) << store.error().message;
      EXPECT_THAT(store.error().message, HasSubstr("--storage.repair"));
      EXPECT_THAT(store.error().message, HasSubstr(path_));
    }
    auto repaired = Open(true);
    EXPECT_TRUE(repaired) << repaired.error().message;
    if (!repaired) return {};
    EXPECT_EQ(KeptFiles(), std::filesystem::exists(path_) ? 1 : 0);
    std::vector<Record> rows = All(**repaired);
    EXPECT_THAT(repaired_, HasSubstr(" rows saved, damaged file kept as " + path_ + ".corrupt-2"));
    EXPECT_TRUE((*repaired)->Commit({{Table::kMeta, "works", "again"}}));
    repaired->reset();
    EXPECT_TRUE(Open());
    return rows;
  }
};

TEST_F(DamagedStoreTest, AHealthyFileIsLeftAloneByRepair) {
  EXPECT_EQ(All(*Open(true).value()).size(), 1001U);
  EXPECT_EQ(KeptFiles(), 0);
  EXPECT_EQ(repaired_, "");
}

TEST_F(DamagedStoreTest, ABrokenPageCostsOnlyItsOwnRows) {
  const auto middle = Pages() / 2 * kPageBytes;
  Overwrite(middle, std::string(kPageBytes, '\xff'));
  const std::vector<Record> rows = RefusedThenRepaired();
  EXPECT_GE(rows.size(), 960U);
  EXPECT_LT(rows.size(), 1001U) << "or it held no row";
  EXPECT_EQ(rows.back(), (Record{Table::kIncident, "7", "{\"state\":\"acknowledged\"}"}));
}

TEST_F(DamagedStoreTest, ManyBrokenPagesLeaveTheIslandsBetweenThem) {
  const int64_t pages = Pages();
  for (int64_t page = 30; page < pages; page += 5) {
    Overwrite(page * kPageBytes, std::string(kPageBytes, '\0'));
  }
  const size_t saved = RefusedThenRepaired().size();
  EXPECT_GE(saved, 800U);
  EXPECT_LT(saved, 950U) << "or none of them held a row";
}

TEST_F(DamagedStoreTest, AFlippedBitInsideAValueIsNoticed) {
  std::ifstream file(path_, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const size_t value = bytes.find("acknowledged");
  ASSERT_NE(value, std::string::npos);
  Overwrite(static_cast<int64_t>(value), "A");
  EXPECT_EQ(RefusedThenRepaired().size(), 1000U) << "all but the flipped one";
}

TEST_F(DamagedStoreTest, ATornTailIsRefused) {
  const auto size = std::filesystem::file_size(path_);
  std::filesystem::resize_file(path_, size - size / 4 - 1000);
  EXPECT_GE(RefusedThenRepaired().size(), 500U);
}

TEST_F(DamagedStoreTest, ALostHeaderNeverMeansASilentFreshStart) {
  Overwrite(0, std::string(100, 'x'));
  EXPECT_TRUE(RefusedThenRepaired().empty());
}

TEST_F(DamagedStoreTest, AnEmptyFileIsNotAFreshStart) {
  std::filesystem::resize_file(path_, 0);
  EXPECT_TRUE(RefusedThenRepaired().empty());
}

TEST_F(DamagedStoreTest, ALogWithoutItsDatabaseIsNotAFreshStart) {
  std::filesystem::rename(path_, path_ + "-wal");
  const auto store = Open();
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, Code::kCorrupt);
  EXPECT_TRUE(Open(true));
  EXPECT_EQ(KeptFiles(), 1);
}

// A repair killed before this many of its steps on names: the log moved away, the damaged database
// linked to its second name, the new one in its place.
class InterruptedRepairTest : public DamagedStoreTest, public testing::WithParamInterface<int> {};

TEST_P(InterruptedRepairTest, IsFinishedByTheNextStartAndLosesNothing) {
  std::filesystem::copy_file(path_, path_ + ".repaired");  // Holds all rows.
  ASSERT_EQ(utime((path_ + ".repaired").c_str(), std::array{utimbuf{0, 0}}.data()), 0);
  // Without its log the old database opens, and lacks what was stored last.
  std::filesystem::remove(path_ + "-wal");
  SQLite::Database(path_, SQLite::OPEN_READWRITE).exec("DELETE FROM incident");
  std::ofstream(path_ + "-wal") << "a log that cannot be read";
  const std::string kept = path_ + ".corrupt-19700101T000000Z";
  if (GetParam() > 0) std::filesystem::rename(path_ + "-wal", kept + "-wal");
  if (GetParam() > 1) std::filesystem::create_hard_link(path_, kept);

  auto store = Open();
  ASSERT_TRUE(store) << store.error().message;
  EXPECT_EQ(All(**store).size(), 1001U);
  EXPECT_THAT(repaired_, HasSubstr("interrupted repair is finished, damaged file kept as " + kept));
  EXPECT_EQ(KeptFiles(), 2) << "the database and its log";
  EXPECT_TRUE((*store)->lost_writes()) << "what was left out may be newer";
  store->reset();
  EXPECT_FALSE(std::filesystem::exists(path_ + ".repaired"));
  EXPECT_EQ(All(*Open().value()).size(), 1001U);
}

INSTANTIATE_TEST_SUITE_P(Steps, InterruptedRepairTest, testing::Values(0, 1, 2));

TEST_F(DamagedStoreTest, ARepairKilledWhileItSavesBeginsAgain) {
  std::ofstream(path_ + ".new") << "half of a new database";
  std::ofstream(path_ + ".new-journal") << "and what would undo it";
  SQLite::Database(path_, SQLite::OPEN_READWRITE).exec("PRAGMA application_id=1");
  EXPECT_EQ(RefusedThenRepaired().size(), 1001U);
}

TEST_F(DamagedStoreTest, AForeignDatabaseIsRefused) {
  SQLite::Database(path_, SQLite::OPEN_READWRITE).exec("PRAGMA application_id=1");
  EXPECT_EQ(RefusedThenRepaired().size(), 1001U);
}

TEST_F(StoreTest, OlderFilesGetTheTablesTheyLack) {
  const std::vector<Record> old = {{Table::kAlert, "a", "1"}, {Table::kMeta, "stopped_at", "now"}};
  ASSERT_TRUE(Open().value()->Commit(old));
  SQLite::Database db(path_, SQLite::OPEN_READWRITE);
  const auto version = [&] {
    return db.execAndGet("SELECT value FROM meta WHERE key = 'schema_version'").getString();
  };
  MakeOld(db, "1", {"silence", "journal", "escalation", "vendor", "automation"});
  EXPECT_EQ(All(*Open().value()), old);
  ASSERT_TRUE(Open().value()->Commit({{Table::kSilence, "s", "{}"}}));
  EXPECT_EQ(All(*Open().value()).back(), (Record{Table::kSilence, "s", "{}"}));
  EXPECT_EQ(version(), "11");

  MakeOld(db, "2", {"journal", "escalation", "vendor", "automation"});
  EXPECT_EQ(All(*Open().value()).back(), (Record{Table::kSilence, "s", "{}"}));
  ASSERT_TRUE(Open().value()->Commit({{Table::kJournal, "j", "{}"}}));
  EXPECT_EQ(All(*Open().value()).back(), (Record{Table::kJournal, "j", "{}"}));
  EXPECT_EQ(version(), "11");

  MakeOld(db, "3", {"escalation", "vendor", "automation"});
  EXPECT_EQ(All(*Open().value()).back(), (Record{Table::kJournal, "j", "{}"}));
  EXPECT_EQ(version(), "11");

  MakeOld(db, "4", {"escalation", "vendor", "automation"});
  ASSERT_TRUE(Open().value()->Commit({{Table::kEscalation, "1 p", "{}"}}));
  EXPECT_EQ(All(*Open().value()).back(), (Record{Table::kEscalation, "1 p", "{}"}));
  EXPECT_EQ(version(), "11");

  MakeOld(db, "5", {"vendor", "automation"});
  ASSERT_TRUE(Open().value()->Commit({{Table::kVendor, "1 k", "{}"}}));
  EXPECT_EQ(All(*Open().value()).back(), (Record{Table::kVendor, "1 k", "{}"}));
  EXPECT_EQ(version(), "11");

  MakeOld(db, "6", {"automation"});
  ASSERT_TRUE(Open().value()->Commit({{Table::kAutomation, "1-1-a", "{}"}}));
  EXPECT_EQ(All(*Open().value()).back(), (Record{Table::kAutomation, "1-1-a", "{}"}));
  EXPECT_EQ(version(), "11");

  for (const char* with_all_tables : {"7", "8", "9", "10"}) {
    MakeOld(db, with_all_tables, {});
    EXPECT_EQ(All(*Open().value()).back(), (Record{Table::kAutomation, "1-1-a", "{}"}));
    EXPECT_EQ(version(), "11");
  }

  db.exec("DROP TABLE silence");
  EXPECT_EQ(Open().error().code, Code::kCorrupt) << "in version 11 that is damage";
}

// Up to version 7 of the schema they had another sum.
TEST_F(StoreTest, RowsOfOlderFilesKeepTheirSumsAndAreWatchedAllTheSame) {
  ASSERT_TRUE(Open().value()->Commit({{Table::kAlert, "a", "old"}, {Table::kAlert, "b", "new"}}));
  EXPECT_EQ(OldRowSum("a", "old"), 7751806550425069881);
  SQLite::Database db(path_, SQLite::OPEN_READWRITE);
  db.exec("UPDATE alert SET sum = " + std::to_string(OldRowSum("a", "old")) + " WHERE key = 'a'");
  MakeOld(db, "7", {});
  const std::vector<Record> want = {{Table::kAlert, "a", "old"}, {Table::kAlert, "b", "new"}};
  EXPECT_EQ(All(*Open().value()), want);
  EXPECT_EQ(All(*Open().value()), want) << "once more, as a file of this version";

  db.exec("UPDATE alert SET value = 'odd' WHERE key = 'a'");
  EXPECT_THAT(Open().error().message, HasSubstr("row \"a\": bad checksum"));
}

TEST_F(DamagedStoreTest, ANewerSchemaIsRefusedAndNeverRepaired) {
  SQLite::Database(path_, SQLite::OPEN_READWRITE)
      .exec("UPDATE meta SET value = '12' WHERE key = 'schema_version'");
  const auto store = Open(true);
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, Code::kInvalidArgument);
  EXPECT_EQ(KeptFiles(), 0);
}

TEST_F(StoreTest, AnUnusablePlaceIsAnErrorNamingIt) {
  const auto store = OpenSqlite({"/dev/null/watchfire.db"});
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, Code::kUnavailable);
  EXPECT_THAT(store.error().message, HasSubstr("/dev/null"));

  std::filesystem::create_directories(path_);
  const auto directory = Open();
  ASSERT_FALSE(directory);
  EXPECT_EQ(directory.error().code, Code::kPermission);
}

// Bytes all over a small file: the start is refused, or all that was stored is there.
TEST_F(StoreTest, NoFlippedByteChangesWhatIsLoadedUnnoticed) {
  const std::vector<Record> written = {{Table::kAlert, "a", "alert"},
                                       {Table::kNflog, "n", "nflog"},
                                       {Table::kIncident, "i", "incident"}};
  ASSERT_TRUE(Open().value()->Commit(written));
  const auto size = std::filesystem::file_size(path_);
  std::ifstream file(path_, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  int refused = 0;
  for (size_t at = 0; at < size; ++at) {
    // Behind the header: every 13th byte, without unused space.
    if (at > 200 && (at % 13 != 0 || bytes[at] == '\0')) continue;
    SCOPED_TRACE(at);
    Overwrite(static_cast<int64_t>(at), std::string(1, static_cast<char>(~bytes[at])));
    auto store = Open();
    if (store) {
      EXPECT_EQ(All(**store), written);
      store->reset();
    } else {
      ++refused;
    }
    std::ofstream(path_, std::ios::binary | std::ios::trunc) << bytes;
  }
  EXPECT_GT(refused, 50);
}

}  // namespace
}  // namespace watchfire::store
