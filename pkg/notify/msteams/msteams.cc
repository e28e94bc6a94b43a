// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/msteams/msteams.h"

#include <initializer_list>
#include <utility>
#include <vector>

#include "pkg/base/json.h"
#include "pkg/notify/json_post.h"
#include "pkg/notify/rendering.h"
#include "pkg/notify/start.h"

namespace watchfire::notify::msteams {
namespace {

constexpr std::initializer_list<int> kRetryCodes = {429};

constexpr const char* kRed = "8C1A1A";
constexpr const char* kGreen = "2DC72D";

constexpr size_t kBodyBytesMax = size_t{28} * 1024;  // What a connector takes.

// What a connector says, with a 200, when Teams did not take what it was handed.
constexpr std::string_view kNotDelivered = "Webhook message delivery failed";

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
    const std::string summary = message.Text(options_->summary);
    const std::string text = message.Text(options_->text);
    if (!message.status()) return message.Failed();
    std::string body = FitBody(text, kBodyBytesMax, [&](const std::string& fitting) {
      JsonWriter json(/*escape_html=*/true);
      json.StartObject().Field("@context", "http://schema.org/extensions");
      json.Field("type", "MessageCard").Field("title", title).Field("summary", summary);
      json.Field("text", fitting).Field("themeColor", notification.firing() ? kRed : kGreen);
      return json.EndObject().Take() + "\n";
    });
    return Send{JsonPost(context_, *target, std::move(body), options_)};
  }

  Step OnResponse(const Result<net::OutResponse>& response) override {
    // 429 is worth a retry: a connector takes four messages a second.
    Step step = Classify(response, kRetryCodes, secrets_);
    if (!std::holds_alternative<Done>(step) || !response->body.starts_with(kNotDelivered)) {
      return step;
    }
    const bool limited = response->body.find("429") != std::string::npos;
    return Retry{RetryAfter(*response), Excerpt(response->body, secrets_),
                 limited ? Failure::kRateLimited : Failure::kServerError};
  }

 private:
  const std::shared_ptr<const Options> options_;
  const Context context_;
  std::vector<std::string> secrets_;
};

std::shared_ptr<const void> Parse(config::Section& section, const config::Global& global) {
  auto options = std::make_shared<Options>();
  options->webhook_url = ReadWebhookUrl(section);
  options->title = section.Template("title", "{{ template \"msteams.default.title\" . }}");
  options->summary = section.Template("summary", "{{ template \"msteams.default.summary\" . }}");
  options->text = section.Template("text", "{{ template \"msteams.default.text\" . }}");
  options->http = section.Http("http_config", global.http);
  return options;
}

Contract Promises() {
  return {
      .limits = {{"the whole message", kBodyBytesMax, "bytes", "has its text cut"}},
      .retry_codes = kRetryCodes,
      .retries = "a 200 that reports a failed delivery is retried",
      .dedup = "none: a repeated message is posted again",
      .sources =
          {"https://learn.microsoft.com/en-us/outlook/actionable-messages/message-card-reference"},
      .accepted = "1"};
}

}  // namespace

Backend Describe() {
  return {{"msteams", /*send_resolved_default=*/true, /*pages=*/false, Parse},
          Starts<TeamsExchange, Options>(),
          Promises()};
}

}  // namespace watchfire::notify::msteams
