// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Grafana OnCall: shifts, the schedules that name them, escalation chains and their steps, users.
// All of these point to each other by id, from any file, so they are joined at the end. Source:
// Grafana OnCall's HTTP API, on_call_shifts, schedules and escalation_policies (2025).

#include <algorithm>
#include <numeric>

#include "pkg/base/strings.h"
#include "pkg/oncall/loader.h"
#include "pkg/oncall/local_time.h"
#include "pkg/oncall/turns.h"
#include "pkg/oncall/window.h"

namespace watchfire::oncall {
namespace {

using Kind = Target::Kind;
using Note = Remark::Kind;

constexpr const char* kVendor = "Grafana OnCall";
constexpr int64_t kSlotsMax = 2000;
constexpr int64_t kMonthsWritten = 120;

const Location& Utc() {
  static const auto& utc = *new Location{"UTC", cctz::utc_time_zone()};
  return utc;
}

// What Terraform calls a thing from elsewhere: ${grafana_oncall_schedule.x.id} or the id itself.
std::string Reference(std::string text) {
  if (text.starts_with("${") && text.ends_with("}")) text = text.substr(2, text.size() - 3);
  return text;
}

Targets ReadPeople(View& view, const std::string& key, Kind kind, Loader* loader) {
  Targets people;
  for (const std::string& name : view.Texts(key)) {
    people.push_back(loader->Mention(kind, Reference(name), view, key));
  }
  if (people.empty()) view.Error(key, key + " must name somebody");
  return people;
}

// The occurrences of an event: how often, how long, on which days, and who.
class ShiftReader {
 public:
  // `is_web`: of a schedule that was drawn in Grafana's editor.
  ShiftReader(View view, Loader* loader, const Location& zone, bool is_web)
      : view_(view),
        loader_(*loader),
        zone_(view_.Zone("time_zone", zone)),
        is_web_(is_web),
        until_(view_.Time("until", zone_)) {}

  bool is_override() { return view_.Text("type") == "override"; }

  Layer ReadLayer() {
    Layer layer;
    layer.name = FirstText(view_, {"name", "id"});
    subject_ = Subject("shift", layer.name);
    AddName(view_.Text("id"), &layer.aliases);
    layer.zone = zone_;
    layer.level = static_cast<int>(view_.Int("level", 0, -100, 1000));
    start_ = view_.NeedTime("start", zone_);
    duration_ = view_.Int("duration", Window::kDay, 60, 366 * Window::kDay);
    const std::string type = view_.Text("type");
    // What its editor drew, Grafana cuts there; of other shifts `until` is the last start.
    if (is_web_ || type == "single_event") layer.end = until_;
    if (type == "single_event") {
      layer.shifts.push_back(
          {start_, EndOf(start_), ReadPeople(view_, "users", Kind::kUser, &loader_)});
      return layer;
    }
    layer.start = start_;
    if (auto rotation = view_.Time("rotation_start", zone_))
      layer.start = std::max(*rotation, start_);
    Recur(type == "rolling_users", &layer);
    return layer;
  }

  Override ReadOverride() {
    Override one;
    one.start = view_.NeedTime("start", zone_);
    duration_ = view_.Int("duration", 3600, 60, 366 * Window::kDay);
    one.end = EndOf(one.start);
    if (view_.Has("users")) one.who = ReadPeople(view_, "users", Kind::kUser, &loader_);
    for (const Targets& slot : Rolling()) one.who.insert(one.who.end(), slot.begin(), slot.end());
    return one;
  }

 private:
  std::vector<Targets> Rolling() {
    std::vector<Targets> slots;
    for (const View& item : view_.Items("rolling_users")) {
      Targets& slot = slots.emplace_back();
      if (item.node().kind == config::YamlNode::Kind::kScalar) {
        slot.push_back(loader_.Mention(Kind::kUser, Reference(item.node().text), item, ""));
      }
      for (const config::YamlNode& user : item.node().items) {
        slot.push_back(
            loader_.Mention(Kind::kUser, Reference(user.text), View(user, item.source()), ""));
      }
    }
    if (slots.empty()) return slots;
    const int64_t first = view_.Int("start_rotation_from_user_index", 0, 0, 10'000);
    std::rotate(slots.begin(), slots.begin() + first % static_cast<int64_t>(slots.size()),
                slots.end());
    return slots;
  }

  void Recur(bool is_rolling, Layer* layer) {
    std::vector<Targets> slots =
        is_rolling ? Rolling()
                   : std::vector<Targets>{ReadPeople(view_, "users", Kind::kUser, &loader_)};
    if (slots.empty()) slots.emplace_back();
    const std::string frequency = ToLower(view_.Text("frequency", "weekly"));
    if (!ParseEvery(frequency, &layer->rotation) || frequency.find("ly") == std::string::npos) {
      view_.Error("frequency", "frequency: " + GoQuote(frequency) +
                                   " is none of hourly, daily, weekly, monthly");
    }
    const int64_t interval = view_.Int("interval", 1, 1, 1000);
    layer->rotation.anchor = start_;
    layer->rotation.length = interval;
    for (const char* key : {"by_month", "by_monthday"}) {
      if (view_.HasList(key) && !view_.Items(key).empty())
        Lost(key, "is left out: every one counts");
    }
    const std::vector<int> days = Days();
    if (layer->rotation.unit == Unit::kMonth) {
      Monthly(slots, layer);
    } else if (!days.empty()) {
      OnDays(days, slots, is_rolling, layer);
    } else {
      Evenly(slots, layer);
    }
  }

  std::vector<int> Days() {
    std::vector<int> days;
    if (!view_.Has("by_day")) return days;
    for (const std::string& text : view_.Texts("by_day")) {
      const int day = ParseDay(text);
      if (day < 0) view_.Error("by_day", "by_day: " + GoQuote(text) + " is no day of the week");
      if (day >= 0) days.push_back(day);
    }
    return days;
  }

  int64_t ClockOf(WallTime at) const {
    return FloorMod(ToLocal(at, zone_.zone) - kMonday, Window::kDay);
  }

  // Durations are counted on the clock on the wall, as turns are.
  WallTime EndOf(WallTime start) const {
    return LastInstant(ToLocal(start, zone_.zone) + duration_, zone_.zone);
  }

  // Lets the layer end with the last occurrence, of those at `first` and every `period` seconds
  // after it, that begins by `until`.
  void EndBy(LocalTime first, int64_t period, Layer* layer) const {
    if (!until_ || is_web_) return;
    int64_t last = FloorDiv(ToLocal(*until_, zone_.zone) - first, period);
    while (FirstInstant(first + (last + 1) * period, zone_.zone) <= *until_) ++last;
    const LocalTime end = first + last * period + std::min(duration_, period);
    layer->end = std::max(layer->end.value_or(kEarliest), LastInstant(end, zone_.zone));
  }

  // Turns of one unit each, and nobody's until the interval is over; false if these are too many.
  static bool Spread(const std::vector<Targets>& slots, Rotation* rotation) {
    const auto length = static_cast<size_t>(rotation->length);
    if (slots.size() * length > static_cast<size_t>(kSlotsMax)) return false;
    rotation->slots.clear();
    for (const Targets& slot : slots) {
      rotation->slots.push_back(slot);
      rotation->slots.resize(rotation->slots.size() + length - 1);
    }
    rotation->length = 1;
    return true;
  }

  // Each turn is `duration` of somebody, and nobody for the rest of its time.
  void Evenly(const std::vector<Targets>& slots, Layer* layer) {
    Rotation& rotation = layer->rotation;
    const int64_t unit = rotation.unit == Unit::kHour  ? 3600
                         : rotation.unit == Unit::kDay ? Window::kDay
                                                       : Window::kWeek;
    const int64_t turn = unit * rotation.length;
    const LocalTime start = ToLocal(start_, zone_.zone);
    EndBy(start, turn, layer);
    rotation.slots = slots;
    if (duration_ >= turn) {
      if (duration_ > turn) Changed("duration", "lasts into the next turn: hands off there");
      return;
    }
    if (unit != 3600 && duration_ <= unit && Spread(slots, &rotation)) {
      layer->windows = {{unit == Window::kWeek, FloorMod(start - kMonday, unit), duration_}};
      return;
    }
    const int64_t part = std::gcd(duration_, turn);
    if (part < 600 || turn / part * static_cast<int64_t>(slots.size()) > kSlotsMax) {
      Lost("duration", "cannot be told apart from its turns: the turn counts as a whole");
      return;
    }
    rotation.slots.clear();
    for (const Targets& slot : slots) {
      for (int64_t at = 0; at < turn; at += part) {
        rotation.slots.push_back(at < duration_ ? slot : Targets{});
      }
    }
    SetSeconds(part, &rotation);
  }

  // Certain days of the week. Weekly turns change with the first of these days in a week, so that
  // what runs over the week's end is not cut there; daily ones from one such day to the next.
  void OnDays(const std::vector<int>& days, const std::vector<Targets>& slots, bool is_rolling,
              Layer* layer) {
    const int64_t clock = ClockOf(start_);
    for (const int day : days) {
      const int64_t length = std::min<int64_t>(duration_, Window::kWeek);
      layer->windows.push_back({true, day * Window::kDay + clock, length});
      EndBy(kMonday + layer->windows.back().start, Window::kWeek, layer);
    }
    Rotation& rotation = layer->rotation;
    rotation.slots = slots;
    if (rotation.unit != Unit::kWeek) {
      rotation.counts_shifts = true;
      Changed("by_day", "its turns are counted in the days on which it takes place");
      return;
    }
    const int first = std::max(0, ParseDay(view_.Text("week_start", "MO")));
    std::vector<int64_t> places;  // Of the days, in a week that begins on the first.
    for (const int day : days) places.push_back(FloorMod(day - first, 7));
    std::ranges::sort(places);
    const LocalTime start = ToLocal(start_, zone_.zone);
    const int64_t since = FloorMod(start - kMonday - first * Window::kDay, Window::kWeek);
    // The week of the first turn, and when it first takes place. People who take turns begin on the
    // first day of a week, if the start is on none of the days.
    LocalTime week = start - since + clock;
    auto next = std::ranges::lower_bound(places, since / Window::kDay);
    if (is_rolling && (next == places.end() || *next != since / Window::kDay)) {
      if (places.front() < since / Window::kDay) week += Window::kWeek;
      next = places.begin();
    }
    const int64_t place = next == places.end() ? places.front() + 7 : *next;
    layer->start = std::max(*layer->start, FirstInstant(week + place * Window::kDay, zone_.zone));
    rotation.anchor = FirstInstant(week + places.front() * Window::kDay, zone_.zone);
    const bool is_long =
        duration_ > Window::kWeek - (places.back() - places.front()) * Window::kDay;
    if (is_long && (slots.size() > 1 || rotation.length > 1)) {
      Changed("duration", "lasts into the next turn: hands off there");
    }
    if (!Spread(slots, &rotation)) Lost("interval", "is too long: a turn lasts all of its weeks");
  }

  void Monthly(const std::vector<Targets>& slots, Layer* layer) {
    Rotation& rotation = layer->rotation;
    if (duration_ >= 28 * Window::kDay) {
      rotation.slots = slots;
      const Turns turns(*layer);
      if (until_ && !is_web_) layer->end = turns.Begin(turns.At(*until_) + 1);
      return;
    }
    const LocalTime start = ToLocal(start_, zone_.zone);
    for (int64_t month = 0; month < kMonthsWritten; month += rotation.length) {
      const auto place = static_cast<size_t>(month / rotation.length);
      const cctz::civil_month at = cctz::civil_month(start) + month;
      const LocalTime begin(at.year(), at.month(), start.day(), start.hour(), start.minute(),
                            start.second());
      if (begin.month() != at.month()) continue;  // No such day in this month.
      if (until_ && FirstInstant(begin, zone_.zone) > *until_) break;
      layer->shifts.push_back({FirstInstant(begin, zone_.zone),
                               LastInstant(begin + duration_, zone_.zone),
                               slots[place % slots.size()]});
    }
    layer->rotation = {};
    Changed("frequency", "is written out for ten years, month by month");
  }

  void Lost(const std::string& key, const std::string& text) {
    loader_.Note(Note::kLost, view_, key, subject_, key + " " + text);
    view_.Warn(key, subject_ + ": " + key + " " + text);
  }
  void Changed(const std::string& key, const std::string& text) {
    loader_.Note(Note::kChanged, view_, key, subject_, text);
  }

  View view_;
  Loader& loader_;
  const Location zone_;
  const bool is_web_;
  const std::optional<WallTime> until_;
  std::string subject_;
  WallTime start_{};
  int64_t duration_ = 0;
};

void AddShift(const View& view, bool is_web, Loader* loader, Schedule* schedule) {
  ShiftReader reader(view, loader, schedule->zone, is_web);
  if (reader.is_override()) {
    schedule->overrides.push_back(reader.ReadOverride());
    return;
  }
  Layer layer = reader.ReadLayer();
  const auto same = std::ranges::find(schedule->layers, layer.name, &Layer::name);
  if (same != schedule->layers.end())
    layer.name += " " + std::to_string(schedule->layers.size() + 1);
  schedule->layers.push_back(std::move(layer));
}

void ReadSchedule(View view, const std::string& alias, Loader* loader, std::vector<bool>* used) {
  Schedule schedule;
  schedule.name = FirstText(view, {"name", "id"});
  const std::string subject = Subject("schedule", schedule.name);
  AddName(view.Text("id"), &schedule.aliases);
  AddName(alias, &schedule.aliases);
  schedule.zone = view.Zone("time_zone", Utc());
  if (!loader->Define("schedule", schedule.name, view)) return;
  for (const char* key : {"ical_url_primary", "ical_url_overrides"}) {
    if (!view.Has(key)) continue;
    loader->Note(Note::kLost, view, key, subject, std::string(key) + " is a calendar elsewhere");
    view.Warn(key, subject + ": " + key + " is a calendar elsewhere: its events are missing");
  }
  const bool is_web = view.Text("type") == "web";
  for (const View& item : view.Items("shifts")) {
    if (item.is_map()) {
      AddShift(item, is_web, loader, &schedule);
      continue;
    }
    const std::string name = Reference(ScalarText(item.node()));
    bool found = false;
    for (size_t i = 0; i < loader->shifts.size() && !found; ++i) {
      const LooseShift& shift = loader->shifts[i];
      found = std::ranges::find(shift.names, name) != shift.names.end();
      if (!found) continue;
      (*used)[i] = true;
      AddShift(View(*shift.node, *shift.source), is_web, loader, &schedule);
    }
    if (!found) {
      item.source().Error(item.mark(), "no shift is called " + GoQuote(name),
                          "give the file of on_call_shifts as well");
    }
  }
  loader->Note(Note::kKept, view, "", subject,
               std::to_string(schedule.layers.size()) +
                   " shifts; those of the highest level win, equal ones are on call together");
  loader->roster.schedules.push_back(std::move(schedule));
}

// One step of a chain, at the time that the waits before it add up to.
class ChainReader {
 public:
  ChainReader(Policy* policy, Loader* loader) : policy_(*policy), loader_(*loader) {}

  void Read(View view) {
    const std::string type = view.Text("type");
    const std::string subject = Subject("escalation chain", policy_.name);
    if (type == "wait") {
      at_ = Later(at_, std::chrono::seconds(view.Int("duration", 0, 0, 100LL * 24 * 3600)));
    } else if (type == "notify_persons") {
      Tell(ReadPeople(view, "persons_to_notify", Kind::kUser, &loader_));
    } else if (type == "notify_person_next_each_time") {
      Tell(ReadPeople(view, "persons_to_notify_next_each_time", Kind::kUser, &loader_),
           Strategy::kRoundRobin);
    } else if (type == "notify_on_call_from_schedule") {
      Tell(ReadPeople(view, "notify_on_call_from_schedule", Kind::kSchedule, &loader_));
    } else if (type == "notify_team_members") {
      Tell(ReadPeople(view, "notify_to_team_members", Kind::kTeam, &loader_));
    } else if (type == "trigger_webhook" || type == "trigger_action") {
      Tell(ReadPeople(view, "action_to_trigger", Kind::kWebhook, &loader_));
    } else if (type == "resolve") {
      Tell({});
      policy_.steps.back().resolves = true;
    } else if (type == "notify_if_time_from_to") {
      const auto from = ParseClock(view.Text("notify_if_time_from"));
      const auto to = ParseClock(view.Text("notify_if_time_to"));
      if (!from || !to) view.Error("type", "notify_if_time_from and _to: expected 09:00:00Z");
      hours_ = {DailyWindow(from.value_or(0) / 60, to.value_or(0) / 60)};
    } else if (type == "repeat_escalation") {
      policy_.repeat.count = 5;
      const Duration last = policy_.steps.empty() ? Duration::zero() : policy_.steps.back().after;
      policy_.repeat.wait = std::max<Duration>(at_ - last, std::chrono::minutes(1));
    } else {
      static const auto& left_out =
          *new std::vector<std::string>{"notify_user_group", "notify_whole_channel",
                                        "notify_if_num_alerts_in_window", "declare_incident"};
      const bool known = std::ranges::find(left_out, type) != left_out.end();
      if (!known) view.Error("type", "type: " + GoQuote(type) + " is no step of a chain");
      loader_.Note(Note::kLost, view, "type", subject, "the step " + type + " is left out");
    }
    if (view.Bool("important", false)) {
      loader_.Note(Note::kLost, view, "important", subject,
                   "important steps use other personal rules: there is one set of them here");
    }
  }

 private:
  void Tell(Targets targets, Strategy strategy = Strategy::kAll) {
    Step step;
    step.after = at_;
    step.targets = std::move(targets);
    step.strategy = strategy;
    step.hours = std::move(hours_);
    step.zone = Utc();
    step.waits = !step.hours.empty();
    hours_.clear();
    policy_.steps.push_back(std::move(step));
  }

  Policy& policy_;
  Loader& loader_;
  Duration at_{};
  Windows hours_;  // Of the next step.
};

void ReadChain(View view, Loader* loader) {
  Policy policy;
  policy.name = FirstText(view, {"name", "id"});
  AddName(view.Text("id"), &policy.aliases);
  AddName(loader->alias, &policy.aliases);
  if (!loader->Define("policy", policy.name, view)) return;
  ChainReader reader(&policy, loader);
  for (const char* key : {"steps", "escalation_policies"}) {
    for (const View& step : view.Maps(key)) reader.Read(step);
  }
  loader->roster.policies.push_back(std::move(policy));
}

void ReadUser(View view, Loader* loader) {
  User user;
  user.name = FirstText(view, {"username", "email", "name", "id"});
  for (const char* key : {"id", "email", "displayName", "name"}) {
    AddName(view.Text(key), &user.aliases);
  }
  AddName(loader->alias, &user.aliases);
  const std::string email = view.Text("email");
  if (!email.empty()) user.contacts.push_back({"email", email});
  user.zone = view.ZoneIfKnown("timezone");
  if (loader->Define("user", user.name, view)) loader->roster.users.push_back(std::move(user));
}

// A chain with its steps in it, as people write it down.
bool HasSteps(const View& view) {
  const config::YamlNode* steps = view.node().Find("steps");
  if (steps == nullptr || steps->kind != config::YamlNode::Kind::kList || steps->items.empty()) {
    return false;
  }
  const View first(steps->items.front(), view.source());
  return first.is_map() && first.Has("type");
}

bool IsChain(const View& view, const std::string& hint) {
  if (HasSteps(view)) return view.Has("name");
  if (hint == "escalation_chains" || view.HasList("escalation_policies")) return view.Has("name");
  return view.Has("id") && view.Has("name") && view.node().Find("team_id") != nullptr &&
         view.node().keys.size() == 3;
}

}  // namespace

bool ReadGrafana(View& view, const std::string& hint, Loader* loader) {
  const std::string type =
      view.HasMap("type") || view.HasList("type") ? "" : FirstText(view, {"type"});
  const bool is_event = type == "single_event" || type == "recurrent_event" ||
                        type == "rolling_users" || (type == "override" && view.Has("duration"));
  if (is_event) {
    LooseShift& shift = loader->shifts.emplace_back();
    for (const char* key : {"id", "name"}) AddName(view.Text(key), &shift.names);
    AddName(loader->alias, &shift.names);
    shift.node = &view.node();
    shift.source = &view.source();
  } else if ((type == "web" || type == "calendar" || type == "ical") && view.Has("name")) {
    loader->grafana_schedules.emplace_back(view, loader->alias);
  } else if (view.Has("escalation_chain_id") && !type.empty()) {
    loader->steps.push_back({Reference(view.Text("escalation_chain_id")),
                             view.Int("position", 0, -1, 100'000), &view.node(), &view.source()});
  } else if (IsChain(view, hint)) {
    ReadChain(view, loader);
  } else if (view.Has("default_route") || view.Has("integration_id") || hint == "integrations" ||
             hint == "routes") {
    loader->Note(Note::kLost, view, "", Subject("integration", view.Text("name")),
                 "routing is the work of the route tree");
  } else if ((hint == "users" || hint == "user" || hint == "results" || view.Has("email")) &&
             view.Has("username")) {
    ReadUser(view, loader);
    return true;  // Splunk's look the same.
  } else {
    return false;
  }
  loader->Format(view, kVendor);
  return true;
}

void FinishGrafana(Loader* loader) {
  std::vector<bool> used(loader->shifts.size(), false);
  for (const auto& [view, alias] : loader->grafana_schedules) {
    ReadSchedule(view, alias, loader, &used);
  }
  for (size_t i = 0; i < loader->shifts.size(); ++i) {
    if (used[i]) continue;
    const LooseShift& shift = loader->shifts[i];
    View view(*shift.node, *shift.source);
    const std::string name = shift.names.empty() ? "" : shift.names.back();
    loader->Note(loader->grafana_schedules.empty() ? Note::kChanged : Note::kLost, view, "",
                 Subject("shift", name), "belongs to no schedule of these files");
    if (!loader->grafana_schedules.empty()) continue;
    Schedule schedule;
    schedule.name = name;
    schedule.zone = Utc();
    if (!loader->Define("schedule", name, view)) continue;
    AddShift(view, false, loader, &schedule);
    loader->roster.schedules.push_back(std::move(schedule));
  }
  std::ranges::stable_sort(loader->steps, {}, [](const LooseStep& step) {
    return std::pair(step.chain, step.position < 0 ? INT64_MAX : step.position);
  });
  for (auto step = loader->steps.begin(); step != loader->steps.end();) {
    const std::string chain = step->chain;
    auto policy = std::ranges::find_if(loader->roster.policies, [&](const Policy& p) {
      return p.name == chain || std::ranges::find(p.aliases, chain) != p.aliases.end();
    });
    if (policy == loader->roster.policies.end()) {
      loader->Define("policy", chain, View(*step->node, *step->source));
      loader->roster.policies.push_back({chain, {}, "", {}, {}});
      policy = loader->roster.policies.end() - 1;
    }
    ChainReader reader(&*policy, loader);
    for (; step != loader->steps.end() && step->chain == chain; ++step) {
      reader.Read(View(*step->node, *step->source));
    }
  }
}

}  // namespace watchfire::oncall
