// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Storms (`oncall.storm`): whom many incidents page at once reads one page a minute, not forty.
//
//   page of #1, #2, #3 ──> sent, each when it is due; the third within a minute begins the storm
//   page of #4 … #43   ──> owed, until `every` has passed since that receiver paged the person
//                          last; then one of them is sent and names all the others: its riders
//   nothing unacknowledged pages the person any more ──> the storm is over
//
// What is held back stays owed as any page is, in the record of its escalation: a crash, or a page
// that is not taken, makes it wait for the next one at worst. Who rides along is told of no end,
// for no message was of it alone. All that is remembered here is lost with the process: a restart
// in a storm sends some pages of their own again before it is noticed anew.
//
// Part of Core; owned by the core thread.

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

// The group label by which a page names the incidents that it takes along.
inline constexpr const char* kFurtherLabel = "further_incidents";

class Core::Storms {
 public:
  // Borrows the core that owns it.
  explicit Storms(Core* core) : core_(*core) {}

  // Whether a page that the person is owed, of that group, has to wait. If so it is planned again
  // in time (Advance).
  bool Holds(const Audience& who, const dispatch::Group& group);
  // The page is about to be sent: in a storm it takes along all that wait to go the same way.
  void Board(Delivery* page);
  // The page was accepted: so were those that rode along.
  void Arrived(const Delivery& page);
  // The page under that key is not owed any more, or owed anew: none that is under way is it.
  void Leave(const nflog::Key& key);
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
    MonoTime paged{};    // When the last page took it,
    nflog::Key key;      // under that key.
    bool waits = false;  // Something may be held back, or ride along.
  };
  struct Storm {
    std::map<uint64_t, MonoTime> paged;  // Incidents, and when each paged last.
    bool is_on = false;
    MonoTime look{};  // While it is on: when to see whether it is over.
  };
  struct Waiting {
    nflog::Key key;
    RunningEscalation::GroupRef group;
    std::shared_ptr<const incident::Incident> incident;
  };

  static Lane LaneOf(const nflog::Key& key);
  const config::Storm& terms() const;
  bool IsUnderWay(const Way& way) const;
  std::vector<Waiting> WaitingFor(const Lane& lane) const;
  bool IsPaged(const std::string& person) const;
  void Plan(const Lane& lane);
  void End(const std::string& person);

  Core& core_;
  std::map<std::string, Storm> people_;
  std::map<Lane, Way> ways_;  // Of those in a storm.
};

}  // namespace watchfire::core
