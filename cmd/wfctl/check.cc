// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// wfctl check: the loader of the server, on the command line.

#include <algorithm>

#include "cmd/wfctl/api.h"
#include "cmd/wfctl/command.h"
#include "pkg/base/json.h"
#include "pkg/config/web_file.h"
#include "pkg/notify/builtin/builtin.h"
#include "pkg/oncall/for_config.h"

namespace watchfire::wfctl {
namespace {

void PrintProblem(const config::Problem& problem, World& world) {
  const bool error = problem.level == config::Problem::Level::kError;
  const char* color = !world.color ? "" : error ? "\033[31m" : "\033[33m";
  world.out << problem.ToString() << " " << color << (error ? "[error]" : "[warning]")
            << (world.color ? "\033[0m" : "") << "\n";
}

std::string ProblemsJson(const std::vector<config::Problem>& problems) {
  JsonWriter json;
  json.StartArray();
  for (const config::Problem& problem : problems) {
    const bool error = problem.level == config::Problem::Level::kError;
    json.StartObject().Field("level", error ? "error" : "warning").Field("file", problem.file);
    json.Field("line", problem.line).Field("column", problem.column);
    json.Field("message", problem.message).Field("hint", problem.hint).EndObject();
  }
  return json.EndArray().Take();
}

std::string Counted(size_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

void PrintErrors(const std::string& path, const std::vector<config::Problem>& problems,
                 World& world) {
  const auto errors =
      std::ranges::count(problems, config::Problem::Level::kError, &config::Problem::level);
  world.out << path << ": " << Counted(static_cast<size_t>(errors), "error") << "\n";
}

void PrintVerdict(const std::string& path, const config::Loaded& loaded, World& world) {
  if (!loaded.config) return PrintErrors(path, loaded.problems, world);
  size_t rules = 0;
  for (const config::RuleGroup& group : loaded.config->rule_groups) rules += group.rules.size();
  world.out << path << ": ok (" << Counted(loaded.config->receivers.size(), "receiver") << ", "
            << Counted(loaded.config->inhibit_rules.size(), "inhibit rule") << ", "
            << Counted(rules, "rule") << ", " << Counted(loaded.config->slos.size(), "SLO")
            << ")\n";
}

void PrintVerdict(const std::string& path, const config::WebFile& file, World& world) {
  if (!file.config) return PrintErrors(path, file.problems, world);
  world.out << path << ": ok (TLS " << (file.config->tls ? "on" : "off") << ", "
            << Counted(file.config->users.size(), "user") << ")\n";
}

int Check(const Invocation& invocation, World& world) {
  std::vector<std::string> paths = invocation.operands;
  const std::vector<std::string> web_paths = invocation.All("web");
  if (paths.empty() && web_paths.empty()) paths = {"-"};
  config::LoadOptions options;
  options.rule_globs = invocation.All("rules");
  options.slo_globs = invocation.All("slo");
  options.extra_paths = invocation.All("extra");
  options.matcher_mode = invocation.matcher_mode;
  options.read_oncall = oncall::ConfigReader();
  std::vector<config::Problem> problems;
  int code = kOk;
  const bool is_raw = invocation.output == "json" || invocation.output == "yaml";
  const auto take = [&](const std::string& path, const auto& loaded) {
    if (!loaded.config) code = kNo;
    problems.insert(problems.end(), loaded.problems.begin(), loaded.problems.end());
    if (is_raw) return;
    for (const config::Problem& problem : loaded.problems) PrintProblem(problem, world);
    PrintVerdict(path, loaded, world);
  };
  for (const std::string& path : paths) {
    options.path = path;
    take(path, config::Load(options, world.files, notify::builtin::Kinds()));
  }
  for (const std::string& path : web_paths) take(path, config::LoadWebFile(path, world.files));
  if (is_raw) PrintRaw(invocation.output, world, ProblemsJson(problems));
  return code;
}

}  // namespace

std::vector<Command> CheckCommands() {
  const Command check = {
      .path = "check",
      .operands = "[FILE …]",
      .summary = "check configurations and the rule and SLO files they name",
      .text =
          R"(
Takes an alertmanager.yml as it is, and Watchfire's own keys in it. Prints every problem at once
as file:line:column, exits with 1 if one is an error; -o json for other programs. Reads standard
input when no file is given, or for "-".

examples:
  wfctl check alertmanager.yml
  wfctl check watchfire.yml --rules='rules/*.yml' --slo='slo/*.yml'
  wfctl check --web=web.yml
)",
      .flags = {{"rules", 0, "GLOB", "", "rule files besides those it names; may be repeated"},
                {"slo", 0, "GLOB", "", "SLO files besides those it names; may be repeated"},
                {"extra", 0, "FILE", "", "a file of Watchfire's own keys; may be repeated"},
                {"web", 0, "FILE", "", "what --web.config.file is to name; may be repeated"}},
      .run = Check};
  Command as_amtool = check;
  as_amtool.path = "check-config";
  as_amtool.summary = "check, as amtool calls it";
  as_amtool.is_hidden = true;
  return {check, as_amtool};
}

}  // namespace watchfire::wfctl
