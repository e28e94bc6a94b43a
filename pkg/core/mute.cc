// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/core/mute.h"

#include <algorithm>
#include <utility>

namespace watchfire::core {

const char* MutedText(Muted muted) {
  switch (muted) {
    case Muted::kNo:
      return "";
    case Muted::kInhibited:
      return "inhibition";
    case Muted::kInactive:
      return "active_time_interval";
    case Muted::kCalendar:
      return "mute_time_interval";
    case Muted::kSilenced:
      return "silence";
  }
  return "";
}

bool RouteMutes::Refresh(WallTime now) {
  const bool is_first = refreshed_at_ == kNoTime;
  const bool went_back = now < refreshed_at_;
  if (!is_first && !went_back && (!next_change_ || now < *next_change_)) return false;
  const std::map<const config::Route*, Mute> before = std::exchange(muted_, {});
  refreshed_at_ = now;
  next_change_.reset();
  for (const auto& [name, calendars] : config_->time_intervals) {
    // Nothing within the horizon: ask again when it is reached.
    const WallTime next =
        timeinterval::NextChange(calendars, now).value_or(now + timeinterval::kHorizon);
    if (!next_change_ || next < *next_change_) next_change_ = next;
  }
  Visit(config_->route, now);
  return std::ranges::any_of(before, [&](const auto& was) { return !muted_.contains(was.first); });
}

void RouteMutes::Visit(const config::Route& route, WallTime now) {
  const auto holds = [&](const std::string& name) {
    return timeinterval::Contains(config_->time_intervals.at(name), now);
  };
  const std::vector<std::string>& active = route.active_time_intervals;
  Mute mute;
  if (!active.empty() && std::ranges::none_of(active, holds)) {
    mute = {active, true};
  } else {
    std::ranges::copy_if(route.mute_time_intervals, std::back_inserter(mute.names), holds);
  }
  if (!mute.names.empty()) muted_.emplace(&route, std::move(mute));
  for (const config::Route& child : route.routes) Visit(child, now);
}

const Mute* RouteMutes::Find(const config::Route& route) const {
  const auto found = muted_.find(&route);
  return found == muted_.end() ? nullptr : &found->second;
}

}  // namespace watchfire::core
