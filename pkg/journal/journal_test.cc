// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/journal/journal.h"

#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace watchfire::journal {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const WallTime kStart = FromNanos(1'790'000'000'000'000'000);
const Place kDb{"db", "{}:{team=\"db\"}"};
const Place kWeb{"web", "{}:{}"};

std::vector<std::string> Kinds(const Journal& journal, uint64_t alert, WallTime until) {
  std::vector<std::string> kinds;
  for (const Line& line : journal.Read(alert, until).lines) kinds.push_back(KindName(line.kind));
  return kinds;
}

std::vector<Record> TakeClosed(Journal& journal) {
  journal.Close();
  return journal.TakeRecords();
}

// A journal with the table that its records would be stored in.
class JournalTest : public testing::Test {
 protected:
  void Close() {
    for (const Record& record : TakeClosed(journal_)) {
      EXPECT_EQ(record.table, Table::kJournal);
      if (record.value) {
        stored_[record.key] = *record.value;
      } else {
        stored_.erase(record.key);
      }
    }
  }
  Journal Reborn(const Options& options = {}) {
    Journal journal(options);
    for (const auto& [key, value] : stored_) {
      EXPECT_TRUE(journal.Restore({Table::kJournal, key, value}).has_value());
    }
    return journal;
  }
  void Send(uint64_t id, const std::vector<uint64_t>& firing, WallTime at,
            const std::vector<uint64_t>& resolved = {}) {
    journal_.Sent(
        {id, kDb.receiver, kDb.group_key, "webhook", 1, "first notification", firing, resolved},
        at);
  }

  Journal journal_;
  std::map<std::string, std::string> stored_;
};

TEST_F(JournalTest, HoldsTransitionsAndNotRepetitions) {
  journal_.Firing(7, "api", kStart - seconds(9), kStart);
  for (int flush = 0; flush < 5; ++flush) {
    journal_.Decided(7, kDb, Kind::kInhibited, 9, "0 name", kStart + minutes(flush));
    Close();
  }
  journal_.Decided(7, kDb, Kind::kSilenced, 0, "id", kStart + minutes(5));
  journal_.Decided(7, kDb, Kind::kLetThrough, 0, "", kStart + minutes(6));
  journal_.Decided(7, kDb, Kind::kLetThrough, 0, "", kStart + minutes(7));
  journal_.Ended(7, kStart + minutes(8), true, kStart + minutes(8));
  Close();
  EXPECT_THAT(Kinds(journal_, 7, kStart + minutes(9)),
              ElementsAre("firing", "inhibited", "silenced", "let_through", "expired"));
  const Line inhibited = journal_.Read(7, kStart).lines.at(1);
  EXPECT_EQ(inhibited, (Line{kStart, Kind::kInhibited, kDb, "0 name", 9}));
}

TEST_F(JournalTest, WhatIsLetThroughFromTheBeginningIsNoTransition) {
  journal_.Decided(7, kDb, Kind::kLetThrough, 0, "", kStart);
  journal_.Decided(8, kDb, Kind::kMuted, 0, "night", kStart);
  journal_.Decided(8, kWeb, Kind::kLetThrough, 0, "", kStart);
  Close();
  EXPECT_FALSE(journal_.Knows(7));
  EXPECT_THAT(Kinds(journal_, 8, kStart), ElementsAre("muted")) << "elsewhere it was never muted";
}

TEST_F(JournalTest, WhoIsKeptOutIsKnownUntilThatIsForgotten) {
  EXPECT_FALSE(journal_.KeptOut(7));
  journal_.Decided(7, kDb, Kind::kInhibited, 9, "0", kStart);
  Close();
  journal_.Decided(8, kDb, Kind::kMuted, 0, "night", kStart + minutes(5));
  journal_.Decided(8, kWeb, Kind::kMuted, 0, "night", kStart + minutes(5));
  journal_.Firing(9, "api", kStart, kStart + minutes(5));
  Close();
  Journal again = Reborn();
  for (Journal* journal : {&journal_, &again}) {
    EXPECT_TRUE(journal->KeptOut(7) && journal->KeptOut(8));
    EXPECT_FALSE(journal->KeptOut(9));
    journal->Collect(kStart + minutes(1), kStart + minutes(6));
    EXPECT_FALSE(journal->KeptOut(7));
    EXPECT_TRUE(journal->KeptOut(8));
    journal->Collect(kStart + minutes(6), kStart + minutes(6));
    EXPECT_FALSE(journal->KeptOut(8));
    journal->Decided(8, kDb, Kind::kMuted, 0, "night", kStart + minutes(7));
    EXPECT_TRUE(journal->KeptOut(8));
    EXPECT_FALSE(journal->KeptOut(7));
  }
}

TEST_F(JournalTest, AnotherReasonOrAnotherSourceIsATransition) {
  journal_.Decided(7, kDb, Kind::kInhibited, 9, "0", kStart);
  journal_.Decided(7, kDb, Kind::kInhibited, 10, "0", kStart);
  journal_.Decided(7, kDb, Kind::kInhibited, 10, "1", kStart);
  journal_.Decided(7, kWeb, Kind::kInhibited, 10, "1", kStart);
  journal_.Decided(7, kDb, Kind::kInhibited, 10, "1", kStart);
  EXPECT_THAT(journal_.Read(7, kStart).lines, SizeIs(4));
}

TEST_F(JournalTest, ThePastIsWhatWasKnownByThen) {
  journal_.Firing(7, "api", kStart, kStart);
  Send(1, {7, 8}, kStart + seconds(30));
  journal_.Failed(1, {kStart + seconds(31), milliseconds(900), "HTTP 503", true});
  journal_.Over(1, Outcome::kAccepted, Attempt{kStart + seconds(33), milliseconds(200), "", false},
                kStart + seconds(33));
  EXPECT_THAT(Kinds(journal_, 7, kStart - seconds(1)), IsEmpty());
  EXPECT_THAT(journal_.Read(7, kStart + seconds(29)).messages, IsEmpty());

  const Message early = journal_.Read(7, kStart + seconds(32)).messages.at(0);
  EXPECT_EQ(early.outcome, Outcome::kUnderWay);
  EXPECT_THAT(early.attempts, SizeIs(1));
  EXPECT_EQ(early.attempts[0].why, "HTTP 503");
  EXPECT_TRUE(early.attempts[0].unknown);

  const Message late = journal_.Read(8, kStart + seconds(33)).messages.at(0);
  EXPECT_EQ(late.outcome, Outcome::kAccepted);
  EXPECT_EQ(late.ended_at, kStart + seconds(33));
  EXPECT_THAT(late.attempts, SizeIs(2));
  EXPECT_EQ(late.place, kDb);
  EXPECT_EQ(late.integration, "webhook");
  EXPECT_EQ(late.index, 1);
  EXPECT_EQ(late.reason, "first notification");
  EXPECT_EQ(late.alerts, 2U);
  EXPECT_TRUE(late.firing);
}

TEST_F(JournalTest, AMessageKnowsAsWhatEachAlertStoodInIt) {
  Send(1, {7}, kStart, {8});
  EXPECT_TRUE(journal_.Read(7, kStart).messages.at(0).firing);
  EXPECT_FALSE(journal_.Read(8, kStart).messages.at(0).firing);
}

TEST_F(JournalTest, ManyAttemptsKeepTheFirstAndTheNewest) {
  Send(1, {7}, kStart);
  journal_.Failed(1, {kStart, milliseconds(1), "no. 0", false});
  EXPECT_THAT(TakeClosed(journal_), SizeIs(1));
  for (int i = 1; i < 40; ++i) {
    journal_.Failed(1, {kStart + seconds(i), milliseconds(1), "no. " + std::to_string(i), false});
  }
  EXPECT_THAT(TakeClosed(journal_), IsEmpty())
      << "a receiver that is down writes nothing but its first";
  const Message message = journal_.Read(7, kStart + minutes(1)).messages.at(0);
  ASSERT_THAT(message.attempts, SizeIs(Journal::kAttemptsKept));
  EXPECT_EQ(message.attempts.front().why, "no. 0");
  EXPECT_EQ(message.attempts.back().why, "no. 39");
  EXPECT_EQ(message.attempts_omitted, 40 - Journal::kAttemptsKept);
}

TEST_F(JournalTest, ARestartKeepsItAndKnowsWhatWasLost) {
  const labels::LabelSet labels{{"alertname", "Gone"}, {"team", "db"}};
  const uint64_t gone = labels.fingerprint();
  journal_.Configured(5, kStart);
  journal_.Firing(7, "rules", kStart - minutes(1), kStart);
  journal_.Decided(7, kDb, Kind::kInactive, 0, "office, on-call", kStart);
  journal_.Firing(gone, "api", kStart, kStart);
  Send(1, {7}, kStart + seconds(1), {gone});
  journal_.Failed(1, {kStart + seconds(2), milliseconds(7), "no \"way\"\n", true});
  Send(2, {7}, kStart + seconds(3));
  journal_.Over(2, Outcome::kAbandoned, std::nullopt, kStart + seconds(4));
  journal_.Ended(gone, kStart + seconds(5), false, kStart + seconds(5));
  journal_.Forgotten(labels, kStart + minutes(9));
  Close();

  Journal reborn = Reborn();
  const WallTime late = kStart + minutes(10);
  EXPECT_EQ(reborn.size(), journal_.size());
  EXPECT_EQ(reborn.Read(7, late).lines, journal_.Read(7, late).lines);
  EXPECT_EQ(reborn.Read(gone, late).lines, journal_.Read(gone, late).lines);
  ASSERT_NE(reborn.Labels(gone), nullptr);
  EXPECT_EQ(*reborn.Labels(gone), labels);
  EXPECT_EQ(reborn.Labels(7), nullptr);
  EXPECT_THAT(reborn.Find([](const auto&) { return true; }), ElementsAre(gone));
  EXPECT_EQ(reborn.since(), kStart);
  EXPECT_THAT(reborn.ConfiguredAfter(kStart - seconds(1)), ElementsAre(kStart));

  const auto messages = reborn.Read(7, late).messages;
  ASSERT_THAT(messages, SizeIs(2));
  EXPECT_EQ(messages[0].outcome, Outcome::kLost);
  EXPECT_EQ(messages[0].attempts, journal_.Read(7, late).messages.at(0).attempts);
  EXPECT_EQ(messages[1], journal_.Read(7, late).messages.at(1));

  // It goes on where it was: what was decided stays decided, and new rows come after the old ones.
  reborn.Decided(7, kDb, Kind::kInactive, 0, "office, on-call", late);
  reborn.Configured(5, late);
  EXPECT_THAT(TakeClosed(reborn), IsEmpty());
  reborn.Decided(7, kDb, Kind::kLetThrough, 0, "", late);
  const std::vector<Record> records = TakeClosed(reborn);
  ASSERT_THAT(records, SizeIs(1));
  EXPECT_GT(records[0].key, stored_.rbegin()->first);
}

TEST_F(JournalTest, AStepMakesFewRows) {
  for (uint64_t alert = 1; alert <= 1000; ++alert) journal_.Firing(alert, "api", kStart, kStart);
  EXPECT_THAT(TakeClosed(journal_), SizeIs(4)) << "256 entries each";
  EXPECT_THAT(TakeClosed(journal_), IsEmpty());
}

TEST_F(JournalTest, LabelsAreForgottenWhenTheAlertIsBack) {
  const labels::LabelSet labels{{"alertname", "X"}};
  journal_.Forgotten(labels, kStart);
  EXPECT_FALSE(journal_.Knows(labels.fingerprint())) << "nothing to remember it for";
  journal_.Firing(labels.fingerprint(), "api", kStart, kStart);
  journal_.Forgotten(labels, kStart);
  EXPECT_NE(journal_.Labels(labels.fingerprint()), nullptr);
  journal_.Firing(labels.fingerprint(), "api", kStart, kStart);
  EXPECT_EQ(journal_.Labels(labels.fingerprint()), nullptr);
}

TEST_F(JournalTest, RetentionDropsTheOldestRowsAndTheirRecords) {
  journal_.Firing(7, "api", kStart, kStart);
  Close();
  journal_.Ended(7, kStart + minutes(5), false, kStart + minutes(5));
  Close();
  EXPECT_THAT(stored_, SizeIs(2));
  journal_.Collect(kStart + minutes(1), kStart + minutes(6));
  Close();
  EXPECT_THAT(stored_, SizeIs(1));
  EXPECT_THAT(Kinds(journal_, 7, kStart + minutes(9)), ElementsAre("resolved"));
  EXPECT_FALSE(journal_.Read(7, kStart).cut) << "that is no bound";
  EXPECT_EQ(journal_.dropped(), 0U);
  EXPECT_EQ(journal_.since(), kStart + minutes(5));
  journal_.Collect(kStart + minutes(9), kStart + minutes(9));
  Close();
  EXPECT_THAT(stored_, IsEmpty());
  EXPECT_FALSE(journal_.Knows(7));
  EXPECT_EQ(journal_.size(), 0U);
}

TEST_F(JournalTest, WhatAFastClockWroteIsNotKeptForever) {
  journal_.Firing(7, "api", kStart, kStart + std::chrono::hours(9000));
  Close();
  journal_.Collect(kStart - minutes(1), kStart);
  Close();
  EXPECT_THAT(stored_, IsEmpty());
}

TEST(JournalBoundsTest, OneAlertKeepsItsNewestEntries) {
  Options options;
  options.entries_per_alert_max = 10;
  Journal journal(options);
  std::set<std::string> stored;
  journal.Firing(8, "api", kStart, kStart);
  for (int i = 0; i < 50; ++i) {
    journal.Firing(7, "api", kStart, kStart + seconds(2 * i));
    journal.Sent({static_cast<uint64_t>(i), kDb.receiver, kDb.group_key, "webhook", 0, "", {7}, {}},
                 kStart + seconds(2 * i + 1));
    for (const Record& record : TakeClosed(journal)) {
      if (record.value) stored.insert(record.key);
      if (!record.value) stored.erase(record.key);
    }
  }
  const auto history = journal.Read(7, kStart + minutes(9));
  EXPECT_THAT(history.lines, SizeIs(5));
  EXPECT_THAT(history.messages, SizeIs(5));
  EXPECT_EQ(history.lines.back().at, kStart + seconds(98));
  EXPECT_TRUE(history.cut);
  EXPECT_EQ(journal.dropped(), 90U);
  EXPECT_EQ(journal.size(), 11U);
  EXPECT_THAT(Kinds(journal, 8, kStart), ElementsAre("firing")) << "a neighbour pays nothing";
  EXPECT_THAT(stored, SizeIs(11)) << "emptied rows leave the store";
  // The answer to a message that was dropped meanwhile changes nothing.
  journal.Over(0, Outcome::kAccepted, std::nullopt, kStart);
  EXPECT_THAT(TakeClosed(journal), IsEmpty());
}

TEST(JournalBoundsTest, TogetherTheOldestGoFirst) {
  Options options;
  options.entries_max = 100;
  Journal journal(options);
  for (uint64_t alert = 1; alert <= 150; ++alert) {
    journal.Firing(alert, "api", kStart, kStart + seconds(alert));
    journal.Close();
  }
  EXPECT_EQ(journal.size(), 100U);
  EXPECT_EQ(journal.dropped(), 50U);
  EXPECT_FALSE(journal.Knows(50));
  EXPECT_TRUE(journal.Knows(51));
  EXPECT_EQ(journal.since(), kStart + seconds(51));
  EXPECT_EQ(journal.changes(), 150U);
  std::map<std::string, bool> lives;
  for (const Record& record : journal.TakeRecords()) {
    EXPECT_TRUE(lives.emplace(record.key, record.value.has_value()).second) << "twice";
  }
  EXPECT_EQ(lives.size(), 150U);
  EXPECT_EQ(std::ranges::count_if(lives, [](const auto& row) { return row.second; }), 100);
  EXPECT_EQ(journal.changes(), 0U);
}

TEST(JournalBoundsTest, TextsAreBoundedAsWell) {
  Options options;
  options.text_bytes_max = 20'000;
  Journal journal(options);
  for (int i = 0; i < 100; ++i) {
    const labels::LabelSet labels{{"alertname", std::to_string(i)},
                                  {"text", std::string(1000, 'x')}};
    journal.Firing(labels.fingerprint(), "api", kStart, kStart + seconds(i));
    journal.Forgotten(labels, kStart + seconds(i));
    journal.Close();
  }
  const size_t kept = journal.Find([](const auto&) { return true; }).size();
  EXPECT_GE(kept, 15U);
  EXPECT_LE(kept, 20U);
}

TEST_F(JournalTest, WhatIsSaidOfManyAlertsIsStoredOnce) {
  for (uint64_t alert = 1; alert <= 3; ++alert) journal_.Firing(alert, "api", kStart, kStart);
  journal_.Firing(4, "api", kStart - seconds(1), kStart);
  journal_.Firing(5, "rules", kStart, kStart);
  journal_.Decided(1, kDb, Kind::kMuted, 0, "night", kStart);
  journal_.Decided(2, kDb, Kind::kMuted, 0, "night", kStart);
  journal_.Decided(2, kWeb, Kind::kMuted, 0, "night", kStart);
  journal_.Forgotten(labels::LabelSet{{"alertname", "A"}}, kStart);
  Close();
  ASSERT_EQ(stored_.size(), 1U);
  const std::string& text = stored_.begin()->second;
  EXPECT_THAT(text, testing::HasSubstr(R"("0000000000000002","0000000000000003",)"
                                       R"("0000000000000004 18d75b83e8583600",{"alert":)"))
      << text;
  const Journal reborn = Reborn();
  for (uint64_t alert = 1; alert <= 5; ++alert) {
    EXPECT_EQ(reborn.Read(alert, kStart).lines, journal_.Read(alert, kStart).lines) << alert;
    EXPECT_EQ(reborn.KeptOut(alert), journal_.KeptOut(alert)) << alert;
  }
}

TEST_F(JournalTest, EachOfManyForgottenAlertsKeepsItsLabels) {
  const labels::LabelSet a{{"alertname", "A"}};
  const labels::LabelSet b{{"alertname", "B"}};
  for (const auto& labels : {a, b}) journal_.Firing(labels.fingerprint(), "api", kStart, kStart);
  for (const auto& labels : {a, b}) journal_.Forgotten(labels, kStart + seconds(1));
  Close();
  const Journal reborn = Reborn();
  for (const auto& labels : {a, b}) {
    ASSERT_NE(reborn.Labels(labels.fingerprint()), nullptr);
    EXPECT_EQ(*reborn.Labels(labels.fingerprint()), labels);
  }
}

TEST(JournalRestoreTest, DamagedRecordsAreRefusedWhole) {
  Journal source;
  source.Decided(7, kDb, Kind::kMuted, 0, "night", kStart);
  const Record good = TakeClosed(source).at(0);
  const auto restore = [](const std::string& key, const std::string& value) {
    Journal journal;
    const Status status = journal.Restore({Table::kJournal, key, value});
    EXPECT_EQ(journal.size(), 0U);
    return status ? std::string() : status.error().message;
  };
  EXPECT_EQ(restore("x", *good.value), "journal: bad key");
  EXPECT_EQ(restore(good.key + "0", *good.value), "journal: bad key");
  const std::string bad_place =
      R"({"places":["9:db"],"entries":[{"alert":"0000000000000007","kind":"muted","place":0}]})";
  EXPECT_EQ(restore(good.key, bad_place), "journal: bad place");
  for (const char* value :
       {"", "{", "[]", "{}", R"({"places":[],"entries":[]})", R"({"outcome":"accepted"})",
        R"({"places":[],"entries":[{"alert":"7","kind":"muted"}]})",
        R"({"places":[],"entries":[{"alert":"0000000000000007","kind":"gone"}]})",
        R"({"places":[],"entries":["0000000000000007"]})",
        R"({"places":[],"entries":[{"alert":"0000000000000007","kind":"forgotten"},)"
        R"("0000000000000008"]})",
        R"({"places":[],"entries":[{"alert":"0000000000000007","kind":"firing"},"8"]})",
        R"({"places":[],"entries":[{"alert":"0000000000000007","kind":"firing"},)"
        R"("0000000000000008 9"]})",
        R"({"places":[],"entries":[{"alert":"0000000000000007","kind":"firing"},)"
        R"("0000000000000008x0000000000000009"]})",
        R"({"places":[],"entries":[{"alert":"0000000000000007","kind":"muted","place":0}]})"}) {
    EXPECT_NE(restore(good.key, value), "") << value;
  }
  Journal journal;
  EXPECT_TRUE(journal.Restore(good).has_value());
  EXPECT_EQ(journal.Restore(good).error().code, Code::kCorrupt) << "twice";
}

TEST(TextsTest, SharedTextsGoWithTheirLastUser) {
  Texts texts;
  const TextId a = texts.Use("alpha");
  EXPECT_EQ(texts.Use("alpha"), a);
  const TextId b = texts.Use("beta");
  EXPECT_EQ(texts.Get(b), "beta");
  EXPECT_EQ(texts.bytes(), 9U);
  texts.Release(a);
  EXPECT_EQ(texts.Find("alpha"), a);
  texts.Release(a);
  EXPECT_EQ(texts.Find("alpha"), 0U);
  EXPECT_EQ(texts.bytes(), 4U);
  EXPECT_EQ(texts.Use("gamma"), a) << "ids are used again";
  EXPECT_EQ(texts.Use(""), 0U);
  EXPECT_EQ(texts.Get(0), "");
}

}  // namespace
}  // namespace watchfire::journal
