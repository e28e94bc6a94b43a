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
#include "pkg/slo/burn.h"
#include "pkg/slo/period.h"

namespace watchfire::slo {
namespace {

uint64_t IdHash(const config::Slo& slo) { return labels::LabelSet{{"slo", slo.id}}.fingerprint(); }

bool SameQueries(const config::Slo& a, const config::Slo& b) {
  return a.error_query == b.error_query && a.total_query == b.total_query &&
         a.error_ratio_query == b.error_ratio_query && a.calendar == b.calendar;
}

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

bool AnyFiring(const std::map<std::string, BurnAlert>& alerts, std::string_view severity) {
  return std::ranges::any_of(alerts, [severity](const auto& entry) {
    const BurnAlert& burn = entry.second;
    return !burn.resolved && !burn.pending && burn.severity == severity;
  });
}

void UpdateFiring(const std::map<std::string, BurnAlert>& alerts, SloStatus* status) {
  status->page_firing = AnyFiring(alerts, "page");
  status->ticket_firing = AnyFiring(alerts, "ticket");
}

}  // namespace

Engine::Engine(std::vector<config::Slo> slos, EngineOptions options)
    : slos_(std::move(slos)), options_(std::move(options)) {
  for (const config::Slo& slo : slos_) {
    SloState state{rules::Schedule(options_.interval, options_.spread ? IdHash(slo) : 0),
                   Windows(slo),
                   {},
                   {},
                   {},
                   {},
                   {},
                   {},
                   WallTime::max()};
    states_.push_back(std::move(state));
  }
}

std::optional<WallTime> Engine::next_slot() const {
  std::optional<WallTime> next;
  for (const SloState& state : states_) {
    if (!state.outstanding.empty()) continue;
    if (!next || state.schedule.next() < *next) next = state.schedule.next();
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
  const bool burning = state.status.page_firing || state.status.ticket_firing ||
                       std::ranges::any_of(state.status.readings, [&](const Reading& reading) {
                         return BurnRate(slo, reading, *state.windows.begin()).value_or(0) > 1;
                       });
  // Asked now if one slot later would be too late; at once if the wall clock was set back.
  return age < Duration::zero() || age + options_.interval > Cadence(range, burning);
}

std::vector<Query> Engine::Due(WallTime now) {
  std::vector<Query> queries;
  for (size_t i = 0; i < states_.size(); ++i) {
    SloState& state = states_[i];
    if (!state.outstanding.empty()) continue;
    const std::optional<rules::Schedule::Turn> turn = state.schedule.Take(now);
    if (!turn) continue;
    state.slot = turn->slot;
    state.error.clear();
    for (const Duration window : state.windows) {
      if (!Wanted(slos_[i], state, window, turn->slot)) continue;
      state.outstanding.insert(window);
      const Duration range = window == slos_[i].period ? PeriodSoFar(slos_[i], turn->slot) : window;
      queries.push_back({i, window, ErrorRatioExpr(slos_[i], range), turn->slot});
    }
  }
  return queries;
}

Engine::Outcome Engine::OnResult(const Query& query, Result<promql::Vector> result, WallTime now) {
  if (query.slo >= states_.size()) return {};
  SloState& state = states_[query.slo];
  if (query.slot != state.slot || state.outstanding.erase(query.window) == 0) return {};
  Result<promql::Vector> clean = Clean(std::move(result));
  if (clean) {
    state.answers.insert_or_assign(query.window, Answer{query.slot, *std::move(clean)});
  } else {
    state.answers.erase(query.window);
    if (state.error.empty()) {
      state.error = FormatDuration(query.window) + " window: " + clean.error().message;
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
    }
  }
  state.status.readings.clear();
  for (auto& [key, reading] : readings) state.status.readings.push_back(std::move(reading));
  state.status.last_error = state.error;
  state.status.last_evaluation = state.slot;
  if (!state.error.empty()) ++state.status.failures;

  Outcome outcome;
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
  UpdateFiring(state.alerts, &state.status);
  if (changed) {
    std::optional<std::string> value;
    if (!state.alerts.empty()) value = EncodeAlerts(state.alerts);
    outcome.records.push_back({Table::kSlo, slo.id, std::move(value)});
  }
  return outcome;
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
  WallTime next = WallTime::max();
  for (const SloState& state : states_) next = std::min(next, state.hold_at);
  if (next == WallTime::max()) return std::nullopt;
  return next;
}

Engine::Outcome Engine::Upkeep(WallTime now) {
  Outcome outcome;
  for (size_t i = 0; i < states_.size(); ++i) {
    if (states_[i].hold_at <= now) KeepFiring(i, now, &outcome);
  }
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
  std::set<Duration> unknown;
  for (const Duration window : state->windows) {
    if (!state->answers.contains(window)) unknown.insert(window);
  }
  bool changed = false;
  std::set<std::string> alive;  // Keys of alerts that burn or are held.
  for (const Severity& severity : Severities(slo)) {
    std::set<std::string> seen;
    for (const Reading& reading : state->status.readings) {
      const Judgement judgement = Judge(slo, severity.pairs, reading, unknown);
      const labels::LabelSet labels = AlertLabels(slo, severity, reading);
      const std::string key = labels.ToString();
      seen.insert(key);
      if (judgement.verdict == Verdict::kQuiet) continue;
      alive.insert(key);
      if (judgement.verdict == Verdict::kUnknown) continue;
      BurnAlert& burn = state->alerts[key];
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
    if (Judge(slo, severity.pairs, {}, unknown).verdict != Verdict::kUnknown) continue;
    for (const auto& [key, burn] : state->alerts) {
      if (burn.severity == severity.name && !seen.contains(key)) alive.insert(key);
    }
  }
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

std::vector<Record> Engine::AdoptState(const Engine& old) {
  std::vector<Record> deletions;
  for (size_t o = 0; o < old.slos_.size(); ++o) {
    const SloState& from = old.states_[o];
    const auto found = std::ranges::find(slos_, old.slos_[o].id, &config::Slo::id);
    if (found == slos_.end()) {
      if (!from.alerts.empty()) {
        deletions.push_back({Table::kSlo, old.slos_[o].id, std::nullopt});
      }
      continue;
    }
    SloState& to = states_[static_cast<size_t>(found - slos_.begin())];
    to.alerts = from.alerts;
    if (!to.alerts.empty()) to.hold_at = WallTime();
    if (HoldAfter() != old.HoldAfter()) {
      // How long they are valid follows from the old interval: they may not outlast the new one.
      for (auto& [key, burn] : to.alerts) {
        if (!burn.resolved) burn.last_sent_at = kNoTime;
      }
    }
    to.status = from.status;
    if (SameQueries(*found, old.slos_[o])) {
      for (const Duration window : to.windows) {
        const auto answer = from.answers.find(window);
        if (answer != from.answers.end()) to.answers.insert(*answer);
      }
    } else {
      to.status.readings.clear();
    }
    if (old.options_.interval != options_.interval) continue;
    to.schedule = from.schedule;
    if (!from.outstanding.empty()) to.schedule.Reopen();
  }
  return deletions;
}

Status Engine::Restore(const Record& record) {
  const auto found = std::ranges::find(slos_, record.key, &config::Slo::id);
  if (found == slos_.end() || !record.value) return {};
  Result<Alerts> alerts = DecodeAlerts(*record.value);
  if (!alerts) return Fail(std::move(alerts.error()));
  SloState& state = states_[static_cast<size_t>(found - slos_.begin())];
  state.alerts = *std::move(alerts);
  // The restored alert table knows nothing of until when the last sending was valid.
  for (auto& [key, burn] : state.alerts) {
    if (!burn.resolved) burn.last_sent_at = kNoTime;
  }
  state.hold_at = WallTime();
  UpdateFiring(state.alerts, &state.status);
  return {};
}

const SloStatus& Engine::status(size_t slo) const {
  WF_CHECK(slo < states_.size());
  return states_[slo].status;
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
