// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// An alert as Alertmanager knows it, and the rules for merging two posts about the same one.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "pkg/base/result.h"
#include "pkg/base/shared_text.h"
#include "pkg/base/time.h"
#include "pkg/labels/labels.h"

namespace watchfire::alert {

// A sender's clock may be ahead of ours by so much when it says that an alert is over just now.
inline constexpr std::chrono::minutes kClocksDiffer{1};

struct Alert {
  labels::LabelSet labels;
  labels::LabelSet annotations;
  WallTime starts_at = kNoTime;
  WallTime ends_at = kNoTime;     // When it resolved, or, if in the future, when it expires.
  WallTime updated_at = kNoTime;  // Last ingest.
  WallTime active_at = kNoTime;   // When the rule's condition first held, if known (own rules).
  SharedText generator_url;       // One for all alerts of a rule.
  int16_t starts_zone = 0;  // Offset of the clock that named starts_at, in minutes east of UTC: the
  int16_t ends_zone = 0;    // API and payloads show a time as its sender wrote it. And of ends_at.
  bool timeout = false;     // ends_at was not given but computed from resolve_timeout.

  uint64_t fingerprint() const { return labels.fingerprint(); }
  std::string_view name() const { return labels.Get("alertname"); }
  bool Resolved(WallTime at) const { return ends_at <= at; }
  // Of what is over: nobody has said so, its sender only stopped repeating it. Said it is by an end
  // that was no more than kClocksDiffer away when it came.
  bool FellSilent() const { return timeout || ends_at > updated_at + kClocksDiffer; }

  bool operator==(const Alert&) const = default;
};

// The times as their sender wrote them, offset included; `digits` and `trim` as in FormatRfc3339.
std::string FormatStart(const Alert& alert, int digits = 3, bool trim = false);
std::string FormatEnd(const Alert& alert, int digits = 3, bool trim = false);

// Returns what the table keeps when `incoming` arrives for the stored alert `old` (same labels).
// Overlapping intervals join; otherwise the new one replaces the old one.
// Source: Alertmanager types.Alert.Merge and provider/mem Put (reference §2.4).
Alert Merge(const Alert& old, Alert incoming, WallTime now);

// Order of alerts inside a notification and in /alerts/groups: by label job, then instance (a set
// lacking the label comes after one that has it), then LabelSet::Before.
bool NotificationOrder(const Alert& a, const Alert& b);

// JSON object for a record of one alert, and back; for many see pack.h. Errors: kCorrupt.
std::string Encode(const Alert& alert);
Result<Alert> Decode(std::string_view json);

}  // namespace watchfire::alert
