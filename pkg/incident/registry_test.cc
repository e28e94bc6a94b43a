// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

//
// Pages and recoveries.

#include "pkg/incident/registry.h"

#include <gtest/gtest.h>

#include "pkg/base/limits.h"
#include "pkg/incident/incident_for_test.h"

namespace watchfire::incident {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

const Histogram& Only(const HistogramMap& map) { return map.series().begin()->second; }

TEST(RegistryTest, AckTimeRunsFromTheFirstAcceptedPage) {
  Registry registry;
  registry.OnAttempt(ApiDown(), kStart + seconds(5));
  registry.OnPaged(ApiDown(), kStart + seconds(8));
  registry.OnPaged(ApiDown(), kStart + seconds(60));  // A repeat starts no new clock.
  ASSERT_TRUE(registry.Apply(1, Acknowledge{}, kAda, kStart + seconds(98)));

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
  ASSERT_TRUE(registry.Apply(1, Acknowledge{}, kAda, kStart + seconds(10)));
  ASSERT_TRUE(registry.Apply(1, Acknowledge{}, {"bob", ActorType::kHuman, "api", ""},
                             kStart + seconds(20)));
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
  EXPECT_EQ(registry.Apply(1, Acknowledge{}, kAda, kStart).error().code, Code::kConflict);

  registry.OnAttempt(ApiDown(), kStart + seconds(601));
  EXPECT_EQ(registry.Find(2)->state, State::kTriggered);
}

TEST(RegistryTest, EveryStateSurvivesARestart) {
  Registry registry;
  std::vector<Record> records;
  records.push_back(registry.OnAttempt(ApiDown(), kStart).front());
  records.push_back(registry.OnPaged(ApiDown(), kStart + seconds(1)).value());
  records.push_back(registry.Apply(1, Acknowledge{}, kAda, kStart + seconds(2)).value().front());
  records.push_back(registry.Apply(1, Resolve{}, kAda, kStart + seconds(3)).value().front());
  for (const Record& record : records) {
    Registry restarted(Never());
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
  EXPECT_EQ(registry.Apply(7, Acknowledge{}, kAda, kStart).error().code, Code::kNotFound);
  EXPECT_EQ(
      registry.Apply(1, Acknowledge{}, {"", ActorType::kHuman, "api", ""}, kStart).error().code,
      Code::kInvalidArgument);
  const std::string novel(limits::kNoteBytes + 1, 'x');
  EXPECT_FALSE(registry.Apply(1, Acknowledge{}, {"ada", ActorType::kHuman, "api", novel}, kStart));
}

TEST(RegistryTest, AFullTimelineStillTakesTheAck) {
  Registry registry;
  registry.OnAttempt(ApiDown(), kStart);
  for (size_t i = 0; i < limits::kIncidentEvents; ++i) registry.OnPaged(ApiDown(), kStart);
  ASSERT_TRUE(registry.Apply(1, Acknowledge{}, kAda, kStart));
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
  ASSERT_TRUE(registry.Apply(1, Acknowledge{}, kAda, kStart));
  const size_t events = registry.Find(1)->timeline.size();
  ASSERT_TRUE(registry.Apply(1, Acknowledge{}, kAda, kStart));
  EXPECT_EQ(registry.Find(1)->timeline.size(), events);
}

TEST(RegistryTest, ForgetsOldResolvedIncidentsOnly) {
  Registry registry(Never());
  registry.OnAttempt(ApiDown(), kStart);
  EXPECT_TRUE(registry.Collect(kStart + seconds(1000)).empty());
  ASSERT_TRUE(registry.Apply(1, Resolve{}, kAda, kStart + seconds(10)));
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
    ASSERT_TRUE(registry.Apply(i + 1, Resolve{}, kAda, kStart + seconds(1)));
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

TEST(RegistryTest, APageSoonAfterTheEndReopens) {
  Registry registry;
  Open(&registry, ApiDown(), kStart);
  Did(registry.Apply(1, Acknowledge{}, kAda, kStart + seconds(30)));
  registry.OnRecovered("on-call", ApiDown().group_key, kStart + minutes(20));
  EXPECT_EQ(registry.Find(1)->state, State::kResolved);
  EXPECT_EQ(registry.Find(1)->ack, std::nullopt);
  Open(&registry, ApiDown(), kStart + minutes(25));
  const Incident& incident = *registry.Find(1);
  EXPECT_EQ(registry.all().size(), 1U);
  EXPECT_EQ(incident.state, State::kTriggered);
  EXPECT_EQ(incident.owner, "") << "it is nobody's again";
  EXPECT_EQ(incident.resolved_at, kNoTime);
  EXPECT_EQ(incident.acked_by, "ada") << "the first ack stays";
  EXPECT_EQ(incident.cycle, 2);
  EXPECT_EQ(registry.stats().reopened.begin()->second, 1U);
  EXPECT_EQ(registry.stats().pages.begin()->second, 2U) << "one of each cycle";
  EXPECT_EQ(registry.stats().paged.begin()->second, 1U);
  // The ack of the second cycle is measured from its own page.
  Did(registry.Apply(1, Acknowledge{}, kAda, kStart + minutes(26)));
  EXPECT_DOUBLE_EQ(registry.stats()
                       .ack_seconds.series()
                       .at({"core", "critical", "victorops", "human", "repage"})
                       .sum(),
                   60);
}

TEST(RegistryTest, APageLongAfterTheEndOpensAnotherOne) {
  Registry registry;
  Open(&registry, ApiDown(), kStart);
  registry.OnRecovered("on-call", ApiDown().group_key, kStart + minutes(20));
  Open(&registry, ApiDown(), kStart + minutes(20) + minutes(5) + seconds(1));
  EXPECT_EQ(registry.Find(2)->state, State::kTriggered);
  EXPECT_EQ(registry.Find(1)->state, State::kResolved);
}

TEST(RegistryTest, WhatIsOverSoonAndUnseenIsNoise) {
  Registry registry;
  Open(&registry, ApiDown(), kStart);
  registry.OnRecovered("on-call", ApiDown().group_key, kStart + minutes(4));
  ASSERT_TRUE(registry.Find(1)->verdict);
  EXPECT_EQ(registry.Find(1)->verdict->outcome, Outcome::kNoise);
  EXPECT_EQ(registry.Find(1)->verdict->rule, "short");
  EXPECT_EQ(registry.stats().outcomes.at({"noise", "rule", "core"}), 1U);
  Open(&registry, ApiDown(), kStart + minutes(6));
  EXPECT_FALSE(registry.Find(1)->verdict) << "it was no end";

  for (const bool acked : {true, false}) {
    Page page = ApiDown();
    page.group_key = acked ? "acked" : "long";
    Open(&registry, page, kStart);
    const uint64_t id = registry.all().rbegin()->first;
    if (acked) Did(registry.Apply(id, Acknowledge{}, kAda, kStart + seconds(9)));
    registry.OnRecovered("on-call", page.group_key, kStart + minutes(acked ? 1 : 6));
    EXPECT_FALSE(registry.Find(id)->verdict) << page.group_key;
  }
}

TEST(RegistryTest, WhatAPersonResolvesIsNotNoiseByRule) {
  Registry registry;
  Open(&registry, ApiDown(), kStart);
  Did(registry.Apply(1, Resolve{}, kAda, kStart + seconds(10)));
  EXPECT_FALSE(registry.Find(1)->verdict);
}

TEST(RegistryTest, ThreeReopeningsWithinAnHourAreFlapping) {
  Registry registry;
  WallTime now = kStart;
  Open(&registry, ApiDown(), now);
  Did(registry.Apply(1, Acknowledge{}, kAda, now));
  for (int i = 1; i <= 4; ++i) {
    registry.OnRecovered("on-call", ApiDown().group_key, now + minutes(10));
    now += minutes(13);
    Open(&registry, ApiDown(), now);
    EXPECT_EQ(registry.Find(1)->verdict.has_value(), i >= 3) << i;
  }
  EXPECT_EQ(registry.Find(1)->verdict->rule, "flapping");
  EXPECT_EQ(registry.Find(1)->verdict->reason, "reopened 3 times within 1h");
  EXPECT_EQ(registry.stats().flapping.begin()->second, 1U) << "found once";
  EXPECT_EQ(registry.stats().reopened.begin()->second, 4U);
}

TEST(RegistryTest, SlowReopeningsAreNot) {
  Registry registry;
  WallTime now = kStart;
  Open(&registry, ApiDown(), now);
  for (int i = 0; i < 6; ++i) {
    registry.OnRecovered("on-call", ApiDown().group_key, now + minutes(29));
    now += minutes(31);
    Open(&registry, ApiDown(), now);
    EXPECT_FALSE(registry.Find(1)->verdict) << i;
  }
}

TEST(RegistryTest, OneCorrelationIsOneIncident) {
  Registry registry;
  Page api = ApiDown();
  api.correlation = "eu-1";
  Page database = api;
  database.group_key = "{}:{service=\"db\"}";
  database.alerts = {"DbDown"};
  Page elsewhere = database;
  elsewhere.group_key = "elsewhere";
  elsewhere.correlation = "us-1";
  Open(&registry, api, kStart);
  EXPECT_EQ(registry.OnAttempt(database, kStart + seconds(1)).size(), 2U) << "records of both";
  Open(&registry, elsewhere, kStart + seconds(2));
  EXPECT_EQ(registry.Find(2)->state, State::kMerged);
  EXPECT_EQ(registry.Find(2)->merged_into, 1U);
  EXPECT_EQ(registry.Find(1)->groups.size(), 2U);
  EXPECT_EQ(registry.Find(1)->alerts, (std::vector<std::string>{"ApiDown", "DbDown"}));
  EXPECT_EQ(registry.Find(3)->state, State::kTriggered);
  EXPECT_EQ(registry.stats().merged.at({"rule"}), 1U);
  EXPECT_EQ(registry.stats().outcomes.at({"duplicate", "rule", "core"}), 1U);
}

TEST(RegistryTest, TheLevelFollowsTheSeverityAsConfigured) {
  config::Incidents terms;
  terms.severities = {{"warning", "SEV4"}, {"apocalypse", "SEV1"}};
  Registry registry(terms);
  Page page = ApiDown();
  page.severity = "warning";
  Open(&registry, page, kStart);
  EXPECT_EQ(registry.Find(1)->level, "SEV4");
  Open(&registry, ApiDown(), kStart);
  EXPECT_EQ(registry.Find(1)->level, "SEV1") << "it got worse";
  for (const auto& [severity, level] : {std::pair{"critical", "SEV1"},
                                        {"page", "SEV1"},
                                        {"error", "SEV2"},
                                        {"ticket", "SEV3"},
                                        {"odd", "SEV3"},
                                        {"info", "SEV4"},
                                        {"", "SEV4"},
                                        {"apocalypse", "SEV1"}}) {
    EXPECT_EQ(LevelOf(severity, terms), level) << severity;
  }
}

}  // namespace
}  // namespace watchfire::incident
