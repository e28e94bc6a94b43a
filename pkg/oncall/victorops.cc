// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// VictorOps, now Splunk On-Call: rotations of shifts with masks, drawn schedules, scheduled
// overrides, escalation policies, teams, users; and the shapes that guides show, with manual shifts
// and timeouts in seconds. Source: reference paging-backends §1.3, §1.5, §6.5, §6.7.

#include <algorithm>
#include <array>

#include "pkg/base/strings.h"
#include "pkg/oncall/loader.h"
#include "pkg/oncall/turns.h"
#include "pkg/oncall/window.h"

namespace watchfire::oncall {
namespace {

using config::YamlNode;
using Kind = Target::Kind;
using Note = Remark::Kind;

constexpr const char* kVendor = "VictorOps";

const Location& Utc() {
  static const auto& utc = *new Location{"UTC", cctz::utc_time_zone()};
  return utc;
}

// {"username": …} or the name itself.
std::string UserName(View view) {
  if (!view.is_map()) return ScalarText(view.node());
  return FirstText(view, {"username", "slug", "name", "id"});
}

bool FirstHas(const View& view, const std::string& list, const std::vector<std::string>& keys) {
  const YamlNode* node = view.node().Find(list);
  if (node == nullptr || node->kind != YamlNode::Kind::kList || node->items.empty()) return false;
  const View first(node->items.front(), view.source());
  return first.is_map() &&
         std::ranges::any_of(keys, [&](const std::string& key) { return first.Has(key); });
}

// {hour, minute} as a minute of the day.
int64_t MinuteOf(View view) {
  return view.Int("hour", 0, 0, 24) * 60 + view.Int("minute", 0, 0, 59);
}

struct Mask {
  std::array<bool, 7> days{};
  int64_t start = 0;
  int64_t end = 0;
  Windows windows;
};

Mask ReadMask(View view) {
  Mask mask;
  if (auto day = view.Get("day"); day && day->is_map()) {
    for (const config::Key& key : day->node().keys) {
      const int number = ParseDay(key.text);
      if (number >= 0) mask.days[static_cast<size_t>(number)] = day->Bool(key.text, false);
    }
  }
  bool is_first = true;
  for (View time : view.Maps("time")) {
    const auto start = time.Get("start");
    const auto end = time.Get("end");
    const int64_t from = start && start->is_map() ? MinuteOf(*start) : 0;
    const int64_t to = end && end->is_map() ? MinuteOf(*end) : 0;
    if (is_first) mask.start = from;
    mask.end = to;
    is_first = false;
    const Window daily = DailyWindow(from, to);
    for (int64_t number = 0; number < 7; ++number) {
      if (!mask.days[static_cast<size_t>(number)]) continue;
      mask.windows.push_back({true, number * Window::kDay + daily.start, daily.length});
    }
  }
  return mask;
}

int64_t FirstDay(const Mask& mask) {
  return std::ranges::find(mask.days, true) - mask.days.begin();
}

// The hours of a shift from its masks: every stretch of them, or for one of several days the time
// from where the first mask begins to where the third ends.
void ReadMasks(View& view, const std::string& type, Layer* layer) {
  std::vector<Mask> masks;
  for (const char* key : {"mask", "mask2", "mask3"}) {
    if (auto mask = view.Get(key); mask && mask->is_map()) masks.push_back(ReadMask(*mask));
  }
  if (type == "std" || masks.empty()) return;
  const int64_t first = FirstDay(masks.front());
  const int64_t last = FirstDay(masks.back());
  if (type == "cstm" && masks.size() > 1 && first < 7 && last < 7) {
    layer->windows = {WeeklyWindow(first, masks.front().start, last, masks.back().end)};
    return;
  }
  for (const Mask& mask : masks) {
    layer->windows.insert(layer->windows.end(), mask.windows.begin(), mask.windows.end());
  }
  const auto is_always = [](const Window& w) { return w.length == Window::kDay; };
  if (layer->windows.size() == 7 && std::ranges::all_of(layer->windows, is_always)) {
    layer->windows.clear();
  }
}

// The vendor stores whose turn it is; the circle is turned until it agrees.
void TurnToCurrent(View& view, Loader* loader, const std::string& subject, Layer* layer) {
  std::optional<View> period = view.Get("current");
  if (!period || !period->is_map()) {
    const std::vector<View> periods = view.Maps("periods");
    if (periods.empty()) return;
    period = periods.front();
  }
  const auto start = period->Time("start", layer->zone);
  const std::string user = FirstText(*period, {"username"});
  if (!start || user.empty()) return;
  auto& slots = layer->rotation.slots;
  const int64_t number = Turns(*layer).At(*start);
  const auto mine = std::ranges::find_if(
      slots, [&](const Targets& slot) { return !slot.empty() && slot.front().name == user; });
  if (mine == slots.end()) {
    loader->Note(Note::kLost, *period, "", subject,
                 user + " is on duty now and no member: the first member begins");
    return;
  }
  const auto count = static_cast<int64_t>(slots.size());
  const int64_t by = FloorMod((mine - slots.begin()) - FloorMod(number, count), count);
  std::rotate(slots.begin(), slots.begin() + by, slots.end());
}

Layer ReadShift(View view, Loader* loader, const Schedule& schedule) {
  Layer layer;
  layer.name = FirstText(view, {"label", "name"});
  if (layer.name.empty()) layer.name = "shift " + std::to_string(schedule.layers.size() + 1);
  const std::string subject = Subject("shift", layer.name);
  layer.zone = view.Zone("timezone", schedule.zone);
  layer.rotation.anchor = view.NeedTime("start", layer.zone);
  layer.start = layer.rotation.anchor;
  const int64_t days = view.Int("duration", 7, 1, 366);
  SetSeconds(days * Window::kDay, &layer.rotation);
  const std::string type = view.Text("shifttype", "std");
  ReadMasks(view, type, &layer);
  if (type == "pho" && days % 7 != 0) {
    layer.rotation.counts_shifts = true;
    layer.rotation.unit = Unit::kDay;
    layer.rotation.length = days;
  }
  for (const View& member : view.Items("shiftMembers")) {
    layer.rotation.slots.push_back({loader->Mention(Kind::kUser, UserName(member), member, "")});
  }
  if (layer.rotation.slots.empty()) layer.rotation.slots.emplace_back();
  TurnToCurrent(view, loader, subject, &layer);
  loader->Note(Note::kKept, view, "", subject,
               layer.rotation.counts_shifts
                   ? "hands off after every " + std::to_string(days) + " of its days"
                   : "hands off every " + std::to_string(days) + " days");
  return layer;
}

void ReadRotation(View view, Loader* loader) {
  Schedule schedule;
  schedule.name = FirstText(view, {"label", "name", "slug"});
  AddName(view.Text("slug"), &schedule.aliases);
  schedule.zone = view.Zone("timezone", Utc());
  if (auto team = view.Get("team"); team && team->is_map()) schedule.team = UserName(*team);
  if (!loader->Define("schedule", schedule.name, view)) return;
  for (const View& shift : view.Maps("shifts")) {
    schedule.layers.push_back(ReadShift(shift, loader, schedule));
    std::string& name = schedule.layers.back().name;
    const auto same = std::ranges::find(schedule.layers, name, &Layer::name);
    if (same + 1 != schedule.layers.end()) name += " " + std::to_string(schedule.layers.size());
  }
  loader->Note(Note::kKept, view, "", Subject("rotation", schedule.name),
               "read as a schedule; all shifts that are on duty count");
  loader->roster.schedules.push_back(std::move(schedule));
}

// Monday is 1, Sunday 7 or 0; names do as well. As a day from 0, Monday.
int64_t ReadDay(View& view, const std::string& key, int64_t fallback) {
  const int named = view.HasList(key) || view.HasMap(key) ? -1 : ParseDay(view.Text(key));
  if (named >= 0) return named;
  const int64_t number = view.Int(key, fallback, 0, 7);
  return number == 0 ? 6 : number - 1;
}

// {type: weekly_restriction, start_day: 1, start_time, end_day, end_time}: Monday is 1.
void ReadRestriction(View view, Loader* loader, const std::string& subject, Windows* windows) {
  const auto start = ParseClock(view.Text("start_time", "00:00"));
  const auto end = ParseClock(view.Text("end_time", "24:00"));
  if (!start) view.Error("start_time", "start_time: expected a time such as 08:00");
  if (!end) view.Error("end_time", "end_time: expected a time such as 18:00");
  const int64_t from = start.value_or(0) / 60;
  const int64_t to = end.value_or(0) / 60;
  if (view.Text("type", "weekly_restriction") == "daily_restriction") {
    windows->push_back(DailyWindow(from, to));
    return;
  }
  const int64_t first = ReadDay(view, "start_day", 1);
  const int64_t last = ReadDay(view, "end_day", 7);
  if (!loader->options.weekly_each_day) {
    windows->push_back(WeeklyWindow(first, from, last, to));
    loader->Note(Note::kKept, view, "", subject,
                 "a weekly restriction is one stretch from its first day to its last "
                 "(--read weekly=each-day for its hours on each of them)");
    return;
  }
  const int64_t length = DailyWindow(from, to).length;
  for (int64_t day = first;; day = (day + 1) % 7) {
    windows->push_back({true, day * Window::kDay + from * 60, length});
    if (day == last) break;
  }
}

// {rotation_type, shift_length, shifts: [{start, end, user}], restrictions}: shifts by hand.
void ReadManualRotation(View view, Loader* loader) {
  Schedule schedule;
  schedule.name = FirstText(view, {"name", "label", "slug"});
  const std::string subject = Subject("rotation", schedule.name);
  AddName(view.Text("slug"), &schedule.aliases);
  schedule.team = view.Text("team_id");
  schedule.zone = view.Zone(view.Has("time_zone") ? "time_zone" : "timezone", Utc());
  if (!loader->Define("schedule", schedule.name, view)) return;
  Layer layer;
  layer.name = "shifts";
  layer.zone = schedule.zone;
  layer.start = view.Time("start", layer.zone);
  layer.end = view.Time("end", layer.zone);
  for (View shift : view.Maps("shifts")) {
    Shift& one = layer.shifts.emplace_back();
    one.start = shift.NeedTime("start", layer.zone);
    one.end = shift.NeedTime("end", layer.zone);
    if (one.end <= one.start) shift.Error("end", "end: not after start");
    for (const View& user : shift.Items("user")) {
      one.who.push_back(loader->Mention(Kind::kUser, UserName(user), user, ""));
    }
  }
  for (const char* key : {"members", "users"}) {
    for (const View& user : view.Items(key)) {
      layer.rotation.slots.push_back({loader->Mention(Kind::kUser, UserName(user), user, "")});
    }
  }
  if (!layer.rotation.slots.empty()) {
    layer.rotation.anchor = layer.start.value_or(FromNanos(0));
    if (!layer.start) view.Error("start", "start must be set");
    if (view.Has("shift_length") || !ParseEvery(view.Text("rotation_type"), &layer.rotation)) {
      SetSeconds(view.Int("shift_length", Window::kWeek, 600, 400LL * Window::kDay),
                 &layer.rotation);
    }
  }
  for (const View& item : view.Maps("restrictions")) {
    ReadRestriction(item, loader, subject, &layer.windows);
  }
  loader->Note(Note::kKept, view, "", subject,
               layer.rotation.slots.empty()
                   ? std::to_string(layer.shifts.size()) + " shifts; the list does not repeat"
                   : "turns of one length");
  schedule.layers.push_back(std::move(layer));
  loader->roster.schedules.push_back(std::move(schedule));
}

void ReadScheduledOverride(View view, Loader* loader, const std::string& schedule) {
  LooseOverride loose;
  loose.place = {&view.source(), view.mark()};
  loose.schedule = schedule;
  loose.one.mode = Override::Mode::kSubstitute;
  const Location zone = view.Zone("timezone", Utc());
  loose.one.start = view.NeedTime("start", zone);
  loose.one.end = view.NeedTime("end", zone);
  loose.written = {view.WallClock("start"), view.WallClock("end"), zone.zone};
  if (loose.one.end <= loose.one.start) view.Error("end", "end: not after start");
  for (const char* key : {"origOnCallUser", "user"}) {
    if (auto user = view.Get(key)) loose.one.replaced = UserName(*user);
  }
  if (auto user = view.Get("overrideOnCallUser")) {
    loose.one.who = {loader->Mention(Kind::kUser, UserName(*user), *user, "")};
  }
  const std::string subject = Subject("override", loose.one.replaced);
  for (View assignment : view.Maps("assignments")) {
    auto user = assignment.Get("user");
    if (!user || !assignment.Bool("assigned", true)) {
      loader->Note(Note::kLost, assignment, "", subject, "is assigned to nobody, and does nothing");
      continue;
    }
    const Target who = loader->Mention(Kind::kUser, UserName(*user), *user, "");
    if (std::ranges::find(loose.one.who, who) == loose.one.who.end()) loose.one.who.push_back(who);
    if (assignment.Has("policy")) {
      loader->Note(
          Note::kChanged, assignment, "policy", subject,
          "belongs to one policy: here it holds wherever " + loose.one.replaced + " is on call");
    }
  }
  if (!loose.one.who.empty()) loader->overrides.push_back(std::move(loose));
}

// The rotations that somebody has put beside a drawn schedule: they say more than it.
void ReadRotationsOf(View& view, Loader* loader) {
  for (View rotation : view.Maps("rotations")) {
    // Policies share rotations, and each one's schedule has them.
    const std::string name = FirstText(rotation, {"label", "name", "slug"});
    if (!loader->definitions.contains({"schedule", name})) ReadRotation(rotation, loader);
  }
  for (const View& item : view.Maps("overrides")) ReadScheduledOverride(item, loader, "");
  loader->Note(Note::kChanged, view, "schedule", "document",
               "the drawn days are left out: the rotations beside them say who comes when");
}

// {policy, schedule: [{onCallUser, rotationName, shiftName, rolls}], overrides}: a drawn fortnight.
void ReadDrawnSchedule(View view, Loader* loader) {
  if (FirstHas(view, "rotations", {"shifts"})) return ReadRotationsOf(view, loader);
  Schedule schedule;
  if (auto policy = view.Get("policy"); policy && policy->is_map()) {
    schedule.name = FirstText(*policy, {"name", "slug"});
    AddName(policy->Text("slug"), &schedule.aliases);
  }
  schedule.zone = Utc();
  if (!loader->Define("schedule", schedule.name, view)) return;
  for (View item : view.Maps("schedule")) {
    Layer layer;
    layer.zone = schedule.zone;
    layer.name = item.Text("rotationName", "rotation") + " " + item.Text("shiftName") + " " +
                 std::to_string(schedule.layers.size() + 1);
    std::vector<View> rolls = item.Maps("rolls");
    if (rolls.empty() && item.Has("start") && item.Has("end")) rolls.push_back(item);
    for (View roll : rolls) {
      const auto user = roll.Get("onCallUser");
      if (!user) continue;
      layer.shifts.push_back({roll.NeedTime("start", layer.zone),
                              roll.NeedTime("end", layer.zone),
                              {loader->Mention(Kind::kUser, UserName(*user), *user, "")}});
    }
    schedule.layers.push_back(std::move(layer));
  }
  for (const View& item : view.Maps("overrides")) {
    ReadScheduledOverride(item, loader, schedule.name);
  }
  loader->Note(
      Note::kChanged, view, "", Subject("schedule", schedule.name),
      "is drawn for some days only: outside of them nobody is on call; give the rotations");
  loader->roster.schedules.push_back(std::move(schedule));
}

// A name inside a mapping of its own, or beside: {"rotationGroup": {"slug", "label"}}, {"slug"}.
std::string Named(View& entry, const std::string& key, const std::vector<std::string>& names) {
  if (auto inside = entry.Get(key); inside && inside->is_map()) return FirstText(*inside, names);
  return FirstText(entry, names);
}

void ReadEntry(View view, Loader* loader, const std::string& team, Step* step) {
  const std::string type = ToLower(FirstText(view, {"executionType", "type"}));
  const auto tell = [&](Kind kind, const std::string& name) {
    step->targets.push_back(loader->Mention(kind, name, view, ""));
  };
  if (type == "user" || type == "targetuser") {
    tell(Kind::kUser, Named(view, "user", {"username", "slug", "name"}));
  } else if (type == "team_page" || type == "team") {
    const std::string own = Named(view, "team", {"slug", "name"});
    if (own.empty() && team.empty()) {
      step->targets.push_back({Kind::kTeam, "", 0});
      loader->own_team_pages.push_back({loader->roster.policies.size(), view});
      return;
    }
    tell(Kind::kTeam, own.empty() ? team : own);
  } else if (type == "rotation_group" || type == "rotation") {
    tell(Kind::kSchedule, Named(view, "rotationGroup", {"label", "slug", "name"}));
  } else if (type == "rotation_group_next") {
    tell(Kind::kNext, Named(view, "rotationGroup", {"label", "slug", "name"}));
  } else if (type == "rotation_group_previous") {
    tell(Kind::kPrevious, Named(view, "rotationGroup", {"label", "slug", "name"}));
  } else if (type == "email") {
    tell(Kind::kEmail, Named(view, "email", {"address", "email"}));
  } else if (type == "webhook") {
    tell(Kind::kWebhook, Named(view, "webhook", {"label", "slug", "name"}));
  } else if (type == "policy_routing" || type == "policy") {
    tell(Kind::kPolicy, Named(view, "targetPolicy", {"policySlug", "slug", "name"}));
  } else {
    const char* key = view.Has("executionType") ? "executionType" : "type";
    view.Error(key, std::string(key) + ": " + GoQuote(type) +
                        " is none of user, team_page, rotation_group, rotation_group_next, "
                        "rotation_group_previous, email, webhook, policy_routing");
  }
}

void ReadPolicy(View view, Loader* loader) {
  using Delays = ReadOptions::Delays;
  Policy policy;
  policy.name = FirstText(view, {"name", "slug"});
  const std::string subject = Subject("escalation policy", policy.name);
  AddName(view.Text("slug"), &policy.aliases);
  policy.team = FirstText(view, {"teamSlug", "team_id"});
  if (auto team = view.Get("team"); team && team->is_map()) policy.team = UserName(*team);
  const std::string url = view.Text("_teamUrl");  // "/api-public/v1/team/team-Y"
  if (policy.team.empty()) policy.team = url.substr(url.rfind('/') + 1);
  if (!loader->Define("policy", policy.name, view)) return;
  // The API's entries have an executionType, and its timeouts are minutes before a step.
  bool is_api = true;
  for (View step : view.Maps("steps")) is_api = is_api && !FirstHas(step, "entries", {"type"});
  Delays delays = loader->options.delays;
  if (delays == Delays::kAsDialect) delays = is_api ? Delays::kBefore : Delays::kAfter;
  const Duration each = is_api ? Duration(std::chrono::minutes(1)) : std::chrono::seconds(1);
  const bool ignores_rules = view.Bool("ignoreCustomPagingPolicies", false) ||
                             view.Bool("ignore_custom_paging_policies", false);
  Duration at{};
  for (View item : view.Maps("steps")) {
    Step step;
    step.ignores_rules = ignores_rules;
    const Duration timeout = each * item.Int("timeout", 0, 0, 10'000'000);
    if (delays == Delays::kSinceStart) at = timeout;
    if (delays == Delays::kBefore) at = Later(at, timeout);
    step.after = at;
    if (delays == Delays::kAfter) at = Later(at, timeout);
    for (const View& entry : item.Maps("entries")) ReadEntry(entry, loader, policy.team, &step);
    if (step.targets.empty()) item.Error("entries", "a step needs entries");
    policy.steps.push_back(std::move(step));
  }
  loader->Note(Note::kKept, view, "", subject,
               is_api ? "timeouts are minutes before each step"
                      : "timeouts are seconds after each step (--read delays=before for waits "
                        "before it)");
  loader->Note(Note::kLost, view, "", subject,
               "VictorOps goes on paging by the last step's personal policy for ever: here it is "
               "told once, unless you add a repeat");
  if (ignores_rules) {
    loader->Note(Note::kKept, view, "", subject,
                 "custom paging policies are ignored: all contacts are told at once");
  }
  loader->roster.policies.push_back(std::move(policy));
}

void ReadTeam(View view, Loader* loader) {
  Team team;
  team.name = FirstText(view, {"name", "slug"});
  AddName(view.Text("slug"), &team.aliases);
  if (view.Has("slug")) AddName("team-" + view.Text("slug"), &team.aliases);
  for (View item : view.Maps("members")) {
    const std::string name = UserName(item);
    team.members.push_back({name, ToLower(item.Text("role", "user")) == "admin"});
    loader->Mention(Kind::kUser, name, item, "");
  }
  if (!loader->Define("team", team.name, view)) return;
  loader->Note(Note::kKept, view, "", Subject("team", team.name),
               std::to_string(team.members.size()) + " members");
  loader->roster.teams.push_back(std::move(team));
}

}  // namespace

bool ReadVictorOps(View& view, const std::string& hint, Loader* loader) {
  void (*read)(View, Loader*) = nullptr;
  if (view.HasList("routingKeys") || view.HasList("teamsOnCall")) {
    loader->Note(Note::kLost, view, "", "document",
                 view.HasList("routingKeys") ? "routing keys are the work of the route tree"
                                             : "who is on call now says nothing about tomorrow");
  } else if (FirstHas(view, "shifts", {"shiftMembers", "shifttype", "mask"})) {
    read = ReadRotation;
  } else if (view.Has("rotation_type") || view.Has("shift_length") ||
             (FirstHas(view, "shifts", {"user"}) && view.Has("name"))) {
    read = ReadManualRotation;
  } else if (view.Has("overrideOnCallUser") || view.HasList("assignments")) {
    ReadScheduledOverride(view, loader, "");
  } else if (view.HasMap("policy") && view.HasList("schedule")) {
    read = ReadDrawnSchedule;
  } else if (FirstHas(view, "steps", {"entries"})) {
    read = ReadPolicy;
  } else if (FirstHas(view, "members", {"username"}) || (hint == "team" && view.Has("members"))) {
    read = ReadTeam;
  } else {
    return false;
  }
  loader->Format(view, kVendor);
  if (read != nullptr) read(view, loader);
  return true;
}

void FinishVictorOps(Loader* loader) {
  const std::vector<Team>& teams = loader->roster.teams;
  for (OwnTeamPage& page : loader->own_team_pages) {
    if (page.policy >= loader->roster.policies.size()) continue;
    Policy& policy = loader->roster.policies[page.policy];
    const std::string subject = Subject("escalation policy", policy.name);
    if (teams.size() == 1) policy.team = teams.front().name;
    Target target{Kind::kTeam, policy.team, 0};
    if (policy.team.empty()) {
      target = {Kind::kUnknown, "the team of " + policy.name, 0};
      page.view.source().Warn(page.view.mark(),
                              subject + ": it is not clear whose policy this is, nor whom it tells",
                              "give the file of its team, or add its teamSlug");
    }
    loader->Note(policy.team.empty() ? Note::kLost : Note::kChanged, page.view, "", subject,
                 policy.team.empty() ? "team_page tells the policy's team, which is not named"
                                     : "team_page tells the only team, " + policy.team);
    for (Step& step : policy.steps) {
      for (Target& one : step.targets) {
        if (one.kind == Kind::kTeam && one.name.empty()) one = target;
      }
    }
  }
}

}  // namespace watchfire::oncall
