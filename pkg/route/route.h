// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Which routes an alert takes, and which group it falls into there.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "pkg/base/shared_text.h"
#include "pkg/config/config.h"
#include "pkg/labels/labels.h"

namespace watchfire::route {

// Returns the routes that deliver `labels`, depth first in file order: a matching node asks its
// children; the first matching child without `continue` ends the search among its siblings; if no
// child matched, the node itself delivers. Never empty: the root takes everything, whatever its
// matchers. Pointers live as long as `root`. Source: Alertmanager dispatch.Route.Match (reference
// §3.4).
std::vector<const config::Route*> Match(const config::Route& root, const labels::LabelSet& labels);

// Match() with a memory. Which routes an alert takes hangs on the values of those labels only that
// some matcher looks at, so for each combination of these the tree is walked once. Owned by one
// thread.
class Router {
 public:
  struct Way {
    std::vector<const config::Route*> routes;  // Of Match().
    SharedTexts receivers;                     // Of each route, in its order.
  };

  // `root` must outlive the router.
  explicit Router(const config::Route& root);
  Router(const Router&) = delete;  // last_ is a pointer into known_.
  Router& operator=(const Router&) = delete;

  // The answer is valid until the next call.
  const Way& Match(const labels::LabelSet& labels);
  // Ways remembered; at most limits::kRouterWays.
  size_t size() const { return known_.size(); }

 private:
  const config::Route& root_;
  std::vector<std::string> names_;  // Of the labels that matchers below the root look at.
  std::string key_;                 // Of the last call; kept for its memory.
  std::unordered_map<std::string, Way> known_;
  // What was answered last, and to which key: alerts that take one way mostly come together.
  const std::pair<const std::string, Way>* last_ = nullptr;
};

// The labels that name the group of an alert on `route`: those of group_by that it has (an absent
// one stays absent), or all. Source: Alertmanager dispatch (reference §5.2).
labels::LabelSet GroupLabels(const config::Route& route, const labels::LabelSet& labels);

// {}/{severity="critical"}:{alertname="X", instance="h:1"}. Names the group in the notification
// log, and its SHA-256 is the dedup key at the paging vendors: it must never change. Equal siblings
// share it. Source: Alertmanager dispatch.aggrGroup.GroupKey (reference §5.3).
std::string GroupKey(const config::Route& route, const labels::LabelSet& group_labels);

// Takes a group key apart again. Nullopt when it is none, or when a label of the group has a name
// that the key does not quote though it would need to.
struct GroupKeyParts {
  std::string route_key;
  labels::LabelSet group_labels;
};
std::optional<GroupKeyParts> SplitGroupKey(std::string_view group_key);

// Every node, parents before children.
std::vector<const config::Route*> All(const config::Route& root);

}  // namespace watchfire::route
