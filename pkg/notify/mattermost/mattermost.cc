// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/mattermost/mattermost.h"

#include <initializer_list>
#include <utility>

#include "pkg/base/json.h"
#include "pkg/base/strings.h"
#include "pkg/notify/json_post.h"
#include "pkg/notify/rendering.h"

namespace watchfire::notify::mattermost {
namespace {

constexpr std::initializer_list<int> kRetryCodes = {429};

using templates::Snippet;

constexpr size_t kTextRunesMax = 16'383;

void WriteUnlessEmpty(JsonWriter* json, std::string_view name, const std::string& value) {
  if (!value.empty()) json->Field(name, value);
}

// In the order of Alertmanager's.
void WriteAttachment(const Attachment& attachment, Rendering* message, JsonWriter* json) {
  json->StartObject();
  const auto write = [&](std::string_view name, const Snippet& snippet) {
    WriteUnlessEmpty(json, name, message->Text(snippet));
  };
  write("fallback", attachment.fallback);
  write("color", attachment.color);
  write("pretext", attachment.pretext);
  write("text", attachment.text);
  write("author_name", attachment.author_name);
  write("author_link", attachment.author_link);
  write("author_icon", attachment.author_icon);
  write("title", attachment.title);
  write("title_link", attachment.title_link);
  if (!attachment.fields.empty()) {
    json->Key("fields").StartArray();
    for (const Field& field : attachment.fields) {
      json->StartObject();
      write("title", field.title);
      write("value", field.value);
      if (field.is_short) json->Field("short", *field.is_short);
      json->EndObject();
    }
    json->EndArray();
  }
  write("thumb_url", attachment.thumb_url);
  write("footer", attachment.footer);
  write("footer_icon", attachment.footer_icon);
  write("image_url", attachment.image_url);
  json->EndObject();
}

// What Mattermost would refuse or ignore is not asked for.
void WritePriority(const Priority& priority, Rendering* message, JsonWriter* json) {
  std::string level = ToLower(message->Text(priority.priority));
  if (level != "urgent" && level != "important") level = "standard";
  json->Key("priority").StartObject().Field("priority", level);
  if (priority.requested_ack && level != "standard") json->Field("requested_ack", true);
  if (priority.persistent_notifications && level == "urgent") {
    json->Field("persistent_notifications", true);
  }
  json->EndObject();
}

class MattermostExchange final : public Exchange {
 public:
  MattermostExchange(std::shared_ptr<const Options> options, Context context)
      : options_(std::move(options)), context_(std::move(context)) {}

  Step Begin(const dispatch::Notification& notification) override {
    auto target = RevealUrl(options_->webhook_url, "webhook_url", context_);
    if (!target) return std::move(target.error());
    secrets_ = target->secrets;
    Rendering message(context_, notification);
    channel_ = message.Text(options_->channel);
    std::string body = Body(&message);
    if (!message.status()) return message.Failed();
    return Send{JsonPost(context_, *target, std::move(body), options_)};
  }

  Step OnResponse(const Result<net::OutResponse>& response) override {
    // 429 is worth a retry: servers limit requests a second.
    Step step = Classify(response, kRetryCodes, secrets_);
    return InChannel(std::move(step), channel_);
  }

 private:
  std::string Body(Rendering* message) const {
    const bool lists = !options_->attachments.empty();
    JsonWriter json(/*escape_html=*/true);
    json.StartObject();
    if (lists) {
      const std::string text = message->Text(options_->own.text);
      WriteUnlessEmpty(&json, "text", TruncateRunes(text, kTextRunesMax));
    }
    WriteUnlessEmpty(&json, "channel", channel_);
    WriteUnlessEmpty(&json, "username", message->Text(options_->username));
    WriteUnlessEmpty(&json, "icon_url", message->Text(options_->icon_url));
    WriteUnlessEmpty(&json, "icon_emoji", message->Text(options_->icon_emoji));
    json.Key("attachments").StartArray();
    if (!lists) WriteAttachment(options_->own, message, &json);
    for (const Attachment& attachment : options_->attachments) {
      WriteAttachment(attachment, message, &json);
    }
    json.EndArray();
    WriteUnlessEmpty(&json, "type", message->Text(options_->type));
    if (!options_->card.empty()) {
      json.Key("props").StartObject();
      WriteUnlessEmpty(&json, "card", message->Text(options_->card));
      json.EndObject();
    }
    if (options_->priority) WritePriority(*options_->priority, message, &json);
    return json.EndObject().Take() + "\n";
  }

  const std::shared_ptr<const Options> options_;
  const Context context_;
  std::vector<std::string> secrets_;
  std::string channel_;
};

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

Contract Promises() {
  return {.limits = {{"text", kTextRunesMax}},
          .retry_codes = kRetryCodes,
          .dedup = "none: a repeated message is posted again",
          .sources = {"https://developers.mattermost.com/integrate/webhooks/incoming/",
                      "https://developers.mattermost.com/integrate/reference/message-attachments/"},
          .accepted = "ok"};
}

}  // namespace

Backend Describe() {
  const auto start = [](const std::shared_ptr<const void>& options, const Context& context) {
    return std::make_unique<MattermostExchange>(std::static_pointer_cast<const Options>(options),
                                                context);
  };
  return {
      {"mattermost", /*send_resolved_default=*/true, /*pages=*/false, Parse}, start, Promises()};
}

}  // namespace watchfire::notify::mattermost
