// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/inbound/opsgenie.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/base/rng.h"
#include "pkg/base/strings.h"
#include "pkg/inbound/json_mutants_for_test.h"

namespace watchfire::inbound {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

const WallTime kNow = FromNanos(1'790'000'000'000'000'000);

// The example of the vendor's documentation.
constexpr const char* kWhole = R"({
  "message": "An example alert message", "alias": "Life is too short for no alias",
  "description": "Every alert needs a description",
  "responders": [{"id": "4513b7ea", "type": "user"}, {"name": "NOC", "type": "team"},
                 {"username": "trinity@opsgenie.com", "type": "user"}],
  "visibleTo": [{"name": "rocket_team", "type": "team"}],
  "actions": ["Restart", "AnExampleAction"], "tags": ["OverwriteQuietHours", "Critical"],
  "details": {"service": "billing", "region": "eu", "runbook_url": "https://r.example"},
  "entity": "An example entity", "source": "cron", "user": "Monitoring", "note": "n",
  "priority": "P1"})";

TEST(OpsgenieReadTest, ACreateSaysAllItSays) {
  const auto change = ReadOpsgenieCreate(kWhole, kNow);
  ASSERT_TRUE(change);
  EXPECT_EQ(change->entity, "Life is too short for no alias");
  EXPECT_EQ(change->severity, "critical");
  EXPECT_EQ(change->refresh, Refresh::kNothing);
  EXPECT_THAT(change->labels, Contains(Pair("alertname", "An example alert message")));
  EXPECT_THAT(change->labels, Contains(Pair("priority", "P1")));
  EXPECT_THAT(change->labels, Contains(Pair("team", "NOC")));
  EXPECT_THAT(change->labels, Contains(Pair("service", "billing")));
  EXPECT_THAT(change->annotations, Contains(Pair("tags", "OverwriteQuietHours,Critical")));
  EXPECT_THAT(change->annotations,
              Contains(Pair("responders", "user:4513b7ea,team:NOC,user:trinity@opsgenie.com")));
  EXPECT_THAT(change->annotations, Contains(Pair("runbook_url", "https://r.example")));
}

TEST(OpsgenieReadTest, WithoutAPriorityItIsP3UnlessAlertmanagerSaysMore) {
  EXPECT_EQ(ReadOpsgenieCreate(R"({"message":"m"})", kNow)->severity, "warning");
  EXPECT_EQ(
      ReadOpsgenieCreate(R"({"message":"m","details":{"severity":"critical"}})", kNow)->severity,
      "critical");
  EXPECT_EQ(ReadOpsgenieCreate(
                R"({"message":"m","priority":"P5","details":{"severity":"critical"}})", kNow)
                ->severity,
            "info");
}

TEST(OpsgenieReadTest, RefusalsNameTheField) {
  const auto fault = [](const std::string& body) {
    const auto change = ReadOpsgenieCreate(body, kNow);
    EXPECT_FALSE(change) << body;
    return change ? OpsgenieFault() : change.error();
  };
  EXPECT_EQ(fault("{}").field, "message");
  EXPECT_EQ(fault(R"({"message":"m","priority":"P6"})").field, "priority");
  EXPECT_EQ(fault(R"({"message":"m","tags":"a"})").field, "tags");
  EXPECT_EQ(fault(R"({"message":"m","details":[]})").field, "details");
  EXPECT_EQ(fault(R"({"message":["m"]})").field, "message");
  EXPECT_EQ(fault("nonsense").status, 400);
  EXPECT_THAT(fault("{\n,}").reason, HasSubstr("line 2"));
}

TEST(OpsgenieReadTest, ActsAreNamedByTheirPath) {
  struct Case {
    const char* verb;
    const char* body;
    const char* name;
    Verb want;
  };
  for (const Case& c : std::initializer_list<Case>{
           {"acknowledge", "", "Acknowledge", Verb::kAcknowledge},
           {"unacknowledge", "{}", "UnAcknowledge", Verb::kUnacknowledge},
           {"close", R"({"note":"n","user":"ada"})", "Close", Verb::kResolve},
           {"delete", "", "Delete", Verb::kResolve},
           {"notes", R"({"note":"n"})", "AddNote", Verb::kNote},
           {"snooze", R"({"endTime":"2027-01-01T00:00:00Z"})", "Snooze", Verb::kSnooze},
           {"assign", R"({"owner":{"username":"ada"}})", "Assign", Verb::kAssign},
           {"escalate", R"({"escalation":{"id":"e"}})", "Escalate", Verb::kCall},
           {"teams", R"({"team":{"name":"t"}})", "AddTeam", Verb::kCall},
           {"responders", R"({"responder":{"type":"user","id":"u"}})", "AddResponder", Verb::kCall},
           {"tags", R"({"tags":["a"]})", "AddTags", Verb::kAnnotate},
           {"details", R"({"details":{"a":"b"}})", "AddDetails", Verb::kAnnotate},
           {"message", R"({"message":"m"})", "UpdateMessage", Verb::kAnnotate},
           {"description", R"({"description":"m"})", "UpdateDescription", Verb::kAnnotate},
           {"priority", R"({"priority":"P2"})", "UpdatePriority", Verb::kAnnotate}}) {
    const auto act = ReadOpsgenieAct(c.verb, c.body, kNow);
    ASSERT_TRUE(act) << c.verb;
    EXPECT_EQ(act->name, c.name);
    EXPECT_EQ(act->change.verb, c.want) << c.verb;
    EXPECT_TRUE(act->is_known);
  }
  EXPECT_FALSE(ReadOpsgenieAct("actions", "{}", kNow)->is_known);
  for (const char* verb : {"notes", "snooze", "assign", "tags", "details", "message", "priority",
                           "escalate", "teams", "responders"}) {
    EXPECT_FALSE(ReadOpsgenieAct(verb, "{}", kNow)) << verb;
  }
  EXPECT_FALSE(ReadOpsgenieAct("snooze", R"({"endTime":"2020-01-01T00:00:00Z"})", kNow));
}

alert::Alert Made() {
  config::InboundKey key;
  return Plan(*ReadOpsgenieCreate(kWhole, kNow), "opsgenie", key, {}, kNow)[0];
}

TEST(OpsgenieReadTest, AnyValueInAnyPlaceIsReadOrRefused) {
  const auto open = std::make_shared<const alert::Alert>(Made());
  size_t taken = 0;
  for (const std::string& body : MutantsOf(kWhole)) {
    if (const auto change = ReadOpsgenieCreate(body, kNow)) {
      ++taken;
      EXPECT_FALSE(change->entity.empty()) << body;
    }
    for (const char* verb : {"close", "notes", "snooze", "assign", "tags", "details", "message"}) {
      const auto act = ReadOpsgenieAct(verb, body, kNow);
      if (!act) continue;
      for (const alert::Alert& alert : Plan(act->change, "opsgenie", {}, {open}, kNow)) {
        EXPECT_EQ(alert.labels.Get("entity_id"), open->labels.Get("entity_id")) << body;
        EXPECT_EQ(alert.Resolved(kNow), act->change.verb == Verb::kResolve) << body;
      }
    }
  }
  EXPECT_GT(taken, 50U);
}

TEST(OpsgenieAlertTest, AnAlertIsShownAsItWasCreated) {
  const OpsgenieAlert shown = OpsgenieAlert::Of(Made(), kNow);
  JsonWriter json;
  shown.Write(&json, true);
  const std::string text = json.Take();
  EXPECT_THAT(text, HasSubstr(R"("alias":"Life is too short for no alias")"));
  EXPECT_THAT(text, HasSubstr(R"("status":"open","acknowledged":false)"));
  EXPECT_THAT(text, HasSubstr(R"("tags":["OverwriteQuietHours","Critical"])"));
  EXPECT_THAT(text, HasSubstr(R"("priority":"P1")"));
  EXPECT_THAT(text, HasSubstr(R"("details":{"region":"eu","runbook_url":"https://r.example",)"
                              R"("service":"billing"})"))
      << "the team is a responder";
  EXPECT_THAT(text, HasSubstr(R"({"type":"team","id":"NOC","name":"NOC"})"));
  EXPECT_EQ(shown.id, Hex64(OpsgenieHash(shown.alias)) + "-1790000000000");
}

TEST(OpsgenieAlertTest, OnlyAHigherPriorityOfWhatNobodyHasChangesTheRoute) {
  const auto routes = [](const char* priority, bool is_in_hand) {
    OpsgenieAct act =
        *ReadOpsgenieAct("priority", R"({"priority":")" + std::string(priority) + R"("})", kNow);
    alert::Alert alert;
    alert.labels = labels::LabelSet{{"priority", "P2"}};
    KeepRoute(alert, is_in_hand, &act);
    EXPECT_THAT(act.change.annotations, Contains(Pair("updated_priority", priority)));
    EXPECT_EQ(act.change.labels.empty(), act.change.severity.empty());
    return !act.change.labels.empty();
  };
  EXPECT_TRUE(routes("P1", false));
  EXPECT_FALSE(routes("P1", true));
  EXPECT_FALSE(routes("P2", false));
  EXPECT_FALSE(routes("P3", false));
}

TEST(OpsgenieRequestTest, TheIdHoldsWhatBecameOfIt) {
  Rng rng(7);
  for (int i = 0; i < 1000; ++i) {
    OpsgenieRequest request;
    request.alert = rng.Next();
    request.action = static_cast<uint8_t>(rng.Next() % kOpsgenieActions.size());
    request.status = static_cast<uint8_t>(rng.Next() % kOpsgenieStatuses.size());
    request.at = FromNanos(1'790'000'000'000'000'000 + i * 1'000'000);
    const std::string id = request.Id();
    ASSERT_EQ(id.size(), 36U);
    const auto parsed = OpsgenieRequest::Parse(id);
    ASSERT_TRUE(parsed) << id;
    EXPECT_EQ(parsed->alert, request.alert);
    EXPECT_EQ(parsed->action, request.action);
    EXPECT_EQ(parsed->status, request.status);
    EXPECT_EQ(parsed->at, request.at);
  }
  for (const char* id :
       {"", "x", "00000000-0000-0000-0000-000000000000", "zzzzzzzz-0000-8000-8000-000000000000",
        "ffffffff-ffff-8fff-bfff-ffffffffffff"}) {
    EXPECT_FALSE(OpsgenieRequest::Parse(id)) << id;
  }
}

}  // namespace
}  // namespace watchfire::inbound
