// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/slo/plan.h"

#include <algorithm>

#include "pkg/base/check.h"

namespace watchfire::slo {
namespace {

constexpr Duration kQuick = std::chrono::seconds(5);
constexpr Duration kSlow = std::chrono::seconds(20);
constexpr Duration kFirstRest = std::chrono::minutes(1);
constexpr Duration kLongestRest = std::chrono::minutes(30);
constexpr int kDoublings = 5;       // From the first rest to more than the longest.
constexpr int kRefusalsMax = 3;     // Before a slot is given up.
constexpr int64_t kEdgeAhead = 30;  // Minutes: the edges of all ledgers cross the hour at once.
// Whoever takes the answer has other things to do: so many are some 20 ms of work.
constexpr size_t kManySamples = 20'000;
constexpr size_t kHourPoints = 60;

}  // namespace

std::set<int64_t> EdgeHours(int64_t newest, const std::vector<int64_t>& begins) {
  const Reach reach = ReachOf(Level::kHour, newest);
  std::set<int64_t> hours;
  for (const int64_t begin : begins) {
    for (const int64_t minute : {begin, begin + kEdgeAhead}) {
      const int64_t hour = SlotAt(Level::kHour, minute);
      const bool is_whole = hour * MinutesOf(Level::kHour) == minute;
      if (!is_whole && minute >= reach.begin && minute < reach.end) hours.insert(hour);
    }
  }
  return hours;
}

std::vector<Ask> Plan::Tick(const Ledger& ledger, bool late) {
  const int64_t newest = ledger.newest();
  std::vector<Ask> asks;
  if (ledger.coverage().Known(Level::kMinute, newest) || !out_.insert(newest).second) return asks;
  asks.push_back({Ask::Purpose::kNewest, Level::kMinute, newest, newest});
  if (options_.reread_slots <= 0 || newest % std::max<int64_t>(options_.reread_every, 1) != 0) {
    return asks;
  }
  // Only what is known: the rest is for Fill().
  const size_t most = std::max<size_t>(options_.points_max, 1);
  const int64_t slots = options_.reread_slots * (late ? 2 : 1);
  for (int64_t slot = newest - 1; slot >= newest - slots; --slot) {
    if (!ledger.coverage().Known(Level::kMinute, slot)) continue;
    const bool joins =
        asks.size() > 1 && asks.back().first == slot + 1 && asks.back().points() < most;
    if (joins) {
      asks.back().first = slot;
    } else {
      asks.push_back({Ask::Purpose::kReread, Level::kMinute, slot, slot});
    }
  }
  return asks;
}

bool Plan::Wanted(const Ledger& ledger, Level level, int64_t slot) const {
  return !ledger.coverage().Known(level, slot) && !given_up_.contains({level, slot}) &&
         !(level == Level::kMinute && out_.contains(slot));
}

std::optional<Plan::Stretch> Plan::Unknown(const Ledger& ledger) const {
  const int64_t newest = ledger.newest();
  const int64_t back = options_.history / StepOf(Level::kMinute);
  for (size_t i = 0; i < kLevelCount; ++i) {
    const Level level = static_cast<Level>(i);
    const int64_t unit = MinutesOf(level);
    const Reach reach = ReachOf(level, newest);
    const int64_t oldest = std::max(reach.begin, newest + 1 - back);
    // The newest minute is the tick's.
    for (int64_t slot = SlotAt(level, std::min(reach.end, newest) - 1); slot * unit >= oldest;
         --slot) {
      if (!Wanted(ledger, level, slot)) continue;
      Stretch stretch{level, slot, slot};
      const int64_t most =
          static_cast<int64_t>(std::min(points_, std::max<size_t>(options_.points_max, 1)));
      while (stretch.last - stretch.first + 1 < most && (stretch.first - 1) * unit >= oldest &&
             Wanted(ledger, level, stretch.first - 1)) {
        --stretch.first;
      }
      return stretch;
    }
  }
  return std::nullopt;
}

std::optional<Level> Plan::NextLevel(const Ledger& ledger) const {
  const std::optional<Stretch> stretch = Unknown(ledger);
  if (stretch) return stretch->level;
  return UntoldHour(ledger) ? std::optional(Level::kDay) : std::nullopt;
}

bool Plan::Filled(const Ledger& ledger) const { return !NextLevel(ledger); }

bool Plan::WantMinutesOf(std::set<int64_t> hours) {
  // Where an answer has one point an hour would be sixty.
  const bool can = options_.history > Duration::zero() && options_.points_max >= kHourPoints;
  if (!can) hours.clear();
  const bool is_new = !std::ranges::includes(edges_, hours);
  edges_ = std::move(hours);
  std::erase_if(edges_given_up_, [this](int64_t hour) { return !edges_.contains(hour); });
  return is_new;
}

std::optional<int64_t> Plan::UntoldHour(const Ledger& ledger) const {
  for (const int64_t hour : edges_) {
    const bool is_known = ledger.coverage().Known(Level::kHour, hour);
    if (is_known && !ledger.HasMinutesOf(hour) && !edges_given_up_.contains(hour)) return hour;
  }
  return std::nullopt;
}

std::optional<Ask> Plan::Fill(const Ledger& ledger, WallTime now) {
  if (filling_ || now < next_fill_) return std::nullopt;
  if (const std::optional<Stretch> stretch = Unknown(ledger)) {
    filling_ = Ask{Ask::Purpose::kFill, stretch->level, stretch->first, stretch->last};
  } else if (const std::optional<int64_t> hour = UntoldHour(ledger)) {
    const int64_t minute = *hour * MinutesOf(Level::kHour);
    filling_ =
        Ask{Ask::Purpose::kEdge, Level::kMinute, minute, minute + MinutesOf(Level::kHour) - 1};
  }
  return filling_;
}

std::optional<WallTime> Plan::next_fill() const {
  if (filling_) return std::nullopt;
  return next_fill_;
}

void Plan::Done(const Ask& ask, const Status& outcome, Duration took, WallTime now,
                size_t samples) {
  if (!ask.is_history()) {
    out_.erase(ask.last);
    if (ask.purpose == Ask::Purpose::kNewest && outcome && failures_ > 0) {
      // Prometheus is back: the hole need not wait as long as the outage would have made it.
      failures_ = 0;
      next_fill_ = std::min(next_fill_, now + kFirstRest);
    }
    return;
  }
  if (filling_ != ask) return;
  filling_.reset();
  if (!outcome) return Failed(ask, outcome.error().code, now);
  failures_ = refusals_ = 0;
  WF_CHECK(options_.duty > 0);
  // Working for `took` and resting for this long is the duty.
  const double rest = ToSeconds(took) * (1 - options_.duty) / options_.duty;
  next_fill_ = now + FromSeconds(std::max(rest, 0.0));
  if (ask.purpose == Ask::Purpose::kEdge) return;
  if (took > kSlow) {
    points_ = std::max<size_t>(points_ / 2, 1);
  } else if (samples > kManySamples) {
    points_ = std::max<size_t>(ask.points() * kManySamples / samples, 1);
  } else if (took < kQuick && samples <= kManySamples / 2) {
    points_ = std::min(points_ * 2, std::max<size_t>(options_.points_max, 1));
  }
}

void Plan::Failed(const Ask& ask, Code code, WallTime now) {
  const bool refused = code == Code::kInvalidArgument || code == Code::kExhausted;
  const bool too_much = refused || code == Code::kTimeout;
  const bool is_edge = ask.purpose == Ask::Purpose::kEdge;
  // Its windows take the share of the time.
  if (too_much && is_edge) edges_given_up_.insert(SlotAt(Level::kHour, ask.first));
  if (too_much && !is_edge && ask.points() > 1) points_ = std::max<size_t>(ask.points() / 2, 1);
  if (refused && ask.points() == 1 && ++refusals_ >= kRefusalsMax) {
    given_up_.insert({ask.level, ask.first});
    refusals_ = 0;
  }
  const Duration rest = kFirstRest * (1 << std::min(failures_, kDoublings));
  ++failures_;
  next_fill_ = now + std::min(rest, kLongestRest);
}

void Plan::Forget() {
  out_.clear();
  filling_.reset();
  next_fill_ = WallTime();
}

}  // namespace watchfire::slo
