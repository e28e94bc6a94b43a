// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The routing tree: what a route does not say comes from its parent (reference §3.4).

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "pkg/base/strings.h"
#include "pkg/config/loader.h"

namespace watchfire::config {
namespace {

class RouteReader {
 public:
  explicit RouteReader(const Loader& loader)
      : mode_(loader.options.matcher_mode), retention_(loader.options.retention) {
    for (const Receiver& receiver : loader.config.receivers) {
      receivers_.emplace(receiver.name, receiver.delivery);
    }
    for (const auto& [name, calendars] : loader.config.time_intervals) intervals_.push_back(name);
  }

  Route Root(Section& section, const DeliveryTerms& terms) {
    Route root;
    root.key = root.id = "{}";
    Arrange(section);
    if (!section.Has("receiver") || section.String("receiver").empty()) {
      section.Error("receiver", "root route must specify a default receiver");
    }
    if (section.Bool("continue", false)) {
      section.Error("continue", "cannot have continue in root route");
    }
    // Lists and mappings without matchers are fine, `matchers: ['']` as well.
    if (!ReadMatchers(section, "", mode_).empty()) {
      const char* key = section.Has("matchers") ? "matchers"
                        : section.Has("match")  ? "match"
                                                : "match_re";
      section.Error(key, "root route must not have any matchers");
    }
    const auto must_not_mute = [&](const std::string& key, const std::string& what) {
      if (section.impl().Texts(key).empty()) return;
      section.Error(key, "root route must not have any " + what + " time intervals");
    };
    must_not_mute("mute_time_intervals", "mute");
    must_not_mute("active_time_intervals", "active");
    Read(section, terms, /*is_root=*/true, &root);
    return root;
  }

  // The receivers that routes name, and whether one of these is strict.
  const std::map<std::string, bool>& used() const { return used_; }

 private:
  // Shows keys in the order in which Alertmanager does, not in ours.
  static void Arrange(Section& section) {
    for (const char* key : {"receiver", "group_by", "match", "match_re", "matchers",
                            "mute_time_intervals", "active_time_intervals", "continue", "routes"}) {
      section.impl().Show(key);
    }
  }

  // `route` and `terms` come in holding what it inherits.
  void Read(Section& section, DeliveryTerms terms, bool is_root, Route* route) {
    ReadReceiver(section, route);
    if (section.Has("group_by")) ReadGroupBy(section, route);
    Echo* echo = section.impl().Show("continue");
    if (echo != nullptr) echo->SetRaw(route->continue_matching ? "true" : "false");
    ReadTimes(section, route);
    ReadLabels(section, route);
    ReadTerms(section, &terms);
    Settle(section, terms, is_root, route);
    ReadChildren(section, terms, *route, &route->routes);
    section.Finish();
  }

  void ReadReceiver(Section& section, Route* route) {
    if (!section.Has("receiver") || section.String("receiver").empty()) return;
    route->receiver = section.String("receiver");
    if (receivers_.contains(route->receiver)) return;
    std::vector<std::string> known;
    for (const auto& [name, delivery] : receivers_) known.push_back(name);
    const std::string nearest = Nearest(route->receiver, known);
    section.Error("receiver", "undefined receiver " + GoQuote(route->receiver) + " used in route",
                  nearest.empty() ? "" : "did you mean " + GoQuote(nearest) + "?");
  }

  void ReadLabels(Section& section, Route* route) const {
    for (const Pair& pair : section.impl().Pairs("labels")) {
      if (!IsLabelName(pair.name, mode_)) {
        section.impl().source.Error(
            pair.mark, "invalid label name " + GoQuote(pair.name) + " in route labels");
      }
    }
    for (const auto& [name, value] : section.StringMap("labels")) route->labels[name] = value;
  }

  // The receiver has the last word.
  void Settle(Section& section, const DeliveryTerms& terms, bool is_root, Route* route) {
    const auto receiver = receivers_.find(route->receiver);
    const bool is_known = receiver != receivers_.end();
    route->delivery = is_known ? receiver->second.value_or(terms.delivery) : terms.delivery;
    CheckTerms(section, route->delivery);
    WarnOfRetention(section, is_root, *route);
    const bool is_strict = route->delivery == Delivery::kStrict;
    route->prompt_resolved = is_strict && terms.prompt_resolved.value_or(false);
    route->exact_repeat = is_strict && terms.exact_repeat.value_or(true);
    used_[route->receiver] |= is_strict;
  }

  // A route that inherits all of it has been warned of already.
  void WarnOfRetention(Section& section, bool is_root, const Route& route) const {
    const bool is_said_here = is_root || section.Has("repeat_interval") ||
                              section.Has("delivery") || section.Has("receiver");
    if (retention_ == Duration::zero() || route.delivery == Delivery::kStrict || !is_said_here ||
        route.repeat_interval <= retention_) {
      return;
    }
    section.Warn("repeat_interval",
                 "repeat_interval " + FormatDuration(route.repeat_interval) +
                     " is longer than --data.retention " + FormatDuration(retention_) +
                     ": what a receiver was told is forgotten and told again after that",
                 "raise --data.retention, or set delivery: strict");
  }

  void ReadChildren(Section& section, const DeliveryTerms& terms, const Route& parent,
                    std::vector<Route>* out) {
    size_t index = 0;
    for (Section& child : section.Children("routes")) {
      Arrange(child);
      Route route = parent;
      route.routes.clear();
      route.matchers = ReadMatchers(child, "", mode_);
      route.key = parent.key + "/" + matcher::ToString(route.matchers);
      route.id =
          parent.id + "/" + matcher::ToString(route.matchers) + "/" + std::to_string(index++);
      route.continue_matching = child.Bool("continue", false);
      ReadIntervals(child, "mute_time_intervals", &route.mute_time_intervals);
      ReadIntervals(child, "active_time_intervals", &route.active_time_intervals);
      Read(child, terms, /*is_root=*/false, &route);
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
      if (!IsLabelName(text.text, mode_)) {
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

  static void ReadTimes(Section& section, Route* route) {
    const auto read = [&](const std::string& key, Duration* value) {
      if (section.Has(key)) *value = section.PromDuration(key, *value);
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
  const Duration retention_;
  std::map<std::string, std::optional<Delivery>> receivers_;
  std::vector<std::string> intervals_;
  std::map<std::string, bool> used_;
};

}  // namespace

void LoadRoutes(Section& root, Loader* loader) {
  std::optional<Section> section = root.Child("route");
  if (!section) {
    const bool is_empty = root.impl().node.keys.empty();
    if (!root.Has("route")) {
      root.Error("route", is_empty ? "no route provided in config" : "no routes provided",
                 "add a route with a receiver");
    }
    return;
  }
  RouteReader reader(*loader);
  loader->config.route = reader.Root(*section, loader->terms);
  const YamlNode* receivers = root.impl().Find("receivers");
  if (receivers == nullptr || receivers->kind != YamlNode::Kind::kList) return;
  // Fallbacks, people's contacts, who does what automation asks for, who is told of hand-offs and
  // who gets reports are spoken to without a route, and always strictly.
  std::set<std::string> unrouted = {loader->config.oncall.fallback};
  for (const Receiver& receiver : loader->config.receivers) unrouted.insert(receiver.fallback);
  for (const OncallPlace& place : loader->contact_receivers) unrouted.insert(place.receiver);
  for (const auto& rule : loader->config.automation.rules) unrouted.insert(rule.receiver);
  for (const Handoff& one : loader->config.oncall.handoffs) unrouted.insert(one.receiver);
  for (const Report& one : loader->config.reports) unrouted.insert(one.receiver);
  for (const YamlNode& receiver : receivers->items) {
    const YamlNode* name = receiver.Find("name");
    if (name == nullptr || name->text.empty() || unrouted.contains(name->text)) continue;
    const auto used = reader.used().find(name->text);
    if (used == reader.used().end()) {
      root.impl().source.Warn(receiver.At("name"),
                              "receiver " + GoQuote(name->text) + " is used by no route");
    } else if (receiver.Find("deadline") != nullptr && !used->second) {
      root.impl().source.Error(receiver.At("deadline"), "deadline needs delivery: strict");
    }
  }
}

}  // namespace watchfire::config
