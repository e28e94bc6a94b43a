// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Alertmanager's top-level keys but the routing tree (reference alertmanager-compat §3).

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "pkg/base/strings.h"
#include "pkg/config/loader.h"

namespace watchfire::config {
namespace {

// Every integration of Alertmanager, and our own that are to come.
constexpr std::array kIntegrations = {
    "discord",   "email",     "incidentio", "jira",       "mattermost", "msteams", "msteamsv2",
    "opsgenie",  "pagerduty", "pushover",   "rocketchat", "slack",      "sns",     "telegram",
    "victorops", "webex",     "webhook",    "wechat",     "escalation"};

// Keys of `global` by the integration they belong to. Those of victorops are read, not listed.
struct GlobalKeys {
  const char* kind;
  std::vector<const char*> keys;
};
const std::vector<GlobalKeys>& OtherGlobalKeys() {
  static const auto* const keys = new std::vector<GlobalKeys>{
      {"email",
       {"smtp_from", "smtp_hello", "smtp_smarthost", "smtp_auth_username", "smtp_auth_identity",
        "smtp_auth_password", "smtp_auth_password_file", "smtp_auth_secret",
        "smtp_auth_secret_file", "smtp_require_tls", "smtp_tls_config", "smtp_force_implicit_tls"}},
      {"slack",
       {"slack_api_url", "slack_api_url_file", "slack_app_token", "slack_app_token_file",
        "slack_app_url"}},
      {"pagerduty", {"pagerduty_url"}},
      {"opsgenie", {"opsgenie_api_key", "opsgenie_api_key_file", "opsgenie_api_url"}},
      {"wechat",
       {"wechat_api_url", "wechat_api_secret", "wechat_api_secret_file", "wechat_api_corp_id"}},
      {"telegram", {"telegram_api_url", "telegram_bot_token", "telegram_bot_token_file"}},
      {"webex", {"webex_api_url"}},
      {"rocketchat",
       {"rocketchat_api_url", "rocketchat_token", "rocketchat_token_file", "rocketchat_token_id",
        "rocketchat_token_id_file"}},
      {"mattermost", {"mattermost_webhook_url", "mattermost_webhook_url_file"}},
      {"jira", {"jira_api_url"}},
  };
  return *keys;
}

Global ReadGlobal(Section& section) {
  Global global;
  global.resolve_timeout = section.PromDuration("resolve_timeout", global.resolve_timeout);
  global.http = section.Http("http_config", global.http);
  global.victorops_api_key = section.SecretString("victorops_api_key");
  global.victorops_api_key_file = section.String("victorops_api_key_file");
  global.victorops_api_url = section.Url("victorops_api_url", global.victorops_api_url);
  if (!global.victorops_api_url.ends_with('/')) global.victorops_api_url += '/';
  if (section.Has("victorops_api_key") && section.Has("victorops_api_key_file")) {
    section.Error("victorops_api_key_file",
                  "at most one of victorops_api_key & victorops_api_key_file must be configured");
  }
  for (const GlobalKeys& other : OtherGlobalKeys()) {
    for (const char* key : other.keys) {
      if (!section.Has(key)) continue;
      section.Warn(key,
                   std::string(key) + " has no effect: " + other.kind + " is not built in yet");
    }
  }
  section.Finish();
  return global;
}

class ReceiverReader {
 public:
  explicit ReceiverReader(Loader* loader) : loader_(*loader) {
    for (const auto& [name, source] : loader->paging_receivers) paging_.insert(name.text);
  }

  Receiver Read(Section& section) {
    Receiver receiver;
    receiver.name = section.String("name");
    if (receiver.name.empty()) {
      section.Error("name", "missing name in receiver");
    } else if (!names_.insert(receiver.name).second) {
      section.Error("name",
                    "notification config name " + GoQuote(receiver.name) + " is not unique");
    }
    section.Refuse("labels");
    for (const IntegrationKind& kind : loader_.kinds) ReadList(section, kind, &receiver);
    for (const char* kind : kIntegrations) RefuseUnknown(section, kind);
    section.Finish();
    return receiver;
  }

 private:
  void ReadList(Section& section, const IntegrationKind& kind, Receiver* receiver) {
    const std::string key = kind.kind + "_configs";
    const YamlNode* list = section.impl().FindKind(key, YamlNode::Kind::kList);
    if (list == nullptr) return;
    for (const YamlNode& item : list->items) {
      if (item.kind == YamlNode::Kind::kNull) {
        section.impl().source.Error(item.mark, "missing " + kind.kind + " config");
      }
    }
    int index = 0;
    for (Section& entry : section.Children(key)) {
      if (entry.impl().node.kind == YamlNode::Kind::kNull) continue;
      Integration integration;
      integration.kind = kind.kind;
      integration.index = index++;
      integration.send_resolved = entry.Bool("send_resolved", kind.send_resolved_default);
      integration.pages = entry.Bool("page", kind.pages || paging_.contains(receiver->name));
      integration.options = kind.parse(entry, loader_.config.global);
      entry.Finish();
      receiver->integrations.push_back(std::move(integration));
    }
  }

  void RefuseUnknown(Section& section, const std::string& kind) {
    const auto is_built_in = [&](const IntegrationKind& known) { return known.kind == kind; };
    if (std::ranges::any_of(loader_.kinds, is_built_in)) return;
    const std::string key = kind + "_configs";
    const YamlNode* node = section.impl().Find(key);
    if (node == nullptr || (node->kind == YamlNode::Kind::kList && node->items.empty())) return;
    std::vector<std::string> built_in;
    for (const IntegrationKind& known : loader_.kinds) built_in.push_back(known.kind + "_configs");
    section.Error(key, key + " is not supported yet", "built in: " + Join(built_in, ", "));
  }

  const Loader& loader_;
  std::set<std::string> paging_;
  std::set<std::string> names_;
};

InhibitRule ReadInhibitRule(Section& section, matcher::Mode mode) {
  InhibitRule rule;
  rule.name = section.String("name");
  rule.source = ReadMatchers(section, "source_", mode);
  rule.target = ReadMatchers(section, "target_", mode);
  for (const Text& text : section.impl().Texts("equal")) {
    const bool is_valid = mode == matcher::Mode::kClassic ? labels::IsClassicLabelName(text.text)
                                                          : !text.text.empty();
    if (!is_valid) {
      section.impl().source.Error(text.mark,
                                  "invalid label name " + GoQuote(text.text) + " in equal list");
    }
  }
  rule.equal = section.Strings("equal");
  section.Finish();
  return rule;
}

}  // namespace

const std::vector<std::string>& AlertmanagerKeys() {
  static const auto* const keys = new std::vector<std::string>{
      "global",        "route",          "inhibit_rules",       "receivers",
      "templates",     "time_intervals", "mute_time_intervals", "tracing",
      "event_recorder"};
  return *keys;
}

void LoadAlertmanagerKeys(Section& root, Loader* loader) {
  static const YamlNode& nothing = *new YamlNode;
  Config& config = loader->config;
  std::optional<Section> global = root.Child("global");
  // Without the key its defaults are shown all the same.
  if (!global) {
    global = MakeSection(nothing, root.impl().At("global"), root.impl().source,
                         root.impl().Show("global"), "global");
  }
  config.global = ReadGlobal(*global);
  for (Section& rule : root.Children("inhibit_rules")) {
    config.inhibit_rules.push_back(ReadInhibitRule(rule, loader->options.matcher_mode));
  }
  ReceiverReader reader(loader);
  for (Section& receiver : root.Children("receivers")) {
    config.receivers.push_back(reader.Read(receiver));
  }
  LoadTimeIntervals(root, loader);
  root.Refuse("templates");
  for (const char* key : {"tracing", "event_recorder"}) {
    if (root.Has(key)) root.Warn(key, std::string(key) + " has no effect: not supported yet");
  }
}

}  // namespace watchfire::config
