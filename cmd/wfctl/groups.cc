// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "cmd/wfctl/groups.h"

#include <algorithm>
#include <map>
#include <utility>

#include "pkg/base/regex.h"
#include "pkg/route/route.h"

namespace watchfire::wfctl {
namespace {

dispatch::Notification Group(const config::Route& route, const labels::LabelSet& group_labels,
                             const GroupOptions& options) {
  dispatch::Notification group;
  group.receiver = route.receiver;
  group.group_labels = group_labels;
  group.group_key = route::GroupKey(route, group_labels);
  group.route_labels =
      labels::LabelSet(labels::LabelSet::Pairs{route.labels.begin(), route.labels.end()});
  group.at = options.at;
  group.external_url = options.external_url;
  return group;
}

void Finish(dispatch::Notification* group) {
  group->alerts.Sort(alert::NotificationOrder);
  group->reason = group->firing() ? dispatch::Reason::kFirst : dispatch::Reason::kAllResolved;
}

}  // namespace

std::vector<dispatch::Notification> GroupsOf(const config::Config& config,
                                             const std::vector<alert::Alert>& alerts,
                                             const GroupOptions& options) {
  std::map<const config::Route*, size_t> rank;
  for (const config::Route* route : route::All(config.route)) rank.emplace(route, rank.size());
  std::map<std::pair<size_t, std::string>, dispatch::Notification> groups;
  for (const alert::Alert& alert : alerts) {
    for (const config::Route* route : route::Match(config.route, alert.labels)) {
      if (!options.receiver.empty() && route->receiver != options.receiver) continue;
      dispatch::Notification group =
          Group(*route, route::GroupLabels(*route, alert.labels), options);
      const std::pair key(rank[route], group.group_key);
      groups.try_emplace(key, std::move(group)).first->second.alerts.emplace_back(alert);
    }
  }
  std::vector<dispatch::Notification> chosen;
  for (auto& [key, group] : groups) {
    const bool is_meant = std::ranges::any_of(group.alerts, [&](const alert::Alert& alert) {
      return matcher::MatchesAll(options.matchers, alert.labels);
    });
    if (!is_meant) continue;
    Finish(&group);
    chosen.push_back(std::move(group));
  }
  return chosen;
}

dispatch::Notification AsOneGroup(const config::Config& config, std::vector<alert::Alert> alerts,
                                  const GroupOptions& options) {
  const labels::LabelSet first = alerts.empty() ? labels::LabelSet() : alerts.front().labels;
  const config::Route* taken = &config.route;
  for (const config::Route* route : route::Match(config.route, first)) {
    if (route->receiver == options.receiver) taken = route;
  }
  dispatch::Notification group = Group(*taken, route::GroupLabels(*taken, first), options);
  group.receiver = options.receiver;
  group.alerts = dispatch::AlertList(std::move(alerts));
  Finish(&group);
  return group;
}

const config::Receiver* FindReceiver(const config::Config& config, const std::string& name) {
  const auto found = std::ranges::find_if(config.receivers, [&](const config::Receiver& receiver) {
    return receiver.name == name || QuoteRegex(receiver.name) == name;
  });
  return found == config.receivers.end() ? nullptr : &*found;
}

}  // namespace watchfire::wfctl
