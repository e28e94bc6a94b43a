// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// One entry of mattermost_configs (reference alertmanager-compat §4.16).

#include <utility>

#include "pkg/notify/mattermost/mattermost.h"

namespace watchfire::notify::mattermost {
namespace {

using templates::Snippet;

Snippet Needed(config::Section& section, const std::string& key) {
  Snippet snippet = section.Template(key);
  if (snippet.empty() && section.String(key).empty()) {
    section.Error(key, "missing " + key + " in Mattermost field configuration");
  }
  return snippet;
}

// `is_own`: the keys of the entry itself, which have defaults.
Attachment ReadAttachment(config::Section& section, bool is_own) {
  const auto read = [&](const std::string& key, const std::string& name) {
    return section.Template(key,
                            is_own ? "{{ template \"mattermost.default." + name + "\" . }}" : "");
  };
  Attachment attachment;
  attachment.text = read("text", "text");
  attachment.fallback = read("fallback", "fallback");
  attachment.color = read("color", "color");
  attachment.pretext = section.Template("pretext");
  attachment.author_name = section.Template("author_name");
  attachment.author_link = section.Template("author_link");
  attachment.author_icon = section.Template("author_icon");
  attachment.title = read("title", "title");
  attachment.title_link = read("title_link", "titlelink");
  for (config::Section& entry : section.Children("fields")) {
    Field field{Needed(entry, "title"), Needed(entry, "value"), entry.MaybeBool("short")};
    entry.Finish();
    attachment.fields.push_back(std::move(field));
  }
  attachment.thumb_url = section.Template("thumb_url");
  attachment.footer = section.Template("footer");
  attachment.footer_icon = section.Template("footer_icon");
  attachment.image_url = section.Template("image_url");
  return attachment;
}

std::optional<Priority> ReadPriority(config::Section& section) {
  std::optional<config::Section> child = section.Child("priority");
  if (!child) return std::nullopt;
  Priority priority;
  priority.priority = child->Template("priority");
  priority.requested_ack = child->Bool("requested_ack", false);
  priority.persistent_notifications = child->Bool("persistent_notifications", false);
  child->Finish();
  if (priority.priority.empty()) return std::nullopt;
  return priority;
}

}  // namespace

std::shared_ptr<const void> Parse(config::Section& section, const config::Global& global) {
  auto options = std::make_shared<Options>();
  options->webhook_url = section.SecretUrlOrFile("webhook_url", global.mattermost_webhook_url);
  if (options->webhook_url.empty() && !section.Has("webhook_url")) {
    section.Error("webhook_url", "missing webhook_url or webhook_url_file on mattermost_config",
                  "set one of them here, or mattermost_webhook_url in global");
  }
  options->channel = section.Template("channel");
  options->username =
      section.Template("username", "{{ template \"mattermost.default.username\" . }}");
  options->own = ReadAttachment(section, /*is_own=*/true);
  options->icon_url = section.Template("icon_url");
  options->icon_emoji = section.Template("icon_emoji");
  for (config::Section& entry : section.Children("attachments")) {
    options->attachments.push_back(ReadAttachment(entry, /*is_own=*/false));
    entry.Finish();
  }
  options->type = section.Template("type");
  if (std::optional<config::Section> props = section.Child("props")) {
    options->card = props->Template("card");
    props->Finish();
  }
  options->priority = ReadPriority(section);
  options->http = section.Http("http_config", global.http);
  return options;
}

}  // namespace watchfire::notify::mattermost
