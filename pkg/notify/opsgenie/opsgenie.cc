// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/opsgenie/opsgenie.h"

#include <array>
#include <initializer_list>
#include <optional>
#include <utility>

#include "pkg/base/strings.h"
#include "pkg/notify/json_post.h"
#include "pkg/notify/opsgenie/answer.h"
#include "pkg/notify/opsgenie/change.h"
#include "pkg/notify/rendering.h"
#include "pkg/notify/start.h"

namespace watchfire::notify::opsgenie {
namespace {

constexpr std::initializer_list<int> kRetryCodes = {429};

// When to ask what became of a request, each time counted from the answer before.
constexpr std::array<std::chrono::seconds, 3> kAskAfter = {
    std::chrono::seconds(1), std::chrono::seconds(2), std::chrono::seconds(4)};

class OpsgenieExchange final : public Exchange {
 public:
  OpsgenieExchange(std::shared_ptr<const Options> options, Context context)
      : options_(std::move(options)), context_(std::move(context)) {}

  Step Begin(const dispatch::Notification& notification) override {
    Rendering message(context_, notification);
    changes_ = ChangesFor(notification, *options_, &message);
    const auto key =
        RevealTemplate(options_->api_key, options_->api_key_file, "api_key", context_, &message);
    if (!key) return key.error();
    if (!message.status()) return message.Failed("templating error");
    key_ = options_->api_key_file.empty() ? *key : std::string(Trim(*key));
    secrets_ = {key_};
    return SendChange();
  }

  Step OnResponse(const Result<net::OutResponse>& response) override {
    return request_id_.empty() ? OnAnswer(response) : OnRequestStatus(response);
  }

 private:
  net::OutRequest Request(const std::string& method, const std::string& url) const {
    net::OutRequest request = PlainRequest(context_, method, url, options_);
    request.headers.push_back({"Authorization", "GenieKey " + key_});
    return request;
  }

  Step SendChange() {
    const Change& change = changes_[next_];
    net::OutRequest request = Request(change.method, change.url);
    request.headers.push_back({"Content-Type", "application/json"});
    request.body = change.body;
    return Send{std::move(request)};
  }

  Step OnAnswer(const Result<net::OutResponse>& response) {
    const Step step = Classify(response, kRetryCodes, secrets_);
    if (!std::holds_alternative<Done>(step)) return step;
    if (response->status == 202) request_id_ = RequestId(response->body);
    if (request_id_.empty()) return NextChange();
    asked_ = 0;
    return Ask();
  }

  Step Ask() {
    net::OutRequest request =
        Request("GET", options_->api_url + "v2/alerts/requests/" + UrlEncode(request_id_));
    request.delay = kAskAfter[asked_++];
    return Send{std::move(request)};
  }

  Step OnRequestStatus(const Result<net::OutResponse>& response) {
    if (response && response->status == 200) {
      const std::optional<Processed> processed = ReadProcessed(response->body);
      if (processed) return OnProcessed(*processed);
    }
    const bool pending = !response || response->status == 429 || response->status / 100 == 5 ||
                         (response->status == 404 && !RequestId(response->body).empty());
    // Nobody who could tell: 202 is all that there will be.
    if (!pending) return NextChange();
    if (asked_ < kAskAfter.size()) return Ask();
    Step step = Classify(response, {404, 429}, secrets_);
    std::get<Retry>(step).why =
        "Opsgenie took the request and has not processed it: " + std::get<Retry>(step).why;
    return step;
  }

  Step OnProcessed(const Processed& processed) {
    // What somebody has closed or acknowledged before needs it no more; it is not created again for
    // its text.
    const bool is_gone = processed.status.find("does not exist") != std::string::npos ||
                         processed.status.find("already") != std::string::npos;
    if (processed.success || (is_gone && !IsCreate())) return NextChange();
    const std::string why =
        "Opsgenie did not carry out " + processed.action + ": " + processed.status;
    return Fail{Excerpt(why, secrets_), Failure::kClientError};
  }

  bool IsCreate() const { return changes_[next_].url.ends_with("v2/alerts"); }

  Step NextChange() {
    request_id_.clear();
    if (++next_ >= changes_.size()) return Done{};
    return SendChange();
  }

  const std::shared_ptr<const Options> options_;
  const Context context_;
  std::string key_;
  std::vector<std::string> secrets_;
  std::vector<Change> changes_;
  size_t next_ = 0;         // The change under way.
  std::string request_id_;  // Of the change, while its status is asked for.
  size_t asked_ = 0;        // How often it was.
};

unsigned Takes(const void* /*options*/, bool /*is_asked*/) {
  return config::kVendorAcknowledge | config::kVendorUnacknowledge | config::kVendorNote |
         config::kVendorResolve;
}

Contract Promises() {
  return {
      .limits = {{"message", kMessageRunesMax}},
      .retry_codes = kRetryCodes,
      .retries =
          "a 202 is followed up after 1, 2 and 4 s; what is not processed by then is sent again",
      .dedup = "`alias`, the SHA-256 of the group key",
      .sources = {"https://docs.opsgenie.com/docs/alert-api",
                  "https://developer.atlassian.com/cloud/jira/service-desk-ops/rest/v2/intro/"},
      .accepted = R"({"requestId":"rehearsal","data":{"isSuccess":true}})",
      .accepted_status = 202};
}

}  // namespace

Backend Describe() {
  return {
      {"opsgenie", /*send_resolved_default=*/true, /*pages=*/true, Parse, /*is_own=*/false, Takes},
      Starts<OpsgenieExchange, Options>(),
      Promises()};
}

}  // namespace watchfire::notify::opsgenie
