// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// IncidentBook is what VictorOps makes of the messages it gets: incidents and their phases.
//
// A pure state machine; time arrives as an argument. What a message does to the incident of its
// entity_id (rows: the incident's phase; "count" adds to alert_count and pages nobody):
//
//                     CRITICAL      WARNING    ACKNOWLEDGEMENT   INFO       RECOVERY
//   none, resolved    open, page    (setting)  timeline          timeline   timeline
//   triggered         count         count      acknowledge       timeline   resolve
//   acked, CRITICAL   count         count      stays             timeline   resolve
//   acked, WARNING    pop out       count      stays             timeline   resolve
//
// Popping out of an acknowledgement pages again: the ack of a warning says nothing about the
// critical state that followed. Source: Splunk On-Call documentation, REST endpoint and
// "incident fields" pages, 2025-08.

#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "pkg/base/result.h"
#include "pkg/base/time.h"

namespace watchfire::pagersim {

enum class MessageType { kCritical, kWarning, kAcknowledgement, kInfo, kRecovery };
enum class Phase { kTriggered, kAcknowledged, kResolved };

// What VictorOps calls them: "CRITICAL" …, "triggered" ….
std::string_view Name(MessageType type);
std::string_view Name(Phase phase);

// One message to the REST endpoint, already validated.
struct Message {
  MessageType type = MessageType::kInfo;
  std::string entity_id;  // Identity of the incident; not empty.
  std::string title;      // entity_display_name, or entity_id without one.
  std::string text;       // state_message.
  std::string host, routing_key;
  std::string ack_author, ack_message;
  std::vector<std::pair<std::string, std::string>> fields;  // Everything sent: name, JSON value.
};

struct Transition {
  Phase to;
  WallTime at;
  std::string by;  // A user, or "SYSTEM".
  bool manually;   // A person did it, rather than a message or a timer.
  std::string message;
};

struct Incident {
  uint64_t number = 0;  // Counts from 1.
  Phase phase = Phase::kTriggered;
  MessageType severity = MessageType::kCritical;  // Of the last CRITICAL or WARNING.
  Message latest;                                 // The last message that was not INFO.
  uint64_t alert_count = 0;                       // CRITICAL and WARNING messages so far.
  uint64_t sequence = 0;                          // Changes of this incident so far.
  bool muted = false;                             // Opened during maintenance: pages nobody.
  WallTime started, last_alert;
  std::vector<Transition> transitions;  // Oldest first; the middle is dropped past a bound.

  // The latest transition if the incident is in the phase it led to; never null.
  const Transition& last() const { return transitions.back(); }
  // The latest acknowledgement, or null if there was none since it was last triggered.
  const Transition* acknowledgement() const;
};

// Zero durations mean "never".
struct Settings {
  bool warning_opens = false;  // "Create incidents in WARNING state".
  bool paused = false;         // Auto-pause: messages are accepted and nothing happens.
  bool maintenance = false;    // Incidents that open now are muted until this is off.
  Duration auto_ack{};         // A simulated responder acknowledges after this.
  Duration pop_out{};          // An acknowledgement wears off after this.
  Duration auto_resolve{};     // An incident without news resolves after this.
};

class IncidentBook {
 public:
  // Incidents kept. The oldest resolved one makes room; when all are active the book stops opening
  // new ones, as the vendor does at 5,000.
  static constexpr size_t kMaxIncidents = 1000;
  static constexpr size_t kMaxTransitions = 50;

  // What happened to an incident, for those who want to be told.
  struct Change {
    uint64_t number = 0;  // 0: no incident was touched ("timeline only").
    bool phase = false;   // It was opened or its phase changed.
  };

  void Configure(const Settings& settings, WallTime now);

  Change Apply(Message message, WallTime now);

  // A person acts on an incident. Acknowledging twice changes nothing and is no error.
  // Errors: kNotFound; kConflict if it is resolved.
  Result<Change> Acknowledge(uint64_t number, const std::string& user, const std::string& note,
                             WallTime now);
  Result<Change> Resolve(uint64_t number, const std::string& user, const std::string& note,
                         WallTime now);

  // Runs the timers of Settings. Returns the incidents whose phase changed, by number.
  std::vector<uint64_t> Tick(WallTime now);

  // By number; all of them, oldest first.
  const std::map<uint64_t, Incident>& incidents() const { return incidents_; }
  const Incident* Find(uint64_t number) const;
  const Settings& settings() const { return settings_; }

 private:
  Incident* FindActive(const std::string& entity_id);
  bool MakeRoom();
  Change Open(Message message, WallTime now);
  Result<Incident*> FindForUser(uint64_t number);
  void Move(Incident& incident, Transition transition);

  Settings settings_;
  std::map<uint64_t, Incident> incidents_;
  std::unordered_map<std::string, uint64_t> active_;  // entity_id to number; not the resolved.
  uint64_t last_number_ = 0;
};

}  // namespace watchfire::pagersim
