// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/pagerduty/pagerduty.h"

#include <initializer_list>
#include <utility>

#include <simdjson.h>

#include "pkg/base/strings.h"
#include "pkg/notify/json_post.h"
#include "pkg/notify/pagerduty/event.h"
#include "pkg/notify/rendering.h"
#include "pkg/notify/start.h"
#include "pkg/notify/timeout.h"
#include "pkg/templates/to_json.h"

namespace watchfire::notify::pagerduty {
namespace {

constexpr std::initializer_list<int> kRetryCodes = {429};
constexpr std::initializer_list<int> kRetryCodesV1 = {403};

// What the API says is wrong with an event: "<message>: <error>,<error>". "" when it does not.
std::string WhatIsWrong(const std::string& body) {
  simdjson::dom::parser parser;
  simdjson::dom::element json;
  std::string_view message;
  if (parser.parse(simdjson::padded_string(body)).get(json) != simdjson::SUCCESS ||
      json["message"].get(message) != simdjson::SUCCESS) {
    return "";
  }
  std::vector<std::string> errors;
  simdjson::dom::array list;
  if (json["errors"].get(list) == simdjson::SUCCESS) {
    for (const simdjson::dom::element error : list) {
      std::string_view text;
      if (error.get(text) == simdjson::SUCCESS) errors.emplace_back(text);
    }
  }
  return std::string(message) + ": " + Join(errors, ",");
}

// The API may take an event and say that it is not one. Anything that is not that answer is taken
// for success, as the status says.
Step ReadResult(const net::OutResponse& response, const std::vector<std::string>& secrets) {
  simdjson::dom::parser parser;
  simdjson::dom::element json;
  std::string_view status;
  if (parser.parse(simdjson::padded_string(response.body)).get(json) != simdjson::SUCCESS ||
      json["status"].get(status) != simdjson::SUCCESS || status == "success") {
    return Done{};
  }
  const std::string why = "PagerDuty did not take the event: " + std::string(status) + ": " +
                          WhatIsWrong(response.body);
  return Fail{Excerpt(why, secrets), Failure::kClientError};
}

class PagerDutyExchange final : public Exchange {
 public:
  PagerDutyExchange(std::shared_ptr<const Options> options, Context context)
      : options_(std::move(options)), context_(std::move(context)) {}

  Step Begin(const dispatch::Notification& notification) override {
    const bool v1 = options_->is_v1();
    Rendering message(context_, notification);
    const auto key = v1 ? RevealTemplate(options_->service_key, options_->service_key_file,
                                         "service_key", context_, &message)
                        : RevealTemplate(options_->routing_key, options_->routing_key_file,
                                         "routing_key", context_, &message);
    if (!key) return As(Failure::kFileRead, key.error());
    secrets_ = {*key};
    Rendering apart(context_, notification);  // Details that are too long spoil nothing else.
    const Result<std::string> details = Details(apart);
    if (!details && details.error().code != Code::kExhausted) {
      return apart.status()
                 ? Unwritable(details.error())
                 : As(Failure::kTemplate, apart.Failed("failed to template PagerDuty details"));
    }
    std::string body = Event(notification, *options_, *key, details.value_or(""), &message);
    if (!message.status()) {
      const char* const version = v1 ? "v1" : "v2";
      return As(Failure::kTemplate, message.Failed(std::string("failed to template PagerDuty ") +
                                                   version + " message"));
    }
    if (key->empty()) {
      return Fail{v1 ? "service key cannot be empty" : "routing key cannot be empty",
                  Failure::kConfig};
    }

    const std::string& url = v1 ? options_->url_v1 : options_->url;
    net::OutRequest request =
        JsonPost(context_, {url, ShownUrl(url), {}}, std::move(body), options_);
    request.timeout = RequestTimeout(options_->timeout);
    return Send{std::move(request)};
  }

  Step OnResponse(const Result<net::OutResponse>& response) override {
    Result<net::OutResponse> told = response;
    if (response && response->status == 400) {
      const std::string wrong = WhatIsWrong(response->body);
      if (!wrong.empty()) told->body = wrong;
    }
    // v1 limits its callers with 403.
    const bool v1 = options_->is_v1();
    Step step = Classify(told, v1 ? kRetryCodesV1 : kRetryCodes, secrets_);
    if (std::holds_alternative<Done>(step)) return ReadResult(*response, secrets_);
    step = TellTimeout(std::move(step), "pagerduty", options_->timeout);
    auto* retry = std::get_if<Retry>(&step);
    if (retry != nullptr && v1 && response && response->status == 403) {
      retry->failure = Failure::kRateLimited;
    }
    if (!response && retry != nullptr && retry->failure == Failure::kOther) {
      retry->failure = Failure::kRequest;
    }
    return step;
  }

 private:
  // `step`, which does not go on, for the reason that Alertmanager has for it.
  static Step As(Failure failure, Step step) {
    if (auto* fail = std::get_if<Fail>(&step)) fail->failure = failure;
    if (auto* retry = std::get_if<Retry>(&step)) retry->failure = failure;
    return step;
  }

  static Step Unwritable(const Error& error) {
    return Fail{Excerpt("failed to encode PagerDuty message: " + error.message, {}),
                Failure::kEncoding};
  }

  Result<std::string> Details(Rendering& message) const {
    const templates::Value details = message.Tree(options_->details);
    WF_RETURN_IF_ERROR(message.status());
    return templates::ToJson(details);
  }

  const std::shared_ptr<const Options> options_;
  const Context context_;
  std::vector<std::string> secrets_;
};

// Notes, and what is acknowledged no more, have no event: they would take a key of the REST API.
unsigned Takes(const void* /*options*/, bool /*is_asked*/) {
  return config::kVendorAcknowledge | config::kVendorResolve;
}

Contract Promises() {
  return {.limits = {{"description", kSummaryRunesMax},
                     {"the whole event", kEventBytesMax, "bytes", "loses its custom details"}},
          .retry_codes = kRetryCodes,
          .retries = "Events v1 (`service_key`) is limited by 403 instead",
          .dedup = "`dedup_key`, in v1 `incident_key`: the SHA-256 of the group key",
          .sources = {"https://developer.pagerduty.com/docs/events-api-v2/trigger-events/",
                      "https://developer.pagerduty.com/docs/events-api-v1/trigger-events/"},
          .accepted = R"({"status":"success","message":"Event processed"})",
          .accepted_status = 202};
}

}  // namespace

Backend Describe() {
  return {
      {"pagerduty", /*send_resolved_default=*/true, /*pages=*/true, Parse, /*is_own=*/false, Takes},
      Starts<PagerDutyExchange, Options>(),
      Promises()};
}

}  // namespace watchfire::notify::pagerduty
