// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// By whose clock a page came at night: that of the person whom it woke.

#pragma once

#include <map>
#include <string>

#include <cctz/time_zone.h>

#include "pkg/oncall/model.h"

namespace watchfire::oncall {

struct Clocks {
  cctz::time_zone zone;  // Of whoever is not among `people`, and of "", which is nobody; UTC.
  std::map<std::string, cctz::time_zone> people;

  const cctz::time_zone& Of(const std::string& person) const {
    const auto found = people.find(person);
    return found == people.end() ? zone : found->second;
  }
};

// The zone of each person: the user's own, else that of the first schedule that may ever have the
// person on call. Null: a configuration without people. Any thread.
Clocks ClocksOf(const Roster* roster);

}  // namespace watchfire::oncall
