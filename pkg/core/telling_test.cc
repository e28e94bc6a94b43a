// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Acks, notes and resolves on their way out to the vendors that were paged.

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/base/limits.h"
#include "pkg/core/core_fixture.h"

namespace watchfire::core {
namespace {

using config::kVendorAcknowledge;
using config::kVendorNote;
using config::kVendorResolve;
using config::kVendorUnacknowledge;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr unsigned kAll = 15;
constexpr unsigned kNoReturn = kVendorAcknowledge | kVendorNote | kVendorResolve;

std::shared_ptr<config::Config> Vendors(config::Delivery delivery) {
  auto config = TestConfig();
  config->route.delivery = delivery;
  config->route.repeat_interval = std::chrono::hours(24);
  config->receivers = {{"on-call",
                        {{"victorops", 0, true, true, nullptr, kNoReturn},
                         {"opsgenie", 0, true, true, nullptr, kAll},
                         {"webhook", 0, true, false, nullptr, 0}}}};
  return config;
}

class TellingTest : public CoreTest, public testing::WithParamInterface<config::Delivery> {
 protected:
  TellingTest() : CoreTest(Vendors(GetParam())) {
    Fire("ApiDown", "critical", minutes(600));
    Pass(seconds(31));
    AnswerAll(Attempted::Kind::kDone);
    Pass(seconds(2));
  }

  void AnswerAll(Attempted::Kind kind, const std::string& why = "") {
    for (const Attempt& attempt : std::exchange(attempts_, {})) AnswerTo(attempt.id, kind, why);
  }
  void Do(incident::Act act, const std::string& note = "", const std::string& channel = "api",
          const std::string& actor = "ada") {
    IncidentCommand command;
    command.reply_to = RequestId{7};
    command.incident = 1;
    command.ack = {actor, incident::ActorType::kHuman, channel, note};
    command.act = std::move(act);
    Step({std::move(command)});
    Commit();
  }
  // What a vendor's webhook brings.
  void Hear(incident::Act act, const std::string& vendor, const std::string& actor,
            const std::string& note = "") {
    IncidentCommand command;
    command.reply_to = RequestId{8};
    command.entity_id = One()->entity_id;
    command.ack = {actor, incident::ActorType::kHuman, vendor, note};
    command.act = std::move(act);
    Step({std::move(command)});
    Commit();
  }
  std::shared_ptr<const incident::Incident> One() { return Read(kViewIncidents)->incidents.at(1); }
  // What is on the wire: "victorops acknowledge".
  std::vector<std::string> Told() const {
    std::vector<std::string> told;
    for (const Attempt& attempt : attempts_) {
      const auto& update = attempt.notification->update;
      told.push_back(attempt.integration->kind + " " +
                     (update ? config::VendorActName(update->act) : "page"));
    }
    return told;
  }
  uint64_t Outcomes(const std::string& integration, const std::string& act,
                    const std::string& outcome) {
    const auto view = Read(kViewStats);
    const auto found = view->stats->vendor_updates.find({integration, act, outcome});
    return found == view->stats->vendor_updates.end() ? 0 : found->second;
  }
  std::vector<std::string> Timeline() {
    std::vector<std::string> lines;
    for (const incident::Event& event : One()->timeline) {
      if (event.kind == "told" || event.kind == "untold") {
        lines.push_back(event.kind + " " + event.actor + " " + event.text);
      }
    }
    return lines;
  }
};

TEST_P(TellingTest, AnAckIsToldToEveryVendorThatWasPaged) {
  Do(incident::Acknowledge{}, "rolling back");
  ASSERT_THAT(Told(), ElementsAre("opsgenie acknowledge", "victorops acknowledge"));
  EXPECT_EQ(attempts_[0].notification->update->by, "ada");
  EXPECT_EQ(attempts_[0].notification->update->text, "rolling back");
  EXPECT_FALSE(attempts_[0].notification->alerts.empty()) << "templates want them";
  AnswerAll(Attempted::Kind::kDone);
  EXPECT_THAT(Timeline(), ElementsAre("told on-call opsgenie: acknowledge",
                                      "told on-call victorops: acknowledge"));
  EXPECT_EQ(Outcomes("victorops", "acknowledge", "told"), 1U);
  Pass(minutes(2));
  EXPECT_THAT(Told(), IsEmpty()) << "once";
  Do(incident::Acknowledge{});
  EXPECT_THAT(Told(), IsEmpty()) << "the holder's second ack changes nothing";
}

TEST_P(TellingTest, NotesAndAResolveAreTold) {
  Do(incident::AddNote{}, "looking");
  ASSERT_THAT(Told(), ElementsAre("opsgenie note", "victorops note"));
  Do(incident::Resolve{});
  EXPECT_THAT(Told(), ElementsAre("opsgenie note", "victorops note")) << "one after the other";
  AnswerAll(Attempted::Kind::kDone);
  EXPECT_THAT(Told(), ElementsAre("opsgenie resolve", "victorops resolve"));
}

TEST_P(TellingTest, TheEndOfAnAckIsToldToWhoeverKnowsSuchAThing) {
  Do(incident::Acknowledge{{kNoTime, minutes(3)}});
  AnswerAll(Attempted::Kind::kDone);
  Pass(minutes(3) + seconds(1));
  ASSERT_THAT(Told(), testing::Contains("victorops page"));
  EXPECT_THAT(Told(), testing::Not(testing::Contains("opsgenie unacknowledge")))
      << "the page goes first";
  AnswerAll(Attempted::Kind::kDone);
  Pass(seconds(2));
  EXPECT_THAT(Told(), ElementsAre("opsgenie unacknowledge"));
}

TEST_P(TellingTest, SoIsTheEndOfAnAckByAReassignment) {
  Do(incident::Acknowledge{});
  AnswerAll(Attempted::Kind::kDone);
  Do(incident::Reassign{"bob"});
  AnswerAll(Attempted::Kind::kDone);  // The page: Bob has no contacts.
  Pass(seconds(2));
  ASSERT_THAT(Told(), ElementsAre("opsgenie unacknowledge"));
  EXPECT_EQ(attempts_[0].notification->update->text, "given to bob");
}

// VictorOps takes no ack back: acknowledged there, the page of the return would ring nobody.
TEST_P(TellingTest, WhatEndsIsNoAckWhereItCouldNotBeTakenBack) {
  Do(incident::Snooze{{kNoTime, minutes(30)}}, "deploying");
  ASSERT_THAT(Told(), ElementsAre("opsgenie acknowledge", "victorops note"));
  EXPECT_THAT(attempts_[1].notification->update->text,
              testing::MatchesRegex("snoozed until 20.*Z: deploying"));
  AnswerAll(Attempted::Kind::kDone);
  Pass(minutes(31));
  EXPECT_THAT(Told(), testing::Contains("victorops page"));
}

TEST_P(TellingTest, AnAckWithAnEndIsSaidSo) {
  Do(incident::Acknowledge{{kNoTime, minutes(30)}});
  ASSERT_THAT(Told(), ElementsAre("opsgenie acknowledge", "victorops note"));
  EXPECT_THAT(attempts_[1].notification->update->text,
              testing::MatchesRegex("in hand until 20.*Z"));
}

// A resolve by hand hangs on its way while the group fires again: the vendor may have closed what
// the newer page opened.
TEST_P(TellingTest, AResolveThatAPageMayHaveOvertakenIsUndone) {
  for (const bool is_answered : {true, false}) {
    attempts_.clear();
    const uint64_t open = Read(kViewOpenIncidents)->open_incidents.at(0).incident->id;
    IncidentCommand resolve;
    resolve.incident = open;
    resolve.ack = {"ada", incident::ActorType::kHuman, "opsgenie", ""};
    resolve.act = incident::Resolve{};
    Step({std::move(resolve)});
    Commit();
    ASSERT_THAT(Told(), ElementsAre("victorops resolve"));
    const Attempt resolving = attempts_[0];
    attempts_.clear();
    Fire(is_answered ? "ApiSlow" : "ApiGone", "critical", minutes(600));
    for (int i = 0; i < 400 && attempts_.empty(); ++i) Pass(seconds(1));
    ASSERT_THAT(Told(), testing::Contains("victorops page"));
    AnswerAll(Attempted::Kind::kDone);
    Pass(seconds(2));
    ASSERT_THAT(Told(), IsEmpty());
    Attempted late;
    late.id = resolving.id;
    late.kind = is_answered ? Attempted::Kind::kDone : Attempted::Kind::kRetry;
    late.unknown = !is_answered;
    Step({std::move(late)});
    Commit();
    for (int i = 0; i < 400 && attempts_.empty(); ++i) Pass(seconds(1));
    EXPECT_THAT(Told(), ElementsAre("victorops page")) << is_answered;
    AnswerAll(Attempted::Kind::kDone);
    Pass(minutes(2));
    EXPECT_THAT(Told(), IsEmpty()) << "once";
  }
}

// Many acks at once leave connections for pages.
TEST_P(TellingTest, OneVendorHasFourAtATime) {
  for (int i = 0; i < 6; ++i) {
    alert::Alert alert;
    alert.labels = labels::LabelSet{{"alertname", "Down"}, {"service", "s" + std::to_string(i)}};
    alert.starts_at = alert.updated_at = now_.wall;
    alert.ends_at = now_.wall + minutes(600);
    AlertsArrived arrived;
    arrived.alerts.push_back(std::move(alert));
    Step({std::move(arrived)});
    Commit();
  }
  Pass(seconds(31));
  AnswerAll(Attempted::Kind::kDone);
  Pass(seconds(2));
  attempts_.clear();
  for (const core::OpenIncident& open : Read(kViewOpenIncidents)->open_incidents) {
    IncidentCommand ack;
    ack.incident = open.incident->id;
    ack.ack = {"ada", incident::ActorType::kHuman, "opsgenie", ""};
    ack.act = incident::Acknowledge{};
    Step({std::move(ack)});
    Commit();
  }
  EXPECT_EQ(Told().size(), 4U);
  for (int i = 0; i < 10; ++i) {
    AnswerAll(Attempted::Kind::kDone);
    Pass(seconds(2));
  }
  EXPECT_EQ(Outcomes("victorops", "acknowledge", "told"), 7U);
}

// What is written after the fact is nothing that the running outage should hear.
TEST_P(TellingTest, ANoteAboutWhatIsOverDoesNotReachTheNextIncident) {
  Do(incident::Resolve{}, "", "opsgenie");
  AnswerAll(Attempted::Kind::kDone);
  Fire("ApiDown", "critical", Duration::zero());
  Pass(minutes(12));
  AnswerAll(Attempted::Kind::kDone);
  Fire("ApiGone", "critical", minutes(600));
  for (int i = 0; i < 400 && attempts_.empty(); ++i) Pass(seconds(1));
  AnswerAll(Attempted::Kind::kDone);
  Pass(seconds(2));
  ASSERT_NE(Read(kViewOpenIncidents)->open_incidents.at(0).incident->id, 1U);
  Do(incident::AddNote{}, "it was the disk");
  Pass(seconds(2));
  EXPECT_THAT(Told(), IsEmpty());
  EXPECT_EQ(Outcomes("victorops", "note", "superseded"), 1U);
}

TEST_P(TellingTest, WhatCameFromAVendorIsToldToTheOthersOnly) {
  Hear(incident::Acknowledge{}, "victorops", "ada");
  EXPECT_THAT(Told(), ElementsAre("opsgenie acknowledge"));
  AnswerAll(Attempted::Kind::kDone);
  Hear(incident::Resolve{}, "opsgenie", "bob");
  EXPECT_THAT(Told(), ElementsAre("victorops resolve"));
}

TEST_P(TellingTest, TheEchoOfOurOwnAckChangesNothing) {
  Do(incident::Acknowledge{}, "mine");
  Hear(incident::Acknowledge{}, "opsgenie", "API");  // Before the vendor's answer is there.
  AnswerAll(Attempted::Kind::kDone);
  const auto before = *One();
  for (const char* name : {"API", "watchfire", "ada"}) {
    Hear(incident::Acknowledge{}, "victorops", name);
    EXPECT_TRUE(replies_.back().status);
  }
  EXPECT_EQ(*One(), before);
  EXPECT_THAT(Told(), IsEmpty()) << "no loop";
  EXPECT_EQ(Outcomes("victorops", "acknowledge", "echoed"), 3U);
  Do(incident::AddNote{}, "the disk is full");
  AnswerAll(Attempted::Kind::kDone);
  const auto noted = *One();
  Hear(incident::AddNote{}, "opsgenie", "API", "ada: the disk is full");
  EXPECT_EQ(*One(), noted);
  EXPECT_THAT(Told(), IsEmpty());
}

// Else the end of the snooze would page for what somebody has in hand.
TEST_P(TellingTest, AnAckOfSomebodyElseTakesThePlaceOfASnoozeAndAnEchoDoesNot) {
  Do(incident::Snooze{{kNoTime, minutes(5)}});
  AnswerAll(Attempted::Kind::kDone);
  Hear(incident::Acknowledge{}, "opsgenie", "ada");
  EXPECT_EQ(One()->state, incident::State::kSnoozed);
  Hear(incident::Acknowledge{}, "opsgenie", "bob");
  EXPECT_EQ(One()->state, incident::State::kAcknowledged);
}

// The webhook is slow and the ack over before it comes.
TEST_P(TellingTest, ALateEchoDoesNotAcknowledgeAgainButAPersonDoes) {
  Do(incident::Acknowledge{{kNoTime, seconds(20)}});
  AnswerAll(Attempted::Kind::kDone);
  Pass(seconds(22));
  Hear(incident::Acknowledge{}, "opsgenie", "API");
  EXPECT_EQ(One()->state, incident::State::kTriggered);
  Hear(incident::Acknowledge{}, "opsgenie", "bob");
  EXPECT_EQ(One()->state, incident::State::kAcknowledged);
}

TEST_P(TellingTest, AnEchoAfterARestartIsKnownToo) {
  Do(incident::Acknowledge{});
  AnswerAll(Attempted::Kind::kDone);
  const auto before = *One();
  Boot(Disk());
  Step();
  Hear(incident::Acknowledge{}, "victorops", "API");
  EXPECT_EQ(*One(), before);
}

TEST_P(TellingTest, WhatWasOnTheWireAtACrashIsSaidAgain) {
  Do(incident::Acknowledge{});
  ASSERT_EQ(attempts_.size(), 2U);
  attempts_.clear();
  Boot(Disk());  // It was sent, and nobody wrote the answer down.
  Pass(seconds(2));
  EXPECT_THAT(Told(), ElementsAre("opsgenie acknowledge", "victorops acknowledge"));
  AnswerAll(Attempted::Kind::kDone);
  Boot(Disk());
  Pass(seconds(2));
  EXPECT_THAT(Told(), IsEmpty()) << "told is told";
}

TEST_P(TellingTest, ItIsStoredBeforeItIsSent) {
  IncidentCommand command;
  command.reply_to = RequestId{7};
  command.incident = 1;
  command.ack = {"ada", incident::ActorType::kHuman, "api", ""};
  Step({std::move(command)});
  EXPECT_THAT(Told(), IsEmpty());
  ASSERT_FALSE(batches_.empty());
  EXPECT_TRUE(std::ranges::any_of(
      Disk(), [](const Record& record) { return record.table == Table::kVendor; }));
  Commit();
  EXPECT_EQ(Told().size(), 2U);
}

TEST_P(TellingTest, AStoreThatHangsDelaysItByOneSecond) {
  IncidentCommand command;
  command.reply_to = RequestId{7};
  command.incident = 1;
  command.ack = {"ada", incident::ActorType::kHuman, "api", ""};
  Step({std::move(command)});
  now_.mono += seconds(1);
  now_.wall += seconds(1);
  Step();
  EXPECT_EQ(Told().size(), 2U);
}

TEST_P(TellingTest, OfManyActsTheLastOneIsTold) {
  Do(incident::Acknowledge{});
  ASSERT_EQ(attempts_.size(), 2U);
  const std::vector<Attempt> first = std::exchange(attempts_, {});
  for (int i = 0; i < 5; ++i) {
    Do(incident::Snooze{{kNoTime, seconds(1)}});
    Pass(seconds(2));  // It is over.
    for (const Attempt& page : std::exchange(attempts_, {})) {
      if (!page.notification->update) AnswerTo(page.id, Attempted::Kind::kDone);
    }
    Do(incident::Acknowledge{});
  }
  Do(incident::Resolve{});
  for (const Attempt& attempt : first) AnswerTo(attempt.id, Attempted::Kind::kDone);
  EXPECT_THAT(Told(), ElementsAre("opsgenie resolve", "victorops resolve"));
  EXPECT_GE(Outcomes("opsgenie", "acknowledge", "superseded"), 5U);
}

TEST_P(TellingTest, WhatEndsBeforeTheAckCouldBeToldIsNotAcknowledged) {
  Do(incident::Acknowledge{});
  AnswerAll(Attempted::Kind::kRetry, "HTTP 503");
  Do(incident::Resolve{});
  ASSERT_THAT(Told(), ElementsAre("opsgenie resolve", "victorops resolve"));
  AnswerAll(Attempted::Kind::kDone);
  Pass(minutes(5));
  EXPECT_THAT(Told(), IsEmpty());
  EXPECT_EQ(Outcomes("opsgenie", "acknowledge", "superseded"), 1U);
}

TEST_P(TellingTest, ARecoveryMakesAPendingAckPointless) {
  Do(incident::Acknowledge{});
  AnswerAll(Attempted::Kind::kRetry, "HTTP 503");
  Fire("ApiDown", "critical", Duration::zero());
  for (int i = 0; i < 400; ++i) {
    Pass(seconds(1));
    for (const Attempt& attempt : std::exchange(attempts_, {})) {
      const bool is_page = !attempt.notification->update;
      AnswerTo(attempt.id, is_page ? Attempted::Kind::kDone : Attempted::Kind::kRetry, "HTTP 503");
    }
  }
  EXPECT_EQ(One()->state, incident::State::kResolved);
  EXPECT_EQ(Outcomes("victorops", "acknowledge", "superseded"), 1U);
}

TEST_P(TellingTest, FailuresAreRetriedAndGivenUpAfterAnHour) {
  Do(incident::Acknowledge{});
  size_t attempts = 0;
  for (int i = 0; i < 3700; ++i) {
    attempts += attempts_.size();
    for (const Attempt& attempt : std::exchange(attempts_, {})) {
      ASSERT_TRUE(attempt.notification->update);
      AnswerTo(attempt.id, Attempted::Kind::kRetry, "HTTP 503");
    }
    Pass(seconds(1));
  }
  EXPECT_GT(attempts, 50U);
  EXPECT_LT(attempts, 400U);
  EXPECT_EQ(Outcomes("victorops", "acknowledge", "expired"), 1U);
  EXPECT_EQ(Timeline().size(), 2U);
  attempts_.clear();
  Pass(minutes(5));
  EXPECT_THAT(Told(), IsEmpty());
}

TEST_P(TellingTest, ARefusalIsFinalAndSaid) {
  Do(incident::Acknowledge{});
  AnswerAll(Attempted::Kind::kFail, "HTTP 400");
  EXPECT_THAT(Timeline(), ElementsAre("untold on-call opsgenie: acknowledge (HTTP 400)",
                                      "untold on-call victorops: acknowledge (HTTP 400)"));
  EXPECT_EQ(Outcomes("opsgenie", "acknowledge", "refused"), 1U);
  Pass(minutes(5));
  EXPECT_THAT(Told(), IsEmpty());
}

TEST_P(TellingTest, AnUpdateThatHangsHoldsUpNoPage) {
  config_->receivers[0].limits.max_in_flight = 1;
  Do(incident::Acknowledge{});
  ASSERT_EQ(attempts_.size(), 2U);
  attempts_.clear();
  Fire("ApiGone", "critical", minutes(600));
  Pass(minutes(6));
  EXPECT_THAT(Told(), testing::Contains("victorops page"));
  EXPECT_THAT(Told(), testing::Contains("opsgenie page"));
}

TEST_P(TellingTest, WhatFailsDoesNotOpenTheCircuitOfPages) {
  for (int i = 0; i < 12; ++i) {
    Do(incident::AddNote{}, "note " + std::to_string(i));
    for (const Attempt& attempt : std::exchange(attempts_, {})) {
      AnswerTo(attempt.id, Attempted::Kind::kRetry, "HTTP 503");
    }
    Pass(seconds(2));
  }
  const auto view = Read(kViewStats);
  for (const auto& [who, open] : view->stats->circuits_open) EXPECT_EQ(open, 0) << who[0];
}

TEST_P(TellingTest, AReloadWithoutTheReceiverDropsWhatWaits) {
  Do(incident::Acknowledge{});
  AnswerAll(Attempted::Kind::kRetry, "HTTP 503");
  auto other = Vendors(GetParam());
  other->receivers[0].integrations.erase(other->receivers[0].integrations.begin() + 1);
  Step({ConfigSwap{other}});
  Commit();
  Pass(seconds(5));
  EXPECT_THAT(Told(), testing::Not(testing::Contains("opsgenie acknowledge")));
  EXPECT_THAT(Told(), testing::Contains("victorops acknowledge"));
  EXPECT_EQ(Outcomes("opsgenie", "acknowledge", "dropped"), 1U);
}

TEST_P(TellingTest, ALineTakesSoManyNotesAndStillTheResolve) {
  for (size_t i = 0; i < limits::kVendorUpdates + 3; ++i) {
    Do(incident::AddNote{}, "note " + std::to_string(i));
  }
  EXPECT_EQ(Outcomes("victorops", "note", "dropped"), 3U);
  Do(incident::Resolve{});
  size_t told = 0;
  while (!attempts_.empty()) {
    told += attempts_.size();
    AnswerAll(Attempted::Kind::kDone);
  }
  EXPECT_EQ(told, 2 * (limits::kVendorUpdates + 1));
  EXPECT_EQ(Outcomes("opsgenie", "resolve", "told"), 1U);
}

TEST_P(TellingTest, WhatWasToldIsForgottenWithItsRecord) {
  Do(incident::Acknowledge{});
  AnswerAll(Attempted::Kind::kDone);
  const auto stored = [&] { return std::ranges::count(Disk(), Table::kVendor, &Record::table); };
  EXPECT_EQ(stored(), 2);
  Pass(minutes(61));
  EXPECT_EQ(stored(), 0);
}

INSTANTIATE_TEST_SUITE_P(Deliveries, TellingTest, BothDeliveries(), DeliveryName);

class SilentTest : public CoreTest {};

// Nothing asks for it: what is sent is what Alertmanager sends.
TEST_F(SilentTest, WithoutBeingAskedForNothingIsTold) {
  Fire("ApiDown", "critical", minutes(600));
  Pass(seconds(31));
  Answer(Attempted::Kind::kDone);
  attempts_.clear();
  IncidentCommand command;
  command.incident = 1;
  command.ack = {"ada", incident::ActorType::kHuman, "api", "note"};
  Step({std::move(command)});
  Commit();
  Pass(minutes(1));
  EXPECT_TRUE(attempts_.empty());
}

TEST(VendorUpdatesTest, ABrokenRecordIsRefused) {
  VendorUpdates updates;
  const VendorUpdates::Id id{7, {"{}:{}", "on-call", "victorops", 0}};
  updates.Add(id, {kVendorNote, 7, "ada", "a \"note\"", WallTime(seconds(5))});
  const Record record = VendorUpdates::Encode(*updates.Find(id));
  VendorUpdates other;
  ASSERT_TRUE(other.Restore(record, MonoTime(seconds(9))));
  EXPECT_EQ(other.Find(id)->waiting, updates.Find(id)->waiting);
  EXPECT_FALSE(other.Restore(record, MonoTime(seconds(9)))) << "twice";
  for (const Record& broken :
       {Record{Table::kVendor, "x", record.value}, Record{Table::kVendor, record.key, "{"},
        Record{Table::kVendor, record.key, "{}"}, Record{Table::kVendor, "8 x", record.value}}) {
    EXPECT_FALSE(VendorUpdates().Restore(broken, MonoTime(seconds(9)))) << broken.key;
  }
}

}  // namespace
}  // namespace watchfire::core
