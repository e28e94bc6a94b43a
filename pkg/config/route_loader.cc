// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The routing tree: what a route does not say comes from its parent (reference §3.4).

#include <algorithm>
#include <set>
#include <utility>

#include "pkg/base/strings.h"
#include "pkg/config/loader.h"

namespace watchfire::config {
namespace {

class RouteReader {
 public:
  explicit RouteReader(const Loader& loader) : mode_(loader.options.matcher_mode) {
    for (const Receiver& receiver : loader.config.receivers) receivers_.insert(receiver.name);
    for (const auto& [name, calendars] : loader.config.time_intervals) intervals_.push_back(name);
  }

  Route Root(Section& section) {
    Route root;
    root.key = root.id = "{}";
    if (!section.Has("receiver")) {
      section.Error("receiver", "root route must specify a default receiver");
    }
    if (section.Bool("continue", false)) {
      section.Error("continue", "cannot have continue in root route");
    }
    for (const char* key : {"match", "match_re", "matchers"}) {
      const YamlNode* node = section.impl().Find(key);
      if (node != nullptr && (node->kind == YamlNode::Kind::kScalar || !node->items.empty())) {
        section.Error(key, "root route must not have any matchers");
      }
    }
    const auto must_not_mute = [&](const std::string& key, const std::string& what) {
      const YamlNode* node = section.impl().Find(key);
      if (node == nullptr || node->items.empty()) return;
      section.Error(key, "root route must not have any " + what + " time intervals");
    };
    must_not_mute("mute_time_intervals", "mute");
    must_not_mute("active_time_intervals", "active");
    Read(section, /*is_root=*/true, &root);
    return root;
  }

  const std::set<std::string>& used() const { return used_; }

 private:
  // `route` comes in holding what it inherits.
  void Read(Section& section, bool is_root, Route* route) {
    if (section.Has("receiver")) route->receiver = section.String("receiver");
    if (!route->receiver.empty()) {
      used_.insert(route->receiver);
      if (!receivers_.contains(route->receiver) && section.Has("receiver")) {
        const std::vector<std::string> known(receivers_.begin(), receivers_.end());
        const std::string nearest = Nearest(route->receiver, known);
        section.Error("receiver",
                      "undefined receiver " + GoQuote(route->receiver) + " used in route",
                      nearest.empty() ? "" : "did you mean " + GoQuote(nearest) + "?");
      }
    }
    if (section.Has("group_by")) ReadGroupBy(section, route);
    ReadTimes(section, is_root, route);
    section.Refuse("labels");
    ReadChildren(section, *route, &route->routes);
    section.Finish();
  }

  void ReadChildren(Section& section, const Route& parent, std::vector<Route>* out) {
    size_t index = 0;
    for (Section& child : section.Children("routes")) {
      Route route = parent;
      route.routes.clear();
      route.matchers = ReadMatchers(child, "", mode_);
      route.key = parent.key + "/" + matcher::ToString(route.matchers);
      route.id =
          parent.id + "/" + matcher::ToString(route.matchers) + "/" + std::to_string(index++);
      route.continue_matching = child.Bool("continue", false);
      ReadIntervals(child, "mute_time_intervals", &route.mute_time_intervals);
      ReadIntervals(child, "active_time_intervals", &route.active_time_intervals);
      Read(child, /*is_root=*/false, &route);
      out->push_back(std::move(route));
    }
  }

  void ReadIntervals(Section& section, const std::string& key, std::vector<std::string>* out) {
    out->clear();
    for (const Text& text : section.impl().Texts(key)) {
      out->push_back(text.text);
      if (std::ranges::count(intervals_, text.text) > 0) continue;
      const std::string nearest = Nearest(text.text, intervals_);
      section.impl().source.Error(
          text.mark, "undefined time interval " + GoQuote(text.text) + " used in route",
          nearest.empty() ? "" : "did you mean " + GoQuote(nearest) + "?");
    }
    Echo* echo = section.Has(key) ? section.impl().Show(key) : nullptr;
    if (echo != nullptr) echo->SetTexts(*out);
  }

  void ReadGroupBy(Section& section, Route* route) {
    const Source& source = section.impl().source;
    route->group_by.clear();
    route->group_by_all = false;
    std::set<std::string> seen;
    for (const Text& text : section.impl().Texts("group_by")) {
      if (text.text == "...") {
        route->group_by_all = true;
        continue;
      }
      const bool is_valid = mode_ == matcher::Mode::kClassic ? labels::IsClassicLabelName(text.text)
                                                             : !text.text.empty();
      if (!is_valid) {
        source.Error(text.mark, "invalid label name " + GoQuote(text.text) + " in group_by list");
      } else if (!seen.insert(text.text).second) {
        source.Error(text.mark, "duplicated label " + GoQuote(text.text) + " in group_by");
      } else {
        route->group_by.push_back(text.text);
      }
    }
    if (route->group_by_all && !route->group_by.empty()) {
      section.Error("group_by",
                    "cannot have wildcard group_by (`...`) and other labels at the same time");
    }
    section.Strings("group_by");  // Shows it as written.
  }

  static void ReadTimes(Section& section, bool is_root, Route* route) {
    const auto read = [&](const std::string& key, Duration* value) {
      if (is_root || section.Has(key)) *value = section.PromDuration(key, *value);
    };
    read("group_wait", &route->group_wait);
    read("group_interval", &route->group_interval);
    read("repeat_interval", &route->repeat_interval);
    const auto must_not_be_zero = [&](const std::string& key, Duration value) {
      if (section.Has(key) && value == Duration::zero())
        section.Error(key, key + " cannot be zero");
    };
    must_not_be_zero("group_interval", route->group_interval);
    must_not_be_zero("repeat_interval", route->repeat_interval);
    const bool is_set = section.Has("repeat_interval") || section.Has("group_interval");
    if (is_set && route->repeat_interval < route->group_interval) {
      section.Warn(section.Has("repeat_interval") ? "repeat_interval" : "group_interval",
                   "repeat_interval " + FormatDuration(route->repeat_interval) +
                       " is less than group_interval " + FormatDuration(route->group_interval),
                   "a group repeats no more often than it is looked at");
    }
  }

  const matcher::Mode mode_;
  std::set<std::string> receivers_;
  std::vector<std::string> intervals_;
  std::set<std::string> used_;
};

}  // namespace

void LoadRoutes(Section& root, Loader* loader) {
  std::optional<Section> section = root.Child("route");
  if (!section) {
    const bool is_empty = root.impl().node.keys.empty();
    if (!root.Has("route")) {
      root.impl().source.Error({}, is_empty ? "no route provided in config" : "no routes provided",
                               "add a route with a receiver");
    }
    return;
  }
  RouteReader reader(*loader);
  loader->config.route = reader.Root(*section);
  const YamlNode* receivers = root.impl().Find("receivers");
  if (receivers == nullptr || receivers->kind != YamlNode::Kind::kList) return;
  for (const YamlNode& receiver : receivers->items) {
    const YamlNode* name = receiver.Find("name");
    if (name == nullptr || name->text.empty() || reader.used().contains(name->text)) continue;
    root.impl().source.Warn(receiver.At("name"),
                            "receiver " + GoQuote(name->text) + " is used by no route");
  }
}

}  // namespace watchfire::config
