// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Synthetic traffic whose every request is known, and what a Prometheus that scrapes it would have:
// pods with their own scrape phase, counters that restart from zero, missed scrapes, error series
// that are born with their first error, traffic that follows the time of day, incidents.

#pragma once

#include <cstdint>
#include <vector>

#include "pkg/slo/history.h"
#include "tests/accuracy/oracle.h"

namespace watchfire::accuracy {

// All requests of these seconds, from 0 where the fleet begins, fail with this probability.
struct Incident {
  int64_t begin = 0;
  int64_t end = 0;
  double share = 0;
};

struct FleetOptions {
  uint64_t seed = 1;
  int64_t days = 10;
  int pods = 2;
  double rate = 2;         // Requests a second and pod, on average over the day.
  double errors = 0.0003;  // Share that fails when all is well.
  int64_t scrape_seconds = 15;
  double missed = 0.01;         // Share of the scrapes that fail.
  int64_t restart_minutes = 0;  // Mean time between restarts of a pod; 0: never.
  bool errors_reborn = true;    // Error series begin with the first error after a restart.
  std::vector<Incident> incidents;
};

class Fleet {
 public:
  explicit Fleet(const FleetOptions& options);

  Oracle& oracle() { return oracle_; }
  // The first minute since 1970, and the one behind the last.
  static constexpr int64_t kBegin = 20'000 * 1440;
  int64_t end() const { return kBegin + static_cast<int64_t>(truth_.size()); }
  // What really happened in the minutes [from, to); both within [kBegin, end()].
  slo::Events Between(int64_t from, int64_t to) const;

 private:
  void RunPod(const FleetOptions& options, int pod);

  Oracle oracle_;
  std::vector<slo::Events> truth_;  // Of each minute; then, summed up to its end.
};

}  // namespace watchfire::accuracy
