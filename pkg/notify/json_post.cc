// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/json_post.h"

#include <algorithm>
#include <cmath>

#include <simdjson.h>

#include "pkg/base/strings.h"

namespace watchfire::notify {
namespace {

constexpr double kRetryAfterSecondsMax = 3600;
constexpr size_t kChannelRunesMax = 60;

template <typename T>
std::optional<T> At(const std::string& body, const std::string& pointer) {
  simdjson::dom::parser parser;
  simdjson::dom::element json;
  T value{};
  if (parser.parse(simdjson::padded_string(body)).get(json) != simdjson::SUCCESS ||
      json.at_pointer(pointer).get(value) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  return value;
}

}  // namespace

tl::expected<Target, Step> RevealUrl(const config::SecretSource& url, const std::string& key,
                                     const Context& context) {
  const Result<std::string> text = Reveal(url.value, url.file, context);
  if (!text) {
    return tl::unexpected<Step>(Retry{{}, key + "_file: " + text.error().message, Failure::kOther});
  }
  SecretUrl split = SplitSecretUrl(*text);
  if (split.shown.empty()) {
    return tl::unexpected<Step>(
        Fail{"the " + key + " is not one of http or https with a host", Failure::kOther});
  }
  return Target{*text, std::move(split.shown), std::move(split.secrets)};
}

config::SecretSource ReadWebhookUrl(config::Section& section) {
  config::SecretSource url = section.SecretUrlOrFile("webhook_url");
  if (url.empty() && !section.Has("webhook_url")) {
    section.Error("webhook_url", "one of webhook_url or webhook_url_file must be configured");
  }
  return url;
}

net::OutRequest JsonPost(const Context& context, const Target& target, std::string body) {
  net::OutRequest request;
  request.url = Secret(target.url);
  request.shown_url = target.shown;
  request.headers = {{"Content-Type", "application/json"}, {"User-Agent", context.user_agent}};
  request.body = std::move(body);
  return request;
}

net::OutRequest PlainRequest(const Context& context, const std::string& method,
                             const std::string& url) {
  net::OutRequest request;
  request.method = method;
  request.url = Secret(url);
  request.shown_url = ShownUrl(url);
  request.headers = {{"User-Agent", context.user_agent}};
  return request;
}

std::string JsonText(std::string_view text) {
  JsonWriter json(/*escape_html=*/true);
  return json.String(text).Take();
}

void WriteUnlessEmpty(JsonWriter* json, std::string_view key, std::string_view value) {
  if (!value.empty()) json->Field(key, value);
}

std::string TruncateBytes(std::string text, size_t bytes_max) {
  constexpr std::string_view kMark = "\u2026";
  if (text.size() <= bytes_max) return text;
  size_t end = bytes_max < kMark.size() ? 0 : bytes_max - kMark.size();
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end).append(kMark);
}

std::string FitBody(std::string text, size_t bytes_max,
                    const std::function<std::string(const std::string& text)>& body) {
  std::string whole = body(text);
  if (whole.size() <= bytes_max) return whole;
  // How long a character becomes in the body depends on it, so the length is searched for.
  size_t fits = 0;
  size_t too_long = text.size();
  whole = body("");
  while (too_long - fits > 1) {
    const size_t length = fits + (too_long - fits) / 2;
    std::string attempt = body(TruncateBytes(text, length));
    if (attempt.size() <= bytes_max) {
      fits = length;
      whole = std::move(attempt);
    } else {
      too_long = length;
    }
  }
  return whole;
}

Step Prefixed(Step step, const std::string& prefix) {
  if (auto* retry = std::get_if<Retry>(&step)) retry->why = prefix + retry->why;
  if (auto* fail = std::get_if<Fail>(&step)) fail->why = prefix + fail->why;
  return step;
}

Step InChannel(Step step, const std::string& channel) {
  return Prefixed(std::move(step),
                  "channel " + GoQuote(TruncateRunes(channel, kChannelRunesMax)) + ": ");
}

std::optional<bool> AnswerBool(const std::string& body, const std::string& pointer) {
  return At<bool>(body, pointer);
}

std::optional<std::string> AnswerText(const std::string& body, const std::string& pointer) {
  simdjson::dom::parser parser;
  simdjson::dom::element json;
  std::string_view text;
  if (parser.parse(simdjson::padded_string(body)).get(json) != simdjson::SUCCESS ||
      json.at_pointer(pointer).get(text) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  return std::string(text);
}

std::optional<double> AnswerNumber(const std::string& body, const std::string& pointer) {
  return At<double>(body, pointer);
}

bool IsJson(const std::string& body) {
  simdjson::dom::parser parser;
  return parser.parse(simdjson::padded_string(body)).error() == simdjson::SUCCESS;
}

Step WithRetryAfterOf(Step step, const std::string& body, const std::string& pointer) {
  auto* retry = std::get_if<Retry>(&step);
  if (retry == nullptr) return step;
  const double seconds = AnswerNumber(body, pointer).value_or(0);
  if (!(seconds > 0)) return step;
  const auto millis = std::llround(std::ceil(std::min(seconds, kRetryAfterSecondsMax) * 1000));
  retry->after = std::max<Duration>(retry->after, std::chrono::milliseconds(millis));
  return step;
}

}  // namespace watchfire::notify
