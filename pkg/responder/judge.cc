// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/responder/judge.h"

#include <algorithm>

#include "pkg/base/limits.h"
#include "pkg/base/strings.h"
#include "pkg/incident/texts.h"

namespace watchfire::responder {
namespace {

using inbound::ResponderAct;
using incident::Incident;
using Kind = inbound::ResponderAct::Kind;

// So long does PagerDuty try to deliver; what is further from now is a recording.
constexpr std::chrono::hours kAge{48};
// A webhook that told the same came within this time of it, by clocks that differ a little.
constexpr std::chrono::minutes kToldBefore{1};
constexpr std::chrono::minutes kToldAfter{10};
// Whoever is rung may be faster than the answer of the vendor that rings.
constexpr std::chrono::seconds kAnswerTakes{10};
constexpr size_t kBytesPerRune = 4;
constexpr std::string_view kBeforeMark = " · ";

std::string Cut(std::string_view text, size_t bytes) {
  return TruncateRunes(RepairUtf8(text), bytes / kBytesPerRune);
}

// The vendor's texts are ours to shorten; the mark stays whole, or a replay would go unseen.
incident::Ack ToAck(const Vendor& vendor, const ResponderAct& act) {
  incident::Ack ack;
  ack.actor = Cut(act.actor, limits::kIncidentNameBytes);
  ack.actor_type = act.is_person ? incident::ActorType::kHuman : incident::ActorType::kAutomation;
  ack.channel = vendor.kind;
  if (!act.text.empty()) {
    ack.note = Cut(act.text, limits::kNoteBytes - act.mark.size() - kBeforeMark.size());
    ack.note += kBeforeMark;
  }
  ack.note += act.mark;
  return ack;
}

bool IsMeant(const Vendor& vendor, const Incident& incident, const ResponderAct& act) {
  if (!act.entity_id.empty()) return IsAbout(incident, act.entity_id);
  // By what it was called when we heard of it before.
  const std::string called = std::string(vendor.name) + " " + act.page + ", ";
  return !act.page.empty() &&
         std::ranges::any_of(incident.timeline, [&](const incident::Event& event) {
           return event.channel == vendor.kind && event.text.find(called) != std::string::npos;
         });
}

// Whether the vendor's webhook, whose marks are others, told of it already. A note beside an ack is
// none: who writes one mostly acknowledges next.
bool WasPushed(const incident::Event& event, const ResponderAct& act, const incident::Ack& ack) {
  if (event.actor != ack.actor || event.at < act.at - kToldBefore ||
      event.at > act.at + kToldAfter) {
    return false;
  }
  if (act.kind == Kind::kAcknowledge) {
    return event.kind == "acked" ||
           (event.kind == "note" && event.text.starts_with(incident::kAckedAgain));
  }
  return act.kind == Kind::kNote && event.kind == "note" && event.text.starts_with(act.text);
}

// Whether the note is what we told the vendor, which it shows to whoever asks: for as long as the
// incident lasts, and core knows an echo for ten minutes.
bool IsOurNote(const Incident& incident, const Vendor& vendor, const ResponderAct& act,
               const incident::Ack& ack) {
  // As dispatch::Sentence() has it.
  for (const char* told : {" acknowledged it in Watchfire", " resolved it in Watchfire",
                           "nobody has it in hand in Watchfire any more"}) {
    if (act.text.find(told) != std::string::npos) return true;
  }
  return std::ranges::any_of(incident.timeline, [&](const incident::Event& event) {
    return event.kind == "note" && event.channel != vendor.kind && !event.text.empty() &&
           (event.actor == ack.actor || !act.is_person) && event.at >= act.at - kToldAfter &&
           event.at <= act.at + kToldBefore && act.text.find(event.text) != std::string::npos;
  });
}

// What is known of what the act is about.
struct Known {
  bool any = false;
  bool any_open = false;
  bool is_replay = false;       // It was told before.
  bool acked_by_actor = true;   // All open ones.
  bool are_held = true;         // The same, by anybody.
  bool are_snoozed = true;      // The same, since it was done.
  bool is_paged_since = false;  // Any open one, since it was done.
  WallTime cycle_at = kNoTime;  // The newest of the open ones'.
  std::string entity_id;
};

// Those that the act is about, and what went on in them: that has no groups any more, and remembers
// what was heard of them.
std::vector<const Incident*> Meant(const Vendor& vendor, const ResponderAct& act,
                                   const Index& incidents) {
  std::vector<const Incident*> meant;
  std::vector<const Incident*> merged;
  for (const Incident* incident : incidents.About(act.entity_id)) {
    if (IsMeant(vendor, *incident, act)) {
      meant.push_back(incident);
    } else if (incident->merged_into != 0) {
      merged.push_back(incident);
    }
  }
  for (size_t i = 0; i < meant.size(); ++i) {
    for (const Incident* incident : merged) {
      if (incident->merged_into == meant[i]->id) meant.push_back(incident);
    }
  }
  const bool any_open =
      std::ranges::any_of(meant, [](const Incident* incident) { return IsOpen(incident->state); });
  if (!any_open) {
    const auto go_on = incidents.GoOn(act.entity_id);
    meant.insert(meant.end(), go_on.begin(), go_on.end());
  }
  return meant;
}

// A name by which core finds an open incident: the group that opened it may be over.
const std::string& NameOf(const Incident& incident) {
  const auto& groups = incident.groups;
  const bool is_there =
      groups.empty() ||
      std::ranges::find(groups, incident.entity_id, &incident::Group::entity_id) != groups.end();
  return is_there ? incident.entity_id : groups.front().entity_id;
}

Known LookUp(const Vendor& vendor, const ResponderAct& act, const incident::Ack& ack,
             const Index& incidents, Heard heard) {
  Known known;
  known.entity_id = act.entity_id;
  for (const Incident* incident : Meant(vendor, act, incidents)) {
    known.any = true;
    known.is_replay |= heard == Heard::kPolled && act.kind == Kind::kNote &&
                       IsOurNote(*incident, vendor, act, ack);
    for (const incident::Event& event : incident->timeline) {
      if (event.channel != vendor.kind) continue;
      known.is_replay |=
          event.text.ends_with(act.mark) || (heard == Heard::kPolled && WasPushed(event, act, ack));
    }
    if (!IsOpen(incident->state)) continue;
    known.any_open = true;
    known.cycle_at = std::max(known.cycle_at, incident->cycle_at);
    known.is_paged_since |= WasPagedSince(*incident, vendor.kind, act.at);
    known.acked_by_actor &= incident->ack && incident->ack->by == ack.actor;
    known.are_held &= incident->ack || incident->snooze;
    known.are_snoozed &= incident->snooze && act.at <= incident->snooze->since;
    if (known.entity_id.empty()) known.entity_id = NameOf(*incident);
  }
  return known;
}

}  // namespace

bool IsAbout(const Incident& incident, std::string_view entity_id) {
  return incident.entity_id == entity_id ||
         std::ranges::any_of(incident.groups, [&](const incident::Group& group) {
           return group.entity_id == entity_id;
         });
}

const Incident* GoesOnIn(const Incidents& incidents, const Incident& incident) {
  const Incident* goes_on = &incident;
  // Merges lead from an open incident to another, so they never lead round in a circle.
  while (goes_on->merged_into != 0) {
    const auto into = incidents.find(goes_on->merged_into);
    if (into == incidents.end()) return nullptr;  // Forgotten already.
    goes_on = into->second.get();
  }
  return IsOpen(goes_on->state) ? goes_on : nullptr;
}

std::vector<const Incident*> OpenOf(const Incidents& incidents, std::string_view entity_id) {
  std::vector<const Incident*> open;
  std::vector<const Incident*> go_on;
  for (const auto& entry : incidents) {
    const Incident& incident = *entry.second;
    if (!IsAbout(incident, entity_id)) continue;
    if (IsOpen(incident.state)) {
      open.push_back(&incident);
      continue;
    }
    const Incident* goes_on = GoesOnIn(incidents, incident);
    const bool is_new = std::ranges::find(go_on, goes_on) == go_on.end();
    if (goes_on != nullptr && is_new) go_on.push_back(goes_on);
  }
  return open.empty() ? go_on : open;
}

bool WasPagedSince(const Incident& incident, std::string_view vendor, WallTime at) {
  return std::ranges::any_of(incident.timeline, [&](const incident::Event& event) {
    // Pages to people say whom they reached.
    return event.kind == "paged" && event.channel == vendor && !event.text.empty() &&
           event.at - kAnswerTakes > at;
  });
}

Index::Index(const Incidents& incidents) {
  all_.reserve(incidents.size());
  for (const auto& entry : incidents) {
    const Incident* incident = entry.second.get();
    all_.push_back(incident);
    const auto add = [&](std::string_view entity_id) {
      auto& known = by_entity_[entity_id];
      if (known.empty() || known.back() != incident) known.push_back(incident);
    };
    const Incident* goes_on = incident;
    while (goes_on->merged_into != 0) {
      const auto into = incidents.find(goes_on->merged_into);
      if (into == incidents.end()) break;  // Forgotten already.
      goes_on = into->second.get();
    }
    add(incident->entity_id);
    add(goes_on->entity_id);
    for (const incident::Group& group : goes_on->groups) add(group.entity_id);
    if (goes_on == incident || !IsOpen(goes_on->state)) continue;
    if (!IsAbout(*goes_on, incident->entity_id)) go_on_[incident->entity_id].push_back(goes_on);
  }
}

std::span<const Incident* const> Index::In(const ByEntity& all, const std::string& entity_id) {
  const auto found = all.find(entity_id);
  if (found == all.end()) return {};
  return found->second;
}

std::span<const Incident* const> Index::About(const std::string& entity_id) const {
  if (entity_id.empty()) return all_;
  return In(by_entity_, entity_id);
}

std::span<const Incident* const> Index::GoOn(const std::string& entity_id) const {
  return In(go_on_, entity_id);
}

Verdict Judge(const Vendor& vendor, const ResponderAct& act, const Index& incidents, Heard heard,
              WallTime now) {
  if (act.kind == Kind::kNothing) return {"ignored"};
  // The echo of our own recovery message names nobody; late, it would close the next incident.
  if (act.kind == Kind::kResolve && !act.is_person) return {"ignored"};
  if (act.at < now - kAge || act.at > now + kAge) return {"stale"};
  Verdict verdict;
  verdict.ack = ToAck(vendor, act);
  const Known known = LookUp(vendor, act, verdict.ack, incidents, heard);
  if (!known.any) return {"unknown_entity"};
  if (known.is_replay) return {"duplicate"};
  if (!known.any_open) return {"already_resolved"};
  // Done to what broke before, or before it came back to those on call.
  if (act.at < known.cycle_at) return {"stale"};
  // What was ended there is open there once more.
  if (act.kind == Kind::kResolve && known.is_paged_since) return {"stale"};
  // Whoever snoozed it since knows better: an ack would keep it from coming back.
  if (act.kind == Kind::kAcknowledge && known.are_snoozed) return {"stale"};
  const bool is_so = act.kind == Kind::kAcknowledge && known.acked_by_actor;
  // Of what is held already a machine has nothing to add: mostly it is the echo of our own word.
  const bool is_echo = act.kind == Kind::kAcknowledge && known.are_held && !act.is_person;
  if (heard == Heard::kPolled && (is_so || is_echo)) return {"duplicate"};
  // What is pushed is answered, and the answer is a promise that it is stored: so it is said again.
  if (is_so) verdict.word = "duplicate";
  verdict.is_to_do = true;
  verdict.entity_id = known.entity_id;
  verdict.at = act.at;
  if (act.kind == Kind::kResolve) verdict.act = incident::Resolve{};
  if (act.kind == Kind::kNote) verdict.act = incident::AddNote{};
  return verdict;
}

const char* WordAfter(const Verdict& verdict, const ResponderAct& act, const Status& status) {
  if (status) return verdict.word;
  // It was resolved between our look and our word; or the timeline is full, and stays so.
  const Code code = status.error().code;
  if (code != Code::kNotFound && code != Code::kConflict) return "error";
  return act.kind == Kind::kNote ? "ignored" : "already_resolved";
}

}  // namespace watchfire::responder
