// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// wfctl cluster: show.

#include <algorithm>

#include "cmd/wfctl/api.h"
#include "cmd/wfctl/table.h"

namespace watchfire::wfctl {
namespace {

using simdjson::dom::element;

int ShowCluster(const Invocation& invocation, World& world) {
  Api api(invocation, world);
  const std::optional<std::string> body = api.Call({"GET", "/api/v2/status", ""});
  if (!body) return api.exit_code();
  simdjson::dom::parser parser;
  const simdjson::padded_string padded(*body);
  const element cluster = parser.parse(padded).value()["cluster"].value();
  if (PrintRaw(invocation.output, world, simdjson::minify(cluster))) return kOk;
  world.out << "Cluster Status:  " << Text(cluster["status"]) << "\n"
            << "Node Name:       " << Text(cluster["name"]) << "\n";
  if (invocation.output == "simple") return kOk;
  std::vector<std::vector<std::string>> rows;
  simdjson::dom::array peers;
  if (cluster["peers"].get(peers) == simdjson::SUCCESS) {
    for (const element peer : peers) rows.push_back({Text(peer["address"]), Text(peer["name"])});
  }
  std::ranges::sort(rows);
  world.out << "\n";
  PrintTable(world.out, {"Address", "Name"}, rows, world.color);
  return kOk;
}

}  // namespace

std::vector<Command> ClusterCommands() {
  return {{.path = "cluster show",
           .operands = "",
           .summary = "the state of the cluster; -o extended adds its members",
           .text = "",
           .flags = {},
           .run = ShowCluster,
           .is_default = true}};
}

}  // namespace watchfire::wfctl
