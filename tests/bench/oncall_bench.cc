// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What it costs to ask who is on call, and to draw a year. Figures belong in notes, not in
// assertions.

#include <string>

#include <benchmark/benchmark.h>

#include "pkg/base/check.h"
#include "pkg/oncall/duty.h"
#include "pkg/oncall/reader.h"

namespace watchfire {
namespace {

using std::chrono::hours;

const WallTime kFrom = FromNanos(1'767'600'000'000'000'000);  // January 2026.

// Follow the sun: three layers with hours, turns of `every`, a dozen overrides.
oncall::Roster MakeRoster(const std::string& every) {
  std::string text = "oncall: {schedules: [{name: s, time_zone: Europe/Berlin, layers: [";
  for (const char* window : {"from: '22:00', to: '06:00'", "from: '06:00', to: '14:00'",
                             "days: mon-fri, from: '14:00', to: '22:00'"}) {
    text += "{hours: [{" + std::string(window) +
            "}], rotation: {start: 2020-01-06 09:00, every: " + every +
            ", participants: [a, b, c, d, e, f, g, h]}}, ";
  }
  text += "], overrides: [";
  for (int day = 10; day < 22; ++day) {
    const std::string date = "2026-03-" + std::to_string(day);
    text += "{from: " + date + " 09:00, to: " + date + " 17:00, who: z}, ";
  }
  const oncall::Loaded loaded = oncall::Load({{"bench.yml", text + "]}]}"}});
  WF_CHECK(loaded.roster.has_value());
  return *loaded.roster;
}

void WhoIsOnCall(benchmark::State& state) {
  const oncall::Roster roster = MakeRoster("1 week");
  WallTime at = kFrom;
  for (auto _ : state) {
    benchmark::DoNotOptimize(oncall::WhoAt(roster, roster.schedules[0], at));
    at += hours(5);
    if (at > kFrom + hours(24 * 365)) at = kFrom;
  }
}
BENCHMARK(WhoIsOnCall)->Unit(benchmark::kMicrosecond);

void AYearOf(benchmark::State& state, const char* every) {
  const oncall::Roster roster = MakeRoster(every);
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        oncall::FinalSchedule(roster, roster.schedules[0], kFrom, kFrom + hours(24 * 365)));
  }
}
BENCHMARK_CAPTURE(AYearOf, WeeklyTurns, "1 week")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(AYearOf, HourlyTurns, "1 hour")->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace watchfire
