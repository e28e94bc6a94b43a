// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "tests/accuracy/fleet.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <string>

#include "pkg/base/rng.h"

namespace watchfire::accuracy {
namespace {

constexpr int64_t kDaySeconds = 86'400;
constexpr double kStale = std::numeric_limits<double>::quiet_NaN();

// The number of requests in a second whose mean is `mean`.
int Poisson(double mean, Rng* rng) {
  const double limit = std::exp(-mean);
  int count = 0;
  for (double product = rng->Real(); product > limit; product *= rng->Real()) ++count;
  return count;
}

double ErrorShare(const FleetOptions& options, int64_t second) {
  for (const Incident& incident : options.incidents) {
    if (second >= incident.begin && second < incident.end) return incident.share;
  }
  return options.errors;
}

}  // namespace

Fleet::Fleet(const FleetOptions& options)
    : truth_(static_cast<size_t>(options.days * kDaySeconds / 60)) {
  for (int pod = 0; pod < options.pods; ++pod) RunPod(options, pod);
  for (size_t i = 1; i < truth_.size(); ++i) truth_[i] += truth_[i - 1];
}

void Fleet::RunPod(const FleetOptions& options, int pod) {
  Rng rng(options.seed * 1000 + static_cast<uint64_t>(pod));
  const auto labels = [pod](const char* name) {
    return labels::LabelSet{{"__name__", name}, {"instance", std::to_string(pod)}, {"job", "shop"}};
  };
  Series* up = oracle_.Add(labels("up"));
  Series* total = oracle_.Add(labels("calls_total"));
  Series* bad = oracle_.Add(labels("errors_total"));
  slo::Events counters;
  bool born = !options.errors_reborn;
  const int64_t phase =
      static_cast<int64_t>(rng.Below(static_cast<uint64_t>(options.scrape_seconds)));
  const int64_t phase_millis = static_cast<int64_t>(rng.Below(1000));
  for (int64_t second = 0; second < options.days * kDaySeconds; ++second) {
    const int64_t at = (kBegin * 60 + second) * 1000 + phase_millis;
    if (second % options.scrape_seconds == phase) {
      // What was counted up to this second; nothing happens within it before the scrape.
      const bool missed = rng.Chance(options.missed);
      up->Add(at, missed ? 0 : 1);
      total->Add(at, missed ? kStale : counters.total);
      if (born) bad->Add(at, missed ? kStale : counters.bad);
    }
    const double day = static_cast<double>(second % kDaySeconds) / kDaySeconds;
    const double mean = options.rate * (1 + 0.8 * std::sin(2 * std::numbers::pi * day));
    const double share = ErrorShare(options, second);
    slo::Events events;
    for (int left = Poisson(mean, &rng); left > 0; --left) {
      events += {rng.Chance(share) ? 1.0 : 0.0, 1};
    }
    counters += events;
    truth_[static_cast<size_t>(second / 60)] += events;
    born |= counters.bad > 0;
    const double restarts =
        options.restart_minutes > 0 ? 1.0 / static_cast<double>(options.restart_minutes * 60) : 0;
    if (!rng.Chance(restarts)) continue;
    counters = {};
    if (options.errors_reborn && born) {
      born = false;
      bad->Add(at + 1, kStale);
    }
  }
}

slo::Events Fleet::Between(int64_t from, int64_t to) const {
  const auto up_to = [&](int64_t minute) {
    return minute <= kBegin ? slo::Events() : truth_[static_cast<size_t>(minute - kBegin - 1)];
  };
  return up_to(to) - up_to(std::max(from, kBegin));
}

}  // namespace watchfire::accuracy
