// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// SLOs of which nothing is known because nothing happened, or because what counts it is gone: the
// queries went well, and the shortest window has no events. What becomes of its alerts, and the one
// that tells of it. Pure. Source: reference §1.3, §7.9.

#pragma once

#include <set>
#include <string_view>

#include "pkg/config/config.h"
#include "pkg/labels/labels.h"
#include "pkg/slo/burn.h"
#include "pkg/slo/slo.h"

namespace watchfire::slo {

inline constexpr std::string_view kNoDataAlertName = "SLONoData";

// So long what fires is held, or there must be no data before that is told: what the file says, or
// ten minutes; to tell, if that is longer, the time in which the SLO's fastest alert would have
// told of a total outage.
Duration NoDataFor(const config::Slo& slo);

// What SLONoData is: slo, service, sloth_id, sloth_service, sloth_slo, severity "warning", and over
// them the SLO's labels.
labels::LabelSet NoDataLabels(const config::Slo& slo);

// title, summary and no_data_since, over those of its page's alert (its ticket's, if it has no
// page) that are no templates: a link is right here, a burn rate is not.
labels::LabelSet NoDataAnnotations(const config::Slo& slo, Duration shortest, WallTime since);

// `unknown`, and the windows of `severity` of which `reading` has no data.
std::set<Duration> WithoutData(const Severity& severity, const Reading& reading,
                               std::set<Duration> unknown);

}  // namespace watchfire::slo
