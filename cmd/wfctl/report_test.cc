// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// wfctl report.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cmd/wfctl/fake_server.h"

namespace watchfire::wfctl {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kFigures =
    R"({"incidents":12,"paged":10,"escalationRate":0.1,"unresolved":1,"resolutionRate":0.917,)"
    R"("noiseRatio":null,"pages":11,"alertsPerPage":4.25,"pagesSleep":3,"ackSeconds":)"
    R"({"count":9,"mean":95.4,"p50":61,"p90":3725,"max":9e3},)"
    R"("mitigateSeconds":{"count":2,"mean":600,"p50":540,"p90":660,"max":660},)"
    R"("ackToResolveSeconds":{"count":2,"mean":1200,"p50":60,"p90":2340,"max":2340},)"
    R"("noiseOfClassifiedRatio":0.5,"detectedByHuman":2,"repages":4,"resolvedByTimeout":1,)"
    R"("responsesMet":3,"responsesMissed":1,"responsesMetRatio":0.75,"postmortemsLate":2,)"
    R"("postmortemsReviewedRatio":null,)"
    R"("resolveSeconds":{"count":11,"mean":100000,"p50":86400,"p90":90000,"max":100000}})";

FakeServer Answering() {
  FakeServer server;
  server.answers["GET /api/v1/analytics"] = {
      {200, std::string(R"({"status":"success","data":{"from":"2026-01-01T12:00:00Z",)") +
                R"("until":"2026-01-31T12:00:00Z","keptSince":"2026-01-20T12:00:00Z",)" +
                R"("zone":"UTC","team":"","total":)" + kFigures + R"(,"byTeam":{"core|web":)" +
                kFigures + R"(},"byDay":{},"people":{"ada":{"acks":4,)" +
                R"("ackSeconds":{"mean":60},"engagedSeconds":7260,"pages":9,"pagesOff":2,)" +
                R"("pagesSleep":3,"interruptions":7,"pagesPerPersonWeek":4.5}},)" +
                R"("pagerFrequency":{"pagesPerPersonWeek":12.34},)" +
                R"("automation":{"total":{"finished":20,"success":19,"successRatio":0.95,)" +
                R"("successInterval":[0.76,0.99]},"byRule":{"restart":{"finished":20,)" +
                R"("successRatio":0.95,"failure":1,"timeout":0,"rejected":2,"dryRun":3}}},)" +
                R"("runbooks":{"alertsPaged":8,"withRunbook":6,"withRunbookRatio":0.75,)" +
                R"("missing":["Disk|Full","Slow"]},)" +
                R"("sloBreaches":{"bySlo":{"shop-cart":2},"total":2},)" +
                R"("alerts":[{"alert":"DiskFull","incidents":5,"noise":4}]}})"}};
  return server;
}

TEST(ReportTest, OfATeamSaysNothingOfErrorBudgets) {
  FakeServer server = Answering();
  std::string& body = server.answers["GET /api/v1/analytics"].front().second;
  body.replace(body.find(R"("team":"")"), 9, R"("team":"core")");
  ASSERT_EQ(server.Ask({"report", "--team=core"}), kOk) << server.err;
  EXPECT_THAT(server.out, HasSubstr("# Alerting report: core\n"));
  EXPECT_THAT(server.out, Not(HasSubstr("error budgets used up")));
}

TEST(ReportTest, IsADocumentForTheReview) {
  FakeServer server = Answering();
  ASSERT_EQ(server.Ask({"report", "-o", "md"}), kOk) << server.err;
  EXPECT_THAT(server.out, HasSubstr("# Alerting report\n\n2026-01-01T12:00:00Z to 2026-01-31"));
  EXPECT_THAT(server.out, HasSubstr("| time to acknowledge (MTTA) | 1m 35s | 1m 1s | 1h 2m |"
                                    " < 2m | met |\n"));
  EXPECT_THAT(server.out, HasSubstr("| time to resolve (MTTR) | 1d 3h | 1d | 1d 1h | < 1h |"
                                    " missed |\n"));
  EXPECT_THAT(server.out, HasSubstr("| over, of what was opened | 91.7 % |"));
  EXPECT_THAT(server.out, HasSubstr("| alerts of a page | 4.3 |  |  | > 10 | missed |\n"));
  EXPECT_THAT(server.out, HasSubstr("| time to detect (MTTD) | – | – | – | < 5m | – |\n"));
  EXPECT_THAT(server.out, HasSubstr("| noise, of what is over | – |  |  | < 10 % | – |\n"));
  EXPECT_THAT(server.out, HasSubstr("| escalated, of what was paged | 10.0 % |"));
  EXPECT_THAT(server.out, HasSubstr("| pages at night | 3 |\n"));
  EXPECT_THAT(server.out, HasSubstr("| time to mitigate | 10m | 9m | 11m |  |  |\n"));
  EXPECT_THAT(server.out, HasSubstr("| from the ack to the end | 20m | 1m | 39m |  |  |\n"));
  EXPECT_THAT(server.out, HasSubstr("| noise, of what was classified | 50.0 % |"));
  EXPECT_THAT(server.out, HasSubstr("| of these found by people, not by monitoring | 2 |\n"));
  EXPECT_THAT(server.out, HasSubstr("| pages once more of what had come back | 4 |\n"));
  EXPECT_THAT(server.out, HasSubstr("| of these by a policy that gave up, which no time is taken "
                                    "of | 1 |\n"));
  EXPECT_THAT(server.out, HasSubstr("| answered within the target of its level | 75.0 % |"));
  EXPECT_THAT(server.out, HasSubstr("| not answered within the target | 1 |\n"));
  EXPECT_THAT(server.out, HasSubstr("| post-mortems that are late | 2 |\n"));
  EXPECT_THAT(server.out, Not(HasSubstr("post-mortems reviewed"))) << "none was wanted";
  EXPECT_THAT(server.out, HasSubstr("| core\\|web | 12 | 11 | 3 | 1m 35s | 1d 3h | – |\n"));
  EXPECT_THAT(server.out, HasSubstr("| ada | 4 | 1m | 2h 1m | 9 | 2 | 3 | 7 | 4.5 |\n"));
  EXPECT_THAT(server.out, HasSubstr("| pages of a person in a week on call | 12.3 |  |  | < 10 |"
                                    " missed |\n"));
  EXPECT_THAT(server.out, HasSubstr("| DiskFull | 5 | 4 |\n"));
  EXPECT_THAT(server.out,
              HasSubstr("| automation that succeeded, of what finished | 95.0 % | of 20 |"
                        " 76.0 % to 99.0 % | > 90 % | met |\n"));
  EXPECT_THAT(
      server.out,
      HasSubstr("| alerts with a runbook, of those that paged | 75.0 % | of 8 |  |  |  |\n"));
  EXPECT_THAT(server.out, HasSubstr("## Alerts that paged without a runbook\n\n| alert |\n"
                                    "| --- |\n| Disk\\|Full |\n| Slow |\n"));
  EXPECT_THAT(server.out, HasSubstr("| error budgets used up | 2 |  |  | 0 | missed |\n"));
  EXPECT_THAT(server.out, HasSubstr("| restart | 20 | 95.0 % | 1 | 0 | 2 | 3 |\n"));
  EXPECT_THAT(server.out, HasSubstr("| shop-cart | 2 |\n"));
  EXPECT_THAT(server.out, Not(HasSubstr("By day")));
  EXPECT_THAT(server.out,
              HasSubstr("**What was resolved before 2026-01-20T12:00:00Z is no longer"));
}

TEST(ReportTest, AsksForThePeriodThatIsWanted) {
  FakeServer server = Answering();
  EXPECT_EQ(server.Ask({"report", "--days=7", "--zone=Europe/Berlin", "--team=a b"}), kOk);
  EXPECT_EQ(server.requests.back().path,
            "/api/v1/analytics?days=7&zone=Europe%2FBerlin&team=a%20b");
  server = Answering();
  EXPECT_EQ(server.Ask({"report", "--from=2026-01-01", "-o", "json"}), kOk);
  EXPECT_EQ(server.requests.back().path, "/api/v1/analytics?from=2026-01-01T00%3A00%3A00.000Z");
  EXPECT_THAT(server.out, HasSubstr(R"("pagesSleep":3)"));
  EXPECT_EQ(server.Ask({"report", "--from=yesterday"}), kUsage);
  EXPECT_EQ(server.Ask({"alert", "-o", "md"}), kUsage);
  EXPECT_THAT(server.err, HasSubstr("-o md is for wfctl report alone"));
}

TEST(ReportTest, TargetsMayBeOnesOwn) {
  FakeServer server = Answering();
  ASSERT_EQ(server.Ask({"report", "--target=mtta=90s", "--target=mttr=30h", "--target=pages=20",
                        "--target=escalated=12.5%", "--target=automation=0.97"}),
            kOk)
      << server.err;
  EXPECT_THAT(server.out, HasSubstr(" | < 1m 30s | missed |\n"));
  EXPECT_THAT(server.out, HasSubstr(" | < 1d 6h | met |\n"));
  EXPECT_THAT(server.out, HasSubstr("| 12.3 |  |  | < 20 | met |\n"));
  EXPECT_THAT(server.out, HasSubstr("| 10.0 % |  |  | < 12.5 % | met |\n"));
  EXPECT_THAT(server.out, HasSubstr(" | > 97 % | missed |\n"));
  for (const char* bad :
       {"mtta", "mtba=5m", "mtta=soon", "pages=-1", "noise=x%", "noise=NaN", "noise=5"}) {
    EXPECT_EQ(server.Ask({"report", std::string("--target=") + bad}), kUsage) << bad;
    EXPECT_THAT(server.err, HasSubstr("--target")) << bad;
  }
}

}  // namespace
}  // namespace watchfire::wfctl
