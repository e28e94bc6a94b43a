// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Keeping our silences equal to those of the live Alertmanager: without that every alert that
// somebody silences there would differ. Pure.

#pragma once

#include <string>
#include <vector>

#include "pkg/base/time.h"
#include "pkg/shadow/wire.h"
#include "pkg/silence/silence.h"

namespace watchfire::shadow {

struct SilenceChanges {
  std::vector<silence::Draft> adopt;  // As they are there.
  std::vector<std::string> expire;    // Ids of those in force or to come here, and unknown there.
};

// Returns what makes `ours` equal to `theirs`. Expired ones that we never had stay unknown.
SilenceChanges Follow(const TheirSilences& theirs, const std::vector<silence::Silence>& ours,
                      WallTime now);

}  // namespace watchfire::shadow
