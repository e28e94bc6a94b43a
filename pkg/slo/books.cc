// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/slo/books.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "pkg/base/check.h"
#include "pkg/slo/burn.h"

namespace watchfire::slo {
namespace {

constexpr Duration kTick = std::chrono::minutes(1);
constexpr int kRefusalsMax = 3;
constexpr int64_t kLateMinutes = 60;  // So long samples are thought to come late again.
constexpr double kLateShare = 0.01;   // Of the events of a few minutes: more than that is late.
constexpr int64_t kEmptyMinutes = 5;  // Without any series. Who scrapes more seldom is not away.

std::string HashOf(const std::string& text) {
  char hash[20];
  std::snprintf(hash, sizeof(hash), "%016llx",
                static_cast<unsigned long long>(labels::LabelSet{{"sli", text}}.fingerprint()));
  return hash;
}

// How far back a ledger must know for the SLO. A period of the calendar may be longer than usual.
Duration HistoryOf(const config::Slo& slo) {
  constexpr Duration kDay = std::chrono::hours(24);
  const Duration longest = *Windows(slo).rbegin();
  if (slo.calendar) return longest + longest / 40 + 2 * kDay;
  return longest > 31 * kDay ? longest + kDay : longest;  // What is long ago has whole days only.
}

bool IsUseless(const Status& outcome) {
  if (outcome) return false;
  const Code code = outcome.error().code;
  return code == Code::kInvalidArgument || code == Code::kConflict || code == Code::kExhausted;
}

}  // namespace

Books::Account::Account(Increments of, PlanOptions plan_options, uint64_t phase)
    : increments(std::move(of)),
      key_hash(HashOf(increments.key())),
      plan(plan_options),
      schedule(kTick, phase) {}

Books::Books(std::vector<config::Slo> slos, BooksOptions options)
    : slos_(std::move(slos)),
      options_(options),
      members_(slos_.size()),
      anchored_(options.increments.growth == GrowthQuery::kAnchored) {
  std::vector<std::vector<Increments::Part>> parts(slos_.size());
  std::map<std::string, Duration> history;
  for (size_t i = 0; i < slos_.size(); ++i) {
    const config::SloMode mode = slos_[i].mode.value_or(
        options_.counts_by_default ? config::SloMode::kIncremental : config::SloMode::kExact);
    if (mode == config::SloMode::kExact) {
      members_[i].why_not = "its mode is exact";
      continue;
    }
    Result<std::vector<Increments::Part>> read = Increments::Parts(slos_[i], options_.increments);
    if (!read) {
      members_[i].why_not = std::move(read.error().message);
      continue;
    }
    parts[i] = *std::move(read);
    for (const Increments::Part& part : parts[i]) {
      Duration& longest = history[part.increments.key()];
      longest = std::max(longest, HistoryOf(slos_[i]));
    }
  }
  std::map<std::string, size_t> by_key;
  for (size_t i = 0; i < slos_.size(); ++i) {
    for (Increments::Part& part : parts[i]) {
      const std::string key = part.increments.key();  // It outlives them.
      const auto [entry, fresh] = by_key.try_emplace(key, accounts_.size());
      members_[i].parts.push_back({part.weight, entry->second});
      members_[i].is_composite = part.of_composite;
      for (const std::string& note : part.increments.notes()) members_[i].notes.push_back(note);
      if (fresh) accounts_.push_back(MakeAccount(std::move(part.increments), history[key]));
      std::vector<size_t>& sharing = accounts_[entry->second]->slos;
      if (sharing.empty() || sharing.back() != i) sharing.push_back(i);
    }
  }
}

std::unique_ptr<Books::Account> Books::MakeAccount(Increments increments, Duration history) const {
  PlanOptions plan = options_.plan;
  if (plan.history > Duration::zero()) plan.history = std::max(plan.history, history);
  // Those that share their total tick together, so that it is asked once; and as soon as the minute
  // that is over may be asked for.
  uint64_t phase = 0;
  if (options_.spread && plan.delay < kTick) {
    const uint64_t hash = labels::LabelSet{{"t", increments.Total(kTick)}}.fingerprint();
    phase = static_cast<uint64_t>(plan.delay.count()) +
            hash % static_cast<uint64_t>((kTick - plan.delay).count());
  }
  auto account = std::make_unique<Account>(std::move(increments), plan, phase);
  account->ledger_options = options_.ledger;
  account->ledger_options.retention = std::max(options_.ledger.retention, history);
  return account;
}

std::optional<WallTime> Books::next() const {
  if (!closed_.empty() || !again_.empty()) return WallTime();
  std::optional<WallTime> next;
  const auto consider = [&](WallTime at) { next = next ? std::min(*next, at) : at; };
  for (const auto& account : accounts_) {
    if (account->slos.empty()) continue;
    if (!account->waiting) consider(account->schedule.next());
    if (filling_ || account->filled || account->ledger == nullptr) continue;
    const std::optional<WallTime> fill = account->plan.next_fill();
    if (fill) consider(std::max(*fill, next_fill_));
  }
  return next;
}

std::vector<Books::Closed> Books::OnAnswer(uint64_t id, const Result<promql::Vector>& result,
                                           WallTime now) {
  if (const auto exact = exacts_.find(id); exact != exacts_.end()) {
    if (result) TakeAudit(exact->second, *result);
    exacts_.erase(exact);
    return {};
  }
  if (probe_ && probe_->id == id) {
    TakeProbe(result, now);
    return {};
  }
  const auto found = listeners_.find(id);
  if (found == listeners_.end()) return {};
  const auto listeners = std::move(found->second);
  listeners_.erase(found);
  const auto text = texts_.find(id);
  out_.erase(text->second);
  texts_.erase(text);
  std::vector<Closed> closed;
  for (const auto& [pending, side] : listeners) {
    const auto at = pending_.find(pending);
    if (at == pending_.end()) continue;
    at->second.answers.insert_or_assign(side, result);
    at->second.spent += std::max(now - at->second.asked, Duration::zero());
    if (at->second.answers.size() < at->second.questions) continue;
    Pending whole = std::move(at->second);
    pending_.erase(at);
    if (whole.samples && !SumUp(&whole)) {
      again_.push_back({whole.account, whole.ask});
      continue;
    }
    if (whole.anchored && WasRefused(whole)) {
      again_.push_back({whole.account, whole.ask, /*instead=*/true});
      continue;
    }
    // The same is answered without: so the anchored ranges were what was wrong.
    if (whole.instead && WasAnswered(whole)) AskBy(GrowthQuery::kOffsetDelta);
    for (Closed& each : Complete(std::move(whole), now)) closed.push_back(std::move(each));
  }
  return closed;
}

Status Books::WriteAnswers(const Pending& pending) {
  const auto name = [](size_t side) { return side == kBad ? "errors: " : "total: "; };
  std::map<size_t, std::map<int64_t, promql::Vector>> by_slot;
  for (const auto& [side, answer] : pending.answers) {
    if (!answer) return Fail(answer.error().code, name(side) + answer.error().message);
    for (const promql::Sample& sample : *answer) {
      // A slot ends where the next begins.
      const int64_t slot = pending.ask.points() == 1
                               ? pending.ask.last
                               : SlotAt(pending.ask.level, MinuteAt(sample.at)) - 1;
      by_slot[side][slot].push_back(sample);
    }
  }
  Ledger& ledger = *accounts_[pending.account]->ledger;
  std::vector<std::vector<Counted>> of_hour;
  for (int64_t slot = pending.ask.first; slot <= pending.ask.last; ++slot) {
    Result<std::vector<Counted>> counted = Join(by_slot[kBad][slot], by_slot[kTotal][slot]);
    if (!counted) return Fail(std::move(counted.error()));
    if (pending.ask.purpose == Ask::Purpose::kEdge) {
      of_hour.push_back(*std::move(counted));
      continue;
    }
    if (pending.ask.purpose == Ask::Purpose::kReread) {
      // Samples come late; that they go is another Prometheus, which has less.
      double total = 0;
      for (const Counted& each : *counted) total += each.events.total;
      if (total < ledger.Between(slot, slot + 1).total) continue;
    }
    ledger.Write(pending.ask.level, slot, *std::move(counted));
  }
  if (pending.ask.purpose == Ask::Purpose::kEdge) {
    ledger.WriteMinutesOf(SlotAt(Level::kHour, pending.ask.first), of_hour);
  }
  return {};
}

// Minutes that were asked again: if there is more in them now, they were asked too early.
void Books::NoteLateness(Account* account, const Ask& ask, const Events& before) {
  const Events after = account->ledger->Between(ask.first, ask.last + 1);
  if (std::abs(after.total - before.total) <= kLateShare * before.total) return;
  account->late_until = account->ledger->newest() + kLateMinutes;
}

// Where there were no series at all for a while and now there are, Prometheus may have been cut off
// from who writes to it, and have got it all later.
void Books::NoteEmptiness(Account* account, const Pending& pending) {
  const int64_t minute = pending.ask.last;
  if (pending.answers.at(kTotal)->empty()) {
    if (!account->empty_since) account->empty_since = minute;
    return;
  }
  const std::optional<int64_t> since = std::exchange(account->empty_since, std::nullopt);
  if (!since || minute - *since < kEmptyMinutes) return;
  account->ledger->Doubt(std::max(*since, account->doubted_until), minute);
  account->doubted_until = minute;
  account->filled = false;
}

std::vector<Books::Closed> Books::Complete(Pending pending, WallTime now) {
  Account& account = *accounts_[pending.account];
  const bool fills = pending.ask.is_history();
  const Duration took = std::max(now - pending.asked, Duration::zero());
  if (fills) {
    filling_ = false;
    const Duration turn = FromSeconds(ToSeconds(pending.spent) / options_.plan.duty);
    next_fill_ = std::max(now, pending.asked + turn);
  }
  const bool rereads = pending.ask.purpose == Ask::Purpose::kReread;
  if (rereads) --account.rereads;
  std::vector<Closed> closed;
  if (account.slos.empty() || account.ledger == nullptr) return closed;
  const size_t series_before = account.ledger->series().size();
  const Events before =
      rereads ? account.ledger->Between(pending.ask.first, pending.ask.last + 1) : Events();
  const Status outcome = WriteAnswers(pending);
  size_t samples = 0;
  for (const auto& [side, answer] : pending.answers) samples += answer ? answer->size() : 0;
  account.plan.Done(pending.ask, outcome, took, now, samples);
  if (pending.ask.purpose == Ask::Purpose::kEdge) {
    // Without it a share of the time is taken.
  } else if (fills) {
    account.fill_error = outcome ? "" : outcome.error().message;
  } else if (rereads) {
    if (outcome) NoteLateness(&account, pending.ask, before);
  } else {
    account.waiting = false;
    if (!outcome) account.filled = false;
    if (outcome) NoteEmptiness(&account, pending);
    Close(pending.account, outcome, &closed);
    account.refusals = IsUseless(outcome) ? account.refusals + 1 : 0;
    account.has_counted |= outcome.has_value();
    if (account.refusals >= kRefusalsMax && !account.has_counted) {
      Abandon(pending.account, "its answers cannot be used: " + outcome.error().message);
    }
  }
  if (account.ledger != nullptr && account.ledger->series().size() > series_before &&
      series() > options_.series_max) {
    Abandon(pending.account, "all SLOs together have more than " +
                                 std::to_string(options_.series_max) + " label sets");
  }
  return closed;
}

// Tells of the SLOs all of whose parts have been counted up to the same minute.
void Books::Close(size_t index, const Status& outcome, std::vector<Closed>* closed) {
  Account& account = *accounts_[index];
  account.closed = MinuteAt(account.slot);
  account.error = outcome ? "" : outcome.error().message;
  for (const size_t slo : account.slos) {
    Member& member = members_[slo];
    Closed close{slo, account.slot, account.error};
    int64_t minute = account.closed;
    for (const Part& part : member.parts) {
      const Account& other = *accounts_[part.account];
      minute = std::min(minute, other.closed);
      close.slot = std::max(close.slot, other.slot);
      if (close.error.empty()) close.error = other.error;
    }
    if (minute == member.closed) continue;
    member.closed = minute;
    closed->push_back(std::move(close));
  }
}

void Books::Abandon(size_t index, const std::string& why) {
  const std::vector<size_t> slos = accounts_[index]->slos;
  for (const size_t slo : slos) Leave(slo, why);
}

// What nobody needs any more stays stored: after a reload it may be wanted.
void Books::Leave(size_t slo, const std::string& why) {
  Member& member = members_[slo];
  for (const Part& part : std::exchange(member.parts, {})) {
    Account& account = *accounts_[part.account];
    std::erase(account.slos, slo);
    if (!account.slos.empty() || account.ledger == nullptr) continue;
    Orphan(account);
    account.ledger = nullptr;
  }
  member.why_not = why;
  std::erase_if(audits_, [slo](const auto& audit) { return audit.first.first == slo; });
}

void Books::AdoptState(const Books& old) {
  const bool goes_on = options_.find_anchored && old.options_.find_anchored && old.anchored_ &&
                       options_.increments.backend == old.options_.increments.backend;
  if (goes_on) AskBy(GrowthQuery::kAnchored);
  for (const auto& account : accounts_) {
    const auto same = std::ranges::find_if(old.accounts_, [&](const auto& other) {
      return other->increments.key() == account->increments.key() && !other->slos.empty();
    });
    if (same == old.accounts_.end()) continue;
    const Account& from = **same;
    account->ledger = from.ledger;
    account->has_counted = from.has_counted;
    account->stored_newest = from.stored_newest;
    account->stored_at = from.stored_at;
    account->late_until = from.late_until;
    account->empty_since = from.empty_since;
    account->doubted_until = from.doubted_until;
    account->far_until = from.far_until;
    account->summed_until = from.summed_until;
    account->schedule = from.schedule;
    if (from.waiting) account->schedule.Reopen();
  }
  // What is gone stays stored until it is too old: it may come back.
  for (const auto& other : old.accounts_) {
    if (other->ledger == nullptr) continue;
    const bool kept = std::ranges::any_of(
        accounts_, [&](const auto& account) { return account->ledger == other->ledger; });
    if (!kept) Orphan(*other);
  }
  orphans_.insert(old.orphans_.begin(), old.orphans_.end());
  deletions_.insert(deletions_.end(), old.deletions_.begin(), old.deletions_.end());
}

}  // namespace watchfire::slo
