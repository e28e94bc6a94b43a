// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// A ticket that a rule created is told of the end of its incident: a comment, and as its receiver
// says, that it is resolved.
//
//   the incident is over --LookAtTickets--> kClosing, stored with that --> message, tried again
//   until it is taken --> kClosed, or kLeft when it is refused or its time is over
//
// The ticket is that of a group, which runs of several rules or cycles may share: one of them tells
// it. Of an incident that was merged the end is that of the one that goes on.

#include <algorithm>
#include <set>
#include <utility>

#include "pkg/base/strings.h"
#include "pkg/core/runs.h"
#include "pkg/dispatch/ticket_name.h"

namespace watchfire::core {
namespace {

using automation::TicketState;

constexpr Duration kTimeout = std::chrono::seconds(30);   // Of one attempt.
constexpr Duration kPatience = std::chrono::minutes(15);  // For the message to be taken.

}  // namespace

AutomationSend& Core::Runs::BeginTicketEnd(const std::string& id) {
  const auto [place, is_new] = ticket_ends_.try_emplace(id);
  if (is_new) place->second.until = core_.now_.mono + kPatience;
  return place->second;
}

void Core::Runs::LookAtTickets(uint64_t incident_id) {
  auto incident = core_.incidents_.Find(incident_id);
  if (incident == nullptr) return;
  for (const uint64_t merged : incident->merged) LookAtTickets(merged);
  while (incident != nullptr && incident->merged_into != 0) {
    incident = core_.incidents_.Find(incident->merged_into);
  }
  const bool is_over = incident == nullptr || !IsOpen(incident->state);
  std::set<std::pair<std::string, std::string>> told;  // Receiver, group.
  for (const std::string& id : core_.automation_.TicketsOf(incident_id)) {
    const automation::Run& run = *core_.automation_.Find(id);
    const config::AutomationRule* rule = core_.automation_.RuleOf(run);
    const bool is_closing = run.ticket == TicketState::kClosing;
    if (is_over) {
      const std::string receiver = rule == nullptr ? "" : rule->receiver;
      if (!told.emplace(receiver, run.ticket_group).second) {
        ticket_ends_.erase(id);
        core_.automation_.SetTicket(id, TicketState::kNone);
      } else if (!is_closing) {
        BeginTicketEnd(id);
        core_.automation_.SetTicket(id, TicketState::kClosing);
      }
      continue;
    }
    // It was reopened. What is on the wire may close the ticket; the next end tells it again.
    if (!is_closing) continue;
    ticket_ends_.erase(id);
    core_.automation_.SetTicket(id, TicketState::kOpen);
  }
}

// An incident that is open and whose ticket is this one too, which then sees to it; 0: none is.
uint64_t Core::Runs::OpenWithTicket(const automation::Run& run) const {
  const auto first = core_.incidents_.Find(run.incident);
  const auto other =
      first == nullptr ? nullptr : core_.incidents_.FindOpen(first->receiver, run.ticket_group);
  if (other == nullptr) return 0;
  const auto has_ticket = [&](const std::string& id) {
    const automation::Run& its = *core_.automation_.Find(id);
    return its.rule == run.rule && its.ticket_group == run.ticket_group;
  };
  return std::ranges::any_of(core_.automation_.TicketsOf(other->id), has_ticket) ? other->id : 0;
}

void Core::Runs::SendTicketEnds() {
  const std::vector<std::string> due = DueOf(ticket_ends_);
  for (const std::string& id : due) SendTicketEnd(id);
  if (!due.empty()) StoreRuns();
}

void Core::Runs::SendTicketEnd(const std::string& id) {
  const automation::Run* run = core_.automation_.Find(id);
  AutomationSend& end = ticket_ends_.at(id);
  if (run == nullptr) {  // Forgotten with its incident.
    ticket_ends_.erase(id);
    return;
  }
  const config::AutomationRule* rule = core_.automation_.RuleOf(*run);
  const config::Receiver* receiver = rule == nullptr ? nullptr : core_.FindReceiver(rule->receiver);
  const config::Integration* to = FindAble(receiver, run->action);
  if (to == nullptr) {
    return SettleTicket(id, TicketState::kLeft, "the rule is configured no longer");
  }
  if (end.until <= core_.now_.mono) {
    return SettleTicket(id, TicketState::kLeft,
                        "not taken in time" + (end.why.empty() ? "" : ": " + end.why));
  }
  if (const uint64_t other = OpenWithTicket(*run); other != 0) {
    return SettleTicket(id, TicketState::kLeft,
                        "incident " + std::to_string(other) + " has the same ticket");
  }
  const Audience audience{*receiver, *to};
  if (!HasRoom(&end) || !HasTurn(&end, audience)) return;
  end.under_way = DeliveryId{++core_.last_id_};
  core_.Emit(Attempt{end.under_way, core_.config_, to, TicketEndFor(*run, audience), kTimeout,
                     core_.roster_});
}

// The group may be gone by now; then its key is all there is, by which the ticket is found.
std::shared_ptr<const dispatch::Notification> Core::Runs::TicketEndFor(const automation::Run& run,
                                                                       const Audience& to) {
  auto incident = core_.incidents_.Find(run.incident);
  while (incident != nullptr && incident->merged_into != 0) {
    incident = core_.incidents_.Find(incident->merged_into);
  }
  auto notification = std::make_shared<dispatch::Notification>();
  const auto first = core_.incidents_.Find(run.incident);
  const auto groups = core_.dispatcher_->FindByKey(run.ticket_group, first ? first->receiver : "");
  if (!groups.empty()) {
    const dispatch::Group& group = *core_.dispatcher_->Find(groups.front());
    *notification = *core_
                         .MakeDelivery(group, to, core_.now_.wall, dispatch::Reason::kAllResolved,
                                       core_.SurveyOf(group).flush.alerts)
                         .notification;
  }
  notification->receiver = to.receiver.name;
  notification->integration = to.integration.kind;
  notification->index = to.integration.index;
  notification->group_key = run.ticket_group;
  notification->external_url = core_.options_.external_url;
  notification->at = core_.now_.wall;
  notification->reason = dispatch::Reason::kAllResolved;
  dispatch::VendorUpdate update;
  update.act = config::kVendorResolve;
  update.incident = run.incident;
  update.by =
      incident == nullptr || incident->resolved_by.empty() ? "Watchfire" : incident->resolved_by;
  update.text = "incident " + std::to_string(run.incident);
  update.at = incident == nullptr ? core_.now_.wall : incident->resolved_at;
  if (incident != nullptr && incident->ended_at > incident->opened_at) {
    const auto lasted =
        std::chrono::floor<std::chrono::seconds>(incident->ended_at - incident->opened_at);
    update.text += ", after " + FormatDuration(lasted);
  }
  notification->update = std::move(update);
  return notification;
}

// Returns whether it is about a ticket.
bool Core::Runs::OnTicketEndAttempted(const Attempted& event) {
  const auto found = std::ranges::find_if(
      ticket_ends_, [&](const auto& entry) { return entry.second.under_way == event.id; });
  if (found == ticket_ends_.end()) return false;
  AutomationSend& end = found->second;
  end.under_way = {};
  switch (event.kind) {
    case Attempted::Kind::kDone:
      SettleTicket(std::string(found->first), TicketState::kClosed,
                   dispatch::TicketName(event.data));
      break;
    case Attempted::Kind::kFail:
      SettleTicket(std::string(found->first), TicketState::kLeft, event.why);
      break;
    case Attempted::Kind::kRetry:
      end.why = event.why;
      end.due = core_.now_.mono + std::max(end.backoff.Next(&core_.rng_), event.retry_after);
      core_.Emit(Log{Log::Level::kWarn,
                     "automation: ticket not told of the end, will retry",
                     {{"run", found->first}, {"err", event.why}}});
      break;
  }
  StoreRuns();
  return true;
}

// `why`, of one that is closed: its name, if it is known.
void Core::Runs::SettleTicket(const std::string& id, TicketState state, const std::string& why) {
  ticket_ends_.erase(id);
  if (core_.automation_.Find(id) == nullptr) return;
  core_.automation_.SetTicket(id, state);
  const bool is_closed = state == TicketState::kClosed;
  const std::string what = is_closed ? "told of the end" : "not told of the end";
  NoteRun(id, what + (why.empty() ? "" : ": " + why));
  core_.Emit(Log{is_closed ? Log::Level::kInfo : Log::Level::kWarn,
                 is_closed ? "automation: ticket told of the end" : "automation: ticket left open",
                 {{"run", id}, {"why", why}}});
}

}  // namespace watchfire::core
