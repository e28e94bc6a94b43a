// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/webhook/webhook.h"

#include <optional>
#include <utility>
#include <vector>

#include "pkg/base/strings.h"
#include "pkg/notify/json_post.h"
#include "pkg/notify/rendering.h"
#include "pkg/notify/start.h"
#include "pkg/notify/timeout.h"
#include "pkg/templates/to_json.h"

namespace watchfire::notify::webhook {
namespace {

class WebhookExchange final : public Exchange {
 public:
  WebhookExchange(std::shared_ptr<const Options> options, Context context)
      : options_(std::move(options)), context_(std::move(context)) {}

  Step Begin(const dispatch::Notification& notification) override {
    // Status and common labels are those of the alerts that are shown.
    const auto max = static_cast<size_t>(options_->max_alerts);
    std::optional<dispatch::Notification> cut;
    if (max > 0 && notification.alerts.size() > max) {
      cut = notification;
      cut->alerts.Cut(max);
    }
    const dispatch::Notification& shown = cut ? *cut : notification;
    Rendering message(context_, notification, shown);
    const auto revealed =
        RevealTemplate(options_->url, options_->url_file, "url", context_, &message);
    if (!revealed) return revealed.error();
    if (!message.status()) return message.Failed("failed to template webhook URL");
    const std::string url(Trim(*revealed));
    if (url.empty()) return Fail{"webhook URL is empty after templating", Failure::kOther};
    const SecretUrl split = SplitSecretUrl(url);
    if (split.shown.empty()) {
      return Fail{"the webhook URL is not one of http or https with a host", Failure::kOther};
    }
    secrets_ = split.secrets;
    const size_t truncated_alerts = notification.alerts.size() - shown.alerts.size();
    Result<std::string> body = Body(&message, shown, truncated_alerts);
    std::string flaw;
    if (!body) {
      // Alertmanager gives up here, and nobody is told.
      flaw = Excerpt("failed to render custom payload: " + body.error().message, secrets_);
      body = Payload(shown, message.route_labels(), truncated_alerts);
    }

    net::OutRequest request =
        JsonPost(context_, {url, split.shown, {}}, *std::move(body), options_);
    if (!options_->signing_secret.empty()) {
      const Status signed_now = Sign(&request);
      if (!signed_now) return Retry{{}, signed_now.error().message, Failure::kOther};
    }
    request.timeout = RequestTimeout(options_->timeout);
    return Send{std::move(request), std::move(flaw)};
  }

  Step OnResponse(const Result<net::OutResponse>& response) override {
    return TellTimeout(Classify(response, {}, secrets_), "webhook", options_->timeout);
  }
  bool only_judges() const override { return true; }

 private:
  // Errors: those of reading the secret's file, which may appear with the next mount.
  Status Sign(net::OutRequest* request) {
    const config::SecretSource& source = options_->signing_secret;
    const Result<std::string> secret = Reveal(source.value, source.file, context_);
    if (!secret) {
      return ::watchfire::Fail(secret.error().code,
                               "signing_secret_file: " + secret.error().message);
    }
    if (secret->empty()) return InvalidArgument("signing_secret_file: " + source.file + ": empty");
    secrets_.push_back(*secret);
    const std::string timestamp = std::to_string(
        std::chrono::floor<std::chrono::seconds>(context_.now()).time_since_epoch().count());
    request->headers.push_back({"X-Watchfire-Timestamp", timestamp});
    request->headers.push_back(
        {"X-Watchfire-Signature", Signature(*secret, timestamp, request->body)});
    return {};
  }

  Result<std::string> Body(Rendering* message, const dispatch::Notification& shown,
                           size_t truncated_alerts) const {
    if (shown.update) return UpdatePayload(shown);
    if (!options_->payload) return Payload(shown, message->route_labels(), truncated_alerts);
    const templates::Value payload = message->Tree(*options_->payload);
    WF_RETURN_IF_ERROR(message->status());
    Result<std::string> json = templates::ToJson(payload);
    if (json) *json += "\n";
    return json;
  }

  const std::shared_ptr<const Options> options_;
  const Context context_;
  std::vector<std::string> secrets_;
};

// Only who asks for it (`tell_acks`) is sent what is no notification.
unsigned Takes(const void* /*options*/, bool is_asked) {
  return is_asked ? config::kVendorEveryAct : 0;
}

Contract Promises() {
  return {.dedup = "`groupKey`, for the receiving side to know",
          .sources = {"https://prometheus.io/docs/alerting/latest/configuration/#webhook_config"}};
}

}  // namespace

Backend Describe() {
  return {
      {"webhook", /*send_resolved_default=*/true, /*pages=*/false, Parse, /*is_own=*/false, Takes},
      Starts<WebhookExchange, Options>(),
      Promises()};
}

}  // namespace watchfire::notify::webhook
