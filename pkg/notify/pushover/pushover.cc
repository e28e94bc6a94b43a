// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/pushover/pushover.h"

#include <utility>
#include <vector>

#include "pkg/base/strings.h"
#include "pkg/notify/rendering.h"
#include "pkg/notify/start.h"

namespace watchfire::notify::pushover {
namespace {

// The vendor's limits, in characters.
constexpr size_t kTitleRunesMax = 250;
constexpr size_t kMessageRunesMax = 1024;
constexpr size_t kUrlRunesMax = 512;

std::string Seconds(Duration duration) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(duration).count());
}

class PushoverExchange final : public Exchange {
 public:
  PushoverExchange(std::shared_ptr<const Options> options, Context context)
      : options_(std::move(options)), context_(std::move(context)) {}

  Step Begin(const dispatch::Notification& notification) override {
    Rendering message(context_, notification);
    const auto token =
        RevealTemplate(options_->token, options_->token_file, "token", context_, &message);
    const auto user =
        RevealTemplate(options_->user_key, options_->user_key_file, "user_key", context_, &message);
    if (!token) return token.error();
    if (!user) return user.error();
    secrets_ = {*token, UrlEncode(*token), *user, UrlEncode(*user)};
    const std::string query = Query(*token, *user, &message);
    if (!message.status()) return message.Failed();

    net::OutRequest request;
    request.url = Secret(options_->api_url + "?" + query);
    request.shown_url = options_->api_url + "?" + Secret::masked();
    request.headers = {{"Content-Type", "text/plain"}, {"User-Agent", context_.user_agent}};
    request.http = &options_->http;
    request.keep_alive = options_;
    return Send{std::move(request)};
  }

  // The vendor's 429 is a month's quota used up, and a 4xx of any kind comes again.
  Step OnResponse(const Result<net::OutResponse>& response) override {
    return Classify(response, {}, secrets_);
  }

 private:
  // Everything stands in the query, as the vendor's first clients had it, in Alertmanager's order
  // of rendering.
  std::string Query(const std::string& token, const std::string& user, Rendering* message) const {
    const auto cut = [&](const templates::Snippet& field, size_t runes_max) {
      return message->Text(field, runes_max);
    };
    std::vector<std::pair<std::string, std::string>> fields = {{"token", token}, {"user", user}};
    fields.emplace_back("title", cut(options_->title, kTitleRunesMax));
    if (options_->html) fields.emplace_back("html", "1");
    if (options_->monospace) fields.emplace_back("monospace", "1");
    const std::string text =
        options_->html ? message->Html(options_->message) : message->Text(options_->message);
    const std::string body(Trim(TruncateRunes(text, kMessageRunesMax)));
    fields.emplace_back("message", body.empty() ? "(no details)" : body);  // Required.
    fields.emplace_back("url", cut(options_->url, kUrlRunesMax));
    fields.emplace_back("url_title", message->Text(options_->url_title));
    fields.emplace_back("priority", message->Text(options_->priority));
    fields.emplace_back("retry", Seconds(options_->retry));
    fields.emplace_back("expire", Seconds(options_->expire));
    fields.emplace_back("device", message->Text(options_->device));
    fields.emplace_back("sound", message->Text(options_->sound));
    if (options_->ttl >= std::chrono::seconds(1))
      fields.emplace_back("ttl", Seconds(options_->ttl));
    std::string query;
    for (const auto& [name, value] : fields) {
      if (!query.empty()) query += '&';
      query += name + "=" + UrlEncode(value);
    }
    return query;
  }

  const std::shared_ptr<const Options> options_;
  const Context context_;
  std::vector<std::string> secrets_;
};

Contract Promises() {
  return {
      .limits = {{"title", kTitleRunesMax}, {"message", kMessageRunesMax}, {"url", kUrlRunesMax}},
      .retries = "the vendor's 429 is a month's quota used up, and final",
      .dedup = "none: a repeated message rings again",
      .sources = {"https://pushover.net/api"},
      .accepted = R"({"status":1})"};
}

}  // namespace

Backend Describe() {
  return {{"pushover", /*send_resolved_default=*/true, /*pages=*/true, Parse},
          Starts<PushoverExchange, Options>(),
          Promises()};
}

}  // namespace watchfire::notify::pushover
