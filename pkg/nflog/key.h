// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Whom an entry of the notification log is about: a group, and one integration of a receiver.

#pragma once

#include <compare>
#include <string>

#include "pkg/base/shared_text.h"

namespace watchfire::nflog {

struct Key {
  SharedText group_key;
  std::string receiver;
  std::string integration;  // "webhook"
  int index = 0;
  // Whose page it is, when `receiver` only stands in for that one (its `fallback`); else empty.
  std::string via = {};
  // Of an escalation: who is paged through `receiver`. `via` is the receiver that escalates.
  std::string person = {};

  // The receiver of the group.
  const std::string& owner() const { return via.empty() ? receiver : via; }

  auto operator<=>(const Key&) const = default;
};

}  // namespace watchfire::nflog
