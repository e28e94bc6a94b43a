// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// wfctl check: the loader of the server, on the command line.

#include <algorithm>
#include <iterator>
#include <map>

#include "cmd/wfctl/api.h"
#include "cmd/wfctl/arguments.h"
#include "cmd/wfctl/check_history.h"
#include "cmd/wfctl/check_templates.h"
#include "cmd/wfctl/command.h"
#include "pkg/advice/advice.h"
#include "pkg/base/json.h"
#include "pkg/base/strings.h"
#include "pkg/config/web_file.h"
#include "pkg/notify/builtin/builtin.h"
#include "pkg/oncall/for_config.h"
#include "pkg/slo/increments.h"

namespace watchfire::wfctl {
namespace {

// A line of the answer. `level` is what stands in brackets behind it.
void PrintProblem(const config::Problem& problem, const std::string& level, World& world) {
  const char* color = !world.color ? "" : level == "error" ? "\033[31m" : "\033[33m";
  world.out << problem.ToString() << " " << color << "[" << level << "]"
            << (world.color ? "\033[0m" : "") << "\n";
}

const char* LevelName(const config::Problem& problem) {
  return problem.level == config::Problem::Level::kError ? "error" : "warning";
}

void WriteProblem(const config::Problem& problem, JsonWriter* json) {
  json->Field("file", problem.file).Field("line", problem.line).Field("column", problem.column);
  json->Field("message", problem.message).Field("hint", problem.hint).EndObject();
}

std::string ProblemsJson(const std::vector<config::Problem>& problems,
                         const std::vector<advice::Advice>& advice) {
  JsonWriter json;
  json.StartArray();
  for (const config::Problem& problem : problems) {
    json.StartObject().Field("level", LevelName(problem));
    WriteProblem(problem, &json);
  }
  for (const advice::Advice& one : advice) {
    json.StartObject().Field("level", "advice").Field("id", one.id);
    WriteProblem(one.place, &json);
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
  // That of SLOs is ours, and stands in no file.
  const auto inhibits = std::ranges::count_if(
      loaded.config->inhibit_rules, [](const auto& rule) { return rule.equal_but.empty(); });
  world.out << path << ": ok (" << Counted(loaded.config->receivers.size(), "receiver") << ", "
            << Counted(static_cast<size_t>(inhibits), "inhibit rule") << ", "
            << Counted(rules, "rule") << ", " << Counted(loaded.config->slos.size(), "SLO")
            << ")\n";
}

void PrintVerdict(const std::string& path, const config::WebFile& file, World& world) {
  if (!file.config) return PrintErrors(path, file.problems, world);
  world.out << path << ": ok (TLS " << (file.config->tls ? "on" : "off") << ", "
            << Counted(file.config->users.size(), "user") << ")\n";
}

// Standard input can be read once, and advice reads what the loader has read.
config::Files Remembering(const config::Files& files) {
  auto known = std::make_shared<std::map<std::string, Result<std::string>>>();
  config::Files remembering = files;
  remembering.read = [known, read = files.read](const std::string& path) {
    const auto found = known->find(path);
    if (found != known->end()) return found->second;
    return known->emplace(path, read(path)).first->second;
  };
  return remembering;
}

// Nullopt after saying what is wrong.
std::optional<advice::Options> AdviceOptions(const Invocation& invocation, World& world) {
  advice::Options options;
  const std::vector<std::string> annotations = invocation.All("require-annotation");
  if (!annotations.empty()) options.annotations = annotations;
  options.ignored = invocation.All("ignore");
  std::vector<std::string> ids;
  for (const advice::Kind& kind : advice::Kinds()) ids.emplace_back(kind.id);
  for (const std::string& id : options.ignored) {
    if (std::ranges::find(ids, id) != ids.end()) continue;
    const std::string nearest = Nearest(id, ids);
    Misuse(world, "no advice is called " + GoQuote(id),
           nearest.empty() ? "docs/advice.md lists them" : "did you mean " + nearest + "?");
    return std::nullopt;
  }
  return options;
}

// The Prometheus of --prometheus; without url if there is none. Errors: kInvalidArgument.
Result<Target> PrometheusOf(const Invocation& invocation) {
  Target target = invocation.target;
  target.url.clear();
  const std::string url = invocation.Get("prometheus");
  if (url.empty()) return target;
  if (!invocation.On("advice", true)) {
    return InvalidArgument("--prometheus is for advice, which is not wanted");
  }
  // What --url says of user and password is for another server.
  if (invocation.Get("http.config.file").empty()) target.http = {};
  WF_RETURN_IF_ERROR(ReadUrl("prometheus", url, &target));
  return target;
}

// What cannot be counted is asked for by PromQL, which leaves out no minutes.
std::vector<advice::Advice> AboutExclusions(const config::Config& config,
                                            const advice::Options& wanted) {
  std::vector<advice::Advice> out;
  const char* kind = "slo-exclusion-counts";
  if (std::ranges::find(wanted.ignored, kind) != wanted.ignored.end()) return out;
  for (const config::Slo& slo : config.slos) {
    if (slo.excluded.empty()) continue;
    const auto parts = slo::Increments::Parts(slo, {});
    if (parts) continue;
    out.push_back(advice::About(kind, slo.file, slo.line, slo.column,
                                "the budget of " + slo.id + " has the time of " +
                                    slo.excluded[0].name +
                                    " all the same: " + parts.error().message));
  }
  return out;
}

int Check(const Invocation& invocation, World& world) {
  const std::optional<advice::Options> wanted = AdviceOptions(invocation, world);
  if (!wanted) return kUsage;
  const Result<Target> prometheus = PrometheusOf(invocation);
  if (!prometheus) return Misuse(world, prometheus.error().message);
  const config::Files files = Remembering(world.files);
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
  std::vector<advice::Advice> advice;
  int code = kOk;
  const bool is_raw = invocation.output == "json" || invocation.output == "yaml";
  const auto say = [&](const std::vector<config::Problem>& more) {
    problems.insert(problems.end(), more.begin(), more.end());
    if (is_raw) return;
    for (const config::Problem& problem : more) PrintProblem(problem, LevelName(problem), world);
  };
  const auto take = [&](const auto& loaded) {
    if (!loaded.config) code = kNo;
    say(loaded.problems);
  };
  const auto remark = [&](std::vector<advice::Advice> more) {
    for (advice::Advice& one : more) {
      if (!is_raw) PrintProblem(one.place, "advice: " + one.id, world);
      advice.push_back(std::move(one));
    }
  };
  const auto advise = [&](const config::Loaded& loaded) {
    if (!loaded.config || !invocation.On("advice", true)) return;
    remark(advice::Advise(*loaded.config, options, files, *wanted));
    remark(AboutExclusions(*loaded.config, *wanted));
    if (prometheus->url.empty()) return;
    History history = AskHistory(*loaded.config, *wanted, *prometheus, world);
    say(history.refused);
    remark(std::move(history.advice));
    if (history.unreachable.empty()) return;
    if (code == kOk) code = kUnreachable;
    world.err << "wfctl: Prometheus was not asked everything: " << history.unreachable << "\n";
  };
  for (const std::string& path : paths) {
    options.path = path;
    config::Loaded loaded = config::Load(options, files, notify::builtin::Kinds());
    if (loaded.config) {
      std::ranges::move(TemplateProblems(path, files.read(path).value_or(""), loaded.config, world),
                        std::back_inserter(loaded.problems));
    }
    take(loaded);
    advise(loaded);
    if (!is_raw) PrintVerdict(path, loaded, world);
  }
  for (const std::string& path : web_paths) {
    const config::WebFile file = config::LoadWebFile(path, files);
    take(file);
    if (!is_raw) PrintVerdict(path, file, world);
  }
  if (is_raw) PrintRaw(invocation.output, world, ProblemsJson(problems, advice));
  const bool is_clean = problems.empty() && advice.empty();
  return invocation.On("fail-on-advice") && !is_clean && code == kOk ? kNo : code;
}

int CheckAsAmtool(const Invocation& invocation, World& world) {
  Invocation plain = invocation;
  if (!plain.On("advice")) plain.flags.emplace_back("advice", "false");
  return Check(plain, world);
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

Advice is about what works and is unwise (docs/advice.md). It fails nothing unless
--fail-on-advice is given, which takes warnings as seriously. With --prometheus there is some about
SLOs that no file tells: windows too short for the scrape interval, more good events than events,
objectives that were not reached, no data; 3 says that it did not answer.

examples:
  wfctl check alertmanager.yml
  wfctl check watchfire.yml --rules='rules/*.yml' --slo='slo/*.yml'
  wfctl check watchfire.yml --prometheus=http://localhost:9090
  wfctl check --web=web.yml
)",
      .flags = {{"rules", 0, "GLOB", "", "rule files besides those it names; may be repeated"},
                {"slo", 0, "GLOB", "", "SLO files besides those it names; may be repeated"},
                {"extra", 0, "FILE", "", "a file of Watchfire's own keys; may be repeated"},
                {"web", 0, "FILE", "", "what --web.config.file is to name; may be repeated"},
                {"advice", 0, "", "true", "say what works and is unwise, too"},
                {"fail-on-advice", 0, "", "false", "exit with 1 for advice and warnings"},
                {"prometheus", 0, "URL", "", "ask it about the past of SLOs, for advice"},
                {"ignore", 0, "ID", "", "advice that is not wanted; may be repeated"},
                {"require-annotation", 0, "NAME", "",
                 "what rules that page must have, in place of summary, description and "
                 "runbook_url; may be repeated"}},
      .run = Check};
  Command as_amtool = check;
  as_amtool.path = "check-config";
  as_amtool.summary = "check, as amtool calls it";
  as_amtool.is_hidden = true;
  // As amtool prints it: scripts compare that.
  as_amtool.flags = {{"rules", 0, "GLOB", "", "rule files besides those it names"},
                     {"slo", 0, "GLOB", "", "SLO files besides those it names"},
                     {"extra", 0, "FILE", "", "a file of Watchfire's own keys"},
                     {"web", 0, "FILE", "", "what --web.config.file is to name"},
                     {"advice", 0, "", "false", "say what works and is unwise, too"}};
  as_amtool.run = CheckAsAmtool;
  return {check, as_amtool};
}

}  // namespace watchfire::wfctl
