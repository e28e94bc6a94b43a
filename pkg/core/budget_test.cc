// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Error budget policies through the whole of core: their alerts take the one way to receivers.

#include <algorithm>
#include <limits>

#include "pkg/core/core_fixture.h"

namespace watchfire::core {
namespace {

using std::chrono::hours;
using testing::IsEmpty;
using testing::SizeIs;

std::shared_ptr<config::Config> WithPolicy() {
  std::shared_ptr<config::Config> config = TestConfig();
  config::Slo slo;
  slo.id = "shop-cart";
  slo.service = "api";
  slo.name = "cart";
  slo.objective = 99.9;
  slo.error_ratio_query = "ratio{{.window}}";
  slo.alert_name = "CartBurns";
  slo.page_windows = {{hours(1), minutes(5), 14.4}};
  slo.ticket.disabled = true;
  slo.policy = "Shop";
  slo.levels = {{"budget_remaining > 0.5", 0.5, 9, true, false, false, {"Go on"}},
                {"budget_remaining <= 0.5", -9, 0.5, false, false, false, {"Fixes only"}},
                {"budget_exhausted", -9, 0, false, false, true, {"Tell everybody"}}};
  config->slos = {slo};
  return config;
}

class BudgetTest : public CoreTest {
 protected:
  BudgetTest() : CoreTest(WithPolicy()) {}

  // Lets time pass; Prometheus says that `ratio` was bad in the whole period, and little lately.
  void Run(Duration span, Result<double> ratio) {
    for (const MonoTime end = now_.mono + span; now_.mono < end;) {
      now_.mono += seconds(5);
      now_.wall += seconds(5);
      std::vector<Event> events;
      do {
        std::vector<Event> next;
        for (const Effect& effect : Step(std::move(events))) {
          if (const auto* log = std::get_if<Log>(&effect)) logs_.push_back(log->message);
          const auto* query = std::get_if<RunQuery>(&effect);
          if (query == nullptr) continue;
          Result<promql::Vector> answer = promql::Vector{};
          if (!ratio) {
            answer = Fail(ratio.error());
          } else {
            answer->push_back({{}, query->at, query->expr == "ratio30d" ? *ratio : 0.0});
          }
          next.emplace_back(QueryDone{query->id, std::move(answer), Duration::zero()});
        }
        events = std::move(next);
      } while (!events.empty());
      Commit();
      while (!attempts_.empty()) {
        const Attempt attempt = attempts_.back();
        attempts_.pop_back();
        for (const auto& alert : attempt.notification->alerts) {
          told_.push_back(std::string(alert.name()) + " " +
                          std::string(alert.labels.Get("budget_state")));
        }
        AnswerTo(attempt.id, Attempted::Kind::kDone);
        Commit();
      }
    }
  }
  size_t Logged(const std::string& message) const {
    return static_cast<size_t>(std::ranges::count(logs_, message));
  }

  std::vector<std::string> logs_;
  std::vector<std::string> told_;
};

constexpr const char* kFreeze = "slo: error budget policy: unknown → freeze";

TEST_F(BudgetTest, AStateReachesReceiversAndEndsWithTheBudgetBack) {
  Run(minutes(10), 0.0009);
  EXPECT_EQ(Logged(kFreeze), 1U);
  EXPECT_EQ(Logged("alert: firing"), 1U);
  EXPECT_THAT(told_, testing::Contains("SLOErrorBudgetPolicy freeze"));
  Run(hours(7), 0.0001);
  EXPECT_EQ(Logged("slo: error budget policy: freeze → normal"), 1U);
  EXPECT_EQ(Logged("alert: resolved"), 1U);
}

TEST_F(BudgetTest, ASpentBudgetMutesNoWarningOfItsService) {
  Run(minutes(10), 0.002);
  EXPECT_THAT(told_, testing::Contains("SLOErrorBudgetPolicy exhausted"));
  Fire("DiskFull", "warning");
  Run(minutes(10), 0.002);
  EXPECT_THAT(told_, testing::Contains("DiskFull "))
      << "the usual rule: critical mutes warning, equal: [service]";
}

TEST_F(BudgetTest, WhatIsNotKnownForAPeriodIsLoggedOnce) {
  Run(minutes(10), 0.0009);
  now_.wall += hours(24 * 31);
  Run(minutes(10), Fail(Code::kUnavailable, "connection refused"));
  EXPECT_EQ(Logged("slo: error budget policy: freeze → unknown"), 1U);
}

TEST_F(BudgetTest, NothingEndsWhilePrometheusDoesNotAnswer) {
  Run(minutes(10), 0.0009);
  Run(hours(9), Fail(Code::kUnavailable, "connection refused"));
  EXPECT_EQ(Logged("alert: resolved"), 0U);
  EXPECT_EQ(Logged("alert: firing"), 1U);
}

TEST_F(BudgetTest, ARestartTellsNobodyAgain) {
  Run(minutes(10), 0.0009);
  std::vector<Record> records;
  for (const auto& [key, value] : disk_) records.push_back({key.first, key.second, value});
  told_.clear();
  logs_.clear();
  Boot(records);
  Run(minutes(10), Fail(Code::kUnavailable, "connection refused"));
  Run(minutes(10), 0.0009);
  EXPECT_EQ(Logged("alert: firing"), 0U);
  EXPECT_EQ(Logged("alert: resolved"), 0U);
  EXPECT_EQ(Logged(kFreeze), 0U);
  EXPECT_THAT(told_, IsEmpty());
}

TEST_F(BudgetTest, AReloadWithOtherBoundsOfTheSameStateTellsNobody) {
  Run(minutes(10), 0.0009);
  told_.clear();
  logs_.clear();
  std::shared_ptr<config::Config> next = WithPolicy();
  next->slos[0].policy = "Renamed";
  next->slos[0].levels[0].condition = "budget_remaining > 0.4";
  next->slos[0].levels[0].low = next->slos[0].levels[1].high = 0.4;
  Step({ConfigSwap{next}});
  Run(minutes(10), 0.0009);
  EXPECT_EQ(Logged("alert: firing"), 0U);
  EXPECT_EQ(Logged("alert: resolved"), 0U);
  EXPECT_THAT(told_, IsEmpty());
}

}  // namespace
}  // namespace watchfire::core
