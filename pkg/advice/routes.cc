// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Remarks about the routing tree. The tree of the configuration and that of the file have the same
// shape, so both are walked at once: one knows what holds, the other where it stands.

#include <algorithm>

#include "pkg/advice/remarks.h"
#include "pkg/base/strings.h"
#include "pkg/labels/labels.h"
#include "pkg/matcher/matcher.h"

namespace watchfire::advice {
namespace {

using config::Receiver;
using config::Route;
using config::YamlNode;
using matcher::Matcher;
using matcher::Matchers;
using matcher::Op;

constexpr Duration kShortInterval = std::chrono::seconds(30);

// Whether everything that `matchers` take has what `wanted` asks for.
bool Implies(const Matchers& matchers, const Matcher& wanted) {
  return std::ranges::any_of(matchers, [&](const Matcher& one) {
    if (one == wanted) return true;
    return one.name() == wanted.name() && one.op() == Op::kEqual &&
           wanted.MatchesValue(one.value());
  });
}

// Whether nothing has what both ask for, as far as equality of labels tells.
bool Exclude(const Matchers& some, const Matchers& others) {
  const auto refuses = [](const Matchers& these, const Matchers& those) {
    return std::ranges::any_of(these, [&](const Matcher& one) {
      return one.op() == Op::kEqual && std::ranges::any_of(those, [&](const Matcher& other) {
               return other.name() == one.name() && !other.MatchesValue(one.value());
             });
    });
  };
  return refuses(some, others) || refuses(others, some);
}

config::Mark MatchersMark(const YamlNode& node) {
  for (const char* key : {"matchers", "match", "match_re"}) {
    if (node.Find(key) != nullptr) return node.At(key);
  }
  return node.mark;
}

class Walker {
 public:
  Walker(const config::Config& config, Remarks* remarks) : config_(config), remarks_(*remarks) {}

  // `path`: what the parents of `route` and itself ask for.
  void Walk(const Route& route, const YamlNode& node, const Matchers& path) {
    AdviseTimes(route, node);
    AdviseGroups(route, node);
    AdviseEnd(route, node, path);
    for (size_t i = 0; i < route.routes.size(); ++i) {
      const YamlNode* child = Entry(node, "routes", i);
      if (child == nullptr) return;
      AdviseOrder(route, i, path, *child);
      Matchers all = path;
      const Matchers& own = route.routes[i].matchers;
      all.insert(all.end(), own.begin(), own.end());
      Walk(route.routes[i], *child, all);
    }
  }

 private:
  void AdviseTimes(const Route& route, const YamlNode& node) {
    const bool says_group = node.Find("group_interval") != nullptr;
    if (says_group && route.group_interval < kShortInterval) {
      remarks_.Add("short-group-interval", node.At("group_interval"),
                   "group_interval is " + FormatDuration(route.group_interval));
    }
    const bool says_repeat = node.Find("repeat_interval") != nullptr;
    if ((!says_group && !says_repeat) || route.exact_repeat) return;
    // Less than an interval is a warning of the loader.
    if (route.repeat_interval < route.group_interval ||
        route.repeat_interval % route.group_interval == Duration::zero()) {
      return;
    }
    remarks_.Add("uneven-repeat-interval",
                 node.At(says_repeat ? "repeat_interval" : "group_interval"),
                 "repeat_interval " + FormatDuration(route.repeat_interval) +
                     " is no multiple of group_interval " + FormatDuration(route.group_interval));
  }

  void AdviseGroups(const Route& route, const YamlNode& node) {
    const bool says_group = node.Find("group_by") != nullptr;
    const Receiver* receiver = FindReceiver(config_, route.receiver);
    const bool is_new = says_group || node.Find("receiver") != nullptr;
    if (is_new && route.group_by_all && receiver != nullptr && Pages(*receiver)) {
      remarks_.Add("group-by-everything", node.At(says_group ? "group_by" : "receiver"),
                   "receiver " + GoQuote(route.receiver) + " is paged for each alert by itself");
    }
    if (!says_group) return;
    for (const std::string& label : route.group_by) {
      if (!IsUnbounded(label)) continue;
      remarks_.Add("unbounded-label", node.At("group_by"),
                   "groups by " + GoQuote(label) + ", which has another value for each request");
    }
  }

  // A route that takes critical alerts because it says so, or because nobody else does.
  void AdviseEnd(const Route& route, const YamlNode& node, const Matchers& path) {
    const Receiver* receiver = FindReceiver(config_, route.receiver);
    if (receiver == nullptr || !receiver->integrations.empty()) return;
    const auto asks = [&](const Matcher& one) {
      return one.name() == "severity" && one.MatchesValue("critical") && !one.MatchesValue("");
    };
    const labels::LabelSet plain({{"severity", "critical"}});
    const bool is_asked = std::ranges::any_of(path, asks);
    const bool takes_plain = matcher::MatchesAll(path, plain);
    if (!is_asked && !takes_plain) return;
    const bool is_passed_on = std::ranges::any_of(route.routes, [&](const Route& child) {
      return matcher::MatchesAll(child.matchers, plain);
    });
    if (is_passed_on) return;
    remarks_.Add("critical-to-nobody", node.At(node.Find("receiver") ? "receiver" : "matchers"),
                 "alerts with severity=\"critical\" end at receiver " + GoQuote(route.receiver) +
                     ", which tells nobody");
  }

  // `path` is that of `parent`.
  void AdviseOrder(const Route& parent, size_t index, const Matchers& path, const YamlNode& node) {
    const Route& route = parent.routes[index];
    Matchers all = path;
    all.insert(all.end(), route.matchers.begin(), route.matchers.end());
    if (Exclude(path, route.matchers) || Exclude(route.matchers, route.matchers)) {
      remarks_.Add("unreachable-route", MatchersMark(node),
                   "nothing has " + matcher::ToString(route.matchers) +
                       " that got as far as here: the routes around it want something else");
      return;
    }
    for (size_t i = 0; i < index; ++i) {
      const Route& earlier = parent.routes[i];
      const bool takes_all =
          std::ranges::all_of(earlier.matchers, [&](const Matcher& m) { return Implies(all, m); });
      if (!takes_all || earlier.continue_matching) continue;
      remarks_.Add("unreachable-route", MatchersMark(node),
                   "an earlier sibling without continue takes everything with " +
                       matcher::ToString(earlier.matchers) + ": no alert comes to " +
                       matcher::ToString(route.matchers));
      return;
    }
    AdviseContinue(parent, index, node);
  }

  void AdviseContinue(const Route& parent, size_t index, const YamlNode& node) {
    if (!parent.routes[index].continue_matching) return;
    for (size_t i = index + 1; i < parent.routes.size(); ++i) {
      if (!Exclude(parent.routes[index].matchers, parent.routes[i].matchers)) return;
    }
    remarks_.Add("idle-continue", node.At("continue"),
                 "continue leads nowhere: no sibling behind it can match, and the receiver of the "
                 "parent, " +
                     GoQuote(parent.receiver) + ", is told only of what no child takes");
  }

  const config::Config& config_;
  Remarks& remarks_;
};

}  // namespace

void AdviseRoutes(const config::Config& config, const YamlNode& root, Remarks* remarks) {
  for (size_t i = 0; i < config.inhibit_rules.size(); ++i) {
    const YamlNode* node = Entry(root, "inhibit_rules", i);
    if (node == nullptr || !config.inhibit_rules[i].equal.empty()) continue;
    remarks->Add("inhibit-without-equal", node->mark,
                 "one alert with " + matcher::ToString(config.inhibit_rules[i].source) +
                     " mutes everything with " + matcher::ToString(config.inhibit_rules[i].target) +
                     ", wherever it is");
  }
  const YamlNode* route = root.Find("route");
  if (route != nullptr) Walker(config, remarks).Walk(config.route, *route, {});
}

}  // namespace watchfire::advice
