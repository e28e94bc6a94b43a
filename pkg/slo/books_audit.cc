// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The books audit themselves: each hour a few SLOs are asked in exact PromQL as well.

#include <cmath>

#include "pkg/slo/books.h"
#include "pkg/slo/burn.h"
#include "pkg/slo/period.h"

namespace watchfire::slo {
namespace {

constexpr Duration kHour = std::chrono::hours(1);
constexpr Duration kDay = std::chrono::hours(24);

}  // namespace

void Books::AuditSome(WallTime now, std::vector<Question>* out) {
  const int64_t hour = SlotAt(Level::kHour, MinuteAt(now));
  if (hour == audited_hour_) return;
  const bool first = audited_hour_ < 0;  // Not at every start, when there is enough to ask.
  audited_hour_ = hour;
  if (first) return;
  size_t audits = 0;
  for (size_t tried = 0; tried < slos_.size() && audits < options_.audits_per_hour; ++tried) {
    const size_t slo = next_audit_++ % slos_.size();
    if (!Keeps(slo) || !Trusted(slo, slos_[slo].period)) continue;
    ++audits;
    for (const Duration window : {kHour, kDay, slos_[slo].period}) {
      const auto [begin, end] = MinutesOfWindow(slo, window);
      Exact exact{slo, window, EndOf(Level::kMinute, end - 1), {}};
      if (end <= begin || !Trusted(slo, window)) continue;
      // Exact PromQL leaves out nothing.
      for (const promql::Sample& ours : RatioWithout({}, slo, window)) {
        exact.ours[ours.labels.ToString()] = ours.value;
      }
      const Duration range =
          window == slos_[slo].period ? PeriodSoFar(slos_[slo], exact.at) : window;
      Question question{++last_id_, ErrorRatioExpr(slos_[slo], range), exact.at, kNoTime, {}, true};
      exacts_.emplace(question.id, std::move(exact));
      out->push_back(std::move(question));
    }
  }
}

void Books::TakeAudit(const Exact& exact, const promql::Vector& answer) {
  Audit audit{exact.at, 0};
  for (const promql::Sample& sample : answer) {
    const auto ours = exact.ours.find(sample.labels.With({{"__name__", ""}}).ToString());
    if (!std::isfinite(sample.value)) continue;
    const double counted = ours == exact.ours.end() ? 0 : ours->second;
    const double delta = (sample.value - counted) / BudgetRatio(slos_[exact.slo]);
    if (std::abs(delta) > std::abs(audit.burn_rate_delta)) audit.burn_rate_delta = delta;
  }
  audits_[{exact.slo, exact.window}] = audit;
}

std::map<Duration, Audit> Books::AuditOf(size_t slo) const {
  std::map<Duration, Audit> out;
  for (const auto& [key, audit] : audits_) {
    if (key.first == slo) out.emplace(key.second, audit);
  }
  return out;
}

}  // namespace watchfire::slo
