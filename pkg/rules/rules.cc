// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/rules/rules.h"

#include <algorithm>
#include <utility>

#include "pkg/base/check.h"
#include "pkg/base/limits.h"
#include "pkg/base/strings.h"
#include "pkg/rules/state_record.h"

namespace watchfire::rules {
namespace {

// How long a group waits before it asks again what failed.
constexpr Duration kShortestPatience = std::chrono::seconds(1);
constexpr Duration kLongestPatience = std::chrono::seconds(15);

// Further back than this nobody looks for a sample, and the alerts of the group wait meanwhile.
constexpr Duration kMadeUpFor = std::chrono::minutes(5);

size_t MostOwed(Duration interval) {
  return std::min(limits::kSlotsOwed, static_cast<size_t>(kMadeUpFor / interval) + 1);
}

bool MayQuery(const std::vector<std::pair<std::string, templates::Template>>& texts) {
  return std::ranges::any_of(texts, [](const auto& text) { return text.second.may_query(); });
}

// May the same question get another answer in a moment?
bool MayPass(const Error& error) {
  return error.code == Code::kUnavailable || error.code == Code::kTimeout;
}

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
    : groups_(std::move(groups)),
      options_(std::move(options)),
      around_{options_.external_labels, options_.external_url} {
  for (size_t g = 0; g < groups_.size(); ++g) {
    const config::RuleGroup& group = groups_[g];
    GroupState state(Schedule(group.interval, GroupHash(group)));
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
      state.rules.emplace_back().key = std::move(key);
    }
    states_.push_back(std::move(state));
  }
}

std::optional<WallTime> Engine::next_slot() const {
  std::optional<WallTime> next;
  for (const GroupState& state : states_) {
    if (state.rules.empty() || state.asked) continue;
    WallTime at = state.schedule.next();
    if (state.retry_at != kNoTime) at = std::min(at, state.retry_at);
    if (!next || at < *next) next = at;
  }
  return next;
}

bool Engine::IsRecording(size_t group, size_t rule) const {
  return groups_[group].rules[rule].alert.empty();
}

std::vector<Query> Engine::Due(WallTime now) {
  std::vector<Query> queries;
  for (size_t g = 0; g < states_.size(); ++g) {
    GroupState& state = states_[g];
    if (state.rules.empty() || state.asked) continue;
    if (const std::optional<Schedule::Turn> turn = state.schedule.Take(now)) {
      Begin(g, *turn, now);
    } else if (state.retry_at == kNoTime || state.retry_at > now) {
      continue;
    } else {
      state.todo.assign(state.failed.begin(), state.failed.end());
      state.failed.clear();
      state.retry_at = kNoTime;
      state.write_failed = false;
    }
    queries.push_back(*Ask(g, now));
  }
  return queries;
}

void Engine::Begin(size_t group, const Schedule::Turn& turn, WallTime now) {
  GroupState& state = states_[group];
  state.stats.iterations += turn.missed + 1;
  state.stats.missed += turn.missed;
  state.stats.last_evaluation = now;
  state.slot = turn.slot;
  state.failed.clear();
  state.retry_at = kNoTime;
  state.patience =
      std::clamp<Duration>(state.schedule.interval() / 10, kShortestPatience, kLongestPatience);
  state.write_failed = false;
  state.took = {};
  state.samples = 0;
  state.todo.clear();
  for (size_t r = 0; r < state.rules.size(); ++r) {
    state.todo.push_back(r);
    if (!IsRecording(group, r)) continue;
    std::deque<WallTime>& owed = state.rules[r].owed;
    // After a wall clock that was set back, series take nothing older than they have.
    if (!options_.writes || (!owed.empty() && owed.back() > turn.slot)) owed.clear();
    if (owed.empty() || owed.back() != turn.slot) owed.push_back(turn.slot);
    while (owed.size() > MostOwed(state.schedule.interval())) owed.pop_front();
  }
}

std::optional<Query> Engine::Ask(size_t group, WallTime now) {
  GroupState& state = states_[group];
  state.asked.reset();
  state.answers.clear();
  state.answered_in = {};
  if (!state.todo.empty()) {
    const size_t rule = state.todo.front();
    const WallTime slot = IsRecording(group, rule) ? state.rules[rule].owed.front() : state.slot;
    state.asked = Query{group, rule, groups_[group].rules[rule].expr, slot,
                        slot - groups_[group].query_offset};
    return state.asked;
  }
  state.stats.last_duration = state.took;
  state.stats.last_samples = state.samples;
  if (state.failed.empty()) return std::nullopt;
  const WallTime again = now + state.patience;
  if (again < state.schedule.next()) state.retry_at = again;
  state.patience = std::min<Duration>(2 * state.patience, kLongestPatience);
  return std::nullopt;
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
  if (query.group >= states_.size()) return {};
  GroupState& state = states_[query.group];
  if (!state.asked || *state.asked != query || state.writing) return {};
  state.answered_in += took;
  const config::Rule& rule = groups_[query.group].rules[query.rule];
  if (query.for_template) {
    // Labels are what an alert is: a text that is wrong for a moment would end it.
    if (!result && MayPass(result.error()) && MayQuery(rule.label_templates)) {
      return Settle(query, result, now);
    }
    state.answers.insert_or_assign(query.expr, result);
  }
  const Result<promql::Vector> answer =
      query.for_template ? Result<promql::Vector>(std::move(state.answer)) : result;
  if (answer) {
    const std::vector<std::string> wanted =
        Wanted(rule, *answer, query.slot, around_, state.answers);
    if (!wanted.empty()) {
      state.answer = *answer;
      state.asked = Query{query.group, query.rule, wanted.front(), query.slot, query.slot, true};
      Outcome outcome;
      outcome.next = state.asked;
      return outcome;
    }
  }
  return Settle(query, answer, now);
}

Engine::Outcome Engine::Settle(const Query& query, const Result<promql::Vector>& result,
                               WallTime now) {
  GroupState& state = states_[query.group];
  Status status;
  Outcome outcome;
  if (IsRecording(query.group, query.rule)) {
    outcome.samples = SettleRecording(query, result, &status);
  } else {
    outcome = SettleAlerting(query, result, now, &status);
  }
  const size_t samples = result ? result->size() : 0;
  Note(query, status, samples, now);
  state.took += state.answered_in;
  state.samples += samples;
  if (IsRecording(query.group, query.rule) && !outcome.samples.empty()) {
    outcome.awaits_write = state.writing = true;
    return outcome;
  }
  Leave(query, status);
  outcome.next = Ask(query.group, now);
  return outcome;
}

Engine::Outcome Engine::SettleAlerting(const Query& query, const Result<promql::Vector>& result,
                                       WallTime now, Status* status) {
  Outcome outcome;
  const config::RuleGroup& group = groups_[query.group];
  const config::Rule& definition = group.rules[query.rule];
  RuleState& rule = states_[query.group].rules[query.rule];
  const bool had_instances = !rule.active.empty();
  const Result<bool> advanced = result
                                    ? Advance(definition, group.limit, *result, query.slot,
                                              &rule.active, around_, states_[query.group].answers)
                                    : Fail(result.error());
  if (!advanced) *status = Fail(advanced.error());
  bool changed = advanced ? *advanced : had_instances && rule.active.empty();
  // After an error too: the state is held, so the alert table must not let it expire.
  // And before the slot, because it may be asked again, and what ends then is to be told at once.
  const WallTime sent_at = result ? query.slot : query.slot - Duration(1);
  for (const Instance* due : TakeDue(options_.resend_delay, sent_at, &rule.active)) {
    outcome.send.push_back(ToAlert(query, *due, now));
    changed = true;
  }
  if (changed) {
    std::optional<std::string> value;
    if (!rule.active.empty()) value = EncodeInstances(rule.active);
    outcome.records.push_back({Table::kRule, rule.key, std::move(value)});
  }
  // Nothing is written after an error that may pass: what was active is not known to have ended.
  if (options_.writes && (advanced || !MayPass(advanced.error()))) {
    const WallTime at = query.slot - group.query_offset;
    outcome.samples = rule.trail.Follow(AlertSeries(definition, rule.active, at), at);
  }
  return outcome;
}

promql::Vector Engine::SettleRecording(const Query& query, const Result<promql::Vector>& result,
                                       Status* status) {
  const config::RuleGroup& group = groups_[query.group];
  const Result<promql::Vector> recorded =
      result ? Recorded(group.rules[query.rule], group.limit, *result, query.at)
             : Fail(result.error());
  if (!recorded) *status = Fail(recorded.error());
  if (!recorded || !options_.writes) return {};
  return states_[query.group].rules[query.rule].trail.Follow(*recorded, query.at);
}

Engine::Outcome Engine::OnWritten(const Query& query, const Status& status, WallTime now) {
  if (query.group >= states_.size()) return {};
  GroupState& state = states_[query.group];
  if (!state.writing || !state.asked || state.asked->rule != query.rule ||
      state.asked->slot != query.slot) {
    return {};
  }
  state.writing = false;
  if (!status) {
    RuleStatus& rule = state.rules[query.rule].status;
    rule.health = Health::kError;
    rule.last_error = "writing the result: " + status.error().message;
    state.rules[query.rule].history.back().error = rule.last_error;
    ++state.stats.failures;
    state.write_failed |= MayPass(status.error());
  }
  Leave(query, status);
  Outcome outcome;
  outcome.next = Ask(query.group, now);
  return outcome;
}

// Writes down how an attempt went.
void Engine::Note(const Query& query, const Status& status, size_t samples, WallTime now) {
  GroupState& state = states_[query.group];
  RuleState& rule = state.rules[query.rule];
  const Duration took = state.answered_in;
  rule.status.health = status ? Health::kOk : Health::kError;
  rule.status.last_error = status ? "" : status.error().message;
  rule.status.last_evaluation = now - took;
  rule.status.evaluation_time = took;
  ++state.stats.evaluations;
  if (!status) ++state.stats.failures;
  rule.history.push_back({now - took, query.slot - groups_[query.group].query_offset, took, samples,
                          rule.status.last_error});
  if (rule.history.size() > limits::kEvaluationsKept) rule.history.pop_front();
}

// Takes the rule of `query` out of the pass, unless there are slots left to make up for.
void Engine::Leave(const Query& query, const Status& status) {
  GroupState& state = states_[query.group];
  std::deque<WallTime>& owed = state.rules[query.rule].owed;
  const bool again = !status && MayPass(status.error());
  if (!again && !owed.empty()) owed.pop_front();
  if (again || owed.empty()) state.todo.pop_front();
  if (again) state.failed.push_back(query.rule);
  // One time-out of a place that takes no samples is enough: the alerts of this group wait for it.
  while (state.write_failed && !state.todo.empty() &&
         IsRecording(query.group, state.todo.front())) {
    state.failed.push_back(state.todo.front());
    state.todo.pop_front();
  }
}

std::vector<Record> Engine::AdoptState(const Engine& old) {
  std::vector<Record> deletions;
  for (const auto& [key, place] : old.index_) {
    const RuleState& from = old.states_[place.first].rules[place.second];
    const auto found = index_.find(key);
    if (found != index_.end()) {
      RuleState& to = states_[found->second.first].rules[found->second.second];
      to.status = from.status;
      to.history = from.history;
      to.active = from.active;
      to.trail = from.trail;
      to.owed = from.owed;
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
    if (!from->asked && from->retry_at == kNoTime) continue;
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

const History& Engine::history(size_t group, size_t rule) const {
  WF_CHECK(group < states_.size() && rule < states_[group].rules.size());
  return states_[group].rules[rule].history;
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
