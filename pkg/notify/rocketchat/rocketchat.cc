// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/rocketchat/rocketchat.h"

#include <initializer_list>
#include <utility>

#include "pkg/base/json.h"
#include "pkg/base/strings.h"
#include "pkg/notify/json_post.h"
#include "pkg/notify/rendering.h"

namespace watchfire::notify::rocketchat {
namespace {

constexpr std::initializer_list<int> kRetryCodes = {429};

constexpr size_t kTitleRunesMax = 1024;

void WriteUnlessEmpty(JsonWriter* json, std::string_view name, const std::string& value) {
  if (!value.empty()) json->Field(name, value);
}

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
  options->emoji = text("emoji", "emoji");
  options->icon_url = text("icon_url", "iconurl");
  options->image_url = section.Template("image_url");
  options->thumb_url = section.Template("thumb_url");
  section.Bool("link_names", false);  // Alertmanager takes it, too, and does nothing with it.
  ReadParts(section, options.get());
  options->http = section.Http("http_config", global.http);
  return options;
}

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
  const auto start = [](const std::shared_ptr<const void>& options, const Context& context) {
    return std::make_unique<RocketchatExchange>(std::static_pointer_cast<const Options>(options),
                                                context);
  };
  return {
      {"rocketchat", /*send_resolved_default=*/false, /*pages=*/false, Parse}, start, Promises()};
}

}  // namespace watchfire::notify::rocketchat
