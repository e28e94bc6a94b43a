// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/pushover/pushover.h"

#include <utility>
#include <vector>

#include "pkg/base/strings.h"
#include "pkg/notify/rendering.h"

namespace watchfire::notify::pushover {
namespace {

// The vendor's limits, in characters, and what it takes for an emergency.
constexpr size_t kTitleRunesMax = 250;
constexpr size_t kMessageRunesMax = 1024;
constexpr size_t kUrlRunesMax = 512;
constexpr std::chrono::seconds kRetryMin{30};
constexpr std::chrono::seconds kExpireMax{10'800};

std::string Seconds(Duration duration) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(duration).count());
}

class PushoverExchange final : public Exchange {
 public:
  PushoverExchange(std::shared_ptr<const Options> options, Context context)
      : options_(std::move(options)), context_(std::move(context)) {}

  Step Begin(const dispatch::Notification& notification) override {
    Rendering message(context_, notification);
    const Result<std::string> token =
        SecretOf("token", options_->token, options_->token_file, &message);
    const Result<std::string> user =
        SecretOf("user_key", options_->user_key, options_->user_key_file, &message);
    // The file may appear with the next mount of the secret, so this is worth another try.
    if (!token) return Retry{{}, token.error().message, Failure::kOther};
    if (!user) return Retry{{}, user.error().message, Failure::kOther};
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
  Result<std::string> SecretOf(const std::string& name, const templates::Snippet& value,
                               const std::string& file, Rendering* message) const {
    if (file.empty()) return message->SecretText(value);
    const Result<std::string> text = context_.read_file(file);
    if (!text) {
      return watchfire::Fail(text.error().code, name + "_file: " + text.error().message);
    }
    return message->SecretText(name + "_file", *text);
  }

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

templates::Snippet ParseSecret(config::Section& section, const std::string& key,
                               std::string* file) {
  *file = section.String(key + "_file");
  const bool is_missing = section.SecretString(key).empty() && file->empty();
  if (is_missing) {
    section.Error(key, "one of " + key + " or " + key + "_file must be configured");
  }
  section.Exclusive(key, key + "_file");
  return section.SecretTemplate(key);
}

void CheckEmergency(config::Section& section, const Options& options) {
  if (section.Has("retry") && options.retry < kRetryMin) {
    section.Warn("retry", "Pushover refuses an emergency that is to ring more often than each 30s");
  }
  if (section.Has("expire") && options.expire > kExpireMax) {
    section.Warn("expire", "Pushover refuses an emergency that is to ring for more than 3h");
  }
}

std::shared_ptr<const void> Parse(config::Section& section, const config::Global& global) {
  auto options = std::make_shared<Options>();
  options->user_key = ParseSecret(section, "user_key", &options->user_key_file);
  options->token = ParseSecret(section, "token", &options->token_file);
  options->title = section.Template("title", "{{ template \"pushover.default.title\" . }}");
  options->message = section.Template("message", "{{ template \"pushover.default.message\" . }}");
  options->url = section.Template("url", "{{ template \"pushover.default.url\" . }}");
  options->url_title = section.Template("url_title");
  options->device = section.Template("device");
  options->sound = section.Template("sound");
  options->priority =
      section.Template("priority", "{{ if eq .Status \"firing\" }}2{{ else }}0{{ end }}");
  options->retry = section.GoDuration("retry", options->retry);
  options->expire = section.GoDuration("expire", options->expire);
  options->ttl = section.GoDuration("ttl", options->ttl);
  options->html = section.Bool("html", false);
  options->monospace = section.Bool("monospace", false);
  if (options->html && options->monospace) {
    section.Error("monospace", "at most one of monospace & html must be configured");
  }
  CheckEmergency(section, *options);
  options->http = section.Http("http_config", global.http);
  return options;
}

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
  const auto start = [](const std::shared_ptr<const void>& options, const Context& context) {
    return std::make_unique<PushoverExchange>(std::static_pointer_cast<const Options>(options),
                                              context);
  };
  return {{"pushover", /*send_resolved_default=*/true, /*pages=*/true, Parse}, start, Promises()};
}

}  // namespace watchfire::notify::pushover
