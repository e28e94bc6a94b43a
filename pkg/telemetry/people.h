// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What being on call costs people: time, pages, hand-offs. Private to pkg/telemetry.

#pragma once

#include "pkg/core/view.h"
#include "pkg/telemetry/exposition.h"

namespace watchfire::telemetry {

// Pages of each person, by (name); those who were on call and never paged have none. Names are ""
// if the configuration does not allow them.
CounterMap PagesByPerson(const core::View& view);

// The view has stats. Names of people are personal: they are there if the configuration says so.
void AddPeople(const core::View& view, Exposition* out);

}  // namespace watchfire::telemetry
