// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Documents that say who is on call: refused with a place, or followed through a fortnight.

#include <algorithm>
#include <memory>

#include "pkg/base/strings.h"
#include "pkg/oncall/check.h"
#include "pkg/oncall/duty.h"
#include "pkg/oncall/escalation.h"
#include "pkg/oncall/ical.h"
#include "pkg/oncall/reader.h"
#include "pkg/oncall/write.h"
#include "tests/fuzz/targets.h"

namespace watchfire::fuzz {
namespace {

using config::Problem;
using std::chrono::hours;

const WallTime kFrom = FromNanos(1'704'096'000'000'000'000);  // 2024-01-01T08:00:00Z

std::string Fault(const Problem& problem) {
  if (problem.file.empty() || problem.message.empty()) return "no file or message";
  const bool is_whole = problem.message.starts_with("larger than ") ||
                        (problem.message.starts_with("and ") && problem.message.ends_with(" more"));
  if (problem.line <= 0 && !is_whole) return "no line: " + problem.ToString().substr(0, 300);
  if (!IsValidUtf8(problem.message + problem.hint)) return "no UTF-8";
  return "";
}

std::string Follow(const oncall::Roster& roster) {
  for (const oncall::Schedule& schedule : roster.schedules) {
    const auto duties = oncall::FinalSchedule(roster, schedule, kFrom, kFrom + hours(24 * 14));
    WallTime next = kFrom;
    size_t looked = 0;
    for (const oncall::Duty& duty : duties) {
      if (duty.begin != next || duty.end <= duty.begin) return "a hole in the schedule";
      next = duty.end;
      if (++looked > 50) continue;
      if (oncall::WhoAt(roster, schedule, duty.begin) != duty.people) return "two answers";
    }
    oncall::WriteCalendar(schedule, duties, kFrom);
  }
  for (const oncall::Policy& policy : roster.policies) {
    Result<oncall::Ladder> ladder = oncall::MakeLadder(roster, policy);
    if (!ladder) {
      if (ladder.error().message.empty()) return "refused without a word";
      continue;
    }
    oncall::Escalation escalation(std::make_shared<const oncall::Ladder>(*std::move(ladder)), {});
    for (int hour = 0; hour < 48; ++hour) {
      escalation.Advance(hours(hour), kFrom + hours(hour), roster);
    }
  }
  oncall::Check(roster, kFrom, kFrom + hours(24 * 7));
  return "";
}

}  // namespace

Outcome TryOncall(std::string_view text) {
  const oncall::Loaded loaded = oncall::Load({{"f.yml", std::string(text)}});
  Outcome outcome{loaded.roster.has_value(), ""};
  for (const Problem& problem : loaded.problems) {
    outcome.complaint = Fault(problem);
    if (!outcome.complaint.empty()) return outcome;
  }
  const auto is_error = [](const Problem& problem) {
    return problem.level == Problem::Level::kError;
  };
  if (outcome.accepted == std::ranges::any_of(loaded.problems, is_error)) {
    outcome.complaint = outcome.accepted ? "accepted with an error" : "refused without an error";
  }
  if (!outcome.accepted || !outcome.complaint.empty()) return outcome;
  outcome.complaint = Follow(*loaded.roster);
  if (!outcome.complaint.empty()) return outcome;
  const std::string own = oncall::WriteNative(*loaded.roster);
  const oncall::Loaded again = oncall::Load({{"f.yml", own}});
  if (!again.roster) {
    const std::string why = again.problems.empty() ? "" : again.problems.front().ToString();
    outcome.complaint = "its own form is refused: " + why + "\n" + own;
  }
  return outcome;
}

}  // namespace watchfire::fuzz
