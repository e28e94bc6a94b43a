// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// One entry of slack_configs (reference alertmanager-compat §4.6, §3.3).

#include <utility>

#include "pkg/notify/slack/slack.h"

namespace watchfire::notify::slack {
namespace {

using templates::Snippet;

constexpr const char* kPostMessageUrl = "https://slack.com/api/chat.postMessage";
constexpr std::string_view kPostMessage = "/chat.postMessage";

Snippet Default(config::Section& section, const std::string& key, const std::string& name) {
  return section.Template(key, "{{ template \"slack.default." + name + "\" . }}");
}

// A template without which Slack takes nothing. `part` says of what.
Snippet Needed(config::Section& section, const std::string& key, const std::string& part) {
  Snippet snippet = section.Template(key);
  if (snippet.empty() && section.String(key).empty()) {
    section.Error(key, "missing " + key + " in Slack " + part + " configuration");
  }
  return snippet;
}

std::vector<Field> ReadFields(config::Section& section, bool short_fields) {
  std::vector<Field> fields;
  for (config::Section& entry : section.Children("fields")) {
    Field field;
    field.title = Needed(entry, "title", "field");
    field.value = Needed(entry, "value", "field");
    field.is_short = entry.MaybeBool("short").value_or(short_fields);
    entry.Finish();
    fields.push_back(std::move(field));
  }
  return fields;
}

std::optional<Confirmation> ReadConfirmation(config::Section& action) {
  std::optional<config::Section> section = action.Child("confirm");
  if (!section) return std::nullopt;
  Confirmation confirm;
  confirm.text = Needed(*section, "text", "confirmation");
  confirm.title = section->Template("title");
  confirm.ok_text = section->Template("ok_text");
  confirm.dismiss_text = section->Template("dismiss_text");
  section->Finish();
  return confirm;
}

std::vector<Action> ReadActions(config::Section& section) {
  std::vector<Action> actions;
  for (config::Section& entry : section.Children("actions")) {
    Action action;
    action.type = Needed(entry, "type", "action");
    action.text = Needed(entry, "text", "action");
    action.url = entry.Template("url");
    action.style = entry.Template("style");
    action.name = entry.Template("name");
    action.value = entry.Template("value");
    action.confirm = ReadConfirmation(entry);
    if (!entry.String("url").empty()) {
      action.name = action.value = Snippet();
      action.confirm.reset();
    } else if (entry.String("name").empty()) {
      entry.Error("", "missing name or url in Slack action configuration");
    }
    entry.Finish();
    actions.push_back(std::move(action));
  }
  return actions;
}

// Which of the two ways is taken: the global token counts only where nothing of the receiver says
// otherwise, and a token wins over a URL.
void ReadAddress(config::Section& section, const config::Global& global, Options* options) {
  const config::SecretSource own_url = section.SecretUrlOrFile("api_url");
  const config::SecretSource own_token = section.SecretOrFile("app_token");
  section.Default("app_url", "URL", global.slack_app_url);
  // Not shown unless written: Alertmanager 0.25 does not know it.
  options->app_url = section.Has("app_url") ? section.Url("app_url") : global.slack_app_url;
  if (options->app_url.empty()) section.Error("app_url", "no global Slack App URL set");
  if (!own_url.empty() && !own_token.empty()) {
    section.Error(own_token.file.empty() ? "app_token" : "app_token_file",
                  "at most one of api_url/api_url_file & app_token/app_token_file must be "
                  "configured");
  }
  options->http = section.Http("http_config", global.http);
  const bool own_authorization = section.Has("http_config") && options->http.authorization;
  const bool is_global_token = own_token.empty() && !own_authorization && own_url.value.empty();
  options->app_token =
      is_global_token ? section.SecretOrFile("app_token", global.slack_app_token) : own_token;
  if (options->app_token.empty()) {
    options->api_url = own_url;
    if (!own_url.empty() || section.Has("api_url")) return;
    options->api_url = section.SecretUrlOrFile("api_url", global.slack_api_url);
    if (!options->api_url.empty()) return;
    section.Error("api_url", "no Slack API URL nor App token set either inline or in a file",
                  "set api_url or app_token here, or slack_api_url or slack_app_token in global");
    return;
  }
  if (options->http.authorization) {
    section.Error("http_config", "http authorization can't be set when using Slack App tokens");
  }
  if (!own_url.file.empty() && own_token.empty()) {
    section.Warn("api_url_file", "api_url_file is not used: slack_app_token of global comes first",
                 "write the URL as api_url, or an app_token of this receiver");
  }
}

// Updating and replying need the Web API, whose answers name the message.
void CheckRemembering(config::Section& section, const Options& options, const std::string& key) {
  if (!options.app_token.empty()) {
    if (options.app_url.ends_with(kPostMessage)) return;
    section.Error(key, key + " needs an app_url that ends in chat.postMessage",
                  "chat.update is called beside it");
    return;
  }
  const std::string& url = options.api_url.value.reveal();
  if (url == kPostMessageUrl || url == Secret::masked()) return;
  section.Error(
      key, key + " can only be used with bot tokens. api_url must be set to " + kPostMessageUrl,
      "or use an app_token");
}

void ReadTexts(config::Section& section, Options* options) {
  options->channel = section.Template("channel");
  options->username = Default(section, "username", "username");
  options->color = Default(section, "color", "color");
  options->title = Default(section, "title", "title");
  options->title_link = Default(section, "title_link", "titlelink");
  options->pretext = Default(section, "pretext", "pretext");
  options->text = Default(section, "text", "text");
  options->message_text = section.Template("message_text");
  section.ShowDefault("short_fields", "false");
  options->fields = ReadFields(section, section.Bool("short_fields", false));
  options->footer = Default(section, "footer", "footer");
  options->fallback = Default(section, "fallback", "fallback");
  options->callback_id = Default(section, "callback_id", "callbackid");
  options->icon_emoji = Default(section, "icon_emoji", "iconemoji");
  options->icon_url = Default(section, "icon_url", "iconurl");
  options->image_url = section.Template("image_url");
  options->thumb_url = section.Template("thumb_url");
  options->link_names = section.Bool("link_names", false);
  section.ShowDefault("link_names", "false");
  section.Default("mrkdwn_in", "list of texts", "[fallback, pretext, text]");
  options->mrkdwn_in = section.Strings("mrkdwn_in");
  if (options->mrkdwn_in.empty()) options->mrkdwn_in = {"fallback", "pretext", "text"};
  options->actions = ReadActions(section);
  options->incident_buttons = section.Strings("incident_buttons");
  section.Own("incident_buttons");
  for (const std::string& button : options->incident_buttons) {
    section.OneOf("incident_buttons", button, {"acknowledge", "resolve", "snooze", "escalate"},
                  "unknown button in incident_buttons of Slack");
  }
  options->update_text = section.Template("update_text");
  section.Own("update_text");
  options->blocks = section.Tree("blocks");
  section.Own("blocks");
  const bool is_list = !options->blocks ||
                       options->blocks->kind == config::TemplateTree::Kind::kList ||
                       options->blocks->kind == config::TemplateTree::Kind::kText;
  if (!is_list) section.Error("blocks", "blocks must be a list of Block Kit blocks");
}

}  // namespace

std::shared_ptr<const void> Parse(config::Section& section, const config::Global& global) {
  auto options = std::make_shared<Options>();
  ReadAddress(section, global, options.get());
  ReadTexts(section, options.get());
  options->update_message = section.Bool("update_message", false);
  options->post_updates_to_thread = section.Bool("post_updates_to_thread", false);
  section.Own("post_updates_to_thread");
  if (options->update_message) CheckRemembering(section, *options, "update_message");
  if (options->post_updates_to_thread) {
    CheckRemembering(section, *options, "post_updates_to_thread");
  }
  options->timeout = section.GoDuration("timeout", Duration::zero());
  return options;
}

}  // namespace watchfire::notify::slack
