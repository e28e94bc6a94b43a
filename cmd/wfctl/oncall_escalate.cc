// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// wfctl oncall escalate: a policy followed through a few hours that did not happen.

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>

#include "cmd/wfctl/api.h"
#include "cmd/wfctl/arguments.h"
#include "cmd/wfctl/oncall.h"
#include "cmd/wfctl/table.h"
#include "pkg/base/json.h"
#include "pkg/base/strings.h"
#include "pkg/oncall/escalation.h"

namespace watchfire::wfctl {
namespace {

using oncall::Notice;

struct Event {
  Duration at{};
  std::string what;  // ack, unack, resolve, escalate
  std::string who;
};

struct Line {
  Duration at{};
  std::string what;
  Notice notice;  // Of a step.
  bool is_event = false;
};

constexpr size_t kLinesMax = 100'000;

const char* OutcomeName(Notice::Outcome outcome) {
  switch (outcome) {
    case Notice::Outcome::kTold:
      return "told";
    case Notice::Outcome::kNobody:
      return "nobody";
    case Notice::Outcome::kAcked:
      return "acked";
    case Notice::Outcome::kLate:
      return "late";
    case Notice::Outcome::kHours:
      return "hours";
    case Notice::Outcome::kResolved:
      return "resolved";
  }
  return "";
}

std::vector<std::string> Names(const Notice& notice) {
  std::vector<std::string> names;
  for (const oncall::Target& target : notice.to) names.push_back(target.name);
  return names;
}

// "ack@90s", "ack:alice@1m30s". Errors: kInvalidArgument.
Result<Event> ParseEvent(const std::string& text) {
  const size_t at = text.rfind('@');
  Event event;
  const std::string head = text.substr(0, at);
  event.what = head.substr(0, head.find(':'));
  if (head.find(':') != std::string::npos) event.who = head.substr(head.find(':') + 1);
  // The words of the vendors mean the same.
  static const auto& known =
      *new std::map<std::string, std::string>{{"ack", "ack"},          {"acknowledge", "ack"},
                                              {"unack", "unack"},      {"unacknowledge", "unack"},
                                              {"resolve", "resolve"},  {"close", "resolve"},
                                              {"escalate", "escalate"}};
  const auto found = known.find(event.what);
  if (found != known.end()) event.what = found->second;
  if (at == std::string::npos || found == known.end()) {
    return InvalidArgument(GoQuote(text) +
                           " is no event (write ack@90s, ack:NAME@90s, unack@2m, resolve@1h, "
                           "escalate@5m)");
  }
  Result<Duration> when = ReadDuration(text.substr(at + 1));
  if (!when && ReadNumber(text.substr(at + 1)) >= 0) {
    when = std::chrono::seconds(ReadNumber(text.substr(at + 1)));
  }
  if (!when) return Fail(when.error());
  if (*when < Duration::zero()) return InvalidArgument(GoQuote(text) + ": before the start");
  event.at = *when;
  return event;
}

Result<std::vector<Event>> ReadEvents(const Invocation& invocation) {
  std::vector<Event> events;
  for (const std::string& text : invocation.All("event")) {
    Result<Event> event = ParseEvent(text);
    if (!event) return Fail(event.error());
    events.push_back(*std::move(event));
  }
  std::ranges::stable_sort(events, {}, &Event::at);
  return events;
}

// The only policy that no other policy, and no schedule, leads to; null if there are several.
const oncall::Policy* OnlyRoot(const oncall::Roster& roster) {
  std::vector<bool> is_below(roster.policies.size(), false);
  const auto mark = [&](const oncall::Targets& targets) {
    for (const oncall::Target& target : targets) {
      if (target.kind == oncall::Target::Kind::kPolicy) is_below.at(target.index) = true;
    }
  };
  for (const oncall::Policy& policy : roster.policies) {
    for (const oncall::Step& step : policy.steps) mark(step.targets);
  }
  for (const oncall::Schedule& schedule : roster.schedules) {
    for (const oncall::Layer& layer : schedule.layers) {
      std::ranges::for_each(layer.rotation.slots, mark);
      for (const oncall::Shift& shift : layer.shifts) mark(shift.who);
    }
    for (const oncall::Override& one : schedule.overrides) mark(one.who);
  }
  if (std::ranges::count(is_below, false) != 1) return nullptr;
  return &roster
              .policies[static_cast<size_t>(std::ranges::find(is_below, false) - is_below.begin())];
}

const oncall::Policy* ChoosePolicy(const Invocation& invocation, const oncall::Roster& roster,
                                   World& world) {
  const std::string name = invocation.Get("policy");
  const oncall::Policy* found = name.empty() ? OnlyRoot(roster) : roster.FindPolicy(name);
  if (found != nullptr) return found;
  std::vector<std::string> names;
  for (const oncall::Policy& policy : roster.policies) names.push_back(policy.name);
  if (names.empty()) {
    Misuse(world, "there is no escalation policy in these files");
  } else {
    Misuse(world, name.empty() ? "which policy?" : "no policy is called " + GoQuote(name),
           "--policy: one of " + Join(names, ", "));
  }
  return nullptr;
}

// What happens until the horizon. At one instant events come before steps: who acks in time is not
// told.
class Run {
 public:
  Run(const oncall::Roster& roster, oncall::Escalation escalation, WallTime start)
      : roster_(roster), escalation_(std::move(escalation)), start_(start) {}

  std::vector<Line> To(Duration horizon, const std::vector<Event>& events) {
    auto event = events.begin();
    while (lines_.size() < kLinesMax) {
      const auto due = escalation_.deadline();
      const bool has_event = event != events.end() && event->at <= horizon;
      if (has_event && (!due || event->at <= *due)) {
        Apply(*event++);
      } else if (due && *due <= horizon) {
        Advance(std::max(*due, now_));
      } else {
        break;
      }
    }
    return std::move(lines_);
  }

 private:
  void Apply(const Event& event) {
    now_ = event.at;
    if (event.what == "ack") {
      // Without a name it is whoever was told alone.
      const std::string who = event.who.empty() && last_.size() == 1 ? last_[0] : event.who;
      escalation_.Acknowledge(who);
      lines_.push_back({event.at, who.empty() ? "ack" : "ack by " + who, {}, true});
      return;
    }
    if (event.what == "unack") escalation_.Unacknowledge(event.at);
    if (event.what == "resolve") escalation_.Resolve();
    if (event.what == "escalate") escalation_.Escalate(event.at);
    lines_.push_back({event.at, event.what, {}, true});
  }

  void Advance(Duration at) {
    now_ = at;
    for (Notice& notice : escalation_.Advance(at, start_ + at, roster_)) {
      if (!notice.to.empty()) last_ = Names(notice);
      lines_.push_back({at, OutcomeName(notice.outcome), std::move(notice), false});
    }
  }

  const oncall::Roster& roster_;
  oncall::Escalation escalation_;
  const WallTime start_;
  Duration now_{};
  std::vector<std::string> last_;
  std::vector<Line> lines_;
};

void WriteSeconds(Duration at, JsonWriter* json) {
  const double seconds = ToSeconds(at);
  if (std::floor(seconds) == seconds) {
    json->Int(static_cast<int64_t>(seconds));
  } else {
    json->Double(seconds);
  }
}

void WriteNames(const std::vector<std::string>& names, JsonWriter* json) {
  json->StartArray();
  for (const std::string& name : names) json->String(name);
  json->EndArray();
}

std::string PagesJson(const std::vector<Line>& lines, bool with_steps) {
  std::vector<std::pair<Duration, std::vector<std::string>>> pages;
  for (const Line& line : lines) {
    if (line.notice.to.empty()) continue;
    if (pages.empty() || pages.back().first != line.at) pages.push_back({line.at, {}});
    for (const std::string& name : Names(line.notice)) {
      auto& to = pages.back().second;
      if (std::ranges::find(to, name) == to.end()) to.push_back(name);
    }
  }
  JsonWriter json;
  json.StartObject().Key("pages").StartArray();
  for (const auto& [at, to] : pages) {
    json.StartObject().Key("at");
    WriteSeconds(at, &json);
    json.Key("to");
    WriteNames(to, &json);
    json.EndObject();
  }
  json.EndArray();
  if (with_steps) {
    json.Key("steps").StartArray();
    for (const Line& line : lines) {
      json.StartObject().Key("at");
      WriteSeconds(line.at, &json);
      json.Field("what", line.what);
      if (!line.is_event) {
        json.Field("step", static_cast<int64_t>(line.notice.step));
        json.Field("round", line.notice.round).Key("to");
        WriteNames(Names(line.notice), &json);
      }
      json.EndObject();
    }
    json.EndArray();
  }
  return json.EndObject().Take();
}

std::string StepText(const Line& line) {
  if (line.is_event) return "";
  const std::string round =
      line.notice.round > 0 ? ", round " + std::to_string(line.notice.round + 1) : "";
  return std::to_string(line.notice.step + 1) + round;
}

void PrintLines(const std::vector<Line>& lines, WallTime start, const oncall::Location& zone,
                World& world) {
  std::vector<std::vector<std::string>> rows;
  for (const Line& line : lines) {
    rows.push_back({FormatGoDuration(line.at), LocalText(start + line.at, zone), StepText(line),
                    line.what, Join(Names(line.notice), ", ")});
  }
  if (rows.empty()) {
    world.out << "nothing happens\n";
    return;
  }
  PrintTable(world.out, {"AFTER", "AT", "STEP", "WHAT", "TO"}, rows, world.color);
}

int Escalate(const Invocation& invocation, World& world) {
  int code = kOk;
  const std::optional<oncall::Loaded> loaded = LoadOncall(invocation, world, &code);
  if (!loaded) return code;
  const oncall::Roster& roster = *loaded->roster;
  const oncall::Policy* policy = ChoosePolicy(invocation, roster, world);
  if (policy == nullptr) return kNo;
  const oncall::Location zone = roster.schedules.empty()
                                    ? oncall::Location{"UTC", cctz::utc_time_zone()}
                                    : roster.schedules.front().zone;
  const auto start = OncallTime(invocation, "at", zone, world.now, world);
  if (!start) return kUsage;
  const Result<std::vector<Event>> events = ReadEvents(invocation);
  if (!events) return Misuse(world, "--event: " + events.error().message);
  const Result<Duration> horizon = ReadDuration(invocation.Get("horizon", "6h"));
  if (!horizon) return Misuse(world, "--horizon: " + horizon.error().message);
  if (*horizon < Duration::zero() || *horizon > std::chrono::hours(24 * 366)) {
    return Misuse(world, "--horizon: within a year");
  }
  Result<oncall::Ladder> ladder = MakeLadder(roster, *policy);
  if (!ladder) {
    world.err << "wfctl: " << ladder.error().message << "\n";
    return kNo;
  }
  oncall::Progress progress;
  const int sequence = ReadNumber(invocation.Get("sequence", "0"));
  if (sequence < 0) return Misuse(world, "--sequence takes a number from 0");
  progress.sequence = static_cast<uint64_t>(sequence);
  Run run(roster,
          oncall::Escalation(std::make_shared<const oncall::Ladder>(*std::move(ladder)), progress),
          *start);
  const std::vector<Line> lines = run.To(*horizon, *events);
  if (PrintRaw(invocation.output, world, PagesJson(lines, invocation.On("steps")))) return kOk;
  world.out << policy->name << ", from " << LocalText(*start, zone) << "\n";
  PrintLines(lines, *start, zone, world);
  return kOk;
}

}  // namespace

Command OncallEscalateCommand() {
  std::vector<Flag> flags = OncallSourceFlags();
  flags.push_back({"policy", 0, "NAME", "", "which one; by default that to which no other leads"});
  flags.push_back({"schedule", 0, "NAME", "", "the schedule of overrides that name none"});
  flags.push_back({"at", 0, "TIME", "now", "when the alert fires, RFC 3339"});
  flags.push_back({"event", 0, "EVENT", "",
                   "ack@90s, ack:NAME@90s, unack@5m, resolve@1h, escalate@2m; may be repeated"});
  flags.push_back({"horizon", 0, "DURATION", "6h", "how far to look"});
  flags.push_back({"sequence", 0, "NUMBER", "0", "which incident of the policy: turns follow it"});
  flags.push_back({"steps", 0, "", "", "with -o json, also what became of every step"});
  return {.path = "oncall escalate",
          .operands = "",
          .summary = "whom a policy pages, and when, from files",
          .text = R"(
Follows a policy as if an alert fired at --at, and says whom it would page. Times are seconds after
that. Who is on call is looked up at each step. Events come before steps of the same instant; an ack
without a name is by whoever was told last, if that was one alone.

With -o json: {"pages": [{"at": SECONDS, "to": [NAME …]}]}. Exit code 1 if a file has errors.

examples:
  wfctl oncall escalate --file policy.json --file schedules.json --at 2024-01-02T14:05:00Z
  wfctl oncall escalate -f policy.json -f schedules.json --event ack@90s --horizon 6h -o json
)",
          .flags = flags,
          .run = Escalate};
}

}  // namespace watchfire::wfctl
