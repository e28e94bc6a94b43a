// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/twilio/twilio.h"

#include <array>
#include <initializer_list>
#include <utility>
#include <vector>

#include "pkg/base/digest.h"
#include "pkg/base/strings.h"
#include "pkg/notify/json_post.h"
#include "pkg/notify/rendering.h"
#include "pkg/notify/start.h"
#include "pkg/notify/twilio/twiml.h"

namespace watchfire::notify::twilio {
namespace {

constexpr std::initializer_list<int> kRetryCodes = {429};

// The vendor's limits.
constexpr size_t kSmsRunesMax = 1600;
constexpr size_t kTwimlBytesMax = 4000;
// When to ask what became of it, each time counted from the answer before.
constexpr std::array<std::chrono::seconds, 3> kAskAfter = {
    std::chrono::seconds(1), std::chrono::seconds(2), std::chrono::seconds(3)};

// What is too long is cut at its end, but not the link, wherever it stands.
std::string Sms(std::string text, const std::string& link) {
  const size_t at = link.empty() ? std::string::npos : text.find(link);
  if (RuneCount(text) <= kSmsRunesMax || at == std::string::npos) {
    return TruncateRunes(text, kSmsRunesMax);
  }
  text.erase(at, link.size());
  const size_t runes = RuneCount(link) + 1;
  if (runes >= kSmsRunesMax) return TruncateRunes(text, kSmsRunesMax);
  return TruncateRunes(text, kSmsRunesMax - runes) + "\n" + link;
}

class TwilioExchange final : public Exchange {
 public:
  TwilioExchange(std::shared_ptr<const Options> options, Context context)
      : options_(std::move(options)), context_(std::move(context)) {}

  Step Begin(const dispatch::Notification& notification) override {
    secrets_ = {options_->auth_token.value.reveal()};
    Rendering message(context_, notification);
    const bool is_call = options_->channel == Channel::kCall;
    Add("To", message.Text(options_->to));
    Add("From", message.Text(options_->from));
    Add("MessagingServiceSid", message.Text(options_->messaging_service_sid));
    const std::string text(Trim(message.Text(options_->message)));
    std::string ack_url(Trim(message.SecretText(options_->ack_url)));
    if (!message.status()) return message.Failed();
    if (!notification.firing()) ack_url.clear();
    if (!ack_url.empty()) {
      const SecretUrl split = SplitSecretUrl(ack_url);
      if (split.shown.empty()) {
        return Fail{"the ack_url is not one of http or https with a host", Failure::kOther};
      }
      secrets_.insert(secrets_.end(), split.secrets.begin(), split.secrets.end());
      ack_url += (ack_url.find('?') == std::string::npos ? "?entity_id=" : "&entity_id=") +
                 Sha256Hex(notification.group_key);
    }
    if (is_call) {
      const auto twiml = [&](const std::string& part) { return Twiml(part, *options_, ack_url); };
      Add("Twiml", FitBody(text, kTwimlBytesMax, twiml));
    } else {
      Add("Body", Sms(text, context_.ack_url));
    }
    net::OutRequest request = Request("POST", is_call ? "/Calls.json" : "/Messages.json");
    request.headers.push_back({"Content-Type", "application/x-www-form-urlencoded"});
    request.body = form_;
    return Send{std::move(request)};
  }

  Step OnResponse(const Result<net::OutResponse>& response) override {
    if (!path_.empty()) return OnStatus(response);
    Result<net::OutResponse> told = response;
    if (told && told->status / 100 != 2) told->body = WhatIsWrong(told->body);
    const Step step = Classify(told, kRetryCodes, secrets_);
    if (!std::holds_alternative<Done>(step)) return step;
    const std::string sid = AnswerText(response->body, "/sid").value_or("");
    if (sid.empty()) return step;
    const bool is_call = options_->channel == Channel::kCall;
    path_ = (is_call ? "/Calls/" : "/Messages/") + UrlEncode(sid) + ".json";
    return OnStatus(response);
  }

 private:
  void Add(const std::string& name, const std::string& value) {
    if (value.empty()) return;
    form_ += (form_.empty() ? "" : "&") + name + "=" + UrlEncode(value);
  }

  net::OutRequest Request(const std::string& method, const std::string& path) const {
    return PlainRequest(context_, method,
                        options_->api_url + "/2010-04-01/Accounts/" + options_->account_sid + path,
                        options_);
  }

  // "21211: Invalid 'To' Phone Number". The body itself when it says nothing of the kind.
  static std::string WhatIsWrong(const std::string& body) {
    const std::string message = AnswerText(body, "/message").value_or("");
    const double code = AnswerNumber(body, "/code").value_or(0);
    if (message.empty()) return body;
    return code > 0 ? FormatGoFloat(code) + ": " + message : message;
  }

  Step OnStatus(const Result<net::OutResponse>& response) {
    const bool told = response && response->status / 100 == 2;
    const std::string status = told ? AnswerText(response->body, "/status").value_or("") : "";
    const bool is_call = options_->channel == Channel::kCall;
    const std::string what = is_call ? "Twilio's call" : "Twilio's message";
    if (is_call && (status == "busy" || status == "no-answer")) {
      return Retry{{}, what + " found nobody: " + status, Failure::kOther};
    }
    if (status == "failed" || status == "undelivered" || status == "canceled") {
      const double code = AnswerNumber(response->body, "/error_code").value_or(0);
      const std::string text = AnswerText(response->body, "/error_message").value_or("");
      const std::string why =
          (code > 0 ? ": error " + std::to_string(static_cast<int>(code)) : "") +
          (text.empty() ? "" : ": " + text);
      return Fail{Excerpt(what + " is " + status + why, secrets_), Failure::kClientError};
    }
    const bool pending = status == "accepted" || status == "queued" || status == "sending" ||
                         status == "initiated" || status == "ringing";
    if (!pending || asked_ == kAskAfter.size()) return Done{};
    net::OutRequest request = Request("GET", path_);
    request.delay = kAskAfter[asked_++];
    return Send{std::move(request)};
  }

  const std::shared_ptr<const Options> options_;
  const Context context_;
  std::vector<std::string> secrets_;
  std::string form_;
  std::string path_;  // Of the message or call, once it is there.
  size_t asked_ = 0;
};

Contract Promises() {
  return {.limits = {{"message", kSmsRunesMax},
                     {"the TwiML of a call", kTwimlBytesMax, "bytes", "has its message cut"}},
          .retry_codes = kRetryCodes,
          .retries =
              "what was taken is asked for after 1, 3 and 6 s: a call that found nobody is "
              "tried again, a message or call that failed is final",
          .dedup = "nothing: another attempt is another message",
          .sources = {"https://www.twilio.com/docs/messaging/api/message-resource",
                      "https://www.twilio.com/docs/voice/api/call-resource",
                      "https://www.twilio.com/docs/voice/twiml/gather",
                      "https://www.twilio.com/docs/api/errors"},
          .accepted = R"({"sid":"SM0","status":"sent"})",
          .accepted_status = 201};
}

}  // namespace

Backend Describe() {
  return {{"twilio", /*send_resolved_default=*/false, /*pages=*/true, Parse, /*is_own=*/true},
          Starts<TwilioExchange, Options>(),
          Promises()};
}

}  // namespace watchfire::notify::twilio
