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

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "pkg/base/time.h"
#include "pkg/core/core.h"

namespace watchfire::core {

class Core::Storms {
 public:
  // Borrows the core that owns it.
  explicit Storms(Core* core) : core_(*core) {}

  // Whether the page that the person is owed, of the incident of that group, has to wait. If so it
  // is planned again in time (Advance).
  bool Holds(const Audience& who, const dispatch::Group& group);
  // The person is paged by this, now: in a storm it takes along all that wait for that receiver.
  void Board(Delivery* page, const Audience& who, const dispatch::Group& group);
  // The page was accepted: so were those that rode along.
  void Arrived(const Delivery& page);
  // The page under that key is not owed any more: no page that waits to be sent names it.
  void Leave(const nflog::Key& key);
  // Plans what has waited long enough, and ends the storms that are over.
  void Advance();
  std::optional<MonoTime> next_due() const;

 private:
  struct Lane {
    std::string person;
    std::string receiver;

    auto operator<=>(const Lane&) const = default;
  };
  struct Storm {
    std::map<uint64_t, MonoTime> paged;  // Incidents, and when each paged last.
    bool is_on = false;
  };

  Core& core_;
  std::map<std::string, Storm> people_;
  std::map<Lane, MonoTime> paged_;  // When the receiver paged that person last, in a storm.
  std::set<Lane> waiting_;          // Something is held back.
};

}  // namespace watchfire::core
