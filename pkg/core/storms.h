// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Storms (`oncall.storm`): whom many incidents page at once reads one page a minute, not forty.
//
//   page of #1, #2, #3 ──> sent, each when it is due; the third within a minute begins the storm
//   page of #4 … #43   ──> owed, until `every` has passed since that way took a page; then one of
//                          them is sent, and says of all of them; the others are its riders
//   nothing unacknowledged pages the person any more ──> the storm is over
//
// What is held back stays owed as any page is, in the record of its escalation: a crash, or a page
// that is not taken, makes it wait for the next one at worst. Who rides along is looked up anew
// before each attempt, so that a message names nothing that is acknowledged, over or muted by then.
// A vendor that refuses such a message is sent each page by itself until the storm is over.
//
// Ways by which every message opens something that somebody has to close are left alone: vendors
// bundle what they page, and would find what they know already in the same message as what is new.
//
// All that is remembered here is lost with the process: a restart in a storm sends some pages of
// their own again before it is noticed anew. Part of Core; owned by the core thread.

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pkg/base/time.h"
#include "pkg/core/core.h"

namespace watchfire::core {

// The name of the alert that a message of several incidents is of.
inline constexpr const char* kStormAlert = "IncidentStorm";

class Core::Storms {
 public:
  // A page takes so many along, and has a line for each; others wait for the next one.
  static constexpr size_t kRidersMost = 99;

  // Borrows the core that owns it.
  explicit Storms(Core* core) : core_(*core) {}

  // Whether a page that the person is owed, of that group, has to wait. If so it is planned again
  // in time (Advance).
  bool Holds(const Audience& who, const dispatch::Group& group);
  // The page is about to be submitted.
  void Board(const Delivery& page);
  // What an attempt of the message, now, is to say. In a storm a page takes along all that wait to
  // go the same way.
  std::shared_ptr<const dispatch::Notification> Said(Delivery* page);
  // The page was accepted: so were those that rode along.
  void Arrived(const Delivery& page);
  // It was given up; `is_refused`: for what it is, not for the vendor's state.
  void Missed(const Delivery& page, bool is_refused);
  // The page under that key is not owed any more, or owed anew: none that is under way is it.
  void Leave(const nflog::Key& key);
  // Somebody is muted no more: what was passed over for that is looked at again.
  void Wake();
  // Whether a message on the wire speaks of the page under that key.
  bool IsAboard(const nflog::Key& key) const;
  // Plans what has waited long enough, and ends the storms that are over.
  void Advance();
  std::optional<MonoTime> next_due() const;

 private:
  // An integration that reaches a person.
  struct Lane {
    std::string person;
    LaneKey to;

    auto operator<=>(const Lane&) const = default;
  };
  struct Way {
    nflog::Key key;                    // Of the last page that went this way,
    MonoTime boarded{};                // and when that was submitted.
    std::optional<MonoTime> taken_at;  // When one was last accepted.
    bool waits = false;                // Something may be held back.
    bool is_missed = false;            // That page was given up.
    bool is_plain = false;             // Each page goes by itself.
  };
  struct Storm {
    std::map<uint64_t, MonoTime> paged;  // Incidents, and when each paged last.
    bool is_on = false;
    MonoTime look{};  // While it is on: when to see whether it is over.
  };
  struct Waiting {
    nflog::Key key;
    std::shared_ptr<const incident::Incident> incident;
  };

  static Lane LaneOf(const nflog::Key& key);
  const config::Storm& terms() const;
  bool IsOn(const std::string& person) const;
  bool IsUnderWay(const Way& way) const;
  std::optional<MonoTime> DueOf(const Lane& lane, const Way& way) const;
  std::vector<Waiting> WaitingFor(const Lane& lane, size_t most) const;
  std::shared_ptr<const dispatch::Notification> Message(const Delivery& page,
                                                        const std::vector<Waiting>& all) const;
  void Excuse(const nflog::Key& key, MonoTime until);
  bool IsPaged(const std::string& person) const;
  void Plan(const Lane& lane);

  Core& core_;
  std::map<std::string, Storm> people_;
  std::map<Lane, Way> ways_;  // Of those in a storm, or that were when the page left.
};

}  // namespace watchfire::core
