// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/heartbeat/heartbeat.h"

#include <algorithm>
#include <utility>

namespace watchfire::heartbeat {
namespace {

constexpr std::string_view kKeyPrefix = "heartbeat/";
// What a stored value starts with.
constexpr std::string_view kMissing = "missing since ";
constexpr std::string_view kWaited = "waited ";

std::string KeyOf(const std::string& name) { return std::string(kKeyPrefix) + name; }

labels::LabelSet::Pairs PairsOf(const labels::LabelSet& set) {
  labels::LabelSet::Pairs pairs;
  for (const labels::Label& label : set) pairs.emplace_back(label.name, label.value);
  return pairs;
}

// `over` wins.
labels::LabelSet Over(const labels::LabelSet& under, const labels::LabelSet& over) {
  return under.With(PairsOf(over));
}

}  // namespace

Watch::Watch(std::vector<config::Heartbeat> heartbeats, Terms terms) : terms_(std::move(terms)) {
  for (config::Heartbeat& heartbeat : heartbeats) {
    watches_alerts_ |= !heartbeat.matchers.empty();
    states_.emplace_back().config = std::move(heartbeat);
  }
}

void Watch::Adopt(const Watch& old) {
  last_ = old.last_;
  is_urgent_ = old.is_urgent_;
  deletions_ = old.deletions_;
  for (const State& from : old.states_) {
    State* to = Find(from.config.name);
    if (to == nullptr) {
      deletions_.push_back({Table::kMeta, KeyOf(from.config.name), std::nullopt});
      continue;
    }
    config::Heartbeat config = std::move(to->config);
    *to = from;
    to->config = std::move(config);
    if (!to->is_missing() && to->patience() < from.patience()) to->waited = Duration::zero();
  }
}

Status Watch::Restore(const Record& record) {
  if (!record.key.starts_with(kKeyPrefix) || !record.value) return {};
  const std::string_view value = *record.value;
  State* state = Find(std::string_view(record.key).substr(kKeyPrefix.size()));
  if (state == nullptr) {
    deletions_.push_back({record.table, record.key, std::nullopt});
    return {};
  }
  if (value.starts_with(kMissing)) {
    const Result<WallTime> since = ParseTime(value.substr(kMissing.size()));
    if (!since) return Fail(Code::kCorrupt, "heartbeat: " + since.error().message);
    state->missing_since = *since;
    return {};
  }
  if (!value.starts_with(kWaited)) return Fail(Code::kCorrupt, "heartbeat: unknown state");
  const Result<Duration> waited = ParseDuration(value.substr(kWaited.size()));
  if (!waited) return Fail(Code::kCorrupt, "heartbeat: " + waited.error().message);
  // It may just have pinged in vain: the grace is left to it.
  state->waited = state->stored = std::min(*waited, state->config.every);
  return {};
}

std::optional<Record> Watch::Ping(std::string_view name, Now now) {
  State* state = Find(name);
  if (state == nullptr || !state->config.datasource.empty()) return std::nullopt;
  Hear(state, now);
  state->stored = Duration::zero();
  return Record{Table::kMeta, KeyOf(state->config.name), std::nullopt};
}

void Watch::Saw(const labels::LabelSet& labels, Now now) {
  for (State& state : states_) {
    const matcher::Matchers& matchers = state.config.matchers;
    const bool is_ping =
        !matchers.empty() && std::ranges::all_of(matchers, [&](const matcher::Matcher& matcher) {
          return matcher.Matches(labels);
        });
    if (is_ping) Hear(&state, now);
  }
}

void Watch::Answered(std::string_view datasource, Now now) {
  for (State& state : states_) {
    if (state.config.datasource == datasource && !datasource.empty()) Hear(&state, now);
  }
}

void Watch::Hear(State* state, Now now) {
  state->waited = Duration::zero();
  state->seen = now.wall;
  if (!state->is_missing()) return;
  state->over_at = now.wall;
  is_urgent_ = true;
}

Watch::Outcome Watch::Advance(Now now) {
  Outcome outcome;
  outcome.records = std::exchange(deletions_, {});
  const Duration passed = last_ ? now.mono - *last_ : Duration::zero();
  last_ = now.mono;
  is_urgent_ = false;
  // Who did not run could not hear; what was said meanwhile may wait to be read.
  for (State& state : states_) Step(&state, passed > kStall ? Duration() : passed, now, &outcome);
  return outcome;
}

void Watch::Step(State* state, Duration passed, Now now, Outcome* outcome) const {
  if (state->over_at != kNoTime) {
    outcome->send.push_back(ToAlert(*state, state->over_at));
    state->missing_since = state->over_at = kNoTime;
    state->stored = Duration::zero();
    outcome->records.push_back({Table::kMeta, KeyOf(state->config.name), std::nullopt});
    return;
  }
  if (!state->is_missing()) {
    state->waited += passed;
    if (state->waited < state->patience()) return Keep(state, outcome);
    state->missing_since = now.wall;
    state->send_at = now.mono;
    outcome->records.push_back(
        {Table::kMeta, KeyOf(state->config.name),
         std::string(kMissing) + FormatRfc3339(state->missing_since, 9, true)});
  }
  // The alert table goes by the wall clock, which may jump.
  if (state->send_at > now.mono && state->valid_until > now.wall + kResend) return;
  state->send_at = now.mono + kResend;
  state->valid_until = now.wall + kValid;
  outcome->send.push_back(ToAlert(*state, state->valid_until));
}

void Watch::Keep(State* state, Outcome* outcome) const {
  const Duration step = std::max(kStoreAfter, state->patience() / 20);
  // A ping that has come since makes it less.
  const bool is_old = state->waited >= state->stored + step || state->waited < state->stored;
  if (!is_old) return;
  state->stored = state->waited >= step ? state->waited : Duration::zero();
  Record record{Table::kMeta, KeyOf(state->config.name), std::nullopt};
  if (state->stored != Duration::zero()) {
    const auto waited = std::chrono::floor<std::chrono::milliseconds>(state->stored);
    record.value = std::string(kWaited) + FormatDuration(waited);
  }
  outcome->records.push_back(std::move(record));
}

std::optional<MonoTime> Watch::next_due() const {
  if (states_.empty() && deletions_.empty()) return std::nullopt;
  if (!last_ || is_urgent_ || !deletions_.empty()) return MonoTime();
  MonoTime next = *last_ + kTick;
  for (const State& state : states_) {
    const Duration left = state.patience() - state.waited;
    next = std::min(next, state.is_missing() ? state.send_at : *last_ + left);
  }
  return next;
}

std::vector<Row> Watch::rows() const {
  std::vector<Row> rows;
  for (const State& state : states_) {
    rows.push_back({state.config.name, state.config.every, state.config.grace, state.seen,
                    state.missing_since});
  }
  return rows;
}

Watch::State* Watch::Find(std::string_view name) {
  const auto found = std::ranges::find_if(
      states_, [name](const State& state) { return state.config.name == name; });
  return found == states_.end() ? nullptr : &*found;
}

alert::Alert Watch::ToAlert(const State& state, WallTime ends_at) const {
  const config::Heartbeat& config = state.config;
  alert::Alert alert;
  const labels::LabelSet labels =
      Over(Over(terms_.external_labels, {{"severity", "critical"}}), config.labels);
  if (config.datasource.empty()) {
    const std::string expected = "It is expected every " + FormatDuration(config.every) +
                                 " and may be " + FormatDuration(config.grace) +
                                 " late. Whatever sends it, or the way to us, is down.";
    alert.labels = labels.With({{"alertname", kAlertName}, {"heartbeat", config.name}});
    alert.annotations =
        Over({{"summary", "Heartbeat " + config.name + " is missing"}, {"description", expected}},
             config.annotations);
  } else {
    alert.labels =
        labels.With({{"alertname", kDatasourceAlertName}, {"datasource", config.datasource}});
    alert.annotations = {
        {"summary", "Watchfire gets no answers from " + config.datasource},
        {"description", "No query of our rules and SLOs has been answered for " +
                            FormatDuration(state.patience()) +
                            ". What fires goes on firing, and nothing new can fire until " +
                            config.datasource + " answers again."}};
  }
  alert.starts_at = alert.active_at = state.missing_since;
  alert.ends_at = ends_at;
  alert.generator_url = terms_.external_url;
  return alert;
}

}  // namespace watchfire::heartbeat
