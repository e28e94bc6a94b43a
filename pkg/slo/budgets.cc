// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/slo/budgets.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "pkg/base/check.h"
#include "pkg/base/limits.h"
#include "pkg/base/strings.h"
#include "pkg/rules/rules.h"
#include "pkg/slo/budget_record.h"
#include "pkg/slo/burn.h"
#include "pkg/slo/period.h"

namespace watchfire::slo {
namespace {

constexpr std::string_view kKeyPrefix = "\tbudget/";
constexpr Duration kDay = std::chrono::hours(24);

std::string KeyOf(const config::Slo& slo) { return std::string(kKeyPrefix) + slo.id; }

std::string Percent(double share) {
  std::array<char, 32> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%.4g%%", share * 100);
  return buffer.data();
}

bool SamePolicy(const config::Slo& a, const config::Slo& b) {
  const auto same = [](const config::BudgetLevel& x, const config::BudgetLevel& y) {
    return x.condition == y.condition;
  };
  return a.objective == b.objective && a.period == b.period && a.calendar == b.calendar &&
         std::ranges::equal(a.levels, b.levels, same);
}

bool SameIndicator(const config::Slo& a, const config::Slo& b) {
  return a.error_query == b.error_query && a.total_query == b.total_query &&
         a.error_ratio_query == b.error_ratio_query && a.period == b.period &&
         a.calendar == b.calendar;
}

}  // namespace

Budgets::Budgets(std::span<const config::Slo> slos, BudgetTerms terms)
    : slos_(slos), terms_(std::move(terms)), tracks_(slos.size()) {
  for (size_t i = 0; i < slos_.size(); ++i) {
    by_id_.emplace(slos_[i].id, i);
    tracks_[i].budget.steps = std::make_shared<const std::vector<PolicyStep>>(StepsOf(slos_[i]));
  }
}

bool Budgets::Alerts(size_t slo) const {
  const PolicyStep* step = tracks_[slo].budget.state();
  return step != nullptr && !step->severity.empty() && !slos_[slo].levels.empty();
}

std::string Budgets::ConditionOf(size_t slo) const {
  const PolicyStep* step = tracks_[slo].budget.state();
  return step != nullptr && step->level ? slos_[slo].levels[*step->level].condition : "";
}

bool Budgets::MayWorsen(const config::Slo& slo, WallTime slot) const {
  return !slo.calendar || PeriodSoFar(slo, slot) >= slo.period / kSettlingPart;
}

void Budgets::Judge(size_t slo, const Known& known, WallTime slot, WallTime now, Outcome* outcome) {
  WF_CHECK(slo < tracks_.size());
  const config::Slo& which = slos_[slo];
  Track& track = tracks_[slo];
  Budget& budget = track.budget;
  budget.remaining = known.remaining;
  budget.known_at = slot;
  budget.fresh_until = slot + std::max(kFresh, 5 * terms_.interval);
  budget.burn_rate = known.burn_rate;
  budget.exhausted_in =
      known.burn_rate ? ExhaustedIn(which, known.remaining, *known.burn_rate, slot) : std::nullopt;
  const bool may_worsen = MayWorsen(which, slot);
  size_t next = NextStep(which, *budget.steps, budget.step, known.remaining, may_worsen);
  if (std::exchange(track.is_doubtful, false) && budget.step) {
    next = StepAt(which, *budget.steps, known.remaining);
    if (!may_worsen) next = std::min(next, *budget.step);
  }
  if (next != budget.step) Move(slo, next, slot, outcome);
  if (NoteBreach(slo, slot)) track.stored_at = kNoTime;
  const bool is_stored =
      track.stored_at != kNoTime && now >= track.stored_at && now - track.stored_at < kStoreEvery;
  if (is_stored) return;
  track.stored_at = now;
  dirty_.insert(slo);
}

// Returns whether an episode began or ended. Of a calendar period there is one at most: the window
// is missed, whatever comes later.
bool Budgets::NoteBreach(size_t slo, WallTime slot) {
  const config::Slo& which = slos_[slo];
  Budget& budget = tracks_[slo].budget;
  const double remaining = *budget.remaining;
  if (budget.is_breached && remaining > kBreachMargin) {
    budget.is_breached = false;
    return true;
  }
  if (budget.is_breached || remaining > 0 || !MayWorsen(which, slot)) return false;
  budget.is_breached = true;
  const bool is_same_window = which.calendar && !budget.breaches.empty() &&
                              budget.breaches.back() >= slot - PeriodSoFar(which, slot);
  if (is_same_window) return true;
  ++budget.breach_count;
  budget.breaches.push_back(slot);
  if (budget.breaches.size() > limits::kBudgetBreaches) {
    budget.breaches.erase(budget.breaches.begin());
  }
  return true;
}

void Budgets::Move(size_t slo, size_t step, WallTime at, Outcome* outcome) {
  Track& track = tracks_[slo];
  Budget& budget = track.budget;
  const std::string from = budget.step ? budget.state()->state : "";
  std::optional<alert::Alert> ended;
  if (Alerts(slo)) ended = ToAlert(slo, at);
  budget.step = step;
  budget.since = at;
  track.condition = ConditionOf(slo);
  track.stored_at = kNoTime;
  NoteAlerting(slo);
  // The new one first: nobody is to think that all is well.
  if (Alerts(slo)) {
    track.sent_at = at;
    outcome->send.push_back(
        ToAlert(slo, rules::ValidUntil(at, terms_.interval, terms_.resend_delay)));
  }
  if (ended) outcome->send.push_back(*std::move(ended));
  // That nothing happened yet is no news.
  if (from.empty() && step == 0) return;
  outcome->changes.push_back(
      {slos_[slo].id, from, budget.state()->state, budget.remaining.value_or(0)});
}

// What nothing was said of for a whole period says nothing of the present one.
void Budgets::Expire(WallTime now, Outcome* outcome) {
  const std::set<size_t> alerting = alerting_;
  for (const size_t i : alerting) {
    Budget& budget = tracks_[i].budget;
    if (budget.known_at + slos_[i].period >= now) continue;
    outcome->send.push_back(ToAlert(i, now));
    outcome->changes.push_back(
        {slos_[i].id, budget.state()->state, "", budget.remaining.value_or(0)});
    budget.step.reset();
    budget.since = kNoTime;
    tracks_[i].condition.clear();
    NoteAlerting(i);
    dirty_.insert(i);
  }
}

void Budgets::Upkeep(WallTime now, Outcome* outcome) {
  for (alert::Alert& alert : std::exchange(ended_, {})) {
    alert.ends_at = now;
    outcome->send.push_back(std::move(alert));
  }
  Expire(now, outcome);
  for (const size_t i : alerting_) {
    Track& track = tracks_[i];
    const bool is_due = track.sent_at == kNoTime || track.sent_at > now ||
                        track.sent_at + terms_.resend_delay <= now;
    if (!is_due) continue;
    track.sent_at = now;
    outcome->send.push_back(
        ToAlert(i, rules::ValidUntil(now, terms_.interval, terms_.resend_delay)));
  }
}

WallTime Budgets::next_upkeep() const {
  if (!ended_.empty()) return WallTime();
  WallTime next = WallTime::max();
  for (const size_t i : alerting_) {
    const WallTime sent = tracks_[i].sent_at;
    next = std::min(next, sent == kNoTime ? WallTime() : sent + terms_.resend_delay);
  }
  return next;
}

void Budgets::NoteAlerting(size_t slo) {
  if (Alerts(slo)) {
    alerting_.insert(slo);
  } else {
    alerting_.erase(slo);
  }
}

std::vector<Record> Budgets::ForgetOrphans(WallTime now) {
  std::vector<Record> deletions;
  const bool is_due = swept_at_ == kNoTime || now < swept_at_ || now - swept_at_ >= kDay;
  if (!is_due) return deletions;
  swept_at_ = now;
  std::erase_if(orphans_, [&](const auto& entry) {
    const auto& [key, orphan] = entry;
    if (orphan.known_at + limits::kBudgetDays * kDay >= now) return false;
    deletions.push_back({Table::kSlo, key, std::nullopt});
    return true;
  });
  return deletions;
}

std::vector<Record> Budgets::TakeRecords(WallTime now, bool all) {
  for (size_t i = 0; all && i < tracks_.size(); ++i) {
    if (tracks_[i].budget.step) dirty_.insert(i);
  }
  std::vector<Record> records = ForgetOrphans(now);
  for (const size_t slo : std::exchange(dirty_, {})) records.push_back(ToRecord(slo));
  return records;
}

void Budgets::AdoptState(const Budgets& old) {
  orphans_ = old.orphans_;
  ended_ = old.ended_;
  std::map<std::string_view, size_t> before;
  for (size_t i = 0; i < old.slos_.size(); ++i) before.emplace(old.slos_[i].id, i);
  for (size_t i = 0; i < slos_.size(); ++i) {
    const auto found = before.find(slos_[i].id);
    if (found != before.end()) {
      const size_t was = found->second;
      Adopt(i, old.tracks_[was], old.slos_[was]);
      NoteAlerting(i);
      if (tracks_[i].budget.step) dirty_.insert(i);
      if (old.Alerts(was)) {
        alert::Alert alert = old.ToAlert(was, WallTime());
        if (!Alerts(i) || ToAlert(i, WallTime()).labels != alert.labels) {
          ended_.push_back(std::move(alert));
        }
      }
      before.erase(found);
      continue;
    }
    const auto orphan = orphans_.find(KeyOf(slos_[i]));
    if (orphan == orphans_.end()) continue;
    const Record record = orphan->second.record;
    orphans_.erase(orphan);
    // One that cannot be read is as good as none.
    static_cast<void>(Restore(record));
  }
  for (const auto& [id, was] : before) {
    if (!old.tracks_[was].budget.step) continue;
    orphans_.insert_or_assign(KeyOf(old.slos_[was]),
                              Orphan{old.ToRecord(was), old.tracks_[was].budget.known_at});
    if (old.Alerts(was)) ended_.push_back(old.ToAlert(was, WallTime()));
  }
}

void Budgets::Adopt(size_t slo, const Track& from, const config::Slo& was) {
  const config::Slo& is = slos_[slo];
  Track& track = tracks_[slo];
  const std::shared_ptr<const std::vector<PolicyStep>> steps = track.budget.steps;
  track = from;
  Budget& budget = track.budget;
  budget.steps = steps;
  track.stored_at = kNoTime;
  track.sent_at = kNoTime;  // How long it is valid may be another time now.
  // Of other queries nothing is known yet.
  if (!SameIndicator(is, was)) {
    track.is_doubtful = true;
    budget.fresh_until = kNoTime;
  }
  if (!from.budget.step || SamePolicy(is, was)) return;
  track.is_doubtful = true;
  // What an indicator said goes for any objective; what was restored may be of another than `was`.
  const bool derives =
      SameIndicator(is, was) && budget.remaining.has_value() && budget.fresh_until != kNoTime;
  if (derives) {
    budget.remaining = 1 - (1 - *budget.remaining) * BudgetRatio(was) / BudgetRatio(is);
    budget.step = StepAt(is, *steps, *budget.remaining);
  } else {
    const auto same = std::ranges::find(*steps, from.budget.state()->state, &PolicyStep::state);
    budget.step = same == steps->end() ? StepAt(is, *steps, budget.remaining.value_or(1))
                                       : static_cast<size_t>(same - steps->begin());
  }
  if (budget.state()->state != from.budget.state()->state) budget.since = budget.known_at;
  track.condition = ConditionOf(slo);
}

bool Budgets::IsBudget(const Record& record) { return record.key.starts_with(kKeyPrefix); }

std::optional<size_t> Budgets::SloOf(const Record& record) const {
  const auto found = by_id_.find(std::string_view(record.key).substr(kKeyPrefix.size()));
  return found == by_id_.end() ? std::nullopt : std::optional(found->second);
}

Record Budgets::ToRecord(size_t slo) const {
  const Track& track = tracks_[slo];
  const Budget& budget = track.budget;
  return {Table::kSlo, KeyOf(slos_[slo]),
          EncodeBudget({budget.step ? budget.state()->state : "", track.condition, budget.since,
                        budget.known_at, budget.remaining.value_or(0), BasisOf(slos_[slo]),
                        budget.breaches, budget.breach_count, budget.is_breached})};
}

Status Budgets::Restore(const Record& record) {
  if (!record.value) return {};
  const Result<BudgetRecord> stored = DecodeBudget(*record.value);
  if (!stored) return Fail(stored.error());
  const std::optional<size_t> found = SloOf(record);
  if (!found) {
    orphans_.insert_or_assign(record.key, Orphan{record, stored->known_at});
    return {};
  }
  const size_t slo = *found;
  Track& track = tracks_[slo];
  Budget& budget = track.budget;
  budget.remaining = stored->remaining;
  budget.known_at = stored->known_at;
  budget.breaches = stored->breaches;
  budget.breach_count = stored->breach_count;
  budget.is_breached = stored->is_breached;
  // Of another budget, or by another policy than then: it is decided, and relied on, as soon as
  // anything is known.
  track.is_doubtful = true;
  const auto step = std::ranges::find(*budget.steps, stored->state, &PolicyStep::state);
  if (step == budget.steps->end()) return {};
  budget.step = static_cast<size_t>(step - budget.steps->begin());
  budget.since = stored->since;
  track.condition = ConditionOf(slo);
  NoteAlerting(slo);
  if (stored->condition != track.condition || stored->basis != BasisOf(slos_[slo])) return {};
  track.is_doubtful = false;
  budget.fresh_until = budget.known_at + std::max(kFresh, 5 * terms_.interval);
  return {};
}

alert::Alert Budgets::ToAlert(size_t slo, WallTime ends_at) const {
  const config::Slo& which = slos_[slo];
  const Budget& budget = tracks_[slo].budget;
  const PolicyStep& step = *budget.state();
  labels::LabelSet::Pairs pairs;
  for (const labels::LabelSet* set : {&terms_.external_labels, &which.labels}) {
    for (const labels::Label& label : *set) pairs.emplace_back(label.name, label.value);
  }
  for (const auto& [name, value] : {std::pair<const char*, std::string_view>{"slo", which.name},
                                    {"service", which.service},
                                    {"sloth_id", which.id},
                                    {"severity", step.severity},
                                    {"budget_state", step.state},
                                    {"alertname", kPolicyAlertName}}) {
    pairs.emplace_back(name, value);
  }
  alert::Alert alert;
  alert.labels = labels::LabelSet().With(pairs);
  alert.annotations = Annotations(slo);
  alert.starts_at = alert.active_at = budget.since;
  alert.ends_at = ends_at;
  alert.generator_url = rules::GraphUrl(terms_.external_url, ErrorRatioExpr(which, which.period));
  return alert;
}

labels::LabelSet Budgets::Annotations(size_t slo) const {
  const config::Slo& which = slos_[slo];
  const Budget& budget = tracks_[slo].budget;
  const PolicyStep& step = *budget.state();
  const std::string subject = which.service + " " + which.name;
  const std::string left = budget.remaining ? Percent(*budget.remaining) : "unknown";
  std::string lasts = "unknown";
  if (budget.burn_rate || budget.exhausted_in) {
    lasts = budget.exhausted_in ? FormatDuration(*budget.exhausted_in) : "never";
  }
  labels::LabelSet::Pairs pairs{
      {"title", subject + ": error budget policy says " + step.state},
      {"summary", subject + ": " + left + " of the error budget of " +
                      FormatDuration(which.period) + " is left"},
      {"budget_remaining", left},
      {"budget_exhausted_in", lasts},
  };
  if (step.level) {
    const config::BudgetLevel& level = which.levels[*step.level];
    pairs.emplace_back("budget_policy", which.policy + ": " + level.condition);
    pairs.emplace_back("budget_actions", watchfire::Join(level.actions, "; "));
  }
  return labels::LabelSet(std::move(pairs));
}

}  // namespace watchfire::slo
