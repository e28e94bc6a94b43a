// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/incidentio/incidentio.h"

#include <initializer_list>
#include <utility>
#include <vector>

#include <simdjson.h>

#include "pkg/base/strings.h"
#include "pkg/notify/group_json.h"
#include "pkg/notify/rendering.h"
#include "pkg/notify/start.h"
#include "pkg/notify/timeout.h"

namespace watchfire::notify::incidentio {
namespace {

constexpr std::initializer_list<int> kRetryCodes = {429};

constexpr size_t kBodyBytesMax = 512 * 1024;  // The vendor's limit.

// What the API says went wrong, "" when it does not: "message", "error", and "errors", which are
// texts or objects with a "message".
std::string WhatIsWrong(const std::string& body) {
  simdjson::dom::parser parser;
  simdjson::dom::object json;
  if (parser.parse(simdjson::padded_string(body)).get(json) != simdjson::SUCCESS) return "";
  std::vector<std::string> parts;
  for (const char* key : {"message", "error"}) {
    std::string_view text;
    if (json[key].get(text) == simdjson::SUCCESS && !text.empty()) parts.emplace_back(text);
  }
  std::vector<std::string> errors;
  simdjson::dom::array list;
  if (json["errors"].get(list) == simdjson::SUCCESS) {
    for (const simdjson::dom::element error : list) {
      std::string_view text;
      const bool is_text = error.get(text) == simdjson::SUCCESS;
      if (is_text || error["message"].get(text) == simdjson::SUCCESS) errors.emplace_back(text);
    }
  }
  if (!errors.empty()) parts.push_back(Join(errors, ", "));
  return Join(parts, ": ");
}

class IncidentioExchange final : public Exchange {
 public:
  IncidentioExchange(std::shared_ptr<const Options> options, Context context)
      : options_(std::move(options)), context_(std::move(context)) {}

  Step Begin(const dispatch::Notification& notification) override {
    std::string url = options_->url;
    if (!options_->url_file.empty()) {
      const Result<std::string> text = context_.read_file(options_->url_file);
      // The file may appear with the next mount of the secret, so this is worth another try.
      if (!text) return Retry{{}, "url_file: " + text.error().message, Failure::kOther};
      url = *text;
    }
    if (SplitSecretUrl(url).shown.empty()) {
      return Fail{"the incident.io URL is not one of http or https with a host", Failure::kOther};
    }
    const Result<std::string> token = Reveal(options_->token.value, options_->token.file, context_);
    if (!token) {
      return Retry{{}, "alert_source_token_file: " + token.error().message, Failure::kOther};
    }
    secrets_ = {*token};

    net::OutRequest request;
    request.url = Secret(url);
    request.shown_url = ShownUrl(url);
    request.headers = {{"Content-Type", "application/json"}, {"User-Agent", context_.user_agent}};
    if (!token->empty()) request.headers.push_back({"Authorization", "Bearer " + *token});
    Rendering message(context_, notification);
    if (!message.status()) return message.Failed("failed to render route labels");
    request.body = Body(notification, &message);
    if (!message.status()) return message.Failed("failed to render metadata");
    request.timeout = RequestTimeout(options_->timeout);
    request.http = &options_->http;
    request.keep_alive = options_;
    return Send{std::move(request)};
  }

  Step OnResponse(const Result<net::OutResponse>& response) override {
    Result<net::OutResponse> told = response;
    if (told && told->status / 100 != 2) {
      const std::string wrong = WhatIsWrong(told->body);
      if (!wrong.empty()) told->body = wrong;
    }
    return TellTimeout(Classify(told, kRetryCodes, secrets_), "incident.io", options_->timeout);
  }

 private:
  std::string Body(const dispatch::Notification& notification, Rendering* message) const {
    dispatch::Notification shown = notification;
    const auto max = static_cast<size_t>(options_->max_alerts);
    if (max > 0) shown.alerts.Cut(max);
    const size_t all = notification.alerts.size();
    GroupJsonOptions options{.version = "1",
                             .route_labels = message->route_labels(),
                             .truncated_alerts = all - shown.alerts.size()};
    for (const auto& [key, value] : options_->metadata) {
      options.metadata[key] = message->Text(value);
    }
    std::string body = GroupJson(shown, options);
    // One alert of the group is enough to know it; all in one message would be refused.
    if (body.size() <= kBodyBytesMax) return body;
    options.truncated_alerts = all - 1;
    options.listed_max = 1;
    return GroupJson(shown, options);
  }

  const std::shared_ptr<const Options> options_;
  const Context context_;
  std::vector<std::string> secrets_;
};

Contract Promises() {
  return {.limits = {{"the whole message", kBodyBytesMax, "bytes", "lists the first alert only"}},
          .retry_codes = kRetryCodes,
          .dedup = "the group key, in the message",
          .sources = {"https://prometheus.io/docs/alerting/latest/configuration/#incidentio_config",
                      "https://api-docs.incident.io/tag/Alert-Events-V2"},
          .accepted = R"({"status":"success"})",
          .accepted_status = 202};
}

}  // namespace

Backend Describe() {
  return {{"incidentio", /*send_resolved_default=*/true, /*pages=*/true, Parse},
          Starts<IncidentioExchange, Options>(),
          Promises()};
}

}  // namespace watchfire::notify::incidentio
