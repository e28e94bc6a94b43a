// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Who is called besides the policies that run, because somebody said so: the new owner of an
// incident, whom a rule of automation names, or whom a person asks for (calling.cc). A call is an
// escalation of its own, whose Id holds its name (oncall/call.h) where others hold their policy's:
// all that is remembered of it is there, and nothing here. Part of Core; owned by the core thread.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pkg/base/result.h"
#include "pkg/core/core.h"

namespace watchfire::core {

class Core::Calls {
 public:
  // Borrows the core that owns it.
  explicit Calls(Core* core) : core_(*core) {}

  // The name by which policies tell somebody who is called so: `said` itself if nobody is.
  std::string PersonIn(const std::string& said) const;

  // Before an incident is given to somebody: whether that is a person who has to be called. Puts it
  // into `act`, with the owner's name as the incident has it.
  void LookAtOwner(const incident::Incident& before, const incident::Ack& by,
                   incident::Reassign* act) const;
  // The incident, which was `before`, was given to somebody who may not know yet. Returns what
  // whoever did so should know; "" when the new owner is told, or knows.
  std::string CallOwner(const incident::Incident& before, const IncidentCommand& event);
  // The ack of an incident is over, for it was given to somebody else: its policies go on where
  // that had stopped them, and spare whoever had acknowledged.
  void GoOnAfterAck(uint64_t incident);

  // Somebody acknowledged the incident, which was `before`, and is paged for it no more. An ack of
  // another than holds it already stops the policies as well that began since that one's.
  void NoteAck(const incident::Incident& before, const std::string& by);

  // A policy begins for the incident: whoever acknowledged that and gave it away is not called by
  // this one either.
  void SpareAsOthers(RunningEscalation* running, const incident::Incident& incident);

  // What joined the incident is graver than all before, and whoever its policies have told did not
  // answer: they begin again, for a step may be an hour off. They spare who had acknowledged.
  void BeginAgain(const incident::Incident& incident);

  // The next step of the policies that run for the incident is due now, or of `only` one.
  // `is_trial`: says whether there is one, and does nothing. Errors: kConflict when there is none.
  Status EscalateNow(uint64_t incident, bool is_trial = false, const std::string& only = "");
  // A rule calls the policy, or whoever the call names. A policy that runs for the incident already
  // goes on with its next step, and no other begins. Errors: kConflict when the incident is over or
  // in hand; those of EscalateNow.
  Status CallForRule(uint64_t incident, const std::string& name);

  // Before somebody is called because a person said so: whether that can be, and who it is, which
  // is put into `act`. Errors: kNotFound, kConflict.
  Status LookAtCall(const incident::Incident& before, incident::Escalate* act);
  // Calls them; "": the next step of what runs. It stands on the timeline of the incident, which
  // was `before`. Errors: those of EscalateNow.
  Status CallNow(const incident::Incident& before, const std::string& to);

  // Whether nobody need hear that this call was not answered: a policy is still to call others.
  bool IsLeftToOthers(const RunningEscalation& running);
  // A policy of the incident has come to its end, and the fallback hears of it: once, not also for
  // each of those that were called besides and did not answer.
  void EndCallsOf(uint64_t incident);

 private:
  bool PagesForSome(const RunningEscalation& running) const;
  // The next step of a policy that runs, now: for what is left of the incident if all that it was
  // of has gone. Errors: those of EscalateNow.
  Status GoOn(const incident::Incident& incident, const std::string& policy);
  // Begins the policy, or call, for the incident, from its first step.
  void Call(const incident::Incident& incident, const std::string& name,
            RunningEscalation::Called called);
  // The policy or call that `to` means, under the name that its escalation has, whatever alias was
  // said. Errors: kNotFound.
  Result<std::string> CalledAs(const std::string& to);
  // Whoever pages for the incident begins again, but spares who had acknowledged it.
  void TellReceiverAgain(const incident::Incident& incident);

  Core& core_;
};

}  // namespace watchfire::core
