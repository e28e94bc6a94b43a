// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/oncall/escalation.h"

#include <algorithm>
#include <utility>

#include "pkg/base/check.h"
#include "pkg/base/strings.h"
#include "pkg/oncall/duty.h"
#include "pkg/oncall/window.h"

namespace watchfire::oncall {
namespace {

using Outcome = Notice::Outcome;

// Times a hundred rounds it is within what nanoseconds can say.
constexpr Duration kRoundMax = std::chrono::hours(24 * 366);

using Kind = Target::Kind;

// Appends the steps of a policy, `after` the start. Circles are refused by LinkRoster().
Status Flatten(const Roster& roster, const Policy& policy, const Step* caller, int depth,
               std::vector<Step>* steps) {
  for (const Step& step : policy.steps) {
    Step own = step;
    std::erase_if(own.targets, [](const Target& t) { return t.kind == Kind::kPolicy; });
    if (caller != nullptr) {
      own.after += caller->after;
      if (own.hours.empty()) {
        own.hours = caller->hours;
        own.zone = caller->zone;
        own.outside = caller->outside;
      }
    }
    if (steps->size() >= kLadderSteps) {
      return Fail(Code::kExhausted, "policy " + GoQuote(policy.name) + " has more than " +
                                        std::to_string(kLadderSteps) + " steps");
    }
    const Step here = own;
    if (!own.targets.empty() || own.resolves) steps->push_back(std::move(own));
    for (const Target& target : step.targets) {
      if (target.kind != Kind::kPolicy || depth >= kDepth) continue;
      WF_RETURN_IF_ERROR(
          Flatten(roster, roster.policies.at(target.index), &here, depth + 1, steps));
    }
  }
  return {};
}

void AddOnce(const Target& target, Targets* to) {
  const auto same = [&](const Target& t) { return t.kind == target.kind && t.name == target.name; };
  if (std::ranges::none_of(*to, same)) to->push_back({target.kind, target.name, 0});
}

// Who a target comes to at `now`.
Targets Resolved(const Roster& roster, const Target& target, WallTime now) {
  if (target.kind == Kind::kEmail || target.kind == Kind::kWebhook) {
    return {{target.kind, target.name, 0}};
  }
  if (target.kind == Kind::kUnknown) return {{Kind::kUnknown, target.name, 0}};
  People people;
  AddPeople(roster, target, now, &people);
  Targets to;
  for (const std::string& name : people) to.push_back({Kind::kUser, name, 0});
  return to;
}

// Who a step tells: all, or of the places of a circle the one whose turn it is, or behind it the
// first that comes to anybody.
Targets Choose(const Roster& roster, const Step& step, uint64_t turn, WallTime now) {
  std::vector<Targets> places;
  for (const Target& target : step.targets) places.push_back(Resolved(roster, target, now));
  const bool is_circle = step.strategy != Strategy::kAll;
  if (is_circle && (places.size() == 1 || step.strategy == Strategy::kRandom)) {
    std::vector<Targets> people;
    for (const Targets& place : places) {
      for (const Target& one : place) people.push_back({one});
    }
    places = std::move(people);
  }
  Targets to;
  for (size_t i = 0; i < places.size(); ++i) {
    const size_t place = is_circle ? (i + turn) % places.size() : i;
    for (const Target& one : places[place]) AddOnce(one, &to);
    if (is_circle && !to.empty()) break;
  }
  return to;
}

}  // namespace

Result<Ladder> MakeLadder(const Roster& roster, const Policy& policy) {
  Ladder ladder;
  WF_RETURN_IF_ERROR(Flatten(roster, policy, nullptr, 0, &ladder.steps));
  if (ladder.steps.empty()) {
    return InvalidArgument("policy " + GoQuote(policy.name) + " tells nobody");
  }
  std::ranges::stable_sort(ladder.steps, {}, &Step::after);
  ladder.repeat = policy.repeat;
  if (ladder.round() > kRoundMax) {
    return InvalidArgument("policy " + GoQuote(policy.name) + " takes longer than a year");
  }
  // Rounds need time, or they would all be due at once.
  if (ladder.repeat.count > 0 && ladder.round() <= Duration::zero()) {
    ladder.repeat.wait = std::chrono::minutes(1);
  }
  return ladder;
}

Escalation::Escalation(std::shared_ptr<const Ladder> ladder, Progress progress)
    : ladder_(std::move(ladder)), progress_(std::move(progress)) {
  WF_CHECK(ladder_ != nullptr);
  WF_CHECK(!ladder_->steps.empty());
}

Duration Escalation::Planned(const Position& position) const {
  const Duration start = position.round * ladder_->round() + progress_.shift;
  const bool is_end = position.step == ladder_->steps.size();
  return start + (is_end ? ladder_->round() : ladder_->steps[position.step].after);
}

// The next step that would do something as things stand; behind the last one, the end of the policy
// if it has something to do there.
std::optional<Escalation::Position> Escalation::Next() const {
  const size_t count = ladder_->steps.size();
  if (progress_.ended) return std::nullopt;
  Position at{progress_.round, progress_.step};
  // One round shows all that there is to see.
  for (size_t looked = 0; looked <= 2 * count + 2; ++looked) {
    if (at.step >= count && at.round < ladder_->repeat.count) at = {at.round + 1, 0};
    if (at.step >= count) break;
    const bool clears =
        progress_.acked && at.step == 0 && at.round > 0 && ladder_->repeat.reset_acks;
    const Step& step = ladder_->steps[at.step];
    if (!progress_.acked || clears || step.condition == Condition::kNotResolved) return at;
    ++at.step;
  }
  const bool closes = ladder_->repeat.resolve_after && !progress_.acked;
  if (at.step < count || !closes) return std::nullopt;
  return Position{ladder_->repeat.count, count};
}

std::optional<Duration> Escalation::deadline() const {
  const std::optional<Position> next = Next();
  return next ? std::optional(Planned(*next)) : std::nullopt;
}

bool Escalation::CallsNext() const {
  const std::optional<Position> next = Next();
  return next && next->step < ladder_->steps.size() && !ladder_->steps[next->step].resolves;
}

void Escalation::MoveBehind(const Position& position) {
  progress_.round = position.round;
  progress_.step = position.step + 1;
}

// True if this clears an ack.
bool Escalation::BeginRound(const Position& position) {
  if (position.step != 0 || position.round == 0 || !ladder_->repeat.reset_acks) return false;
  const bool was_acked = std::exchange(progress_.acked, false);
  progress_.acked_by.clear();
  return was_acked;
}

// A step outside of its hours is passed over, or waits for them, and what follows waits with it.
Notice Escalation::Outside(const Position& position, Duration elapsed, WallTime now) {
  const Step& step = ladder_->steps[position.step];
  const Notice notice{Outcome::kHours, position.round, position.step, Planned(position), {}, false};
  const auto opens = step.waits ? NextOpen(step.hours, step.zone.zone, now, !step.outside)
                                : std::optional<WallTime>();
  if (opens) {
    progress_.round = position.round;
    progress_.step = position.step;
    progress_.shift += elapsed - notice.planned + (*opens - now);
  } else {
    MoveBehind(position);
  }
  return notice;
}

Notice Escalation::End(const Position& position) {
  progress_.ended = true;
  return {Outcome::kResolved, position.round, position.step, Planned(position), {}, false};
}

Notice Escalation::Do(const Position& position, Duration elapsed, WallTime now,
                      const Roster& roster) {
  const Step& step = ladder_->steps[position.step];
  Notice notice{Outcome::kTold, position.round, position.step, Planned(position), {}, false};
  notice.unacked = BeginRound(position);
  notice.ignores_rules = step.ignores_rules;
  if (!step.hours.empty() && IsOpen(step.hours, step.zone.zone, now) == step.outside) {
    const bool unacked = notice.unacked;
    notice = Outside(position, elapsed, now);
    notice.unacked = unacked;
    return notice;
  }
  MoveBehind(position);
  if (step.resolves) {
    progress_.ended = true;
    notice.outcome = Outcome::kResolved;
    return notice;
  }
  const uint64_t turn = progress_.sequence + static_cast<uint64_t>(step.turn) +
                        (step.strategy == Strategy::kRandom ? position.step : 0) +
                        static_cast<uint64_t>(position.round);
  notice.to = Choose(roster, step, turn, now);
  if (notice.to.empty()) {
    notice.outcome = Outcome::kNobody;
    const size_t next = position.step + 1;
    if (step.next_at_once && next < ladder_->steps.size()) {
      progress_.shift -= ladder_->steps[next].after - step.after;
    }
    return notice;
  }
  std::erase_if(notice.to, [&](const Target& target) {
    return std::ranges::find(progress_.acked_by, target.name) != progress_.acked_by.end();
  });
  if (notice.to.empty()) notice.outcome = Outcome::kAcked;
  return notice;
}

std::vector<Notice> Escalation::Advance(Duration elapsed, WallTime now, const Roster& roster,
                                        Late late) {
  std::vector<Notice> notices;
  while (true) {
    const std::optional<Position> next = Next();
    if (!next || Planned(*next) > elapsed) break;
    if (next->step == ladder_->steps.size()) {
      notices.push_back(End(*next));
      break;
    }
    const Duration planned = Planned(*next);
    if (late == Late::kLatestOnly) {
      // Look one step ahead: is a later one due as well?
      Escalation ahead = *this;
      ahead.MoveBehind(*next);
      ahead.BeginRound(*next);
      std::optional<Position> later = ahead.Next();
      // The end of the policy is no step: no reason to tell nobody.
      const auto is_step = [&] { return later && later->step < ladder_->steps.size(); };
      while (is_step() && ahead.Planned(*later) == planned) {
        ahead.MoveBehind(*later);
        later = ahead.Next();
      }
      if (is_step() && ahead.Planned(*later) <= elapsed) {
        Notice passed{Outcome::kLate, next->round, next->step, planned, {}, false};
        passed.unacked = BeginRound(*next);
        MoveBehind(*next);
        notices.push_back(std::move(passed));
        continue;
      }
    }
    notices.push_back(Do(*next, elapsed, now, roster));
  }
  return notices;
}

void Escalation::Acknowledge(const std::string& by) {
  progress_.acked = true;
  const bool known = std::ranges::find(progress_.acked_by, by) != progress_.acked_by.end();
  if (!by.empty() && !known) progress_.acked_by.push_back(by);
}

void Escalation::Unacknowledge(Duration elapsed) {
  if (!progress_.acked) return;
  progress_.acked = false;
  progress_.acked_by.clear();
  while (true) {
    const std::optional<Position> next = Next();
    if (!next || next->step == ladder_->steps.size() || Planned(*next) >= elapsed) return;
    MoveBehind(*next);
  }
}

void Escalation::Escalate(Duration elapsed) {
  const std::optional<Position> next = Next();
  if (next && next->step < ladder_->steps.size()) progress_.shift += elapsed - Planned(*next);
}

}  // namespace watchfire::oncall
