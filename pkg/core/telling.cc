// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What people did to an incident here is told to the vendors that were paged for it: acks, their
// ends, notes, resolves by hand; and, to those that have people watch, that a policy went on.
//
//   an act, or the clock --TellVendors--> a line for each integration that was told of the group,
//                                         stored, then sent behind all pages (SendNextUpdate)
//   the vendor's webhook --IsEcho-------> what it says of our own doing changes nothing
//
// No loops: what came through a vendor is not told to integrations of its kind. At least once,
// under the key of the pages: it is stored before it is sent, and again when the answer is there;
// what was on the wire when the process died is said once more, which changes nothing at the
// vendor.

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "pkg/base/strings.h"
#include "pkg/core/core.h"

namespace watchfire::core {
namespace {

using dispatch::VendorUpdate;

constexpr Duration kPatience = std::chrono::hours(1);    // Then an update is given up.
constexpr Duration kTimeout = std::chrono::seconds(30);  // Of one attempt.
constexpr Duration kLook = std::chrono::seconds(1);      // When pages are in the way: look again.
// Updates on the wire at once, to all and to one integration: connections are left for pages.
constexpr size_t kInFlight = 16;
constexpr size_t kInFlightToOne = 4;
// So long after it was told an echo may undo what has happened since, if nobody knew better.
constexpr Duration kLateEcho = std::chrono::minutes(1);

bool IsHeld(const incident::Incident& incident) { return incident.ack || incident.snooze; }

// Whether a vendor may mean us by that name.
bool IsOurName(const std::string& actor, const std::string& kind, const VendorUpdate& update) {
  const std::string name = ToLower(actor);
  return name.empty() || name == "api" || name == "system" || name == "watchfire" || name == kind ||
         name == ToLower(update.by);
}

}  // namespace

// `channel`: through what it came; "" for what nobody said. An ack that `returns` has an end: a
// vendor that could not take it back then would ring nobody, and hears of it as a note.
void Core::TellVendors(const std::vector<incident::Group>& groups, const std::string& channel,
                       const VendorUpdate& said, bool returns) {
  std::vector<incident::Group> all = groups;
  std::ranges::move(LeadsOf(said.incident, groups), std::back_inserter(all));
  for (size_t i = 0; i < all.size(); ++i) {
    const incident::Group& group = all[i];
    std::set<LaneKey> lanes;  // Two people behind one integration are one incident there.
    for (const nflog::Key& key : nflog_.OfGroup(group.group_key)) {
      if (key.owner() != group.receiver || key.integration == channel) continue;
      if (i >= groups.size() && key.person.empty()) continue;  // That group is over.
      const config::Integration* to =
          FindIntegration(FindReceiver(key.receiver), key.integration, key.index);
      if (to == nullptr) continue;
      VendorUpdate update = said;
      if (returns && (to->takes & config::kVendorUnacknowledge) == 0)
        update.act = config::kVendorNote;
      if ((to->takes & update.act) == 0) continue;
      const nflog::Entry* entry = nflog_.Find(key);
      if (entry->firing.empty() && entry->attempted.empty()) continue;  // It was not paged.
      if (!lanes.insert({key.receiver, key.integration, key.index}).second) continue;
      const VendorUpdates::Id id{update.incident, key};
      const VendorUpdates::Added added = vendor_updates_.Add(id, update);
      for (const VendorUpdate& old : added.superseded) {
        Count(&stats_.vendor_updates,
              {key.integration, config::VendorActName(old.act), "superseded"});
      }
      if (added.is_refused) {
        Count(&stats_.vendor_updates,
              {key.integration, config::VendorActName(update.act), "dropped"});
        Count(&stats_.limit_exceeded, {"vendor_updates"});
        continue;
      }
      Save(vendor_updates_.Find(id));
    }
  }
}

// `event` has changed the incident, which was `before`.
void Core::TellOfAct(const incident::Incident& before, const IncidentCommand& event) {
  const auto after = incidents_.Find(before.id);
  VendorUpdate update{config::kVendorNote, before.id, event.ack.actor, event.ack.note, now_.wall};
  std::vector<incident::Group> groups = after->groups;
  bool returns = false;
  if (std::holds_alternative<incident::AddNote>(event.act)) {
    if (!IsOpen(after->state)) groups = {{after->receiver, after->group_key, after->entity_id}};
  } else if (std::holds_alternative<incident::Resolve>(event.act)) {
    update.act = config::kVendorResolve;
    groups = before.groups;
    std::erase_if(groups, [&](const incident::Group& group) {
      return std::ranges::count(after->groups, group) > 0;
    });
  } else if (!IsHeld(before) && IsHeld(*after)) {
    update.act = config::kVendorAcknowledge;
    const WallTime until = after->snooze ? after->snooze->until : after->ack->until;
    returns = until != kNoTime;
    if (returns) {
      const std::string what = after->snooze ? "snoozed" : "in hand";
      update.text =
          what + " until " + FormatRfc3339(until) + (update.text.empty() ? "" : ": " + update.text);
    }
  } else if (before.ack && !IsHeld(*after)) {
    update.act = config::kVendorUnacknowledge;
    // Nobody has it yet when a person asks for the next one in the place of a rule's ack.
    const bool is_given = std::holds_alternative<incident::Reassign>(event.act);
    update.text = is_given              ? "given to " + after->owner
                  : update.text.empty() ? std::string("escalated")
                                        : "escalated: " + update.text;
  } else {
    return;
  }
  TellVendors(groups, event.ack.channel, update, returns);
}

// Another step of the policy has come: to those that page nobody themselves. `before`: the incident
// without this step on its timeline.
void Core::TellOfEscalation(const incident::Incident& before, const std::string& policy,
                            std::string step) {
  const std::string asked = incident::CauseOfStep(before, policy).by;
  const std::string by = asked.empty() ? "watchfire" : asked;
  TellVendors(before.groups, "",
              {config::kVendorEscalate, before.id, by, std::move(step), now_.wall}, false);
}

// Nobody holds the incident any more.
void Core::TellOfReturn(const incident::Incident& incident, const std::string& by,
                        std::string why) {
  TellVendors(incident.groups, "",
              {config::kVendorUnacknowledge, incident.id, by, std::move(why), now_.wall}, false);
}

// Whether a vendor's webhook only brings back what it was told by us.
bool Core::IsEcho(const incident::Incident& incident, const IncidentCommand& event) {
  const bool acks = std::holds_alternative<incident::Acknowledge>(event.act);
  const bool resolves = std::holds_alternative<incident::Resolve>(event.act);
  if (!acks && !resolves && !std::holds_alternative<incident::AddNote>(event.act)) return false;
  const config::VendorAct act = acks       ? config::kVendorAcknowledge
                                : resolves ? config::kVendorResolve
                                           : config::kVendorNote;
  const auto is_echo_of = [&](const VendorUpdate& update, Duration ago) {
    if (update.act != act || ago > VendorUpdates::kEchoWindow) return false;
    if (act == config::kVendorNote) {
      return !update.text.empty() && event.ack.note.find(update.text) != std::string::npos;
    }
    // Somebody else's ack is no echo: it takes the place of a snooze, and policies spare who gave
    // it.
    const bool is_late = ago > (acks && IsHeld(incident) ? VendorUpdates::kEchoWindow : kLateEcho);
    return !is_late && IsOurName(event.ack.actor, event.ack.channel, update);
  };
  std::vector<incident::Group> groups = incident.groups;
  std::ranges::move(LeadsOf(incident.id, incident.groups), std::back_inserter(groups));
  for (const incident::Group& group : groups) {
    for (const VendorUpdates::Id& id : vendor_updates_.OfGroup(group.group_key)) {
      if (id.key.integration != event.ack.channel || id.key.owner() != group.receiver) continue;
      const VendorLine& line = *vendor_updates_.Find(id);
      bool is_echo = !line.waiting.empty() && is_echo_of(line.waiting.front(), {});
      for (const VendorUpdate& told : line.told) {
        is_echo = is_echo || is_echo_of(told, now_.wall - told.at);
      }
      if (!is_echo) continue;
      Count(&stats_.vendor_updates, {id.key.integration, config::VendorActName(act), "echoed"});
      return true;
    }
  }
  return false;
}

void Core::SendVendorUpdates() {
  if (now_.mono < *flushes_from_) return;
  for (const VendorUpdates::Id& id : vendor_updates_.TakeDue(outbox_, now_.mono)) {
    SendNextUpdate(vendor_updates_.Find(id));
  }
}

// The first one that has not become pointless; at once if no page is in the way.
void Core::SendNextUpdate(VendorLine* line) {
  while (!line->under_way && !line->waiting.empty()) {
    const nflog::Key& key = line->id.key;
    const VendorUpdate& update = line->waiting.front();
    const config::Receiver* receiver = FindReceiver(key.receiver);
    const config::Integration* to = FindIntegration(receiver, key.integration, key.index);
    if (to == nullptr || (to->takes & update.act) == 0) {
      Settle(line, "dropped", "the configuration no longer has it");
      continue;
    }
    if (IsPointless(*line)) {
      Settle(line, "superseded", "");
      continue;
    }
    if (update.at + kPatience < now_.wall) {
      Settle(line, "expired", "it did not take it in time");
      continue;
    }
    const bool is_free = vendor_updates_.in_flight() < kInFlight &&
                         vendor_updates_.InFlightTo(key) < kInFlightToOne &&
                         !deliveries_.Busy(key) &&
                         deliveries_.LetBehind({key.receiver, key.integration, key.index},
                                               receiver->limits, now_.mono);
    if (!is_free) return vendor_updates_.Arm(line, now_.mono + kLook);
    const Audience audience{*receiver, *to, key.via, false, key.person, key.group_key};
    const DeliveryId id{++last_id_};
    vendor_updates_.Start(line, id);
    Emit(Attempt{id, config_, to, MakeVendorUpdate(*line, audience), kTimeout, roster_});
  }
}

// Whether what the first one says is not so any more, or there is nothing left to say it of.
bool Core::IsPointless(const VendorLine& line) const {
  const nflog::Key& key = line.id.key;
  if (DriverOf(key) == nullptr) return true;
  const auto open = IncidentOf(key);
  const bool is_open = open != nullptr;
  const bool is_held = is_open && IsHeld(*open);
  switch (line.waiting.front().act) {
    case config::kVendorAcknowledge:
      return !is_held;
    case config::kVendorUnacknowledge:
      return !is_open || is_held;
    case config::kVendorResolve:
      return is_open;
    case config::kVendorEscalate:
      return !is_open;
    case config::kVendorNote: {
      // What was said of an incident that is over is nothing that the next one should hear.
      auto about = incidents_.Find(line.id.incident);
      while (about != nullptr && about->merged_into != 0) {
        about = incidents_.Find(about->merged_into);
      }
      return open != nullptr && (about == nullptr || about->id != open->id);
    }
  }
  return false;
}

// A page of the same key may have overtaken what was said: the vendor may take it for over, or in
// hand, by what was true when it left. Then the page is said again.
void Core::UndoOvertaken(const nflog::Key& key, config::VendorAct said) {
  const auto open = IncidentOf(key);
  const bool is_open = open != nullptr;
  const bool is_held = is_open && IsHeld(*open);
  const bool is_undone = (said == config::kVendorResolve && is_open) ||
                         (said == config::kVendorAcknowledge && is_open && !is_held);
  if (!is_undone) return;
  Delivery* busy = deliveries_.FindByKey(key);
  if (busy != nullptr && busy->state == Delivery::State::kAttempting) {
    busy->came_back = busy->is_stale = true;
  }
  const nflog::Entry* entry = nflog_.Find(key);
  if (entry == nullptr) return;
  const std::vector<uint64_t> told = entry->firing;
  if (auto record = nflog_.Doubt(key, told)) outbox_.AddUrgent(*std::move(record), now_.mono);
  Hasten(key);
}

std::shared_ptr<const dispatch::Notification> Core::MakeVendorUpdate(const VendorLine& line,
                                                                     const Audience& to) {
  const nflog::Key& key = line.id.key;
  const dispatch::Group& group = *DriverOf(key);
  const Delivery like =
      MakeDelivery(group, to, now_.wall, dispatch::Reason::kRepeat, SurveyOf(group).flush.alerts);
  auto notification = std::make_shared<dispatch::Notification>(*like.notification);
  notification->update = line.waiting.front();
  return notification;
}

void Core::OnUpdateAttempted(VendorLine* line, const Attempted& event) {
  vendor_updates_.End(line);
  if (event.kind == Attempted::Kind::kDone || event.unknown) {
    UndoOvertaken(line->id.key, line->waiting.front().act);
  }
  switch (event.kind) {
    case Attempted::Kind::kDone:
      Settle(line, "told", "");
      break;
    case Attempted::Kind::kFail:
      Settle(line, "refused", event.why);
      break;
    case Attempted::Kind::kRetry: {
      const Duration wait = std::max(line->backoff.Next(&rng_), event.retry_after);
      Emit(Log{Log::Level::kWarn,
               "vendor: attempt failed, will retry",
               {{"receiver", line->id.key.receiver},
                {"integration", line->id.key.integration},
                {"incident", std::to_string(line->id.incident)},
                {"err", event.why}}});
      return vendor_updates_.Arm(line, now_.mono + wait);
    }
  }
  if (!line->waiting.empty()) vendor_updates_.Arm(line, now_.mono);
}

// The first one is done with.
void Core::Settle(VendorLine* line, const char* outcome, const std::string& why) {
  const bool is_told = std::string_view(outcome) == "told";
  const VendorUpdate update =
      vendor_updates_.Pop(line, is_told ? std::optional(now_.wall) : std::nullopt);
  const nflog::Key& key = line->id.key;
  const char* const act = config::VendorActName(update.act);
  Count(&stats_.vendor_updates, {key.integration, act, outcome});
  outbox_.AddUrgent(VendorUpdates::Encode(*line), now_.mono);
  if (!is_told && why.empty()) return;
  Emit(Log{is_told ? Log::Level::kInfo : Log::Level::kError,
           is_told ? "vendor: told" : "vendor: not told, given up",
           {{"receiver", key.receiver},
            {"integration", key.integration},
            {"incident", std::to_string(update.incident)},
            {"action", act},
            {"err", why}}});
  std::string text = key.integration + ": " + act + (is_told ? "" : " (" + why + ")");
  auto record = incidents_.OnEscalated(
      update.incident,
      {now_.wall, is_told ? "told" : "untold", key.receiver, "pipeline", std::move(text)});
  if (record) Store(*std::move(record));
}

// What waits is stored before it is sent, and no longer waited for than a page.
void Core::Save(VendorLine* line) {
  const Ticket ticket = outbox_.AddUrgent(VendorUpdates::Encode(*line), now_.mono);
  if (line->under_way || line->attempts > 0) return;
  vendor_updates_.AwaitStore(line, ticket, now_.mono + kIntentWait);
}

}  // namespace watchfire::core
