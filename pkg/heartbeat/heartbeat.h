// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// A dead man's switch: whoever is expected to be heard from again and again, and is not, becomes an
// alert. So the silence of the monitoring itself is paged. A pure state machine, owned by the core
// thread.
//
//   ping ---- every ---- grace ---- missing: HeartbeatMissing fires
//    ^                                  |
//    +------------- ping ---------------+ it is resolved
//
// What waits is counted by the monotonic clock, so a wall clock that jumps pages nobody; and while
// this process did not run it could not hear, so that time does not count either.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/alert/alert.h"
#include "pkg/base/record.h"
#include "pkg/base/result.h"
#include "pkg/base/time.h"
#include "pkg/config/heartbeats.h"
#include "pkg/labels/labels.h"

namespace watchfire::heartbeat {

inline constexpr const char* kAlertName = "HeartbeatMissing";

struct Row {
  std::string name;
  Duration every{};
  Duration grace{};
  WallTime seen = kNoTime;           // The last ping of this life of the process; kNoTime: none.
  WallTime missing_since = kNoTime;  // kNoTime: it is not.
};

class Watch {
 public:
  // While missing the alert is sent this often, and is valid for so long.
  static constexpr Duration kResend = std::chrono::minutes(1);
  static constexpr Duration kValid = std::chrono::minutes(4);
  // Who comes later than this to an appointment was not running meanwhile.
  static constexpr Duration kLate = std::chrono::seconds(10);

  // Waiting begins at the first Advance(). `external_url`: the link of the alerts.
  Watch(std::vector<config::Heartbeat> heartbeats, std::string external_url);

  // Takes over what is known of those with equal names (reload). Returns the deletion of what is
  // stored of those that are gone; their alerts expire.
  std::vector<Record> Adopt(const Watch& old);
  // Takes back that one was missing; other records are none of its business. Errors: kCorrupt.
  Status Restore(const Record& record);

  // Somebody says that it lives. False: there is none of that name.
  bool Ping(std::string_view name, Now now);
  // A firing alert arrived: a ping of those it matches.
  void Saw(const labels::LabelSet& labels, Now now);
  // Whether any alert could be a ping at all.
  bool watches_alerts() const { return watches_alerts_; }

  struct Outcome {
    std::vector<alert::Alert> send;  // For the alert table.
    std::vector<Record> records;     // Table::kMeta, "heartbeat/<name>".
  };
  // What time or pings have brought about.
  Outcome Advance(Now now);
  // When Advance() has work; the epoch: at once.
  std::optional<MonoTime> next_due() const;

  // In the order of the configuration.
  std::vector<Row> rows() const;

 private:
  struct State {
    config::Heartbeat config;
    std::optional<MonoTime> since;  // What `every` counts from.
    WallTime seen = kNoTime;
    WallTime missing_since = kNoTime;
    MonoTime send_at{};  // Next time, while missing.
    bool is_back = false;

    bool is_missing() const { return missing_since != kNoTime; }
    MonoTime due() const;
  };

  State* Find(std::string_view name);
  alert::Alert ToAlert(const State& state, WallTime ends_at) const;
  void Step(State* state, Now now, Outcome* outcome) const;

  std::vector<State> states_;
  std::string external_url_;
  bool watches_alerts_ = false;
};

}  // namespace watchfire::heartbeat
