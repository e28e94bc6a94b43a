// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/slo/generate.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace watchfire::slo {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

config::Slo MakeSlo() {
  config::Slo slo;
  slo.id = "shop-cart";
  slo.service = "shop";
  slo.name = "cart";
  slo.objective = 99.9;
  slo.error_query = "rate(e[{{.window}}])";
  slo.total_query = "rate(t[{{.window}}])";
  slo.labels = labels::LabelSet{{"team", "basket"}};
  slo.alert_name = "CartBurns";
  slo.page.labels = labels::LabelSet{{"severity", "critical"}};
  slo.page_windows = {{hours(1), minutes(5), 14.4}, {hours(6), minutes(30), 6}};
  slo.ticket.disabled = true;
  return slo;
}

// With ' for ", which is easier to read here.
std::string Rules(const config::Slo& slo) {
  const Generated generated = GenerateRules({slo}, {});
  EXPECT_THAT(generated.left_out, IsEmpty());
  std::string json = generated.json;
  std::ranges::replace(json, '"', '\'');
  return json;
}

TEST(GenerateTest, RulesAreNamedAsSlothsAndWeighThePeriodByItsEvents) {
  const std::string rules = Rules(MakeSlo());
  EXPECT_THAT(rules, HasSubstr("{'record':'slo:sli_error:ratio_rate5m','expr':'(rate(e[5m])) / "
                               "(rate(t[5m]))','labels':{'sloth_id':'shop-cart',"
                               "'sloth_service':'shop','sloth_slo':'cart','sloth_window':'5m',"
                               "'team':'basket'}}"));
  EXPECT_THAT(rules, HasSubstr("'slo:sli_error:ratio_rate30d','expr':'(rate(e[30d])) / "));
  EXPECT_THAT(rules, HasSubstr("'vector(0.9990000000000001)'"));
  EXPECT_THAT(rules, HasSubstr("'slo:time_period:days','expr':'vector(30)'"));
  EXPECT_THAT(rules, HasSubstr("> (14.4 * 0.0009999999999999432)) without (sloth_window)\\nand"));
  EXPECT_THAT(rules, HasSubstr("'labels':{'severity':'critical','sloth_id':'shop-cart',"
                               "'sloth_service':'shop','sloth_severity':'page',"
                               "'sloth_slo':'cart'}"));
  EXPECT_THAT(rules, Not(HasSubstr("'sloth_severity':'ticket'")));
  config::Slo named = MakeSlo();
  named.page.labels = labels::LabelSet{{"sloth_severity", "wake"}};
  EXPECT_THAT(Rules(named), HasSubstr("'sloth_severity':'wake'"));
  EXPECT_THAT(Rules(named), Not(HasSubstr("'sloth_severity':'page'")));
}

TEST(GenerateTest, TheInfoNamesTheFormatAsSlothDoes) {
  const Generated generated = GenerateRules({MakeSlo()}, {}, {{"shop-cart", "sloth.slok.dev/v1"}});
  EXPECT_THAT(generated.json, HasSubstr("\"sloth_mode\":\"cli-gen-k8s\""));
  EXPECT_THAT(generated.json, HasSubstr("\"sloth_spec\":\"sloth.slok.dev/v1\""));
  EXPECT_THAT(Rules(MakeSlo()), HasSubstr("'sloth_mode':'cli-gen-prom'"));
  const std::string file = "version: prometheus/v1\na\n---\napiVersion: sloth.slok.dev/v1\nb\n";
  EXPECT_EQ(SlothSpecAt(file, 2), "prometheus/v1");
  EXPECT_EQ(SlothSpecAt(file, 5), "sloth.slok.dev/v1");
  EXPECT_EQ(SlothSpecAt(file, 99), "sloth.slok.dev/v1");
  EXPECT_EQ(SlothSpecAt("apiVersion: openslo/v1alpha", 1), "openslo/v1alpha");
  EXPECT_EQ(SlothSpecAt("slis:", 1), "prometheus/v1");
}

TEST(GenerateTest, SingleWindowsWaitsAndCalendarsAreSaidOrLeftOut) {
  config::Slo slo = MakeSlo();
  slo.page_windows = {{hours(1), hours(1), 2, config::SloWindow::Compare::kAtMost}};
  slo.page.hold = minutes(7);
  const std::string rules = Rules(slo);
  EXPECT_THAT(rules, HasSubstr(" <= (2 * "));
  EXPECT_THAT(rules, Not(HasSubstr("\\nand\\n")));
  EXPECT_THAT(rules, HasSubstr("'for':'7m'"));
  slo.calendar.emplace();
  const Generated none = GenerateRules({slo}, {});
  EXPECT_EQ(none.json, "{\"groups\":[]}");
  EXPECT_THAT(none.left_out, ElementsAre(HasSubstr("shop-cart: its period follows")));
}

TEST(GenerateTest, AlertsOfOneNameDifferBySlo) {
  config::Slo other = MakeSlo();
  other.name = "till";
  other.id = "shop-till";
  const std::string json = GenerateRules({MakeSlo(), other}, {}).json;
  for (const char* id : {"shop-cart", "shop-till"}) {
    EXPECT_THAT(json, HasSubstr("\"labels\":{\"severity\":\"critical\",\"sloth_id\":\"" +
                                std::string(id) + "\""));
  }
}

TEST(GenerateTest, AlertsOnMissingDataAreAmongTheRules) {
  config::Rule absent;
  absent.alert = "Gone";
  absent.expr = "absent(t)";
  absent.hold = minutes(10);
  absent.labels = labels::LabelSet{{"severity", "page"}};
  absent.annotations = labels::LabelSet{{"summary", "nothing of {{ $labels.job }}"}};
  config::RuleGroup of_slo;
  of_slo.name = "slo shop-cart";
  of_slo.rules = {absent};
  config::RuleGroup of_other = of_slo;
  of_other.name = "slo shop-till";
  of_other.rules[0].alert = "NotHere";
  const std::string json = GenerateRules({MakeSlo()}, {of_other, of_slo}).json;
  EXPECT_THAT(json,
              HasSubstr("{\"name\":\"sloth-slo-no-data-alerts-shop-cart\",\"rules\":[{"
                        "\"alert\":\"Gone\",\"expr\":\"absent(t)\",\"for\":\"10m\",\"labels\":"
                        "{\"severity\":\"page\"},\"annotations\":{\"summary\":\"nothing of {{ "
                        "$labels.job }}\"}}]}"));
  EXPECT_THAT(json, Not(HasSubstr("NotHere")));
}

}  // namespace
}  // namespace watchfire::slo
