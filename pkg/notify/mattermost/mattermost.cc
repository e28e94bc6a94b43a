// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/mattermost/mattermost.h"

#include <initializer_list>
#include <utility>

#include "pkg/base/json.h"
#include "pkg/base/strings.h"
#include "pkg/notify/json_post.h"
#include "pkg/notify/rendering.h"
#include "pkg/notify/start.h"

namespace watchfire::notify::mattermost {
namespace {

constexpr std::initializer_list<int> kRetryCodes = {429};

using templates::Snippet;

constexpr size_t kTextRunesMax = 16'383;

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
  return {{"mattermost", /*send_resolved_default=*/true, /*pages=*/false, Parse},
          Starts<MattermostExchange, Options>(),
          Promises()};
}

}  // namespace watchfire::notify::mattermost
