// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/sns/sns.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <utility>
#include <vector>

#include "pkg/base/strings.h"
#include "pkg/notify/rendering.h"
#include "pkg/notify/sns/answer.h"
#include "pkg/notify/sns/form.h"
#include "pkg/notify/start.h"

namespace watchfire::notify::sns {
namespace {

constexpr std::initializer_list<int> kRetryCodes = {429};  // As Amazon's own clients do.

// Fetched credentials are renewed this long before they end.
constexpr std::chrono::minutes kRenewBefore{5};

constexpr std::array<std::string_view, 4> kThrottled = {"Throttling", "ThrottlingException",
                                                        "Throttled", "RequestLimitExceeded"};
constexpr std::array<std::string_view, 3> kBadToken = {"ExpiredToken", "ExpiredTokenException",
                                                       "InvalidClientTokenId"};

class SnsExchange final : public Exchange {
 public:
  SnsExchange(std::shared_ptr<const Options> options, Context context)
      : options_(std::move(options)),
        context_(std::move(context)),
        chain_(options_->identity, context_) {}

  Step Begin(const dispatch::Notification& notification) override {
    Rendering message(context_, notification);
    api_url_ = message.Text(options_->api_url);
    if (!message.status()) return message.Failed("execute 'api_url' template");
    form_ = PublishForm(notification, *options_, &message);
    if (!message.status()) return message.Failed();
    if (chain_.region().empty()) {
      return Retry{{}, "region not configured in sns.sigv4.region or in default credentials chain"};
    }
    Credentials kept = options_->fetched->Copy();
    if (!kept.empty() && context_.now() + kRenewBefore < kept.expires) {
      return Publish(std::move(kept));
    }
    return Take(chain_.Begin());
  }

  Step OnResponse(const Result<net::OutResponse>& response) override {
    if (!publishing_) return Take(chain_.OnResponse(response));
    if (!response || response->status / 100 == 2) return Classify(response, {}, secrets_);
    const std::string code = XmlText(response->body, "Code");
    net::OutResponse plain = *response;
    if (!code.empty()) plain.body = code + ": " + XmlText(response->body, "Message");
    Step step = Classify(plain, kRetryCodes, secrets_);
    const auto* fail = std::get_if<Fail>(&step);
    if (fail == nullptr) return step;
    if (std::ranges::count(kThrottled, code) > 0) {
      return Retry{RetryAfter(*response), fail->why, Failure::kRateLimited};
    }
    if (std::ranges::count(kBadToken, code) > 0 && was_fetched_) {
      options_->fetched->With([](Credentials& kept) { kept = Credentials(); });
      return Retry{{}, fail->why, Failure::kAuth};
    }
    return step;
  }

 private:
  // The next step towards credentials, or the message itself.
  Step Take(Result<CredentialChain::Next> next) {
    if (!next) {
      const std::string why = Excerpt(next.error().message, {});
      if (next.error().code == Code::kPermission) return Fail{why, Failure::kAuth};
      return Retry{
          {}, why, next.error().code == Code::kTimeout ? Failure::kDeadline : Failure::kOther};
    }
    if (auto* request = std::get_if<net::OutRequest>(&*next)) return Sent(std::move(*request));
    auto& found = std::get<Credentials>(*next);
    if (found.expires != WallTime::max()) {
      options_->fetched->With([&](Credentials& kept) { kept = found; });
    }
    return Publish(std::move(found));
  }

  Step Publish(Credentials credentials) {
    std::string url = api_url_;
    for (const char* name : {"AWS_ENDPOINT_URL_SNS", "AWS_ENDPOINT_URL"}) {
      if (url.empty() && context_.environment) url = context_.environment(name);
    }
    if (url.empty()) url = "https://sns." + chain_.region() + "." + chain_.domain() + "/";
    Result<net::OutRequest> request =
        SignedForm(credentials, {chain_.region(), "sns"}, url, form_, context_.now());
    if (!request) return Fail{"api_url: " + request.error().message, Failure::kOther};
    publishing_ = true;
    was_fetched_ = credentials.expires != WallTime::max();
    secrets_ = {credentials.secret_key, credentials.session_token};
    return Sent(*std::move(request));
  }

  Step Sent(net::OutRequest request) const {
    request.headers.push_back({"User-Agent", context_.user_agent});
    request.http = &options_->http;
    request.keep_alive = options_;
    return Send{std::move(request)};
  }

  const std::shared_ptr<const Options> options_;
  const Context context_;
  CredentialChain chain_;
  std::string api_url_;
  std::string form_;
  bool publishing_ = false;
  bool was_fetched_ = false;  // The credentials in use are temporary.
  std::vector<std::string> secrets_;
};

Contract Promises() {
  return {
      .limits = {{"message", kMessageBytesMax, "bytes",
                  "is cut, and the attribute `truncated` set"},
                 {"message to a phone", kSmsBytesMax, "bytes",
                  "is cut, and the attribute `truncated` set"},
                 {"subject", kSubjectRunesMax}},
      .retry_codes = kRetryCodes,
      .retries =
          "an error code of throttling, or of temporary credentials that expired, is retried",
      .dedup =
          "to a FIFO topic `MessageDeduplicationId`, the SHA-256 of the group key and of what each "
          "alert does since when; else none",
      .sources = {"https://docs.aws.amazon.com/sns/latest/api/API_Publish.html"},
      .accepted = "<PublishResponse/>"};
}

}  // namespace

Backend Describe() {
  return {{"sns", /*send_resolved_default=*/true, /*pages=*/true, Parse},
          Starts<SnsExchange, Options>(),
          Promises()};
}

}  // namespace watchfire::notify::sns
