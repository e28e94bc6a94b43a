// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/inbound/inbound.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <re2/re2.h>

#include "pkg/base/limits.h"
#include "pkg/inbound/opsgenie.h"

namespace watchfire::inbound {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const WallTime kNow = FromNanos(1'790'000'000'000'000'000);

config::InboundKey Key() {
  config::InboundKey key;
  key.key = Secret("k");
  key.labels = labels::LabelSet{{"team", "core"}};
  return key;
}

Change Trigger(const std::string& severity = "critical") {
  Change change;
  change.entity = "disk-7";
  change.severity = severity;
  change.labels = {{"alertname", "DiskFull"}, {"service", "db"}};
  change.annotations = {{"summary", "disk is full"}};
  return change;
}

Alerts Shared(const std::vector<alert::Alert>& alerts) {
  Alerts shared;
  for (const alert::Alert& alert : alerts) {
    shared.push_back(std::make_shared<const alert::Alert>(alert));
  }
  return shared;
}

TEST(PlanTest, ATriggerOpensAnAlertThatStaysUntilItIsResolved) {
  Change change = Trigger();
  change.starts_at = kNow - std::chrono::minutes(3);
  const auto alerts = Plan(change, "opsgenie", Key(), {}, kNow);
  ASSERT_THAT(alerts, SizeIs(1));
  EXPECT_EQ(alerts[0].labels.ToString(),
            R"({alertname="DiskFull", entity_id="disk-7", service="db", severity="critical", )"
            R"(source="opsgenie", team="core"})");
  EXPECT_EQ(alerts[0].annotations.Get("summary"), "disk is full");
  EXPECT_EQ(alerts[0].starts_at, change.starts_at);
  EXPECT_EQ(alerts[0].updated_at, kNow);
  EXPECT_GT(alerts[0].ends_at, kNow + std::chrono::hours(24 * 365));
  EXPECT_FALSE(alerts[0].Resolved(kNow));
}

TEST(PlanTest, TheKeySaysWhenItEndsByItself) {
  config::InboundKey key = Key();
  key.expires_after = std::chrono::hours(1);
  EXPECT_EQ(Plan(Trigger(), "opsgenie", key, {}, kNow)[0].ends_at, kNow + std::chrono::hours(1));
  Change mention = Trigger();
  mention.verb = Verb::kMention;
  mention.lifetime = std::chrono::minutes(5);
  EXPECT_EQ(Plan(mention, "victorops", key, {}, kNow)[0].ends_at, kNow + std::chrono::minutes(5));
}

TEST(PlanTest, WhatNobodyCanNameEndsByItself) {
  const std::string rest = R"("message_type":"CRITICAL","event_action":"trigger","message":"m",)"
                           R"("routing_key":"k","service_key":"k","event_type":"trigger",)"
                           R"("description":"d",)"
                           R"("payload":{"summary":"s","source":"h","severity":"error"}})";
  const std::string named =
      R"({"entity_id":"e","alias":"e","dedup_key":"e","incident_key":"e",)" + rest;
  const auto end = [](const Change& change) {
    return Plan(change, "generic", Key(), {}, kNow).at(0).ends_at;
  };
  const auto ends = [&](const std::string& body) {
    return std::vector<WallTime>{
        end(*ReadVictorOps(body, "", Duration::zero(), kNow)), end(*ReadOpsgenieCreate(body, kNow)),
        end(ReadPagerDuty(body, kNow).change), end(ReadPagerDutyV1(body, kNow).change)};
  };
  EXPECT_THAT(ends("{" + rest), testing::Each(kNow + std::chrono::hours(24)));
  EXPECT_THAT(ends(named), testing::Each(testing::Gt(kNow + std::chrono::hours(24 * 365))));
}

TEST(PlanTest, LabelsOfTheKeyWinAndTheEntityIsNotTheirs) {
  config::InboundKey key = Key();
  key.labels = labels::LabelSet{{"source", "jenkins"}, {"service", "ci"}, {"entity_id", "x"}};
  const auto alerts = Plan(Trigger(), "generic", key, {}, kNow);
  EXPECT_EQ(alerts[0].labels.Get("source"), "jenkins");
  EXPECT_EQ(alerts[0].labels.Get("service"), "ci");
  EXPECT_EQ(alerts[0].labels.Get("entity_id"), "disk-7");
}

TEST(PlanTest, AnOpenAlertKeepsItsLabels) {
  const Alerts open = Shared(Plan(Trigger(), "pagerduty", Key(), {}, kNow));
  Change again = Trigger("warning");
  again.labels = {{"alertname", "disk is 99% full"}};
  again.annotations = {{"summary", "worse"}};
  const WallTime later = kNow + std::chrono::minutes(1);

  again.refresh = Refresh::kNothing;
  auto alerts = Plan(again, "pagerduty", Key(), open, later);
  ASSERT_THAT(alerts, SizeIs(1));
  EXPECT_EQ(alerts[0].labels, open[0]->labels);
  EXPECT_EQ(alerts[0].annotations.Get("summary"), "disk is full");
  EXPECT_EQ(alerts[0].updated_at, later);

  again.refresh = Refresh::kAnnotations;
  alerts = Plan(again, "pagerduty", Key(), open, later);
  ASSERT_THAT(alerts, SizeIs(1));
  EXPECT_EQ(alerts[0].labels, open[0]->labels);
  EXPECT_EQ(alerts[0].annotations.Get("summary"), "worse");
  EXPECT_EQ(alerts[0].starts_at, open[0]->starts_at);
}

TEST(PlanTest, ANewSeverityOfVictorOpsIsANewAlertInPlaceOfTheOld) {
  const Alerts open = Shared(Plan(Trigger("warning"), "victorops", Key(), {}, kNow));
  Change worse = Trigger("critical");
  worse.refresh = Refresh::kSeverity;
  const WallTime later = kNow + std::chrono::minutes(1);
  const auto alerts = Plan(worse, "victorops", Key(), open, later);
  ASSERT_THAT(alerts, SizeIs(2));
  EXPECT_EQ(alerts[0].labels, open[0]->labels);
  EXPECT_TRUE(alerts[0].Resolved(later));
  EXPECT_EQ(alerts[1].labels, open[0]->labels.With({{"severity", "critical"}}));
  EXPECT_FALSE(alerts[1].Resolved(later));
}

TEST(PlanTest, AClockThatWasSetBackLosesNothing) {
  std::vector<alert::Alert> alerts =
      Plan(Trigger(), "opsgenie", Key(), {}, kNow - std::chrono::hours(2));
  alerts[0].updated_at = kNow + std::chrono::seconds(10);
  for (const Verb verb : {Verb::kResolve, Verb::kTrigger, Verb::kAnnotate}) {
    Change change = Trigger();
    change.verb = verb;
    change.annotations = {{"summary", "new"}};
    const auto planned = Plan(change, "opsgenie", Key(), Shared(alerts), kNow);
    ASSERT_THAT(planned, SizeIs(1));
    const alert::Alert merged = alert::Merge(alerts[0], planned[0], kNow);
    EXPECT_EQ(merged.Resolved(kNow), verb == Verb::kResolve);
    if (verb != Verb::kResolve) {
      EXPECT_EQ(merged.annotations.Get("summary"), "new");
    }
  }
}

TEST(PlanTest, AMilderOrUnknownSeverityEndsNothing) {
  const WallTime later = kNow + std::chrono::minutes(1);
  const auto told = [&](const char* open_severity, const char* severity) {
    const Alerts open = Shared(Plan(Trigger(open_severity), "victorops", Key(), {}, kNow));
    Change again = Trigger(severity);
    again.refresh = Refresh::kSeverity;
    const auto alerts = Plan(again, "victorops", Key(), open, later);
    EXPECT_FALSE(alerts.back().Resolved(later));
    EXPECT_EQ(alerts[0].labels, open[0]->labels);
    return std::string(alerts.back().labels.Get("severity")) + (alerts.size() == 1 ? "" : " new");
  };
  EXPECT_EQ(told("critical", "warning"), "critical");
  EXPECT_EQ(told("critical", ""), "critical");
  EXPECT_EQ(told("warning", ""), "warning");
  EXPECT_EQ(told("", "warning"), "warning new");
  EXPECT_EQ(told("", "critical"), "critical new");
  EXPECT_EQ(told("info", ""), " new") << "an info ends by itself, this does not";
}

TEST(PlanTest, WhatTheKeySaysStaysWhateverComes) {
  config::InboundKey key = Key();
  key.labels = labels::LabelSet{{"severity", "warning"}, {"priority", "P2"}};
  const Alerts open = Shared(Plan(Trigger(), "victorops", key, {}, kNow));
  const WallTime later = kNow + std::chrono::minutes(1);
  Change again = Trigger();
  again.refresh = Refresh::kSeverity;
  auto alerts = Plan(again, "victorops", key, open, later);
  ASSERT_THAT(alerts, SizeIs(1));
  EXPECT_EQ(alerts[0].labels, open[0]->labels);
  Change edit;
  edit.verb = Verb::kAnnotate;
  edit.entity = "disk-7";
  edit.severity = "info";
  edit.labels = {{"priority", "P5"}, {"service", "web"}};
  alerts = Plan(edit, "victorops", key, open, later);
  ASSERT_THAT(alerts, SizeIs(2));
  EXPECT_EQ(alerts[1].labels, open[0]->labels.With({{"service", "web"}}));
}

TEST(PlanTest, AResolveEndsEveryOpenOneAndNothingElse) {
  Change resolve;
  resolve.verb = Verb::kResolve;
  resolve.entity = "disk-7";
  EXPECT_THAT(Plan(resolve, "pagerduty", Key(), {}, kNow), IsEmpty());
  std::vector<alert::Alert> two = Plan(Trigger(), "pagerduty", Key(), {}, kNow);
  two.push_back(two[0]);
  two[1].labels = two[1].labels.With({{"severity", "warning"}});
  const WallTime later = kNow + std::chrono::minutes(1);
  const auto alerts = Plan(resolve, "pagerduty", Key(), Shared(two), later);
  ASSERT_THAT(alerts, SizeIs(2));
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(alerts[i].labels, two[i].labels);
    EXPECT_EQ(alerts[i].ends_at, later);
    EXPECT_EQ(alerts[i].starts_at, kNow);
  }
  // What a race left behind goes with the next trigger.
  EXPECT_THAT(Plan(Trigger(), "pagerduty", Key(), Shared(two), later), SizeIs(2));
}

TEST(PlanTest, AMentionOfAnOpenAlertIsNoSecondOne) {
  const Alerts open = Shared(Plan(Trigger(), "victorops", Key(), {}, kNow));
  Change mention = Trigger("info");
  mention.verb = Verb::kMention;
  EXPECT_THAT(Plan(mention, "victorops", Key(), open, kNow), IsEmpty());
}

TEST(PlanTest, AnnotatingAddsAndRemovesTextsAndMayReplaceTheAlert) {
  const Alerts open = Shared(Plan(Trigger(), "opsgenie", Key(), {}, kNow));
  Change change;
  change.verb = Verb::kAnnotate;
  change.entity = "disk-7";
  change.annotations = {{"summary", ""}, {"tags", "a,b"}};
  auto alerts = Plan(change, "opsgenie", Key(), open, kNow);
  ASSERT_THAT(alerts, SizeIs(1));
  EXPECT_EQ(alerts[0].annotations.ToString(), R"({tags="a,b"})");
  EXPECT_EQ(alerts[0].labels, open[0]->labels);
  change.severity = "info";
  alerts = Plan(change, "opsgenie", Key(), open, kNow);
  ASSERT_THAT(alerts, SizeIs(2));
  EXPECT_TRUE(alerts[0].Resolved(kNow));
  EXPECT_EQ(alerts[1].labels.Get("severity"), "info");
}

TEST(PlanTest, WhatIsTooMuchIsCutAndTheAlertSaysSo) {
  Change change = Trigger();
  for (int i = 0; i < 300; ++i) {
    change.labels.emplace_back("label" + std::to_string(i), std::string(500, 'x'));
    change.annotations.emplace_back("text" + std::to_string(i), std::string(5000, 'x'));
  }
  const alert::Alert alert = Plan(change, "generic", Key(), {}, kNow)[0];
  EXPECT_LE(alert.labels.size(), limits::kLabelsPerAlert);
  EXPECT_LE(alert.labels.bytes(), limits::kLabelBytesPerAlert);
  EXPECT_LE(alert.annotations.bytes() + alert.generator_url.size(),
            limits::kAnnotationBytesPerAlert);
  EXPECT_EQ(alert.labels.Get("entity_id"), "disk-7");
  EXPECT_EQ(alert.labels.Get("alertname"), "DiskFull");
  EXPECT_EQ(alert.annotations.Get("truncated"), "true");
}

TEST(PlanTest, AHundredThousandFieldsAreNotComparedWithEachOther) {
  Change change = Trigger();
  for (int i = 0; i < 100'000; ++i) AddField(&change, "field" + std::to_string(i), "x");
  EXPECT_THAT(change.annotations, SizeIs(limits::kLabelsPerAlert * 4 + 1));
  EXPECT_EQ(Plan(change, "generic", Key(), {}, kNow)[0].annotations.Get("truncated"), "true");
}

TEST(PlanTest, WithoutANameTheEntityIsTheName) {
  Change change;
  change.entity = "e";
  EXPECT_EQ(Plan(change, "generic", Key(), {}, kNow)[0].labels.ToString(),
            R"({alertname="e", entity_id="e", source="generic", team="core"})");
}

// One alert of all that fails would page once.
TEST(EntityOfTest, WhatIsNothingButNumbersIsNotTheSameAsAnother) {
  const auto without = [](const std::string& regex, const std::string& entity) {
    config::InboundKey key = Key();
    key.entity_without = std::make_shared<const re2::RE2>(regex, re2::RE2::Quiet);
    return EntityOf(key, entity);
  };
  EXPECT_EQ(without("-?[0-9a-f]{8}", "pay-0badcafe"), "pay");
  EXPECT_EQ(without("-?[0-9a-f]{8}", "0badcafe"), "0badcafe");
  EXPECT_EQ(without("[0-9a-f]{4,}", "0badcafe-1234-5678-9abc-0123456789ab"),
            "0badcafe-1234-5678-9abc-0123456789ab")
      << "hyphens are no name";
  EXPECT_EQ(without("[0-9]+", "5 / 7"), "5 / 7");
  EXPECT_EQ(without("[0-9]+", "größe 7"), "größe ");
  EXPECT_EQ(without("[0-9]+", "é7"), "é");
  Change unnamed;
  NameByBody("{}", &unnamed);
  EXPECT_EQ(without("[0-9a-f]{6}", unnamed.entity), unnamed.entity) << "two letters were left";
}

TEST(SeverityTest, WordsOfManyToolsMeanOneOfThree) {
  for (const char* word : {"CRITICAL", "error", " Sev0", "p1", "P2", "High"}) {
    EXPECT_EQ(NormalSeverity(word), "critical") << word;
  }
  for (const char* word : {"Warning", "warn", "P3", "minor", "Sev2"}) {
    EXPECT_EQ(NormalSeverity(word), "warning") << word;
  }
  for (const char* word : {"info", "P5", "low", "Sev4"}) {
    EXPECT_EQ(NormalSeverity(word), "info") << word;
  }
  EXPECT_EQ(NormalSeverity(""), "");
  EXPECT_EQ(NormalSeverity("purple"), "");
}

}  // namespace
}  // namespace watchfire::inbound
