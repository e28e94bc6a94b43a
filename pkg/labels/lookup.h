// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// One label of many sets, one after the other: where it stands is found once for neighbours that
// share their names (set_pool.h). Not thread-safe.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "pkg/labels/labels.h"

namespace watchfire::labels {

class Lookup {
 public:
  explicit Lookup(std::string name) : name_(std::move(name)) {}

  const std::string& name() const { return name_; }
  // What set.Get(name()) returns.
  std::string_view In(const LabelSet& set) {
    const LabelSet& names = set.names();
    if (&names == &set) return set.Get(name_);  // It shares them with nobody.
    if (!names.IsThat(names_)) {
      names_ = names;
      index_ = names.IndexOf(name_);
    }
    return index_ < set.size() ? set.ValueAt(index_) : std::string_view();
  }

 private:
  std::string name_;
  LabelSet names_;  // Held, so that nothing else comes to stand where it does.
  size_t index_ = 0;
};

}  // namespace watchfire::labels
