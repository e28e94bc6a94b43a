// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What the timeline of an incident says of policies, and of whom people and rules call by name.
// Pure functions, so that tests can show each a timeline that breaks its rule.

#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pkg/incident/incident.h"
#include "pkg/oncall/call.h"
#include "pkg/oncall/duty.h"

namespace watchfire::sim::timelines {

// What is said behind `start`, up to `end`; "": the text is another.
inline std::string Between(const std::string& text, std::string_view start, std::string_view end) {
  const size_t at = text.find(start);
  if (at == std::string::npos || !text.ends_with(end)) return "";
  const size_t from = at + start.size();
  return from + end.size() > text.size() ? "" : text.substr(from, text.size() - end.size() - from);
}

inline bool IsStep(const incident::Event& event) {
  return event.kind == "notified" || event.kind == "escalated";
}

// "step 2 of core, round 2: to bob (bob-app)", and of a new owner "told bob (bob-app)".
inline std::string StepOf(const incident::Event& event) {
  return event.text.substr(0, event.text.find(event.text.starts_with("told ") ? " (" : ": to "));
}

// Whom the event calls by name: a policy or a call; "": nobody.
inline std::string CalledBy(const incident::Event& event) {
  if (event.kind == "called") return event.text;
  return event.kind == "automation" ? Between(event.text, "escalate success: to ", "") : "";
}

// Whether the step names that contact, "ada-sms" of "ada (ada-app, ada-sms after 1m)".
inline bool NamesContact(const incident::Event& step, std::string_view contact) {
  const std::string& text = step.text;
  for (size_t at = text.find(contact); at != std::string::npos; at = text.find(contact, at + 1)) {
    const std::string_view before = std::string_view(text).substr(0, at);
    const std::string_view behind = std::string_view(text).substr(at + contact.size());
    const bool begins = before.ends_with("(") || before.ends_with(", ");
    const bool ends =
        behind.starts_with(")") || behind.starts_with(",") || behind.starts_with(" after ");
    if (begins && ends && before.rfind('(') != std::string_view::npos &&
        before.find(')', before.rfind('(')) == std::string_view::npos) {
      return true;
    }
  }
  return false;
}

// The incident that was merged into the event's own by it; 0: none was.
inline uint64_t MergedBy(const incident::Event& event) {
  if (event.kind != "merged" || !event.text.starts_with("#")) return 0;
  return std::strtoull(event.text.c_str() + 1, nullptr, 10);
}

using Told = std::map<std::string, std::set<std::string>>;  // Steps, by policy or call.

// Takes out what begins anew with the event. `own`: policies to which groups go by themselves; all
// others run because somebody called for them, in this cycle. Loose after a merge, when all may
// come again: of two runs of one policy the one that was less far sets the pace, whichever that is.
inline void ForgetBegun(const incident::Event& event, const std::set<std::string>& own,
                        Told* told) {
  const std::string given = Between(event.text, " is over: given to ", "");
  const std::string called = Between(event.text, " is over: ", " is called");
  const bool goes_on = event.kind == "returned" && !(given.empty() && called.empty());
  const bool is_back = event.kind == "returned" && !goes_on;
  // What was called ends with the policy, without a word.
  const bool is_out = event.kind == "ran_out" && own.contains(event.actor);
  // What is graver than all before calls again whom policies had called.
  const bool is_by_page = event.channel == "pipeline" || event.channel == "rule";
  if (event.kind == "severity" && is_by_page) {
    std::erase_if(*told, [&](const auto& entry) { return own.contains(entry.first); });
  }
  if (is_back || is_out || event.kind == "reopened" || event.kind == "merged") told->clear();
  if (event.kind == "ran_out") told->erase(event.actor);
  if (goes_on) {
    std::erase_if(*told, [&](const auto& entry) { return !own.contains(entry.first); });
    told->erase(called);  // It may have had nobody left, and begins anew then.
  }
  if (oncall::IsCall(CalledBy(event))) told->erase(CalledBy(event));
  if (event.kind == "reassigned") {
    told->erase(oncall::CallOf("user", event.text.substr(event.text.rfind(" to ") + 4)));
  }
  // The new owner cannot be told.
  if (event.kind == "unreachable" && event.channel != "escalation") {
    std::erase_if(*told, [&](const auto& entry) { return own.contains(entry.first); });
  }
}

// Whom the step of a call means at its moment: who is on call then, all of a team, or the person.
inline std::set<std::string> WhomItMeans(const oncall::Roster& roster,
                                         const incident::Event& step) {
  const auto person = oncall::PersonOfCall(step.actor);
  if (person) return {*person};
  const auto ladder = oncall::LadderOfCall(roster, step.actor);
  oncall::People people;
  if (ladder) {
    oncall::AddPeople(roster, ladder->steps.front().targets.front(), step.at, &people);
  }
  return {people.begin(), people.end()};
}

// "…: to bob (bob-app), ada (ada-app, ada-sms after 1m); no contacts of carol": these three.
inline std::set<std::string> WhomItNames(const incident::Event& step) {
  std::string text = Between(step.text, ": to ", "");
  const std::string none = "; no contacts of ";
  const size_t at = text.find(none);
  if (at != std::string::npos) text.replace(at, none.size(), ",");
  std::set<std::string> people;
  std::string name;
  bool is_contact = false;
  for (const char c : text + ",") {
    is_contact = (is_contact || c == '(') && c != ')';
    if (!is_contact && c == ',') people.insert(std::exchange(name, ""));
    if (!is_contact && std::string_view(" (),").find(c) == std::string_view::npos) name += c;
  }
  return people;
}

// Which steps of policies and calls are told twice, though what they are of did not begin anew in
// between; `own` as above. A person whom one step tells twice is told by it twice.
inline std::vector<std::string> StepsTwice(const std::vector<incident::Event>& timeline,
                                           const std::set<std::string>& own) {
  std::vector<std::string> twice;
  Told told;
  for (const incident::Event& event : timeline) {
    ForgetBegun(event, own, &told);
    if (!IsStep(event) || told[event.actor].insert(StepOf(event)).second) continue;
    twice.push_back(event.text + ": once more, and nothing began anew");
  }
  return twice;
}

using Timelines = std::map<uint64_t, std::vector<incident::Event>>;  // By incident.

// What each policy and call of the incident had told by the event `end` of its timeline; of one
// that has begun anew since that is nothing. Two runs that a merge made one count as told what both
// had: the one that is less far sets the pace.
inline Told ToldBefore(const Timelines& all, uint64_t id, size_t end,
                       const std::set<std::string>& own) {
  Told told;
  const std::vector<incident::Event>& timeline = all.at(id);
  for (const incident::Event& event : std::span(timeline).first(std::min(end, timeline.size()))) {
    const uint64_t other = MergedBy(event);
    if (other != 0 && all.contains(other)) {
      for (const auto& its : ToldBefore(all, other, SIZE_MAX, own)) {
        const auto [known, is_new] = told.insert(its);
        if (is_new) continue;
        std::erase_if(known->second,
                      [&](const std::string& step) { return !its.second.contains(step); });
      }
    }
    if (event.kind == "merged") continue;
    const Told before = told;
    ForgetBegun(event, own, &told);
    // A policy that begins anew is there all the same; of a call there may be nothing left.
    for (const auto& [run, steps] : before) {
      if (own.contains(run)) told.try_emplace(run);
    }
    if (IsStep(event)) told[event.actor].insert(StepOf(event));
  }
  return told;
}

// The steps of the incident that are told once more because a run of the same policy or call joined
// its own by a merge, and was less far, or farther: of the two only one had told them before.
inline std::vector<incident::Event> StepsOfJoined(const Timelines& all, uint64_t id,
                                                  const std::set<std::string>& own) {
  std::vector<incident::Event> joined;
  Told again;
  const std::vector<incident::Event>& timeline = all.at(id);
  for (size_t i = 0; i < timeline.size(); ++i) {
    const incident::Event& event = timeline[i];
    const uint64_t other = MergedBy(event);
    if (other != 0 && all.contains(other)) {
      const Told mine = ToldBefore(all, id, i, own);
      for (const auto& [run, its] : ToldBefore(all, other, SIZE_MAX, own)) {
        const auto same = mine.find(run);
        if (same == mine.end()) continue;
        std::ranges::set_symmetric_difference(its, same->second,
                                              std::inserter(again[run], again[run].end()));
      }
    }
    if (event.kind != "merged") ForgetBegun(event, own, &again);
    if (IsStep(event) && again[event.actor].erase(StepOf(event)) > 0) joined.push_back(event);
  }
  return joined;
}

// Whoever is called is told, unless it is in somebody's hand, over or merged before; nobody is told
// by a call of another cycle; and it tells whom it means at that moment. Loose where incidents were
// merged: a call goes on with the other one's timeline.
inline std::vector<std::string> WrongCalls(const std::vector<incident::Event>& timeline,
                                           const oncall::Roster& roster) {
  constexpr std::string_view kEnds[] = {"acked",  "snoozed",  "resolved",
                                        "merged", "returned", "reopened"};
  std::vector<std::string> wrong;
  std::set<std::string> waiting;  // Were called, and nobody was told so far.
  std::set<std::string> called;   // In this cycle.
  bool is_merged = false;
  for (const incident::Event& event : timeline) {
    if (std::ranges::find(kEnds, event.kind) != std::end(kEnds)) waiting.clear();
    // The call of a person may have been the owner's, and ends with that.
    if (event.kind == "reassigned") std::erase_if(waiting, oncall::PersonOfCall);
    const bool is_cycle = event.kind == "returned" || event.kind == "reopened";
    if (is_cycle) called.clear();
    is_merged = (is_merged && !is_cycle) || event.kind == "merged";
    if (const std::string to = CalledBy(event); !to.empty()) {
      waiting.insert(to);
      called.insert(to);
    }
    if (event.channel == "escalation") waiting.erase(event.actor);
    if (!IsStep(event) || !oncall::IsCall(event.actor) || event.text.starts_with("told ")) continue;
    if (!is_merged && !called.contains(event.actor)) {
      wrong.push_back(event.text + ": nobody had called for that in this cycle");
    }
    if (WhomItNames(event) != WhomItMeans(roster, event)) {
      wrong.push_back(event.text + ": that is not whom it means");
    }
  }
  for (const std::string& to : waiting) wrong.push_back(to + " was called and nobody was told");
  return wrong;
}

}  // namespace watchfire::sim::timelines
