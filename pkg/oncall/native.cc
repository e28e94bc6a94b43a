// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Our own form, under the key `oncall`: docs/oncall.md describes it. Unknown keys are errors.

#include <algorithm>

#include "pkg/base/strings.h"
#include "pkg/config/oncall.h"
#include "pkg/oncall/loader.h"
#include "pkg/oncall/local_time.h"

namespace watchfire::oncall {
namespace {

using config::YamlNode;
using Kind = Target::Kind;

constexpr Duration kMinute = std::chrono::minutes(1);

// Texts that must be one of a few.
template <typename T>
T OneOf(View& view, const std::string& key, T fallback,
        const std::vector<std::pair<std::string, T>>& known) {
  const std::string text = view.Text(key);
  if (text.empty()) return fallback;
  std::vector<std::string> names;
  for (const auto& [name, value] : known) {
    if (text == name) return value;
    names.push_back(name);
  }
  view.Error(key, key + ": " + GoQuote(text) + " is none of " + Join(names, ", "));
  return fallback;
}

// `alice`, `{schedule: primary}` …
void ReadTarget(View view, Loader* loader, Targets* targets) {
  if (view.node().kind == YamlNode::Kind::kScalar) {
    targets->push_back(loader->Mention(Kind::kUser, view.node().text, view, ""));
    return;
  }
  static const auto& kinds =
      *new std::vector<std::pair<std::string, Kind>>{{"user", Kind::kUser},
                                                     {"team", Kind::kTeam},
                                                     {"team_admins", Kind::kTeamAdmins},
                                                     {"team_users", Kind::kTeamUsers},
                                                     {"schedule", Kind::kSchedule},
                                                     {"next", Kind::kNext},
                                                     {"previous", Kind::kPrevious},
                                                     {"policy", Kind::kPolicy},
                                                     {"email", Kind::kEmail},
                                                     {"webhook", Kind::kWebhook}};
  const size_t before = targets->size();
  for (const auto& [key, kind] : kinds) {
    if (!view.is_map() || !view.Has(key)) continue;
    targets->push_back(loader->Mention(kind, view.Text(key), view, key));
  }
  if (view.is_map()) view.Finish();
  if (targets->size() == before) {
    view.source().Error(view.mark(),
                        "expected a user's name or a mapping such as {schedule: NAME}");
  }
}

Targets ReadTargets(View& view, const std::string& key, Loader* loader) {
  Targets targets;
  if (view.node().Find(key) != nullptr && view.node().Find(key)->kind == YamlNode::Kind::kScalar) {
    ReadTarget(*view.Get(key), loader, &targets);
    return targets;
  }
  for (const View& item : view.Items(key)) ReadTarget(item, loader, &targets);
  return targets;
}

// "09:00" or "mon 09:00", in seconds; the day is -1 if there is none.
bool ReadMoment(View& view, const std::string& key, int* day, int64_t* second) {
  const std::string text = view.Text(key);
  const size_t blank = text.find(' ');
  *day = blank == std::string::npos ? -1 : ParseDay(text.substr(0, blank));
  const auto clock = ParseClock(text.substr(blank == std::string::npos ? 0 : blank + 1));
  *second = clock.value_or(0);
  if (clock && (*day >= 0 || blank == std::string::npos)) return true;
  view.Error(key, key + ": " + GoQuote(text) + " is no time of the day", "09:00, or mon 09:00");
  return false;
}

// "mon-fri", "sat", a list of such.
std::vector<int> ReadDays(View& view) {
  std::vector<int> days;
  for (const std::string& text : view.Texts("days")) {
    const size_t dash = text.find('-');
    const int first = ParseDay(text.substr(0, dash));
    const int last = dash == std::string::npos ? first : ParseDay(text.substr(dash + 1));
    if (first < 0 || last < 0) {
      view.Error("days", "days: " + GoQuote(text) + " is no day of the week", "mon, or mon-fri");
      continue;
    }
    for (int day = first;; day = (day + 1) % 7) {
      days.push_back(day);
      if (day == last) break;
    }
  }
  return days;
}

void ReadWindow(View view, Windows* windows) {
  int from_day = -1;
  int to_day = -1;
  int64_t from = 0;
  int64_t to = 0;
  if (view.Has("from") && !ReadMoment(view, "from", &from_day, &from)) return;
  if (view.Has("to") && !ReadMoment(view, "to", &to_day, &to)) return;
  const std::vector<int> days = ReadDays(view);
  view.Finish();
  if ((from_day < 0) != (to_day < 0) || (from_day >= 0 && !days.empty())) {
    view.source().Error(view.mark(), "give both ends a day, or neither and `days`");
    return;
  }
  const bool is_weekly = from_day >= 0 || !days.empty();
  Window window{is_weekly && days.empty(), from % Window::kDay, 0};
  if (window.is_weekly) {
    window.start = FloorMod(from_day * Window::kDay + from, Window::kWeek);
    to += to_day * Window::kDay;
  }
  window.length = FloorMod(to - window.start, window.period());
  if (window.length == 0) window.length = window.period();
  if (days.empty()) windows->push_back(window);
  for (const int day : days) {
    windows->push_back({true, day * Window::kDay + window.start, window.length});
  }
}

Windows ReadHours(View& view) {
  Windows windows;
  for (const View& item : view.Maps("hours")) ReadWindow(item, &windows);
  return windows;
}

void ReadRotation(View view, Loader* loader, const Location& zone, Rotation* rotation) {
  rotation->anchor = view.NeedTime("start", zone);
  const std::string every = view.Text("every", "1 week");
  if (!ParseEvery(every, rotation)) {
    view.Error("every", "every: " + GoQuote(every) + " is no length of a turn",
               "12 hours, 1 day, 2 weeks, 1 month");
    rotation->length = 1;
  }
  rotation->counts_shifts = OneOf<bool>(view, "count", false, {{"time", false}, {"shifts", true}});
  for (const View& item : view.Items("participants")) {
    Targets& slot = rotation->slots.emplace_back();
    if (item.node().kind == YamlNode::Kind::kList) {
      for (const YamlNode& one : item.node().items) {
        ReadTarget(View(one, view.source()), loader, &slot);
      }
    } else if (item.node().kind != YamlNode::Kind::kNull) {
      ReadTarget(item, loader, &slot);
    }
  }
  if (rotation->slots.empty()) view.Error("participants", "a rotation needs participants");
  view.Finish();
}

Layer ReadLayer(View view, Loader* loader, const Schedule& schedule, bool is_union) {
  Layer layer;
  const size_t number = schedule.layers.size();
  layer.name = view.Text("name", "layer " + std::to_string(number + 1));
  layer.zone = view.Zone("time_zone", schedule.zone);
  layer.level =
      static_cast<int>(view.Int("level", is_union ? 0 : static_cast<int64_t>(number), -1000, 1000));
  layer.start = view.Time("start", layer.zone);
  layer.end = view.Time("end", layer.zone);
  layer.windows = ReadHours(view);
  if (view.Has("rotation") == view.Has("shifts")) {
    view.Error("rotation", "a layer has either a rotation or shifts");
  }
  if (auto rotation = view.Get("rotation")) {
    ReadRotation(*rotation, loader, layer.zone, &layer.rotation);
    // Nobody is on call before the first turn.
    if (!layer.start) layer.start = layer.rotation.anchor;
  }
  for (View shift : view.Maps("shifts")) {
    Shift& one = layer.shifts.emplace_back();
    one.start = shift.NeedTime("from", layer.zone);
    one.end = shift.NeedTime("to", layer.zone);
    one.who = ReadTargets(shift, "who", loader);
    if (one.end <= one.start) shift.Error("to", "to: not after from");
    shift.Finish();
  }
  view.Finish();
  return layer;
}

void ReadOverride(View view, Loader* loader, const std::string& schedule, const Location& zone) {
  LooseOverride loose;
  loose.schedule = schedule.empty() ? view.Text("schedule") : schedule;
  loose.place = {&view.source(), view.mark()};
  loose.one.start = view.NeedTime("from", zone);
  loose.one.end = view.NeedTime("to", zone);
  loose.written = {view.WallClock("from"), view.WallClock("to"), zone.zone};
  if (loose.one.end <= loose.one.start) view.Error("to", "to: not after from");
  loose.one.who = ReadTargets(view, "who", loader);
  loose.rotations = view.Texts("layers");
  loose.one.replaced = view.Text("replaces");
  if (!loose.one.replaced.empty()) {
    loose.one.mode = Override::Mode::kSubstitute;
    loader->Mention(Kind::kUser, loose.one.replaced, view, "replaces");
  }
  if (view.Bool("add", false)) loose.one.mode = Override::Mode::kAdd;
  view.Finish();
  loader->overrides.push_back(std::move(loose));
}

void ReadSchedule(View view, Loader* loader) {
  Schedule schedule;
  schedule.name = view.Text("name");
  schedule.aliases = view.Texts("aliases");
  schedule.team = view.Text("team");
  schedule.zone = view.Zone("time_zone", {"UTC", cctz::utc_time_zone()});
  schedule.enabled = view.Bool("enabled", true);
  const bool is_union = OneOf<bool>(view, "combine", false, {{"override", false}, {"union", true}});
  const bool is_new = loader->Define("schedule", schedule.name, view);
  for (const View& item : view.Maps("layers")) {
    Layer layer = ReadLayer(item, loader, schedule, is_union);
    const auto same = std::ranges::find(schedule.layers, layer.name, &Layer::name);
    if (same != schedule.layers.end()) {
      item.source().Error(item.mark(), "layer " + GoQuote(layer.name) + " is there twice");
    }
    schedule.layers.push_back(std::move(layer));
  }
  for (const View& item : view.Maps("overrides")) {
    ReadOverride(item, loader, schedule.name, schedule.zone);
  }
  view.Finish();
  if (is_new) loader->roster.schedules.push_back(std::move(schedule));
}

void ReadStep(View view, Loader* loader, Policy* policy) {
  Step step;
  step.after = view.Span("after", Duration::zero(), kMinute);
  step.condition = OneOf<Condition>(
      view, "if", Condition::kNotAcked,
      {{"not_acked", Condition::kNotAcked}, {"not_resolved", Condition::kNotResolved}});
  step.targets = ReadTargets(view, "tell", loader);
  step.strategy = OneOf<Strategy>(view, "pick", Strategy::kAll,
                                  {{"all", Strategy::kAll},
                                   {"round_robin", Strategy::kRoundRobin},
                                   {"random", Strategy::kRandom}});
  step.turn = static_cast<int>(view.Int("turn", 0, 0, 1000));
  step.next_at_once = OneOf<bool>(view, "if_nobody", false, {{"wait", false}, {"next", true}});
  step.ignores_rules = view.Bool("ignore_rules", false);
  step.hours = ReadHours(view);
  step.zone = view.Zone("time_zone", {"UTC", cctz::utc_time_zone()});
  step.outside = view.Bool("outside_hours", false);
  step.waits = view.Bool("wait_for_hours", false);
  step.resolves = view.Bool("resolve", false);
  if (step.targets.empty() && !step.resolves) view.Error("tell", "a step tells somebody");
  view.Finish();
  policy->steps.push_back(std::move(step));
}

void ReadRepeat(View view, Repeat* repeat) {
  repeat->count = static_cast<int>(view.Int("count", 1, 0, kRepeatMax));
  repeat->wait = view.Span("wait", Duration::zero(), kMinute);
  repeat->reset_acks = view.Bool("reset_acks", false);
  repeat->resolve_after = view.Bool("resolve_after", false);
  if (repeat->count > 0 && repeat->wait <= Duration::zero()) {
    view.Error("wait", "wait must be more than 0 to repeat");
  }
  view.Finish();
}

void ReadPolicy(View view, Loader* loader) {
  Policy policy;
  policy.name = view.Text("name");
  policy.aliases = view.Texts("aliases");
  policy.team = view.Text("team");
  const bool is_new = loader->Define("policy", policy.name, view);
  for (const View& item : view.Maps("steps")) ReadStep(item, loader, &policy);
  if (auto repeat = view.Get("repeat")) ReadRepeat(*repeat, &policy.repeat);
  if (policy.steps.empty()) view.Warn("steps", "the policy has no steps: it tells nobody");
  view.Finish();
  if (is_new) loader->roster.policies.push_back(std::move(policy));
}

void ReadUser(View view, Loader* loader) {
  User user;
  if (view.node().kind == YamlNode::Kind::kScalar) {
    user.name = view.node().text;
    if (loader->Define("user", user.name, view)) loader->roster.users.push_back(std::move(user));
    return;
  }
  user.name = view.Text("name");
  user.aliases = view.Texts("aliases");
  const std::string email = view.Text("email");
  if (!email.empty()) user.contacts.push_back({"email", email});
  if (view.Has("time_zone")) user.zone = view.Zone("time_zone", {"UTC", cctz::utc_time_zone()});
  for (View contact : view.Maps("contacts")) {
    user.contacts.push_back({contact.Text("method"), contact.Text("to")});
    if (user.contacts.back().method.empty()) contact.Error("method", "method must be set");
    contact.Finish();
  }
  for (View rule : view.Maps("rules")) {
    user.rules.push_back({rule.Span("after", Duration::zero(), kMinute), rule.Text("method")});
    // By whatever of its names each of them calls it.
    const std::string method = config::ContactMethod(user.rules.back().method);
    const auto is_same = [&](const Contact& contact) {
      return config::ContactMethod(contact.method) == method;
    };
    if (std::ranges::none_of(user.contacts, is_same)) {
      rule.Error("method",
                 "method: " + user.name + " has no contact " + GoQuote(user.rules.back().method));
    }
    rule.Finish();
  }
  view.Finish();
  if (loader->Define("user", user.name, view)) loader->roster.users.push_back(std::move(user));
}

void ReadTeam(View view, Loader* loader) {
  Team team;
  team.name = view.Text("name");
  team.aliases = view.Texts("aliases");
  for (View item : view.Items("members")) {
    Member& member = team.members.emplace_back();
    if (item.is_map()) {
      member.user = item.Text("user");
      member.is_admin = OneOf<bool>(item, "role", false, {{"user", false}, {"admin", true}});
      item.Finish();
    } else {
      member.user = ScalarText(item.node());
    }
    loader->Mention(Kind::kUser, member.user, item, "");
  }
  view.Finish();
  if (loader->Define("team", team.name, view)) loader->roster.teams.push_back(std::move(team));
}

}  // namespace

bool ReadNative(View& view, Loader* loader) {
  const config::YamlNode* own = view.node().Find("oncall");
  const bool is_empty = own != nullptr && own->kind == config::YamlNode::Kind::kNull;
  if (!is_empty && !view.HasMap("oncall")) return false;
  loader->Format(view, "Watchfire");
  if (is_empty) return true;
  View oncall = *view.Get("oncall");
  if (oncall.Has("users")) loader->users_are_declared = true;
  for (const View& item : oncall.Items("users")) ReadUser(item, loader);
  for (View rule : oncall.Maps("rules")) {
    loader->roster.rules.push_back(
        {rule.Span("after", Duration::zero(), kMinute), rule.Text("method")});
    if (loader->roster.rules.back().method.empty()) rule.Error("method", "method must be set");
    rule.Finish();
  }
  for (const View& item : oncall.Maps("teams")) ReadTeam(item, loader);
  for (const View& item : oncall.Maps("schedules")) ReadSchedule(item, loader);
  for (const View& item : oncall.Maps("overrides")) {
    ReadOverride(item, loader, "", {"UTC", cctz::utc_time_zone()});
  }
  for (const View& item : oncall.Maps("escalation_policies")) ReadPolicy(item, loader);
  // What the server's own file says in the same place is not about who is on call.
  for (const char* key : {"contacts", "handoffs", "fallback", "storm", "person_metrics"})
    oncall.Get(key);
  oncall.Finish();
  return true;
}

}  // namespace watchfire::oncall
