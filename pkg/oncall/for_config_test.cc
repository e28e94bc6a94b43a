// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What a configuration says of who is on call, held against the documents that it names.

#include "pkg/oncall/for_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/config/fake_world.h"

namespace watchfire::oncall {
namespace {

using config::World;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kMain = R"(route: {receiver: on-call}
receivers:
  - name: on-call
    escalation_configs: [{policy: Critical}]
  - name: alice-app
    webhook_configs: [{url: 'http://a.example'}]
  - name: alice-sms
    webhook_configs: [{url: 'http://b.example'}]
  - name: bob-app
    webhook_configs: [{url: 'http://c.example'}]
  - name: mail
    webhook_configs: [{url: 'http://d.example'}]
)";

constexpr const char* kOncall = R"(oncall_files: [oncall/*.yml]
oncall:
  contacts:
    alice: [{receiver: alice-app}, {receiver: alice-sms, after: 1m}]
    bob@example.com: [{receiver: bob-app}]
  fallback: mail
)";

constexpr const char* kSchedule = R"(oncall:
  users:
    - name: alice
    - {name: bob, aliases: [bob@example.com]}
    - name: carol
  schedules:
    - name: primary
      time_zone: Europe/Berlin
      layers:
        - rotation: {start: 2026-01-05 09:00, every: 1 week, participants: [alice, bob]}
)";

constexpr const char* kPolicy = R"(oncall:
  escalation_policies:
    - name: critical
      steps:
        - {tell: {schedule: primary}}
        - {after: 15m, tell: bob}
    - name: other
      steps: [{tell: carol}]
)";

World Make(const std::string& main = kMain, const std::string& oncall = kOncall) {
  World world(main + oncall);
  world.files["oncall/a.yml"] = kSchedule;
  world.files["oncall/b.yml"] = kPolicy;
  world.options.read_oncall = ConfigReader();
  return world;
}

std::string Replaced(std::string text, const std::string& from, const std::string& to) {
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(OncallConfigTest, APolicyIsWhatTheFilesCallIt) {
  const World world = Make();
  EXPECT_THAT(world.Problems(), IsEmpty());
  const auto config = world.Load().config;
  ASSERT_NE(config, nullptr);
  const config::Integration& integration = config->receivers[0].integrations.at(0);
  EXPECT_EQ(integration.kind, config::kEscalation);
  EXPECT_TRUE(integration.pages);
  EXPECT_TRUE(integration.send_resolved);
  EXPECT_EQ(static_cast<const config::Escalates*>(integration.options.get())->policy, "critical");
  ASSERT_NE(config->oncall.roster, nullptr);
  EXPECT_EQ(config->oncall.roster->schedules.size(), 1U);
  EXPECT_EQ(config->oncall.fallback, "mail");
  EXPECT_EQ(config->oncall.contacts.at("alice"),
            (std::vector<config::ContactRule>{{"alice-app", {}},
                                              {"alice-sms", std::chrono::minutes(1)}}));
  EXPECT_TRUE(config->oncall.contacts.contains("bob")) << "an alias is the same person";
}

TEST(OncallConfigTest, WhoThereIsMayStandInTheServersOwnFile) {
  const auto below = [](const char* document) {
    return std::string(document).substr(std::string("oncall:\n").size());
  };
  const std::string oncall = Replaced(kOncall, "oncall_files: [oncall/*.yml]\n", "");
  const World world = Make(kMain, oncall + below(kSchedule) + below(kPolicy));
  EXPECT_THAT(world.Problems(), IsEmpty());
  const auto config = world.Load().config;
  ASSERT_NE(config, nullptr);
  ASSERT_NE(config->oncall.roster, nullptr);
  EXPECT_EQ(config->oncall.roster->users.size(), 3U);
  EXPECT_EQ(config->oncall.roster->policies.size(), 2U);
  EXPECT_TRUE(config->oncall.contacts.contains("bob"));
  EXPECT_EQ(config->original.find("rotation"), std::string::npos);
  // Partly here and partly in files.
  const World both = Make(kMain, Replaced(kOncall, "/*.yml", "/a.yml") + below(kPolicy));
  EXPECT_THAT(both.Problems(), IsEmpty());
  // Mistakes have their place.
  const std::string wrong = Replaced(below(kPolicy), "tell: carol", "tel: carol");
  EXPECT_THAT(Make(kMain, Replaced(kOncall, "/*.yml", "/a.yml") + wrong).Problems(),
              Contains(HasSubstr("w.yml:25:16: unknown key \"tel\"")));
}

// The rules of a document say when, and the contacts by what receiver.
TEST(OncallConfigTest, PeoplesOwnRulesDecideWhenTheirContactsAreTold) {
  const std::string methods =
      Replaced(Replaced(kOncall, "receiver: alice-app}", "receiver: alice-app, method: app}"),
               "after: 1m}", "method: sms}");
  const auto loaded = [&](const std::string& rules, const std::string& oncall) {
    World world = Make(kMain, oncall);
    world.files["oncall/a.yml"] = Replaced(
        kSchedule, "- name: alice",
        "- {name: alice, contacts: [{method: push, to: a}, {method: sms, to: b}], rules: " + rules +
            "}");
    return world;
  };
  const auto contacts = [](const World& world) {
    const auto config = world.Load().config;
    return config == nullptr ? std::vector<config::ContactRule>()
                             : config->oncall.contacts.at("alice");
  };
  using std::chrono::minutes;
  using Rules = std::vector<config::ContactRule>;
  const World both = loaded(
      "[{method: sms, after: 5m}, {method: push, after: 2m}, {method: push, after: 9m}]", methods);
  EXPECT_THAT(both.Problems(), IsEmpty());
  EXPECT_EQ(contacts(both),
            (Rules{{"alice-app", minutes(2), "push"}, {"alice-sms", minutes(5), "sms"}}));
  // What no rule says is not told, and said.
  const World one = loaded("[{method: sms}]", methods);
  EXPECT_THAT(one.Problems(),
              ElementsAre(AllOf(HasSubstr("warning w.yml:16:"),
                                HasSubstr("no notification rule of \"alice\" says push: receiver "
                                          "\"alice-app\" is not told"))));
  EXPECT_EQ(contacts(one), (Rules{{"alice-sms", {}, "sms"}}));
  // A step that ignores rules tells by all of them, and at once.
  const auto oncall_of = [](const World& world) { return world.Load().config->oncall; };
  const Rules all = {{"alice-app", {}, "push"}, {"alice-sms", {}, "sms"}};
  EXPECT_EQ(config::ContactsOf(oncall_of(one), "alice", true), all);
  EXPECT_EQ(config::ContactsOf(oncall_of(both), "alice", true), all);
  EXPECT_EQ(config::ContactsOf(oncall_of(one), "alice", false), contacts(one));
  EXPECT_EQ(config::ContactsOf(oncall_of(Make(kMain, kOncall)), "alice", true),
            (Rules{{"alice-app", {}}, {"alice-sms", {}}}));
  EXPECT_THAT(config::ContactsOf(oncall_of(one), "nobody", true), IsEmpty());
  // Contacts without a method keep their own time, and so do all where no rule fits any.
  EXPECT_EQ(contacts(loaded("[{method: sms, after: 5m}]", kOncall)),
            (Rules{{"alice-app", {}}, {"alice-sms", minutes(1)}}));
  const World other = loaded("[{method: push}]",
                             Replaced(methods, "method: app}, {receiver: alice-sms, method: sms}",
                                      "method: sms, after: 4m}"));
  EXPECT_THAT(other.Problems(),
              Contains(HasSubstr("a notification rule of \"alice\" says push after 0s, and none of "
                                 "the contacts is that")));
  EXPECT_EQ(contacts(other), (Rules{{"alice-app", minutes(4), "sms"}}));
}

TEST(OncallConfigTest, WhoHasNoRulesHasThoseOfEverybody) {
  World world =
      Make(kMain, Replaced(kOncall, "receiver: bob-app}", "receiver: bob-app, method: phone}"));
  world.files["oncall/c.json"] = R"({"name": "all", "steps": [
      {"contact": {"to": "all", "method": "voice"}, "sendAfter": {"timeAmount": 3}}]})";
  world.options.read_oncall = ConfigReader();
  const std::string oncall = "oncall_files: [oncall/*.yml, oncall/c.json]";
  world.files["w.yml"] = Replaced(world.files["w.yml"], "oncall_files: [oncall/*.yml]", oncall);
  EXPECT_THAT(world.Problems(), IsEmpty());
  const auto config = world.Load().config;
  ASSERT_NE(config, nullptr);
  EXPECT_EQ(config->oncall.contacts.at("bob"),
            (std::vector<config::ContactRule>{{"bob-app", std::chrono::minutes(3), "voice"}}));
}

TEST(OncallConfigTest, WhatAlertmanagerDoesNotKnowItDoesNotSee) {
  const auto config = Make().Load().config;
  ASSERT_NE(config, nullptr);
  EXPECT_EQ(config->original.find("escalation"), std::string::npos);
  EXPECT_EQ(config->original.find("oncall"), std::string::npos);
}

TEST(OncallConfigTest, WhatCannotPageIsRefusedWithItsPlace) {
  const std::string main = kMain;
  const std::string oncall = kOncall;
  const auto problems = [&](const std::string& from, const std::string& to) {
    const bool is_main = main.find(from) != std::string::npos;
    return Make(is_main ? Replaced(main, from, to) : main,
                is_main ? oncall : Replaced(oncall, from, to))
        .Problems();
  };
  EXPECT_THAT(problems("policy: Critical", "policy: critcal"),
              ElementsAre("w.yml:4:27: no escalation policy is called \"critcal\" (did you mean "
                          "\"critical\"?)"));
  EXPECT_THAT(problems("policy: Critical", "send_resolved: true"),
              ElementsAre("w.yml:4:26: missing policy in escalation_configs"));
  EXPECT_THAT(problems("policy: Critical", "policy: other"),
              ElementsAre("w.yml:4:27: step 1 of policy \"other\" tells carol, who cannot be "
                          "reached (add oncall.contacts of carol)"));
  EXPECT_THAT(problems("receiver: alice-sms, after: 1m", "receiver: alice-pager"),
              Contains(HasSubstr("w.yml:16:37: undefined receiver \"alice-pager\" in "
                                 "oncall.contacts")));
  EXPECT_THAT(problems("receiver: alice-sms, after: 1m", "receiver: on-call"),
              Contains("w.yml:16:37: receiver \"on-call\" in oncall.contacts must not itself "
                       "escalate (name one that reaches a person)"));
  EXPECT_THAT(problems("    webhook_configs: [{url: 'http://b.example'}]\n", ""),
              ElementsAre(HasSubstr("w.yml:15:37: receiver \"alice-sms\" in oncall.contacts tells "
                                    "nobody")));
  EXPECT_THAT(problems("after: 1m", "after: 2d"),
              ElementsAre(HasSubstr("w.yml:16:58: a contact cannot wait longer than")));
  EXPECT_THAT(problems("receiver: alice-sms, after: 1m", "receiver: alice-app, after: 1m"),
              Contains(HasSubstr("receiver \"alice-app\" is named twice in the contacts of")));
  EXPECT_THAT(problems("  fallback: mail\n", ""),
              Contains(HasSubstr("w.yml:4:27: escalation_configs needs oncall.fallback")));
  EXPECT_THAT(problems("fallback: mail", "fallback: post"),
              Contains(HasSubstr("w.yml:18:3: undefined receiver \"post\" used as "
                                 "oncall.fallback")));
  EXPECT_THAT(problems("oncall_files: [oncall/*.yml]", "delivery: strict"),
              ElementsAre("w.yml:4:27: policy \"Critical\" is not defined (name the files that "
                          "define it in oncall_files)"));
  EXPECT_THAT(problems("oncall_files: [oncall/*.yml]", "oncall_files: [gone.yml]"),
              testing::Contains(HasSubstr("w.yml:13:16: gone.yml: No such file")));
  EXPECT_THAT(
      problems("alice: [{receiver: alice-app}, {receiver: alice-sms, after: 1m}]", "alice: []"),
      testing::Contains(HasSubstr("w.yml:16:5: no contacts of \"alice\"")));
  EXPECT_THAT(problems("    webhook_configs: [{url: 'http://a.example'}]",
                       "    webhook_configs: [{url: 'http://a.example'}]\n    fallback: on-call"),
              testing::Contains(HasSubstr("fallback \"on-call\" must not escalate")));
}

TEST(OncallConfigTest, APolicyThatTakesAcksBackIsUnwiseWhereVendorsAreTold) {
  const auto problems = [](const std::string& tells, const std::string& repeat) {
    World world = Make(
        std::string(kMain) + "    pager_configs: [{url: 'http://p.example'}]\n" + tells, kOncall);
    world.files["oncall/b.yml"] =
        Replaced(kPolicy, "    - name: other", repeat + "    - name: other");
    return world.Problems();
  };
  const std::string tells = "incidents: {tell_vendors: true}\n";
  const std::string resets = "      repeat: {count: 1, wait: 10m, reset_acks: true}\n";
  EXPECT_THAT(problems(tells, resets),
              ElementsAre("warning w.yml:4:27: policy \"critical\" takes acks back (reset_acks), "
                          "which pager of receiver \"mail\" cannot be told: it stays "
                          "acknowledged there (tell_acks: false in its pager_configs)"));
  EXPECT_THAT(problems("", resets), IsEmpty());
  EXPECT_THAT(problems(tells, "      repeat: {count: 1, wait: 10m}\n"), IsEmpty());
}

TEST(OncallConfigTest, AStormIsAsVictorOpsHasItUnlessTheFileSaysMore) {
  EXPECT_EQ(Make().Load().config->oncall.storm, config::Storm()) << "none without the key";
  const std::string oncall = kOncall;
  EXPECT_EQ(Make(kMain, oncall + "  storm: {}\n").Load().config->oncall.storm,
            (config::Storm{3, std::chrono::minutes(1), std::chrono::minutes(1)}));
  EXPECT_EQ(Make(kMain, oncall + "  storm: {incidents: 5, within: 2m, every: 30s}\n")
                .Load()
                .config->oncall.storm,
            (config::Storm{5, std::chrono::minutes(2), std::chrono::seconds(30)}));
  EXPECT_THAT(
      Make(kMain, oncall + "  storm: {incidents: 1, within: 0s, every: 1h, of: x}\n").Problems(),
      ElementsAre(HasSubstr("19:11: so many incidents are no storm: from 2 to 1000"),
                  HasSubstr("a storm is looked at by times from 1s to 15m"),
                  HasSubstr("a storm is looked at by times from 1s to 15m"),
                  HasSubstr("unknown key \"of\"")));
}

TEST(OncallConfigTest, AHandOffIsOfAScheduleThatIsThereToWhoCanTakeIt) {
  const auto problems = [](const std::string& handoffs) {
    return Make(kMain, kOncall + ("  handoffs: [" + handoffs + "]\n")).Problems();
  };
  const auto config = Make(kMain, kOncall + std::string("  handoffs: [{schedule: Primary}, "
                                                        "{schedule: primary, receiver: mail}]\n"))
                          .Load()
                          .config;
  ASSERT_NE(config, nullptr);
  EXPECT_THAT(config->oncall.handoffs,
              ElementsAre(config::Handoff{"primary", ""}, config::Handoff{"primary", "mail"}));
  EXPECT_THAT(Make(kMain + std::string("  - name: chat\n    webhook_configs: [{url: "
                                       "'http://e.example'}]\n"),
                   kOncall + std::string("  handoffs: [{schedule: primary, receiver: chat}]\n"))
                  .Problems(),
              IsEmpty())
      << "it needs no route";
  EXPECT_THAT(problems("{schedule: secondary}"),
              ElementsAre("w.yml:19:15: no schedule is called \"secondary\""));
  EXPECT_THAT(problems("{receiver: mail}"),
              Contains(HasSubstr("a hand-off needs a schedule: whose shifts change")));
  EXPECT_THAT(
      problems("{schedule: primary, receiver: mial}"),
      ElementsAre(HasSubstr("undefined receiver \"mial\" in oncall.handoffs (did you mean")));
  EXPECT_THAT(problems("{schedule: primary, receiver: on-call}"),
              ElementsAre(HasSubstr("receiver \"on-call\" cannot be told of a hand-off")));
  EXPECT_THAT(problems("{schedule: primary, to: mail}"), ElementsAre(HasSubstr("to")));
}

World Calling(const std::string& escalate) {
  World world = Make(
      kMain,
      kOncall + ("automation:\n  rules:\n  - {name: a, pattern: x, escalate: " + escalate + "}\n"));
  world.files["oncall/a.yml"] += R"(  teams:
    - {name: database-team, members: [bob, carol]}
    - {name: web, members: [carol]}
    - {name: all, members: [alice, bob]}
    - {name: two, members: [alice]}
)";
  world.files["oncall/b.yml"] +=
      R"(    - {name: db-policy, team: database-team, steps: [{tell: bob}]}
    - {name: two-a, team: two, steps: [{tell: alice}]}
    - {name: two-b, team: two, steps: [{tell: alice}]}
)";
  return world;
}

TEST(OncallConfigTest, WhomARuleEscalatesToIsWhatTheFilesCallIt) {
  const auto called = [](const std::string& escalate) {
    const World world = Calling(escalate);
    EXPECT_THAT(world.Problems(), IsEmpty()) << escalate;
    const auto config = world.Load().config;
    if (config == nullptr) return std::string("nothing");
    EXPECT_EQ(config->automation.rules.at(0).action, config::AutomationAction::kEscalate);
    return config->automation.rules.at(0).escalate_to;
  };
  EXPECT_EQ(called("{policy: Critical}"), "critical");
  EXPECT_EQ(called("{team: Database Team}"), "db-policy") << "the team's own";
  EXPECT_EQ(called("{team: all}"), "team:all") << "it has none: everybody in it";
  EXPECT_EQ(called("{schedule: primary}"), "schedule:primary");
  EXPECT_EQ(called("{user: bob@example.com}"), "user:bob");
}

TEST(OncallConfigTest, WhomNoRuleCanEscalateToIsRefusedWithItsPlace) {
  const auto problems = [](const std::string& escalate) { return Calling(escalate).Problems(); };
  EXPECT_THAT(problems("{team: databse-team}"),
              ElementsAre("w.yml:21:38: no team is called \"databse-team\" (did you mean "
                          "\"database-team\"?)"));
  EXPECT_THAT(problems("{policy: critcal}"),
              ElementsAre("w.yml:21:38: no escalation policy is called \"critcal\" (did you mean "
                          "\"critical\"?)"));
  EXPECT_THAT(problems("{schedule: primry}"),
              ElementsAre("w.yml:21:38: no schedule is called \"primry\" (did you mean "
                          "\"primary\"?)"));
  EXPECT_THAT(problems("{user: alise}"),
              ElementsAre("w.yml:21:38: no user is called \"alise\" (did you mean \"alice\"?)"));
  EXPECT_THAT(problems("{team: two}"),
              ElementsAre("w.yml:21:38: team \"two\" has several policies: two-a, two-b (name one "
                          "of them, as in escalate: {policy: NAME})"));
  EXPECT_THAT(problems("{team: web}"),
              ElementsAre("w.yml:21:38: step 1 of policy \"team:web\" tells carol, who cannot be "
                          "reached (add oncall.contacts of carol)"));
  EXPECT_THAT(problems("{user: carol}"),
              ElementsAre(HasSubstr("\"user:carol\" tells carol, who cannot be reached")));
  EXPECT_THAT(problems("{user: alice, team: all}"),
              ElementsAre(HasSubstr("escalate must name one of policy, team, schedule, user")));
  EXPECT_THAT(problems("{}"),
              ElementsAre(HasSubstr("escalate must name one of policy, team, schedule, user")));
  EXPECT_THAT(problems("{team: all}, action: auto_acknowledge"),
              ElementsAre(HasSubstr("escalate is for the action escalate, not for "
                                    "auto_acknowledge")));
}

TEST(OncallConfigTest, ARuleThatCallsNeedsFilesAndAFallback) {
  const std::string rule =
      "automation: {rules: [{name: a, pattern: x, escalate: {team: database-team}}]}\n";
  const std::string main =
      "route: {receiver: mail}\nreceivers: [{name: mail, webhook_configs: [{url: "
      "'http://d.example'}]}]\n";
  EXPECT_THAT(World(main + rule).Problems(),
              ElementsAre(HasSubstr("escalate needs oncall.fallback"),
                          HasSubstr("team \"database-team\" is not defined (name the files")));
}

TEST(OncallConfigTest, WhoStandsBesideSomebodyReachableMayHaveNoContact) {
  World world = Make(kMain, Replaced(kOncall,
                                     "    alice: [{receiver: alice-app}, "
                                     "{receiver: alice-sms, after: 1m}]\n",
                                     ""));
  EXPECT_THAT(world.Problems(),
              Contains("warning w.yml:4:27: policy \"critical\" tells \"alice\", who has no "
                       "oncall.contacts"));
  EXPECT_NE(world.Load().config, nullptr);
}

// One bad document is a refused reload, as for the configuration itself.
TEST(OncallConfigTest, AMistakeInADocumentHasItsPlaceThere) {
  World world = Make();
  world.options.leaves_out_bad_files = true;
  world.files["oncall/b.yml"] =
      "oncall:\n  escalation_policies:\n    - name: critical\n"
      "      steps: [{tel: alice}]\n";
  const config::Loaded loaded = world.Load();
  EXPECT_EQ(loaded.config, nullptr);
  ASSERT_FALSE(loaded.problems.empty());
  EXPECT_THAT(loaded.problems[0].ToString(), HasSubstr("oncall/b.yml:4:"));
  for (const config::Problem& problem : loaded.problems) {
    EXPECT_EQ(problem.ToString().find("w.yml"), std::string::npos)
        << "what follows from it is not said again: " << problem.ToString();
  }
}

TEST(OncallConfigTest, EverybodyIsWhoeverMayBeToldAtAnyTime) {
  const auto config = Make().Load().config;
  ASSERT_NE(config, nullptr);
  const Roster& roster = *config->oncall.roster;
  EXPECT_THAT(Everybody(roster, roster.policies.at(0).steps.at(0)), ElementsAre("alice", "bob"));
  EXPECT_THAT(Everybody(roster, roster.policies.at(0).steps.at(1)), ElementsAre("bob"));
}

}  // namespace
}  // namespace watchfire::oncall
