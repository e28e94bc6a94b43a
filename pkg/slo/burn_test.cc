// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/slo/burn.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace watchfire::slo {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

config::Slo MakeSlo(double objective = 99.9) {
  config::Slo slo;
  slo.id = "shop-cart-availability";
  slo.service = "shop-cart";
  slo.name = "availability";
  slo.objective = objective;
  slo.error_query = "sum(rate(e[{{.window}}]))";
  slo.total_query = "sum(rate(t[{{ .window }}]))";
  slo.alert_name = "CartBurns";
  slo.page_windows = {{hours(1), minutes(5), 14.4}, {hours(6), minutes(30), 6}};
  slo.ticket_windows = {{hours(24), hours(2), 3}, {hours(72), hours(6), 1}};
  return slo;
}

Reading MakeReading(std::map<Duration, double> ratios) { return {{}, std::move(ratios)}; }

TEST(BurnTest, BudgetComparesBitForBitAsSloth) {
  EXPECT_EQ(BudgetRatio(MakeSlo(99.9)), 0.0009999999999999432);
  EXPECT_EQ(14.4 * BudgetRatio(MakeSlo(99.9)), 14.4 * 0.0009999999999999432);
}

TEST(BurnTest, ConsumedAndRemainingBudget) {
  const config::Slo slo = MakeSlo();
  // A million requests in the period, 250 and 1500 of them bad.
  EXPECT_NEAR(*Engine::BudgetRemaining(slo, MakeReading({{slo.period, 250e-6}})), 0.75, 1e-9);
  EXPECT_NEAR(*Engine::BudgetRemaining(slo, MakeReading({{slo.period, 1500e-6}})), -0.5, 1e-9);
  EXPECT_EQ(Engine::BudgetRemaining(slo, MakeReading({})), std::nullopt);
  // Ten requests in the hour, one bad.
  EXPECT_NEAR(*Engine::BurnRate(slo, MakeReading({{hours(1), 0.1}}), hours(1)), 100, 1e-9);
  EXPECT_EQ(Engine::BurnRate(slo, MakeReading({{hours(1), 0.1}}), hours(6)), std::nullopt);
}

TEST(BurnTest, TheThresholdIsStrict) {
  const config::Slo slo = MakeSlo(99);
  const std::vector<config::SloWindow> pairs{{hours(1), minutes(5), 2}};
  const double threshold = 2 * BudgetRatio(slo);
  const auto verdict = [&](double ratio) {
    return Judge(slo, pairs, MakeReading({{hours(1), ratio}, {minutes(5), ratio}}), {}).verdict;
  };
  EXPECT_EQ(verdict(threshold), Verdict::kQuiet);
  EXPECT_EQ(verdict(std::nextafter(threshold, 1)), Verdict::kBurning);
}

TEST(BurnTest, WindowsAreDistinctAndIncludeThePeriod) {
  EXPECT_THAT(Windows(MakeSlo()), ElementsAre(minutes(5), minutes(30), hours(1), hours(2), hours(6),
                                              hours(24), hours(72), hours(720)));
}

TEST(BurnTest, QueriesCarryTheWindowAsPrometheusWritesIt) {
  config::Slo slo = MakeSlo();
  EXPECT_EQ(ErrorRatioExpr(slo, minutes(5)), "(sum(rate(e[5m]))) / (sum(rate(t[5m])))");
  EXPECT_EQ(ErrorRatioExpr(slo, hours(36)), "(sum(rate(e[1d12h]))) / (sum(rate(t[1d12h])))");
  EXPECT_EQ(ErrorRatioExpr(slo, hours(24 * 28)), "(sum(rate(e[4w]))) / (sum(rate(t[4w])))");
  config::Slo remarked = MakeSlo();
  remarked.error_query = "sum(rate(e[{{.window}}])) # 5xx";
  EXPECT_EQ(ErrorRatioExpr(remarked, minutes(5)),
            "(sum(rate(e[5m])) # 5xx\n) / (sum(rate(t[5m])))");
  slo.error_ratio_query = "r{x=\"{{{.window}}\"}[{{ .window}}] {{ .other }} {{";
  EXPECT_EQ(ErrorRatioExpr(slo, seconds(15)), "r{x=\"{15s\"}[15s] {{ .other }} {{");
}

TEST(BurnTest, LongWindowsAreAskedSeldomUnlessTheBudgetBurns) {
  EXPECT_EQ(Cadence(hours(6), false), Duration::zero());
  EXPECT_EQ(Cadence(hours(24), false), minutes(12));
  EXPECT_EQ(Cadence(hours(72), false), minutes(36));
  EXPECT_EQ(Cadence(hours(720), false), hours(6));
  EXPECT_EQ(Cadence(hours(720), true), minutes(6));
  EXPECT_EQ(Cadence(hours(24), true), seconds(12));
}

// Each of the four windows of two pairs is above, below, without data or unknown. The answer is
// known exactly when every way to fill in the unknown ones gives the same.
TEST(BurnTest, JudgesAsIfEveryUnknownHadBeenTriedBothWays) {
  const config::Slo slo = MakeSlo();
  const Duration windows[] = {hours(1), minutes(5), hours(6), minutes(30)};
  for (int code = 0; code < 256; ++code) {
    Reading reading;
    std::set<Duration> unknown;
    int above = 0;
    int open = 0;
    for (int i = 0, rest = code; i < 4; ++i, rest /= 4) {
      if (rest % 4 == 0) reading.error_ratio[windows[i]] = 0.5;
      if (rest % 4 == 1) reading.error_ratio[windows[i]] = 0.0001;
      if (rest % 4 == 3) unknown.insert(windows[i]);
      if (rest % 4 == 0) above |= 1 << i;
      if (rest % 4 == 3) open |= 1 << i;
    }
    bool can_burn = false;
    bool can_be_quiet = false;
    for (int guess = 0; guess < 16; ++guess) {
      const int all = above | (guess & open);
      const bool burns = (all & 3) == 3 || (all & 12) == 12;
      (burns ? can_burn : can_be_quiet) = true;
    }
    const Verdict want = can_burn && can_be_quiet ? Verdict::kUnknown
                         : can_burn               ? Verdict::kBurning
                                                  : Verdict::kQuiet;
    const Judgement got = Judge(slo, slo.page_windows, reading, unknown);
    ASSERT_EQ(got.verdict, want) << code;
    if (want == Verdict::kBurning) {
      ASSERT_EQ(got.pair, (above & 3) == 3 ? 0U : 1U) << code;
    }
  }
}

TEST(BurnTest, LabelsLayFromTheReadingUpToTheAlertName) {
  config::Slo slo = MakeSlo();
  slo.labels = labels::LabelSet{
      {"team", "basket"}, {"service", "cart"}, {"alertname", "no"}, {"sloth_severity", "no"}};
  slo.page.labels = labels::LabelSet{{"severity", "critical!"}};
  const Reading reading{labels::LabelSet{{"region", "eu"}, {"team", "weak"}}, {}};
  const std::vector<Severity> severities = Severities(slo);
  ASSERT_EQ(severities.size(), 2U);
  EXPECT_EQ(AlertLabels(slo, severities[0], reading),
            (labels::LabelSet{{"alertname", "CartBurns"},
                              {"exported_team", "weak"},
                              {"region", "eu"},
                              {"service", "cart"},
                              {"severity", "critical!"},
                              {"slo", "availability"},
                              {"sloth_id", "shop-cart-availability"},
                              {"sloth_service", "shop-cart"},
                              {"sloth_severity", "page"},
                              {"sloth_slo", "availability"},
                              {"team", "basket"}}));
  const labels::LabelSet ticket = AlertLabels(slo, severities[1], reading);
  EXPECT_EQ(ticket.Get("severity"), "warning");
  EXPECT_EQ(ticket.Get("sloth_severity"), "ticket");
  // As Sloth has it: the labels of an alert go before its own.
  slo.page.labels = labels::LabelSet{{"sloth_severity", "wake"}};
  EXPECT_EQ(AlertLabels(slo, Severities(slo)[0], reading).Get("sloth_severity"), "wake");
  slo.page.disabled = true;
  ASSERT_EQ(Severities(slo).size(), 1U);
  EXPECT_EQ(Severities(slo)[0].name, "ticket");
}

// Else two of them were one alert, and the second that burns would page nobody.
TEST(BurnTest, GroupsThatAreNamedLikeLabelsOfOursAreAlertsOfTheirOwn) {
  const config::Slo slo = MakeSlo();
  const Severity page = Severities(slo)[0];
  const auto labels = [&](const labels::LabelSet& group) {
    return AlertLabels(slo, page, Reading{group, {}});
  };
  // As Sloth's and Pyrra's alerts have it.
  EXPECT_EQ(labels({{"service", "search"}}).Get("service"), "search");
  EXPECT_EQ(labels({{"service", "search"}}).Get("sloth_service"), slo.service);
  EXPECT_EQ(labels({}).Get("service"), slo.service);
  for (const char* name : {"service", "slo", "severity", "sloth_id", "alertname"}) {
    EXPECT_NE(labels({{name, "a"}}), labels({{name, "b"}})) << name;
  }
  // What pages stays what pages.
  EXPECT_EQ(labels({{"severity", "info"}}).Get("severity"), "critical");
  EXPECT_EQ(labels({{"severity", "info"}}).Get("exported_severity"), "info");
  EXPECT_EQ(labels({{"slo", "x"}, {"exported_slo", "y"}}).Get("exported_exported_slo"), "x");
}

// Of a group the page mutes the ticket, which is about the same labels but for those that the two
// have of their own. Of another group it does not.
TEST(BurnTest, PageAndTicketOfAGroupHideTheSameOfIt) {
  config::Slo slo = MakeSlo();
  slo.page.labels = labels::LabelSet{{"team", "night"}};
  const auto shared = [&](size_t index, const labels::LabelSet& group) {
    const Severity severity = Severities(slo)[index];
    return AlertLabels(slo, severity, Reading{group, {}})
        .With({{"alertname", ""}, {"severity", ""}, {"sloth_severity", ""}, {"team", ""}});
  };
  for (const char* name : {"severity", "sloth_severity", "team", "service", "slo", "site"}) {
    for (const char* value : {"a", "warning", "critical", "page", "night", "availability"}) {
      EXPECT_EQ(shared(0, {{name, value}}), shared(1, {{name, value}})) << name << "=" << value;
      EXPECT_NE(shared(0, {{name, value}}), shared(1, {{name, "b"}})) << name << "=" << value;
    }
  }
}

TEST(BurnTest, AnnotationsSayWhichPairBurnsAndWhatIsLeft) {
  config::Slo slo = MakeSlo(99);
  slo.page.annotations = labels::LabelSet{{"runbook_url", "https://runbooks.example.com/x"},
                                          {"text", "{{ $labels.sloth_slo }} at {{ $value }}"},
                                          {"bad", "{{ humanise $value }}"},
                                          {"tier", "mine"}};
  const Reading reading = MakeReading({{hours(1), 0.2}, {minutes(5), 0.25}, {slo.period, 0.004}});
  const labels::LabelSet got = AlertAnnotations(slo, Severities(slo)[0], reading, 0);
  EXPECT_EQ(got.Get("title"), "shop-cart availability burns its error budget too fast (page)");
  EXPECT_EQ(got.Get("summary"),
            "shop-cart availability: burn rate 20 over 1h and 25 over 5m, above 14.4; error budget "
            "left: 60% of 30d");
  EXPECT_EQ(got.Get("windows"), "1h/5m");
  EXPECT_EQ(got.Get("burn_rate_long"), "20");
  EXPECT_EQ(got.Get("burn_rate_short"), "25");
  EXPECT_EQ(got.Get("budget_remaining"), "60%");
  EXPECT_EQ(got.Get("runbook_url"), "https://runbooks.example.com/x");
  EXPECT_EQ(got.Get("text"), "availability at 0.25");
  EXPECT_EQ(got.Get("tier"), "mine");
  EXPECT_THAT(std::string(got.Get("bad")), HasSubstr("<error expanding template: line 1: "));
  const labels::LabelSet slow = AlertAnnotations(slo, Severities(slo)[1], {}, 1);
  EXPECT_EQ(slow.Get("tier"), "slow");
  EXPECT_EQ(slow.Get("windows"), "3d/6h");
  EXPECT_EQ(slow.Get("budget_remaining"), "unknown");
}

TEST(BurnTest, TemplatesOfAnnotationsNameWhatThoseOfRulesCan) {
  config::Slo slo = MakeSlo(99);
  slo.page.annotations =
      labels::LabelSet{{"text",
                        "{{ $value | humanizePercentage }} of {{ $labels.region }} in "
                        "{{ $externalLabels.cluster }}, {{ $externalURL }}/x at {{ now }}"}};
  Reading reading = MakeReading({{hours(1), 0.2}, {minutes(5), 0.25}});
  reading.labels = labels::LabelSet{{"region", "eu"}};
  const labels::LabelSet got =
      AlertAnnotations(slo, Severities(slo)[0], reading, 0,
                       {FromNanos(5'000'000'000), {{"cluster", "c1"}}, "http://w"});
  EXPECT_EQ(got.Get("text"), "25% of eu in c1, http://w/x at 5");
}

TEST(BurnTest, ThresholdsOfOpenSloCompareAsTheySay) {
  using Compare = config::SloWindow::Compare;
  const config::Slo slo = MakeSlo(99);
  const double threshold = 2 * BudgetRatio(slo);
  const auto burns = [&](Compare compare, double ratio) {
    const std::vector<config::SloWindow> pairs{{hours(1), hours(1), 2, compare}};
    return Judge(slo, pairs, MakeReading({{hours(1), ratio}}), {}).verdict == Verdict::kBurning;
  };
  EXPECT_TRUE(burns(Compare::kAtLeast, threshold));
  EXPECT_FALSE(burns(Compare::kAtLeast, threshold / 2));
  EXPECT_TRUE(burns(Compare::kAtMost, threshold));
  EXPECT_FALSE(burns(Compare::kBelow, threshold));
  EXPECT_TRUE(burns(Compare::kBelow, threshold / 2));
}

TEST(BurnTest, FurtherSeveritiesAreJudgedAndAskedAsTheOthers) {
  config::Slo slo = MakeSlo();
  slo.severities.push_back({"escalate", slo.page, {{hours(2), minutes(7), 8}}});
  EXPECT_TRUE(Windows(slo).contains(minutes(7)));
  ASSERT_EQ(Severities(slo).size(), 3U);
  const Severity escalate = Severities(slo)[2];
  EXPECT_EQ(AlertLabels(slo, escalate, {}).Get("sloth_severity"), "escalate");
  EXPECT_EQ(AlertLabels(slo, escalate, {}).Get("severity"), "critical");
  slo.severities[0].alert.disabled = true;
  EXPECT_EQ(Severities(slo).size(), 2U);
}

TEST(BurnTest, WithoutTrafficNoEventsAreLeft) {
  Budget budget;
  budget.remaining = -0.5;
  EXPECT_EQ(EventsLeft(budget), std::nullopt);
  budget.events = 300;
  EXPECT_EQ(EventsLeft(budget), -150);
  budget.events = 0;
  EXPECT_EQ(EventsLeft(budget), 0);
  EXPECT_FALSE(std::signbit(*EventsLeft(budget))) << "prints as -0";
}

TEST(BurnTest, AlertsSayWhenTheBudgetIsGoneAndWhatItsPolicyWants) {
  config::Slo slo = MakeSlo();
  slo.policy = "shop";
  slo.levels = {{"budget_remaining > 0.5", 0.5, 1e9, true, false, false, {"go on"}},
                {"budget_remaining < 0.2", -1e9, 0.2, false, true, false, {"stop", "look"}},
                {"budget_exhausted", -1e9, 0, false, false, true, {"tell"}}};
  const auto annotations = [&](double spent) {
    const Reading reading =
        MakeReading({{hours(1), 0.02}, {minutes(5), 0.02}, {slo.period, spent * BudgetRatio(slo)}});
    return AlertAnnotations(slo, Severities(slo)[0], reading, 0);
  };
  // Half of 30 days at 20 times the rate.
  EXPECT_EQ(annotations(0.5).Get("budget_exhausted_in"), "18h");
  EXPECT_FALSE(annotations(0.5).Has("budget_policy"));  // Just half is not more than half.
  EXPECT_EQ(annotations(0.4).Get("budget_actions"), "go on");
  EXPECT_EQ(annotations(0.9).Get("budget_policy"), "shop: budget_remaining < 0.2");
  EXPECT_EQ(annotations(0.9).Get("budget_actions"), "stop; look");
  EXPECT_EQ(annotations(1.5).Get("budget_actions"), "tell");
  EXPECT_EQ(annotations(1.5).Get("budget_exhausted_in"), "0s");
}

}  // namespace
}  // namespace watchfire::slo
