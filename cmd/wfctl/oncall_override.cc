// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// wfctl oncall override: somebody else is on call for a while. With schedules in files this is a
// row in one, which the server reads when it changes; without, the server keeps it.

#include <algorithm>

#include "cmd/wfctl/api.h"
#include "cmd/wfctl/oncall.h"
#include "pkg/base/strings.h"
#include "pkg/oncall/for_config.h"

namespace watchfire::wfctl {
namespace {

constexpr const char* kHead = "oncall:\n  overrides:\n";

struct Wish {
  const oncall::Schedule* schedule = nullptr;
  std::string who;
  std::string replaces;
  bool is_added = false;
  WallTime from;
  WallTime to;
};

std::string RowOf(const Wish& wish) {
  std::string row = "    - {schedule: " + GoQuote(wish.schedule->name) +
                    ", from: " + FormatRfc3339(wish.from, 0) +
                    ", to: " + FormatRfc3339(wish.to, 0) + ", who: " + GoQuote(wish.who);
  if (!wish.replaces.empty()) row += ", replaces: " + GoQuote(wish.replaces);
  if (wish.is_added) row += ", add: true";
  return row + "}\n";
}

// Returns what is asked for; nullopt, and `code` set, after saying what is wrong with it.
std::optional<Wish> ReadWish(const Invocation& invocation, const oncall::Roster& roster,
                             World& world, int* code) {
  *code = kUsage;
  Wish wish;
  wish.schedule = ChooseSchedule(invocation, roster, world);
  if (wish.schedule == nullptr) {
    *code = kNo;
    return std::nullopt;
  }
  wish.who = invocation.Get("who");
  wish.replaces = invocation.Get("replaces");
  wish.is_added = invocation.On("add");
  if (wish.is_added && !wish.replaces.empty()) {
    Misuse(world, "--add and --replaces exclude each other");
    return std::nullopt;
  }
  const oncall::Location& zone = wish.schedule->zone;
  const auto from = OncallTime(invocation, "from", zone, world.now, world);
  if (!from) return std::nullopt;
  // Whole seconds, as the row has them.
  wish.from = std::chrono::floor<std::chrono::seconds>(*from);
  wish.to = wish.from;
  const std::string span = invocation.Get("for");
  if (!span.empty() && !invocation.Get("to").empty()) {
    Misuse(world, "--to and --for exclude each other");
    return std::nullopt;
  }
  if (!span.empty()) {
    const Result<Duration> length = ParseDuration(span);
    if (!length) {
      Misuse(world, "--for: " + length.error().message);
      return std::nullopt;
    }
    wish.to = std::chrono::floor<std::chrono::seconds>(wish.from + *length);
  } else {
    const auto to = OncallTime(invocation, "to", zone, wish.from, world);
    if (!to) return std::nullopt;
    wish.to = std::chrono::floor<std::chrono::seconds>(*to);
  }
  if (wish.who.empty() || wish.to <= wish.from) {
    Misuse(world, wish.who.empty() ? "who is on call instead?" : "the end must be after the start",
           wish.who.empty() ? "--who NAME" : "give --to TIME, or --for DURATION");
    return std::nullopt;
  }
  *code = kOk;
  return wish;
}

// All files, and the text that is to be in `path`.
oncall::Loaded LoadWith(const Invocation& invocation, World& world, const std::string& path,
                        const std::string& text) {
  oncall::ReadOptions options;
  options.schedule = invocation.Get("schedule");
  for (const std::string& read : invocation.All("read")) {
    static_cast<void>(oncall::SetReadOption(read, &options));  // LoadOncall() has told of it.
  }
  std::vector<oncall::Document> documents;
  for (const std::string& file : invocation.All("file")) {
    if (file == path) continue;
    if (const Result<std::string> known = world.files.read(file))
      documents.push_back({file, *known});
  }
  documents.push_back({path, text});
  return oncall::Load(documents, options);
}

size_t OverridesOf(const oncall::Roster* roster) {
  size_t count = 0;
  if (roster == nullptr) return count;
  for (const oncall::Schedule& schedule : roster->schedules) count += schedule.overrides.size();
  return count;
}

bool IsKnown(const oncall::Roster& roster, const std::string& who) {
  if (roster.FindUser(who) != nullptr) return true;
  return std::ranges::any_of(roster.schedules, [&](const oncall::Schedule& schedule) {
    const auto names = oncall::Everybody(roster, schedule);
    return std::ranges::find(names, who) != names.end();
  });
}

int Override(const Invocation& invocation, World& world) {
  const auto files = invocation.All("file");
  if (files.empty() && invocation.operands.empty()) return OverrideAtServer(invocation, world);
  if (!invocation.Get("end").empty()) {
    return Misuse(world, "--end is for overrides of the server", "delete the row of a file");
  }
  if (std::ranges::find(files, "-") != files.end()) {
    return Misuse(world, "--file: the schedules must be files", "not standard input");
  }
  int code = kOk;
  const std::optional<oncall::Loaded> loaded = LoadOncall(invocation, world, &code);
  if (!loaded) return code;
  const std::optional<Wish> wish = ReadWish(invocation, *loaded->roster, world, &code);
  if (!wish) return code;
  if (!IsKnown(*loaded->roster, wish->who)) {
    world.err << "wfctl: no file names " << GoQuote(wish->who) << ": is it written so?\n";
  }
  const std::string path = invocation.Get("write");
  std::string before;
  if (!path.empty()) {
    Result<std::string> known = world.files.read(path);
    if (!known && known.error().code != Code::kNotFound) {
      world.err << "wfctl: " << known.error().message << "\n";
      return kNo;
    }
    if (known) before = *std::move(known);
  }
  const bool ends_well = before.empty() || before.ends_with('\n');
  const std::string text =
      (before.empty() ? kHead : before) + (ends_well ? "" : "\n") + RowOf(*wish);

  const std::string name = path.empty() ? "override" : path;
  const oncall::Loaded old = LoadWith(invocation, world, name, before);
  const oncall::Loaded fresh = LoadWith(invocation, world, name, text);
  const size_t count = OverridesOf(old.roster ? &*old.roster : &*loaded->roster);
  if (!fresh.roster || OverridesOf(&*fresh.roster) != count + 1) {
    for (const config::Problem& problem : fresh.problems) world.err << problem.ToString() << "\n";
    world.err << "wfctl: " << name << ": the override cannot be added at the end of it\n"
              << "hint: name a file of its own, that this command makes\n";
    return kNo;
  }
  if (path.empty()) {
    world.out << text;
    return kOk;
  }
  const Result<std::string> now = world.files.read(path);
  if (now.value_or("") != before) {
    world.err << "wfctl: " << path << ": somebody else has changed it this moment: try again\n";
    return kNo;
  }
  if (const Status written = world.write_file(path, text); !written) {
    world.err << "wfctl: " << written.error().message << "\n";
    return kNo;
  }
  const oncall::Location& zone = wish->schedule->zone;
  world.out << wish->schedule->name << ": " << wish->who << " from " << LocalText(wish->from, zone)
            << " to " << LocalText(wish->to, zone) << ", in " << path << "\n";
  return kOk;
}

}  // namespace

Command OncallOverrideCommand() {
  std::vector<Flag> flags = OncallFileFlags();
  flags.push_back({"schedule", 0, "NAME", "", "which one, when there are several"});
  flags.push_back({"who", 0, "NAME", "", "who is on call instead"});
  flags.push_back({"from", 0, "TIME", "now", "RFC 3339; without an offset, local time"});
  flags.push_back({"to", 0, "TIME", "", "the end, not included"});
  flags.push_back({"for", 0, "DURATION", "", "instead of --to: how long"});
  flags.push_back({"replaces", 0, "NAME", "", "only while that person would be on call"});
  flags.push_back({"add", 0, "", "", "beside those on call, not in their place"});
  flags.push_back(
      {"write", 0, "FILE", "", "add it to this file, which is made if it is not there"});
  flags.push_back({"end", 0, "ID", "", "end that override of the server"});
  flags.push_back({"actor", 0, "NAME", "", "who says so; your user name unless given"});
  flags.push_back({"note", 0, "TEXT", "", "why, for the list of overrides"});
  return {.path = "oncall override",
          .operands = "",
          .summary = "put somebody else on call for a while",
          .text = R"(
Asks the running server, which stores the override before it answers; it holds from then on, over
those of files, also after a restart. --end takes one back: what it covered so far stays.

With --file overrides are rows of a file, as schedules are: this tries the row together with the
schedules of --file and adds it to --write, or prints it. A server whose oncall_files name that file
reads it again by itself. Such an override is taken back by deleting its row.

examples:
  wfctl oncall override --schedule primary --who bo --for 4h --note=ill
  wfctl oncall override --who bo --replaces ada --from 2026-02-02T08:00:00Z --for 24h
  wfctl oncall override --end 7
  wfctl oncall override -f oncall.yml --schedule victor-primary --who bo --for 4h --write o.yml
  wfctl oncall override -f oncall.yml --schedule victor-primary --who bo --from 2026-02-02 --for 1d
)",
          .flags = flags,
          .run = Override};
}

}  // namespace watchfire::wfctl
