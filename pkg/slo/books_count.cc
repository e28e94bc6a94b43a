// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What the books say of windows, and how far they may be believed.

#include <algorithm>
#include <cmath>

#include "pkg/base/check.h"
#include "pkg/slo/books.h"
#include "pkg/slo/period.h"

namespace watchfire::slo {
namespace {

constexpr Duration kHour = std::chrono::hours(1);
constexpr Duration kShortest = std::chrono::minutes(5);  // Of fewer minutes edges weigh too much.
constexpr int64_t kUnknownPart = 100;  // Of a window, one in so many minutes may be unknown.

constexpr double kExtrapolated = 0.01;  // So far off may a ratio of two rates be.
constexpr double kAtEdges = 2;          // Events whose other count came in another minute.

Events Sane(Events events) {
  events.total = std::max(events.total, 0.0);
  events.bad = std::clamp(events.bad, 0.0, events.total);
  return events;
}

int64_t MinutesIn(Duration window) { return CeilDiv(window.count(), Duration(kHour).count() / 60); }

promql::Vector Ratios(const Ledger& ledger, int64_t begin, int64_t end,
                      const ExcludedSpans& excluded) {
  promql::Vector out;
  for (const Ledger::Series& series : ledger.series()) {
    const Events events = Sane(EventsWithout(series.history, begin, end, excluded));
    if (events.total <= 0) continue;
    out.push_back({series.labels, EndOf(Level::kMinute, end - 1), events.bad / events.total});
  }
  return out;
}

}  // namespace

bool IsPossible(double error_ratio) {
  return !(error_ratio < -kExtrapolated || error_ratio > 1 + kExtrapolated);
}

const Books::Account& Books::AccountOf(size_t slo) const {
  WF_CHECK(Keeps(slo));
  return *accounts_[members_[slo].parts.front().account];
}

std::pair<int64_t, int64_t> Books::MinutesOfWindow(size_t slo, Duration window) const {
  int64_t end = AccountOf(slo).ledger->newest() + 1;
  for (const Part& part : members_[slo].parts) {
    end = std::min(end, accounts_[part.account]->ledger->newest() + 1);
  }
  const config::Slo& which = slos_[slo];
  if (!which.calendar || window != which.period) return {end - MinutesIn(window), end};
  const WallTime start = PeriodStart(*which.calendar, EndOf(Level::kMinute, end - 1));
  return {std::min(MinuteAt(start), end), end};
}

double Books::ShareThatCounts(size_t slo, Duration window,
                              const std::optional<Duration>& enough) const {
  const ExcludedSpans& excluded = members_[slo].excluded;
  if (excluded.empty() || !HasLedgers(slo)) return 1;
  const auto [begin, end] = MinutesOfWindow(slo, window);
  if (begin >= end) return 1;
  const int64_t counting = end - begin - MinutesExcluded(excluded, begin, end);
  int64_t all = end - begin;
  if (enough && counting >= MinutesIn(*enough)) all -= MinutesScheduled(excluded, begin, end);
  return all == 0 ? 1 : static_cast<double>(counting) / static_cast<double>(all);
}

promql::Vector Books::RatioOf(size_t slo, Duration window) const {
  return RatioWithout(members_[slo].excluded, slo, window);
}

promql::Vector Books::RatioWithout(const ExcludedSpans& excluded, size_t slo,
                                   Duration window) const {
  WF_CHECK(HasLedgers(slo));
  const auto [begin, end] = MinutesOfWindow(slo, window);
  const Member& member = members_[slo];
  if (!member.is_composite) return Ratios(*AccountOf(slo).ledger, begin, end, excluded);
  double sum = 0;
  for (const Part& part : member.parts) {
    double worst = 0;
    const Ledger& ledger = *accounts_[part.account]->ledger;
    for (const promql::Sample& sample : Ratios(ledger, begin, end, excluded)) {
      worst = std::max(worst, sample.value);
    }
    sum += part.weight * worst;
  }
  return {{{}, EndOf(Level::kMinute, end - 1), sum}};
}

std::optional<double> Books::ImpossibleRatio(size_t slo, Duration window) const {
  if (!HasLedgers(slo)) return std::nullopt;
  const auto [begin, end] = MinutesOfWindow(slo, window);
  for (const Part& part : members_[slo].parts) {
    for (const Ledger::Series& series : accounts_[part.account]->ledger->series()) {
      const Events events = series.history.Between(begin, end);
      if (events.total <= 0) continue;
      const double ratio = events.bad / events.total;
      const double off = std::max(events.bad - events.total, -events.bad);
      if (off > kAtEdges && !IsPossible(ratio)) return ratio;
    }
  }
  return std::nullopt;
}

bool Books::HasLedgers(size_t slo) const {
  return Keeps(slo) && std::ranges::all_of(members_[slo].parts, [this](const Part& part) {
           return accounts_[part.account]->ledger != nullptr;
         });
}

bool Books::Trusted(size_t slo, Duration window) const {
  if (!HasLedgers(slo)) return false;
  const config::Slo& which = slos_[slo];
  const bool so_far = which.calendar && window == which.period;
  const bool is_whole = window >= kShortest && window % std::chrono::minutes(1) == Duration::zero();
  if (!so_far && !is_whole) return false;
  const auto [begin, end] = MinutesOfWindow(slo, window);
  const int64_t minutes = end - begin;
  for (const Part& part : members_[slo].parts) {
    const Account& account = *accounts_[part.account];
    if (account.ledger->overflowing()) return false;
    // Nothing may be there, or cannot be counted this way: seldom scrapes, samples that come late.
    if (minutes > 0 && account.ledger->Between(begin, end).total <= 0) return false;
    if (window <= kHour && account.ledger->newest() < account.late_until) return false;
    const double unknown =
        static_cast<double>(minutes) - account.ledger->coverage().Between(begin, end);
    if (unknown > static_cast<double>(minutes / kUnknownPart) + 1e-6) return false;
  }
  return true;
}

bool Books::Overflows(size_t slo) const {
  return HasLedgers(slo) && std::ranges::any_of(members_[slo].parts, [this](const Part& part) {
           return accounts_[part.account]->ledger->overflowing();
         });
}

double Books::CoverageOf(size_t slo, Duration window) const {
  if (!HasLedgers(slo)) return 0;
  const auto [begin, end] = MinutesOfWindow(slo, window);
  double least = 1;
  for (const Part& part : members_[slo].parts) {
    least = std::min(least, accounts_[part.account]->ledger->CoverageOf(begin, end));
  }
  return least;
}

double Books::KnownOf(size_t slo, Duration window) const {
  if (!HasLedgers(slo)) return 0;
  const auto [begin, end] = MinutesOfWindow(slo, window);
  if (end <= begin) return 1;
  double least = 1;
  for (const Part& part : members_[slo].parts) {
    const Coverage& coverage = accounts_[part.account]->ledger->coverage();
    least = std::min(least, coverage.Between(begin, end) / static_cast<double>(end - begin));
  }
  return least;
}

std::vector<Books::Row> Books::Count(size_t slo, const std::set<Duration>& windows) const {
  std::vector<Row> rows;
  if (!HasLedgers(slo)) return rows;
  for (const Ledger::Series& series : AccountOf(slo).ledger->series()) {
    Row row{series.labels, {}};
    for (const Duration window : windows) {
      const auto [begin, end] = MinutesOfWindow(slo, window);
      row.windows[window] = Sane(EventsWithout(series.history, begin, end, members_[slo].excluded));
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

const std::string& Books::fill_error(size_t slo) const {
  for (const Part& part : members_[slo].parts) {
    if (!accounts_[part.account]->fill_error.empty()) return accounts_[part.account]->fill_error;
  }
  return AccountOf(slo).fill_error;
}

uint64_t Books::anomalies(size_t slo) const {
  uint64_t sum = 0;
  for (const Part& part : members_[slo].parts) {
    const Account& account = *accounts_[part.account];
    if (account.ledger != nullptr) sum += account.ledger->anomalies();
  }
  return sum;
}

size_t Books::series() const {
  size_t sum = 0;
  for (const auto& account : accounts_) {
    if (account->ledger != nullptr) sum += account->ledger->series().size();
  }
  return sum;
}

size_t Books::counted_series() const {
  size_t sum = 0;
  for (const auto& account : accounts_) {
    const bool counts = account->ledger != nullptr && !account->ledger->overflowing();
    if (counts) sum += account->ledger->series().size();
  }
  return sum;
}

const Ledger& Books::ledger(size_t slo) const {
  WF_CHECK(AccountOf(slo).ledger != nullptr);
  return *AccountOf(slo).ledger;
}

std::optional<Events> Books::EventsOn(size_t slo, int64_t day,
                                      const ExcludedSpans& excluded) const {
  if (!HasLedgers(slo) || members_[slo].is_composite) return std::nullopt;
  const Ledger& of = *AccountOf(slo).ledger;
  const int64_t length = MinutesOf(Level::kDay);
  const int64_t begin = day * length;
  if (of.newest() + 1 < begin + length) return std::nullopt;
  const double unknown = static_cast<double>(length) - of.coverage().Between(begin, begin + length);
  if (unknown > static_cast<double>(length / kUnknownPart)) return std::nullopt;
  Events sum;
  for (const Ledger::Series& series : of.series()) {
    sum += EventsWithout(series.history, begin, begin + length, excluded);
  }
  return Sane(sum);
}

}  // namespace watchfire::slo
