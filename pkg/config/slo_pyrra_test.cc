// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What Pyrra's resources become.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/config/slo_for_test.h"

namespace watchfire::config {
namespace {

using std::chrono::minutes;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(SloPyrraTest, IndicatorsOfPyrra) {
  Config config =
      Read(Pyrra("ratio: {errors: {metric: 'up_total{code=~\"5..\"}'}, total: "
                 "{metric: 'up_total{job=\"up\"}'}, grouping: [site]}"));
  Slo slo = config.slos[0];
  EXPECT_EQ(slo.id, "media-uploads");
  EXPECT_EQ(slo.total_query, "sum by (site) (rate(up_total{job=\"up\"}[{{.window}}]))");
  EXPECT_EQ(slo.error_query,
            "(sum by (site) (rate(up_total{code=~\"5..\"}[{{.window}}]))) or 0 * "
            "(sum by (site) (rate(up_total{job=\"up\"}[{{.window}}])))");
  EXPECT_EQ(slo.labels.ToString(), "{job=\"up\", team=\"film\"}");
  EXPECT_EQ(slo.page.annotations.Get("runbook"), "https://wiki.example.com/uploads");
  EXPECT_EQ(slo.alert_name, "ErrorBudgetBurn");
  EXPECT_THAT(Windows(slo.page_windows), ElementsAre("1h/5m>14.00", "6h/30m>7.000"));
  EXPECT_THAT(Windows(slo.ticket_windows), ElementsAre("1d/2h>2.000", "4d/6h>1.000"));
  ASSERT_THAT(config.rule_groups, SizeIs(1));
  const Rule& absent = config.rule_groups[0].rules[0];
  EXPECT_EQ(absent.alert, "SLOMetricAbsent");
  EXPECT_EQ(absent.expr, "absent(up_total{job=\"up\"})");
  EXPECT_EQ(absent.hold, minutes(10));
  EXPECT_EQ(absent.labels.Get("severity"), "critical");
  EXPECT_EQ(absent.labels.Get("team"), "film");
  EXPECT_EQ(absent.annotations.Get("runbook"), "https://wiki.example.com/uploads");
  EXPECT_THAT(absent.annotations.Get("summary"), HasSubstr("there is no data"));

  slo = Read(Pyrra("latency: {success: {metric: 's_bucket{le=\"2\"}'}, total: {metric: s_count}}"))
            .slos[0];
  EXPECT_EQ(slo.error_query,
            "(sum(rate(s_count[{{.window}}]))) - "
            "(sum(rate(s_bucket{le=~\"2(\\\\.0)?\"}[{{.window}}])))");
  slo = Read(Pyrra("latencyNative: {total: {metric: s}, latency: 500ms}")).slos[0];
  EXPECT_EQ(slo.error_ratio_query, "1 - histogram_fraction(0, 0.5, sum(rate(s[{{.window}}])))");
  slo = Read(Pyrra("bool_gauge: {metric: 'probe{job=\"edge\"}'}")).slos[0];
  EXPECT_EQ(slo.total_query, "sum(count_over_time(probe{job=\"edge\"}[{{.window}}]))");
  EXPECT_EQ(slo.error_query,
            "(sum(count_over_time(probe{job=\"edge\"}[{{.window}}]))) - "
            "(sum(sum_over_time(probe{job=\"edge\"}[{{.window}}])))");
}

TEST(SloPyrraTest, ARatioMayBeOfSuccesses) {
  // What has no success at all has errors only.
  Config config =
      Read(Pyrra("ratio: {success: {metric: ok_total}, total: {metric: 'all_total{job=\"up\"}'}, "
                 "grouping: [site]}"));
  EXPECT_EQ(config.slos[0].total_query, "sum by (site) (rate(all_total{job=\"up\"}[{{.window}}]))");
  EXPECT_EQ(config.slos[0].error_query,
            "(sum by (site) (rate(all_total{job=\"up\"}[{{.window}}]))) - ((sum by (site) "
            "(rate(ok_total[{{.window}}]))) or 0 * (sum by (site) "
            "(rate(all_total{job=\"up\"}[{{.window}}]))))");
  EXPECT_EQ(config.slos[0].labels.ToString(), "{job=\"up\", team=\"film\"}");
  EXPECT_EQ(config.rule_groups.at(0).rules[0].expr, "absent(all_total{job=\"up\"})");
  config =
      Read(Pyrra("ratio: {errors: {metric: 'e_total{tier=\"1\"}'}, success: {metric: ok_total}}"));
  EXPECT_EQ(
      config.slos[0].error_query,
      "(sum(rate(e_total{tier=\"1\"}[{{.window}}]))) or 0 * (sum(rate(ok_total[{{.window}}])))");
  EXPECT_EQ(config.slos[0].total_query,
            "((sum(rate(e_total{tier=\"1\"}[{{.window}}]))) or 0 * "
            "(sum(rate(ok_total[{{.window}}])))) + ((sum(rate(ok_total[{{.window}}]))) or 0 * "
            "(sum(rate(e_total{tier=\"1\"}[{{.window}}]))))");
  EXPECT_EQ(config.slos[0].labels.ToString(), "{team=\"film\", tier=\"1\"}");
  EXPECT_EQ(config.rule_groups.at(0).rules[0].expr, "absent(ok_total)");
}

TEST(SloPyrraTest, SelectorsMayHaveAnOffset) {
  const Config config =
      Read(Pyrra("ratio: {errors: {metric: 'a{code=~\"5..\"} offset 1m'}, total: {metric: 'a "
                 "offset 1m'}}"));
  EXPECT_EQ(config.slos[0].total_query, "sum(rate(a[{{.window}}] offset 1m))");
  EXPECT_EQ(config.rule_groups.at(0).rules[0].expr, "absent(a offset 1m)");
}

TEST(SloPyrraTest, OfSeveralIndicatorsTheFirstInPyrrasOrderCounts) {
  Config config;
  EXPECT_THAT(SloProblems(Pyrra("bool_gauge: {metric: probe}, latencyNative: {total: {metric: s}, "
                                "latency: 500ms}"),
                          &config),
              ElementsAre(HasSubstr("bool_gauge has no effect beside latencyNative")));
  EXPECT_EQ(config.slos.at(0).error_ratio_query,
            "1 - histogram_fraction(0, 0.5, sum(rate(s[{{.window}}])))");
}

TEST(SloPyrraTest, AWindowThatIsNoneIsNotCalledTooShortAsWell) {
  std::string text = Pyrra("bool_gauge: {metric: probe}");
  text.replace(text.find("4w"), 2, "soon");
  Config config;
  const std::vector<std::string> problems = SloProblems(text, &config);
  EXPECT_THAT(problems, ::testing::Contains(HasSubstr("not a valid duration")));
  EXPECT_THAT(problems, ::testing::Not(::testing::Contains(HasSubstr("is empty"))));
}

TEST(SloPyrraTest, AlertsOfPyrraCanBeNamedAndSwitchedOff) {
  const std::string gauge = "bool_gauge: {metric: probe}";
  Config config = Read(Pyrra(gauge,
                             "  alerting: {name: Burns, absent: false, severities: "
                             "{mediumBurn: warning, longTermBurn: info}}\n"));
  Slo slo = config.slos[0];
  EXPECT_EQ(slo.alert_name, "Burns");
  EXPECT_THAT(config.rule_groups, IsEmpty());
  EXPECT_THAT(slo.page_windows, SizeIs(1));
  EXPECT_THAT(Windows(slo.ticket_windows), ElementsAre("6h/30m>7.000", "1d/2h>2.000"));
  ASSERT_THAT(slo.severities, SizeIs(1));
  EXPECT_EQ(slo.severities[0].name, "info");
  slo = Read(Pyrra(gauge, "  alerting: {burnrates: false}\n")).slos[0];
  EXPECT_TRUE(slo.page.disabled);
  EXPECT_TRUE(slo.ticket.disabled);
}

TEST(SloPyrraTest, SeveritiesOfPyrraThatMeanTheSameKeepTheirNames) {
  const std::string gauge = "bool_gauge: {metric: probe}";
  EXPECT_THAT(Alerts(Read(Pyrra(gauge,
                                "  alerting: {severities: {fastBurn: page, mediumBurn: critical, "
                                "slowBurn: critical}}\n"))
                         .slos[0]),
              ElementsAre("page[page] 1h/5m>14.00", "ticket[warning] 4d/6h>1.000",
                          "critical[critical] 6h/30m>7.000 1d/2h>2.000"));
  // What Go's omitempty leaves out is what is not there.
  const Config config = Read(Pyrra(gauge,
                                   "  alerting: {name: '', absentName: '', severities: {absent: "
                                   "'', fastBurn: '', slowBurn: ''}}\n"));
  EXPECT_EQ(config.slos[0].alert_name, "ErrorBudgetBurn");
  EXPECT_THAT(Alerts(config.slos[0]), ElementsAre("page[critical] 1h/5m>14.00 6h/30m>7.000",
                                                  "ticket[warning] 1d/2h>2.000 4d/6h>1.000"));
  EXPECT_EQ(config.rule_groups[0].rules[0].alert, "SLOMetricAbsent");
  EXPECT_EQ(config.rule_groups[0].rules[0].labels.Get("severity"), "critical");
}

TEST(SloPyrraTest, AnotherTableForPyrraHasAllOfItsAlerts) {
  const auto alerts = [](const std::string& more) {
    std::string text = Pyrra("bool_gauge: {metric: probe}", more);
    const std::string before = "pyrra.dev/runbook";
    text.insert(text.find(before), "watchfire/windows: workbook, ");
    return Alerts(Read(text).slos[0]);
  };
  // Although Pyrra's own windows leave nothing for a ticket.
  EXPECT_THAT(
      alerts("  alerting: {severities: {fastBurn: sev1, slowBurn: page, longTermBurn: page}}\n"),
      ElementsAre("page[sev1] 1h/5m>13.44 6h/30m>5.600", "ticket[page] 1d/2h>2.800 3d/6h>0.933"));
  EXPECT_THAT(alerts("  alerting: {burnrates: false}\n"), IsEmpty());
  EXPECT_THAT(alerts("  alerting: {disabled: true}\n"), IsEmpty());
}

}  // namespace
}  // namespace watchfire::config
