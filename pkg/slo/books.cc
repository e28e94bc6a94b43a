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
constexpr double kKnownEnough = 0.9;
constexpr int kRefusalsMax = 3;
constexpr int64_t kClockSetBack = 2;  // Minutes that a ledger may be ahead of the clock.

std::string HashOf(const std::string& text) {
  char hash[20];
  std::snprintf(hash, sizeof(hash), "%016llx",
                static_cast<unsigned long long>(labels::LabelSet{{"sli", text}}.fingerprint()));
  return hash;
}

Events Sane(Events events) {
  events.total = std::max(events.total, 0.0);
  events.bad = std::clamp(events.bad, 0.0, events.total);
  return events;
}

int64_t MinutesIn(Duration window) { return CeilDiv(window.count(), Duration(kTick).count()); }

}  // namespace

Books::Books(std::vector<config::Slo> slos, BooksOptions options)
    : slos_(std::move(slos)),
      options_(options),
      account_of_(slos_.size()),
      why_not_(slos_.size()),
      notes_(slos_.size()) {
  std::map<std::string, size_t> by_key;
  std::map<std::string, Duration> longest;
  for (const config::Slo& slo : slos_) {
    const auto increments = Increments::Rewrite(slo, options_.increments);
    if (increments) longest[increments->key()] = std::max(longest[increments->key()], slo.period);
  }
  for (size_t i = 0; i < slos_.size(); ++i) {
    Result<Increments> increments = Increments::Rewrite(slos_[i], options_.increments);
    if (!increments) {
      why_not_[i] = increments.error().message;
      continue;
    }
    notes_[i] = increments->notes();
    const auto [entry, fresh] = by_key.try_emplace(increments->key(), accounts_.size());
    if (fresh) {
      PlanOptions plan = options_.plan;
      if (plan.history > Duration::zero()) {
        plan.history = std::max(plan.history, longest[increments->key()]);
      }
      // Those that share their total tick together, so that it is asked once.
      const uint64_t phase =
          options_.spread ? labels::LabelSet{{"t", increments->Total(kTick)}}.fingerprint() : 0;
      std::string hash = HashOf(increments->key());
      accounts_.push_back(std::make_unique<Account>(Account{*std::move(increments),
                                                            std::move(hash),
                                                            nullptr,
                                                            Plan(plan),
                                                            rules::Schedule(kTick, phase),
                                                            {},
                                                            kNoTime,
                                                            false,
                                                            false,
                                                            0,
                                                            "",
                                                            std::nullopt}));
    }
    account_of_[i] = entry->second;
    accounts_[entry->second]->slos.push_back(i);
  }
}

std::optional<WallTime> Books::next() const {
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

std::vector<Question> Books::Due(WallTime now) {
  std::vector<Question> out;
  TickAll(now, &out);
  FillOne(now, &out);
  AuditSome(now, &out);
  return out;
}

Ledger* Books::LedgerUpTo(Account* account, int64_t newest) {
  if (account->ledger != nullptr && account->ledger->newest() > newest + kClockSetBack) {
    account->ledger = nullptr;  // The clock was set back: what was asked was the future.
  }
  if (account->ledger == nullptr) {
    account->ledger = std::make_shared<Ledger>(newest, options_.ledger);
    account->filled = false;
  }
  account->ledger->Advance(newest);
  return account->ledger.get();
}

void Books::TickAll(WallTime now, std::vector<Question>* out) {
  for (size_t i = 0; i < accounts_.size(); ++i) {
    Account& account = *accounts_[i];
    if (account.waiting || account.slos.empty()) continue;
    const std::optional<rules::Schedule::Turn> turn = account.schedule.Take(now);
    if (!turn) continue;
    if (turn->missed > 0) account.filled = false;
    const Ledger* ledger = LedgerUpTo(&account, account.plan.NewestAt(turn->slot));
    for (const Ask& ask : account.plan.Tick(*ledger)) {
      if (ask.purpose == Ask::Purpose::kNewest) {
        account.waiting = true;
        account.slot = turn->slot;
      }
      Start(i, ask, now, out);
    }
  }
}

void Books::FillOne(WallTime now, std::vector<Question>* out) {
  if (filling_ || now < next_fill_) return;
  // Of all ledgers that one whose gap is in the finest level: fast windows first.
  std::optional<size_t> best;
  Level finest = Level::kDay;
  for (size_t i = 0; i < accounts_.size() && (!best || finest != Level::kMinute); ++i) {
    Account& account = *accounts_[i];
    if (account.filled || account.slos.empty() || account.ledger == nullptr) continue;
    const std::optional<WallTime> ready = account.plan.next_fill();
    if (!ready || *ready > now) continue;
    const std::optional<Level> level = account.plan.NextLevel(*account.ledger);
    account.filled = !level;
    if (!level || (best && *level >= finest)) continue;
    best = i;
    finest = *level;
  }
  if (!best) return;
  const std::optional<Ask> ask = accounts_[*best]->plan.Fill(*accounts_[*best]->ledger, now);
  WF_CHECK(ask.has_value());
  filling_ = true;
  Start(*best, *ask, now, out);
}

void Books::Start(size_t account, const Ask& ask, WallTime now, std::vector<Question>* out) {
  const Increments& increments = accounts_[account]->increments;
  const Duration step = StepOf(ask.level);
  const uint64_t id = ++last_id_;
  pending_.emplace(id, Pending{account, ask, {}, now});
  for (const Side side : {Side::kBad, Side::kTotal}) {
    Question question;
    question.expr = side == Side::kBad ? increments.Bad(step) : increments.Total(step);
    question.at = EndOf(ask.level, ask.last);
    if (ask.points() > 1) {
      question.from = EndOf(ask.level, ask.first);
      question.step = step;
    }
    listeners_[AskOnce(std::move(question), out)].emplace_back(id, side);
  }
}

uint64_t Books::AskOnce(Question question, std::vector<Question>* out) {
  std::string text = std::to_string(ToNanos(question.from)) + " " +
                     std::to_string(ToNanos(question.at)) + " " + question.expr;
  const auto [entry, fresh] = out_.try_emplace(text, last_id_ + 1);
  if (!fresh) return entry->second;
  question.id = ++last_id_;
  texts_.emplace(question.id, std::move(text));
  out->push_back(std::move(question));
  return entry->second;
}

std::vector<Books::Closed> Books::OnAnswer(uint64_t id, const Result<promql::Vector>& result,
                                           WallTime now) {
  if (const auto exact = exacts_.find(id); exact != exacts_.end()) {
    if (result) TakeAudit(exact->second, *result);
    exacts_.erase(exact);
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
    if (at->second.answers.size() < 2) continue;
    Pending whole = std::move(at->second);
    pending_.erase(at);
    for (Closed& each : Complete(std::move(whole), now)) closed.push_back(std::move(each));
  }
  return closed;
}

Status Books::WriteAnswers(const Pending& pending) {
  const auto name = [](Side side) { return side == Side::kBad ? "errors: " : "total: "; };
  std::map<Side, std::map<int64_t, promql::Vector>> by_slot;
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
  for (int64_t slot = pending.ask.first; slot <= pending.ask.last; ++slot) {
    Result<std::vector<Counted>> counted =
        Join(by_slot[Side::kBad][slot], by_slot[Side::kTotal][slot]);
    if (!counted) return Fail(std::move(counted.error()));
    ledger.Write(pending.ask.level, slot, *std::move(counted));
  }
  return {};
}

std::vector<Books::Closed> Books::Complete(Pending pending, WallTime now) {
  Account& account = *accounts_[pending.account];
  if (account.slos.empty() || account.ledger == nullptr) return {};
  const Status outcome = WriteAnswers(pending);
  const Duration took = now - pending.asked;
  account.plan.Done(pending.ask, outcome, took, now);
  if (pending.ask.purpose == Ask::Purpose::kFill) {
    filling_ = false;
    account.fill_error = outcome ? "" : outcome.error().message;
    const double rest = ToSeconds(took) * (1 - options_.plan.duty) / options_.plan.duty;
    next_fill_ = now + FromSeconds(std::max(rest, 0.0));
    return {};
  }
  if (pending.ask.purpose != Ask::Purpose::kNewest) return {};
  account.waiting = false;
  if (!outcome) account.filled = false;
  return Close(pending.account, outcome);
}

std::vector<Books::Closed> Books::Close(size_t index, const Status& outcome) {
  Account& account = *accounts_[index];
  std::vector<Closed> closed;
  for (const size_t slo : account.slos) {
    closed.push_back({slo, account.slot, outcome ? "" : outcome.error().message});
  }
  const bool refused = !outcome && outcome.error().code == Code::kInvalidArgument;
  account.refusals = refused ? account.refusals + 1 : 0;
  if (account.refusals >= kRefusalsMax) Abandon(index, outcome.error().message);
  return closed;
}

void Books::Abandon(size_t index, const std::string& why) {
  Account& account = *accounts_[index];
  for (const size_t slo : account.slos) {
    account_of_[slo].reset();
    why_not_[slo] = "Prometheus refuses to count it: " + why;
  }
  account.slos.clear();
}

std::vector<Books::Row> Books::Count(size_t slo, const std::set<Duration>& windows) const {
  const Account& account = AccountOf(slo);
  std::vector<Row> rows;
  if (account.ledger == nullptr) return rows;
  const int64_t end = account.ledger->newest() + 1;
  for (const Ledger::Series& series : account.ledger->series()) {
    Row row{series.labels, {}};
    for (const Duration window : windows) {
      row.windows[window] = Sane(series.history.Between(end - MinutesIn(window), end));
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

bool Books::Trusted(size_t slo, Duration window) const {
  const Account& account = AccountOf(slo);
  if (account.ledger == nullptr) return false;
  const int64_t end = account.ledger->newest() + 1;
  const int64_t minutes = MinutesIn(window);
  return account.filled || account.ledger->coverage().Between(end - minutes, end) >=
                               kKnownEnough * static_cast<double>(minutes);
}

double Books::CoverageOf(size_t slo, Duration window) const {
  const Account& account = AccountOf(slo);
  if (account.ledger == nullptr) return 0;
  const int64_t end = account.ledger->newest() + 1;
  return account.ledger->CoverageOf(end - MinutesIn(window), end);
}

const std::string& Books::fill_error(size_t slo) const { return AccountOf(slo).fill_error; }

const Ledger& Books::ledger(size_t slo) const {
  WF_CHECK(Keeps(slo) && AccountOf(slo).ledger != nullptr);
  return *AccountOf(slo).ledger;
}

void Books::AdoptState(const Books& old) {
  for (const auto& account : accounts_) {
    const auto same = std::ranges::find_if(old.accounts_, [&](const auto& other) {
      return other->increments.key() == account->increments.key() && !other->slos.empty();
    });
    if (same == old.accounts_.end()) continue;
    account->ledger = (*same)->ledger;
    account->stored_newest = (*same)->stored_newest;
    account->schedule = (*same)->schedule;
    if ((*same)->waiting) account->schedule.Reopen();
  }
  // What is gone stays stored until it is too old: it may come back.
  for (const auto& other : old.accounts_) {
    if (other->ledger == nullptr) continue;
    const bool kept = std::ranges::any_of(
        accounts_, [&](const auto& account) { return account->ledger == other->ledger; });
    if (!kept) Orphan(*other);
  }
  orphans_.insert(old.orphans_.begin(), old.orphans_.end());
  flushed_ = old.flushed_;
}

}  // namespace watchfire::slo
