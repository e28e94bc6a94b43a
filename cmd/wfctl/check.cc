// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// wfctl check: the loader of the server, on the command line.

#include <algorithm>

#include "cmd/wfctl/command.h"
#include "pkg/app/files.h"
#include "pkg/base/json.h"
#include "pkg/config/config.h"
#include "pkg/notify/builtin/builtin.h"

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

}  // namespace

int Check(const Arguments& arguments, World& world) {
  if (arguments.words.size() != 2) {
    world.err << "usage: wfctl check [--rules=GLOB] [--slo=GLOB] [--extra=FILE] CONFIG\n";
    return kUsage;
  }
  config::LoadOptions options;
  options.path = arguments.words[1];
  for (const auto& [name, value] : arguments.options) {
    if (name == "rules") {
      options.rule_globs.push_back(value);
    } else if (name == "slo") {
      options.slo_globs.push_back(value);
    } else if (name == "extra") {
      options.extra_paths.push_back(value);
    } else {
      world.err << "wfctl check: unknown option --" << name << "\n";
      return kUsage;
    }
  }
  const config::Loaded loaded = config::Load(options, app::RealFiles(), notify::builtin::Kinds());
  if (arguments.output == "json") {
    world.out << ProblemsJson(loaded.problems) << "\n";
    return loaded.config ? kOk : kNo;
  }
  for (const config::Problem& problem : loaded.problems) PrintProblem(problem, world);
  if (!loaded.config) {
    const auto errors = std::ranges::count(loaded.problems, config::Problem::Level::kError,
                                           &config::Problem::level);
    world.out << options.path << ": " << errors << (errors == 1 ? " error\n" : " errors\n");
    return kNo;
  }
  size_t rules = 0;
  for (const config::RuleGroup& group : loaded.config->rule_groups) rules += group.rules.size();
  world.out << options.path << ": ok (" << loaded.config->receivers.size() << " receivers, "
            << rules << " rules, " << loaded.config->slos.size() << " SLOs)\n";
  return kOk;
}

}  // namespace watchfire::wfctl
