// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/oncall/check.h"

#include <algorithm>
#include <cstdio>
#include <numeric>
#include <optional>
#include <set>

#include "pkg/base/strings.h"
#include "pkg/config/oncall.h"
#include "pkg/oncall/clock_changes.h"
#include "pkg/oncall/duty.h"
#include "pkg/oncall/turns.h"
#include "pkg/oncall/window.h"

namespace watchfire::oncall {
namespace {

using Level = Finding::Level;
using std::chrono::hours;

constexpr int64_t kTurnsMax = 20'000;  // Looked at for one layer.
constexpr int kNightBegins = 22;
constexpr int kNightEnds = 7;

std::string When(WallTime at, const Location& zone) {
  return cctz::format("%a %Y-%m-%d %H:%M", std::chrono::time_point_cast<std::chrono::seconds>(at),
                      zone.zone);
}

std::string Percent(double part) {
  char text[16];
  std::snprintf(text, sizeof text, "%.1f %%", part * 100);
  return text;
}

std::string Subject(const Schedule& schedule) { return "schedule " + GoQuote(schedule.name); }

class Checker {
 public:
  Checker(const Roster& roster, WallTime from, WallTime to, const WrittenOverrides& written)
      : roster_(roster), from_(from), to_(to), written_(written) {}

  std::vector<Finding> Run() {
    for (const Schedule& schedule : roster_.schedules) {
      CheckDuties(schedule);
      CheckHidden(schedule);
      for (const Layer& layer : schedule.layers) {
        CheckStarvation(schedule, layer);
      }
      for (const std::string& text : ClockChanges(schedule, from_, written_)) {
        Add(Level::kWarning, "clock-change", Subject(schedule), text);
      }
    }
    for (const Policy& policy : roster_.policies) CheckPolicy(policy);
    for (const User& user : roster_.users) CheckRules(user);
    return std::move(findings_);
  }

 private:
  void Add(Level level, const char* kind, const std::string& subject, const std::string& text) {
    findings_.push_back({level, kind, subject, text});
  }

  // Gaps, and hand-offs at night.
  void CheckDuties(const Schedule& schedule) {
    const std::vector<Duty> duties = MergePeople(FinalSchedule(roster_, schedule, from_, to_));
    Duration open{};
    size_t gaps = 0;
    size_t nights = 0;
    std::string first_gap;
    std::string first_night;
    for (size_t i = 0; i < duties.size(); ++i) {
      const Duty& duty = duties[i];
      if (duty.people.empty()) {
        open += duty.end - duty.begin;
        if (++gaps <= 3) {
          first_gap += (gaps == 1 ? "" : "; ") + When(duty.begin, schedule.zone) + " to " +
                       When(duty.end, schedule.zone);
        }
      }
      if (i == 0 || duty.people.empty() || duties[i - 1].people.empty()) continue;
      const int hour = ToLocal(duty.begin, schedule.zone.zone).hour();
      if (hour < kNightBegins && hour >= kNightEnds) continue;
      if (++nights == 1) first_night = When(duty.begin, schedule.zone);
    }
    const std::string subject = Subject(schedule);
    if (!duties.empty() && open == to_ - from_) {
      Add(Level::kError, "never", subject,
          "has nobody on call from " + When(from_, schedule.zone) + " to " +
              When(to_, schedule.zone));
    } else if (gaps > 0) {
      Add(Level::kWarning, "gap", subject,
          "nobody is on call for " + Percent(ToSeconds(open) / ToSeconds(to_ - from_)) +
              " of the time, in " + std::to_string(gaps) + " gaps: " + first_gap +
              (gaps > 3 ? " …" : ""));
    }
    if (nights > 0) {
      Add(Level::kWarning, "night", subject,
          std::to_string(nights) + " hand-offs between 22:00 and 07:00, the first on " +
              first_night);
    }
  }

  // Layers that have somebody, and are never on call: those above them always have somebody, too.
  void CheckHidden(const Schedule& schedule) {
    if (!schedule.enabled || schedule.layers.size() < 2) return;
    Schedule plain = schedule;
    plain.overrides.clear();
    std::set<std::string> seen;
    for (const Duty& duty : FinalSchedule(roster_, plain, from_, to_)) {
      if (!duty.people.empty()) seen.insert(duty.sources.begin(), duty.sources.end());
    }
    for (const Layer& layer : schedule.layers) {
      if (seen.contains(layer.name)) continue;
      plain.layers = {layer};
      const std::vector<Duty> own = FinalSchedule(roster_, plain, from_, to_);
      const auto has_people = [](const Duty& duty) { return !duty.people.empty(); };
      if (std::ranges::none_of(own, has_people)) continue;
      Add(Level::kWarning, "hidden", Subject(schedule),
          "layer " + GoQuote(layer.name) + " is never on call from " + When(from_, schedule.zone) +
              " to " + When(to_, schedule.zone) +
              ": somebody of the layers that win over it always is");
    }
  }

  // Lays the turns over the hours until both have come round, on a wall whose clock is never
  // changed: the hour that such a night gives away is no fair share.
  void CheckStarvation(const Schedule& schedule, const Layer& layer) {
    const auto slots = static_cast<int64_t>(layer.rotation.slots.size());
    if (slots < 2 || layer.windows.empty() || layer.rotation.counts_shifts) return;
    Layer even = layer;
    even.zone = {"UTC", cctz::utc_time_zone()};
    even.rotation.anchor =
        FirstInstant(ToLocal(layer.rotation.anchor, layer.zone.zone), even.zone.zone);
    const Turns turns(even);
    const auto turn =
        std::chrono::duration_cast<std::chrono::seconds>(turns.Begin(1) - turns.Begin(0)).count();
    int64_t count = layer.rotation.unit == Unit::kMonth
                        ? slots * 84
                        : std::lcm(turn * slots, Window::kWeek) / std::max<int64_t>(turn, 1);
    count = std::min(count, kTurnsMax);
    std::vector<bool> served(static_cast<size_t>(slots), false);
    for (int64_t number = 0; number < count; ++number) {
      const auto slot = static_cast<size_t>(number % slots);
      if (served[slot]) continue;
      const auto open =
          OpenSpans(layer.windows, even.zone.zone, turns.Begin(number), turns.Begin(number + 1));
      served[slot] = !open.empty();
    }
    std::vector<std::string> starved;
    for (size_t slot = 0; slot < served.size(); ++slot) {
      if (served[slot]) continue;
      for (const Target& target : layer.rotation.slots[slot]) starved.push_back(target.name);
    }
    if (starved.empty()) return;
    Add(Level::kError, "starved", Subject(schedule),
        "layer " + GoQuote(layer.name) + ": the turns of " + Join(starved, ", ") +
            " never fall into its hours (count shifts, or change the number of participants)");
  }

  // Who is told by a step, over the range: a schedule of one layer that is always on.
  std::vector<Duty> DutiesOf(const Step& step) const {
    Schedule schedule;
    schedule.zone = {"UTC", cctz::utc_time_zone()};
    Layer& layer = schedule.layers.emplace_back();
    layer.zone = schedule.zone;
    layer.rotation.anchor = from_;
    layer.rotation.slots = {step.targets};
    return MergePeople(FinalSchedule(roster_, schedule, from_, to_));
  }

  // Contacts that the person's rules leave out. Where no rule fits any, all are told; and an
  // address of mail is there to tell who is who.
  void CheckRules(const User& user) {
    const std::vector<PersonalRule>& rules = user.rules.empty() ? roster_.rules : user.rules;
    std::set<std::string> left_out;
    bool fits = false;
    for (const Contact& contact : user.contacts) {
      const std::string method = config::ContactMethod(contact.method);
      const bool is_said = std::ranges::any_of(rules, [&](const PersonalRule& rule) {
        return config::ContactMethod(rule.method) == method;
      });
      fits = fits || is_said;
      if (!is_said && method != "email") left_out.insert(method);
    }
    if (!fits) return;
    for (const std::string& method : left_out) {
      Add(Level::kWarning, "no-rule", "user " + GoQuote(user.name),
          "no notification rule says " + method + ": nothing is told by it");
    }
  }

  void CheckPolicy(const Policy& policy) {
    const std::string subject = "policy " + GoQuote(policy.name);
    if (policy.steps.empty()) Add(Level::kError, "never", subject, "has no steps: it tells nobody");
    std::set<std::string> unknown;
    for (const Step& step : policy.steps) {
      for (const Target& target : step.targets) {
        if (target.kind == Target::Kind::kUnknown) unknown.insert(target.name);
      }
    }
    for (const std::string& name : unknown) {
      Add(Level::kError, "unknown", subject, "tells " + GoQuote(name) + ", whom no file has");
    }
    // Hours, turns and what is not told to people make steps that are alike on purpose.
    std::vector<size_t> plain;
    for (size_t i = 0; i < policy.steps.size(); ++i) {
      const Step& step = policy.steps[i];
      const auto is_other = [](const Target& target) {
        return target.kind == Target::Kind::kWebhook || target.kind == Target::Kind::kEmail ||
               target.kind == Target::Kind::kPolicy;
      };
      const bool is_plain = step.hours.empty() && step.strategy == Strategy::kAll &&
                            !step.resolves && std::ranges::none_of(step.targets, is_other);
      if (is_plain && plain.size() < 20) plain.push_back(i);
    }
    CompareSteps(subject, policy, plain);
  }

  // How long those of `after` are all among those of `before`, and one such time.
  struct Overlap {
    Duration length{};
    std::string example;
  };
  static Overlap OverlapOf(const std::vector<Duty>& before, const std::vector<Duty>& after) {
    Overlap overlap;
    size_t a = 0;
    for (const Duty& duty : after) {
      if (duty.people.empty()) continue;
      while (a < before.size() && before[a].end <= duty.begin) ++a;
      for (size_t k = a; k < before.size() && before[k].begin < duty.end; ++k) {
        const auto is_told = [&](const std::string& name) {
          return std::ranges::find(before[k].people, name) != before[k].people.end();
        };
        if (!std::ranges::all_of(duty.people, is_told)) continue;
        const WallTime begin = std::max(duty.begin, before[k].begin);
        if (overlap.length == Duration::zero()) {
          overlap.example = Join(duty.people, ", ") + " from " + FormatRfc3339(begin, 0);
        }
        overlap.length += std::min(duty.end, before[k].end) - begin;
      }
    }
    return overlap;
  }

  // Of each of the steps `plain`: the one before it, not only the last, that leaves it least to
  // tell.
  void CompareSteps(const std::string& subject, const Policy& policy,
                    const std::vector<size_t>& plain) {
    std::vector<std::vector<Duty>> duties;
    for (const size_t index : plain) duties.push_back(DutiesOf(policy.steps[index]));
    for (size_t j = 1; j < plain.size(); ++j) {
      Overlap most;
      size_t worst = 0;
      for (size_t i = j; i-- > 0;) {
        if (policy.steps[plain[i]].targets == policy.steps[plain[j]].targets) continue;
        Overlap overlap = OverlapOf(duties[i], duties[j]);
        if (overlap.length <= most.length) continue;
        most = std::move(overlap);
        worst = plain[i];
      }
      if (most.length == Duration::zero()) continue;
      Add(Level::kWarning, "same-person", subject,
          "step " + std::to_string(plain[j] + 1) + " tells nobody but whom step " +
              std::to_string(worst + 1) + " told already, for " +
              Percent(ToSeconds(most.length) / ToSeconds(to_ - from_)) +
              " of the time: " + most.example);
    }
  }

  const Roster& roster_;
  const WallTime from_;
  const WallTime to_;
  const WrittenOverrides& written_;
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> Check(const Roster& roster, WallTime from, WallTime to,
                           const WrittenOverrides& written) {
  return Checker(roster, from, to, written).Run();
}

double Coverage(const Roster& roster, const Schedule& schedule, WallTime from, WallTime to) {
  Duration covered{};
  for (const Duty& duty : FinalSchedule(roster, schedule, from, to)) {
    if (!duty.people.empty()) covered += duty.end - duty.begin;
  }
  return from < to ? ToSeconds(covered) / ToSeconds(to - from) : 0;
}

}  // namespace watchfire::oncall
