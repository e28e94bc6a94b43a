// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// An incident is what a page opens and a recovery closes: one per receiver and group, or one for
// several groups that were merged. Four times make all the figures: detected, paged, acknowledged,
// resolved. Plain values; what happens to them is registry.h.
//
//             page            ack                   recovery, or by hand
//   (none) ---------> triggered -----> acknowledged --------------------> resolved
//                      ^  |  ^  ack expires |                               |
//                      |  |  +--------------+                               |
//                      |  +-----> snoozed (from either; its end brings it back)
//                      +---------------------- a page soon after -----------+
//   any open one ----> merged: another incident goes on in its place

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <cctz/time_zone.h>

#include "pkg/base/histogram.h"
#include "pkg/base/result.h"
#include "pkg/base/time.h"
#include "pkg/config/incidents.h"

namespace watchfire::incident {

enum class State { kTriggered, kAcknowledged, kSnoozed, kResolved, kMerged };
const char* StateName(State state);  // "triggered" …
std::optional<State> ParseState(std::string_view name);
// Somebody still has to see to it.
inline bool IsOpen(State state) { return state != State::kResolved && state != State::kMerged; }

enum class ActorType { kHuman, kAutomation };
const char* ActorTypeName(ActorType type);

// How an incident ended that an escalation policy gave up (resolve_after), or whose last alert
// nobody repeated any more: that says nothing of how long anything took.
inline constexpr const char* kTimedOut = "timeout";

// What it was, seen afterwards. Source of the words: reference paging-backends §7.1.
enum class Outcome { kActionable, kNoise, kFalsePositive, kDuplicate };
const char* OutcomeName(Outcome outcome);  // "actionable", "noise", "false_positive", "duplicate"
std::optional<Outcome> ParseOutcome(std::string_view name);

struct Incident;
// Whether its alerts ended, as far as is known, and nobody closed it or gave it up.
bool EndedByItself(const Incident& incident);

// The level of a `severity` label, "SEV1" (worst) to "SEV4": as `terms` say, else critical and page
// SEV1, error SEV2, warning, ticket and unknown words SEV3, info and none SEV4.
std::string LevelOf(std::string_view severity, const config::Incidents& terms);
// Whether `a` is a worse `severity` label than `b`: the worse level decides. Of one level, critical
// and page beat error, that beats warning and ticket, they beat unknown words, and those info,
// none and "".
bool IsWorse(std::string_view a, std::string_view b, const config::Incidents& terms);
bool IsLevel(std::string_view text);

// An alert with this label, "true", only tests the way of a page: it is in no figure.
inline constexpr const char* kTestLabel = "test";

struct Event {
  WallTime at = kNoTime;
  // opened, paged, page_failed, acked, note, resolved; reassigned, severity, role, snoozed,
  // returned (an ack or a snooze ran out, or a policy took the ack back), reminder, classified,
  // merged, recovered (one group of several), rejoined (a group again), reopened; notified (the
  // first step of a policy), escalated (a later one), unreachable (of a step), ran_out (of a
  // policy); told, untold (a vendor, of what people did here); automation (a rule of that name);
  // hastened (somebody asked for the next step of its policies); called (somebody asked for a
  // policy, person, schedule or team, which is the text); mitigated; unanswered (its response
  // target is over); postmortem (its status); corrected, withdrawn (a note: "note 2: …").
  std::string kind;
  std::string actor;  // Who: a user name, "monitoring", a receiver.
  std::string
      channel;  // Through what: api, victorops, pipeline, clock, rule, escalation, automation.
  std::string text;
  bool is_automatic = false;    // Of "acked": no person did it.
  WallTime ended_at = kNoTime;  // Of "resolved": Incident::ended_at, if that was before.

  bool operator==(const Event&) const = default;
};

// An ack or a snooze in force.
struct Hold {
  std::string by;
  WallTime since = kNoTime;
  WallTime until = kNoTime;      // kNoTime: until the incident is over.
  WallTime remind_at = kNoTime;  // kNoTime: no reminder is due any more.
  // No person holds it: the next one who acknowledges takes it over.
  bool is_automatic = false;

  bool operator==(const Hold&) const = default;
};

// A classification, and whose.
struct Verdict {
  Outcome outcome = Outcome::kActionable;
  std::string by;
  std::string rule;  // "short", "flapping", "merged"; empty: a person said so.
  WallTime at = kNoTime;
  std::string reason;

  const char* source() const { return rule.empty() ? "human" : "rule"; }
  bool operator==(const Verdict&) const = default;
};

// Whether somebody answers as soon as `incidents.response_targets` promises. It is decided once in
// the life of an incident: when a person first takes it (acknowledges, snoozes or resolves it), or
// when that is too late.
struct Response {
  WallTime due_at = kNoTime;       // kNoTime: no target holds.
  WallTime answered_at = kNoTime;  // When a person first took it, whatever the target.
  std::optional<bool> is_met;      // Once it is decided.

  bool operator==(const Response&) const = default;
};

// Whether what was learnt is written down (`incidents.postmortem`).
enum class PostmortemStatus { kMissing, kDraft, kReviewed };
const char* PostmortemStatusName(PostmortemStatus status);  // "missing", "draft", "reviewed"
std::optional<PostmortemStatus> ParsePostmortemStatus(std::string_view name);
struct Postmortem {
  WallTime due_at = kNoTime;  // Reviewed by then; kNoTime: none is wanted.
  PostmortemStatus status = PostmortemStatus::kMissing;
  std::string by;  // Who said so; "": it is missing.
  WallTime at = kNoTime;

  bool is_wanted() const { return due_at != kNoTime; }
  // Not reviewed by `now`, or reviewed later than it was due.
  bool IsLate(WallTime now) const {
    return is_wanted() && (status == PostmortemStatus::kReviewed ? at : now) > due_at;
  }
  bool operator==(const Postmortem&) const = default;
};

// Alerts that are paged together.
struct Group {
  std::string receiver;
  std::string group_key;
  std::string entity_id;  // SHA-256 of the group key: what vendors call entity id or dedup key.
  size_t alerts = 0;      // The most that a page of it told of.

  bool operator==(const Group&) const = default;
};

struct Incident {
  uint64_t id = 0;
  std::string receiver;
  std::string group_key;
  std::string entity_id;
  std::string title;
  std::string severity;  // "none" when the alerts carry none.
  std::string team;
  std::string service;      // "" when the alerts carry none.
  std::string correlation;  // What `correlate_by` names; "": nothing.
  std::string backend;      // The integration that paged first: "victorops".
  std::string level;        // "SEV1"
  std::string level_by;     // Who set it by hand; "": it follows the severity.
  std::string owner;        // Whose it is: who acknowledged, or whom it was given to.
  State state = State::kTriggered;
  WallTime started_at = kNoTime;       // See Page.
  std::optional<bool> is_start_known;  // The same; unset: an earlier version did not note it.
  WallTime detected_at = kNoTime;      // When we first heard of it.
  bool is_by_human = false;            // As of the page that opened it.
  bool is_test = false;                // See Page; until one that is none is paged.
  WallTime opened_at = kNoTime;
  WallTime paged_at = kNoTime;  // First page that a vendor accepted.
  WallTime acked_at = kNoTime;  // First ack.
  WallTime resolved_at = kNoTime;
  // When the last alert of those groups that are over was known to be: the end of all times that
  // are measured. With a flush it becomes resolved, up to a group_interval later. What people end
  // is over with that.
  WallTime ended_at = kNoTime;
  // Somebody said that it hurts no more; a reopening takes it back.
  WallTime mitigated_at = kNoTime;
  std::string acked_by;
  std::string mitigated_by;
  std::string resolved_by;
  std::string resolved_how;  // "monitoring", "human", "automation", kTimedOut; iff resolved.
  // When its end counts in the figures, unless a page reopens it before; kNoTime: it is open, or
  // has been counted.
  WallTime counts_at = kNoTime;
  std::optional<Hold> ack;     // Engaged iff acknowledged.
  std::optional<Hold> snooze;  // Engaged iff snoozed.
  std::optional<Verdict> verdict;
  Response response;
  Postmortem postmortem;
  std::map<std::string, std::string> roles;  // "commander" -> "ada"
  std::map<std::string, std::string> links;  // runbook, dashboard, logs
  std::vector<std::string> alerts;           // Names of the alerts of the last page, sorted.
  // Those of them that had no runbook when they were paged; unset: an earlier version did not note
  // it. See AlertsWithoutRunbook().
  std::optional<std::vector<std::string>> bare_alerts;
  std::vector<Group> groups;       // Those whose recovery it waits for; open ones only.
  size_t past_alerts = 0;          // Of groups that are over. See alert_count().
  uint64_t merged_into = 0;        // Iff merged.
  std::vector<uint64_t> merged;    // Others that were merged into this one.
  std::vector<WallTime> reopened;  // At most config::kFlappingCountMax, the last ones.
  // A cycle begins when it opens, is reopened, or comes back to those on call.
  int cycle = 1;
  WallTime cycle_at = kNoTime;
  WallTime cycle_paged_at = kNoTime;
  WallTime cycle_acked_at = kNoTime;
  std::vector<Event> timeline;  // At most limits::kIncidentEvents; the oldest stay.
  uint64_t dropped_events = 0;  // Those for which there was no room.

  // Of each of its groups the most that were paged at once; one that comes back counts anew.
  size_t alert_count() const;

  bool operator==(const Incident&) const = default;
};

// Names of the alerts of the last page that have no runbook, sorted. Of a record that does not say
// so they are all alike: as the incident, which has the runbook of its worst alert.
std::vector<std::string> AlertsWithoutRunbook(const Incident& incident);
// When a vendor last accepted a page of it; kNoTime: never.
WallTime LastPagedAt(const Incident& incident);

// Who noticed it: "monitoring", "human".
inline const char* DetectedBy(bool is_by_human) { return is_by_human ? "human" : "monitoring"; }

// What a page says about its group when it goes out.
struct Page {
  std::string receiver;
  std::string group_key;
  std::string backend;
  std::string title;
  std::string severity;
  std::string team;
  WallTime started_at = kNoTime;
  WallTime detected_at = kNoTime;
  std::vector<std::string> alerts;  // Names; sorted, each once.
  std::string service = {};
  std::string correlation = {};
  std::map<std::string, std::string> links = {};
  std::string to = {};        // Whom it reaches, when an escalation policy says so.
  cctz::time_zone zone = {};  // Of whom it reaches.
  size_t alert_count = 0;     // Firing ones.
  // A person noticed it, not monitoring: the worst alert has the annotation detected_by: human.
  bool is_by_human = false;
  // started_at is when it began to be so, as our own rules and SLOs know and people say; else it is
  // when the earliest alert's sender began to tell of it, which hides its `for`.
  bool is_start_known = false;
  // All that fires has kTestLabel.
  bool is_test = false;
  std::vector<std::string> bare_alerts = {};  // Of `alerts`: those without a runbook.
};

// Who acts, and what they say to it.
struct Ack {
  std::string actor;  // Not empty; at most limits::kIncidentNameBytes.
  ActorType actor_type = ActorType::kHuman;
  std::string channel;
  std::string note;  // At most limits::kNoteBytes.
};

// An end that is named, or counted from now; neither: none.
struct Until {
  WallTime at = kNoTime;
  Duration span{};
};

// What somebody can do to an incident. Texts are at most limits::kIncidentNameBytes long.
struct Acknowledge {
  Until until = {};
};
struct Resolve {
  // Only its groups of these entity ids: the incident goes on as long as it has others. None: all
  // of it.
  std::vector<std::string> entity_ids = {};
};
struct AddNote {};
// A note was wrong. It stays on the timeline, and this beside it, for whoever audits that.
struct CorrectNote {
  size_t number = 0;           // Of the incident's notes, counted from 1.
  bool is_taken_back = false;  // Else what is said to the act takes its place.
};
struct Reassign {
  std::string owner;
  // Whoever it is given to does not have it in hand yet: an ack in force, another's, is over.
  bool ends_ack = false;
};
struct SetLevel {
  std::string level;  // "SEV2"; "": as the severity says.
};
struct SetRole {
  std::string role;  // "commander"
  std::string name;  // "": nobody.
};
struct Snooze {
  Until until;
};
struct Classify {
  std::string outcome;
};
struct Merge {
  uint64_t into = 0;
};
// The next step of its escalation policies is to be done now; or those are to be called whom `to`
// names. Here it is an event only.
struct Escalate {
  // A policy, or a call ("user:ada", oncall/call.h); "": whoever is next. At most
  // limits::kIncidentNameBytes.
  std::string to = {};
  // Those who are called do not have it in hand yet: an ack in force is over, and it is nobody's.
  bool ends_ack = false;
};
// It hurts nobody any more, though it is not over: what broke is still broken.
struct Mitigate {};
struct SetPostmortem {
  std::string status;  // "draft", "reviewed"
};
using Act = std::variant<Acknowledge, Resolve, AddNote, Reassign, SetLevel, SetRole, Snooze,
                         Classify, Merge, Escalate, Mitigate, SetPostmortem, CorrectNote>;
// "acknowledged", "resolved", "noted" …
const char* ActName(const Act& act);

// Figures that pkg/telemetry exports. Label values in the order named.
struct Stats {
  HistogramMap ack_seconds;      // team, severity, backend, actor_type, cycle
  HistogramMap resolve_seconds;  // team, severity, resolved_by; when it is reopened no more
  HistogramMap page_seconds;     // team, severity: detected -> first accepted page
  HistogramMap detect_seconds;   // team, severity: started -> detected, if known, when it opens
  HistogramMap send_seconds;     // team, severity: opened -> first accepted page
  CounterMap opened;             // team, severity, detected_by ("monitoring", "human")
  CounterMap missing_context;    // field: of what opened, what its page lacked
  CounterMap escalated;          // team, severity: paged incidents, each once
  CounterMap escalations;        // team, kind, to_level: steps beyond the first
  CounterMap paged;              // team, severity: incidents
  CounterMap pages;              // team, severity, hours: first pages accepted (one per cycle)
  CounterMap repages;            // team, severity: of pages, those of later cycles
  CounterMap person_pages;       // person: of a policy, accepted (one per cycle and person)
  CounterMap resolved_unacked;   // team, severity; when it is reopened no more
  CounterMap outcomes;           // outcome, outcome_source, team
  CounterMap snoozed;            // team, severity
  CounterMap reopened;           // team, severity
  CounterMap stale_acks;         // team, severity
  CounterMap ack_reminders;      // team, severity
  CounterMap flapping;           // team, severity
  CounterMap reassigned;         // team, acked ("yes", "no")
  CounterMap merged;             // source
  uint64_t dropped = 0;          // Sooner than retention, for limits::kIncidents.
  uint64_t cut = 0;              // Pages whose texts were too long.

  HistogramMap mitigate_seconds;  // team, severity: opened -> mitigated; with the end
  HistogramMap close_seconds;     // team, severity: opened -> the end was told; when it counts
  HistogramMap ack_to_resolve;    // team, severity: first ack of a person -> end; with the end
  HistogramMap alerts;            // team, severity: alerts of an incident; with the end
  GaugeMap engaged_seconds;       // team: from acks of people until it was over or came back
  CounterMap clock_skew;          // delay: those that were negative, and taken for 0
  CounterMap responses;           // level, met ("yes", "no")
  CounterMap postmortems;         // status: "required", "draft", "reviewed", "reviewed_late"
  CounterMap forgotten;           // receiver, team, service: resolved ones that are kept no longer

  Stats();
};

// Why a step of a policy comes: "timeout", for nobody has acknowledged; "manual", somebody asked
// for it; "policy", a rule of automation did. `by`: who, or which rule; "": nobody.
struct Cause {
  const char* kind = "timeout";
  std::string by = {};
};
// Of the step of `policy` that is not on the timeline yet. Any thread.
Cause CauseOfStep(const Incident& incident, const std::string& policy);

// Whether somebody asked for `to` a moment ago: who says so again, or twice, means one call.
bool IsCalledLately(const Incident& incident, const std::string& to, WallTime now);

// The notes of a timeline as they hold now, in order.
struct Note {
  size_t number = 0;
  const Event* event = nullptr;  // Who wrote it, and when.
  std::string text;              // As it was corrected last.
};
std::vector<Note> NotesOf(const Incident& incident);

// JSON of one incident: the API's shape and the store's value.
std::string ToJson(const Incident& incident);
// Reads it back, also as earlier versions wrote it. Errors: kCorrupt.
Result<Incident> FromJson(std::string_view json, const config::Incidents& terms = {});

}  // namespace watchfire::incident
