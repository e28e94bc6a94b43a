// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/oncall/write.h"

#include <algorithm>
#include <array>
#include <set>
#include <sstream>

#include "pkg/base/json.h"
#include "pkg/base/strings.h"
#include "pkg/config/scalar.h"
#include "pkg/oncall/local_time.h"

namespace watchfire::oncall {
namespace {

using Kind = Target::Kind;

// Plain where YAML takes it for a text in any place, else in JSON's quotes, which YAML reads alike.
std::string Quoted(const std::string& text) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto is_plain = [&](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.' || c == '@' ||
           c == '/';
  };
  const std::string lower = ToLower(text);
  const bool is_word =
      config::ParseYamlBool(text) || lower == "null" || lower == "inf" || lower == "nan";
  if (!text.empty() && is_letter(text.front()) && !is_word && std::ranges::all_of(text, is_plain)) {
    return text;
  }
  return JsonWriter().String(text).Take();
}

std::string List(const std::vector<std::string>& texts) {
  std::string list = "[";
  for (const std::string& text : texts) list += (list.size() > 1 ? ", " : "") + Quoted(text);
  return list + "]";
}

std::string TimeText(WallTime at, const Location& zone) {
  return "\"" +
         cctz::format("%Y-%m-%dT%H:%M:%S%Ez",
                      std::chrono::time_point_cast<std::chrono::seconds>(at), zone.zone) +
         "\"";
}

std::string ClockText(int64_t second) {
  const auto two = [](int64_t number) { return (number < 10 ? "0" : "") + std::to_string(number); };
  const std::string text = two(second / 3600) + ":" + two(second / 60 % 60);
  return second % 60 == 0 ? text : text + ":" + two(second % 60);
}

constexpr std::array kDays = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

std::string MomentText(int64_t second_of_week) {
  const int64_t second = FloorMod(second_of_week, Window::kWeek);
  return "\"" + std::string(kDays[static_cast<size_t>(second / Window::kDay)]) + " " +
         ClockText(second % Window::kDay) + "\"";
}

const char* KeyOf(Kind kind) {
  switch (kind) {
    case Kind::kTeam:
      return "team";
    case Kind::kTeamAdmins:
      return "team_admins";
    case Kind::kTeamUsers:
      return "team_users";
    case Kind::kSchedule:
      return "schedule";
    case Kind::kNext:
      return "next";
    case Kind::kPrevious:
      return "previous";
    case Kind::kPolicy:
      return "policy";
    case Kind::kEmail:
      return "email";
    case Kind::kWebhook:
      return "webhook";
    case Kind::kUser:
    case Kind::kUnknown:
      break;
  }
  return "";
}

std::string TargetText(const Target& target) {
  const std::string key = KeyOf(target.kind);
  return key.empty() ? Quoted(target.name) : "{" + key + ": " + Quoted(target.name) + "}";
}

std::string TargetsText(const Targets& targets) {
  std::string text = "[";
  for (const Target& target : targets) text += (text.size() > 1 ? ", " : "") + TargetText(target);
  return text + "]";
}

std::string SlotText(const Targets& slot) {
  if (slot.empty()) return "null";
  return slot.size() == 1 ? TargetText(slot.front()) : TargetsText(slot);
}

std::string EveryText(const Rotation& rotation) {
  static constexpr std::array kUnits = {"minute", "hour", "day", "week", "month"};
  const std::string unit = kUnits[static_cast<size_t>(rotation.unit)];
  return std::to_string(rotation.length) + " " + unit + (rotation.length == 1 ? "" : "s");
}

class Writer {
 public:
  std::string Write(const Roster& roster) {
    out_ << "oncall:\n";
    WriteUsers(roster);
    if (!roster.rules.empty()) out_ << "  rules:\n";
    WriteRules(roster.rules, "    ");
    if (!roster.teams.empty()) out_ << "  teams:\n";
    for (const Team& team : roster.teams) WriteTeam(team);
    if (!roster.schedules.empty()) out_ << "  schedules:\n";
    for (const Schedule& schedule : roster.schedules) WriteSchedule(schedule);
    if (!roster.policies.empty()) out_ << "  escalation_policies:\n";
    for (const Policy& policy : roster.policies) WritePolicy(policy);
    return out_.str();
  }

 private:
  void WriteAliases(const std::vector<std::string>& aliases) {
    if (!aliases.empty()) out_ << "      aliases: " << List(aliases) << "\n";
  }

  void WriteUsers(const Roster& roster) {
    std::set<std::string> known;
    std::set<std::string> named;
    for (const User& user : roster.users) known.insert(user.name);
    const auto add = [&](const Targets& targets) {
      for (const Target& target : targets) {
        const bool is_user = target.kind == Kind::kUser || target.kind == Kind::kUnknown;
        if (is_user && !known.contains(target.name)) named.insert(target.name);
      }
    };
    for (const Team& team : roster.teams) {
      for (const Member& member : team.members) add({{Kind::kUser, member.user, 0}});
    }
    for (const Schedule& schedule : roster.schedules) {
      for (const Layer& layer : schedule.layers) {
        std::ranges::for_each(layer.rotation.slots, add);
        for (const Shift& shift : layer.shifts) add(shift.who);
      }
      for (const Override& one : schedule.overrides) {
        add(one.who);
        if (!one.replaced.empty()) add({{Kind::kUser, one.replaced, 0}});
      }
    }
    for (const Policy& policy : roster.policies) {
      for (const Step& step : policy.steps) add(step.targets);
    }
    if (known.empty() && named.empty()) return;
    out_ << "  users:\n";
    for (const User& user : roster.users) WriteUser(user);
    for (const std::string& name : named) out_ << "    - " << Quoted(name) << "\n";
  }

  void WriteUser(const User& user) {
    if (user.aliases.empty() && user.contacts.empty() && user.rules.empty() && !user.zone) {
      out_ << "    - " << Quoted(user.name) << "\n";
      return;
    }
    out_ << "    - name: " << Quoted(user.name) << "\n";
    WriteAliases(user.aliases);
    if (user.zone) out_ << "      time_zone: " << Quoted(user.zone->name) << "\n";
    if (!user.contacts.empty()) out_ << "      contacts:\n";
    for (const Contact& contact : user.contacts) {
      out_ << "        - {method: " << Quoted(contact.method) << ", to: " << Quoted(contact.address)
           << "}\n";
    }
    if (!user.rules.empty()) out_ << "      rules:\n";
    WriteRules(user.rules, "        ");
  }

  void WriteRules(const std::vector<PersonalRule>& rules, const char* indent) {
    for (const PersonalRule& rule : rules) {
      out_ << indent << "- {after: " << FormatDuration(rule.after)
           << ", method: " << Quoted(rule.method) << "}\n";
    }
  }

  void WriteTeam(const Team& team) {
    out_ << "    - name: " << Quoted(team.name) << "\n";
    WriteAliases(team.aliases);
    if (!team.members.empty()) out_ << "      members:\n";
    for (const Member& member : team.members) {
      out_ << "        - {user: " << Quoted(member.user)
           << ", role: " << (member.is_admin ? "admin" : "user") << "}\n";
    }
  }

  void WriteSchedule(const Schedule& schedule) {
    out_ << "    - name: " << Quoted(schedule.name) << "\n";
    WriteAliases(schedule.aliases);
    if (!schedule.team.empty()) out_ << "      team: " << Quoted(schedule.team) << "\n";
    out_ << "      time_zone: " << Quoted(schedule.zone.name) << "\n";
    if (!schedule.enabled) out_ << "      enabled: false\n";
    if (!schedule.layers.empty()) out_ << "      layers:\n";
    int number = 0;
    for (const Layer& layer : schedule.layers) WriteLayer(layer, schedule, number++);
    if (!schedule.overrides.empty()) out_ << "      overrides:\n";
    for (const Override& one : schedule.overrides) WriteOverride(one, schedule.zone);
  }

  void WriteLayer(const Layer& layer, const Schedule& schedule, int number) {
    out_ << "        - name: " << Quoted(layer.name) << "\n";
    if (layer.zone.name != schedule.zone.name) {
      out_ << "          time_zone: " << Quoted(layer.zone.name) << "\n";
    }
    if (layer.level != number) out_ << "          level: " << layer.level << "\n";
    const bool rotates = !layer.rotation.slots.empty();
    if (layer.start && (!rotates || *layer.start != layer.rotation.anchor)) {
      out_ << "          start: " << TimeText(*layer.start, layer.zone) << "\n";
    }
    if (layer.end) out_ << "          end: " << TimeText(*layer.end, layer.zone) << "\n";
    if (!layer.windows.empty()) WriteHours(layer.windows, "          ");
    if (!rotates) return WriteShifts(layer);
    out_ << "          rotation:\n            start: "
         << TimeText(layer.rotation.anchor, layer.zone)
         << "\n            every: " << EveryText(layer.rotation) << "\n";
    if (layer.rotation.counts_shifts) out_ << "            count: shifts\n";
    out_ << "            participants:\n";
    for (const Targets& slot : layer.rotation.slots) {
      out_ << "              - " << SlotText(slot) << "\n";
    }
  }

  void WriteShifts(const Layer& layer) {
    out_ << "          shifts:" << (layer.shifts.empty() ? " []" : "") << "\n";
    for (const Shift& shift : layer.shifts) {
      out_ << "            - {from: " << TimeText(shift.start, layer.zone)
           << ", to: " << TimeText(shift.end, layer.zone) << ", who: " << TargetsText(shift.who)
           << "}\n";
    }
  }

  // Weekly hours of the same time on several days are one line.
  void WriteHours(const Windows& windows, const std::string& margin) {
    out_ << margin << "hours:\n";
    Windows rest = windows;
    while (!rest.empty()) {
      const Window first = rest.front();
      const int64_t clock = first.start % Window::kDay;
      if (!first.is_weekly) {
        out_ << margin << "  - {from: \"" << ClockText(first.start) << "\", to: \""
             << ClockText((first.start + first.length) % Window::kDay) << "\"}\n";
        rest.erase(rest.begin());
      } else if (first.length > Window::kDay) {
        out_ << margin << "  - {from: " << MomentText(first.start)
             << ", to: " << MomentText(first.start + first.length) << "}\n";
        rest.erase(rest.begin());
      } else {
        std::vector<std::string> days;
        std::erase_if(rest, [&](const Window& window) {
          const bool same = window.is_weekly && window.length == first.length &&
                            window.start % Window::kDay == clock;
          if (same) days.emplace_back(kDays[static_cast<size_t>(window.start / Window::kDay)]);
          return same;
        });
        out_ << margin << "  - {days: " << List(days) << ", from: \"" << ClockText(clock)
             << "\", to: \"" << ClockText((clock + first.length) % Window::kDay) << "\"}\n";
      }
    }
  }

  void WriteOverride(const Override& one, const Location& zone) {
    out_ << "        - {from: " << TimeText(one.start, zone) << ", to: " << TimeText(one.end, zone)
         << ", who: " << TargetsText(one.who);
    if (!one.layers.empty()) out_ << ", layers: " << List(one.layers);
    if (one.mode == Override::Mode::kSubstitute) out_ << ", replaces: " << Quoted(one.replaced);
    if (one.mode == Override::Mode::kAdd) out_ << ", add: true";
    out_ << "}\n";
  }

  void WriteStep(const Step& step) {
    out_ << "        - after: " << FormatDuration(step.after) << "\n";
    if (!step.targets.empty()) out_ << "          tell: " << TargetsText(step.targets) << "\n";
    if (step.condition == Condition::kNotResolved) out_ << "          if: not_resolved\n";
    if (step.strategy == Strategy::kRoundRobin) out_ << "          pick: round_robin\n";
    if (step.strategy == Strategy::kRandom) out_ << "          pick: random\n";
    if (step.turn != 0) out_ << "          turn: " << step.turn << "\n";
    if (step.next_at_once) out_ << "          if_nobody: next\n";
    if (step.ignores_rules) out_ << "          ignore_rules: true\n";
    if (step.resolves) out_ << "          resolve: true\n";
    if (step.hours.empty()) return;
    WriteHours(step.hours, "          ");
    out_ << "          time_zone: " << Quoted(step.zone.name) << "\n";
    if (step.outside) out_ << "          outside_hours: true\n";
    if (step.waits) out_ << "          wait_for_hours: true\n";
  }

  void WritePolicy(const Policy& policy) {
    out_ << "    - name: " << Quoted(policy.name) << "\n";
    WriteAliases(policy.aliases);
    if (!policy.team.empty()) out_ << "      team: " << Quoted(policy.team) << "\n";
    out_ << "      steps:" << (policy.steps.empty() ? " []" : "") << "\n";
    for (const Step& step : policy.steps) WriteStep(step);
    const Repeat& repeat = policy.repeat;
    if (repeat.count == 0) return;
    out_ << "      repeat: {count: " << repeat.count << ", wait: " << FormatDuration(repeat.wait);
    if (repeat.reset_acks) out_ << ", reset_acks: true";
    if (repeat.resolve_after) out_ << ", resolve_after: true";
    out_ << "}\n";
  }

  std::ostringstream out_;
};

}  // namespace

std::string WriteNative(const Roster& roster) { return Writer().Write(roster); }

}  // namespace watchfire::oncall
