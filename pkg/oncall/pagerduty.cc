// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// PagerDuty: schedules of layers, overrides, escalation policies, users; and the short form of
// schedules with a `rotation` that guides show. Those of version 3 are in pagerduty_shifts.cc.
// Source: reference paging-backends §3.3, §6.

#include <algorithm>

#include "pkg/base/strings.h"
#include "pkg/oncall/loader.h"
#include "pkg/oncall/window.h"

namespace watchfire::oncall {
namespace {

using Kind = Target::Kind;
using Note = Remark::Kind;

constexpr const char* kVendor = "PagerDuty";

// A reference shows names in its summary; what has a name of its own shows that.
std::string NameOf(View view) {
  if (!view.is_map()) return ScalarText(view.node());
  return FirstText(view, {"name", "summary", "email", "username", "id"});
}

// {"user": {…}}, the user itself, or a name.
Target ReadUserRef(View view, Loader* loader) {
  if (auto inside = view.is_map() ? view.Get("user") : std::nullopt) {
    return ReadUserRef(*inside, loader);
  }
  const std::string id = view.is_map() ? view.Text("id") : "";
  return MentionPagerDutyUser(id, NameOf(view), view, loader);
}

void ReadRestriction(View view, Windows* windows) {
  const std::string type = view.Text("type", "daily_restriction");
  const auto clock = ParseClock(view.Text("start_time_of_day", "00:00:00"));
  if (!clock)
    view.Error("start_time_of_day", "start_time_of_day: expected a time such as 09:00:00");
  const bool is_weekly = type == "weekly_restriction";
  if (!is_weekly && type != "daily_restriction") {
    view.Error("type",
               "type: " + GoQuote(type) + " is none of daily_restriction, weekly_restriction");
  }
  Window window{is_weekly, clock.value_or(0) % Window::kDay, 0};
  if (is_weekly) window.start += (view.Int("start_day_of_week", 1, 1, 7) - 1) * Window::kDay;
  window.length = view.Int("duration_seconds", 1, 1, window.period());
  windows->push_back(window);
}

Layer ReadLayer(View view, Loader* loader, const Schedule& schedule) {
  Layer layer;
  layer.name = FirstText(view, {"name", "id"});
  if (layer.name.empty()) layer.name = "Layer " + std::to_string(schedule.layers.size() + 1);
  const auto same = std::ranges::find(schedule.layers, layer.name, &Layer::name);
  if (same != schedule.layers.end())
    layer.name += " (" + std::to_string(schedule.layers.size() + 1) + ")";
  AddName(view.Text("id"), &layer.aliases);
  layer.zone = schedule.zone;
  layer.start = view.Time("start", layer.zone);
  layer.end = view.Time("end", layer.zone);
  const auto anchor = view.Time("rotation_virtual_start", layer.zone);
  if (!anchor && !layer.start) view.Error("start", "start must be set");
  layer.rotation.anchor = anchor.value_or(layer.start.value_or(FromNanos(0)));
  if (!layer.start) layer.start = layer.rotation.anchor;
  const int64_t length =
      view.Int("rotation_turn_length_seconds", Window::kWeek, 600, 400LL * Window::kDay);
  SetSeconds(length, &layer.rotation);
  if (length % 60 != 0) {
    const std::string text = "rotation_turn_length_seconds: turns are whole minutes here";
    loader->Note(Note::kLost, view, "rotation_turn_length_seconds", Subject("layer", layer.name),
                 text);
    view.Warn("rotation_turn_length_seconds", text);
  }
  for (const View& user : view.Items("users")) {
    layer.rotation.slots.push_back({ReadUserRef(user, loader)});
  }
  if (layer.rotation.slots.empty()) layer.rotation.slots.emplace_back();
  for (const View& item : view.Maps("restrictions")) ReadRestriction(item, &layer.windows);
  return layer;
}

// The number at the end of "Layer 12"; -1 if there is none.
int LayerNumber(const std::string& name) {
  const std::string lower = ToLower(name);
  if (!lower.starts_with("layer ") || lower.size() > 10) return -1;
  int number = 0;
  for (const char c : lower.substr(6)) {
    if (c < '0' || c > '9') return -1;
    number = number * 10 + (c - '0');
  }
  return number;
}

// Gives the layers their levels: the uppermost wins.
void RankLayers(View& view, Loader* loader, const std::string& subject, bool is_answer,
                Schedule* schedule) {
  using Layers = ReadOptions::Layers;
  auto& layers = schedule->layers;
  if (layers.size() < 2) return;
  const auto number = [](const Layer& layer) { return LayerNumber(layer.name); };
  // Numbers say which is the uppermost while nobody has moved one: then they go up, or down.
  const bool is_named = std::ranges::all_of(layers, [&](const Layer& l) { return number(l) >= 0; });
  const bool numbered =
      is_named && (std::ranges::is_sorted(layers, std::ranges::less(), number) ||
                   std::ranges::is_sorted(layers, std::ranges::greater(), number));
  bool first_wins = loader->options.layers == Layers::kFirstWins;
  std::string why = "as asked for";
  if (loader->options.layers == Layers::kAsDocument) {
    first_wins = numbered ? number(layers.front()) > number(layers.back()) : is_answer;
    why = numbered    ? "by their numbers"
          : is_answer ? "as the API lists them"
                      : "as they are written";
  }
  const int count = static_cast<int>(layers.size());
  for (int i = 0; i < count; ++i) {
    layers[static_cast<size_t>(i)].level = first_wins ? count - 1 - i : i;
  }
  // In our own form the later layer wins.
  std::ranges::stable_sort(layers, {}, &Layer::level);
  loader->Note(Note::kKept, view, "schedule_layers", subject,
               "the layer " + GoQuote(layers.back().name) + " wins over those below it, " + why);
}

void ReadOverride(View view, Loader* loader, const std::string& schedule, const Location& zone) {
  LooseOverride loose;
  loose.place = {&view.source(), view.mark()};
  loose.schedule = schedule;
  if (auto parent = view.Get("schedule")) loose.schedule = NameOf(*parent);
  loose.one.start = view.NeedTime("start", zone);
  loose.one.end = view.NeedTime("end", zone);
  loose.written = {view.WallClock("start"), view.WallClock("end"), zone.zone};
  if (loose.one.end <= loose.one.start) view.Error("end", "end: not after start");
  if (auto user = view.Get("user")) loose.one.who = {ReadUserRef(*user, loader)};
  loader->overrides.push_back(std::move(loose));
}

void ReadSchedule(View view, Loader* loader) {
  Schedule schedule;
  schedule.name = FirstText(view, {"name", "summary", "id"});
  const std::string subject = Subject("schedule", schedule.name);
  AddName(view.Text("id"), &schedule.aliases);
  schedule.zone = view.Zone("time_zone", {"UTC", cctz::utc_time_zone()});
  if (!loader->Define("schedule", schedule.name, view)) return;
  bool is_answer = view.Has("final_schedule") || view.Has("html_url") || view.Has("self");
  for (const View& item : view.Maps("schedule_layers")) {
    is_answer |= item.Has("rendered_schedule_entries");
    schedule.layers.push_back(ReadLayer(item, loader, schedule));
  }
  RankLayers(view, loader, subject, is_answer, &schedule);
  if (schedule.layers.size() < 2) {
    loader->Note(Note::kKept, view, "schedule_layers", subject,
                 schedule.layers.empty() ? "no layers: nobody is on call" : "one layer");
  }
  for (const View& item : view.Maps("overrides")) {
    ReadOverride(item, loader, schedule.name, schedule.zone);
  }
  if (auto shown = view.Get("overrides_subschedule"); shown && shown->is_map()) {
    for (const View& item : shown->Maps("rendered_schedule_entries")) {
      ReadOverride(item, loader, schedule.name, schedule.zone);
    }
    loader->Note(Note::kChanged, view, "overrides_subschedule", subject,
                 "overrides_subschedule has the overrides of a range only");
  }
  if (view.Has("final_schedule")) {
    loader->Note(Note::kChanged, view, "final_schedule", subject,
                 "final_schedule is a picture of a range: not read, computed from the layers "
                 "instead");
  }
  loader->roster.schedules.push_back(std::move(schedule));
}

// {name, time_zone, rotation: {type: weekly, start_time, users}}
void ReadShortSchedule(View view, Loader* loader) {
  Schedule schedule;
  schedule.name = view.Text("name");
  schedule.zone = view.Zone("time_zone", {"UTC", cctz::utc_time_zone()});
  if (!loader->Define("schedule", schedule.name, view)) return;
  View rotation = *view.Get("rotation");
  Layer layer;
  layer.name = "rotation";
  layer.zone = schedule.zone;
  layer.rotation.anchor =
      rotation.NeedTime(rotation.Has("start_time") ? "start_time" : "start", schedule.zone);
  layer.start = layer.rotation.anchor;
  layer.end = rotation.Time("end_time", schedule.zone);
  const std::string type = rotation.Text("type", "weekly");
  if (!ParseEvery(ToLower(type) == "biweekly" ? "2 weeks" : type, &layer.rotation)) {
    rotation.Error(
        "type", "type: " + GoQuote(type) + " is none of hourly, daily, weekly, biweekly, monthly");
  }
  if (rotation.Has("length")) layer.rotation.length = rotation.Int("length", 1, 1, 9000);
  for (const char* key : {"users", "participants", "members"}) {
    for (const View& user : rotation.Items(key)) {
      layer.rotation.slots.push_back({ReadUserRef(user, loader)});
    }
  }
  if (layer.rotation.slots.empty()) rotation.Error("users", "a rotation needs users");
  // Of the rotation, or beside it.
  for (View* place : {&rotation, &view}) {
    for (const View& item : place->Maps("restrictions")) ReadRestriction(item, &layer.windows);
  }
  schedule.layers.push_back(std::move(layer));
  for (const View& item : view.Maps("overrides")) {
    ReadOverride(item, loader, schedule.name, schedule.zone);
  }
  loader->Note(Note::kKept, view, "name", Subject("schedule", schedule.name),
               "one rotation; a start without offset is local time");
  loader->roster.schedules.push_back(std::move(schedule));
}

// {id, type: "user_reference"}, {schedule: NAME}, {user: NAME}
void ReadTarget(View view, Loader* loader, Targets* targets) {
  for (const auto& [key, kind] : {std::pair{"schedule", Kind::kSchedule}, {"user", Kind::kUser}}) {
    auto inside = view.Get(key);
    if (!inside) continue;
    targets->push_back(kind == Kind::kUser ? ReadUserRef(*inside, loader)
                                           : loader->Mention(kind, NameOf(*inside), *inside, ""));
    return;
  }
  const std::string type = view.Text("type", "user_reference");
  if (type.starts_with("schedule")) {
    // The id is certain, a summary is what the schedule was once called.
    const std::string id = view.Text("id");
    const bool has_id = std::ranges::any_of(loader->roster.schedules, [&](const Schedule& s) {
      return std::ranges::find(s.aliases, id) != s.aliases.end();
    });
    const std::string name = has_id || NameOf(view).empty() ? id : NameOf(view);
    targets->push_back(loader->Mention(Kind::kSchedule, name, view, ""));
  } else {
    targets->push_back(ReadUserRef(view, loader));
  }
}

// One level; PagerDuty's delays are waits behind it, the short form's count from the start.
struct Level {
  Step step;
  Duration wait{};
  bool since_start = false;
};

Level ReadLevel(View view, Loader* loader) {
  Level level;
  level.since_start = !view.Has("escalation_delay_in_minutes");
  const char* key = level.since_start ? "delay_minutes" : "escalation_delay_in_minutes";
  level.wait = std::chrono::minutes(view.Int(key, 0, 0, 100'000));
  level.step.next_at_once = true;
  for (const View& target : view.Maps("targets")) ReadTarget(target, loader, &level.step.targets);
  if (level.step.targets.empty()) view.Error("targets", "a rule needs targets");
  std::string strategy = "assign_to_everyone";
  if (auto said = view.Get("escalation_rule_assignment_strategy")) {
    strategy = said->is_map() ? said->Text("type") : ScalarText(said->node());
  }
  if (strategy == "round_robin") level.step.strategy = Strategy::kRoundRobin;
  return level;
}

void ReadPolicy(View view, Loader* loader) {
  using Delays = ReadOptions::Delays;
  Policy policy;
  policy.name = FirstText(view, {"name", "summary", "id"});
  const std::string subject = Subject("escalation policy", policy.name);
  AddName(view.Text("id"), &policy.aliases);
  if (!loader->Define("policy", policy.name, view)) return;
  Duration at{};
  Duration wait{};
  for (const View& item : view.Maps("escalation_rules")) {
    Level level = ReadLevel(item, loader);
    const Delays delays = loader->options.delays != Delays::kAsDialect ? loader->options.delays
                          : level.since_start                          ? Delays::kSinceStart
                                                                       : Delays::kAfter;
    if (delays == Delays::kSinceStart) at = level.wait;
    if (delays == Delays::kBefore) at = Later(at, level.wait);
    level.step.after = at;
    if (delays == Delays::kAfter) at = Later(at, level.wait);
    wait = level.wait;
    if (level.step.strategy == Strategy::kRoundRobin) {
      loader->Note(Note::kChanged, item, "", subject,
                   "round robin: each incident begins with the next target; the level is not "
                   "repeated for the others");
    }
    policy.steps.push_back(std::move(level.step));
  }
  policy.repeat.count = static_cast<int>(view.Int("num_loops", 0, 0, kRepeatMax));
  policy.repeat.wait = std::max<Duration>(wait, std::chrono::minutes(1));
  if (policy.repeat.count == 0) policy.repeat = {};
  loader->Note(Note::kKept, view, "name", subject,
               std::to_string(policy.steps.size()) +
                   " levels; one with nobody on call is left "
                   "for the next at once");
  if (view.Has("on_call_handoff_notifications")) {
    loader->Note(Note::kLost, view, "on_call_handoff_notifications", subject,
                 "messages at hand-off are not part of a policy");
  }
  loader->roster.policies.push_back(std::move(policy));
}

void ReadUser(View view, Loader* loader) {
  const std::string name = NameOf(view);
  auto known = std::ranges::find(loader->roster.users, name, &User::name);
  if (known == loader->roster.users.end()) {
    loader->roster.users.push_back({name, {}, {}, {}});
    known = loader->roster.users.end() - 1;
  }
  for (const char* key : {"id", "email", "summary"}) AddName(view.Text(key), &known->aliases);
  const std::string email = view.Text("email");
  if (!email.empty()) known->contacts.push_back({"email", email});
  known->zone = view.ZoneIfKnown("time_zone");
  ReadPagerDutyRules(view, name, loader);
}

}  // namespace

Target MentionPagerDutyUser(const std::string& id, const std::string& name, const View& view,
                            Loader* loader) {
  if (!id.empty() && !name.empty() && id != name) {
    const auto known = std::ranges::find(loader->roster.users, name, &User::name);
    if (known == loader->roster.users.end()) {
      loader->roster.users.push_back({name, {id}, {}, {}});
    } else {
      AddName(id, &known->aliases);
    }
  }
  return loader->Mention(Kind::kUser, name.empty() ? id : name, view, "");
}

bool ReadPagerDuty(View& view, const std::string& hint, Loader* loader) {
  const std::string type = view.HasMap("type") || view.HasList("type") ? "" : view.Text("type");
  if (view.Has("schedule_layers")) {
    ReadSchedule(view, loader);
  } else if (view.HasMap("rotation") && view.Has("name")) {
    ReadShortSchedule(view, loader);
  } else if (type == "schedule" && !view.Has("rotations")) {
    // An entry of GET /schedules, which lists no layers, but users and escalation policies.
    const std::string subject = Subject("schedule", FirstText(view, {"name", "summary", "id"}));
    loader->Note(Note::kLost, view, "", subject, "has no schedule_layers");
    view.source().Warn(view.mark(), subject + ": it does not say who is on call",
                       "give what GET /schedules/ID answers, which has its schedule_layers");
  } else if (view.Has("escalation_rules")) {
    ReadPolicy(view, loader);
  } else if (view.Has("start") && view.Has("end") && view.Has("user") && hint != "shifts" &&
             !view.Has("escalation_level")) {
    ReadOverride(view, loader, "", {"UTC", cctz::utc_time_zone()});
  } else if ((hint == "users" || hint == "user") && view.Has("id") &&
             (type.starts_with("user") || (view.Has("name") && view.Has("email")))) {
    ReadUser(view, loader);
  } else {
    return false;
  }
  loader->Format(view, kVendor);
  return true;
}

}  // namespace watchfire::oncall
