// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/labels/name_pool.h"

#include <gtest/gtest.h>

namespace watchfire::labels {
namespace {

TEST(NamePoolTest, ASharedSetIsTheSameSet) {
  NamePool pool;
  const LabelSet plain{{"alertname", "Down"}, {"empty", ""}, {"job", "api"}};
  const LabelSet shared = pool.Share(plain);
  EXPECT_EQ(shared, plain);
  EXPECT_EQ(plain, shared);
  EXPECT_EQ(shared.fingerprint(), plain.fingerprint());
  EXPECT_EQ(shared.bytes(), plain.bytes());
  EXPECT_EQ(shared.ToString(), plain.ToString());
  EXPECT_EQ(shared.Get("job"), "api");
  EXPECT_TRUE(shared.Has("empty"));
  EXPECT_EQ(shared.With({{"job", "web"}}), plain.With({{"job", "web"}}));
  EXPECT_EQ(pool.Share(shared), plain) << "again";
  EXPECT_TRUE(pool.Share({}).empty());
}

TEST(NamePoolTest, SetsDifferByNamesAndByValues) {
  NamePool pool;
  const LabelSet set = pool.Share({{"a", "1"}, {"b", "2"}});
  EXPECT_NE(set, pool.Share({{"a", "1"}, {"b", "3"}}));
  EXPECT_NE(set, pool.Share({{"a", "12"}, {"b", ""}})) << "the same text cut elsewhere";
  EXPECT_NE(set, pool.Share({{"a", "1"}, {"c", "2"}}));
  EXPECT_NE(set, (LabelSet{{"a", "1"}, {"c", "2"}}));
  EXPECT_NE(set, (LabelSet{{"a", "1"}}));
  EXPECT_NE(set, LabelSet());
}

TEST(NamePoolTest, NamesLiveAsLongAsASetAndTextsOfAnyLength) {
  NamePool pool;
  const std::string long_text(70'000, 'x');
  LabelSet set = pool.Share({{"a", long_text}, {"b", "y"}});
  EXPECT_EQ(pool.size(), 1U);
  (void)pool.Share({{"c", ""}});
  EXPECT_EQ(pool.size(), 2U);
  pool.Sweep();
  EXPECT_EQ(pool.size(), 1U) << "one is in use";
  pool = NamePool();
  EXPECT_EQ(set.Get("a"), long_text);
  EXPECT_EQ(set.at(1).name, "b");
  EXPECT_EQ(set.at(1).value, "y");
}

}  // namespace
}  // namespace watchfire::labels
