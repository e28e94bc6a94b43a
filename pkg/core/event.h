// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Everything that can happen to core, and everything core can ask for. Plain values: the same ones
// travel through Channels in production and through the simulator's queue.

#pragma once

#include <deque>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "pkg/alert/alert.h"
#include "pkg/base/ids.h"
#include "pkg/base/record.h"
#include "pkg/base/result.h"
#include "pkg/base/shared_text.h"
#include "pkg/base/time.h"
#include "pkg/config/config.h"
#include "pkg/dispatch/notification.h"
#include "pkg/incident/incident.h"
#include "pkg/matcher/matcher.h"
#include "pkg/oncall/model.h"
#include "pkg/oncall/overrides.h"
#include "pkg/promql/response.h"
#include "pkg/silence/set.h"
#include "pkg/slo/exclusions.h"

namespace watchfire::core {

struct View;
struct Explained;

// ---- Events ----

struct AlertsArrived {
  std::vector<alert::Alert> alerts;  // Valid ones.
  std::string source = "api";        // "api", "rules", "slo", a kind of `inbound`.
  // Beside `alerts`; may be shorter. The fingerprint of one that must still fire when this arrives,
  // for else this alert is left out: what was made of an alert never brings it back after its end,
  // whichever of two senders was quicker. 0: it counts in any case.
  std::vector<uint64_t> only_while;
  // A person asks for people: their groups are flushed at once, whatever group_wait says.
  bool at_once = false;
  size_t firing = 0;  // As counted before validation.
  size_t resolved = 0;
  size_t invalid = 0;
  size_t over_limit = 0;  // Of the invalid ones: refused for a bound of limits.h.
  size_t oversized = 0;   // Requests refused as a whole for limits::kAlertsPerRequest.
};

// An annotation: an alert whose value of it is "true" ends when its incident is resolved by hand.
inline constexpr const char* kEndsWithIncident = "ends_with_incident";

// Alerts that their sender does not repeat (`inbound`): the reply comes after they are stored.
// Those of a signed message count once, however often it comes; kConflict if it came before. Its
// name is stored with them.
struct AlertsOnce {
  RequestId reply_to;
  std::string receipt;  // The signed message's name; "": it has none.
  AlertsArrived alerts;
};

// Does something to one incident by id, or to every open incident a vendor knows under an entity
// id; a Resolve by entity id ends the groups of that name, and those of which the vendor that it
// comes through told somebody under it. The reply comes after the change is stored.
struct IncidentCommand {
  RequestId reply_to;
  uint64_t incident = 0;  // 0: use entity_id.
  std::string entity_id;
  incident::Ack ack;  // Who, and what they say to it.
  incident::Act act = incident::Acknowledge{};
  // When it was done, at a vendor that told of it later: what became part of an incident since is
  // not ended by that. kNoTime: now.
  WallTime done_at = kNoTime;
};

// Another server's silences as they are there, each with its id.
struct FollowedSilences {
  std::vector<silence::Draft> silences;
};

// Creates or updates a silence (a draft), ends one (its id), or takes over another server's. The
// reply comes after the change is stored; its status carries Alertmanager's texts (silence::Set).
// Of those taken over it carries the first fault, and the good ones are kept.
struct SilenceCommand {
  RequestId reply_to;
  std::variant<silence::Draft, std::string, FollowedSilences> what;
};

// Puts somebody else on call for a while (a draft), or ends that. The reply comes after it is
// stored; errors: as of oncall::Overrides.
struct EndOverride {
  uint64_t id = 0;
  std::string by;
};
struct OverrideCommand {
  RequestId reply_to;
  std::variant<oncall::OverrideDraft, EndOverride> what;
};

// Excludes time from the budgets of SLOs (a draft), or takes that back. The reply comes after it is
// stored; errors: as of slo::Exclusions.
struct EndExclusion {
  uint64_t id = 0;
  std::string by;
  bool keeps_past = false;  // It is only over early: what has passed stays excluded.
};
struct ExclusionCommand {
  RequestId reply_to;
  std::variant<slo::ExclusionDraft, EndExclusion> what;
};

// A person's word on a run of automation that waits for one. The reply comes after it is stored;
// errors: as of automation::Book::Decide().
struct AutomationCommand {
  RequestId reply_to;
  std::string run;  // automation::Run::id()
  bool is_approved = false;
  std::string actor;
};

// Parts of the View a reader wants; building is lazy.
enum ViewPart : unsigned {
  kViewAlerts = 1,
  kViewGroups = 2,
  kViewIncidents = 4,
  kViewRules = 8,
  kViewSlos = 16,
  kViewStats = 32,
  kViewSilences = 64,
  kViewEvaluations = 128,  // With kViewRules.
  kViewOpenIncidents = 256,
  kViewHeartbeats = 512,
  kViewAutomation = 1024,
  kViewAllAutomation = 2048,  // All runs that are known, not the last ones only.
  kViewOverrides = 4096,
  kViewExclusions = 8192,
};
struct ViewRequest {
  RequestId reply_to;
  unsigned parts = 0;  // ViewPart bits.
};

// Asks why alerts were, or were not, told to anybody: those named, or all that match.
struct ExplainRequest {
  RequestId reply_to;
  std::vector<uint64_t> fingerprints;  // Unknown ones among several are left out.
  matcher::Matchers matchers;          // Without fingerprints.
  WallTime at = kNoTime;               // kNoTime: now.
  size_t limit = 10;                   // Alerts explained; the lowest fingerprints.
};

struct QueryDone {
  QueryId id;
  Result<promql::Vector> result;
  Duration took{};
  bool is_awaited = false;  // As of its RunQuery.
  // It only waited behind others: not a failure, and to be asked as if it never had been.
  bool was_not_asked = false;
};

// How a WriteSamples ended, at the place where it went worst.
struct SamplesWritten {
  QueryId id;
  Status status;
  size_t samples = 0;
};

// Somebody who is expected to be heard from says so. The reply: kNotFound if nobody is.
struct HeartbeatPing {
  RequestId reply_to;
  std::string name;
};

// How one attempt of a delivery ended.
struct Attempted {
  enum class Kind { kDone, kRetry, kFail } kind = Kind::kDone;
  DeliveryId id;
  std::string why;         // For kRetry and kFail.
  std::string failure;     // The `reason` label, "other" …
  Duration retry_after{};  // The vendor's wish; zero: our back-off.
  bool unknown = false;    // Not done, yet a request got no answer: it may have been taken.
  bool asked = true;       // A request was made: false says nothing about the vendor.
  Duration took{};
  dispatch::ReceiverData data = {};  // kDone: for the group's next notification.
  std::string flaw = {};             // kDone: what the message lacks that went nevertheless.
};

struct Committed {
  BatchId id;
  Status status;
  Duration took{};
};

// A configuration that loaded without errors.
struct ConfigSwap {
  std::shared_ptr<const config::Config> config;
};

// The last event: stores what is dirty; nothing new is sent.
struct Shutdown {};

using Event =
    std::variant<AlertsArrived, AlertsOnce, IncidentCommand, SilenceCommand, OverrideCommand,
                 ExclusionCommand, AutomationCommand, ViewRequest, ExplainRequest, HeartbeatPing,
                 QueryDone, SamplesWritten, Attempted, Committed, ConfigSwap, Shutdown>;

// ---- Effects ----

struct RunQuery {
  QueryId id;
  std::shared_ptr<const config::Config> config;  // Keeps `datasource` alive.
  const config::Datasource* datasource = nullptr;
  SharedText expr;
  WallTime at = kNoTime;
  // If `step` is not zero: a range query from `from` to `at`, whose answer holds samples of each
  // step with their times.
  WallTime from = kNoTime;
  Duration step{};
  bool samples = false;     // `expr` is a range selector: its samples are the answer, timed.
  bool is_awaited = false;  // What is asked next hangs on the answer: it is not to be kept waiting.
};

// To all remote_writes of `config`.
struct WriteSamples {
  QueryId id;
  std::shared_ptr<const config::Config> config;
  promql::Vector samples;
};

struct Attempt {
  DeliveryId id;
  std::shared_ptr<const config::Config> config;  // Keeps `integration` alive.
  const config::Integration* integration = nullptr;
  std::shared_ptr<const dispatch::Notification> notification;
  Duration timeout{};  // Until the flush's deadline.
  // Who is on call, as View::roster, for messages that say so. Null: there are no schedules.
  std::shared_ptr<const oncall::Roster> roster = {};
  // Where whoever reads it can acknowledge the incident; "": nowhere. Lets anybody do so: it is
  // for the message alone.
  std::string ack_url = {};
};

struct Persist {
  BatchId id;
  // Not null. Core keeps them, too, until it hears that they are stored.
  std::shared_ptr<const std::vector<Record>> records;
};

struct Reply {
  RequestId to;
  Status status;
  std::shared_ptr<const View> view;                 // For ViewRequest.
  std::vector<uint64_t> incidents;                  // For IncidentCommand: those it changed.
  std::string silence_id;                           // For SilenceCommand with a draft.
  std::shared_ptr<const Explained> explained = {};  // For ExplainRequest.
  uint64_t override_id = 0;                         // For OverrideCommand.
  // For IncidentCommand: it is done, and yet not all that whoever asked may take for granted.
  std::string remark = {};
  uint64_t exclusion_id = 0;  // For ExclusionCommand.
};

// One line for the administrator. `fields` are key=value pairs, without secrets.
struct Log {
  enum class Level { kDebug, kInfo, kWarn, kError } level = Level::kInfo;
  std::string message;
  std::vector<std::pair<std::string, std::string>> fields;
};

using Effect = std::variant<RunQuery, WriteSamples, Attempt, Persist, Reply, Log>;
// A storm makes thousands: they stay where they are as more come.
using Effects = std::deque<Effect>;

}  // namespace watchfire::core
