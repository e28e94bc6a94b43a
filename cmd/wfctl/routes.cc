// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// wfctl config routes: show and test, of a file or of what the server runs with.

#include "cmd/wfctl/api.h"
#include "cmd/wfctl/config_source.h"
#include "cmd/wfctl/route_tree.h"
#include "cmd/wfctl/table.h"
#include "pkg/base/strings.h"
#include "pkg/route/route.h"

namespace watchfire::wfctl {
namespace {

int ShowTree(const Invocation& invocation, World& world) {
  const ConfigSource source = LoadConfig(invocation, world);
  if (source.config == nullptr) return source.code;
  JsonWriter json;
  WriteTree(source.config->route, json);
  if (PrintRaw(invocation.output, world, json.Take())) return kOk;
  PrintTree(world.out, source.config->route, invocation.output != "simple");
  return kOk;
}

// Why each receiver is told, and what for.
struct Decision {
  const config::Route* route;
  std::string path;
  labels::LabelSet group;
  std::vector<std::string> muted_by;
};

Decision Decide(const config::Config& config, const config::Route& route,
                const labels::LabelSet& labels, WallTime now) {
  std::vector<std::string> path;
  for (const config::Route* node : PathTo(config.route, route)) path.push_back(RouteName(*node));
  return {&route, Join(path, " > "), route::GroupLabels(route, labels),
          MutedBy(config, route, now)};
}

std::string DecisionsJson(const std::vector<Decision>& decisions) {
  JsonWriter json;
  json.StartArray();
  for (const Decision& decision : decisions) {
    json.StartObject().Field("receiver", decision.route->receiver).Field("path", decision.path);
    json.Field("groupKey", route::GroupKey(*decision.route, decision.group));
    json.Key("groupLabels").StartObject();
    for (const auto& label : decision.group) json.Field(label.name, label.value);
    json.EndObject().Field("groupWait", FormatDuration(decision.route->group_wait));
    json.Field("groupInterval", FormatDuration(decision.route->group_interval));
    json.Field("repeatInterval", FormatDuration(decision.route->repeat_interval));
    json.Key("mutedNowBy").StartArray();
    for (const std::string& name : decision.muted_by) json.String(name);
    json.EndArray().EndObject();
  }
  return json.EndArray().Take();
}

void PrintDecisions(const std::vector<Decision>& decisions, World& world) {
  std::vector<std::vector<std::string>> rows;
  for (const Decision& decision : decisions) {
    std::vector<std::string> group;
    for (const auto& label : decision.group) {
      group.push_back(std::string(label.name) + "=" + GoQuote(label.value));
    }
    rows.push_back({decision.route->receiver, decision.path, "{" + Join(group, ",") + "}",
                    FormatDuration(decision.route->group_wait),
                    FormatDuration(decision.route->group_interval),
                    FormatDuration(decision.route->repeat_interval),
                    decision.muted_by.empty() ? "no" : Join(decision.muted_by, ",")});
  }
  PrintTable(world.out,
             {"Receiver", "Because of", "Group", "Wait", "Interval", "Repeat", "Muted now"}, rows,
             world.color);
}

int Test(const Invocation& invocation, World& world) {
  const auto pairs = ReadPairs(invocation.operands, invocation.matcher_mode, "labels");
  if (!pairs) return Misuse(world, "failed to parse labels: " + pairs.error().message);
  const labels::LabelSet labels = labels::LabelSet(*pairs);
  const ConfigSource source = LoadConfig(invocation, world);
  if (source.config == nullptr) return source.code;

  std::vector<Decision> decisions;
  std::vector<std::string> receivers;
  for (const config::Route* route : route::Match(source.config->route, labels)) {
    decisions.push_back(Decide(*source.config, *route, labels, world.now));
    receivers.push_back(route->receiver);
  }
  const std::string joined = Join(receivers, ",");
  if (!PrintRaw(invocation.output, world, DecisionsJson(decisions))) {
    if (invocation.On("tree")) {
      PrintMatchingTree(world.out, source.config->route, labels);
      world.out << "\n\n";
    }
    if (invocation.output == "simple") {
      world.out << joined << "\n";
    } else {
      PrintDecisions(decisions, world);
    }
  }
  const std::string expected = invocation.Get("verify.receivers");
  if (expected.empty() || expected == joined) return kOk;
  world.err << "WARNING: Expected receivers did not match resolved receivers.\n"
            << "  expected: " << expected << "\n  resolved: " << joined << "\n";
  return kNo;
}

}  // namespace

std::vector<Command> RouteCommands() {
  return {{.path = "config routes show",
           .operands = "",
           .summary = "the routing tree; -o wide adds grouping, timers and intervals",
           .text = "example:\n  wfctl config routes show --config.file=alertmanager.yml\n",
           .flags = {kConfigFileFlag},
           .run = ShowTree,
           .is_default = true},
          {.path = "config routes test",
           .operands = "[LABEL=VALUE …]",
           .summary = "who would be told of an alert with these labels",
           .text =
               R"(
Prints the receivers in the order of the tree. -o wide says why: the matchers that led there, the
group the alert falls into, its timers, and the time intervals that mute it right now.

examples:
  wfctl config routes test --config.file=alertmanager.yml severity=critical team=db
  wfctl config routes test --verify.receivers=db-pager severity=critical team=db   exits 1 if not
  wfctl config routes test --tree -o wide severity=critical team=db
)",
           .flags = {kConfigFileFlag,
                     {"verify.receivers", 0, "NAMES", "",
                      "exit with 1 unless these are the receivers, comma-separated, in order"},
                     {"tree", 0, "", "", "draw the matching part of the tree"}},
           .run = Test}};
}

}  // namespace watchfire::wfctl
