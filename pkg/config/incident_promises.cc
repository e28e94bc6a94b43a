// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Reads what `incidents` promises and measures: response targets, post-mortems, flapping alerts.

#include <algorithm>
#include <array>

#include "pkg/base/strings.h"
#include "pkg/config/loader.h"

namespace watchfire::config {
namespace {

constexpr std::array<const char*, 4> kLevels = {"SEV1", "SEV2", "SEV3", "SEV4"};

void ReadTargets(Section& section, Incidents* incidents) {
  for (const char* level : kLevels) {
    const Duration target = section.PromDuration(level, Duration::zero());
    if (target > Duration::zero()) {
      incidents->response_targets[level] = target;
    } else if (section.Has(level)) {
      section.Error(level, std::string("the response target of ") + level + " cannot be zero",
                    "leave it out for no target");
    }
  }
  section.Finish();
}

void ReadPostmortem(Section& section, Incidents* incidents) {
  for (const Text& level : section.impl().Texts("levels")) {
    if (std::ranges::find(kLevels, level.text) == kLevels.end()) {
      section.impl().source.Error(level.mark, "unknown level " + GoQuote(level.text),
                                  "one of SEV1, SEV2, SEV3, SEV4");
    }
    incidents->postmortem_levels.insert(level.text);
  }
  incidents->postmortem_due_within =
      section.PromDuration("due_within", incidents->postmortem_due_within);
  if (incidents->postmortem_due_within == Duration::zero()) {
    section.Error("due_within", "due_within cannot be zero", "write it like 5d");
  }
  section.Finish();
}

void ReadAlertFlapping(Section& section, Incidents* incidents) {
  const int count = section.Int("count", incidents->alert_flapping_count);
  const bool is_off = count == 0;
  if (!is_off && (count < kAlertFlappingCountMin || count > kAlertFlappingCountMax)) {
    section.Error("count", "count must be 0, which is never, or from " +
                               std::to_string(kAlertFlappingCountMin) + " to " +
                               std::to_string(kAlertFlappingCountMax));
  }
  incidents->alert_flapping_count = count;
  incidents->alert_flapping_within =
      section.PromDuration("within", incidents->alert_flapping_within);
  if (incidents->alert_flapping_within == Duration::zero()) {
    section.Error("within", "within cannot be zero", "for no flapping say count: 0");
  }
  section.Finish();
}

}  // namespace

void ReadPromises(Section& section, Incidents* incidents) {
  if (auto targets = section.Child("response_targets")) ReadTargets(*targets, incidents);
  if (auto postmortem = section.Child("postmortem")) ReadPostmortem(*postmortem, incidents);
  if (auto flapping = section.Child("alert_flapping")) ReadAlertFlapping(*flapping, incidents);
}

}  // namespace watchfire::config
