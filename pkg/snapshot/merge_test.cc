// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/snapshot/merge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace watchfire::snapshot {
namespace {

using std::chrono::hours;
using std::chrono::nanoseconds;
using testing::ElementsAre;
using testing::IsEmpty;

const WallTime kNow = ParseTime("2026-08-22T14:00:00Z").value();

silence::Silence Silence(const std::string& id, WallTime updated_at, WallTime ends_at) {
  silence::Silence silence;
  silence.id = id;
  silence.matcher_sets = {{matcher::Matcher::Create(matcher::Op::kEqual, "a", "1").value()}};
  silence.starts_at = kNow - hours(500);
  silence.ends_at = ends_at;
  silence.updated_at = updated_at;
  return silence;
}

TEST(MergeSilencesTest, KeepsEndedOnesForAsLongAsOthers) {
  const silence::Silence active = Silence("active", kNow - hours(1), kNow + hours(1));
  const silence::Silence ended = Silence("ended", kNow, kNow - hours(120) + nanoseconds(1));
  const silence::Silence gone = Silence("gone", kNow, kNow - hours(120));
  const Merged merged = MergeSilences({active, ended, gone}, {}, kNow, hours(120));
  EXPECT_THAT(merged.records, ElementsAre(silence::Encode(active), silence::Encode(ended)));
  EXPECT_EQ(merged.expired, 1U);
  EXPECT_EQ(merged.known, 0U);
}

TEST(MergeSilencesTest, TheLaterUpdatedIsRight) {
  const silence::Silence old = Silence("x", kNow - hours(2), kNow + hours(1));
  const silence::Silence fresh = Silence("x", kNow - hours(1), kNow + hours(5));
  EXPECT_THAT(MergeSilences({fresh}, {silence::Encode(old)}, kNow, hours(120)).records,
              ElementsAre(silence::Encode(fresh)));
  const Merged known = MergeSilences({old, fresh}, {silence::Encode(fresh)}, kNow, hours(120));
  EXPECT_THAT(known.records, IsEmpty());
  EXPECT_EQ(known.known, 2U);
  for (const auto& twice : {std::vector{old, fresh}, std::vector{fresh, old}}) {
    const Merged merged = MergeSilences(twice, {}, kNow, hours(120));
    EXPECT_THAT(merged.records, ElementsAre(silence::Encode(fresh)));
    EXPECT_EQ(merged.known, 1U);
  }
  const Record broken = {Table::kSilence, "x", "{"};
  EXPECT_THAT(MergeSilences({old}, {broken}, kNow, hours(120)).records,
              ElementsAre(silence::Encode(old)));
}

Told Entry(WallTime at, WallTime expires_at) {
  Told told;
  told.key = {"{}:{}", "on-call", "webhook", 0};
  told.entry.at = at;
  told.entry.expires_at = expires_at;
  told.entry.foreign = nflog::Foreign{{1}, {}, at, kNoTime};
  return told;
}

TEST(MergeNflogTest, TheLaterToldIsRight) {
  const Told old = Entry(kNow - hours(2), kNow + hours(1));
  const Told fresh = Entry(kNow - hours(1), kNow + hours(1));
  const Merged merged = MergeNflog({fresh}, {nflog::Encode(old.key, old.entry)}, kNow);
  ASSERT_EQ(merged.records.size(), 1U);
  const auto entry = nflog::Decode(merged.records[0]);
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->second.at, fresh.entry.at);
  EXPECT_EQ(entry->second.foreign->until, kNow + kAdoptWithin);

  const Merged known = MergeNflog({old}, {nflog::Encode(fresh.key, fresh.entry)}, kNow);
  EXPECT_THAT(known.records, IsEmpty());
  EXPECT_EQ(known.known, 1U);
  EXPECT_EQ(MergeNflog({Entry(kNow - hours(1), kNow)}, {}, kNow).expired, 1U);
}

}  // namespace
}  // namespace watchfire::snapshot
