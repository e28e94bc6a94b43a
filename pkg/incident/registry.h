// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// All incidents, and all that happens to them: pages and recoveries, people, the clock. A pure
// state machine, owned by the core thread. Every change is an event on the timeline and a record to
// store; time comes as an argument.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "pkg/base/record.h"
#include "pkg/base/result.h"
#include "pkg/base/time.h"
#include "pkg/config/incidents.h"
#include "pkg/incident/incident.h"
#include "pkg/incident/paged_rules.h"

namespace watchfire::incident {

// Open incidents and those resolved within retention.
class Registry {
 public:
  explicit Registry(config::Incidents terms = {}) : terms_(std::move(terms)) {}
  // Of a new configuration; what is done already stays as it is.
  void SetTerms(config::Incidents terms) { terms_ = std::move(terms); }

  // A page is about to go out: opens an incident unless one is open for its receiver and group, or
  // one was resolved so recently that it is reopened; both go on in another of their correlation if
  // one is open. Returns the records to store together with the intent to send. Texts beyond the
  // bounds of an incident (limits.h) are cut and counted.
  std::vector<Record> OnAttempt(Page page, WallTime now);
  // A vendor accepted (or finally refused) a page of that group. Returns the record to store;
  // nothing when the group has no open incident any more.
  std::optional<Record> OnPaged(const Page& page, WallTime now);
  std::optional<Record> OnPageFailed(const Page& page, const std::string& why, WallTime now);
  // An escalation policy or a rule of automation did something, or a vendor was told of something:
  // adds it to the timeline.
  // Nothing for an unknown incident.
  std::optional<Record> OnEscalated(uint64_t id, Event event);
  // Nothing of the group fires any more. Resolves its incident, unless that waits for other groups.
  // Returns the record to store; nothing when the group has no open incident. `ended_at` is when
  // its last alert was known to be over: a flush, and with it the resolution, may come a whole
  // group_interval later. kNoTime: now.
  enum class Recovery { kSaid, kSilence };  // What ended last was said to be over, or not repeated.
  std::optional<Record> OnRecovered(const std::string& receiver, const std::string& group_key,
                                    WallTime now, Recovery how = Recovery::kSaid,
                                    WallTime ended_at = kNoTime);

  // Does what `by` wants, and returns the records to store, which belong into one transaction.
  // Acknowledging is idempotent: the holder's second ack moves its end, if it names one, and
  // anybody else's adds a note; but a person takes over what automation acknowledged. Errors:
  // kNotFound, kConflict (over, merged, or no room left for it), kInvalidArgument (what is asked
  // makes no sense, or a text is too long).
  Result<std::vector<Record>> Apply(uint64_t id, const Act& act, const Ack& by, WallTime now);

  // What the clock did to an incident.
  struct Turn {
    enum class Kind {
      kReminded,
      kAckExpired,
      kSnoozeOver,
      kCounted,
      kUnanswered
    } kind = Kind::kReminded;
    uint64_t id = 0;
    std::string by;  // Whose ack or snooze; "": kCounted, kUnanswered.
    Record record;
  };
  // Reminds of acks that will expire; brings back what nobody holds any more: it is triggered, in a
  // new cycle; notes that nobody answered in time; and counts the end of what is reopened no more.
  std::vector<Turn> Advance(WallTime now);
  // A round of the policy `by` begins as if nobody had acknowledged: what somebody did acknowledge
  // is triggered, in a new cycle. Returns the record to store; nothing when nobody did.
  std::optional<Record> TakeBack(uint64_t id, const std::string& by, const std::string& why,
                                 WallTime now);
  // When Advance() next has work.
  std::optional<WallTime> next_due() const;

  // The open incident that the pages of this group belong to; null: none does.
  std::shared_ptr<const Incident> FindOpen(const std::string& receiver,
                                           const std::string& group_key) const;
  // The incident that the group's last pages belonged to, open or over; null: none is known.
  std::shared_ptr<const Incident> FindLast(const std::string& receiver,
                                           const std::string& group_key) const;
  // Whether the group has an open incident that somebody acknowledged or snoozed.
  bool IsInHand(const std::string& receiver, const std::string& group_key) const;
  // Open incidents a vendor knows under this entity id (one per receiver).
  std::vector<uint64_t> FindOpenByEntity(const std::string& entity_id) const;

  // Forgets incidents resolved before `before`, and the oldest resolved ones while there are more
  // than limits::kIncidents; returns the deletions.
  std::vector<Record> Collect(WallTime before);
  // Takes back one stored record. Errors: kCorrupt.
  Status Restore(const Record& record);

  // Null when it is not known (any more). A snapshot: it does not change.
  std::shared_ptr<const Incident> Find(uint64_t id) const;
  // Ids of those that changed since the last call.
  std::set<uint64_t> TakeChanged() { return std::exchange(changed_, {}); }
  // By id, oldest first. Snapshots: they do not change.
  const std::map<uint64_t, std::shared_ptr<const Incident>>& all() const { return incidents_; }
  // Ids of those that are open.
  const std::set<uint64_t>& open() const { return open_ids_; }
  const Stats& stats() const { return stats_; }
  // Of which alerts pages were accepted lately.
  PagedRules::Counts CountPagedRules(WallTime now) const { return paged_rules_.Count(now); }

 private:
  using GroupRef = std::pair<std::string, std::string>;  // receiver, group key
  struct OpenGroup {
    uint64_t id = 0;
    std::string entity_id;
  };
  using Records = std::vector<Record>;

  // From the pipeline (registry.cc).
  Record Open(const Page& page, WallTime now);
  Records Correlate(uint64_t id, Record record, WallTime now);
  std::optional<Record> ComeBack(const Incident& before, const Page& page, WallTime now);
  Record Continue(Incident incident, const Page& page, WallTime now);
  Record Reopen(Incident incident, const Page& page, WallTime now);
  Record EndGroups(Incident incident, const std::function<bool(const Group&)>& are_over,
                   const Ack& by, WallTime now, WallTime ended_at = kNoTime);
  Record Close(Incident incident, const Ack& by, WallTime now, WallTime ended_at = kNoTime);
  // From people (acts.cc).
  Result<Records> Do(Incident incident, const Acknowledge& act, const Ack& by, WallTime now);
  Result<Records> Do(Incident incident, const Resolve& act, const Ack& by, WallTime now);
  Result<Records> Do(Incident incident, const AddNote& act, const Ack& by, WallTime now);
  Result<Records> Do(Incident incident, const Reassign& act, const Ack& by, WallTime now);
  Result<Records> Do(Incident incident, const SetLevel& act, const Ack& by, WallTime now);
  Result<Records> Do(Incident incident, const SetRole& act, const Ack& by, WallTime now);
  Result<Records> Do(Incident incident, const Snooze& act, const Ack& by, WallTime now);
  Result<Records> Do(Incident incident, const Classify& act, const Ack& by, WallTime now);
  Result<Records> Do(Incident incident, const Merge& act, const Ack& by, WallTime now);
  Result<Records> Do(Incident incident, const Escalate& act, const Ack& by, WallTime now);
  Result<Records> Do(Incident incident, const Mitigate& act, const Ack& by, WallTime now);
  Result<Records> Do(Incident incident, const SetPostmortem& act, const Ack& by, WallTime now);
  Result<Records> Do(Incident incident, const CorrectNote& act, const Ack& by, WallTime now);
  Result<Records> MergeInto(uint64_t id, uint64_t into, const Ack& by, WallTime now);
  Result<WallTime> EndOf(const Until& until, WallTime now) const;
  void CountEnd(Incident* incident);
  void CountVerdict(const Incident& incident);
  void Judge(Incident* incident, Verdict verdict, const std::string& channel);
  // Figures (counting.cc).
  Stats& StatsOf(const Incident& incident) { return incident.is_test ? tests_ : stats_; }
  void CountOpened(const Incident& incident, const Page& page);
  void CountFromNothing(const Incident& incident);
  void CountPerson(const Incident& incident, const std::string& to);
  void CountPage(const Incident& incident, const Page& page, WallTime now);
  void CountOvertaken(const Incident& incident, WallTime now);
  void ObserveAck(const Incident& incident, ActorType type, double seconds);
  void CountEscalated(const Incident& incident);
  void CountEscalation(const Incident& incident, const Event& event);
  void CountEngaged(const Incident& incident, WallTime until, WallTime now);
  double Took(const char* delay, WallTime from, WallTime to);
  // Promises: to answer soon, to write down what was learnt (promises.cc).
  void AwaitAnswer(Incident* incident, WallTime now);
  void Answer(Incident* incident, const Ack& by, WallTime now);
  void Decide(Incident* incident, bool is_met);
  void WantPostmortem(Incident* incident) const;
  // From the clock (clock.cc).
  Turn Return(Incident incident, WallTime now);
  Turn MissTarget(Incident incident, WallTime now);

  // Takes the new state into every index.
  Record Put(Incident incident);
  void Index(const Incident& incident, size_t kept);
  void Unindex(const Incident& incident, size_t kept);

  config::Incidents terms_;
  uint64_t last_id_ = 0;
  std::map<uint64_t, std::shared_ptr<const Incident>> incidents_;
  std::set<uint64_t> open_ids_;
  std::set<uint64_t> changed_;                            // Since TakeChanged().
  std::map<GroupRef, OpenGroup> open_;                    // Whose pages belong where.
  std::map<GroupRef, uint64_t> latest_;                   // By the group that opened it.
  std::map<std::string, std::set<uint64_t>> correlated_;  // Open ones.
  std::set<std::pair<WallTime, uint64_t>> timers_;
  PagedRules paged_rules_;
  Stats stats_;
  Stats tests_;  // Of incidents that only test the way of a page, which count nowhere.
};

// The next time at which the clock changes this incident; kNoTime: never.
WallTime NextDue(const Incident& incident);

}  // namespace watchfire::incident
