// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What becomes of the engine's state: over restarts and reloads, and as it is shown.

#include <algorithm>

#include "pkg/base/check.h"
#include "pkg/slo/alert_record.h"
#include "pkg/slo/budgets.h"
#include "pkg/slo/burn.h"
#include "pkg/slo/days.h"
#include "pkg/slo/slo.h"

namespace watchfire::slo {
namespace {

bool SameQueries(const config::Slo& a, const config::Slo& b) {
  return a.error_query == b.error_query && a.total_query == b.total_query &&
         a.error_ratio_query == b.error_ratio_query && a.calendar == b.calendar &&
         HasLeast(a) == HasLeast(b);
}

// A further severity may say that it is one of these: a pair of windows that has its own alert.
bool IsOne(const BurnAlert& burn, std::string_view severity) {
  if (burn.severity == severity) return true;
  const bool is_further = burn.severity != "page" && burn.severity != "ticket" && !burn.no_data;
  return is_further && burn.alert.labels.Get("sloth_severity") == severity;
}

bool AnyFiring(const std::map<std::string, BurnAlert>& alerts, std::string_view severity) {
  return std::ranges::any_of(alerts, [severity](const auto& entry) {
    const BurnAlert& burn = entry.second;
    return !burn.resolved && !burn.pending && IsOne(burn, severity);
  });
}

}  // namespace

void Engine::UpdateFiring(SloState* state) {
  state->status.page_firing = AnyFiring(state->alerts, "page");
  state->status.ticket_firing = AnyFiring(state->alerts, "ticket");
  std::set<std::string> firing;
  std::set<std::string> tiers;
  state->status.no_data_firing = false;
  for (const auto& [key, burn] : state->alerts) {
    if (burn.resolved || burn.pending) continue;
    if (burn.no_data) {
      state->status.no_data_firing = true;
      continue;
    }
    firing.insert(burn.severity);
    tiers.insert(burn.severity + " " + std::string(burn.alert.annotations.Get("tier")));
  }
  state->status.tiers.assign(tiers.begin(), tiers.end());
  state->status.firing.assign(firing.begin(), firing.end());
}

std::vector<Record> Engine::AdoptState(const Engine& old) {
  std::vector<Record> deletions;
  books_.AdoptState(old.books_);
  budgets_->AdoptState(*old.budgets_);
  if (days_ && old.days_) days_->AdoptState(*old.days_);
  for (size_t o = 0; o < old.slos_.size(); ++o) {
    const SloState& from = old.states_[o];
    const auto found = std::ranges::find(slos_, old.slos_[o].id, &config::Slo::id);
    if (found == slos_.end()) {
      if (!from.alerts.empty()) {
        deletions.push_back({Table::kSlo, old.slos_[o].id, std::nullopt});
      }
      continue;
    }
    const size_t index = static_cast<size_t>(found - slos_.begin());
    SloState& to = states_[index];
    to.alerts = from.alerts;
    if (!to.alerts.empty()) to.hold_at = WallTime();
    if (HoldAfter() != old.HoldAfter()) {
      // How long they are valid follows from the old interval: they may not outlast the new one.
      for (auto& [key, burn] : to.alerts) {
        if (!burn.resolved) burn.last_sent_at = kNoTime;
      }
    }
    std::string least_error = std::move(to.status.least_error);
    to.status = from.status;
    to.status.least_error = std::move(least_error);
    if (SameQueries(*found, old.slos_[o])) {
      to.is_failing = from.is_failing;  // Other queries fail anew.
      for (const Duration window : to.windows) {
        const auto answer = from.answers.find(window);
        if (answer == from.answers.end() || from.left_out.contains(window)) continue;
        to.answers.insert(*answer);
      }
    } else {
      to.status.readings.clear();
      to.status.no_data_since = kNoTime;
      to.status.ratio_error.clear();
    }
    // A round under way is begun again.
    if (!from.outstanding.empty() && Counts(index)) closed_.push_back({index, from.slot, ""});
    if (old.options_.interval != options_.interval) continue;
    to.schedule = from.schedule;
    if (!from.outstanding.empty()) to.schedule.Reopen();
  }
  return deletions;
}

Status Engine::Restore(const Record& record) {
  if (Books::IsHistory(record)) return books_.Restore(record);
  if (Budgets::IsBudget(record)) return RestoreBudget(record);
  if (Days::IsDays(record)) return days_ ? days_->Restore(record) : Status();
  const auto found = std::ranges::find(slos_, record.key, &config::Slo::id);
  if (found == slos_.end() || !record.value) return {};
  Result<Alerts> alerts = DecodeAlerts(*record.value);
  if (!alerts) return Fail(std::move(alerts.error()));
  SloState& state = states_[static_cast<size_t>(found - slos_.begin())];
  state.alerts = *std::move(alerts);
  // The restored alert table knows nothing of until when the last sending was valid.
  for (auto& [key, burn] : state.alerts) {
    if (burn.resolved) continue;
    burn.last_sent_at = kNoTime;
    if (burn.no_data) state.status.no_data_since = burn.alert.active_at;
  }
  state.hold_at = WallTime();
  UpdateFiring(&state);
  return {};
}

const SloStatus& Engine::status(size_t slo) const {
  WF_CHECK(slo < states_.size());
  return states_[slo].status;
}

Counting Engine::counting(size_t slo) const {
  WF_CHECK(slo < states_.size());
  Counting out;
  if (!IsIncremental(slos_[slo])) {
    out.why_exact = slos_[slo].mode ? "its mode is exact" : "slo_mode is exact";
  } else if (!counts_) {
    out.why_exact = "evaluation.interval is below " + FormatDuration(kCounted);
  } else if (!books_.Keeps(slo)) {
    out.why_exact = books_.why_not(slo);
  }
  if (!out.why_exact.empty()) return out;
  out.error = states_[slo].count_error;
  out.is_capped = books_.Overflows(slo);
  if (out.is_capped && out.error.empty()) {
    out.error = "more than " + std::to_string(books_.label_sets_max()) +
                " label sets, so that each of its windows is asked: group it by less";
  }
  out.counted = states_[slo].counted;
  out.known = books_.KnownOf(slo, slos_[slo].period);
  out.coverage = books_.CoverageOf(slo, slos_[slo].period);
  out.fill_error = books_.fill_error(slo);
  out.anomalies = books_.anomalies(slo);
  out.audit = books_.AuditOf(slo);
  return out;
}

}  // namespace watchfire::slo
