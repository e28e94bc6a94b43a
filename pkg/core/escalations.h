// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The escalations that run: one for each open incident and policy that it was handed over to. Each
// is an oncall::Escalation with the people that it has reached, and their contacts:
//
//   step 1 -> bo:  bo-app at once, bo-sms 1 min later, bo-voice 3 min later
//   step 2 -> lead: lead-app …
//
// What is kept here is what must outlive the process, and when there is something to do next. What
// is done is core's (escalating.cc). Time counts from the escalation's own start, on the monotonic
// clock; a record holds how much of it had passed at which time on the wall, so a wall clock that
// steps moves it by no more than the time for which the process was gone. Owned by the core thread.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "pkg/base/record.h"
#include "pkg/base/result.h"
#include "pkg/base/time.h"
#include "pkg/nflog/nflog.h"
#include "pkg/oncall/escalation.h"

namespace watchfire::core {

// A person and one of the receivers that reach him; for the fallback, person is kFallbackPerson.
struct PersonalContact {
  std::string person;
  std::string receiver;
  std::optional<Duration> due;  // Since the start: when the person is to be told, once more or not.
  // What has not been taken yet: receiver and key of the group, kind and index of the integration.
  std::set<std::tuple<std::string, std::string, std::string, int>> owed;
  // Receiver and key of the groups under whose keys it was told of the incident, or is to be: one,
  // unless incidents were merged that it knew. It may be a group that another policy pages for.
  std::set<std::pair<std::string, std::string>> leads;
  // Groups that its last page left out, for all of them was muted: it is told when they are not.
  std::set<std::pair<std::string, std::string>> muted;
  bool is_reached = false;  // Was to be told once: is told of the end.
  // Since the start: when the step told the person that this contact is owed or planned for, the
  // same for all whom that turn told. Of this run of the policy only.
  std::optional<Duration> told_at;
  bool has_taken = false;  // A page, since `told_at`.
  // Since the start: from when on it has owed the page, until its fallback is asked for that.
  std::optional<Duration> owed_since;
  // Of the incident, in which it was last to be told; 0 when the person has been told anew since.
  int cycle = 0;

  bool operator==(const PersonalContact&) const = default;
};

struct RunningEscalation {
  struct Id {
    uint64_t incident = 0;
    std::string policy;  // Or a call: oncall/call.h.

    auto operator<=>(const Id&) const = default;
  };
  using GroupRef = std::pair<std::string, std::string>;  // Receiver, group key.

  Id id;
  std::set<GroupRef> groups;  // That were handed over.
  bool send_resolved = true;  // Whether people are told of the end.
  // Whether it runs because its groups go to it, or because a rule of automation or a reassignment
  // called for it: then it is for this cycle alone, or for as long as the incident is that owner's.
  enum class Called { kNo, kByRule, kAsOwner } called = Called::kNo;
  // Of an owner's call: it runs this time because a rule called for it, which is an escalation.
  bool is_owner_by_rule = false;
  int cycle = 0;  // Of the incident: another one begins at the first step again.
  oncall::Progress progress;
  WallTime held_since = kNoTime;  // Of the ack or snooze that is known; kNoTime: none is.
  // Since the start: from when on one ack or snooze has followed another; nullopt: none is known.
  std::optional<Duration> held_from;
  std::optional<Duration> last_call;  // When the fallback is due, for the policy has run out.
  bool has_run_out = false;           // And it was told.
  bool is_over = false;               // The incident is, or is another one's: only ends are told.
  std::vector<PersonalContact> contacts;

  WallTime started = kNoTime;   // For people: the start of this cycle.
  MonoTime start{};             // The same, for what is waited for.
  std::optional<MonoTime> due;  // When there is something to do; not stored.
  // Due, or left by a process that stopped, while all its alerts are muted: it goes on with the
  // next step when one is not.
  bool is_muted = false;

  bool IsByRule() const { return called == Called::kByRule || is_owner_by_rule; }
  // Whether a contact of it owes a page under that key.
  bool Owes(const nflog::Key& key) const;
  // The contact of that person, made when there is none; null when there are too many.
  PersonalContact* ContactOf(const std::string& person, const std::string& receiver);
};

inline constexpr const char* kFallbackPerson = "(fallback)";

class Escalations {
 public:
  using Id = RunningEscalation::Id;
  using GroupRef = RunningEscalation::GroupRef;

  RunningEscalation* Find(const Id& id);
  // The new one of an incident; `id` has none yet.
  RunningEscalation& Add(RunningEscalation escalation);
  // Those of an incident, and those that a group was handed over to, or under whose key a contact
  // of theirs is told.
  std::vector<Id> OfIncident(uint64_t incident) const;
  std::vector<Id> OfGroup(const GroupRef& group) const;
  bool HasGroup(const GroupRef& group) const { return by_group_.contains(group); }
  void AddGroup(RunningEscalation* escalation, const GroupRef& group);
  // To be called when its groups, or its contacts' leads, are others than they were.
  void Index(const RunningEscalation& escalation);

  // Sets when there is something to do.
  void Arm(RunningEscalation* escalation, std::optional<MonoTime> due);
  void ArmAll(MonoTime due);
  // Those with something to do by `now`, each once; they are not armed any more.
  std::vector<Id> TakeDue(MonoTime now);
  std::optional<MonoTime> next_due() const;

  // The record of its state at `now`.
  static Record Encode(const RunningEscalation& escalation, Now now);
  // Returns what deletes it.
  Record Remove(const Id& id);
  // Takes back one stored record; it is armed for `now`. Errors: kCorrupt.
  Status Restore(const Record& record, Now now);

  // Which incident of the policy this is, from 0: turns of round_robin follow it. Written down by
  // the record, or a restart would begin with the first of the circle again.
  uint64_t NextSequence(const std::string& policy) { return sequences_[policy]++; }
  Record EncodeSequence(const std::string& policy) const;
  static bool IsSequence(const Record& record);
  // Takes back one that IsSequence(). Errors: kCorrupt.
  Status RestoreSequence(const Record& record);

  size_t size() const { return all_.size(); }
  bool empty() const { return all_.empty(); }
  const std::map<Id, RunningEscalation>& all() const { return all_; }

 private:
  void Unlist(const GroupRef& group, const Id& id);

  std::map<Id, RunningEscalation> all_;
  std::map<GroupRef, std::set<Id>> by_group_;
  std::map<Id, std::set<GroupRef>> groups_of_;  // What `by_group_` has of each.
  std::set<std::pair<MonoTime, Id>> timers_;
  std::map<std::string, uint64_t> sequences_;  // By policy: the next one.
};

}  // namespace watchfire::core
