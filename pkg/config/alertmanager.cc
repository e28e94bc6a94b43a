// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Alertmanager's subjects: global, receivers, inhibit_rules, route. Texts are Alertmanager's where
// it has one (reference §3.3), so that a search for them finds help.

#include <algorithm>
#include <set>

#include "pkg/base/strings.h"
#include "pkg/config/loader.h"
#include "pkg/labels/labels.h"

namespace watchfire::config {
namespace {

// Integrations of Alertmanager that this version does not have yet, with their global keys.
const std::vector<std::string>& AbsentIntegrations() {
  static const auto& kinds = *new std::vector<std::string>{
      "discord",   "email",    "incidentio", "pagerduty", "slack", "opsgenie",
      "wechat",    "pushover", "sns",        "telegram",  "webex", "msteams",
      "msteamsv2", "jira",     "rocketchat", "mattermost"};
  return kinds;
}

constexpr const char* kUnusedGlobals[] = {"smtp_from",
                                          "smtp_hello",
                                          "smtp_smarthost",
                                          "smtp_auth_username",
                                          "smtp_auth_password",
                                          "smtp_auth_password_file",
                                          "smtp_auth_secret",
                                          "smtp_auth_secret_file",
                                          "smtp_auth_identity",
                                          "smtp_require_tls",
                                          "smtp_tls_config",
                                          "smtp_force_implicit_tls",
                                          "slack_api_url",
                                          "slack_api_url_file",
                                          "slack_app_token",
                                          "slack_app_token_file",
                                          "slack_app_url",
                                          "pagerduty_url",
                                          "opsgenie_api_key",
                                          "opsgenie_api_key_file",
                                          "opsgenie_api_url",
                                          "wechat_api_url",
                                          "wechat_api_secret",
                                          "wechat_api_secret_file",
                                          "wechat_api_corp_id",
                                          "telegram_api_url",
                                          "telegram_bot_token",
                                          "telegram_bot_token_file",
                                          "webex_api_url",
                                          "rocketchat_api_url",
                                          "rocketchat_token",
                                          "rocketchat_token_file",
                                          "rocketchat_token_id",
                                          "rocketchat_token_id_file",
                                          "mattermost_webhook_url",
                                          "mattermost_webhook_url_file",
                                          "jira_api_url"};

std::string KindNames(const std::vector<IntegrationKind>& kinds) {
  std::vector<std::string> names;
  for (const IntegrationKind& kind : kinds) names.push_back(kind.kind);
  return Join(names, ", ");
}

Receiver ReadReceiver(Section& section, const std::vector<IntegrationKind>& kinds,
                      const Global& global) {
  Receiver receiver;
  receiver.name = section.String("name");
  if (receiver.name.empty()) section.Error("name", "missing name in receiver");
  for (const IntegrationKind& kind : kinds) {
    int index = 0;
    for (Section& entry : section.Children(kind.kind + "_configs")) {
      Integration integration;
      integration.kind = kind.kind;
      integration.index = index++;
      integration.send_resolved = entry.Bool("send_resolved", kind.send_resolved_default);
      integration.pages = entry.Bool("page", kind.pages);
      integration.options = kind.parse(entry, global);
      entry.Finish();
      receiver.integrations.push_back(std::move(integration));
    }
  }
  for (const std::string& absent : AbsentIntegrations()) {
    const std::string key = absent + "_configs";
    const bool built = std::ranges::any_of(
        kinds, [&](const IntegrationKind& kind) { return kind.kind == absent; });
    if (!built && section.Has(key)) {
      section.Error(key, "integration \"" + absent + "\" is not supported in this version",
                    "this version has: " + KindNames(kinds));
    }
  }
  section.Finish();
  return receiver;
}

void Parsed(Section& section, const std::string& key, const std::string& text, matcher::Mode mode,
            matcher::Matchers* out) {
  Result<matcher::Matchers> parsed = matcher::Parse(text, mode);
  if (!parsed) {
    section.Error(key, key + ": " + parsed.error().message, "for example severity=\"critical\"");
    return;
  }
  for (matcher::Matcher& one : *parsed) out->push_back(std::move(one));
}

void FromMap(Section& section, const std::string& key, matcher::Op op, matcher::Matchers* out) {
  for (const auto& [name, value] : section.StringMap(key)) {
    if (!labels::IsClassicLabelName(name)) {
      section.Error(key, "invalid label name \"" + name + "\"");
      continue;
    }
    Result<matcher::Matcher> matcher = matcher::Matcher::Create(op, name, value);
    if (!matcher) {
      section.Error(key, key + "." + name + ": " + matcher.error().message);
      continue;
    }
    out->push_back(*std::move(matcher));
  }
}

class RouteReader {
 public:
  RouteReader(matcher::Mode mode, const Config& config) : mode_(mode) {
    for (const Receiver& receiver : config.receivers) receivers_.insert(receiver.name);
  }

  Route Read(Section& section, const Route* parent, const std::string& id_suffix) {
    Route route;
    if (parent != nullptr) {
      route.receiver = parent->receiver;
      route.group_by = parent->group_by;
      route.group_by_all = parent->group_by_all;
      route.group_wait = parent->group_wait;
      route.group_interval = parent->group_interval;
      route.repeat_interval = parent->repeat_interval;
    }
    route.receiver = section.String("receiver", route.receiver);
    ReadGroupBy(section, &route);
    ReadIntervals(section, &route);
    route.continue_matching = section.Bool("continue", false);
    route.matchers = ReadMatchers(section, "matchers", "match", "match_re", mode_);
    CheckPlace(section, parent == nullptr, route);
    for (const char* key : {"mute_time_intervals", "active_time_intervals", "labels"}) {
      if (section.Has(key)) {
        section.Error(key,
                      std::string("route key \"") + key + "\" is not supported in this version");
      }
    }
    const std::string own = matcher::ToString(route.matchers);
    route.key = parent == nullptr ? own : parent->key + "/" + own;
    route.id = parent == nullptr ? own : parent->id + "/" + own + "/" + id_suffix;
    int index = 0;
    for (Section& child : section.Children("routes")) {
      route.routes.push_back(Read(child, &route, std::to_string(index++)));
    }
    if (!route.receiver.empty() && !receivers_.contains(route.receiver) &&
        (parent == nullptr || section.Has("receiver"))) {
      const std::string near =
          Nearest(route.receiver, std::vector<std::string>(receivers_.begin(), receivers_.end()));
      section.Error("receiver", "undefined receiver \"" + route.receiver + "\" used in route",
                    near.empty() ? "" : "did you mean \"" + near + "\"?");
    }
    section.Finish();
    return route;
  }

 private:
  static void CheckPlace(Section& section, bool root, const Route& route) {
    if (!root) return;
    if (route.receiver.empty()) {
      section.Error("receiver", "root route must specify a default receiver");
    }
    if (route.continue_matching) section.Error("continue", "cannot have continue in root route");
    if (!route.matchers.empty()) {
      section.Error("matchers", "root route must not have any matchers");
    }
  }

  static void ReadGroupBy(Section& section, Route* route) {
    if (!section.Has("group_by")) return;
    route->group_by.clear();
    route->group_by_all = false;
    for (std::string& name : section.Strings("group_by")) {
      if (name == "...") {
        route->group_by_all = true;
      } else if (name.empty()) {
        section.Error("group_by", "invalid label name \"\" in group_by list");
      } else if (std::ranges::find(route->group_by, name) != route->group_by.end()) {
        section.Error("group_by", "duplicated label \"" + name + "\" in group_by");
      } else {
        route->group_by.push_back(std::move(name));
      }
    }
    if (route->group_by_all && !route->group_by.empty()) {
      section.Error("group_by",
                    "cannot have wildcard group_by (`...`) and other labels at the same time");
    }
  }

  static void ReadIntervals(Section& section, Route* route) {
    route->group_wait = section.PromDuration("group_wait", route->group_wait);
    route->group_interval = section.PromDuration("group_interval", route->group_interval);
    route->repeat_interval = section.PromDuration("repeat_interval", route->repeat_interval);
    if (route->group_interval == Duration::zero()) {
      section.Error("group_interval", "group_interval cannot be zero");
      route->group_interval = std::chrono::minutes(5);
    }
    if (route->repeat_interval == Duration::zero()) {
      section.Error("repeat_interval", "repeat_interval cannot be zero");
    }
    if (section.Has("repeat_interval") && route->repeat_interval < route->group_interval) {
      section.Warn("repeat_interval", "repeat_interval is shorter than group_interval",
                   "repeats come at every group_interval");
    }
  }

  matcher::Mode mode_;
  std::set<std::string> receivers_;
};

}  // namespace

Global ReadGlobal(Section& root) {
  Global global;
  std::optional<Section> section = root.Child("global");
  if (!section) return global;
  global.resolve_timeout = section->PromDuration("resolve_timeout", global.resolve_timeout);
  global.http = section->Http("http_config", {});
  global.victorops_api_url = section->Url("victorops_api_url", global.victorops_api_url);
  global.victorops_api_key = section->SecretString("victorops_api_key");
  global.victorops_api_key_file = section->String("victorops_api_key_file");
  if (!global.victorops_api_key.empty() && !global.victorops_api_key_file.empty()) {
    section->Error("victorops_api_key_file",
                   "at most one of victorops_api_key & victorops_api_key_file must be configured");
  }
  for (const char* key : kUnusedGlobals) {
    if (section->Has(key)) {
      section->Warn(key,
                    std::string(key) + " has no effect: its integration is not in this version");
    }
  }
  section->Finish();
  return global;
}

void ReadReceivers(Section& root, const std::vector<IntegrationKind>& kinds, Config* config) {
  std::set<std::string> names;
  for (Section& section : root.Children("receivers")) {
    Receiver receiver = ReadReceiver(section, kinds, config->global);
    if (!receiver.name.empty() && !names.insert(receiver.name).second) {
      section.Error("name", "notification config name \"" + receiver.name + "\" is not unique");
    }
    config->receivers.push_back(std::move(receiver));
  }
}

matcher::Matchers ReadMatchers(Section& section, const std::string& matchers,
                               const std::string& match, const std::string& match_re,
                               matcher::Mode mode) {
  matcher::Matchers out;
  for (const std::string& text : section.Strings(matchers)) {
    Parsed(section, matchers, text, mode, &out);
  }
  FromMap(section, match, matcher::Op::kEqual, &out);
  FromMap(section, match_re, matcher::Op::kRegex, &out);
  return out;
}

void ReadInhibitRules(Section& root, matcher::Mode mode, Config* config) {
  for (Section& section : root.Children("inhibit_rules")) {
    InhibitRule rule;
    rule.name = section.String("name");
    rule.source = ReadMatchers(section, "source_matchers", "source_match", "source_match_re", mode);
    rule.target = ReadMatchers(section, "target_matchers", "target_match", "target_match_re", mode);
    rule.equal = section.Strings("equal");
    for (const std::string& name : rule.equal) {
      if (name.empty()) section.Error("equal", "invalid label name \"\" in equal list");
    }
    section.Finish();
    config->inhibit_rules.push_back(std::move(rule));
  }
}

void ReadRoute(Section& root, matcher::Mode mode, Config* config) {
  std::optional<Section> section = root.Child("route");
  if (!section) {
    root.Error("route", "no routes provided", "for example route: {receiver: on-call}");
    return;
  }
  config->route = RouteReader(mode, *config).Read(*section, nullptr, "");
}

}  // namespace watchfire::config
