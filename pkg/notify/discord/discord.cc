// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/discord/discord.h"

#include <initializer_list>
#include <utility>
#include <vector>

#include "pkg/base/json.h"
#include "pkg/base/strings.h"
#include "pkg/notify/json_post.h"
#include "pkg/notify/rendering.h"
#include "pkg/notify/start.h"

namespace watchfire::notify::discord {
namespace {

constexpr std::initializer_list<int> kRetryCodes = {429};

// The vendor's limits, in characters.
constexpr size_t kTitleRunesMax = 256;
constexpr size_t kMessageRunesMax = 4096;
constexpr size_t kContentRunesMax = 2000;

constexpr int kRed = 0x992D22;
constexpr int kGreen = 0x2ECC71;

class DiscordExchange final : public Exchange {
 public:
  DiscordExchange(std::shared_ptr<const Options> options, Context context)
      : options_(std::move(options)), context_(std::move(context)) {}

  Step Begin(const dispatch::Notification& notification) override {
    auto target = RevealUrl(options_->webhook_url, "webhook_url", context_);
    if (!target) return std::move(target.error());
    secrets_ = target->secrets;

    Rendering message(context_, notification);
    const std::string title = message.Text(options_->title, kTitleRunesMax);
    const std::string text = message.Text(options_->message, kMessageRunesMax);
    const std::string content = message.Text(options_->content, kContentRunesMax);
    if (!message.status()) return message.Failed();

    JsonWriter json(/*escape_html=*/true);
    json.StartObject().Field("content", content).Key("embeds").StartArray().StartObject();
    json.Field("title", title).Field("description", text);
    json.Field("color", notification.firing() ? kRed : kGreen).EndObject().EndArray();
    if (!options_->username.empty()) json.Field("username", options_->username);
    if (!options_->avatar_url.empty()) json.Field("avatar_url", options_->avatar_url);
    return Send{JsonPost(context_, *target, json.EndObject().Take() + "\n", options_)};
  }

  Step OnResponse(const Result<net::OutResponse>& response) override {
    // 429 is worth a retry: a webhook takes some 30 messages a minute, and says when to come back.
    Step step = Classify(response, kRetryCodes, secrets_);
    return response ? WithRetryAfterOf(std::move(step), response->body, "/retry_after") : step;
  }

 private:
  const std::shared_ptr<const Options> options_;
  const Context context_;
  std::vector<std::string> secrets_;
};

std::shared_ptr<const void> Parse(config::Section& section, const config::Global& global) {
  auto options = std::make_shared<Options>();
  options->webhook_url = ReadWebhookUrl(section);
  options->content = section.Template("content");
  options->title = section.Template("title", "{{ template \"discord.default.title\" . }}");
  options->message = section.Template("message", "{{ template \"discord.default.message\" . }}");
  options->username = section.String("username");
  options->avatar_url = section.String("avatar_url");
  options->http = section.Http("http_config", global.http);
  return options;
}

Contract Promises() {
  return {.limits = {{"title", kTitleRunesMax},
                     {"message", kMessageRunesMax},
                     {"content", kContentRunesMax}},
          .retry_codes = kRetryCodes,
          .retries = "`retry_after` of the answer is obeyed, too",
          .dedup = "none: a repeated message is posted again",
          .sources = {"https://discord.com/developers/docs/resources/webhook",
                      "https://discord.com/developers/docs/topics/rate-limits"}};
}

}  // namespace

Backend Describe() {
  return {{"discord", /*send_resolved_default=*/true, /*pages=*/false, Parse},
          Starts<DiscordExchange, Options>(),
          Promises()};
}

}  // namespace watchfire::notify::discord
