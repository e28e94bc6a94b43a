// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What no file tells of SLOs and a Prometheus does: advice for wfctl check.

#pragma once

#include <string>
#include <vector>

#include "cmd/wfctl/command.h"
#include "pkg/advice/advice.h"

namespace watchfire::wfctl {

struct History {
  std::vector<advice::Advice> advice;
  std::vector<config::Problem> refused;  // Warnings: queries that Prometheus does not take.
  std::string unreachable;               // Why the rest was not asked; "": everything was.
};

// Asks `prometheus` about the SLOs of `config`, one after the other: about each its error ratio
// over the period, 30 days at most, and over the shortest window, and for each of its selectors
// how many samples an hour has, everything as of world.now.
History AskHistory(const config::Config& config, const advice::Options& options,
                   const Target& prometheus, World& world);

}  // namespace watchfire::wfctl
