// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// wfctl slo: list, from the server or from files; generate, from files.

#include "cmd/wfctl/api.h"
#include "cmd/wfctl/table.h"
#include "pkg/base/strings.h"
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
  const char* state = bool(slo["pageFiring"])     ? "page"
                      : bool(slo["ticketFiring"]) ? "ticket"
                                                  : "ok";
  return {Text(slo["id"]), Number(slo["objective"]), budget, state, Text(slo["lastError"])};
}

// Loads SLO files as a server whose configuration names nothing else would; nullptr after saying
// what is wrong with them. Warnings are said, too.
std::shared_ptr<const config::Config> Load(const Invocation& invocation, World& world) {
  constexpr const char* kMain = "(none)";
  config::LoadOptions options;
  options.path = kMain;
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
    json.Field("page", page).Field("ticket", ticket).Field("policy", slo.policy).EndObject();
    rows.push_back({slo.id, FormatGoFloat(slo.objective), period, page, ticket,
                    slo.policy.empty() ? "-" : slo.policy});
  }
  json.EndArray();
  if (PrintRaw(invocation.output, world, json.Take())) return kOk;
  PrintTable(world.out, {"SLO", "OBJECTIVE", "PERIOD", "PAGE", "TICKET", "POLICY"}, rows,
             world.color);
  return kOk;
}

int List(const Invocation& invocation, World& world) {
  if (!invocation.operands.empty()) return ListFiles(invocation, world);
  return GetAndShow(invocation, world, "/api/v1/slos", [&](element json) {
    std::vector<std::vector<std::string>> rows;
    for (const element slo : simdjson::dom::array(json["data"]["slos"])) rows.push_back(Row(slo));
    PrintTable(world.out, {"SLO", "OBJECTIVE", "BUDGET LEFT", "STATE", "LAST ERROR"}, rows,
               world.color);
  });
}

int Generate(const Invocation& invocation, World& world) {
  if (invocation.operands.empty()) return Misuse(world, "no SLO file given");
  const auto config = Load(invocation, world);
  if (config == nullptr) return kNo;
  const slo::Generated generated = slo::GenerateRules(config->slos);
  for (const std::string& line : generated.left_out) {
    world.err << "wfctl: left out " << line << "\n";
  }
  PrintRaw(invocation.output == "json" ? "json" : "yaml", world, generated.json);
  return generated.left_out.empty() ? kOk : kNo;
}

}  // namespace

std::vector<Command> SloCommands() {
  return {{.path = "slo list",
           .operands = "[FILE …]",
           .summary = "SLOs: burn rates and budget left, or what files say",
           .text = R"(
Without files it asks the server. With files, of any format that slo_files takes, it asks nobody and
shows each SLO with its period, its pairs of windows (long/short×factor) and its policy.
)",
           .flags = {},
           .run = List},
          {.path = "slo generate",
           .operands = "FILE …",
           .summary = "rules for a Prometheus from SLO files, named as Sloth names them",
           .text = R"(
Takes any format that slo_files takes, and prints recording rules and alerts under Sloth's names, for
its dashboards or for a Prometheus without Watchfire. The ratio over the period is that of its
events, not Sloth's mean of five-minute ratios. SLOs whose period follows the calendar are left out,
and the exit code is then 1.
)",
           .flags = {},
           .run = Generate}};
}

}  // namespace watchfire::wfctl
