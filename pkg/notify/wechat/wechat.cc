// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/wechat/wechat.h"

#include <optional>
#include <utility>
#include <vector>

#include "pkg/base/strings.h"
#include "pkg/notify/rendering.h"
#include "pkg/notify/start.h"
#include "pkg/notify/wechat/message.h"

namespace watchfire::notify::wechat {
namespace {

constexpr std::chrono::hours kTokenLife{2};
constexpr size_t kTokensMax = 64;  // Of one integration; more only if its secret names labels.

class WechatExchange final : public Exchange {
 public:
  WechatExchange(std::shared_ptr<const Options> options, Context context)
      : options_(std::move(options)), context_(std::move(context)) {}

  Step Begin(const dispatch::Notification& notification) override {
    Rendering message(context_, notification);
    const auto secret = RevealTemplate(options_->api_secret, options_->api_secret_file,
                                       "api_secret", context_, &message);
    if (!secret) return secret.error();
    secret_ = *secret;
    corp_id_ = message.Text(options_->corp_id);
    body_ = MessageJson(*options_, &message);
    if (!message.status()) {
      return Fail{message.Failed("templating error").why, Failure::kTemplate};
    }
    secrets_ = {secret_, UrlEncode(secret_)};
    return SendMessage();
  }

  Step OnResponse(const Result<net::OutResponse>& response) override {
    if (!response || response->status / 100 != 2) {
      // Unlike anybody else's, a 4xx of this vendor may pass: its gateways answer so.
      Step step = Classify(response, {}, secrets_);
      const auto* fail = std::get_if<Fail>(&step);
      if (fail == nullptr) return step;
      return Retry{RetryAfter(*response), fail->why, fail->failure};
    }
    const std::optional<Answer> answer = ReadAnswer(response->body);
    if (!answer) {
      return Retry{{}, "not a WeChat answer: " + Excerpt(response->body, secrets_)};
    }
    return std::exchange(wants_token_, false) ? OnToken(*answer) : OnMessage(*answer);
  }

 private:
  std::string key() const { return corp_id_ + "\n" + secret_; }

  Step SendMessage() {
    const std::string token = options_->tokens->With([&](auto& tokens) {
      const auto found = tokens.find(key());
      const bool is_good =
          found != tokens.end() && context_.now() < found->second.fetched + kTokenLife;
      return is_good ? found->second.text : std::string();
    });
    if (token.empty()) {
      wants_token_ = true;
      return Request("GET", "gettoken?corpid=" + UrlEncode(corp_id_) + "&corpsecret=", secret_);
    }
    token_ = token;
    secrets_ = {secret_, UrlEncode(secret_), token, UrlEncode(token)};
    return Request("POST", "message/send?access_token=", token);
  }

  Step Request(const char* method, const std::string& path, const std::string& secret) const {
    net::OutRequest request;
    request.method = method;
    request.url = Secret(options_->api_url + path + UrlEncode(secret));
    request.shown_url = options_->api_url + path + Secret::masked();
    request.headers = {{"User-Agent", context_.user_agent}};
    if (!wants_token_) {
      request.headers.push_back({"Content-Type", "application/json"});
      request.body = body_;
    }
    request.http = &options_->http;
    request.keep_alive = options_;
    return Send{std::move(request)};
  }

  Step OnToken(const Answer& answer) {
    if (answer.token.empty()) {
      const std::string why = "invalid APISecret for CorpID: " + corp_id_ + ": " + Why(answer);
      if (answer.code == kBusy) return Retry{{}, why, Failure::kServerError};
      return Fail{why, Failure::kAuth};
    }
    options_->tokens->With([&](auto& tokens) {
      if (tokens.size() >= kTokensMax) tokens.clear();
      tokens[key()] = {answer.token, context_.now()};
    });
    return SendMessage();
  }

  Step OnMessage(const Answer& answer) {
    if (answer.code == 0) return Done{};
    const std::string why = Why(answer);
    if (answer.code == kBusy) return Retry{{}, why, Failure::kServerError};
    if (answer.code != kBadToken && answer.code != kExpiredToken) {
      return Fail{why, Failure::kClientError};
    }
    options_->tokens->With([&](auto& tokens) {
      const auto found = tokens.find(key());  // Somebody may have fetched another one since.
      if (found != tokens.end() && found->second.text == token_) tokens.erase(found);
    });
    if (std::exchange(renewed_, true)) return Retry{{}, why, Failure::kAuth};
    return SendMessage();
  }

  std::string Why(const Answer& answer) const {
    return "errcode " + std::to_string(answer.code) + ": " + Excerpt(answer.message, secrets_);
  }

  const std::shared_ptr<const Options> options_;
  const Context context_;
  std::string secret_;
  std::string corp_id_;
  std::string body_;
  std::string token_;         // That the message was sent with.
  bool wants_token_ = false;  // The request under way asks for one.
  bool renewed_ = false;
  std::vector<std::string> secrets_;
};

Contract Promises() {
  return {.retries_all = true,
          .retries =
              "a token that is no longer taken is fetched anew, once; any other `errcode` but -1 "
              "is final",
          .dedup = "none: a repeated message is posted again",
          .sources = {"https://developer.work.weixin.qq.com/document/path/91039",
                      "https://developer.work.weixin.qq.com/document/path/90236"},
          .accepted = R"({"errcode":0,"errmsg":"ok","access_token":"rehearsal"})"};
}

}  // namespace

Backend Describe() {
  return {{"wechat", /*send_resolved_default=*/false, /*pages=*/false, Parse},
          Starts<WechatExchange, Options>(),
          Promises()};
}

}  // namespace watchfire::notify::wechat
