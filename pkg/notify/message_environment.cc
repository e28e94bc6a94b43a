// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/message_environment.h"

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <cctz/time_zone.h>

#include "pkg/base/strings.h"
#include "pkg/notify/message_data.h"
#include "pkg/timeinterval/parse.h"

namespace watchfire::notify {
namespace {

class SystemZone : public templates::Zone {
 public:
  explicit SystemZone(timeinterval::Location location) : location_(std::move(location)) {}

  std::string_view name() const override { return location_.name; }
  Offset At(int64_t unix_seconds) const override {
    const auto time = std::chrono::time_point<std::chrono::system_clock, cctz::seconds>(
        cctz::seconds(unix_seconds));
    const cctz::time_zone::absolute_lookup found = location_.zone.lookup(time);
    return {found.offset, found.abbr};
  }

 private:
  const timeinterval::Location location_;
};

std::shared_ptr<const templates::Zone> FindZone(std::string_view name) {
  Result<timeinterval::Location> location = timeinterval::ParseLocation(std::string(name));
  if (!location) return nullptr;
  return std::make_shared<SystemZone>(*std::move(location));
}

// Renders the labels of one route; those that a label names are rendered on the way.
class RouteLabelRenderer {
 public:
  RouteLabelRenderer(const labels::LabelSet& raw, const templates::TemplateSet& templates,
                     templates::Value dot, templates::Environment environment)
      : raw_(raw),
        templates_(templates),
        dot_(std::move(dot)),
        environment_(std::move(environment)) {
    environment_.route_label = [this](std::string_view name) { return Render(name); };
  }

  Result<std::string> Render(std::string_view name) {
    if (!raw_.Has(name)) return std::string();
    if (const auto known = rendered_.find(name); known != rendered_.end()) return known->second;
    const bool cycle = std::ranges::find(under_way_, name) != under_way_.end();
    under_way_.emplace_back(name);
    if (cycle) return InvalidArgument("route label cycle detected: " + Join(under_way_, " -> "));
    if (under_way_.size() > kRouteLabelDepth) {
      return watchfire::Fail(Code::kExhausted, "more than " + std::to_string(kRouteLabelDepth) +
                                                   " route labels lead to each other");
    }
    templates::TemplateSet templates = templates_;
    WF_RETURN_IF_ERROR(templates.Parse("", raw_.Get(name)));
    Result<std::string> value = templates.Execute("", dot_, environment_);
    if (!value) return value;
    under_way_.pop_back();
    return rendered_.emplace(name, *std::move(value)).first->second;
  }

 private:
  const labels::LabelSet& raw_;
  const templates::TemplateSet& templates_;
  const templates::Value dot_;
  templates::Environment environment_;
  std::map<std::string, std::string, std::less<>> rendered_;
  std::vector<std::string> under_way_;  // From the first asked for to the one being rendered.
};

}  // namespace

templates::Environment MessageEnvironment(WallTime now, const labels::LabelSet& route_labels,
                                          std::string ack_url, templates::OnCall on_call) {
  templates::Environment environment;
  environment.ack_url = std::move(ack_url);
  environment.on_call = std::move(on_call);
  environment.now = now;
  environment.zone = FindZone;
  environment.route_label = [route_labels](std::string_view name) -> Result<std::string> {
    return std::string(route_labels.Get(name));
  };
  return environment;
}

Result<labels::LabelSet> RenderRouteLabels(const labels::LabelSet& route_labels,
                                           const templates::TemplateSet& templates,
                                           const dispatch::Notification& notification, WallTime now,
                                           templates::OnCall on_call) {
  if (route_labels.empty()) return labels::LabelSet();
  RouteLabelRenderer renderer(route_labels, templates, MessageData(notification, route_labels),
                              MessageEnvironment(now, {}, "", std::move(on_call)));
  labels::LabelSet::Pairs rendered;
  for (const labels::Label& label : route_labels) {
    Result<std::string> value = renderer.Render(label.name);
    if (!value) return watchfire::Fail(std::move(value.error()));
    rendered.emplace_back(label.name, *std::move(value));
  }
  return labels::LabelSet(std::move(rendered));
}

}  // namespace watchfire::notify
