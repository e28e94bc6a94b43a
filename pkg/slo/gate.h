// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Whether an error budget allows a deployment or a chaos experiment now. Pure.

#pragma once

#include <string>

#include "pkg/base/time.h"
#include "pkg/config/config.h"
#include "pkg/slo/budget.h"

namespace watchfire::slo {

enum class Purpose { kDeploy, kChaos };

// What to do when it is not known what is left now: nothing is allowed, or what the last known
// state allows, and anything where none ever was.
enum class Unknown { kRefuse, kLastKnown };

struct GateVerdict {
  bool allow = false;
  std::string reason;  // Why not, or what is not known; "" if all is well.
};

GateVerdict JudgeGate(const Budget& budget, Purpose purpose, Unknown unknown, WallTime at);

}  // namespace watchfire::slo
