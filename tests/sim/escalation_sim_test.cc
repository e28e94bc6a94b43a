// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Histories of an escalation policy, each from one seed: people acknowledge, put off, merge and
// give away, call others by name, reloads take people away and change how they are reached, vendors
// and disk fail, the process dies; then the world heals, and everybody who should be has been
// paged, and sleeps again.
//
// Replay one: WF_SIM_SEED=<seed> WF_SIM_SEEDS=1 build/dev/bin/sim_test --gtest_filter='*Escal*'

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sim/checkers.h"
#include "tests/sim/escalation_config.h"
#include "tests/sim/seeds.h"
#include "tests/sim/timelines.h"
#include "tests/sim/world.h"

namespace watchfire::sim {
namespace {

// The policy takes 10 minutes for two rounds, and the fallback 5 more.
constexpr Duration kPolicyTime = std::chrono::minutes(16);

// Whom people call by name: "core" runs for all incidents, and only goes on with its next step.
const std::vector<std::string> kCalled = {"user:ada",       "user:bob", "user:dora", "team:crew",
                                          "schedule:night", "aside",    "core"};

// Every third history is of a night with an hour too many, every third of one with an hour too few:
// shifts change, and clocks do, while the policy runs.
WallTime StartOf(uint64_t seed) {
  constexpr int64_t kNights[] = {1'792'887'600, 1'774'743'600};  // 2026-10-25, 2026-03-29 00:20Z.
  return seed % 3 == 2 ? kNoTime : FromNanos(kNights[seed % 3] * 1'000'000'000);
}

// Every fifth history is of two services whose policies page for one incident; of every other of
// these each alert is a group of its own.
Joined JoinedOf(uint64_t seed) {
  if (seed % 5 != 4) return Joined::kNo;
  return seed % 2 == 0 ? Joined::kByService : Joined::kByName;
}

std::set<std::string> FiringOf(const World& world, const std::string& group_key) {
  std::set<std::string> names;
  for (const auto& [name, truth] : world.truths()) {
    if (truth.firing && !truth.from_rule && world.IsOf(name, group_key)) names.insert(name);
  }
  return names;
}

bool Fires(const World& world, const std::string& group_key) {
  return !FiringOf(world, group_key).empty();
}

// (1) No step twice: CheckStepsOnce.
// (2) Nobody is paged for what somebody has in hand, nor for what he had, and gave away.
std::vector<std::string> CheckNobodyPagedInHand(World& world) {
  std::vector<std::string> violations;
  for (const World::PageRequest& request : world.page_requests()) {
    if (!request.is_in_hand && !request.is_spared) continue;
    violations.push_back(request.said.receiver + " was paged for " + request.said.group_key +
                         (request.is_in_hand ? ", which somebody has in hand"
                                             : ", and had acknowledged it and given it away"));
  }
  return violations;
}

// (3) Nobody is silently unreached: what fires and is nobody's has been paged to somebody since it
// became so. The world has been healthy for kPolicyTime.
std::vector<std::string> CheckNobodyUnreached(World& world) {
  std::vector<std::string> violations;
  for (const auto& [id, incident] : world.Read(core::kViewIncidents)->incidents) {
    if (incident->state != incident::State::kTriggered) continue;
    // A wall clock may have stepped by a minute or two on the way.
    const WallTime since = incident->cycle_at - std::chrono::minutes(5);
    for (const incident::Group& group : incident->groups) {
      if (!Fires(world, group.group_key)) continue;
      const bool is_paged = std::ranges::any_of(world.vendor().accepted, [&](const auto& message) {
        return world.SpeaksOf(message, group.group_key) && message.wall >= since;
      });
      if (is_paged) continue;
      violations.push_back("incident " + std::to_string(id) + ": nobody was paged for " +
                           group.group_key);
    }
  }
  const bool is_joined = !world.config().route.routes.empty();
  const bool is_by_name = world.config().route.group_by.front() == "alertname";
  std::set<std::string> group_keys;
  for (const auto& [name, truth] : world.truths()) {
    if (!truth.firing || truth.from_rule) continue;
    const std::string service = "{service=\"" + std::string(truth.labels.Get("service")) + "\"}";
    const std::string route = is_joined && service.find("batch") != std::string::npos
                                  ? "{}/" + service
                                  : std::string("{}");
    group_keys.insert(route + ":" + (is_by_name ? "{alertname=\"" + name + "\"}" : service));
  }
  for (const std::string& group_key : group_keys) {
    const auto view = world.Read(core::kViewIncidents);
    const bool is_open = std::ranges::any_of(view->incidents, [&](const auto& entry) {
      const auto& groups = entry.second->groups;
      return IsOpen(entry.second->state) &&
             std::ranges::find(groups, group_key, &incident::Group::group_key) != groups.end();
    });
    if (is_open || IsClosedByHand(world, group_key, FiringOf(world, group_key))) continue;
    violations.push_back(group_key + ": fires, has no incident, and nobody resolved it by hand");
  }
  return violations;
}

// (4) Every end is told to whoever was paged and is configured still. `gone`: when contacts were
// configured no longer, last, by receiver and integration. Everything is over by now.
std::vector<std::string> CheckEndsTold(World& world, const std::map<std::string, MonoTime>& gone) {
  std::map<std::pair<std::string, std::string>, const fakes::Accepted*> last;
  for (const fakes::Accepted& message : world.vendor().accepted) {
    last[{message.receiver, message.group_key}] = &message;
  }
  std::vector<std::string> violations;
  for (const auto& [stream, message] : last) {
    if (message->firing.empty()) continue;
    const auto left = gone.find(stream.first);
    if (left != gone.end() && left->second >= message->at) continue;
    // Of what a full disk never recorded nobody knows.
    const bool is_forgotten =
        world.doubtful_lives().upper_bound(message->life) != world.doubtful_lives().end();
    if (is_forgotten) continue;
    violations.push_back(stream.first + " waits for the end of " + stream.second);
  }
  return violations;
}

// (6) Of what fires, or of one incident, nobody is told twice at once, under the keys of two
// groups.
std::vector<std::string> CheckOneMessageEach(World& world) {
  std::vector<std::string> violations;
  const auto& requests = world.page_requests();
  for (size_t i = 0; i < requests.size(); ++i) {
    const fakes::Accepted& one = requests[i].said;
    for (size_t j = i + 1; j < requests.size() && requests[j].said.at == one.at; ++j) {
      const fakes::Accepted& other = requests[j].said;
      if (one.receiver != other.receiver || one.group_key == other.group_key) continue;
      const bool is_twice =
          std::ranges::any_of(
              one.firing, [&](const std::string& name) { return other.firing.contains(name); }) ||
          std::ranges::any_of(requests[i].incidents,
                              [&](uint64_t id) { return requests[j].incidents.contains(id); });
      if (!is_twice) continue;
      violations.push_back(one.receiver + " was paged at once for " + one.group_key + " and " +
                           other.group_key);
    }
  }
  return violations;
}

// (7) Whoever a step names is told, of something that the step is about: not only somebody. Of
// steps since `healed` whose incident nobody has taken in hand since.
std::vector<std::string> CheckNamedReached(World& world, WallTime healed) {
  constexpr Duration kPatience = std::chrono::minutes(2);
  std::vector<std::string> violations;
  // Who is called by name is called for all of it.
  const auto is_about = [](const incident::Incident& incident, const std::string& policy,
                           const incident::Group& group) {
    const bool is_called = std::ranges::any_of(
        incident.timeline,
        [&](const incident::Event& event) { return timelines::CalledBy(event) == policy; });
    const bool is_other = (policy == "core" && group.receiver != "on-call") ||
                          (policy == "store" && group.receiver != "store");
    return is_called || !is_other;
  };
  for (const auto& [id, incident] : world.Read(core::kViewIncidents)->incidents) {
    if (incident->state != incident::State::kTriggered) continue;
    const incident::Incident& one = *incident;
    for (const incident::Event& event : incident->timeline) {
      const bool is_early = event.at < std::max(healed, incident->cycle_at);
      if (is_early || !timelines::IsStep(event) || event.at + kPatience > world.now().wall)
        continue;
      for (const config::Receiver& receiver : world.config().receivers) {
        const bool is_of_any = std::ranges::any_of(one.groups, [&](const incident::Group& group) {
          return is_about(one, event.actor, group);
        });
        if (!is_of_any || !timelines::NamesContact(event, receiver.name)) continue;
        const bool is_told =
            std::ranges::any_of(world.vendor().accepted, [&](const fakes::Accepted& page) {
              return page.receiver.starts_with(receiver.name + "/") && page.wall >= event.at &&
                     std::ranges::any_of(one.groups, [&](const incident::Group& group) {
                       return is_about(one, event.actor, group) &&
                              world.SpeaksOf(page, group.group_key);
                     });
            });
        if (is_told) continue;
        violations.push_back(receiver.name + " was not told: " + event.text);
      }
    }
  }
  return violations;
}

const std::vector<std::string> kPeople = {"ada", "bob", "carol", "dora"};

// (5) Whoever is given an incident is told, once; of dora, who has no contacts, the receiver hears
// again. Gives each away; the world is healthy, and has been until acks and snoozes ran out.
std::vector<std::string> CheckNewOwnersTold(World& world, Rng* rng) {
  std::vector<std::string> violations;
  const auto view = world.Read(core::kViewIncidents);
  for (const auto& [id, before] : view->incidents) {
    const std::string& to = kPeople[1 + rng->Below(3)];
    const bool knows = before->owner == to || (before->ack && before->ack->by == to);
    if (!IsOpen(before->state) || before->snooze || knows) continue;
    const std::string what = "incident " + std::to_string(id) + ", given to " + to + ": ";
    const size_t first = world.vendor().accepted.size();
    world.Give(id, to, "ada");
    world.Run(std::chrono::seconds(20));
    const auto after = world.Read(core::kViewIncidents)->incidents.at(id);
    if (after->ack) violations.push_back(what + "the ack of " + after->ack->by + " holds on");
    // A step of the policy may come just then, and tell the same person.
    size_t told = 0;
    for (size_t i = before->timeline.size(); i < after->timeline.size(); ++i) {
      const incident::Event& event = after->timeline[i];
      const bool is_step = event.kind == "notified" || event.kind == "escalated";
      told += is_step && event.text.find(to + " (") != std::string::npos ? 1 : 0;
    }
    for (const incident::Group& group : after->groups) {
      if (!Fires(world, group.group_key)) continue;
      size_t pages = 0;
      for (size_t i = first; i < world.vendor().accepted.size(); ++i) {
        const fakes::Accepted& page = world.vendor().accepted[i];
        const bool is_its = to == "dora" || page.receiver == to + "-app/webhook";
        pages += is_its && world.SpeaksOf(page, group.group_key) ? 1 : 0;
      }
      if (pages == 0) violations.push_back(what + "nobody was paged for " + group.group_key);
      if (to == "dora" || pages <= told) continue;
      violations.push_back(what + "paged " + std::to_string(pages) + " times for " +
                           group.group_key + ", told " + std::to_string(told) + " times");
    }
  }
  return violations;
}

class EscalationSimTest : public testing::TestWithParam<config::Delivery> {
 protected:
  EscalationSimTest() {
    for (size_t i = 0; i < kEscalationVariants; ++i) {
      variants_.push_back(EscalationConfig(GetParam(), i));
      joined_.push_back(EscalationConfig(GetParam(), i, Joined::kByService));
      apart_.push_back(EscalationConfig(GetParam(), i, Joined::kByName));
    }
  }
  const std::vector<std::shared_ptr<const config::Config>>& VariantsOf(uint64_t seed) const {
    const Joined joined = JoinedOf(seed);
    return joined == Joined::kNo ? variants_ : joined == Joined::kByName ? apart_ : joined_;
  }

  void Reload(World* world, uint64_t seed, size_t variant) {
    world->Reload(VariantsOf(seed)[variant]);
    const MonoTime now = world->mono();
    // ada-voice stands in for ada-app.
    if (variant == 1 || variant == 3 || variant == 4) gone_["ada-app/webhook"] = now;
    if (variant != 3) gone_["ada-app/victorops"] = now;
    if (variant == 1) gone_["ada-sms/webhook"] = gone_["ada-voice/webhook"] = now;
    if (variant == 2) gone_["carol-app/webhook"] = now;
    gone_[variant == 5 ? "everybody/webhook" : "others/webhook"] = now;
    // Whoever was on the wire is given up when the answer is there.
  }

  std::vector<std::string> RunSeed(uint64_t seed) {
    gone_.clear();
    Rng rng(seed);
    World world({seed, true, VariantsOf(seed)[0], StartOf(seed)});
    world.trace = std::getenv("WF_SIM_TRACE") != nullptr;
    if (seed % 4 != 1) world.LetThemGive(seed, kPeople);
    if (seed % 4 != 2) world.LetThemCall(seed, kCalled);
    const MonoTime end = world.mono() + std::chrono::minutes(60);
    while (world.mono() < end) {
      world.Run(std::chrono::seconds(20 + rng.Below(400)));
      Reload(&world, seed, rng.Chance(0.4) ? 0 : rng.Below(kEscalationVariants));
    }
    Reload(&world, seed, 0);
    world.Heal();
    const WallTime healed = world.now().wall;
    world.Run(kPolicyTime + std::chrono::minutes(12));  // Acks and snoozes run out as well.
    const auto in_flight = [&] { return world.Read(core::kViewStats)->stats->deliveries; };
    for (int i = 0; i < 3 && in_flight() > 0; ++i) world.Run(std::chrono::seconds(2));
    std::vector<std::string> violations = world.violations();
    for (const auto check :
         {CheckStepsOnce, CheckCalls, CheckNobodyPagedInHand, CheckNobodyUnreached,
          CheckOneMessageEach, CheckPromisedActs, CheckDrained}) {
      for (std::string& violation : check(world)) violations.push_back(std::move(violation));
    }
    for (std::string& violation : CheckNamedReached(world, healed)) {
      violations.push_back(std::move(violation));
    }
    for (std::string& violation : CheckNewOwnersTold(world, &rng)) {
      violations.push_back(std::move(violation));
    }
    for (const auto& [name, truth] : world.truths()) world.SetAlert(name, false);
    world.Run(std::chrono::minutes(14));
    for (std::string& violation : CheckDrained(world)) {  // Every incident ends.
      violations.push_back(std::move(violation));
    }
    for (std::string& violation : CheckEndsTold(world, gone_)) {
      violations.push_back(std::move(violation));
    }
    pages_ += world.page_requests().size();
    const auto& promises = world.promises();
    gifts_ += static_cast<size_t>(
        std::ranges::count(promises, std::string("reassigned"), &World::Promise::kind));
    for (const auto& [id, incident] : world.Read(core::kViewIncidents)->incidents) {
      std::set<std::string> policies;  // Whose steps told somebody of it.
      for (const incident::Event& event : incident->timeline) {
        if (event.kind == "called") ++calls_[event.text];
        if (timelines::IsStep(event)) policies.insert(event.actor);
      }
      twos_ += policies.contains("core") && policies.contains("store") ? 1 : 0;
    }
    return violations;
  }

  std::vector<std::shared_ptr<const config::Config>> variants_;
  std::vector<std::shared_ptr<const config::Config>> joined_;
  std::vector<std::shared_ptr<const config::Config>> apart_;
  std::map<std::string, MonoTime> gone_;
  size_t pages_ = 0;
  size_t gifts_ = 0;
  size_t twos_ = 0;                      // Incidents for which two policies paged.
  std::map<std::string, size_t> calls_;  // By whom they called.
};

TEST_P(EscalationSimTest, EverybodyIsReachedAndNobodyTwice) {
  const uint64_t first = FromEnv("WF_SIM_SEED", 1);
  const uint64_t count = FromEnv("WF_SIM_SEEDS", 25);
  for (uint64_t seed = first; seed < first + count; ++seed) {
    EXPECT_THAT(RunSeed(seed), testing::IsEmpty()) << "seed " << seed;
    if (testing::Test::HasFailure()) return;
  }
  if (count == 1) return;  // A replay may be of a quiet one.
  EXPECT_GT(pages_, count) << "the histories are about something";
  EXPECT_GT(gifts_, count);
  if (count < 20) return;
  EXPECT_GT(twos_, 0U);
  for (const std::string& to : kCalled) {
    EXPECT_EQ(calls_[to] > 0, to != "user:dora") << to << ", " << calls_[to] << " times";
  }
}

// Of two policies: a call that joined a page on its way was told without its own group.
TEST_P(EscalationSimTest, ACallThatJoinsAPageIsOfAllGroups) {
  EXPECT_THAT(RunSeed(784), testing::IsEmpty());
}

TEST_P(EscalationSimTest, SameSeedSameEffects) {
  const auto hash_of = [&](uint64_t seed) {
    World world({seed, true, VariantsOf(seed)[0], StartOf(seed)});
    world.LetThemGive(seed, kPeople);
    world.LetThemCall(seed, kCalled);
    world.Run(std::chrono::minutes(25));
    return world.effect_hash();
  };
  for (uint64_t seed = 1000; seed < 1003; ++seed) {
    EXPECT_EQ(hash_of(seed), hash_of(seed)) << "seed " << seed;
  }
}

INSTANTIATE_TEST_SUITE_P(Deliveries, EscalationSimTest,
                         testing::Values(config::Delivery::kAlertmanager,
                                         config::Delivery::kStrict),
                         [](const auto& delivery) {
                           return delivery.param == config::Delivery::kStrict ? "Strict"
                                                                              : "Alertmanager";
                         });

// A checker that cannot fail proves nothing.
TEST(EscalationSimCheckTest, TheCheckersCatchWhatTheyLookFor) {
  World world({1, false, EscalationConfig(config::Delivery::kAlertmanager, 0)});
  world.SetAlert("ApiDown", true);
  world.Run(std::chrono::minutes(3));
  EXPECT_THAT(CheckNobodyUnreached(world), testing::IsEmpty());
  EXPECT_THAT(CheckStepsOnce(world), testing::IsEmpty());
  EXPECT_THAT(CheckEndsTold(world, {}), testing::Not(testing::IsEmpty())) << "it fires";
  ASSERT_FALSE(world.page_requests().empty());
  EXPECT_THAT(CheckNobodyPagedInHand(world), testing::IsEmpty());
  EXPECT_THAT(CheckOneMessageEach(world), testing::IsEmpty());
  World::PageRequest twin = world.page_requests().back();
  twin.said.group_key = "{}:{service=\"batch\"}";
  world.RememberRequest(twin);
  EXPECT_THAT(CheckOneMessageEach(world), testing::Not(testing::IsEmpty()));
  world.RememberRequest({world.page_requests()[0].said, /*is_in_hand=*/true});
  EXPECT_THAT(CheckNobodyPagedInHand(world), testing::Not(testing::IsEmpty()));
  EXPECT_THAT(CheckNamedReached(world, kNoTime), testing::IsEmpty());
  world.vendor().accepted.clear();
  EXPECT_THAT(CheckNobodyUnreached(world), testing::Not(testing::IsEmpty()));
  EXPECT_THAT(CheckNamedReached(world, kNoTime), testing::Not(testing::IsEmpty()));
}

TEST(EscalationSimCheckTest, TheCheckerOfNewOwnersCatchesWhoIsNotPaged) {
  for (const bool is_deaf : {false, true}) {
    World world({1, false, EscalationConfig(config::Delivery::kAlertmanager, 0)});
    world.SetAlert("ApiDown", true);
    world.Run(std::chrono::minutes(3));
    if (is_deaf) world.vendor().mood = fakes::Mood::kRefuse;
    Rng rng(1);
    EXPECT_EQ(CheckNewOwnersTold(world, &rng).empty(), !is_deaf);
  }
}

// One timeline after another: whether its last step is one too many.
TEST(EscalationSimCheckTest, TheCheckerOfStepsKnowsWhatBeginsAnew) {
  const auto is_twice = [](std::vector<incident::Event> between, const std::string& policy,
                           const std::string& step) {
    const incident::Event event{kNoTime, "escalated", policy, "escalation", step};
    between.insert(between.begin(), event);
    between.push_back(event);
    return timelines::StepsTwice(between, {"core"}).size() == 1;
  };
  const auto of = [](const std::string& kind, const std::string& text,
                     const std::string& by = "eve", const std::string& channel = "sim") {
    return std::vector<incident::Event>{{kNoTime, kind, by, channel, text}};
  };
  const auto has_step = [&](const std::vector<incident::Event>& between) {
    return is_twice(between, "core", "step 2 of core: to bob (bob-app)");
  };
  EXPECT_TRUE(has_step({}));
  EXPECT_TRUE(has_step(of("acked", "")));
  EXPECT_TRUE(has_step(of("called", "user:bob")));
  EXPECT_TRUE(has_step(of("called", "core"))) << "a policy that runs goes on with its next step";
  EXPECT_TRUE(has_step(of("ran_out", "", "user:bob", "escalation")));
  EXPECT_TRUE(has_step(of("ran_out", "", "aside", "escalation")));
  EXPECT_TRUE(has_step(of("rejoined", "")));
  EXPECT_TRUE(has_step(of("severity", "critical"))) << "a person said so";
  EXPECT_FALSE(has_step(of("severity", "critical", "monitoring", "pipeline")));
  EXPECT_TRUE(has_step(of("unreachable", "", "core", "escalation")));
  EXPECT_TRUE(has_step(of("returned", "the ack of ada is over: given to bob")));
  EXPECT_TRUE(has_step(of("returned", "the ack of ada is over: user:bob is called")));
  EXPECT_FALSE(has_step(of("returned", "the ack of ada is over: core is called")));
  EXPECT_FALSE(has_step(of("returned", "the ack has expired", "ada", "clock")));
  EXPECT_FALSE(has_step(of("reopened", "", "on-call", "pipeline")));
  EXPECT_FALSE(has_step(of("merged", "#2 (ApiDown) into this one")));
  EXPECT_FALSE(has_step(of("ran_out", "", "core", "escalation")));
  EXPECT_FALSE(has_step(of("unreachable", "dora has no oncall.contacts")));
  const auto has_call = [&](const std::vector<incident::Event>& between) {
    return is_twice(between, "user:bob", "step 1 of user:bob: to bob (bob-app)");
  };
  EXPECT_TRUE(has_call({}));
  EXPECT_TRUE(has_call(of("called", "user:carol")));
  EXPECT_TRUE(has_call(of("unreachable", "dora has no oncall.contacts")));
  EXPECT_TRUE(has_call(of("severity", "critical", "monitoring", "pipeline")));
  EXPECT_FALSE(has_call(of("called", "user:bob")));
  EXPECT_FALSE(has_call(of("automation", "escalate success: to user:bob", "named", "automation")));
  EXPECT_FALSE(has_call(of("ran_out", "", "core", "escalation")));
  EXPECT_FALSE(has_call(of("returned", "the ack of ada is over: given to bob")));
  EXPECT_TRUE(is_twice(of("called", "aside"), "aside", "step 1 of aside: to bob (bob-app)"));
  EXPECT_TRUE(is_twice({}, "user:bob", "told bob (bob-app)"));
  EXPECT_TRUE(is_twice(of("reassigned", "from bob to carol"), "user:bob", "told bob (bob-app)"));
  EXPECT_FALSE(is_twice(of("reassigned", "from carol to bob"), "user:bob", "told bob (bob-app)"));
  std::vector<incident::Event> rounds = of("escalated", "step 1 of core: to bob (bob-app)", "core");
  rounds.push_back(of("escalated", "step 1 of core, round 2: to bob (bob-app)", "core")[0]);
  EXPECT_THAT(timelines::StepsTwice(rounds, {"core"}), testing::IsEmpty());
}

// Of two runs of one policy that a merge made one the one that is less far sets the pace; of
// others, and of what both had told, nothing is told once more.
TEST(EscalationSimCheckTest, OnlyStepsOfRunsThatJoinedAreToldOnceMore) {
  const auto step = [](const std::string& of, int number) {
    return incident::Event{kNoTime, "escalated", of, "escalation",
                           "step " + std::to_string(number) + " of " + of + ": to bob (bob-app)"};
  };
  const incident::Event merge{kNoTime, "merged", "ada", "sim", "#2 (A) into this one"};
  const incident::Event merged{kNoTime, "merged", "ada", "sim", "into #1"};
  const incident::Event back{kNoTime, "returned", "ada", "clock", "the ack has expired"};
  const auto joined = [&](std::vector<incident::Event> one, std::vector<incident::Event> other) {
    other.push_back(merged);
    return timelines::StepsOfJoined({{1, std::move(one)}, {2, std::move(other)}}, 1, {"core"})
        .size();
  };
  const incident::Event first = step("core", 1);
  const incident::Event second = step("core", 2);
  EXPECT_EQ(joined({first, second, merge, second}, {first}), 1U);
  EXPECT_EQ(joined({first, merge, second}, {first, second}), 1U) << "the other one was farther";
  EXPECT_EQ(joined({first, second, merge, second, second}, {first}), 1U) << "once";
  EXPECT_EQ(joined({first, second, merge, second}, {first, second}), 0U) << "both had told it";
  EXPECT_EQ(joined({first, second, merge, second}, {step("aside", 1)}), 0U) << "no run joined";
  EXPECT_EQ(joined({first, second, second, merge}, {first}), 0U) << "before the merge";
  EXPECT_EQ(joined({first, second, merge, back, second}, {first}), 0U) << "it began anew";
  EXPECT_EQ(joined({first, second, merge, first, second}, {first, second, back}), 2U)
      << "it had begun anew, and told nothing yet";
  // What joined had itself been joined by another.
  const incident::Event deeper{kNoTime, "merged", "ada", "sim", "#3 (B) into this one"};
  const timelines::Timelines chain = {
      {1, {first, second, merge, second}}, {2, {deeper, merged}}, {3, {first, merged}}};
  EXPECT_EQ(timelines::StepsOfJoined(chain, 1, {"core"}).size(), 1U);
}

TEST(EscalationSimCheckTest, ContactsAreKnownByTheirWholeNames) {
  const incident::Event step{kNoTime, "escalated", "core", "escalation",
                             "step 1 of core: to ada (ada-app, ada-sms after 1m), eve (eve)"};
  for (const char* name : {"ada-app", "ada-sms", "eve"}) {
    EXPECT_TRUE(timelines::NamesContact(step, name)) << name;
  }
  for (const char* name : {"ada", "ad", "ada-ap", "app", "ada-sms after", "core", "sms"}) {
    EXPECT_FALSE(timelines::NamesContact(step, name)) << name;
  }
}

TEST(EscalationSimCheckTest, WhoAcknowledgedAndGaveItAwayIsSpared) {
  World world({1, false, EscalationConfig(config::Delivery::kAlertmanager, 0)});
  world.SetAlert("ApiDown", true);
  world.Run(std::chrono::minutes(1));
  const uint64_t id = world.Read(core::kViewIncidents)->incidents.begin()->first;
  world.Act(id, "acked", incident::Acknowledge{});
  world.Run(std::chrono::seconds(30));
  world.Give(id, "bob", "ada");
  world.Run(std::chrono::minutes(5));
  EXPECT_THAT(CheckNobodyPagedInHand(world), testing::IsEmpty());
  EXPECT_THAT(CheckStepsOnce(world), testing::IsEmpty());
  // As if step 2 had told her as well.
  World::PageRequest page = world.page_requests().back();
  page.is_spared = true;
  world.RememberRequest(page);
  EXPECT_THAT(CheckNobodyPagedInHand(world), testing::Not(testing::IsEmpty()));
}

TEST(EscalationSimCheckTest, WhoIsCalledByNameIsMeantThoughHeGaveItAway) {
  World world({1, false, EscalationConfig(config::Delivery::kAlertmanager, 0)});
  world.SetAlert("ApiDown", true);
  world.Run(std::chrono::minutes(1));
  const uint64_t id = world.Read(core::kViewIncidents)->incidents.begin()->first;
  world.Act(id, "acked", incident::Acknowledge{});
  world.Run(std::chrono::seconds(30));
  world.Call(id, "aside", /*ends_ack=*/false);
  world.Run(std::chrono::seconds(1));
  EXPECT_EQ(world.promises().size(), 1U) << "it is in her hand, and the call is refused";
  world.Call(id, "aside", /*ends_ack=*/true);
  world.Call(id, "aside", /*ends_ack=*/true);  // Said twice.
  world.Run(std::chrono::minutes(5));
  EXPECT_EQ(world.promises().size(), 2U);
  const auto& accepted = world.vendor().accepted;
  EXPECT_GT(
      std::ranges::count(accepted, std::string("ada-app/webhook"), &fakes::Accepted::receiver), 1);
  for (const auto check : {CheckNobodyPagedInHand, CheckStepsOnce, CheckCalls, CheckPromisedActs}) {
    EXPECT_THAT(check(world), testing::IsEmpty());
  }
}

// What fires without an incident is somebody's only if he resolved just that.
TEST(EscalationSimCheckTest, OnlyAResolveByHandExcusesWhatFiresWithoutAnIncident) {
  World world({1, false, EscalationConfig(config::Delivery::kAlertmanager, 0)});
  world.SetAlert("ApiDown", true);
  world.Run(std::chrono::seconds(200));  // The next flush is half a minute off.
  const auto view = world.Read(core::kViewIncidents);
  ASSERT_EQ(view->incidents.size(), 1U);
  const uint64_t id = view->incidents.begin()->first;
  world.Act(id, "resolved", incident::Resolve{});  // Of which the world took no note.
  EXPECT_THAT(CheckNobodyUnreached(world), testing::Not(testing::IsEmpty()));
  world.NoteHandEnd("{}:{service=\"api\"}");
  EXPECT_THAT(CheckNobodyUnreached(world), testing::IsEmpty());
  world.Run(std::chrono::seconds(1));
  world.SetAlert("ApiSlow", true);
  world.Run(std::chrono::seconds(16));  // Core knows it, and has not flushed its group.
  EXPECT_THAT(CheckNobodyUnreached(world), testing::Not(testing::IsEmpty())) << "it is news";
}

}  // namespace
}  // namespace watchfire::sim
