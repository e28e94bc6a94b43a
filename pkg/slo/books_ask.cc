// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What the books ask: the newest minute of each ledger, and of the one that needs it most, history.
// Of the newest minutes they ask for the samples, and for sums where these do not tell.

#include <algorithm>
#include <utility>

#include "pkg/base/check.h"
#include "pkg/slo/books.h"
#include "pkg/slo/burn.h"

namespace watchfire::slo {
namespace {

constexpr int64_t kClockSetBack = 2;  // Minutes that a ledger may be ahead of the clock.
// Who is scraped once a minute has a sample in the minute before.
constexpr Duration kUsuallyBefore = std::chrono::minutes(1);
constexpr int64_t kFarMinutes = 60;
constexpr Duration kNeverOfHours =
    std::chrono::hours(90);  // All of these minutes have finer slots.
constexpr int64_t kSummedMinutes = 24 * 60;
// In the answers for one minute, of 2,000 series scraped every 15 s. With more it is better to let
// Prometheus work than to send them about.
constexpr size_t kSamplesMax = 16'000;

}  // namespace

std::vector<Question> Books::Due(WallTime now) {
  std::vector<Question> out;
  for (const Again& again : std::exchange(again_, {})) {
    if (accounts_[again.account]->ledger != nullptr) {
      AskSums(again, now, &out);
    } else if (again.ask.is_history()) {
      filling_ = false;  // Others' history is not to wait for what nobody wants any more.
    }
  }
  FindAnchored(now, &out);
  AuditSome(now, &out);  // While the newest minute is known.
  TickAll(now, &out);
  FillOne(now, &out);
  return out;
}

Ledger* Books::LedgerUpTo(Account* account, int64_t newest) {
  if (account->ledger != nullptr && account->ledger->newest() > newest + kClockSetBack) {
    // The clock was set back: what was asked since was the future.
    DropRowsAfter(*account, newest);
    account->ledger = std::make_shared<Ledger>(account->ledger->Rewound(newest));
    account->ledger->MarkDirty(SlotAt(Level::kHour, newest));
    account->stored_newest = newest;
    account->plan.Forget();
    account->filled = false;
    account->late_until = account->doubted_until = 0;
    account->empty_since.reset();
    next_fill_ = WallTime();
  }
  if (account->ledger == nullptr) {
    account->ledger = std::make_shared<Ledger>(newest, account->ledger_options);
    account->filled = false;
  }
  // Whether something is missing was asked while this minute was the tick's to ask for.
  const int64_t before = account->ledger->newest();
  if (newest > before + 1 || !account->ledger->coverage().Known(Level::kMinute, before)) {
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
    account.slot = turn->slot;
    const Ledger* ledger = LedgerUpTo(&account, account.plan.NewestAt(turn->slot));
    if (WantEdges(i)) account.filled = false;
    const bool is_late = ledger->newest() < account.late_until;
    const bool is_rereading = account.rereads > 0;  // Prometheus is slow: they do not pile up.
    for (const Ask& ask : account.plan.Tick(*ledger, is_late)) {
      account.waiting |= ask.purpose == Ask::Purpose::kNewest;
      if (ask.purpose == Ask::Purpose::kReread) {
        if (is_rereading) continue;
        ++account.rereads;
      }
      Start(i, ask, now, out);
    }
    if (!account.waiting) Close(i, {}, &closed_);  // A restart within the minute, or the clock.
  }
}

// Long windows have only the sum of the hour that they begin within. Returns whether the minutes of
// one are to be asked that were not before.
bool Books::WantEdges(size_t index) {
  Account& account = *accounts_[index];
  const int64_t newest = account.ledger->newest();
  std::vector<int64_t> begins;
  for (const size_t slo : account.slos) {
    if (!HasLedgers(slo)) continue;
    for (const Duration window : Windows(slos_[slo])) {
      const bool is_long = window > kNeverOfHours || window == slos_[slo].period;
      if (is_long) begins.push_back(MinutesOfWindow(slo, window).first);
    }
  }
  std::set<int64_t> hours = EdgeHours(newest, begins);
  account.ledger->KeepMinutesOf(hours);
  std::erase_if(hours, [&](int64_t hour) {
    const int64_t begin = hour * MinutesOf(Level::kHour);
    const bool is_empty =
        account.ledger->Between(begin, begin + MinutesOf(Level::kHour)).total <= 0;
    return is_empty && !account.ledger->HasMinutesOf(hour);
  });
  return account.plan.WantMinutesOf(std::move(hours));
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
  const Account& of = *accounts_[account];
  // History is asked in long steps, and once.
  const bool samples = ask.purpose != Ask::Purpose::kFill && of.increments.growth() != nullptr &&
                       of.ledger->newest() >= of.summed_until;
  samples ? AskSamples(account, ask, now, out) : AskSums({account, ask}, now, out);
}

void Books::AskSums(const Again& what, WallTime now, std::vector<Question>* out) {
  const Increments& increments = accounts_[what.account]->increments;
  const Ask& ask = what.ask;
  const Duration step = StepOf(ask.level);
  const GrowthQuery by = what.instead ? GrowthQuery::kOffsetDelta : increments.asks_by();
  const uint64_t id = ++last_id_;
  Pending pending{what.account, ask, false, 2, {}, now};
  pending.anchored = by == GrowthQuery::kAnchored;
  pending.instead = what.instead;
  pending_.emplace(id, std::move(pending));
  for (const size_t side : {kBad, kTotal}) {
    Question question;
    question.expr = side == kBad ? increments.Bad(step, by) : increments.Total(step, by);
    question.at = EndOf(ask.level, ask.last);
    question.background = ask.purpose != Ask::Purpose::kNewest;
    if (ask.points() > 1) {
      question.from = EndOf(ask.level, ask.first);
      question.step = step;
    }
    listeners_[AskOnce(std::move(question), out)].emplace_back(id, side);
  }
}

void Books::AskSamples(size_t account, const Ask& ask, WallTime now, std::vector<Question>* out) {
  const Account& of = *accounts_[account];
  const Duration lookback = options_.increments.lookback;
  const bool looks_far = of.ledger->newest() < of.far_until || ask.purpose == Ask::Purpose::kEdge;
  const Duration before = looks_far ? lookback : std::min(lookback, kUsuallyBefore);
  const std::vector<std::string> queries = of.increments.growth()->Queries(
      StepOf(ask.level) * static_cast<int64_t>(ask.points()) + before);
  const uint64_t id = ++last_id_;
  pending_.emplace(id, Pending{account, ask, true, queries.size(), {}, now});
  for (size_t i = 0; i < queries.size(); ++i) {
    Question question;
    question.expr = queries[i];
    question.at = EndOf(ask.level, ask.last);
    question.background = ask.purpose != Ask::Purpose::kNewest;
    question.samples = true;
    listeners_[AskOnce(std::move(question), out)].emplace_back(id, i);
  }
}

// Makes the two sides of the samples that came; false if Prometheus has to be asked for these.
bool Books::SumUp(Pending* pending) {
  Account& account = *accounts_[pending->account];
  if (account.slos.empty() || account.ledger == nullptr) return true;
  std::vector<promql::Vector> samples;
  size_t count = 0;
  for (auto& [query, answer] : pending->answers) {
    if (!answer) {
      const Code code = answer.error().code;
      const bool refused = code == Code::kInvalidArgument || code == Code::kConflict;
      if (refused || code == Code::kExhausted) {
        account.summed_until = account.ledger->newest() + kSummedMinutes;
        return false;
      }
      const Error why = answer.error();
      pending->answers = {{kBad, Fail(why)}, {kTotal, Fail(why)}};
      return true;
    }
    count += answer->size();
    samples.push_back(*std::move(answer));
  }
  if (count > kSamplesMax * pending->ask.points()) {
    account.summed_until = account.ledger->newest() + kSummedMinutes;
  }
  const Growth& growth = *account.increments.growth();
  // No window is further from the truth than increase() at its edge: neither has seen it.
  const bool is_edge = pending->ask.purpose == Ask::Purpose::kEdge;
  std::optional<Growth::Sides> sides =
      growth.Count(samples, pending->ask.first, pending->ask.last,
                   is_edge ? Growth::Straddling::kEarlier : Growth::Straddling::kLater);
  if (!sides) {
    if (is_edge) return false;
    account.far_until = account.ledger->newest() + kFarMinutes;
    return false;
  }
  pending->answers = {{kBad, std::move(sides->bad)}, {kTotal, std::move(sides->total)}};
  return true;
}

uint64_t Books::AskOnce(Question question, std::vector<Question>* out) {
  // One that waits behind others does not answer one that does not.
  std::string text = std::to_string(ToNanos(question.from)) + " " +
                     std::to_string(ToNanos(question.at)) + (question.background ? " b " : " ") +
                     question.expr;
  const auto [entry, fresh] = out_.try_emplace(text, last_id_ + 1);
  if (!fresh) return entry->second;
  question.id = ++last_id_;
  texts_.emplace(question.id, std::move(text));
  out->push_back(std::move(question));
  return entry->second;
}

}  // namespace watchfire::slo
