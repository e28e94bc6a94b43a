// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Prometheus 3.7 and later, with --enable-feature=promql-extended-range-selectors, takes
// increase(S[1m] anchored): one selector in place of up to seven. Whether it does is found out by
// asking for a minute that has been counted already: only the same number is believed. One that
// refuses later, because it was started without, is asked as before.

#include <algorithm>
#include <cmath>
#include <utility>

#include "pkg/slo/books.h"

namespace watchfire::slo {
namespace {

constexpr Duration kMinute = std::chrono::minutes(1);
constexpr Duration kSoon = std::chrono::minutes(5);  // After one that was not answered.
constexpr Duration kLater = std::chrono::hours(1);   // After an answer that says something else.
constexpr double kAlike = 0.01;  // Of all events: a sample may have come in between.

}  // namespace

void Books::FindAnchored(WallTime now, std::vector<Question>* out) {
  if (!options_.find_anchored || anchored_ || probe_ || now < next_probe_) return;
  for (const auto& account : accounts_) {
    if (account->slos.empty() || account->ledger == nullptr || account->waiting) continue;
    const int64_t minute = account->ledger->newest();
    const double total = account->ledger->Between(minute, minute + 1).total;
    if (!(total > 0) || !account->ledger->coverage().Known(Level::kMinute, minute)) continue;
    std::string expr = account->increments.Total(kMinute, GrowthQuery::kAnchored);
    if (expr == account->increments.Total(kMinute)) continue;  // It counts no counters.
    Question question;
    question.id = ++last_id_;
    question.expr = std::move(expr);
    question.at = EndOf(Level::kMinute, minute);
    question.background = true;
    probe_ = Probe{question.id, total};
    out->push_back(std::move(question));
    return;
  }
  next_probe_ = now + kMinute;  // Nothing has been counted so far.
}

void Books::TakeProbe(const Result<promql::Vector>& answer, WallTime now) {
  const double counted = probe_->total;
  probe_.reset();
  if (!answer) {
    // Who does not know the word will not learn it; a reload asks once more.
    const bool is_refused = answer.error().code == Code::kInvalidArgument;
    next_probe_ = is_refused ? WallTime::max() : now + kSoon;
    return;
  }
  double total = 0;
  for (const promql::Sample& sample : *answer) total += sample.value;
  if (std::abs(total - counted) <= kAlike * counted) {
    AskBy(GrowthQuery::kAnchored);
  } else {
    next_probe_ = now + kLater;
  }
}

// Whether Prometheus finds a question of it wrong.
bool Books::WasRefused(const Pending& pending) const {
  for (const auto& [side, answer] : pending.answers) {
    if (!answer && answer.error().code == Code::kInvalidArgument) return true;
  }
  return false;
}

bool Books::WasAnswered(const Pending& pending) const {
  return std::ranges::all_of(pending.answers, [](const auto& each) { return bool(each.second); });
}

void Books::AskBy(GrowthQuery growth) {
  anchored_ = growth == GrowthQuery::kAnchored;
  if (!anchored_) next_probe_ = WallTime::max();
  for (const auto& account : accounts_) account->increments.AskBy(growth);
}

}  // namespace watchfire::slo
