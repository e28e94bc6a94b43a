// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/core/enriching.h"

#include "pkg/base/limits.h"
#include "pkg/core/core_fixture.h"

namespace watchfire::core {
namespace {

config::Enrichment By(const std::string& label, const std::string& value,
                      config::Enrichment::Annotations annotations) {
  config::Enrichment lookup;
  lookup.label = label;
  lookup.entries[value] = std::move(annotations);
  return lookup;
}

alert::Alert AlertOf(labels::LabelSet annotations) {
  alert::Alert alert;
  alert.labels = labels::LabelSet{{"alertname", "ApiDown"}, {"service", "api"}};
  alert.annotations = std::move(annotations);
  return alert;
}

TEST(EnrichTest, AnAlertIsGivenWhatItLacks) {
  const std::vector<config::Enrichment> lookups = {
      By("service", "api", {{"owner", "core"}, {"runbook_url", "https://r/api"}})};
  alert::Alert alert = AlertOf({{"summary", "it is down"}});
  const Enriched done = Enrich(lookups, &alert);
  EXPECT_EQ(done.given, 2U);
  EXPECT_EQ(done.left_out, 0U);
  EXPECT_EQ(alert.annotations.ToString(),
            R"({owner="core", runbook_url="https://r/api", summary="it is down"})");
  EXPECT_EQ(alert.labels.ToString(), R"({alertname="ApiDown", service="api"})");
}

TEST(EnrichTest, WhatItSaysItselfWins) {
  const std::vector<config::Enrichment> lookups = {
      By("service", "api", {{"owner", "core"}, {"runbook_url", "https://r/api"}})};
  alert::Alert alert = AlertOf({{"owner", "web"}, {"runbook_url", ""}});
  EXPECT_EQ(Enrich(lookups, &alert).given, 1U) << "an empty text says nothing";
  EXPECT_EQ(alert.annotations.ToString(), R"({owner="web", runbook_url="https://r/api"})");
}

TEST(EnrichTest, OfSeveralLookUpsTheFirstWins) {
  const std::vector<config::Enrichment> lookups = {
      By("service", "web", {{"owner", "web"}}), By("team", "", {{"owner", "nobody"}}),
      By("alertname", "ApiDown", {{"owner", "core"}}),
      By("service", "api", {{"dashboard_url", "https://d"}, {"owner", "api"}})};
  alert::Alert alert = AlertOf({});
  EXPECT_EQ(Enrich(lookups, &alert).given, 2U);
  EXPECT_EQ(alert.annotations.ToString(), R"({dashboard_url="https://d", owner="core"})");
}

TEST(EnrichTest, AnAlertThatLacksNothingIsNotCopied) {
  const labels::LabelSet own{{"owner", "web"}};
  alert::Alert alert = AlertOf(own);
  const char* const text = own.at(0).value.data();
  EXPECT_EQ(Enrich({By("service", "api", {{"owner", "core"}})}, &alert).given, 0U);
  EXPECT_EQ(Enrich({By("service", "web", {{"more", "x"}})}, &alert).given, 0U);
  EXPECT_EQ(Enrich({}, &alert).given, 0U);
  EXPECT_EQ(alert.annotations.at(0).value.data(), text);
}

TEST(EnrichTest, WhatAnAlertHasNoRoomForIsLeftOut) {
  const std::vector<config::Enrichment> lookups = {
      By("service", "api", {{"large", std::string(100, 'x')}, {"small", "x"}})};
  alert::Alert alert = AlertOf({{"own", std::string(limits::kAnnotationBytesPerAlert - 100, 'x')}});
  alert.generator_url = "http://prometheus";
  const Enriched done = Enrich(lookups, &alert);
  EXPECT_EQ(done.given, 1U);
  EXPECT_EQ(done.left_out, 1U);
  EXPECT_EQ(alert.annotations.Get("small"), "x");
  EXPECT_LE(alert.annotations.bytes() + alert.generator_url.size(),
            limits::kAnnotationBytesPerAlert);
}

class EnrichingTest : public CoreTest {
 protected:
  EnrichingTest() : CoreTest(With({By("service", "api", {{"runbook_url", "https://r/1"}})})) {}

  static std::shared_ptr<config::Config> With(std::vector<config::Enrichment> lookups) {
    auto config = TestConfig();
    config->enrichments = std::move(lookups);
    return config;
  }
  std::string RunbookOf(const std::string& alertname) {
    for (const auto& shard : Read(kViewAlerts)->alerts) {
      for (const AlertRow& row : *shard) {
        if (row.alert->name() == alertname) {
          return std::string(row.alert->annotations.Get("runbook_url"));
        }
      }
    }
    return "(no such alert)";
  }
  Stats ReadStats() { return *Read(kViewStats)->stats; }
};

TEST_F(EnrichingTest, APageAndItsIncidentHaveWhatWasGiven) {
  Fire("ApiDown", "critical");
  EXPECT_EQ(RunbookOf("ApiDown"), "https://r/1");
  Pass(seconds(31));
  ASSERT_EQ(attempts_.size(), 1U);
  EXPECT_EQ(attempts_[0].notification->alerts.at(0).annotations.Get("runbook_url"), "https://r/1");
}

TEST_F(EnrichingTest, AnAlertCountsWhenItBegins) {
  Fire("ApiDown", "critical");
  Pass(seconds(40));
  Fire("ApiDown", "critical");  // Its Prometheus repeats it.
  EXPECT_EQ(ReadStats().alerts_enriched, 1U);
  Fire("ApiSlow", "warning");
  EXPECT_EQ(ReadStats().alerts_enriched, 2U);
  EXPECT_EQ(ReadStats().limit_exceeded.count({"enrichment"}), 0U);
}

// Senders repeat alerts as they know them, without what was added here.
TEST_F(EnrichingTest, ARepetitionIsNoChange) {
  Fire("ApiDown", "critical");
  Pass(seconds(31));
  Answer(Attempted::Kind::kDone);
  Pass(seconds(10));
  const auto alerts_on_disk = [this] {
    auto alerts = disk_;
    std::erase_if(alerts, [](const auto& entry) { return entry.first.first != Table::kAlert; });
    return alerts;
  };
  const auto before = alerts_on_disk();
  EXPECT_FALSE(before.empty());
  Fire("ApiDown", "critical");
  EXPECT_EQ(RunbookOf("ApiDown"), "https://r/1");
  EXPECT_EQ(alerts_on_disk(), before);
  Pass(minutes(6));
  EXPECT_EQ(attempts_.size(), 1U) << "nothing is told once more";
}

TEST_F(EnrichingTest, AReloadIsForTheMessagesThatFollow) {
  Fire("ApiDown", "critical");
  Fire("ApiSlow", "warning");
  Step({ConfigSwap{With({By("service", "api", {{"runbook_url", "https://r/2"}})})}});
  EXPECT_EQ(RunbookOf("ApiDown"), "https://r/1");
  Fire("ApiDown", "critical");
  EXPECT_EQ(RunbookOf("ApiDown"), "https://r/2");
  EXPECT_EQ(RunbookOf("ApiSlow"), "https://r/1");
  Step({ConfigSwap{With({})}});
  Fire("ApiDown", "critical");
  EXPECT_EQ(RunbookOf("ApiDown"), "");
}

TEST_F(EnrichingTest, WhatWasGivenIsStored) {
  Fire("ApiDown", "critical");
  Pass(seconds(2));
  config_ = With({});
  Boot(Disk());
  EXPECT_EQ(RunbookOf("ApiDown"), "https://r/1");
}

TEST_F(EnrichingTest, WhatHasNoRoomIsCounted) {
  Step({ConfigSwap{With({By("service", "api", {{"a", std::string(40'000, 'x')}}),
                         By("severity", "critical", {{"b", std::string(40'000, 'x')}})})}});
  Fire("ApiDown", "critical");
  EXPECT_EQ(ReadStats().limit_exceeded.at({"enrichment"}), 1U);
  EXPECT_EQ(ReadStats().alerts_enriched, 1U);
}

}  // namespace
}  // namespace watchfire::core
