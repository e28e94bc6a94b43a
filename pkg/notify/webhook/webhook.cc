// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/webhook/webhook.h"

#include <utility>
#include <vector>

#include "pkg/base/digest.h"
#include "pkg/base/json.h"
#include "pkg/base/strings.h"
#include "pkg/notify/group_json.h"
#include "pkg/notify/rendering.h"
#include "pkg/templates/to_json.h"

namespace watchfire::notify::webhook {
namespace {

constexpr Duration kUnboundedTimeout = std::chrono::hours(24);  // The flush ends long before.

// What people did to the incident: no alerts and no status, so that nobody takes it for a
// notification.
std::string UpdatePayload(const dispatch::Notification& about) {
  const dispatch::VendorUpdate& update = *about.update;
  JsonWriter json(/*escape_html=*/true);
  json.StartObject().Field("version", "4").Field("receiver", about.receiver);
  json.Field("groupKey", about.group_key).Key("groupLabels").StartObject();
  for (const labels::Label& label : about.group_labels) json.Field(label.name, label.value);
  json.EndObject().Field("externalURL", about.external_url).Key("incident").StartObject();
  json.Field("id", static_cast<int64_t>(update.incident));
  json.Field("action", dispatch::VendorActName(update.act)).Field("by", update.by);
  json.Field("text", update.text).Field("at", FormatRfc3339(update.at));
  return json.EndObject().EndObject().Take() + "\n";
}

// Only who asks for it (`tell_acks`) is sent what is no notification.
unsigned Takes(const void* /*options*/) {
  return config::kVendorAcknowledge | config::kVendorUnacknowledge | config::kVendorNote |
         config::kVendorResolve;
}

class WebhookExchange final : public Exchange {
 public:
  WebhookExchange(std::shared_ptr<const Options> options, Context context)
      : options_(std::move(options)), context_(std::move(context)) {}

  Step Begin(const dispatch::Notification& notification) override {
    // Status and common labels are those of the alerts that are shown.
    dispatch::Notification shown = notification;
    const auto max = static_cast<size_t>(options_->max_alerts);
    if (max > 0 && shown.alerts.size() > max) shown.alerts.resize(max);
    Rendering message(context_, shown);
    std::string url;
    if (options_->url_file.empty()) {
      url = message.SecretText(options_->url);
    } else {
      const Result<std::string> text = context_.read_file(options_->url_file);
      // The file may appear with the next mount of the secret, so this is worth another try.
      if (!text) return Retry{{}, "url_file: " + text.error().message, Failure::kOther};
      url = message.SecretText("url_file", *text);
    }
    if (!message.status()) return message.Failed("failed to template webhook URL");
    url = std::string(Trim(url));
    if (url.empty()) return Fail{"webhook URL is empty after templating", Failure::kOther};
    SecretUrl split = SplitSecretUrl(url);
    if (split.shown.empty()) {
      return Fail{"the webhook URL is not one of http or https with a host", Failure::kOther};
    }
    secrets_ = std::move(split.secrets);
    Result<std::string> body =
        Body(&message, shown, notification.alerts.size() - shown.alerts.size());
    if (!body) {
      return Fail{Excerpt("failed to render custom payload: " + body.error().message, secrets_),
                  Failure::kOther};
    }

    net::OutRequest request;
    request.url = Secret(url);
    request.shown_url = std::move(split.shown);
    request.headers = {{"Content-Type", "application/json"}, {"User-Agent", context_.user_agent}};
    request.body = *std::move(body);
    if (!options_->signing_secret.empty()) {
      const Status signed_now = Sign(&request);
      if (!signed_now) return Retry{{}, signed_now.error().message, Failure::kOther};
    }
    request.timeout = options_->timeout > Duration::zero() ? options_->timeout : kUnboundedTimeout;
    request.http = &options_->http;
    request.keep_alive = options_;
    return Send{std::move(request)};
  }

  Step OnResponse(const Result<net::OutResponse>& response) override {
    Step step = Classify(response, {}, secrets_);
    auto* retry = std::get_if<Retry>(&step);
    if (retry != nullptr && retry->failure == Failure::kDeadline && options_->timeout.count() > 0) {
      retry->why = "configured webhook timeout reached (" + FormatDuration(options_->timeout) +
                   "): " + retry->why;
    }
    return step;
  }

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

// A URL without templates is checked now, not when the page is due.
void ParseUrl(config::Section& section, Options* options) {
  options->url = section.SecretTemplate("url");
  const Secret url = section.SecretTemplateUrl("url");  // Last: it says what may be shown.
  options->url_file = section.String("url_file");
  section.Exclusive("url", "url_file");
  if (url.empty() && options->url_file.empty()) {
    section.Error("url", "one of url or url_file must be configured");
  }
}

std::shared_ptr<const void> Parse(config::Section& section, const config::Global& global) {
  auto options = std::make_shared<Options>();
  ParseUrl(section, options.get());
  options->max_alerts = section.Int("max_alerts", 0);
  if (options->max_alerts < 0) section.Error("max_alerts", "must not be negative", "0 sends all");
  options->timeout = section.GoDuration("timeout", Duration::zero());
  if (options->timeout != Duration::zero() && options->timeout < std::chrono::milliseconds(1)) {
    section.Error("timeout", "must be 0 or at least 1ms", "0 waits as long as the flush may take");
  }
  options->payload = section.Tree("payload");
  options->signing_secret = section.SecretOrFile("signing_secret");
  section.Own("signing_secret");
  section.Own("signing_secret_file");
  options->http = section.Http("http_config", global.http);
  return options;
}

Contract Promises() {
  return {.dedup = "`groupKey`, for the receiving side to know",
          .sources = {"https://prometheus.io/docs/alerting/latest/configuration/#webhook_config"}};
}

}  // namespace

Backend Describe() {
  const auto start = [](const std::shared_ptr<const void>& options, const Context& context) {
    return std::make_unique<WebhookExchange>(std::static_pointer_cast<const Options>(options),
                                             context);
  };
  return {
      {"webhook", /*send_resolved_default=*/true, /*pages=*/false, Parse, /*is_own=*/false, Takes,
       /*told_by_default=*/false},
      start,
      Promises()};
}

std::string Signature(const std::string& secret, const std::string& timestamp,
                      const std::string& body) {
  return "v1=" + Hex(HmacSha256(secret, timestamp + "." + body));
}

std::string Payload(const dispatch::Notification& shown, const labels::LabelSet& route_labels,
                    size_t truncated_alerts) {
  return GroupJson(
      shown, {.version = "4", .route_labels = route_labels, .truncated_alerts = truncated_alerts});
}

}  // namespace watchfire::notify::webhook
