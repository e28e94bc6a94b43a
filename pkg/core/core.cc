// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/core/core.h"

#include <algorithm>

#include "pkg/base/check.h"
#include "pkg/base/limits.h"
#include "pkg/base/strings.h"
#include "pkg/core/calls.h"
#include "pkg/core/runs.h"
#include "pkg/core/storms.h"

namespace watchfire::core {
Core::Core(Options options, std::shared_ptr<const config::Config> config)
    : options_(std::move(options)),
      config_(std::move(config)),
      rng_(options_.seed),
      name_limits_(options_.max_alerts_per_name),
      silences_({options_.retention, options_.max_silences, options_.max_silence_bytes,
                 options_.classic_names}),
      incidents_(config_->incidents),
      automation_(config_->automation),
      heartbeats_(config_->heartbeats, HeartbeatTerms()),
      calls_(std::make_unique<Calls>(this)),
      runs_(std::make_unique<Runs>(this)),
      storms_(std::make_unique<Storms>(this)) {
  WF_CHECK(config_ != nullptr);
  LayOverrides();
  BuildEngines(nullptr, nullptr);
}

Core::~Core() = default;

void Core::BuildEngines(const rules::Engine* old_rules, const slo::Engine* old_slos) {
  const config::Evaluation& evaluation = config_->evaluation;
  auto rules = std::make_unique<rules::Engine>(
      config_->rule_groups,
      rules::EngineOptions{evaluation.resend_delay, options_.external_url,
                           evaluation.external_labels, !config_->remote_writes.empty(),
                           /*together=*/ShareOfGroup(QueriesMost())});
  slo::EngineOptions slo_options{evaluation.interval, evaluation.resend_delay,
                                 options_.external_url, evaluation.external_labels};
  slo_options.daily = true;
  slo_options.exclusions = &exclusions_;
  slo_options.incremental = evaluation.slo_mode == config::SloMode::kIncremental;
  slo::IncrementOptions& increments = slo_options.books.increments;
  increments.closed_ranges = true;  // Whichever Prometheus it is.
  // Tenants of one address are told apart by a header; its value may be a secret, which only its
  // hash is made of.
  const config::Datasource& source = config_->datasources.front();
  increments.backend = source.url;
  for (const auto& [name, value] : source.headers) {
    if (ToLower(name) == "x-scope-orgid") increments.backend += " " + value;
  }
  using Increase = config::Datasource::Increase;
  // VictoriaMetrics' increase() adds up by itself.
  const bool adds_up = source.increase == Increase::kVictoriaMetrics ||
                       (source.increase == Increase::kAuto && source.speaks_metricsql);
  if (adds_up) increments.growth = slo::GrowthQuery::kIncrease;
  if (source.increase == Increase::kAnchored) increments.growth = slo::GrowthQuery::kAnchored;
  slo_options.books.find_anchored = source.increase == Increase::kAuto && !adds_up;
  auto slos = std::make_unique<slo::Engine>(config_->slos, std::move(slo_options));
  if (old_rules != nullptr) Store(rules->AdoptState(*old_rules));
  if (old_slos != nullptr) Store(slos->AdoptState(*old_slos));
  rules_ = std::move(rules);
  slos_ = std::move(slos);
  const config::Incidents& terms = config_->incidents;
  flapping_.SetTerms(terms.alert_flapping_count, terms.alert_flapping_within);
  inhibit_ = std::make_unique<inhibit::Index>(config_->inhibit_rules);
  mutes_ = std::make_unique<RouteMutes>(config_);
  dispatcher_ = std::make_unique<dispatch::Dispatcher>(config_->route);
  group_rows_.Clear();
}

std::vector<std::string> Core::Restore(const std::vector<Record>& records, bool lost_writes,
                                       Now now) {
  now_ = now;
  std::vector<std::string> problems;
  const auto note = [&](const Record& record, const Status& status) {
    if (!status) {
      problems.push_back(std::string(TableName(record.table)) + " \"" + record.key +
                         "\": " + status.error().message);
    }
  };
  for (const Record& record : records) {
    switch (record.table) {
      case Table::kAlert:
        note(record, alert_log_.Restore(record, now.wall + config_->global.resolve_timeout,
                                        now.wall, &alerts_));
        break;
      case Table::kNflog:
        note(record, nflog_.Restore(record));
        break;
      case Table::kIncident:
        note(record, incidents_.Restore(record));
        break;
      case Table::kRule:
        note(record, rules_->Restore(record));
        break;
      case Table::kSlo:
        note(record, slos_->Restore(record));
        break;
      case Table::kSilence:
        note(record, silences_.Restore(record));
        break;
      case Table::kJournal:
        note(record, journal_.Restore(record));
        break;
      case Table::kGroup:
        note(record, dispatcher_->Restore(record, now.wall));
        break;
      case Table::kEscalation:
        note(record, escalations_.Restore(record, now));
        break;
      case Table::kVendor:
        note(record, vendor_updates_.Restore(record, now.mono));
        break;
      case Table::kAutomation:
        note(record, automation_.Restore(record));
        break;
      case Table::kMeta:
        note(record, RestoreMeta(record));
        break;
    }
  }
  LayOverrides();
  if (lost_writes) {
    nflog_.DoubtAll();
    doubt_before_ = now.wall;
  }
  journal_.Configured(config_->hash, now.wall);
  ShelveRestored();
  alerts_.ForEach([this](const AlertTable::Row& row) {
    if (row.shelved) return;
    name_limits_.Restore(row.alert->name(), row.alert->fingerprint(), row.alert->ends_at);
  });
  RebuildGroups(nullptr, nullptr);
  HastenInDoubt();
  return problems;
}

Status Core::RestoreMeta(const Record& record) {
  if (IsHandoff(record) || IsReport(record)) return summaries_.Restore(record);
  if (oncall::Overrides::IsOverride(record)) return overrides_.Restore(record);
  if (slo::Exclusions::IsExclusion(record)) return exclusions_.Restore(record);
  if (Receipts::IsReceipt(record)) return receipts_.Restore(record);
  if (Escalations::IsSequence(record)) return escalations_.RestoreSequence(record);
  return heartbeats_.Restore(record);
}

// The inhibition index is complete before any group can flush, so no page slips out between.
void Core::RebuildGroups(const dispatch::Dispatcher* old_groups, const config::Config* old_config) {
  std::vector<std::shared_ptr<const alert::Alert>> all;
  std::vector<std::shared_ptr<const alert::Alert>> shelved;
  alerts_.ForEach(
      [&](const AlertTable::Row& row) { (row.shelved ? shelved : all).push_back(row.alert); });
  for (const auto& alert : shelved) {
    alerts_.SetReceivers(alert->fingerprint(), dispatcher_->Receivers(alert->labels));
  }
  for (const auto& alert : all) inhibit_->Update(*alert);
  for (const auto& alert : all) {
    alerts_.SetReceivers(alert->fingerprint(), dispatcher_->Receivers(alert->labels));
    dispatcher_->Apply(alert, now_, /*rebuilding=*/true);
  }
  KeepLeavers(old_groups, old_config);
  DropEndsThatWereTold();
  dispatcher_->EndRebuild();
  alerts_.TouchAll();
  RefreshMutes();
  mutes_ended_ = true;
}

Effects Core::Step(Now now, std::vector<Event> events) {
  now_ = now;
  effects_.clear();
  MindTheClock();
  if (!next_gc_) next_gc_ = now.mono + std::min(options_.gc_interval, kOrphanGrace);
  if (!started_) {
    started_ = now.mono;
    ReconcilePeople();  // It may be another configuration than that of the last life.
    WarnOfOverrides();
    RefreshGaps();
  }
  if (!flushes_from_) flushes_from_ = now.mono + options_.start_delay;
  KeepAlerts();  // First: after a stall all would be over, and an answer would begin them anew.
  FetchAnswered(events);
  for (Event& event : events) {
    std::visit([this](auto& e) { On(std::move(e)); }, event);
  }
  AnswerViews();
  KeepAlerts();  // What a reload has taken over.
  WatchHeartbeats();
  ExpireAlerts();
  if (!stopping_) AdvanceIncidents();
  SyncEscalations();
  RefreshMutes();
  FlushHeldThatAreFree();
  if (!stopping_) {
    StartQueries();
    if (now.mono >= *flushes_from_) StartFlushes();
    StartFallbacks();
    if (now.mono >= *flushes_from_) AdvanceEscalations();
    if (now.mono >= *flushes_from_) storms_->Advance();
    if (now.mono >= *flushes_from_) runs_->Automate();
    if (now.mono >= *flushes_from_) summaries_.HandOverShifts(SummaryTurn());
    if (now.mono >= *flushes_from_) summaries_.SendReports(SummaryTurn());
  }
  LogStorms();
  CompareBudgets();
  if (now.mono >= *next_gc_) CollectGarbage();
  StoreEscalations();
  Store(slos_->TakeRecords(now.wall));
  StoreNoted();
  const auto records_of = [this](std::vector<uint64_t>* alerts) {
    return alert_log_.Append(alerts, alerts_, now_.wall);
  };
  if (auto batch = outbox_.TakeBatch(now.mono, records_of)) Emit(*std::move(batch));
  ReleaseWaiters();
  if (!stopping_) {
    RetryDeliveries();
    SendVendorUpdates();  // Pages go first.
  }
  return std::move(effects_);
}

Summaries::Turn Core::SummaryTurn() {
  return {now_,        config_, options_, roster_,  incidents_, silences_, *slos_,
          deliveries_, outbox_, rng_,     last_id_, stats_,     effects_};
}

std::optional<MonoTime> Core::next_deadline(Now now) const {
  std::optional<MonoTime> next = next_gc_;
  const auto consider = [&](std::optional<MonoTime> deadline) {
    if (deadline && (!next || *deadline < *next)) next = deadline;
  };
  const auto consider_wall = [&](std::optional<WallTime> deadline) {
    if (deadline) consider(now.mono + std::max(Duration::zero(), *deadline - now.wall));
  };
  if (!views_wanted_.empty()) consider(now.mono);
  consider(firing_lines_.next_due());
  consider(resolved_lines_.next_due());
  consider(outbox_.next_due());
  consider_wall(alerts_.next_expiry());
  consider_wall(rules_->next_upkeep());
  consider_wall(slos_->next_upkeep());
  if (stopping_) return next;
  const MonoTime flushes_from =
      flushes_from_.value_or(now.mono);  // Before the first Step: at once.
  if (const auto due = NextFlushes()) consider(std::max(*due, flushes_from));
  consider_wall(silences_.NextChange(now.wall));
  consider_wall(mutes_->next_change());
  consider(deliveries_.next_wake(now.mono));
  consider(undelivered_.next_due());
  consider(heartbeats_.next_due());
  if (!unsaved_.empty()) consider(now.mono);
  if (const auto due = vendor_updates_.next_due()) consider(std::max(*due, flushes_from));
  if (const auto due = escalations_.next_due()) consider(std::max(*due, flushes_from));
  if (const auto due = storms_->next_due()) consider(std::max(*due, flushes_from));
  if (const auto due = runs_->NextOfRuns(now)) consider(std::max(*due, flushes_from));
  if (const auto due = summaries_.NextHandoff(*config_, roster_.get(), outbox_, now)) {
    consider(std::max(*due, flushes_from));
  }
  if (const auto due = summaries_.NextReport(*config_, outbox_, now)) {
    consider(std::max(*due, flushes_from));
  }
  consider_wall(incidents_.next_due());
  consider_wall(rules_->next_slot());
  consider_wall(slos_->next_slot());
  return next;
}

bool Core::idle() const {
  // What waits for its next attempt is for the next life, as with pages.
  return deliveries_.size() == 0 && queries_out_.empty() && writes_.empty() &&
         queries_waiting_.empty() && background_waiting_.empty() && outbox_.size() == 0 &&
         unsaved_.empty() && views_wanted_.empty() && vendor_updates_.in_flight() == 0 &&
         runs_->RunsInFlight() == 0 && !summaries_.is_under_way() && NotedChanges() == 0;
}

void Core::CollectGarbage() {
  next_gc_ = now_.mono + options_.gc_interval;
  ++stats_.maintenances;
  // What a group still has to tell stays, however long its receiver does not listen.
  std::set<uint64_t> owed;
  for (const auto& [id, group] : dispatcher_->groups()) {
    for (const auto& [fingerprint, alert] : group.alerts) owed.insert(fingerprint);
  }
  KeepClosed(&owed);
  for (const auto& alert : alerts_.Collect(now_.wall - options_.gc_interval, owed)) {
    inhibit_->Remove(*alert);
    journal_.Forgotten(alert->labels, now_.wall);
    outbox_.AddAlert(alert->fingerprint(), now_.mono);
  }
  inhibit_->DropEnded(now_.wall - options_.gc_interval);  // Of those that are kept.
  name_limits_.Collect(now_.wall);
  Store(incidents_.Collect(now_.wall - IncidentRetention()));
  Store(silences_.Collect(now_.wall));
  Store(receipts_.Collect(now_.wall));
  journal_.Collect(now_.wall - options_.retention, now_.wall);

  std::set<std::pair<std::string, std::string>> alive;
  for (const auto& [id, group] : dispatcher_->groups()) {
    alive.insert({group.route->receiver, group.key});
  }
  Store(nflog_.Collect(now_.wall, [&](const nflog::Key& key) {
    return std::ranges::any_of(CoveredBy(key),
                               [&](const auto& group) { return alive.contains(group); });
  }));
  const auto is_gone = [&](const nflog::Key& key) {
    return !alive.contains({key.receiver, key.group_key}) && !deliveries_.Busy(key);
  };
  for (const nflog::Key& key : undelivered_.Keys(is_gone)) NothingOwed(key);
  CloseOrphans(alive);
  CollectEscalations(alive);
  Store(vendor_updates_.Collect(now_.wall));
  Store(overrides_.Collect(now_.wall, IncidentRetention()));
  Store(exclusions_.Collect(now_.wall));
  Store(automation_.Collect([this](uint64_t id) {
    using Life = automation::Book::Life;
    const auto incident = incidents_.Find(id);
    if (incident == nullptr) return Life::kUnknown;
    return IsOpen(incident->state) ? Life::kOpen : Life::kOver;
  }));
  runs_->DropForgotten();
  RefreshGaps();
}

void Core::On(ConfigSwap event) {
  CountTimeOnCall();  // By the schedules that held.
  const std::shared_ptr<const config::Config> old_config =
      std::exchange(config_, std::move(event.config));
  LayOverrides();
  WarnOfOverrides();
  journal_.Configured(config_->hash, now_.wall);
  incidents_.SetTerms(config_->incidents);
  paging_check_.Forget();
  automation_.SetTerms(config_->automation);
  runs_->ResumeAnew();
  ++generation_;
  ladders_.clear();
  const std::unique_ptr<rules::Engine> old_rules = std::move(rules_);
  const std::unique_ptr<slo::Engine> old_slos = std::move(slos_);
  const std::unique_ptr<dispatch::Dispatcher> old_groups = std::move(dispatcher_);
  BuildEngines(old_rules.get(), old_slos.get());
  heartbeat::Watch heartbeats(config_->heartbeats, HeartbeatTerms());
  heartbeats.Adopt(heartbeats_);
  heartbeats_ = std::move(heartbeats);
  queries_waiting_.clear();  // Their engines are gone; the new ones ask again at their slots.
  background_waiting_.clear();
  writes_.DropAwaited();  // What is asked again is written again.
  const std::vector<nflog::Key> abandoned = AbandonWaiting();
  deliveries_.MarkStale();
  deliveries_.DropLanes([this](const LaneKey& lane) {
    return FindIntegration(FindReceiver(lane.receiver), lane.integration, lane.index) != nullptr;
  });
  undelivered_.Rearm([this](const nflog::Key& key) { return PatienceWith(key); });
  dispatcher_->Adopt(*old_groups, now_);
  RebuildGroups(old_groups.get(), old_config.get());
  for (const nflog::Key& key : abandoned) Hasten(key);
  ReconcilePeople();
  escalations_.ArmAll(now_.mono);
  RefreshGaps();
}

void Core::On(Shutdown) {
  stopping_ = true;
  queries_waiting_.clear();
  background_waiting_.clear();
  Store(slos_->TakeRecords(now_.wall, /*all=*/true));
  AbandonWaiting();
  SaveAllEscalations();
  // Whatever waits for its time is written now.
  outbox_.AddUrgent(Record{Table::kMeta, "stopped_at", FormatRfc3339(now_.wall)}, now_.mono);
}

void Core::Store(std::vector<Record> records) {
  for (Record& record : records) Store(std::move(record));
}

// What is written behind, some time after it changed.
void Core::StoreNoted() {
  journal_.Close();
  if (NotedChanges() == 0) return;
  outbox_.Note(now_.mono);
  if (!outbox_.TakeNoted(now_.mono, /*hurry=*/stopping_)) return;
  Store(dispatcher_->TakeChanges(now_));
  Store(journal_.TakeRecords());
}

void Core::On(Committed event) {
  ++stats_.commits[{event.status ? "success" : "error"}];
  stats_.commit_seconds.Observe(ToSeconds(event.took));
  const bool was_failing = outbox_.failing();
  outbox_.OnCommitted(event.id, event.status.has_value(), now_.mono);
  alert_log_.OnCommitted(event.status.has_value());
  if (!event.status && !was_failing) {
    Emit(Log{Log::Level::kError,
             "store: healthy → failing (pages go on; changes are kept in memory and retried)",
             {{"err", event.status.error().message}}});
  }
  if (event.status && was_failing) Emit(Log{Log::Level::kInfo, "store: failing → healthy", {}});
  if (event.status) return;
  // Nobody is told "done" for what is not stored: the waiting callers get the error. What they
  // asked for is kept and retried, and asking again is harmless.
  for (auto& [ticket, reply] : reply_waits_) {
    reply.status =
        Fail(Code::kUnavailable, "not stored yet: " + event.status.error().message +
                                     " (the change is kept in memory and will be retried)");
    Emit(std::move(reply));
  }
  reply_waits_.clear();
}

void Core::ReleaseWaiters() {
  while (!reply_waits_.empty() && outbox_.durable(reply_waits_.begin()->first)) {
    Emit(std::move(reply_waits_.begin()->second));
    reply_waits_.erase(reply_waits_.begin());
  }
}

}  // namespace watchfire::core
