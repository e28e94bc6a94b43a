// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Opsgenie, and Jira Service Management after it: schedules with rotations and restrictions,
// overrides, escalations, teams, users. Source: reference paging-backends §2.3, §6.

#include <algorithm>

#include "pkg/base/strings.h"
#include "pkg/oncall/loader.h"
#include "pkg/oncall/window.h"

namespace watchfire::oncall {
namespace {

using Kind = Target::Kind;
using Note = Remark::Kind;

constexpr const char* kVendor = "Opsgenie";

// {type, id, name, username}: what it is called. People are best known by their user name.
std::string NameOf(View view) { return FirstText(view, {"username", "name", "id"}); }

// What {type: user|team|schedule|escalation|none} is told of, or takes turns. A text is a user.
void ReadRecipient(View view, Loader* loader, Targets* targets) {
  if (!view.is_map()) {
    const std::string user = ScalarText(view.node());
    if (user != "none") targets->push_back(loader->Mention(Kind::kUser, user, view, ""));
    return;
  }
  const std::string type = ToLower(view.Text("type", "user"));
  const std::string name = NameOf(view);
  if (type == "none" || type == "noone") return;
  Kind kind = Kind::kUser;
  if (type == "team") {
    kind = Kind::kTeam;
  } else if (type == "schedule") {
    kind = Kind::kSchedule;
  } else if (type == "escalation") {
    kind = Kind::kPolicy;
  } else if (type != "user") {
    view.Error("type", "type: " + GoQuote(type) + " is none of user, team, schedule, escalation");
  }
  targets->push_back(loader->Mention(kind, name, view, ""));
}

int64_t ReadMinute(View& view, const std::string& hour, const std::string& minute) {
  return view.Int(hour, 0, 0, 24) * 60 + view.Int(minute, 0, 0, 59);
}

// An end at :59 is the minute after it, unless told otherwise.
int64_t ReadEnd(View& view, Loader* loader, const std::string& subject) {
  const int64_t minute = ReadMinute(view, "endHour", "endMin");
  if (minute % 60 != 59) return minute;
  if (loader->options.exact_ends) {
    loader->Note(Note::kKept, view, "endMin", subject, "ends at :59, with nobody for the minute");
    return minute;
  }
  loader->Note(Note::kChanged, view, "endMin", subject,
               "an end at :59 is read as the full hour, so that no minute is left out");
  return minute + 1;
}

void ReadRestriction(View view, Loader* loader, const std::string& subject, Windows* windows) {
  const std::string type = view.Text("type", "time-of-day");
  if (type != "time-of-day" && type != "weekday-and-time-of-day") {
    view.Error("type",
               "type: " + GoQuote(type) + " is none of time-of-day, weekday-and-time-of-day");
    return;
  }
  // One restriction or a list of them: both keys are seen with both types.
  std::vector<View> entries = view.Maps("restrictions");
  for (const View& one : view.Maps("restriction")) entries.push_back(one);
  for (View entry : entries) {
    const int64_t start = ReadMinute(entry, "startHour", "startMin");
    const int64_t end = ReadEnd(entry, loader, subject);
    if (type == "time-of-day") {
      windows->push_back(DailyWindow(start, end));
      continue;
    }
    const int first = ParseDay(entry.Text("startDay"));
    const int last = ParseDay(entry.Text("endDay"));
    if (first < 0) entry.Error("startDay", "startDay: expected a day of the week");
    if (last < 0) entry.Error("endDay", "endDay: expected a day of the week");
    if (first >= 0 && last >= 0) windows->push_back(WeeklyWindow(first, start, last, end));
  }
}

Layer ReadRotation(View view, Loader* loader, const Schedule& schedule) {
  Layer layer;
  layer.name = FirstText(view, {"name", "id"});
  if (layer.name.empty()) layer.name = "rotation " + std::to_string(schedule.layers.size() + 1);
  const std::string subject = Subject("rotation", layer.name);
  AddName(view.Text("id"), &layer.aliases);
  layer.zone = view.Zone("timezone", schedule.zone);
  layer.rotation.anchor = view.NeedTime("startDate", layer.zone);
  layer.start = layer.rotation.anchor;
  layer.end = view.Time("endDate", layer.zone);
  const std::string type = ToLower(view.Text("type", "weekly"));
  if (!ParseEvery(type, &layer.rotation) || type.find("ly") == std::string::npos) {
    view.Error("type", "type: " + GoQuote(type) + " is none of hourly, daily, weekly");
  }
  layer.rotation.length = view.Int("length", 1, 1, 9000);
  for (const View& participant : view.Items("participants")) {
    ReadRecipient(participant, loader, &layer.rotation.slots.emplace_back());
  }
  if (layer.rotation.slots.empty()) {
    loader->Note(Note::kKept, view, "", subject, "has no participants: nobody is on call");
    layer.rotation.slots.emplace_back();
  }
  if (auto restriction = view.Get("timeRestriction")) {
    ReadRestriction(*restriction, loader, subject, &layer.windows);
  }
  return layer;
}

void ReadOverride(View view, Loader* loader, const std::string& schedule, const Location& zone) {
  LooseOverride loose;
  loose.place = {&view.source(), view.mark()};
  loose.schedule = schedule;
  for (const char* parent : {"_parent", "schedule", "parent"}) {
    if (auto found = view.Get(parent); found && found->is_map()) loose.schedule = NameOf(*found);
  }
  loose.one.start = view.NeedTime("startDate", zone);
  loose.one.end = view.NeedTime("endDate", zone);
  loose.written = {view.WallClock("startDate"), view.WallClock("endDate"), zone.zone};
  if (loose.one.end <= loose.one.start) view.Error("endDate", "endDate: not after startDate");
  for (const char* key : {"user", "responder"}) {
    if (auto user = view.Get(key)) ReadRecipient(*user, loader, &loose.one.who);
  }
  for (const View& rotation : view.Maps("rotations")) {
    AddName(NameOf(rotation), &loose.rotations);
  }
  for (const std::string& id : view.Texts("rotationIds")) AddName(id, &loose.rotations);
  loader->overrides.push_back(std::move(loose));
}

// {fromUser, toUser, startDate, endDate}: somebody is away, whatever the schedule.
void ReadForwarding(View view, Loader* loader) {
  LooseOverride loose;
  loose.place = {&view.source(), view.mark()};
  loose.one.mode = Override::Mode::kSubstitute;
  const Location utc{"UTC", cctz::utc_time_zone()};
  loose.one.start = view.NeedTime("startDate", utc);
  loose.one.end = view.NeedTime("endDate", utc);
  if (loose.one.end <= loose.one.start) view.Error("endDate", "endDate: not after startDate");
  loose.one.replaced = NameOf(*view.Get("fromUser"));
  ReadRecipient(*view.Get("toUser"), loader, &loose.one.who);
  loader->Note(Note::kChanged, view, "", Subject("forwarding rule", loose.one.replaced),
               "holds in schedules; where a policy tells the user by name it does not");
  loader->overrides.push_back(std::move(loose));
}

void AddRotation(View view, Loader* loader, Schedule* schedule) {
  Layer layer = ReadRotation(view, loader, *schedule);
  const auto same = std::ranges::find(schedule->layers, layer.name, &Layer::name);
  if (same != schedule->layers.end())
    layer.name += " " + std::to_string(schedule->layers.size() + 1);
  if (view.Bool("enabled", true)) schedule->layers.push_back(std::move(layer));
}

void ReadSchedule(View view, Loader* loader) {
  Schedule schedule;
  schedule.name = FirstText(view, {"name", "id"});
  const std::string subject = Subject("schedule", schedule.name);
  AddName(view.Text("id"), &schedule.aliases);
  schedule.zone = view.Zone("timezone", {"UTC", cctz::utc_time_zone()});
  schedule.enabled = view.Bool("enabled", true);
  if (auto team = view.Get("ownerTeam"); team && team->is_map()) schedule.team = NameOf(*team);
  if (!loader->Define("schedule", schedule.name, view)) return;
  const std::vector<View> rotations = view.Maps("rotations");
  for (const View& item : rotations) AddRotation(item, loader, &schedule);
  if (rotations.empty()) loader->without_rotations.emplace_back(view, schedule.name);
  for (const View& item : view.Maps("overrides")) {
    ReadOverride(item, loader, schedule.name, schedule.zone);
  }
  if (!schedule.enabled) {
    loader->Note(Note::kKept, view, "enabled", subject, "is disabled: nobody is on call");
  }
  loader->Note(Note::kKept, view, "name", subject,
               std::to_string(schedule.layers.size()) +
                   " rotations, all of them on call together; hand-offs keep their time on the "
                   "wall when clocks change");
  loader->roster.schedules.push_back(std::move(schedule));
}

// A rotation by itself belongs to the schedule that it names, or is one of its own.
void ReadLoneRotation(View view, Loader* loader) {
  for (const char* key : {"_parent", "schedule"}) {
    auto parent = view.HasMap(key) ? view.Get(key) : std::nullopt;
    if (!parent || NameOf(*parent).empty()) continue;
    loader->rotations.push_back({parent->Text("id"), parent->Text("name"), view});
    return;
  }
  Schedule schedule;
  schedule.name = FirstText(view, {"name", "id"});
  schedule.zone = view.Zone("timezone", {"UTC", cctz::utc_time_zone()});
  if (!loader->Define("schedule", schedule.name, view)) return;
  loader->Note(Note::kChanged, view, "", Subject("rotation", schedule.name),
               "stands alone: read as a schedule in " + schedule.zone.name);
  schedule.layers.push_back(ReadRotation(view, loader, schedule));
  loader->roster.schedules.push_back(std::move(schedule));
}

Duration ReadDelay(View& view) {
  auto delay = view.Get("delay");
  if (!delay) return Duration::zero();
  if (!delay->is_map()) return view.Span("delay", Duration::zero(), std::chrono::minutes(1));
  const std::string unit = ToLower(delay->Text("timeUnit", "minutes"));
  Duration each = std::chrono::minutes(1);
  if (unit.starts_with("hour")) each = std::chrono::hours(1);
  if (unit.starts_with("day")) each = std::chrono::hours(24);
  if (unit.starts_with("second")) each = std::chrono::seconds(1);
  return Later(Duration::zero(), each * delay->Int("timeAmount", 0, 0, 10'000));
}

// How a rule picks among those whom its recipient means.
void ApplyNotifyType(View& view, Loader* loader, const std::string& subject, Step* step) {
  const std::string type = ToLower(view.Text("notifyType", "default"));
  Kind* kind = step->targets.empty() ? nullptr : &step->targets.front().kind;
  if (kind == nullptr || type == "default" || type == "all") return;
  const std::string name = step->targets.front().name;
  const bool is_schedule = *kind == Kind::kSchedule;
  if (is_schedule && (type == "next" || type == "previous")) {
    *kind = type == "next" ? Kind::kNext : Kind::kPrevious;
  } else if (*kind == Kind::kTeam && (type == "admins" || type == "users")) {
    *kind = type == "admins" ? Kind::kTeamAdmins : Kind::kTeamUsers;
  } else if (type == "random") {
    step->strategy = Strategy::kRandom;
    loader->Note(Note::kChanged, view, "notifyType", subject,
                 "random is dealt out in turn from incident to incident");
    return;
  } else {
    loader->Note(Note::kLost, view, "notifyType", subject,
                 "notifyType " + type + " says nothing about this recipient: all are told");
    return;
  }
  loader->Mention(*kind, name, view, "recipient");
}

void ReadRule(View view, Loader* loader, const std::string& subject, Policy* policy) {
  Step step;
  step.after = ReadDelay(view);
  const std::string condition = ToLower(view.Text("condition", "if-not-acked"));
  if (condition == "if-not-closed") {
    step.condition = Condition::kNotResolved;
  } else if (condition != "if-not-acked") {
    view.Error("condition",
               "condition: " + GoQuote(condition) + " is none of if-not-acked, if-not-closed");
  }
  for (const char* key : {"recipient", "recipients"}) {
    for (const View& one : view.Maps(key)) ReadRecipient(one, loader, &step.targets);
  }
  if (step.targets.empty()) view.Error("recipient", "a rule needs a recipient");
  ApplyNotifyType(view, loader, subject, &step);
  policy->steps.push_back(std::move(step));
}

void ReadRepeat(View view, Loader* loader, const std::string& subject, Repeat* repeat) {
  const int64_t wait = view.Int("waitInterval", 0, 0, 100'000);
  const int64_t count = view.Int("count", 0, 0, kRepeatMax);
  repeat->wait = std::chrono::minutes(wait);
  repeat->reset_acks = view.Bool("resetRecipientStates", false);
  const char* close = view.Has("closeAlertAfterAll") ? "closeAlertAfterAll" : "closeAlertAfter";
  const config::YamlNode* said = view.node().Find(close);
  repeat->resolve_after =
      said != nullptr && said->text != "0" && !said->text.empty() && view.Bool(close, true);
  if (wait > 0) repeat->count = static_cast<int>(count);
  if (count > 0 && wait == 0) {
    loader->Note(Note::kLost, view, "count", subject, "repeats without a wait: it does not repeat");
  }
  if (repeat->count == 0) *repeat = {};
}

void ReadEscalation(View view, Loader* loader) {
  Policy policy;
  policy.name = FirstText(view, {"name", "id"});
  const std::string subject = Subject("escalation", policy.name);
  AddName(view.Text("id"), &policy.aliases);
  if (auto team = view.Get("ownerTeam"); team && team->is_map()) policy.team = NameOf(*team);
  if (!loader->Define("policy", policy.name, view)) return;
  for (const View& rule : view.Maps("rules")) ReadRule(rule, loader, subject, &policy);
  if (auto repeat = view.Get("repeat"); repeat && repeat->is_map()) {
    ReadRepeat(*repeat, loader, subject, &policy.repeat);
  }
  loader->Note(Note::kKept, view, "name", subject,
               std::to_string(policy.steps.size()) + " rules; delays count from the start");
  loader->roster.policies.push_back(std::move(policy));
}

void ReadTeam(View view, Loader* loader) {
  Team team;
  team.name = FirstText(view, {"name", "id"});
  AddName(view.Text("id"), &team.aliases);
  for (View item : view.Maps("members")) {
    Member& member = team.members.emplace_back();
    if (auto user = item.Get("user"); user && user->is_map()) member.user = NameOf(*user);
    member.is_admin = ToLower(item.Text("role", "user")) == "admin";
    loader->Mention(Kind::kUser, member.user, item, "user");
  }
  if (!loader->Define("team", team.name, view)) return;
  loader->Note(Note::kKept, view, "name", Subject("team", team.name),
               std::to_string(team.members.size()) + " members");
  loader->roster.teams.push_back(std::move(team));
}

void ReadUser(View view, Loader* loader) {
  User user;
  user.name = FirstText(view, {"username", "name", "id"});
  AddName(view.Text("id"), &user.aliases);
  AddName(view.Text("fullName"), &user.aliases);
  if (user.name.find('@') != std::string::npos) user.contacts.push_back({"email", user.name});
  user.zone = view.ZoneIfKnown("timeZone");
  if (!loader->Define("user", user.name, view)) return;
  ReadOpsgenieRules(view, user.name, loader);
  loader->roster.users.push_back(std::move(user));
}

bool FirstHas(View& view, const std::string& list, const std::vector<std::string>& keys) {
  const config::YamlNode* node = view.node().Find(list);
  if (node == nullptr || node->kind != config::YamlNode::Kind::kList || node->items.empty()) {
    return false;
  }
  const View first(node->items.front(), view.source());
  return first.is_map() &&
         std::ranges::any_of(keys, [&](const std::string& key) { return first.Has(key); });
}

// Routing rules say nothing about who is on call.
bool IsRouting(const View& view) { return view.Has("criteria") && view.Has("notify"); }

bool IsUser(const View& view, const std::string& hint) {
  if (!view.Has("username") || hint == "user") return false;
  return view.Has("fullName") || view.HasList("notificationRules") || view.HasList("userContacts");
}

}  // namespace

bool ReadOpsgenie(View& view, const std::string& hint, Loader* loader) {
  void (*read)(View, Loader*) = nullptr;
  if (IsRouting(view)) {
    loader->Note(Note::kLost, view, "", Subject("rule", view.Text("name")),
                 "routing is the work of the route tree");
  } else if (FirstHas(view, "rotations", {"participants", "startDate"}) ||
             (view.Has("timezone") && view.HasList("rotations")) ||
             (view.Has("timezone") && view.Has("enabled") && view.Has("name") &&
              !view.Has("participants"))) {
    // Without their rotations, too: what lists schedules leaves them out.
    read = ReadSchedule;
  } else if (view.Has("participants") && view.Has("startDate")) {
    read = ReadLoneRotation;
  } else if (view.HasList("rules") && !view.Has("conditions") &&
             (FirstHas(view, "rules", {"recipient", "notifyType", "delay"}) ||
              view.Has("repeat"))) {
    read = ReadEscalation;
  } else if (view.Has("startDate") && view.Has("endDate") &&
             (view.Has("user") || view.HasMap("responder"))) {
    ReadOverride(view, loader, "", {"UTC", cctz::utc_time_zone()});
  } else if (view.HasMap("fromUser") && view.HasMap("toUser")) {
    read = ReadForwarding;
  } else if (FirstHas(view, "members", {"user"})) {
    read = ReadTeam;
  } else if (IsUser(view, hint)) {
    read = ReadUser;
  } else {
    return false;
  }
  loader->Format(view, kVendor);
  if (read != nullptr) read(view, loader);
  return true;
}

void FinishOpsgenie(Loader* loader) {
  auto& schedules = loader->roster.schedules;
  for (const LooseRotation& loose : loader->rotations) {
    const auto is_it = [&](const Schedule& other) {
      return other.name == (loose.name.empty() ? loose.id : loose.name) ||
             (!loose.id.empty() && std::ranges::count(other.aliases, loose.id) > 0);
    };
    auto schedule = std::ranges::find_if(schedules, is_it);
    View view = loose.view;
    if (schedule == schedules.end()) {
      const std::string name = loose.name.empty() ? loose.id : loose.name;
      if (!loader->Define("schedule", name, view)) continue;
      loader->Note(Note::kChanged, view, "", Subject("schedule", name),
                   "is known by its rotations only: read in UTC, give its own document as well");
      schedules.push_back({name, {}, "", {"UTC", cctz::utc_time_zone()}, true, {}, {}});
      schedule = schedules.end() - 1;
      AddName(loose.id, &schedule->aliases);
    }
    // The schedule's own document may have had it.
    const std::string id = view.Text("id");
    const bool known = !id.empty() && std::ranges::any_of(schedule->layers, [&](const Layer& one) {
      return std::ranges::count(one.aliases, id) > 0;
    });
    if (!known) AddRotation(view, loader, &*schedule);
  }
  for (const auto& [view, name] : loader->without_rotations) {
    const auto schedule = std::ranges::find(schedules, name, &Schedule::name);
    if (schedule == schedules.end() || !schedule->layers.empty()) continue;
    view.source().Warn(view.mark(),
                       Subject("schedule", name) + " has no rotations: nobody is on call",
                       "give what GET /v2/schedules/ID or its rotations answer");
  }
}

}  // namespace watchfire::oncall
