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
  // As Told(), with what the page says of others behind each.
  std::vector<std::string> Pages(Duration span, Vendor vendor = Vendor::kTakes) {
    std::vector<std::string> pages;
    for (const MonoTime end = now_.mono + span; now_.mono < end;) {
      Pass(seconds(1));
      while (!attempts_.empty()) {
        const Attempt attempt = attempts_.front();
        attempts_.erase(attempts_.begin());
        const auto passed = std::chrono::duration_cast<seconds>(now_.mono - from_);
        const std::string further(attempt.notification->group_labels.Get(kFurtherLabel));
        pages.push_back(std::to_string(passed.count()) + " " + attempt.notification->receiver +
                        " " + Text(attempt) + (further.empty() ? "" : " | " + further));
        if (vendor == Vendor::kIsSilent) continue;
        AnswerTo(attempt.id,
                 vendor == Vendor::kTakes ? Attempted::Kind::kDone : Attempted::Kind::kRetry);
      }
    }
    return pages;
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
  EXPECT_THAT(Pages(seconds(90)), ElementsAre("60 alice-app +d | 2 further incidents: #5 e, #6 f"));
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

TEST_P(StormsTest, TheGravestSpeaks) {
  BeginAll({"a", "b", "c"});
  Pages(seconds(32));
  Begin("d", "warning");
  Begin("e", "critical");
  EXPECT_THAT(Pages(seconds(80)), ElementsAre("60 alice-app +e | 1 further incident: #4 d"));
}

TEST_P(StormsTest, WhatWasAcknowledgedMeanwhileIsNotNamed) {
  BeginAll({"a", "b", "c"});
  Pages(seconds(32));
  BeginAll({"d", "e", "f"});
  Pages(seconds(40));
  AckAll({"e"});
  EXPECT_THAT(Pages(seconds(60)), ElementsAre("60 alice-app +d | 1 further incident: #6 f"));
}

// The vendor is busy: what waits to be tried again says what is so by then.
TEST_P(StormsTest, WhatIsTriedAgainDoesNotNameWhatWasAcknowledged) {
  BeginAll({"a", "b", "c"});
  Pages(seconds(32));
  BeginAll({"d", "e", "f"});
  EXPECT_THAT(Pages(seconds(61), Vendor::kIsBusy),
              Contains(HasSubstr("+d | 2 further incidents: #5 e, #6 f")));
  AckAll({"e"});
  const auto pages = Pages(seconds(90));
  ASSERT_THAT(pages, SizeIs(1));
  EXPECT_THAT(pages[0], HasSubstr("+d | 1 further incident: #6 f"));
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
  EXPECT_THAT(pages[0], HasSubstr("+e | 1 further incident: #6 f"));
}

TEST_P(StormsTest, WhileAPageIsUnderWayOthersWaitForItsEnd) {
  BeginAll({"a", "b", "c"});
  Pages(seconds(32));
  BeginAll({"d", "e"});
  EXPECT_THAT(Pages(seconds(70), Vendor::kIsSilent),
              ElementsAre("60 alice-app +d | 1 further incident: #5 e"));
  Begin("f");
  Begin("g");
  EXPECT_THAT(Pages(seconds(70)), IsEmpty());
}

// The page left before the ack: what pages again is owed a page of its own.
TEST_P(StormsTest, WhatWasAcknowledgedWhileThePageWasOnTheWireIsNotCountedAsTold) {
  BeginAll({"a", "b", "c"});
  Pages(seconds(32));
  BeginAll({"d", "e"});
  std::vector<Attempt> sent;
  for (int i = 0; i < 70 && sent.empty(); ++i) {
    Pass(seconds(1));
    sent = attempts_;
  }
  ASSERT_THAT(sent, SizeIs(1));
  attempts_.clear();
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
  Begin("d");
  EXPECT_THAT(Pages(seconds(40)), SizeIs(1)) << "a minute has passed since the last";
  BeginAll({"e", "f"});
  EXPECT_THAT(Pages(seconds(70)), SizeIs(1));
}

TEST_P(StormsTest, OthersAndTheFallbackArePagedAsEver) {
  BeginAll({"a", "b", "c", "d", "e"});
  Pages(minutes(9));
  const auto pages = Pages(minutes(3));  // Carol's turn after ten minutes.
  EXPECT_THAT(pages, Contains(HasSubstr("carol-app")));
  EXPECT_GE(
      std::ranges::count_if(
          pages, [](const auto& page) { return page.find("carol-app") != std::string::npos; }),
      3);
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
  for (const char* name : {"+d", "+e", "+f"}) EXPECT_THAT(all, HasSubstr(name));
  EXPECT_THAT(all, HasSubstr("g"));
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
  std::vector<Attempt> sent;
  for (int i = 0; i < 70 && sent.empty(); ++i) {
    Pass(seconds(1));
    sent = attempts_;
  }
  ASSERT_THAT(sent, SizeIs(1));
  attempts_.clear();
  EXPECT_THAT(Pages(minutes(10)), IsEmpty());
  AnswerTo(sent[0].id, Attempted::Kind::kDone);
  const auto pages = Pages(seconds(5));
  ASSERT_THAT(pages, SizeIs(1));
  EXPECT_THAT(pages[0], HasSubstr("#5 e"));
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

TEST_P(StormsTest, ManyAreCounted) {
  BeginAll({"a", "b", "c"});
  Pages(seconds(32));
  for (int i = 0; i < 15; ++i) Begin("x" + std::to_string(i));
  const auto pages = Pages(seconds(90));
  ASSERT_THAT(pages, SizeIs(1));
  EXPECT_THAT(pages[0], HasSubstr("14 further incidents: #5 x1, "));
  EXPECT_THAT(pages[0], testing::EndsWith("#14 x10 and 4 more"));
}

INSTANTIATE_TEST_SUITE_P(Both, StormsTest, BothDeliveries(), DeliveryName);

}  // namespace
}  // namespace watchfire::core
