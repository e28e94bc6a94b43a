// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// How good the alerting was over a period: times to page, acknowledge and resolve, noise, pages by
// the hour of the day, by team, severity, service, day and person. Recomputed from the incidents
// and their timelines, so that a restart changes no figure. Pure; any thread.
//
// Definitions: reference paging-backends §7 (M1, M2, M4, M5, M6, M8). A cycle begins when an
// incident opens, is reopened, or comes back from an ack or snooze; it counts for the period in
// which a vendor first accepted a page of it. Acks of people count, those of rules do not.

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <cctz/time_zone.h>

#include "pkg/base/time.h"
#include "pkg/incident/incident.h"
#include "pkg/oncall/clocks.h"

namespace watchfire::incident {

inline constexpr size_t kCulprits = 20;
// So many keys has each split, and people; what comes beyond them is counted as kOthers.
inline constexpr size_t kSplitKeys = 1000;
inline constexpr const char* kOthers = "(others)";
// So much of one cycle counts as somebody's engagement: nobody works longer without a break.
inline constexpr std::chrono::hours kEngagedTime{12};

// An ack that came this long before a vendor said that it took the page is still an answer to it,
// and took no time; what came earlier is none.
inline constexpr std::chrono::minutes kOvertakes{1};

// Seconds, over `count` incidents or cycles; all zero when there were none.
struct Spread {
  size_t count = 0;
  double mean = 0;
  double p50 = 0;  // Nearest rank.
  double p90 = 0;
  double max = 0;
};

// Of pages, by the local time of day. Source: PagerDuty's classes of interruptions.
enum class Hours {
  kBusiness,  // Monday to Friday, 08–18.
  kOff,       // What is neither.
  kSleep,     // 22–08.
};
Hours HoursOf(WallTime at, const cctz::time_zone& zone);
const char* HoursName(Hours hours);  // "business", "off", "sleep"

// Whom a page of that text reached by a policy: "ada" of "ada through ada-app". "" for other pages,
// and for those of the fallback, that is nobody in particular.
std::string PagedPerson(const std::string& text);

struct Figures {
  size_t incidents = 0;                    // That were opened in the period.
  size_t merged = 0;                       // Of these: another one went on in its place.
  size_t paged = 0;                        // Of these: a page was accepted.
  size_t escalated = 0;                    // Of these: it went beyond the first step of its policy.
  size_t alerts = 0;                       // Of the incidents that were opened.
  size_t flapping = 0;                     // Of these: the rule called it so.
  size_t by_human = 0;                     // Of these: a person noticed it, not monitoring.
  size_t unresolved = 0;                   // Of these: open at the end of the period.
  std::map<std::string, size_t> outcomes;  // Classified and over, by OutcomeName().
  size_t classified_by_rule = 0;
  // What happened in the period.
  size_t pages = 0;  // One for each cycle, however many channels it took.
  size_t pages_business = 0;
  size_t pages_off = 0;
  size_t pages_sleep = 0;
  size_t repages = 0;  // Of pages: of cycles after the first.
  size_t resolved = 0;
  size_t timed_out = 0;         // Of these: a policy gave up, or nobody repeated what fired.
  size_t resolved_unacked = 0;  // Paged, and no person ever acknowledged.
  size_t reopened = 0;
  size_t returned = 0;  // From an ack that ran out, or a snooze that was over.
  // Incidents opened whose beginning is known: from then until we heard of it (M1 B).
  Spread detect_seconds;
  // The others: from when their sender says that they began to fire until we heard (M1 A).
  Spread ingest_seconds;
  Spread page_seconds;     // Incidents paged: from then until a vendor took the page.
  Spread ack_seconds;      // First cycles: from the page until somebody acknowledged (MTTA).
  Spread repage_seconds;   // The same of later cycles.
  Spread resolve_seconds;  // Incidents resolved, timeouts excepted: from their opening (MTTR).
  Spread close_seconds;    // The same incidents: until their end was told, and they were resolved.
  // The same incidents: from the first ack of a person.
  Spread ack_to_resolve_seconds;

  size_t over() const { return incidents - unresolved; }  // Of those opened.
  // Promises (`incidents.response_targets`, `.postmortem`).
  size_t responses_met = 0;       // Of incidents opened: somebody took it within the target.
  size_t responses_missed = 0;    // Nobody did.
  Spread mitigate_seconds;        // Incidents mitigated: from their opening until it hurt no more.
  size_t postmortems_wanted = 0;  // Of incidents resolved: those that want one,
  size_t postmortems_reviewed = 0;  // that have one, reviewed by whenever,
  size_t postmortems_late = 0;      // and that had none when it was due, or have none now.

  size_t classified() const;
  size_t noise() const;  // Noise, false positives and duplicates.
  size_t Outcomes(Outcome outcome) const;
};

struct Person {
  size_t acks = 0;     // Cycles that this person acknowledged first.
  Spread ack_seconds;  // Of these.
  Duration engaged{};  // From acks until the incident was over or came back.
  // Cycles of which an escalation policy paged this person, each once however many contacts that
  // took; counted when the first of these had the page (M8).
  size_t pages = 0;
  size_t pages_business = 0;
  size_t pages_off = 0;
  size_t pages_sleep = 0;
  size_t interruptions = 0;  // The same, but pages within kInterruption of the first are one.
};
inline constexpr std::chrono::minutes kInterruption{5};

// An alert that opened incidents.
struct Culprit {
  std::string alert;
  size_t incidents = 0;
  size_t noise = 0;
};

// By the names of the alerts that a vendor accepted a page of, each as of its last one.
struct RunbookCoverage {
  size_t with_runbook = 0;
  size_t without = 0;
  std::vector<std::string> missing;  // At most kCulprits of those without, those of most incidents
                                     // first.
};

struct Period {
  WallTime from = kNoTime;   // Inclusive.
  WallTime until = kNoTime;  // Exclusive.
};

struct Analytics {
  Figures total;
  std::map<std::string, Figures> by_team;
  std::map<std::string, Figures> by_severity;
  std::map<std::string, Figures> by_service;  // "none": the alerts named none.
  std::map<std::string, Figures> by_day;      // "2026-08-22", local; only days with something.
  std::map<std::string, Person> people;
  std::vector<Culprit> culprits;  // At most kCulprits, those with most incidents first.
  RunbookCoverage runbooks;
};

// Hours of pages are read off the clock of the person whom the page reached, days off that of
// `clocks.zone`. `team`: only this team's incidents; empty: all. People who acknowledge are counted
// under the name that `roster` has for what they call themselves at a vendor; null: as they say.
Analytics Analyze(const std::map<uint64_t, std::shared_ptr<const Incident>>& incidents,
                  const Period& period, const oncall::Clocks& clocks, std::string_view team = {},
                  const oncall::Roster* roster = nullptr);

}  // namespace watchfire::incident
