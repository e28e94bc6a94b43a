// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Histories in which rules of automation act, each from one seed: they acknowledge, resolve,
// escalate, open tickets and run playbooks, people approve and refuse, reloads take rules away,
// vendors and disk fail, the process dies. Then the world heals: nothing was done twice, nothing
// too often within an hour, and no page is lost because a rule did something.
//
// Replay one: WF_SIM_SEED=<seed> WF_SIM_SEEDS=1 build/dev/bin/sim_test
// --gtest_filter='*Automation*'

#include <algorithm>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/base/check.h"
#include "pkg/notify/builtin/builtin.h"
#include "pkg/oncall/for_config.h"
#include "tests/sim/checkers.h"
#include "tests/sim/seeds.h"
#include "tests/sim/timelines.h"
#include "tests/sim/world.h"

namespace watchfire::sim {
namespace {

using automation::Outcome;
using automation::Run;

// For acks to run out, and the policy to be done with.
constexpr Duration kSettle = std::chrono::minutes(30);
constexpr int kAckMost = 4;
constexpr int kPlayMost = 3;

// The pagers of the other histories, people beside them, and who is told by rules.
constexpr const char* kMain = R"(
global: {resolve_timeout: 5m, victorops_api_key: key}
DELIVERY
route: {receiver: on-call, group_by: [service], group_wait: 10s, group_interval: 1m,
        repeat_interval: 1h,
        routes: [{receiver: people, group_by: [service], matchers: ['severity="critical"'],
                  continue: true},
                 {receiver: on-call, group_by: [service], matchers: ['team="core"']}]}
receivers:
  - name: on-call
    victorops_configs: [{routing_key: core}]
    webhook_configs: [{url: 'http://hook.example/a'}]
  - {name: people, escalation_configs: [{policy: core}]}
  - {name: ada-app, webhook_configs: [{url: 'http://hook.example/b'}]}
  - {name: bob-app, webhook_configs: [{url: 'http://hook.example/c'}]}
  - {name: carol-app, webhook_configs: [{url: 'http://hook.example/e'}]}
  - {name: dora-app, webhook_configs: [{url: 'http://hook.example/f'}]}
  - {name: erin-app, webhook_configs: [{url: 'http://hook.example/g'}]}
  - {name: fay-app, webhook_configs: [{url: 'http://hook.example/h'}]}
  - {name: gus-app, webhook_configs: [{url: 'http://hook.example/i'}]}
  - {name: hal-app, webhook_configs: [{url: 'http://hook.example/j'}]}
  - {name: iris-app, webhook_configs: [{url: 'http://hook.example/k'}]}
  - {name: jay-app, webhook_configs: [{url: 'http://hook.example/l'}]}
  - {name: everybody, webhook_configs: [{url: 'http://hook.example/d'}]}
  - name: tickets
    servicenow_configs:
      - {instance_url: 'http://tickets.example',
         http_config: {basic_auth: {username: ada, password: pw}}}
  - name: robot
    webhook_configs: [{url: 'http://robot.example', signing_secret: k3y}]
datasources: [{name: prometheus, url: 'http://prometheus.example'}]
rule_files: [rules.yml]
oncall_files: [oncall.yml]
oncall:
  contacts: {ada: [{receiver: ada-app}], bob: [{receiver: bob-app}],
             carol: [{receiver: carol-app}], dora: [{receiver: dora-app}],
             erin: [{receiver: erin-app}], fay: [{receiver: fay-app}],
             gus: [{receiver: gus-app}], hal: [{receiver: hal-app}],
             iris: [{receiver: iris-app}], jay: [{receiver: jay-app}]}
  fallback: everybody
)";

// Each is told by one policy or call alone, so that whoever is told twice was told once too often.
// The turn of "night" ends in the midst of the history, which begins at 15:13:20.
constexpr const char* kRoster = R"(
oncall:
  teams:
    - {name: db, members: [erin, gus]}
    - {name: crew, members: [erin, fay]}
  schedules:
    - name: night
      time_zone: UTC
      layers: [{rotation: {start: 2026-01-05 00:30, every: 1 hour, participants: [gus, hal]}}]
  escalation_policies:
    - name: core
      steps: [{tell: ada}, {after: 4m, tell: bob}, {after: 8m, tell: jay}]
    - name: backup
      team: db
      steps: [{tell: dora}, {after: 3m, tell: iris}]
)";

// Fires as the world's truth of that name says.
constexpr const char* kRuleFile = R"(
groups:
  - name: sim
    interval: 15s
    rules:
      - alert: RuleFires
        expr: rule_signal > 0
        for: 30s
        labels: {severity: critical, team: core}
)";

constexpr const char* kRules = R"(
automation:
  dry_run: DRY
  rules:
  - {name: ack, matchers: ['severity="warning"'], action: auto_acknowledge, ack_for: 3m,
     max_per_hour: 4}
  - {name: well, matchers: ['service="api"'], conditions: {after: 2m}, action: auto_resolve,
     approval: none, verify: {expr: 'firing{alertname="ApiDown"}', expect: empty, every: 20s,
                              timeout: 3m}}
  - {name: begun, matchers: ['severity="critical"'], conditions: {after: 30s},
     escalate: {policy: core}}
  - {name: next, matchers: ['severity="critical"'], conditions: {after: 1m}, action: escalate}
  - {name: named, matchers: ['severity="critical"'], conditions: {after: 90s},
     escalate: {user: carol}}
  - {name: owned, matchers: ['severity="critical"'], conditions: {after: 100s},
     escalate: {team: db}}
  - {name: crew, matchers: ['severity="critical"'], conditions: {after: 110s},
     escalate: {team: crew}}
  - {name: shift, matchers: ['severity="critical"'], conditions: {after: 2m},
     escalate: {schedule: night}}
  - {name: ticket, matchers: ['service="batch"'], conditions: {states: [triggered, acknowledged]},
     action: create_ticket, receiver: tickets}
  - {name: play, matchers: ['alertname="ApiDown"'], action: run_playbook, receiver: robot,
     approval_timeout: 5m, max_per_hour: 50}
  - {name: free, matchers: ['service="api"'], conditions: {after: 30s}, action: run_playbook,
     receiver: robot, approval: none, max_per_hour: 3}
)";

enum class Rules { kNone, kDry, kLive };

std::shared_ptr<const config::Config> ConfigOf(config::Delivery delivery, Rules rules) {
  std::string main = kMain;
  const auto change = [](std::string* text, const std::string& from, const std::string& to) {
    const size_t at = text->find(from);
    WF_CHECK(at != std::string::npos);
    text->replace(at, from.size(), to);
  };
  change(&main, "DELIVERY", delivery == config::Delivery::kStrict ? "delivery: strict" : "");
  if (rules != Rules::kNone) {
    std::string automation = kRules;
    change(&automation, "DRY", rules == Rules::kDry ? "true" : "false");
    main += automation;
  }
  config::Files files;
  files.read = [main](const std::string& path) -> Result<std::string> {
    if (path.ends_with("rules.yml")) return std::string(kRuleFile);
    return path.ends_with("oncall.yml") ? std::string(kRoster) : main;
  };
  files.glob = [](const std::string& pattern) { return std::vector<std::string>{pattern}; };
  config::LoadOptions load;
  load.path = "sim.yml";
  load.read_oncall = oncall::ConfigReader();
  const config::Loaded loaded = config::Load(load, files, notify::builtin::Kinds());
  for (const auto& problem : loaded.problems) {
    if (problem.level == config::Problem::Level::kError) ADD_FAILURE() << problem.ToString();
  }
  WF_CHECK(loaded.config != nullptr);
  return loaded.config;
}

std::vector<Run> RunsOf(World& world) { return world.Read(core::kViewAllAutomation)->automation; }

// (1) No action twice: no rule does the same to one cycle of an incident more than once, no
// incident is acknowledged by rules twice, and a message leaves again only when the last one may
// have been lost: no answer came, or it was no, or the process died.
std::vector<std::string> CheckActsOnce(World& world) {
  std::vector<std::string> violations;
  const std::vector<Run> runs = RunsOf(world);
  for (const auto& [id, incident] : world.Read(core::kViewIncidents)->incidents) {
    std::map<std::string, int> in_cycle;
    std::map<std::string, int> successes;  // By rule; of messages also of cycles that are over.
    int acks = 0;
    for (const incident::Event& event : incident->timeline) {
      if (event.kind == "returned" || event.kind == "reopened") in_cycle.clear();
      if (event.channel != "automation") continue;
      if (event.kind == "automation") {
        successes[event.actor] += event.text.find(" success") != std::string::npos ? 1 : 0;
        continue;
      }
      if (event.kind == "acked") ++acks;
      if (++in_cycle[event.kind + " " + event.actor] == 1) continue;
      violations.push_back("incident " + std::to_string(id) + ": " + event.actor + " did " +
                           event.kind + " twice in one cycle");
    }
    for (const auto& [rule, count] : successes) {
      int succeeded = 0;
      for (const Run& run : runs) {
        const bool is_its = run.incident == id && run.rule == rule;
        succeeded += is_its && run.outcome == Outcome::kSuccess ? 1 : 0;
      }
      if (count <= succeeded) continue;
      violations.push_back("incident " + std::to_string(id) + ": " + rule + " succeeded " +
                           std::to_string(count) + " times in " + std::to_string(succeeded) +
                           " runs");
    }
    if (acks > 1) {
      violations.push_back("incident " + std::to_string(id) + ": acknowledged by rules " +
                           std::to_string(acks) + " times");
    }
  }
  std::map<std::string, const World::Deed*> last;
  std::map<std::string, const World::Deed*> opened;  // The last ticket of each group.
  for (const World::Deed& deed : world.deeds()) {
    const World::Deed*& before = last[deed.run];
    const bool is_end = deed.run.find(" end of ") != std::string::npos;
    if (!is_end) opened[deed.group] = &deed;
    // What was taken after the end had left opened the ticket once more, so it is told that again.
    const World::Deed* ticket = is_end ? opened[deed.group] : nullptr;
    const bool is_opened_since =
        ticket != nullptr && before != nullptr && ticket->ended > before->began;
    if (before != nullptr && before->is_done && before->life == deed.life && !is_opened_since) {
      violations.push_back("run " + deed.run + ": sent again though it was taken");
    }
    before = &deed;
  }
  return violations;
}

// (2) Limits per hour: whatever no person approved began only while fewer runs of its rule had
// begun within the hour. Wall clocks step by some minutes here, so that is 50 minutes.
std::vector<std::string> LimitsPassed(const std::vector<Run>& runs) {
  std::vector<std::string> violations;
  const std::map<std::string, size_t> most = {{"ack", kAckMost}, {"free", kPlayMost}};
  std::map<std::string, std::vector<WallTime>> begun;
  for (const Run& run : runs) {
    if (run.acted_at != kNoTime) begun[run.rule].push_back(run.acted_at);
  }
  for (auto& [rule, times] : begun) {
    const auto limit = most.find(rule);
    if (limit == most.end()) continue;
    std::ranges::sort(times);
    for (size_t i = limit->second; i < times.size(); ++i) {
      if (times[i] - times[i - limit->second] >= std::chrono::minutes(50)) continue;
      violations.push_back(rule + ": more than " + std::to_string(limit->second) +
                           " runs within an hour");
      break;
    }
  }
  return violations;
}

std::vector<std::string> CheckLimits(World& world) { return LimitsPassed(RunsOf(world)); }

// (3) What a person decided and was told is stored stands.
std::vector<std::string> CheckDecisions(World& world) {
  std::vector<std::string> violations;
  const std::vector<Run> runs = RunsOf(world);
  for (const auto& [id, is_approved] : world.decisions()) {
    const auto run = std::ranges::find(runs, id, &Run::id);
    const bool is_kept = run != runs.end() && run->by == "ada" &&
                         (is_approved || run->outcome == Outcome::kRejected);
    if (!is_kept) violations.push_back("run " + id + ": what ada decided is gone");
  }
  return violations;
}

// (4) No page lost because of a rule: what fires and is nobody's has been paged since it became so,
// by the pager or by the policy. Everything has been healthy for kSettle.
std::vector<std::string> CheckNobodyUnreached(World& world) {
  std::vector<std::string> violations;
  for (const auto& [id, incident] : world.Read(core::kViewIncidents)->incidents) {
    if (incident->state != incident::State::kTriggered) continue;
    if (incident->cycle_at > world.wall() - std::chrono::seconds(5)) continue;  // This moment.
    const WallTime since = incident->cycle_at - std::chrono::minutes(5);
    std::set<std::string> groups;
    for (const incident::Group& group : incident->groups) groups.insert(group.group_key);
    const bool is_paged = std::ranges::any_of(world.vendor().accepted, [&](const auto& message) {
      return message.wall >= since && !message.firing.empty() && groups.contains(message.group_key);
    });
    if (!is_paged) violations.push_back("incident " + std::to_string(id) + ": nobody was paged");
  }
  return violations;
}

// (5) Nothing hangs: no run goes on for longer than it may, no ack of a rule outlives its end, and
// every ticket of what is over was told so.
std::vector<std::string> CheckSettled(World& world) {
  std::vector<std::string> violations;
  const auto view = world.Read(core::kViewIncidents);
  for (const Run& run : RunsOf(world)) {
    if (!run.outcome && run.due < world.wall() - std::chrono::minutes(1)) {
      violations.push_back("run " + run.id() + " should have been given up");
    }
    const auto incident = view->incidents.find(run.incident);
    const bool is_over =
        incident == view->incidents.end() || incident->second->state == incident::State::kResolved;
    const bool waits = run.ticket == automation::TicketState::kOpen ||
                       run.ticket == automation::TicketState::kClosing;
    if (is_over && waits)
      violations.push_back("ticket of " + run.id() + " was not told of the end");
  }
  for (const auto& [id, incident] : view->incidents) {
    if (!incident->ack || !incident->ack->is_automatic) continue;
    if (incident->ack->until == kNoTime ||
        incident->ack->until < world.wall() - std::chrono::seconds(5)) {
      violations.push_back("the ack of a rule holds incident " + std::to_string(id));
    }
  }
  return violations;
}

class AutomationSimTest : public testing::TestWithParam<config::Delivery> {
 protected:
  AutomationSimTest()
      : live_(ConfigOf(GetParam(), Rules::kLive)), none_(ConfigOf(GetParam(), Rules::kNone)) {}

  // Approves or refuses some of what waits.
  static void Decide(World* world, Rng* rng) {
    for (const automation::Run& run : RunsOf(*world)) {
      if (run.state != automation::State::kWaiting || rng->Chance(0.3)) continue;
      world->Decide(run.id(), rng->Chance(0.7));
    }
  }

  std::vector<std::string> RunSeed(uint64_t seed) {
    Rng rng(seed);
    World world({seed, true, live_});
    world.trace = std::getenv("WF_SIM_TRACE") != nullptr;
    const MonoTime end = world.mono() + std::chrono::minutes(50);
    while (world.mono() < end) {
      world.Run(std::chrono::seconds(10 + rng.Below(180)));
      Decide(&world, &rng);
      if (rng.Chance(0.1)) world.Reload(rng.Chance(0.3) ? none_ : live_);
    }
    world.Reload(live_);
    world.Heal();
    world.Run(kSettle);
    std::vector<std::string> violations = world.violations();
    for (const auto check : {CheckActsOnce, CheckLimits, CheckDecisions, CheckNobodyUnreached,
                             CheckSettled, CheckStepsOnce, CheckCalls, CheckNoLostPage,
                             CheckNoDuplicate, CheckPromisedActs, CheckDrained}) {
      for (std::string& violation : check(world)) violations.push_back(std::move(violation));
    }
    for (const automation::Run& run : RunsOf(world))
      ++outcomes_[run.rule + " " + OutcomeName(*run.outcome)];
    deeds_ += world.deeds().size();
    return violations;
  }

  const std::shared_ptr<const config::Config> live_;
  const std::shared_ptr<const config::Config> none_;
  std::map<std::string, int> outcomes_;
  size_t deeds_ = 0;
};

TEST_P(AutomationSimTest, NothingIsDoneTwiceAndNoPageIsLost) {
  const uint64_t first = FromEnv("WF_SIM_SEED", 1);
  const uint64_t count = FromEnv("WF_SIM_SEEDS", 15);
  for (uint64_t seed = first; seed < first + count; ++seed) {
    EXPECT_THAT(RunSeed(seed), testing::IsEmpty()) << "seed " << seed;
    if (testing::Test::HasFailure()) return;
  }
  if (count < 10) return;  // A replay may be of a quiet one.
  for (const char* seen :
       {"ack success", "ack limited", "well success", "begun success", "next success",
        "named success", "owned success", "crew success", "shift success", "ticket success",
        "play success", "play rejected", "free success"}) {
    EXPECT_GT(outcomes_[seen], 0) << seen << ": the histories are about something";
  }
  EXPECT_GT(deeds_, count);
}

// Dry runs say something on the timeline, and that is all: vendors hear the same.
TEST_P(AutomationSimTest, ADryRunChangesNothing) {
  const auto history = [&](Rules rules) {
    World world({7, false, ConfigOf(GetParam(), rules)});
    for (const char* name : {"ApiDown", "DiskFull", "ApiSlow", "NodeGone", "JobLate"}) {
      world.SetAlert(name, true);
      world.Run(std::chrono::minutes(4));
    }
    world.Crash();
    world.Run(std::chrono::minutes(10));
    for (const auto& [name, truth] : world.truths()) world.SetAlert(name, false);
    world.Run(std::chrono::minutes(10));
    EXPECT_TRUE(world.deeds().empty());
    std::vector<std::string> said;
    for (const fakes::Accepted& message : world.vendor().accepted) {
      std::string text = message.receiver + " " + message.group_key;
      for (const std::string& name : message.firing) text += " +" + name;
      for (const std::string& name : message.resolved) text += " -" + name;
      said.push_back(std::move(text));
    }
    // Of one instant the order is chance.
    std::ranges::sort(said);
    for (const auto& [id, incident] : world.Read(core::kViewIncidents)->incidents) {
      said.push_back(std::to_string(id) + StateName(incident->state));
      for (const incident::Event& event : incident->timeline) {
        if (event.kind == "automation") continue;
        EXPECT_NE(event.channel, "automation") << event.kind;
      }
    }
    if (rules == Rules::kDry) {
      const auto runs = RunsOf(world);
      EXPECT_FALSE(runs.empty());
      for (const automation::Run& run : runs) EXPECT_EQ(run.outcome, Outcome::kDryRun) << run.id();
    }
    return said;
  };
  EXPECT_EQ(history(Rules::kDry), history(Rules::kNone));
}

INSTANTIATE_TEST_SUITE_P(Deliveries, AutomationSimTest,
                         testing::Values(config::Delivery::kAlertmanager,
                                         config::Delivery::kStrict),
                         [](const auto& delivery) {
                           return delivery.param == config::Delivery::kStrict ? "Strict"
                                                                              : "Alertmanager";
                         });

// A checker that cannot fail proves nothing.
TEST(AutomationSimCheckTest, TheCheckersCatchWhatTheyLookFor) {
  World world({1, false, ConfigOf(config::Delivery::kAlertmanager, Rules::kLive)});
  world.SetAlert("ApiDown", true);
  world.SetAlert("DiskFull", true);
  world.Run(std::chrono::minutes(2));
  for (const auto check : {CheckActsOnce, CheckLimits, CheckDecisions, CheckNobodyUnreached,
                           CheckSettled, CheckStepsOnce, CheckCalls}) {
    EXPECT_THAT(check(world), testing::IsEmpty());
  }
  ASSERT_FALSE(world.deeds().empty());
  world.RememberDeed(world.deeds().front());
  EXPECT_THAT(CheckActsOnce(world), testing::Not(testing::IsEmpty()));
  world.vendor().accepted.clear();
  EXPECT_THAT(CheckNobodyUnreached(world), testing::Not(testing::IsEmpty()));
  world.RememberDecision("1-1-nothing", true);
  EXPECT_THAT(CheckDecisions(world), testing::Not(testing::IsEmpty()));
  world.Run(std::chrono::minutes(1));
  std::vector<automation::Run> runs(kPlayMost);
  for (automation::Run& run : runs) {
    run.rule = "free";
    run.acted_at = world.wall();
  }
  EXPECT_THAT(LimitsPassed(runs), testing::IsEmpty());
  runs.push_back(runs.front());
  EXPECT_THAT(LimitsPassed(runs), testing::Not(testing::IsEmpty()));
}

TEST(AutomationSimCheckTest, TheCheckerOfCallsCatchesWhatIsWrong) {
  const auto config = ConfigOf(config::Delivery::kAlertmanager, Rules::kLive);
  const auto wrong = [&](const std::vector<incident::Event>& timeline) {
    return timelines::WrongCalls(timeline, *config->oncall.roster);
  };
  const auto at = [](int64_t minutes) {
    return FromNanos(1'790'000'000'000'000'000) + std::chrono::minutes(minutes);
  };
  const auto rule = [](const std::string& to) {
    return incident::Event{kNoTime, "automation", "r", "automation", "escalate success: to " + to};
  };
  const auto step = [](const std::string& of, const std::string& who, WallTime when = kNoTime) {
    return incident::Event{when, "escalated", of, "escalation", "step 1 of " + of + ": to " + who};
  };
  const incident::Event crew =
      step("team:crew", "erin (erin-app), fay (fay-app, fay-sms after 1m)");
  const incident::Event returned{kNoTime, "returned", "ada", "clock", "the ack has expired"};
  const incident::Event acked{kNoTime, "acked", "ada", "api", ""};
  EXPECT_THAT(wrong({rule("team:crew"), crew}), testing::IsEmpty());
  EXPECT_THAT(wrong({rule("team:crew"), acked}), testing::IsEmpty());
  EXPECT_THAT(wrong({rule("team:crew"), step("team:crew", "erin (erin-app); no contacts of fay")}),
              testing::IsEmpty());
  EXPECT_THAT(wrong({rule("team:crew")}), testing::SizeIs(1)) << "nobody was told";
  EXPECT_THAT(wrong({crew}), testing::SizeIs(1)) << "nobody had called";
  EXPECT_THAT(wrong({rule("team:crew"), crew, returned, crew}), testing::SizeIs(1));
  EXPECT_THAT(wrong({rule("team:crew"), step("team:crew", "erin (erin-app)")}), testing::SizeIs(1));
  EXPECT_THAT(wrong({rule("user:carol"), step("user:carol", "bob (bob-app)")}), testing::SizeIs(1));
  // The turn ends at 14:30, 16 min and 40 s after that.
  for (const char* who : {"gus (gus-app)", "hal (hal-app)"}) {
    const bool is_first =
        wrong({rule("schedule:night"), step("schedule:night", who, at(16))}).empty();
    const bool is_next =
        wrong({rule("schedule:night"), step("schedule:night", who, at(17))}).empty();
    EXPECT_NE(is_first, is_next) << who;
  }
  // A policy by name: what it tells need not be its first step.
  EXPECT_THAT(
      wrong({rule("core"), {kNoTime, "escalated", "core", "escalation", "step 2 of core: x"}}),
      testing::IsEmpty());
}

}  // namespace
}  // namespace watchfire::sim
