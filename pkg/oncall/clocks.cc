// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/oncall/clocks.h"

#include "pkg/oncall/for_config.h"

namespace watchfire::oncall {

Clocks ClocksOf(const Roster* roster) {
  Clocks clocks;
  if (roster == nullptr) return clocks;
  for (const User& user : roster->users) {
    if (user.zone) clocks.people.emplace(user.name, user.zone->zone);
  }
  for (const Schedule& schedule : roster->schedules) {
    for (const std::string& name : Everybody(*roster, schedule)) {
      clocks.people.emplace(name, schedule.zone.zone);
    }
  }
  return clocks;
}

}  // namespace watchfire::oncall
