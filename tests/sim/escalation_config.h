// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The configuration of histories in which policies page: who is on call, and how people are
// reached.

#pragma once

#include <cstddef>
#include <memory>

#include "pkg/config/config.h"

namespace watchfire::sim {

// What reloads make of it; variant 0 is the first.
inline constexpr size_t kEscalationVariants = 6;

// The policy "core" pages for all there is; called besides are "aside", people, a team and a
// schedule.
enum class Joined {
  kNo,
  kByService,  // For "batch" the policy "store" pages, and all of the team is one incident.
  kByName,     // The same, and each alert is a group of its own.
};
std::shared_ptr<const config::Config> EscalationConfig(config::Delivery delivery, size_t variant,
                                                       Joined joined = Joined::kNo);

}  // namespace watchfire::sim
