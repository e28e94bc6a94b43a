// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Why an alert was, or was not, told to anybody: every decision about it at one instant, as values.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pkg/base/time.h"
#include "pkg/incident/incident.h"
#include "pkg/journal/journal.h"
#include "pkg/labels/labels.h"
#include "pkg/silence/silence.h"

namespace watchfire::core {

// Another alert that fires and a rule that says it speaks for this one.
struct Inhibition {
  uint64_t source = 0;
  labels::LabelSet source_labels;  // Empty when they are no longer known.
  size_t rule = 0;                 // Index into inhibit_rules of the configuration then in force.
  std::string rule_name;           // May be empty.
};

// One integration of the receiver: what it knows.
struct IntegrationExplanation {
  std::string kind = {};  // "webhook"
  int index = 0;
  bool send_resolved = true;
  std::vector<journal::Message> messages = {};  // About this alert, oldest first.
  WallTime told_at = kNoTime;    // The last message about the group that it accepted.
  std::string told_reason = {};  // Empty when not recorded.
  bool told_firing = false;      // The alert fires, says that message.
  bool told_resolved = false;
  bool in_doubt = false;                   // A message of unknown outcome may have said otherwise.
  WallTime known_until = WallTime::max();  // Then the message is forgotten, and told again.
  WallTime repeat_due = kNoTime;  // Not before it says the same again; kNoTime: nothing to repeat.
};

// One route that the alert takes, with the group it falls into there.
struct GroupExplanation {
  // Matchers of every node from the root down to the route: ["{}", "{team=\"db\"}"]. Empty when no
  // route of the configuration in force leads there any more.
  std::vector<std::string> path;
  std::string receiver;
  std::string fallback_of;    // The route's receiver, when `receiver` only stands in for it.
  std::string escalation_of;  // The route's receiver, when its policy told `receiver`.
  std::string group_key;
  Duration group_wait{};
  Duration group_interval{};
  Duration repeat_interval{};
  bool is_strict = false;             // Its route is.
  std::vector<std::string> muted_by;  // Time intervals, as in Mute.
  bool inactive = false;
  std::vector<journal::Line> decisions;  // Of its flushes, oldest first.
  std::optional<WallTime> next_flush;    // Of the present, while the group holds the alert.
  std::vector<IntegrationExplanation> integrations;
  std::shared_ptr<const incident::Incident> incident;  // Whose its pages were then, or last.

  bool known_route() const { return !path.empty(); }
};

struct Explanation {
  enum class State { kUnknown, kFiring, kResolved };

  uint64_t fingerprint = 0;
  labels::LabelSet labels;  // Empty when only the fingerprint is known.
  State state = State::kUnknown;
  WallTime received_at = kNoTime;  // The episode's first arrival.
  std::string source;              // Who sent it: "api", "rules", "slo"; empty: not recorded.
  WallTime starts_at = kNoTime;
  WallTime ends_at = kNoTime;  // Resolved: its end. Firing, of the present: when it expires.
  bool expired = false;        // Its sender fell silent, rather than say that it ended.
  std::optional<Inhibition> inhibited;
  std::vector<silence::Silence> silences;  // In force and matching.
  std::vector<GroupExplanation> groups;
  bool cut = false;  // Older records about it were dropped for a bound.
};

// The answer to an ExplainRequest.
struct Explained {
  WallTime at = kNoTime;
  bool past = false;
  // Since when the past is recorded; kNoTime: nothing is yet.
  WallTime recorded_since = kNoTime;
  // When another configuration came into force after `at`: routes, rules and intervals shown are
  // those of today. kNoTime: none did.
  WallTime reconfigured_at = kNoTime;
  std::vector<Explanation> alerts;  // By fingerprint.
  size_t total = 0;                 // That match, shown or not.
};

// One link of the chain that people read.
struct Link {
  WallTime at = kNoTime;  // kNoTime: no particular time.
  // received, firing, resolved, unknown; route, group; inhibited, silenced, muted, let through,
  // fallback, escalation;
  // sent, failed, accepted, given up, lost, left out; known, under way, in doubt, next flush;
  // incident; not recorded.
  std::string what;
  std::string text;
};

// The decisions about one alert in the order of the pipeline. Times inside texts are RFC 3339 in
// UTC, to the second.
std::vector<Link> Chain(const Explanation& alert, const Explained& answer);

// The outcome in one line: "told to on-call (victorops)", "silenced by ada: disks".
std::string Summary(const Explanation& alert);

}  // namespace watchfire::core
