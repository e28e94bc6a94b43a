// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Escalation walks one incident up the steps of a policy until somebody has acknowledged it, it is
// resolved, or the policy ends.
//
// A pure state machine: reads no clock, does no I/O. It counts time from the incident's own start
// (`elapsed`, which its owner takes from the monotonic clock); wall time comes with Advance(),
// because schedules and business hours are read off the wall. What must outlive the process is in
// Progress: the owner stores it before it sends what Advance() returned, and starts again from it.
//
//   0       15        30         40 ...            after = 0, 15, 30; repeat: wait 10
//   step 0  step 1    step 2     step 0 of round 1
//
// Source: reference paging-backends §6.7.

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pkg/base/result.h"
#include "pkg/oncall/model.h"

namespace watchfire::oncall {

// A policy made flat: those that it hands over to are part of it, by `after`. Immutable.
struct Ladder {
  std::vector<Step> steps;  // By `after`; at least one.
  Repeat repeat;

  // From the start of a round to that of the next, or to the end of the last one.
  Duration round() const { return steps.back().after + repeat.wait; }
};

// Errors: kInvalidArgument if it has no steps or takes longer than a year; kExhausted beyond
// kLadderSteps.
Result<Ladder> MakeLadder(const Roster& roster, const Policy& policy);
inline constexpr size_t kLadderSteps = 1000;

struct Progress {
  int round = 0;
  size_t step = 0;        // The next one of the round; steps.size(): the round is over.
  Duration shift{};       // By how much later than planned everything is; may be negative.
  uint64_t sequence = 0;  // Which incident of its policy this is: turns of round_robin follow it.
  bool acked = false;
  std::vector<std::string> acked_by;  // Never told again, unless the ack is taken back.
  bool ended = false;                 // Resolved, or nothing is left to do for ever.

  bool operator==(const Progress&) const = default;
};

// What came of one step.
struct Notice {
  enum class Outcome {
    kTold,
    kNobody,    // The targets come to nobody. Somebody must hear of that.
    kAcked,     // Not told because of the ack, or only to those who had acknowledged.
    kLate,      // Passed over: when it was looked at, a later step was due as well.
    kHours,     // Not within its hours.
    kResolved,  // The policy ends the incident here.
  } outcome = Outcome::kTold;
  int round = 0;
  size_t step = 0;     // Of the Ladder; steps.size() for the end of the policy.
  Duration planned{};  // When it was due; what follows counts from here, not from when it was done.
  Targets to;          // kTold: kUser, kUnknown, kEmail and kWebhook, each once.
  bool unacked = false;        // The round began anew, and the ack is gone.
  bool ignores_rules = false;  // kTold: by all contacts at once (Step::ignores_rules).
};

enum class Late { kLatestOnly, kAll };

class Escalation {
 public:
  Escalation(std::shared_ptr<const Ladder> ladder, Progress progress);

  // When Advance() next has work, since the start; nullopt: never, unless the ack is taken back.
  std::optional<Duration> deadline() const;
  // Whether that tells somebody; it may also close the incident, or not be.
  bool CallsNext() const;

  // Does what is due by `elapsed`, which must not go back. `now` is the wall's time at that moment.
  // Of steps that are due at different times, because nobody asked in between, the latest is told
  // and the others are passed over, or all are told.
  std::vector<Notice> Advance(Duration elapsed, WallTime now, const Roster& roster,
                              Late late = Late::kLatestOnly);

  // Stops the steps of kNotAcked. Idempotent; `by` may be empty.
  void Acknowledge(const std::string& by);
  // The ack is gone: steps go on at their planned times, those that passed meanwhile are over.
  void Unacknowledge(Duration elapsed);
  // The next step is due now, and what follows moves with it.
  void Escalate(Duration elapsed);
  // Ends it. Idempotent.
  void Resolve() { progress_.ended = true; }

  const Progress& progress() const { return progress_; }

 private:
  struct Position {
    int round = 0;
    size_t step = 0;
  };
  Duration Planned(const Position& position) const;
  std::optional<Position> Next() const;
  void MoveBehind(const Position& position);
  bool BeginRound(const Position& position);
  Notice Do(const Position& position, Duration elapsed, WallTime now, const Roster& roster);
  Notice Outside(const Position& position, Duration elapsed, WallTime now);
  Notice End(const Position& position);

  std::shared_ptr<const Ladder> ladder_;  // Never changes.
  Progress progress_;
};

}  // namespace watchfire::oncall
