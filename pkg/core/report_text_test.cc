// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/core/report_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/incident/incident_for_test.h"

namespace watchfire::core {
namespace {

using incident::Acknowledge;
using incident::Did;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

WallTime Time(const std::string& text) { return ParseTime(text).value(); }

class ReportTextTest : public testing::Test {
 protected:
  void Open(const std::string& group, const std::string& alert, WallTime at,
            const std::string& to = "") {
    incident::Page page = incident::ApiDown();
    page.group_key = group;
    page.alerts = {alert};
    page.started_at = page.detected_at = at;
    page.to = to;
    registry_.OnAttempt(page, at);
    registry_.OnPaged(page, at + seconds(5));
  }
  void Recover(const std::string& group, WallTime at) {
    registry_.OnRecovered("on-call", group, at);
  }
  // Mondays at nine, as everywhere here.
  std::string Text(const config::Report& report) const {
    return ReportText(report, Time("2026-09-28T09:00:00Z"), registry_.all(), breaches_, nullptr);
  }
  static config::Report Weekly() {
    config::Report report;
    report.receiver = "managers";
    report.location.name = "UTC";
    return report;
  }

  incident::Registry registry_{incident::Never()};
  std::vector<WallTime> breaches_;
};

TEST_F(ReportTextTest, TellsOfAWeekBesideTheOneBefore) {
  const WallTime before = Time("2026-09-15T10:00:00Z");
  Open("old", "OldDisk", before);
  Recover("old", before + minutes(2));
  const WallTime day = Time("2026-09-22T10:00:00Z");
  Open("a", "DiskFull", day);
  Did(registry_.Apply(2, Acknowledge{}, incident::kAda, day + seconds(100)));
  Recover("a", day + minutes(20));
  const WallTime night = Time("2026-09-23T03:00:00Z");
  Open("b", "DiskFull", night, "ada through ada-app");
  Recover("b", night + minutes(2));
  Open("c", "Later", Time("2026-09-28T09:00:00Z"));
  breaches_ = {before, before + minutes(1), day, Time("2026-09-28T09:00:00Z")};
  EXPECT_EQ(Text(Weekly()),
            "Alerting report, Mon 2026-09-21 09:00 to Mon 2026-09-28 09:00\n"
            "In brackets: the week before. Clocks of UTC.\n"
            "\n"
            "Incidents opened: 2 (1)\n"
            "Pages: 2 (1)\n"
            "Pages at night: 1 (0)\n"
            "Pages in the evening or at the weekend: 0 (0)\n"
            "Resolved though nobody had acknowledged: 1 (1)\n"
            "Time to acknowledge: 1m35s (–), nine in ten within 1m35s\n"
            "Time to resolve: 11m (2m), nine in ten within 20m\n"
            "Noise, of what is over: 50 % (100 %); 50 % of it was classified\n"
            "Escalated, of what was paged: 0 % (0 %)\n"
            "Error budgets used up: 1 (2)\n"
            "\n"
            "Alerts that opened most incidents\n"
            "- DiskFull: 2, of these 1 noise\n"
            "\n"
            "People who were paged most\n"
            "- ada: 1, of these 1 at night\n"
            "\n"
            "All of it: wfctl report --from 2026-09-21T09:00:00Z --until 2026-09-28T09:00:00Z\n");
}

TEST_F(ReportTextTest, WhereNothingHappenedThereAreNoShares) {
  config::Report report = Weekly();
  report.team = "storage";
  report.every = config::Report::Every::kDay;
  Open("a", "DiskFull", Time("2026-09-27T10:00:00Z"));  // Of team core.
  breaches_ = {Time("2026-09-27T10:00:00Z")};
  const std::string text = Text(report);
  EXPECT_THAT(text, HasSubstr("Alerting report of storage, Sun 2026-09-27 09:00 to Mon"));
  EXPECT_THAT(text, HasSubstr("In brackets: the day before."));
  EXPECT_THAT(text, HasSubstr("Incidents opened: 0 (0)\n"));
  EXPECT_THAT(text, HasSubstr("Time to resolve: – (–)\n"));
  EXPECT_THAT(text, HasSubstr("Noise, of what is over: – (–); – of it was classified\n"));
  EXPECT_THAT(text, Not(HasSubstr("Error budgets"))) << "they are of no team";
  EXPECT_THAT(text, Not(HasSubstr("Alerts that")));
  EXPECT_THAT(text, HasSubstr(" --team 'storage'\n"));
}

}  // namespace
}  // namespace watchfire::core
