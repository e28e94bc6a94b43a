// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/slack/message.h"

#include <utility>

#include "pkg/base/json.h"
#include "pkg/base/strings.h"
#include "pkg/notify/json_post.h"
#include "pkg/notify/rendering.h"
#include "pkg/notify/slack/blocks.h"
#include "pkg/notify/slack/buttons.h"

namespace watchfire::notify::slack {
namespace {

constexpr size_t kSaidMax = 4000;  // What Slack recommends for a text.

// `&`, `<` and `>` would be read as markup: "<!channel>" calls everybody.
std::string EscapeText(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '&') {
      escaped += "&amp;";
    } else if (c == '<') {
      escaped += "&lt;";
    } else if (c == '>') {
      escaped += "&gt;";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

void WriteActions(const std::vector<Action>& actions, Rendering* message, JsonWriter* json) {
  json->Key("actions").StartArray();
  for (const Action& action : actions) {
    json->StartObject();
    WriteUnlessEmpty(json, "type", message->Text(action.type));
    WriteUnlessEmpty(json, "text", message->Text(action.text));
    WriteUnlessEmpty(json, "url", message->Text(action.url));
    WriteUnlessEmpty(json, "style", message->Text(action.style));
    WriteUnlessEmpty(json, "name", message->Text(action.name));
    WriteUnlessEmpty(json, "value", message->Text(action.value));
    if (action.confirm) {
      json->Key("confirm").StartObject();
      WriteUnlessEmpty(json, "text", message->Text(action.confirm->text));
      WriteUnlessEmpty(json, "title", message->Text(action.confirm->title));
      WriteUnlessEmpty(json, "ok_text", message->Text(action.confirm->ok_text));
      WriteUnlessEmpty(json, "dismiss_text", message->Text(action.confirm->dismiss_text));
      json->EndObject();
    }
    json->EndObject();
  }
  json->EndArray();
}

void WriteFields(const std::vector<Field>& fields, Rendering* message, JsonWriter* json) {
  json->Key("fields").StartArray();
  for (const Field& field : fields) {
    json->StartObject();
    WriteUnlessEmpty(json, "title", message->Text(field.title));
    WriteUnlessEmpty(json, "value", message->Text(field.value));
    json->Field("short", field.is_short).EndObject();
  }
  json->EndArray();
}

// In the order of Alertmanager's.
std::string Attachment(const Options& options, Rendering* message) {
  JsonWriter json(/*escape_html=*/true);
  json.StartArray().StartObject();
  WriteUnlessEmpty(&json, "title", message->Text(options.title, kTitleRunesMax));
  WriteUnlessEmpty(&json, "title_link", message->Text(options.title_link));
  WriteUnlessEmpty(&json, "pretext", message->Text(options.pretext));
  json.Field("text", message->Text(options.text));
  json.Field("fallback", message->Text(options.fallback));
  json.Field("callback_id", message->Text(options.callback_id));
  if (!options.fields.empty()) WriteFields(options.fields, message, &json);
  if (!options.actions.empty()) WriteActions(options.actions, message, &json);
  WriteUnlessEmpty(&json, "image_url", message->Text(options.image_url));
  WriteUnlessEmpty(&json, "thumb_url", message->Text(options.thumb_url));
  json.Field("footer", message->Text(options.footer));
  WriteUnlessEmpty(&json, "color", message->Text(options.color));
  json.Key("mrkdwn_in").StartArray();
  for (const std::string& field : options.mrkdwn_in) json.String(field);
  return json.EndArray().EndObject().EndArray().Take();
}

// The blocks stand in an attachment for its coloured bar, with which nothing else of one goes.
Result<std::string> BlocksAttachment(const Options& options, Rendering* message) {
  JsonWriter json(/*escape_html=*/true);
  json.StartArray().StartObject();
  json.Field("fallback", message->Text(options.fallback));
  WriteUnlessEmpty(&json, "color", message->Text(options.color));
  const Result<std::string> blocks = BlocksJson(*options.blocks, message);
  if (!blocks) return watchfire::Fail(blocks.error());
  json.Key("blocks").Raw(*blocks);
  return json.EndObject().EndArray().Take();
}

}  // namespace

Message Render(const Options& options, const Context& context,
               const dispatch::Notification& notification) {
  Message message;
  Status status;
  if (options.blocks) {
    Rendering blocks(context, notification);
    Result<std::string> attachments = BlocksAttachment(options, &blocks);
    if (attachments) message.attachments = *std::move(attachments);
    if (!attachments) status = watchfire::Fail(attachments.error());
  }
  Rendering rest(context, notification);
  if (message.attachments.empty()) message.attachments = Attachment(options, &rest);
  if (!options.incident_buttons.empty() && !context.ack_url.empty() && notification.firing()) {
    message.attachments.pop_back();
    message.attachments += "," + ButtonsAttachment(options.incident_buttons, context.ack_url) + "]";
  }
  message.username = rest.Text(options.username);
  message.icon_emoji = rest.Text(options.icon_emoji);
  message.icon_url = rest.Text(options.icon_url);
  message.link_names = options.link_names;
  message.text = rest.Text(options.message_text);
  if (status) status = rest.status();
  if (!status) {
    if (!message.text.empty()) message.text += "\n";
    message.flaw = Excerpt(status.error().message, {});
    message.text += "This message is incomplete: " + message.flaw;
  }
  return message;
}

Message Telling(const Options& options, const Context& context,
                const dispatch::Notification& notification) {
  const std::string sentence =
      EscapeText(TruncateRunes(dispatch::Sentence(*notification.update), kSaidMax));
  Message message;
  Rendering rendering(context, notification);
  message.text = rendering.Text(options.update_text, kSaidMax);
  if (message.text.empty()) message.text = sentence;
  message.attachments = "[]";
  if (!options.remembers()) {
    JsonWriter json(/*escape_html=*/true);
    json.StartArray().StartObject();
    WriteUnlessEmpty(&json, "title", rendering.Text(options.title, kTitleRunesMax));
    WriteUnlessEmpty(&json, "title_link", rendering.Text(options.title_link));
    json.Field("fallback", rendering.Text(options.fallback));
    message.attachments = json.EndObject().EndArray().Take();
    message.username = rendering.Text(options.username);
    message.icon_emoji = rendering.Text(options.icon_emoji);
    message.icon_url = rendering.Text(options.icon_url);
  }
  if (!rendering.status()) {
    message.flaw = Excerpt(rendering.status().error().message, {});
    message.text += "\nThis message is incomplete: " + message.flaw;
  }
  return message;
}

std::string Json(const Message& message, const Place& place) {
  JsonWriter json(/*escape_html=*/true);
  json.StartObject();
  WriteUnlessEmpty(&json, "channel", place.channel);
  WriteUnlessEmpty(&json, "ts", place.ts);
  WriteUnlessEmpty(&json, "thread_ts", place.thread_ts);
  WriteUnlessEmpty(&json, "username", message.username);
  WriteUnlessEmpty(&json, "icon_emoji", message.icon_emoji);
  WriteUnlessEmpty(&json, "icon_url", message.icon_url);
  if (message.link_names) json.Field("link_names", true);
  WriteUnlessEmpty(&json, "text", message.text);
  json.Key("attachments").Raw(message.attachments);
  return json.EndObject().Take() + "\n";
}

}  // namespace watchfire::notify::slack
