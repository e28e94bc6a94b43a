// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Pages and recoveries.

#include "pkg/incident/registry.h"

#include <algorithm>
#include <iterator>
#include <numeric>

#include <gtest/gtest.h>

#include "pkg/base/limits.h"
#include "pkg/base/strings.h"
#include "pkg/incident/change.h"
#include "pkg/incident/incident_for_test.h"

namespace watchfire::incident {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

uint64_t CountOf(const Histogram& histogram) {
  return std::accumulate(histogram.counts().begin(), histogram.counts().end(), uint64_t{0});
}

const Histogram& Only(const HistogramMap& map) { return map.series().begin()->second; }

uint64_t Sum(const CounterMap& counters) {
  uint64_t sum = 0;
  for (const auto& [labels, count] : counters) sum += count;
  return sum;
}

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
  EXPECT_EQ(Sum(registry.stats().pages), 1U);
}

TEST(RegistryTest, ASecondAckChangesNoFigure) {
  Registry registry;
  Open(&registry, ApiDown(), kStart);
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

TEST(RegistryTest, WhatMachinesDoLeavesPlacesForPeople) {
  for (const bool merges : {true, false}) {
    Registry registry;
    Page page = ApiDown();
    page.correlation = "eu-1";
    Open(&registry, page, kStart);
    Incident full = *registry.Find(1);
    full.timeline.resize(limits::kIncidentEvents - 50, full.timeline.back());
    ASSERT_TRUE(registry.Restore({Table::kIncident, "1", ToJson(full)}));
    const size_t before = full.timeline.size();
    for (int i = 0; i < 60; ++i) {
      if (merges) page.group_key = std::to_string(i);
      registry.OnAttempt(page, kStart);
      if (!merges) registry.OnRecovered("on-call", page.group_key, kStart);
    }
    if (!merges) registry.OnAttempt(page, kStart);
    EXPECT_LE(registry.Find(1)->timeline.size(), before + (merges ? 0 : 25));
    for (int i = 0; i < 12; ++i) {
      Did(registry.Apply(1, Acknowledge{{kNoTime, minutes(1 + i)}}, kAda, kStart));
      EXPECT_EQ(registry.Find(1)->timeline.back().text.substr(0, 6), "until ");
      Did(registry.Apply(1, Snooze{{kNoTime, minutes(9)}}, kAda, kStart));
      EXPECT_EQ(registry.Find(1)->timeline.back().kind, "snoozed");
    }
  }
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
  EXPECT_EQ(Sum(registry.stats().pages), 2U) << "one of each cycle";
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
  Open(&registry, ApiDown(), kStart + minutes(6));
  EXPECT_FALSE(registry.Find(1)->verdict) << "it was no end";
  EXPECT_TRUE(registry.stats().outcomes.empty()) << "so it counts as none";
  Page brief = ApiDown();
  brief.group_key = "brief";
  Open(&registry, brief, kStart);
  registry.OnRecovered("on-call", "brief", kStart + minutes(4));
  EXPECT_EQ(registry.Advance(kStart + minutes(10)).size(), 1U);
  EXPECT_EQ(registry.stats().outcomes.at({"noise", "rule", "core"}), 1U);

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

TEST(RegistryTest, WhatSomebodyPutOffIsNoNoise) {
  Registry registry;
  Open(&registry, ApiDown(), kStart);
  Did(registry.Apply(1, Snooze{{kNoTime, minutes(60)}}, kAda, kStart + minutes(20)));
  ASSERT_EQ(registry.Advance(kStart + minutes(80)).size(), 1U);
  registry.OnRecovered("on-call", ApiDown().group_key, kStart + minutes(81));
  EXPECT_FALSE(registry.Find(1)->verdict) << "81 minutes are not short";

  Page other = ApiDown();
  other.group_key = "other";
  Open(&registry, other, kStart);
  Did(registry.Apply(2, Snooze{{kNoTime, minutes(1)}}, kAda, kStart + minutes(1)));
  ASSERT_EQ(registry.Advance(kStart + minutes(2)).size(), 1U);
  registry.OnRecovered("on-call", "other", kStart + minutes(3));
  EXPECT_FALSE(registry.Find(2)->verdict) << "somebody had looked at it";
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

TEST(RegistryTest, ConfiguredWordsRankByTheirLevel) {
  config::Incidents terms;
  terms.severities = {{"apocalypse", "SEV1"}, {"page", "SEV4"}};
  Registry registry(terms);
  Page page = ApiDown();
  page.severity = "error";
  Open(&registry, page, kStart);
  page.severity = "apocalypse";
  Open(&registry, page, kStart);
  EXPECT_EQ(registry.Find(1)->severity, "apocalypse") << "no word that is unknown";
  EXPECT_EQ(registry.Find(1)->level, "SEV1");
  page.severity = "page";
  Open(&registry, page, kStart);
  EXPECT_EQ(registry.Find(1)->level, "SEV1") << "here that is the least";

  page.group_key = "db";
  page.severity = "warning";
  Open(&registry, page, kStart);
  Did(registry.Apply(1, Merge{2}, kAda, kStart));
  EXPECT_EQ(registry.Find(2)->severity, "apocalypse");
  EXPECT_EQ(registry.Find(2)->level, "SEV1");

  const char* const kFromWorst[] = {"apocalypse", "error", "warning", "odd", "page", "info"};
  for (size_t i = 0; i < std::size(kFromWorst); ++i) {
    for (size_t j = 0; j < std::size(kFromWorst); ++j) {
      EXPECT_EQ(IsWorse(kFromWorst[i], kFromWorst[j], terms), i < j) << i << " " << j;
    }
  }
}

// Nothing that alerts, vendors or people say makes a record grow without bounds.
TEST(RegistryTest, TheLargestRecordIsBounded) {
  for (const char* const filler : {"x", "\x01", "\u20ac"}) {
    std::string novel;
    while (novel.size() < 64 * 1024) novel += filler;
    const std::string key = novel.substr(0, 15'999);
    const std::string name = novel.substr(0, 501);
    const std::string note = novel.substr(0, 4095);
    Registry registry;
    Page page = ApiDown();
    page.title = page.severity = page.team = page.service = page.correlation = novel;
    page.links = {{"runbook", novel.substr(0, 2001)}, {"logs", novel}};
    for (int i = 1000; i < 3000; ++i) page.alerts.push_back(std::to_string(i) + name);
    for (int i = 0; i < 20; ++i) {
      page.group_key = std::to_string(i) + key;
      registry.OnAttempt(page, kStart);
    }
    registry.OnPageFailed(page, novel, kStart);
    const Ack person{name, ActorType::kHuman, "api", note};
    for (const Act& act : std::vector<Act>{Reassign{name}, SetLevel{"SEV2"}, Classify{"noise"},
                                           Snooze{{kNoTime, minutes(9)}}}) {
      Did(registry.Apply(1, act, person, kStart));
    }
    EXPECT_EQ(registry.stats().cut, 20U);
    EXPECT_FALSE(registry.Find(1)->links.contains("logs")) << "half a link leads nowhere";
    EXPECT_TRUE(registry.Find(1)->links.contains("runbook"));
    Incident full = *registry.Find(1);
    for (const char* kind : {"note", "acked"}) {
      for (int i = 0; i < 200; ++i) AddEvent(&full, {kStart, kind, name, "api", note});
    }
    for (size_t i = 0; i < limits::kIncidentRoles; ++i) full.roles[std::to_string(i)] = name;
    EXPECT_GT(full.dropped_events, 0U);
    const size_t bytes = ToJson(full).size();
    EXPECT_LT(bytes, 2 * 1024 * 1024U) << GoQuote(filler);
    EXPECT_GT(bytes, 512 * 1024U) << "it is as large as can be";
  }
}

TEST(RegistryTest, AReopeningTellsNoNovel) {
  Registry registry;
  Page page = ApiDown();
  page.title = std::string(64 * 1024, 'x');
  Open(&registry, page, kStart);
  registry.OnRecovered("on-call", page.group_key, kStart + minutes(1));
  Open(&registry, page, kStart + minutes(2));
  for (const Event& event : registry.Find(1)->timeline) EXPECT_LT(event.text.size(), 300U);
}

TEST(RegistryTest, LongCorrelationsThatDifferAtTheEndStayApart) {
  Registry registry;
  Page page = ApiDown();
  for (const char* end : {"a", "b", "a"}) {
    page.group_key += end;
    page.correlation = std::string(60'000, 'x') + end;
    Open(&registry, page, kStart);
  }
  EXPECT_EQ(registry.Find(2)->state, State::kTriggered);
  EXPECT_EQ(registry.Find(3)->merged_into, 1U);
  EXPECT_LT(registry.Find(1)->correlation.size(), 200U);
}

TEST(RegistryTest, WhatIsReopenedIsCorrelatedAsWhatOpens) {
  Registry registry;
  Page api = ApiDown();
  api.correlation = "eu-1";
  Open(&registry, api, kStart);
  registry.OnRecovered("on-call", api.group_key, kStart + minutes(10));
  Page database = api;
  database.group_key = "db";
  Open(&registry, database, kStart + minutes(11));
  ASSERT_EQ(registry.Find(2)->state, State::kTriggered) << "there was no other";
  // It is the one that goes on: somebody may have it in hand.
  EXPECT_EQ(registry.OnAttempt(api, kStart + minutes(12)).size(), 2U);
  EXPECT_EQ(registry.Find(1)->merged_into, 2U);
  EXPECT_EQ(registry.Find(2)->groups.size(), 2U);
  registry.OnRecovered("on-call", api.group_key, kStart + minutes(20));
  registry.OnRecovered("on-call", "db", kStart + minutes(20));
  EXPECT_EQ(registry.Find(2)->state, State::kResolved);

  // What correlates it is what its pages say now.
  Page elsewhere = api;
  elsewhere.group_key = "elsewhere";
  elsewhere.correlation = "us-1";
  Open(&registry, elsewhere, kStart + minutes(21));
  database.correlation = "us-1";
  registry.OnAttempt(database, kStart + minutes(22));
  EXPECT_EQ(registry.Find(2)->merged_into, 3U);
}

TEST(RegistryTest, WhereOneIsFullTheNextGatherInAnother) {
  Registry registry;
  Page page = ApiDown();
  page.correlation = "eu-1";
  const std::string padding(16'000, 'x');  // So that few groups fill an incident.
  for (int i = 0; i < 60; ++i) {
    page.group_key = std::to_string(i) + padding;
    Open(&registry, page, kStart);
  }
  EXPECT_EQ(registry.open().size(), 4U) << "not one for each that comes late";
  size_t groups = 0;
  for (const uint64_t id : registry.open()) groups += registry.Find(id)->groups.size();
  EXPECT_EQ(groups, 60U);
  const size_t first = registry.Find(1)->groups.size();
  EXPECT_LE(first * padding.size(), limits::kIncidentPartBytes);
  EXPECT_EQ(registry.Apply(*registry.open().rbegin(), Merge{1}, kAda, kStart).error().code,
            Code::kConflict);
  // Whichever of its groups ends, all others stay its own.
  for (size_t i = 0; i + 1 < first; ++i) {
    const std::string key = registry.Find(1)->groups[(i * 7) % (first - i)].group_key;
    ASSERT_TRUE(registry.OnRecovered("on-call", key, kStart + minutes(1)));
    ASSERT_FALSE(registry.OnRecovered("on-call", key, kStart + minutes(1)));
    for (const Group& group : registry.Find(1)->groups) {
      ASSERT_EQ(registry.FindOpenByEntity(group.entity_id), std::vector<uint64_t>{1});
    }
  }
  EXPECT_EQ(registry.Find(1)->state, State::kTriggered);
}

// Reference §7.2: one incident is one in all figures, however often it is reopened; acks count once
// in each cycle of pages.
TEST(RegistryTest, FiguresOfAReopenedIncident) {
  Registry registry;
  const auto at = [](int second) { return kStart + seconds(second); };
  Page seen = ApiDown();
  seen.detected_at = kStart;
  Page unseen = seen;
  unseen.group_key = "unseen";
  for (const Page& page : {seen, unseen}) {
    registry.OnAttempt(page, at(0));
    registry.OnPaged(page, at(5));
  }
  Did(registry.Apply(1, Acknowledge{}, kAda, at(95)));
  for (const Page& page : {seen, unseen}) {
    registry.OnRecovered("on-call", page.group_key, at(1805));
    registry.OnAttempt(page, at(1900));
    registry.OnPaged(page, at(1903));
  }
  Did(registry.Apply(1, Acknowledge{}, kAda, at(1963)));
  Did(registry.Apply(2, Resolve{}, kBob, at(2500)));
  registry.OnRecovered("on-call", seen.group_key, at(2500));
  EXPECT_TRUE(registry.stats().resolve_seconds.series().empty()) << "they may be reopened yet";
  EXPECT_TRUE(registry.stats().resolved_unacked.empty());
  EXPECT_TRUE(registry.Advance(at(2800)).empty());
  EXPECT_EQ(registry.Advance(at(2801)).size(), 2U);
  EXPECT_TRUE(registry.Advance(at(9999)).empty()) << "once";

  const auto& stats = registry.stats();
  const auto of = [](const HistogramMap& map, const LabelValues& labels) -> const Histogram& {
    return map.series().at(labels);
  };
  for (const char* how : {"monitoring", "human"}) {
    const Histogram& resolve = of(stats.resolve_seconds, {"core", "critical", how});
    EXPECT_DOUBLE_EQ(resolve.sum(), 2500) << "from the first opening to the last end";
    EXPECT_EQ(CountOf(resolve), 1U);
  }
  const std::string backend = seen.backend;
  EXPECT_DOUBLE_EQ(of(stats.ack_seconds, {"core", "critical", backend, "human", "first"}).sum(),
                   90);
  EXPECT_DOUBLE_EQ(of(stats.ack_seconds, {"core", "critical", backend, "human", "repage"}).sum(),
                   60);
  EXPECT_EQ(stats.resolved_unacked.at({"core", "critical"}), 1U);
  EXPECT_EQ(stats.paged.at({"core", "critical"}), 2U) << "incidents";
  EXPECT_EQ(Sum(stats.pages), 4U) << "cycles";
  EXPECT_EQ(stats.reopened.at({"core", "critical"}), 2U);
  EXPECT_EQ(CountOf(of(stats.page_seconds, {"core", "critical"})), 2U);
}

// What one life has not counted yet, the next one does.
TEST(RegistryTest, AnEndThatDoesNotCountYetSurvivesARestart) {
  Registry registry;
  Open(&registry, ApiDown(), kStart);
  const auto ended = registry.OnRecovered("on-call", ApiDown().group_key, kStart + minutes(1));
  Registry restarted;
  ASSERT_TRUE(restarted.Restore(*ended));
  const auto turns = restarted.Advance(kStart + minutes(7));
  ASSERT_EQ(turns.size(), 1U);
  EXPECT_EQ(turns[0].kind, Registry::Turn::Kind::kCounted);
  EXPECT_EQ(restarted.stats().resolved_unacked.begin()->second, 1U);
  Registry third;
  ASSERT_TRUE(third.Restore(turns[0].record));
  EXPECT_EQ(third.next_due(), std::nullopt) << "it is counted";

  // Nor does the clean-up lose one, or leave a timer behind.
  Page other = ApiDown();
  other.group_key = "other";
  Open(&registry, other, kStart);
  EXPECT_EQ(registry.Collect(kStart + minutes(2)).size(), 1U);
  EXPECT_EQ(registry.stats().resolved_unacked.begin()->second, 1U);
  EXPECT_TRUE(registry.Advance(kStart + minutes(9)).empty());
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
