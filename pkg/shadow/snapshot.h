// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The groups of one side at one time, to be asked why an alert was not told.

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "pkg/labels/labels.h"
#include "pkg/shadow/message.h"

namespace watchfire::shadow {

class Snapshot {
 public:
  Snapshot() = default;
  // `groups` outlives the call only.
  explicit Snapshot(const std::vector<Group>& groups);

  // Where one alert is.
  struct Place {
    std::string receiver;
    std::string group;  // Its labels as text.
    std::string quiet;  // As GroupAlert::quiet.
    bool by_mutes = false;
  };
  // Null when the alert is not in that group. Of two groups with the same receiver and labels, the
  // one where it is to be notified counts.
  const Place* Find(const std::string& receiver, const std::string& group,
                    uint64_t fingerprint) const;

  // Says what this side, called `name`, knows of the alert: "Alertmanager: silenced by 5b5a…",
  // "Watchfire: it is in group {} of receiver \"x\"", "Alertmanager: no group has it".
  std::string Explain(const std::string& name, const std::string& receiver,
                      const std::string& group, uint64_t fingerprint) const;

 private:
  std::unordered_map<uint64_t, std::vector<Place>> places_;
};

}  // namespace watchfire::shadow
