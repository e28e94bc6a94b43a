// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// wfctl incident: what one can do to an incident. Each act is a POST of a few texts; the server
// says what makes sense.

#include <utility>

#include "cmd/wfctl/api.h"
#include "cmd/wfctl/arguments.h"
#include "cmd/wfctl/incident.h"
#include "pkg/base/json.h"
#include "pkg/base/strings.h"

namespace watchfire::wfctl {
namespace {

using Members = std::vector<std::pair<std::string, std::string>>;

int Act(const Invocation& invocation, World& world, const std::string& verb, const Members& members,
        const std::string& done) {
  const std::string& id = invocation.operands[0];
  JsonWriter json;
  json.StartObject();
  json.Field("actor", invocation.Get("actor", world.user.empty() ? "wfctl" : world.user));
  json.Field("note", invocation.Get("note"));
  for (const auto& [name, text] : members) {
    if (!text.empty()) json.Field(name, text);
  }
  Api api(invocation, world);
  const std::optional<std::string> body = api.Call(
      {"POST", "/api/v1/incidents/" + UrlEncode(id) + "/" + verb, json.EndObject().Take()});
  if (!body) return api.exit_code();
  return Show(invocation, world, *body, [&](simdjson::dom::element answer) {
    world.out << "incident " << id << ": " << done << "\n";
    const std::string remark = Text(answer["data"]["remark"]);
    if (!remark.empty()) world.out << "note: " << remark << "\n";
  });
}

// --until as a time, --for as a duration. Errors: kInvalidArgument.
Result<Members> ReadUntil(const Invocation& invocation) {
  const Result<WallTime> until = ReadTimeFlag(invocation, "until");
  if (!until) return Fail(until.error());
  const std::string span = invocation.Get("for");
  if (!span.empty() && *until != kNoTime) {
    return InvalidArgument("--for and --until are two names of one thing: give one of them");
  }
  if (!span.empty()) {
    const Result<Duration> duration = ReadDuration(span);
    if (!duration || *duration <= Duration::zero()) {
      return InvalidArgument("--for must be a duration such as 2h30m, not " + GoQuote(span));
    }
    return Members{{"for", FormatDuration(*duration)}};
  }
  return Members{{"until", *until == kNoTime ? "" : FormatRfc3339(*until)}};
}

int ActUntil(const Invocation& invocation, World& world, const std::string& verb,
             const std::string& done) {
  if (invocation.operands.size() != 1) return Misuse(world, "incident " + verb + " needs one ID");
  const Result<Members> members = ReadUntil(invocation);
  if (!members) return Misuse(world, members.error().message);
  return Act(invocation, world, verb, *members, done);
}

int Acknowledge(const Invocation& invocation, World& world) {
  return ActUntil(invocation, world, "ack", "acknowledged");
}

int Snooze(const Invocation& invocation, World& world) {
  if (invocation.Get("for").empty() && invocation.Get("until").empty()) {
    return Misuse(world, "a snooze needs an end", "as in --for=2h");
  }
  return ActUntil(invocation, world, "snooze", "snoozed");
}

int Resolve(const Invocation& invocation, World& world) {
  if (invocation.operands.size() != 1) return Misuse(world, "incident resolve needs one ID");
  return Act(invocation, world, "resolve", {}, "resolved");
}

// Whom --to names, as the API has it: a policy goes by its name alone there. Without the flag "".
// Errors: kInvalidArgument.
Result<std::string> ReadCalled(const Invocation& invocation) {
  const std::vector<std::string> all = invocation.All("to");
  if (all.empty()) return std::string();
  const std::string& to = all.back();
  const size_t colon = to.find(':');
  const std::string kind = to.substr(0, colon);
  const std::string name = colon == std::string::npos ? "" : to.substr(colon + 1);
  const bool is_call = kind == "user" || kind == "team" || kind == "schedule";
  if (name.empty() || (!is_call && kind != "policy")) {
    return InvalidArgument("--to must be user:NAME, team:NAME, policy:NAME or schedule:NAME, not " +
                           GoQuote(to));
  }
  return is_call ? to : name;
}

int Escalate(const Invocation& invocation, World& world) {
  if (invocation.operands.size() != 1) return Misuse(world, "incident escalate needs one ID");
  const Result<std::string> to = ReadCalled(invocation);
  if (!to) return Misuse(world, to.error().message);
  const std::string done = to->empty() ? "escalated" : "escalated to " + invocation.Get("to");
  return Act(invocation, world, "escalate", {{"to", *to}}, done);
}

int Mitigate(const Invocation& invocation, World& world) {
  if (invocation.operands.size() != 1) return Misuse(world, "incident mitigate needs one ID");
  return Act(invocation, world, "mitigate", {}, "mitigated");
}

int Note(const Invocation& invocation, World& world) {
  if (invocation.operands.size() < 2) {
    return Misuse(world, "incident note needs an ID and a text");
  }
  Invocation with_note = invocation;
  with_note.flags.emplace_back(
      "note", Join({invocation.operands.begin() + 1, invocation.operands.end()}, " "));
  return Act(with_note, world, "note", {}, "noted");
}

int Reassign(const Invocation& invocation, World& world) {
  if (invocation.operands.size() != 2) {
    return Misuse(world, "incident reassign needs an ID and a name");
  }
  const std::string& owner = invocation.operands[1];
  return Act(invocation, world, "reassign", {{"owner", owner}}, "given to " + owner);
}

int Severity(const Invocation& invocation, World& world) {
  if (invocation.operands.size() != 2) {
    return Misuse(world, "incident severity needs an ID and a level",
                  "one of SEV1, SEV2, SEV3, SEV4, auto");
  }
  const std::string& level = invocation.operands[1];
  return Act(invocation, world, "severity", {{"severity", level == "auto" ? "" : level}},
             "severity " + level);
}

int Role(const Invocation& invocation, World& world) {
  const size_t count = invocation.operands.size();
  if (count != 2 && count != 3) {
    return Misuse(world, "incident role needs an ID, a role and perhaps a name");
  }
  const std::string& role = invocation.operands[1];
  const std::string name = count == 3 ? invocation.operands[2] : "";
  return Act(invocation, world, "role", {{"role", role}, {"name", name}},
             role + " is " + (name.empty() ? "nobody" : name));
}

int Classify(const Invocation& invocation, World& world) {
  if (invocation.operands.size() != 2) {
    return Misuse(world, "incident classify needs an ID and a classification",
                  "one of actionable, noise, false_positive, duplicate");
  }
  const std::string& as = invocation.operands[1];
  return Act(invocation, world, "classify", {{"classification", as}}, "classified as " + as);
}

int Merge(const Invocation& invocation, World& world) {
  if (invocation.operands.size() != 2) {
    return Misuse(world, "incident merge needs two IDs", "the first goes into the second");
  }
  const std::string& into = invocation.operands[1];
  return Act(invocation, world, "merge", {{"into", into}}, "merged into " + into);
}

Command MitigateCommand(const Flag& actor, const Flag& note) {
  return {.path = "incident mitigate",
          .operands = "ID",
          .summary = "say that it hurts nobody any more, though it is not over",
          .text = R"(
The first time counts: time to mitigate runs from the opening until then. A reopening takes it
back.

example:
  wfctl incident mitigate 7 --note='traffic moved to the other region'
)",
          .flags = {actor, note},
          .run = Mitigate};
}

Command EscalateCommand(const Flag& actor, const Flag& note) {
  return {.path = "incident escalate",
          .operands = "ID",
          .summary = "have the next step of its escalation policy done now, or call somebody",
          .text = R"(
What follows moves with it. Refused when somebody has it in hand, or no policy runs for it. With
--to, whom it names is paged beside the policies that run: a person, whoever is on call for a
schedule or a team, or another policy, from its first step.

examples:
  wfctl incident escalate 7 --note='the database team is needed'
  wfctl incident escalate 7 --to=team:db
  wfctl incident escalate 7 --to=user:ada
)",
          .flags = {actor,
                    note,
                    {"to", 0, "KIND:NAME", "",
                     "whom: user:NAME, team:NAME, policy:NAME, schedule:NAME"}},
          .run = Escalate};
}

}  // namespace

int MarkPostmortem(const Invocation& invocation, World& world, const std::string& status) {
  return Act(invocation, world, "postmortem", {{"status", status}}, "post-mortem " + status);
}

std::vector<Command> IncidentActCommands() {
  const Flag actor = {"actor", 0, "NAME", "", "who; your user name unless given"};
  const Flag note = {"note", 0, "TEXT", "", "goes into the timeline"};
  const Flag until = {"until", 0, "TIME", "", "when it ends, as in 2026-01-31T15:04:05Z"};
  const Flag span = {"for", 0, "DURATION", "", "how long it lasts, instead of --until"};
  return {{.path = "incident ack",
           .operands = "ID",
           .summary = "acknowledge: it is yours",
           .text = R"(
With an end the incident comes back when that is over: it is triggered and paged again, after a
reminder. Acknowledge once more to move the end.

examples:
  wfctl incident ack 7 --note='rolling back'
  wfctl incident ack 7 --for=2h
)",
           .flags = {actor, note, until, span},
           .run = Acknowledge},
          MitigateCommand(actor, note),
          {.path = "incident resolve",
           .operands = "ID",
           .summary = "close an incident",
           .text = R"(
If its alerts go on, their next page reopens it, or opens another one if that comes late.

example:
  wfctl incident resolve 7 --note='disk replaced'
)",
           .flags = {actor, note},
           .run = Resolve},
          {.path = "incident note",
           .operands = "ID TEXT …",
           .summary = "write into the timeline",
           .text = "example:\n  wfctl incident note 7 'the replica lags since 14:02'\n",
           .flags = {actor},
           .run = Note},
          {.path = "incident reassign",
           .operands = "ID NAME",
           .summary = "give it to somebody else",
           .text = R"(
Who does not have it in hand yet is paged, and another's ack is over. Who takes it
himself is not paged. When the owner cannot be reached, its receiver is told again.

example:
  wfctl incident reassign 7 grace --note='knows the storage layer'
)",
           .flags = {actor, note},
           .run = Reassign},
          {.path = "incident severity",
           .operands = "ID LEVEL",
           .summary = "set SEV1 to SEV4 by hand",
           .text = R"(
It then no longer follows the alerts; auto lets it follow them again.

examples:
  wfctl incident severity 7 SEV1 --note='customers cannot pay'
  wfctl incident severity 7 auto
)",
           .flags = {actor, note},
           .run = Severity},
          {.path = "incident role",
           .operands = "ID ROLE [NAME]",
           .summary = "say who is commander, scribe …",
           .text = R"(
Without a name, nobody has the role any more.

examples:
  wfctl incident role 7 commander grace
  wfctl incident role 7 scribe
)",
           .flags = {actor, note},
           .run = Role},
          {.path = "incident snooze",
           .operands = "ID",
           .summary = "put it off until a time",
           .text = R"(
When the time is over it is triggered and paged again. A recovery resolves it as ever.

example:
  wfctl incident snooze 7 --for=8h --note='harmless until the morning'
)",
           .flags = {actor, note, until, span},
           .run = Snooze},
          EscalateCommand(actor, note),
          {.path = "incident classify",
           .operands = "ID CLASSIFICATION",
           .summary = "say what it was: actionable, noise, false_positive, duplicate",
           .text = R"(
Also of what is over. Your word beats a rule's.

example:
  wfctl incident classify 7 noise --note='nobody had to do anything'
)",
           .flags = {actor, note},
           .run = Classify},
          {.path = "incident merge",
           .operands = "ID INTO",
           .summary = "let another incident go on in its place",
           .text = R"(
Both must be open. Pages and recoveries of the first then belong to the second, which ends when
all of them are over.

example:
  wfctl incident merge 8 7
)",
           .flags = {actor, note},
           .run = Merge}};
}

}  // namespace watchfire::wfctl
