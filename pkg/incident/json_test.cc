// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Records: our own, and those of versions that knew less.

#include <gtest/gtest.h>

#include "pkg/incident/analytics.h"
#include "pkg/incident/incident_for_test.h"

namespace watchfire::incident {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

// As it was written before incidents had holds, groups and cycles.
constexpr const char* kOldAcked =
    R"({"id":"7","state":"acknowledged","title":"95 % full","severity":"critical",)"
    R"("team":"storage","receiver":"on-call","backend":"victorops",)"
    R"("groupKey":"{}:{service=\"db\"}","entityId":"bb1c02df",)"
    R"("startedAt":"2026-08-22T14:04:18.123Z","detectedAt":"2026-08-22T14:05:18Z",)"
    R"("openedAt":"2026-08-22T14:05:48Z","pagedAt":"2026-08-22T14:05:49.2Z",)"
    R"("ackedAt":"2026-08-22T14:07:01Z","resolvedAt":null,"ackedBy":"ada","resolvedBy":"",)"
    R"("alerts":["DiskFull"],"timeline":[{"at":"2026-08-22T14:05:48Z","kind":"opened",)"
    R"("actor":"on-call","channel":"pipeline","text":"95 % full"}]})";

std::string With(std::string json, const std::string& from, const std::string& to) {
  const size_t at = json.find(from);
  EXPECT_NE(at, json.npos);
  return json.replace(at, from.size(), to);
}

TEST(JsonTest, ARecordOfBeforeKeepsItsMeaning) {
  Registry registry;
  ASSERT_TRUE(registry.Restore({Table::kIncident, "7", kOldAcked}));
  const Incident& incident = *registry.Find(7);
  const WallTime acked = ParseTime("2026-08-22T14:07:01Z").value();
  EXPECT_EQ(incident.state, State::kAcknowledged);
  EXPECT_EQ(incident.ack, (Hold{"ada", acked, kNoTime, kNoTime}));
  EXPECT_EQ(incident.owner, "ada");
  EXPECT_EQ(incident.level, "SEV1");
  EXPECT_EQ(incident.cycle_acked_at, acked);
  EXPECT_EQ(incident.timeline.size(), 1U);
  // It is still the incident of its group.
  EXPECT_EQ(registry.FindOpenByEntity("bb1c02df"), std::vector<uint64_t>{7});
  EXPECT_TRUE(registry.OnRecovered("on-call", "{}:{service=\"db\"}", acked + minutes(9)));
  EXPECT_EQ(registry.Find(7)->state, State::kResolved);
}

TEST(JsonTest, ATriggeredRecordOfBeforeIsMeasuredFromItsPage) {
  const std::string old =
      With(With(With(kOldAcked, "acknowledged", "triggered"), R"("2026-08-22T14:07:01Z")", "null"),
           R"("ackedBy":"ada")", R"("ackedBy":"")");
  Registry registry;
  ASSERT_TRUE(registry.Restore({Table::kIncident, "7", old}));
  EXPECT_EQ(registry.Find(7)->ack, std::nullopt);
  const WallTime paged = registry.Find(7)->paged_at;
  Did(registry.Apply(7, Acknowledge{}, kAda, paged + seconds(40)));
  EXPECT_DOUBLE_EQ(registry.stats()
                       .ack_seconds.series()
                       .at({"storage", "critical", "victorops", "human", "first"})
                       .sum(),
                   40);
}

TEST(JsonTest, EveryMemberComesBack) {
  Registry registry;
  Page page = ApiDown();
  page.service = "api";
  page.correlation = "eu-1";
  page.is_by_human = true;
  page.links = {{"runbook", "https://runbooks.example/api"}};
  page.alerts = {"ApiDown", "ApiSlow"};
  page.bare_alerts = {"ApiSlow"};
  Open(&registry, page, kStart);
  registry.OnRecovered("on-call", page.group_key, kStart + minutes(6), Registry::Recovery::kSaid,
                       kStart + minutes(5));
  const Result<Incident> ended = FromJson(ToJson(*registry.Find(1)));
  ASSERT_TRUE(ended) << ended.error().message;
  EXPECT_EQ(*ended, *registry.Find(1));
  EXPECT_EQ(ended->ended_at, kStart + minutes(5));
  Open(&registry, page, kStart + minutes(7));
  Page other = page;
  other.group_key = "\"other\"\n";
  Open(&registry, other, kStart + minutes(8));
  for (const Act& act :
       std::vector<Act>{SetRole{"commander", "grace"}, SetLevel{"SEV2"}, Classify{"actionable"},
                        Reassign{"bob"}, Snooze{{kNoTime, minutes(9)}}}) {
    Did(registry.Apply(1, act, kAda, kStart + minutes(9)));
  }
  for (const auto& [id, incident] : registry.all()) {
    const Result<Incident> back = FromJson(ToJson(*incident));
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(*back, *incident);
  }
  EXPECT_EQ(registry.Find(2)->state, State::kMerged);
  EXPECT_EQ(registry.Find(1)->reopened.size(), 1U);
}

TEST(JsonTest, ARecordWithoutAnEndOfItsAlertsWasOverWhenItWasResolved) {
  Registry registry;
  Open(&registry, ApiDown(), kStart);
  Did(registry.Apply(1, Resolve{}, kAda, kStart + minutes(6)));
  const std::string time = "\"" + FormatRfc3339(kStart + minutes(6), 9, true) + "\",";
  const auto read = FromJson(With(ToJson(*registry.Find(1)), "\"endedAt\":" + time, ""));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->ended_at, kStart + minutes(6));
}

// It may be either; as a sender's lag the `for` of own rules would look like hours of it.
TEST(JsonTest, OfARecordThatDoesNotSayWhoKnowsTheBeginningNothingIsMeasured) {
  Registry registry;
  Open(&registry, ApiDown(), kStart);
  const auto read = FromJson(With(ToJson(*registry.Find(1)), "\"startKnown\":true,", ""));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->is_start_known, std::nullopt);
  EXPECT_EQ(FromJson(ToJson(*read)).value(), *read);
  const auto total = Analyze({{1, std::make_shared<const Incident>(*read)}},
                             {kStart - minutes(1), kStart + minutes(1)}, {})
                         .total;
  EXPECT_EQ(total.incidents, 1U);
  EXPECT_EQ(total.detect_seconds.count + total.ingest_seconds.count, 0U);
}

TEST(JsonTest, WhatContradictsItselfIsCorrupt) {
  EXPECT_EQ(FromJson("{}").error().code, Code::kCorrupt);
  EXPECT_EQ(FromJson(With(kOldAcked, "acknowledged", "asleep")).error().code, Code::kCorrupt);
  EXPECT_EQ(FromJson(With(kOldAcked, "acknowledged", "snoozed")).error().code, Code::kCorrupt)
      << "until when?";
}

}  // namespace
}  // namespace watchfire::incident
