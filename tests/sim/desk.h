// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The pager's own side of the simulated world: VictorOps keeps incidents of what it was paged for,
// and people there acknowledge, resolve and remark on them. Most webhooks about it are lost, so it
// must be asked (poller.h). Its clock is right whatever ours does.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pkg/base/rng.h"
#include "tests/sim/world.h"

namespace watchfire::sim {

class Desk {
 public:
  static constexpr const char* kPerson = "vic";  // Who works there, and nowhere else.

  // Outlives the world's run; works on its own dice, so that histories without it stay the same.
  Desk(World& world, uint64_t seed);
  Desk(const Desk&) = delete;
  Desk& operator=(const Desk&) = delete;

  // What kPerson did, and to which of our incidents, in which cycle; 0: we had none open then.
  struct Deed {
    std::string mark;  // By which our timelines know it.
    std::string entity_id;
    uint64_t incident = 0;
    int cycle = 0;
    MonoTime at{};
  };
  enum class Kind { kAcknowledge, kResolve, kNote };
  // Does it to what is open there of that service; false: nothing is. Nobody is told of it.
  bool Do(const std::string& service, Kind kind);

  // Answers of its API.
  std::string Incidents() const;
  std::string NotesOf(const std::string& url) const;
  std::string Date() const;

  const Deed* Find(const std::string& mark) const;
  const std::vector<Deed>& deeds() const { return deeds_; }

 private:
  struct Transition {
    std::string name;
    std::string by;
    bool is_manual = false;
    WallTime at = kNoTime;
  };
  struct Page {
    int number = 0;
    std::string group_key;
    std::string entity_id;
    std::vector<Transition> transitions;
    std::vector<std::string> notes;
  };

  WallTime clock() const { return base_ + (world_.mono() - MonoTime()); }
  void OnTaken(const core::Attempt& attempt);
  Page* Open(const std::string& entity_id);
  void MaybeDo();
  void DoTo(Page* page, Kind kind);
  void Push(const Page& page, Kind kind);

  World& world_;
  Rng rng_;
  const WallTime base_;
  std::vector<Page> pages_;  // The oldest first.
  std::vector<Deed> deeds_;
};

}  // namespace watchfire::sim
