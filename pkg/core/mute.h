// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Which routes keep quiet now because of the calendar: those with a mute interval that holds, and
// those with active intervals of which none does. Worked out when an interval begins or ends, so
// asking is one look-up. Owned by the core thread. Source: reference alertmanager-compat §5.4.

#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pkg/base/time.h"
#include "pkg/config/config.h"

namespace watchfire::core {

// Why an alert is muted; where several hold, the first of them.
enum class Muted { kNo, kInhibited, kInactive, kCalendar, kSilenced };
// The words of the suppression counter; "" for kNo.
const char* MutedText(Muted muted);

struct Mute {
  std::vector<std::string> names;  // Of the intervals, in the order of the route. Never empty.
  bool inactive = false;           // No active interval holds, rather than a mute interval does.
};

class RouteMutes {
 public:
  explicit RouteMutes(std::shared_ptr<const config::Config> config) : config_(std::move(config)) {}

  // Brings the answers up to `now`; does nothing between two changes. Returns whether a route that
  // was muted no longer is.
  bool Refresh(WallTime now);

  // Null when the route is not muted. Where both kinds mute it, the active intervals speak.
  const Mute* Find(const config::Route& route) const;

  // When Refresh() next has work; nullopt when no interval will ever begin or end.
  std::optional<WallTime> next_change() const { return next_change_; }

 private:
  void Visit(const config::Route& route, WallTime now);

  const std::shared_ptr<const config::Config> config_;
  std::map<const config::Route*, Mute> muted_;
  WallTime refreshed_at_ = kNoTime;
  std::optional<WallTime> next_change_;
};

}  // namespace watchfire::core
