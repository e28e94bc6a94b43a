// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What to ask Prometheus next for one ledger: at each tick the newest minute, now and then the last
// few again, because samples come late; and between ticks what is still unknown, newest first, so
// that the fast windows live within seconds after the first start, holes of an outage close from
// this side, and weeks of history come in last. Then the minutes of an hour of which only the sum
// is known, and which a window is about to leave. All but the newest minute keeps to a share of the
// time. Pure: time is an argument. Reference: slo-and-rules §7.4.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "pkg/base/result.h"
#include "pkg/base/time.h"
#include "pkg/slo/ledger.h"

namespace watchfire::slo {

struct PlanOptions {
  // Prometheus has what was scraped so long ago. At least the scrape interval and what ingestion
  // takes; 30 s for VictoriaMetrics.
  Duration delay = std::chrono::seconds(30);
  int64_t reread_slots = 5;  // How many of the last minutes are asked again …
  int64_t reread_every = 5;  // … at every so many-th one.
  Duration history = std::chrono::hours(24 * 30);  // How far back to fill; zero: not at all.
  double duty = 0.2;                               // Share of the time that filling may take.
  // The most slots in one question; 1 where only instant queries can be asked.
  size_t points_max = 1000;
};

// A question for the slots [first, last] of a level: the increments of MinutesOf(level) minutes at
// the end of each. Of kEdge these are the minutes of one hour, for Ledger::WriteMinutesOf().
struct Ask {
  enum class Purpose { kNewest, kReread, kFill, kEdge };
  Purpose purpose = Purpose::kNewest;
  Level level = Level::kMinute;
  int64_t first = 0;
  int64_t last = 0;

  size_t points() const { return static_cast<size_t>(last - first + 1); }
  bool is_history() const { return purpose == Purpose::kFill || purpose == Purpose::kEdge; }
  bool operator==(const Ask&) const = default;
};

// The hours that windows which begin with one of the minutes `begins` begin within, or will in half
// an hour, of those of which a ledger has nothing finer.
std::set<int64_t> EdgeHours(int64_t newest, const std::vector<int64_t>& begins);

class Plan {
 public:
  explicit Plan(PlanOptions options) : options_(options) {}

  // The newest minute that may be asked for at `now`.
  int64_t NewestAt(WallTime now) const { return MinuteAt(now - options_.delay) - 1; }

  // What a tick asks, for a ledger that has been advanced to NewestAt(now): nothing when that is
  // known already. What is still out is not asked twice. Where samples are known to come `late`,
  // twice as many of the last minutes are asked again, so that each is at two ticks.
  std::vector<Ask> Tick(const Ledger& ledger, bool late = false);

  // The hours whose minutes are wanted from now on. Returns whether there is a new one.
  bool WantMinutesOf(std::set<int64_t> hours);

  // The next stretch of unknown slots, if one is left and filling may go on at `now`; then hours
  // whose minutes are wanted. One is out at a time. Call Done() when it is answered.
  std::optional<Ask> Fill(const Ledger& ledger, WallTime now);
  // The level of that stretch; of an hour's minutes the coarsest, because they can wait.
  std::optional<Level> NextLevel(const Ledger& ledger) const;
  // When Fill() may have something; nullopt while one is out.
  std::optional<WallTime> next_fill() const;

  // An answer to `ask`, which took `took`, has been written to the ledger, or has failed with
  // `error`. Filling then rests long enough to keep the duty; failures rest longer each time, up to
  // half an hour. A stretch grows while answers are quick and of few `samples`, and is halved when
  // one is slow or too large; a single slot that keeps failing as too large or wrong is given up.
  void Done(const Ask& ask, const Status& outcome, Duration took, WallTime now, size_t samples = 0);

  // Lets what is out be asked again, and at once: it was asked by another clock.
  void Forget();

  // Whether nothing is left to fill.
  bool Filled(const Ledger& ledger) const;
  size_t points() const { return points_; }
  size_t given_up() const { return given_up_.size(); }

 private:
  struct Stretch {
    Level level;
    int64_t first;
    int64_t last;
  };
  std::optional<Stretch> Unknown(const Ledger& ledger) const;
  std::optional<int64_t> UntoldHour(const Ledger& ledger) const;
  bool Wanted(const Ledger& ledger, Level level, int64_t slot) const;
  void Failed(const Ask& ask, Code code, WallTime now);

  PlanOptions options_;
  std::set<int64_t> out_;       // Minutes that a tick asked for.
  std::optional<Ask> filling_;  // The stretch that is out.
  WallTime next_fill_ = WallTime();
  size_t points_ = 60;  // Of the next stretch, unless points_max is less.
  int failures_ = 0;    // In a row.
  std::set<std::pair<Level, int64_t>> given_up_;
  int refusals_ = 0;                  // Of the same single slot, in a row.
  std::set<int64_t> edges_;           // Hours whose minutes are wanted …
  std::set<int64_t> edges_given_up_;  // … but cannot be had.
};

}  // namespace watchfire::slo
