// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The people whom an escalation reaches: audiences of its groups, as a fallback is (fallback.cc).

#include <algorithm>
#include <iterator>

#include "pkg/core/core.h"
#include "pkg/core/storms.h"
#include "pkg/oncall/duty.h"

namespace watchfire::core {
namespace {

constexpr Duration kGapsAhead = std::chrono::hours(24 * 7);
constexpr Duration kCoverageAhead = std::chrono::hours(24 * 28);

bool IsAllOver(const dispatch::Group& group, WallTime at) {
  return std::ranges::all_of(group.alerts,
                             [&](const auto& entry) { return entry.second->Resolved(at); });
}

// Of the alerts that the entry believes to fire those that are over, but one if that is all of
// them: who is told when all is over need not keep each of them in the group until then. Sorted.
std::vector<uint64_t> OverOf(const dispatch::Group& group, const nflog::Entry& entry, WallTime at) {
  std::vector<uint64_t> known;
  std::ranges::set_union(entry.firing, entry.attempted, std::back_inserter(known));
  std::vector<uint64_t> over;
  for (const uint64_t fingerprint : known) {
    const auto alert = group.alerts.find(fingerprint);
    if (alert != group.alerts.end() && alert->second->Resolved(at)) over.push_back(fingerprint);
  }
  if (!over.empty() && over.size() == known.size()) over.pop_back();
  return over;
}

}  // namespace

std::vector<Audience> Core::PeopleFor(const config::Receiver& receiver,
                                      const SharedText& group_key) const {
  std::vector<Audience> people;
  std::set<nflog::Key> seen;
  const RunningEscalation::GroupRef ref{receiver.name, group_key};
  for (const auto& id : escalations_.OfGroup(ref)) {
    const RunningEscalation& running = escalations_.all().at(id);
    const bool is_its = running.groups.contains(ref);
    for (const PersonalContact& contact : running.contacts) {
      const config::Receiver* through = FindReceiver(contact.receiver);
      if (!contact.is_reached || through == nullptr) continue;
      for (const auto& [via, lead] : contact.leads) {
        if (!is_its && ref != RunningEscalation::GroupRef{via, lead}) continue;
        for (const config::Integration& integration : through->integrations) {
          Audience who{*through, integration, via, true, contact.person, lead};
          const nflog::Key key = who.KeyIn(lead);
          if (!seen.insert(key).second) continue;
          // One message is of all policies that tell under the key, also when this group is none of
          // theirs.
          const auto all = RunningUnder(key);
          who.ends_only = std::ranges::none_of(
              all, [&](const RunningEscalation* other) { return other->Owes(key); });
          const bool is_told_ends = std::ranges::any_of(all, &RunningEscalation::send_resolved);
          if (who.ends_only && !is_told_ends) continue;
          people.push_back(std::move(who));
        }
      }
    }
  }
  return people;
}

std::vector<Audience> Core::FurtherFor(const config::Receiver& receiver,
                                       const SharedText& group_key) const {
  std::vector<Audience> all = StandInsFor(receiver);
  for (Audience& who : PeopleFor(receiver, group_key)) all.push_back(std::move(who));
  return all;
}

void Core::PlanPeople(const dispatch::Group& group) {
  if (escalations_.empty()) return;
  const RunningEscalation::GroupRef ref{group.route->receiver, group.key};
  if (!escalations_.HasGroup(ref)) return;
  for (const auto& id : escalations_.OfGroup(ref)) {
    RunningEscalation* running = escalations_.Find(id);
    if (running->is_muted && IsAudible(*running)) escalations_.Arm(running, now_.mono);
    TellOfUnmuted(running, ref);
  }
  const bool is_this_over = IsAllOver(group, now_.wall);
  std::vector<Audience> people;
  for (Audience& who : PeopleFor(ReceiverOf(*group.route), group.key)) {
    const nflog::Key key = who.KeyIn(group.key);
    const Delivery* busy = deliveries_.FindByKey(key);
    const bool is_over = is_this_over && IsOverElsewhere(key, ref);
    // What is on its way says what there is to say.
    if (!is_over && busy != nullptr && busy->page && StillHolds(*busy, group)) continue;
    // Whoever is called out goes back to bed when all is over, not when some of it is.
    const nflog::Entry* entry = nflog_.Find(key);
    const bool knows = entry != nullptr && !(entry->firing.empty() && entry->attempted.empty());
    if (who.ends_only && !is_over && knows) {
      if (auto record = nflog_.Forget(key, OverOf(group, *entry, now_.wall))) {
        Store(*std::move(record));
      }
    }
    if (who.ends_only && !(is_over && (knows || busy != nullptr))) continue;
    // Of several groups one tries again what was not taken.
    if (!who.ends_only && !is_over && busy == nullptr && !IsDriver(key, group)) continue;
    const bool is_fresh = !who.ends_only && !is_over && busy == nullptr;
    if (is_fresh && storms_->Holds(who, group)) continue;
    people.push_back(std::move(who));
  }
  if (people.empty()) return;
  std::optional<Survey> own;
  for (const Audience& who : people) {
    const nflog::Key key = who.KeyIn(group.key);
    bool is_planned = false;
    if (CoveredBy(key).size() > 1) {
      const Gathered all = Gather(key, group);
      is_planned = PlanStrictly(all.now.flush, all.group, who, all.now.muted, all.now.snoozed);
    } else {
      if (!own) own = SurveyOf(group);
      is_planned = PlanStrictly(own->flush, group, who, own->muted, own->snoozed);
    }
    if (is_planned && !who.ends_only) NoteMuted(key);
  }
}

bool Core::IsDriver(const nflog::Key& key, const dispatch::Group& group) const {
  // Equal siblings are told of together, and each of them speaks.
  if (group.key == key.group_key && group.route->receiver == key.owner()) return true;
  const dispatch::Group* driver = DriverOf(key);
  return driver != nullptr && driver->id == group.id;
}

// Whether what a page says of the group is still so, or can be helped no more. More may have begun
// to fire.
bool Core::StillHolds(const Delivery& page, const dispatch::Group& group) const {
  if (page.state == Delivery::State::kAttempting) return true;
  const RunningEscalation::GroupRef ref{group.route->receiver, group.key};
  const auto ids = escalations_.OfGroup(ref);
  const auto is_served_by = [&](const RunningEscalation::Id& id) {
    return Serves(escalations_.all().at(id), ref);
  };
  const bool is_one_of_several = CoveredBy(page.key).size() > 1;
  const bool is_lost = is_one_of_several && std::ranges::none_of(ids, is_served_by);
  return std::ranges::all_of(page.firing, [&](uint64_t fingerprint) {
    const auto alert = group.alerts.find(fingerprint);
    if (alert == group.alerts.end()) return is_one_of_several;  // It is another's.
    return !is_lost && !alert->second->Resolved(now_.wall) &&
           MutedBy(*alert->second, *group.route, now_.wall) == Muted::kNo;
  });
}

// `told`: alerts that it spoke of; null: of all that is not muted. Of groups that it left out, for
// they were muted or over, the contact is told when they are heard of again.
void Core::PersonTook(const nflog::Key& key, const std::vector<uint64_t>* told) {
  std::set<uint64_t> alerts;
  if (told != nullptr) alerts.insert(told->begin(), told->end());
  const auto says = [&](const RunningEscalation& running,
                        const RunningEscalation::GroupRef& group) {
    return told == nullptr ? !IsMuted(running, group) : HasAnyOf(group, alerts);
  };
  const auto all = RunningUnder(key);
  const auto is_said = [&](const RunningEscalation* running) {
    return std::ranges::any_of(running->groups,
                               [&](const auto& group) { return says(*running, group); });
  };
  // What it spoke of may be gone by now.
  const bool is_of_none = std::ranges::none_of(all, is_said);
  for (const RunningEscalation* one : all) {
    RunningEscalation* running = escalations_.Find(one->id);
    const bool is_its = is_of_none || is_said(one);
    if (!is_its && IsAudible(*running)) {
      escalations_.Arm(running, now_.mono);  // Another page is to say it.
      continue;
    }
    for (PersonalContact& contact : running->contacts) {
      if (contact.person != key.person || contact.receiver != key.receiver) continue;
      if (contact.owed.erase({key.via, key.group_key, key.integration, key.index}) == 0) continue;
      contact.has_taken = contact.has_taken || is_its;
      if (contact.owed.empty()) contact.owed_since.reset();
      for (const auto& group : running->groups) {
        if (!says(*running, group) && (!is_its || IsMuted(*running, group))) {
          contact.muted.insert(group);
        }
      }
      Save(*running);
    }
  }
}

// A page has been put together: of groups that it left out, for all of them is muted, the contact
// is told when it no longer is, be that page on the wire by then.
void Core::NoteMuted(const nflog::Key& key) {
  for (const RunningEscalation* one : RunningUnder(key)) {
    if (one->is_over || !one->Owes(key)) continue;
    RunningEscalation* running = escalations_.Find(one->id);
    for (PersonalContact& contact : running->contacts) {
      if (contact.person != key.person || contact.receiver != key.receiver) continue;
      for (const auto& group : running->groups) {
        if (IsMuted(*running, group)) contact.muted.insert(group);
      }
    }
    Save(*running);
  }
}

// The end was told under that key: of what comes its contact is told under the one that leads then.
void Core::ForgetEnded(const nflog::Key& key) {
  for (const RunningEscalation* one : RunningUnder(key)) {
    RunningEscalation* running = escalations_.Find(one->id);
    for (PersonalContact& contact : running->contacts) {
      if (contact.person == key.person && contact.receiver == key.receiver) ForgetLeads(&contact);
    }
    escalations_.Index(*running);
    Save(*running);
  }
}

// A person's receiver did not take the page in time: its fallback is another way to reach him. What
// is owed stays owed, and is tried again with the next flush.
void Core::PersonMissed(const nflog::Key& key) {
  for (const auto& id : escalations_.OfGroup({key.via, key.group_key})) {
    RunningEscalation* running = escalations_.Find(id);
    const auto missed = std::ranges::find_if(running->contacts, [&](const PersonalContact& one) {
      return one.person == key.person && one.receiver == key.receiver && !one.owed.empty();
    });
    if (missed == running->contacts.end()) continue;
    missed->owed_since.reset();
    CallStandIn(running, PersonalContact(*missed));
  }
}

// When the fallback of a contact is due that has not taken what it owes, since the start.
std::optional<Duration> Core::StandInDue(const PersonalContact& contact) const {
  const config::Receiver* receiver = FindReceiver(contact.receiver);
  if (contact.owed.empty() || !contact.owed_since || receiver == nullptr ||
      receiver->fallback.empty()) {
    return std::nullopt;
  }
  return *contact.owed_since + receiver->fallback_after;
}

// `missed` is no part of `running`, whose contacts may move.
void Core::CallStandIn(RunningEscalation* running, const PersonalContact& missed) {
  const config::Receiver* receiver = FindReceiver(missed.receiver);
  if (receiver == nullptr || receiver->fallback.empty()) return;
  PersonalContact* other = running->ContactOf(missed.person, receiver->fallback);
  if (other == nullptr || other->cycle == running->cycle) return;
  other->cycle = running->cycle;
  other->due = now_.mono - running->start;
  other->told_at = missed.told_at;
  other->has_taken = false;
  Emit(Log{Log::Level::kWarn,
           "page: not taken → sent to the fallback",
           {{"receiver", missed.receiver},
            {"person", missed.person},
            {"fallback", receiver->fallback},
            {"incident", std::to_string(running->id.incident)}}});
  Save(*running);
  escalations_.Arm(running, now_.mono);
}

// Nobody is paged any more by what was planned. A message on the wire gets its answer, and is not
// tried again.
void Core::DropPages(RunningEscalation* running) {
  for (PersonalContact& contact : running->contacts) {
    contact.due.reset();
    contact.told_at.reset();
    contact.muted.clear();
    Withdraw(&contact, [](const RunningEscalation::GroupRef&) { return true; });
  }
}

// The same, of one contact and the groups that `which` names. Returns whether it was owed any.
bool Core::Withdraw(PersonalContact* contact,
                    const std::function<bool(const RunningEscalation::GroupRef&)>& which) {
  const auto drops = [&](const auto& owed) {
    const auto& [via, group_key, kind, index] = owed;
    if (!which({via, group_key})) return false;
    const nflog::Key key{group_key, contact->receiver, kind, index, via, contact->person};
    DropPageUnder(key);
    ArmUnder(key);  // Another policy, or call, may owe it as well, and go on.
    return true;
  };
  return std::erase_if(contact->owed, drops) > 0;
}

// The page that waits under that key is not sent, and what is on the wire not tried again.
void Core::DropPageUnder(const nflog::Key& key) {
  storms_->Leave(key);
  Delivery* busy = deliveries_.FindByKey(key);
  if (busy == nullptr || !busy->page) return;
  if (busy->state == Delivery::State::kAttempting) {
    busy->is_stale = true;
  } else {
    Supersede(*busy);
  }
}

// The person is to be told now, again if need be: what the log says of that is put in doubt.
void Core::Reach(RunningEscalation* running, PersonalContact* contact) {
  contact->due.reset();
  const config::Receiver* receiver = FindReceiver(contact->receiver);
  if (receiver == nullptr) return;
  contact->is_reached = true;
  // Another turn while the last one has not got through does not set the fallback's clock back.
  if (contact->owed.empty() || !contact->owed_since)
    contact->owed_since = now_.mono - running->start;
  const auto lead = LeadOf(*running, *contact, *receiver);
  if (!lead) return;
  // One message says it all.
  Withdraw(contact, [&](const RunningEscalation::GroupRef& other) { return other != *lead; });
  ForgetLeads(contact);
  contact->leads.insert(*lead);
  escalations_.Index(*running);
  contact->muted.clear();
  for (const auto& group : running->groups) {
    if (IsMuted(*running, group)) contact->muted.insert(group);
  }
  const auto& [via, group_key] = *lead;
  for (const config::Integration& integration : receiver->integrations) {
    const nflog::Key key =
        Audience{*receiver, integration, via, false, contact->person}.KeyIn(group_key);
    contact->owed.insert({via, group_key, integration.kind, integration.index});
    storms_->Leave(key);
    // What is on the wire left before this turn: who gets it may take it for acknowledged.
    Delivery* busy = deliveries_.FindByKey(key);
    if (busy != nullptr && busy->page && busy->state == Delivery::State::kAttempting) {
      busy->came_back = busy->is_stale = true;
    } else if (busy != nullptr && busy->page && !SaysAll(*busy)) {
      Supersede(*busy);  // What has joined since is in this turn's.
    }
    const nflog::Entry* entry = nflog_.Find(key);
    if (entry == nullptr) continue;
    const std::vector<uint64_t> told = entry->firing;
    if (auto record = nflog_.Doubt(key, told)) outbox_.AddUrgent(*std::move(record), now_.mono);
  }
  UniteOwed(running->id.incident, contact);
}

// The group is not muted any more: whose page left it out is told again, of all there is.
void Core::TellOfUnmuted(RunningEscalation* running, const RunningEscalation::GroupRef& group) {
  for (size_t i = 0; i < running->contacts.size(); ++i) {
    PersonalContact* contact = &running->contacts[i];
    if (!contact->muted.contains(group) || !IsAudible(*running, group)) continue;
    const std::optional<Duration> due = contact->due;
    contact->muted.erase(group);  // Once, though there may be no way to reach it any more.
    Reach(running, contact);
    contact->due = due;  // What is planned stays planned.
    Save(*running);
    escalations_.Arm(running, now_.mono);
  }
}

// Whether the group is the incident's and fires, and nobody can hear it.
bool Core::IsMuted(const RunningEscalation& running, const RunningEscalation::GroupRef& ref) const {
  return Serves(running, ref) && !IsAudible(running, ref) && Fires(ref);
}

// Whether an alert of the group fires, muted or not.
bool Core::Fires(const RunningEscalation::GroupRef& ref) const {
  const auto ids = dispatcher_->FindByKey(ref.second, ref.first);
  return std::ranges::any_of(
      ids, [&](dispatch::GroupId id) { return !IsAllOver(*dispatcher_->Find(id), now_.wall); });
}

// Those of its leads under which it owes nothing and nothing is known, or on its way.
void Core::ForgetLeads(PersonalContact* contact) {
  const config::Receiver* receiver = FindReceiver(contact->receiver);
  if (receiver == nullptr) return;
  std::erase_if(contact->leads, [&](const RunningEscalation::GroupRef& lead) {
    const bool is_owed = std::ranges::any_of(contact->owed, [&](const auto& owed) {
      return std::get<0>(owed) == lead.first && std::get<1>(owed) == lead.second;
    });
    return !is_owed &&
           std::ranges::none_of(receiver->integrations, [&](const config::Integration& one) {
             const nflog::Key key =
                 Audience{*receiver, one, lead.first, false, contact->person}.KeyIn(lead.second);
             const nflog::Entry* entry = nflog_.Find(key);
             return deliveries_.Busy(key) ||
                    (entry != nullptr && !(entry->firing.empty() && entry->attempted.empty()));
           });
  });
}

// How much of the coming week has nobody on call, and what share of four weeks somebody, of each
// schedule by which a policy of some receiver, or a rule, pages: known before it happens.
void Core::RefreshGaps() {
  stats_.oncall_gaps.clear();
  stats_.oncall_coverage.clear();
  const oncall::Roster* roster = roster_.get();
  if (roster == nullptr) return;
  std::set<size_t> schedules;
  for (const std::string& policy : config::PoliciesOf(*config_)) {
    const auto ladder = LadderOf(policy);
    if (ladder == nullptr) continue;
    for (const oncall::Step& step : ladder->steps) {
      for (const oncall::Target& target : step.targets) {
        using Kind = oncall::Target::Kind;
        const bool is_schedule = target.kind == Kind::kSchedule || target.kind == Kind::kNext ||
                                 target.kind == Kind::kPrevious;
        if (is_schedule) schedules.insert(target.index);
      }
    }
  }
  for (const size_t index : schedules) {
    const oncall::Schedule& schedule = roster->schedules.at(index);
    const WallTime soon = now_.wall + kGapsAhead;
    Duration gap{};
    Duration uncovered{};
    for (const oncall::Duty& duty :
         oncall::FinalSchedule(*roster, schedule, now_.wall, now_.wall + kCoverageAhead)) {
      if (!duty.people.empty()) continue;
      gap += std::max(Duration::zero(), std::min(duty.end, soon) - duty.begin);
      uncovered += duty.end - duty.begin;
    }
    stats_.oncall_gaps[{schedule.name}] = ToSeconds(gap);
    stats_.oncall_coverage[{schedule.name}] = 1 - ToSeconds(uncovered) / ToSeconds(kCoverageAhead);
  }
}

}  // namespace watchfire::core
