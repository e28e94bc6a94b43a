// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Incidents that come back, and what is stored of it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/core/core_fixture.h"

namespace watchfire::core {
namespace {

class CoreIncidentsTest : public CoreTest {
 protected:
  explicit CoreIncidentsTest(std::shared_ptr<config::Config> config = TestConfig())
      : CoreTest(std::move(config)) {
    Fire("ApiDown", "critical", minutes(600));
    Pass(seconds(30));
    Answer(Attempted::Kind::kDone);
    Pass(seconds(2));
    attempts_.clear();
  }

  // An incident of another group, which is number 2.
  void FireDb() {
    alert::Alert other;
    other.labels = labels::LabelSet{
        {"alertname", "DbDown"}, {"service", "db"}, {"severity", "critical"}, {"team", "core"}};
    other.starts_at = other.updated_at = now_.wall;
    other.ends_at = now_.wall + minutes(600);
    AlertsArrived arrived;
    arrived.alerts.push_back(std::move(other));
    Step({std::move(arrived)});
    Commit();
    Pass(seconds(31));
    Answer(Attempted::Kind::kDone);
  }
  void Apply(uint64_t id, incident::Act act) {
    IncidentCommand command;
    command.reply_to = RequestId{9};
    command.incident = id;
    command.ack = {"ada", incident::ActorType::kHuman, "api", ""};
    command.act = std::move(act);
    Step({std::move(command)});
  }
  void Silence(Duration lasts) {
    silence::Draft draft;
    draft.matchers = {{matcher::Op::kEqual, "service", "api"}};
    draft.starts_at = now_.wall;
    draft.ends_at = now_.wall + lasts;
    draft.created_by = "ada";
    draft.comment = "maintenance";
    Step({SilenceCommand{RequestId{8}, std::move(draft)}});
    Commit();
  }
  void Do(incident::Act act) {
    IncidentCommand command;
    command.reply_to = RequestId{7};
    command.incident = 1;
    command.ack = {"ada", incident::ActorType::kHuman, "api", ""};
    command.act = std::move(act);
    replies_.clear();
    Step({std::move(command)});
    EXPECT_TRUE(replies_.empty()) << "nothing is promised before it is stored";
    Commit();
    ASSERT_EQ(replies_.size(), 1U);
    EXPECT_TRUE(replies_[0].status);
  }
  std::shared_ptr<const incident::Incident> One() { return Read(kViewIncidents)->incidents.at(1); }
};

TEST_F(CoreIncidentsTest, AnExpiredAckPagesOnceMore) {
  Do(incident::Acknowledge{{kNoTime, minutes(7)}});
  ASSERT_TRUE(core_->next_deadline(now_));
  Pass(minutes(7) - seconds(1));
  EXPECT_TRUE(attempts_.empty());
  Pass(seconds(2));
  ASSERT_EQ(attempts_.size(), 1U);
  EXPECT_TRUE(attempts_[0].notification->firing());
  Answer(Attempted::Kind::kDone);
  EXPECT_EQ(One()->state, incident::State::kTriggered);
  Pass(minutes(20));
  EXPECT_EQ(attempts_.size(), 1U) << "once";
}

TEST_F(CoreIncidentsTest, ASnoozeThatIsOverPagesOnceMore) {
  Do(incident::Snooze{{kNoTime, minutes(30)}});
  Pass(minutes(29));
  EXPECT_TRUE(attempts_.empty());
  Pass(minutes(1) + seconds(1));
  EXPECT_EQ(attempts_.size(), 1U);
  EXPECT_EQ(One()->timeline.back().kind, "returned");
}

TEST_F(CoreIncidentsTest, TheClockRingsAfterARestartToo) {
  Do(incident::Acknowledge{{kNoTime, minutes(30)}});
  Boot(Disk());
  now_.wall += minutes(31);
  now_.mono += minutes(31);
  Pass(seconds(2));
  EXPECT_EQ(One()->state, incident::State::kTriggered);
  EXPECT_EQ(attempts_.size(), 1U);
}

// The process dies when the return is stored and its page is not sent yet.
TEST_F(CoreIncidentsTest, AReturnThatIsStoredIsPagedByTheNextLife) {
  Do(incident::Acknowledge{{kNoTime, minutes(30)}});
  now_.wall += minutes(30);
  now_.mono += minutes(30);
  Step();
  batches_.clear();
  attempts_.clear();
  Boot(Disk());
  EXPECT_EQ(One()->state, incident::State::kTriggered);
  Pass(seconds(2));
  EXPECT_EQ(attempts_.size(), 1U);
}

TEST_F(CoreIncidentsTest, WhatIsSilencedComesBackWithoutAPage) {
  Do(incident::Snooze{{kNoTime, minutes(10)}});
  Silence(minutes(60));
  Pass(minutes(11));
  EXPECT_EQ(One()->state, incident::State::kTriggered);
  EXPECT_TRUE(attempts_.empty());
}

// Whoever reads the log can follow an incident by its number.
TEST_F(CoreIncidentsTest, TheLogFollowsAnIncident) {
  std::vector<std::string> lines;
  const auto pass = [&](Duration span) {
    for (const MonoTime end = now_.mono + span; now_.mono < end;) {
      now_.mono += seconds(1);
      now_.wall += seconds(1);
      for (const Effect& effect : Step()) {
        const auto* log = std::get_if<Log>(&effect);
        if (log == nullptr || !log->message.starts_with("incident: ")) continue;
        lines.push_back(log->fields.at(0).second + " " + log->message.substr(10));
      }
      Commit();
      for (; !attempts_.empty(); attempts_.pop_back()) Answer(Attempted::Kind::kDone);
    }
  };
  FireDb();
  Apply(2, incident::Merge{1});
  Commit();
  Fire("ApiDown", "critical", Duration::zero());
  pass(minutes(6));
  Fire("ApiDown", "critical");
  pass(minutes(6));
  const auto view = Read(kViewIncidents);
  for (const uint64_t opener : {uint64_t{1}, uint64_t{2}}) {
    IncidentCommand end;
    end.entity_id = view->incidents.at(opener)->entity_id;
    end.ack = {"ada", incident::ActorType::kHuman, "victorops", ""};
    end.act = incident::Resolve{};
    for (const Effect& effect : Step({std::move(end)})) {
      const auto* log = std::get_if<Log>(&effect);
      if (log != nullptr) lines.push_back(log->fields.at(0).second + " " + log->message.substr(10));
    }
  }
  EXPECT_THAT(lines, testing::ElementsAre("1 a group of it is over", "1 a group more is part of it",
                                          "1 resolved, but for its other groups", "1 resolved"));
}

class InHandTest : public CoreIncidentsTest, public testing::WithParamInterface<config::Delivery> {
 protected:
  InHandTest()
      : CoreIncidentsTest([] {
          auto config = TestConfig();
          config->route.delivery = GetParam();
          config->route.exact_repeat = GetParam() == config::Delivery::kStrict;
          return config;
        }()) {}

  // Its sender says that ApiDown, which began when it did, lasts so much longer.
  void Repeat(Duration lasts) {
    alert::Alert alert;
    alert.labels = labels::LabelSet{
        {"alertname", "ApiDown"}, {"service", "api"}, {"severity", "critical"}, {"team", "core"}};
    alert.starts_at = One()->started_at;
    alert.updated_at = now_.wall;
    alert.ends_at = now_.wall + lasts;
    AlertsArrived arrived;
    arrived.alerts.push_back(std::move(alert));
    Step({std::move(arrived)});
    Commit();
  }
};

// A return that a silence kept quiet is over as soon as somebody acknowledges again: when the
// silence ends, who has acknowledged is not paged.
TEST_P(InHandTest, ANewAckTakesBackThePageThatASilenceHeld) {
  Do(incident::Acknowledge{{kNoTime, minutes(7)}});
  Silence(minutes(30));
  Pass(minutes(12));
  ASSERT_EQ(One()->state, incident::State::kTriggered);
  Do(incident::Acknowledge{{kNoTime, minutes(60)}});
  Pass(minutes(40));
  EXPECT_TRUE(attempts_.empty()) << "the silence is over, the ack is not";
  Pass(minutes(21));
  EXPECT_EQ(attempts_.size(), 1U) << "now that is over, too";
}

TEST_P(InHandTest, WithoutANewAckTheReturnIsPagedWhenTheSilenceEnds) {
  Do(incident::Acknowledge{{kNoTime, minutes(7)}});
  Silence(minutes(30));
  Pass(minutes(29));
  EXPECT_TRUE(attempts_.empty());
  Pass(minutes(7));
  EXPECT_EQ(attempts_.size(), 1U);
}

// The ack runs out while a message is on the wire: that one is not the page of the return.
TEST_P(InHandTest, AMessageThatLeftBeforeIsNotThePageOfTheReturn) {
  Do(incident::Acknowledge{{kNoTime, minutes(7)}});
  Fire("ApiGone", "critical", minutes(600));
  Pass(minutes(6));
  ASSERT_EQ(attempts_.size(), 1U) << "of what is new";
  Pass(minutes(2));
  ASSERT_EQ(One()->state, incident::State::kTriggered);
  Answer(Attempted::Kind::kDone);
  Pass(seconds(3));
  ASSERT_EQ(attempts_.size(), 2U);
  EXPECT_EQ(attempts_[1].notification->alerts.size(), 2U);
  Answer(Attempted::Kind::kDone);
  Pass(minutes(20));
  EXPECT_EQ(attempts_.size(), 2U) << "once";
}

// What was on its way when the ack ran out is not needed any more, the page of the return is.
TEST_P(InHandTest, AMessageThatIsWithdrawnTakesNoReturnWithIt) {
  if (GetParam() != config::Delivery::kStrict) return;
  Do(incident::Acknowledge{{kNoTime, minutes(7)}});
  Fire("ApiGone", "critical", minutes(9));
  for (int i = 0; i < 400 && attempts_.empty(); ++i) Pass(seconds(1));
  ASSERT_EQ(attempts_.size(), 1U);
  Attempted refused;
  refused.kind = Attempted::Kind::kRetry;
  refused.id = attempts_[0].id;
  refused.why = "HTTP 503";
  refused.retry_after = minutes(4) + seconds(30);
  Step({std::move(refused)});
  Commit();
  while (One()->state != incident::State::kTriggered) Pass(seconds(1));
  for (int i = 0; i < 300 && attempts_.size() < 2; ++i) Pass(seconds(1));
  ASSERT_EQ(attempts_.size(), 2U) << "what is new is tried again, and ends meanwhile";
  AnswerTo(attempts_[1].id, Attempted::Kind::kFail, "HTTP 400");
  Pass(minutes(7));
  ASSERT_EQ(attempts_.size(), 3U);
  ASSERT_EQ(attempts_[2].notification->alerts.size(), 1U);
  EXPECT_EQ(attempts_[2].notification->alerts[0].name(), "ApiDown");
}

TEST_P(InHandTest, WhatIsNewIsPagedAllTheSame) {
  Do(incident::Acknowledge{});
  Fire("ApiGone", "critical", minutes(600));
  Pass(minutes(6));
  EXPECT_EQ(attempts_.size(), 1U);
}

// Alertmanager repeats whatever anybody acknowledged; the contract pages nobody who has it in hand.
TEST_P(InHandTest, RepetitionsWaitForTheEndOfTheAck) {
  const bool is_strict = GetParam() == config::Delivery::kStrict;
  Do(incident::Acknowledge{{kNoTime, minutes(300)}});
  Pass(minutes(245));
  EXPECT_EQ(attempts_.size(), is_strict ? 0U : 1U) << "repeat_interval is four hours";
  if (!is_strict) return;
  Pass(minutes(56));
  EXPECT_EQ(attempts_.size(), 1U) << "the ack is over";
  Answer(Attempted::Kind::kDone);
  Pass(minutes(235));
  EXPECT_EQ(attempts_.size(), 1U);
  Pass(minutes(6));
  EXPECT_EQ(attempts_.size(), 2U) << "nobody has it in hand";
}

// The ack expired, its page fails, somebody acknowledges: it need not go out any more.
TEST_P(InHandTest, APageThatOnlyRepeatsIsNotTriedAgainAfterAnAck) {
  if (GetParam() != config::Delivery::kStrict) return;  // A flush waits for its messages there.
  for (const bool is_on_the_wire : {false, true}) {
    attempts_.clear();
    Do(incident::Acknowledge{{kNoTime, minutes(7)}});
    Pass(minutes(7) + seconds(1));
    ASSERT_EQ(attempts_.size(), 1U);
    if (!is_on_the_wire) Answer(Attempted::Kind::kRetry, "HTTP 503");
    Do(incident::Acknowledge{{kNoTime, minutes(20)}});
    if (is_on_the_wire) Answer(Attempted::Kind::kRetry, "HTTP 503");
    Pass(minutes(19));
    EXPECT_EQ(attempts_.size(), 1U) << is_on_the_wire;
    Pass(minutes(2));
    EXPECT_EQ(attempts_.size(), 2U) << "until that ack is over";
    Answer(Attempted::Kind::kDone);
  }
}

// Its sender fell silent, the end of the alert went out and its answer was lost; then it fires on.
// The vendor may have closed it: that somebody has it in hand here does not make the page needless.
TEST_P(InHandTest, AnEndThatMayHaveArrivedIsUndoneThoughSomebodyAcknowledges) {
  Repeat(Duration::zero());
  for (int i = 0; i < 600 && attempts_.empty(); ++i) Pass(seconds(1));
  ASSERT_EQ(attempts_.size(), 1U);
  ASSERT_FALSE(attempts_[0].notification->firing());
  Repeat(minutes(600));
  Attempted lost;
  lost.kind = Attempted::Kind::kFail;
  lost.unknown = true;
  lost.id = attempts_[0].id;
  Step({std::move(lost)});
  Commit();
  for (int i = 0; i < 600 && attempts_.size() < 2; ++i) Pass(seconds(1));
  ASSERT_EQ(attempts_.size(), 2U);
  ASSERT_TRUE(attempts_[1].notification->firing());
  Answer(Attempted::Kind::kRetry, "HTTP 503");
  IncidentCommand ack;
  ack.incident = Read(kViewOpenIncidents)->open_incidents.at(0).incident->id;
  ack.ack = {"ada", incident::ActorType::kHuman, "api", ""};
  ack.act = incident::Acknowledge{};
  Step({std::move(ack)});
  Commit();
  Pass(minutes(6));
  ASSERT_EQ(attempts_.size(), 3U);
  Answer(Attempted::Kind::kDone);
  Pass(minutes(60));
  EXPECT_EQ(attempts_.size(), 3U) << "once";
}

// A reload closes the incident of what is over. What fires again before the group is flushed, with
// its old start, has none, and is paged.
TEST_P(InHandTest, WhatFiresAgainAfterAReloadClosedItsIncidentIsPaged) {
  Do(incident::Acknowledge{});
  Repeat(Duration::zero());
  Pass(seconds(1));
  Step({ConfigSwap{config_}});
  Commit();
  Repeat(minutes(600));
  bool is_firing = false;  // By the last message.
  for (int i = 0; i < 400; ++i) {
    Pass(seconds(1));
    for (; !attempts_.empty(); attempts_.pop_back()) {
      is_firing = attempts_.back().notification->firing();
      Answer(Attempted::Kind::kDone);
    }
  }
  EXPECT_TRUE(is_firing);
  EXPECT_FALSE(Read(kViewOpenIncidents)->open_incidents.empty());
}

// The vendor does not answer while its sender is silent: the end is not told, and nobody has it.
TEST_P(InHandTest, WhatFiresOnAfterItsIncidentEndedIsPagedThoughTheEndNeverArrived) {
  Do(incident::Acknowledge{});
  Repeat(Duration::zero());
  for (int i = 0; i < 600 && attempts_.empty(); ++i) Pass(seconds(1));
  ASSERT_EQ(attempts_.size(), 1U);
  ASSERT_FALSE(attempts_[0].notification->firing());
  Answer(Attempted::Kind::kRetry, "HTTP 503");
  attempts_.clear();
  EXPECT_TRUE(Read(kViewOpenIncidents)->open_incidents.empty());
  Repeat(minutes(600));
  int pages = 0;
  for (int i = 0; i < 900; ++i) {
    Pass(seconds(1));
    while (!attempts_.empty()) {
      const Attempt attempt = attempts_.back();
      attempts_.pop_back();
      const bool is_page = attempt.notification->firing();
      pages += is_page ? 1 : 0;
      AnswerTo(attempt.id, is_page ? Attempted::Kind::kDone : Attempted::Kind::kRetry, "HTTP 503");
    }
  }
  EXPECT_EQ(pages, 1);
  EXPECT_FALSE(Read(kViewOpenIncidents)->open_incidents.empty());
}

// Whoever resolved the incident by hand did not resolve what began afterwards.
TEST_P(InHandTest, WhatBeginsAnewAfterAResolveByHandIsPagedThoughNoFlushSawItsEnd) {
  Pass(minutes(5));
  Do(incident::Resolve{});
  Pass(minutes(1));
  Fire("ApiDown", "critical", Duration::zero());
  Pass(seconds(1));
  Fire("ApiDown", "critical", minutes(600));
  Pass(minutes(6));
  ASSERT_EQ(attempts_.size(), 1U);
  EXPECT_TRUE(attempts_[0].notification->firing());
  Answer(Attempted::Kind::kDone);
  Pass(minutes(60));
  EXPECT_EQ(attempts_.size(), 1U) << "once";
}

INSTANTIATE_TEST_SUITE_P(Deliveries, InHandTest, BothDeliveries(), DeliveryName);

TEST_F(CoreIncidentsTest, WhatWasOverSoonIsNoiseThoughTheNextFlushTellsItsEnd) {
  Pass(minutes(1));
  Fire("ApiDown", "critical", Duration::zero());
  Pass(minutes(5));
  ASSERT_EQ(One()->state, incident::State::kResolved);
  EXPECT_GE(One()->resolved_at - One()->opened_at, minutes(5));
  EXPECT_LE(One()->ended_at - One()->opened_at, minutes(1) + seconds(3));
  ASSERT_TRUE(One()->verdict);
  EXPECT_EQ(One()->verdict->rule, "short");
}

// Reference §7.2, M2: resolved is what monitoring said, when we heard it; not when the next flush
// tells it, and not when it is said once more.
TEST_F(CoreIncidentsTest, ItIsOverWhenItsLastAlertIsKnownToBeAlsoAfterARestart) {
  for (const bool restarts : {false, true}) {
    Pass(minutes(1));
    const WallTime over = now_.wall;
    Fire("ApiDown", "critical", Duration::zero());
    Pass(minutes(1));
    Fire("ApiDown", "critical", -minutes(1));
    if (restarts) Boot(Disk());
    Pass(minutes(5));
    const auto incident = Read(kViewIncidents)->incidents.at(restarts ? 2 : 1);
    ASSERT_EQ(incident->state, incident::State::kResolved);
    EXPECT_EQ(incident->ended_at, over) << restarts;
    EXPECT_GE(incident->resolved_at, over + minutes(1));
    Pass(minutes(20));
    Fire("ApiDown", "critical", minutes(600));
    Pass(seconds(31));
    Answer(Attempted::Kind::kDone);
  }
}

TEST_F(CoreIncidentsTest, ATestBesideWhatIsRealSaysNothingOfIt) {
  const auto db_down = [&](Duration since, const char* test) {
    alert::Alert alert;
    alert.labels = labels::LabelSet{{"alertname", "DbDown"},
                                    {"service", "db"},
                                    {"severity", "critical"},
                                    {"team", "core"},
                                    {"test", test}};
    alert.starts_at = now_.wall - since;
    alert.updated_at = now_.wall;
    alert.ends_at = now_.wall + minutes(600);
    return alert;
  };
  const WallTime began = now_.wall - seconds(10);
  AlertsArrived arrived;
  arrived.alerts = {db_down(seconds(20), "true"), db_down(seconds(10), "false")};
  Step({std::move(arrived)});
  Commit();
  Pass(seconds(31));
  Answer(Attempted::Kind::kDone);
  const auto incident = Read(kViewIncidents)->incidents.at(2);
  EXPECT_FALSE(incident->is_test);
  EXPECT_EQ(incident->started_at, began);
}

TEST_F(CoreIncidentsTest, WhatNobodyRepeatsIsOverWhenItExpires) {
  Fire("DbDown", "critical", minutes(2));
  const WallTime expires = now_.wall + minutes(2);
  Fire("ApiDown", "critical", Duration::zero());
  Pass(minutes(11));
  ASSERT_EQ(One()->state, incident::State::kResolved);
  EXPECT_EQ(One()->resolved_how, incident::kTimedOut);
  EXPECT_EQ(One()->ended_at, expires);
  EXPECT_EQ(One()->is_start_known, false) << "others do not say";
}

TEST_F(CoreIncidentsTest, ReadersSeeWhichAlertsAnOpenIncidentIsAbout) {
  const auto view = Read(kViewOpenIncidents);
  ASSERT_EQ(view->open_incidents.size(), 1U);
  ASSERT_EQ(view->open_incidents[0].alerts.size(), 1U);
  EXPECT_EQ(view->open_incidents[0].alerts[0]->size(), 1U);
  Do(incident::Resolve{});
  EXPECT_TRUE(Read(kViewOpenIncidents)->open_incidents.empty());
}

// VictorOps knows each group as an incident of its own, and tells of the end of one.
TEST_F(CoreIncidentsTest, AVendorsEndIsThatOfItsGroup) {
  FireDb();
  Do(incident::Reassign{"bob"});
  Apply(2, incident::Merge{1});
  const std::string db = Read(kViewIncidents)->incidents.at(2)->entity_id;
  IncidentCommand end;
  end.entity_id = db;
  end.ack = {"ada", incident::ActorType::kHuman, "victorops", ""};
  end.act = incident::Resolve{};
  Step({std::move(end)});
  EXPECT_EQ(One()->state, incident::State::kTriggered);
  EXPECT_EQ(One()->groups.size(), 1U);
}

TEST_F(CoreIncidentsTest, AMergeIsStoredInOneBatch) {
  FireDb();
  Do(incident::Reassign{"bob"});
  Apply(2, incident::Merge{1});
  ASSERT_EQ(batches_.size(), 1U);
  Boot(Disk());
  EXPECT_EQ(Read(kViewIncidents)->incidents.at(2)->state, incident::State::kMerged);
  EXPECT_EQ(One()->groups.size(), 2U);
}

class CorrelatedTest : public CoreTest {
 protected:
  CorrelatedTest()
      : CoreTest([] {
          auto config = TestConfig();
          config->route.group_by = {"alertname"};
          config->inhibit_rules.clear();
          config->incidents.correlate_by = "service";
          return config;
        }()) {}
};

TEST_F(CorrelatedTest, AlertsOfOneServiceAreOneIncident) {
  Fire("ApiDown", "critical");
  Fire("ApiSlow", "warning");
  Pass(seconds(31));
  ASSERT_EQ(attempts_.size(), 2U) << "both groups page";
  const auto view = Read(kViewIncidents | kViewStats);
  EXPECT_EQ(view->incidents.at(1)->service, "api");
  EXPECT_EQ(view->incidents.at(2)->merged_into, 1U);
  EXPECT_EQ(view->stats->incidents.merged.at({"rule"}), 1U);
}

class RankedTest : public CoreTest {
 protected:
  RankedTest()
      : CoreTest([] {
          auto config = TestConfig();
          config->incidents.severities = {{"apocalypse", "SEV1"}};
          return config;
        }()) {}
};

TEST_F(RankedTest, TheWorstAlertOfAGroupIsWorstAsConfigured) {
  Fire("ApiSlow", "error");
  Fire("ApiGone", "apocalypse");
  Pass(seconds(31));
  const auto incident = Read(kViewIncidents)->incidents.at(1);
  EXPECT_EQ(incident->title, "ApiGone");
  EXPECT_EQ(incident->severity, "apocalypse");
  EXPECT_EQ(incident->level, "SEV1");
}

TEST_F(CoreTest, LinksComeFromAnnotations) {
  alert::Alert alert;
  alert.labels = labels::LabelSet{{"alertname", "ApiDown"}, {"severity", "critical"}};
  alert.annotations = labels::LabelSet{{"runbook_url", "https://r.example"},
                                       {"grafana_url", "https://g.example"},
                                       {"logs", "https://l.example"}};
  alert.starts_at = alert.updated_at = now_.wall;
  alert.ends_at = now_.wall + minutes(60);
  AlertsArrived arrived;
  arrived.alerts.push_back(std::move(alert));
  Step({std::move(arrived)});
  Pass(seconds(31));
  const auto& links = Read(kViewIncidents)->incidents.at(1)->links;
  EXPECT_THAT(links, testing::UnorderedElementsAre(testing::Pair("runbook", "https://r.example"),
                                                   testing::Pair("dashboard", "https://g.example"),
                                                   testing::Pair("logs", "https://l.example")));
}

}  // namespace
}  // namespace watchfire::core
