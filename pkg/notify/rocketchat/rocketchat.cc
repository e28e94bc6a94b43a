// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/rocketchat/rocketchat.h"

#include <initializer_list>
#include <utility>

#include "pkg/base/json.h"
#include "pkg/base/strings.h"
#include "pkg/notify/json_post.h"
#include "pkg/notify/rendering.h"
#include "pkg/notify/start.h"

namespace watchfire::notify::rocketchat {
namespace {

constexpr std::initializer_list<int> kRetryCodes = {429};

constexpr size_t kTitleRunesMax = 1024;

// In the order of Alertmanager's.
void WriteAttachment(const Options& options, Rendering* message, JsonWriter* json) {
  const auto write = [&](std::string_view name, const templates::Snippet& snippet) {
    WriteUnlessEmpty(json, name, message->Text(snippet));
  };
  json->StartObject();
  WriteUnlessEmpty(json, "title", message->Text(options.title, kTitleRunesMax));
  write("title_link", options.title_link);
  write("text", options.text);
  write("image_url", options.image_url);
  write("thumb_url", options.thumb_url);
  write("color", options.color);
  if (!options.fields.empty()) {
    json->Key("fields").StartArray();
    for (const Field& field : options.fields) {
      json->StartObject().Field("short", field.is_short);
      write("title", field.title);
      write("value", field.value);
      json->EndObject();
    }
    json->EndArray();
  }
  if (!options.actions.empty()) {
    json->Key("actions").StartArray();
    for (const Action& action : options.actions) {
      json->StartObject().Field("type", "button");
      write("text", action.text);
      write("url", action.url);
      json->Field("is_webview", false);
      write("msg", action.msg);
      json->Field("msg_in_chat_window", false).EndObject();
    }
    json->EndArray();
  }
  json->EndObject();
}

class RocketchatExchange final : public Exchange {
 public:
  RocketchatExchange(std::shared_ptr<const Options> options, Context context)
      : options_(std::move(options)), context_(std::move(context)) {}

  Step Begin(const dispatch::Notification& notification) override {
    // Alertmanager reads these files once; so do the others here, whenever they are needed.
    const Result<std::string> token = Reveal(options_->token.value, options_->token.file, context_);
    if (!token) return Retry{{}, "token_file: " + token.error().message, Failure::kOther};
    const Result<std::string> id =
        Reveal(options_->token_id.value, options_->token_id.file, context_);
    if (!id) return Retry{{}, "token_id_file: " + id.error().message, Failure::kOther};
    secrets_ = {*token, *id};

    Rendering message(context_, notification);
    channel_ = message.Text(options_->channel);
    JsonWriter json(/*escape_html=*/true);
    json.StartObject();
    WriteUnlessEmpty(&json, "channel", channel_);
    WriteUnlessEmpty(&json, "text", message.Text(options_->message_text));
    WriteUnlessEmpty(&json, "emoji", message.Text(options_->emoji));
    WriteUnlessEmpty(&json, "avatar", message.Text(options_->icon_url));
    json.Key("attachments").StartArray();
    WriteAttachment(*options_, &message, &json);
    json.EndArray().EndObject();
    if (!message.status()) return message.Failed();

    const std::string url = options_->api_url + "/api/v1/chat.postMessage";
    net::OutRequest request =
        JsonPost(context_, {url, ShownUrl(url), secrets_}, json.Take() + "\n", options_);
    request.headers.push_back({"X-Auth-Token", *token});
    request.headers.push_back({"X-User-Id", *id});
    return Send{std::move(request)};
  }

  Step OnResponse(const Result<net::OutResponse>& response) override {
    // 429 is worth a retry: the server takes so many requests a minute.
    Step step = Classify(response, kRetryCodes, secrets_);
    if (std::holds_alternative<Done>(step)) step = ReadResult(response->body);
    return InChannel(std::move(step), channel_);
  }

 private:
  // A refusal may come within a 200.
  Step ReadResult(const std::string& body) const {
    if (!IsJson(body)) {
      const std::string why = "could not unmarshal JSON response " + GoQuote(body);
      return Retry{{}, Excerpt(why, secrets_), Failure::kClientError};
    }
    if (AnswerBool(body, "/success").value_or(false)) return Done{};
    const std::string error = AnswerText(body, "/error").value_or("");
    return Fail{Excerpt("error response from Rocketchat: " + error, secrets_),
                Failure::kClientError};
  }

  const std::shared_ptr<const Options> options_;
  const Context context_;
  std::vector<std::string> secrets_;
  std::string channel_;
};

Contract Promises() {
  return {.limits = {{"title", kTitleRunesMax}},
          .retry_codes = kRetryCodes,
          .retries = "a 200 that is no JSON is retried",
          .dedup = "none: a repeated message is posted again",
          .sources = {"https://developer.rocket.chat/apidocs/post-message"},
          .accepted = R"({"success":true})"};
}

}  // namespace

Backend Describe() {
  return {{"rocketchat", /*send_resolved_default=*/false, /*pages=*/false, Parse},
          Starts<RocketchatExchange, Options>(),
          Promises()};
}

}  // namespace watchfire::notify::rocketchat
