// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// wfctl oncall: who. No server is asked; files say it all.

#include "cmd/wfctl/oncall.h"

#include <algorithm>
#include <filesystem>

#include <cctz/time_zone.h>

#include "cmd/wfctl/api.h"
#include "pkg/base/strings.h"
#include "pkg/notify/builtin/builtin.h"
#include "pkg/oncall/for_config.h"
#include "pkg/oncall/json.h"

namespace watchfire::wfctl {
namespace {

using config::Problem;

void PrintPeople(const std::string& label, const oncall::People& people, World& world) {
  world.out << label << (people.empty() ? "nobody" : Join(people, ", ")) << "\n";
}

int Who(const Invocation& invocation, World& world) {
  int code = kOk;
  const std::optional<oncall::Loaded> loaded = LoadOncall(invocation, world, &code);
  if (!loaded) return code;
  const oncall::Roster& roster = *loaded->roster;
  const oncall::Schedule* schedule = ChooseSchedule(invocation, roster, world);
  if (schedule == nullptr) return kNo;
  const auto at = OncallTime(invocation, "at", schedule->zone, world.now, world);
  if (!at) return kUsage;
  const oncall::People people = oncall::WhoAt(roster, *schedule, *at);
  const std::optional<oncall::Duty> next = oncall::NextDuty(roster, *schedule, *at);
  if (PrintRaw(invocation.output, world, oncall::WhoJson(*schedule, *at, people, next))) return kOk;
  PrintPeople("on call:  ", people, world);
  if (!next) {
    world.out << "until:    for the next two years\n";
    return kOk;
  }
  world.out << "until:    " << LocalText(next->begin, schedule->zone) << "\n";
  PrintPeople("then:     ", next->people, world);
  return kOk;
}

// Adds what is not there yet: several configurations, and --file, may name the same file, each by
// the way from its own folder. Links can make two files of one such way; only the texts tell.
void AddDocument(oncall::Document document, std::vector<oncall::Document>* documents) {
  const auto normal = [](const std::string& path) {
    return std::filesystem::path(path).lexically_normal();
  };
  const auto is_same = [&](const oncall::Document& other) {
    return document.path == other.path ||
           (document.text == other.text && normal(document.path) == normal(other.path));
  };
  if (std::ranges::none_of(*documents, is_same)) documents->push_back(std::move(document));
}

// What the configuration says of who is on call, whatever else is wrong with it. False after saying
// why there is nothing.
bool ReadOfConfig(const Invocation& invocation, const std::string& path, World& world,
                  std::vector<oncall::Document>* documents) {
  config::LoadOptions options;
  options.path = path;
  options.matcher_mode = invocation.matcher_mode;
  bool is_there = false;
  options.read_oncall = [&](const std::vector<std::pair<std::string, std::string>>& texts) {
    is_there = true;
    for (const auto& [file, text] : texts) AddDocument({file, text}, documents);
    return oncall::ConfigReader()(texts);
  };
  const config::Loaded loaded = config::Load(options, world.files, notify::builtin::Kinds());
  if (is_there) return true;
  // Warnings as well: that a pattern matches no file is one.
  for (const Problem& problem : loaded.problems) {
    const bool is_error = problem.level == Problem::Level::kError;
    world.err << "wfctl: " << problem.ToString() << (is_error ? "" : " [warning]") << "\n";
  }
  if (loaded.config != nullptr) {
    world.err << "wfctl: " << path
              << " has no schedules or policies, and no oncall_files that are there\n";
  }
  return false;
}

}  // namespace

std::vector<Flag> OncallSourceFlags() {
  std::vector<Flag> flags = OncallFileFlags();
  flags.push_back({"config.file", 0, "FILE", "",
                   "what a server's configuration says, and its oncall_files; may be repeated"});
  return flags;
}

std::vector<Flag> OncallFileFlags() {
  return {
      {"file", 'f', "FILE", "", "schedules, overrides, policies …; may be repeated, - is input"},
      {"read", 0, "KEY=VALUE", "",
       "how to read what documents leave open: ends=exact|next-minute, "
       "weekly=one-stretch|each-day, delays=before|after|since-start, layers=first|last; may be "
       "repeated"}};
}

std::optional<oncall::Loaded> LoadOncall(const Invocation& invocation, World& world, int* code) {
  *code = kUsage;
  oncall::ReadOptions options;
  options.schedule = invocation.Get("schedule");
  for (const std::string& text : invocation.All("read")) {
    if (const Status status = oncall::SetReadOption(text, &options); !status) {
      Misuse(world, "--read: " + status.error().message);
      return std::nullopt;
    }
  }
  std::vector<std::string> paths = invocation.All("file");
  paths.insert(paths.end(), invocation.operands.begin(), invocation.operands.end());
  const std::vector<std::string> configs = invocation.All("config.file");
  if (paths.empty() && configs.empty()) {
    Misuse(world, "no files",
           "give them with --file, or a server's configuration with --config.file");
    return std::nullopt;
  }
  std::vector<oncall::Document> documents;
  for (const std::string& path : configs) {
    if (ReadOfConfig(invocation, path, world, &documents)) continue;
    *code = kNo;
    return std::nullopt;
  }
  for (const std::string& path : paths) {
    Result<std::string> text = world.files.read(path);
    if (!text) {
      *code = kNo;
      world.err << "wfctl: " << text.error().message << "\n";
      return std::nullopt;
    }
    AddDocument({path, *std::move(text)}, &documents);
  }
  oncall::Loaded loaded = oncall::Load(documents, options);
  for (const Problem& problem : loaded.problems) {
    const bool is_error = problem.level == Problem::Level::kError;
    world.err << problem.ToString() << (is_error ? " [error]" : " [warning]") << "\n";
  }
  if (!loaded.roster) {
    *code = kNo;
    return std::nullopt;
  }
  *code = kOk;
  return loaded;
}

const oncall::Schedule* ChooseSchedule(const Invocation& invocation, const oncall::Roster& roster,
                                       World& world) {
  const std::string name = invocation.Get("schedule");
  if (name.empty() && roster.schedules.size() == 1) return &roster.schedules.front();
  const oncall::Schedule* found = name.empty() ? nullptr : roster.FindSchedule(name);
  if (found != nullptr) return found;
  std::vector<std::string> names;
  for (const oncall::Schedule& schedule : roster.schedules) names.push_back(schedule.name);
  if (names.empty()) {
    Misuse(world, "there is no schedule in these files");
  } else {
    Misuse(world, name.empty() ? "which schedule?" : "no schedule is called " + GoQuote(name),
           "--schedule: one of " + Join(names, ", "));
  }
  return nullptr;
}

std::optional<WallTime> OncallTime(const Invocation& invocation, const std::string& flag,
                                   const oncall::Location& zone, WallTime fallback, World& world) {
  if (invocation.All(flag).empty()) return fallback;
  const std::string text = invocation.Get(flag);
  if (text == "now") return world.now;
  const Result<WallTime> time = oncall::ParseZonedOrLocal(text, zone);
  if (time) return *time;
  Misuse(world, "--" + flag + ": " + time.error().message);
  return std::nullopt;
}

std::string LocalText(WallTime at, const oncall::Location& zone) {
  return cctz::format("%a %Y-%m-%d %H:%M %Z",
                      std::chrono::time_point_cast<std::chrono::seconds>(at), zone.zone);
}

std::vector<Command> OncallCommands() {
  std::vector<Flag> who = OncallSourceFlags();
  who.push_back({"schedule", 0, "NAME", "", "which one, when there are several"});
  who.push_back(
      {"at", 0, "TIME", "now", "RFC 3339; without an offset, local time of the schedule"});
  return {{.path = "oncall who",
           .operands = "",
           .summary = "who is on call at a moment, from files",
           .text = R"(
Reads schedules of Opsgenie, PagerDuty, VictorOps (Splunk On-Call) and Grafana OnCall as their APIs
and exports give them, JSON or YAML, and our own `oncall:` YAML; with --config.file those that a
server's configuration names. No server is asked.

With -o json: {"schedule": NAME, "at": TIME, "oncall": [NAME …], "until": TIME, "next": [NAME …]};
"until" is null when nothing changes for two years. Exit code 1 if a file has errors.

examples:
  wfctl oncall who --file schedules.json --schedule 'Primary On-Call' --at 2024-01-02T14:00:00Z
  wfctl oncall who -f schedules.json -f overrides.json --schedule 'Primary On-Call' -o json
  wfctl oncall who --config.file docs/examples/escalation.yml --schedule victor-primary
)",
           .flags = who,
           .run = Who},
          OncallNowCommand(),
          OncallHandoffCommand(),
          OncallEscalateCommand(),
          OncallScheduleCommand(),
          OncallOverrideCommand(),
          OncallOverridesCommand(),
          OncallCheckCommand(),
          OncallImportCommand()};
}

}  // namespace watchfire::wfctl
