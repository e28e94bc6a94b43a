// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The simulated world: the production core and the production receivers on a fake clock, disk,
// Prometheus and pager, on one thread, from one seed. Everything that happens is an item in one
// queue ordered by (time, sequence), so a seed is a whole history and can be replayed.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "pkg/base/rng.h"
#include "pkg/base/time.h"
#include "pkg/core/core.h"
#include "pkg/notify/receiver.h"
#include "tests/fakes/mem_store.h"
#include "tests/fakes/vendor.h"

namespace watchfire::sim {

// The truth about one alert, as its senders know it.
struct Truth {
  labels::LabelSet labels;
  bool firing = false;
  MonoTime since{};        // Of the last change.
  bool from_rule = false;  // Our own rule fires it, not an outside Prometheus.
};

struct WorldOptions {
  uint64_t seed = 1;
  bool faults = true;
  std::shared_ptr<const config::Config> config;
  WallTime start = kNoTime;  // What the wall shows at first; kNoTime: a day like any other.
};

class World {
 public:
  explicit World(const WorldOptions& options);

  // Runs the history for `span`; the faults go on all the while if they are on.
  void Run(Duration span);
  // Ends all faults: healthy vendor, disk, Prometheus and clock.
  void Heal();

  void SetAlert(const std::string& name, bool firing);
  void Crash();  // kill -9 and start again with what the disk holds.
  void Reload();
  void Reload(std::shared_ptr<const config::Config> config);
  // Silences the alert for `lasts`; a silence that was there ends.
  void Silence(const std::string& name, Duration lasts);
  void EndSilence(const std::string& name);

  // What the checkers look at.
  MonoTime mono() const { return mono_; }
  WallTime wall() const { return now().wall; }
  const std::map<std::string, Truth>& truths() const { return truths_; }
  const fakes::Vendor& vendor() const { return vendor_; }
  fakes::Vendor& vendor() { return vendor_; }
  fakes::MemStore& disk() { return disk_; }
  // From now on questions to Prometheus get no answer for so long, then a time-out.
  void HangPrometheus(Duration patience) { query_hangs_ = patience; }
  // The budget of the SLO burns from now on.
  void Burn() { is_burning_ = true; }
  core::Core& core() { return *core_; }
  int life() const { return life_; }
  MonoTime last_fault() const { return last_fault_; }
  uint64_t effect_hash() const { return effect_hash_; }
  std::shared_ptr<const core::View> Read(unsigned parts);
  // Acts of people that were answered with success, as events of an incident.
  struct Promise {
    uint64_t id = 0;
    std::string kind;
    WallTime at = kNoTime;
  };
  const std::vector<Promise>& promises() const { return promises_; }
  // A request to a receiver that pages.
  struct PageRequest {
    fakes::Accepted said;     // As if it had been accepted.
    bool is_in_hand = false;  // Somebody had acknowledged or snoozed its incident before.
    // Or its reader had, before it was given to another.
    bool is_spared = false;
    std::set<uint64_t> incidents = {};  // Open ones that it is about.
  };
  const std::vector<PageRequest>& page_requests() const { return page_requests_; }
  void RememberRequest(PageRequest request) { page_requests_.push_back(std::move(request)); }
  // When incidents came back to those on call, by incident and by group (of on-call).
  const std::map<uint64_t, MonoTime>& returns() const { return returns_; }
  const std::map<std::string, std::vector<MonoTime>>& group_returns() const {
    return group_returns_;
  }
  // When a group more became part of an incident, whose policy tells of all its groups from then
  // on; and when a policy or a call ran out unanswered, each of which tells the fallback.
  const std::vector<MonoTime>& joins() const { return joins_; }
  const std::vector<MonoTime>& unanswered() const { return unanswered_; }
  // When somebody last resolved a group by hand, by its key.
  const std::map<std::string, MonoTime>& hand_ends() const { return hand_ends_; }
  void NoteHandEnd(const std::string& group_key) { hand_ends_[group_key] = mono_; }
  // What somebody decided about runs of automation and was told is stored.
  const std::map<std::string, bool>& decisions() const { return decisions_; }
  void RememberDecision(const std::string& run, bool is_approved) { decisions_[run] = is_approved; }
  void Decide(const std::string& run, bool is_approved);
  // A message of a run of automation, or of the end of its ticket ("<run> end").
  struct Deed {
    std::string run;
    int life = 0;
    bool is_done = false;  // It was taken, and core was told so.
    std::string group;     // Which it was about.
    MonoTime began{};      // When it left.
    MonoTime ended{};
  };
  const std::vector<Deed>& deeds() const { return deeds_; }
  void RememberDeed(Deed deed) { deeds_.push_back(std::move(deed)); }
  // Does something to an incident as a person would.
  void Act(uint64_t id, const std::string& kind, incident::Act act);
  // Gives an incident to somebody.
  void Give(uint64_t id, const std::string& to, const std::string& by);
  // While there are faults these people give incidents to one another, and take them. On dice of
  // their own: histories in which nobody does stay the same.
  void LetThemGive(uint64_t seed, std::vector<std::string> people);
  // Calls a policy, person, schedule or team for an incident; `ends_ack`: though somebody has it.
  void Call(uint64_t id, const std::string& to, bool ends_ack);
  // While there are faults somebody calls these for incidents. On dice of their own, too.
  void LetThemCall(uint64_t seed, std::vector<std::string> whom);
  // When a request to a receiver about a group got no answer: it may have been heard.
  using Doubts = std::map<std::pair<std::string, std::string>, std::vector<MonoTime>>;
  const Doubts& doubts() const { return doubts_; }
  // When core saw an alert begin or end, by name: what fires after that is news.
  using Times = std::map<std::string, std::vector<MonoTime>>;
  const Times& begins() const { return begins_; }
  const Times& ends() const { return ends_; }
  // Lives that began with writes lost by the one before: they tell everything once more.
  const std::set<int>& doubtful_lives() const { return doubtful_lives_; }
  // Whether a silence or the calendar muted that alert at some time between the two.
  bool WasMuted(const std::string& name, MonoTime from, MonoTime to) const;
  bool is_strict() const { return config_->delivery == config::Delivery::kStrict; }
  const config::Config& config() const { return *config_; }
  // The policies to which groups go by themselves.
  std::set<std::string> OwnPolicies() const;
  const std::vector<std::string>& violations() const { return violations_; }
  void Violation(const std::string& what);

  // What the vendor's own side of the world (desk.h) sees and does. An action runs later, in this
  // life only if it is of the process; `then` hears what became of a command, unless we die first.
  std::function<void(const core::Attempt&)> on_taken;
  std::function<void()> on_boot;
  std::function<void()> on_reload;
  void Later(Duration delay, std::function<void()> action) { After(delay, std::move(action)); }
  void LaterInThisLife(Duration delay, std::function<void()> action) {
    After(delay, InThisLife(std::move(action)));
  }
  void Ask(core::IncidentCommand command, std::function<void(const Status&)> then);
  void NoteHandEnds(uint64_t id, const std::string& entity_id);
  // Whether the alert is one of that group, whose key ends with its service or its name.
  bool IsOf(const std::string& name, const std::string& group_key) const;
  // Whether the message tells of the group, be it under the key of another of the same incident.
  bool SpeaksOf(const fakes::Accepted& message, const std::string& group_key) const;
  void Trace(const std::string& text) const;
  bool has_faults() const { return faults_; }
  Now now() const { return {mono_, wall_base_ + (mono_ - MonoTime())}; }

  // Called after every core step.
  std::function<void(World&)> on_step;
  // Prints the history as it happens: WF_SIM_TRACE=1.
  bool trace = false;

 private:
  using Action = std::function<void()>;

  void At(MonoTime when, Action action);
  void After(Duration delay, Action action) { At(mono_ + delay, std::move(action)); }
  // Runs in this life only: what a dead process started, nobody hears of.
  Action InThisLife(Action action);
  void Boot();
  void Turn(std::vector<core::Event> events);
  void Carry(core::Effect effect);
  void CarryAttempt(const core::Attempt& attempt);
  void CarryQuery(const core::RunQuery& query);
  void CarryBatch(const core::Persist& batch);
  void Drive(const std::shared_ptr<notify::Exchange>& exchange, notify::Step step,
             const core::Attempt& attempt, MonoTime started, bool unknown);
  void Remember(const core::Attempt& attempt, bool answered);
  // Which deed of automation it is; "": none.
  static std::string DeedOf(const core::Attempt& attempt);
  void SendAlerts();    // The outside Prometheus repeats itself.
  void MaybeTrouble();  // Rolls the dice for the next fault.
  void MaybeChange();   // An alert begins or ends.
  // People and vendors (acts.cc).
  void MaybeAct();
  void ActOn(const incident::Incident& incident, const std::vector<uint64_t>& open);
  void MaybeGive();
  void MaybeCall();
  void NoteReturn(uint64_t id);
  void NotePageRequest(const core::Attempt& attempt);
  fakes::Accepted MessageOf(const core::Attempt& attempt, bool answered) const;
  void MaybeSilence();
  void NoteMutes();
  void Mix(const std::string& text);

  Rng rng_;
  Rng giving_{0};
  std::vector<std::string> givers_;
  Rng calling_{0};
  std::vector<std::string> called_;
  bool faults_;
  std::shared_ptr<const config::Config> config_;
  MonoTime mono_{std::chrono::hours(1)};
  WallTime wall_base_;
  uint64_t sequence_ = 0;
  std::map<std::pair<MonoTime, uint64_t>, Action> queue_;

  std::map<std::string, Truth> truths_;
  fakes::Vendor vendor_;
  fakes::MemStore disk_;
  bool prometheus_down_ = false;
  Duration query_hangs_{};
  bool is_burning_ = false;
  bool partitioned_ = false;  // The outside Prometheus cannot reach us.
  MonoTime last_fault_{};

  std::unique_ptr<core::Core> core_;
  int life_ = 0;
  std::optional<core::Reply> reply_;
  std::map<RequestId, Promise> acts_asked_;
  std::map<RequestId, std::function<void(const Status&)>> asked_;
  std::map<RequestId, std::pair<std::string, bool>> decisions_asked_;
  std::map<std::string, bool> decisions_;
  std::vector<Deed> deeds_;
  std::vector<Promise> promises_;
  std::vector<PageRequest> page_requests_;
  std::map<uint64_t, MonoTime> returns_;
  std::map<std::string, std::vector<MonoTime>> group_returns_;
  // What something is merged into by hand just now, and the groups it had before.
  struct {
    uint64_t id = 0;
    MonoTime at;
    std::vector<std::string> groups;
  } merged_into_;
  std::vector<MonoTime> joins_;
  std::vector<MonoTime> unanswered_;
  std::map<std::string, MonoTime> hand_ends_;
  Doubts doubts_;
  Times begins_;
  Times ends_;
  std::set<int> doubtful_lives_;
  std::map<RequestId, std::string> silence_requests_;  // The alert.
  std::map<std::string, std::string> silences_;        // By alert: the id of the newest.
  std::map<std::string, std::vector<std::pair<MonoTime, MonoTime>>> muted_;
  MonoTime muted_until_{};  // As of when muted_ is known.
  uint64_t last_request_ = 0;
  uint64_t effect_hash_ = 0xcbf29ce484222325ULL;
  std::vector<std::string> violations_;
};

// The configuration all seeds run: three routes, a webhook and a VictorOps receiver, one inhibit
// rule, two rules and one SLO. Under the delivery contract a calendar mutes the pager for a while.
struct SimOptions {
  config::Delivery delivery = config::Delivery::kAlertmanager;
  bool is_rerouted = false;    // The same receivers and one more, to whom everything goes.
  bool has_fallback = false;   // "spare", narrowly limited, stands in for on-call after kPatience.
  bool is_correlated = false;  // All groups of the team become one incident.
  bool is_polled = false;      // The pager is asked for acks every 20 s.
};
inline constexpr Duration kPatience = std::chrono::minutes(3);
std::shared_ptr<const config::Config> SimConfig(const SimOptions& options);

}  // namespace watchfire::sim
