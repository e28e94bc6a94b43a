// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Keeps the ledgers of all SLOs whose SLIs can be counted: says what to ask, takes the answers,
// adds up windows. SLOs that count the same share a ledger, and questions that are the same are
// asked once. Pure; owned by the core thread.

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "pkg/base/record.h"
#include "pkg/config/config.h"
#include "pkg/promql/response.h"
#include "pkg/rules/schedule.h"
#include "pkg/slo/increments.h"
#include "pkg/slo/ledger.h"
#include "pkg/slo/plan.h"

namespace watchfire::slo {

struct BooksOptions {
  IncrementOptions increments;
  PlanOptions plan;  // Its `history` is the least; longer periods fill more.
  LedgerOptions ledger;
  bool spread = true;  // Ticks are spread over the minute; false: they are at its begin.
  // How many SLOs an hour are also asked in exact PromQL, to compare.
  size_t audits_per_hour = 3;
};

// A question for Prometheus: at `at`, or, if `step` is not zero, from `from` to `at`.
struct Question {
  uint64_t id = 0;
  std::string expr;
  WallTime at = kNoTime;
  WallTime from = kNoTime;
  Duration step{};
};

// What exact PromQL said about a window, and what the ledger said for the same moment.
struct Audit {
  WallTime at = kNoTime;
  double burn_rate_delta = 0;  // Exact less ours; of the label set that differs the most.
};

class Books {
 public:
  // A ledger for each SLI that can be rewritten. SLOs are named by their index from here on.
  Books(std::vector<config::Slo> slos, BooksOptions options);

  // Whether the SLO has a ledger; else why it needs exact mode.
  bool Keeps(size_t slo) const { return account_of_[slo].has_value(); }
  const std::string& why_not(size_t slo) const { return why_not_[slo]; }
  const std::vector<std::string>& notes(size_t slo) const { return notes_[slo]; }

  // When Due() next has something; nullopt if everything waits for answers. The epoch at first.
  std::optional<WallTime> next() const;
  std::vector<Question> Due(WallTime now);

  // An SLO whose newest minute has been counted, or whose question for it failed.
  struct Closed {
    size_t slo = 0;
    WallTime slot = kNoTime;  // The tick it belongs to.
    std::string error;        // "" if it was counted.
  };
  // Takes the answer to a question; the samples of a range carry their times. Three refusals in a
  // row (kInvalidArgument) end the ledger: its SLOs need exact mode from then on.
  std::vector<Closed> OnAnswer(uint64_t id, const Result<promql::Vector>& result, WallTime now);

  // One label set of a SLO, and what was counted in each window up to the newest minute; bad is
  // never more than total.
  struct Row {
    labels::LabelSet labels;
    std::map<Duration, Events> windows;
  };
  std::vector<Row> Count(size_t slo, const std::set<Duration>& windows) const;
  // Whether alerts may rely on a window: nearly all of it was asked for, or no more can be.
  bool Trusted(size_t slo, Duration window) const;
  // The share of the window for which there is data.
  double CoverageOf(size_t slo, Duration window) const;
  // Why history does not come in, or "".
  const std::string& fill_error(size_t slo) const;
  const Ledger& ledger(size_t slo) const;
  // The last comparison with exact PromQL, by window.
  std::map<Duration, Audit> AuditOf(size_t slo) const;

  // What has changed since the last call, for Table::kSlo: a row for each hour of each ledger
  // (docs/store-schema.md), and deletions of what is too old.
  std::vector<Record> TakeRecords(WallTime now);
  static bool IsHistory(const Record& record);
  // Takes back such a row. Rows of ledgers that are not kept any more are deleted when they are
  // old: they may come back. Errors: kCorrupt.
  Status Restore(const Record& record);

  // Takes over the ledgers that go on, with what they hold (reload).
  void AdoptState(const Books& old);

 private:
  struct Account {
    Increments increments;
    std::string key_hash;
    std::shared_ptr<Ledger> ledger;  // Unset until the first tick or row, which know the time.
    Plan plan;
    rules::Schedule schedule;
    std::vector<size_t> slos;
    WallTime slot = kNoTime;  // Of the tick that is out.
    bool waiting = false;     // For the newest minute.
    bool filled = false;
    int refusals = 0;
    std::string fill_error;
    std::optional<int64_t> stored_newest;  // Its newest minute when it was stored last.
  };
  enum class Side { kBad, kTotal };
  struct Pending {  // An ask that is out.
    size_t account = 0;
    Ask ask;
    std::map<Side, Result<promql::Vector>> answers;
    WallTime asked = kNoTime;
  };
  struct Exact {  // A comparison that is out.
    size_t slo = 0;
    Duration window{};
    WallTime at = kNoTime;
    std::map<std::string, double> ours;  // Error ratios, by labels.
  };

  const Account& AccountOf(size_t slo) const { return *accounts_[*account_of_[slo]]; }
  void Start(size_t account, const Ask& ask, WallTime now, std::vector<Question>* out);
  uint64_t AskOnce(Question question, std::vector<Question>* out);
  void TickAll(WallTime now, std::vector<Question>* out);
  void FillOne(WallTime now, std::vector<Question>* out);
  void AuditSome(WallTime now, std::vector<Question>* out);
  void TakeAudit(const Exact& exact, const promql::Vector& answer);
  std::vector<Closed> Complete(Pending pending, WallTime now);
  std::vector<Closed> Close(size_t account, const Status& outcome);
  Status WriteAnswers(const Pending& pending);
  void Abandon(size_t account, const std::string& why);
  void Flush(Account* account, std::vector<Record>* records);
  void Orphan(const Account& account);
  Ledger* LedgerUpTo(Account* account, int64_t newest);

  std::vector<config::Slo> slos_;
  BooksOptions options_;
  std::vector<std::unique_ptr<Account>> accounts_;
  std::vector<std::optional<size_t>> account_of_;  // By SLO.
  std::vector<std::string> why_not_;
  std::vector<std::vector<std::string>> notes_;

  uint64_t last_id_ = 0;
  std::map<uint64_t, Pending> pending_;
  std::map<uint64_t, std::vector<std::pair<uint64_t, Side>>> listeners_;  // By question.
  std::map<std::string, uint64_t> out_;                                   // Questions by text.
  std::map<uint64_t, std::string> texts_;                                 // And back.
  std::map<uint64_t, Exact> exacts_;
  std::map<std::pair<size_t, Duration>, Audit> audits_;

  bool filling_ = false;   // One stretch is out at a time, of all ledgers.
  WallTime next_fill_{};   // The duty of all ledgers together.
  size_t next_audit_ = 0;  // The SLO whose turn it is.
  int64_t audited_hour_ = -1;
  std::map<std::string, int64_t> orphans_;  // Rows of unknown ledgers: when they are too old.
  int64_t flushed_ = 0;                     // The minute of the last TakeRecords().
};

}  // namespace watchfire::slo
