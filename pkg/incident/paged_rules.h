// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Which rules paged somebody lately, by the names of their alerts, and whether whoever was woken
// found a runbook. What is noted as pages go out is found again in the incidents after a restart.
// Source: reference paging-backends §7.3.

#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <string>

#include "pkg/base/time.h"
#include "pkg/incident/incident.h"

namespace watchfire::incident {

class PagedRules {
 public:
  // What paged longer ago is not counted.
  static constexpr std::chrono::hours kLately{24 * 30};
  // So many names are remembered: senders choose them. Beyond that no new one is taken up until
  // some have not paged lately.
  static constexpr size_t kMost = 10'000;

  struct Counts {
    size_t with_runbook = 0;
    size_t without = 0;

    bool operator==(const Counts&) const = default;
  };

  // The alerts of the incident were paged at that time. A test, or what paged again since, changes
  // nothing.
  void Note(const Incident& incident, WallTime at);
  Counts Count(WallTime now) const;

 private:
  struct Rule {
    WallTime paged_at = kNoTime;  // Last.
    bool has_runbook = false;     // Then.
  };
  bool HasRoom(WallTime now);

  std::map<std::string, Rule, std::less<>> rules_;  // By the name of their alerts.
};

}  // namespace watchfire::incident
