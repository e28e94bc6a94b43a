// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Histories at random, from seeds: alerts come and go, people ack, snooze and resolve, vendors
// take, refuse and hang, clocks step, the process is killed and its configuration swapped. Whatever
// happens, nobody is paged for what is held or over, no step is done twice, no page is lost, and
// who was paged hears of the end.

#include <map>
#include <set>
#include <string>

#include "pkg/base/rng.h"
#include "pkg/core/storms.h"
#include "pkg/core/strict_fixture.h"
#include "pkg/oncall/reader.h"

namespace watchfire::core {
namespace {

constexpr const char* kRoster = R"(
oncall:
  schedules:
    - name: primary
      time_zone: Europe/Berlin
      layers:
        - rotation: {start: 2026-09-21 00:00, every: 1 hour, participants: [alice, bob]}
  escalation_policies:
    - name: p
      steps:
        - {tell: {schedule: primary}}
        - {after: 4m, tell: {next: primary}}
        - {after: 9m, tell: carol}
)";

std::shared_ptr<config::Config> StormConfig(config::Delivery delivery) {
  std::shared_ptr<config::Config> config = StrictConfig();
  config->route.delivery = delivery;
  config->route.exact_repeat = delivery == config::Delivery::kStrict;
  config->route.group_interval = minutes(1);
  config->route.group_by = {"alertname"};
  auto escalates = std::make_shared<config::Escalates>();
  escalates->policy = "p";
  config->receivers = {{"on-call", {{config::kEscalation, 0, true, true, escalates}}}};
  for (const char* name : {"alice-app", "alice-sms", "bob-app", "carol-app", "mail"}) {
    config->receivers.push_back({name, {{"webhook", 0, true, false, nullptr}}});
  }
  const oncall::Loaded loaded = oncall::Load({{"o.yml", kRoster}});
  config->oncall.roster = std::make_shared<const oncall::Roster>(loaded.roster.value());
  config->oncall.contacts = {{"alice", {{"alice-app", {}}, {"alice-sms", minutes(2)}}},
                             {"bob", {{"bob-app", {}}}},
                             {"carol", {{"carol-app", {}}}}};
  config->oncall.fallback = "mail";
  return config;
}

class StormTest : public StrictTest, public testing::WithParamInterface<config::Delivery> {
 protected:
  StormTest() : rng_(1) {}

  void Begin(uint64_t seed, size_t incidents = 0) {
    rng_ = Rng(seed);
    disk_.clear();
    attempts_.clear();
    batches_.clear();
    hung_.clear();
    last_.clear();
    paged_.clear();
    firing_.clear();
    now_ = {MonoTime(std::chrono::hours(1)), FromNanos(1'790'000'000'000'000'000)};
    config_ = StormConfig(GetParam());
    config_->oncall.storm = {incidents, minutes(1), minutes(1)};
    names_ = incidents > 0 ? 8 : 3;
    Boot({});
  }
  bool Chance(uint64_t one_in) { return rng_.Below(one_in) == 0; }
  std::shared_ptr<const incident::Incident> OpenOf(const std::string& group_key) {
    const auto incidents = Read(kViewIncidents)->incidents;
    for (auto it = incidents.rbegin(); it != incidents.rend(); ++it) {
      const incident::Incident& incident = *it->second;
      if (incident.group_key == group_key && incident::IsOpen(incident.state)) return it->second;
    }
    return nullptr;
  }
  // By group, the open incidents that a message of several says of: 2 incidents: #18 "B", #19 "C"
  std::vector<std::string> Further(const dispatch::Notification& page) {
    std::vector<std::string> keys;
    if (page.alerts.front().name() != kStormAlert) return keys;
    const std::string text(page.alerts.front().annotations.Get("summary"));
    const auto incidents = Read(kViewIncidents)->incidents;
    for (size_t at = text.find('#'); at != std::string::npos; at = text.find('#', at + 1)) {
      const auto incident = incidents.at(std::stoull(text.substr(at + 1)));
      EXPECT_EQ(incident->state, incident::State::kTriggered) << text << ": somebody holds it";
      keys.push_back(incident->group_key);
    }
    return keys;
  }
  void Change() {
    const std::string name = std::string(1, static_cast<char>('A' + rng_.Below(names_)));
    if (firing_.erase(name) > 0) {
      End(name, "critical");
    } else {
      firing_.insert(name);
      Fire(name, "critical", std::chrono::hours(24));
    }
  }
  void Act() {
    const auto incidents = Read(kViewIncidents)->incidents;
    if (incidents.empty()) return;
    IncidentCommand command;
    command.reply_to = RequestId{5};
    command.incident = 1 + rng_.Below(incidents.rbegin()->first);
    command.ack = {Chance(2) ? "alice" : "bob", incident::ActorType::kHuman, "api", ""};
    const uint64_t what = rng_.Below(8);
    command.act = incident::Acknowledge{};
    if (what < 3) command.act = incident::Acknowledge{{kNoTime, minutes(1 + rng_.Below(9))}};
    if (what == 3) command.act = incident::Snooze{{kNoTime, minutes(1 + rng_.Below(9))}};
    if (what == 4) command.act = incident::Resolve{};
    Step({std::move(command)});
    Commit();
  }
  // What the vendor makes of it: takes it, refuses it, is busy, or says nothing for ever.
  void Answer(const Attempt& attempt, bool healthy) {
    const dispatch::Notification& what = *attempt.notification;
    const uint64_t dice = healthy ? 9 : rng_.Below(10);
    if (dice == 0) return AnswerTo(attempt.id, Attempted::Kind::kFail, "404");
    if (dice <= 2) return AnswerTo(attempt.id, Attempted::Kind::kRetry, "503");
    if (dice == 3) return hung_.push_back(attempt.id);
    last_[{what.receiver, what.group_key}] = what.firing();
    if (what.firing()) paged_[what.group_key] = now_.wall;
    for (const std::string& further : named_[attempt.id]) {
      paged_[further] = now_.wall;
      ++joined_;
    }
    ++(what.firing() ? pages_ : ends_);
    AnswerTo(attempt.id, Attempted::Kind::kDone);
  }
  void Crash() {
    now_.mono = MonoTime(minutes(5));
    now_.wall += seconds(rng_.Below(90));
    attempts_.clear();
    batches_.clear();
    hung_.clear();
    Boot(Disk());
  }
  void Second(bool troubled) {
    Pass(seconds(1));
    while (!attempts_.empty()) {
      const Attempt attempt = attempts_.front();
      attempts_.erase(attempts_.begin());
      if (attempt.notification->firing()) {
        const auto incident = OpenOf(attempt.notification->group_key);
        ASSERT_NE(incident, nullptr) << "paged for nothing that is open";
        ASSERT_EQ(incident->state, incident::State::kTriggered)
            << attempt.notification->receiver << " was paged for what somebody holds";
        named_[attempt.id] = Further(*attempt.notification);
      }
      Answer(attempt, !troubled);
    }
    if (!troubled) return;
    if (Chance(names_ > 3 ? 30 : 90)) Change();
    if (Chance(60)) Act();
    if (Chance(300)) Crash();
    if (Chance(400)) Step({ConfigSwap{std::make_shared<config::Config>(*config_)}});
    if (Chance(500)) now_.wall += minutes(rng_.Below(4));
    if (Chance(500)) now_.wall -= minutes(rng_.Below(4));
    if (!hung_.empty() && Chance(30)) {
      AnswerTo(hung_.front(), Attempted::Kind::kRetry, "timeout");
      hung_.erase(hung_.begin());
    }
  }
  // No step is done twice unless the policy began anew in between.
  void CheckSteps() {
    const auto incidents = Read(kViewIncidents)->incidents;
    for (const auto& [id, incident] : incidents) {
      std::map<std::string, int> times;
      int begins = 1;
      for (const incident::Event& event : incident->timeline) {
        const bool is_step = event.kind == "notified" || event.kind == "escalated";
        if (is_step) ++times[event.text.substr(0, event.text.find(':'))];
        const bool is_begin =
            event.kind == "returned" || event.kind == "reopened" || event.kind == "ran_out";
        if (is_begin) ++begins;
      }
      for (const auto& [step, count] : times) {
        EXPECT_LE(count, begins) << step << " of incident " << id;
      }
    }
  }

  // An hour of trouble, 25 minutes of quiet, and the end of all.
  void Live(uint64_t seed, size_t incidents) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Begin(seed, incidents);
    for (int i = 0; i < 3600 && !HasFatalFailure(); ++i) Second(/*troubled=*/true);
    ASSERT_FALSE(HasFatalFailure());
    for (const DeliveryId id : std::exchange(hung_, {})) {
      AnswerTo(id, Attempted::Kind::kRetry, "timeout");
    }
    RepeatAll();
    // All is well from here on: acks run out, and what is nobody's is paged.
    for (int i = 0; i < 60 * 25 && !HasFatalFailure(); ++i) Second(/*troubled=*/false);
    ASSERT_FALSE(HasFatalFailure());
    CheckSteps();
    CheckPaged();
    for (const std::string& name : std::exchange(firing_, {})) End(name, "critical");
    for (int i = 0; i < 60 * 10 && !HasFatalFailure(); ++i) Second(/*troubled=*/false);
    for (const auto& [who, is_firing] : last_) {
      EXPECT_FALSE(is_firing) << who.first << " waits for the end of " << who.second;
    }
    EXPECT_TRUE(core_->idle());
  }
  // As senders do: what was told in the second before a crash may not have been written down.
  void RepeatAll() {
    for (uint64_t i = 0; i < names_; ++i) {
      const std::string name(1, static_cast<char>('A' + i));
      Fire(name, "critical", firing_.contains(name) ? std::chrono::hours(24) : Duration::zero());
    }
  }
  void CheckPaged() {
    for (const std::string& name : firing_) {
      const std::string key = "{}:{alertname=\"" + name + "\"}";
      const auto incident = OpenOf(key);
      if (incident == nullptr || incident->state != incident::State::kTriggered) continue;
      ASSERT_TRUE(paged_.contains(key)) << key << " was never paged";
      EXPECT_GE(paged_[key], incident->cycle_at - minutes(21)) << key << " is nobody's";
    }
  }

  Rng rng_;
  std::vector<DeliveryId> hung_;
  std::map<std::pair<std::string, std::string>, bool> last_;  // Whether it fires, as last taken.
  std::map<std::string, WallTime> paged_;                     // By group: when it was last paged.
  std::set<std::string> firing_;
  size_t pages_ = 0;  // Of all seeds: taken.
  size_t ends_ = 0;
  size_t joined_ = 0;  // Named by the pages of others.
  uint64_t names_ = 3;
  std::map<DeliveryId, std::vector<std::string>> named_;  // By what was sent last: further groups.
};

INSTANTIATE_TEST_SUITE_P(Deliveries, StormTest, BothDeliveries(), DeliveryName);

TEST_P(StormTest, NoPageIsLostOrSaidToWhoShouldSleep) {
  for (uint64_t seed = 1; seed <= 12 && !HasFailure(); ++seed) Live(seed, 0);
  EXPECT_GT(pages_, 200U);
  EXPECT_GT(ends_, 100U);
  EXPECT_EQ(joined_, 0U);
}

// The same where one page names what waits besides (`oncall.storm`).
TEST_P(StormTest, NoneIsLostWherePagesTakeOthersAlong) {
  for (uint64_t seed = 1; seed <= 5 && !HasFailure(); ++seed) Live(seed, 2);
  EXPECT_GT(pages_, 100U);
  EXPECT_GT(ends_, 50U);
  EXPECT_GT(joined_, 20U);
}

}  // namespace
}  // namespace watchfire::core
