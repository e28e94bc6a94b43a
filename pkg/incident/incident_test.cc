// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/incident/incident.h"

#include <gtest/gtest.h>

#include "pkg/base/limits.h"

namespace watchfire::incident {
namespace {

using std::chrono::seconds;

const WallTime kStart = FromNanos(1'700'000'000'000'000'000);

Page ApiDown() {
  return {"on-call", "{}:{service=\"api\"}", "victorops", "ApiDown", "critical", "core",
          kStart,    kStart + seconds(1),    {"ApiDown"}};
}
const Ack kAda{"ada", ActorType::kHuman, "api", "looking"};

const Histogram& Only(const HistogramMap& map) { return map.series().begin()->second; }

TEST(RegistryTest, AckTimeRunsFromTheFirstAcceptedPage) {
  Registry registry;
  registry.OnAttempt(ApiDown(), kStart + seconds(5));
  registry.OnPaged(ApiDown(), kStart + seconds(8));
  registry.OnPaged(ApiDown(), kStart + seconds(60));  // A repeat starts no new clock.
  ASSERT_TRUE(registry.Acknowledge(1, kAda, kStart + seconds(98)));

  EXPECT_EQ(registry.Find(1)->state, State::kAcknowledged);
  const auto& [labels, histogram] = *registry.stats().ack_seconds.series().begin();
  EXPECT_EQ(labels, (LabelValues{"core", "critical", "victorops", "human", "first"}));
  EXPECT_DOUBLE_EQ(histogram.sum(), 90);
  EXPECT_DOUBLE_EQ(Only(registry.stats().page_seconds).sum(), 7);
  EXPECT_EQ(registry.stats().pages.begin()->second, 1U);
}

TEST(RegistryTest, ASecondAckChangesNoFigure) {
  Registry registry;
  registry.OnAttempt(ApiDown(), kStart);
  ASSERT_TRUE(registry.Acknowledge(1, kAda, kStart + seconds(10)));
  ASSERT_TRUE(registry.Acknowledge(1, {"bob", ActorType::kHuman, "api", ""}, kStart + seconds(20)));
  EXPECT_EQ(registry.Find(1)->acked_by, "ada");
  EXPECT_EQ(registry.Find(1)->acked_at, kStart + seconds(10));
  EXPECT_DOUBLE_EQ(Only(registry.stats().ack_seconds).sum(), 10);
}

TEST(RegistryTest, RecoveryClosesAndTheNextPageOpensANewOne) {
  Registry registry;
  registry.OnAttempt(ApiDown(), kStart);
  registry.OnPaged(ApiDown(), kStart);
  ASSERT_TRUE(registry.OnRecovered("on-call", ApiDown().group_key, kStart + seconds(300)));
  EXPECT_EQ(registry.Find(1)->state, State::kResolved);
  EXPECT_EQ(registry.stats().resolved_unacked.begin()->second, 1U);
  EXPECT_FALSE(registry.OnRecovered("on-call", ApiDown().group_key, kStart + seconds(301)));
  EXPECT_EQ(registry.Acknowledge(1, kAda, kStart).error().code, Code::kConflict);

  registry.OnAttempt(ApiDown(), kStart + seconds(400));
  EXPECT_EQ(registry.Find(2)->state, State::kTriggered);
}

TEST(RegistryTest, EveryStateSurvivesARestart) {
  Registry registry;
  std::vector<Record> records;
  records.push_back(registry.OnAttempt(ApiDown(), kStart));
  records.push_back(registry.OnPaged(ApiDown(), kStart + seconds(1)).value());
  records.push_back(registry.Acknowledge(1, kAda, kStart + seconds(2)).value());
  records.push_back(registry.Resolve(1, kAda, kStart + seconds(3)).value());
  for (const Record& record : records) {
    Registry restarted;
    ASSERT_TRUE(restarted.Restore(record));
    EXPECT_EQ(ToJson(*restarted.Find(1)), *record.value);
    restarted.OnAttempt(ApiDown(), kStart + seconds(9));
    const bool was_open = restarted.all().size() == 1;
    EXPECT_EQ(was_open, record.value->find("\"state\":\"resolved\"") == std::string::npos);
  }
  EXPECT_FALSE(Registry().Restore({Table::kIncident, "1", "{\"id\":\"x\"}"}));
}

TEST(RegistryTest, FindsByTheVendorsEntityId) {
  Registry registry;
  registry.OnAttempt(ApiDown(), kStart);
  Page other = ApiDown();
  other.receiver = "second";
  registry.OnAttempt(other, kStart);
  EXPECT_EQ(registry.FindOpenByEntity(registry.Find(1)->entity_id), (std::vector<uint64_t>{1, 2}));
  EXPECT_TRUE(registry.FindOpenByEntity("nonsense").empty());
}

TEST(RegistryTest, RefusesUnknownIdsNamelessActorsAndLongNotes) {
  Registry registry;
  registry.OnAttempt(ApiDown(), kStart);
  EXPECT_EQ(registry.Acknowledge(7, kAda, kStart).error().code, Code::kNotFound);
  EXPECT_EQ(registry.Acknowledge(1, {"", ActorType::kHuman, "api", ""}, kStart).error().code,
            Code::kInvalidArgument);
  const std::string novel(limits::kNoteBytes + 1, 'x');
  EXPECT_FALSE(registry.Acknowledge(1, {"ada", ActorType::kHuman, "api", novel}, kStart));
}

TEST(RegistryTest, AFullTimelineStillTakesTheAck) {
  Registry registry;
  registry.OnAttempt(ApiDown(), kStart);
  for (size_t i = 0; i < limits::kIncidentEvents; ++i) registry.OnPaged(ApiDown(), kStart);
  ASSERT_TRUE(registry.Acknowledge(1, kAda, kStart));
  EXPECT_EQ(registry.Find(1)->timeline.back().kind, "acked");
}

TEST(RegistryTest, AWorsePageRaisesTheSeverity) {
  Registry registry;
  Page slow = ApiDown();
  slow.severity = "warning";
  slow.title = "ApiSlow";
  registry.OnAttempt(slow, kStart);
  registry.OnAttempt(ApiDown(), kStart);
  EXPECT_EQ(registry.Find(1)->severity, "critical");
  EXPECT_EQ(registry.Find(1)->title, "ApiDown");
  registry.OnAttempt(slow, kStart);
  EXPECT_EQ(registry.Find(1)->severity, "critical");
}

TEST(RegistryTest, AVendorThatRepeatsAnAckAddsNothing) {
  Registry registry;
  registry.OnAttempt(ApiDown(), kStart);
  ASSERT_TRUE(registry.Acknowledge(1, kAda, kStart));
  const size_t events = registry.Find(1)->timeline.size();
  ASSERT_TRUE(registry.Acknowledge(1, kAda, kStart));
  EXPECT_EQ(registry.Find(1)->timeline.size(), events);
}

TEST(RegistryTest, ForgetsOldResolvedIncidentsOnly) {
  Registry registry;
  registry.OnAttempt(ApiDown(), kStart);
  EXPECT_TRUE(registry.Collect(kStart + seconds(1000)).empty());
  ASSERT_TRUE(registry.Resolve(1, kAda, kStart + seconds(10)));
  EXPECT_TRUE(registry.Collect(kStart + seconds(11)).empty()) << "the newest keeps its number";
  registry.OnAttempt(ApiDown(), kStart + seconds(20));
  EXPECT_EQ(registry.Collect(kStart + seconds(21)).size(), 1U);
  EXPECT_EQ(registry.all().size(), 1U);
}

TEST(RegistryTest, KeepsNoMoreThanTheLimitAndEveryOpenOne) {
  Registry registry;
  Page page = ApiDown();
  const size_t count = limits::kIncidents + 20;
  for (size_t i = 0; i < count; ++i) {
    page.group_key = "g" + std::to_string(i);
    registry.OnAttempt(page, kStart);
    if (i % 2 == 0) continue;
    ASSERT_TRUE(registry.Resolve(i + 1, kAda, kStart + seconds(1)));
  }
  const std::vector<Record> gone = registry.Collect(kStart);
  ASSERT_EQ(gone.size(), 20u);
  EXPECT_EQ(registry.all().size(), limits::kIncidents);
  EXPECT_EQ(gone.front().key, "2") << "the oldest that is over";
  EXPECT_EQ(registry.stats().dropped, 20u);
  registry.Collect(kStart + seconds(2));
  EXPECT_EQ(registry.stats().dropped, 20u) << "the rest goes for its age";
  EXPECT_NE(registry.Find(1), nullptr) << "open";
}

}  // namespace
}  // namespace watchfire::incident
