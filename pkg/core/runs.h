// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What rules of automation do about incidents (automating.cc), what of it takes time
// (automation_runs.cc), and how tickets are told of the end (ticket_ends.cc). Which runs there are
// says the book (automation::Book), which is stored; what is kept here beside it begins anew with
// each life of the process. Part of Core; owned by the core thread.

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pkg/base/result.h"
#include "pkg/base/time.h"
#include "pkg/core/automating.h"
#include "pkg/core/core.h"

namespace watchfire::core {

class Core::Runs {
 public:
  // Borrows the core that owns it.
  explicit Runs(Core* core) : core_(*core) {}

  // Looks at the incidents that have changed, and does, sends and asks what is due.
  void Automate();
  // The configuration is another one: what is under way is taken up again by the next Automate().
  void ResumeAnew() { resumed_ = false; }
  // Somebody approves of a run, or does not; answers when that is stored.
  void Decide(AutomationCommand event);
  // The end of an attempt. Returns whether it is about a message of a run, or of a ticket's end.
  bool OnRunAttempted(const Attempted& event);
  // The answer to an AutomationQuery.
  void OnVerified(const AutomationQuery& query, const Result<promql::Vector>& result);
  // Drops what belongs to runs that the book has forgotten.
  void DropForgotten();

  // When there is something to do; nullopt: never, as things are.
  std::optional<MonoTime> NextOfRuns(Now now) const;
  // On the wire: tickets that are opened, playbooks, and what tickets are told of the end.
  size_t RunsInFlight() const;
  // For readers, the last ones first: `all`, or those that are open and the last
  // limits::kAutomationRunsShown.
  std::vector<automation::Run> AutomationRuns(bool all) const;
  void AddAutomationTo(Stats* stats) const;

 private:
  using Sends = std::map<std::string, AutomationSend>;  // By run.

  void ResumeRuns();
  void LookAt(uint64_t incident);
  automation::Subject SubjectOf(const incident::Incident& incident) const;
  bool MayGoOn(const automation::Run& run, const automation::Subject* subject) const;
  void Carry(const std::string& run);
  Status DoForRule(const automation::Run& run, const config::AutomationRule& rule,
                   incident::Act act);
  void Escalate(const automation::Run& run, const config::AutomationRule& rule);
  void NoteRun(const std::string& run, const std::string& text);
  void SettleRun(const std::string& run, automation::Outcome outcome, std::string text);
  void GiveUpRun(const std::string& run);
  Ticket StoreRuns();

  // Messages, and questions (automation_runs.cc).
  std::vector<std::string> DueOf(const Sends& sends) const;
  bool HasRoom(AutomationSend* send) const;
  bool HasTurn(AutomationSend* send, const Audience& to);
  void SendForRuns();
  void SendFor(const std::string& run);
  std::shared_ptr<const dispatch::Notification> MessageFor(const automation::Run& run,
                                                           const incident::Incident& incident,
                                                           const Audience& to);
  void Verify(const std::string& run, const std::string& why);
  void AskForRuns();

  // Tickets are told of the end of their incident (ticket_ends.cc).
  void LookAtTickets(uint64_t incident);
  AutomationSend& BeginTicketEnd(const std::string& run);
  uint64_t OpenWithTicket(const automation::Run& run) const;
  void SendTicketEnds();
  void SendTicketEnd(const std::string& run);
  std::shared_ptr<const dispatch::Notification> TicketEndFor(const automation::Run& run,
                                                             const Audience& to);
  bool OnTicketEndAttempted(const Attempted& event);
  void SettleTicket(const std::string& run, automation::TicketState state, const std::string& why);

  Core& core_;
  Sends sends_;                                    // Those kActing by message.
  std::map<std::string, AutomationCheck> checks_;  // By run: those kVerifying.
  Sends ticket_ends_;                              // Tickets that are kClosing.
  bool resumed_ = false;                           // Since the start, or the last reload.
};

}  // namespace watchfire::core
