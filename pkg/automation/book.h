// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The rules of `automation`, and what they have done: which rule is for which incident, when, how
// often within an hour, and whether a person has to agree first. What is then done is core's
// (core/automating.cc). A pure state machine, owned by the core thread; time is an argument.
//
//   Changed(incident) -> TakeIncidents -> Consider -> runs that may act  --Done--> counted
//                                            |  a person has to agree        ^
//                                            +--> waiting --Decide(yes)------+
//
// One run of a rule in one cycle of an incident: what the rule found, did or left undone there it
// does not do again, whatever restarts. And no incident is acknowledged twice by rules: what comes
// back is a person's.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "pkg/automation/run.h"
#include "pkg/base/histogram.h"
#include "pkg/base/record.h"
#include "pkg/base/result.h"
#include "pkg/base/time.h"
#include "pkg/config/automation.h"
#include "pkg/matcher/matcher.h"

namespace watchfire::automation {

// An open incident as rules see it.
struct Subject {
  uint64_t id = 0;
  int cycle = 0;
  WallTime cycle_at = kNoTime;
  std::string state;     // "triggered" …
  std::string severity;  // "SEV2"
  std::string title;
  std::string entity_id;
  std::vector<std::string> alerts;  // Their names.
  // Its firing alerts that match all of them, by fingerprint; with none, all that fire. At most
  // `most`, which is positive.
  std::function<std::set<uint64_t>(const matcher::Matchers&, size_t most)> find_alerts;
};

struct Stats {
  CounterMap runs;       // rule, action, result
  HistogramMap seconds;  // rule: from the first deed to its end, of what succeeded or not
  uint64_t refused = 0;  // Runs for which there was no room.
  Stats();
};

class Book {
 public:
  explicit Book(config::Automation terms = {}) : terms_(std::move(terms)) {}
  // Of a new configuration. Runs that go on follow their rule as it is now.
  void SetTerms(config::Automation terms) {
    terms_ = std::move(terms);
    gathered_.clear();  // Open incidents are looked at again.
  }
  const config::Automation& terms() const { return terms_; }

  // It may be one for a rule now, or no longer.
  void Changed(uint64_t incident);
  // Those to be considered now: changed ones, and those of which a rule's `after` is over.
  std::vector<uint64_t> TakeIncidents(WallTime now);
  // Begins what the rules say about it. Returns the ids of the runs that began, in the order of the
  // rules: each is done (a dry run, or too many), waits for a person, or is kActing: core's turn.
  std::vector<std::string> Consider(const Subject& subject, WallTime now);
  // The incident is over: it counts no more for others.
  void Over(uint64_t incident);
  // Whether its rule would still be for it, so that what waited may go on.
  bool IsStillFor(const Run& run, const Subject& subject, WallTime now) const;

  // Null: there is none.
  const Run* Find(const std::string& id) const;
  // The rule of a run; null when the configuration no longer has it with that action.
  const config::AutomationRule* RuleOf(const Run& run) const;
  // Those of the incident that go on.
  std::vector<std::string> OpenOf(uint64_t incident) const;
  // All that go on.
  const std::set<std::string>& open() const { return open_; }

  // A person's word on a run that waits: it is kActing, or rejected. Errors: kNotFound; kConflict
  // (it does not wait, or the rule has run max_per_hour times); kInvalidArgument (nobody is named,
  // or too long).
  Status Decide(const std::string& id, bool is_approved, const std::string& by, WallTime now);
  // Goes on with the next stage, until `due`. It is not done.
  void GoOn(const std::string& id, State state, WallTime due, std::string text);
  // It is not done, and is now.
  void Done(const std::string& id, Outcome outcome, std::string text, WallTime now);

  // What has become of a run's ticket; `group`, unless empty: the key that it is known by.
  void SetTicket(const std::string& id, TicketState state, const std::string& group = "");
  // Runs of the incident whose tickets are kOpen or kClosing, the newest cycle first.
  std::vector<std::string> TicketsOf(uint64_t incident) const;

  // Those that go on though their `due` has come.
  std::vector<std::string> Overdue(WallTime now) const;
  // When there is something to take, or overdue.
  std::optional<WallTime> next_due() const;
  // What changed since the last call, to be stored.
  std::vector<Record> TakeRecords();
  // Forgets runs of incidents that are not known; and beyond limits::kAutomationRuns of those that
  // are over, too. Returns the deletions.
  enum class Life { kUnknown, kOver, kOpen };
  std::vector<Record> Collect(const std::function<Life(uint64_t)>& life);
  // Takes back one stored record. Errors: kCorrupt.
  Status Restore(const Record& record);

  const std::map<std::string, Run>& runs() const { return runs_; }
  const Stats& stats() const { return stats_; }

 private:
  bool Fits(const config::AutomationRule& rule, const Subject& subject) const;
  bool AreEnough(const config::AutomationRule& rule, const Subject& subject, bool fits);
  bool HasAcknowledged(uint64_t incident) const;
  // When the rule, which has run max_per_hour times, may run again.
  WallTime FreeAt(const config::AutomationRule& rule, WallTime now) const;
  int ActedWithinHour(const std::string& rule, WallTime now) const;
  std::string Begin(const config::AutomationRule& rule, const Subject& subject, WallTime now);
  void Put(Run run);
  void Act(Run* run, WallTime now) const;

  config::Automation terms_;
  std::map<std::string, Run> runs_;
  std::map<uint64_t, std::set<std::string>> of_incident_;
  std::set<std::string> open_;
  std::set<std::pair<WallTime, std::string>> dues_;       // Of open_.
  std::map<std::string, std::multiset<WallTime>> acted_;  // By rule: in the last hour, or longer.
  // By rules that want several alerts: those that each incident that fits brings.
  std::map<std::string, std::map<uint64_t, std::set<uint64_t>>> gathered_;
  std::set<uint64_t> changed_;
  std::set<std::pair<WallTime, uint64_t>> timers_;  // When a rule's `after` is over.
  std::set<std::string> unsaved_;
  Stats stats_;
};

}  // namespace watchfire::automation
