// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/incident/paged_rules.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/incident/analytics.h"
#include "pkg/incident/incident_for_test.h"

namespace watchfire::incident {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using Counts = PagedRules::Counts;
using testing::ElementsAre;

// A page of a group that has both, in the order of their names.
Page With(const std::vector<std::string>& alerts, const std::vector<std::string>& bare,
          const std::string& group = "g") {
  Page page = ApiDown();
  page.group_key = group;
  page.alerts = alerts;
  page.bare_alerts = bare;
  return page;
}

class PagedRulesTest : public testing::Test {
 protected:
  // What the next life of the process knows.
  Counts Restored(WallTime now) const {
    Registry next;
    for (const auto& [id, incident] : registry_.all()) {
      EXPECT_TRUE(next.Restore({Table::kIncident, std::to_string(id), ToJson(*incident)}));
    }
    return next.CountPagedRules(now);
  }

  Registry registry_{Never()};
};

TEST_F(PagedRulesTest, OnlyWhatAVendorTookHasPaged) {
  registry_.OnAttempt(With({"A", "B"}, {"B"}), kStart);
  EXPECT_EQ(registry_.CountPagedRules(kStart), (Counts{0, 0}));
  registry_.OnPaged(With({"A", "B"}, {"B"}), kStart);
  EXPECT_EQ(registry_.CountPagedRules(kStart), (Counts{1, 1}));
  EXPECT_EQ(Restored(kStart), (Counts{1, 1}));
}

// Whoever wrote the runbook since wants to see that.
TEST_F(PagedRulesTest, ARuleIsAsItWasWhenItPagedLast) {
  Open(&registry_, With({"A", "B"}, {"A", "B"}), kStart);
  EXPECT_EQ(registry_.CountPagedRules(kStart), (Counts{0, 2}));
  Open(&registry_, With({"B"}, {}, "other"), kStart + minutes(1));
  EXPECT_EQ(registry_.CountPagedRules(kStart + minutes(1)), (Counts{1, 1}));
  EXPECT_EQ(Restored(kStart + minutes(1)), (Counts{1, 1}));
  // The older incident is restored last.
  Open(&registry_, With({"A"}, {}), kStart + minutes(2));
  EXPECT_EQ(registry_.CountPagedRules(kStart + minutes(2)), (Counts{2, 0}));
  EXPECT_EQ(Restored(kStart + minutes(2)), (Counts{2, 0}));
}

TEST_F(PagedRulesTest, AfterThirtyDaysWithoutAPageItCountsNoMore) {
  Open(&registry_, With({"A"}, {"A"}), kStart);
  EXPECT_EQ(registry_.CountPagedRules(kStart + hours(24 * 30)), (Counts{0, 1}));
  EXPECT_EQ(registry_.CountPagedRules(kStart + hours(24 * 30) + minutes(1)), (Counts{0, 0}));
  registry_.OnPaged(With({"A"}, {"A"}), kStart + hours(24));  // It goes on, and pages again.
  EXPECT_EQ(registry_.CountPagedRules(kStart + hours(24 * 30) + minutes(1)), (Counts{0, 1}));
  EXPECT_EQ(Restored(kStart + hours(24 * 30) + minutes(1)), (Counts{0, 1}));
}

TEST_F(PagedRulesTest, ATestIsNoRule) {
  Page page = With({"A"}, {});
  page.is_test = true;
  Open(&registry_, page, kStart);
  EXPECT_EQ(registry_.CountPagedRules(kStart), (Counts{0, 0}));
}

TEST_F(PagedRulesTest, AMergedIncidentKeepsWhatEachAlertHas) {
  Open(&registry_, With({"A"}, {}), kStart);
  Open(&registry_, With({"B"}, {"B"}, "other"), kStart);
  Did(registry_.Apply(2, Merge{1}, kAda, kStart + minutes(1)));
  EXPECT_THAT(registry_.Find(1)->alerts, ElementsAre("A", "B"));
  EXPECT_THAT(AlertsWithoutRunbook(*registry_.Find(1)), ElementsAre("B"));
  registry_.OnPaged(With({"B"}, {"B"}, "other"), kStart + minutes(2));
  EXPECT_EQ(registry_.CountPagedRules(kStart + minutes(2)), (Counts{1, 1}));
  EXPECT_EQ(Restored(kStart + minutes(2)), (Counts{1, 1}));
}

// Of a version that did not note it all have what the worst one had.
TEST_F(PagedRulesTest, AnOldRecordIsAsItsIncident) {
  Page page = With({"A", "B"}, {"B"});
  Open(&registry_, page, kStart);
  Incident old = *registry_.Find(1);
  old.bare_alerts.reset();
  EXPECT_THAT(AlertsWithoutRunbook(old), ElementsAre("A", "B"));
  old.links = {{"runbook", "https://runbooks.example/a"}};
  EXPECT_THAT(AlertsWithoutRunbook(old), ElementsAre());
  EXPECT_EQ(FromJson(ToJson(old)).value(), old);
}

TEST_F(PagedRulesTest, NamesThatSendersMakeUpStayFew) {
  PagedRules rules;
  Incident incident;
  for (size_t i = 0; i <= PagedRules::kMost; ++i) {
    incident.alerts = {std::to_string(i)};
    rules.Note(incident, kStart);
  }
  EXPECT_EQ(rules.Count(kStart), (Counts{0, PagedRules::kMost}));
  // One that is not taken up hides none of those that are known.
  incident.alerts = {"1", "Unknown", "Unknown too", "zzz", "2"};
  incident.bare_alerts.emplace();
  rules.Note(incident, kStart + minutes(1));
  EXPECT_EQ(rules.Count(kStart + minutes(1)), (Counts{2, PagedRules::kMost - 2}));
  incident.bare_alerts.reset();
  incident.alerts = {"new"};
  rules.Note(incident, kStart + hours(24 * 31));
  EXPECT_EQ(rules.Count(kStart + hours(24 * 31)), (Counts{0, 1})) << "the old ones made room";
}

TEST_F(PagedRulesTest, TheReportCountsWhatPagedInItsPeriod) {
  Open(&registry_, With({"A", "B"}, {"B"}), kStart);
  Open(&registry_, With({"B", "C"}, {"B", "C"}, "other"), kStart + hours(1));
  const auto of = [&](WallTime from, WallTime until) {
    return Analyze(registry_.all(), {from, until}, {}).runbooks;
  };
  const RunbookCoverage all = of(kStart, kStart + hours(2));
  EXPECT_EQ(all.with_runbook, 1U);
  EXPECT_EQ(all.without, 2U);
  EXPECT_THAT(all.missing, ElementsAre("B", "C")) << "B of two incidents";
  EXPECT_THAT(of(kStart, kStart + minutes(1)).missing, ElementsAre("B"));
  EXPECT_EQ(of(kStart + hours(2), kStart + hours(3)).without, 0U);
}

}  // namespace
}  // namespace watchfire::incident
