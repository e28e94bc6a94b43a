// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Which metrics a Victor AI deployment shows, and where each figure comes from.

#pragma once

#include "cmd/victorsim/exposition.h"
#include "cmd/victorsim/model.h"

namespace watchfire::victorsim {

// Writes the 47 victor_* families and the two http_* ones. Every series is there from the first
// scrape on, at 0 if nothing happened yet, so that increase() sees the first event.
void WriteVictorMetrics(const Model& model, Exposition& out);

// Writes the process_* families of this program, read from /proc/self. `start_seconds` is the Unix
// time it started at. What cannot be read is left out.
void WriteProcessMetrics(double start_seconds, Exposition& out);

}  // namespace watchfire::victorsim
