// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/shadow/snapshot.h"

#include "pkg/base/strings.h"

namespace watchfire::shadow {

Snapshot::Snapshot(const std::vector<Group>& groups) {
  for (const Group& group : groups) {
    const std::string labels = group.labels.ToString();
    for (const GroupAlert& alert : group.alerts) {
      places_[alert.labels.fingerprint()].push_back(
          {group.receiver, labels, alert.quiet, alert.by_mutes});
    }
  }
}

const Snapshot::Place* Snapshot::Find(const std::string& receiver, const std::string& group,
                                      uint64_t fingerprint) const {
  const auto found = places_.find(fingerprint);
  if (found == places_.end()) return nullptr;
  const Place* quiet = nullptr;
  for (const Place& place : found->second) {
    if (place.receiver != receiver || place.group != group) continue;
    if (place.quiet.empty()) return &place;
    quiet = &place;
  }
  return quiet;
}

std::string Snapshot::Explain(const std::string& name, const std::string& receiver,
                              const std::string& group, uint64_t fingerprint) const {
  if (const Place* place = Find(receiver, group, fingerprint)) {
    return name + ": " + (place->quiet.empty() ? "the alert is active there" : place->quiet);
  }
  const auto found = places_.find(fingerprint);
  if (found == places_.end()) return name + ": no group has the alert";
  const Place* best = &found->second.front();
  for (const Place& place : found->second) {
    if (place.receiver == receiver) best = &place;
  }
  std::string text = name + ": the alert is in group " + best->group;
  if (best->receiver != receiver) text += " of receiver " + GoQuote(best->receiver);
  if (!best->quiet.empty()) text += ", " + best->quiet;
  return text;
}

}  // namespace watchfire::shadow
