// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/rules/rules.h"

#include <algorithm>
#include <utility>

#include "pkg/base/check.h"
#include "pkg/base/strings.h"
#include "pkg/rules/evaluate.h"
#include "pkg/rules/state_record.h"

namespace watchfire::rules {
namespace {

uint64_t GroupHash(const config::RuleGroup& group) {
  return labels::LabelSet{{"file", group.file}, {"name", group.name}}.fingerprint();
}

}  // namespace

std::string GraphUrl(std::string_view external_url, std::string_view expr) {
  std::string url(external_url);
  url += "/graph?g0.expr=";
  // Go's QueryEscape: as RFC 3986, but a space is a plus.
  const std::string escaped = UrlEncode(expr);
  for (size_t i = 0; i < escaped.size(); ++i) {
    const bool space = escaped.compare(i, 3, "%20") == 0;
    url += space ? '+' : escaped[i];
    if (space) i += 2;
  }
  return url + "&g0.tab=1";
}

WallTime ValidUntil(WallTime slot, Duration interval, Duration resend_delay) {
  return slot + 4 * std::max(interval, resend_delay);
}

Engine::Engine(std::vector<config::RuleGroup> groups, EngineOptions options)
    : groups_(std::move(groups)), options_(std::move(options)) {
  for (size_t g = 0; g < groups_.size(); ++g) {
    const config::RuleGroup& group = groups_[g];
    GroupState state{Schedule(group.interval, GroupHash(group)), false, std::nullopt, {}, {}, {}};
    state.stats.name = group.file + ";" + group.name;
    state.stats.interval = group.interval;
    state.stats.rules = group.rules.size();
    for (size_t r = 0; r < group.rules.size(); ++r) {
      const config::Rule& rule = group.rules[r];
      const std::string& name = rule.alert.empty() ? rule.record : rule.alert;
      const std::string base =
          state.stats.name + ";" + name + ";" + Hex64(rule.labels.fingerprint());
      // Equal twins are legal; they are told apart by their order.
      std::string key = base;
      for (int twin = 1; !index_.emplace(key, std::pair(g, r)).second; ++twin) {
        key = base + ";" + std::to_string(twin);
      }
      state.rules.push_back({std::move(key), {}, {}});
    }
    state.evaluable =
        std::ranges::any_of(group.rules, [](const auto& rule) { return !rule.alert.empty(); });
    states_.push_back(std::move(state));
  }
}

std::optional<WallTime> Engine::next_slot() const {
  std::optional<WallTime> next;
  for (const GroupState& state : states_) {
    if (!state.evaluable || state.asked) continue;
    if (!next || state.schedule.next() < *next) next = state.schedule.next();
  }
  return next;
}

std::optional<Query> Engine::NextQuery(size_t group, size_t rule, WallTime slot) const {
  const std::vector<config::Rule>& rules = groups_[group].rules;
  while (rule < rules.size() && rules[rule].alert.empty()) ++rule;
  if (rule == rules.size()) return std::nullopt;
  return Query{group, rule, rules[rule].expr, slot, slot - groups_[group].query_offset};
}

std::vector<Query> Engine::Due(WallTime now) {
  std::vector<Query> queries;
  for (size_t g = 0; g < states_.size(); ++g) {
    GroupState& state = states_[g];
    if (!state.evaluable || state.asked) continue;
    const std::optional<Schedule::Turn> turn = state.schedule.Take(now);
    if (!turn) continue;
    state.stats.iterations += turn->missed + 1;
    state.stats.missed += turn->missed;
    state.stats.last_evaluation = now;
    state.took = {};
    state.asked = NextQuery(g, 0, turn->slot);
    queries.push_back(*state.asked);
  }
  return queries;
}

alert::Alert Engine::ToAlert(const Query& query, const Instance& instance, WallTime now) const {
  const config::RuleGroup& group = groups_[query.group];
  alert::Alert alert;
  labels::LabelSet::Pairs absent;
  for (const labels::Label& label : options_.external_labels) {
    if (!instance.labels.Has(label.name)) absent.emplace_back(label.name, label.value);
  }
  alert.labels = absent.empty() ? instance.labels : instance.labels.With(absent);
  alert.annotations = instance.annotations;
  alert.starts_at = instance.fired_at;
  alert.ends_at = instance.state == State::kInactive
                      ? instance.resolved_at
                      : ValidUntil(query.slot, group.interval, options_.resend_delay);
  alert.updated_at = now;
  alert.active_at = instance.active_at;
  alert.generator_url = GraphUrl(options_.external_url, query.expr);
  return alert;
}

Engine::Outcome Engine::OnResult(const Query& query, const Result<promql::Vector>& result,
                                 WallTime now, Duration took) {
  Outcome outcome;
  if (query.group >= states_.size()) return outcome;
  GroupState& state = states_[query.group];
  if (!state.asked || *state.asked != query) return outcome;

  const config::RuleGroup& group = groups_[query.group];
  RuleState& rule = state.rules[query.rule];
  const bool had_instances = !rule.active.empty();
  const Result<bool> advanced =
      result ? Advance(group.rules[query.rule], group.limit, *result, query.slot, &rule.active)
             : Fail(result.error());
  bool changed = advanced ? *advanced : had_instances && rule.active.empty();
  // After an error too: the state is held, so the alert table must not let it expire.
  for (const Instance* due : TakeDue(options_.resend_delay, query.slot, &rule.active)) {
    outcome.send.push_back(ToAlert(query, *due, now));
    changed = true;
  }
  if (changed) {
    std::optional<std::string> value;
    if (!rule.active.empty()) value = EncodeInstances(rule.active);
    outcome.records.push_back({Table::kRule, rule.key, std::move(value)});
  }

  rule.status.health = advanced ? Health::kOk : Health::kError;
  rule.status.last_error = advanced ? "" : advanced.error().message;
  rule.status.last_evaluation = now - took;
  rule.status.evaluation_time = took;
  state.took += took;
  ++state.stats.evaluations;
  if (!advanced) ++state.stats.failures;
  outcome.next = state.asked = NextQuery(query.group, query.rule + 1, query.slot);
  if (!state.asked) state.stats.last_duration = state.took;
  return outcome;
}

std::vector<Record> Engine::AdoptState(const Engine& old) {
  std::vector<Record> deletions;
  for (const auto& [key, place] : old.index_) {
    const RuleState& from = old.states_[place.first].rules[place.second];
    const auto found = index_.find(key);
    if (found != index_.end()) {
      RuleState& to = states_[found->second.first].rules[found->second.second];
      to.status = from.status;
      to.active = from.active;
    } else if (!from.active.empty()) {
      deletions.push_back({Table::kRule, key, std::nullopt});
    }
  }
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
    if (!from->asked) continue;
    to.schedule.Reopen();
    --to.stats.iterations;
  }
  return deletions;
}

Status Engine::Restore(const Record& record) {
  const auto found = index_.find(record.key);
  if (found == index_.end() || !record.value) return {};
  Result<Instances> instances = DecodeInstances(*record.value);
  if (!instances) return Fail(std::move(instances.error()));
  states_[found->second.first].rules[found->second.second].active = *std::move(instances);
  return {};
}

std::vector<const Instance*> Engine::instances(size_t group, size_t rule) const {
  WF_CHECK(group < states_.size() && rule < states_[group].rules.size());
  std::vector<const Instance*> out;
  for (const auto& [key, instance] : states_[group].rules[rule].active) {
    if (instance.state != State::kInactive) out.push_back(&instance);
  }
  return out;
}

const RuleStatus& Engine::status(size_t group, size_t rule) const {
  WF_CHECK(group < states_.size() && rule < states_[group].rules.size());
  return states_[group].rules[rule].status;
}

std::vector<GroupStats> Engine::stats() const {
  std::vector<GroupStats> out;
  for (const GroupState& state : states_) out.push_back(state.stats);
  return out;
}

}  // namespace watchfire::rules
