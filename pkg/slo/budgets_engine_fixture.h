// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// An engine with one SLO that has a policy: its budget is set, its lives begin and end, and what it
// says is noted.

#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "pkg/slo/budgets.h"
#include "pkg/slo/budgets_fixture.h"
#include "pkg/slo/slo.h"

namespace watchfire::slo {

inline constexpr WallTime kStart = WallTime(std::chrono::seconds(1'000'000'020));
inline const EngineOptions kOptions{
    std::chrono::minutes(1), std::chrono::minutes(1), "http://wf", {{"cluster", "eu"}}};

inline Result<promql::Vector> Down() { return Fail(Code::kUnavailable, "connection refused"); }

inline std::unique_ptr<Engine> MakeEngine(const config::Slo& slo) {
  return std::make_unique<Engine>(std::vector<config::Slo>{slo}, kOptions);
}

class BudgetsTest : public testing::Test {
 protected:
  BudgetsTest() : slo_(WithPolicy()), engine_(MakeEngine(slo_)) {
    engine_->Due(now_ + std::chrono::milliseconds(1));
  }

  // Answers each question of the next round so that `remaining` is left; nothing burns.
  void Left(double remaining) {
    Round([&](Duration window) -> Result<promql::Vector> {
      return promql::Vector{{{}, now_, window == slo_.period ? (1 - remaining) * 0.001 : 0.0001}};
    });
  }
  void Round(const std::function<Result<promql::Vector>(Duration)>& answer) {
    // The budget itself is asked every six hours while nothing burns.
    now_ = std::max(now_ + std::chrono::hours(7), *engine_->next_slot());
    Take(engine_->Upkeep(now_));
    for (const Query& query : engine_->Due(now_)) {
      Take(engine_->OnResult(query, answer(query.window), now_));
    }
    for (const Record& record : engine_->TakeRecords(now_)) {
      if (record.key == "\tbudget/shop-cart") stored_ = record;
    }
  }
  void Take(Engine::Outcome outcome) {
    for (alert::Alert& alert : outcome.send) {
      if (alert.name() != kPolicyAlertName) continue;
      said_.push_back(std::string(alert.labels.Get("budget_state")) +
                      (alert.Resolved(now_) ? " over" : " fires"));
      sent_.push_back(std::move(alert));
    }
    for (const BudgetChange& change : outcome.changes) {
      changes_.push_back(change.from + ">" + change.to);
    }
  }
  void Reload(const config::Slo& slo) {
    slo_ = slo;
    std::unique_ptr<Engine> next = MakeEngine(slo_);
    next->AdoptState(*engine_);
    engine_ = std::move(next);
    changes_.clear();
    sent_.clear();
    said_.clear();
    Take(engine_->Upkeep(now_));
  }
  void Restart(const config::Slo& slo) {
    slo_ = slo;
    engine_ = MakeEngine(slo_);
    ASSERT_TRUE(engine_->Restore(*stored_).has_value());
    engine_->Due(now_ + std::chrono::milliseconds(1));
    changes_.clear();
    sent_.clear();
    said_.clear();
  }
  Budget budget() const { return engine_->budget(0); }
  std::string state() const { return budget().step ? std::string(budget().state()->state) : "?"; }
  // What was said of alerts since the last call.
  std::vector<std::string> Sent() {
    sent_.clear();
    return std::exchange(said_, {});
  }

  WallTime now_ = kStart;
  config::Slo slo_;
  std::unique_ptr<Engine> engine_;
  std::vector<alert::Alert> sent_;
  std::vector<std::string> said_;
  std::vector<std::string> changes_;
  std::optional<Record> stored_;
};

}  // namespace watchfire::slo
