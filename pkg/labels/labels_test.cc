// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/labels/labels.h"

#include <gtest/gtest.h>

#include "pkg/base/strings.h"

namespace watchfire::labels {
namespace {

std::string Print(const LabelSet& set) { return Hex64(set.fingerprint()); }

TEST(LabelSetTest, FingerprintsAsPrometheusDoes) {
  EXPECT_EQ(Print({}), "cbf29ce484222325");
  EXPECT_EQ(Print({{"severity", "warning"}, {"job", "foo"}}), "9266ef3da838ad95");
  EXPECT_EQ(Print({{"severity", "critical"}, {"job", "foo"}}), "3b15fd163d36582e");
  EXPECT_EQ(Print({{"severity", "critical"}, {"job", "bar"}}), "c7e68cb08e3e67f9");
  EXPECT_EQ(Print({{"alertname", "alert1"}, {"severity", "critical"}}), "0223b772b51c29e1");
}

TEST(LabelSetTest, FingerprintsOfManyAreThoseOfEach) {
  std::vector<LabelSet> sets;
  for (size_t i = 0; i < 10; ++i) {
    LabelSet::Pairs pairs = {{"alertname", "A"}, {"pod", "p" + std::string(i % 5 * 7, 'x')}};
    if (i % 9 == 3) pairs.emplace_back("é", "\xff\x01");
    sets.emplace_back(std::move(pairs));
  }
  sets.emplace_back();
  sets.push_back(sets[2].Over(sets[1], {"", "other"}));
  std::vector<const LabelSet*> all;
  for (const LabelSet& set : sets) all.push_back(&set);
  LabelSet::WorkOutFingerprints(all);
  for (const LabelSet& set : sets) {
    EXPECT_EQ(set.fingerprint(), LabelSet(set.pairs()).fingerprint()) << set.ToString();
  }
  LabelSet::WorkOutFingerprints({});
}

TEST(LabelSetTest, FindsALabelByItsWholeName) {
  const std::string large(70'000, 'v');
  for (const std::string& value : {std::string("1"), std::string(), large}) {
    const LabelSet set{{"a", "0"}, {"ab", value}, {"abc", "2"}, {"b", "abc"}};
    EXPECT_EQ(set.Get("ab"), value);
    EXPECT_EQ(set.Get("abc"), "2");
    EXPECT_EQ(set.Get("b"), "abc");
    EXPECT_TRUE(set.Has("ab"));
    for (const char* name : {"", "c", "abcd", "bc", "a0"}) {
      EXPECT_FALSE(set.Has(name)) << name;
      EXPECT_EQ(set.Get(name), "") << name;
    }
  }
  EXPECT_FALSE(LabelSet().Has("a"));
}

TEST(LabelSetTest, SortsAndLastDuplicateWins) {
  const LabelSet set{{"b", "1"}, {"a", "2"}, {"b", "3"}};
  EXPECT_EQ(set.ToString(), R"({a="2", b="3"})");
  EXPECT_EQ(set.Get("b"), "3");
  EXPECT_EQ(set.Get("c"), "");
}

TEST(LabelSetTest, WithOverlaysAndAnEmptyValueRemoves) {
  const LabelSet set{{"a", "1"}, {"b", "2"}};
  EXPECT_EQ(set.With({{"b", ""}, {"c", "3"}}), (LabelSet{{"a", "1"}, {"c", "3"}}));
  EXPECT_EQ(set.Only({"b", "z"}), (LabelSet{{"b", "2"}}));
}

TEST(LabelSetTest, HoldsTextsOfAnyLength) {
  const std::string long_text(70'000, 'x');
  const LabelSet set{{"b", long_text}, {"a", ""}, {"c", "y"}};
  EXPECT_EQ(set.Get("a"), "");
  EXPECT_TRUE(set.Has("a"));
  EXPECT_EQ(set.Get("b"), long_text);
  EXPECT_EQ(set.Get("c"), "y");
  EXPECT_EQ(set.bytes(), 70'004u);
}

TEST(LabelSetTest, TheSameTextCutElsewhereIsAnotherSet) {
  EXPECT_NE((LabelSet{{"ab", "c"}}), (LabelSet{{"a", "bc"}}));
  EXPECT_NE((LabelSet{{"a", "b"}}), LabelSet());
  EXPECT_EQ(LabelSet::FromViews({{"b", "1"}, {"a", "2"}, {"b", "3"}}),
            (LabelSet{{"a", "2"}, {"b", "3"}}));
}

TEST(LabelSetTest, TextsLiveAsLongAsAnyCopy) {
  LabelSet copy;
  std::string_view value;
  {
    const LabelSet set{{"a", "a text too long to be kept in place"}};
    copy = set;
    value = set.Get("a");
  }
  EXPECT_EQ(value, "a text too long to be kept in place");
  const LabelSet moved = std::move(copy);
  EXPECT_EQ(moved.Get("a"), value);
}

TEST(LabelSetTest, OrdersAsAlertmanagerDoes) {
  const LabelSet one{{"z", "9"}};
  const LabelSet ab{{"a", "1"}, {"b", "1"}};
  const LabelSet ac{{"a", "1"}, {"c", "1"}};
  const LabelSet ab2{{"a", "1"}, {"b", "2"}};
  EXPECT_TRUE(one.Before(ab));
  EXPECT_TRUE(ac.Before(ab));  // ac lacks "b", the first name that differs.
  EXPECT_TRUE(ab.Before(ab2));
  EXPECT_FALSE(ab.Before(ab));
}

}  // namespace
}  // namespace watchfire::labels
