// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/dispatch/undelivered.h"

namespace watchfire::dispatch {

void Undelivered::Owe(const nflog::Key& key, MonoTime since, std::optional<Duration> patience) {
  const auto [place, is_new] = debts_.try_emplace(key);
  if (!is_new) return;
  Debt& debt = place->second;
  debt.since = since;
  if (!patience) return;
  debt.due = since + *patience;
  timers_.insert({*debt.due, key});
}

void Undelivered::Failed(const nflog::Key& key, const std::string& why) {
  const auto found = debts_.find(key);
  if (found != debts_.end()) found->second.why = why;
}

void Undelivered::Refused(const nflog::Key& key, MonoTime now) {
  const auto found = debts_.find(key);
  if (found == debts_.end() || !found->second.due || found->second.is_overdue) return;
  timers_.erase({*found->second.due, key});
  found->second.due = now;
  timers_.insert({now, key});
}

void Undelivered::Settled(const nflog::Key& key) {
  const auto found = debts_.find(key);
  if (found == debts_.end()) return;
  if (found->second.due) timers_.erase({*found->second.due, key});
  debts_.erase(found);
}

void Undelivered::Rearm(
    const std::function<std::optional<Duration>(const nflog::Key&)>& patience_of) {
  timers_.clear();
  for (auto& [key, debt] : debts_) {
    const std::optional<Duration> patience = patience_of(key);
    debt.due = patience ? std::optional(debt.since + *patience) : std::nullopt;
    debt.is_overdue = debt.is_overdue && patience;
    if (debt.due && !debt.is_overdue) timers_.insert({*debt.due, key});
  }
}

const Undelivered::Debt* Undelivered::Find(const nflog::Key& key) const {
  const auto found = debts_.find(key);
  return found == debts_.end() ? nullptr : &found->second;
}

bool Undelivered::IsOverdue(const nflog::Key& key) const {
  const Debt* debt = Find(key);
  return debt != nullptr && debt->is_overdue;
}

std::vector<nflog::Key> Undelivered::TakeOverdue(MonoTime now) {
  std::vector<nflog::Key> overdue;
  while (!timers_.empty() && timers_.begin()->first <= now) {
    overdue.push_back(timers_.begin()->second);
    debts_.at(overdue.back()).is_overdue = true;
    timers_.erase(timers_.begin());
  }
  return overdue;
}

std::optional<MonoTime> Undelivered::next_due() const {
  if (timers_.empty()) return std::nullopt;
  return timers_.begin()->first;
}

}  // namespace watchfire::dispatch
