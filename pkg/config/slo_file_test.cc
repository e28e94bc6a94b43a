// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/config/fake_world.h"

namespace watchfire::config {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::Contains;
using ::testing::DoubleEq;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr const char* kGood = R"(
version: prometheus/v1
service: shop-cart
labels: {team: basket, tier: "1"}
slos:
  - name: add-item
    description: not shown anywhere
    objective: 99.5
    labels: {tier: "2"}
    sli:
      events:
        error_query: sum(rate(cart_total{code=~"5.."}[{{ .window }}]))
        total_query: sum(rate(cart_total[{{.window}}]))
    alerting:
      name: CartFailing
      labels: {severity: none, owner: x}
      annotations: {runbook: "https://wiki.example/cart"}
      page_alert: {labels: {severity: critical}, annotations: {summary: burning}}
      ticket_alert: {disable: true}
)";

std::vector<std::string> Problems(const std::string& text, Config* config) {
  return World::Print(LoadSloFile("s.yml", text, config));
}

// One SLO with these fields over good ones.
std::string Slo(const std::string& fields, const std::string& head = "service: api") {
  return "version: prometheus/v1\n" + head + "\nslos:\n  - {" + fields + "}\n";
}
const std::string kSli = "sli: {raw: {error_ratio_query: 'x{{.window}}'}}";

std::string Windows(const std::string& period, const std::string& quick) {
  return "apiVersion: sloth.slok.dev/v1\nkind: AlertWindows\nmetadata: {name: x}\nspec:\n"
         "  sloPeriod: " +
         period + "\n  page:\n    quick: " + quick +
         "\n    slow: {errorBudgetPercent: 5, shortWindow: 90s, longWindow: 18m}\n"
         "  ticket:\n"
         "    quick: {errorBudgetPercent: 10, shortWindow: 6m, longWindow: 72m}\n"
         "    slow: {errorBudgetPercent: 10, shortWindow: 18m, longWindow: 216m}\n";
}
const std::string kQuick = "{errorBudgetPercent: 2, shortWindow: 15s, longWindow: 3m}";

std::vector<double> Factors(const config::Slo& slo) {
  std::vector<double> factors;
  for (const SloWindow& window : slo.page_windows) factors.push_back(window.factor);
  for (const SloWindow& window : slo.ticket_windows) factors.push_back(window.factor);
  return factors;
}

TEST(SloFileTest, ASlothFileIsRead) {
  Config config;
  ASSERT_THAT(Problems(kGood, &config), IsEmpty());
  ASSERT_THAT(config.slos, SizeIs(1));
  const config::Slo& slo = config.slos[0];
  EXPECT_EQ(slo.id, "shop-cart-add-item");
  EXPECT_EQ(slo.objective, 99.5);
  EXPECT_EQ(slo.period, hours(720));
  EXPECT_EQ(slo.error_query, "sum(rate(cart_total{code=~\"5..\"}[{{.window}}]))");
  EXPECT_EQ(slo.total_query, "sum(rate(cart_total[{{.window}}]))");
  EXPECT_EQ(slo.labels.ToString(), "{team=\"basket\", tier=\"2\"}");
  EXPECT_EQ(slo.alert_name, "CartFailing");
  EXPECT_FALSE(slo.page.disabled);
  EXPECT_EQ(slo.page.labels.ToString(), "{owner=\"x\", severity=\"critical\"}");
  EXPECT_THAT(slo.page.annotations, SizeIs(2));
  EXPECT_TRUE(slo.ticket.disabled);
  EXPECT_EQ(slo.ticket.labels.Get("severity"), "none");
}

TEST(SloFileTest, WithoutATableTheWorkbooksWindowsScaleWithThePeriod) {
  const auto factors = [](Duration period) {
    Config config;
    config.evaluation.slo_period = period;
    EXPECT_THAT(Problems(kGood, &config), IsEmpty());
    EXPECT_EQ(config.slos[0].period, period);
    EXPECT_EQ(config.slos[0].page_windows[1].short_window, minutes(30));
    return Factors(config.slos[0]);
  };
  EXPECT_THAT(factors(hours(24 * 30)), ElementsAre(14.4, 6, 3, 1));
  EXPECT_THAT(factors(hours(24 * 28)),
              ElementsAre(DoubleEq(13.44), DoubleEq(5.6), DoubleEq(2.8), DoubleEq(28.0 / 30)));
  EXPECT_THAT(factors(hours(24 * 90)),
              ElementsAre(DoubleEq(43.2), DoubleEq(18), DoubleEq(9), DoubleEq(3)));
}

TEST(SloFileTest, TheOnlyTableSetsPeriodAndWindowsOfEverySlo) {
  World world(Minimal("slo_files: [good.yml, windows.yml]\nevaluation: {interval: 5s}\n"));
  world.files["good.yml"] = kGood;
  world.files["windows.yml"] = Windows("36h", kQuick);
  const Loaded loaded = world.Load();
  ASSERT_THAT(World::Print(loaded.problems), IsEmpty());
  const config::Slo& slo = loaded.config->slos[0];
  EXPECT_EQ(slo.period, hours(36));
  EXPECT_EQ(slo.page_windows[0].long_window, minutes(3));
  EXPECT_EQ(slo.page_windows[0].short_window, seconds(15));
  EXPECT_THAT(Factors(slo), ElementsAre(DoubleEq(14.4), DoubleEq(6), DoubleEq(3), DoubleEq(1)));
}

TEST(SloFileTest, WithSeveralTablesThePeriodDecides) {
  const std::string two =
      std::string(kGood) + "---\n" + Windows("36h", kQuick) + "---\n" + Windows("30d", kQuick);
  Config config;
  config.evaluation.interval = seconds(5);
  EXPECT_THAT(Problems(two, &config), ElementsAre(HasSubstr("page 3m (factor 288)")));
  EXPECT_EQ(config.slos[0].period, hours(720));
  EXPECT_EQ(config.slos[0].page_windows[0].long_window, minutes(3));
  Config other = config;
  other.slos.clear();
  other.evaluation.slo_period = hours(36);
  ASSERT_THAT(Problems(two, &other), IsEmpty());
  EXPECT_THAT(Factors(other.slos[0])[0], DoubleEq(14.4));

  const std::string same = Windows("36h", kQuick) + "---\n" + Windows("36h", kQuick);
  EXPECT_THAT(Problems(same, &config),
              ElementsAre("warning s.yml:17:3: AlertWindows for 1d12h are given twice (first in "
                          "s.yml:5)"));
  const std::string clash =
      Windows("36h", kQuick) + "---\n" +
      Windows("36h", "{errorBudgetPercent: 3, shortWindow: 15s, longWindow: 3m}");
  EXPECT_THAT(Problems(clash, &config),
              ElementsAre("s.yml:17:3: other AlertWindows for 1d12h are given already (in "
                          "s.yml:5)"));
  const std::string unclear = Windows("36h", kQuick) + "---\n" + Windows("7d", kQuick);
  EXPECT_THAT(Problems(unclear, &config),
              ElementsAre("s.yml:17:3: AlertWindows for several periods, none of them 30d (say "
                          "which with evaluation.slo_period)"));
}

TEST(SloFileTest, AnAlertThatCanNeverFireIsAWarning) {
  Config config;
  const std::string text = Slo("name: low, objective: 90, " + kSli +
                               ", alerting: {name: A, ticket_alert: {disable: true}}");
  EXPECT_THAT(Problems(text, &config),
              ElementsAre("warning s.yml:4:17: these alerts of api-low can never fire: page 1h "
                          "(factor 14.4) (their factor times the budget is 1 or more: set a higher "
                          "objective or other windows)"));
  EXPECT_THAT(config.slos, SizeIs(1));
}

TEST(SloFileTest, MistakesHaveTheirText) {
  const std::string good = "name: ab, objective: 99, alerting: {name: A}, ";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"version: prometheus/v2\nservice: ab\n",
       "s.yml:1:1: unknown version \"prometheus/v2\" (prometheus/v1 and watchfire/v1 are "
       "supported)"},
      {"version: prometheus/v1\nservice: ab\n", "s.yml:1:1: slos must hold at least one SLO"},
      {Slo(good + kSli, "servce: api"),
       "warning s.yml:2:1: unknown key \"servce\" has no effect (did you mean \"service\"?)"},
      {Slo(good + kSli, "service: a"),
       "s.yml:2:1: invalid service \"a\" (letters, digits, - _ and . between a letter or digit at "
       "each end)"},
      {Slo(good + kSli, "service: api\nslo_plugins: {chain: [{id: mine/v1}]}"),
       "s.yml:3:24: plugin \"mine/v1\" cannot be run: it is a program in Go (remove it, and say "
       "what "
       "it does in a file of rules or of watchfire/v1)"},
      {Slo(good + kSli + ", plugins: {chain: [{priority: 1}]}"),
       "s.yml:4:119: id must be set (that of a plugin of Sloth)"},
      {Slo("name: ab, objective: 100, alerting: {name: A}, " + kSli),
       "s.yml:4:16: objective must be between 0 and 100, both excluded (a percentage, as in "
       "99.9)"},
      {Slo("name: ab, objective: 0, alerting: {name: A}, " + kSli),
       "s.yml:4:16: objective must be between 0 and 100, both excluded (a percentage, as in "
       "99.9)"},
      {Slo("name: ab, objective: high, alerting: {name: A}, " + kSli),
       "s.yml:4:16: objective must be a number, found \"high\""},
      {Slo("name: ab, alerting: {name: A}, " + kSli),
       "s.yml:4:5: objective must be set (a percentage, as in 99.9)"},
      {Slo("name: ab, objective: 99, " + kSli),
       "s.yml:4:5: alerting.name must be set (or disable both page_alert and ticket_alert)"},
      {Slo(good), "s.yml:4:5: sli must be set"},
      {Slo(good + "sli: {}"), "s.yml:4:52: exactly one of events and raw must be set in sli"},
      {Slo(good + "sli: {plugin: {id: x}}"),
       "s.yml:4:58: plugin \"x\" cannot be run: it is a program in Go (say the query that it "
       "makes, "
       "which sloth generate prints, as raw or events)"},
      {Slo(good + "sli: {raw: {error_ratio_query: up}}"),
       "s.yml:4:64: error_ratio_query must contain {{.window}} (as in "
       "rate(errors_total[{{.window}}]))"},
      {Slo(good + "sli: {raw: {error_ratio_query: 'x[{{.window}}'}}"),
       "s.yml:4:97: error_ratio_query: unclosed left bracket"},
      {Slo(good + "sli: {raw: {error_ratio_query: '{{.windw}}'}}"),
       "s.yml:4:64: error_ratio_query: {{.windw}} is not supported (the only template of a query "
       "is {{.window}})"},
      {Slo(good + "sli: {events: {error_query: 'x{{.window}}', total_query: 'x{{.window}}'}}"),
       "s.yml:4:67: error_query and total_query must differ"},
      {Slo(good + "sli: {events: {error_query: 'x{{.window}}'}}"),
       "s.yml:4:58: total_query must be set"},
      {Slo(good + kSli + ", labels: {a: ''}"), "s.yml:4:110: labels.a must not be empty"},
      {Slo(good + kSli + ", labels: {a: '{{ $value }}'}"),
       "s.yml:4:110: labels.a: templates are not supported in labels of SLOs (write a fixed text)"},
      {Slo("name: ab, objective: 99, alerting: {name: A, pageAlert: {}}, " + kSli),
       "warning s.yml:4:51: unknown key \"pageAlert\" has no effect (did you mean "
       "\"page_alert\"?)"},
      {Slo(good + kSli + "}\n  - {" + good + kSli),
       "s.yml:5:6: SLO \"api-ab\" is not unique (first in s.yml:4)"},
      {Windows("0s", kQuick), "s.yml:5:3: sloPeriod must be above 0 (as in 28d)"},
      {Windows("36h", "{errorBudgetPercent: 0, shortWindow: 5m, longWindow: 1h}"),
       "s.yml:7:13: errorBudgetPercent must be above 0"},
      {Windows("36h", "{errorBudgetPercent: 1, shortWindow: 1h, longWindow: 1h}"),
       "s.yml:7:36: shortWindow must be above 0 and shorter than longWindow"},
      {Windows("36h", "{errorBudgetPercent: 1, shortWindow: 1h}"),
       "s.yml:7:5: longWindow must be set"},
      {"kind: AlertWindows\nspec: {}\n", "s.yml:2:1: page must be set"},
  };
  for (const auto& [text, want] : cases) {
    Config config;
    EXPECT_THAT(Problems(text, &config), Contains(want)) << text;
  }
}

TEST(SloFileTest, AQueryMayEndWithAComment) {
  Config config;
  const std::string text =
      Slo("name: ab, objective: 99, alerting: {name: A}, sli: {events: {"
          "error_query: 'sum(rate(e[{{.window}}])) # the bad', "
          "total_query: \"sum(rate(t[{{.window}}]))\\n# all\"}}");
  ASSERT_THAT(Problems(text, &config), IsEmpty());
  EXPECT_EQ(config.slos.at(0).error_query, "sum(rate(e[{{.window}}])) # the bad");
}

TEST(SloFileTest, PluginsOfSlothAreKnownByWhatTheyDo) {
  const std::string waiting =
      "name: ab, objective: 99, alerting: {name: A, page_alert: {for: 5m}}, " + kSli;
  const auto with = [&](const std::string& plugins) {
    return Slo(waiting, "service: api\nslo_plugins: {" + plugins + "}");
  };
  const std::string wait = "{id: sloth.dev/contrib/alert_for/v1, priority: 10}";
  Config config;
  EXPECT_THAT(Problems(with("chain: [" + wait +
                            ", {id: sloth.dev/core/sli_rules/v1, config: {disableOptimized: "
                            "true}}]"),
                       &config),
              IsEmpty());
  EXPECT_EQ(config.slos.at(0).page.hold, minutes(5));
  EXPECT_EQ(config.slos.at(0).ticket.hold, Duration::zero());
  config = {};
  EXPECT_THAT(Problems(Slo(waiting), &config),
              ElementsAre(HasSubstr("for has no effect (nor has it in Sloth without the plugin "
                                    "sloth.dev/contrib/alert_for/v1)")));
  EXPECT_EQ(config.slos.at(0).page.hold, Duration::zero());
  config = {};
  std::string own = Slo(waiting);
  own.replace(own.find("prometheus/v1"), 13, "watchfire/v1");
  EXPECT_THAT(Problems(own, &config), IsEmpty()) << "here it always counts";
  EXPECT_EQ(config.slos.at(0).page.hold, minutes(5));
  config = {};
  EXPECT_THAT(
      Problems(with("chain: [" + wait + ", {id: sloth.dev/contrib/info_labels/v1}]"), &config),
      ElementsAre(HasSubstr("warning s.yml:3:")));
  config = {};
  EXPECT_THAT(Problems(with("chain: [" + wait +
                            ", {id: sloth.dev/contrib/error_budget_exhausted_alert/v1}]"),
                       &config),
              ElementsAre(HasSubstr(
                  "\"sloth.dev/contrib/error_budget_exhausted_alert/v1\" is not known here "
                  "(an error budget policy tells when it is exhausted)")));
  config = {};
  EXPECT_THAT(Problems(with("overridePrevious: true, chain: [" + wait + "]"), &config),
              ElementsAre(HasSubstr("Sloth's own plugins cannot be left out")));
}

TEST(SloFileTest, IdsAreUniqueOverTheWholeLoad) {
  World world(Minimal("slo_files: [a.yml, b.yml]\n"));
  world.files["a.yml"] = kGood;
  world.files["b.yml"] = kGood;
  EXPECT_THAT(world.Problems(), ElementsAre(HasSubstr("(first in a.yml:6)")));
}

}  // namespace
}  // namespace watchfire::config
