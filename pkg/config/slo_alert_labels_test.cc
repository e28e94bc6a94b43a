// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Alerts that are labelled as Pyrra's.

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/config/slo_for_test.h"
#include "pkg/config/slo_native.h"

namespace watchfire::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kGauge = "bool_gauge: {metric: 'probe{job=\"edge\"}'}";

std::string OnRequest(const std::string& text, const std::string& labels = "pyrra") {
  std::string out = text;
  const std::string before = "annotations: {";
  return out.replace(out.find(before), before.size(),
                     before + "watchfire/alert_labels: " + labels + ", ");
}

// "page 1h/5m critical 2d": each alert with its labels long, short, severity and exhaustion.
std::vector<std::string> Told(const Slo& slo) {
  std::vector<std::string> out;
  const auto add = [&](const std::string& name, const SloAlert& alert) {
    const auto label = [&](const char* key) { return std::string(alert.labels.Get(key)); };
    out.push_back(name + " " + label("long") + "/" + label("short") + " " + label("severity") +
                  " " + label("exhaustion"));
  };
  add("page", slo.page);
  add("ticket", slo.ticket);
  for (const SloSeverity& one : slo.severities) add(one.name, one.alert);
  return out;
}

TEST(SloAlertLabelsTest, EachPairOfPyrrasIsAnAlertThatSaysWhichItIs) {
  const Slo slo = Read(OnRequest(Pyrra(kGauge))).slos[0];
  EXPECT_THAT(Alerts(slo),
              ElementsAre("page[critical] 1h/5m>14.00", "ticket[warning] 1d/2h>2.000",
                          "page-2[critical] 6h/30m>7.000", "ticket-2[warning] 4d/6h>1.000"));
  EXPECT_THAT(Told(slo), ElementsAre("page 1h/5m critical 2d", "ticket 1d/2h warning 2w",
                                     "page-2 6h/30m critical 4d", "ticket-2 4d/6h warning 4w"));
  // They are told apart by windows, and are pages and tickets all the same: these are muted.
  EXPECT_EQ(slo.severities[0].alert.labels.Get("sloth_severity"), "page");
  EXPECT_EQ(slo.severities[1].alert.labels.Get("sloth_severity"), "ticket");
  EXPECT_FALSE(slo.page.annotations.Has("tier")) << "quick by itself";
  EXPECT_EQ(slo.severities[0].alert.annotations.Get("tier"), "slow");
}

TEST(SloAlertLabelsTest, ABudgetLastsWholeSeconds) {
  std::string text = OnRequest(Pyrra(kGauge));
  text.replace(text.find("window: 4w"), 10, "window: 30d");
  EXPECT_THAT(
      Told(Read(text).slos[0]),
      ElementsAre("page 1h4m/5m critical 2d3h25m42s", "ticket 1d1h43m/2h9m warning 15d",
                  "page-2 6h26m/32m critical 4d6h51m25s", "ticket-2 4d6h51m/6h26m warning 30d"));
}

TEST(SloAlertLabelsTest, ThoseOfOtherFormatsAreTheSame) {
  const std::string text =
      "version: watchfire/v1\nservice: shop\nslos:\n- {name: paid, objective: 99, sli: {raw: "
      "{error_ratio_query: 'r{{.window}}'}}, alert_labels: pyrra, windows: guide, alerting: "
      "{name: A, labels: {team: night}}}\n";
  const Slo slo = Read(text).slos[0];
  EXPECT_EQ(slo.page.labels.ToString(),
            R"({exhaustion="7d12h", long="1h", short="5m", team="night"})");
  ASSERT_THAT(slo.severities, testing::SizeIs(1));
  EXPECT_EQ(slo.severities[0].alert.labels.Get("exhaustion"), "3d18h");
}

TEST(SloAlertLabelsTest, AnImportSaysThemAsTheyWereSaid) {
  const std::string own =
      "version: watchfire/v1\nservice: shop\ntables: [{name: night, alerts: [{severity: page, "
      "long: 1h, short: 5m, factor: 9}, {severity: whisper, long: 1d, short: 2h, factor: 2}, "
      "{severity: whisper, long: 3d, short: 6h, factor: 1}]}]\nslos:\n- {name: paid, objective: "
      "99, "
      "sli: {raw: {error_ratio_query: 'r{{.window}}'}}, alert_labels: pyrra, windows: WINDOWS, "
      "alerting: {name: A, labels: {team: night}}}\n";
  const auto with = [&](const std::string& windows) {
    std::string text = own;
    return text.replace(text.find("WINDOWS"), 7, windows);
  };
  for (const std::string& text :
       {OnRequest(Pyrra(kGauge)), with("guide"), with("workbook"), with("night")}) {
    const Slo slo = Read(text).slos[0];
    const NativeSlos native = ToNative({slo});
    ASSERT_THAT(native.left_out, IsEmpty()) << text;
    EXPECT_THAT(native.documents[0], HasSubstr(R"("alert_labels":"pyrra")"));
    const Slo again = Read(native.documents[0]).slos[0];
    EXPECT_EQ(Alerts(again), Alerts(slo));
    EXPECT_EQ(Told(again), Told(slo));
  }
}

TEST(SloAlertLabelsTest, LabelsOfTheirNamesThatAreAFilesOwnAreKept) {
  const Slo slo =
      Read(
          "version: watchfire/v1\nservice: shop\nslos:\n- {name: paid, objective: 99, sli: "
          "{raw: {error_ratio_query: 'r{{.window}}'}}, alerting: {name: A, labels: {long: "
          "way}}}\n")
          .slos[0];
  const NativeSlos native = ToNative({slo});
  ASSERT_THAT(native.left_out, IsEmpty());
  EXPECT_EQ(Read(native.documents[0]).slos[0].page.labels.Get("long"), "way");
}

TEST(SloAlertLabelsTest, TheMainFileSaysItForAllThatDoNot) {
  const auto with = [](const std::string& mode, const std::string& text) {
    World world(Minimal("slo_files: [p.yml]\nevaluation: {slo_alert_labels: " + mode + "}\n"));
    world.files["p.yml"] = text;
    const Loaded loaded = world.Load();
    return loaded.config ? Told(loaded.config->slos.at(0)) : world.Problems();
  };
  EXPECT_THAT(with("pyrra", Pyrra(kGauge)), testing::SizeIs(4));
  EXPECT_THAT(with("watchfire", Pyrra(kGauge)),
              ElementsAre("page / critical ", "ticket / warning "));
  EXPECT_THAT(with("pyrra", OnRequest(Pyrra(kGauge), "watchfire")), testing::SizeIs(2));
  EXPECT_THAT(with("sloths", Pyrra(kGauge)),
              ElementsAre(HasSubstr("unknown slo_alert_labels \"sloths\"")));
}

TEST(SloAlertLabelsTest, AnUnknownOneIsAnErrorInItsPlace) {
  Config config;
  EXPECT_THAT(SloProblems(OnRequest(Pyrra(kGauge), "pirra"), &config),
              ElementsAre(HasSubstr("shop.slis.yml:8:17: unknown alert_labels \"pirra\"")));
}

}  // namespace
}  // namespace watchfire::config
