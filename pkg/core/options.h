// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What core is told by flags, and never changes while it lives.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "pkg/base/time.h"

namespace watchfire::core {

// Of queries: while answers come within this, more of them are asked for than the datasource takes
// at once (Options::queries_ahead). Sixteen at once and eight times as many ahead take less than a
// second.
inline constexpr Duration kFastAnswer = std::chrono::milliseconds(100);
// After an answer that took longer whoever keeps the rest gives it back at once, unasked.
inline constexpr Duration kSlowAnswer = std::chrono::seconds(1);

struct Options {
  std::string external_url;  // No trailing slash.
  Duration retention = std::chrono::hours(120);
  Duration gc_interval = std::chrono::minutes(30);
  uint64_t seed = 1;               // Of the retry jitter and of silences' ids.
  size_t max_silences = 0;         // --silences.max-silences; 0: limits::kSilences.
  size_t max_silence_bytes = 0;    // --silences.max-silence-size-bytes; 0: limits::kSilenceBytes.
  size_t max_alerts_per_name = 0;  // --alerts.per-alertname-limit; 0: none.
  bool log_silences = false;       // What people do to silences.
  bool classic_names = false;      // Of labels in silences: [a-zA-Z_][a-zA-Z0-9_]*.
  Duration start_delay{};          // No group is flushed sooner after the first Step.
  // --data.maintenance-interval: how often Alertmanager forgets what receivers were told too long
  // ago, from the first Step on.
  Duration maintenance_interval = std::chrono::minutes(15);
  // Of queries that are answered fast, so many times as many as the datasource takes at once are
  // handed out: whoever carries them out keeps the rest, and answers come by the handful.
  size_t queries_ahead = 1;
  // So many messages under way are a storm: see Core::StartFlushes().
  size_t messages_under_way = 512;
};

}  // namespace watchfire::core
