// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The routing tree in print, and the way an alert takes through it.

#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "pkg/base/json.h"
#include "pkg/base/time.h"
#include "pkg/config/config.h"
#include "pkg/labels/labels.h"

namespace watchfire::wfctl {

// The nodes from the root to `route`, both among them. `route` is a node of the tree.
std::vector<const config::Route*> PathTo(const config::Route& root, const config::Route& route);

// {a="1",b=~"x"}, or "default-route" for a node without matchers. Source: amtool (reference §8).
std::string RouteName(const config::Route& route);

// Names of the time intervals that mute `route` at `now`: mute intervals that hold, or, when it has
// active ones and none holds, "outside " and those.
std::vector<std::string> MutedBy(const config::Config& config, const config::Route& route,
                                 WallTime now);

// Draws the whole tree as amtool does; `wide` adds grouping, timers and intervals.
void PrintTree(std::ostream& out, const config::Route& root, bool wide);
// Draws the nodes that `labels` passes through; receivers stand where it is delivered.
void PrintMatchingTree(std::ostream& out, const config::Route& root,
                       const labels::LabelSet& labels);

// One node with its children.
void WriteTree(const config::Route& route, JsonWriter& json);

}  // namespace watchfire::wfctl
