// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// PagerDuty's shift-based schedules, of /v3/schedules (2026): rotations of events that take place
// again and again, custom shifts beside them, overrides of one member of a rotation. Source:
// reference paging-backends §3.3; PagerDuty's upgrade guide "Schedules API: v2 to v3" and the
// documentation of its Terraform resource pagerduty_schedulev2 (2026).
//
//   schedule -> rotations -> events   start_time .. end_time, the first shift
//                              |      recurrence: when it takes place again
//                              |      effective_since .. effective_until: what counts of that
//                              +----- assignment_strategy: whose shift is which
//
// All that takes place at a time is on call together. What neither says, and is read here so:
// shifts are numbered from start_time on, also those before effective_since (a successor of an
// event keeps everybody's turn), and one that has begun counts from effective_since and to
// effective_until.

#include <algorithm>
#include <set>

#include "pkg/base/strings.h"
#include "pkg/oncall/loader.h"
#include "pkg/oncall/pagerduty_event.h"
#include "pkg/oncall/recurrence.h"

namespace watchfire::oncall {
namespace {

using Kind = Target::Kind;
using Note = Remark::Kind;

const Location& Utc() {
  static const auto& utc = *new Location{"UTC", cctz::utc_time_zone()};
  return utc;
}

std::string TypeOf(View& view) {
  return view.HasMap("type") || view.HasList("type") ? "" : view.Text("type");
}

// What is there beside the keys that PagerDuty documents may change what the others mean.
void NoteUnknown(View& view, const std::set<std::string>& known, const std::string& subject,
                 Loader* loader) {
  for (const config::Key& key : view.node().keys) {
    if (known.contains(key.text) || !view.Has(key.text)) continue;
    const std::string text = TruncateRunes(key.text, 60) + " is not known here, and left out";
    loader->Note(Note::kLost, view, key.text, subject, text);
    view.Warn(key.text, subject + ": " + text);
  }
}

// {"date_time": …, "time_zone": …}, or the time itself, as Terraform has it. Its zone is put into
// `zone`, which is that of the schedule when there is none.
WallTime ReadMoment(View& view, const std::string& key, Location* zone) {
  auto inside = view.Get(key);
  if (!inside || !inside->is_map()) return view.NeedTime(key, *zone);
  *zone = inside->Zone("time_zone", *zone);
  return inside->NeedTime("date_time", *zone);
}

// {"type": "user_member", "user_id": …}; nobody for "empty_member".
Targets ReadMember(View view, const std::string& subject, std::vector<std::string>* ids,
                   Loader* loader) {
  const std::string type = TypeOf(view);
  if (type == "empty_member") return {};
  if (type != "user_member") {
    view.Error("type", "type: " + GoQuote(type) + " is none of user_member, empty_member");
    return {};
  }
  NoteUnknown(view, {"type", "user_id", "name", "color"}, subject, loader);
  const std::string id = view.Text("user_id");
  if (id.empty()) {
    view.Error("user_id", "user_id must be set: whose shift it is");
    return {};
  }
  const std::string name = view.Text("name");
  if (name.empty()) AddName(id, ids);
  return {MentionPagerDutyUser(id, name, view, loader)};
}

std::string UniqueName(const Schedule& schedule, const std::string& wanted) {
  const auto is_taken = [&](const std::string& name) {
    return std::ranges::find(schedule.layers, name, &Layer::name) != schedule.layers.end();
  };
  std::string name = wanted;
  for (size_t number = schedule.layers.size() + 1; is_taken(name); ++number) {
    name = wanted + " (" + std::to_string(number) + ")";
  }
  return name;
}

// An event as a layer.
class EventReader {
 public:
  EventReader(View view, const Schedule& schedule, std::vector<std::string>* ids, Loader* loader)
      : view_(view), loader_(*loader), ids_(*ids) {
    event_.zone = schedule.zone;
    layer_.name = FirstText(view_, {"name", "id"});
    layer_.name = UniqueName(schedule, layer_.name.empty() ? std::string("event") : layer_.name);
    event_.subject = Subject("event", layer_.name);
    AddName(view_.Text("id"), &layer_.aliases);
  }

  Layer Read() {
    NoteUnknown(
        view_,
        {"id", "type", "name", "start_time", "end_time", "effective_since", "effective_until",
         "recurrence", "assignment_strategy", "self", "html_url", "summary"},
        event_.subject, &loader_);
    const WallTime start = ReadMoment(view_, "start_time", &event_.zone);
    Location end_zone = event_.zone;
    const WallTime end = ReadMoment(view_, "end_time", &end_zone);
    layer_.zone = event_.zone;
    event_.start = ToLocal(start, event_.zone.zone);
    // Shifts last as long on the clock on the wall as the first of them, in summer and winter.
    event_.duration = ToLocal(end, event_.zone.zone) - event_.start;
    if (event_.duration <= 0) view_.Error("end_time", "end_time: not after start_time");
    if (event_.duration > 366 * Window::kDay)
      view_.Error("end_time", "end_time: more than a year later");
    event_.duration = std::clamp<int64_t>(event_.duration, 1, 366 * Window::kDay);
    layer_.start = view_.Time("effective_since", event_.zone);
    layer_.end = view_.Time("effective_until", event_.zone);
    const bool can_recur = ReadRecurrence();
    ReadStrategy();
    if (!can_recur || event_.slots.empty()) return std::move(layer_);
    LayOut(event_, view_, &loader_, &layer_);
    return std::move(layer_);
  }

 private:
  bool ReadRecurrence() {
    const auto said = view_.Get("recurrence");
    std::vector<View> lines;
    if (said && said->node().kind == config::YamlNode::Kind::kScalar) {
      lines.push_back(*said);
    } else if (said) {
      lines = view_.Items("recurrence");
    }
    bool has_rule = false;
    bool is_right = true;
    for (const View& line : lines) {
      const Status added =
          AddRecurrence(ScalarText(line.node()), event_.start, event_.zone, &has_rule, &event_.set);
      if (added) continue;
      line.source().Error(line.mark(), "recurrence: " + added.error().message);
      is_right = false;
    }
    if (is_right && !has_rule) {
      view_.Error("recurrence", "recurrence must hold an RRULE",
                  "such as [\"RRULE:FREQ=WEEKLY\"]; what takes place once is a custom shift");
    }
    return is_right && has_rule;
  }

  void ReadStrategy() {
    auto strategy = view_.Get("assignment_strategy");
    if (!strategy || !strategy->is_map()) {
      view_.Error("assignment_strategy", "assignment_strategy must say whose shifts these are",
                  "{type, shifts_per_member, members}");
      return;
    }
    const std::string type = TypeOf(*strategy);
    const bool is_every = type == "every_member_assignment_strategy";
    if (!is_every && type != "rotating_member_assignment_strategy") {
      strategy->Error("type", "type: " + GoQuote(type) +
                                  " is none of rotating_member_assignment_strategy, "
                                  "every_member_assignment_strategy");
      return;
    }
    NoteUnknown(*strategy, {"type", "shifts_per_member", "members"}, event_.subject, &loader_);
    // With everybody it means nothing, whatever is written there.
    if (!is_every) event_.each = strategy->Int("shifts_per_member", 1, 1, 1000);
    for (const View& member : strategy->Maps("members")) {
      Targets who = ReadMember(member, event_.subject, &ids_, &loader_);
      if (!is_every || event_.slots.empty()) {
        event_.slots.push_back(std::move(who));
      } else {
        event_.slots.front().insert(event_.slots.front().end(), who.begin(), who.end());
      }
    }
    if (event_.slots.empty()) strategy->Error("members", "members must name somebody");
  }

  View view_;
  Loader& loader_;
  std::vector<std::string>& ids_;
  Layer layer_;
  PagerDutyEvent event_;
};

void ReadRotation(View view, const std::string& subject, std::vector<std::string>* ids,
                  Loader* loader, Schedule* schedule) {
  const std::string id = view.Text("id");
  NoteUnknown(view, {"id", "type", "name", "events", "self", "html_url", "summary"}, subject,
              loader);
  const std::vector<View> events = view.Maps("events");
  if (events.empty()) {
    const std::string text = "rotation " + GoQuote(id) + " has no events: nobody is on call by it";
    loader->Note(Note::kLost, view, "", subject, text);
    view.source().Warn(view.mark(), subject + ": " + text,
                       "give what GET /v3/schedules/ID answers, which has them");
  }
  for (const View& event : events) {
    Layer layer = EventReader(event, *schedule, ids, loader).Read();
    AddName(id, &layer.aliases);
    schedule->layers.push_back(std::move(layer));
  }
}

void ReadSchedule(View view, Loader* loader) {
  Schedule schedule;
  schedule.name = FirstText(view, {"name", "summary", "id"});
  const std::string subject = Subject("schedule", schedule.name);
  AddName(view.Text("id"), &schedule.aliases);
  schedule.zone = view.Zone("time_zone", Utc());
  if (!loader->Define("schedule", schedule.name, view)) return;
  std::vector<std::string> ids;
  for (const View& item : view.Maps("rotations")) {
    ReadRotation(item, subject, &ids, loader, &schedule);
  }
  loader->Note(Note::kKept, view, "rotations", subject,
               std::to_string(schedule.layers.size()) +
                   " events, all of them on call together where they are at the same time");
  // Not part of what the API answers, but where people put it.
  for (const View& item : view.Maps("custom_shifts")) {
    loader->custom_shifts.push_back({schedule.name, item});
  }
  for (const View& item : view.Maps("overrides")) {
    loader->shift_overrides.push_back({schedule.name, item});
  }
  if (view.Has("final_schedule")) {
    loader->Note(Note::kChanged, view, "final_schedule", subject,
                 "final_schedule is a picture of a range: not read, computed from the rotations "
                 "instead; custom shifts and overrides come by themselves");
  }
  loader->members_by_id.push_back({subject, view, std::move(ids)});
  loader->roster.schedules.push_back(std::move(schedule));
}

// https://api.pagerduty.com/v3/schedules/PL5FQHC/overrides/…
std::string ScheduleInUrl(View& view) {
  static constexpr std::string_view kBefore = "/v3/schedules/";
  const std::string url = view.HasMap("self") || view.HasList("self") ? "" : view.Text("self");
  const size_t at = url.find(kBefore);
  if (at == std::string::npos) return "";
  const std::string rest = url.substr(at + kBefore.size());
  return rest.substr(0, rest.find('/'));
}

bool HasLayer(const Schedule& schedule, const std::string& alias) {
  return std::ranges::any_of(schedule.layers, [&](const Layer& layer) {
    return std::ranges::find(layer.aliases, alias) != layer.aliases.end();
  });
}

// The schedule of a custom shift or override, one of whose layers goes by `alias` if that is not
// "". Null after reporting that it is not clear.
Schedule* ScheduleOf(const LooseChange& change, const std::string& alias, Loader* loader) {
  auto& schedules = loader->roster.schedules;
  View view = change.view;
  std::string name = change.schedule.empty() ? ScheduleInUrl(view) : change.schedule;
  const auto has_alias = [&](const Schedule& schedule) { return HasLayer(schedule, alias); };
  if (name.empty() && !alias.empty()) {
    const auto found = std::ranges::find_if(schedules, has_alias);
    if (found != schedules.end()) return &*found;
  }
  if (name.empty()) name = loader->options.schedule;
  if (name.empty() && schedules.size() == 1) return &schedules.front();
  const Schedule* found = name.empty() ? nullptr : loader->roster.FindSchedule(name);
  if (found != nullptr) return &schedules[static_cast<size_t>(found - schedules.data())];
  view.source().Error(
      view.mark(), "it is not clear which schedule this is of",
      name.empty() ? "say it with --schedule" : "no schedule is called " + GoQuote(name));
  return nullptr;
}

// One more person for a while, beside all others.
void AddCustomShift(const LooseChange& change, Loader* loader) {
  Schedule* schedule = ScheduleOf(change, "", loader);
  if (schedule == nullptr) return;
  View view = change.view;
  const std::string id = view.Text("id");
  Layer layer;
  layer.name = UniqueName(*schedule, id.empty() ? "custom shift" : "custom shift " + id);
  layer.zone = schedule->zone;
  AddName(id, &layer.aliases);
  const std::string subject = Subject("schedule", schedule->name);
  NoteUnknown(
      view, {"id", "type", "start_time", "end_time", "assignments", "self", "html_url", "summary"},
      subject, loader);
  Shift shift;
  shift.start = ReadMoment(view, "start_time", &layer.zone);
  shift.end = ReadMoment(view, "end_time", &layer.zone);
  if (shift.end <= shift.start) view.Error("end_time", "end_time: not after start_time");
  MembersById members{subject, view, {}};
  for (View assignment : view.Maps("assignments")) {
    const auto member = assignment.Get("member");
    if (!member || !member->is_map()) {
      assignment.Error("member", "an assignment needs a member");
      continue;
    }
    for (Target& who : ReadMember(*member, subject, &members.ids, loader)) {
      shift.who.push_back(std::move(who));
    }
  }
  if (!view.Has("assignments")) view.Error("assignments", "assignments must be set");
  layer.shifts.push_back(std::move(shift));
  schedule->layers.push_back(std::move(layer));
  loader->members_by_id.push_back(std::move(members));
}

// For a while, somebody else in the place of one member of a rotation or custom shift.
void AddOverride(const LooseChange& change, Loader* loader) {
  View view = change.view;
  const bool is_of_shift = view.Has("custom_shift_id");
  const char* key = is_of_shift ? "custom_shift_id" : "rotation_id";
  const std::string source = view.Text(key);
  if (source.empty() || view.Has("custom_shift_id") == view.Has("rotation_id")) {
    view.source().Error(view.mark(), "an override is of one rotation or of one custom shift",
                        "give either rotation_id or custom_shift_id");
    return;
  }
  Schedule* schedule = ScheduleOf(change, source, loader);
  if (schedule == nullptr) return;
  const std::string subject = Subject("schedule", schedule->name);
  if (!HasLayer(*schedule, source)) {
    view.Error(
        key, subject + " has no " + (is_of_shift ? "custom shift " : "rotation ") + GoQuote(source),
        is_of_shift ? "give what GET /v3/schedules/ID/custom_shifts answers as well"
                    : "give what GET /v3/schedules/ID answers, with this rotation");
    return;
  }
  LooseOverride loose;
  loose.place = {&view.source(), view.mark()};
  loose.schedule = schedule->name;
  Location zone = schedule->zone;
  loose.one.start = ReadMoment(view, "start_time", &zone);
  loose.one.end = ReadMoment(view, "end_time", &zone);
  if (loose.one.end <= loose.one.start) view.Error("end_time", "end_time: not after start_time");
  MembersById members{subject, view, {}};
  const auto member = [&](const char* name) {
    const auto found = view.Get(name);
    if (found && found->is_map()) return ReadMember(*found, subject, &members.ids, loader);
    view.Error(name, std::string(name) + " must be set: a member");
    return Targets();
  };
  const Targets from = member("overridden_member");
  loose.one.who = member("overriding_member");
  if (from.empty()) {
    // Nobody's shift becomes somebody's.
    loose.one.mode = Override::Mode::kAdd;
  } else {
    loose.one.mode = Override::Mode::kSubstitute;
    loose.one.replaced = from.front().name;
    loose.rotations = {source};
  }
  loader->overrides.push_back(std::move(loose));
  loader->members_by_id.push_back(std::move(members));
}

bool FirstHas(const View& view, const std::string& list, const std::string& key) {
  const config::YamlNode* node = view.node().Find(list);
  if (node == nullptr) return false;
  if (node->kind == config::YamlNode::Kind::kMap) return node->Find(key) != nullptr;
  if (node->kind != config::YamlNode::Kind::kList || node->items.empty()) return false;
  const View first(node->items.front(), view.source());
  return first.is_map() && first.Has(key);
}

}  // namespace

bool ReadPagerDutyShifts(View& view, const std::string& hint, Loader* loader) {
  const std::string type = TypeOf(view);
  if (FirstHas(view, "rotations", "events") ||
      (view.Has("rotations") && (type == "schedule" || type == "schedule_v3"))) {
    ReadSchedule(view, loader);
  } else if (type == "schedule_v3" || (type == "schedule_v3_reference" && hint == "schedules")) {
    const std::string subject = Subject("schedule", FirstText(view, {"name", "summary", "id"}));
    loader->Note(Note::kLost, view, "", subject, "has no rotations");
    view.source().Warn(view.mark(), subject + ": it does not say who is on call",
                       "give what GET /v3/schedules/ID answers, which has its rotations");
  } else if (type == "custom_shift" || FirstHas(view, "assignments", "member")) {
    loader->custom_shifts.push_back({"", view});
  } else if (type == "override_shift" || view.Has("overridden_member")) {
    loader->shift_overrides.push_back({"", view});
  } else if (type == "schedule_event" || type == "schedule_rotation" ||
             (view.HasMap("assignment_strategy") && view.Has("recurrence"))) {
    view.source().Error(view.mark(), "this does not say which schedule it is of",
                        "give what GET /v3/schedules/ID answers, which has its rotations and "
                        "their events");
  } else {
    return false;
  }
  loader->Format(view, "PagerDuty");
  return true;
}

void FinishPagerDuty(Loader* loader) {
  for (const LooseChange& shift : loader->custom_shifts) AddCustomShift(shift, loader);
  for (const LooseChange& change : loader->shift_overrides) AddOverride(change, loader);
  std::set<std::string> known;
  for (const User& user : loader->roster.users) {
    known.insert(user.name);
    known.insert(user.aliases.begin(), user.aliases.end());
  }
  for (MembersById& members : loader->members_by_id) {
    std::erase_if(members.ids, [&](const std::string& id) { return known.contains(id); });
    if (members.ids.empty()) continue;
    known.insert(members.ids.begin(), members.ids.end());  // Once is enough.
    const std::string text =
        "names people by ids that no file has: " + TruncateRunes(Join(members.ids, ", "), 200);
    loader->Note(Note::kLost, members.view, "", members.subject, text);
    if (loader->users_are_declared) continue;  // Which makes it an error.
    members.view.source().Warn(members.view.mark(), members.subject + ": " + text,
                               "give what GET /users answers as well");
  }
}

}  // namespace watchfire::oncall
