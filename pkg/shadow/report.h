// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What shadow mode found out: how what Watchfire would have sent compares with what the live
// Alertmanager sent. Plain values.

#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "pkg/base/time.h"
#include "pkg/labels/labels.h"

namespace watchfire::shadow {

enum class Verdict {
  kSame,
  kExtra,      // Watchfire would have told it, the Alertmanager did not.
  kMissing,    // The Alertmanager told it, Watchfire would not have.
  kDifferent,  // Both, but not at the same time or not with the same alerts.
  kUnjudged,   // What was seen of the Alertmanager does not say.
};
inline constexpr std::array kVerdicts = {Verdict::kSame, Verdict::kExtra, Verdict::kMissing,
                                         Verdict::kDifferent, Verdict::kUnjudged};
// "same", "extra", "missing", "different", "unjudged": the `result` label.
const char* VerdictName(Verdict verdict);

// One alert of a message that differs.
struct Told {
  labels::LabelSet labels;
  bool firing = true;
  bool ours = false;    // Watchfire would have told it.
  bool theirs = false;  // The Alertmanager told it.
};

struct Difference {
  WallTime at = kNoTime;  // Of the message; of Watchfire's when both have one.
  Verdict verdict = Verdict::kExtra;
  std::string receiver;
  labels::LabelSet group;
  std::vector<Told> alerts;  // At most limits::kShadowAlertsShown, by fingerprint.
  size_t alert_count = 0;    // All of them.
  std::string reason;
};

struct Report {
  std::string alertmanager;  // Its URL, without user and password.
  WallTime since = kNoTime;
  WallTime last_poll = kNoTime;  // The last one that was answered.
  uint64_t poll_failures = 0;
  std::string poll_error;             // Of the last poll; "" when it was answered.
  std::vector<std::string> mirrored;  // Receivers whose messages the Alertmanager mirrors to us.
  std::array<uint64_t, 5> counts{};   // By Verdict, messages.
  uint64_t over_limit = 0;            // Of the unjudged: limits::kShadowMessages was reached.
  size_t waiting = 0;                 // Messages without verdict yet.
  std::vector<std::shared_ptr<const Difference>> differences;  // The last ones, newest first.

  uint64_t count(Verdict verdict) const { return counts[static_cast<size_t>(verdict)]; }
  // Messages that differ.
  uint64_t differing() const {
    return count(Verdict::kExtra) + count(Verdict::kMissing) + count(Verdict::kDifferent);
  }
};

// The `data` of GET /api/v1/shadow.
std::string ToJson(const Report& report);

// One line for people: `ApiDown{service="api"} firing, …`; long lists end in "and 3 more".
std::string AlertsText(const Difference& difference);

}  // namespace watchfire::shadow
