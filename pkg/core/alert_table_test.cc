// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/core/alert_table.h"

#include <chrono>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace watchfire::core {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

const WallTime kStart = FromNanos(1'790'000'000'000'000'000);

alert::Alert Alert(const std::string& name, WallTime updated, WallTime ends) {
  alert::Alert alert;
  alert.labels = labels::LabelSet{{"alertname", name}, {"service", "api"}};
  alert.annotations = labels::LabelSet{{"summary", "It is down."}};
  alert.generator_url = std::string("http://prometheus/graph?g0.expr=up");
  alert.starts_at = kStart - minutes(5);
  alert.updated_at = updated;
  alert.ends_at = ends;
  alert.timeout = true;
  return alert;
}

std::vector<std::string> Names(const std::vector<std::shared_ptr<const alert::Alert>>& alerts) {
  std::vector<std::string> names;
  for (const auto& alert : alerts) names.emplace_back(alert->name());
  return names;
}

TEST(AlertTableTest, WhatIsRepeatedExpiresLater) {
  AlertTable table;
  table.Apply(Alert("kept", kStart, kStart + minutes(5)), kStart);
  table.Apply(Alert("left", kStart, kStart + minutes(5)), kStart);
  const WallTime later = kStart + minutes(4);
  table.Apply(Alert("kept", later, later + minutes(5)), later);
  EXPECT_LE(table.next_expiry(), kStart + minutes(5));
  EXPECT_THAT(Names(table.Expire(kStart + minutes(5))), ElementsAre("left"));
  EXPECT_THAT(Names(table.Expire(kStart + minutes(5))), IsEmpty()) << "told once";
  EXPECT_EQ(table.next_expiry(), later + minutes(5));
  EXPECT_THAT(Names(table.Expire(later + minutes(5))), ElementsAre("kept"));
  EXPECT_EQ(table.next_expiry(), std::nullopt);
}

TEST(AlertTableTest, AnEndThatComesSoonerIsSeenInTime) {
  AlertTable table;
  table.Apply(Alert("a", kStart, kStart + minutes(60)), kStart);
  table.Apply(Alert("b", kStart, kStart + minutes(2)), kStart);
  table.Apply(Alert("a", kStart + seconds(1), kStart + minutes(1)), kStart + seconds(1));
  EXPECT_EQ(table.next_expiry(), kStart + minutes(1));
  EXPECT_THAT(Names(table.Expire(kStart + minutes(3))), ElementsAre("a", "b"))
      << "oldest end first";
  EXPECT_THAT(Names(table.Expire(kStart + minutes(90))), IsEmpty());
}

TEST(AlertTableTest, WhatResolvedDoesNotExpireAndMayFireAgain) {
  AlertTable table;
  const WallTime end = kStart + minutes(5);
  table.Apply(Alert("a", kStart, end), kStart);
  alert::Alert resolved = Alert("a", kStart + seconds(2), kStart + seconds(1));
  EXPECT_EQ(table.Apply(resolved, kStart + seconds(2)), AlertTable::Change::kResolved);
  alert::Alert again = Alert("a", kStart + seconds(3), end);
  again.starts_at = kStart + seconds(3);
  EXPECT_EQ(table.Apply(again, kStart + seconds(3)), AlertTable::Change::kNew);
  EXPECT_THAT(Names(table.Expire(end)), ElementsAre("a"));
  EXPECT_THAT(Names(table.Expire(end + minutes(1))), IsEmpty());
}

// Its end was told and stored: what fires on is a new episode, which has to be stored as well.
TEST(AlertTableTest, AClockThatIsSetBackTakesNoEndBack) {
  AlertTable table;
  table.Apply(Alert("a", kStart, kStart + minutes(5)), kStart);
  ASSERT_THAT(Names(table.Expire(kStart + minutes(5))), ElementsAre("a"));
  const WallTime earlier = kStart + minutes(4);
  EXPECT_EQ(table.Apply(Alert("a", earlier, earlier + minutes(5)), earlier),
            AlertTable::Change::kNew);
}

// Senders repeat an end for a quarter of an hour.
TEST(AlertTableTest, ItIsRememberedWhenAnEndWasKnown) {
  AlertTable table;
  const auto when = [&](const std::string& name) {
    return table.Find(Alert(name, kStart, kStart).fingerprint())->WhenOver();
  };
  table.Apply(Alert("said", kStart, kStart + minutes(5)), kStart);
  table.Apply(Alert("left", kStart, kStart + minutes(5)), kStart);
  EXPECT_EQ(when("said"), kNoTime);
  const WallTime heard = kStart + seconds(70);
  table.Apply(Alert("said", heard, kStart + seconds(60)), heard);
  table.Apply(Alert("said", heard + minutes(1), kStart + seconds(60)), heard + minutes(1));
  EXPECT_EQ(when("said"), heard) << "not as its sender's clock has it, nor when it came again";
  table.Expire(kStart + minutes(6));
  EXPECT_EQ(when("left"), kStart + minutes(5));
  EXPECT_EQ(when("said"), heard);
  alert::Alert again = Alert("said", kStart + minutes(7), kStart + minutes(12));
  again.starts_at = kStart + minutes(7);
  table.Apply(again, kStart + minutes(7));
  EXPECT_EQ(when("said"), kNoTime);
}

TEST(AlertTableTest, AnEndIsToldOnceThoughTheWallClockOvertookIt) {
  AlertTable table;
  table.Apply(Alert("a", kStart, kStart + minutes(1)), kStart);
  const WallTime later = kStart + minutes(3);  // Stepped: nothing was asked in between.
  EXPECT_EQ(table.Apply(Alert("a", later, kStart + seconds(20)), later),
            AlertTable::Change::kResolved);
  EXPECT_EQ(table.Apply(Alert("a", later, kStart + seconds(20)), later),
            AlertTable::Change::kRefreshed);
  EXPECT_THAT(Names(table.Expire(later)), IsEmpty());
}

TEST(AlertTableTest, OneThatComesAndGoesForEverCostsNoMemory) {
  AlertTable table;
  const WallTime far = kStart + minutes(100'000);
  WallTime now = kStart;
  for (int i = 0; i < 10'000; ++i) {
    now += seconds(1);
    table.Apply(Alert("a", now, far), now);
    now += seconds(1);
    table.Apply(Alert("a", now, now), now);
  }
  EXPECT_LT(table.watched(), 5000u);
  table.Apply(Alert("a", now, far), now + seconds(1));
  EXPECT_THAT(Names(table.Expire(far)), ElementsAre("a"));
}

TEST(AlertTableTest, TextsThatAreTheSameAreKeptOnce) {
  AlertTable table;
  table.Apply(Alert("a", kStart, kStart + minutes(5)), kStart);
  table.Apply(Alert("b", kStart, kStart + minutes(5)), kStart);
  const auto row = [&](const char* name) {
    return table.Find(Alert(name, kStart, kStart).fingerprint())->alert;
  };
  const auto first = row("a");
  EXPECT_EQ(first->generator_url.view().data(), row("b")->generator_url.view().data());
  table.Apply(Alert("a", kStart + seconds(9), kStart + minutes(6)), kStart + seconds(9));
  const auto second = row("a");
  ASSERT_NE(first, second);
  EXPECT_EQ(second->labels.Get("service").data(), first->labels.Get("service").data());
  EXPECT_EQ(second->annotations.Get("summary").data(), first->annotations.Get("summary").data());
}

TEST(AlertTableTest, ReadersFindARowByItsFingerprint) {
  AlertTable table;
  for (int i = 0; i < 5000; ++i) {
    table.Apply(Alert("a" + std::to_string(i), kStart, kStart + minutes(5)), kStart);
  }
  View view;
  view.alerts = table.Publish([](AlertRow row) { return row; });
  uint64_t last = 0;
  size_t rows = 0;
  for (const auto& shard : view.alerts) {
    for (const AlertRow& row : *shard) {
      const uint64_t fingerprint = row.alert->fingerprint();
      EXPECT_GT(fingerprint, last) << "shards and rows are in order";
      EXPECT_EQ(view.Find(fingerprint), &row);
      EXPECT_EQ(view.Find(fingerprint + 1), nullptr);
      const uint64_t mark = PairMark("service", "api");
      EXPECT_EQ(row.marks & mark, mark);
      last = fingerprint;
      ++rows;
    }
  }
  EXPECT_EQ(rows, 5000u);
}

TEST(AlertTableTest, ReadersSeeWhatCameAndWentBetweenTwoReads) {
  AlertTable table;
  const auto add = [&](int i) {
    table.Apply(Alert("a" + std::to_string(i), kStart, kStart + minutes(5)), kStart);
  };
  const auto names = [&] {
    std::vector<std::string> read;
    uint64_t last = 0;
    for (const auto& shard : table.Publish([](AlertRow row) { return row; })) {
      for (const AlertRow& row : *shard) {
        EXPECT_EQ(row.fingerprint, row.alert->fingerprint());
        EXPECT_EQ(row.marks, LabelMarks(row.alert->labels));
        EXPECT_GT(row.fingerprint, last);
        last = row.fingerprint;
        read.emplace_back(row.alert->labels.Get("alertname"));
      }
    }
    std::ranges::sort(read);
    return read;
  };
  for (int i = 0; i < 3000; ++i) add(i);
  EXPECT_EQ(names().size(), 3000u);
  for (int i = 0; i < 3000; ++i) {
    if (i % 3 == 0) table.Remove(Alert("a" + std::to_string(i), kStart, kStart).fingerprint());
    if (i % 3 == 1) add(3000 + i);
  }
  std::vector<std::string> expected;
  for (int i = 0; i < 3000; ++i) {
    if (i % 3 != 0) expected.push_back("a" + std::to_string(i));
    if (i % 3 == 1) expected.push_back("a" + std::to_string(3000 + i));
  }
  std::ranges::sort(expected);
  EXPECT_EQ(names(), expected);
  table.Restore(Alert("late", kStart, kStart + minutes(5)), kStart);
  EXPECT_EQ(names().size(), expected.size() + 1);
}

TEST(AlertTableTest, NeighboursShareTextsAndKeepThemWhenRepeated) {
  AlertTable table;
  const auto pod = [](const std::string& name) {
    alert::Alert alert = Alert("KubernetesWorkloadUnavailable", kStart, kStart + minutes(5));
    alert.labels = alert.labels.With({{"pod", name}});
    alert.annotations = labels::LabelSet{{"description", name + " is down"},
                                         {"summary", "The workload is short of replicas."}};
    return alert;
  };
  const auto row = [&](const std::string& name) -> const alert::Alert& {
    return *table.Find(pod(name).fingerprint())->alert;
  };
  for (const char* name : {"web-1", "web-2", "web-3"}) table.Apply(pod(name), kStart);
  EXPECT_EQ(row("web-3"), pod("web-3"));
  EXPECT_EQ(row("web-3").labels.base(), row("web-1").labels);
  const char* const summary = row("web-3").annotations.Get("summary").data();
  EXPECT_EQ(row("web-1").annotations.Get("summary").data(), summary);
  table.Apply(pod("web-3"), kStart + seconds(30));
  EXPECT_EQ(row("web-3").annotations.Get("summary").data(), summary)
      << "not those of the repetition";
  EXPECT_EQ(row("web-3").annotations, pod("web-3").annotations);
}

TEST(AlertTableTest, MarksTellMostForeignPairsApart) {
  const uint64_t marks = LabelMarks(Alert("a", kStart, kStart).labels);
  int passed = 0;
  for (int i = 0; i < 1000; ++i) {
    const uint64_t mark = PairMark("alertname", "other-" + std::to_string(i));
    passed += (marks & mark) == mark;
  }
  EXPECT_LT(passed, 50);
}

TEST(AlertTableTest, WhatIsShelvedTakesNoRoomUntilItFiresAgain) {
  using Change = AlertTable::Change;
  AlertTable table(2);
  const auto over = Alert("a", kStart, kStart);
  table.Apply(over, kStart);
  const WallTime later = kStart + minutes(60);
  EXPECT_EQ(table.Apply(Alert("b", kStart, later), kStart), Change::kNew);
  EXPECT_EQ(table.Apply(Alert("c", kStart, later), kStart), Change::kRefused);
  table.Shelve(over.fingerprint());
  table.Shelve(over.fingerprint());
  EXPECT_EQ(table.Apply(Alert("c", kStart, later), kStart), Change::kNew);
  EXPECT_EQ(table.Apply(Alert("d", kStart, later), kStart), Change::kRefused);
  EXPECT_EQ(table.size(), 3U);
  const WallTime now = kStart + minutes(1);
  EXPECT_EQ(table.Apply(Alert("a", now, now), now), Change::kRefreshed) << "it is over still";
  EXPECT_EQ(table.Apply(Alert("a", now, later), now), Change::kRefused) << "as any other";
  table.Remove(Alert("b", kStart, later).fingerprint());
  EXPECT_EQ(table.Apply(Alert("a", now, later), now), Change::kNew);
  EXPECT_EQ(table.Apply(Alert("d", now, later), now), Change::kRefused);
}

TEST(AlertTableTest, WhatGoesOffTheShelfLeavesNoRoomBehind) {
  AlertTable table(1);
  const auto over = Alert("a", kStart, kStart);
  table.Apply(over, kStart);
  table.Shelve(over.fingerprint());
  table.Restore(over, kStart);
  EXPECT_EQ(table.Apply(Alert("b", kStart, kStart + minutes(5)), kStart),
            AlertTable::Change::kRefused);
  table.Shelve(over.fingerprint());
  table.Remove(over.fingerprint());
  EXPECT_EQ(table.Apply(Alert("b", kStart, kStart + minutes(5)), kStart), AlertTable::Change::kNew);
  EXPECT_EQ(table.Apply(Alert("c", kStart, kStart + minutes(5)), kStart),
            AlertTable::Change::kRefused);
}

TEST(AlertTableTest, WhatCameTogetherKeepsWhatItSharesIfMostOfItIsNew) {
  AlertTable table;
  const auto batch = [](int from, int to) {
    labels::SetPool pool;
    std::vector<alert::Alert> alerts;
    for (int i = from; i < to; ++i) {
      const std::string pod = "web-" + std::to_string(i);
      std::vector<labels::Label> pairs = {{"alertname", "AnAlertWithQuiteALongName"}, {"pod", pod}};
      alert::Alert alert = Alert("", kStart, kStart + minutes(5));
      alert.labels = pool.Make(&pairs);
      alerts.push_back(alert);
    }
    return alerts;
  };
  const auto apply = [&table](const std::vector<alert::Alert>& alerts) {
    table.Fetch(alerts);
    for (const alert::Alert& alert : alerts) table.Apply(alert, kStart);
  };
  const auto kept = [&table](const alert::Alert& alert) {
    return table.Find(alert.fingerprint())->alert->labels;
  };
  const std::vector<alert::Alert> first = batch(0, 8);
  apply(first);
  EXPECT_TRUE(kept(first[3]).IsThat(first[3].labels));
  const std::vector<alert::Alert> second = batch(4, 10);
  apply(second);
  EXPECT_TRUE(kept(second[0]).IsThat(first[4].labels));
  EXPECT_EQ(kept(second[5]), second[5].labels);
  EXPECT_FALSE(kept(second[5]).IsThat(second[5].labels)) << "the others of its batch are not kept";

  const std::vector<uint64_t> some = {first[2].fingerprint(), 1, second[5].fingerprint()};
  const std::vector<const AlertTable::Row*> rows = table.Find(some);
  EXPECT_EQ(rows, (std::vector{table.Find(some[0]), table.Find(1), table.Find(some[2])}));
  EXPECT_EQ(rows[1], nullptr);
}

TEST(AlertTableTest, WhatIsNotedOfFlushesIsMarkedBeforeAnybodyLooks) {
  AlertTable table;
  std::vector<uint64_t> ids;
  for (int i = 0; i < 5000; ++i) {
    alert::Alert alert = Alert(std::to_string(i), kStart, kStart + minutes(5));
    ids.push_back(alert.fingerprint());
    table.Apply(std::move(alert), kStart);
  }
  const auto flushed = [&table] {
    size_t count = 0;
    for (const auto& shard : table.Publish([](AlertRow row) { return row; })) {
      for (const AlertRow& row : *shard) count += row.flushed ? 1 : 0;
    }
    return count;
  };
  EXPECT_EQ(flushed(), 0U);
  for (const uint64_t id : ids) table.NoteFlushed(id, /*is_judged=*/id % 2 == 0);
  table.NoteFlushed(1, true);  // Nobody knows it.
  EXPECT_EQ(flushed(), ids.size());
  for (const uint64_t id : ids) EXPECT_EQ(table.MarkJudged(id), id % 2 != 0);

  // Not that of an alert which comes after one that went.
  table.Remove(ids[0]);
  table.NoteFlushed(ids[0], true);
  table.Apply(Alert("0", kStart, kStart + minutes(5)), kStart);
  EXPECT_EQ(flushed(), ids.size() - 1);
  table.NoteFlushed(ids[0], true);
  table.Remove(ids[0]);
  table.Apply(Alert("0", kStart, kStart + minutes(5)), kStart);
  EXPECT_EQ(flushed(), ids.size() - 1);
  // Nor does it hold for the next episode.
  table.NoteFlushed(ids[1], true);
  const WallTime later = kStart + minutes(20);
  table.Expire(later);
  table.Apply(Alert("1", later, later + minutes(5)), later);
  EXPECT_TRUE(table.before()->judged);
  EXPECT_TRUE(table.MarkJudged(ids[1]));
}

TEST(AlertTableTest, AnEpisodeIsJudgedOnce) {
  AlertTable table;
  const uint64_t id = Alert("a", kStart, kStart).fingerprint();
  EXPECT_FALSE(table.MarkJudged(id)) << "it is not there";
  table.Apply(Alert("a", kStart, kStart + minutes(5)), kStart);
  table.Find(id)->record = 7;
  EXPECT_TRUE(table.MarkJudged(id));
  EXPECT_FALSE(table.MarkJudged(id));
  EXPECT_EQ(table.Find(id)->record, 7U);
  const WallTime later = kStart + minutes(20);
  table.Expire(later);
  table.Apply(Alert("a", later, later + minutes(5)), later);
  EXPECT_TRUE(table.MarkJudged(id)) << "another episode";
  AlertTable next;
  next.Restore(Alert("a", later, later + minutes(5)), later);
  EXPECT_FALSE(next.MarkJudged(id)) << "the episode is another life's";
}

}  // namespace
}  // namespace watchfire::core
