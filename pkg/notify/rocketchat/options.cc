// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// One entry of rocketchat_configs (reference alertmanager-compat §4.15).

#include <utility>

#include "pkg/notify/rocketchat/rocketchat.h"

namespace watchfire::notify::rocketchat {
namespace {

config::SecretSource ReadToken(config::Section& section, const std::string& key,
                               const config::SecretSource& global, const std::string& name) {
  config::SecretSource token = section.SecretOrFile(key, global);
  if (token.empty() && !section.Has(key)) {
    section.Error(key, "no global Rocketchat " + name + " set either inline or in a file",
                  "set it here or in global");
  }
  return token;
}

void ReadParts(config::Section& section, Options* options) {
  const bool short_fields = section.Bool("short_fields", false);
  section.ShowDefault("short_fields", "false");
  for (config::Section& entry : section.Children("fields")) {
    Field field{entry.Template("title"), entry.Template("value"),
                entry.MaybeBool("short").value_or(short_fields)};
    entry.Finish();
    options->fields.push_back(std::move(field));
  }
  for (config::Section& entry : section.Children("actions")) {
    Action action{entry.Template("text"), entry.Template("url"), entry.Template("msg")};
    // Alertmanager reads these and sends none of them. Its names have no underscores.
    entry.String("type");
    entry.String("imageurl");
    entry.Bool("iswebview", false);
    entry.String("webviewheightratio");
    entry.Bool("msginchatwindow", false);
    entry.String("msgprocessingtype");
    entry.Finish();
    options->actions.push_back(std::move(action));
  }
}

}  // namespace

std::shared_ptr<const void> Parse(config::Section& section, const config::Global& global) {
  const auto text = [&](const std::string& key, const std::string& name) {
    return section.Template(key, "{{ template \"rocketchat.default." + name + "\" . }}");
  };
  auto options = std::make_shared<Options>();
  options->api_url = section.Url("api_url", global.rocketchat_api_url);
  if (options->api_url.empty()) section.Error("api_url", "no global Rocketchat API URL set");
  while (options->api_url.ends_with('/')) options->api_url.pop_back();
  options->token_id = ReadToken(section, "token_id", global.rocketchat_token_id, "TokenID");
  options->token = ReadToken(section, "token", global.rocketchat_token, "Token");
  options->channel = section.Template("channel");
  options->color =
      section.Template("color", R"({{ if eq .Status "firing" }}red{{ else }}green{{ end }})");
  options->title = text("title", "title");
  options->title_link = text("title_link", "titlelink");
  options->text = text("text", "text");
  options->message_text = section.Template("message_text");
  options->emoji = text("emoji", "emoji");
  options->icon_url = text("icon_url", "iconurl");
  options->image_url = section.Template("image_url");
  options->thumb_url = section.Template("thumb_url");
  section.Bool("link_names", false);  // Alertmanager takes it, too, and does nothing with it.
  section.ShowDefault("link_names", "false");
  ReadParts(section, options.get());
  options->http = section.Http("http_config", global.http);
  return options;
}

}  // namespace watchfire::notify::rocketchat
