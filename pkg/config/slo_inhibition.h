// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#pragma once

#include "pkg/config/config.h"

namespace watchfire::config {

// Adds to `config->inhibit_rules` that the page of an SLO mutes its ticket about the same label
// set: one rule for all SLOs, or one each where their alerts differ in different labels. Adds
// nothing where no SLO has both. Source: the SRE workbook, chapter "Alerting on SLOs": who is paged
// needs no ticket as well.
void AddSloInhibition(Config* config);

}  // namespace watchfire::config
