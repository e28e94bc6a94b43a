// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Reloads and restarts in the midst of an escalation: who is owed a page has it once, or somebody
// else has; nothing begins anew.

#include "pkg/core/escalation_fixture.h"

namespace watchfire::core {
namespace {

using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class EscalationReloadTest : public EscalationTest {
 protected:
  // The same configuration, to be changed.
  std::shared_ptr<config::Config> Copy() const {
    return std::make_shared<config::Config>(*config_);
  }
  static config::Receiver& In(config::Config& config, const std::string& name) {
    return *std::ranges::find(config.receivers, name, &config::Receiver::name);
  }
  static void Drop(config::Config* config, const std::string& receiver) {
    std::erase_if(config->receivers, [&](const auto& one) { return one.name == receiver; });
  }
  void Reload(std::shared_ptr<config::Config> config) {
    config_ = std::move(config);
    Step({ConfigSwap{config_}});
    Commit();
  }
  // Waits for the first attempt and takes it out; its answer is for the test to give.
  Attempt TakeFirst() {
    for (int i = 0; i < 5 && attempts_.empty(); ++i) Pass(seconds(1));
    EXPECT_THAT(attempts_, SizeIs(1));
    return std::exchange(attempts_, {}).at(0);
  }
  static std::vector<std::string> Only(const std::string& what, std::vector<std::string> told) {
    std::erase_if(told, [&](const auto& one) { return one.find(what) == std::string::npos; });
    return told;
  }
};

INSTANTIATE_TEST_SUITE_P(Deliveries, EscalationReloadTest, BothDeliveries(), DeliveryName);

// She has left, and her page waits for another attempt: nobody else was told by that step.
TEST_P(EscalationReloadTest, WhoIsGoneIsOwedNothingAndTheFallbackIsPaged) {
  FireNow();
  EXPECT_THAT(Told(seconds(20), Vendor::kIsBusy), Contains("0 alice-app +A"));
  auto other = Copy();
  other->oncall.contacts.erase("alice");
  Reload(other);
  const auto told = Told(minutes(9));
  EXPECT_THAT(told, ElementsAre(HasSubstr(" mail +A"))) << "her receivers are there still";
  EXPECT_THAT(Timeline("unreachable"), ElementsAre(HasSubstr("no contacts any more of alice")));
  EXPECT_EQ((ReadStats().unreachable[{"critical"}]), 1U);
  EXPECT_THAT(Told(minutes(2)), ElementsAre("600 carol-app +A")) << "the policy goes on";
}

TEST_P(EscalationReloadTest, WhoIsGoneLeavesItToTheOthersOfTheStep) {
  Use("insisting");
  FireNow();
  EXPECT_THAT(Told(seconds(20), Vendor::kRefusesAliceApp), Contains("0 carol-app +A"));
  auto other = Copy();
  other->oncall.contacts.erase("alice");
  Reload(other);
  EXPECT_THAT(Told(minutes(9)), IsEmpty()) << "carol has it";
  EXPECT_THAT(Timeline("unreachable"), IsEmpty());
}

// A person of whom a restart knows nothing is like one whom a reload took away.
TEST_P(EscalationReloadTest, TheSameAfterARestart) {
  FireNow();
  Told(seconds(20), Vendor::kIsBusy);
  config_ = Copy();
  config_->oncall.contacts.erase("alice");
  Restart(seconds(5));
  EXPECT_THAT(Told(minutes(5)), ElementsAre(HasSubstr(" mail +A")));
  Restart(seconds(5));
  EXPECT_THAT(Told(minutes(3)), IsEmpty());
}

TEST_P(EscalationReloadTest, AContactThatReplacesOneIsToldInItsPlace) {
  FireNow();
  EXPECT_THAT(Told(minutes(1), Vendor::kIsBusy), Contains("0 alice-app +A"));
  auto other = Copy();
  In(*other, "alice-app").name = "alice-new";
  other->oncall.contacts["alice"] = {{"alice-new", {}}, {"alice-sms", minutes(3)}};
  Reload(other);
  EXPECT_THAT(Told(minutes(8)), ElementsAre(HasSubstr(" alice-new +A"), "180 alice-sms +A"));
  EXPECT_THAT(Timeline("unreachable"), IsEmpty());
}

// What only such a step tells is a contact of the person after a reload, too.
TEST_P(EscalationReloadTest, AStepThatIgnoresRulesTellsByAllContactsAtOnce) {
  Use("urgent");
  config_->oncall.all_contacts["alice"] = config_->oncall.contacts["alice"];
  config_->oncall.contacts["alice"] = {{"alice-app", minutes(2)}};
  Boot({});
  FireNow();
  const std::vector<std::string> told = Told(minutes(1), Vendor::kIsBusy);
  EXPECT_THAT(told, Contains("0 alice-app +A"));
  EXPECT_THAT(told, Contains("0 alice-sms +A"));
  EXPECT_THAT(Timeline("notified"),
              testing::ElementsAre("step 1 of urgent: to alice (alice-app, alice-sms)"));
  Reload(Copy());
  EXPECT_THAT(Told(minutes(4)), Contains(HasSubstr(" alice-sms +A")));
}

TEST_P(EscalationReloadTest, APlannedContactThatIsGoneIsNotPaged) {
  FireNow();
  EXPECT_THAT(Told(minutes(1)), ElementsAre("0 alice-app +A"));
  auto other = Copy();
  other->oncall.contacts["alice"] = {{"alice-app", {}}};
  Reload(other);
  EXPECT_THAT(Told(minutes(9)), IsEmpty()) << "she has taken it by her app";
}

TEST_P(EscalationReloadTest, AnIntegrationThatReplacesOneOwesWhatThatOwed) {
  FireNow();
  EXPECT_THAT(Told(seconds(20), Vendor::kRefuses), Contains("0 alice-app +A"));
  auto other = Copy();
  In(*other, "alice-app").integrations = {{"pagerduty", 0, true, true, nullptr}};
  Reload(other);
  EXPECT_THAT(Only("alice-app", Told(minutes(2))), ElementsAre(HasSubstr("alice-app +A")));
}

// One of two had taken it; the other, that had not, is replaced.
TEST_P(EscalationReloadTest, WhatHasTakenItIsNotAskedAgain) {
  In(*config_, "alice-app").integrations.push_back({"email", 0, true, false, nullptr});
  Boot({});
  FireNow();
  for (int i = 0; i < 5 && attempts_.size() < 2; ++i) Pass(seconds(1));
  ASSERT_THAT(attempts_, SizeIs(2));
  for (const Attempt& attempt : std::exchange(attempts_, {})) {
    const bool takes = attempt.integration->kind == "webhook";
    AnswerTo(attempt.id, takes ? Attempted::Kind::kDone : Attempted::Kind::kFail);
  }
  auto other = Copy();
  In(*other, "alice-app").integrations[1].kind = "pushover";
  Reload(other);
  Pass(seconds(5));
  const Attempt only = TakeFirst();
  EXPECT_EQ(only.integration->kind, "pushover");
  AnswerTo(only.id, Attempted::Kind::kDone);
  EXPECT_THAT(Told(minutes(2)), IsEmpty());
}

// The request has left when the contact goes: taken, it is her page; refused, it was none.
TEST_P(EscalationReloadTest, WhatIsOnTheWireGetsItsAnswerFirst) {
  for (const bool takes : {true, false}) {
    Use("critical");
    FireNow();
    const Attempt attempt = TakeFirst();
    auto other = Copy();
    other->oncall.contacts["alice"] = {{"alice-sms", {}}};
    Reload(other);
    EXPECT_THAT(Told(seconds(20)), IsEmpty()) << "nobody is told beside it";
    AnswerTo(attempt.id, takes ? Attempted::Kind::kDone : Attempted::Kind::kRetry, "503");
    const auto told = Told(minutes(8));
    if (takes) {
      EXPECT_THAT(told, ElementsAre("180 alice-sms +A")) << "as it was planned";
    } else {
      EXPECT_THAT(told, ElementsAre(HasSubstr("21 alice-sms +A"))) << "in its place, at once";
    }
  }
}

TEST_P(EscalationReloadTest, AFallbackOfOtherNameIsPagedForTheOne) {
  Use("empty");
  FireNow();
  EXPECT_THAT(Told(seconds(20), Vendor::kIsBusy), Contains("0 mail +A"));
  auto other = Copy();
  In(*other, "mail").name = "mail-new";
  other->oncall.fallback = "mail-new";
  Reload(other);
  EXPECT_THAT(Told(minutes(5)), ElementsAre(HasSubstr(" mail-new +A")));
}

TEST_P(EscalationReloadTest, EndsThatNobodyCanBeToldAreNoted) {
  FireNow();
  EXPECT_THAT(Told(minutes(4)), SizeIs(2));
  auto other = Copy();
  Drop(other.get(), "alice-app");
  other->oncall.contacts["alice"] = {{"alice-sms", {}}};
  Reload(other);
  EXPECT_THAT(Timeline("note"), ElementsAre(HasSubstr("alice (alice-app)")));
  Reload(Copy());
  EXPECT_THAT(Timeline("note"), SizeIs(1)) << "once";
  End("A", "critical");
  EXPECT_THAT(Told(minutes(10)), ElementsAre(HasSubstr(" alice-sms -A")));
  EXPECT_THAT(Told(minutes(10)), IsEmpty());
}

TEST_P(EscalationReloadTest, ReloadsDoNotPutOffTheFallbackOfAContact) {
  for (const bool is_restart : {false, true}) {
    Use("critical");
    config_->oncall.contacts["alice"] = {{"alice-app", {}}};
    In(*config_, "alice-app").fallback = "bob-app";
    In(*config_, "alice-app").fallback_after = minutes(2);
    disk_.clear();
    Boot({});
    FireNow();
    std::vector<std::string> told;
    for (int i = 0; i < 3; ++i) {
      const auto more = Told(seconds(50), Vendor::kIsBusy);
      told.insert(told.end(), more.begin(), more.end());
      if (is_restart) {
        const Duration passed = now_.mono - from_;
        Restart(seconds(1));
        from_ = now_.mono - passed - seconds(1);
      } else {
        Reload(Copy());
      }
    }
    EXPECT_THAT(Only("bob-app", told), Contains(HasSubstr("12"))) << "after 2 min";
  }
}

// So is it though the receiver's limits keep the page in line.
TEST_P(EscalationReloadTest, NorDoesALimitOfTheReceiver) {
  config_->oncall.contacts["alice"] = {{"alice-app", {}}};
  config::Receiver& app = In(*config_, "alice-app");
  app.fallback = "bob-app";
  app.fallback_after = minutes(2);
  app.limits.max_in_flight = 1;
  config_->route.group_by = {"alertname"};
  Boot({});
  Fire("B", "critical", std::chrono::hours(24));
  FireNow();
  for (int i = 0; i < 5 && attempts_.empty(); ++i) Pass(seconds(1));
  ASSERT_THAT(attempts_, SizeIs(1)) << "the other waits in line";
  attempts_.clear();  // It hangs.
  EXPECT_THAT(Only("bob-app", Told(minutes(2) + seconds(10), Vendor::kIsSilent)), SizeIs(2));
}

// An end that a vendor was too busy for.
TEST_P(EscalationReloadTest, EndsInBackOffAreToldAfterAReloadOrARestart) {
  for (const bool is_restart : {false, true}) {
    SCOPED_TRACE(is_restart);
    Use("critical");
    disk_.clear();
    FireNow();
    EXPECT_THAT(Told(minutes(11)), SizeIs(3));
    End("A", "critical");
    EXPECT_THAT(Told(minutes(5), Vendor::kIsBusy), Contains(HasSubstr("-A")));
    if (is_restart) {
      Restart(seconds(5));
    } else {
      Reload(Copy());
    }
    auto told = Told(minutes(6));
    EXPECT_THAT(told, SizeIs(3)) << "each once";
    for (const char* who : {"alice-app -A", "alice-sms -A", "carol-app -A"}) {
      EXPECT_THAT(told, Contains(HasSubstr(who)));
    }
    EXPECT_THAT(Told(minutes(10)), IsEmpty());
  }
}

TEST_P(EscalationReloadTest, StepsThatWereMissedAreOneLineAndOnePageEach) {
  Use("many");
  config_->oncall.contacts["alice"] = {{"alice-app", {}}};
  Boot({});
  FireNow();
  EXPECT_THAT(Told(minutes(1)), ElementsAre("0 alice-app +A"));
  Restart(minutes(200));  // Twenty rounds.
  EXPECT_THAT(Told(minutes(1)), ElementsAre(HasSubstr("alice-app +A")));
  EXPECT_THAT(Timeline("escalated"), ElementsAre(HasSubstr("round 21"))) << "not one for each";
  EXPECT_EQ((ReadStats().escalation_steps[{"many", "late"}]), 19U);
}

TEST_P(EscalationReloadTest, ACircleGoesOnAfterARestart) {
  Use("circle");
  std::vector<std::string> told;
  for (const char* name : {"A", "B", "C"}) {
    FireNow(name);
    for (std::string& one : Told(minutes(1))) told.push_back(std::move(one));
    End(name, "critical");
    Told(minutes(10));
    Pass(std::chrono::hours(1));  // Until nothing is left of it.
    Restart(seconds(5));
  }
  EXPECT_THAT(told, ElementsAre("0 alice-app +A", "0 bob-app +B", "0 carol-app +C"));
}

}  // namespace
}  // namespace watchfire::core
