// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Which routes an alert takes, and which group it falls into there.

#pragma once

#include <string>
#include <vector>

#include "pkg/config/config.h"
#include "pkg/labels/labels.h"

namespace watchfire::route {

// Returns the routes that deliver `labels`, depth first in file order: a matching node asks its
// children; the first matching child without `continue` ends the search among its siblings; if no
// child matched, the node itself delivers. Never empty: the root takes everything, whatever its
// matchers. Pointers live as long as `root`. Source: Alertmanager dispatch.Route.Match (reference
// §3.4).
std::vector<const config::Route*> Match(const config::Route& root, const labels::LabelSet& labels);

// The labels that name the group of an alert on `route`: those of group_by that it has (an absent
// one stays absent), or all. Source: Alertmanager dispatch (reference §5.2).
labels::LabelSet GroupLabels(const config::Route& route, const labels::LabelSet& labels);

// {}/{severity="critical"}:{alertname="X", instance="h:1"}. Names the group in the notification
// log, and its SHA-256 is the dedup key at the paging vendors: it must never change. Equal siblings
// share it. Source: Alertmanager dispatch.aggrGroup.GroupKey (reference §5.3).
std::string GroupKey(const config::Route& route, const labels::LabelSet& group_labels);

// Every node, parents before children.
std::vector<const config::Route*> All(const config::Route& root);

}  // namespace watchfire::route
