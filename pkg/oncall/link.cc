// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// From names to indices.

#include <algorithm>
#include <functional>
#include <unordered_map>

#include "pkg/base/strings.h"
#include "pkg/oncall/duty.h"
#include "pkg/oncall/loader.h"

namespace watchfire::oncall {
namespace {

using Kind = Target::Kind;

// Letters and digits in lower case: what is left of "Primary On-Call" and "primary-oncall" alike.
std::string Squash(const std::string& text) {
  std::string squashed;
  for (const char c : ToLower(text)) {
    const auto byte = static_cast<unsigned char>(c);
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || byte >= 0x80) squashed += c;
  }
  return squashed;
}

constexpr size_t kNone = SIZE_MAX;

// What a list's entries are called.
class Names {
 public:
  template <typename T>
  explicit Names(const std::vector<T>& entries) {
    for (size_t i = 0; i < entries.size(); ++i) exact_.emplace(entries[i].name, i);
    for (size_t i = 0; i < entries.size(); ++i) {
      for (const std::string& alias : entries[i].aliases) exact_.emplace(alias, i);
    }
    for (const auto& [name, index] : exact_) {
      const auto [found, is_new] = loose_.emplace(Squash(name), index);
      if (!is_new && found->second != index) found->second = kNone;
    }
  }

  size_t Find(const std::string& name) const {
    if (const auto found = exact_.find(name); found != exact_.end()) return found->second;
    const std::string squashed = Squash(name);
    if (squashed.empty()) return kNone;
    const auto found = loose_.find(squashed);
    return found == loose_.end() ? kNone : found->second;
  }

 private:
  std::unordered_map<std::string, size_t> exact_;
  std::unordered_map<std::string, size_t> loose_;
};

const char* KindOf(Kind kind) {
  switch (kind) {
    case Kind::kTeam:
    case Kind::kTeamAdmins:
    case Kind::kTeamUsers:
      return "team";
    case Kind::kSchedule:
    case Kind::kNext:
    case Kind::kPrevious:
      return "schedule";
    case Kind::kPolicy:
      return "policy";
    default:
      return "user";
  }
}

class Linker {
 public:
  explicit Linker(Loader* loader)
      : loader_(*loader),
        roster_(loader->roster),
        users_(roster_.users),
        teams_(roster_.teams),
        schedules_(roster_.schedules),
        policies_(roster_.policies) {}

  void Link() {
    AttachOverrides();
    for (Team& team : roster_.teams) {
      for (Member& member : team.members) member.user = UserName(member.user);
    }
    for (Schedule& schedule : roster_.schedules) LinkSchedule(&schedule);
    for (Policy& policy : roster_.policies) {
      std::ranges::stable_sort(policy.steps, {}, &Step::after);
      for (Step& step : policy.steps) LinkAll(&step.targets);
    }
    RefuseCircles();
  }

 private:
  void Fail(size_t node, const std::string& message, const std::string& hint) {
    const std::string kind = node < roster_.schedules.size() ? "schedule" : "policy";
    const auto found = loader_.definitions.find({kind, NameOf(node)});
    if (found != loader_.definitions.end()) {
      found->second.source->Error(found->second.mark, message, hint);
    }
  }

  std::string UserName(const std::string& name) {
    const size_t index = users_.Find(name);
    if (index != kNone) return roster_.users[index].name;
    if (loader_.users_are_declared) Missing({Kind::kUser, name, 0}, true);
    return name;
  }

  void Missing(const Target& target, bool is_error) {
    const auto found = loader_.mentions.find({target.kind, target.name});
    if (found == loader_.mentions.end()) return;
    const Place& place = found->second;
    const std::string what = KindOf(target.kind);
    const std::string message = "no " + what + " is called " + GoQuote(target.name);
    std::vector<std::string> known;
    const auto add = [&](const auto& entries) {
      for (const auto& entry : entries) known.push_back(entry.name);
    };
    if (what == "team") add(roster_.teams);
    if (what == "schedule") add(roster_.schedules);
    if (what == "policy") add(roster_.policies);
    if (what == "user") add(roster_.users);
    const bool is_full = place.source->problems->full() || known.size() > 1000;
    const std::string near = is_full ? "" : Nearest(target.name, known);
    const std::string hint = near.empty() ? "" : "did you mean " + near + "?";
    if (is_error) return place.source->Error(place.mark, message, hint);
    place.source->Warn(place.mark, message + ": it is told by this name",
                       hint.empty() ? "give the file that has it as well" : hint);
  }

  void LinkAll(Targets* targets) {
    for (Target& target : *targets) LinkOne(&target);
  }

  void LinkOne(Target* target) {
    if (target->kind == Kind::kUser) {
      target->name = UserName(target->name);
      return;
    }
    const std::string kind = KindOf(target->kind);
    if (kind == "user") return;
    const Names& names = kind == "team" ? teams_ : kind == "schedule" ? schedules_ : policies_;
    target->index = names.Find(target->name);
    if (target->index == kNone) {
      Missing(*target, loader_.users_are_declared);
      *target = {Kind::kUnknown, target->name, 0};
    } else if (kind == "team") {
      target->name = roster_.teams[target->index].name;
    } else if (kind == "schedule") {
      target->name = roster_.schedules[target->index].name;
    } else {
      target->name = roster_.policies[target->index].name;
    }
  }

  void LinkSchedule(Schedule* schedule) {
    for (Layer& layer : schedule->layers) {
      for (Targets& slot : layer.rotation.slots) LinkAll(&slot);
      std::ranges::stable_sort(layer.shifts, {}, &Shift::start);
      for (size_t i = 0; i < layer.shifts.size(); ++i) {
        LinkAll(&layer.shifts[i].who);
        // The one that begins later takes over.
        if (i > 0)
          layer.shifts[i - 1].end = std::min(layer.shifts[i - 1].end, layer.shifts[i].start);
      }
    }
    for (Override& one : schedule->overrides) {
      LinkAll(&one.who);
      if (!one.replaced.empty()) one.replaced = UserName(one.replaced);
    }
  }

  // The layers of `schedule` that go by one of `names`.
  static std::vector<std::string> LayersOf(const Schedule& schedule,
                                           const std::vector<std::string>& names) {
    std::vector<std::string> found;
    for (const Layer& layer : schedule.layers) {
      for (const std::string& name : names) {
        const bool fits =
            name == layer.name || std::ranges::find(layer.aliases, name) != layer.aliases.end();
        if (fits) AddName(layer.name, &found);
      }
    }
    return found;
  }

  size_t ScheduleOf(const LooseOverride& loose) {
    if (!loose.schedule.empty()) return schedules_.Find(loose.schedule);
    if (roster_.schedules.size() == 1) return 0;
    for (size_t i = 0; i < roster_.schedules.size() && !loose.rotations.empty(); ++i) {
      if (!LayersOf(roster_.schedules[i], loose.rotations).empty()) return i;
    }
    return loader_.options.schedule.empty() ? kNone : schedules_.Find(loader_.options.schedule);
  }

  void AttachOverrides() {
    for (LooseOverride& loose : loader_.overrides) {
      const bool is_of_all = loose.schedule.empty() && loose.rotations.empty();
      if (loose.one.mode == Override::Mode::kSubstitute && is_of_all) {
        for (Schedule& schedule : roster_.schedules) Attach(loose, &schedule);
        continue;
      }
      const size_t index = ScheduleOf(loose);
      if (index == kNone) {
        loose.place.source->Error(
            loose.place.mark, "it is not clear which schedule this override is for",
            loose.schedule.empty() ? "say it with --schedule"
                                   : "no schedule is called " + GoQuote(loose.schedule));
        continue;
      }
      Schedule& schedule = roster_.schedules[index];
      loose.one.layers = LayersOf(schedule, loose.rotations);
      if (loose.one.layers.empty() && !loose.rotations.empty()) {
        loose.place.source->Error(loose.place.mark, "schedule " + GoQuote(schedule.name) +
                                                        " has no rotation " +
                                                        GoQuote(loose.rotations.front()));
        continue;
      }
      Attach(loose, &schedule);
    }
  }

  void Attach(const LooseOverride& loose, Schedule* schedule) {
    if (loose.written.start || loose.written.end) {
      loader_.written[{schedule->name, schedule->overrides.size()}] = loose.written;
    }
    schedule->overrides.push_back(loose.one);
  }

  // Schedules and policies that name each other in a circle, or too deep, have no answer.
  void RefuseCircles() {
    const size_t count = roster_.schedules.size();
    std::vector<int> heights(count + roster_.policies.size(), -1);
    std::vector<size_t> path;
    for (size_t i = 0; i < heights.size(); ++i) Height(i, &heights, &path);
  }

  int Height(size_t node, std::vector<int>* heights, std::vector<size_t>* path) {
    int& own = (*heights)[node];
    if (own >= 0) return own;
    const bool is_circle = std::ranges::find(*path, node) != path->end();
    if (is_circle || path->size() > kDepth) {
      std::string names;
      for (const size_t step : *path) names += NameOf(step) + " → ";
      Fail(path->front(),
           (is_circle ? "a circle: " : "too deep: ") + TruncateRunes(names + NameOf(node), 300),
           is_circle ? "schedules and policies may not lead back to themselves"
                     : "at most " + std::to_string(kDepth) + " behind each other");
      return own = 0;
    }
    path->push_back(node);
    int height = 0;
    for (const size_t next : Below(node)) {
      height = std::max(height, 1 + Height(next, heights, path));
    }
    path->pop_back();
    return (*heights)[node] = height;
  }

  std::string NameOf(size_t node) const {
    const size_t count = roster_.schedules.size();
    return node < count ? roster_.schedules[node].name : roster_.policies[node - count].name;
  }

  std::vector<size_t> Below(size_t node) const {
    std::vector<size_t> below;
    const size_t count = roster_.schedules.size();
    const auto add = [&](const Targets& targets) {
      for (const Target& target : targets) {
        const std::string_view kind = KindOf(target.kind);
        if (target.kind == Kind::kUnknown) continue;
        if (kind == "schedule") below.push_back(target.index);
        if (kind == "policy") below.push_back(count + target.index);
      }
    };
    if (node >= count) {
      for (const Step& step : roster_.policies[node - count].steps) add(step.targets);
    } else {
      for (const Layer& layer : roster_.schedules[node].layers) {
        for (const Targets& slot : layer.rotation.slots) add(slot);
        for (const Shift& shift : layer.shifts) add(shift.who);
      }
      for (const Override& one : roster_.schedules[node].overrides) add(one.who);
    }
    std::ranges::sort(below);
    below.erase(std::unique(below.begin(), below.end()), below.end());
    return below;
  }

  Loader& loader_;
  Roster& roster_;
  const Names users_;
  const Names teams_;
  const Names schedules_;
  const Names policies_;
};

template <typename T>
const T* FindIn(const std::vector<T>& entries, const std::string& name) {
  const size_t index = Names(entries).Find(name);
  return index == kNone ? nullptr : &entries[index];
}

}  // namespace

void LinkRoster(Loader* loader) { Linker(loader).Link(); }

const User* Roster::FindUser(const std::string& name) const { return FindIn(users, name); }
const Team* Roster::FindTeam(const std::string& name) const { return FindIn(teams, name); }
const Schedule* Roster::FindSchedule(const std::string& name) const {
  return FindIn(schedules, name);
}
const Policy* Roster::FindPolicy(const std::string& name) const { return FindIn(policies, name); }

}  // namespace watchfire::oncall
