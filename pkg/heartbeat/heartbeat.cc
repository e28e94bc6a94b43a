// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/heartbeat/heartbeat.h"

#include <algorithm>
#include <utility>

namespace watchfire::heartbeat {
namespace {

constexpr std::string_view kKeyPrefix = "heartbeat/";

std::string KeyOf(const std::string& name) { return std::string(kKeyPrefix) + name; }

labels::LabelSet::Pairs PairsOf(const labels::LabelSet& set) {
  labels::LabelSet::Pairs pairs;
  for (const labels::Label& label : set) pairs.emplace_back(label.name, label.value);
  return pairs;
}

void Heard(Now now, std::optional<MonoTime>* since, WallTime* seen) {
  *since = now.mono;
  *seen = now.wall;
}

}  // namespace

Watch::Watch(std::vector<config::Heartbeat> heartbeats, std::string external_url)
    : external_url_(std::move(external_url)) {
  for (config::Heartbeat& heartbeat : heartbeats) {
    watches_alerts_ |= !heartbeat.matchers.empty();
    states_.emplace_back().config = std::move(heartbeat);
  }
}

MonoTime Watch::State::due() const {
  if (!since || is_back) return MonoTime();
  return is_missing() ? send_at : *since + config.every + config.grace;
}

std::vector<Record> Watch::Adopt(const Watch& old) {
  std::vector<Record> deletions;
  for (const State& from : old.states_) {
    State* to = Find(from.config.name);
    if (to == nullptr) {
      if (from.is_missing()) {
        deletions.push_back({Table::kMeta, KeyOf(from.config.name), std::nullopt});
      }
      continue;
    }
    const config::Heartbeat config = std::move(to->config);
    *to = from;
    to->config = config;
  }
  return deletions;
}

Status Watch::Restore(const Record& record) {
  if (!record.key.starts_with(kKeyPrefix) || !record.value) return {};
  State* state = Find(std::string_view(record.key).substr(kKeyPrefix.size()));
  if (state == nullptr) return {};
  const Result<WallTime> since = ParseTime(*record.value);
  if (!since) return Fail(Code::kCorrupt, "heartbeat: " + since.error().message);
  state->missing_since = *since;
  return {};
}

bool Watch::Ping(std::string_view name, Now now) {
  State* state = Find(name);
  if (state == nullptr) return false;
  Heard(now, &state->since, &state->seen);
  state->is_back = state->is_missing();
  return true;
}

void Watch::Saw(const labels::LabelSet& labels, Now now) {
  for (State& state : states_) {
    const matcher::Matchers& matchers = state.config.matchers;
    if (matchers.empty()) continue;
    const bool is_ping = std::ranges::all_of(
        matchers, [&](const matcher::Matcher& matcher) { return matcher.Matches(labels); });
    if (!is_ping) continue;
    Heard(now, &state.since, &state.seen);
    state.is_back = state.is_missing();
  }
}

Watch::Outcome Watch::Advance(Now now) {
  Outcome outcome;
  for (State& state : states_) Step(&state, now, &outcome);
  return outcome;
}

void Watch::Step(State* state, Now now, Outcome* outcome) const {
  if (!state->since) state->since = now.mono;
  if (state->is_back) {
    outcome->send.push_back(ToAlert(*state, now.wall));
    outcome->records.push_back({Table::kMeta, KeyOf(state->config.name), std::nullopt});
    state->missing_since = kNoTime;
    state->is_back = false;
  }
  if (state->due() > now.mono) return;
  if (!state->is_missing()) {
    if (now.mono - state->due() > kLate) {
      // Pings may wait where nobody has looked yet.
      state->since = now.mono - state->config.every;
      if (state->due() > now.mono) return;
    }
    state->missing_since = now.wall;
    outcome->records.push_back(
        {Table::kMeta, KeyOf(state->config.name), FormatRfc3339(now.wall, 9, true)});
  }
  state->send_at = now.mono + kResend;
  outcome->send.push_back(ToAlert(*state, now.wall + kValid));
}

std::optional<MonoTime> Watch::next_due() const {
  std::optional<MonoTime> next;
  for (const State& state : states_) {
    if (!next || state.due() < *next) next = state.due();
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
  alert.labels = labels::LabelSet{{"alertname", kAlertName}, {"severity", "critical"}}
                     .With(PairsOf(config.labels))
                     .With({{"heartbeat", config.name}});
  alert.annotations =
      labels::LabelSet{{"summary", "Heartbeat " + config.name + " is missing"},
                       {"description", "It is expected every " + FormatDuration(config.every) +
                                           " and may be " + FormatDuration(config.grace) +
                                           " late. Whatever sends it, or the way to us, is down."}}
          .With(PairsOf(config.annotations));
  alert.starts_at = alert.active_at = state.missing_since;
  alert.ends_at = ends_at;
  alert.generator_url = external_url_;
  return alert;
}

}  // namespace watchfire::heartbeat
