// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/alert/alert.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "pkg/alert/notification_order.h"
#include "pkg/labels/set_pool.h"

namespace watchfire::alert {
namespace {

using std::chrono::seconds;

WallTime At(int second) { return WallTime(seconds(1'700'000'000 + second)); }

// An alert reported at `updated` whose activity is [starts, ends].
Alert Spell(int starts, int ends, int updated, bool timeout = false) {
  Alert alert;
  alert.labels = {{"alertname", "x"}};
  alert.annotations = {{"at", std::to_string(updated)}};
  alert.starts_at = At(starts);
  alert.ends_at = At(ends);
  alert.updated_at = At(updated);
  alert.timeout = timeout;
  return alert;
}

TEST(AlertTest, ResolvesAtItsEnd) {
  EXPECT_FALSE(Spell(0, 10, 0).Resolved(At(9)));
  EXPECT_TRUE(Spell(0, 10, 0).Resolved(At(10)));
}

TEST(AlertTest, WhoIsNotHeardOfAnyMoreHasNotSaidThatItIsOver) {
  Alert alert;
  alert.updated_at = FromNanos(1'790'000'000'000'000'000);
  alert.ends_at = alert.updated_at;
  EXPECT_FALSE(alert.FellSilent());
  alert.ends_at = alert.updated_at + std::chrono::seconds(2);
  EXPECT_FALSE(alert.FellSilent()) << "its sender's clock is ahead";
  alert.ends_at = alert.updated_at + std::chrono::minutes(4);
  EXPECT_TRUE(alert.FellSilent()) << "Prometheus says so of what fires";
  alert.ends_at = alert.updated_at;
  alert.timeout = true;
  EXPECT_TRUE(alert.FellSilent()) << "the end was ours";
}

TEST(MergeTest, DisjointOrTouchingActivityReplaces) {
  const Alert old = Spell(0, 10, 0);
  for (const Alert& next : {Spell(20, 30, 20), Spell(10, 30, 10), Spell(0, 10, 1)}) {
    EXPECT_EQ(Merge(old, next, At(20)), next);
  }
}

TEST(MergeTest, EarliestStartAndNewestAnnotationsWin) {
  const Alert merged = Merge(Spell(0, 100, 0, true), Spell(10, 110, 10, true), At(10));
  EXPECT_EQ(merged.starts_at, At(0));
  EXPECT_EQ(merged.ends_at, At(110));
  EXPECT_EQ(merged.updated_at, At(10));
  EXPECT_EQ(merged.annotations.Get("at"), "10");
}

TEST(MergeTest, AnExplicitLaterEndHoldsWhileFiringButATimeoutYields) {
  EXPECT_EQ(Merge(Spell(0, 100, 0, false), Spell(10, 50, 10), At(10)).ends_at, At(100));
  EXPECT_EQ(Merge(Spell(0, 100, 0, true), Spell(10, 50, 10), At(10)).ends_at, At(50));
}

TEST(MergeTest, AResolutionEndsItAndTheLaterOfTwoResolutionsWins) {
  EXPECT_EQ(Merge(Spell(0, 100, 0, false), Spell(0, 10, 10), At(10)).ends_at, At(10));
  EXPECT_EQ(Merge(Spell(0, 20, 20), Spell(0, 10, 30), At(30)).ends_at, At(20));
}

TEST(MergeTest, ReportsOutOfOrderGiveTheSameResult) {
  const Alert early = Spell(0, 100, 0, true);
  const Alert late = Spell(10, 50, 10);
  EXPECT_EQ(Merge(late, early, At(10)).annotations.Get("at"), "0")
      << "late does not contain early's ends: replaced";
  const Alert inside = Spell(20, 60, 5);
  EXPECT_EQ(Merge(late, inside, At(10)), Merge(inside, late, At(10)));
}

TEST(MergeTest, KeepsTheKnownActiveTime) {
  Alert old = Spell(0, 100, 0, true);
  old.active_at = At(-60);
  EXPECT_EQ(Merge(old, Spell(10, 50, 10), At(10)).active_at, At(-60));
}

// The rules of reference text, said once more without cleverness.
Alert NaiveMerge(const Alert& old, const Alert& incoming, WallTime now) {
  const bool ends_inside = incoming.ends_at > old.starts_at && incoming.ends_at < old.ends_at;
  const bool starts_inside = incoming.starts_at > old.starts_at && incoming.starts_at < old.ends_at;
  if (!ends_inside && !starts_inside) return incoming;
  Alert a = old;
  Alert o = incoming;
  if (o.updated_at < a.updated_at) std::swap(a, o);
  Alert result = o;
  if (a.starts_at < o.starts_at) result.starts_at = a.starts_at;
  if (o.ends_at <= now) {
    if (a.ends_at <= now && a.ends_at > o.ends_at) result.ends_at = a.ends_at;
  } else if (a.ends_at > o.ends_at && !a.timeout) {
    result.ends_at = a.ends_at;
  }
  return result;
}

TEST(MergeTest, AgreesWithTheNaiveRulesOnAllSmallTimes) {
  std::vector<Alert> all;
  for (int starts = 0; starts < 4; ++starts) {
    for (int ends = starts; ends < 5; ++ends) {
      for (int updated = 0; updated < 3; ++updated) {
        all.push_back(Spell(starts, ends, updated, false));
        all.push_back(Spell(starts, ends, updated, true));
      }
    }
  }
  for (const Alert& old : all) {
    for (const Alert& incoming : all) {
      for (int now = 0; now < 5; ++now) {
        ASSERT_EQ(Merge(old, incoming, At(now)), NaiveMerge(old, incoming, At(now)));
      }
    }
  }
}

TEST(NotificationOrderTest, JobThenInstanceThenLabelSet) {
  const std::vector<labels::LabelSet> sorted = {
      {{"job", "a"}, {"instance", "1"}, {"x", "9"}},
      {{"job", "a"}, {"instance", "2"}},
      {{"job", "a"}},
      {{"job", "b"}, {"instance", "0"}},
      {{"instance", "0"}, {"a", "1"}, {"b", "1"}},
      {{"a", "2"}},
      {{"a", "1"}, {"b", "1"}},
      {{"a", "1"}, {"b", "2"}},
  };
  for (size_t i = 0; i < sorted.size(); ++i) {
    for (size_t j = 0; j < sorted.size(); ++j) {
      Alert a;
      a.labels = sorted[i];
      Alert b;
      b.labels = sorted[j];
      EXPECT_EQ(NotificationOrder(a, b), i < j) << i << " " << j;
      const NotificationPlace first(a);
      EXPECT_EQ(first < NotificationPlace(b, &first), i < j) << i << " " << j;
    }
  }
}

// Sets that share their names are looked through once.
TEST(NotificationOrderTest, SetsThatShareTheirNamesAreOrderedAsOthers) {
  using Pairs = labels::LabelSet::Pairs;
  const std::vector<std::vector<Pairs>> lists = {
      {{{"a", "1"}, {"instance", "9"}, {"job", "a"}},
       {{"a", "2"}, {"instance", "1"}, {"job", "b"}},
       {{"a", "0"}, {"instance", "2"}, {"job", "b"}}},
      {{{"a", "1"}, {"instance", "1"}}, {{"a", "0"}, {"instance", "2"}}},
      {{{"job", "1"}, {"z", "2"}}, {{"job", "2"}, {"z", "1"}}},
      {{{"a", "1"}, {"b", "2"}}, {{"a", "2"}, {"b", "1"}}},
  };
  labels::SetPool pool;
  for (const std::vector<Pairs>& sorted : lists) {
    std::vector<Alert> alerts(sorted.size());
    for (size_t i = 0; i < sorted.size(); ++i) {
      alerts[i].labels = pool.Share(labels::LabelSet(Pairs(sorted[i])));
      ASSERT_TRUE(alerts[i].labels.names().IsThat(alerts[0].labels.names()));
    }
    for (size_t i = 0; i < alerts.size(); ++i) {
      for (size_t j = 0; j < alerts.size(); ++j) {
        const NotificationPlace first(alerts[i]);
        const NotificationPlace second(alerts[j], &first);
        EXPECT_EQ(first < second, i < j) << i << " " << j;
        EXPECT_EQ(second < NotificationPlace(alerts[i], &second), j < i) << i << " " << j;
      }
    }
  }
}

TEST(MergeTest, ATimeKeepsTheOffsetOfWhoeverNamedIt) {
  Alert old = Spell(0, 100, 5);
  old.starts_zone = old.ends_zone = 60;
  Alert incoming = Spell(50, 80, 6);
  incoming.starts_zone = incoming.ends_zone = -60;
  const Alert merged = Merge(old, incoming, At(10));
  EXPECT_EQ(merged.starts_at, old.starts_at);
  EXPECT_EQ(merged.starts_zone, 60);
  EXPECT_EQ(merged.ends_at, old.ends_at);
  EXPECT_EQ(merged.ends_zone, 60);
  old.timeout = true;  // Its end was made up and yields.
  EXPECT_EQ(Merge(old, incoming, At(10)).ends_zone, -60);
}

TEST(CodecTest, DecodeUndoesEncode) {
  Alert alert = Spell(0, 100, 5, true);
  alert.annotations = {{"empty", ""}, {"text", "a\"b\\\n\u03a3\x01<&>"}};
  alert.starts_at += std::chrono::nanoseconds(123'456'789);
  alert.active_at = At(-3);
  alert.generator_url = "http://p/graph?g0.expr=a%20b";
  alert.starts_zone = 120;
  alert.ends_zone = -210;
  EXPECT_EQ(Decode(Encode(alert)).value(), alert);
  EXPECT_EQ(Decode(Encode(Alert())).value(), Alert());
}

TEST(CodecTest, ADamagedRecordIsCorrupt) {
  const std::string good = Encode(Spell(0, 100, 5));
  for (size_t length = 0; length < good.size(); ++length) {
    const Result<Alert> decoded = Decode(std::string_view(good).substr(0, length));
    ASSERT_FALSE(decoded) << length;
    EXPECT_EQ(decoded.error().code, Code::kCorrupt);
  }
  for (const char* bad :
       {"[]", "{}", R"({"labels":[],"annotations":{},"generator_url":"","timeout":false})",
        R"({"labels":{"a":1},"annotations":{},"generator_url":"","timeout":false})",
        R"({"labels":{},"annotations":null,"generator_url":"","timeout":false})",
        R"({"labels":{},"annotations":{},"starts_at":"x","generator_url":"","timeout":false})",
        R"({"labels":{},"annotations":{},"ends_zone":9999,"generator_url":"","timeout":false})",
        R"({"labels":{},"annotations":{},"generator_url":"","timeout":1})"}) {
    EXPECT_FALSE(Decode(bad)) << bad;
  }
}

}  // namespace
}  // namespace watchfire::alert
