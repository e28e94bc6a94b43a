// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/msteamsv2/msteamsv2.h"

#include <initializer_list>
#include <utility>
#include <vector>

#include "pkg/base/json.h"
#include "pkg/notify/json_post.h"
#include "pkg/notify/rendering.h"
#include "pkg/notify/start.h"

namespace watchfire::notify::msteamsv2 {
namespace {

constexpr std::initializer_list<int> kRetryCodes = {429};

constexpr size_t kBodyBytesMax = size_t{28} * 1024;  // What Teams takes of a workflow.

std::string Card(const std::string& title, const std::string& text, bool firing) {
  JsonWriter json(/*escape_html=*/true);
  json.StartObject().Field("type", "message").Key("attachments").StartArray().StartObject();
  json.Field("contentType", "application/vnd.microsoft.card.adaptive").Key("contentUrl").Null();
  json.Key("content").StartObject();
  json.Field("$schema", "http://adaptivecards.io/schemas/adaptive-card.json");
  json.Field("type", "AdaptiveCard").Field("version", "1.2").Key("body").StartArray();
  json.StartObject().Field("type", "TextBlock").Field("text", title).Field("weight", "Bolder");
  json.Field("size", "Medium").Field("wrap", true).Field("style", "heading");
  json.Field("color", firing ? "Attention" : "Good").EndObject();
  json.StartObject().Field("type", "TextBlock").Field("text", text).Field("wrap", true);
  json.EndObject().EndArray();
  json.Key("msteams").StartObject().Field("width", "full").EndObject();
  return json.EndObject().EndObject().EndArray().EndObject().Take() + "\n";
}

class TeamsExchange final : public Exchange {
 public:
  TeamsExchange(std::shared_ptr<const Options> options, Context context)
      : options_(std::move(options)), context_(std::move(context)) {}

  Step Begin(const dispatch::Notification& notification) override {
    auto target = RevealUrl(options_->webhook_url, "webhook_url", context_);
    if (!target) return std::move(target.error());
    secrets_ = target->secrets;

    Rendering message(context_, notification);
    const std::string title = message.Text(options_->title);
    const std::string text = message.Text(options_->text);
    if (!message.status()) return message.Failed();
    std::string body = FitBody(text, kBodyBytesMax, [&](const std::string& fitting) {
      return Card(title, fitting, notification.firing());
    });
    return Send{JsonPost(context_, *target, std::move(body), options_)};
  }

  Step OnResponse(const Result<net::OutResponse>& response) override {
    // 429 is worth a retry: a workflow is throttled by its owner's plan.
    return Classify(response, kRetryCodes, secrets_);
  }

 private:
  const std::shared_ptr<const Options> options_;
  const Context context_;
  std::vector<std::string> secrets_;
};

std::shared_ptr<const void> Parse(config::Section& section, const config::Global& global) {
  auto options = std::make_shared<Options>();
  options->webhook_url = ReadWebhookUrl(section);
  options->title = section.Template("title", "{{ template \"msteamsv2.default.title\" . }}");
  options->text = section.Template("text", "{{ template \"msteamsv2.default.text\" . }}");
  options->http = section.Http("http_config", global.http);
  // Of a global http_config the proxy counts here even where there is another http_config.
  config::ProxyConfig& proxy = options->http.proxy;
  if (proxy.url.empty() && !proxy.from_environment) proxy.url = global.http.proxy.url;
  return options;
}

Contract Promises() {
  return {.limits = {{"the whole message", kBodyBytesMax, "bytes", "has its text cut"}},
          .retry_codes = kRetryCodes,
          .dedup = "none: a repeated message is posted again",
          .sources = {"https://learn.microsoft.com/en-us/microsoftteams/platform/"
                      "webhooks-and-connectors/how-to/add-incoming-webhook",
                      "https://adaptivecards.io/explorer/"},
          .accepted_status = 202};
}

}  // namespace

Backend Describe() {
  return {{"msteamsv2", /*send_resolved_default=*/true, /*pages=*/false, Parse},
          Starts<TeamsExchange, Options>(),
          Promises()};
}

}  // namespace watchfire::notify::msteamsv2
