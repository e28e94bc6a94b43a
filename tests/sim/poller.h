// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// `poll_acks` in the simulated world: the production decisions (pkg/responder) driven as
// pkg/app/ack_poller.cc drives them, against a vendor that answers late, refuses, or garbles. And
// what must hold of each question and of each act while it happens.

#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pkg/base/rng.h"
#include "pkg/responder/poll.h"
#include "tests/sim/desk.h"
#include "tests/sim/world.h"

namespace watchfire::sim {

class Poller {
 public:
  Poller(World& world, Desk& desk, uint64_t seed);
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  size_t questions() const { return questions_; }
  // Of acts: "acknowledge ok", "note duplicate"; of answers: "polls throttled".
  const std::map<std::string, int>& counts() const { return counts_; }
  // Marks of acts that core said are stored.
  const std::vector<std::string>& stored() const { return stored_; }

  // A question leaves now; `is_open`: some incident is. Public for the test of what it looks for.
  void NoteQuestion(bool is_open);

 private:
  struct Line {
    responder::Poll poll;
    uint64_t id = 0;
  };

  void OnBoot();
  void Use();
  void Tick();
  void Ask();
  void Take(uint64_t line, const Result<responder::Answer>& answer);
  void TellNext();
  void Tell(const inbound::ResponderAct& act, const responder::Verdict& verdict);
  void Told(const char* word);
  void CheckIsOfThisCycle(const inbound::ResponderAct& act, const std::string& entity_id);

  World& world_;
  Desk& desk_;
  Rng rng_;
  std::optional<Line> line_;
  uint64_t last_line_ = 0;
  std::deque<inbound::ResponderAct> acts_;  // The thread is busy with the first one.
  uint64_t turn_ = 0;                       // Of the command under way: late answers are of others.
  bool is_reloaded_ = false;                // While it was busy.
  std::optional<MonoTime> not_before_;      // The next question.
  size_t questions_ = 0;
  std::map<std::string, int> counts_;
  std::vector<std::string> stored_;
};

}  // namespace watchfire::sim
