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

#include "pkg/base/limits.h"
#include "pkg/base/record.h"
#include "pkg/config/config.h"
#include "pkg/promql/response.h"
#include "pkg/rules/schedule.h"
#include "pkg/slo/excluded.h"
#include "pkg/slo/increments.h"
#include "pkg/slo/ledger.h"
#include "pkg/slo/plan.h"

namespace watchfire::slo {

struct BooksOptions {
  IncrementOptions increments;
  PlanOptions plan;  // Its `history` is the least; longer periods and windows fill more.
  LedgerOptions ledger;
  // Whether to find out if Prometheus takes anchored ranges, and to ask by them then.
  bool find_anchored = false;
  // Whether SLOs are counted that do not say so themselves.
  bool counts_by_default = true;
  bool spread = true;  // Ticks are spread over the minute; false: they are at its begin.
  // How many SLOs an hour are also asked in exact PromQL, to compare.
  size_t audits_per_hour = 3;
  // Label sets of all ledgers together; a ledger that brings more is given up.
  size_t series_max = limits::kSloSeries;
};

// A question for Prometheus: at `at`, or, if `step` is not zero, from `from` to `at`.
struct Question {
  uint64_t id = 0;
  std::string expr;
  WallTime at = kNoTime;
  WallTime from = kNoTime;
  Duration step{};
  bool background = false;  // No decision waits for it.
  bool samples = false;     // `expr` is a range selector: its samples, series by series.
};

// What exact PromQL said about a window, and what the ledger said for the same moment.
struct Audit {
  WallTime at = kNoTime;
  double burn_rate_delta = 0;  // Exact less ours; of the label set that differs the most.
};

// Whether a share of events is from none to all of them, or nearly; NaN is.
bool IsPossible(double error_ratio);

class Books {
 public:
  // A ledger for each SLI that can be rewritten, one for each part of a composite. SLOs are named
  // by their index from here on.
  Books(std::vector<config::Slo> slos, BooksOptions options);

  // Whether the SLO has a ledger; else why it needs exact mode.
  bool Keeps(size_t slo) const { return !members_[slo].parts.empty(); }
  const std::string& why_not(size_t slo) const { return members_[slo].why_not; }
  const std::vector<std::string>& notes(size_t slo) const { return members_[slo].notes; }

  // When Due() next has something; nullopt if everything waits for answers. The epoch at first.
  std::optional<WallTime> next() const;
  std::vector<Question> Due(WallTime now);

  // An SLO whose newest minute has been counted, or whose question for it failed.
  struct Closed {
    size_t slo = 0;
    WallTime slot = kNoTime;  // The tick it belongs to.
    std::string error;        // "" if it was counted.
  };
  // Takes the answer to a question; the samples of a range carry their times. Three ticks in a row
  // that Prometheus refuses or whose answers cannot be used (kInvalidArgument, kConflict,
  // kExhausted) end the ledger: its SLOs need exact mode from then on.
  std::vector<Closed> OnAnswer(uint64_t id, const Result<promql::Vector>& result, WallTime now);
  // SLOs for which Due() had nothing to ask, because their newest minute was known.
  std::vector<Closed> TakeClosed() { return std::exchange(closed_, {}); }

  // From now on these minutes are left out of what RatioOf() and Count() say of the SLO; others
  // that share its ledger have their own.
  void Exclude(size_t slo, ExcludedSpans spans) { members_[slo].excluded = std::move(spans); }
  // The share of the window's minutes that is not left out; 1 where there is no ledger. Once
  // `enough` of it counts, what schedules leave out is no part of it: that never counts.
  double ShareThatCounts(size_t slo, Duration window, const std::optional<Duration>& enough) const;

  // The error ratio of each label set over a window that ends with the newest minute, as exact
  // PromQL has it, without label sets in which nothing happened. Of a calendar's period as much as
  // is over.
  promql::Vector RatioOf(size_t slo, Duration window) const;
  // Of a label set of which the events of a window cannot be (IsPossible()) the share of bad ones
  // as it was counted, where RatioOf() takes the nearest that can; nullopt without one.
  std::optional<double> ImpossibleRatio(size_t slo, Duration window) const;
  // Whether alerts may rely on a window: it is five minutes or more, in whole minutes, all but a
  // hundredth of it is known, no label sets are lumped together, and, if it is no longer than an
  // hour, samples do not come late.
  bool Trusted(size_t slo, Duration window) const;
  // Whether some of its label sets are lumped together; and how many are not at most.
  bool Overflows(size_t slo) const;
  size_t label_sets_max() const { return options_.ledger.series_max; }
  // The share of the window that was asked for and answered, be it with nothing …
  double KnownOf(size_t slo, Duration window) const;
  // … and that of it which is not before the first event ever counted.
  double CoverageOf(size_t slo, Duration window) const;

  // One label set of a SLO that is no composite, and what was counted in each window up to the
  // newest minute; bad is never more than total.
  struct Row {
    labels::LabelSet labels;
    std::map<Duration, Events> windows;
  };
  std::vector<Row> Count(size_t slo, const std::set<Duration>& windows) const;
  // What was counted on a day (UTC, since 1970) without what is excluded of it, all label sets
  // together; nullopt if that is not all known, and for composites. What Exclude() says does not
  // reach as far back as days do.
  std::optional<Events> EventsOn(size_t slo, int64_t day, const ExcludedSpans& excluded) const;
  // Why history does not come in, or "".
  const std::string& fill_error(size_t slo) const;
  // Minutes in which more was bad, or good, than there was at all, label set by label set.
  uint64_t anomalies(size_t slo) const;
  // Of its first part.
  const Ledger& ledger(size_t slo) const;
  // The last comparison with exact PromQL, by window.
  std::map<Duration, Audit> AuditOf(size_t slo) const;
  // Label sets of all ledgers.
  size_t series() const;
  // Those of them that windows follow from: not of ledgers that lump some together.
  size_t counted_series() const;

  // Whether counters are asked for by anchored ranges.
  bool asks_anchored() const { return anchored_; }

  // What has changed, for Table::kSlo: a row for each hour of each ledger (docs/store-schema.md),
  // and deletions of what is too old. Each ledger's twice a minute at most, unless `all` is asked.
  std::vector<Record> TakeRecords(WallTime now, bool all = false);
  // When TakeRecords() has something; nullopt if all is stored.
  std::optional<WallTime> next_records() const;
  static bool IsHistory(const Record& record);
  // Takes back such a row. Rows of ledgers that are not kept any more are deleted when they are
  // old: they may come back. Errors: kCorrupt.
  Status Restore(const Record& record);

  // Takes over the ledgers that go on, with what they hold (reload).
  void AdoptState(const Books& old);

 private:
  struct Account {
    Account(Increments of, PlanOptions plan_options, uint64_t phase);

    Increments increments;
    std::string key_hash;
    std::shared_ptr<Ledger> ledger;  // Unset until the first tick or row, which know the time.
    LedgerOptions ledger_options;
    Plan plan;
    rules::Schedule schedule;
    std::vector<size_t> slos;  // None: it is given up.
    WallTime slot = kNoTime;   // Of the last tick.
    std::string error;         // Why that failed; "" if it did not.
    int64_t closed = -1;       // The minute of the last tick that was answered.
    bool waiting = false;      // For the newest minute.
    bool filled = false;
    int rereads = 0;  // Asks of minutes a second time that are out.
    int refusals = 0;
    bool has_counted = false;  // Its queries can be answered, so a refusal may pass.
    std::string fill_error;
    std::optional<int64_t> stored_newest;  // Its newest minute when it was stored last.
    WallTime stored_at = WallTime();
    int64_t late_until = 0;              // Samples came late less than an hour before.
    std::optional<int64_t> empty_since;  // Minutes without any series, up to now.
    int64_t doubted_until = 0;           // Such minutes have been asked a second time.
    // Until when samples are asked for as far back as a counter may have its last …
    int64_t far_until = 0;
    int64_t summed_until = 0;  // … and until when sums, because samples are too many or refused.
  };
  struct Part {
    double weight = 1;
    size_t account = 0;
  };
  struct Member {  // A SLO.
    std::vector<Part> parts;
    bool is_composite = false;
    std::string why_not;
    std::vector<std::string> notes;
    int64_t closed = -1;  // The minute in which it was told of last.
    ExcludedSpans excluded;
  };
  // The answers to an ask: its two sides, or those that samples are asked by.
  static constexpr size_t kBad = 0;
  static constexpr size_t kTotal = 1;
  struct Pending {  // An ask that is out.
    size_t account = 0;
    Ask ask;
    bool samples = false;  // What the answers are.
    size_t questions = 2;
    std::map<size_t, Result<promql::Vector>> answers;
    WallTime asked = kNoTime;
    Duration spent{};       // Until each answer, added up: they may be worked on side by side.
    bool anchored = false;  // It asks by anchored ranges …
    bool instead = false;   // … or in place of one that did and was refused.
  };
  struct Again {  // What is asked once more, for sums.
    size_t account = 0;
    Ask ask;
    bool instead = false;  // Of anchored ranges.
  };
  struct Probe {  // A question whether Prometheus takes anchored ranges.
    uint64_t id = 0;
    double total = 0;  // What was counted without in the minute that it is about.
  };
  struct Exact {  // A comparison that is out.
    size_t slo = 0;
    Duration window{};
    WallTime at = kNoTime;
    std::map<std::string, double> ours;  // Error ratios, by labels.
  };

  // Of its first part; Keeps(slo) is WF_CHECKed.
  const Account& AccountOf(size_t slo) const;
  bool HasLedgers(size_t slo) const;  // Of all parts.
  std::unique_ptr<Account> MakeAccount(Increments increments, Duration history) const;
  // The minutes [begin, end) of a window, of the minutes that all parts know of.
  std::pair<int64_t, int64_t> MinutesOfWindow(size_t slo, Duration window) const;
  promql::Vector RatioWithout(const ExcludedSpans& excluded, size_t slo, Duration window) const;
  void Start(size_t account, const Ask& ask, WallTime now, std::vector<Question>* out);
  void AskSums(const Again& what, WallTime now, std::vector<Question>* out);
  void AskSamples(size_t account, const Ask& ask, WallTime now, std::vector<Question>* out);
  bool SumUp(Pending* pending);
  uint64_t AskOnce(Question question, std::vector<Question>* out);
  void TickAll(WallTime now, std::vector<Question>* out);
  void FillOne(WallTime now, std::vector<Question>* out);
  void FindAnchored(WallTime now, std::vector<Question>* out);
  void TakeProbe(const Result<promql::Vector>& answer, WallTime now);
  bool WasRefused(const Pending& pending) const;
  bool WasAnswered(const Pending& pending) const;
  void AskBy(GrowthQuery growth);
  void AuditSome(WallTime now, std::vector<Question>* out);
  void TakeAudit(const Exact& exact, const promql::Vector& answer);
  std::vector<Closed> Complete(Pending pending, WallTime now);
  void Close(size_t account, const Status& outcome, std::vector<Closed>* closed);
  Status WriteAnswers(const Pending& pending);
  bool WantEdges(size_t account);
  void NoteLateness(Account* account, const Ask& ask, const Events& before);
  void NoteEmptiness(Account* account, const Pending& pending);
  void Abandon(size_t account, const std::string& why);
  void Leave(size_t slo, const std::string& why);
  void Flush(Account* account, std::vector<Record>* records);
  void DropRowsAfter(const Account& account, int64_t minute);
  void Orphan(const Account& account);
  Ledger* LedgerUpTo(Account* account, int64_t newest);

  std::vector<config::Slo> slos_;
  BooksOptions options_;
  std::vector<std::unique_ptr<Account>> accounts_;
  std::vector<Member> members_;  // By SLO.
  std::vector<Closed> closed_;   // Not told of yet.

  uint64_t last_id_ = 0;
  std::map<uint64_t, Pending> pending_;
  std::map<uint64_t, std::vector<std::pair<uint64_t, size_t>>> listeners_;  // By question.
  std::map<std::string, uint64_t> out_;                                     // Questions by text.
  std::map<uint64_t, std::string> texts_;                                   // And back.
  std::map<uint64_t, Exact> exacts_;
  std::map<std::pair<size_t, Duration>, Audit> audits_;

  std::vector<Again> again_;
  bool filling_ = false;   // One stretch is out at a time, of all ledgers.
  WallTime next_fill_{};   // The duty of all ledgers together.
  size_t next_audit_ = 0;  // The SLO whose turn it is.
  int64_t audited_hour_ = -1;
  std::map<std::string, int64_t> orphans_;  // Rows of unknown ledgers: when they are too old.
  std::vector<Record> deletions_;           // To be taken.
  WallTime looked_ = WallTime();            // The last TakeRecords() that looked.

  bool anchored_ = false;
  std::optional<Probe> probe_;  // The one that is out.
  WallTime next_probe_{};
};

}  // namespace watchfire::slo
