// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The default words of a page, shared by all backends: what Alertmanager's built-in templates tell,
// ordered for somebody who has just woken up (reference §6.3).

#pragma once

#include <string>

#include "pkg/dispatch/notification.h"

namespace watchfire::notify {

// One line: state, number of firing alerts, the alerts' names, then the values of the labels they
// share: "[FIRING:2] DiskFull, DiskSlow (db-1 critical)", "[RESOLVED] DiskFull (db-1)". At most
// three names are spelled out.
std::string Title(const dispatch::Notification& notification);

// One paragraph per alert, firing ones first: name, summary, description, runbook and dashboard
// links, other annotations, labels, since when, source. `runes_max` bounds the result; what does
// not fit is cut with an ellipsis.
std::string Details(const dispatch::Notification& notification, size_t runes_max);

}  // namespace watchfire::notify
