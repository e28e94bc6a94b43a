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
// Waiting is counted in time during which this process ran and could have heard: a wall clock that
// jumps, a machine that sleeps and a restart page nobody, and forget nothing.

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
// Of the heartbeat that the answers of a datasource are.
inline constexpr const char* kDatasourceAlertName = "WatchfireDatasourceDown";

struct Row {
  std::string name;
  Duration every{};
  Duration grace{};
  WallTime seen = kNoTime;           // The last ping of this life of the process; kNoTime: none.
  WallTime missing_since = kNoTime;  // kNoTime: it is not.
};

// What all alerts have.
struct Terms {
  std::string external_url;          // Their link.
  labels::LabelSet external_labels;  // Added where absent.
};

class Watch {
 public:
  // While missing the alert is sent this often, and is valid for so long.
  static constexpr Duration kResend = std::chrono::minutes(1);
  static constexpr Duration kValid = std::chrono::minutes(4);
  // How often Advance() wants to be called at least, and when it was not running in between.
  static constexpr Duration kTick = std::chrono::seconds(5);
  static constexpr Duration kStall = std::chrono::seconds(10);
  // How long somebody has been waited for is stored when it has grown by so much, and by a 20th.
  static constexpr Duration kStoreAfter = std::chrono::minutes(10);

  // Waiting begins at the first Advance().
  Watch(std::vector<config::Heartbeat> heartbeats, Terms terms);

  // Takes over what is known of those with equal names (reload); one that is expected sooner than
  // before is waited for anew. What is stored of those that are gone is deleted by the next
  // Advance(), and their alerts expire.
  void Adopt(const Watch& old);
  // Takes back who was missing, or for how long somebody had been waited for; other records are
  // none of its business. Errors: kCorrupt.
  Status Restore(const Record& record);

  // Somebody says that it lives. Returns what stores it; nullopt: there is none of that name, or
  // only its datasource can say so.
  std::optional<Record> Ping(std::string_view name, Now now);
  // A firing alert arrived: a ping of those it matches.
  void Saw(const labels::LabelSet& labels, Now now);
  // That datasource has answered a query.
  void Answered(std::string_view datasource, Now now);
  // Whether any alert could be a ping at all.
  bool watches_alerts() const { return watches_alerts_; }

  struct Outcome {
    std::vector<alert::Alert> send;  // For the alert table.
    std::vector<Record> records;     // Table::kMeta, "heartbeat/<name>".
  };
  // What time or pings have brought about.
  Outcome Advance(Now now);
  // When Advance() has work; the epoch: at once. Nullopt: never.
  std::optional<MonoTime> next_due() const;

  // In the order of the configuration.
  std::vector<Row> rows() const;

 private:
  struct State {
    config::Heartbeat config;
    Duration waited{};  // Since the last ping.
    Duration stored{};  // As much of it is stored.
    WallTime seen = kNoTime;
    WallTime missing_since = kNoTime;
    WallTime over_at = kNoTime;      // It was missing and is back.
    WallTime valid_until = kNoTime;  // Of the alert as it was sent last.
    MonoTime send_at{};              // Its next time.

    bool is_missing() const { return missing_since != kNoTime; }
    Duration patience() const { return config.every + config.grace; }
  };

  State* Find(std::string_view name);
  void Hear(State* state, Now now);
  void Keep(State* state, Outcome* outcome) const;
  void Step(State* state, Duration passed, Now now, Outcome* outcome) const;
  alert::Alert ToAlert(const State& state, WallTime ends_at) const;

  std::vector<State> states_;
  Terms terms_;
  bool watches_alerts_ = false;
  std::optional<MonoTime> last_;   // Advance().
  bool is_urgent_ = false;         // Somebody is back.
  std::vector<Record> deletions_;  // Of what is stored of nobody.
};

}  // namespace watchfire::heartbeat
