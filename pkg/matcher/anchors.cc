// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/matcher/anchors.h"

#include <algorithm>

namespace watchfire::matcher {

void Anchors::Add(const Matchers& matchers, size_t number) {
  const auto anchor = std::ranges::find(matchers, Op::kEqual, &Matcher::op);
  if (anchor == matchers.end()) {
    anywhere_.push_back(number);
  } else {
    by_label_[anchor->name()][anchor->value()].push_back(number);
  }
}

}  // namespace watchfire::matcher
