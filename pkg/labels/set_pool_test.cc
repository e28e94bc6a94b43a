// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/labels/set_pool.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace watchfire::labels {
namespace {

TEST(SetPoolTest, ASharedSetIsTheSameSet) {
  SetPool pool;
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

TEST(SetPoolTest, SetsDifferByNamesAndByValues) {
  SetPool pool;
  const LabelSet set = pool.Share({{"a", "1"}, {"b", "2"}});
  EXPECT_NE(set, pool.Share({{"a", "1"}, {"b", "3"}}));
  EXPECT_NE(set, pool.Share({{"a", "12"}, {"b", ""}})) << "the same text cut elsewhere";
  EXPECT_NE(set, pool.Share({{"a", "1"}, {"c", "2"}}));
  EXPECT_NE(set, (LabelSet{{"a", "1"}, {"c", "2"}}));
  EXPECT_NE(set, (LabelSet{{"a", "1"}}));
  EXPECT_NE(set, LabelSet());
}

TEST(SetPoolTest, NamesLiveAsLongAsASetAndTextsOfAnyLength) {
  SetPool pool;
  const std::string long_text(70'000, 'x');
  LabelSet set = pool.Share({{"a", long_text}, {"b", "y"}});
  EXPECT_EQ(pool.size(), 1U);
  (void)pool.Share({{"c", ""}});
  EXPECT_EQ(pool.size(), 2U);
  pool.Sweep();
  EXPECT_EQ(pool.size(), 1U) << "one is in use";
  pool = SetPool();
  EXPECT_EQ(set.Get("a"), long_text);
  EXPECT_EQ(set.at(1).name, "b");
  EXPECT_EQ(set.at(1).value, "y");
}

LabelSet Pod(const std::string& cluster, const std::string& pod) {
  return {{"alertname", "KubernetesWorkloadUnavailable"}, {"cluster", cluster}, {"pod", pod}};
}

TEST(SetPoolTest, NeighboursShareTheirValues) {
  SetPool pool;
  const LabelSet first = pool.Share(Pod("prod", "web-1"));
  const LabelSet second = pool.Share(Pod("prod", "web-2"));
  EXPECT_EQ(second.base(), first);
  EXPECT_EQ(second.at(0).value.data(), first.at(0).value.data()) << "one text";
  EXPECT_EQ(second.at(1).value.data(), first.at(1).value.data());
  const LabelSet plain = Pod("prod", "web-2");
  EXPECT_EQ(second, plain);
  EXPECT_EQ(plain, second);
  EXPECT_NE(second, first);
  EXPECT_NE(first, second);
  EXPECT_EQ(second, pool.Share(Pod("prod", "web-2"))) << "over the same base";
  EXPECT_NE(second, pool.Share(Pod("prod", "web-3"))) << "over the same base";
  EXPECT_EQ(second.fingerprint(), plain.fingerprint());
  EXPECT_EQ(second.bytes(), plain.bytes());
  EXPECT_EQ(second.ToString(), plain.ToString());
  EXPECT_EQ(second.Get("cluster"), "prod");
  EXPECT_EQ(second.Get("pod"), "web-2");
  EXPECT_EQ(second.Get("job"), "");
  EXPECT_FALSE(second.Has("job"));
  EXPECT_FALSE(second.Before(first));
  EXPECT_TRUE(first.Before(second));
  EXPECT_EQ(second.Only({"pod"}), (LabelSet{{"pod", "web-2"}}));
}

TEST(SetPoolTest, ABaseLivesAsLongAsWhatStandsOverIt) {
  SetPool pool;
  (void)pool.Share(Pod("prod", "web-1"));
  const LabelSet second = pool.Share(Pod("prod", "web-2"));
  pool.Sweep();
  pool = SetPool();
  EXPECT_EQ(second, Pod("prod", "web-2"));
}

TEST(SetPoolTest, AnEmptyValueIsNotTakenForTheBases) {
  SetPool pool;
  const LabelSet first = pool.Share(Pod("prod", "web-1"));
  const LabelSet empty = pool.Share(Pod("", "web-1"));
  EXPECT_EQ(empty, Pod("", "web-1"));
  EXPECT_EQ(empty.Get("cluster"), "");
  EXPECT_TRUE(empty.Has("cluster"));
  EXPECT_NE(empty, first);
  // The other way round it may.
  const LabelSet third = pool.Share(Pod("prod", "web-1"));
  EXPECT_EQ(third.base(), empty);
  EXPECT_EQ(third, first);
}

// Bases do not stand over bases, however the sets come: looking up takes two steps at most.
TEST(SetPoolTest, BasesAreKeptInFull) {
  SetPool pool;
  const auto depth = [](const LabelSet& set) {
    int steps = 0;
    for (const LabelSet* at = &set; !at->base().empty(); at = &at->base()) ++steps;
    return steps;
  };
  for (int row = 0; row < 20; ++row) {
    const std::string cluster = "a-cluster-with-a-long-name-" + std::to_string(row);
    int most = 0;
    for (int i = 0; i < 10; ++i) {
      const LabelSet plain = Pod(cluster, "web-" + std::to_string(i % (row + 1)));
      const LabelSet shared = pool.Share(plain);
      EXPECT_EQ(shared, plain);
      most = std::max(most, depth(shared));
    }
    EXPECT_EQ(most, 2) << "row " << row;
  }
  EXPECT_EQ(pool.size(), 1U);
}

TEST(SetPoolTest, ANewRowHasABaseOfItsOwn) {
  SetPool pool;
  const std::string far(100, 'x');
  const std::string near(100, 'y');
  (void)pool.Share(Pod(far, "web-1"));
  (void)pool.Share(Pod(far, "web-2"));
  (void)pool.Share(Pod(near, "web-3"));
  const LabelSet second = pool.Share(Pod(near, "web-4"));
  const LabelSet third = pool.Share(Pod(near, "web-5"));
  EXPECT_EQ(third.base(), second);
}

LabelSet Make(SetPool* pool, std::vector<Label> labels) { return pool->Make(&labels); }

TEST(SetPoolTest, MakesTheSetsThatItWouldShare) {
  SetPool pool;
  const LabelSet first =
      Make(&pool, {{"alertname", "KubernetesWorkloadUnavailable"}, {"pod", "1"}});
  const LabelSet second =
      Make(&pool, {{"pod", "2"}, {"alertname", "KubernetesWorkloadUnavailable"}});
  const LabelSet third =
      Make(&pool, {{"alertname", "KubernetesWorkloadUnavailable"}, {"pod", "0"}, {"pod", "3"}});
  EXPECT_TRUE(first.base().empty()) << "nobody has come to share it with";
  EXPECT_EQ(third.base(), second);
  for (const auto& [set, pod] :
       {std::pair(first, "1"), std::pair(second, "2"), std::pair(third, "3")}) {
    const LabelSet plain{{"alertname", "KubernetesWorkloadUnavailable"}, {"pod", pod}};
    EXPECT_EQ(set, plain);
    EXPECT_EQ(set.fingerprint(), plain.fingerprint());
  }
  EXPECT_TRUE(Make(&pool, {}).empty());
}

TEST(SetPoolTest, KnowsWhatIsSharedAlready) {
  LabelSet alone;
  LabelSet first;
  LabelSet second;
  LabelSet third;
  LabelSet fourth;
  LabelSet lonely;
  {
    SetPool batch;
    for (LabelSet* set : {&alone, &first, &second, &third, &fourth}) {
      *set = Make(&batch, {{"alertname", "KubernetesWorkloadUnavailable"}, {"pod", "web"}});
    }
    for (int i = 0; i < 2; ++i) lonely = Make(&batch, {{"alertname", "Other"}, {"job", "api"}});
  }
  SetPool pool;
  EXPECT_FALSE(SetPool::IsShared(alone)) << "it came first";
  EXPECT_TRUE(SetPool::IsShared(first)) << "the others stand over it";
  EXPECT_TRUE(SetPool::IsShared(second));
  fourth = third = LabelSet();
  EXPECT_FALSE(SetPool::IsShared(second)) << "hardly anybody else is left";
  EXPECT_FALSE(SetPool::IsShared(lonely)) << "nobody else has its names";
  EXPECT_FALSE(SetPool::IsShared(LabelSet{{"a", "b"}}));
  const LabelSet shared = pool.Share(lonely);
  EXPECT_EQ(shared, lonely);
  const LabelSet next = pool.Share({{"alertname", "Other"}, {"job", "web"}});
  EXPECT_TRUE(next.names().IsThat(shared.names()));
}

}  // namespace
}  // namespace watchfire::labels
