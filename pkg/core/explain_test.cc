// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/base/strings.h"
#include "pkg/core/core_fixture.h"
#include "pkg/core/explanation.h"
#include "pkg/timeinterval/parse.h"

namespace watchfire::core {
namespace {

using std::chrono::hours;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class ExplainTest : public CoreTest {
 protected:
  Reply Request(ExplainRequest request) {
    replies_.clear();
    request.reply_to = RequestId{5};
    Step({std::move(request)});
    EXPECT_THAT(replies_, SizeIs(1));
    return replies_.at(0);
  }
  // The answer about the one alert of a name, now or at a past time.
  Explanation Explain(const std::string& name, WallTime at = kNoTime) {
    ExplainRequest request;
    request.matchers = {Equal("alertname", name)};
    request.at = at;
    answer_ = Request(std::move(request)).explained;
    EXPECT_THAT(answer_->alerts, SizeIs(1)) << name;
    return answer_->alerts.empty() ? Explanation() : answer_->alerts[0];
  }
  // Its chain as "what text" lines.
  std::string Said(const Explanation& alert) const {
    std::string said;
    for (const Link& link : Chain(alert, *answer_)) said += link.what + " " + link.text + "\n";
    return said;
  }
  std::string Silence(const std::string& name, Duration from, Duration to) {
    silence::Draft draft;
    draft.matchers = {{matcher::Op::kEqual, "alertname", name}};
    draft.starts_at = now_.wall + from;
    draft.ends_at = now_.wall + to;
    draft.created_by = "ada";
    draft.comment = "new disks";
    replies_.clear();
    Step({SilenceCommand{RequestId{7}, draft}});
    Commit();
    return replies_.at(0).silence_id;
  }

  std::shared_ptr<const Explained> answer_;
};

TEST_F(ExplainTest, ANewAlertWaitsForItsGroup) {
  Fire("ApiDown", "critical");
  const Explanation alert = Explain("ApiDown");
  EXPECT_EQ(alert.state, Explanation::State::kFiring);
  EXPECT_EQ(alert.source, "api");
  EXPECT_EQ(alert.received_at, now_.wall);
  EXPECT_EQ(alert.ends_at, now_.wall + minutes(60));
  ASSERT_THAT(alert.groups, SizeIs(1));
  EXPECT_THAT(alert.groups[0].path, ElementsAre("{}"));
  EXPECT_EQ(alert.groups[0].group_key, "{}:{service=\"api\"}");
  EXPECT_EQ(alert.groups[0].next_flush, now_.wall + seconds(30));
  ASSERT_THAT(alert.groups[0].integrations, SizeIs(1));
  EXPECT_FALSE(alert.groups[0].integrations[0].told_firing);
  EXPECT_EQ(alert.groups[0].incident, nullptr);
  EXPECT_EQ(Summary(alert), "firing; not told yet to victorops of on-call");
  EXPECT_THAT(Said(alert), HasSubstr("route {} to receiver on-call\n"
                                     "group {}:{service=\"api\"}: group_wait 30s, group_interval "
                                     "5m, repeat_interval 4h\n"));
}

TEST_F(ExplainTest, TheMatchersOfEveryNodeLeadToTheRoute) {
  auto config = TestConfig();
  config::Route child = config->route;
  child.matchers = {Equal("team", "core")};
  child.key = child.id = "{}/{team=\"core\"}";
  config->route.routes = {child, child};
  config->route.routes[0].matchers = {Equal("team", "web")};
  config->route.routes[1].routes = {child};
  config->route.routes[1].routes[0].matchers = {Equal("severity", "critical")};
  Step({ConfigSwap{config}});
  Fire("ApiDown", "critical");
  EXPECT_THAT(Explain("ApiDown").groups.at(0).path,
              ElementsAre("{}", "{team=\"core\"}", "{severity=\"critical\"}"));
}

TEST_F(ExplainTest, AnInhibitedAlertNamesSourceAndRule) {
  Fire("ApiSlow", "warning");
  Fire("ApiDown", "critical");
  const WallTime before = now_.wall;
  Pass(seconds(30));
  const Explanation now = Explain("ApiSlow");
  ASSERT_TRUE(now.inhibited);
  EXPECT_EQ(now.inhibited->source_labels.Get("alertname"), "ApiDown");
  EXPECT_EQ(now.inhibited->source, now.inhibited->source_labels.fingerprint());
  EXPECT_EQ(now.inhibited->rule, 0U);
  EXPECT_EQ(Summary(now), "firing; inhibited by ApiDown");
  EXPECT_THAT(Said(now), HasSubstr("inhibited kept out of the flush for on-call by alert " +
                                   Hex64(now.inhibited->source) + " through inhibit_rules[0]\n"));

  const WallTime during = now_.wall;
  Pass(minutes(70));  // Both expired.
  const Explanation then = Explain("ApiSlow", during);
  ASSERT_TRUE(then.inhibited);
  EXPECT_EQ(then.inhibited->source_labels.Get("alertname"), "ApiDown");
  EXPECT_EQ(then.state, Explanation::State::kFiring);
  EXPECT_FALSE(Explain("ApiSlow", before).inhibited) << "no flush had looked yet";
}

TEST_F(ExplainTest, BeforeDuringAndAfterASilence) {
  Fire("ApiDown", "critical", hours(2));
  const WallTime before = now_.wall + seconds(5);
  Pass(seconds(10));
  const std::string id = Silence("ApiDown", seconds(0), minutes(8));
  Pass(minutes(1));
  const WallTime during = now_.wall;
  const Explanation now = Explain("ApiDown");
  ASSERT_THAT(now.silences, SizeIs(1));
  EXPECT_EQ(now.silences[0].id, id);
  EXPECT_EQ(Summary(now), "firing; silenced by ada: new disks");
  EXPECT_THAT(Said(now), HasSubstr("silenced by " + id + " of ada until "));
  EXPECT_THAT(Said(now),
              HasSubstr("silenced kept out of the flush for on-call by silence " + id + "\n"));
  Pass(minutes(12));
  Answer(Attempted::Kind::kDone);
  const WallTime after = now_.wall;
  Pass(hours(1));

  const Explanation early = Explain("ApiDown", before);
  EXPECT_TRUE(answer_->past);
  EXPECT_EQ(answer_->at, before);
  EXPECT_THAT(early.silences, IsEmpty());
  EXPECT_THAT(early.groups.at(0).decisions, IsEmpty());
  EXPECT_EQ(early.groups.at(0).next_flush, std::nullopt) << "of the present only";

  const Explanation middle = Explain("ApiDown", during);
  ASSERT_THAT(middle.silences, SizeIs(1));
  EXPECT_EQ(middle.silences[0].comment, "new disks");
  EXPECT_THAT(middle.groups.at(0).decisions, SizeIs(1));
  EXPECT_THAT(middle.groups.at(0).integrations.at(0).messages, IsEmpty());

  const Explanation late = Explain("ApiDown", after);
  EXPECT_THAT(late.silences, IsEmpty());
  ASSERT_THAT(late.groups.at(0).decisions, SizeIs(2));
  EXPECT_EQ(late.groups[0].decisions[1].kind, journal::Kind::kLetThrough);
  EXPECT_TRUE(late.groups[0].integrations.at(0).told_firing);
  EXPECT_EQ(late.groups[0].integrations[0].told_reason, "first notification");
}

TEST_F(ExplainTest, AMutedRouteNamesTheInterval) {
  // The clock stands at 2026-09-21 14:13:20 UTC.
  for (const bool active : {false, true}) {
    auto config = TestConfig();
    timeinterval::TimeInterval interval;
    interval.times = timeinterval::Ranges{
        timeinterval::ParseTimes(active ? "20:00" : "14:00", active ? "21:00" : "15:00").value()};
    config->time_intervals["hours"] = {interval};
    (active ? config->route.active_time_intervals : config->route.mute_time_intervals) = {"hours"};
    Boot({});
    Step({ConfigSwap{config}});
    Fire("ApiDown", "critical");
    Pass(seconds(30));
    const std::string words =
        active ? "none of its active time intervals holds: hours" : "time interval hours";
    const Explanation now = Explain("ApiDown");
    EXPECT_EQ(Summary(now), "firing; muted for on-call: " + words);
    EXPECT_THAT(Said(now), HasSubstr("muted kept out of the flush for on-call: " + words + "\n"));
    const Explanation then = Explain("ApiDown", now_.wall - seconds(10));
    EXPECT_THAT(then.groups.at(0).muted_by, ElementsAre("hours"));
    EXPECT_EQ(then.groups[0].inactive, active);
    EXPECT_THAT(then.groups[0].decisions, IsEmpty()) << "before the flush";
  }
}

TEST_F(ExplainTest, FailedThenAcceptedThenNothingNewUntilTheRepeat) {
  Fire("ApiDown", "critical", hours(9));
  Pass(seconds(30));
  EXPECT_EQ(Summary(Explain("ApiDown")), "firing; on its way to victorops of on-call");
  Answer(Attempted::Kind::kRetry, "HTTP 503");
  const WallTime failed = now_.wall;
  Pass(seconds(2));
  Answer(Attempted::Kind::kDone);
  const WallTime told = now_.wall;
  Pass(minutes(20));
  const Explanation now = Explain("ApiDown");
  const IntegrationExplanation& known = now.groups.at(0).integrations.at(0);
  ASSERT_THAT(known.messages, SizeIs(1)) << "flushes with nothing to say leave no trace";
  ASSERT_THAT(known.messages[0].attempts, SizeIs(2));
  EXPECT_EQ(known.messages[0].attempts[0].why, "HTTP 503");
  EXPECT_EQ(known.messages[0].outcome, journal::Outcome::kAccepted);
  EXPECT_EQ(known.told_at, told);
  EXPECT_EQ(known.told_reason, "first notification");
  EXPECT_EQ(known.repeat_due, told + hours(4));
  EXPECT_EQ(Summary(now), "firing; told to victorops of on-call");
  EXPECT_THAT(Said(now), HasSubstr("sent to victorops of on-call as firing: first notification\n"
                                   "failed at victorops of on-call after 0s: HTTP 503\n"
                                   "accepted by victorops of on-call after 0s\n"
                                   "known victorops of on-call was told so by the message of " +
                                   FormatRfc3339(told, 0) +
                                   " (first notification); nothing new is said before " +
                                   FormatRfc3339(told + hours(4), 0) + "\n"));

  const Explanation then = Explain("ApiDown", failed);
  const IntegrationExplanation& knew = then.groups.at(0).integrations.at(0);
  EXPECT_EQ(knew.messages.at(0).outcome, journal::Outcome::kUnderWay);
  EXPECT_THAT(knew.messages.at(0).attempts, SizeIs(1));
  EXPECT_FALSE(knew.told_firing);
  EXPECT_THAT(Said(then), HasSubstr("under way no answer yet of victorops of on-call\n"));

  Pass(hours(4));
  const Explanation later = Explain("ApiDown");
  EXPECT_EQ(later.groups.at(0).integrations.at(0).messages.back().reason,
            "repeat interval elapsed");
}

TEST_F(ExplainTest, ARefusedPageSaysWhy) {
  Fire("ApiDown", "critical");
  Pass(seconds(30));
  Answer(Attempted::Kind::kFail, "HTTP 404");
  const Explanation alert = Explain("ApiDown");
  EXPECT_EQ(Summary(alert), "firing; not taken by victorops of on-call: HTTP 404");
  EXPECT_THAT(Said(alert), HasSubstr("given up on victorops of on-call"));
}

TEST_F(ExplainTest, TheIncidentAndItsAckBelongToTheChain) {
  Fire("ApiDown", "critical");
  Pass(seconds(30));
  Answer(Attempted::Kind::kDone);
  Pass(minutes(1));
  const WallTime paged = now_.wall;
  IncidentCommand ack;
  ack.reply_to = RequestId{7};
  ack.incident = 1;
  ack.ack = {"grace", incident::ActorType::kHuman, "api", ""};
  Pass(minutes(1));
  Step({ack});
  Commit();
  EXPECT_THAT(Said(Explain("ApiDown")), HasSubstr("incident #1 acknowledged by grace\n"));
  const std::string then = Said(Explain("ApiDown", paged));
  EXPECT_THAT(then, HasSubstr("incident #1 opened: ApiDown\n"));
  EXPECT_THAT(then, testing::Not(HasSubstr("grace")));
}

// A group's pages belong to one incident at any time, and the answer names the one of that time.
TEST_F(ExplainTest, AMergedGroupHasTheIncidentThatGoesOnFromThenOn) {
  const auto act = [&](uint64_t id, incident::Act what) {
    IncidentCommand command;
    command.reply_to = RequestId{7};
    command.incident = id;
    command.ack = {"grace", incident::ActorType::kHuman, "api", ""};
    command.act = std::move(what);
    Step({std::move(command)});
    Commit();
  };
  Fire("ApiDown", "critical");
  alert::Alert db;
  db.labels = labels::LabelSet{{"alertname", "DbDown"}, {"service", "db"}};
  db.starts_at = db.updated_at = now_.wall;
  db.ends_at = now_.wall + minutes(60);
  AlertsArrived arrived;
  arrived.alerts.push_back(std::move(db));
  Step({std::move(arrived)});
  Pass(seconds(31));
  ASSERT_THAT(attempts_, SizeIs(2));
  for (const Attempt& attempt : std::vector<Attempt>(attempts_)) {
    AnswerTo(attempt.id, Attempted::Kind::kDone);
  }
  const uint64_t of_db = Explain("DbDown").groups.at(0).incident->id;
  const uint64_t of_api = Explain("ApiDown").groups.at(0).incident->id;
  ASSERT_NE(of_db, of_api);
  Pass(minutes(1));
  const WallTime before = now_.wall;
  Pass(minutes(1));
  act(of_db, incident::Merge{of_api});
  Pass(minutes(1));
  const WallTime merged = now_.wall;
  EXPECT_EQ(Explain("DbDown").groups.at(0).incident->id, of_api);
  EXPECT_EQ(Explain("DbDown", before).groups.at(0).incident->id, of_db);
  EXPECT_EQ(Explain("DbDown", merged).groups.at(0).incident->id, of_api);

  act(of_api, incident::Acknowledge{});
  EXPECT_THAT(Said(Explain("DbDown")), HasSubstr("acknowledged by grace\n"));
}

TEST_F(ExplainTest, ARestartKeepsThePastOfWhatIsGone) {
  Fire("ApiDown", "critical", minutes(2));
  Pass(seconds(30));
  Answer(Attempted::Kind::kDone);
  const WallTime paged = now_.wall;
  Pass(minutes(5));
  Answer(Attempted::Kind::kDone);
  Pass(hours(2));  // It has left the alert table.
  ExplainRequest request;
  request.matchers = {Equal("alertname", "ApiDown")};
  EXPECT_THAT(Request(request).explained->alerts, IsEmpty()) << "now nothing fires";
  Boot(Disk());
  const Explanation then = Explain("ApiDown", paged);
  EXPECT_EQ(then.state, Explanation::State::kFiring);
  EXPECT_EQ(then.labels.Get("team"), "core");
  EXPECT_TRUE(then.groups.at(0).integrations.at(0).told_firing);
  ASSERT_NE(then.groups[0].incident, nullptr);
  const Explanation end = Explain("ApiDown", paged + hours(1));
  EXPECT_EQ(end.state, Explanation::State::kResolved);
  EXPECT_TRUE(end.expired);
  EXPECT_EQ(Summary(end), "resolved; end told to victorops of on-call");

  now_.mono += hours(121);
  now_.wall += hours(121);
  Pass(seconds(2));
  ASSERT_TRUE(disk_.end() ==
              std::ranges::find_if(
                  disk_, [](const auto& row) { return row.first.first == Table::kJournal; }))
      << "retention is over";
}

TEST_F(ExplainTest, AMessageThatTheProcessDidNotSurviveIsLost) {
  Fire("ApiDown", "critical");
  Pass(seconds(32));  // The journal is written within a second.
  ASSERT_THAT(attempts_, SizeIs(1));
  Boot(Disk());
  const Explanation alert = Explain("ApiDown");
  EXPECT_EQ(alert.groups.at(0).integrations.at(0).messages.at(0).outcome, journal::Outcome::kLost);
  EXPECT_TRUE(alert.groups[0].integrations[0].in_doubt);
  EXPECT_THAT(Said(alert), HasSubstr("lost the process ended before victorops of on-call had "));
}

TEST_F(ExplainTest, WhatAReloadGaveUpAndChangedIsSaid) {
  Fire("ApiDown", "critical");
  Pass(seconds(30));
  Answer(Attempted::Kind::kRetry, "HTTP 503");
  const WallTime before = now_.wall;
  auto config = TestConfig();
  config->hash = 77;
  config->route.key = config->route.id = "{}/new";
  now_.mono += std::chrono::milliseconds(1);
  now_.wall += std::chrono::milliseconds(1);
  Step({ConfigSwap{config}});
  Commit();
  const Explanation now = Explain("ApiDown");
  EXPECT_EQ(answer_->reconfigured_at, kNoTime);
  ASSERT_THAT(now.groups, SizeIs(2));
  EXPECT_FALSE(now.groups[1].known_route());
  EXPECT_THAT(Said(now), HasSubstr("by a route that the configuration no longer has\n"));
  EXPECT_THAT(Said(now), HasSubstr("given up on victorops of on-call because of a reload"));
  const Explanation then = Explain("ApiDown", before);
  EXPECT_EQ(answer_->reconfigured_at, now_.wall);
  EXPECT_THAT(Said(then), HasSubstr("not recorded the configuration changed later"));
}

std::shared_ptr<config::Config> StrictConfig() {
  auto config = TestConfig();
  config->route.delivery = config::Delivery::kStrict;
  config->receivers[0].deadline = minutes(20);
  return config;
}

TEST_F(ExplainTest, WhatIsToBeToldAgainWhenASilenceEndsIsSaid) {
  Step({ConfigSwap{StrictConfig()}});
  Fire("ApiDown", "critical");
  Pass(seconds(30));
  Answer(Attempted::Kind::kDone);
  Silence("ApiDown", seconds(0), minutes(20));
  Pass(minutes(6));
  const Explanation alert = Explain("ApiDown");
  EXPECT_EQ(Summary(alert),
            "firing; silenced by ada: new disks; to be told again to victorops of on-call");
  EXPECT_THAT(Said(alert), HasSubstr("in doubt what victorops of on-call believes is not certain"));
}

TEST_F(ExplainTest, AMessageThatANewerOneReplacedIsGivenUp) {
  Step({ConfigSwap{StrictConfig()}});
  Fire("ApiDown", "critical");
  Pass(seconds(30));
  ASSERT_THAT(attempts_, SizeIs(1));
  Attempted busy;
  busy.kind = Attempted::Kind::kRetry;
  busy.id = attempts_[0].id;
  busy.why = "HTTP 429";
  busy.retry_after = minutes(10);
  Step({busy});
  Commit();
  Fire("ApiGone", "critical");
  Pass(minutes(5));
  const Explanation alert = Explain("ApiDown");
  const auto& messages = alert.groups.at(0).integrations.at(0).messages;
  ASSERT_THAT(messages, SizeIs(2));
  EXPECT_EQ(messages[0].outcome, journal::Outcome::kSuperseded);
  EXPECT_EQ(messages[1].alerts, 2U);
  EXPECT_THAT(Said(alert), HasSubstr("given up on victorops of on-call for a newer message\n"));
}

TEST_F(ExplainTest, BeforeAnythingWasHeardNothingIsClaimed) {
  auto config = TestConfig();
  config->hash = 77;
  Step({ConfigSwap{config}});
  Fire("ApiDown", "critical");
  ExplainRequest request;
  request.matchers = {Equal("alertname", "ApiDown")};
  request.at = now_.wall - hours(1);
  EXPECT_THAT(Request(request).explained->alerts, IsEmpty());
  const uint64_t fingerprint = Explain("ApiDown").fingerprint;
  request.fingerprints = {1, fingerprint};
  answer_ = Request(request).explained;
  ASSERT_THAT(answer_->alerts, SizeIs(1)) << "unknown ones are left out";
  EXPECT_EQ(answer_->alerts[0].state, Explanation::State::kUnknown);
  EXPECT_EQ(Summary(answer_->alerts[0]), "nothing was heard of it by then");
  EXPECT_THAT(Said(answer_->alerts[0]), HasSubstr("decisions are recorded from a later time on"));
  EXPECT_EQ(answer_->reconfigured_at, kNoTime) << "nor was the configuration of then";
  request.fingerprints = {1};
  EXPECT_EQ(Request(request).status.error().code, Code::kNotFound);
}

TEST_F(ExplainTest, SoManyAreExplainedAndAllAreCounted) {
  for (int i = 0; i < 15; ++i) Fire("A" + std::to_string(i), "warning");
  EXPECT_THAT(Request({}).explained->alerts, SizeIs(10));
  EXPECT_EQ(replies_[0].explained->total, 15U);
}

}  // namespace
}  // namespace watchfire::core
