// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// People and vendors in the simulated world: they acknowledge, put off, merge and close incidents,
// some of it for a while only. And what the world writes down of it for the checkers.

#include <algorithm>

#include "pkg/base/digest.h"
#include "pkg/oncall/call.h"
#include "tests/sim/timelines.h"
#include "tests/sim/world.h"

namespace watchfire::sim {
namespace {

// Whether a policy had told somebody of the incident before that event.
bool HasTold(const std::vector<incident::Event>& timeline, const std::string& policy,
             const incident::Event& before) {
  for (const incident::Event& event : timeline) {
    if (&event == &before) break;
    if (timelines::IsStep(event) && event.actor == policy) return true;
  }
  return false;
}

// Whether a policy that began for what joined the incident beside its ack tells whoever gets the
// page: nobody has acknowledged that, until somebody else does.
bool IsBeside(const incident::Incident& incident, const fakes::Accepted& page,
              const std::set<std::string>& own_policies) {
  const std::string contact = page.receiver.substr(0, page.receiver.find('/'));
  const auto tells = [&contact](const incident::Event& event) {
    if (!timelines::IsStep(event)) return contact == "everybody" || contact == "others";
    return timelines::NamesContact(event, contact) ||
           (contact == "ada-voice" && timelines::NamesContact(event, "ada-app"));
  };
  if (own_policies.size() == 1) return false;
  constexpr std::string_view kEnds[] = {"returned", "reopened", "resolved", "snoozed"};
  std::string holder;
  bool has_joined = false;
  bool is_beside = false;
  std::set<std::string> known;  // Policies that had told somebody before.
  for (const incident::Event& event : incident.timeline) {
    const bool is_end = std::ranges::find(kEnds, event.kind) != std::end(kEnds);
    if (is_end || (event.kind == "acked" && event.actor != holder)) {
      holder = is_end ? "" : event.actor;
      has_joined = is_beside = false;
    }
    const bool is_joining = event.kind == "merged" || event.kind == "rejoined";
    has_joined |= is_joining && !holder.empty();
    if (event.channel != "escalation" || !own_policies.contains(event.actor)) continue;
    if (!has_joined) known.insert(event.actor);
    is_beside |= has_joined && !known.contains(event.actor) && tells(event);
  }
  return is_beside;
}

// Whether the page is for somebody who had acknowledged the incident, and it was given away since,
// to others: policies spare him until they begin anew.
bool IsSpared(const incident::Incident& incident, const fakes::Accepted& page,
              const std::set<std::string>& own_policies) {
  const std::string person = page.receiver.substr(0, page.receiver.find('-'));
  constexpr std::string_view kBegins[] = {"returned", "reopened", "ran_out", "merged", "rejoined"};
  const auto& timeline = incident.timeline;
  for (auto event = timeline.rbegin(); event != timeline.rend(); ++event) {
    if (event->kind == "acked" && event->actor == person) return event->at < page.wall;
    if (event->kind == "reassigned" && event->text.ends_with(" to " + person)) return false;
    // Who is called is meant, though he gave it away. Loose: of others than a person that may be
    // anybody, at any time since. Of two policies the one that is called may not have begun.
    const bool is_own = own_policies.contains(event->text) &&
                        (own_policies.size() == 1 || HasTold(timeline, event->text, *event));
    const bool is_call = event->kind == "called" && !is_own;
    if (is_call && oncall::PersonOfCall(event->text).value_or(person) == person) return false;
    // By these policies go on where the ack had stopped them.
    const bool is_given = event->text.find(" is over: given to ") != std::string::npos ||
                          event->text.ends_with(" is called");
    if (!is_given && std::ranges::find(kBegins, event->kind) != std::end(kBegins)) return false;
  }
  return false;
}

}  // namespace

std::set<std::string> World::OwnPolicies() const {
  std::set<std::string> policies;
  for (const config::Receiver& receiver : config_->receivers) {
    for (const config::Integration& integration : receiver.integrations) {
      if (integration.kind != config::kEscalation) continue;
      policies.insert(static_cast<const config::Escalates*>(integration.options.get())->policy);
    }
  }
  return policies;
}

void World::Act(uint64_t id, const std::string& kind, incident::Act act) {
  Trace("incident " + std::to_string(id) + " is to be " + kind);
  core::IncidentCommand command;
  command.reply_to = RequestId{++last_request_};
  command.incident = id;
  command.ack = {"ada", incident::ActorType::kHuman, "sim", ""};
  command.act = std::move(act);
  acts_asked_[command.reply_to] = {id, kind, now().wall};
  Turn({std::move(command)});
}

void World::Give(uint64_t id, const std::string& to, const std::string& by) {
  // What is hers already is no news, and no event.
  const bool is_news = Read(core::kViewIncidents)->incidents.at(id)->owner != to;
  Trace("incident " + std::to_string(id) + " is given to " + to + " by " + by);
  core::IncidentCommand command;
  command.incident = id;
  command.ack = {by, incident::ActorType::kHuman, "sim", ""};
  command.act = incident::Reassign{to};
  Ask(std::move(command),
      [this, is_news, promise = Promise{id, "reassigned", now().wall}](const Status& status) {
        if (status && is_news) promises_.push_back(promise);
      });
}

void World::LetThemGive(uint64_t seed, std::vector<std::string> people) {
  giving_ = Rng(seed ^ 0x91f7ULL);
  givers_ = std::move(people);
  After(std::chrono::seconds(19), [this] { MaybeGive(); });
}

void World::MaybeGive() {
  if (faults_) {
    const auto view = Read(core::kViewIncidents);
    for (const auto& [id, incident] : view->incidents) {
      if (!IsOpen(incident->state) || !giving_.Chance(0.4)) continue;
      const std::string& to = givers_[giving_.Below(givers_.size())];
      const std::string& by = givers_[giving_.Below(givers_.size())];
      Give(id, to, by);
    }
  }
  After(std::chrono::seconds(30 + giving_.Below(200)), [this] { MaybeGive(); });
}

void World::Call(uint64_t id, const std::string& to, bool ends_ack) {
  // What was said a moment ago is one call, and one event.
  const auto before = Read(core::kViewIncidents)->incidents.at(id);
  const bool is_news = !incident::IsCalledLately(*before, to, now().wall);
  Trace("incident " + std::to_string(id) + ": " + to + " is called");
  core::IncidentCommand command;
  command.incident = id;
  command.ack = {"eve", incident::ActorType::kHuman, "sim", ""};
  command.act = incident::Escalate{to, ends_ack};
  Ask(std::move(command),
      [this, is_news, promise = Promise{id, "called", now().wall}](const Status& status) {
        if (status && is_news) promises_.push_back(promise);
      });
}

void World::LetThemCall(uint64_t seed, std::vector<std::string> whom) {
  calling_ = Rng(seed ^ 0xca11ULL);
  called_ = std::move(whom);
  After(std::chrono::seconds(23), [this] { MaybeCall(); });
}

void World::MaybeCall() {
  if (faults_) {
    const auto view = Read(core::kViewIncidents);
    for (const auto& [id, incident] : view->incidents) {
      if (!IsOpen(incident->state) || !calling_.Chance(0.4)) continue;
      const std::string& to = called_[calling_.Below(called_.size())];
      Call(id, to, /*ends_ack=*/calling_.Chance(0.5));
    }
  }
  After(std::chrono::seconds(30 + calling_.Below(200)), [this] { MaybeCall(); });
}

void World::Ask(core::IncidentCommand command, std::function<void(const Status&)> then) {
  command.reply_to = RequestId{++last_request_};
  asked_[command.reply_to] = std::move(then);
  Turn({std::move(command)});
}

void World::Decide(const std::string& run, bool is_approved) {
  Trace("run " + run + (is_approved ? " is approved" : " is refused"));
  const RequestId request{++last_request_};
  decisions_asked_[request] = {run, is_approved};
  Turn({core::AutomationCommand{request, run, is_approved, "ada"}});
}

void World::MaybeAct() {
  if (faults_) {
    const auto view = Read(core::kViewIncidents);
    std::vector<uint64_t> open;
    for (const auto& [id, incident] : view->incidents) {
      if (IsOpen(incident->state)) open.push_back(id);
    }
    for (const uint64_t id : open) ActOn(*view->incidents.at(id), open);
  }
  After(std::chrono::seconds(20 + rng_.Below(150)), [this] { MaybeAct(); });
}

void World::ActOn(const incident::Incident& incident, const std::vector<uint64_t>& open) {
  const incident::Until end{kNoTime, std::chrono::seconds(20 + rng_.Below(580))};
  const bool is_acked = incident.state == incident::State::kAcknowledged;
  // Of what a rule acknowledged a person takes over. What was done to another a moment ago may have
  // ended the ack.
  const auto ack = Read(core::kViewIncidents)->incidents.at(incident.id)->ack;
  const bool is_note = ack && ack->by != "ada" && !ack->is_automatic;
  const uint64_t other = open[rng_.Below(open.size())];
  switch (rng_.Below(10)) {
    case 0:
    case 1:
    case 2:  // Without an end the second ack would say nothing; one of somebody else's is a note.
      Act(incident.id, is_note ? "note" : "acked",
          incident::Acknowledge{is_acked || rng_.Chance(0.6) ? end : incident::Until{}});
      break;
    case 3:
      Act(incident.id, "snoozed", incident::Snooze{end});
      break;
    case 4:
      if (!rng_.Chance(0.5)) break;
      NoteHandEnds(incident.id, "");
      Act(incident.id, "resolved", incident::Resolve{});
      break;
    case 5: {  // At the vendor, who knows its groups one by one.
      core::IncidentCommand command;
      command.reply_to = RequestId{++last_request_};
      command.entity_id = incident.groups[rng_.Below(incident.groups.size())].entity_id;
      command.ack = {"bob", incident::ActorType::kHuman, "victorops", ""};
      if (rng_.Chance(0.3)) {
        command.act = incident::Resolve{};
        NoteHandEnds(incident.id, command.entity_id);
        // What somebody's VictorOps was told of as one ends as one.
        for (const fakes::Accepted& page : vendor_.accepted) {
          const bool is_its = page.receiver.ends_with("/victorops") &&
                              Sha256Hex(page.group_key) == command.entity_id;
          for (const incident::Group& group : incident.groups) {
            if (is_its && SpeaksOf(page, group.group_key)) NoteHandEnd(group.group_key);
          }
        }
      }
      Turn({std::move(command)});
      break;
    }
    case 6:
      if (other == incident.id) break;
      merged_into_ = {other, mono_, {}};
      for (const incident::Group& group : Read(core::kViewIncidents)->incidents.at(other)->groups) {
        merged_into_.groups.push_back(group.group_key);
      }
      Act(incident.id, "merged", incident::Merge{other});
      break;
    default:
      break;
  }
}

// Which groups came back is asked a moment later: nobody may ask core in the midst of a turn.
void World::NoteReturn(uint64_t id) {
  returns_[id] = mono_;
  if (merged_into_.id == id && merged_into_.at == mono_) {
    // Only what was in hand came back, not what was merged with it.
    for (const std::string& group : merged_into_.groups) group_returns_[group].push_back(mono_);
    return;
  }
  At(mono_, InThisLife([this, id, at = mono_] {
       const auto view = Read(core::kViewIncidents);
       for (const incident::Group& group : view->incidents.at(id)->groups) {
         group_returns_[group.group_key].push_back(at);
       }
     }));
}

bool World::IsOf(const std::string& name, const std::string& group_key) const {
  const auto truth = truths_.find(name);
  if (truth == truths_.end()) return false;
  const bool is_by_name = group_key.find("{alertname=") != std::string::npos;
  const std::string value = is_by_name ? name : std::string(truth->second.labels.Get("service"));
  return group_key.ends_with("\"" + value + "\"}");
}

bool World::SpeaksOf(const fakes::Accepted& message, const std::string& group_key) const {
  return std::ranges::any_of(message.firing,
                             [&](const std::string& name) { return IsOf(name, group_key); });
}

// Asked before the act: the groups of what is over are gone. `entity_id`: this one; "": all.
void World::NoteHandEnds(uint64_t id, const std::string& entity_id) {
  const auto view = Read(core::kViewIncidents);
  for (const incident::Group& group : view->incidents.at(id)->groups) {
    if (entity_id.empty() || group.entity_id == entity_id) NoteHandEnd(group.group_key);
  }
}

void World::NotePageRequest(const core::Attempt& attempt) {
  const dispatch::Notification& notification = *attempt.notification;
  const bool is_pager = attempt.integration->pages && notification.receiver == "on-call";
  const bool is_person = attempt.config->oncall.roster != nullptr && notification.firing();
  if (!is_pager && !is_person) return;
  WallTime heard = kNoTime;  // When the receiver last took something about the group.
  for (const fakes::Accepted& message : vendor_.accepted) {
    const bool is_its =
        message.receiver == notification.receiver + "/" + notification.integration &&
        message.group_key == notification.group_key;
    if (is_its) heard = message.wall;
  }
  // People are told of all groups of an incident under the key of one.
  const auto is_about = [this, is_person](const fakes::Accepted& said, const std::string& group) {
    return is_person ? SpeaksOf(said, group) : said.group_key == group;
  };
  const auto is_paged = [](const std::string& receiver) {
    return receiver == "on-call" || receiver == "store";
  };
  At(mono_, InThisLife([this, heard, is_about, is_paged,
                        request = PageRequest{MessageOf(attempt, true)}]() mutable {
       const auto view = Read(core::kViewIncidents);
       for (const auto& [id, incident] : view->incidents) {
         const bool is_its =
             std::ranges::any_of(incident->groups, [&](const incident::Group& group) {
               return is_paged(group.receiver) && is_about(request.said, group.group_key);
             });
         if (is_its && IsOpen(incident->state)) request.incidents.insert(id);
         request.is_spared |= is_its && IsSpared(*incident, request.said, OwnPolicies());
         const auto& hold = incident->ack ? incident->ack : incident->snooze;
         if (!is_its || !hold || hold->since >= request.said.wall) continue;
         // It may be the page itself that led the group there, however long it waited for its turn.
         const WallTime from = std::max(heard, hold->since);
         const bool is_joining =
             std::ranges::any_of(incident->timeline, [&](const incident::Event& event) {
               return from <= event.at && event.at <= request.said.wall &&
                      (event.kind == "merged" || event.kind == "rejoined");
             });
         const bool is_beside = incident->ack && IsBeside(*incident, request.said, OwnPolicies());
         request.is_in_hand |= !is_joining && !is_beside;
       }
       page_requests_.push_back(request);
     }));
}

}  // namespace watchfire::sim
