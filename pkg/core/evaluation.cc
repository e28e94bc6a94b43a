// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Asking Prometheus: rules and SLOs say what to ask and when; this bounds how many questions are
// out at once and brings the answers back.

#include <algorithm>
#include <utility>

#include "pkg/base/limits.h"
#include "pkg/base/strings.h"
#include "pkg/core/core.h"
#include "pkg/core/runs.h"
#include "pkg/rules/repeat.h"

namespace watchfire::core {

// Others have their turn as well.
size_t Core::ShareOfGroup(size_t most) {
  return std::max<size_t>(2, most) - std::max<size_t>(1, most / 4);
}

// What fires by our own rules goes on though no answer comes; before anything expires.
void Core::KeepAlerts() {
  const std::optional<WallTime> due = rules_->next_upkeep();
  if (due && *due <= now_.wall) GoOn(rules_->Upkeep(now_.wall));
  GoOn(slos_->Upkeep(now_.wall));
}

// Who is not heard from any more becomes an alert as any other.
void Core::WatchHeartbeats() {
  heartbeat::Watch::Outcome outcome = heartbeats_.Advance(now_);
  TakeAlerts(std::move(outcome.send), "heartbeat");
  Store(std::move(outcome.records));
}

// Firing alerts of others, and of our rules as Prometheus answers them, can be signs of life.
void Core::HearOf(const std::vector<alert::Alert>& alerts) {
  if (!heartbeats_.watches_alerts()) return;
  for (const alert::Alert& alert : alerts) {
    if (!alert.Resolved(now_.wall)) heartbeats_.Saw(alert.labels, now_);
  }
}

void Core::On(HeartbeatPing event) {
  Reply reply{event.reply_to, {}, nullptr, {}, {}};
  const std::optional<Record> record = heartbeats_.Ping(event.name, now_);
  if (!record) {
    reply.status = Fail(Code::kNotFound, "no heartbeat \"" + event.name + "\" is configured");
    Emit(std::move(reply));
    return;
  }
  reply_waits_.emplace(outbox_.AddUrgent(*record, now_.mono), std::move(reply));
}

void Core::StartQueries() {
  for (rules::Query& query : rules_->Due(now_.wall)) {
    queries_waiting_.push_back({generation_, std::move(query)});
  }
  for (slo::Query& query : slos_->Due(now_.wall)) {
    const bool background = query.background;
    auto& waiting = background ? background_waiting_ : queries_waiting_;
    waiting.push_back({generation_, std::move(query), background});
  }
  GoOn(slos_->TakeOutcome());
  PumpQueries();
}

size_t Core::QueriesAtOnce() const {
  return std::min(limits::kInFlightQueries,
                  static_cast<size_t>(config_->datasources.front().concurrency));
}

size_t Core::QueriesMost() const {
  return QueriesAtOnce() * (answers_fast_ ? options_.queries_ahead : 1);
}

// Where answers take long what waits is kept here, for who comes later to have its turn. No answer
// is not a fast one.
void Core::NoteSpeed(const PendingQuery& pending, const QueryDone& event) {
  if (pending.background || std::holds_alternative<AutomationQuery>(pending.query)) return;
  const bool is_answered = event.result || event.result.error().code == Code::kInvalidArgument;
  const bool is_fast = is_answered && event.took <= kFastAnswer;
  if (std::exchange(answers_fast_, is_fast) == is_fast) return;
  rules_->AskTogether(ShareOfGroup(QueriesMost()));
}

void Core::PumpQueries() {
  const size_t most = QueriesMost();
  while (!queries_waiting_.empty() && queries_out_.size() < most) {
    PendingQuery pending = std::move(queries_waiting_.front());
    queries_waiting_.pop_front();
    Run(std::move(pending));
  }
  // History may take long: it never takes the room that alerts need.
  const size_t background_most = std::max<size_t>(1, QueriesAtOnce() / 4);
  while (!background_waiting_.empty() && queries_out_.size() < most &&
         background_out_ < background_most) {
    PendingQuery pending = std::move(background_waiting_.front());
    background_waiting_.pop_front();
    ++background_out_;
    Run(std::move(pending));
  }
}

void Core::Run(PendingQuery pending) {
  RunQuery run{QueryId{++last_id_}, config_, &config_->datasources.front(), "", kNoTime};
  if (const auto* rule = std::get_if<rules::Query>(&pending.query)) {
    run.expr = rule->expr;
    run.at = rule->at;
    run.is_awaited =
        rule->for_template || rules_->groups()[rule->group].rules[rule->rule].alert.empty();
  } else if (const auto* check = std::get_if<AutomationQuery>(&pending.query)) {
    run.expr = check->expr;
    run.at = now_.wall;
    run.is_awaited = true;
    const auto named =
        std::ranges::find(config_->datasources, check->datasource, &config::Datasource::name);
    if (named != config_->datasources.end()) run.datasource = &*named;
  } else {
    const slo::Query& slo = std::get<slo::Query>(pending.query);
    run.expr = slo.expr;
    run.at = slo.slot;
    run.from = slo.from;
    run.step = slo.step;
    run.samples = slo.samples;
  }
  queries_out_.emplace_back(run.id, std::move(pending));
  Emit(std::move(run));
}

void Core::On(QueryDone event) {
  const auto found =
      std::ranges::find(queries_out_, event.id, &std::pair<QueryId, PendingQuery>::first);
  if (found == queries_out_.end()) return;
  PendingQuery pending = std::move(found->second);
  if (found != queries_out_.end() - 1) *found = std::move(queries_out_.back());
  queries_out_.pop_back();
  if (pending.background) --background_out_;
  if (event.was_not_asked) {
    auto& waiting = pending.background ? background_waiting_ : queries_waiting_;
    if (pending.generation == generation_) waiting.push_front(std::move(pending));
    if (!stopping_) PumpQueries();
    return;
  }
  NoteSpeed(pending, event);
  // Who refuses a question is there to refuse it. All but verifications are asked of the first.
  if (pending.generation == generation_ &&
      (event.result || event.result.error().code == Code::kInvalidArgument ||
       event.result.error().code == Code::kExhausted) &&
      !std::holds_alternative<AutomationQuery>(pending.query)) {
    heartbeats_.Answered(config_->datasources.front().name, now_);
  }
  if (event.result) {
    if (answered_count_ == nullptr) answered_count_ = &stats_.queries[{"success"}];
    ++*answered_count_;
  } else {
    ++stats_.queries[{event.result.error().code == Code::kTimeout ? "timeout" : "error"}];
  }
  stats_.query_seconds.Observe(ToSeconds(event.took));
  if (pending.generation == generation_) {
    if (const auto* rule = std::get_if<rules::Query>(&pending.query)) {
      const bool is_answered = event.result.has_value();
      rules::Engine::Outcome outcome =
          rules_->OnResult(*rule, std::move(event.result), now_.wall, event.took);
      // What is sent again though Prometheus does not answer is no sign of its life.
      if (is_answered) HearOf(outcome.send);
      GoOn(std::move(outcome));
    } else if (const auto* check = std::get_if<AutomationQuery>(&pending.query)) {
      runs_->OnVerified(*check, event.result);
    } else {
      GoOn(
          slos_->OnResult(std::get<slo::Query>(pending.query), std::move(event.result), now_.wall));
    }
  }
  if (!stopping_) PumpQueries();
}

void Core::GoOn(slo::Engine::Outcome outcome) {
  for (const slo::BudgetChange& change : outcome.changes) {
    if (!change.to.empty()) ++stats_.policy_changes[{change.slo, change.to}];
    Emit(Log{Log::Level::kInfo,
             "slo: error budget policy: " + (change.from.empty() ? "unknown" : change.from) +
                 " → " + (change.to.empty() ? "unknown" : change.to),
             {{"slo", change.slo}, {"budget_remaining", FormatGoFloat(change.remaining)}}});
  }
  for (slo::HealthChange& change : outcome.health) {
    const config::Slo& slo = slos_->slos()[change.slo];
    std::string again;
    if (!change.expr.empty()) {
      again = rules::CurlLine(config_->datasources.front(), change.expr, change.at);
    }
    SayHealth({change.of_ratio ? "slo: events" : "slo",
               {{"file", slo.file}, {"slo", slo.id}},
               std::move(change.error),
               std::move(again)});
  }
  const bool anchored = slos_->asks_anchored();
  if (anchored != std::exchange(asks_anchored_, anchored)) {
    Emit(Log{Log::Level::kInfo,
             anchored ? "slo: counters are asked for by anchored ranges"
                      : "slo: counters are asked for without anchored ranges",
             {{"datasource", config_->datasources.front().name}}});
  }
  TakeAlerts(std::move(outcome.send), "slo");
  Store(std::move(outcome.records));
}

void Core::SayHealth(HealthLog::Change change) {
  for (Log& line : health_log_.Add(std::move(change), now_.mono)) Emit(std::move(line));
}

// Carries out what the rules say. The next queries of a group wait behind those of the others.
void Core::GoOn(rules::Engine::Outcome outcome) {
  if (outcome.health) {
    const config::RuleGroup& group = rules_->groups()[outcome.health->group];
    const config::Rule& rule = group.rules[outcome.health->rule];
    SayHealth({"rule",
               {{"file", group.file},
                {"group", group.name},
                {"rule", rule.alert.empty() ? rule.record : rule.alert}},
               std::move(outcome.health->error),
               rules::CurlLine(config_->datasources.front(), rule.expr, outcome.health->at)});
  }
  TakeAlerts(std::move(outcome.send), "rules");
  Store(std::move(outcome.records));
  if (outcome.next && !stopping_) {
    queries_waiting_.push_back({generation_, *std::move(outcome.next)});
    for (rules::Query& query : outcome.more) {
      queries_waiting_.push_back({generation_, std::move(query)});
    }
  }
  if (!outcome.write.samples.empty() && !stopping_) QueueWrite(std::move(outcome.write));
}

void Core::QueueWrite(rules::Write write) {
  for (WriteQueue::Entry& entry : writes_.Add({generation_, config_, std::move(write)})) {
    stats_.samples_written[{"dropped"}] += entry.write.samples.size();
    ++stats_.limit_exceeded[{"queued_writes"}];
    if (!std::exchange(drops_writes_, true)) {
      Emit(Log{Log::Level::kError,
               "remote write: too slow, the oldest samples are dropped",
               {{"waiting", std::to_string(limits::kQueuedWrites) + " writes or " +
                                std::to_string(limits::kQueuedSamples) + " samples"}}});
    }
    if (entry.generation != generation_) continue;
    const Status lost = Fail(Code::kUnavailable, "dropped: too much waits to be written");
    GoOn(rules_->OnWritten(entry.write, lost, now_.wall));
  }
  PumpWrites();
}

void Core::PumpWrites() {
  while (auto write = writes_.Next(QueryId{last_id_ + 1})) {
    ++last_id_;
    Emit(*std::move(write));
  }
  if (writes_.is_waiting() || !std::exchange(drops_writes_, false)) return;
  Emit(Log{Log::Level::kInfo, "remote write: nothing waits any more", {}});
}

void Core::On(SamplesWritten event) {
  stats_.samples_written[{event.status ? "success" : "error"}] += event.samples;
  std::optional<WriteQueue::Entry> done = writes_.Finish(event.id);
  if (done && done->generation == generation_) {
    GoOn(rules_->OnWritten(done->write, event.status, now_.wall));
  }
  PumpWrites();
  if (!stopping_) PumpQueries();
}

// Our own alerts take the same way in as everybody's.
void Core::TakeAlerts(std::vector<alert::Alert> alerts, const char* source) {
  uint64_t resolved = 0;
  for (alert::Alert& alert : alerts) {
    alert.updated_at = now_.wall;
    if (alert.Resolved(now_.wall)) ++resolved;
    Ingest(std::move(alert), source);
  }
  const uint64_t firing = alerts.size() - resolved;
  if (firing > 0) stats_.alerts_received[{"firing"}] += firing;
  if (resolved > 0) stats_.alerts_received[{"resolved"}] += resolved;
}

}  // namespace watchfire::core
