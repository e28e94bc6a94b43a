// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/dispatch/undelivered.h"

namespace watchfire::dispatch {

void Undelivered::Owe(const nflog::Key& key, MonoTime since, std::optional<Duration> patience) {
  const auto [debt, is_new] = debts_.Add(key);
  if (!is_new) return;
  debt->since = since;
  if (!patience) return;
  debt->due = since + *patience;
  timers_.insert({*debt->due, key});
}

void Undelivered::Failed(const nflog::Key& key, const std::string& why) {
  if (Debt* debt = debts_.Find(key)) debt->why = why;
}

void Undelivered::Refused(const nflog::Key& key, MonoTime now) {
  Debt* debt = debts_.Find(key);
  if (debt == nullptr || !debt->due || debt->is_overdue) return;
  timers_.erase({*debt->due, key});
  debt->due = now;
  timers_.insert({now, key});
}

void Undelivered::Settled(const nflog::Key& key) {
  const std::optional<Debt> debt = debts_.Take(key);
  if (debt && debt->due) timers_.erase({*debt->due, key});
}

void Undelivered::Rearm(
    const std::function<std::optional<Duration>(const nflog::Key&)>& patience_of) {
  timers_.clear();
  debts_.ForEach([&](const nflog::Key& key, Debt& debt) {
    const std::optional<Duration> patience = patience_of(key);
    debt.due = patience ? std::optional(debt.since + *patience) : std::nullopt;
    debt.is_overdue = debt.is_overdue && patience;
    if (debt.due && !debt.is_overdue) timers_.insert({*debt.due, key});
  });
}

const Undelivered::Debt* Undelivered::Find(const nflog::Key& key) const { return debts_.Find(key); }

bool Undelivered::IsOverdue(const nflog::Key& key) const {
  const Debt* debt = Find(key);
  return debt != nullptr && debt->is_overdue;
}

std::vector<nflog::Key> Undelivered::TakeOverdue(MonoTime now) {
  std::vector<nflog::Key> overdue;
  while (!timers_.empty() && timers_.begin()->first <= now) {
    overdue.push_back(timers_.begin()->second);
    debts_.Find(overdue.back())->is_overdue = true;
    timers_.erase(timers_.begin());
  }
  return overdue;
}

std::optional<MonoTime> Undelivered::next_due() const {
  if (timers_.empty()) return std::nullopt;
  return timers_.begin()->first;
}

}  // namespace watchfire::dispatch
