// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// wfctl oncall: check, import.

#include <algorithm>

#include "cmd/wfctl/api.h"
#include "cmd/wfctl/oncall.h"
#include "cmd/wfctl/table.h"
#include "pkg/base/json.h"
#include "pkg/base/strings.h"
#include "pkg/oncall/check.h"
#include "pkg/oncall/write.h"

namespace watchfire::wfctl {
namespace {

using oncall::Finding;
using oncall::Remark;
using std::chrono::hours;

std::string Counted(size_t count, const std::string& one, const std::string& many) {
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

std::string FindingsJson(const std::vector<Finding>& findings) {
  JsonWriter json;
  json.StartArray();
  for (const Finding& finding : findings) {
    json.StartObject();
    json.Field("level", finding.level == Finding::Level::kError ? "error" : "warning");
    json.Field("kind", finding.kind).Field("subject", finding.subject);
    json.Field("text", finding.text).EndObject();
  }
  return json.EndArray().Take();
}

// Whether there is anything about the roster that could be wrong. Says so if there is not.
bool HasSomething(const oncall::Roster& roster, World& world) {
  if (!roster.schedules.empty() || !roster.policies.empty()) return true;
  const bool has_users = !roster.users.empty();
  const bool has_rules = std::ranges::any_of(roster.users, [&](const oncall::User& user) {
    return !user.contacts.empty() && !(user.rules.empty() && roster.rules.empty());
  });
  if (has_rules) {
    world.err << "wfctl: the files have no schedules or policies: only the users' own rules are "
                 "checked\n";
    return true;
  }
  world.err << "wfctl: the files have no schedules"
            << (has_users ? " or policies, and users without rules" : ", policies or users")
            << ": there is nothing to check\n"
               "hint: a server's configuration names them in oncall_files: --config.file\n";
  return false;
}

int Check(const Invocation& invocation, World& world) {
  int code = kOk;
  const std::optional<oncall::Loaded> loaded = LoadOncall(invocation, world, &code);
  if (!loaded) return code;
  const oncall::Location utc{"UTC", cctz::utc_time_zone()};
  const auto from = OncallTime(invocation, "from", utc, world.now, world);
  if (!from) return kUsage;
  const auto to = OncallTime(invocation, "to", utc, *from + hours(24 * 28), world);
  if (!to) return kUsage;
  if (*to <= *from || *to - *from > hours(24 * 366)) {
    return Misuse(world, "--to must be after --from, and within a year of it");
  }
  const oncall::Roster& roster = *loaded->roster;
  if (!HasSomething(roster, world)) return kNo;
  const std::vector<Finding> findings = Check(roster, *from, *to, loaded->written);
  const auto errors = std::ranges::count(findings, Finding::Level::kError, &Finding::level);
  const bool is_strict = invocation.On("strict");
  const int verdict = errors > 0 || (is_strict && !findings.empty()) ? kNo : kOk;
  if (PrintRaw(invocation.output, world, FindingsJson(findings))) return verdict;
  for (const Finding& finding : findings) {
    const bool is_error = finding.level == Finding::Level::kError;
    const char* color = !world.color ? "" : is_error ? "\033[31m" : "\033[33m";
    world.out << finding.subject << ": " << finding.text << " " << color << "[" << finding.kind
              << (is_error ? " error" : " warning") << "]" << (world.color ? "\033[0m" : "")
              << "\n";
  }
  world.out << Counted(roster.schedules.size(), "schedule", "schedules") << ", "
            << Counted(roster.policies.size(), "policy", "policies") << ": "
            << Counted(static_cast<size_t>(errors), "error", "errors") << ", "
            << Counted(findings.size() - static_cast<size_t>(errors), "warning", "warnings")
            << "\n";
  return verdict;
}

const char* KindName(Remark::Kind kind) {
  switch (kind) {
    case Remark::Kind::kKept:
      return "kept";
    case Remark::Kind::kChanged:
      return "changed";
    case Remark::Kind::kLost:
      return "lost";
  }
  return "";
}

std::string PlanJson(const oncall::Loaded& loaded) {
  JsonWriter json;
  json.StartObject().Key("files").StartArray();
  for (const auto& [path, format] : loaded.formats) {
    json.StartObject().Field("file", path).Field("format", format).EndObject();
  }
  json.EndArray().Key("remarks").StartArray();
  for (const Remark& remark : loaded.remarks) {
    json.StartObject().Field("kind", KindName(remark.kind)).Field("file", remark.file);
    json.Field("line", remark.line).Field("column", remark.column);
    json.Field("subject", remark.subject).Field("text", remark.text).EndObject();
  }
  return json.EndArray().EndObject().Take();
}

void PrintPlan(const oncall::Loaded& loaded, World& world) {
  for (const auto& [path, format] : loaded.formats) {
    world.out << path << ": " << format << "\n";
  }
  const oncall::Roster& roster = *loaded.roster;
  world.out << Counted(roster.schedules.size(), "schedule", "schedules") << ", "
            << Counted(roster.policies.size(), "policy", "policies") << ", "
            << Counted(roster.teams.size(), "team", "teams") << "\n";
  std::vector<std::vector<std::string>> rows;
  for (const auto kind : {Remark::Kind::kLost, Remark::Kind::kChanged, Remark::Kind::kKept}) {
    for (const Remark& remark : loaded.remarks) {
      if (remark.kind != kind) continue;
      rows.push_back(
          {KindName(kind),
           remark.file + ":" + std::to_string(remark.line) + ":" + std::to_string(remark.column),
           remark.subject, remark.text});
    }
  }
  if (rows.empty()) return;
  world.out << "\n";
  PrintTable(world.out, {"WHAT", "WHERE", "OF", "HOW"}, rows, world.color);
}

int Import(const Invocation& invocation, World& world) {
  int code = kOk;
  const std::optional<oncall::Loaded> loaded = LoadOncall(invocation, world, &code);
  if (!loaded) return code;
  if (invocation.On("plan")) {
    if (!PrintRaw(invocation.output, world, PlanJson(*loaded))) PrintPlan(*loaded, world);
    return kOk;
  }
  const auto count = [&](Remark::Kind kind) {
    return static_cast<size_t>(std::ranges::count(loaded->remarks, kind, &Remark::kind));
  };
  const size_t changed = count(Remark::Kind::kChanged);
  const size_t lost = count(Remark::Kind::kLost);
  if (changed + lost > 0) {
    world.err << "wfctl: " << Counted(changed, "point", "points") << " read differently, " << lost
              << " lost (see --plan)\n";
  }
  world.out << oncall::WriteNative(*loaded->roster);
  return kOk;
}

}  // namespace

Command OncallCheckCommand() {
  std::vector<Flag> flags = OncallSourceFlags();
  flags.push_back({"schedule", 0, "NAME", "", "the schedule of overrides that name none"});
  flags.push_back({"from", 0, "TIME", "now", "where to begin looking"});
  flags.push_back({"to", 0, "TIME", "", "where to end (default four weeks after --from)"});
  flags.push_back({"strict", 0, "", "", "exit with 1 for warnings, too"});
  return {.path = "oncall check",
          .operands = "[FILE …]",
          .summary = "find gaps, starvation and surprises in schedules and policies",
          .text = R"(
Errors, for which the exit code is 1:
  never         a schedule has nobody on call in all of the range, a policy no steps
  starved       a participant's turns never fall into the hours of the layer
  unknown       a policy tells somebody whom no file has
Warnings:
  gap           nobody is on call for some of the time
  same-person   a later step tells nobody but whom an earlier one told already
  no-rule       a contact, but of mail, has a method that none of the person's rules says
  clock-change  a hand-off, shift or override begins or ends at a time that clocks skip or show
                twice within a year, or an override lasts longer or shorter than it seems to; of
                overrides only times that are written without an offset
  hidden        a layer is never on call: those that win over it always are
  night         people hand off between 22:00 and 07:00

examples:
  wfctl oncall check --file schedules.json --file policy.json --from 2024-01-08
  wfctl oncall check --config.file docs/examples/escalation.yml --from 2026-01-05
  wfctl oncall check -f oncall.yml --from 2026-01-06 --to 2026-04-01 -o json
)",
          .flags = flags,
          .run = Check};
}

Command OncallImportCommand() {
  std::vector<Flag> flags = OncallSourceFlags();
  flags.push_back({"schedule", 0, "NAME", "", "the schedule of overrides that name none"});
  flags.push_back({"plan", 0, "", "", "say what is kept, read differently and lost, and no more"});
  return {.path = "oncall import",
          .operands = "[FILE …]",
          .summary = "print documents of other services as our own oncall: YAML",
          .text = R"(
What it prints gives the same people at every instant as the documents. --plan names every point at
which they say more than that, with its place: look there before you move.

examples:
  wfctl oncall import --plan --file schedules.json --file policy.json
  wfctl oncall import --file schedules.json --file policy.json
)",
          .flags = flags,
          .run = Import};
}

}  // namespace watchfire::wfctl
