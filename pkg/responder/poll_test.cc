// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/responder/poll.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/base/limits.h"
#include "pkg/config/ack_polling.h"

namespace watchfire::responder {
namespace {

using inbound::ResponderAct;
using incident::Incident;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;
using Kind = inbound::ResponderAct::Kind;

class PollTest : public testing::Test {
 protected:
  void Use(const std::string& vendor) {
    auto account = std::make_shared<config::AckPolling>();
    account->vendor = vendor;
    account->url = "https://api";
    account->id = Secret("id-1");
    account->key = Secret("s3cret");
    account->interval = seconds(30);
    account_ = std::move(account);
    poll_.emplace(account_, now_.mono);
  }
  void Open(const std::string& entity, Duration ago = minutes(10)) {
    Incident incident;
    incident.id = incidents_.size() + 1;
    incident.entity_id = entity;
    incident.groups = {{"on-call", entity, entity}};
    incident.opened_at = incident.cycle_at = now_.wall - ago;
    incidents_[incident.id] = std::make_shared<const Incident>(incident);
  }
  void Pass(Duration time) {
    now_.mono += time;
    now_.wall += time;
  }
  // The path and query of what is asked now; "" for nothing.
  std::string Asked() {
    EXPECT_TRUE(poll_->due());
    EXPECT_LE(*poll_->due(), now_.mono);
    const auto question = poll_->Ask(incidents_, now_);
    if (!question) return "";
    headers_ = question->headers;
    EXPECT_TRUE(question->url.starts_with("https://api/"));
    return question->url.substr(std::string("https://api").size());
  }
  Poll::Learnt Told(const std::string& body, int status = 200, const std::string& wait = "",
                    const std::string& date = "") {
    return poll_->Take(Answer{status, body, wait, date}, now_);
  }
  // Asks, is told, and takes all of it for done.
  std::vector<ResponderAct> Learn(const std::string& body) {
    Asked();
    Poll::Learnt learnt = Told(body);
    EXPECT_EQ(learnt.fault, "");
    for (const ResponderAct& act : learnt.acts) poll_->Done(act);
    Pass(seconds(30));
    return learnt.acts;
  }
  Duration Wait() const { return *poll_->due() - now_.mono; }
  std::string At(Duration ago) const { return FormatRfc3339(now_.wall - ago); }

  std::string VictorOps(const std::string& transitions, const char* phase = "triggered") const {
    return R"({"incidents":[{"incidentNumber":"14","entityId":"e","currentPhase":")" +
           std::string(phase) + R"(","transitions":[)" + transitions + "]}]}";
  }
  std::string Transition(const char* name, const char* by, bool manually, Duration ago) const {
    return R"({"name":")" + std::string(name) + R"(","by":")" + by + R"(","manually":)" +
           (manually ? "true" : "false") + R"(,"message":"m","at":")" + At(ago) + "\"}";
  }
  std::string OpsgenieAlert(const std::string& more, Duration updated_ago) const {
    return R"({"id":"b-1","alias":"e","createdAt":")" + At(minutes(9)) + R"(","updatedAt":")" +
           At(updated_ago) + "\"," + more + "}";
  }
  std::string Entry(const char* id, const char* type, const std::string& more, Duration ago) const {
    return R"({"id":")" + std::string(id) + R"(","type":")" + type +
           R"(_log_entry","created_at":")" + At(ago) +
           R"(","agent":{"type":"user_reference","summary":"Ada"},)"
           R"("incident":{"id":"P1","incident_key":"e","resolve_reason":null})" +
           more + "}";
  }

  Now now_{MonoTime(hours(5)), WallTime(hours(24 * 365 * 55))};
  Incidents incidents_;
  std::shared_ptr<const config::AckPolling> account_;
  std::optional<Poll> poll_;
  std::vector<std::pair<std::string, std::string>> headers_;
};

TEST_F(PollTest, NothingIsAskedWhileNothingIsOpen) {
  Use("victorops");
  EXPECT_EQ(Asked(), "");
  EXPECT_EQ(Wait(), seconds(30));
  Pass(seconds(30));
  Open("e");
  EXPECT_EQ(Asked(), "/api-public/v1/incidents");
  EXPECT_EQ(poll_->due(), std::nullopt) << "one request at a time";
  EXPECT_EQ(headers_[0], (std::pair<std::string, std::string>("X-VO-Api-Id", "id-1")));
  EXPECT_EQ(headers_[1], (std::pair<std::string, std::string>("X-VO-Api-Key", "s3cret")));
}

// The group that was paged under that name may be over, and the others of the incident not.
TEST_F(PollTest, WhatWasMergedIntoSomethingOpenIsAskedForByItsName) {
  Use("victorops");
  Open("f");
  Incident merged;
  merged.id = 2;
  merged.entity_id = "e";
  merged.state = incident::State::kMerged;
  merged.merged_into = 1;
  incidents_[2] = std::make_shared<const Incident>(merged);
  const std::string list = VictorOps(Transition("acknowledged", "ada", true, minutes(1)));
  const auto acts = Learn(list);
  ASSERT_EQ(acts.size(), 1U);
  EXPECT_EQ(acts[0].entity_id, "e");
  Incident over = *incidents_.at(1);
  over.state = incident::State::kResolved;
  incidents_[1] = std::make_shared<const Incident>(over);
  Open("g");
  Use("victorops");
  EXPECT_TRUE(Learn(list).empty()) << "nothing of that name is open";
}

TEST_F(PollTest, VictorOpsTransitionsAreActs) {
  Use("victorops");
  Open("e");
  const auto acts = Learn(VictorOps(Transition("triggered", "SYSTEM", false, minutes(9)) + "," +
                                        Transition("acknowledged", "ada", true, minutes(8)) + "," +
                                        Transition("resolved", "bob", true, minutes(7)),
                                    "resolved"));
  ASSERT_EQ(acts.size(), 2U);
  EXPECT_EQ(acts[0].kind, Kind::kAcknowledge);
  EXPECT_EQ(acts[0].entity_id, "e");
  EXPECT_EQ(acts[0].actor, "ada");
  EXPECT_TRUE(acts[0].is_person);
  EXPECT_EQ(acts[0].text, "m");
  EXPECT_EQ(acts[1].kind, Kind::kResolve);
  EXPECT_EQ(acts[1].actor, "bob");
  EXPECT_LT(acts[0].at, acts[1].at);
}

TEST_F(PollTest, AnAckThatVictorOpsTookBackIsNone) {
  Use("victorops");
  Open("e");
  EXPECT_TRUE(Learn(VictorOps(Transition("acknowledged", "ada", true, minutes(8)) + "," +
                              Transition("triggered", "SYSTEM", false, minutes(7))))
                  .empty());
}

TEST_F(PollTest, WhatAMessageDidAtVictorOpsIsNoPersons) {
  Use("victorops");
  Open("e");
  const auto acts =
      Learn(VictorOps(Transition("acknowledged", "ada", false, minutes(8)), "acknowledged"));
  ASSERT_EQ(acts.size(), 1U);
  EXPECT_FALSE(acts[0].is_person);
}

TEST_F(PollTest, WhatIsDoneWithComesOnce) {
  Use("victorops");
  Open("e");
  const std::string body =
      VictorOps(Transition("acknowledged", "ada", true, minutes(8)), "resolved");
  EXPECT_EQ(Learn(body).size(), 1U);
  EXPECT_TRUE(Learn(body).empty());
  EXPECT_TRUE(Learn(body).empty());
}

TEST_F(PollTest, WhatCouldNotBeDoneComesAgain) {
  Use("victorops");
  Open("e");
  const std::string body =
      VictorOps(Transition("acknowledged", "ada", true, minutes(8)), "resolved");
  Asked();
  EXPECT_EQ(Told(body).acts.size(), 1U);
  poll_->Postpone();
  Pass(seconds(30));
  EXPECT_EQ(Learn(body).size(), 1U);
}

TEST_F(PollTest, IncidentsOfOthersAreLeftAlone) {
  Use("victorops");
  Open("another");
  EXPECT_TRUE(Learn(VictorOps(Transition("acknowledged", "ada", true, minutes(8)))).empty());
  EXPECT_EQ(Asked(), "/api-public/v1/incidents") << "nor are their notes asked for";
}

TEST_F(PollTest, NotesOfOneIncidentTakeTurnsWithTheList) {
  Use("victorops");
  Open("e");
  const std::string list = VictorOps("");
  Learn(list);
  EXPECT_EQ(Asked(), "/api-public/v1/incidents/14/notes");
  const auto learnt =
      Told(R"({"notes":[{"name":"n1","display_name":"Cause","json_value":{"note":"a disk"}}]})");
  ASSERT_EQ(learnt.acts.size(), 1U);
  EXPECT_TRUE(learnt.is_of_notes);
  EXPECT_EQ(learnt.acts[0].text, "Cause: a disk");
  EXPECT_EQ(learnt.acts[0].mark, "VictorOps 14, note n1");
  Pass(seconds(30));
  EXPECT_EQ(Asked(), "/api-public/v1/incidents");
}

TEST_F(PollTest, NotesThatAreRefusedDoNotHoldUpTheList) {
  Use("victorops");
  Open("e");
  Learn(VictorOps(""));
  EXPECT_EQ(Asked(), "/api-public/v1/incidents/14/notes");
  const auto learnt = Told("no plan for s3cret", 403);
  EXPECT_STREQ(learnt.outcome, "refused");
  EXPECT_EQ(learnt.fault, "notes: HTTP 403: no plan for <secret>");
  EXPECT_EQ(Wait(), seconds(30));
  Pass(seconds(30));
  EXPECT_EQ(Asked(), "/api-public/v1/incidents");
}

TEST_F(PollTest, OpsgeniesReportsAreActs) {
  Use("opsgenie");
  Open("e");
  EXPECT_EQ(Asked(), "/v2/alerts?sort=updatedAt&order=desc&limit=100&offset=0");
  EXPECT_EQ(headers_[0].second, "GenieKey s3cret");
  const auto acts =
      Told("{\"data\":[" +
           OpsgenieAlert(
               R"("status":"closed","acknowledged":true,"report":{"ackTime":60000,)"
               R"("acknowledgedBy":"ada@example.com","closeTime":120000,"closedBy":"Watchfire"})",
               minutes(7)) +
           "]}")
          .acts;
  ASSERT_EQ(acts.size(), 2U);
  EXPECT_EQ(acts[0].kind, Kind::kAcknowledge);
  EXPECT_EQ(acts[0].actor, "ada@example.com");
  EXPECT_TRUE(acts[0].is_person);
  EXPECT_EQ(acts[0].at, now_.wall - minutes(8));
  EXPECT_EQ(acts[1].kind, Kind::kResolve);
  EXPECT_FALSE(acts[1].is_person);
}

TEST_F(PollTest, AnAckThatWasGivenBackAtOpsgenieIsNone) {
  Use("opsgenie");
  Open("e");
  EXPECT_TRUE(Learn("{\"data\":[" +
                    OpsgenieAlert(R"("status":"open","acknowledged":false,"report":{"ackTime":1,)"
                                  R"("acknowledgedBy":"ada@example.com"})",
                                  minutes(7)) +
                    "]}")
                  .empty());
}

TEST_F(PollTest, NotesOfAnAlertAreAskedForWhenItChanged) {
  Use("opsgenie");
  Open("e");
  const std::string list =
      "{\"data\":[" + OpsgenieAlert(R"("status":"open","acknowledged":false)", minutes(1)) + "]}";
  Learn(list);
  EXPECT_EQ(Asked(), "/v2/alerts/b-1/notes?identifierType=id&order=desc&limit=100");
  const auto learnt = Told(R"({"data":[{"note":"mine","owner":"ada@example.com","createdAt":")" +
                           At(minutes(2)) + "\"}]}");
  ASSERT_EQ(learnt.acts.size(), 1U);
  EXPECT_EQ(learnt.acts[0].text, "mine");
  EXPECT_EQ(learnt.acts[0].actor, "ada@example.com");
  for (int i = 0; i < 3; ++i) {
    Pass(seconds(30));
    EXPECT_THAT(Asked(), HasSubstr("/v2/alerts?"));
    Told(list);
  }
}

TEST_F(PollTest, PagerDutysLogIsReadFromTheOldestOpenIncidentOn) {
  Use("pagerduty");
  Open("e", minutes(10));
  Open("f", minutes(20));
  const std::string asked = Asked();
  EXPECT_THAT(asked,
              HasSubstr("/log_entries?since=" +
                        std::string("2024-12-17T23%3A38%3A00Z&until=2024-12-18T00%3A00%3A")));
  EXPECT_THAT(asked, HasSubstr("include%5B%5D=incidents"));
  EXPECT_EQ(headers_[0].second, "Token token=s3cret");
  const auto acts = Told(R"({"more":false,"log_entries":[)" +
                         Entry("R3", "annotate", R"(,"channel":{"content":"a disk"})", minutes(2)) +
                         "," + Entry("R2", "acknowledge", "", minutes(3)) + "," +
                         Entry("R1", "notify", "", minutes(4)) + "]}")
                        .acts;
  ASSERT_EQ(acts.size(), 2U);
  EXPECT_EQ(acts[0].kind, Kind::kAcknowledge);
  EXPECT_EQ(acts[0].actor, "Ada");
  EXPECT_EQ(acts[0].mark, "PagerDuty P1, log entry R2");
  EXPECT_EQ(acts[1].text, "a disk");
  // The next look begins where this one did, and a little before.
  Pass(seconds(30));
  EXPECT_THAT(Asked(), HasSubstr("since=2024-12-17T23%3A58%3A00Z"));
}

TEST_F(PollTest, WholeSecondsAreAsLateAsTheyCanBe) {
  Open("e", std::chrono::milliseconds(500));
  const std::string second = "2024-12-17T23:59:59Z";  // In which it broke.
  Use("pagerduty");
  std::string entry = Entry("R2", "acknowledge", "", seconds(1));
  entry.replace(entry.find("2024-"), entry.find('Z') + 1 - entry.find("2024-"), second);
  const auto of_pagerduty = Learn(R"({"more":false,"log_entries":[)" + entry + "]}");
  ASSERT_EQ(of_pagerduty.size(), 1U);
  EXPECT_GE(of_pagerduty[0].at, incidents_[1]->cycle_at);
  Use("victorops");
  const auto of_victorops =
      Learn(VictorOps(R"({"name":"acknowledged","by":"ada","manually":true,"message":"m","at":")" +
                      second + "\"}"));
  ASSERT_EQ(of_victorops.size(), 1U);
  EXPECT_GE(of_victorops[0].at, incidents_[1]->cycle_at);
}

TEST_F(PollTest, AnAckThatTimedOutAtPagerDutyIsNone) {
  Use("pagerduty");
  Open("e");
  const auto acts =
      Learn(R"({"more":false,"log_entries":[)" + Entry("R2", "unacknowledge", "", minutes(2)) +
            "," + Entry("R1", "acknowledge", "", minutes(3)) + "]}");
  ASSERT_EQ(acts.size(), 1U);
  EXPECT_EQ(acts[0].kind, Kind::kNote);
  EXPECT_EQ(acts[0].text, "unacknowledged at PagerDuty");
}

// The newest come first: the end of an ack may stand a page before it.
TEST_F(PollTest, AnAckThatTimedOutIsNoneOnALaterPageEither) {
  Use("pagerduty");
  Open("e");
  auto acts = Learn(R"({"more":true,"log_entries":[)" +
                    Entry("R2", "unacknowledge", "", minutes(2)) + "]}");
  EXPECT_EQ(acts.size(), 1U);
  acts =
      Learn(R"({"more":false,"log_entries":[)" + Entry("R1", "acknowledge", "", minutes(3)) + "]}");
  EXPECT_EQ(acts.size(), 0U);
  acts =
      Learn(R"({"more":false,"log_entries":[)" + Entry("R3", "acknowledge", "", minutes(0)) + "]}");
  EXPECT_EQ(acts.size(), 1U) << "given again";
}

TEST_F(PollTest, AClockThatIsSetBackIsFollowed) {
  Use("pagerduty");
  Open("e", minutes(30));
  Learn(R"({"more":false,"log_entries":[]})");
  now_.wall -= hours(1);
  EXPECT_THAT(Asked(), HasSubstr("since=2024-12-17T22%3A58%3A30Z&until=2024-12-17T23%3A00%3A30Z"));
}

TEST_F(PollTest, APageAfterTheOtherOneInEachInterval) {
  Use("pagerduty");
  Open("e");
  Asked();
  Told(R"({"more":true,"log_entries":[)" + Entry("R2", "acknowledge", "", minutes(2)) + "]}");
  EXPECT_EQ(Wait(), seconds(30));
  Pass(seconds(30));
  const std::string second = Asked();
  EXPECT_THAT(second, HasSubstr("&offset=1&"));
  EXPECT_THAT(second, HasSubstr("until=2024-12-18T00%3A00%3A00Z")) << "of the same look";
  Told(R"({"more":false,"log_entries":[]})");
  Pass(seconds(30));
  EXPECT_THAT(Asked(), HasSubstr("&offset=0&"));
}

TEST_F(PollTest, ALookHasAnEnd) {
  Use("pagerduty");
  Open("e");
  for (size_t i = 1; i < limits::kPollPages; ++i) {
    Asked();
    EXPECT_EQ(Told(R"({"more":true,"log_entries":[{}]})").fault, "");
    Pass(seconds(30));
  }
  Asked();
  EXPECT_THAT(Told(R"({"more":true,"log_entries":[{}]})").fault, HasSubstr("is not read"));
  Pass(seconds(30));
  EXPECT_THAT(Asked(), HasSubstr("&offset=0&"));
}

TEST_F(PollTest, WhatCouldNotBeDoneIsLookedForAgainFromWhereItWas) {
  Use("pagerduty");
  Open("e");
  Asked();
  Told(R"({"more":false,"log_entries":[)" + Entry("R2", "acknowledge", "", minutes(9)) + "]}");
  poll_->Postpone();
  Pass(seconds(30));
  EXPECT_THAT(Asked(), HasSubstr("since=2024-12-17T23%3A48%3A00Z")) << "of the oldest incident";
}

TEST_F(PollTest, AVendorThatWantsToBeLeftAloneIs) {
  Use("opsgenie");
  Open("e");
  Asked();
  const auto learnt = Told(R"({"message":"slow down, s3cret"})", 429, "90");
  EXPECT_STREQ(learnt.outcome, "throttled");
  EXPECT_THAT(learnt.fault, HasSubstr("HTTP 429"));
  EXPECT_THAT(learnt.fault, Not(HasSubstr("s3cret")));
  EXPECT_EQ(Wait(), seconds(90));
  Pass(seconds(90));
  Asked();
  EXPECT_EQ(Told("", 429, "999999").acts.size(), 0U);
  EXPECT_EQ(Wait(), hours(1)) << "but not for ever";
}

TEST_F(PollTest, VictorOpsSaysTooMuchWith403) {
  Use("victorops");
  Open("e");
  Asked();
  EXPECT_STREQ(Told("Rate limit exceeded", 403).outcome, "throttled");
  Pass(Wait());
  Asked();
  EXPECT_STREQ(Told("Authentication failed", 403).outcome, "refused");
}

TEST_F(PollTest, FailuresAreAskedAgainLessAndLess) {
  Use("opsgenie");
  Open("e");
  std::vector<int64_t> waits;
  for (int i = 0; i < 8; ++i) {
    Asked();
    const auto learnt = poll_->Take(Fail(Code::kUnavailable, "connection refused"), now_);
    EXPECT_STREQ(learnt.outcome, "failed");
    waits.push_back(std::chrono::floor<seconds>(Wait()).count());
    Pass(Wait());
  }
  EXPECT_THAT(waits, testing::ElementsAre(30, 60, 120, 240, 300, 300, 300, 300));
  Asked();
  EXPECT_STREQ(Told("{}").outcome, "failed") << "no list is no answer";
  Pass(Wait());
  Learn(R"({"data":[]})");
  EXPECT_LE(*poll_->due(), now_.mono) << "after an answer the interval counts again";
}

TEST_F(PollTest, AnInterruptedLookGoesOnWhereItWas) {
  Use("pagerduty");
  Open("e");
  Asked();
  Told(R"({"more":true,"log_entries":[{}]})");
  Pass(seconds(30));
  Asked();
  Told("", 500);
  Pass(Wait());
  EXPECT_THAT(Asked(), HasSubstr("&offset=1&"));
}

// An ack just after the page, at a vendor whose clock is behind, would seem to be of before it.
TEST_F(PollTest, AVendorsClockIsSetRight) {
  Use("victorops");
  Open("e", minutes(1));
  Asked();
  const auto acts = Told(VictorOps(Transition("acknowledged", "ada", true, minutes(6))), 200, "",
                         "Tue, 17 Dec 2024 23:55:00 GMT")
                        .acts;
  ASSERT_EQ(acts.size(), 1U);
  EXPECT_EQ(acts[0].at, now_.wall - minutes(1));
}

// A second of before the page is no second of after it because the answer took ten.
TEST_F(PollTest, ASlowAnswerSaysNothingOfAClock) {
  Use("victorops");
  Open("e", minutes(1));
  Asked();
  Pass(seconds(10));
  const auto acts = Told(VictorOps(Transition("acknowledged", "ada", true, minutes(2))), 200, "",
                         "Wed, 18 Dec 2024 00:00:00 GMT")
                        .acts;
  ASSERT_EQ(acts.size(), 1U);
  EXPECT_EQ(acts[0].at, now_.wall - minutes(2));
}

TEST(AccountsTest, EachAccountIsAskedOnceAtItsShortestInterval) {
  const auto make = [](const char* key, int interval) {
    config::Integration integration;
    integration.kind = "opsgenie";
    auto polling = std::make_shared<config::AckPolling>();
    polling->vendor = "opsgenie";
    polling->key = Secret(key);
    polling->interval = seconds(interval);
    integration.polling = polling;
    return integration;
  };
  config::Config config;
  config.receivers = {{"a", {make("k1", 60), make("k2", 30)}}, {"b", {make("k1", 45), {}}}};
  const auto accounts = AccountsOf(config);
  ASSERT_EQ(accounts.size(), 2U);
  EXPECT_EQ(accounts[0]->key.reveal(), "k1");
  EXPECT_EQ(accounts[0]->interval, seconds(45));
}

TEST_F(PollTest, AReloadAsksNoSooner) {
  Use("victorops");
  Open("e");
  const auto due = [&](const Poll* before) {
    return Poll::After(account_, before, now_.mono).due();
  };
  EXPECT_EQ(due(nullptr), now_.mono) << "it is new";
  Asked();
  EXPECT_EQ(due(&*poll_), now_.mono + seconds(30));
  Told("slow down", 429, "90");
  EXPECT_EQ(due(&*poll_), now_.mono + seconds(90));
}

TEST_F(PollTest, WhatEndsAnIncidentWaitsForAnAnswerThatTellsTheClock) {
  Use("victorops");
  Open("e", minutes(1));
  const auto acts_after = [&](Duration flight) {
    while (Asked().ends_with("/notes")) {
      Told(R"({"notes":[]})");
      Pass(seconds(30));
    }
    Pass(flight);
    const auto learnt = Told(VictorOps(Transition("resolved", "ada", true, seconds(40))), 200, "",
                             "Wed, 18 Dec 2024 00:00:11 GMT");
    Pass(seconds(30));
    return learnt.acts.size();
  };
  EXPECT_EQ(acts_after(seconds(10)), 0U);
  EXPECT_EQ(acts_after(seconds(1)), 1U);
  Use("victorops");
  for (int i = 0; i < 5; ++i) EXPECT_EQ(acts_after(seconds(10)), 0U);
  EXPECT_EQ(acts_after(seconds(10)), 1U) << "it is always so slow";
}

// Else the first slow answer after it would take what was done before a page for later.
TEST_F(PollTest, AReloadForgetsNoClock) {
  Use("victorops");
  Open("e", minutes(1));
  Asked();
  Told(R"({"incidents":[]})", 200, "", "Wed, 18 Dec 2024 00:05:00 GMT");
  poll_.emplace(Poll::After(account_, &*poll_, now_.mono));
  Pass(Wait());
  Asked();
  Pass(seconds(10));
  const auto acts = Told(VictorOps(Transition("resolved", "ada", true, minutes(0))), 200, "",
                         "Wed, 18 Dec 2024 00:06:00 GMT")
                        .acts;
  ASSERT_EQ(acts.size(), 1U);
  EXPECT_LT(acts[0].at, now_.wall - minutes(4));
}

}  // namespace
}  // namespace watchfire::responder
