// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// An incident of several groups is one message to each contact of a person, not one for each group,
// nor one for each of the policies that page for it. It is told under the key of one of them, its
// lead:
//
//   incident 7: A, B, C fire --Reach--> a page of A, B and C under the key of A
//   A is over, B and C fire ----------> the next page is of B and C, under the key of A still: the
//                                       vendor, who takes equal keys for one, knows it by that
//   all of them are over -------------> one end, under the key of A
//
// A contact keeps its lead for as long as its receiver knows something under that key, also when
// the group of that key is gone; and then the others speak for it (DriverOf). It has two when
// incidents were merged of which it had been told both: what is to be paged is under one of them,
// and the end is told under each.

#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <utility>

#include "pkg/core/core.h"

namespace watchfire::core {
namespace {

using AlertPtr = std::shared_ptr<const alert::Alert>;
using GroupRef = RunningEscalation::GroupRef;

// Whether a contact of it is told under that key.
bool HasLead(const RunningEscalation& running, const nflog::Key& key) {
  return std::ranges::any_of(running.contacts, [&](const PersonalContact& contact) {
    return contact.person == key.person && contact.receiver == key.receiver &&
           contact.leads.contains({key.via, key.group_key});
  });
}

bool OwesUnder(const PersonalContact& contact, const GroupRef& lead) {
  return std::ranges::any_of(contact.owed, [&](const auto& owed) {
    return std::get<0>(owed) == lead.first && std::get<1>(owed) == lead.second;
  });
}

struct Member {
  AlertPtr alert;
  Muted muted = Muted::kNo;
  bool is_leaving = false;
};

// The labels that `kept` shares with these.
void KeepCommon(const labels::LabelSet& labels, std::optional<labels::LabelSet::Pairs>* kept) {
  if (!*kept) {
    *kept = labels.pairs();
    return;
  }
  std::erase_if(**kept, [&](const auto& pair) {
    return !labels.Has(pair.first) || labels.Get(pair.first) != pair.second;
  });
}

}  // namespace

// The escalations whose people are told under that key, which is a person's; of others none.
std::vector<const RunningEscalation*> Core::RunningUnder(const nflog::Key& key) const {
  std::vector<const RunningEscalation*> all;
  if (key.person.empty()) return all;
  for (const auto& id : escalations_.OfGroup({key.via, key.group_key})) {
    const RunningEscalation& running = escalations_.all().at(id);
    if (HasLead(running, key)) all.push_back(&running);
  }
  return all;
}

// The groups that messages of that key are about.
std::set<GroupRef> Core::CoveredBy(const nflog::Key& key) const {
  std::set<GroupRef> groups = {{key.owner(), key.group_key}};
  for (const RunningEscalation* running : RunningUnder(key)) {
    groups.insert(running->groups.begin(), running->groups.end());
  }
  return groups;
}

// Those of them for which one of the key's escalations pages somebody now. (Two incidents have one
// key when a crash took back that they were merged; and one of them may be in somebody's hand.)
std::set<GroupRef> Core::PagedUnder(const nflog::Key& key) const {
  const std::vector<const RunningEscalation*> all = RunningUnder(key);
  std::set<uint64_t> incidents;
  for (const RunningEscalation* running : all) {
    if (!running->is_over && running->Owes(key)) incidents.insert(running->id.incident);
  }
  std::set<GroupRef> groups;
  for (const RunningEscalation* running : all) {
    if (running->is_over || !incidents.contains(running->id.incident)) continue;
    for (const GroupRef& ref : running->groups) {
      if (Serves(*running, ref)) groups.insert(ref);
    }
  }
  return groups;
}

std::vector<dispatch::GroupId> Core::GroupsOf(const nflog::Key& key) const {
  std::vector<dispatch::GroupId> all;
  for (const auto& [receiver, group_key] : CoveredBy(key)) {
    for (const dispatch::GroupId id : dispatcher_->FindByKey(group_key, receiver)) {
      all.push_back(id);
    }
  }
  return all;
}

// The group whose flushes try again what was not taken under that key; null: none is left.
const dispatch::Group* Core::DriverOf(const nflog::Key& key) const {
  auto ids = dispatcher_->FindByKey(key.group_key, key.owner());
  if (ids.empty() && !key.person.empty()) ids = GroupsOf(key);
  return ids.empty() ? nullptr : dispatcher_->Find(ids.front());
}

// The open incident that messages of that key are about; null: none is.
std::shared_ptr<const incident::Incident> Core::IncidentOf(const nflog::Key& key) const {
  auto open = incidents_.FindOpen(key.owner(), key.group_key);
  if (open != nullptr) return open;
  // The group that leads is over, and others are not.
  for (const RunningEscalation* running : RunningUnder(key)) {
    auto incident = incidents_.Find(running->id.incident);
    if (incident != nullptr && incident::IsOpen(incident->state)) return incident;
  }
  return nullptr;
}

// The groups under whose keys people know the incident, but for those `besides`.
std::vector<incident::Group> Core::LeadsOf(uint64_t incident,
                                           const std::vector<incident::Group>& besides) const {
  std::set<GroupRef> known;
  for (const incident::Group& group : besides) known.emplace(group.receiver, group.group_key);
  std::vector<incident::Group> leads;
  for (const auto& id : escalations_.OfIncident(incident)) {
    for (const PersonalContact& contact : escalations_.all().at(id).contacts) {
      for (const auto& [receiver, group_key] : contact.leads) {
        if (known.emplace(receiver, group_key).second) leads.push_back({receiver, group_key, ""});
      }
    }
  }
  return leads;
}

// Under whose key the contact is to be told; nothing when the incident has no group that this
// escalation is about.
std::optional<GroupRef> Core::LeadOf(const RunningEscalation& running,
                                     const PersonalContact& contact,
                                     const config::Receiver& receiver) const {
  const auto knows = [&](const GroupRef& lead) {
    return std::ranges::any_of(receiver.integrations, [&](const config::Integration& integration) {
      const nflog::Key key =
          Audience{receiver, integration, lead.first, false, contact.person}.KeyIn(lead.second);
      const nflog::Entry* entry = nflog_.Find(key);
      const bool is_told = entry != nullptr && !(entry->firing.empty() && entry->attempted.empty());
      return is_told || deliveries_.Busy(key);
    });
  };
  std::optional<GroupRef> known;
  // Another policy, or call, may have told the same person of the incident.
  for (const auto& id : escalations_.OfIncident(running.id.incident)) {
    for (const PersonalContact& other : escalations_.all().at(id).contacts) {
      if (other.person != contact.person || other.receiver != contact.receiver) continue;
      for (const GroupRef& lead : other.leads) {
        if (!OwesUnder(other, lead) && !knows(lead)) continue;
        if (Serves(running, lead)) return lead;
        if (!known) known = lead;
      }
    }
  }
  if (known) return known;
  const auto incident = incidents_.Find(running.id.incident);
  if (incident == nullptr) return std::nullopt;
  std::optional<GroupRef> first;
  for (const incident::Group& group : incident->groups) {
    const GroupRef ref{group.receiver, group.group_key};
    if (!running.groups.contains(ref)) continue;
    if (IsAudible(running, ref)) return ref;
    if (!first) first = ref;
  }
  return first;
}

// Policies and calls of an incident, of which several owe a contact a page, owe it under one key,
// and it is made anew, of all groups: under that of `first`, or else of the first that owes one,
// but rather one that the vendor knows.
void Core::UniteOwed(uint64_t incident, const PersonalContact* first) {
  using Way = std::tuple<std::string, std::string, std::string, int>;
  std::map<Way, GroupRef> leads;  // By person, receiver, and kind and index of the integration.
  const auto ids = escalations_.OfIncident(incident);
  for (const bool is_known : {true, false}) {
    const auto note = [&](const PersonalContact& contact) {
      for (const auto& [via, group_key, kind, index] : contact.owed) {
        const nflog::Key key{group_key, contact.receiver, kind, index, via, contact.person};
        const nflog::Entry* entry = nflog_.Find(key);
        if (is_known && (entry == nullptr || entry->firing.empty())) continue;
        leads.emplace(Way{contact.person, contact.receiver, kind, index}, GroupRef{via, group_key});
      }
    };
    if (first != nullptr) {
      note(*first);
      continue;
    }
    for (const auto& id : ids) std::ranges::for_each(escalations_.Find(id)->contacts, note);
  }
  bool is_changed = false;
  for (const auto& id : ids) {
    RunningEscalation* running = escalations_.Find(id);
    for (PersonalContact& contact : running->contacts) {
      for (const auto& owed : std::set(contact.owed)) {
        const auto& [via, group_key, kind, index] = owed;
        const auto lead = leads.find({contact.person, contact.receiver, kind, index});
        if (lead == leads.end() || lead->second == GroupRef{via, group_key}) continue;
        OweUnder(running, &contact, owed, lead->second);
        is_changed = true;
      }
    }
  }
  if (!is_changed) return;
  for (const auto& id : ids) {
    RunningEscalation* running = escalations_.Find(id);
    if (!running->is_over) escalations_.Arm(running, now_.mono);
  }
}

// The contact owes one of its pages under another key, `lead`.
void Core::OweUnder(RunningEscalation* running, PersonalContact* contact,
                    const std::tuple<std::string, std::string, std::string, int>& owed,
                    const GroupRef& lead) {
  const auto [via, group_key, kind, index] = owed;
  DropPageUnder({group_key, contact->receiver, kind, index, via, contact->person});
  contact->owed.erase(owed);
  contact->owed.insert({lead.first, lead.second, kind, index});
  contact->leads.insert(lead);
  escalations_.Index(*running);
  const nflog::Key key{lead.second, contact->receiver, kind, index, lead.first, contact->person};
  Delivery* busy = deliveries_.FindByKey(key);
  // What is on the wire says nothing of the groups that have come.
  if (busy != nullptr && busy->state == Delivery::State::kAttempting) busy->came_back = true;
  DropPageUnder(key);
  Save(*running);
}

// Whether a page that waits says of all that is to be paged under its key.
bool Core::SaysAll(const Delivery& page) const {
  for (const auto& [receiver, group_key] : PagedUnder(page.key)) {
    for (const dispatch::GroupId id : dispatcher_->FindByKey(group_key, receiver)) {
      const dispatch::Group& group = *dispatcher_->Find(id);
      const Survey survey = SurveyOf(group);
      for (size_t i = 0; i < survey.muted.size(); ++i) {
        const alert::Alert& alert = *survey.flush.alerts[i];
        const bool is_due = survey.muted[i] == Muted::kNo && !alert.Resolved(now_.wall) &&
                            !group.IsLeaving(alert.fingerprint());
        if (is_due && !std::ranges::binary_search(page.firing, alert.fingerprint())) return false;
      }
    }
  }
  return true;
}

// Those that owe something under that key look at it anew.
void Core::ArmUnder(const nflog::Key& key) {
  for (const RunningEscalation* running : RunningUnder(key)) {
    if (!running->is_over) escalations_.Arm(escalations_.Find(running->id), now_.mono);
  }
}

// Whether any of these alerts is, or was, in the group.
bool Core::HasAnyOf(const GroupRef& group, const std::set<uint64_t>& alerts) const {
  const auto ids = dispatcher_->FindByKey(group.second, group.first);
  return std::ranges::any_of(ids, [&](dispatch::GroupId id) {
    return std::ranges::any_of(dispatcher_->Find(id)->alerts,
                               [&](const auto& entry) { return alerts.contains(entry.first); });
  });
}

// Whether all is over that messages of that key are about, beside the group that is looked at. What
// the incident still holds open is not: its own flush has not said so yet.
bool Core::IsOverElsewhere(const nflog::Key& key, const GroupRef& looked_at) const {
  const std::vector<const RunningEscalation*> all = RunningUnder(key);
  return std::ranges::none_of(CoveredBy(key), [&](const GroupRef& ref) {
    if (ref == looked_at) return false;
    const auto serves = [&](const RunningEscalation* running) { return Serves(*running, ref); };
    return std::ranges::any_of(all, serves) || Fires(ref);
  });
}

// All groups of the key as if they were one. `looked_at` stands for them when none of them fires.
Gathered Core::Gather(const nflog::Key& key, const dispatch::Group& looked_at) const {
  const std::vector<const RunningEscalation*> all = RunningUnder(key);
  const std::set<GroupRef> paged = PagedUnder(key);
  const dispatch::Group* first = nullptr;
  std::map<uint64_t, Member> members;
  std::optional<labels::LabelSet::Pairs> common;
  Gathered out{looked_at, {}};
  out.now.flush = {looked_at.id, now_.wall, {}};
  for (const GroupRef& ref : CoveredBy(key)) {
    const bool is_served = paged.contains(ref);
    for (const dispatch::GroupId id : dispatcher_->FindByKey(ref.second, ref.first)) {
      const dispatch::Group& group = *dispatcher_->Find(id);
      const Survey one = SurveyOf(group);
      bool is_heard = false;
      for (size_t i = 0; i < one.muted.size(); ++i) {
        const AlertPtr& alert = one.flush.alerts[i];
        const bool fires = !alert->Resolved(now_.wall);
        // What fires beside the incident is no part of its message.
        Member member{alert, fires && !is_served ? Muted::kInhibited : one.muted[i],
                      group.IsLeaving(alert->fingerprint())};
        const bool is_free = member.muted == Muted::kNo && !member.is_leaving;
        is_heard |= fires && is_free;
        const auto [place, is_new] = members.emplace(alert->fingerprint(), member);
        if (!is_new && is_free) place->second = std::move(member);
      }
      if (is_served) {
        out.now.snoozed.insert(out.now.snoozed.end(), one.snoozed.begin(), one.snoozed.end());
      }
      const bool leads = ref == GroupRef(key.via, key.group_key);
      if (is_heard && (first == nullptr || leads)) first = &group;
      KeepCommon(group.labels, &common);
    }
  }
  if (first != nullptr) out.group = *first;
  out.group.labels = LabelsFor(all, common.value_or(labels::LabelSet::Pairs()));
  out.group.leavers.clear();
  std::vector<Member> sorted;
  for (auto& [fingerprint, member] : members) {
    if (member.is_leaving) out.group.leavers.push_back(fingerprint);
    sorted.push_back(std::move(member));
  }
  std::ranges::sort(sorted, [](const Member& a, const Member& b) {
    return alert::NotificationOrder(*a.alert, *b.alert);
  });
  for (Member& member : sorted) {
    out.now.flush.alerts.push_back(std::move(member.alert));
    out.now.muted.push_back(member.muted);
  }
  std::ranges::sort(out.now.snoozed);
  return out;
}

// What the groups have in common, and which incident they are: templates show that as they show the
// labels of a group.
labels::LabelSet Core::LabelsFor(const std::vector<const RunningEscalation*>& all,
                                 labels::LabelSet::Pairs common) const {
  const RunningEscalation* speaks = nullptr;
  for (const RunningEscalation* running : all) {
    if (speaks == nullptr || !running->is_over) speaks = running;
  }
  if (speaks != nullptr) {
    std::string name = "#" + std::to_string(speaks->id.incident);
    const auto incident = incidents_.Find(speaks->id.incident);
    if (incident != nullptr && !incident->title.empty()) name += " " + incident->title;
    common.emplace_back("incident", std::move(name));
  }
  return labels::LabelSet(std::move(common));
}

// The page as the incident is to hear of it now: the group it was counted for may be over since.
incident::Page Core::PageOf(const Delivery& delivery) const {
  incident::Page page = *delivery.page;
  if (incidents_.FindOpen(page.receiver, page.group_key) != nullptr) return page;
  for (const RunningEscalation* running : RunningUnder(delivery.key)) {
    for (const GroupRef& ref : running->groups) {
      if (running->is_over || !Serves(*running, ref)) continue;
      std::tie(page.receiver, page.group_key) = ref;
      return page;
    }
  }
  return page;
}

}  // namespace watchfire::core
