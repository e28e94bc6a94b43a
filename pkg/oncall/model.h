// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Who answers, and when: users, teams, schedules and escalation policies as plain values. Every
// vendor's document becomes these (reader.h); who is on call at a moment is a pure function of them
// and the moment (duty.h). A Roster that LinkRoster() (link.h) has passed never changes and may be
// shared between threads.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pkg/base/time.h"
#include "pkg/timeinterval/timeinterval.h"

namespace watchfire::oncall {

using timeinterval::Location;

// Somebody or something to be told. `index` is filled in by LinkRoster().
struct Target {
  enum class Kind {
    kUser,
    kTeam,        // Every member,
    kTeamAdmins,  // those with the role admin,
    kTeamUsers,   // and those without.
    kSchedule,    // Whoever is on call.
    kNext,        // Who comes after those on call in the rotation of a schedule,
    kPrevious,    // and who was before.
    kPolicy,      // All that a policy does; among participants, whom its first step tells.
    kEmail,       // An address that is no user's.
    kWebhook,
    kUnknown,  // Named by a document, and by nothing else: told by its name.
  } kind = Kind::kUser;
  std::string name;
  size_t index = 0;  // Of the team, schedule or policy in the Roster.

  bool operator==(const Target&) const = default;
};
using Targets = std::vector<Target>;

// A way to reach a user: "email", "sms", "voice", "push", "webhook" …
struct Contact {
  std::string method;
  std::string address;
};

// One step of how a user wants to be told: by `method` when not answered `after` the first moment.
struct PersonalRule {
  Duration after{};
  std::string method;
};

struct User {
  std::string name;
  std::vector<std::string> aliases;  // Ids, addresses and whatever else documents call the user.
  std::vector<Contact> contacts;
  std::vector<PersonalRule> rules;
  std::optional<Location> zone = {};  // Where the user lives.
};

struct Member {
  std::string user;
  bool is_admin = false;
};

struct Team {
  std::string name;
  std::vector<std::string> aliases;
  std::vector<Member> members;
};

// A recurring stretch on the clock on the wall, in seconds: of every day, or of the week that
// begins on Monday. 0 <= start < period, 0 < length <= period; a whole period means always. What
// wraps belongs to the day on which it starts.
struct Window {
  bool is_weekly = false;
  int64_t start = 0;
  int64_t length = 0;

  int64_t period() const { return is_weekly ? kWeek : kDay; }
  bool operator==(const Window&) const = default;

  static constexpr int64_t kDay = 24 * 60 * 60;
  static constexpr int64_t kWeek = 7 * kDay;
};
using Windows = std::vector<Window>;

enum class Unit { kMinute, kHour, kDay, kWeek, kMonth };

// Turns of equal length on the clock on the wall, dealt out to the slots in order, for ever.
struct Rotation {
  WallTime anchor = kNoTime;  // Where the first slot's first turn begins.
  Unit unit = Unit::kWeek;
  int64_t length = 1;  // Of a turn, in units; >= 1.
  // Turns are counted in days on which a window begins, not in time: `length` such days a turn.
  bool counts_shifts = false;
  std::vector<Targets> slots;  // An empty slot is nobody's turn.
};

// A turn that stands in a list.
struct Shift {
  WallTime start;
  WallTime end;
  Targets who;
};

// One rotation, or one list of shifts, and the hours for which it counts.
struct Layer {
  std::string name;
  std::vector<std::string> aliases;
  Location zone;
  int level = 0;  // Of the layers that have somebody, those of the highest level are on call.
  std::optional<WallTime> start;
  std::optional<WallTime> end;
  Rotation rotation;          // With no slots: see `shifts`.
  std::vector<Shift> shifts;  // By start, not overlapping.
  Windows windows;            // None: always.
};

// For a while, others. Of two that overlap, the one that stands later in the schedule wins.
struct Override {
  enum class Mode { kReplace, kSubstitute, kAdd } mode = Mode::kReplace;
  WallTime start;
  WallTime end;
  Targets who;
  std::vector<std::string> layers;  // But for kAdd: only in these; none: all of the schedule.
  // kSubstitute: the user whose part `who`, or with none of these nobody, takes while on call.
  std::string replaced;
};

struct Schedule {
  std::string name;
  std::vector<std::string> aliases;
  std::string team;
  Location zone;
  bool enabled = true;  // One that is not has nobody on call.
  std::vector<Layer> layers;
  std::vector<Override> overrides;
};

enum class Condition { kNotAcked, kNotResolved };
enum class Strategy { kAll, kRoundRobin, kRandom };

struct Step {
  Duration after{};  // Since the round began.
  Condition condition = Condition::kNotAcked;
  Targets targets;
  Strategy strategy = Strategy::kAll;
  int turn = 0;  // kRoundRobin: how many places behind the incident's own turn.
  // What happens when the targets come to nobody: the next step keeps its time, or comes at once.
  bool next_at_once = false;
  // Whom it tells is told by all contacts at once, whatever the person's own rules say.
  bool ignores_rules = false;
  // The step counts only inside these hours, or only outside of them; none: always. `waits`: it
  // is held until they come, and what follows moves with it.
  Windows hours;
  Location zone;
  bool outside = false;
  bool waits = false;
  bool resolves = false;  // Ends the incident; tells nobody.
};

struct Repeat {
  int count = 0;               // Further rounds.
  Duration wait{};             // From the last step of a round to the next round, > 0 if count > 0.
  bool reset_acks = false;     // A round begins as if nobody had acknowledged.
  bool resolve_after = false;  // When the last round and its wait are over without an ack.
};

struct Policy {
  std::string name;
  std::vector<std::string> aliases;
  std::string team;
  std::vector<Step> steps;  // By `after`.
  Repeat repeat;
};

struct Roster {
  std::vector<User> users;
  std::vector<Team> teams;
  std::vector<Schedule> schedules;
  std::vector<Policy> policies;
  std::vector<PersonalRule> rules = {};  // Of everybody who has none.

  // By name or alias; when there is none, by letters and digits alone, if only one is so called
  // ("primary-oncall" finds "Primary On-Call"). Null if there is no such.
  const User* FindUser(const std::string& name) const;
  const Team* FindTeam(const std::string& name) const;
  const Schedule* FindSchedule(const std::string& name) const;
  const Policy* FindPolicy(const std::string& name) const;
};

}  // namespace watchfire::oncall
