// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/core/core_fixture.h"
#include "pkg/timeinterval/parse.h"

namespace watchfire::core {
namespace {

using std::chrono::hours;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class MutingTest : public CoreTest {
 protected:
  silence::Draft Draft(const std::string& name, Duration from, Duration to) {
    silence::Draft draft;
    draft.matchers = {{matcher::Op::kEqual, "alertname", name}};
    draft.starts_at = now_.wall + from;
    draft.ends_at = now_.wall + to;
    draft.created_by = "ada";
    draft.comment = "maintenance";
    return draft;
  }
  Reply Ask(decltype(SilenceCommand::what) what) {
    replies_.clear();
    Step({SilenceCommand{RequestId{7}, std::move(what)}});
    EXPECT_TRUE(replies_.empty() || !replies_[0].status) << "answered before it was stored";
    Commit();
    EXPECT_THAT(replies_, SizeIs(1));
    return replies_.at(0);
  }
  std::string Silence(const std::string& name, Duration from, Duration to) {
    Reply reply = Ask(Draft(name, from, to));
    EXPECT_TRUE(reply.status);
    return reply.silence_id;
  }
  std::vector<std::string> SilencedBy() {
    for (const auto& shard : Read(kViewAlerts)->alerts) {
      for (const AlertRow& row : *shard) return row.silenced_by;
    }
    return {"no alert"};
  }
  uint64_t Suppressed(const std::string& reason) {
    const Stats stats = *Read(kViewStats)->stats;
    const auto found = stats.suppressed.find({reason});
    return found == stats.suppressed.end() ? 0 : found->second;
  }
};

// --log.silences
TEST_F(MutingTest, WhatPeopleDoToSilencesIsLoggedWhereAsked) {
  const auto logged = [this](decltype(SilenceCommand::what) what) {
    std::vector<std::string> lines;
    for (const Effect& effect : Step({SilenceCommand{RequestId{7}, std::move(what)}})) {
      const auto* line = std::get_if<Log>(&effect);
      if (line == nullptr) continue;
      std::string text = line->message;
      for (const auto& [name, value] : line->fields) {
        if (name != "silence") text += " " + name + "=" + value;
      }
      lines.push_back(text);
    }
    Commit();
    return lines;
  };
  EXPECT_THAT(logged(Draft("Other", seconds(0), minutes(5))), IsEmpty());
  Options options;
  options.log_silences = true;
  core_ = std::make_unique<Core>(options, config_);
  const auto about = [this](Duration from, Duration to) {
    return " by=ada comment=maintenance matchers={alertname=\"ApiDown\"} from=" +
           FormatRfc3339(now_.wall + from) + " until=" + FormatRfc3339(now_.wall + to);
  };
  silence::Draft draft = Draft("ApiDown", seconds(0), minutes(5));
  EXPECT_THAT(logged(draft), ElementsAre("silence: created" + about(seconds(0), minutes(5))));
  draft.id = replies_.back().silence_id;
  draft.ends_at = now_.wall + minutes(9);
  EXPECT_THAT(logged(draft), ElementsAre("silence: updated" + about(seconds(0), minutes(9))));
  // One whose beginning is moved is another.
  draft.starts_at = now_.wall + minutes(1);
  EXPECT_THAT(logged(draft), ElementsAre("silence: created" + about(minutes(1), minutes(9)),
                                         "silence: expired" + about(seconds(0), seconds(0))));
  const std::string id = replies_.back().silence_id;
  EXPECT_THAT(logged(id), ElementsAre("silence: expired" + about(seconds(0), seconds(0))));
  EXPECT_THAT(logged(id), IsEmpty()) << "it was over";
}

TEST_F(MutingTest, AFlushHeedsASilenceThatNobodyHasLookedAt) {
  Fire("ApiDown", "critical");
  const std::string id = Silence("ApiDown", seconds(0), minutes(8));
  Pass(seconds(30));
  EXPECT_THAT(attempts_, IsEmpty());
  EXPECT_THAT(SilencedBy(), ElementsAre(id));
  Ask(id);
  Pass(minutes(5));
  EXPECT_THAT(attempts_, SizeIs(1)) << "its end was not looked at either";
  EXPECT_THAT(SilencedBy(), IsEmpty());
}

TEST_F(MutingTest, ManySilencesAtOnceAreSeenAsOneIs) {
  Fire("ApiDown", "critical");
  const std::string first = Silence("ApiDown", seconds(0), minutes(8));
  for (int i = 0; i < 40; ++i) Silence("Other" + std::to_string(i), seconds(0), minutes(8));
  Pass(seconds(30));
  EXPECT_THAT(attempts_, IsEmpty());
  const std::string last = Silence("ApiDown", seconds(0), minutes(9));
  EXPECT_THAT(SilencedBy(), testing::UnorderedElementsAre(first, last));
  Pass(minutes(8));
  EXPECT_THAT(SilencedBy(), ElementsAre(last));
}

TEST_F(MutingTest, ASilencePutsOffThePageAndItsEndBringsItBack) {
  const std::string id = Silence("ApiDown", seconds(0), minutes(8));
  Fire("ApiDown", "critical");
  EXPECT_THAT(SilencedBy(), ElementsAre(id));
  Pass(minutes(8) - seconds(1));
  EXPECT_THAT(attempts_, IsEmpty());
  EXPECT_EQ(Suppressed("silence"), 2U) << "at 30 s and 5 min 30 s";
  Pass(seconds(1));
  EXPECT_THAT(SilencedBy(), IsEmpty());
  Pass(minutes(3));
  ASSERT_THAT(attempts_, SizeIs(1)) << "at the next tick, 10 min 30 s";
}

TEST_F(MutingTest, ASilenceTakesEffectOnAlertsThatAreThere) {
  Fire("ApiDown", "critical");
  EXPECT_THAT(SilencedBy(), IsEmpty());
  const std::string id = Silence("ApiDown", seconds(10), minutes(8));
  EXPECT_THAT(SilencedBy(), IsEmpty()) << "pending";
  Pass(seconds(10));
  EXPECT_THAT(SilencedBy(), ElementsAre(id));
  EXPECT_TRUE(Ask(id).status);
  EXPECT_THAT(SilencedBy(), IsEmpty());
  Pass(seconds(20));
  EXPECT_THAT(attempts_, SizeIs(1));
}

TEST_F(MutingTest, SilencesOfAnotherServerAreFollowed) {
  Fire("ApiDown", "critical");
  FollowedSilences followed;
  followed.silences = {Draft("ApiDown", -hours(1), minutes(8)),
                       Draft("DbDown", -hours(1), hours(1))};
  followed.silences[0].id = "first";
  followed.silences[1].matchers.clear();
  const Reply reply = Ask(followed);
  EXPECT_FALSE(reply.status) << "the second is bad, and has no id";
  EXPECT_THAT(SilencedBy(), ElementsAre("first"));
  followed.silences.pop_back();
  followed.silences[0].ends_at = now_.wall;
  EXPECT_TRUE(Ask(followed).status);
  EXPECT_THAT(SilencedBy(), IsEmpty());
}

TEST_F(MutingTest, AFloodOfSilencesGoesThroughTheIndex) {
  Fire("ApiDown", "critical");
  std::vector<Event> events;
  for (int i = 0; i < 40; ++i) {
    events.push_back(SilenceCommand{RequestId{1}, Draft("ApiDown", seconds(5), minutes(8))});
  }
  Step(std::move(events));
  Commit();
  EXPECT_THAT(SilencedBy(), IsEmpty());
  Pass(seconds(5));
  EXPECT_THAT(SilencedBy(), SizeIs(40)) << "forty began at once";
  EXPECT_THAT(*Read(kViewSilences)->silences, SizeIs(40));
}

TEST_F(MutingTest, AnAnsweredSilenceOutlivesTheProcess) {
  const std::string id = Silence("ApiDown", seconds(0), minutes(8));
  Boot(Disk());
  Fire("ApiDown", "critical");
  EXPECT_THAT(SilencedBy(), ElementsAre(id));
  const std::shared_ptr<const View> view = Read(kViewSilences);
  ASSERT_THAT(*view->silences, SizeIs(1));
  EXPECT_EQ((*view->silences)[0].comment, "maintenance");
}

TEST_F(MutingTest, AReplacedSilenceIsStoredWithTheNewOne) {
  const std::string id = Silence("ApiDown", seconds(0), minutes(8));
  silence::Draft draft = Draft("Other", seconds(0), minutes(9));
  draft.id = id;
  const Reply reply = Ask(draft);
  EXPECT_NE(reply.silence_id, id);
  Boot(Disk());
  Fire("ApiDown", "critical");
  EXPECT_THAT(SilencedBy(), IsEmpty());
  EXPECT_EQ(Read(kViewStats)->stats->silences.active, 1U);
  EXPECT_EQ(Read(kViewStats)->stats->silences.expired, 1U);
}

TEST_F(MutingTest, AStoreThatFailsFailsTheAnswer) {
  Step({SilenceCommand{RequestId{7}, Draft("ApiDown", seconds(0), minutes(8))}});
  Commit(Fail(Code::kUnavailable, "disk full"));
  ASSERT_THAT(replies_, SizeIs(1));
  EXPECT_EQ(replies_[0].status.error().code, Code::kUnavailable);
}

TEST_F(MutingTest, EndingItAgainIsNotAnsweredBeforeTheFirstEndIsStored) {
  const std::string id = Silence("ApiDown", seconds(0), minutes(8));
  replies_.clear();
  Step({SilenceCommand{RequestId{7}, id}, SilenceCommand{RequestId{8}, id}});
  EXPECT_THAT(replies_, IsEmpty());
  Commit();
  ASSERT_THAT(replies_, SizeIs(2));
  EXPECT_TRUE(replies_[0].status && replies_[1].status);
}

TEST_F(MutingTest, RefusedCommandsChangeNothing) {
  EXPECT_EQ(Ask(std::string("unknown")).status.error().code, Code::kNotFound);
  const Reply reply = Ask(Draft("ApiDown", minutes(2), minutes(1)));
  EXPECT_EQ(reply.status.error().code, Code::kInvalidArgument);
  EXPECT_THAT(*Read(kViewSilences)->silences, IsEmpty());
}

TEST_F(MutingTest, AClockThatIsSetBackBringsASilenceBack) {
  Fire("ApiDown", "critical");
  const std::string id = Silence("ApiDown", seconds(0), seconds(20));
  Pass(seconds(20));
  EXPECT_THAT(SilencedBy(), IsEmpty());
  now_.wall -= seconds(10);
  Step();
  EXPECT_THAT(SilencedBy(), ElementsAre(id));
}

TEST_F(MutingTest, ExpiredSilencesAreForgottenAfterRetention) {
  Silence("ApiDown", seconds(0), seconds(20));
  now_.mono += hours(121);
  now_.wall += hours(121);
  Pass(seconds(2));
  EXPECT_THAT(*Read(kViewSilences)->silences, IsEmpty());
  for (const Record& record : Disk()) EXPECT_NE(record.table, Table::kSilence);
}

// The clock stands at 2026-09-21 14:13:20 UTC.
std::shared_ptr<config::Config> Calendar(const std::string& begin, const std::string& end,
                                         bool active) {
  auto config = TestConfig();
  timeinterval::TimeInterval interval;
  interval.times = timeinterval::Ranges{timeinterval::ParseTimes(begin, end).value()};
  config->time_intervals["hours"] = {interval};
  (active ? config->route.active_time_intervals : config->route.mute_time_intervals) = {"hours"};
  return config;
}

TEST_F(MutingTest, AMuteIntervalKeepsTheRouteQuietUntilItEnds) {
  Step({ConfigSwap{Calendar("14:00", "14:20", false)}});
  Fire("ApiDown", "critical");
  EXPECT_THAT(ReadGroups().at(0).muted_by, ElementsAre("hours"));
  Pass(minutes(6));
  EXPECT_THAT(attempts_, IsEmpty());
  EXPECT_EQ(Suppressed("mute_time_interval"), 2U);
  Pass(minutes(5));
  EXPECT_THAT(ReadGroups().at(0).muted_by, IsEmpty());
  EXPECT_THAT(attempts_, SizeIs(1));
}

TEST_F(MutingTest, ARouteIsQuietOutsideItsActiveIntervals) {
  Step({ConfigSwap{Calendar("14:20", "15:00", true)}});
  Fire("ApiDown", "critical");
  EXPECT_THAT(ReadGroups().at(0).muted_by, ElementsAre("hours"));
  Pass(minutes(6));
  EXPECT_THAT(attempts_, IsEmpty());
  EXPECT_EQ(Suppressed("active_time_interval"), 2U);
  Pass(minutes(5));
  EXPECT_THAT(attempts_, SizeIs(1));
}

TEST_F(MutingTest, AnAlertIsSuppressedOnceHoweverOftenItsGroupIsFlushed) {
  const auto alerts = [this] { return Read(kViewStats)->stats->alerts_suppressed; };
  Silence("ApiDown", seconds(0), minutes(50));
  Fire("ApiDown", "critical");
  EXPECT_THAT(alerts(), IsEmpty()) << "its group has not been flushed yet";
  Pass(minutes(12));
  EXPECT_EQ(Suppressed("silence"), 3U);
  EXPECT_EQ(alerts().at({"silence"}), 1U);
  Step({ConfigSwap{Calendar("14:00", "14:40", false)}});
  Pass(minutes(6));
  EXPECT_GE(Suppressed("mute_time_interval"), 1U);
  EXPECT_THAT(alerts(), SizeIs(1)) << "one episode, whatever else mutes it";
  Boot(Disk());
  Pass(minutes(12));
  EXPECT_GE(Suppressed("silence"), 1U);
  EXPECT_THAT(alerts(), IsEmpty()) << "it began in another life, which has counted it";
}

TEST_F(MutingTest, AnAlertThatComesBackSoonIsSuppressedOnce) {
  const auto alerts = [this] { return Read(kViewStats)->stats->alerts_suppressed; };
  Silence("ApiDown", seconds(0), minutes(50));
  Fire("ApiDown", "critical");
  Pass(seconds(31));
  EXPECT_EQ(alerts().at({"silence"}), 1U);
  Fire("ApiDown", "critical", seconds(0));
  Pass(minutes(1));
  Fire("ApiDown", "critical");
  Pass(minutes(6));
  EXPECT_EQ(alerts().at({"silence"}), 1U) << "it is the same episode";
  Fire("ApiDown", "critical", seconds(0));
  Pass(minutes(12));
  Fire("ApiDown", "critical");
  Pass(minutes(6));
  EXPECT_EQ(alerts().at({"silence"}), 2U);
}

TEST_F(MutingTest, WhatWasPagedBeforeItWasMutedWasNotSuppressed) {
  Fire("ApiDown", "critical");
  Pass(seconds(31));
  Answer(Attempted::Kind::kDone);
  Silence("ApiDown", seconds(0), minutes(50));
  Pass(minutes(12));
  EXPECT_GE(Suppressed("silence"), 1U);
  EXPECT_THAT(Read(kViewStats)->stats->alerts_suppressed, IsEmpty());
}

TEST_F(MutingTest, WhatIsOverBeforeItsFirstFlushWouldHavePagedNobody) {
  Silence("ApiDown", seconds(0), minutes(50));
  Fire("ApiDown", "critical");
  Pass(seconds(10));
  Fire("ApiDown", "critical", seconds(0));
  Pass(minutes(6));
  EXPECT_THAT(Read(kViewStats)->stats->alerts_suppressed, IsEmpty());
}

}  // namespace
}  // namespace watchfire::core
