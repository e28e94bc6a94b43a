// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What a resolve at a vendor ends (vendor_ends.h).

#include "pkg/core/vendor_ends.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "pkg/base/digest.h"
#include "pkg/core/calls.h"
#include "pkg/incident/texts.h"

namespace watchfire::core {
namespace {

using GroupRef = RunningEscalation::GroupRef;

// Whether groups became part of the incident since then, of which nobody could speak before.
// kNoTime: just now.
bool HasGrown(const incident::Registry& all, const incident::Incident& incident, WallTime since) {
  if (since == kNoTime) return false;
  if (incident.dropped_events > 0) return true;  // The timeline was full: nobody knows.
  const bool has_merged = std::ranges::any_of(incident.merged, [&](uint64_t id) {
    const auto merged = all.Find(id);  // It was over for itself when it was merged.
    return merged != nullptr && merged->resolved_at > since;
  });
  return has_merged || std::ranges::any_of(incident.timeline, [&](const incident::Event& event) {
           return event.kind == "rejoined" && event.at > since;
         });
}

}  // namespace

std::vector<uint64_t> Core::VendorEnds::OpenByLead(const std::string& entity_id) const {
  std::map<std::string, bool> is_it;  // By group key.
  const auto knows = [&](const PersonalContact& contact) {
    return std::ranges::any_of(contact.leads, [&](const GroupRef& lead) {
      const auto [known, is_new] = is_it.emplace(lead.second, false);
      if (is_new) known->second = Sha256Hex(lead.second) == entity_id;
      return known->second;
    });
  };
  std::vector<uint64_t> ids;
  for (const uint64_t incident_id : core_.incidents_.open()) {
    const auto escalations = core_.escalations_.OfIncident(incident_id);
    const bool is_known = std::ranges::any_of(escalations, [&](const auto& id) {
      const RunningEscalation& running = core_.escalations_.all().at(id);
      return !running.is_over && std::ranges::any_of(running.contacts, knows);
    });
    if (is_known) ids.push_back(incident_id);
  }
  return ids;
}

std::set<uint64_t> Core::VendorEnds::KnownThere(const std::string& vendor,
                                                const PersonalContact& contact,
                                                const GroupRef& lead, WallTime before) const {
  std::set<uint64_t> known;
  const config::Receiver* receiver = core_.FindReceiver(contact.receiver);
  if (receiver == nullptr) return known;
  for (const config::Integration& integration : receiver->integrations) {
    if (integration.kind != vendor) continue;
    const nflog::Key key =
        Audience{*receiver, integration, lead.first, false, contact.person}.KeyIn(lead.second);
    const nflog::Entry* entry = core_.nflog_.Find(key);
    if (entry == nullptr || (before != kNoTime && entry->at > before)) continue;
    // Not what is on its way: that may never arrive.
    known.insert(entry->firing.begin(), entry->firing.end());
  }
  return known;
}

std::vector<std::string> Core::VendorEnds::EndedBy(const IncidentCommand& event,
                                                   const incident::Incident& incident) const {
  std::set<GroupRef> told;
  const auto note = [&](const RunningEscalation& running, const PersonalContact& contact,
                        const GroupRef& lead) {
    if (Sha256Hex(lead.second) != event.entity_id) return;
    const auto known = KnownThere(event.ack.channel, contact, lead, event.done_at);
    for (const GroupRef& group : running.groups) {
      if (core_.HasAnyOf(group, known)) told.insert(group);
    }
  };
  if (!HasGrown(core_.incidents_, incident, event.done_at)) {
    for (const auto& id : core_.escalations_.OfIncident(incident.id)) {
      const RunningEscalation& running = core_.escalations_.all().at(id);
      for (const PersonalContact& contact : running.contacts) {
        for (const GroupRef& lead : contact.leads) note(running, contact, lead);
      }
    }
  }
  std::vector<std::string> ended;
  for (const incident::Group& group : incident.groups) {
    const bool is_its = group.entity_id == event.entity_id;
    if (is_its || told.contains({group.receiver, group.group_key})) {
      ended.push_back(group.entity_id);
    }
  }
  return ended;
}

bool Core::VendorEnds::IsKnownThere(const std::string& vendor, const std::string& person,
                                    const incident::Incident& incident,
                                    const incident::Group& group,
                                    const std::vector<incident::Group>& ended) const {
  const GroupRef ref{group.receiver, group.group_key};
  const auto fires_there = [this](const nflog::Key& key) {
    const nflog::Entry* entry = core_.nflog_.Find(key);
    return entry != nullptr && !entry->firing.empty();
  };
  for (const nflog::Key& key : core_.nflog_.OfGroup(group.group_key)) {
    const bool is_own = key.owner() == group.receiver && key.person.empty();
    if (!is_own || key.integration != vendor || !fires_there(key)) continue;
    // The one through which the end came, and no other that is of the same kind.
    const bool is_there = std::ranges::any_of(ended, [&](const incident::Group& one) {
      nflog::Key other = key;
      other.group_key = one.group_key;
      return one.receiver == group.receiver && fires_there(other);
    });
    if (is_there) return true;
  }
  for (const auto& id : core_.escalations_.OfIncident(incident.id)) {
    const RunningEscalation& running = core_.escalations_.all().at(id);
    if (!running.groups.contains(ref)) continue;
    for (const PersonalContact& contact : running.contacts) {
      if (contact.person != person) continue;
      for (const GroupRef& lead : contact.leads) {
        if (core_.HasAnyOf(ref, KnownThere(vendor, contact, lead, kNoTime))) return true;
      }
    }
  }
  return false;
}

void Core::VendorEnds::ReturnTheRest(const incident::Incident& before,
                                     const IncidentCommand& event) {
  const auto after = core_.incidents_.Find(before.id);
  const bool is_partial = event.incident == 0 && IsOpen(after->state) && after->ack &&
                          after->groups.size() < before.groups.size();
  if (!is_partial || after->ack->is_automatic) return;
  const WallTime since = after->ack->since;
  if (event.done_at != kNoTime && since > event.done_at) return;  // It is for what is left.
  const std::string person = core_.calls_->PersonIn(event.ack.actor);
  if (core_.calls_->PersonIn(after->ack->by) != person) return;
  // Somebody else may have it in hand as well.
  const bool is_shared = std::ranges::any_of(after->timeline, [&](const incident::Event& one) {
    return one.at >= since && one.kind == "note" && one.text.starts_with(incident::kAckedAgain) &&
           core_.calls_->PersonIn(one.actor) != person;
  });
  if (is_shared) return;
  std::vector<incident::Group> ended = before.groups;
  std::erase_if(ended, [&](const incident::Group& group) {
    return std::ranges::count(after->groups, group) > 0;
  });
  for (const incident::Group& group : after->groups) {
    if (IsKnownThere(event.ack.channel, person, *after, group, ended)) return;
  }
  core_.TakeBackAck(*after, event.ack.actor, event.ack.actor + " has resolved what was in hand");
}

}  // namespace watchfire::core
