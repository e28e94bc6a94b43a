// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/slo/paging_check.h"

#include <algorithm>

namespace watchfire::slo {
namespace {

// What is one hundredth in decimals may be less in binary.
constexpr double kRounding = 1e-9;

}  // namespace

bool PagingCheck::Slo::HasLost() const {
  double lost = 0;
  for (const auto& [at, share] : looks) lost += share;
  return lost >= kBudgetLoss - kRounding;
}

void PagingCheck::Look(const std::string& slo, const std::string& service, double lost,
                       WallTime now) {
  Slo& state = slos_[slo];
  state.service = service;
  auto& looks = state.looks;
  if (lost > 0) {
    looks.emplace_back(now, lost);
    // What lies between the first and the last is only a sum.
    if (looks.size() > 2) {
      looks.front().second += looks[1].second;
      looks.erase(looks.begin() + 1);
    }
    return;
  }
  // Whoever was paged just after the end is judged before it is forgotten.
  if (looks.empty() || now - looks.back().first <= 2 * kPageCoincides) return;
  if (state.HasLost()) ++(state.is_paged ? counts_.losses_paged : counts_.losses_unpaged);
  looks.clear();
  state.is_paged = false;
}

std::optional<WallTime> PagingCheck::BurnsSince(std::string_view slo) const {
  const auto found = slos_.find(slo);
  if (found == slos_.end() || found->second.looks.empty()) return std::nullopt;
  return found->second.looks.front().first;
}

void PagingCheck::Page(const std::string& service, WallTime now) {
  if (pages_.size() < kPagesMost) pages_.emplace_back(now, service);
}

void PagingCheck::Advance(WallTime now) {
  std::erase_if(pages_, [&](const auto& page) {
    if (page.first + kPageCoincides > now) return false;
    const std::optional<bool> coincides = Judge(page.first, page.second);
    if (coincides) ++(*coincides ? counts_.pages_with_loss : counts_.pages_without);
    return coincides.has_value();
  });
}

std::optional<bool> PagingCheck::Judge(WallTime at, const std::string& service) {
  const bool is_its = std::ranges::any_of(
      slos_, [&](const auto& entry) { return entry.second.service == service; });
  bool coincides = false;
  bool is_open = false;
  for (auto& [name, slo] : slos_) {
    if ((is_its && slo.service != service) || slo.looks.empty()) continue;
    if (slo.looks.front().first > at + kPageCoincides) continue;
    if (slo.looks.back().first < at - kPageCoincides) continue;
    slo.is_paged = true;
    (slo.HasLost() ? coincides : is_open) = true;
  }
  if (coincides) return true;
  return is_open ? std::nullopt : std::optional(false);
}

}  // namespace watchfire::slo
