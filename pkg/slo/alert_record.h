// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The stored form of one SLO's alerts.

#pragma once

#include <map>
#include <string>
#include <string_view>

#include "pkg/base/result.h"
#include "pkg/slo/slo.h"

namespace watchfire::slo {

// {"alerts":[{"severity":"page","resolved":false,"last_sent_at":"…","alert":{…}}]}, the alert as
// pkg/alert encodes it; "pending":true of those that wait, "no_data":true of the one that tells of
// no data, "held_since":"…" of those that fire without data. Readings are not stored: the next
// round brings them.
std::string EncodeAlerts(const std::map<std::string, BurnAlert>& alerts);

// Errors: kCorrupt.
Result<std::map<std::string, BurnAlert>> DecodeAlerts(std::string_view json);

}  // namespace watchfire::slo
