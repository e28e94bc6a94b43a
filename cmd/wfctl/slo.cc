// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// wfctl slo: list, from the server or from files; generate and import, from files.

#include "cmd/wfctl/api.h"
#include "cmd/wfctl/slo_budget.h"
#include "cmd/wfctl/slo_exclude.h"
#include "cmd/wfctl/slo_status.h"
#include "cmd/wfctl/table.h"
#include "pkg/base/strings.h"
#include "pkg/config/slo_native.h"
#include "pkg/notify/builtin/builtin.h"
#include "pkg/slo/generate.h"

namespace watchfire::wfctl {
namespace {

using simdjson::dom::element;

std::vector<std::string> Row(element slo) {
  std::string budget = "-";
  simdjson::dom::array readings;
  if (slo["readings"].get(readings) == simdjson::SUCCESS && readings.size() > 0) {
    budget = Number(readings.at(0)["budgetRemaining"]);
  }
  std::vector<std::string> firing;
  for (const element severity : simdjson::dom::array(slo["firing"])) {
    firing.push_back(Text(severity));
  }
  simdjson::dom::object exclusion;
  const bool is_excluded = slo["exclusion"].get(exclusion) == simdjson::SUCCESS;
  const std::string calm = is_excluded ? "excluded" : "ok";
  const std::string state = firing.empty() ? calm : Join(firing, ",");
  const simdjson::simdjson_result<element> left = slo["budget"];
  return {Text(slo["id"]),
          Number(slo["objective"]),
          budget,
          Count(Known(left["remainingMinutes"])),
          Count(Known(left["remainingEvents"])),
          state,
          Text(left["state"]),
          Text(slo["lastError"])};
}

// Loads SLO files as a server whose configuration names nothing else would; nullptr after saying
// what is wrong with them. Warnings are said, too.
std::shared_ptr<const config::Config> Load(const Invocation& invocation, World& world) {
  constexpr const char* kMain = "(none)";
  config::LoadOptions options;
  options.path = kMain;
  options.is_stand_in = true;
  options.slo_globs = invocation.operands;
  config::Files files = world.files;
  files.read = [&world](const std::string& path) -> Result<std::string> {
    if (path == kMain) return std::string("route: {receiver: a}\nreceivers: [{name: a}]\n");
    return world.files.read(path);
  };
  const config::Loaded loaded = config::Load(options, files, notify::builtin::Kinds());
  for (const config::Problem& problem : loaded.problems) world.err << problem.ToString() << "\n";
  return loaded.config;
}

std::string Pairs(const std::vector<config::SloWindow>& windows) {
  std::string text;
  for (const config::SloWindow& window : windows) {
    if (!text.empty()) text += " ";
    text += FormatDuration(window.long_window) + "/" + FormatDuration(window.short_window) + "×" +
            FormatGoFloat(window.factor);
  }
  return text.empty() ? "-" : text;
}

// "escalate 1h/5m×8": the alerts besides page and ticket.
std::string Further(const config::Slo& slo) {
  std::vector<std::string> texts;
  for (const config::SloSeverity& severity : slo.severities) {
    if (!severity.alert.disabled) texts.push_back(severity.name + " " + Pairs(severity.windows));
  }
  return texts.empty() ? "-" : Join(texts, ", ");
}

int ListFiles(const Invocation& invocation, World& world) {
  const auto config = Load(invocation, world);
  if (config == nullptr) return kNo;
  JsonWriter json;
  json.StartArray();
  std::vector<std::vector<std::string>> rows;
  for (const config::Slo& slo : config->slos) {
    const std::string period = slo.calendar ? "calendar" : FormatDuration(slo.period);
    const std::string page = slo.page.disabled ? "-" : Pairs(slo.page_windows);
    const std::string ticket = slo.ticket.disabled ? "-" : Pairs(slo.ticket_windows);
    json.StartObject().Field("id", slo.id).Field("file", slo.file);
    json.Field("objective", slo.objective).Field("period", period);
    json.Field("page", page).Field("ticket", ticket).Field("further", Further(slo));
    json.Field("policy", slo.policy).EndObject();
    rows.push_back({slo.id, FormatGoFloat(slo.objective), period, page, ticket, Further(slo),
                    slo.policy.empty() ? "-" : slo.policy});
  }
  json.EndArray();
  if (PrintRaw(invocation.output, world, json.Take())) return kOk;
  PrintTable(world.out, {"SLO", "OBJECTIVE", "PERIOD", "PAGE", "TICKET", "FURTHER", "POLICY"}, rows,
             world.color);
  return kOk;
}

int List(const Invocation& invocation, World& world) {
  if (!invocation.operands.empty()) return ListFiles(invocation, world);
  return GetAndShow(invocation, world, "/api/v1/slos", [&](element json) {
    std::vector<std::vector<std::string>> rows;
    for (const element slo : simdjson::dom::array(json["data"]["slos"])) rows.push_back(Row(slo));
    PrintTable(world.out,
               {"SLO", "OBJECTIVE", "BUDGET LEFT", "MINUTES LEFT", "EVENTS LEFT", "STATE", "POLICY",
                "LAST ERROR"},
               rows, world.color);
  });
}

int Generate(const Invocation& invocation, World& world) {
  if (invocation.operands.empty()) return Misuse(world, "no SLO file given");
  const auto config = Load(invocation, world);
  if (config == nullptr) return kNo;
  std::map<std::string, std::string> specs;
  for (const config::Slo& slo : config->slos) {
    specs[slo.id] = slo::SlothSpecAt(world.files.read(slo.file).value_or(""), slo.line);
  }
  const slo::Generated generated = slo::GenerateRules(config->slos, config->rule_groups, specs);
  for (const std::string& line : generated.left_out) {
    world.err << "wfctl: left out " << line << "\n";
  }
  PrintRaw(invocation.output == "json" ? "json" : "yaml", world, generated.json);
  return generated.left_out.empty() ? kOk : kNo;
}

int Import(const Invocation& invocation, World& world) {
  if (invocation.operands.empty()) return Misuse(world, "no SLO file given");
  const auto config = Load(invocation, world);
  if (config == nullptr) return kNo;
  const config::NativeSlos native = config::ToNative(config->slos);
  for (const std::string& document : native.documents) {
    if (native.documents.size() > 1) world.out << "---\n";
    PrintRaw(invocation.output == "json" ? "json" : "yaml", world, document);
  }
  for (const config::RuleGroup& group : config->rule_groups) {
    for (const config::Rule& rule : group.rules) {
      world.err << "wfctl: left out " << group.name << ": its alert " << rule.alert
                << " on missing data: make it a rule with " << rule.expr << "\n";
    }
  }
  for (const std::string& line : native.left_out) world.err << "wfctl: left out " << line << "\n";
  return native.left_out.empty() ? kOk : kNo;
}

}  // namespace

std::vector<Command> SloCommands() {
  std::vector<Command> commands = {
      {.path = "slo list",
       .operands = "[FILE …]",
       .summary = "SLOs: burn rates and budget left, or what files say",
       .text = R"(
Without files it asks the server. With files, of any format that slo_files takes, it asks nobody and
shows each SLO with its period, its pairs of windows (long/short×factor) by severity, and its policy.
)",
       .flags = {},
       .run = List},
      {.path = "slo generate",
       .operands = "FILE …",
       .summary = "rules for a Prometheus from SLO files, named as Sloth names them",
       .text = R"(
Takes any format that slo_files takes, and prints recording rules and alerts under Sloth's names, for
its dashboards or for a Prometheus without Watchfire. The ratio over the period is that of its
events, not Sloth's mean of five-minute ratios. Alerts on missing data are among them. SLOs whose
period follows the calendar are left out, and the exit code is then 1.
)",
       .flags = {},
       .run = Generate},
      {.path = "slo import",
       .operands = "FILE …",
       .summary = "the same SLOs as watchfire/v1, from the files of another tool",
       .text = R"(
Takes files of Sloth, Pyrra, slo-generator and any other format that slo_files takes, and prints them
as watchfire/v1, one document for each service. Every SLO is read again to see that nothing changed;
one that the format cannot say (alert policies of OpenSLO, calendars that begin at another time) is
left out, and the exit code is then 1. Policies are named only; alerts on missing data are no part of
the format, and said on stderr.
)",
       .flags = {},
       .run = Import}};
  for (Command& command : SloStatusCommands()) commands.push_back(std::move(command));
  for (Command& command : SloBudgetCommands()) commands.push_back(std::move(command));
  for (Command& command : SloExclusionCommands()) commands.push_back(std::move(command));
  return commands;
}

}  // namespace watchfire::wfctl
