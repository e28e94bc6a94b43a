// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/oncall/duty.h"

#include <algorithm>
#include <iterator>

#include "pkg/base/check.h"
#include "pkg/oncall/turns.h"
#include "pkg/oncall/window.h"

namespace watchfire::oncall {
namespace {

using std::chrono::hours;

// A part of one layer's time, and whose it is.
struct Part {
  WallTime begin;
  WallTime end;
  const Targets* who;
};

void AddOnce(const std::string& name, std::vector<std::string>* names) {
  if (std::ranges::find(*names, name) == names->end()) names->push_back(name);
}

bool Holds(const Override& one, WallTime at) { return one.start <= at && at < one.end; }

bool IsOf(const Override& one, const std::string& layer) {
  return std::ranges::find(one.layers, layer) != one.layers.end();
}

// Stands for one person, in some layers only.
bool IsOfLayers(const Override& one) {
  return one.mode == Override::Mode::kSubstitute && !one.layers.empty();
}

// Puts `others`, who may be nobody, in the place of `replaced`; false if that is not there.
bool Swap(const std::string& replaced, const People& others, People* people) {
  const auto found = std::ranges::find(*people, replaced);
  if (found == people->end()) return false;
  People swapped(people->begin(), found);
  for (const std::string& name : others) AddOnce(name, &swapped);
  for (auto rest = found + 1; rest != people->end(); ++rest) AddOnce(*rest, &swapped);
  *people = std::move(swapped);
  return true;
}

bool Runs(const Layer& layer, WallTime at) {
  if (layer.start && at < *layer.start) return false;
  return !layer.end || at < *layer.end;
}

// Whose turn it is in the layer, hours left aside; null before it starts, and after its end.
const Targets* TurnAt(const Layer& layer, WallTime at, int by = 0) {
  if (!Runs(layer, at)) return nullptr;
  if (layer.rotation.slots.empty()) {
    auto next = std::ranges::upper_bound(layer.shifts, at, {}, &Shift::start);
    const auto index = next - layer.shifts.begin() - 1 + by;
    if (index < 0 || index >= std::ssize(layer.shifts)) return nullptr;
    const Shift& shift = layer.shifts[static_cast<size_t>(index)];
    return by != 0 || at < shift.end ? &shift.who : nullptr;
  }
  const Turns turns(layer);
  return &turns.Slot(turns.At(at) + by);
}

class Resolver {
 public:
  explicit Resolver(const Roster& roster) : roster_(roster) {}

  // Who is on call when it is the turn of turns[i] in the layer i; null: nobody's.
  void Combine(const Schedule& schedule, std::vector<const Targets*> turns, WallTime at,
               Duty* duty) {
    std::vector<const char*> why(turns.size(), nullptr);
    bool replaced_all = Replace(schedule, at, &turns, &why);
    std::vector<People> people(turns.size());
    std::vector<bool> is_swapped(turns.size(), false);
    const bool has_swaps = std::ranges::any_of(
        schedule.overrides, [&](const Override& one) { return IsOfLayers(one) && Holds(one, at); });
    int level = 0;
    bool found = false;
    for (size_t i = 0; i < turns.size(); ++i) {
      if (turns[i] != nullptr) AddAll(*turns[i], at, &people[i]);
      if (has_swaps && i < schedule.layers.size()) {
        is_swapped[i] = SwapWithin(schedule, schedule.layers[i].name, at, &people[i]);
      }
      if (people[i].empty()) continue;
      const int own = replaced_all || i >= schedule.layers.size() ? 0 : schedule.layers[i].level;
      level = found ? std::max(level, own) : own;
      found = true;
    }
    for (size_t i = 0; i < turns.size(); ++i) {
      const bool is_layer = i < schedule.layers.size();
      if (people[i].empty()) continue;
      if (is_layer && !replaced_all && schedule.layers[i].level != level) continue;
      for (const std::string& name : people[i]) AddOnce(name, &duty->people);
      AddOnce(why[i] != nullptr ? why[i] : schedule.layers[i].name, &duty->sources);
      if (is_swapped[i]) AddOnce("override", &duty->sources);
    }
    Amend(schedule, at, duty);
  }

  void AddAll(const Targets& targets, WallTime at, People* people) {
    for (const Target& target : targets) Add(target, at, people);
  }

  void Add(const Target& target, WallTime at, People* people) {
    using Kind = Target::Kind;
    switch (target.kind) {
      case Kind::kUser:
      case Kind::kUnknown:
        return AddOnce(target.name, people);
      case Kind::kTeam:
      case Kind::kTeamAdmins:
      case Kind::kTeamUsers:
        for (const Member& member : roster_.teams.at(target.index).members) {
          const bool fits =
              target.kind == Kind::kTeam || member.is_admin == (target.kind == Kind::kTeamAdmins);
          if (fits) AddOnce(member.user, people);
        }
        return;
      case Kind::kSchedule:
        return Nested([&] { return At(roster_.schedules.at(target.index), at).people; }, people);
      case Kind::kNext:
      case Kind::kPrevious:
        return Nested(
            [&] {
              return Neighbours(roster_.schedules.at(target.index), at,
                                target.kind == Kind::kNext ? 1 : -1);
            },
            people);
      case Kind::kPolicy: {
        const Policy& policy = roster_.policies.at(target.index);
        if (policy.steps.empty()) return;
        return Nested(
            [&] {
              People found;
              AddAll(policy.steps.front().targets, at, &found);
              return found;
            },
            people);
      }
      case Kind::kEmail:
      case Kind::kWebhook:
        return;
    }
  }

  Duty At(const Schedule& schedule, WallTime at) {
    Duty duty{at, at, {}, {}};
    if (!schedule.enabled) return duty;
    std::vector<const Targets*> turns;
    for (const Layer& layer : schedule.layers) {
      const bool is_open = IsOpen(layer.windows, layer.zone.zone, at);
      turns.push_back(is_open ? TurnAt(layer, at) : nullptr);
    }
    Combine(schedule, std::move(turns), at, &duty);
    return duty;
  }

  People Neighbours(const Schedule& schedule, WallTime at, int by) {
    People people;
    if (!schedule.enabled) return people;
    std::vector<const Layer*> open;
    std::vector<const Layer*> running;
    std::optional<int> level;
    for (const Layer& layer : schedule.layers) {
      const Targets* turn = TurnAt(layer, at);
      if (!Runs(layer, at)) continue;
      running.push_back(&layer);
      if (turn == nullptr || turn->empty() || !IsOpen(layer.windows, layer.zone.zone, at)) continue;
      if (level && layer.level < *level) continue;
      if (level && layer.level > *level) open.clear();
      level = layer.level;
      open.push_back(&layer);
    }
    for (const Layer* layer : open.empty() ? running : open) {
      const Targets* turn = TurnAt(*layer, at, by);
      if (turn != nullptr) AddAll(*turn, at, &people);
    }
    return people;
  }

 private:
  // One level deeper. LinkRoster() has refused circles, and what is too deep.
  template <typename Find>
  void Nested(Find find, People* people) {
    if (depth_ >= kDepth) return;
    ++depth_;
    for (const std::string& name : find()) AddOnce(name, people);
    --depth_;
  }

  // Lays the overrides over the layers' turns; true if one of them stands for the whole schedule,
  // whatever the levels of its layers.
  static bool Replace(const Schedule& schedule, WallTime at, std::vector<const Targets*>* turns,
                      std::vector<const char*>* why) {
    bool all = false;
    for (const Override& one : schedule.overrides) {
      if (one.mode != Override::Mode::kReplace || !Holds(one, at)) continue;
      if (one.layers.empty()) {
        turns->assign(schedule.layers.size(), nullptr);
        why->assign(schedule.layers.size(), nullptr);
        turns->push_back(&one.who);
        why->push_back("override");
        all = true;
        continue;
      }
      for (size_t i = 0; i < schedule.layers.size(); ++i) {
        if (!IsOf(one, schedule.layers[i].name)) continue;
        (*turns)[i] = &one.who;
        (*why)[i] = "override";
      }
      // Those that came after one for the whole schedule have taken all of its layers from it.
      if (all && std::ranges::find(*turns, nullptr) == turns->end()) {
        turns->back() = nullptr;
        all = false;
      }
    }
    return all;
  }

  // Those who stand for one person of a layer, and came after whatever stands for all of it.
  bool SwapWithin(const Schedule& schedule, const std::string& layer, WallTime at, People* people) {
    bool is_swapped = false;
    const std::vector<Override>& all = schedule.overrides;
    size_t first = 0;
    for (size_t i = 0; i < all.size(); ++i) {
      const bool is_all =
          all[i].mode == Override::Mode::kReplace && (all[i].layers.empty() || IsOf(all[i], layer));
      if (is_all && Holds(all[i], at)) first = i;
    }
    for (size_t i = first; i < all.size(); ++i) {
      if (!IsOfLayers(all[i]) || !Holds(all[i], at) || !IsOf(all[i], layer)) continue;
      People others;
      AddAll(all[i].who, at, &others);
      is_swapped |= Swap(all[i].replaced, others, people);
    }
    return is_swapped;
  }

  void Amend(const Schedule& schedule, WallTime at, Duty* duty) {
    // What was there before one that stands for the whole schedule has no say.
    const std::vector<Override>& all = schedule.overrides;
    size_t first = 0;
    for (size_t i = 0; i < all.size(); ++i) {
      const bool is_whole = all[i].mode == Override::Mode::kReplace && all[i].layers.empty();
      if (is_whole && Holds(all[i], at)) first = i;
    }
    for (size_t i = first; i < all.size(); ++i) {
      const Override& one = all[i];
      if (one.mode == Override::Mode::kReplace || IsOfLayers(one) || !Holds(one, at)) continue;
      People others;
      AddAll(one.who, at, &others);
      if (one.mode == Override::Mode::kAdd) {
        for (const std::string& name : others) AddOnce(name, &duty->people);
        AddOnce("override", &duty->sources);
        continue;
      }
      if (Swap(one.replaced, others, &duty->people)) AddOnce("override", &duty->sources);
    }
  }

  const Roster& roster_;
  int depth_ = 0;
};

// The turns of a layer within [from, to), hours left aside.
std::vector<Part> TurnParts(const Layer& layer, WallTime from, WallTime to) {
  if (layer.start) from = std::max(from, *layer.start);
  if (layer.end) to = std::min(to, *layer.end);
  std::vector<Part> parts;
  if (from >= to) return parts;
  const auto add = [&](WallTime begin, WallTime end, const Targets& who) {
    const Part part{std::max(begin, from), std::min(end, to), &who};
    if (part.begin < part.end) parts.push_back(part);
  };
  if (layer.rotation.slots.empty()) {
    for (const Shift& shift : layer.shifts) add(shift.start, shift.end, shift.who);
    return parts;
  }
  const Turns turns(layer);
  int64_t number = turns.At(from);
  for (WallTime begin = turns.Begin(number); begin < to; ++number) {
    const WallTime end = turns.Begin(number + 1);
    add(begin, end, turns.Slot(number));
    if (end >= kLatest - hours(24 * 366)) break;
    begin = end;
  }
  return parts;
}

// The same with the hours cut out.
std::vector<Part> Parts(const Layer& layer, WallTime from, WallTime to) {
  std::vector<Part> turns = TurnParts(layer, from, to);
  if (layer.windows.empty()) return turns;
  const std::vector<Span> open = OpenSpans(layer.windows, layer.zone.zone, from, to);
  std::vector<Part> parts;
  auto span = open.begin();
  for (const Part& turn : turns) {
    while (span != open.end() && span->end <= turn.begin) ++span;
    for (auto next = span; next != open.end() && next->begin < turn.end; ++next) {
      parts.push_back({std::max(turn.begin, next->begin), std::min(turn.end, next->end), turn.who});
    }
  }
  return parts;
}

// Collects the instants at which something may change, those of schedules that it names included.
class Edges {
 public:
  Edges(const Roster& roster, WallTime from, WallTime to) : roster_(roster), from_(from), to_(to) {}

  void Add(const Schedule& schedule, const std::vector<std::vector<Part>>& layers) {
    AddTimes(schedule, layers);
    ForEachTarget(schedule, [&](const Target& target) { AddNested(target, 0); });
  }

  std::vector<WallTime> Take() {
    std::ranges::sort(times_);
    times_.erase(std::unique(times_.begin(), times_.end()), times_.end());
    return std::move(times_);
  }

 private:
  template <typename Use>
  static void ForEachTarget(const Schedule& schedule, Use use) {
    for (const Layer& layer : schedule.layers) {
      for (const Targets& slot : layer.rotation.slots) std::ranges::for_each(slot, use);
      for (const Shift& shift : layer.shifts) std::ranges::for_each(shift.who, use);
    }
    for (const Override& one : schedule.overrides) std::ranges::for_each(one.who, use);
  }

  void AddTimes(const Schedule& schedule, const std::vector<std::vector<Part>>& layers) {
    for (const auto& parts : layers) {
      for (const Part& part : parts) {
        AddTime(part.begin);
        AddTime(part.end);
      }
    }
    for (const Override& one : schedule.overrides) {
      AddTime(one.start);
      AddTime(one.end);
    }
  }

  void AddTime(WallTime at) {
    if (from_ <= at && at < to_) times_.push_back(at);
  }

  void AddNested(const Target& target, int depth) {
    using Kind = Target::Kind;
    if (depth >= kDepth) return;
    if (target.kind == Kind::kPolicy) {
      const Policy& policy = roster_.policies.at(target.index);
      if (policy.steps.empty()) return;
      for (const Target& inner : policy.steps.front().targets) AddNested(inner, depth + 1);
      return;
    }
    if (target.kind != Kind::kSchedule && target.kind != Kind::kNext &&
        target.kind != Kind::kPrevious) {
      return;
    }
    if (std::ranges::find(seen_, target.index) != seen_.end()) return;
    seen_.push_back(target.index);
    const Schedule& schedule = roster_.schedules.at(target.index);
    std::vector<std::vector<Part>> layers;
    for (const Layer& layer : schedule.layers) {
      layers.push_back(Parts(layer, from_, to_));
      layers.push_back(TurnParts(layer, from_, to_));  // Neighbours are sought past the hours.
    }
    AddTimes(schedule, layers);
    ForEachTarget(schedule, [&](const Target& inner) { AddNested(inner, depth + 1); });
  }

  const Roster& roster_;
  const WallTime from_;
  const WallTime to_;
  std::vector<WallTime> times_;
  std::vector<size_t> seen_;  // Schedules that are in already.
};

bool SameDuty(const Duty& a, const Duty& b) {
  return a.people == b.people && a.sources == b.sources;
}

}  // namespace

People WhoAt(const Roster& roster, const Schedule& schedule, WallTime at) {
  return Resolver(roster).At(schedule, at).people;
}

People WhoAt(const Roster* roster, const std::string& schedule, WallTime at) {
  const Schedule* found = roster == nullptr ? nullptr : roster->FindSchedule(schedule);
  if (found == nullptr || at == kNoTime) return {};
  return WhoAt(*roster, *found, at);
}

std::vector<Duty> FinalSchedule(const Roster& roster, const Schedule& schedule, WallTime from,
                                WallTime to) {
  from = std::max(from, kEarliest);
  to = std::min(to, kLatest);
  if (from >= to) return {};
  if (!schedule.enabled) return {{from, to, {}, {}}};
  std::vector<std::vector<Part>> layers;
  for (const Layer& layer : schedule.layers) layers.push_back(Parts(layer, from, to));
  Edges edges(roster, from, to);
  edges.Add(schedule, layers);
  std::vector<WallTime> times = edges.Take();
  if (times.empty() || times.front() > from) times.insert(times.begin(), from);
  times.push_back(to);

  Resolver resolver(roster);
  std::vector<size_t> next(layers.size(), 0);
  std::vector<Duty> duties;
  for (size_t i = 0; i + 1 < times.size(); ++i) {
    std::vector<const Targets*> turns(layers.size(), nullptr);
    for (size_t layer = 0; layer < layers.size(); ++layer) {
      size_t& part = next[layer];
      while (part < layers[layer].size() && layers[layer][part].end <= times[i]) ++part;
      const bool is_on = part < layers[layer].size() && layers[layer][part].begin <= times[i];
      if (is_on) turns[layer] = layers[layer][part].who;
    }
    Duty duty{times[i], times[i + 1], {}, {}};
    resolver.Combine(schedule, std::move(turns), times[i], &duty);
    if (!duties.empty() && SameDuty(duties.back(), duty)) {
      duties.back().end = duty.end;
    } else {
      duties.push_back(std::move(duty));
    }
  }
  return duties;
}

std::vector<Duty> MergePeople(const std::vector<Duty>& duties) {
  std::vector<Duty> merged;
  for (const Duty& duty : duties) {
    if (merged.empty() || merged.back().people != duty.people) {
      merged.push_back(duty);
      continue;
    }
    merged.back().end = duty.end;
    for (const std::string& source : duty.sources) AddOnce(source, &merged.back().sources);
  }
  return merged;
}

std::optional<Duty> NextDuty(const Roster& roster, const Schedule& schedule, WallTime at) {
  for (const int days : {9, 40, 370, 740}) {
    const std::vector<Duty> duties =
        MergePeople(FinalSchedule(roster, schedule, at, at + hours(24 * days)));
    // Of the last, nobody knows yet where it ends.
    if (duties.size() > 2 || (duties.size() == 2 && days == 740)) return duties[1];
  }
  return std::nullopt;
}

std::optional<WallTime> LastChange(const Roster& roster, const Schedule& schedule, WallTime from,
                                   WallTime to) {
  if (to <= from) return std::nullopt;
  const std::vector<Duty> duties =
      MergePeople(FinalSchedule(roster, schedule, from, to + std::chrono::nanoseconds(1)));
  if (duties.size() < 2) return std::nullopt;
  return duties.back().begin;
}

People NeighboursAt(const Roster& roster, const Schedule& schedule, WallTime at, int by) {
  return Resolver(roster).Neighbours(schedule, at, by);
}

void AddPeople(const Roster& roster, const Target& target, WallTime at, People* people) {
  Resolver(roster).Add(target, at, people);
}

}  // namespace watchfire::oncall
