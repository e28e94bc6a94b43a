// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/webex/webex.h"

#include <initializer_list>
#include <utility>

#include "pkg/base/json.h"
#include "pkg/notify/json_post.h"
#include "pkg/notify/rendering.h"
#include "pkg/notify/start.h"

namespace watchfire::notify::webex {
namespace {

constexpr std::initializer_list<int> kRetryCodes = {429};

constexpr size_t kMessageBytesMax = 7439;

class WebexExchange final : public Exchange {
 public:
  WebexExchange(std::shared_ptr<const Options> options, Context context)
      : options_(std::move(options)), context_(std::move(context)) {}

  Step Begin(const dispatch::Notification& notification) override {
    Rendering message(context_, notification);
    const std::string text = TruncateBytes(message.Text(options_->message), kMessageBytesMax);
    const std::string room = message.Text(options_->room_id);
    if (!message.status()) return message.Failed();

    JsonWriter json(/*escape_html=*/true);
    json.StartObject().Field("markdown", text);
    if (!room.empty()) json.Field("roomId", room);
    const Target target{options_->api_url, ShownUrl(options_->api_url), {}};
    return Send{JsonPost(context_, target, json.EndObject().Take() + "\n", options_)};
  }

  Step OnResponse(const Result<net::OutResponse>& response) override {
    // 429 is worth a retry: Webex says how long to wait.
    const auto& authorization = options_->http.authorization;
    return Classify(response, kRetryCodes,
                    {authorization ? authorization->credentials.reveal() : std::string()});
  }

 private:
  const std::shared_ptr<const Options> options_;
  const Context context_;
};

std::shared_ptr<const void> Parse(config::Section& section, const config::Global& global) {
  auto options = std::make_shared<Options>();
  options->api_url = section.Url("api_url", global.webex_api_url);
  if (options->api_url.empty()) section.Error("api_url", "no global Webex URL set");
  options->room_id = section.Template("room_id");
  if (options->room_id.empty() && section.String("room_id").empty()) {
    section.Error("room_id", "missing room_id on webex_config");
  }
  options->message = section.Template("message", "{{ template \"webex.default.message\" . }}");
  options->http = section.Http("http_config", global.http);
  // The room takes the token of its bot, so that of `global` does not count.
  if (!section.Has("http_config") || !options->http.authorization) {
    section.Error("http_config", "missing webex_configs.http_config.authorization",
                  "the bot's token, as credentials or credentials_file");
  }
  return options;
}

Contract Promises() {
  return {.limits = {{"message", kMessageBytesMax, "bytes"}},
          .retry_codes = kRetryCodes,
          .dedup = "none: a repeated message is posted again",
          .sources = {"https://developer.webex.com/docs/api/v1/messages/create-a-message"},
          .accepted = R"({"id":"rehearsal"})"};
}

}  // namespace

Backend Describe() {
  return {{"webex", /*send_resolved_default=*/true, /*pages=*/false, Parse},
          Starts<WebexExchange, Options>(),
          Promises()};
}

}  // namespace watchfire::notify::webex
