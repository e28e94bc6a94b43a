// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Links to acknowledge in what core has sent.

#include "pkg/core/escalation_fixture.h"
#include "pkg/incident/ack_link.h"

namespace watchfire::core {
namespace {

using testing::SizeIs;
using testing::StartsWith;

constexpr const char* kSecret = "0123456789abcdef0123456789abcdef";

// What the link of an attempt says; its fields are empty when there is none.
incident::AckLink LinkOf(const Attempt& attempt, WallTime now) {
  constexpr std::string_view kPrefix = "http://wf/ack/";
  if (!attempt.ack_url.starts_with(kPrefix)) return {};
  const std::vector<Secret> secrets = {Secret(kSecret)};
  const auto link = incident::ReadAckLink(attempt.ack_url.substr(kPrefix.size()), secrets, now);
  EXPECT_TRUE(link) << attempt.ack_url;
  return link ? *link : incident::AckLink();
}

class AckLinksTest : public StrictTest {
 protected:
  void Use(const std::vector<Secret>& secrets) {
    config_->route.group_wait = seconds(0);
    config_->receivers[0].integrations.push_back({"email", 0, true, false, nullptr});
    config_->incidents.ack_links.secrets = secrets;
    Boot({});
  }
  incident::AckLink Link(size_t attempt = 0) { return LinkOf(attempts_.at(attempt), now_.wall); }
};

TEST_F(AckLinksTest, WithoutASecretThereAreNone) {
  Use({});
  Fire("A", "critical");
  Pass(seconds(2));
  ASSERT_THAT(attempts_, SizeIs(2));
  EXPECT_EQ(attempts_[0].ack_url, "");
  EXPECT_EQ(attempts_[1].ack_url, "");
}

// The page is stored, and so its incident is open, before the message is made.
TEST_F(AckLinksTest, TheFirstPageHasOneAndSoHasTheMailBesideIt) {
  Use({Secret(kSecret)});
  Fire("A", "critical");
  Pass(seconds(2));
  ASSERT_THAT(attempts_, SizeIs(2));
  const auto incident = Read(kViewIncidents)->incidents.at(1);
  EXPECT_THAT(attempts_[0].ack_url, StartsWith("http://wf/ack/"));
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(Link(i).incident, 1U) << attempts_[i].notification->integration;
    EXPECT_EQ(Link(i).person, "");
    EXPECT_FALSE(Link(i).may_resolve);
    EXPECT_LE(Link(i).opened_at, incident->opened_at);
    EXPECT_LT(incident->opened_at - Link(i).opened_at, seconds(1));
    EXPECT_LE(Link(i).expires_at, attempts_[i].notification->at + std::chrono::hours(24));
  }
}

TEST_F(AckLinksTest, AnotherAttemptSaysTheSame) {
  Use({Secret(kSecret)});
  Fire("A", "critical");
  Pass(seconds(2));
  const std::string first = attempts_.at(0).ack_url;
  AnswerTo(attempts_[0].id, Attempted::Kind::kRetry, "503");
  attempts_.clear();
  Pass(minutes(1));
  ASSERT_FALSE(attempts_.empty());
  EXPECT_EQ(attempts_[0].ack_url, first);
}

TEST_F(AckLinksTest, TheConfigurationSaysWhatItAllows) {
  config_->incidents.ack_links.may_resolve = true;
  config_->incidents.ack_links.may_snooze = true;
  config_->incidents.ack_links.expires_after = minutes(10);
  Use({Secret(kSecret), Secret("of no use for signing, it is the last one")});
  Fire("A", "critical");
  Pass(seconds(2));
  EXPECT_TRUE(Link().may_resolve);
  EXPECT_TRUE(Link().may_snooze);
  EXPECT_LE(Link().expires_at, now_.wall + minutes(10));
}

TEST_F(AckLinksTest, NeitherAnEndNorAMessageWithoutAnIncidentHasOne) {
  Use({Secret(kSecret)});
  Fire("A", "critical");
  Pass(seconds(2));
  TakeAll();
  End("A", "critical");
  Pass(minutes(6));
  ASSERT_FALSE(attempts_.empty());
  EXPECT_THAT(Text(attempts_[0]), "-A");
  for (const Attempt& attempt : attempts_) EXPECT_EQ(attempt.ack_url, "");

  config_->receivers[0].integrations = {{"email", 0, true, false, nullptr}};
  Boot({});
  attempts_.clear();
  Fire("A", "critical");
  Pass(seconds(2));
  ASSERT_THAT(attempts_, SizeIs(1));
  EXPECT_EQ(attempts_[0].ack_url, "") << "a mail that pages nobody";
}

TEST_F(AckLinksTest, AfterARestartItIsTheSameIncident) {
  Use({Secret(kSecret)});
  Fire("A", "critical");
  Pass(seconds(2));
  const incident::AckLink first = Link();
  Restart(minutes(1));
  Fire("A", "critical");
  Pass(minutes(6));
  ASSERT_FALSE(attempts_.empty());
  EXPECT_EQ(Link().incident, first.incident);
  EXPECT_EQ(Link().opened_at, first.opened_at);
}

class PersonalAckLinksTest : public EscalationTest {
 protected:
  void UseLinks(const std::string& policy) {
    Use(policy);
    config_->incidents.ack_links.secrets = {Secret(kSecret)};
    Boot({});
  }
  // Whom the links of all messages in that time were for: "alice-app alice".
  std::vector<std::string> Persons(Duration span) {
    std::vector<std::string> persons;
    for (const MonoTime end = now_.mono + span; now_.mono < end;) {
      Pass(seconds(1));
      for (const Attempt& attempt : std::exchange(attempts_, {})) {
        const incident::AckLink link = LinkOf(attempt, now_.wall);
        EXPECT_EQ(link.incident, 1U);
        persons.push_back(attempt.notification->receiver + " " + link.person);
        AnswerTo(attempt.id, Attempted::Kind::kDone);
      }
    }
    return persons;
  }
};

TEST_P(PersonalAckLinksTest, TheLinkIsThePersonsWhoIsPaged) {
  UseLinks("critical");
  FireNow();
  EXPECT_THAT(Persons(minutes(11)),
              testing::ElementsAre("alice-app alice", "alice-sms alice", "carol-app carol"));
  // Nobody has acknowledged, and the fallback is nobody in particular.
  EXPECT_THAT(Persons(minutes(10)), testing::ElementsAre("mail "));
}

INSTANTIATE_TEST_SUITE_P(Both, PersonalAckLinksTest, BothDeliveries(), DeliveryName);

}  // namespace
}  // namespace watchfire::core
