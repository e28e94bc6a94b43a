// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Some figures once more, under the names and labels that dashboards made for Grafana OnCall ask
// for. Aliases: they tell nothing that watchfire_* do not, and are there only if asked for, so that
// whoever runs Grafana OnCall beside this counts nothing twice. Private to pkg/telemetry.

#pragma once

#include "pkg/core/view.h"
#include "pkg/telemetry/exposition.h"

namespace watchfire::telemetry {

// The view has stats. An incident is an alert group, the receiver that it belongs to the
// integration. People are named if the configuration says so.
void AddGrafanaOncall(const core::View& view, Exposition* out);

}  // namespace watchfire::telemetry
