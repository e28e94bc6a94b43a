// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The one deterministic machine: Step(now, events) -> effects. Every decision of the product is
// made here, on one thread, with no clock, socket, disk or lock. Same calls, same effects: the
// simulator (tests/sim) runs this very class.
//
//   alerts ──┐                        ┌── RunQuery   (ask Prometheus)
//   answers ─┤                        ├── Attempt    (tell a receiver)
//   acks ────┼──> alert table         ├── Persist    (store)
//   time ────┘    -> groups -> mute   ├── Reply      (answer the API)
//                 -> dedup ─> deliveries, incidents  └── Log
//
// What a page costs: intent stored (nflog, incident) -> Attempt -> Attempted -> outcome stored. A
// store that fails or hangs delays a page by at most kIntentWait, and never stops it.

#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "pkg/automation/book.h"
#include "pkg/base/ids.h"
#include "pkg/base/rng.h"
#include "pkg/base/time.h"
#include "pkg/core/alert_log.h"
#include "pkg/core/alert_table.h"
#include "pkg/core/audience.h"
#include "pkg/core/automating.h"
#include "pkg/core/delivery.h"
#include "pkg/core/escalations.h"
#include "pkg/core/event.h"
#include "pkg/core/flapping.h"
#include "pkg/core/group_rows.h"
#include "pkg/core/health_log.h"
#include "pkg/core/mute.h"
#include "pkg/core/name_limits.h"
#include "pkg/core/options.h"
#include "pkg/core/outbox.h"
#include "pkg/core/receipts.h"
#include "pkg/core/storm_lines.h"
#include "pkg/core/summaries.h"
#include "pkg/core/survey.h"
#include "pkg/core/vendor_updates.h"
#include "pkg/core/view.h"
#include "pkg/core/write_queue.h"
#include "pkg/dispatch/group.h"
#include "pkg/dispatch/undelivered.h"
#include "pkg/heartbeat/heartbeat.h"
#include "pkg/incident/registry.h"
#include "pkg/inhibit/inhibit.h"
#include "pkg/journal/journal.h"
#include "pkg/labels/lookup.h"
#include "pkg/nflog/nflog.h"
#include "pkg/oncall/clocks.h"
#include "pkg/rules/rules.h"
#include "pkg/silence/set.h"
#include "pkg/slo/paging_check.h"
#include "pkg/slo/slo.h"

namespace watchfire::core {

class Core {
 public:
  // How long a page waits for its intent to be stored before it goes out anyway.
  static constexpr Duration kIntentWait = std::chrono::seconds(1);
  // Incidents whose group a new configuration no longer makes are closed after this long; a restart
  // may need it until every sender has repeated its alerts.
  static constexpr Duration kOrphanGrace = std::chrono::minutes(15);

  Core(Options options, std::shared_ptr<const config::Config> config);
  ~Core();

  // Takes back everything stored; call once, before the first Step. `lost_writes`: the last life
  // ended with a store that failed, so what it sent may not be written down: every alert that fires
  // is told once more rather than perhaps never. Returns one text per record that could not be read
  // (it is skipped; the rest lives).
  std::vector<std::string> Restore(const std::vector<Record>& records, bool lost_writes, Now now);

  // Handles the events in order, then everything that time has made due.
  Effects Step(Now now, std::vector<Event> events);

  // When Step wants to be called again though nothing happens. Only a hint across wall-clock jumps:
  // calling late or early is always safe.
  std::optional<MonoTime> next_deadline(Now now) const;

  // True when nothing is under way: no delivery, query or unstored record (simulator, shutdown).
  bool idle() const;
  // How many RunQuery have no QueryDone yet: `concurrency` of the datasource, or queries_ahead
  // times as many, at most.
  size_t queries_out() const { return queries_out_.size(); }

 private:
  class Calls;       // Who is called besides the policies that run (calls.h).
  class Runs;        // What rules of automation do (runs.h).
  class VendorEnds;  // What a resolve at a vendor ends (vendor_ends.h).
  class Storms;      // Who is paged by so many incidents that one page is to name them (storms.h).
  struct PendingQuery {
    uint64_t generation = 0;
    std::variant<rules::Query, slo::Query, AutomationQuery> query;
    bool background = false;  // Others go first.
  };

  // Events (core.cc, commands.cc), and what the clock does to incidents (incidents.cc).
  void On(AlertsArrived event);
  void On(IncidentCommand event);
  void On(SilenceCommand event);
  void On(AlertsOnce event);
  void On(AutomationCommand event);
  void On(ViewRequest event);
  void On(ExplainRequest event);
  void On(OverrideCommand event);
  void On(ExclusionCommand event);
  void On(HeartbeatPing event);
  void On(QueryDone event);
  void On(SamplesWritten event);
  void On(Attempted event);
  void On(Committed event);
  void On(ConfigSwap event);
  void On(Shutdown event);

  // Returns the ticket of what is to be stored; `remark`, which may be null, is as in Reply.
  Result<Ticket> Do(uint64_t id, IncidentCommand event, std::string* remark = nullptr);
  bool EndWithIncident(const incident::Incident& before);
  void LogSilence(const char* what, const std::string& id);
  void AdvanceIncidents();
  void Repage(const incident::Incident& incident);
  void Spare(uint64_t id);
  bool IsSpared(const nflog::Key& key, dispatch::Reason reason) const;
  void NotePage(const incident::Page& page);
  void EndGroup(const std::string& receiver, const std::string& group_key,
                incident::Registry::Recovery how = incident::Registry::Recovery::kSaid,
                WallTime ended_at = kNoTime);
  void DoubtWhatBeganAnew(const nflog::Key& key,
                          const std::vector<std::shared_ptr<const alert::Alert>>& alerts);
  void Reassure(const nflog::Key& key,
                const std::vector<std::shared_ptr<const alert::Alert>>& alerts);
  std::vector<nflog::Key> PagersOf(const incident::Group& group) const;
  Duration IncidentRetention() const {
    return std::max(options_.retention, config_->incidents.retention);
  }
  void CloseOrphans(const std::set<std::pair<std::string, std::string>>& alive);

  // Alerts (core.cc).
  void LeaveOutLate(AlertsArrived* event) const;
  void Ingest(alert::Alert incoming, const std::string& source);
  // How good the alerting is, as it happens (quality.cc).
  void CountEpisode(const alert::Alert& alert, const std::string& source);
  void CountPending(const alert::Alert& alert, const std::string& source);
  void CountFlap(const alert::Alert& alert, bool begins_to_flap);
  void CountRerouted(const incident::Incident& before, const incident::Act& act);
  void CountForeignAck(const incident::Incident& before, const IncidentCommand& event);
  void NotePaged(const incident::Page& page);
  void CompareBudgets();
  // Adds the time on call since the last call, by the schedules that hold.
  void CountTimeOnCall();
  void Settle(const std::shared_ptr<const alert::Alert>& alert);
  void LogStorms();
  void ExpireAlerts();
  void BuildEngines(const rules::Engine* old_rules, const slo::Engine* old_slos);
  // `old_groups` and `old_config`: of before a reload; null after a restart.
  void RebuildGroups(const dispatch::Dispatcher* old_groups, const config::Config* old_config);
  void CollectGarbage();
  // Alerts that are only kept to be looked up (closed_alerts.cc).
  std::vector<std::pair<WallTime, uint64_t>> ClosedAlerts() const;
  void KeepClosed(std::set<uint64_t>* keep);
  void ShelveRestored();

  // Who is muted, and what follows from a change of it (muting.cc).
  void RefreshMutes();
  void NoteSilences();
  void RefreshSilenced();
  // Ids, sorted. The alert is in alerts_.
  std::vector<std::string> SilencedBy(const alert::Alert& alert) const;
  Muted MutedBy(const alert::Alert& alert, const config::Route& route, WallTime at) const;
  // The same for each alert of a flush, counted.
  std::vector<Muted> WhoIsMuted(const dispatch::Flush& flush, const dispatch::Group& group);
  void DoubtEndedMuted(const dispatch::Flush& flush, const std::vector<Muted>& muted,
                       const SharedText& group_key, const config::Receiver& receiver);

  // Flushes and deliveries (pipeline.cc).
  void StartFlushes();
  // How many groups may be flushed now, be it kFlushPause since the last ones or not.
  size_t FlushesAtOnce() const;
  std::optional<MonoTime> NextFlushes() const;  // When StartFlushes() next has work.
  void RunFlush(dispatch::Flush flush);
  const config::Receiver& ReceiverOf(const config::Route& route) const;
  const config::Receiver* FindReceiver(const std::string& name) const;
  void CloseIncidentIfOver(const dispatch::Group& group);
  void CloseIncidentAhead(const dispatch::Group& group);
  bool Plan(const dispatch::Group& group, const Audience& to, const dispatch::Flush& flush,
            const std::vector<std::shared_ptr<const alert::Alert>>& alerts, uint64_t flush_id);
  bool IsForgottenThere(const nflog::Entry& entry) const;
  // Puts together what is to be said; `flush` and `deadline` are for the caller to set.
  Delivery MakeDelivery(const dispatch::Group& group, const Audience& to, WallTime at,
                        dispatch::Reason reason,
                        const std::vector<std::shared_ptr<const alert::Alert>>& alerts);
  bool Deliver(Delivery delivery);
  void Submit(Delivery delivery);
  void Release(DeliveryId id);
  std::string AckUrlFor(const Delivery& delivery) const;  // ack_links.cc
  void FetchAnswered(const std::vector<Event>& events);
  void RetryDeliveries();
  void GiveUpInLine(DeliveryId id);
  void GiveUp(const Delivery& delivery, const Attempted& event);
  void NoteCircuit(const Delivery& delivery, const Attempted& event);
  void Finish(DeliveryId id, bool success);
  std::vector<nflog::Key> AbandonWaiting();
  void EndFlush(uint64_t flush_id);
  void AcceptDelivery(Delivery& delivery, dispatch::ReceiverData data);
  void WriteAccepted(const Delivery& delivery, dispatch::ReceiverData data);

  // The delivery contract, `delivery: strict` (strict.cc).
  void FlushStrictly(const dispatch::Flush& flush, const dispatch::Group& group,
                     const config::Receiver& receiver, const std::vector<Muted>& muted);
  // Returns whether something is on its way now that was not.
  bool PlanStrictly(const dispatch::Flush& flush, const dispatch::Group& group, const Audience& to,
                    const std::vector<Muted>& muted, const std::vector<uint64_t>& snoozed);
  void Supersede(const Delivery& waiting);
  std::vector<uint64_t> StillInDoubt(const Delivery& delivery) const;
  dispatch::Owed OwedTo(const config::Receiver& receiver, const SharedText& group_key);
  void FlushHeldThatAreFree();
  void HastenRepeat(dispatch::GroupId id, const config::Receiver& receiver);
  void HastenInDoubt();
  void DropEndsThatWereTold();
  void KeepLeavers(const dispatch::Dispatcher* old_groups, const config::Config* old_config);
  bool IsToldElsewhere(const nflog::Key& key, uint64_t fingerprint) const;
  bool IsStrict(const nflog::Key& key) const;
  void Hasten(const nflog::Key& key);
  void AfterDelivery(const nflog::Key& key);

  // Who stands in for a receiver that does not take its pages (fallback.cc).
  std::optional<Duration> PatienceWith(const nflog::Key& key) const;
  WallTime NoteOwed(const Delivery& delivery);
  void NoteOwedMeanwhile(const Delivery& attempting, const dispatch::Flush& flush,
                         const dispatch::Group& group, const std::vector<Muted>& muted);
  void NothingOwed(const nflog::Key& key);
  void StartFallbacks();
  void PlanFallback(const dispatch::Group& group);
  // Brings everybody up to date who is told of the group besides its receiver.
  void PlanFurther(const dispatch::Group& group);
  Survey SurveyOf(const dispatch::Group& group) const;
  std::optional<nflog::Key> OverdueOf(const dispatch::Group& group,
                                      const config::Receiver& receiver) const;
  void NoteFallback(const dispatch::Group& group, const nflog::Key& overdue,
                    const config::Receiver& fallback, const std::vector<uint64_t>& alerts);
  // The integrations of its fallback; `ends_only` is for the caller to set.
  std::vector<Audience> StandInsFor(const config::Receiver& receiver) const;
  bool IsAwaitedBy(const Audience& who, const SharedText& group_key, uint64_t fingerprint);
  void PlanFurtherOf(const nflog::Key& key);

  // Escalation policies (escalating.cc).
  std::shared_ptr<const oncall::Ladder> LadderOf(const std::string& policy);
  void HandOver(Delivery delivery);
  void BeginEscalation(const Delivery& delivery);
  void StartOver(RunningEscalation* running, const incident::Incident& incident);
  void SyncEscalations();
  void SyncWith(RunningEscalation* running, const incident::Incident& incident);
  void MoveEscalation(RunningEscalation* running, const incident::Incident* into);
  void JoinEscalation(const RunningEscalation& moved, RunningEscalation* other, bool is_held);
  void StopEscalation(RunningEscalation* running);
  void DropPages(RunningEscalation* running);
  bool Withdraw(PersonalContact* contact,
                const std::function<bool(const RunningEscalation::GroupRef&)>& which);
  bool Serves(const RunningEscalation& running, const RunningEscalation::GroupRef& group) const;
  void DropPagesOfLost(RunningEscalation* running);
  void DropPageUnder(const nflog::Key& key);
  void RemakePages(RunningEscalation* running, const std::set<RunningEscalation::GroupRef>& groups);
  void AdvanceEscalations();
  void AdvanceEscalation(RunningEscalation* running);
  void AdvanceSteps(RunningEscalation* running, Duration elapsed);
  void NoteAcknowledged(RunningEscalation* running, const std::string& by);
  void BeginUnacked(RunningEscalation* running);
  void TakeBackAck(const incident::Incident& incident, const std::string& by,
                   const std::string& why);
  void TellStep(RunningEscalation* running, const oncall::Notice& notice, Duration elapsed);
  std::string WhomItTells(RunningEscalation* running, const oncall::Notice& notice,
                          Duration elapsed, std::vector<std::string>* missing);
  void Unreachable(RunningEscalation* running, Duration elapsed, const std::string& why);
  void CallFallback(RunningEscalation* running, Duration elapsed);
  std::string FallbackName() const;
  void Reach(RunningEscalation* running, PersonalContact* contact);
  bool IsAudible(const RunningEscalation& running) const;
  bool IsAudible(const RunningEscalation& running, const RunningEscalation::GroupRef& group) const;
  std::optional<Duration> NextOf(const RunningEscalation& running);
  void NoteEscalation(const RunningEscalation& running, const char* kind, std::string text);
  void Save(const RunningEscalation& running);
  void SaveAllEscalations();
  void StoreEscalations();
  void MindTheClock();
  void PersonTook(const nflog::Key& key, const std::vector<uint64_t>* told = nullptr);
  void NoteMuted(const nflog::Key& key);
  void ForgetEnded(const nflog::Key& key);
  void PersonMissed(const nflog::Key& key);
  void CallStandIn(RunningEscalation* running, const PersonalContact& missed);
  std::optional<Duration> StandInDue(const PersonalContact& contact) const;
  void AddGroupsToCall(RunningEscalation* running, const incident::Incident& incident);
  bool HasNoCall(const RunningEscalation& running, const incident::Incident& incident,
                 bool is_new) const;
  // What a reload or restart makes of people's contacts (escalation_reload.cc).
  void ReconcilePeople();
  void Reconcile(RunningEscalation* running);
  // `taken`: the turns (told_at) of which somebody has taken the page.
  void ReplaceContacts(RunningEscalation* running, const std::vector<PersonalContact>& lost,
                       const std::set<std::optional<Duration>>& taken);
  bool MoveOwed(PersonalContact* contact);
  bool IsOnTheWire(const PersonalContact& contact,
                   const std::tuple<std::string, std::string, std::string, int>& owed);
  std::set<std::string> WaysOf(const std::string& person) const;
  std::vector<config::ContactRule> RulesOf(const std::string& person) const;
  void GiveUpEnds();
  // The people whom escalations of the group have reached: those that are owed a page, and with
  // `ends_only` those that are told of ends.
  std::vector<Audience> PeopleFor(const config::Receiver& receiver,
                                  const SharedText& group_key) const;
  void PlanPeople(const dispatch::Group& group);
  bool StillHolds(const Delivery& page, const dispatch::Group& group) const;
  // Of several groups one message to each contact (escalation_leads.cc).
  std::vector<const RunningEscalation*> RunningUnder(const nflog::Key& key) const;
  std::set<RunningEscalation::GroupRef> CoveredBy(const nflog::Key& key) const;
  std::set<RunningEscalation::GroupRef> PagedUnder(const nflog::Key& key) const;
  std::vector<dispatch::GroupId> GroupsOf(const nflog::Key& key) const;
  const dispatch::Group* DriverOf(const nflog::Key& key) const;
  bool IsDriver(const nflog::Key& key, const dispatch::Group& group) const;
  void TellOfUnmuted(RunningEscalation* running, const RunningEscalation::GroupRef& group);
  bool IsMuted(const RunningEscalation& running, const RunningEscalation::GroupRef& ref) const;
  bool Fires(const RunningEscalation::GroupRef& ref) const;
  void ForgetLeads(PersonalContact* contact);
  std::shared_ptr<const incident::Incident> IncidentOf(const nflog::Key& key) const;
  bool SaysAll(const Delivery& page) const;
  void ArmUnder(const nflog::Key& key);
  bool HasAnyOf(const RunningEscalation::GroupRef& group, const std::set<uint64_t>& alerts) const;
  std::vector<incident::Group> LeadsOf(uint64_t incident,
                                       const std::vector<incident::Group>& besides) const;
  std::optional<RunningEscalation::GroupRef> LeadOf(const RunningEscalation& running,
                                                    const PersonalContact& contact,
                                                    const config::Receiver& receiver) const;
  void UniteOwed(uint64_t incident, const PersonalContact* first = nullptr);
  void OweUnder(RunningEscalation* running, PersonalContact* contact,
                const std::tuple<std::string, std::string, std::string, int>& owed,
                const RunningEscalation::GroupRef& lead);
  bool IsOverElsewhere(const nflog::Key& key, const RunningEscalation::GroupRef& looked_at) const;
  Gathered Gather(const nflog::Key& key, const dispatch::Group& looked_at) const;
  labels::LabelSet LabelsFor(const std::vector<const RunningEscalation*>& all,
                             labels::LabelSet::Pairs common) const;
  incident::Page PageOf(const Delivery& delivery) const;
  // StandInsFor() and PeopleFor().
  std::vector<Audience> FurtherFor(const config::Receiver& receiver,
                                   const SharedText& group_key) const;
  Status RestoreMeta(const Record& record);
  void LayOverrides();
  void WarnOfOverrides();
  void RefreshGaps();
  void CollectEscalations(const std::set<std::pair<std::string, std::string>>& alive);

  // What vendors are told of what people did (telling.cc).
  void TellVendors(const std::vector<incident::Group>& groups, const std::string& channel,
                   const dispatch::VendorUpdate& said, bool returns);
  void TellOfAct(const incident::Incident& before, const IncidentCommand& event);
  void TellOfEscalation(const incident::Incident& before, const std::string& policy,
                        std::string step);
  void TellOfReturn(const incident::Incident& incident, const std::string& by, std::string why);
  bool IsEcho(const incident::Incident& incident, const IncidentCommand& event);
  void SendVendorUpdates();
  void SendNextUpdate(VendorLine* line);
  bool IsPointless(const VendorLine& line) const;
  std::shared_ptr<const dispatch::Notification> MakeVendorUpdate(const VendorLine& line,
                                                                 const Audience& to);
  void UndoOvertaken(const nflog::Key& key, config::VendorAct said);
  void OnUpdateAttempted(VendorLine* line, const Attempted& event);
  void Settle(VendorLine* line, const char* outcome, const std::string& why);
  void Save(VendorLine* line);

  Summaries::Turn SummaryTurn();
  // What the journal is told (explain.cc).
  void NoteDecision(const alert::Alert& alert, const dispatch::Group& group, Muted muted);
  void NoteSending(const Delivery& delivery);
  void NoteAttempt(const Attempted& event, bool goes_on);

  // Evaluation (evaluation.cc).
  void KeepAlerts();
  void WatchHeartbeats();
  void HearOf(const std::vector<alert::Alert>& alerts);
  heartbeat::Terms HeartbeatTerms() const {
    return {options_.external_url, config_->evaluation.external_labels};
  }
  void StartQueries();
  // Of so many queries under way, how many may be one rule group's.
  static size_t ShareOfGroup(size_t most);
  void NoteSpeed(const PendingQuery& pending, const QueryDone& event);
  size_t QueriesAtOnce() const;  // That the datasource is to have.
  size_t QueriesMost() const;    // Under way at once, with what waits for the datasource.
  void PumpQueries();
  void Run(PendingQuery pending);
  void GoOn(slo::Engine::Outcome outcome);
  void GoOn(rules::Engine::Outcome outcome);
  void SayHealth(HealthLog::Change change);
  void QueueWrite(rules::Write write);
  void PumpWrites();
  void TakeAlerts(std::vector<alert::Alert> alerts, const char* source);

  // Storage (core.cc).
  void Store(Record record) { outbox_.Add(std::move(record), now_.mono); }
  void Store(std::vector<Record> records);
  void StoreNoted();
  size_t NotedChanges() const { return journal_.changes() + dispatcher_->changes(); }
  void ReleaseWaiters();

  // Readers (view.cc).
  void AnswerViews();
  bool AreGroupsWanted() const;
  AlertRow Filled(AlertRow row) const;
  std::shared_ptr<const View> MakeView(unsigned parts);
  void AddSlos(View* view) const;
  std::vector<OpenIncident> OpenIncidents() const;
  Stats MakeStats();

  void Emit(Effect effect) { effects_.push_back(std::move(effect)); }

  const Options options_;
  std::shared_ptr<const config::Config> config_;
  oncall::Overrides overrides_;
  std::shared_ptr<const oncall::Roster> roster_;  // Of config_, with the overrides laid over it.
  oncall::Clocks clocks_;                         // Of roster_.
  Receipts receipts_;
  uint64_t generation_ = 1;  // Counts config swaps.
  Now now_{};                // Of the current Step.
  Effects effects_;          // Of the current Step.
  Rng rng_;
  bool stopping_ = false;
  StormLines firing_lines_;  // Of alerts that begin, and of those that end.
  StormLines resolved_lines_;
  std::vector<ViewRequest> views_wanted_;  // Until their alerts are made.
  size_t rows_made_ = 0;                   // For these, of alerts.
  bool groups_made_ = false;               // For these: each was looked at.
  WallTime doubt_before_ = kNoTime;  // Of alerts older than this we may have told and not know.

  AlertTable alerts_;
  AlertLog alert_log_;
  HealthLog health_log_;
  NameLimits name_limits_;
  std::unique_ptr<inhibit::Index> inhibit_;
  silence::Set silences_;
  std::set<std::string> silences_changed_;  // Ids of those that alerts_ does not know of yet.
  bool all_silences_changed_ = false;       // So many that they are not told apart.
  WallTime silenced_at_ = kNoTime;          // As of when it is known which changed.
  std::unique_ptr<RouteMutes> mutes_;
  bool mutes_ended_ = false;  // Since the last look: somebody may not be muted any more.
  std::unique_ptr<dispatch::Dispatcher> dispatcher_;
  GroupRows group_rows_;  // Of dispatcher_.
  nflog::Log nflog_;
  journal::Journal journal_;
  incident::Registry incidents_;
  Escalations escalations_;
  VendorUpdates vendor_updates_;
  automation::Book automation_;
  Summaries summaries_;
  std::optional<MonoTime> oncall_counted_;   // As of when stats_.oncall_seconds holds.
  std::set<RunningEscalation::Id> unsaved_;  // Changed in this Step, or since its batch was taken.
  std::optional<Duration> clock_offset_;     // Of the wall clock, as of when all were saved.
  std::map<std::string, std::shared_ptr<const oncall::Ladder>>
      ladders_;  // Of config_; may be null.
  std::unique_ptr<rules::Engine> rules_;
  slo::Exclusions exclusions_;
  std::unique_ptr<slo::Engine> slos_;
  bool asks_anchored_ = false;  // As the log has it.
  heartbeat::Watch heartbeats_;
  const std::unique_ptr<Calls> calls_;
  const std::unique_ptr<Runs> runs_;
  const std::unique_ptr<Storms> storms_;
  Outbox outbox_;
  Stats stats_;
  Flapping flapping_;
  slo::PagingCheck paging_check_;
  WallTime budgets_seen_ = kNoTime;  // By paging_check_.
  labels::Lookup episode_is_test_{incident::kTestLabel};
  std::array<labels::Lookup, 3> episode_names_{labels::Lookup("team"), labels::Lookup("service"),
                                               labels::Lookup("severity")};
  LabelValues episode_;                // Of the episode counted last, and its counters in stats_.
  uint64_t* episode_count_ = nullptr;  // Counters stay where they are.
  Histogram* episode_delay_ = nullptr;
  uint64_t* answered_count_ = nullptr;  // The same, of queries that went well.

  uint64_t last_id_ = 0;  // Of queries, deliveries and flushes.
  std::map<uint64_t, ActiveFlush> flushes_;
  DeliveryQueue deliveries_;
  dispatch::Undelivered undelivered_;
  std::vector<std::pair<QueryId, PendingQuery>> queries_out_;  // A few.
  std::deque<PendingQuery> queries_waiting_;                   // First come, first asked.
  std::deque<PendingQuery> background_waiting_;  // The same, when there is room to spare.
  size_t background_out_ = 0;                    // So many of queries_out_ are of the background.
  bool answers_fast_ = false;                    // The last one came within kFastAnswer.
  WriteQueue writes_;
  bool drops_writes_ = false;  // Since writes_ was empty last.
  std::multimap<Ticket, Reply> reply_waits_;
  std::optional<MonoTime> next_gc_;
  std::optional<MonoTime> flushes_from_;  // The first Step and start_delay.
  MonoTime flushed_at_{};                 // When a group was flushed last.
  std::optional<MonoTime> started_;       // The first Step.
};

}  // namespace watchfire::core
