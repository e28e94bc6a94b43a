// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Alerts that arrive, and those whose end has come: into the table, the journal and their groups.

#include <algorithm>
#include <span>

#include "pkg/core/core.h"
#include "pkg/core/enriching.h"
#include "pkg/core/receipt_names.h"

namespace watchfire::core {
namespace {

// Of what arrives, so many are looked for in memory at once.
constexpr size_t kFetched = 64;

std::string Describe(const alert::Alert& alert) { return alert.labels.ToString(); }

// Prometheus repeats itself, these say a thing once: a restart must not forget it.
bool SaysOnce(const std::string& source) {
  return std::ranges::find(config::kInboundKinds, source) != config::kInboundKinds.end();
}

// Whether a refresh changed what nobody says again. Far ends move with every message, and are none.
bool IsNews(const alert::Alert& before, const alert::Alert& after, WallTime now) {
  constexpr std::chrono::hours kFar{24 * 30};
  const bool is_far = before.ends_at > now + kFar && after.ends_at > now + kFar;
  return !(before.annotations == after.annotations) ||
         !(before.generator_url == after.generator_url) ||
         (before.ends_at != after.ends_at && !is_far);
}

}  // namespace

void Core::On(AlertsArrived event) {
  stats_.alerts_received[{"firing"}] += event.firing;
  stats_.alerts_received[{"resolved"}] += event.resolved;
  stats_.alerts_invalid += event.invalid;
  if (event.over_limit > 0) stats_.limit_exceeded[{"alert_size"}] += event.over_limit;
  if (event.oversized > 0) stats_.limit_exceeded[{"alerts_per_request"}] += event.oversized;
  LeaveOutLate(&event);
  HearOf(event.alerts);
  std::vector<labels::LabelSet> hasty;
  const std::span<alert::Alert> alerts(event.alerts);
  for (size_t i = 0; i < alerts.size(); ++i) {
    if (i % kFetched == 0) {
      const auto next = alerts.subspan(i, std::min(kFetched, alerts.size() - i));
      alerts_.Fetch(next);
      for (const alert::Alert& one : next) journal_.Fetch(one.fingerprint());
    }
    alert::Alert& alert = alerts[i];
    if (event.at_once) hasty.push_back(alert.labels);
    Ingest(std::move(alert), event.source);
  }
  for (const labels::LabelSet& labels : hasty) dispatcher_->HastenAll(labels, now_.mono);
}

void Core::On(AlertsOnce event) {
  Reply reply{event.reply_to, {}, nullptr, {}, {}};
  std::vector<Record> records;
  const auto [message, state] = ReceiptNames(event.receipt);
  const bool is_first = message.empty() || receipts_.Take(message, now_.wall, &records);
  const bool is_late = is_first && !state.empty() && !receipts_.Take(state, now_.wall, &records);
  if (is_first && !is_late) {
    // Those of other sources are written within a second; here somebody waits for them as well.
    std::vector<std::pair<uint64_t, std::shared_ptr<const alert::Alert>>> before;
    if (!SaysOnce(event.alerts.source)) {
      for (const alert::Alert& alert : event.alerts.alerts) {
        const AlertTable::Row* row = alerts_.Find(alert.fingerprint());
        before.emplace_back(alert.fingerprint(), row == nullptr ? nullptr : row->alert);
      }
    }
    On(std::move(event.alerts));
    for (const auto& [fingerprint, was] : before) {
      const AlertTable::Row* row = alerts_.Find(fingerprint);
      const bool is_news = row != nullptr && (!was || IsNews(*was, *row->alert, now_.wall));
      if (is_news) outbox_.AddAlertUrgent(fingerprint, now_.mono);
    }
  } else {
    reply.status = Fail(Code::kConflict, is_late ? kOvertaken : kCameBefore);
  }
  for (Record& record : records) outbox_.AddUrgent(std::move(record), now_.mono);
  // Also of what came before: it may be on its way to the store still.
  reply_waits_.emplace(outbox_.UrgentTicket(), std::move(reply));
}

void Core::LeaveOutLate(AlertsArrived* event) const {
  if (event->only_while.empty()) return;
  event->only_while.resize(event->alerts.size());
  std::vector<alert::Alert> kept;
  for (size_t i = 0; i < event->alerts.size(); ++i) {
    const uint64_t needed = event->only_while[i];
    const auto* entry = needed == 0 ? nullptr : alerts_.Find(needed);
    const bool is_late = needed != 0 && (entry == nullptr || entry->alert->Resolved(now_.wall));
    if (!is_late) kept.push_back(std::move(event->alerts[i]));
  }
  event->alerts = std::move(kept);
}

void Core::Ingest(alert::Alert incoming, const std::string& source) {
  const uint64_t fingerprint = incoming.fingerprint();
  if (!name_limits_.Admit(incoming, now_.wall)) {
    Count(&stats_.alerts_limited, {std::string(incoming.name())});
    return;
  }
  const Enriched enriched = Enrich(config_->enrichments, &incoming);
  if (enriched.left_out > 0) stats_.limit_exceeded[{"enrichment"}] += enriched.left_out;
  const bool says_once = SaysOnce(source);
  const AlertTable::Row* known = says_once ? alerts_.Find(fingerprint) : nullptr;
  const std::shared_ptr<const alert::Alert> before = known == nullptr ? nullptr : known->alert;
  const AlertTable::Change change = alerts_.Apply(std::move(incoming), now_.wall);
  if (change == AlertTable::Change::kRefused) {
    ++stats_.limit_exceeded[{"active_alerts"}];
    return;
  }
  AlertTable::Row& row = alerts_.applied();
  const std::shared_ptr<const alert::Alert>& alert = row.alert;
  name_limits_.Admit(*alert, now_.wall);  // What it was merged with may end later.
  if (change == AlertTable::Change::kNew) {
    if (enriched.given > 0) ++stats_.alerts_enriched;
    CountEpisode(*alert, source);
    CountPending(*alert, source);
    const auto& last = alerts_.before();
    CountFlap(*alert, last ? flapping_.ComesBack(fingerprint, last->began, last->ended, now_.wall)
                           : flapping_.Changes(fingerprint, now_.wall));
    row.receivers = dispatcher_->Receivers(alert->labels);
    row.silenced = silences_.Silencing(alert->labels, now_.wall);
    if (firing_lines_.Count(now_.mono)) {
      Emit(Log{Log::Level::kInfo, "alert: firing", {{"alert", Describe(*alert)}}});
    }
    journal_.Firing(fingerprint, source, alert->starts_at, now_.wall);
  }
  if (change == AlertTable::Change::kResolved) {
    if (resolved_lines_.Count(now_.mono)) {
      Emit(Log{Log::Level::kInfo, "alert: resolved", {{"alert", Describe(*alert)}}});
    }
    journal_.Ended(fingerprint, alert->ends_at, /*expired=*/false, now_.wall);
    CountFlap(*alert, flapping_.Changes(fingerprint, now_.wall));
  }
  const bool is_news = before != nullptr && IsNews(*before, *alert, now_.wall);
  if (change != AlertTable::Change::kRefreshed || is_news) {
    if (says_once) {
      outbox_.AddAlertUrgent(fingerprint, now_.mono);
    } else {
      outbox_.AddAlert(fingerprint, now_.mono);
    }
  }
  Settle(alert);
}

// Tells the engines about the newest state of an alert.
void Core::Settle(const std::shared_ptr<const alert::Alert>& alert) {
  // A source changes what readers see of other alerts.
  if (inhibit_->Update(*alert, now_.wall)) {
    alerts_.TouchAll();
    if (alert->Resolved(now_.wall)) mutes_ended_ = true;
  }
  // The end of what Alertmanager told is awaited, though nothing of it is known here.
  dispatcher_->Apply(alert, now_, /*rebuilding=*/nflog_.has_foreign());
}

void Core::ExpireAlerts() {
  for (const auto& alert : alerts_.Expire(now_.wall)) {
    if (resolved_lines_.Count(now_.mono)) {
      Emit(Log{
          Log::Level::kInfo, "alert: resolved", {{"alert", Describe(*alert)}, {"why", "expired"}}});
    }
    journal_.Ended(alert->fingerprint(), alert->ends_at, /*expired=*/true, now_.wall);
    CountFlap(*alert, flapping_.Changes(alert->fingerprint(), now_.wall));
    outbox_.AddAlert(alert->fingerprint(), now_.mono);
    Settle(alert);
  }
}

// Of alerts that had no lines of their own there is one line.
void Core::LogStorms() {
  const auto log = [this](StormLines* lines, const char* message) {
    const size_t alerts = lines->TakeRest(now_.mono, /*hurry=*/stopping_);
    if (alerts > 0) Emit(Log{Log::Level::kInfo, message, {{"alerts", std::to_string(alerts)}}});
  };
  log(&firing_lines_, "alert: more are firing");
  log(&resolved_lines_, "alert: more are resolved");
}

}  // namespace watchfire::core
