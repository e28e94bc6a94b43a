// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Who is on call: at a moment, and over a range. Pure functions of a linked Roster and of time; the
// same whoever asks and whenever. Order of decisions (reference paging-backends §6.2): layers, then
// overrides that replace, then substitutes, then who is added. Everything is half open: [begin,
// end).

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pkg/oncall/model.h"

namespace watchfire::oncall {

// Names, each once, in the order of the layers and of their participants.
using People = std::vector<std::string>;

// A stretch of the final schedule. Nobody: a gap.
struct Duty {
  WallTime begin;
  WallTime end;
  People people;
  std::vector<std::string> sources;  // Names of layers, "override" …; in order, each once.

  bool operator==(const Duty&) const = default;
};

// Costs a few microseconds, whatever the age of the schedule.
People WhoAt(const Roster& roster, const Schedule& schedule, WallTime at);

// The same of the schedule that is called so, by name or alias; nobody if there is none, or no
// roster, or `at` is kNoTime. Any thread.
People WhoAt(const Roster* roster, const std::string& schedule, WallTime at);

// The final schedule of [from, to), without holes: each stretch differs from the one before it in
// people or sources. Costs in proportion to the hand-offs within the range.
std::vector<Duty> FinalSchedule(const Roster& roster, const Schedule& schedule, WallTime from,
                                WallTime to);

// The same with neighbours of the same people made one; sources are joined.
std::vector<Duty> MergePeople(const std::vector<Duty>& duties);

// When, after `at`, others are on call, and who. Nullopt if nothing changes for two years.
std::optional<Duty> NextDuty(const Roster& roster, const Schedule& schedule, WallTime at);

// The last moment within (from, to] from which on others are on call than before it; nullopt: the
// same all the while.
std::optional<WallTime> LastChange(const Roster& roster, const Schedule& schedule, WallTime from,
                                   WallTime to);

// Who comes next in the rotation after those on call, or came before (`by` -1): the neighbouring
// participant of every rotation that is on duty; when none is, of all that run, although their
// hours are over.
People NeighboursAt(const Roster& roster, const Schedule& schedule, WallTime at, int by);

// Adds to `people` those whom `target` means at `at`. E-mail addresses and webhooks are no people.
void AddPeople(const Roster& roster, const Target& target, WallTime at, People* people);

// How deep schedules, teams and policies may name each other.
inline constexpr int kDepth = 8;

}  // namespace watchfire::oncall
