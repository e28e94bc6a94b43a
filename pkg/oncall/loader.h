// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What the readers of the vendors share. Private to pkg/oncall.

#pragma once

#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "pkg/oncall/reader.h"
#include "pkg/oncall/view.h"

namespace watchfire::oncall {

struct Place {
  const config::Source* source = nullptr;
  config::Mark mark;
};

// An override whose schedule is found when all documents are read.
struct LooseOverride {
  Override one;
  std::string schedule;                // A name or id; "": see ReadOptions::schedule.
  std::vector<std::string> rotations;  // Names or ids of layers.
  WrittenTimes written;
  Place place;
};

// A shift of Grafana's, which schedules name by its id.
struct LooseShift {
  std::vector<std::string> names;
  const config::YamlNode* node = nullptr;
  const config::Source* source = nullptr;
};

// A step of Grafana's, which names its chain.
struct LooseStep {
  std::string chain;
  int64_t position = 0;
  const config::YamlNode* node = nullptr;
  const config::Source* source = nullptr;
};

// A rotation of Opsgenie's by itself, which names its schedule: joined when all documents are read.
struct LooseRotation {
  std::string id;  // Of the schedule; either may be "".
  std::string name;
  View view;
};

// An entry of VictorOps' that tells the team of its policy, which does not say whose it is.
struct OwnTeamPage {
  size_t policy = 0;
  View view;
};

// A custom shift or an override of PagerDuty's shift-based schedules, which come by themselves.
struct LooseChange {
  std::string schedule;  // A name or id; "": it does not say.
  View view;
};

// Whom a shift-based schedule of PagerDuty's names by id.
struct MembersById {
  std::string subject;
  View view;
  std::vector<std::string> ids;
};

// How somebody wants to be told, wherever a document says it; joined with the users when all
// documents are read.
struct LooseRules {
  std::string user;  // A name, id or address. "": of everybody who has none.
  std::vector<Contact> contacts;
  std::vector<PersonalRule> rules;
  View view;
};

struct Loader {
  explicit Loader(const ReadOptions& wishes) : options(wishes) {}

  const ReadOptions& options;
  Roster roster;
  std::vector<Remark> remarks;
  std::vector<std::pair<std::string, std::string>> formats;
  std::vector<LooseOverride> overrides;
  WrittenOverrides written;  // Of those that have found their schedule.
  std::vector<LooseShift> shifts;
  std::vector<LooseStep> steps;
  std::vector<std::pair<View, std::string>> grafana_schedules;
  std::vector<LooseRotation> rotations;
  std::vector<std::pair<View, std::string>> without_rotations;  // Opsgenie's schedules, by name.
  std::vector<OwnTeamPage> own_team_pages;
  std::vector<LooseChange> custom_shifts;
  std::vector<LooseChange> shift_overrides;
  std::vector<MembersById> members_by_id;
  size_t shifts_written = 0;          // Of rules that are written out, all in all.
  std::deque<config::YamlNode> made;  // What Terraform says, in the words of the APIs.
  std::vector<LooseRules> rules;
  std::vector<LooseStep> grafana_rules;  // `chain`: whose.
  std::string alias;                     // What Terraform calls the thing being read.
  bool users_are_declared = false;       // Our own form names its users: others are typing errors.
  // Where things of this kind and name were first spoken of, and where they are.
  std::map<std::pair<Target::Kind, std::string>, Place> mentions;
  std::map<std::pair<std::string, std::string>, Place> definitions;  // By "schedule" and name.

  void Note(Remark::Kind kind, const View& view, const std::string& key, const std::string& subject,
            const std::string& text);
  void Format(const View& view, const std::string& vendor);
  // Remembers where a team, schedule or policy is; false after reporting that there is another of
  // this name, or that it has none.
  bool Define(const std::string& kind, const std::string& name, const View& view);
  // A target, remembered with its place.
  Target Mention(Target::Kind kind, const std::string& name, const View& view,
                 const std::string& key);
};

// `schedule "Primary"`
std::string Subject(const std::string& kind, const std::string& name);
// Adds `name` to `names` unless it is "" or there.
void AddName(const std::string& name, std::vector<std::string>* names);
// The first of `keys` that holds a text; "" if none does.
std::string FirstText(View& view, const std::vector<std::string>& keys);
// Parses "weekly", "2 weeks", "12h" … into a rotation. False if it cannot.
bool ParseEvery(const std::string& text, Rotation* rotation);
// Sets a rotation's unit and length from seconds: whole weeks, days, hours or minutes.
void SetSeconds(int64_t seconds, Rotation* rotation);
// How often a policy may repeat, and how far from the start a step may be: what is more than a year
// away is refused when the policy is followed.
inline constexpr int64_t kRepeatMax = 100;
inline constexpr Duration kAfterMax = std::chrono::hours(24 * 366 * 2);
Duration Later(Duration at, Duration wait);

// One mapping each; true if it was theirs. `hint` is the key under which it stood.
bool ReadNative(View& view, Loader* loader);
bool ReadOpsgenie(View& view, const std::string& hint, Loader* loader);
bool ReadPagerDuty(View& view, const std::string& hint, Loader* loader);
// The shift-based schedules of its API's version 3, their custom shifts and overrides.
bool ReadPagerDutyShifts(View& view, const std::string& hint, Loader* loader);
bool ReadVictorOps(View& view, const std::string& hint, Loader* loader);
bool ReadGrafana(View& view, const std::string& hint, Loader* loader);
// Gives schedules the rotations that came by themselves.
void FinishOpsgenie(Loader* loader);
// The same with custom shifts and overrides; and says whose names are missing.
void FinishPagerDuty(Loader* loader);
// A user of PagerDuty's, whose id goes with the name in case the users are there.
Target MentionPagerDutyUser(const std::string& id, const std::string& name, const View& view,
                            Loader* loader);
// Personal notification rules of any vendor that stand by themselves.
bool ReadPersonalRules(View& view, const std::string& hint, Loader* loader);
// Those within Opsgenie's or PagerDuty's `user`, whom the roster calls `name`.
void ReadOpsgenieRules(View user, const std::string& name, Loader* loader);
void ReadPagerDutyRules(View user, const std::string& name, Loader* loader);
// Gives the rules to their users.
void JoinRules(Loader* loader);
// Finds the teams of policies that name none.
void FinishVictorOps(Loader* loader);
// Joins what Grafana's documents say of each other.
void FinishGrafana(Loader* loader);

// Gives everything that names something its index, and reports what there is not, what is there
// twice, and circles.
void LinkRoster(Loader* loader);

}  // namespace watchfire::oncall
