// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/dispatch/members.h"

#include <map>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/base/rng.h"

namespace watchfire::dispatch {
namespace {

using Known = std::map<uint64_t, std::shared_ptr<const alert::Alert>>;

std::shared_ptr<const alert::Alert> Pod(uint64_t number) {
  alert::Alert alert;
  alert.labels = labels::LabelSet({{"alertname", "Down"}, {"pod", std::to_string(number)}});
  return std::make_shared<const alert::Alert>(std::move(alert));
}

// By walking, by asking, and in the order in which they are told.
void ExpectSame(const Members& members, const Known& known) {
  EXPECT_EQ(members.size(), known.size());
  EXPECT_EQ(members.empty(), known.empty());
  EXPECT_THAT(Known(members.begin(), members.end()), testing::ContainerEq(known));
  EXPECT_TRUE(std::ranges::is_sorted(members, {}, &Members::Entry::first));
  for (const auto& [fingerprint, alert] : known) {
    ASSERT_TRUE(members.contains(fingerprint));
    EXPECT_EQ(members.at(fingerprint), alert);
    EXPECT_FALSE(members.contains(fingerprint + 1));
  }
  EXPECT_EQ(members.order()->size(), known.size());
  for (const uint64_t fingerprint : *members.order()) EXPECT_TRUE(known.contains(fingerprint));
}

TEST(MembersTest, AreThoseThatCameAndDidNotGoHoweverManyTheyAre) {
  for (const uint64_t pods : {3U, 60U, 200U, 2000U}) {
    Rng rng(pods);
    Members members;
    Known known;
    ExpectSame(members, known);
    for (uint64_t round = 0; round < 3 * pods; ++round) {
      const auto alert = Pod(rng.Below(pods));
      const uint64_t version = members.version();
      const uint64_t turnover = members.turnover();
      const bool is_known = known.contains(alert->fingerprint());
      if (is_known && rng.Below(3) == 0) {
        members.Erase(members.find(alert->fingerprint()));
        known.erase(alert->fingerprint());
        EXPECT_EQ(members.turnover(), turnover + 1);
      } else {
        members.Put(alert);
        known.insert_or_assign(alert->fingerprint(), alert);
        EXPECT_EQ(members.turnover(), turnover + (is_known ? 0 : 1));
      }
      EXPECT_EQ(members.version(), version + 1);
    }
    ExpectSame(members, known);
    const auto is_odd = [](const auto& entry) { return entry.first % 2 == 1; };
    members.EraseIf(is_odd);
    std::erase_if(known, is_odd);
    ExpectSame(members, known);
    const uint64_t version = members.version();
    members.EraseIf(is_odd);
    EXPECT_EQ(members.version(), version) << "nobody left";
    while (!known.empty()) {
      members.Erase(members.find(known.begin()->first));
      known.erase(known.begin());
    }
    ExpectSame(members, known);
    members.Put(Pod(1));
    EXPECT_EQ(members.size(), 1U);
  }
}

// As the core does, to whom what it is asked about is another look-up.
TEST(MembersTest, WhoIsAskedWhetherOneIsGoneMayLookAtAll) {
  Members members;
  Known known;
  for (uint64_t i = 0; i < 1000; ++i) {
    members.Put(Pod(i));
    known.emplace(Pod(i)->fingerprint(), members.at(Pod(i)->fingerprint()));
  }
  const uint64_t median = std::next(known.begin(), 500)->first;
  const auto is_gone = [&](const auto& entry) {
    EXPECT_EQ(members.at(entry.first), entry.second);
    EXPECT_EQ(static_cast<size_t>(std::distance(members.begin(), members.end())), known.size());
    return entry.first < median || entry.first % 16 == 0;
  };
  members.EraseIf(is_gone);
  std::erase_if(known,
                [&](const auto& entry) { return entry.first < median || entry.first % 16 == 0; });
  ExpectSame(members, known);
  members.EraseIf([](const auto&) { return true; });
  ExpectSame(members, {});
  members.Put(Pod(1));
  EXPECT_EQ(members.size(), 1U);
}

}  // namespace
}  // namespace watchfire::dispatch
