// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// SLOs of little traffic, whose alerts need a least number of events: these are asked for, or
// counted, and the error ratio follows from them.

#include <utility>

#include "pkg/slo/increments.h"
#include "pkg/slo/slo.h"

namespace watchfire::slo {

std::string EventsExpr(const Increments& increments, Duration step) {
  const auto marked = [](const std::string& expr, const char* side) {
    return "label_replace(" + expr + ", \"" + kSideLabel + "\", \"" + side + "\", \"\", \"\")";
  };
  return marked(increments.Bad(step), "bad") + " or " + marked(increments.Total(step), "total");
}

void Engine::PrepareLeast(size_t slo) {
  SloState& state = states_[slo];
  IncrementOptions options = options_.books.increments;
  options.growth = GrowthQuery::kIncrease;  // What the error ratio would be made of.
  Result<std::vector<Increments::Part>> parts = Increments::Parts(slos_[slo], options);
  if (!parts) {
    state.status.least_error = parts.error().message;
  } else if (parts->size() != 1 || parts->front().of_composite) {
    state.status.least_error = "a composite has no events of its own";
  } else {
    state.events_of = std::move(parts->front().increments);
  }
}

Result<Engine::Answer> Engine::ToAnswer(const SloState& state, WallTime slot,
                                        promql::Vector vector) const {
  if (!state.events_of) return Answer{slot, std::move(vector), {}};
  promql::Vector bad;
  promql::Vector total;
  for (promql::Sample& sample : vector) {
    const bool is_bad = sample.labels.Get(kSideLabel) == "bad";
    sample.labels = sample.labels.With({{kSideLabel, ""}});
    (is_bad ? bad : total).push_back(std::move(sample));
  }
  const Result<std::vector<Counted>> counted = Join(bad, total);
  if (!counted) return Fail(counted.error());
  Answer answer{slot, {}, {}};
  for (const Counted& one : *counted) {
    if (one.events.total <= 0) continue;
    answer.vector.push_back({one.labels, slot, one.events.bad / one.events.total});
    answer.events.emplace(one.labels.ToString(), one.events);
  }
  return answer;
}

std::map<std::string, Events> Engine::CountedEvents(size_t slo, Duration window) const {
  std::map<std::string, Events> events;
  if (!states_[slo].events_of) return events;
  for (const Books::Row& row : books_.Count(slo, {window})) {
    events.emplace(row.labels.ToString(), row.windows.at(window));
  }
  return events;
}

}  // namespace watchfire::slo
