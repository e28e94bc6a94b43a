// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What a responder's act at a vendor means for our incidents: which of them it is about, whether it
// is news, and what is to be done. The same for what vendors push and what they are asked for.
// Pure; any thread.

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/base/result.h"
#include "pkg/base/time.h"
#include "pkg/inbound/responder.h"
#include "pkg/incident/incident.h"

namespace watchfire::responder {

using Incidents = std::map<uint64_t, std::shared_ptr<const incident::Incident>>;

struct Vendor {
  const char* kind;  // "opsgenie": the channel of what is done.
  const char* name;  // "Opsgenie": how the marks of its acts begin.
};

// Whether a vendor means that incident by `entity_id`. One that took over others goes by all their
// names.
bool IsAbout(const incident::Incident& incident, std::string_view entity_id);

// The open incident in which a merged one goes on; of one that is open itself. Null: that is over,
// or forgotten.
const incident::Incident* GoesOnIn(const Incidents& incidents, const incident::Incident& incident);

// The open incidents that a vendor means by `entity_id`: those that are about it; if none is, those
// in which one that was goes on. There messages may still be sent under that name, though the group
// that had it is over. Core has the last word: it knows which are.
std::vector<const incident::Incident*> OpenOf(const Incidents& incidents,
                                              std::string_view entity_id);

// Whether somebody was paged for the incident through that vendor, for all of its groups at once,
// after `at`: what was resolved there before was not what he was paged for.
bool WasPagedSince(const incident::Incident& incident, std::string_view vendor, WallTime at);

// Incidents by the names that vendors know them by. Borrows what it is made of.
class Index {
 public:
  explicit Index(const Incidents& incidents);

  // Those of that name, and what was merged into them; all of them for "", which is nobody's.
  std::span<const incident::Incident* const> About(const std::string& entity_id) const;
  // Open ones without that name, in which one that had it goes on.
  std::span<const incident::Incident* const> GoOn(const std::string& entity_id) const;

 private:
  std::vector<const incident::Incident*> all_;
  using ByEntity = std::map<std::string_view, std::vector<const incident::Incident*>>;
  static std::span<const incident::Incident* const> In(const ByEntity& all,
                                                       const std::string& entity_id);
  ByEntity by_entity_;
  ByEntity go_on_;
};

// Whether the vendor told us of its own accord, or says what it has whenever it is asked.
enum class Heard { kPushed, kPolled };

struct Verdict {
  // "ok"; "duplicate": it was told before, or is so already; "stale": of long ago, or of what broke
  // before; "already_resolved"; "unknown_entity"; "ignored": of no consequence here.
  const char* word = "ok";
  bool is_to_do = false;
  // What core is to be told then.
  std::string entity_id = {};
  incident::Ack ack = {};
  incident::Act act = {};
  WallTime at = kNoTime;  // When it was done.
};

Verdict Judge(const Vendor& vendor, const inbound::ResponderAct& act, const Index& incidents,
              Heard heard, WallTime now);

// The word for what came of a verdict that was to be done, by core's answer: its own; "ignored" or
// "already_resolved" when core never will; "error": it is to be tried again.
const char* WordAfter(const Verdict& verdict, const inbound::ResponderAct& act,
                      const Status& status);

}  // namespace watchfire::responder
