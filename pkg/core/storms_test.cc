// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/core/storms.h"

#include "pkg/core/escalation_fixture.h"

namespace watchfire::core {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

// Every service is an incident of its own, all of them alice's, whom the app reaches.
class StormsTest : public EscalationTest {
 protected:
  StormsTest() {
    config_ = EscalationConfig(GetParam());
    config_->oncall.contacts["alice"] = {{"alice-app", {}}};
    config_->oncall.storm = {3, minutes(1), minutes(1)};
    Boot({});
    from_ = now_.mono + seconds(30);
  }

  void Begin(const std::string& service, const std::string& severity = "critical",
             Duration lasts = std::chrono::hours(24)) {
    alert::Alert alert;
    alert.labels =
        labels::LabelSet{{"alertname", service}, {"service", service}, {"severity", severity}};
    alert.starts_at = alert.updated_at = now_.wall;
    alert.ends_at = now_.wall + lasts;
    AlertsArrived arrived;
    arrived.alerts.push_back(std::move(alert));
    arrived.firing = 1;
    Step({std::move(arrived)});
    Commit();
  }
  void BeginAll(const std::vector<std::string>& services) {
    for (const std::string& service : services) Begin(service);
  }
  // As Told(), with what a page of several says.
  std::vector<std::string> Pages(Duration span, Vendor vendor = Vendor::kTakes) {
    std::vector<std::string> pages;
    for (const MonoTime end = now_.mono + span; now_.mono < end;) {
      Pass(seconds(1));
      while (!attempts_.empty()) {
        const Attempt attempt = attempts_.front();
        attempts_.erase(attempts_.begin());
        const auto passed = std::chrono::duration_cast<seconds>(now_.mono - from_);
        pages.push_back(std::to_string(passed.count()) + " " + attempt.notification->receiver +
                        " " + Shown(attempt));
        if (vendor == Vendor::kIsSilent) continue;
        AnswerTo(attempt.id,
                 vendor == Vendor::kTakes ? Attempted::Kind::kDone : Attempted::Kind::kRetry);
      }
    }
    return pages;
  }
  // The first messages that leave within the next minute or so; none is answered.
  std::vector<Attempt> NextSent() {
    for (int i = 0; i < 70 && attempts_.empty(); ++i) Pass(seconds(1));
    return std::exchange(attempts_, {});
  }
  void FallBackAfter(Duration time) {
    for (config::Receiver& receiver : config_->receivers) {
      if (receiver.name != "alice-app") continue;
      receiver.fallback = "alice-sms";
      receiver.fallback_after = time;
    }
    Boot({});
  }
  // "+a", or what a message of several says of them.
  static std::string Shown(const Attempt& attempt) {
    const std::string text = Text(attempt);
    if (text != "+IncidentStorm") return text;
    return std::string(attempt.notification->alerts.front().annotations.Get("summary"));
  }
  uint64_t IncidentOf(const std::string& service) {
    for (const auto& [id, incident] : Read(kViewIncidents)->incidents) {
      if (incident->title == service) return id;
    }
    return 0;
  }
  void AckAll(const std::vector<std::string>& services) {
    for (const std::string& service : services)
      Do(incident::Acknowledge{}, "alice", IncidentOf(service));
  }
  std::vector<std::string> PagedTexts(const std::string& service) {
    std::vector<std::string> texts;
    for (const auto& [id, incident] : Read(kViewIncidents)->incidents) {
      if (incident->title != service) continue;
      for (const incident::Event& event : incident->timeline) {
        if (event.kind == "paged" && HasPerson(event.text)) texts.push_back(event.text);
      }
    }
    return texts;
  }
  static bool HasPerson(const std::string& text) { return text.starts_with("alice"); }
};

TEST_P(StormsTest, FromTheThirdIncidentOnOnePageAMinuteNamesAllThatWait) {
  BeginAll({"a", "b", "c"});
  EXPECT_THAT(Pages(seconds(40)),
              UnorderedElementsAre("0 alice-app +a", "0 alice-app +b", "0 alice-app +c"));
  BeginAll({"d", "e", "f"});
  EXPECT_THAT(Pages(seconds(90)),
              ElementsAre(R"(60 alice-app 3 incidents: #4 "d", #5 "e", #6 "f")"));
  EXPECT_THAT(PagedTexts("d"), ElementsAre("alice through alice-app"));
  EXPECT_THAT(PagedTexts("e"), ElementsAre("alice through alice-app, by the page of #4"));
  EXPECT_EQ(ReadStats().pages_joined, 2U);
  Begin("g");
  EXPECT_THAT(Pages(seconds(60)), ElementsAre("130 alice-app +g")) << "the next minute";
}

TEST_P(StormsTest, TwoAreNoStorm) {
  BeginAll({"a", "b"});
  EXPECT_THAT(Pages(seconds(95)), SizeIs(2));
  Begin("c");  // The minute of the others is over.
  Begin("d");
  EXPECT_THAT(Pages(seconds(40)), SizeIs(2));
}

TEST_P(StormsTest, WithoutTheKeyEachPagesByItself) {
  config_ = std::make_shared<config::Config>(*config_);
  config_->oncall.storm = {};
  Boot({});
  BeginAll({"a", "b", "c", "d", "e"});
  EXPECT_THAT(Pages(seconds(40)), SizeIs(5));
  EXPECT_EQ(ReadStats().pages_joined, 0U);
}

// Its templates, ack link and keypad are those of any page of the first.
TEST_P(StormsTest, TheMessageIsAsOfOneAlert) {
  BeginAll({"a", "b", "c"});
  Pages(seconds(32));
  Begin("d", "warning");
  Pages(seconds(31));
  Begin("e", "critical");  // It is due when the vendor has been asked for d alone, and is busy.
  std::vector<Attempt> sent;
  for (int i = 0; i < 120 && sent.empty(); ++i) {
    Pass(seconds(1));
    sent = attempts_;
    if (sent.empty() || Shown(sent[0]) != "+d") continue;
    AnswerTo(sent[0].id, Attempted::Kind::kRetry);
    attempts_.clear();
    sent.clear();
  }
  ASSERT_THAT(sent, SizeIs(1));
  const dispatch::Notification& said = *sent[0].notification;
  ASSERT_THAT(said.alerts, SizeIs(1));
  const alert::Alert& alert = said.alerts.front();
  EXPECT_EQ(alert.labels,
            (labels::LabelSet{
                {"alertname", "IncidentStorm"}, {"incidents", "2"}, {"severity", "critical"}}));
  EXPECT_EQ(alert.annotations.Get("description"), "#4 \"d\" warning\n#5 \"e\" critical\n");
  EXPECT_EQ(said.group_key, R"({}:{service="d"})");
  EXPECT_EQ(said.group_labels.Get("alertname"), "IncidentStorm");
  EXPECT_TRUE(said.Firing(alert));
}

TEST_P(StormsTest, TheGravestSpeaks) {
  BeginAll({"a", "b", "c"});
  Pages(seconds(32));
  Begin("d", "warning");
  Begin("e", "critical");
  EXPECT_THAT(Pages(seconds(80)), ElementsAre(R"(60 alice-app 2 incidents: #5 "e", #4 "d")"));
}

TEST_P(StormsTest, WhatWasAcknowledgedMeanwhileIsNotNamed) {
  BeginAll({"a", "b", "c"});
  Pages(seconds(32));
  BeginAll({"d", "e", "f"});
  Pages(seconds(40));
  AckAll({"e"});
  EXPECT_THAT(Pages(seconds(60)), ElementsAre(R"(60 alice-app 2 incidents: #4 "d", #6 "f")"));
}

// The vendor is busy: what waits to be tried again says what is so by then.
TEST_P(StormsTest, WhatIsTriedAgainDoesNotNameWhatWasAcknowledged) {
  BeginAll({"a", "b", "c"});
  Pages(seconds(32));
  BeginAll({"d", "e", "f"});
  EXPECT_THAT(Pages(seconds(61), Vendor::kIsBusy),
              Contains(HasSubstr(R"(3 incidents: #4 "d", #5 "e", #6 "f")")));
  AckAll({"e"});
  const auto pages = Pages(seconds(90));
  ASSERT_THAT(pages, SizeIs(1));
  EXPECT_THAT(pages[0], HasSubstr(R"(2 incidents: #4 "d", #6 "f")"));
  EXPECT_THAT(PagedTexts("e"), IsEmpty());
}

// It was to speak for the others.
TEST_P(StormsTest, AnotherSpeaksWhenTheOneThatDidIsAcknowledged) {
  BeginAll({"a", "b", "c"});
  Pages(seconds(32));
  BeginAll({"d", "e", "f"});
  Pages(seconds(61), Vendor::kIsBusy);
  AckAll({"d"});
  const auto pages = Pages(seconds(90));
  ASSERT_THAT(pages, SizeIs(1));
  EXPECT_THAT(pages[0], HasSubstr(R"(2 incidents: #5 "e", #6 "f")"));
}

TEST_P(StormsTest, WhileAPageIsUnderWayOthersWaitForItsEnd) {
  BeginAll({"a", "b", "c"});
  Pages(seconds(32));
  BeginAll({"d", "e"});
  EXPECT_THAT(Pages(seconds(70), Vendor::kIsSilent),
              ElementsAre(R"(60 alice-app 2 incidents: #4 "d", #5 "e")"));
  Begin("f");
  Begin("g");
  EXPECT_THAT(Pages(seconds(70)), IsEmpty());
}

// The page left before the ack: what pages again is owed a page of its own.
TEST_P(StormsTest, WhatWasAcknowledgedWhileThePageWasOnTheWireIsNotCountedAsTold) {
  BeginAll({"a", "b", "c"});
  Pages(seconds(32));
  BeginAll({"d", "e"});
  const std::vector<Attempt> sent = NextSent();
  ASSERT_THAT(sent, SizeIs(1));
  Do(incident::Acknowledge{{kNoTime, seconds(20)}}, "alice", IncidentOf("e"));
  EXPECT_THAT(Pages(seconds(30)), IsEmpty()) << "the last one is still under way";
  AnswerTo(sent[0].id, Attempted::Kind::kDone);
  EXPECT_THAT(PagedTexts("e"), IsEmpty());
  EXPECT_THAT(PagedTexts("d"), SizeIs(1));
  EXPECT_THAT(Pages(seconds(60)), ElementsAre(HasSubstr("alice-app +e")));
}

TEST_P(StormsTest, ItIsOverWhenNothingPagesTheOneAnyMore) {
  BeginAll({"a", "b", "c"});
  Pages(seconds(32));
  Begin("d");
  Pages(seconds(70));
  AckAll({"a", "b", "c", "d"});
  Pages(seconds(61));
  BeginAll({"e", "f"});
  EXPECT_THAT(Pages(seconds(40)), SizeIs(2)) << "each by itself, and at once";
}

TEST_P(StormsTest, ItGoesOnWhileOneIsUnacknowledged) {
  BeginAll({"a", "b", "c"});
  Pages(seconds(32));
  AckAll({"a", "b"});
  Pages(seconds(120));
  BeginAll({"d", "e"});
  EXPECT_THAT(Pages(seconds(40)), SizeIs(1)) << "both, for a minute has passed since the last";
  BeginAll({"f", "g"});
  EXPECT_THAT(Pages(seconds(70)), SizeIs(1));
}

size_t CountOf(const std::vector<std::string>& pages, const std::string& receiver) {
  return static_cast<size_t>(std::ranges::count_if(
      pages, [&](const auto& page) { return page.find(receiver) != std::string::npos; }));
}

// Carol's storm is her own, and begins with her third; the fallback has none.
TEST_P(StormsTest, OthersAndTheFallbackArePagedAsEver) {
  BeginAll({"a", "b", "c", "d", "e"});
  Pages(minutes(9));
  const auto pages = Pages(minutes(3));  // Carol's turn after ten minutes.
  EXPECT_EQ(CountOf(pages, "carol-app +"), 2U);
  EXPECT_EQ(CountOf(pages, R"(carol-app 3 incidents: #3 "c", #4 "d", #5 "e")"), 1U);
  EXPECT_EQ(CountOf(Pages(minutes(20)), "mail +"), 5U);
}

// A vendor bundles what it pages itself, and would find what it knows already in the same message.
TEST_P(StormsTest, VendorsThatOpenAnIncidentAreSentEach) {
  for (config::Receiver& receiver : config_->receivers) {
    if (receiver.name == "alice-app") receiver.integrations.front().kind = "pagerduty";
  }
  Boot({});
  BeginAll({"a", "b", "c", "d", "e"});
  EXPECT_THAT(Pages(seconds(40)), SizeIs(5));
}

// It may be refused for what it says of one of them.
TEST_P(StormsTest, OneThatIsRefusedKeepsNobodyBack) {
  BeginAll({"a", "b", "c"});
  Pages(seconds(32));
  BeginAll({"d", "e", "f"});
  std::vector<std::string> shown;
  for (int second = 0; second < 360; ++second) {
    Pass(seconds(1));
    while (!attempts_.empty()) {
      const Attempt attempt = attempts_.front();
      attempts_.erase(attempts_.begin());
      shown.push_back(Shown(attempt));
      const bool is_refused = shown.back() == "+d" || shown.back().starts_with("3 incidents");
      AnswerTo(attempt.id, is_refused ? Attempted::Kind::kFail : Attempted::Kind::kDone);
    }
  }
  EXPECT_THAT(shown, Contains(R"(3 incidents: #4 "d", #5 "e", #6 "f")").Times(1));
  EXPECT_THAT(shown, Contains("+e").Times(1));
  EXPECT_THAT(shown, Contains("+f").Times(1));
  EXPECT_LE(std::ranges::count(shown, "+d"), 3) << "as often as any page that is refused";
}

TEST_P(StormsTest, WhatWasRefusedTogetherIsSentAtOnceByItself) {
  BeginAll({"a", "b", "c"});
  Pages(seconds(32));
  BeginAll({"d", "e", "f"});
  std::vector<std::string> shown;
  for (int second = 0; second < 65; ++second) {
    Pass(seconds(1));
    while (!attempts_.empty()) {
      const Attempt attempt = attempts_.front();
      attempts_.erase(attempts_.begin());
      shown.push_back(Shown(attempt));
      const bool is_refused = shown.back().starts_with("3 incidents");
      AnswerTo(attempt.id, is_refused ? Attempted::Kind::kFail : Attempted::Kind::kDone);
    }
  }
  EXPECT_THAT(shown, ElementsAre(HasSubstr("3 incidents"), "+d", "+e", "+f"));
}

// A vendor that says "in ten minutes" lets each page be given up at once.
TEST_P(StormsTest, WhatIsGivenUpDoesNotMakeTheOthersTakeTurns) {
  BeginAll({"a", "b", "c"});
  Pages(seconds(32));
  BeginAll({"d", "e", "f"});
  size_t tried = 0;
  for (int second = 0; second < 240; ++second) {
    Pass(seconds(1));
    while (!attempts_.empty()) {
      Attempted outcome;
      outcome.kind = Attempted::Kind::kRetry;
      outcome.id = attempts_.front().id;
      outcome.retry_after = minutes(10);
      attempts_.erase(attempts_.begin());
      ++tried;
      Step({outcome});
      Commit();
    }
  }
  EXPECT_LE(tried, 5U);
  EXPECT_GE(tried, 3U);
}

// The end of what spoke last is no page.
TEST_P(StormsTest, AnEndThatIsToldHoldsNothingBack) {
  BeginAll({"a", "b", "c"});
  Pages(seconds(32));
  Begin("d");
  Pages(seconds(61));
  Begin("d", "critical", Duration::zero());
  for (int i = 0; i < 400; ++i) {
    if (CountOf(Pages(seconds(1)), "-d") > 0) break;
  }
  Begin("e");
  EXPECT_THAT(Pages(seconds(35)), SizeIs(1));
}

TEST_P(StormsTest, WhatWasSilencedWhileItWaitedIsPagedWhenThatEnds) {
  BeginAll({"a", "b", "c"});
  Pages(seconds(32));
  BeginAll({"d", "e"});
  Pages(seconds(32));
  Silence("e", seconds(60));
  EXPECT_THAT(Pages(seconds(50)), SizeIs(1));
  EXPECT_EQ(CountOf(Pages(seconds(60)), "alice-app +e"), 1U);
}

// What waits is not late: the fallback of its receiver is asked when it was tried for too long.
TEST_P(StormsTest, WhatWaitsItsTurnHasNotBeenMissed) {
  FallBackAfter(seconds(20));
  BeginAll({"a", "b", "c"});
  Pages(seconds(32));
  BeginAll({"d", "e", "f"});
  EXPECT_EQ(CountOf(Pages(minutes(5)), "alice-sms"), 0U);
}

TEST_P(StormsTest, TheFallbackIsAskedForAllWhenAPageOfAllIsNotTaken) {
  FallBackAfter(minutes(2));
  BeginAll({"a", "b", "c"});
  Pages(seconds(32));
  BeginAll({"d", "e", "f"});
  Pages(seconds(55));
  std::string sms;
  for (int second = 0; second < 135; ++second) {
    Pass(seconds(1));
    while (!attempts_.empty()) {
      const Attempt attempt = attempts_.front();
      attempts_.erase(attempts_.begin());
      const bool is_sms = attempt.notification->receiver == "alice-sms";
      if (is_sms) sms += Shown(attempt) + "\n";
      AnswerTo(attempt.id, is_sms ? Attempted::Kind::kDone : Attempted::Kind::kRetry);
    }
  }
  for (const char* name : {"d", "e", "f"}) {
    EXPECT_TRUE(sms.find(std::string("+") + name) != std::string::npos ||
                sms.find(std::string("\"") + name + "\"") != std::string::npos)
        << name << " in " << sms;
  }
}

TEST_P(StormsTest, WhatWasSilencedMeanwhileIsNotNamed) {
  BeginAll({"a", "b", "c"});
  Pages(seconds(32));
  BeginAll({"d", "e", "f"});
  EXPECT_THAT(Pages(seconds(61), Vendor::kIsBusy), Contains(HasSubstr(R"(#5 "e")")));
  Silence("e", std::chrono::hours(1));
  const auto pages = Pages(seconds(90));
  ASSERT_THAT(pages, SizeIs(1));
  EXPECT_THAT(pages[0], HasSubstr(R"(2 incidents: #4 "d", #6 "f")"));
}

// What left with a message of several is not sent beside it, also when there are no storms any
// more.
TEST_P(StormsTest, AReloadDoesNotSendWhatIsOnTheWire) {
  BeginAll({"a", "b", "c"});
  Pages(seconds(32));
  BeginAll({"d", "e", "f"});
  const std::vector<Attempt> sent = NextSent();
  ASSERT_THAT(sent, SizeIs(1));
  auto fresh = std::make_shared<config::Config>(*config_);
  fresh->oncall.storm = {};
  Step({ConfigSwap{fresh}});
  Commit();
  EXPECT_THAT(Pages(seconds(20)), IsEmpty());
  AnswerTo(sent[0].id, Attempted::Kind::kDone);
  EXPECT_THAT(Pages(minutes(2)), IsEmpty());
  Begin("g");
  EXPECT_THAT(Pages(seconds(40)), SizeIs(1));
}

TEST_P(StormsTest, WhatIsSaidOfEachIsOneLine) {
  BeginAll({"a", "b", "c"});
  Pages(seconds(32));
  Begin("d");
  Begin("x\ny, #7 z and 90 more");
  const auto pages = Pages(seconds(60));
  ASSERT_THAT(pages, SizeIs(1));
  EXPECT_THAT(pages[0], HasSubstr(R"(2 incidents: #4 "d", #5 "x\ny, #7 z and 90 more")"));
}

// Of what waits nothing is kept but that it is owed.
TEST_P(StormsTest, ARestartPagesWhatWaited) {
  BeginAll({"a", "b", "c"});
  Pages(seconds(32));
  BeginAll({"d", "e", "f", "g"});
  Pages(seconds(40));
  Restart(seconds(10));
  from_ = now_.mono;
  std::string all;
  for (const std::string& page : Pages(minutes(3))) all += page + "\n";
  EXPECT_EQ(all, "1 alice-app +d\n1 alice-app +e\n1 alice-app 2 incidents: #6 \"f\", #7 \"g\"\n");
}

TEST_P(StormsTest, AReloadWithoutTheKeyPagesAllThatWait) {
  BeginAll({"a", "b", "c"});
  Pages(seconds(32));
  BeginAll({"d", "e", "f"});
  Pages(seconds(40));
  auto fresh = std::make_shared<config::Config>(*config_);
  fresh->oncall.storm = {};
  Step({ConfigSwap{fresh}});
  Commit();
  EXPECT_THAT(Pages(seconds(5)), SizeIs(3));
}

// As with a page of its own: what left before a turn is not what that turn tells.
TEST_P(StormsTest, APageThatLeftBeforeTheNextTurnDoesNotTellThatOne) {
  config_ = EscalationConfig(GetParam(), "rounds");
  config_->oncall.contacts["alice"] = {{"alice-app", {}}};
  config_->oncall.storm = {3, minutes(1), minutes(1)};
  Boot({});
  BeginAll({"a", "b", "c"});
  Pages(seconds(32));
  BeginAll({"d", "e"});
  const std::vector<Attempt> sent = NextSent();
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_THAT(Pages(minutes(10)), IsEmpty());
  AnswerTo(sent[0].id, Attempted::Kind::kDone);
  const auto pages = Pages(seconds(65));
  ASSERT_THAT(pages, SizeIs(1));
  EXPECT_THAT(pages[0], HasSubstr(R"(#5 "e")"));
}

// No message was of it alone, so none says that it is over.
TEST_P(StormsTest, TheEndIsToldOfWhatWasToldByItself) {
  BeginAll({"a", "b", "c"});
  Pages(seconds(32));
  BeginAll({"d", "e"});
  EXPECT_THAT(Pages(seconds(70)), SizeIs(1));
  Begin("d", "critical", Duration::zero());
  Begin("e", "critical", Duration::zero());
  EXPECT_THAT(Pages(minutes(6)), ElementsAre(HasSubstr("alice-app -d")));
}

// The gravest go first, and each has its line.
TEST_P(StormsTest, APageTakesSoManyAlong) {
  BeginAll({"a", "b", "c"});
  Pages(seconds(32));
  for (int i = 0; i < 150; ++i) Begin("x" + std::to_string(i), i < 149 ? "warning" : "critical");
  const auto pages = Pages(seconds(120));
  ASSERT_THAT(pages, SizeIs(2));
  EXPECT_THAT(pages[0], HasSubstr(R"(100 incidents: #153 "x149", #4 "x0")"));
  EXPECT_THAT(pages[1], HasSubstr("50 incidents: "));
}

TEST_P(StormsTest, ManyAreCounted) {
  BeginAll({"a", "b", "c"});
  Pages(seconds(32));
  for (int i = 0; i < 15; ++i) Begin("x" + std::to_string(i));
  const auto pages = Pages(seconds(90));
  ASSERT_THAT(pages, SizeIs(1));
  EXPECT_THAT(pages[0], HasSubstr(R"(15 incidents: #4 "x0", #5 "x1", )"));
  EXPECT_THAT(pages[0], testing::EndsWith(R"(#13 "x9" and 5 more)"));
}

INSTANTIATE_TEST_SUITE_P(Both, StormsTest, BothDeliveries(), DeliveryName);

}  // namespace
}  // namespace watchfire::core
