// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The labels that a route adds to one of its groups. Their values are templates over the group, and
// core runs no templates: who reads them first after the group changed renders them, and they are
// kept for all others. Safe to share between threads.

#pragma once

#include <optional>
#include <utility>

#include "pkg/base/guarded.h"
#include "pkg/labels/labels.h"

namespace watchfire::core {

class RouteLabels {
 public:
  explicit RouteLabels(labels::LabelSet templates) : templates_(std::move(templates)) {}

  // Returns them rendered: what `render(templates)` made of them for the first who asked. Where two
  // are the first, either's labels are kept.
  template <typename Render>
  labels::LabelSet Rendered(Render render) const {
    if (std::optional<labels::LabelSet> known = rendered_.Copy()) return *std::move(known);
    labels::LabelSet fresh = render(templates_);
    rendered_.With([&fresh](std::optional<labels::LabelSet>& kept) { kept = fresh; });
    return fresh;
  }

 private:
  const labels::LabelSet templates_;
  mutable Guarded<std::optional<labels::LabelSet>> rendered_;
};

}  // namespace watchfire::core
