// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What the functions of a message template find around them: the time, the zones, the route's
// labels. Source: Alertmanager 0.34 template (reference alertmanager-compat §6.1).

#pragma once

#include "pkg/base/result.h"
#include "pkg/base/time.h"
#include "pkg/dispatch/notification.h"
#include "pkg/labels/labels.h"
#include "pkg/templates/template.h"

namespace watchfire::notify {

// `now` is the present for the template; zones come from the system; `route_labels` are rendered;
// `ack_url` is what `ackURL` returns, `on_call` what `onCall` asks.
templates::Environment MessageEnvironment(WallTime now, const labels::LabelSet& route_labels = {},
                                          std::string ack_url = "", templates::OnCall on_call = {});

// Returns a route's labels with their values, which are templates, rendered for the notification.
// They may name each other with {{ routeLabels "name" }}; each is rendered once.
// Errors: those of the templates; kInvalidArgument "route label cycle detected: a -> b -> a";
// kExhausted when one leads to another more than kRouteLabelDepth times.
Result<labels::LabelSet> RenderRouteLabels(const labels::LabelSet& route_labels,
                                           const templates::TemplateSet& templates,
                                           const dispatch::Notification& notification, WallTime now,
                                           templates::OnCall on_call = {});

inline constexpr size_t kRouteLabelDepth = 16;

}  // namespace watchfire::notify
