// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What outlives one evaluation: alerts that go on while no answer comes, state over reloads and
// restarts, series of rules that are gone.

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "pkg/rules/rules.h"
#include "pkg/rules/state_record.h"

namespace watchfire::rules {
namespace {

constexpr Duration kEndAgainAfter = std::chrono::seconds(15);
constexpr Duration kEvaluationTime = std::chrono::seconds(15);  // Meant generously.

const std::string& NameOf(const config::Rule& rule) {
  return rule.alert.empty() ? rule.record : rule.alert;
}

// The longest interval at which a rule of that name is evaluated.
std::map<std::string_view, Duration> Intervals(const std::vector<config::RuleGroup>& groups) {
  std::map<std::string_view, Duration> intervals;
  for (const config::RuleGroup& group : groups) {
    for (const config::Rule& rule : group.rules) {
      Duration& longest = intervals[NameOf(rule)];
      longest = std::max(longest, group.interval);
    }
  }
  return intervals;
}

}  // namespace

std::optional<WallTime> Engine::next_upkeep() const {
  WallTime next = WallTime::max();
  for (const GroupState& state : states_) next = std::min(next, state.hold_at);
  for (const Gone& gone : gone_) {
    if (gone.trail.empty() || gone.is_writing) continue;
    next = std::min(next, gone.end_at.value_or(WallTime()));
  }
  if (next == WallTime::max()) return std::nullopt;
  return next;
}

Engine::Outcome Engine::Upkeep(WallTime now) {
  Outcome outcome;
  for (size_t g = 0; g < states_.size(); ++g) {
    if (states_[g].hold_at <= now) KeepFiring(g, now, &outcome);
  }
  for (size_t i = 0; i < gone_.size(); ++i) {
    Gone& gone = gone_[i];
    if (gone.trail.empty() || gone.is_writing) continue;
    if (!gone.end_at) gone.end_at = now + gone.wait;
    // One write at a time is what an Outcome holds; the others come with the next call.
    if (*gone.end_at > now || !outcome.write.samples.empty()) continue;
    for (const GroupState& state : states_) {
      for (const RuleState& rule : state.rules) gone.trail.Leave(rule.trail);
    }
    outcome.write = {Write::kGone, {i}, now, gone.trail.Follow({}, now), false};
    gone.is_writing = !outcome.write.samples.empty();
  }
  return outcome;
}

// Sends the firing alerts of a group again that would expire soon.
void Engine::KeepFiring(size_t group, WallTime now, Outcome* outcome) {
  GroupState& state = states_[group];
  state.hold_at = WallTime::max();
  for (size_t r = 0; r < state.rules.size(); ++r) {
    RuleState& rule = state.rules[r];
    bool is_held = false;
    for (auto& [key, instance] : rule.active) {
      if (instance.state != State::kFiring) continue;
      if (instance.last_sent_at + HoldAfter(group) <= now) {
        instance.last_sent_at = now;
        outcome->send.push_back(ToAlert({group, r}, instance, now, now));
        is_held = true;
      }
      state.hold_at = std::min(state.hold_at, instance.last_sent_at + HoldAfter(group));
    }
    if (is_held) outcome->records.push_back({Table::kRule, rule.key, EncodeInstances(rule.active)});
  }
}

void Engine::OnGoneWritten(const Write& write, const Status& status, WallTime now) {
  if (write.rules.empty() || write.rules.front() >= gone_.size()) return;
  Gone& gone = gone_[write.rules.front()];
  gone.is_writing = false;
  // What is refused for good is over too.
  const bool again = !status && MayPass(status.error());
  if (!again) gone.trail.Written(write.at);
  gone.end_at = now + kEndAgainAfter;
}

// Remembers the series of a rule that is not in this engine. The next answer of a rule of the same
// name, that comes within `interval`, says which of them it has taken up.
void Engine::Bury(const Trail& trail, std::optional<Duration> interval) {
  if (trail.empty() || !options_.writes) return;
  const Duration wait = interval ? *interval + kEvaluationTime : Duration::zero();
  auto gone = std::ranges::find(gone_, wait, &Gone::wait);
  if (gone == gone_.end()) gone = gone_.insert(gone_.end(), Gone{wait, {}, std::nullopt, false});
  gone->trail.Join(trail);
}

std::vector<Record> Engine::AdoptState(const Engine& old) {
  std::vector<Record> deletions;
  const std::map<std::string_view, Duration> intervals = Intervals(groups_);
  for (const auto& [key, place] : old.index_) {
    const RuleState& from = old.states_[place.first].rules[place.second];
    const auto found = index_.find(key);
    if (found != index_.end()) {
      RuleState& to = states_[found->second.first].rules[found->second.second];
      to.status = from.status;
      to.history = from.history;
      to.oldest = from.oldest;
      to.active = from.active;
      to.trail = from.trail;
      to.owed = from.owed;
      // Another expression fails anew.
      to.is_failing = from.is_failing && to.expr == from.expr;
      if (!to.active.empty()) states_[found->second.first].hold_at = WallTime();
      if (HoldAfter(found->second.first) == old.HoldAfter(place.first)) continue;
      // How long they are valid follows from the old interval: they may not outlast the new one.
      for (auto& [labels, instance] : to.active) {
        if (instance.state == State::kFiring) instance.last_sent_at = kNoTime;
      }
      continue;
    }
    const auto twin = intervals.find(NameOf(old.groups_[place.first].rules[place.second]));
    Bury(from.trail, twin == intervals.end() ? std::nullopt : std::optional(twin->second));
    if (!from.active.empty()) deletions.push_back({Table::kRule, key, std::nullopt});
  }
  for (const Gone& gone : old.gone_) {
    if (options_.writes && !gone.trail.empty()) {
      gone_.push_back({gone.wait, gone.trail, gone.end_at, false});
    }
  }
  AdoptGroups(old);
  looked_at_ = old.looked_at_;
  for (size_t g = 0; g < states_.size(); ++g) Plan(g, looked_at_);
  return deletions;
}

void Engine::AdoptGroups(const Engine& old) {
  for (GroupState& to : states_) {
    const auto from = std::ranges::find_if(
        old.states_, [&](const GroupState& state) { return state.stats.name == to.stats.name; });
    if (from == old.states_.end()) continue;
    const GroupStats now = to.stats;
    to.stats = from->stats;
    to.stats.interval = now.interval;
    to.stats.rules = now.rules;
    if (from->stats.interval != now.interval) continue;
    to.schedule = from->schedule;
    if (from->asked.empty() && from->retry_at == kNoTime) continue;
    to.schedule.Reopen();
    --to.stats.iterations;
  }
}

Status Engine::Restore(const Record& record) {
  const auto found = index_.find(record.key);
  if (found == index_.end() || !record.value) return {};
  Result<Instances> instances = DecodeInstances(*record.value);
  if (!instances) return Fail(std::move(instances.error()));
  // The restored alert table knows nothing of until when the last sending was valid.
  for (auto& [labels, instance] : *instances) {
    if (instance.state == State::kFiring) instance.last_sent_at = kNoTime;
  }
  GroupState& state = states_[found->second.first];
  state.rules[found->second.second].active = *std::move(instances);
  state.hold_at = WallTime();
  return {};
}

}  // namespace watchfire::rules
