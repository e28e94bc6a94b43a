// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "cmd/wfctl/route_tree.h"

#include <algorithm>

#include "pkg/base/check.h"
#include "pkg/base/strings.h"
#include "pkg/timeinterval/timeinterval.h"

namespace watchfire::wfctl {
namespace {

// A node with what shall be drawn of it.
struct Branch {
  std::string text;
  std::vector<Branch> children;
};

void Draw(std::ostream& out, const Branch& branch, const std::string& margin, bool is_last) {
  out << margin << (is_last ? "└── " : "├── ") << branch.text << "\n";
  const std::string deeper = margin + (is_last ? "    " : "│   ");
  for (const Branch& child : branch.children) {
    Draw(out, child, deeper, &child == &branch.children.back());
  }
}

std::string GroupBy(const config::Route& route) {
  return route.group_by_all ? "..." : Join(route.group_by, ",");
}

Branch Whole(const config::Route& route, bool wide) {
  Branch branch{RouteName(route), {}};
  if (route.continue_matching) branch.text += "  continue: true";
  branch.text += "  receiver: " + route.receiver;
  if (wide) {
    branch.text += "  group_by: [" + GroupBy(route) +
                   "]  wait: " + FormatDuration(route.group_wait) +
                   "  interval: " + FormatDuration(route.group_interval) +
                   "  repeat: " + FormatDuration(route.repeat_interval);
    if (!route.mute_time_intervals.empty()) {
      branch.text += "  muted in: " + Join(route.mute_time_intervals, ",");
    }
    if (!route.active_time_intervals.empty()) {
      branch.text += "  active in: " + Join(route.active_time_intervals, ",");
    }
  }
  for (const config::Route& child : route.routes) branch.children.push_back(Whole(child, wide));
  return branch;
}

// The same search as route::Match, kept as a tree.
Branch Matching(const config::Route& route, const labels::LabelSet& labels) {
  Branch branch{RouteName(route), {}};
  for (const config::Route& child : route.routes) {
    if (!matcher::MatchesAll(child.matchers, labels)) continue;
    branch.children.push_back(Matching(child, labels));
    if (!child.continue_matching) break;
  }
  if (branch.children.empty()) branch.text += "  receiver: " + route.receiver;
  return branch;
}

bool Find(const config::Route& node, const config::Route& wanted,
          std::vector<const config::Route*>* path) {
  path->push_back(&node);
  if (&node == &wanted) return true;
  for (const config::Route& child : node.routes) {
    if (Find(child, wanted, path)) return true;
  }
  path->pop_back();
  return false;
}

bool Holds(const config::Config& config, const std::string& name, WallTime now) {
  const auto found = config.time_intervals.find(name);
  return found != config.time_intervals.end() && timeinterval::Contains(found->second, now);
}

}  // namespace

std::vector<const config::Route*> PathTo(const config::Route& root, const config::Route& route) {
  std::vector<const config::Route*> path;
  WF_CHECK(Find(root, route, &path));
  return path;
}

std::string RouteName(const config::Route& route) {
  return route.matchers.empty() ? "default-route" : matcher::ToString(route.matchers);
}

std::vector<std::string> MutedBy(const config::Config& config, const config::Route& route,
                                 WallTime now) {
  std::vector<std::string> names;
  for (const std::string& name : route.mute_time_intervals) {
    if (Holds(config, name, now)) names.push_back(name);
  }
  const std::vector<std::string>& active = route.active_time_intervals;
  const bool is_active = active.empty() || std::ranges::any_of(active, [&](const auto& name) {
                           return Holds(config, name, now);
                         });
  if (!is_active) names.push_back("outside " + Join(active, ","));
  return names;
}

void PrintTree(std::ostream& out, const config::Route& root, bool wide) {
  out << "Routing tree:\n.\n";
  Draw(out, Whole(root, wide), "", true);
}

void PrintMatchingTree(std::ostream& out, const config::Route& root,
                       const labels::LabelSet& labels) {
  out << "Matching routes:\n.\n";
  Draw(out, Matching(root, labels), "", true);
}

void WriteTree(const config::Route& route, JsonWriter& json) {
  json.StartObject().Field("receiver", route.receiver).Key("matchers").StartArray();
  for (const matcher::Matcher& matcher : route.matchers) json.String(matcher.ToString());
  json.EndArray().Field("continue", route.continue_matching).Key("groupBy").StartArray();
  if (route.group_by_all) json.String("...");
  for (const std::string& label : route.group_by) json.String(label);
  json.EndArray().Field("groupWait", FormatDuration(route.group_wait));
  json.Field("groupInterval", FormatDuration(route.group_interval));
  json.Field("repeatInterval", FormatDuration(route.repeat_interval));
  json.Key("muteTimeIntervals").StartArray();
  for (const std::string& name : route.mute_time_intervals) json.String(name);
  json.EndArray().Key("activeTimeIntervals").StartArray();
  for (const std::string& name : route.active_time_intervals) json.String(name);
  json.EndArray().Key("routes").StartArray();
  for (const config::Route& child : route.routes) WriteTree(child, json);
  json.EndArray().EndObject();
}

}  // namespace watchfire::wfctl
