// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What about an SLO can be told to go wrong from its file alone. Private to pkg/config.

#pragma once

#include "pkg/config/loader.h"

namespace watchfire::config {

// Reports windows that cannot work as errors, and alerts that say nothing, or nothing useful, as
// warnings. Its windows must be settled, and the configuration's `evaluation` and datasources.
void LintSlo(const SloBatch::Item& item, const Config& config);

}  // namespace watchfire::config
