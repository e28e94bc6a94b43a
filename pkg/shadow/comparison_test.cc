// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/shadow/comparison.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/base/limits.h"
#include "pkg/base/strings.h"

namespace watchfire::shadow {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr Duration kTolerance = minutes(2);

labels::LabelSet Alert(const std::string& name) { return labels::LabelSet({{"alertname", name}}); }

// "Down" fires, "-Down" has resolved.
std::vector<Item> Items(const std::vector<std::string>& names) {
  std::vector<Item> items;
  for (const std::string& name : names) {
    const bool firing = !name.starts_with("-");
    items.push_back({Alert(firing ? name : name.substr(1)), firing});
  }
  return Sorted(std::move(items));
}

// Groups as written: "pager: Down, Slow=silenced by 42". One group label set for all.
std::vector<Group> Groups(const std::vector<std::string>& texts,
                          const labels::LabelSet& labels = labels::LabelSet({{"service", "api"}})) {
  std::vector<Group> groups;
  for (const std::string& text : texts) {
    const size_t colon = text.find(':');
    Group group{text.substr(0, colon), labels, {}};
    for (const std::string_view part : Split(std::string_view(text).substr(colon + 1), ',')) {
      const std::string alert(Trim(part));
      const size_t equals = alert.find('=');
      const std::string quiet = equals == alert.npos ? "" : alert.substr(equals + 1);
      group.alerts.push_back({Alert(alert.substr(0, equals)), quiet, quiet.starts_with("muted")});
    }
    groups.push_back(std::move(group));
  }
  return groups;
}

class ComparisonTest : public testing::Test {
 protected:
  // One integration of a flush at this moment.
  void Ours(const std::vector<std::string>& names, const std::string& receiver = "pager") {
    comparison_.OnOurs(Notification(names, receiver), now_);
  }
  dispatch::Notification Notification(const std::vector<std::string>& names,
                                      const std::string& receiver) {
    dispatch::Notification notification;
    notification.receiver = receiver;
    notification.integration = "webhook";
    notification.group_key = "{}:{service=\"api\"}";
    notification.group_labels = labels::LabelSet({{"service", "api"}});
    notification.at = now_.wall;
    for (const Item& item : Items(names)) {
      alert::Alert alert;
      alert.labels = item.labels;
      alert.ends_at = item.firing ? kNoTime : now_.wall - seconds(1);
      notification.alerts.emplace_back(std::move(alert));
    }
    return notification;
  }
  void Theirs(const std::vector<std::string>& names, size_t truncated = 0,
              const std::string& receiver = "pager") {
    comparison_.OnTheirs(
        {receiver, labels::LabelSet({{"service", "api"}}), Items(names), truncated}, now_);
  }
  void Polled(const std::vector<std::string>& theirs, const std::vector<std::string>& ours,
              bool shows_muting = true) {
    comparison_.OnGroups(Groups(theirs), Groups(ours), shows_muting, now_);
  }
  // Lets time pass, as the thread does: in steps that end where something is due.
  void Pass(Duration span) {
    const MonoTime end = now_.mono + span;
    while (now_.mono < end) {
      const MonoTime next = std::min(end, comparison_.next_deadline().value_or(end));
      now_.wall += next - now_.mono;
      now_.mono = next;
      comparison_.Advance(now_);
    }
  }
  // Polls every 15 s.
  void PollFor(Duration span, const std::vector<std::string>& theirs,
               const std::vector<std::string>& ours) {
    for (; span > Duration::zero(); span -= seconds(15)) {
      Pass(seconds(15));
      Polled(theirs, ours);
    }
  }
  Report Get() const {
    Report report;
    comparison_.Fill(&report);
    return report;
  }
  // "same extra missing different unjudged"
  std::vector<uint64_t> Counts() const {
    const Report report = Get();
    return {report.counts.begin(), report.counts.end()};
  }
  // The reason of the only difference since the last call.
  std::string Only(Verdict verdict) {
    const auto differences = comparison_.TakeNew();
    EXPECT_THAT(differences, SizeIs(1));
    if (differences.size() != 1) return "";
    EXPECT_EQ(differences[0]->verdict, verdict) << differences[0]->reason;
    last_ = differences[0];
    return differences[0]->reason;
  }

  static Terms TestTerms() {
    Terms terms;
    terms.longest = kTolerance;
    return terms;
  }

  Now now_{MonoTime(hours(1)), ParseTime("2026-08-22T14:00:00Z").value()};
  Comparison comparison_{TestTerms()};
  std::shared_ptr<const Difference> last_;
};

// ---- With webhooks ----

TEST_F(ComparisonTest, TheSameAlertsWithinTheToleranceAreTheSame) {
  Ours({"Down", "-Slow"});
  Pass(seconds(3));
  Theirs({"-Slow", "Down"});
  EXPECT_THAT(Counts(), ElementsAre(1, 0, 0, 0, 0)) << "whoever comes first";
  Theirs({"-Down"});
  Pass(kTolerance);
  Ours({"-Down"});
  EXPECT_THAT(Counts(), ElementsAre(2, 0, 0, 0, 0));
  Pass(hours(1));
  EXPECT_THAT(Counts(), ElementsAre(2, 0, 0, 0, 0));
  EXPECT_EQ(Get().waiting, 0U);
  EXPECT_THAT(Get().mirrored, ElementsAre("pager"));
}

TEST_F(ComparisonTest, WhatOnlyTheyToldIsMissing) {
  Polled({"pager: Down"}, {"pager: Down=silenced by 42"});
  Theirs({"New"});
  Polled({"pager: Down, New"}, {"pager: Down, New=inhibited by 0f"});
  Pass(2 * kTolerance - seconds(1));
  EXPECT_THAT(comparison_.TakeNew(), IsEmpty()) << "it may still come, late";
  EXPECT_EQ(Get().waiting, 1U);
  Polled({"pager: Down, New"}, {"pager: Down, New"});
  Pass(seconds(1));
  EXPECT_EQ(Only(Verdict::kMissing), "Watchfire: inhibited by 0f") << "as it stood then";
  EXPECT_EQ(last_->receiver, "pager");
  EXPECT_EQ(last_->at, now_.wall - 2 * kTolerance);
  ASSERT_THAT(last_->alerts, SizeIs(1));
  EXPECT_TRUE(last_->alerts[0].theirs && !last_->alerts[0].ours);
  EXPECT_EQ(AlertsText(*last_), "New{} firing");
  EXPECT_THAT(Counts(), ElementsAre(0, 0, 1, 0, 0));
}

TEST_F(ComparisonTest, WhatOnlyWeWouldHaveToldIsExtra) {
  Theirs({"-Other"});
  Ours({"-Other"});
  Pass(seconds(1));
  Ours({"Down"});
  Pass(2 * kTolerance);
  EXPECT_THAT(Only(Verdict::kExtra), HasSubstr("Alertmanager: not told, and its groups"));
  EXPECT_TRUE(last_->alerts[0].ours && !last_->alerts[0].theirs);
  EXPECT_THAT(Counts(), ElementsAre(1, 1, 0, 0, 0));
}

TEST_F(ComparisonTest, LateIsDifferentAndSaysByHowMuch) {
  Theirs({"Down"});
  Pass(kTolerance + seconds(30));
  Ours({"Down"});
  EXPECT_EQ(Only(Verdict::kDifferent),
            "late: Watchfire 2m30s later than Alertmanager, the tolerance is 2m0s");
  Pass(hours(1));
  EXPECT_THAT(Counts(), ElementsAre(0, 0, 0, 1, 0));
}

TEST_F(ComparisonTest, OtherAlertsAreDifferentAndNamed) {
  Ours({"Down", "Slow"});
  Theirs({"Down", "Full"});
  Pass(2 * kTolerance);
  EXPECT_THAT(Only(Verdict::kDifferent), HasSubstr("not the same alerts; "));
  ASSERT_THAT(last_->alerts, SizeIs(2)) << "what both told is no difference";
  for (const Told& told : last_->alerts) {
    EXPECT_EQ(told.labels, Alert(told.ours ? "Slow" : "Full"));
    EXPECT_NE(told.ours, told.theirs);
  }
  EXPECT_THAT(Counts(), ElementsAre(0, 0, 0, 1, 0)) << "one difference for the two";
}

TEST_F(ComparisonTest, FiringHereAndResolvedThereIsDifferent) {
  Ours({"Down"});
  Theirs({"-Down"});
  Pass(2 * kTolerance);
  EXPECT_THAT(Only(Verdict::kDifferent), HasSubstr("not the same alerts"));
  EXPECT_THAT(last_->alerts, SizeIs(2));
}

TEST_F(ComparisonTest, TwoMessagesInsteadOfOneAreDifferent) {
  Ours({"Down"});
  Pass(seconds(10));
  Ours({"Down", "Slow"});
  Theirs({"Down", "Slow"});
  EXPECT_THAT(Counts(), ElementsAre(1, 0, 0, 0, 0));
  Pass(2 * kTolerance);
  EXPECT_EQ(Only(Verdict::kDifferent),
            "Alertmanager told them in another message; Alertmanager 10s later than Watchfire");
}

TEST_F(ComparisonTest, IntegrationsOfOneFlushAreOneMessage) {
  Ours({"Down"});  // Does not want to know what resolved.
  Ours({"Down", "-Slow"});
  Theirs({"Down", "-Slow"});
  EXPECT_THAT(Counts(), ElementsAre(1, 0, 0, 0, 0));
  Ours({"Down", "-Slow"});
  Pass(2 * kTolerance);
  EXPECT_THAT(Counts(), ElementsAre(1, 0, 0, 0, 0)) << "a third integration of the same flush";
}

TEST_F(ComparisonTest, WhatAWebhookTruncatedIsNotMissed) {
  Ours({"A", "B", "C"});
  Theirs({"B"}, 2);
  EXPECT_THAT(Counts(), ElementsAre(1, 0, 0, 0, 0));
  Ours({"A", "B", "C"}, "other");
  Theirs({"B"}, 1, "other");
  Pass(2 * kTolerance);
  EXPECT_THAT(Only(Verdict::kDifferent), HasSubstr("not the same alerts"));
}

TEST_F(ComparisonTest, RepeatsNeedNotComeAtTheSameTime) {
  Ours({"Down"});
  Theirs({"Down"});
  for (int i = 0; i < 3; ++i) {
    Pass(hours(1));
    Ours({"Down"});
    Pass(hours(3));
    Theirs({"Down"});
  }
  Pass(hours(1));
  EXPECT_THAT(comparison_.TakeNew(), IsEmpty());
  EXPECT_THAT(Counts(), ElementsAre(7, 0, 0, 0, 0));
}

TEST_F(ComparisonTest, RepeatsThatTheOtherDoesNotMakeAreFound) {
  Ours({"Down"});
  Theirs({"Down"});
  for (int i = 0; i < 3; ++i) {
    Pass(hours(1));
    Ours({"Down"});
  }
  Pass(hours(1));
  // The first is followed by nothing of theirs within its hour, nor are the others.
  EXPECT_EQ(Get().count(Verdict::kExtra), 2U);
  EXPECT_EQ(Get().count(Verdict::kSame), 2U) << "the pair, and the hour that began with it";
}

TEST_F(ComparisonTest, WhatFiredBeforeWeCameIsNotHeldAgainstAnybody) {
  Polled({"pager: Old"}, {});
  Ours({"Old"});  // They said so hours ago.
  Theirs({"New"}, 0, "elsewhere");
  Ours({"New"}, "elsewhere");
  comparison_.OnTheirs({"pager", labels::LabelSet({{"service", "db"}}), Items({"X"}), 0}, now_);
  comparison_.OnOurs(
      [&] {
        dispatch::Notification other = Notification({"X"}, "pager");
        other.group_labels = labels::LabelSet({{"service", "db"}});
        return other;
      }(),
      now_);
  Pass(2 * kTolerance);
  EXPECT_THAT(Counts(), ElementsAre(2, 0, 0, 0, 1));
  Polled({"pager: Old"}, {"pager: Old"});
  Pass(hours(3));
  Polled({"pager: Old"}, {"pager: Old"});
  Theirs({"Old"});  // Their repeat.
  Pass(2 * kTolerance);
  EXPECT_THAT(Counts(), ElementsAre(2, 0, 0, 0, 2));
}

TEST_F(ComparisonTest, AReasonNamesTheGroupThatHasTheAlertInstead) {
  Theirs({"-Other"});
  Ours({"-Other"});
  Pass(seconds(1));
  Ours({"Down"});
  comparison_.OnGroups(Groups({"chat: Down=muted by night"}, labels::LabelSet({{"zone", "eu"}})),
                       Groups({"pager: Down"}), true, now_);
  Pass(2 * kTolerance);
  EXPECT_EQ(Only(Verdict::kExtra),
            "Alertmanager: the alert is in group {zone=\"eu\"} of receiver \"chat\", muted by "
            "night");
}

// ---- With groups alone ----

TEST_F(ComparisonTest, AnActiveAlertOfTheirGroupsConfirmsOurs) {
  Ours({"Down", "-Slow"});
  Pass(seconds(10));
  Polled({"pager: Down"}, {"pager: Down"});
  Pass(2 * kTolerance);
  EXPECT_THAT(Counts(), ElementsAre(1, 0, 0, 0, 0));
  EXPECT_THAT(Get().mirrored, IsEmpty());
}

TEST_F(ComparisonTest, AnAlertThatTheyKeepQuietIsExtra) {
  Ours({"Down"});
  Polled({"pager: Down=silenced by 42"}, {"pager: Down"});
  Pass(2 * kTolerance);
  EXPECT_EQ(Only(Verdict::kExtra), "Alertmanager: silenced by 42");
}

// Groups that were under way when ours was made say nothing of it.
TEST_F(ComparisonTest, GroupsThatWereAskedForEarlierSayNothing) {
  const Now asked = now_;
  Pass(seconds(1));
  Ours({"Down"});
  comparison_.OnGroups({}, {}, true, asked);
  Polled({"pager: Down=inhibited by 0f"}, {"pager: Down"});
  Pass(2 * kTolerance);
  EXPECT_EQ(Only(Verdict::kExtra), "Alertmanager: inhibited by 0f");

  Ours({"Down"});
  comparison_.OnGroups({}, {}, true, asked);
  Pass(2 * kTolerance);
  EXPECT_THAT(Counts(), ElementsAre(0, 1, 0, 0, 1)) << "they were not asked since";
}

TEST_F(ComparisonTest, APartThatTheyKeepQuietIsDifferent) {
  Ours({"Down", "Slow"});
  Polled({"pager: Down, Slow=inhibited by 0f"}, {"pager: Down, Slow"});
  Pass(2 * kTolerance);
  EXPECT_EQ(Only(Verdict::kDifferent), "Alertmanager: inhibited by 0f");
  ASSERT_THAT(last_->alerts, SizeIs(1));
  EXPECT_EQ(last_->alerts[0].labels, Alert("Slow"));
}

TEST_F(ComparisonTest, AnAlertThatTheyDoNotHaveIsExtra) {
  Ours({"Down"});
  Polled({}, {"pager: Down"});
  Pass(2 * kTolerance);
  EXPECT_EQ(Only(Verdict::kExtra), "Alertmanager: no group has the alert");
}

TEST_F(ComparisonTest, GroupsSayNothingOfWhatResolvedOrWhenTheyWereNotSeen) {
  Polled({}, {});
  Ours({"-Down"});
  Polled({}, {});
  Pass(2 * kTolerance);
  Ours({"Down"});
  Pass(2 * kTolerance);
  EXPECT_THAT(Counts(), ElementsAre(0, 0, 0, 0, 2));
}

TEST_F(ComparisonTest, AnAlertLongActiveThereThatWeDidNotTellIsMissingOnce) {
  const std::vector<std::string> theirs = {"pager: Down"};
  const std::vector<std::string> ours = {"pager: Down=silenced by 42"};
  Polled({}, {});
  PollFor(kTolerance, theirs, ours);
  EXPECT_THAT(comparison_.TakeNew(), IsEmpty()) << "it may be in its group_wait";
  PollFor(seconds(15), theirs, ours);
  EXPECT_EQ(Only(Verdict::kMissing), "Watchfire: silenced by 42");
  PollFor(hours(1), theirs, ours);
  EXPECT_THAT(comparison_.TakeNew(), IsEmpty()) << "once an episode";
}

TEST_F(ComparisonTest, WhatWeToldIsNotMissing) {
  const std::vector<std::string> groups = {"pager: Down"};
  Polled({}, {});
  Ours({"Down"});
  PollFor(hours(1), groups, groups);
  EXPECT_THAT(Counts(), ElementsAre(1, 0, 0, 0, 0));
}

TEST_F(ComparisonTest, WhatFiredBeforeWeCameIsMissingOnlyIfWeWouldNotTellIt) {
  const std::vector<std::string> theirs = {"pager: Old, Gone"};
  const std::vector<std::string> ours = {"pager: Old"};
  Polled(theirs, {});
  PollFor(2 * kTolerance, theirs, ours);
  EXPECT_EQ(Only(Verdict::kMissing), "Watchfire: no group has the alert");
  EXPECT_EQ(last_->alerts[0].labels, Alert("Gone"));
}

TEST_F(ComparisonTest, AReceiverWithoutIntegrationsMissesNothing) {
  Terms terms = TestTerms();
  terms.without_integrations = {"pager"};
  comparison_.Use(terms);
  const std::vector<std::string> theirs = {"pager: Down"};
  Polled({}, {});
  PollFor(hours(1), theirs, theirs);
  EXPECT_THAT(Counts(), ElementsAre(0, 0, 0, 0, 0));
}

TEST_F(ComparisonTest, AnAlertmanagerThatDoesNotShowMutingIsNotBlamed) {
  Polled({}, {});
  for (const bool shows_muting : {false, true}) {
    for (int i = 0; i < 20; ++i) {
      Pass(seconds(15));
      Polled({"pager: Down"}, {"pager: Down=muted by night"}, shows_muting);
    }
    EXPECT_EQ(Get().count(Verdict::kMissing), shows_muting ? 1U : 0U);
  }
}

TEST_F(ComparisonTest, TwoGroupsOfTheSameLabelsAreOneThatIsActiveIfOneIs) {
  const std::vector<std::string> theirs = {"pager: Down=inhibited by 0f", "pager: Down"};
  Polled({}, {});
  PollFor(2 * kTolerance, theirs, {});
  EXPECT_EQ(Only(Verdict::kMissing), "Watchfire: no group has the alert");
}

// ---- All the same ----

TEST_F(ComparisonTest, AMessageThatCannotBeMadeIsADifferenceOfItsOwn) {
  comparison_.OnUnmade(Notification({"Down"}, "pager"), "template: x:1: boom", now_);
  EXPECT_EQ(Only(Verdict::kDifferent),
            "Watchfire: the message to webhook[0] could not be made: template: x:1: boom");
}

TEST_F(ComparisonTest, TheLastThousandDifferencesAreKeptAndAllAreCounted) {
  const dispatch::Notification notification = Notification({"Down"}, "pager");
  for (size_t i = 0; i <= limits::kShadowDifferences; ++i) {
    comparison_.OnUnmade(notification, std::to_string(i), now_);
  }
  const Report report = Get();
  ASSERT_THAT(report.differences, SizeIs(limits::kShadowDifferences));
  EXPECT_THAT(report.differences.front()->reason, HasSubstr("made: 1000")) << "newest first";
  EXPECT_THAT(report.differences.back()->reason, HasSubstr("made: 1"));
  EXPECT_EQ(report.differing(), limits::kShadowDifferences + 1);
}

TEST_F(ComparisonTest, ALongListOfAlertsIsCutAndCounted) {
  std::vector<std::string> names;
  for (size_t i = 0; i < limits::kShadowAlertsShown + 10; ++i) {
    names.push_back("A" + std::to_string(i));
  }
  comparison_.OnUnmade(Notification(names, "pager"), "x", now_);
  (void)Only(Verdict::kDifferent);
  EXPECT_THAT(last_->alerts, SizeIs(limits::kShadowAlertsShown));
  EXPECT_EQ(last_->alert_count, limits::kShadowAlertsShown + 10);
  EXPECT_THAT(AlertsText(*last_), HasSubstr(" and 55 more"));
}

TEST_F(ComparisonTest, TooManyMessagesAreCountedAsUnjudged) {
  dispatch::Notification notification = Notification({"Down"}, "pager");
  for (size_t i = 0; i < limits::kShadowMessages + 3; ++i) {
    notification.group_key = std::to_string(i);
    notification.group_labels = labels::LabelSet({{"n", std::to_string(i % 1000)}});
    notification.alerts.Own(0).labels = labels::LabelSet({{"n", std::to_string(i)}});
    if (i % 100 != 0) comparison_.OnTheirs({"r", notification.group_labels, {}, 0}, now_);
    if (i % 100 == 0) comparison_.OnOurs(notification, now_);
  }
  EXPECT_EQ(Get().waiting, limits::kShadowMessages);
  EXPECT_EQ(Get().over_limit, 3U);
  EXPECT_EQ(Get().count(Verdict::kUnjudged), 3U);
}

TEST_F(ComparisonTest, AReloadThatWaitsLongerStillGivesItsVerdict) {
  Theirs({"Down"});
  Terms longer = TestTerms();
  longer.tolerance["pager"] = 3 * kTolerance;
  comparison_.Use(longer);
  Pass(2 * kTolerance);
  EXPECT_THAT(comparison_.TakeNew(), IsEmpty());
  Pass(4 * kTolerance);
  (void)Only(Verdict::kMissing);
}

TEST(TermsTest, TheToleranceIsThatOfTheSlowestRoute) {
  config::Config config;
  config.route.receiver = "pager";
  config.route.routes.resize(2);
  config.route.routes[0].receiver = "pager";
  config.route.routes[0].group_interval = hours(1);
  config.route.routes[1].receiver = "chat";
  config.route.routes[1].group_wait = config.route.routes[1].group_interval = seconds(1);
  config.receivers = {{"pager", {{"webhook", 0, true, false, nullptr}}}, {"chat", {}}};
  const Terms terms = MakeTerms(config, Duration::zero());
  EXPECT_EQ(terms.tolerance.at("pager"), hours(2) + seconds(30));
  EXPECT_EQ(terms.tolerance.at("chat"), seconds(30)) << "two polls at least";
  EXPECT_EQ(terms.longest, hours(2) + seconds(30));
  EXPECT_THAT(terms.without_integrations, ElementsAre("chat"));
  EXPECT_THAT(MakeTerms(config, minutes(1)).tolerance, IsEmpty());
  EXPECT_EQ(MakeTerms(config, minutes(1)).longest, minutes(1));
}

TEST(ReportTest, TheReportAsJson) {
  Report report;
  report.alertmanager = "http://am:9093";
  report.since = ParseTime("2026-08-22T14:00:00Z").value();
  report.mirrored = {"pager"};
  report.counts = {5, 1, 0, 0, 2};
  Difference difference;
  difference.at = report.since;
  difference.receiver = "pager";
  difference.group = labels::LabelSet({{"service", "api"}});
  difference.alerts = {{Alert("Down"), true, true, false}};
  difference.alert_count = 1;
  difference.reason = "Alertmanager: no group has the alert";
  report.differences.push_back(std::make_shared<const Difference>(difference));
  EXPECT_EQ(ToJson(report),
            R"({"alertmanager":"http://am:9093","since":"2026-08-22T14:00:00.000Z",)"
            R"("lastPoll":null,"pollFailures":0,"pollError":"","mirroredReceivers":["pager"],)"
            R"("counts":{"same":5,"extra":1,"missing":0,"different":0,"unjudged":2},"waiting":0,)"
            R"("differences":[{"at":"2026-08-22T14:00:00.000Z","result":"extra",)"
            R"("receiver":"pager","groupLabels":{"service":"api"},)"
            R"("reason":"Alertmanager: no group has the alert","alertCount":1,)"
            R"("alerts":[{"labels":{"alertname":"Down"},"status":"firing","watchfire":true,)"
            R"("alertmanager":false}]}]})");
}

}  // namespace
}  // namespace watchfire::shadow
