// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What receivers share that POST one JSON document, most of them to a URL that is itself the
// secret, as chats' incoming webhooks have it, and read an answer in JSON.

#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pkg/base/json.h"
#include "pkg/base/result.h"
#include "pkg/notify/receiver.h"

namespace watchfire::notify {

// Where a message goes.
struct Target {
  std::string url;
  std::string shown;                 // What errors and logs may show of it.
  std::vector<std::string> secrets;  // What they must not.
};

// Reads a secret URL, named `key` in the configuration, at send time. Instead of it: a Retry when
// its file cannot be read, which may appear with the next mount; a Fail when it is no URL.
tl::expected<Target, Step> RevealUrl(const config::SecretSource& url, const std::string& key,
                                     const Context& context);

// Reads `webhook_url` or `webhook_url_file`, of which one must be there.
config::SecretSource ReadWebhookUrl(config::Section& section);

// Returns the POST of `body`. `http` and `keep_alive` are set by the other form.
net::OutRequest JsonPost(const Context& context, const Target& target, std::string body);
template <typename Options>
net::OutRequest JsonPost(const Context& context, const Target& target, std::string body,
                         const std::shared_ptr<const Options>& options) {
  net::OutRequest request = JsonPost(context, target, std::move(body));
  request.http = &options->http;
  request.keep_alive = options;
  return request;
}

// Returns a request to a URL that is no secret, but for what is before its host, of a receiver that
// makes several; without a body.
net::OutRequest PlainRequest(const Context& context, const std::string& method,
                             const std::string& url);
template <typename Options>
net::OutRequest PlainRequest(const Context& context, const std::string& method,
                             const std::string& url,
                             const std::shared_ptr<const Options>& options) {
  net::OutRequest request = PlainRequest(context, method, url);
  request.http = &options->http;
  request.keep_alive = options;
  return request;
}

// `text` as a JSON value, escaped as Go's encoder does by default.
std::string JsonText(std::string_view text);
// A member of a JSON object that is left out when there is nothing to say.
void WriteUnlessEmpty(JsonWriter* json, std::string_view key, std::string_view value);

// Cuts to `bytes_max` bytes, of which the last three are "…" when something was cut, between
// characters. Source: Alertmanager notify.TruncateInBytes.
std::string TruncateBytes(std::string text, size_t bytes_max);

// Returns what `body` makes of `text`, cut until that is no longer than `bytes_max`, if cutting the
// text can help.
std::string FitBody(std::string text, size_t bytes_max,
                    const std::function<std::string(const std::string& text)>& body);

// Puts `prefix` before what a Retry or Fail says.
Step Prefixed(Step step, const std::string& prefix);
// Says which conversation a message did not reach: `channel "#ops": …`.
Step InChannel(Step step, const std::string& channel);

// One value of an answer, by JSON pointer ("/parameters/retry_after"); nothing when the body is no
// JSON, or the value absent or of another type.
std::optional<bool> AnswerBool(const std::string& body, const std::string& pointer);
std::optional<std::string> AnswerText(const std::string& body, const std::string& pointer);
std::optional<double> AnswerNumber(const std::string& body, const std::string& pointer);
bool IsJson(const std::string& body);

// Makes a Retry wait for as many seconds as the body says at `pointer`, an hour at most, if that is
// longer than what its header said.
Step WithRetryAfterOf(Step step, const std::string& body, const std::string& pointer);

}  // namespace watchfire::notify
