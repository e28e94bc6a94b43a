// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Whether pages and the loss of error budgets go together: a page beside which no budget is lost
// was for nothing (precision), a loss beside which nobody is paged went unseen (recall). While an
// SLO burns faster than its budget allows, that is an episode, which goes on over half an hour of
// calm; if it costs 1 % of the budget in all it is a loss. A page coincides with an episode that
// begins at most 15 minutes after it and ends at most 15 minutes before it; whether that is a loss
// may be known later only. Pure; time is an argument. Source: reference paging-backends §7.3.
//
//   lost per minute      ▁▁▁▃▅▃▁▁▅▃▁▁▁▁▁▁▁▁▁▁▁▁
//   episode                 ├──────┤                       1 % in all, or it is no loss
//   pages that coincide  ├─15─┴──────┴─15─┤

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "pkg/base/limits.h"
#include "pkg/base/time.h"

namespace watchfire::slo {

inline constexpr double kBudgetLoss = 0.01;                // Of the whole budget.
inline constexpr std::chrono::minutes kPageCoincides{15};  // Before and after a page.
inline constexpr std::chrono::minutes kBudgetLooks{1};     // As often budgets are looked at.

class PagingCheck {
 public:
  // What an SLO lost since the last look: the share of its whole budget, 0 if it burned no faster
  // than it may. To be called for every SLO about every kBudgetLooks; `now` does not go back.
  void Look(const std::string& slo, const std::string& service, double lost, WallTime now);
  // A page of an incident about that service ("": none is named). It is compared with the SLOs of
  // the service, or with all of them if it has none. Beyond kPagesMost that wait it is left out.
  void Page(const std::string& service, WallTime now);
  // Judges the pages that can be judged. Call it after Look().
  void Advance(WallTime now);
  // Since when the SLO has burned faster than it may; unset: it does not, or nobody looked yet.
  std::optional<WallTime> BurnsSince(std::string_view slo) const;
  // SLOs are others now: episodes under way are forgotten, and not counted.
  void Forget() { slos_.clear(); }

  struct Counts {
    uint64_t pages_with_loss = 0;
    uint64_t pages_without = 0;
    uint64_t losses_paged = 0;  // Those that are over.
    uint64_t losses_unpaged = 0;
  };
  const Counts& counts() const { return counts_; }
  static constexpr size_t kPagesMost = limits::kJudgedPages;

 private:
  struct Slo {
    bool HasLost() const;

    std::string service;
    // Of the episode under way: when it was first and last seen to lose, and how much until then
    // and since. Empty: there is none.
    std::deque<std::pair<WallTime, double>> looks;
    bool is_paged = false;  // A page coincides with it.
  };
  // Whether a page coincides with a loss; unset: with what may become one.
  std::optional<bool> Judge(WallTime at, const std::string& service);

  std::map<std::string, Slo, std::less<>> slos_;
  std::deque<std::pair<WallTime, std::string>>
      pages_;  // Not judged yet: when, and of what service.
  Counts counts_;
};

}  // namespace watchfire::slo
