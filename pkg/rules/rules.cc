// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/rules/rules.h"

#include <algorithm>
#include <iterator>
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
constexpr Duration kMadeUpFor = kLookback;

size_t MostOwed(Duration interval) {
  return std::min(limits::kSlotsOwed, static_cast<size_t>(kMadeUpFor / interval) + 1);
}

bool MayQuery(const std::vector<std::pair<std::string, templates::Template>>& texts) {
  return std::ranges::any_of(texts, [](const auto& text) { return text.second.may_query(); });
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
      RuleState& added = state.rules.emplace_back();
      added.key = std::move(key);
      added.expr = rule.expr;
    }
    states_.push_back(std::move(state));
  }
  due_at_.resize(states_.size());
  for (size_t g = 0; g < states_.size(); ++g) Plan(g, kNoTime);
}

std::optional<WallTime> Engine::next_slot() const {
  const auto next = std::ranges::min_element(due_at_);
  if (next == due_at_.end() || *next == WallTime::max()) return std::nullopt;
  return *next;
}

void Engine::Plan(size_t group, WallTime now) {
  const GroupState& state = states_[group];
  WallTime& due = due_at_[group];
  due = WallTime::max();
  if (state.rules.empty() || !state.asked.empty()) return;
  due = state.schedule.next();
  // The wall clock was set back meanwhile: the schedule is to see it.
  if (now != kNoTime && due > now + state.schedule.interval()) due = now;
  if (state.retry_at != kNoTime) due = std::min(due, state.retry_at);
}

bool Engine::IsRecording(size_t group, size_t rule) const {
  return groups_[group].rules[rule].alert.empty();
}

Duration Engine::HoldAfter(size_t group) const {
  // They are valid for four, and by themselves sent again within two.
  return 3 * std::max(groups_[group].interval, options_.resend_delay);
}

std::vector<Query> Engine::Due(WallTime now) {
  std::vector<Query> queries;
  // After the wall clock was set back none of the times holds.
  const bool is_back = now < std::exchange(looked_at_, now);
  for (size_t g = 0; g < states_.size(); ++g) {
    GroupState& state = states_[g];
    if (due_at_[g] > now && !is_back) continue;
    if (state.rules.empty() || !state.asked.empty()) continue;
    if (const std::optional<Schedule::Turn> turn = state.schedule.Take(now)) {
      Begin(g, *turn, now);
    } else if (state.retry_at == kNoTime || state.retry_at > now) {
      Plan(g, now);
      continue;
    } else {
      std::ranges::sort(state.failed);  // They failed in any order.
      state.todo.assign(state.failed.begin(), state.failed.end());
      state.failed.clear();
      state.retry_at = kNoTime;
      state.write_failed = false;
    }
    for (Query& query : Ask(g, now)) queries.push_back(std::move(query));
    Plan(g, now);
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
  state.took_until = kNoTime;
  state.samples = 0;
  state.todo.clear();
  for (size_t r = 0; r < state.rules.size(); ++r) {
    state.todo.push_back(r);
    if (!IsRecording(group, r)) continue;
    std::vector<WallTime>& owed = state.rules[r].owed;
    // After a wall clock that was set back, series take nothing older than they have.
    if (!options_.writes || (!owed.empty() && owed.back() > turn.slot)) owed.clear();
    if (owed.empty() || owed.back() != turn.slot) owed.push_back(turn.slot);
    while (owed.size() > MostOwed(state.schedule.interval())) owed.erase(owed.begin());
  }
}

// A recording rule reads what was made before it, and nobody before it what it makes: it is alone.
bool Engine::MayAsk(size_t group, size_t rule) const {
  const std::vector<Asked>& asked = states_[group].asked;
  if (asked.empty()) return true;
  return asked.size() < options_.together && !IsRecording(group, rule) &&
         !IsRecording(group, asked.front().query.rule);
}

std::vector<Query> Engine::Ask(size_t group, WallTime now) {
  GroupState& state = states_[group];
  std::vector<Query> queries;
  while (!state.todo.empty() && MayAsk(group, state.todo.front())) {
    const size_t rule = state.todo.front();
    state.todo.pop_front();
    const WallTime slot = IsRecording(group, rule) ? state.rules[rule].owed.front() : state.slot;
    queries.push_back(
        {group, rule, state.rules[rule].expr, slot, slot - groups_[group].query_offset});
    state.asked.push_back({queries.back()});
  }
  if (!state.asked.empty()) return queries;
  state.stats.last_duration = state.took;
  state.stats.last_samples = state.samples;
  if (state.failed.empty()) return {};
  const WallTime again = now + state.patience;
  if (again < state.schedule.next()) state.retry_at = again;
  state.patience = std::min<Duration>(2 * state.patience, kLongestPatience);
  return {};
}

alert::Alert Engine::ToAlert(const std::pair<size_t, size_t>& place, const Instance& instance,
                             WallTime slot, WallTime now) const {
  const config::RuleGroup& group = groups_[place.first];
  alert::Alert alert;
  labels::LabelSet::Pairs absent;
  for (const labels::Label& label : options_.external_labels) {
    if (!instance.labels.Has(label.name)) absent.emplace_back(label.name, label.value);
  }
  alert.labels = absent.empty() ? instance.labels : instance.labels.With(absent);
  alert.annotations = instance.annotations;
  alert.starts_at = instance.fired_at;
  const WallTime from = now - slot >= group.interval ? now : slot;
  alert.ends_at = instance.state == State::kInactive
                      ? instance.resolved_at
                      : ValidUntil(from, group.interval, options_.resend_delay);
  alert.updated_at = now;
  alert.active_at = instance.active_at;
  alert.generator_url = GraphUrl(options_.external_url, group.rules[place.second].query());
  return alert;
}

Engine::Outcome Engine::OnResult(const Query& query, Result<promql::Vector> result, WallTime now,
                                 Duration took) {
  if (query.group >= states_.size()) return {};
  GroupState& state = states_[query.group];
  const auto asked = std::ranges::find(state.asked, query, &Asked::query);
  if (asked == state.asked.end() || state.writing) return {};
  asked->answered_in += took;
  const config::Rule& rule = groups_[query.group].rules[query.rule];
  if (query.for_template) {
    // Labels are what an alert is: a text that is wrong for a moment would end it.
    if (!result && MayPass(result.error()) && MayQuery(rule.label_templates)) {
      return Settle(*asked, result, now);
    }
    asked->answers.insert_or_assign(std::string(query.expr.view()), std::move(result));
    result = std::move(asked->answer);
  }
  if (result) {
    if (Status fits = CheckSize(rule, result->size()); !fits) {
      result = Fail(std::move(fits.error()));
    }
  }
  if (result) {
    const std::vector<std::string> wanted =
        Wanted(rule, *result, query.slot, around_, asked->answers);
    if (!wanted.empty()) {
      asked->answer = *std::move(result);
      asked->query = Query{query.group, query.rule, wanted.front(), query.slot, query.slot, true};
      Outcome outcome;
      outcome.next = asked->query;
      return outcome;
    }
  }
  return Settle(*asked, result, now);
}

Engine::Outcome Engine::Settle(const Asked& asked, const Result<promql::Vector>& result,
                               WallTime now) {
  const Query query = asked.query;  // The other goes with Leave().
  GroupState& state = states_[query.group];
  Status status;
  Outcome outcome;
  if (IsRecording(query.group, query.rule)) {
    outcome.write = SettleRecording(query, result, &status);
  } else {
    outcome = SettleAlerting(asked, result, now, &status);
  }
  const size_t samples = result ? result->size() : 0;
  Note(asked, status, samples, now);
  // Those that were asked together took the same time.
  const WallTime since = std::max(now - asked.answered_in, state.took_until);
  if (since < now) state.took += now - since;
  state.took_until = std::max(state.took_until, now);
  state.samples += samples;
  if (outcome.write.is_awaited) {
    state.writing = true;
    return outcome;
  }
  outcome.health = NoteHealth(query, status ? "" : status.error().message);
  Leave(query, status);
  GoOn(query.group, now, &outcome);
  return outcome;
}

void Engine::GoOn(size_t group, WallTime now, Outcome* outcome) {
  std::vector<Query> queries = Ask(group, now);
  if (!queries.empty()) {
    outcome->next = std::move(queries.front());
    outcome->more.assign(std::make_move_iterator(queries.begin() + 1),
                         std::make_move_iterator(queries.end()));
  }
  if (!states_[group].asked.empty()) return;
  Plan(group, now);
  outcome->write = std::exchange(states_[group].alert_series, {});
  outcome->write.group = group;
}

Engine::Outcome Engine::SettleAlerting(const Asked& asked, const Result<promql::Vector>& result,
                                       WallTime now, Status* status) {
  Outcome outcome;
  const Query& query = asked.query;
  const config::RuleGroup& group = groups_[query.group];
  const config::Rule& definition = group.rules[query.rule];
  RuleState& rule = states_[query.group].rules[query.rule];
  const bool had_instances = !rule.active.empty();
  const Result<bool> advanced = result ? Advance(definition, group.limit, *result, query.slot,
                                                 &rule.active, around_, asked.answers, &rule.texts)
                                       : Fail(result.error());
  if (!advanced) *status = Fail(advanced.error());
  bool changed = advanced ? *advanced : had_instances && rule.active.empty();
  // After an error too: the state is held, so the alert table must not let it expire.
  // And before the slot, because it may be asked again, and what ends then is to be told at once.
  const WallTime sent_at = result ? query.slot : query.slot - Duration(1);
  GroupState& state = states_[query.group];
  for (const Instance* due : TakeDue(options_.resend_delay, sent_at, &rule.active)) {
    outcome.send.push_back(ToAlert({query.group, query.rule}, *due, query.slot, now));
    state.hold_at = std::min(state.hold_at, sent_at + HoldAfter(query.group));
    changed = true;
  }
  if (changed) {
    std::optional<std::string> value;
    if (!rule.active.empty()) value = EncodeInstances(rule.active);
    outcome.records.push_back({Table::kRule, rule.key, std::move(value)});
  }
  // Nothing is written after an error that may pass: what was active is not known to have ended.
  if (options_.writes && (advanced || !MayPass(advanced.error()))) {
    Write& write = state.alert_series;
    write.at = query.slot - group.query_offset;
    write.rules.push_back(query.rule);
    promql::Vector series =
        rule.trail.Follow(AlertSeries(definition, rule.active, write.at), write.at);
    write.samples.insert(write.samples.end(), std::make_move_iterator(series.begin()),
                         std::make_move_iterator(series.end()));
  }
  return outcome;
}

Write Engine::SettleRecording(const Query& query, const Result<promql::Vector>& result,
                              Status* status) {
  const config::RuleGroup& group = groups_[query.group];
  Result<promql::Vector> recorded =
      result ? Recorded(group.rules[query.rule], group.limit, *result, query.at)
             : Fail(result.error());
  if (!recorded) *status = Fail(recorded.error());
  if (recorded && recorded->size() < result->size()) {
    *status = InvalidArgument("histograms with a count below 0 are not stored: " +
                              std::to_string(result->size() - recorded->size()));
  }
  if (!recorded || !options_.writes) return {};
  Trail& trail = states_[query.group].rules[query.rule].trail;
  Write write{
      query.group, {query.rule}, query.at, trail.Follow(*std::move(recorded), query.at), false};
  write.is_awaited = !write.samples.empty();
  return write;
}

Engine::Outcome Engine::OnWritten(const Write& write, const Status& status, WallTime now) {
  if (write.group == Write::kGone) {
    OnGoneWritten(write, status, now);
    return {};
  }
  if (write.group >= states_.size()) return {};
  GroupState& state = states_[write.group];
  for (const size_t rule : write.rules) {
    if (status) state.rules[rule].trail.Written(write.at);
  }
  if (!write.is_awaited || !state.writing || state.asked.empty()) return {};
  const Query query = state.asked.front().query;
  if (query.at != write.at || query.rule != write.rules.front()) return {};
  state.writing = false;
  if (!status) {
    RuleStatus& rule = state.rules[query.rule].status;
    rule.health = Health::kError;
    rule.last_error = "writing the result: " + status.error().message;
    state.rules[query.rule].newest().error = rule.last_error;
    ++state.stats.failures;
    state.write_failed |= MayPass(status.error());
  }
  Outcome outcome;
  outcome.health = NoteHealth(query, state.rules[query.rule].status.last_error);
  Leave(query, status);
  GoOn(query.group, now, &outcome);
  return outcome;
}

// Writes down how an attempt went.
void Engine::Note(const Asked& asked, const Status& status, size_t samples, WallTime now) {
  const Query& query = asked.query;
  GroupState& state = states_[query.group];
  RuleState& rule = state.rules[query.rule];
  const Duration took = asked.answered_in;
  rule.status.health = status ? Health::kOk : Health::kError;
  rule.status.last_error = status ? "" : status.error().message;
  rule.status.last_evaluation = now - took;
  rule.status.evaluation_time = took;
  ++state.stats.evaluations;
  if (!status) ++state.stats.failures;
  Evaluation done{now - took, query.slot - groups_[query.group].query_offset, took, samples,
                  rule.status.last_error};
  if (rule.history.size() < limits::kEvaluationsKept) {
    rule.history.push_back(std::move(done));
    return;
  }
  rule.history[rule.oldest] = std::move(done);
  rule.oldest = (rule.oldest + 1) % rule.history.size();
}

std::optional<HealthChange> Engine::NoteHealth(const Query& query, const std::string& error) {
  bool& is_failing = states_[query.group].rules[query.rule].is_failing;
  if (is_failing == !error.empty()) return std::nullopt;
  is_failing = !error.empty();
  return HealthChange{query.group, query.rule, error,
                      query.slot - groups_[query.group].query_offset};
}

// Takes the rule of `query` out of the pass, unless there are slots left to make up for.
void Engine::Leave(const Query& query, const Status& status) {
  GroupState& state = states_[query.group];
  const auto answered = std::ranges::find(state.asked, query, &Asked::query);
  if (answered != state.asked.end()) {
    if (answered != state.asked.end() - 1) *answered = std::move(state.asked.back());
    state.asked.pop_back();
  }
  std::vector<WallTime>& owed = state.rules[query.rule].owed;
  const bool again = !status && MayPass(status.error());
  if (!again && !owed.empty()) owed.erase(owed.begin());
  if (!again && !owed.empty()) state.todo.push_front(query.rule);
  if (again) state.failed.push_back(query.rule);
  // One time-out of a place that takes no samples is enough: the alerts of this group wait for it.
  while (state.write_failed && !state.todo.empty() &&
         IsRecording(query.group, state.todo.front())) {
    state.failed.push_back(state.todo.front());
    state.todo.pop_front();
  }
}

std::vector<const Instance*> Engine::instances(size_t group, size_t rule) const {
  WF_CHECK(group < states_.size() && rule < states_[group].rules.size());
  std::vector<const Instance*> out;
  for (const auto& [key, instance] : states_[group].rules[rule].active) {
    if (instance.state != State::kInactive) out.push_back(&instance);
  }
  return out;
}

History Engine::history(size_t group, size_t rule) const {
  WF_CHECK(group < states_.size() && rule < states_[group].rules.size());
  const RuleState& state = states_[group].rules[rule];
  History out = state.history;
  std::rotate(out.begin(), out.begin() + static_cast<ptrdiff_t>(state.oldest), out.end());
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
