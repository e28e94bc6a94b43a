// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/slo/ledger.h"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace watchfire::slo {
namespace {

using std::chrono::hours;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr int64_t kStart = 20'000 * 1440;

labels::LabelSet Zone(const std::string& name) { return labels::LabelSet{{"zone", name}}; }
Counted In(const std::string& zone, double bad, double total) { return {Zone(zone), {bad, total}}; }
promql::Sample Sample(const labels::LabelSet& labels, double value) {
  return {labels, kNoTime, value};
}

Events Of(const Ledger& ledger, const labels::LabelSet& labels, int64_t from, int64_t to) {
  for (const Ledger::Series& series : ledger.series()) {
    if (series.labels == labels) return series.history.Between(from, to);
  }
  ADD_FAILURE() << labels.ToString() << " is not there";
  return {};
}

TEST(LedgerTest, AnswersAreJoinedByTheirLabels) {
  const auto joined = Join({Sample(Zone("a"), 3), Sample(Zone("lost"), 9)},
                           {Sample(Zone("a").With({{"__name__", "calls"}}), 10),
                            Sample(Zone("b"), 20), Sample(Zone("nan"), std::nan(""))});
  ASSERT_TRUE(joined);
  // No error series: no errors. No total: it comes with another slot.
  EXPECT_THAT(*joined, ElementsAre(In("a", 3, 10), In("b", 0, 20), In("lost", 9, 0)));
  const auto twice =
      Join({}, {Sample(Zone("a").With({{"__name__", "x"}}), 1), Sample(Zone("a"), 1)});
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().code, Code::kConflict);
}

TEST(LedgerTest, LabelSetsComeAndAreZeroWhenNotNamed) {
  Ledger ledger(kStart, {});
  ledger.Write(Level::kMinute, kStart, {In("a", 1, 10)});
  ledger.Advance(kStart + 1);
  ledger.Write(Level::kMinute, kStart + 1, {In("b", 2, 20)});
  ASSERT_THAT(ledger.series(), SizeIs(2));
  EXPECT_EQ(Of(ledger, Zone("a"), kStart, kStart + 2), (Events{1, 10}));
  EXPECT_EQ(Of(ledger, Zone("b"), kStart, kStart + 2), (Events{2, 20}));
  EXPECT_EQ(ledger.Between(kStart, kStart + 2), (Events{3, 30}));
  // The corrected answer names only b.
  ledger.Write(Level::kMinute, kStart, {In("b", 0, 7)});
  EXPECT_EQ(Of(ledger, Zone("a"), kStart, kStart + 2), Events());
  EXPECT_EQ(ledger.Between(kStart, kStart + 2), (Events{2, 27}));
}

TEST(LedgerTest, KnowsWhatItWasToldAndSinceWhenThereIsAnything) {
  Ledger ledger(kStart, {});
  EXPECT_EQ(ledger.CoverageOf(kStart - 10, kStart + 1), 0);
  ledger.Write(Level::kMinute, kStart, {In("a", 0, 1)});
  ledger.Advance(kStart + 9);
  EXPECT_TRUE(ledger.coverage().Known(Level::kMinute, kStart));
  EXPECT_FALSE(ledger.coverage().Known(Level::kMinute, kStart + 1));
  EXPECT_EQ(ledger.CoverageOf(kStart, kStart + 10), 0.1);
  // Answers without data before the first event: known, and still no history.
  for (int64_t slot = kStart - 5; slot < kStart; ++slot) ledger.Write(Level::kMinute, slot, {});
  EXPECT_TRUE(ledger.coverage().Known(Level::kFiveMinutes, kStart / 5 - 1));
  EXPECT_EQ(ledger.CoverageOf(kStart - 10, kStart + 10), 0.05);
  EXPECT_EQ(ledger.coverage().KnownMinutes(Level::kHour, kStart / 60 - 1), 5);
  EXPECT_EQ(ledger.coverage().KnownMinutes(Level::kHour, kStart / 60), 1);
}

TEST(LedgerTest, ACoarseSlotCompletesOneThatWasPartlyKnown) {
  const int64_t newest = kStart + 10 * 60;
  Ledger ledger(newest, {});
  // Minutes of long ago were stored; the rest of their slot comes as a whole.
  ledger.WritePart(Level::kFiveMinutes, kStart / 5, 2, {In("a", 1, 20)});
  EXPECT_FALSE(ledger.coverage().Known(Level::kFiveMinutes, kStart / 5));
  ledger.Write(Level::kFiveMinutes, kStart / 5, {In("a", 3, 50)});
  EXPECT_TRUE(ledger.coverage().Known(Level::kFiveMinutes, kStart / 5));
  EXPECT_EQ(ledger.coverage().KnownMinutes(Level::kDay, kStart / 1440), 5);
  EXPECT_EQ(ledger.Between(kStart, newest + 1), (Events{3, 50}));
}

TEST(LedgerTest, TooManyLabelSetsAreAddedUpInOne) {
  LedgerOptions options;
  options.series_max = 2;
  Ledger ledger(kStart, options);
  ledger.Write(Level::kMinute, kStart, {In("small", 1, 1), In("big", 0, 100), In("mid", 2, 50)});
  EXPECT_TRUE(ledger.overflowing());
  ASSERT_THAT(ledger.series(), SizeIs(3));
  EXPECT_EQ(Of(ledger, Zone("big"), kStart, kStart + 1), (Events{0, 100}));
  EXPECT_EQ(Of(ledger, OtherLabels(), kStart, kStart + 1), (Events{1, 1}));
  ledger.Write(Level::kMinute, kStart, {In("small", 1, 1), In("big", 0, 100), In("mid", 2, 50)});
  EXPECT_EQ(ledger.Between(kStart, kStart + 1), (Events{3, 151}));
}

TEST(LedgerTest, ForgetsWhatHasBeenSilentForLong) {
  LedgerOptions options;
  options.retention = hours(24 * 30);
  Ledger ledger(kStart, options);
  ledger.Write(Level::kMinute, kStart, {In("gone", 1, 1), In("here", 1, 1)});
  ledger.Advance(kStart + 29 * 1440);
  ledger.Write(Level::kMinute, kStart + 29 * 1440, {In("here", 0, 5)});
  EXPECT_THAT(ledger.series(), SizeIs(2));
  ledger.Advance(kStart + 31 * 1440);
  ASSERT_THAT(ledger.series(), SizeIs(1));
  EXPECT_EQ(ledger.series()[0].labels, Zone("here"));
  ledger.Write(Level::kMinute, kStart + 31 * 1440, {In("never", 0, 0)});
  EXPECT_THAT(ledger.series(), SizeIs(1));
}

TEST(LedgerTest, CountsWhatCannotBe) {
  Ledger ledger(kStart, {});
  ledger.Write(Level::kMinute, kStart, {In("a", 11, 10)});
  EXPECT_EQ(ledger.anomalies(), 1U);
  EXPECT_EQ(ledger.Between(kStart, kStart + 1), (Events{11, 10}));
  ledger.Write(Level::kMinute, kStart - 1, {In("a", -1, 10)});
  EXPECT_EQ(ledger.anomalies(), 2U) << "eleven of ten were good";
  ledger.Write(Level::kMinute, kStart - 2, {In("a", 10, 10), In("b", 0, 10), In("c", 0, 0)});
  EXPECT_EQ(ledger.anomalies(), 2U);
}

TEST(LedgerTest, SaysWhichHoursChanged) {
  Ledger ledger(kStart, {});
  ledger.Write(Level::kMinute, kStart, {In("a", 0, 1)});
  ledger.Write(Level::kMinute, kStart - 1, {In("a", 0, 1)});
  EXPECT_THAT(ledger.TakeDirtyHours(), ElementsAre(kStart / 60 - 1, kStart / 60));
  EXPECT_THAT(ledger.TakeDirtyHours(), IsEmpty());
}

TEST(LedgerTest, AnUngroupedSliFitsInto45Kilobytes) {
  Ledger ledger(kStart, {});
  ledger.Write(Level::kMinute, kStart, {{{}, {0, 1}}});
  std::printf("[          ] %zu bytes an ungrouped SLI\n", ledger.Bytes());
  EXPECT_LT(ledger.Bytes(), 45'000U);
}

}  // namespace
}  // namespace watchfire::slo
