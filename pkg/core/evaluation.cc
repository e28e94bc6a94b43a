// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Asking Prometheus: rules and SLOs say what to ask and when; this bounds how many questions are
// out at once and brings the answers back.

#include "pkg/base/limits.h"
#include "pkg/core/core.h"

namespace watchfire::core {

void Core::StartQueries() {
  for (rules::Query& query : rules_->Due(now_.wall)) {
    queries_waiting_.push_back({generation_, std::move(query)});
  }
  for (slo::Query& query : slos_->Due(now_.wall)) {
    queries_waiting_.push_back({generation_, std::move(query)});
  }
  PumpQueries();
}

void Core::PumpQueries() {
  const config::Datasource& datasource = config_->datasources.front();
  const size_t most =
      std::min(limits::kInFlightQueries, static_cast<size_t>(datasource.concurrency));
  while (!queries_waiting_.empty() && queries_out_.size() < most) {
    PendingQuery pending = std::move(queries_waiting_.front());
    queries_waiting_.pop_front();
    RunQuery run{QueryId{++last_id_}, config_, &datasource, "", kNoTime};
    if (const auto* rule = std::get_if<rules::Query>(&pending.query)) {
      run.expr = rule->expr;
      run.at = rule->at;
    } else {
      const slo::Query& slo = std::get<slo::Query>(pending.query);
      run.expr = slo.expr;
      run.at = slo.slot;
    }
    queries_out_.emplace(run.id, std::move(pending));
    Emit(std::move(run));
  }
}

void Core::On(QueryDone event) {
  const auto found = queries_out_.find(event.id);
  if (found == queries_out_.end()) return;
  const PendingQuery pending = std::move(found->second);
  queries_out_.erase(found);
  const bool timeout = !event.result && event.result.error().code == Code::kTimeout;
  ++stats_.queries[{event.result ? "success" : timeout ? "timeout" : "error"}];
  stats_.query_seconds.Observe(ToSeconds(event.took));
  if (pending.generation == generation_) {
    if (const auto* rule = std::get_if<rules::Query>(&pending.query)) {
      GoOn(*rule, rules_->OnResult(*rule, event.result, now_.wall, event.took));
    } else {
      slo::Engine::Outcome outcome =
          slos_->OnResult(std::get<slo::Query>(pending.query), event.result, now_.wall);
      TakeAlerts(std::move(outcome.send), "slo");
      Store(std::move(outcome.records));
    }
  }
  if (!stopping_) PumpQueries();
}

// Carries out what came of `query`.
void Core::GoOn(const rules::Query& query, rules::Engine::Outcome outcome) {
  TakeAlerts(std::move(outcome.send), "rules");
  Store(std::move(outcome.records));
  if (outcome.next && !stopping_) {
    queries_waiting_.push_front({generation_, *std::move(outcome.next)});
  }
  if (outcome.samples.empty() || stopping_) return;
  WriteSamples write{QueryId{++last_id_}, config_, std::move(outcome.samples)};
  if (outcome.awaits_write) writes_out_.emplace(write.id, PendingQuery{generation_, query});
  Emit(std::move(write));
}

void Core::On(SamplesWritten event) {
  stats_.samples_written[{event.status ? "success" : "error"}] += event.samples;
  const auto found = writes_out_.find(event.id);
  if (found == writes_out_.end()) return;
  const PendingQuery pending = std::move(found->second);
  writes_out_.erase(found);
  if (pending.generation != generation_) return;
  const rules::Query& query = std::get<rules::Query>(pending.query);
  GoOn(query, rules_->OnWritten(query, event.status, now_.wall));
  if (!stopping_) PumpQueries();
}

// Our own alerts take the same way in as everybody's.
void Core::TakeAlerts(std::vector<alert::Alert> alerts, const char* source) {
  for (alert::Alert& alert : alerts) {
    alert.updated_at = now_.wall;
    ++stats_.alerts_received[{alert.Resolved(now_.wall) ? "resolved" : "firing"}];
    Ingest(alert, source);
  }
}

}  // namespace watchfire::core
