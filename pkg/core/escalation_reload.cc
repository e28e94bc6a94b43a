// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What another configuration makes of the people whom escalations have reached, after a reload or a
// restart:
//
//   a contact that is configured still --> owes what it owed; of integrations that were replaced,
//                                          those that took their place owe it
//   one that is not, and owed a page ----> the person's contacts of now are told instead; when
//                                          nobody whom that step told is left, nobody was reached
//   one that is not, and was paged ------> hears of no end: a line on the timeline
//
// A message on the wire gets its answer first (Finish() asks again), or whoever took it would be
// paged twice.

#include <algorithm>

#include "pkg/base/strings.h"
#include "pkg/core/core.h"
#include "pkg/core/storms.h"

namespace watchfire::core {
namespace {

bool HasIntegration(const config::Receiver& receiver, const std::string& kind, int index) {
  return std::ranges::any_of(receiver.integrations, [&](const config::Integration& one) {
    return one.kind == kind && one.index == index;
  });
}

bool KnowsNothing(const nflog::Entry* entry) {
  return entry == nullptr || (entry->firing.empty() && entry->attempted.empty());
}

// Whether the person has the page, or will have it by this contact. (A record of an older version
// does not know when it was told.)
bool IsOfUse(const PersonalContact& contact) {
  const bool was_taken = !contact.told_at && contact.is_reached && contact.owed.empty();
  return contact.has_taken || was_taken || contact.due || !contact.owed.empty();
}

}  // namespace

std::vector<config::ContactRule> Core::RulesOf(const std::string& person) const {
  if (person == kFallbackPerson) return {{config_->oncall.fallback, {}}};
  const auto rules = config_->oncall.contacts.find(person);
  return rules == config_->oncall.contacts.end() ? std::vector<config::ContactRule>()
                                                 : rules->second;
}

// The receivers that reach the person: those of the rules, and who stands in for them.
std::set<std::string> Core::WaysOf(const std::string& person) const {
  std::set<std::string> ways;
  std::vector<config::ContactRule> rules = RulesOf(person);
  // Those that rules drop are told by steps that ignore rules.
  for (config::ContactRule& rule : config::ContactsOf(config_->oncall, person, true)) {
    rules.push_back(std::move(rule));
  }
  for (const config::ContactRule& rule : rules) {
    const config::Receiver* receiver = FindReceiver(rule.receiver);
    while (receiver != nullptr && ways.insert(receiver->name).second) {
      receiver = FindReceiver(receiver->fallback);
    }
  }
  return ways;
}

void Core::ReconcilePeople() {
  std::vector<RunningEscalation::Id> ids;
  for (const auto& [id, running] : escalations_.all()) ids.push_back(id);
  for (const auto& id : ids) Reconcile(escalations_.Find(id));
  if (!ids.empty()) GiveUpEnds();
}

bool Core::IsOnTheWire(const PersonalContact& contact,
                       const std::tuple<std::string, std::string, std::string, int>& owed) {
  const auto& [via, group_key, kind, index] = owed;
  const nflog::Key key{group_key, contact.receiver, kind, index, via, contact.person};
  const Delivery* busy = deliveries_.FindByKey(key);
  return (busy != nullptr && busy->state == Delivery::State::kAttempting) || storms_->IsAboard(key);
}

void Core::Reconcile(RunningEscalation* running) {
  std::map<std::string, std::set<std::string>> ways;  // By person.
  std::vector<PersonalContact> lost;
  bool is_changed = false;
  for (PersonalContact& contact : running->contacts) {
    const auto [known, is_new] = ways.emplace(contact.person, std::set<std::string>());
    if (is_new) known->second = WaysOf(contact.person);
    if (known->second.contains(contact.receiver)) {
      is_changed |= MoveOwed(&contact);
      continue;
    }
    const bool was_owed = std::erase_if(contact.owed, [&](const auto& owed) {
                            return !IsOnTheWire(contact, owed);
                          }) > 0;
    if (was_owed || contact.due) lost.push_back(contact);
    contact.due.reset();
  }
  // Whoever has taken the page has it, though he is gone by now.
  std::set<std::optional<Duration>> taken;
  for (const PersonalContact& contact : running->contacts) {
    if (contact.has_taken) taken.insert(contact.told_at);
  }
  const auto is_gone = [&](const PersonalContact& contact) {
    return contact.owed.empty() && !ways[contact.person].contains(contact.receiver);
  };
  const bool is_any_gone = std::erase_if(running->contacts, is_gone) > 0;
  if (!is_changed && !is_any_gone && lost.empty()) return;
  if (!running->is_over) ReplaceContacts(running, lost, taken);
  Save(*running);
  escalations_.Arm(running, running->is_over ? std::nullopt : std::optional(now_.mono));
}

// What the receiver owed through integrations that it has no more, it owes through those that have
// told the person nothing yet. Returns whether something changed.
bool Core::MoveOwed(PersonalContact* contact) {
  const config::Receiver& receiver = *FindReceiver(contact->receiver);
  std::set<std::pair<std::string, std::string>> moved;  // Groups.
  std::erase_if(contact->owed, [&](const auto& owed) {
    const auto& [via, group_key, kind, index] = owed;
    if (HasIntegration(receiver, kind, index) || IsOnTheWire(*contact, owed)) return false;
    moved.emplace(via, group_key);
    return true;
  });
  for (const auto& [via, group_key] : moved) {
    for (const config::Integration& integration : receiver.integrations) {
      const nflog::Key key =
          Audience{receiver, integration, via, false, contact->person}.KeyIn(group_key);
      if (!KnowsNothing(nflog_.Find(key))) continue;
      contact->owed.insert({via, group_key, integration.kind, integration.index});
    }
  }
  return !moved.empty();
}

// Contacts that were to be told, and are no longer: the person is told by those that have taken
// their place, and when nobody is left whom that step told, it has reached nobody.
void Core::ReplaceContacts(RunningEscalation* running, const std::vector<PersonalContact>& lost,
                           const std::set<std::optional<Duration>>& taken) {
  const Duration elapsed = now_.mono - running->start;
  std::set<std::optional<Duration>> turns;
  for (const PersonalContact& gone : lost) {
    for (const config::ContactRule& rule : RulesOf(gone.person)) {
      if (FindReceiver(rule.receiver) == nullptr) continue;
      PersonalContact* contact = running->ContactOf(gone.person, rule.receiver);
      if (contact == nullptr) {
        ++stats_.limit_exceeded[{"escalation_contacts"}];
        continue;
      }
      const Duration due = elapsed + rule.after;
      if (contact->due) contact->due = std::min(*contact->due, due);
      const bool is_told = contact->cycle == running->cycle && contact->told_at == gone.told_at;
      if (is_told || contact->due || !contact->owed.empty()) continue;
      contact->due = due;
      contact->cycle = running->cycle;
      contact->told_at = gone.told_at;
      contact->has_taken = false;
    }
    turns.insert(gone.told_at);
  }
  for (const std::optional<Duration>& turn : turns) {
    const bool is_reached =
        std::ranges::any_of(running->contacts, [&](const PersonalContact& contact) {
          return contact.told_at == turn && IsOfUse(contact);
        });
    if (is_reached || taken.contains(turn)) continue;
    std::set<std::string> people;
    for (const PersonalContact& gone : lost) {
      if (gone.told_at == turn) people.insert(gone.person);
    }
    const std::vector<std::string> names(people.begin(), people.end());
    Unreachable(running, elapsed,
                "the configuration has no contacts any more of " + Join(names, ", ") +
                    ", who had not taken the page");
  }
}

// Ends that nobody can be told any more, for the contact or its integration is gone.
void Core::GiveUpEnds() {
  std::map<RunningEscalation::GroupRef, std::map<std::string, std::set<std::string>>> untold;
  std::vector<nflog::Key> keys;
  nflog_.ForEach([&](const nflog::Key& key, const nflog::Entry& entry) {
    if (key.person.empty() || KnowsNothing(&entry) || deliveries_.Busy(key)) return;
    const config::Receiver* receiver = FindReceiver(key.receiver);
    bool is_of_any = false;
    bool is_wanted = false;
    for (const auto& id : escalations_.OfGroup({key.via, key.group_key})) {
      const RunningEscalation& running = escalations_.all().at(id);
      is_of_any = true;
      is_wanted |= running.send_resolved;
      const bool is_kept =
          std::ranges::any_of(running.contacts, [&](const PersonalContact& contact) {
            return contact.person == key.person && contact.receiver == key.receiver;
          });
      if (is_kept && receiver != nullptr && HasIntegration(*receiver, key.integration, key.index)) {
        return;
      }
    }
    if (!is_of_any) return;
    keys.push_back(key);
    if (is_wanted) untold[{key.via, key.group_key}][key.person].insert(key.receiver);
  });
  for (const nflog::Key& key : keys) {
    const nflog::Entry& entry = *nflog_.Find(key);
    std::vector<uint64_t> known;
    std::ranges::set_union(entry.firing, entry.attempted, std::back_inserter(known));
    if (auto record = nflog_.Forget(key, known)) Store(*std::move(record));
  }
  for (const auto& [group, people] : untold) {
    std::vector<std::string> who;
    for (const auto& [person, receivers] : people) {
      who.push_back(person + " (" +
                    Join(std::vector<std::string>(receivers.begin(), receivers.end()), ", ") + ")");
    }
    const std::string text =
        "will not hear of the end, for that contact is configured no longer: " + Join(who, ", ");
    for (const auto& id : escalations_.OfGroup(group)) {
      NoteEscalation(escalations_.all().at(id), "note", text);
    }
    Emit(Log{Log::Level::kWarn,
             "escalation: people were paged whose contacts are gone: they hear of no end",
             {{"receiver", group.first}, {"group", group.second}, {"people", Join(who, ", ")}}});
  }
}

}  // namespace watchfire::core
