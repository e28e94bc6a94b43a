// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/slack/slack.h"

#include <initializer_list>
#include <utility>

#include "pkg/base/strings.h"
#include "pkg/notify/json_post.h"
#include "pkg/notify/rendering.h"
#include "pkg/notify/slack/answer.h"
#include "pkg/notify/slack/blocks.h"
#include "pkg/notify/slack/message.h"
#include "pkg/notify/slack/parent.h"
#include "pkg/notify/start.h"
#include "pkg/notify/timeout.h"

namespace watchfire::notify::slack {
namespace {

constexpr std::initializer_list<int> kRetryCodes = {429};

class SlackExchange final : public Exchange {
 public:
  SlackExchange(std::shared_ptr<const Options> options, Context context)
      : options_(std::move(options)), context_(std::move(context)) {}

  Step Begin(const dispatch::Notification& notification) override {
    if (std::optional<Step> failure = FindTarget()) return *std::move(failure);
    Rendering address(context_, notification);
    channel_ = address.Text(options_->channel);
    if (!address.status()) return address.Failed("failed to template Slack channel");
    if (notification.update) return Tell(notification);
    message_ = Render(*options_, context_, notification);

    const bool is_new = notification.reason == dispatch::Reason::kFirst;
    if (options_->remembers() && !is_new) parent_ = Parent::Recall(notification.receiver_data);
    if (parent_.ts.empty()) return Call(Kind::kPost);
    return Call(options_->update_message ? Kind::kUpdate : Kind::kReply);
  }

  Step OnResponse(const Result<net::OutResponse>& response) override {
    Step step = Classify(response, kRetryCodes, target_.secrets);
    step = TellTimeout(std::move(step), "slack", options_->timeout);
    if (!std::holds_alternative<Done>(step)) return InChannel(std::move(step), channel_);
    if (!response->header("Content-Type").starts_with("application/json")) {
      return OnText(response->body);
    }
    return OnJson(response->body);
  }

 private:
  enum class Kind { kPost, kUpdate, kReply };

  // What people did is a reply in the thread of the group's message, if it has one.
  Step Tell(const dispatch::Notification& notification) {
    is_telling_ = true;
    message_ = Telling(*options_, context_, notification);
    if (!options_->remembers()) return Call(Kind::kPost);
    parent_ = Parent::Recall(notification.receiver_data);
    if (parent_.ts.empty()) return Fail{"no message to reply to is known", Failure::kOther};
    return Call(Kind::kReply);
  }

  // Where to send, and as whom.
  std::optional<Step> FindTarget() {
    if (options_->app_token.empty()) {
      auto target = RevealUrl(options_->api_url, "api_url", context_);
      if (!target) return std::move(target.error());
      target_ = *std::move(target);
      return std::nullopt;
    }
    const Result<std::string> token =
        Reveal(options_->app_token.value, options_->app_token.file, context_);
    if (!token) return Retry{{}, "app_token_file: " + token.error().message, Failure::kOther};
    token_ = *token;
    target_ = {options_->app_url, ShownUrl(options_->app_url), {token_}};
    return std::nullopt;
  }

  Step Call(Kind kind) {
    kind_ = kind;
    Place place{kind == Kind::kPost ? channel_ : parent_.channel, "", ""};
    Target target = target_;
    if (kind == Kind::kUpdate) {
      place.ts = parent_.ts;
      target.url = UpdateUrl(target.url);
      target.shown = UpdateUrl(target.shown);
    }
    if (kind == Kind::kReply) place.thread_ts = parent_.ts;
    net::OutRequest request = JsonPost(context_, target, Json(message_, place), options_);
    if (!token_.empty()) request.headers.push_back({"Authorization", "Bearer " + token_});
    request.timeout = RequestTimeout(options_->timeout);
    return Send{std::move(request), message_.flaw};
  }

  // An incoming webhook says "ok" and nothing else.
  Step OnText(const std::string& body) const {
    if (body == "ok") return Done{};
    const std::string why = "received an error response from Slack: " + body;
    return InChannel(Fail{Excerpt(why, target_.secrets), Failure::kClientError}, channel_);
  }

  Step OnJson(const std::string& body) {
    if (!IsJson(body)) {
      const std::string why = "could not unmarshal JSON response " + GoQuote(body);
      return InChannel(Retry{{}, Excerpt(why, target_.secrets), Failure::kClientError}, channel_);
    }
    if (!AnswerBool(body, "/ok").value_or(false)) {
      const std::string error = AnswerText(body, "/error").value_or("");
      if (kind_ != Kind::kPost && IsGone(error) && !is_telling_) return Call(Kind::kPost);
      return InChannel(Refusal(error, target_.secrets), channel_);
    }
    if (kind_ == Kind::kUpdate && options_->post_updates_to_thread) return Call(Kind::kReply);
    if (!options_->remembers()) return Done{};
    if (kind_ != Kind::kPost) return Done{parent_.Remembered()};
    const Parent posted{AnswerText(body, "/ts").value_or(""),
                        AnswerText(body, "/channel").value_or("")};
    return Done{posted.Remembered()};
  }

  const std::shared_ptr<const Options> options_;
  const Context context_;
  Target target_;
  std::string token_;  // Of the app; empty: a webhook.
  std::string channel_;
  Message message_;
  Parent parent_;
  Kind kind_ = Kind::kPost;  // Of the call under way.
  bool is_telling_ = false;  // Of what people did, not of alerts.
};

// A webhook's answer names no message that could be replied to: more messages in the channel are
// for who asks for them.
unsigned Takes(const void* options, bool is_asked) {
  const auto& slack = *static_cast<const Options*>(options);
  const bool has_thread = !slack.app_token.empty() && slack.remembers();
  return has_thread || is_asked ? config::kVendorEveryAct : 0;
}

std::vector<Limit> Limits() {
  std::vector<Limit> limits = BlockLimits();
  limits.insert(limits.begin(), {"title", kTitleRunesMax});
  return limits;
}

Contract Promises() {
  return {.limits = Limits(),
          .retry_codes = kRetryCodes,
          .retries =
              "a 200 with an `error` that passes, such as `ratelimited` or `internal_error`, is "
              "retried",
          .dedup =
              "none: a repeated message is posted again; with `update_message` the message whose "
              "`ts` was stored is updated instead",
          .sources = {"https://api.slack.com/methods/chat.postMessage",
                      "https://api.slack.com/reference/block-kit/blocks"},
          .accepted = R"({"ok":true,"channel":"C0","ts":"0.1"})"};
}

}  // namespace

Backend Describe() {
  return {
      {"slack", /*send_resolved_default=*/false, /*pages=*/false, Parse, /*is_own=*/false, Takes},
      Starts<SlackExchange, Options>(),
      Promises()};
}

}  // namespace watchfire::notify::slack
