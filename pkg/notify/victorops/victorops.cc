// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/victorops/victorops.h"

#include <initializer_list>
#include <utility>
#include <vector>

#include "pkg/base/strings.h"
#include "pkg/notify/json_post.h"
#include "pkg/notify/rendering.h"
#include "pkg/notify/start.h"
#include "pkg/notify/victorops/message.h"

namespace watchfire::notify::victorops {
namespace {

constexpr std::initializer_list<int> kRetryCodes = {429};

// The endpoint may refuse a message and still answer 200. Anything that is not that answer is
// taken for success, as the status says.
Step ReadResult(const net::OutResponse& response, const std::vector<std::string>& secrets) {
  if (AnswerText(response.body, "/result") != "failure") return Done{};
  const std::string message = AnswerText(response.body, "/message").value_or("no reason given");
  return Fail{"VictorOps refused the message: " + Excerpt(message, secrets), Failure::kClientError};
}

class VictorOpsExchange final : public Exchange {
 public:
  VictorOpsExchange(std::shared_ptr<const Options> options, Context context)
      : options_(std::move(options)), context_(std::move(context)) {}

  Step Begin(const dispatch::Notification& notification) override {
    const Result<std::string> key = Reveal(options_->api_key, options_->api_key_file, context_);
    // The file may appear with the next mount of the secret, so this is worth another try.
    if (!key) return Retry{{}, "api_key_file: " + key.error().message, Failure::kOther};
    if (key->empty()) return Fail{"VictorOps API key is empty", Failure::kAuth};
    secrets_ = {*key, UrlEncode(*key)};

    Rendering message(context_, notification);
    const std::string tail = "/" + UrlEncode(message.Text(options_->routing_key));
    if (!message.status()) return message.Failed("failed to template VictorOps routing key");
    Result<std::string> body = MessageJson(notification, *options_, &message);
    // As Alertmanager does: a page is worth another try even if it is bound to fail.
    if (!body) return Retry{{}, Excerpt("templating error: " + body.error().message, secrets_)};

    const Target target{options_->api_url + UrlEncode(*key) + tail,
                        options_->api_url + Secret::masked() + tail,
                        {}};
    return Send{JsonPost(context_, target, *std::move(body), options_)};
  }

  Step OnResponse(const Result<net::OutResponse>& response) override {
    // 429 is worth a retry: the limit is 150 messages a minute, and a lost page is worse.
    const Step step = Classify(response, kRetryCodes, secrets_);
    return std::holds_alternative<Done>(step) ? ReadResult(*response, secrets_) : step;
  }

 private:
  const std::shared_ptr<const Options> options_;
  const Context context_;
  std::vector<std::string> secrets_;
};

// Nothing takes an incident out of its ack there but the organisation's own time-out.
unsigned Takes(const void* /*options*/, bool /*is_asked*/) {
  return config::kVendorAcknowledge | config::kVendorNote | config::kVendorResolve;
}

Contract Promises() {
  return {.limits = {{"entity_display_name", kNameRunesMax}, {"state_message", kMessageRunesMax}},
          .retry_codes = kRetryCodes,
          .retries = "a 200 with `result: failure` is final",
          .dedup = "`entity_id`, the SHA-256 of the group key",
          .sources = {"https://help.victorops.com/knowledge-base/rest-endpoint-integration-guide/"},
          .accepted = R"({"result":"success"})"};
}

}  // namespace

Backend Describe() {
  return {
      {"victorops", /*send_resolved_default=*/true, /*pages=*/true, Parse, /*is_own=*/false, Takes},
      Starts<VictorOpsExchange, Options>(),
      Promises()};
}

}  // namespace watchfire::notify::victorops
