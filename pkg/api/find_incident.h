// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The incident that a link or a button in a message leads to. Private to pkg/api.

#pragma once

#include <chrono>
#include <memory>

#include "pkg/base/limits.h"
#include "pkg/core/view.h"
#include "pkg/incident/ack_link.h"

namespace watchfire::api {

// Returns the incident of the link, or the one that goes on in its place; null when it is not
// known. `view` has kViewIncidents.
inline std::shared_ptr<const incident::Incident> FindIncident(const core::View& view,
                                                              const incident::AckLink& link) {
  const auto seconds = [](WallTime at) {
    return std::chrono::floor<std::chrono::seconds>(at.time_since_epoch());
  };
  auto found = view.incidents.find(link.incident);
  const bool is_same =
      found != view.incidents.end() && seconds(found->second->opened_at) == seconds(link.opened_at);
  if (!is_same) return nullptr;
  for (size_t step = 0; step < limits::kIncidentGroups && found->second->merged_into != 0; ++step) {
    const auto into = view.incidents.find(found->second->merged_into);
    if (into == view.incidents.end()) break;
    found = into;
  }
  return found->second;
}

// The ack that another person's would come too late for; null: there is none. What a rule of
// automation acknowledged is for the first person to take over.
inline const incident::Hold* AckOfSomebody(const incident::Incident& incident) {
  return incident.ack && !incident.ack->is_automatic ? &*incident.ack : nullptr;
}

}  // namespace watchfire::api
