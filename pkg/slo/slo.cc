// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/slo/slo.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "pkg/base/check.h"
#include "pkg/base/limits.h"
#include "pkg/rules/evaluate.h"
#include "pkg/rules/rules.h"
#include "pkg/slo/alert_record.h"
#include "pkg/slo/budgets.h"
#include "pkg/slo/burn.h"
#include "pkg/slo/days.h"
#include "pkg/slo/period.h"

namespace watchfire::slo {
namespace {

uint64_t IdHash(const config::Slo& slo) { return labels::LabelSet{{"slo", slo.id}}.fingerprint(); }

// The answer without metric names. Errors: the query's own; kConflict; kExhausted.
Result<promql::Vector> Clean(Result<promql::Vector> result) {
  if (!result) return result;
  if (result->size() > limits::kAlertsPerRule) {
    return Fail(Code::kExhausted, "the result has " + std::to_string(result->size()) +
                                      " label sets, more than " +
                                      std::to_string(limits::kAlertsPerRule));
  }
  std::set<std::string> seen;
  for (promql::Sample& sample : *result) {
    if (sample.labels.Has("__name__")) sample.labels = sample.labels.With({{"__name__", ""}});
    if (!seen.insert(sample.labels.ToString()).second) {
      return Fail(Code::kConflict, "two error ratios with the same labels");
    }
  }
  return result;
}

labels::LabelSet WithAbsent(const labels::LabelSet& labels, const labels::LabelSet& external) {
  labels::LabelSet::Pairs absent;
  for (const labels::Label& label : external) {
    if (!labels.Has(label.name)) absent.emplace_back(label.name, label.value);
  }
  return absent.empty() ? labels : labels.With(absent);
}

}  // namespace

Engine::Engine(std::vector<config::Slo> slos, EngineOptions options)
    : slos_(std::move(slos)),
      options_(std::move(options)),
      counts_(options_.interval >= kCounted &&
              std::ranges::any_of(slos_,
                                  [this](const config::Slo& slo) { return IsIncremental(slo); })),
      books_(counts_ ? slos_ : std::vector<config::Slo>(), ToBooksOptions()),
      budgets_(std::make_unique<Budgets>(
          slos_, BudgetTerms{options_.interval, options_.resend_delay, options_.external_url,
                             options_.external_labels})),
      days_(options_.daily ? std::make_unique<Days>(slos_, options_.spread) : nullptr) {
  for (const config::Slo& slo : slos_) {
    SloState state(rules::Schedule(options_.interval, options_.spread ? IdHash(slo) : 0));
    state.windows = Windows(slo);
    states_.push_back(std::move(state));
    if (HasLeast(slo)) PrepareLeast(states_.size() - 1);
  }
}

Engine::Engine(Engine&& other) noexcept = default;
Engine::~Engine() = default;

std::optional<WallTime> Engine::next_slot() const {
  if (!closed_.empty()) return WallTime();
  std::optional<WallTime> next = books_.next();
  const auto consider = [&](std::optional<WallTime> at) {
    if (at && (!next || *at < *next)) next = at;
  };
  consider(books_.next_records());
  if (days_) consider(days_->next());
  for (size_t i = 0; i < states_.size(); ++i) {
    if (states_[i].outstanding.empty() && !Counts(i)) consider(states_[i].schedule.next());
  }
  return next;
}

bool Engine::Wanted(const config::Slo& slo, const SloState& state, Duration window,
                    WallTime slot) const {
  const auto answer = state.answers.find(window);
  // The shortest window is asked at every slot, so that each slot has a round.
  if (answer == state.answers.end() || window == *state.windows.begin()) return true;
  const Duration age = slot - answer->second.slot;
  const bool is_budget = window == slo.period && slo.calendar.has_value();
  const Duration range = is_budget ? PeriodSoFar(slo, slot) : window;
  if (is_budget && age > range) return true;  // The answer is of the period before.
  const bool burning = !state.status.firing.empty() ||
                       std::ranges::any_of(state.status.readings, [&](const Reading& reading) {
                         return BurnRate(slo, reading, *state.windows.begin()).value_or(0) > 1;
                       });
  // Asked now if one slot later would be too late; at once if the wall clock was set back.
  return age < Duration::zero() || age + options_.interval > Cadence(range, burning);
}

std::vector<Query> Engine::Due(WallTime now) {
  std::vector<Query> queries;
  for (Question& question : books_.Due(now)) {
    Query query{0, {}, std::move(question.expr), question.at};
    query.question = question.id;
    query.from = question.from;
    query.step = question.step;
    query.background = question.background;
    query.samples = question.samples;
    queries.push_back(std::move(query));
  }
  for (Books::Closed& each : books_.TakeClosed()) closed_.push_back(std::move(each));
  for (const Books::Closed& each : std::exchange(closed_, {})) Begin(each, now, &queries);
  for (size_t i = 0; i < states_.size(); ++i) {
    SloState& state = states_[i];
    if (!state.outstanding.empty() || Counts(i)) continue;
    const std::optional<rules::Schedule::Turn> turn = state.schedule.Take(now);
    if (!turn) continue;
    state.slot = turn->slot;
    state.error.clear();
    state.counted.clear();
    ForgetLeftOut(&state);
    for (const Duration window : state.windows) {
      if (Wanted(slos_[i], state, window, turn->slot)) Ask(i, window, &queries);
    }
  }
  AskDays(now, &queries);
  return queries;
}

void Engine::Ask(size_t slo, Duration window, std::vector<Query>* queries) {
  SloState& state = states_[slo];
  const config::Slo& which = slos_[slo];
  state.outstanding.insert(window);
  const Duration range = window == which.period ? PeriodSoFar(which, state.slot) : window;
  queries->push_back(
      {slo, window,
       state.events_of ? EventsExpr(*state.events_of, range) : ErrorRatioExpr(which, range),
       state.slot});
}

Engine::Outcome Engine::OnResult(const Query& query, Result<promql::Vector> result, WallTime now) {
  // A native histogram is no share and no number of events: its value says that nothing was bad.
  if (result) {
    std::erase_if(*result, [](const promql::Sample& each) { return each.histogram != nullptr; });
  }
  if (Days::IsDay(query.question)) {
    if (days_) days_->OnAnswer(query.question, std::move(result), now);
    return {};
  }
  if (query.question != 0) {
    for (Books::Closed& each : books_.OnAnswer(query.question, result, now)) {
      closed_.push_back(std::move(each));
    }
    return {};
  }
  if (query.slo >= states_.size()) return {};
  SloState& state = states_[query.slo];
  if (query.slot != state.slot || state.outstanding.erase(query.window) == 0) return {};
  Result<promql::Vector> clean = Clean(std::move(result));
  Result<Answer> answer =
      clean ? ToAnswer(state, query.slot, *std::move(clean)) : Fail(std::move(clean.error()));
  if (answer) {
    state.answers.insert_or_assign(query.window, *std::move(answer));
  } else {
    state.answers.erase(query.window);
    if (state.error.empty()) {
      state.error = FormatDuration(query.window) + " window: " + answer.error().message;
      state.failed_expr = query.expr;
    }
  }
  return state.outstanding.empty() ? Finish(query.slo, now) : Outcome();
}

Engine::Outcome Engine::Finish(size_t index, WallTime now) {
  const config::Slo& slo = slos_[index];
  SloState& state = states_[index];
  std::map<std::string, Reading> readings;
  for (const auto& [window, answer] : state.answers) {
    for (const promql::Sample& sample : answer.vector) {
      Reading& reading = readings[sample.labels.ToString()];
      reading.labels = sample.labels;
      // 0/0: no traffic is no data.
      if (!std::isnan(sample.value)) reading.error_ratio[window] = sample.value;
      const auto events = answer.events.find(sample.labels.ToString());
      if (events != answer.events.end()) reading.events[window] = events->second;
    }
  }
  state.status.readings.clear();
  for (auto& [key, reading] : readings) state.status.readings.push_back(std::move(reading));
  state.status.last_error = state.error;
  state.status.last_evaluation = state.slot;
  if (!state.error.empty()) ++state.status.failures;

  Outcome outcome;
  RefreshExcluded(index, now);
  bool changed = UpdateAlerts(slo, now, &state);
  for (auto& [key, burn] : state.alerts) {
    if (burn.pending) continue;
    const bool resolved_now = burn.resolved && burn.alert.ends_at > burn.last_sent_at;
    if (!resolved_now && burn.last_sent_at + options_.resend_delay >= state.slot) continue;
    burn.last_sent_at = state.slot;
    changed = true;
    outcome.send.push_back(ToSend(burn, now));
    state.hold_at = std::min(state.hold_at, state.slot + HoldAfter());
  }
  UpdateFiring(&state);
  if (changed) {
    std::optional<std::string> value;
    if (!state.alerts.empty()) value = EncodeAlerts(state.alerts);
    outcome.records.push_back({Table::kSlo, slo.id, std::move(value)});
  }
  JudgeBudget(index, now, &outcome);
  NoteHealth(index, &outcome);
  NoteRatio(index, &outcome);
  return outcome;
}

void Engine::NoteHealth(size_t index, Outcome* outcome) {
  SloState& state = states_[index];
  const std::string expr = std::exchange(state.failed_expr, {});
  if (state.is_failing == !state.error.empty()) return;
  state.is_failing = !state.error.empty();
  outcome->health.push_back({index, state.error, expr, state.slot});
}

alert::Alert Engine::ToSend(const BurnAlert& burn, WallTime now) const {
  alert::Alert alert = burn.alert;
  alert.labels = WithAbsent(burn.alert.labels, options_.external_labels);
  alert.updated_at = now;
  return alert;
}

Duration Engine::HoldAfter() const {
  // They are valid for four, and by themselves sent again within two.
  return 3 * std::max(options_.interval, options_.resend_delay);
}

std::optional<WallTime> Engine::next_upkeep() const {
  WallTime next = budgets_->next_upkeep();
  for (const SloState& state : states_) next = std::min(next, state.hold_at);
  if (next == WallTime::max()) return std::nullopt;
  return next;
}

Engine::Outcome Engine::Upkeep(WallTime now) {
  Outcome outcome;
  for (size_t i = 0; i < states_.size(); ++i) {
    if (states_[i].hold_at <= now) KeepFiring(i, now, &outcome);
  }
  Budgets::Outcome budgets;
  budgets_->Upkeep(now, &budgets);
  Append({std::move(budgets.send), {}, std::move(budgets.changes)}, &outcome);
  return outcome;
}

void Engine::KeepFiring(size_t index, WallTime now, Outcome* outcome) {
  SloState& state = states_[index];
  state.hold_at = WallTime::max();
  bool is_held = false;
  for (auto& [key, burn] : state.alerts) {
    if (burn.resolved || burn.pending) continue;
    if (burn.last_sent_at + HoldAfter() <= now) {
      burn.last_sent_at = now;
      burn.alert.ends_at = rules::ValidUntil(now, options_.interval, options_.resend_delay);
      outcome->send.push_back(ToSend(burn, now));
      is_held = true;
    }
    state.hold_at = std::min(state.hold_at, burn.last_sent_at + HoldAfter());
  }
  if (is_held) {
    outcome->records.push_back({Table::kSlo, slos_[index].id, EncodeAlerts(state.alerts)});
  }
}

bool Engine::UpdateAlerts(const config::Slo& slo, WallTime now, SloState* state) const {
  std::set<Duration> unknown = state->left_out;
  for (const Duration window : state->windows) {
    if (!state->answers.contains(window)) unknown.insert(window);
  }
  bool changed = false;
  std::set<std::string> alive;  // Keys of alerts that burn or are held.
  const auto hold = [&](const Severity& severity, const Reading& reading, BurnAlert* burn) {
    const WallTime before = burn->held_since;
    const bool is_held = IsHeld(slo, severity, reading, unknown, burn, state->slot);
    changed |= burn->held_since != before;
    return is_held;
  };
  for (const Severity& severity : Severities(slo)) {
    std::set<std::string> seen;
    for (const Reading& reading : state->status.readings) {
      const labels::LabelSet labels = AlertLabels(slo, severity, reading);
      const std::string key = labels.ToString();
      const Judgement judgement = JudgeUnlessKeptBack(*state, severity, reading, unknown, key, now);
      seen.insert(key);
      if (judgement.verdict == Verdict::kQuiet) {
        const auto burn = state->alerts.find(key);
        if (burn != state->alerts.end() && hold(severity, reading, &burn->second)) {
          alive.insert(key);
        }
        continue;
      }
      alive.insert(key);
      if (judgement.verdict == Verdict::kUnknown) continue;
      BurnAlert& burn = state->alerts[key];
      changed |= std::exchange(burn.held_since, kNoTime) != kNoTime;
      if (burn.severity.empty() || burn.resolved) {
        burn = BurnAlert{std::string(severity.name), {}, kNoTime, false, true};
        burn.alert.labels = labels;
        burn.alert.active_at = state->slot;
        changed = true;
      }
      if (burn.pending) {
        // A wall clock set back must not make anybody wait for the time it was set back by.
        burn.alert.active_at = std::min(burn.alert.active_at, state->slot);
        if (state->slot - burn.alert.active_at >= severity.alert.hold) {
          burn.pending = false;
          burn.alert.starts_at = state->slot;
          changed = true;
        }
      }
      burn.alert.annotations =
          AlertAnnotations(slo, severity, reading, judgement.pair,
                           {state->slot, options_.external_labels, options_.external_url});
      burn.alert.generator_url = rules::GraphUrl(
          options_.external_url, ErrorRatioExpr(slo, severity.pairs[judgement.pair].long_window));
    }
    // A reading can be missing because its windows failed: then what it said last holds.
    const bool is_unknown = Judge(slo, severity.pairs, {}, unknown).verdict == Verdict::kUnknown;
    for (auto& [key, burn] : state->alerts) {
      if (burn.severity != severity.name || seen.contains(key)) continue;
      if (is_unknown || hold(severity, {}, &burn)) alive.insert(key);
    }
  }
  changed |= UpdateNoData(slo, now, state, &alive);
  return EndAlerts(alive, now, state) || changed;
}

bool Engine::EndAlerts(const std::set<std::string>& alive, WallTime now, SloState* state) const {
  // What comes a whole interval late counts from now on.
  const WallTime from = now - state->slot >= options_.interval ? now : state->slot;
  const WallTime valid_until = rules::ValidUntil(from, options_.interval, options_.resend_delay);
  bool changed = false;
  for (auto it = state->alerts.begin(); it != state->alerts.end();) {
    BurnAlert& burn = it->second;
    const bool is_over =
        burn.resolved && state->slot - burn.alert.ends_at > rules::kResolvedRetention;
    if (is_over || (burn.pending && !alive.contains(it->first))) {
      it = state->alerts.erase(it);
      changed = true;
      continue;
    }
    if (!burn.resolved) {
      burn.resolved = !alive.contains(it->first);
      burn.alert.ends_at = burn.resolved ? state->slot : valid_until;
      // It may have been held beyond the slot while the answers were awaited: its end is news
      // still.
      if (burn.resolved) {
        burn.last_sent_at = std::min(burn.last_sent_at, state->slot - Duration(1));
      }
      changed |= burn.resolved;
    }
    ++it;
  }
  return changed;
}

std::optional<double> Engine::BurnRate(const config::Slo& slo, const Reading& reading,
                                       Duration window) {
  const auto found = reading.error_ratio.find(window);
  if (found == reading.error_ratio.end()) return std::nullopt;
  return found->second / BudgetRatio(slo);
}

std::optional<double> Engine::BudgetRemaining(const config::Slo& slo, const Reading& reading) {
  const std::optional<double> spent = BurnRate(slo, reading, slo.period);
  if (!spent) return std::nullopt;
  return 1 - *spent;
}

}  // namespace watchfire::slo
