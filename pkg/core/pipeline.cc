// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// From a due group to messages that are accepted, retried or counted as failed.
//
//   flush -> mute (muting.cc) -> per integration: dedup against the log -> intent -> attempts
//
// One integration that fails makes the flush fail, but neither stops nor repeats the others: each
// has its own log entry. Where `delivery: strict` holds, no flush waits for its deliveries
// (strict.cc).

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <set>
#include <string_view>

#include "pkg/base/check.h"
#include "pkg/core/core.h"
#include "pkg/dispatch/decide.h"
#include "pkg/route/route.h"

namespace watchfire::core {
namespace {

constexpr Duration kFlushDeadlineMin = std::chrono::seconds(10);  // Reference §5.2.

// Options::messages_under_way keep receivers busy that answer soon; more of them would only wait in
// line, and what a storm makes long before it is sent has left every cache by then. But a receiver
// that is slow or hangs must not hold up the groups of others: a share of as many is flushed every
// kFlushPause however many messages are under way. Nor are fewer flushed at once in a storm.
constexpr size_t kFlushShare = 8;
constexpr Duration kFlushPause = std::chrono::milliseconds(5);

size_t FewFlushes(const Options& options) {
  return std::max<size_t>(1, options.messages_under_way / kFlushShare);
}

constexpr std::initializer_list<const char*> kRunbookAnnotations = {"runbook_url", "runbook"};

using AlertPtr = std::shared_ptr<const alert::Alert>;

// Fingerprints, sorted.
struct Parted {
  std::vector<uint64_t> firing;
  std::vector<uint64_t> resolved;
};

Parted Part(const std::vector<AlertPtr>& alerts, WallTime at) {
  Parted parted;
  parted.firing.reserve(alerts.size());  // Mostly all.
  for (const AlertPtr& alert : alerts) {
    (alert->Resolved(at) ? parted.resolved : parted.firing).push_back(alert->fingerprint());
  }
  std::ranges::sort(parted.firing);
  std::ranges::sort(parted.resolved);
  return parted;
}

// The first of these annotations that the alert has, under the name that incidents know it by.
void AddLink(const alert::Alert& alert, const char* name,
             std::initializer_list<const char*> annotations, incident::Page* page) {
  for (const char* annotation : annotations) {
    const std::string_view url = alert.annotations.Get(annotation);
    if (url.empty()) continue;
    page->links.emplace(name, url);
    return;
  }
}

bool HasRunbook(const alert::Alert& alert) {
  return std::ranges::any_of(kRunbookAnnotations, [&](const char* annotation) {
    return !alert.annotations.Get(annotation).empty();
  });
}

// What the worst alert says of the incident.
void DescribePage(const alert::Alert& worst, const std::string& correlate_by,
                  incident::Page* page) {
  const std::string_view summary = worst.annotations.Get("summary");
  page->title = std::string(summary.empty() ? worst.name() : summary);
  page->severity = std::string(worst.labels.Get("severity"));
  page->team = std::string(worst.labels.Get("team"));
  page->service = std::string(worst.labels.Get("service"));
  page->is_by_human = worst.annotations.Get("detected_by") == "human";
  AddLink(worst, "runbook", kRunbookAnnotations, page);
  AddLink(worst, "dashboard", {"dashboard_url", "grafana_url", "dashboard"}, page);
  AddLink(worst, "logs", {"logs_url", "logs"}, page);
  if (correlate_by.empty()) return;
  const std::string_view label = worst.labels.Get(correlate_by);
  page->correlation = std::string(label.empty() ? worst.annotations.Get(correlate_by) : label);
}

struct Start {
  WallTime at = kNoTime;
  bool is_known = false;  // See incident::Page.
};

// When it began to be so, as far as that is known: an SLO was bad before it burned so fast, or
// long, that somebody had to be told.
Start StartOf(const alert::Alert& alert, const slo::PagingCheck& budgets) {
  if (alert.active_at == kNoTime) {
    return {alert.starts_at, alert.annotations.Get("detected_by") == "human"};
  }
  const auto burns = budgets.BurnsSince(alert.labels.Get("sloth_id"));
  return {burns ? std::min(*burns, alert.active_at) : alert.active_at, true};
}

// What the incident will say: the worst firing alert gives title, severity and team. It belongs to
// the receiver of the group, also when another stands in for that one.
incident::Page MakePage(const dispatch::Notification& notification, const std::string& owner,
                        const AlertTable& table, const slo::PagingCheck& budgets,
                        const config::Incidents& terms) {
  incident::Page page;
  page.receiver = owner;
  page.group_key = notification.group_key;
  page.backend = notification.integration;
  const auto is_test = [](const alert::Alert& alert) {
    return alert.labels.Get(incident::kTestLabel) == "true";
  };
  page.is_test = std::ranges::all_of(notification.alerts, [&](const alert::Alert& alert) {
    return is_test(alert) || !notification.Firing(alert);
  });
  for (const alert::Alert& alert : notification.alerts) table.Fetch(alert.fingerprint());
  for (const alert::Alert& alert : notification.alerts) table.FetchRow(alert.fingerprint());
  const alert::Alert* worst = nullptr;
  std::set<std::string_view> with_runbook;  // One alert of a name that has it is enough.
  for (const alert::Alert& alert : notification.alerts) {
    if (!notification.Firing(alert)) continue;
    page.alerts.emplace_back(alert.name());
    if (HasRunbook(alert)) with_runbook.insert(alert.name());
    ++page.alert_count;
    if (is_test(alert) && !page.is_test) continue;  // It says nothing of what is real.
    const Start start = StartOf(alert, budgets);
    if (page.started_at == kNoTime || start.at < page.started_at) {
      page.started_at = start.at;
      page.is_start_known = start.is_known;
    }
    const AlertTable::Row* row = table.Find(alert.fingerprint());
    const WallTime received = row == nullptr ? alert.starts_at : row->received_at;
    if (page.detected_at == kNoTime || received < page.detected_at) page.detected_at = received;
    const bool worse = worst == nullptr || incident::IsWorse(alert.labels.Get("severity"),
                                                             worst->labels.Get("severity"), terms);
    if (worse) worst = &alert;
  }
  WF_CHECK(worst != nullptr);
  std::ranges::sort(page.alerts);
  page.alerts.erase(std::unique(page.alerts.begin(), page.alerts.end()), page.alerts.end());
  std::ranges::copy_if(page.alerts, std::back_inserter(page.bare_alerts),
                       [&](const std::string& name) { return !with_runbook.contains(name); });
  DescribePage(*worst, terms.correlate_by, &page);
  return page;
}

}  // namespace

std::optional<MonoTime> Core::NextFlushes() const {
  const std::optional<MonoTime> due = dispatcher_->next_due();
  if (!due || FlushesAtOnce() > 0) return due;
  return std::max<MonoTime>(*due, flushed_at_ + kFlushPause);
}

size_t Core::FlushesAtOnce() const {
  const size_t most = options_.messages_under_way;
  const size_t room = most - std::min(most, deliveries_.size());
  return room < FewFlushes(options_) ? 0 : room;
}

void Core::StartFlushes() {
  size_t most = FlushesAtOnce();
  if (now_.mono >= flushed_at_ + kFlushPause) most = std::max(most, FewFlushes(options_));
  std::vector<dispatch::Flush> flushes = dispatcher_->StartDue(now_, most);
  if (!flushes.empty()) flushed_at_ = now_.mono;
  // What is looked up of the first alerts of the next ones, while this one is worked on.
  const auto fetch = [&](size_t flush, const auto& each) {
    constexpr size_t kMost = 64;
    if (flush >= flushes.size()) return;
    const auto& alerts = flushes[flush].alerts;
    for (size_t i = 0; i < std::min(kMost, alerts.size()); ++i) each(alerts[i]->fingerprint());
  };
  for (size_t i = 0; i < flushes.size(); ++i) {
    fetch(i + 2, [this](uint64_t alert) { journal_.Fetch(alert); });
    fetch(i + 1, [this](uint64_t alert) { journal_.FetchKnown(alert); });
    RunFlush(std::move(flushes[i]));
  }
}

const config::Receiver* Core::FindReceiver(const std::string& name) const {
  return core::FindReceiver(*config_, name);
}

const config::Receiver& Core::ReceiverOf(const config::Route& route) const {
  const config::Receiver* receiver = FindReceiver(route.receiver);
  WF_CHECK(receiver != nullptr);  // The loader refuses undefined receivers.
  return *receiver;
}

void Core::CloseIncidentIfOver(const dispatch::Group& group) {
  const bool is_over = std::ranges::all_of(
      group.alerts, [&](const auto& entry) { return entry.second->Resolved(now_.wall); });
  if (!is_over) return;
  using Recovery = incident::Registry::Recovery;
  const alert::Alert* last = nullptr;
  WallTime known_at = kNoTime;
  for (const auto& [fingerprint, alert] : group.alerts) {
    if (last == nullptr || last->ends_at < alert->ends_at) last = alert.get();
    const AlertTable::Row* row = alerts_.Find(fingerprint);
    if (row != nullptr) known_at = std::max(known_at, row->WhenOver());
  }
  const bool is_silence = last != nullptr && last->FellSilent();
  EndGroup(group.route->receiver, group.key, is_silence ? Recovery::kSilence : Recovery::kSaid,
           known_at);
}

// As above, though no flush has told the ends yet: what fires again before one does is news, for
// nobody has it any more.
void Core::CloseIncidentAhead(const dispatch::Group& group) {
  const std::string& receiver = group.route->receiver;
  const auto is_open = [&] { return incidents_.FindOpen(receiver, group.key) != nullptr; };
  if (!is_open()) return;
  CloseIncidentIfOver(group);
  if (is_open()) return;
  for (const nflog::Key& key : PagersOf({receiver, group.key, ""})) {
    const nflog::Entry* entry = nflog_.Find(key);
    if (entry == nullptr) continue;
    const std::vector<uint64_t> told = entry->firing;
    if (auto record = nflog_.Doubt(key, told)) Store(*std::move(record));
  }
}

void Core::RunFlush(dispatch::Flush flush) {
  const dispatch::Group* group = dispatcher_->Find(flush.group);
  WF_CHECK(group != nullptr);
  const config::Receiver& receiver = ReceiverOf(*group->route);

  if (nflog_.has_foreign()) {
    for (const config::Integration& integration : receiver.integrations) {
      const nflog::Key key{group->key, receiver.name, integration.kind, integration.index};
      if (auto record = nflog_.Adopt(key, flush.alerts)) Store(*std::move(record));
    }
  }
  CloseIncidentIfOver(*group);
  const std::vector<Muted> muted = WhoIsMuted(flush, *group);
  if (group->route->delivery == config::Delivery::kStrict) {
    FlushStrictly(flush, *group, receiver, muted);
    return;
  }
  DoubtEndedMuted(flush, muted, group->key, receiver);
  const uint64_t id = ++last_id_;
  ActiveFlush& active = flushes_[id];
  active.flush = {flush.group, flush.at, {}};
  std::vector<AlertPtr> alerts;
  alerts.reserve(muted.size());
  for (size_t i = 0; i < muted.size(); ++i) {
    AlertPtr& alert = flush.alerts[i];
    // Only what has ended may leave the group when the flush does.
    if (alert->Resolved(flush.at)) active.flush.alerts.push_back(alert);
    if (muted[i] == Muted::kNo) alerts.push_back(std::move(alert));
  }
  active.generation = generation_;
  for (const config::Integration& integration : receiver.integrations) {
    if (!Plan(*group, {receiver, integration}, active.flush, alerts, id)) active.failed = true;
  }
  PlanFurther(*group);
  if (active.outstanding == 0) EndFlush(id);
}

// Returns false when the integration could not be served now and must be tried at the next tick.
bool Core::Plan(const dispatch::Group& group, const Audience& to, const dispatch::Flush& flush,
                const std::vector<AlertPtr>& alerts, uint64_t flush_id) {
  const nflog::Key key = to.KeyIn(group.key);
  // A message of an earlier configuration is still out: its answer will say what is known.
  if (deliveries_.Busy(key)) return alerts.empty();
  if (alerts.empty()) {
    NothingOwed(key);
    return true;
  }
  if (to.integration.pages) {
    DoubtWhatBeganAnew(key, alerts);
    Reassure(key, alerts);
  }
  const auto [firing, resolved] = Part(alerts, flush.at);
  const bool maybe_told = std::ranges::any_of(
      alerts, [&](const AlertPtr& alert) { return alert->starts_at < doubt_before_; });
  const nflog::Entry* entry = nflog_.Find(key);
  // Ends are told however long ago the beginning was.
  if (entry != nullptr && !firing.empty() && IsForgottenThere(*entry)) entry = nullptr;
  const std::optional<dispatch::Reason> reason =
      dispatch::Decide({entry, firing, resolved, to.integration.send_resolved,
                        group.route->repeat_interval, flush.at, maybe_told});
  if (!reason) {
    NothingOwed(key);
    return true;
  }
  Delivery delivery = MakeDelivery(group, to, flush.at, *reason, alerts);
  delivery.flush = flush_id;
  delivery.deadline = now_.mono + std::max(group.route->group_interval, kFlushDeadlineMin);
  if (Deliver(std::move(delivery))) ++flushes_.at(flush_id).outstanding;
  return true;
}

// Whether Alertmanager's clean-up would have taken the entry out of its log by now: with a
// repeat_interval longer than --data.retention that is what repeats its messages.
bool Core::IsForgottenThere(const nflog::Entry& entry) const {
  const Duration up = now_.mono - *started_;
  if (up < options_.maintenance_interval) return false;
  return entry.expires_at <= now_.wall - up % options_.maintenance_interval;
}

Delivery Core::MakeDelivery(const dispatch::Group& group, const Audience& to, WallTime at,
                            dispatch::Reason reason, const std::vector<AlertPtr>& alerts) {
  const config::Integration& integration = to.integration;
  Delivery delivery;
  delivery.key = to.KeyIn(group.key);
  const nflog::Key& key = delivery.key;
  auto notification = std::make_shared<dispatch::Notification>();
  notification->receiver = to.receiver.name;
  notification->integration = integration.kind;
  notification->index = integration.index;
  notification->group_key = key.group_key;
  notification->group_labels = group.labels;
  const auto& route_labels = group.route->labels;
  notification->route_labels =
      labels::LabelSet(labels::LabelSet::Pairs(route_labels.begin(), route_labels.end()));
  notification->at = at;
  notification->reason = reason;
  notification->external_url = options_.external_url;
  const nflog::Entry* entry = nflog_.Find(key);
  // The first message about a group begins something new at the receiver.
  if (entry != nullptr && reason != dispatch::Reason::kFirst) {
    notification->receiver_data = entry->data;
  }
  notification->alerts.reserve(alerts.size());
  for (const AlertPtr& alert : alerts) {
    const bool resolved = alert->Resolved(at);
    if (resolved && !integration.send_resolved) continue;
    notification->alerts.push_back(alert);
  }
  delivery.id = DeliveryId{++last_id_};
  delivery.config = config_;
  delivery.integration = &integration;
  delivery.limits = to.receiver.limits;
  delivery.notification = notification;
  Parted parted = Part(alerts, at);
  delivery.firing = std::move(parted.firing);
  delivery.resolved = std::move(parted.resolved);
  delivery.repeat_interval = group.route->repeat_interval;
  delivery.started = now_.mono;
  // What is led elsewhere pages whom it is led to.
  const bool is_here = !std::ranges::all_of(
      delivery.firing, [&](uint64_t fingerprint) { return group.IsLeaving(fingerprint); });
  const bool pages = to.person.empty() ? integration.pages : !to.ends_only;
  if (pages && is_here) {
    delivery.page =
        MakePage(*notification, key.owner(), alerts_, paging_check_, config_->incidents);
    if (!to.person.empty()) {
      // Which of several groups the incident counts it for, and what it says of that one.
      delivery.page->receiver = group.route->receiver;
      delivery.page->group_key = group.key;
      delivery.page->alert_count =
          static_cast<size_t>(std::ranges::count_if(delivery.firing, [&](uint64_t fingerprint) {
            return group.alerts.contains(fingerprint);
          }));
      delivery.page->to = to.person + " through " + to.receiver.name;
    }
    delivery.page->zone = clocks_.Of(to.person);
  }
  return delivery;
}

// Returns false when there was nothing to transmit.
bool Core::Deliver(Delivery delivery) {
  Count(&stats_.notifications, {delivery.key.integration, delivery.key.receiver});
  if (delivery.notification->alerts.empty()) {
    // Only resolved alerts, and this integration does not want them: the log moves on all the same.
    AcceptDelivery(delivery, delivery.notification->receiver_data);
    return false;
  }
  if (delivery.integration->kind == config::kEscalation) {
    HandOver(std::move(delivery));
    return false;
  }
  Submit(std::move(delivery));
  return true;
}

// Stores the intent; the attempt follows when it is durable.
void Core::Submit(Delivery delivery) {
  if (delivery.page) NotePage(*delivery.page);
  static const nflog::Entry kNothing;
  const nflog::Entry* known = nflog_.Find(delivery.key);
  const nflog::Entry& before = known == nullptr ? kNothing : *known;
  std::vector<uint64_t>& in_doubt = delivery.in_doubt;
  in_doubt.reserve(delivery.firing.size() + delivery.resolved.size());
  std::ranges::set_union(delivery.firing, delivery.resolved, std::back_inserter(in_doubt));
  if (!before.attempted.empty()) {
    std::erase_if(in_doubt, [&](uint64_t fingerprint) {
      return std::ranges::binary_search(before.attempted, fingerprint);
    });
  }
  std::ranges::set_difference(delivery.resolved, before.ending,
                              std::back_inserter(delivery.ends_in_doubt));
  const WallTime owed_since = NoteOwed(delivery);
  const dispatch::Undelivered::Debt* debt = undelivered_.Find(delivery.key);
  if (debt != nullptr) delivery.owed_since = debt->since;
  if (delivery.owed_since == MonoTime()) delivery.owed_since = now_.mono;
  delivery.intent =
      outbox_.AddUrgent(nflog_.Attempt(delivery.key, delivery.firing, delivery.resolved,
                                       now_.wall + options_.retention, owed_since),
                        now_.mono);
  delivery.wake = now_.mono + kIntentWait;
  NoteSending(delivery);
  deliveries_.Add(std::move(delivery), now_.mono);
}

void Core::Finish(DeliveryId id, bool success) {
  const Delivery& delivery = *deliveries_.Find(id);
  const nflog::Key key = delivery.key;
  const uint64_t flush_id = delivery.flush;
  const bool is_stale = delivery.is_stale;
  // It was on the wire when the configuration changed, so its contact waited for the answer.
  const bool is_of_old =
      delivery.config != config_ && delivery.state == Delivery::State::kAttempting;
  const bool is_end = success && delivery.firing.empty();
  deliveries_.Remove(id);
  if (is_end && !key.person.empty()) ForgetEnded(key);
  if (flush_id != 0) {
    ActiveFlush& flush = flushes_.at(flush_id);
    if (!success) flush.failed = true;
    if (--flush.outstanding == 0) EndFlush(flush_id);
  }
  const bool stands_in = !key.via.empty();
  if (is_of_old && !key.person.empty() && !stopping_) ReconcilePeople();
  if (is_stale && !stands_in) Hasten(key);
  if (flush_id == 0) AfterDelivery(key);
  if (!stopping_ && (stands_in ? is_stale : success)) PlanFurtherOf(key);
}

// Gives up the deliveries that wait (for the store, a slot or their next attempt): after a reload
// the new groups send with the new configuration, after a stop the next life does. What was
// may have been taken stays in doubt, so nothing is lost; what is on the wire gets its answer.
// Returns whose message that was.
std::vector<nflog::Key> Core::AbandonWaiting() {
  std::vector<nflog::Key> keys;
  for (const DeliveryId id : deliveries_.Waiting()) {
    const Delivery& delivery = *deliveries_.Find(id);
    keys.push_back(delivery.key);
    if (!delivery.maybe_taken)
      Store(nflog_.Withdraw(delivery.key, delivery.in_doubt, delivery.ends_in_doubt));
    journal_.Over(id.value, journal::Outcome::kAbandoned, std::nullopt, now_.wall);
    Finish(id, false);
  }
  return keys;
}

void Core::EndFlush(uint64_t flush_id) {
  const auto found = flushes_.find(flush_id);
  // A reload made new groups; the old one's end is of no interest.
  if (found->second.generation == generation_) {
    const bool is_failed = found->second.failed;
    const dispatch::Group* group = dispatcher_->Find(found->second.flush.group);
    std::vector<Audience> stand_ins;
    if (group != nullptr && !found->second.flush.alerts.empty()) {
      stand_ins = FurtherFor(ReceiverOf(*group->route), group->key);
    }
    const auto is_owed = [&](uint64_t fingerprint) {
      return is_failed || std::ranges::any_of(stand_ins, [&](const Audience& who) {
               return IsAwaitedBy(who, group->key, fingerprint);
             });
    };
    dispatcher_->EndFlush(found->second.flush, is_owed, now_);
  }
  flushes_.erase(found);
}

}  // namespace watchfire::core
