// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "cmd/wfctl/api.h"

#include <algorithm>

#include "cmd/wfctl/arguments.h"
#include "cmd/wfctl/version.h"
#include "pkg/base/strings.h"

namespace watchfire::wfctl {
namespace {

using simdjson::dom::element;

// Watchfire says so in place of the branch, its version is the revision.
std::string VersionWarning(element status) {
  const bool is_watchfire = Text(status["versionInfo"]["branch"]) == "watchfire";
  const std::string version = Text(status["versionInfo"][is_watchfire ? "revision" : "version"]);
  const std::vector<std::string_view> parts = Split(version, '.');
  if (parts.size() < 2) return "";
  if (is_watchfire) {
    const std::vector<std::string_view> ours = Split(kVersion, '.');
    const bool is_same = parts[0] == ours.at(0) && parts[1] == ours.at(1);
    return is_same ? "" : "wfctl " + std::string(kVersion) + " talks to Watchfire " + version;
  }
  const int minor = ReadNumber(parts[1]);
  const bool is_old = parts[0] == "0" && minor >= 0 && minor < 22;
  return is_old ? "Alertmanager " + version + " does not know != and !~ in silences" : "";
}

// The message of an error's body, in any of the shapes that servers use.
std::string Message(const std::string& body) {
  simdjson::dom::parser parser;
  element json;
  std::string_view text;
  const simdjson::padded_string padded(body);
  if (parser.parse(padded).get(json) == simdjson::SUCCESS &&
      (json.get(text) == simdjson::SUCCESS || json["error"].get(text) == simdjson::SUCCESS ||
       json["message"].get(text) == simdjson::SUCCESS)) {
    return std::string(Trim(text));
  }
  return std::string(Trim(body.substr(0, 500)));
}

// Its path, for people.
std::string Shown(const ApiRequest& request) {
  std::string path = request.path;
  const size_t at = request.secret.empty() ? std::string::npos : path.find(request.secret);
  if (at != std::string::npos) path.replace(at, request.secret.size(), "<secret>");
  return path;
}

}  // namespace

std::string Describe(const Result<net::OutResponse>& response) {
  if (!response) return response.error().message;
  std::string text = "HTTP " + std::to_string(response->status);
  const std::string message = Message(response->body);
  if (!message.empty()) text += ": " + message;
  if (response->status == 401 || response->status == 403) {
    text += " (credentials go into --http.config.file or --url=http://user:password@host)";
  }
  return text;
}

std::optional<std::string> Api::Call(const ApiRequest& request) {
  std::vector<Result<net::OutResponse>> responses = CallAll({request});
  Result<net::OutResponse>& response = responses.at(0);
  if (response && response->status / 100 == 2) return std::move(response->body);
  exit_code_ = response ? kNo : kUnreachable;
  world_.err << "wfctl: " << Describe(response)
             << (response ? "" : " (the server is named by --url or $WATCHFIRE_URL)") << "\n";
  return std::nullopt;
}

std::vector<Result<net::OutResponse>> Api::CallAll(const std::vector<ApiRequest>& requests) {
  CheckVersion();
  std::vector<Result<net::OutResponse>> responses = world_.send(invocation_.target, requests);
  for (size_t i = 0; invocation_.verbose && i < requests.size(); ++i) {
    world_.err << requests[i].method << " " << invocation_.target.url << Shown(requests[i]) << ": "
               << (responses[i] ? std::to_string(responses[i]->status) : Describe(responses[i]))
               << "\n";
  }
  return responses;
}

void Api::CheckVersion() {
  if (checked_ || !invocation_.version_check) return;
  checked_ = true;
  const auto responses = world_.send(invocation_.target, {{"GET", "/api/v2/status", ""}});
  if (!responses.at(0) || responses[0]->status != 200) return;  // The command itself will tell.
  simdjson::dom::parser parser;
  element status;
  const simdjson::padded_string body(responses[0]->body);
  if (parser.parse(body).get(status) != simdjson::SUCCESS) return;
  const std::string warning = VersionWarning(status);
  if (!warning.empty()) {
    world_.err << "wfctl: warning: " << warning << " (--no-version-check silences this)\n";
  }
}

bool PrintRaw(const std::string& output, World& world, const std::string& json) {
  if (output == "json") {
    world.out << json << (json.ends_with("\n") ? "" : "\n");
    return true;
  }
  if (output != "yaml") return false;
  simdjson::dom::parser parser;
  const simdjson::padded_string padded(json);
  world.out << ToYaml(parser.parse(padded).value());
  return true;
}

std::string Text(simdjson::simdjson_result<element> value) {
  std::string_view text;
  return value.get(text) == simdjson::SUCCESS ? std::string(text) : "";
}

std::string Number(simdjson::simdjson_result<element> value) {
  double number = 0;
  if (value.get(number) != simdjson::SUCCESS) return "-";
  char buffer[32];
  std::snprintf(buffer, sizeof(buffer), "%.4g", number);
  return buffer;
}

WallTime Time(simdjson::simdjson_result<element> value) {
  return ParseTime(Text(value)).value_or(kNoTime);
}

std::vector<std::string> Texts(simdjson::simdjson_result<element> value) {
  std::vector<std::string> texts;
  simdjson::dom::array array;
  if (value.get(array) != simdjson::SUCCESS) return texts;
  for (const element item : array) {
    texts.push_back(item.is_object() ? Text(item["name"]) : Text(item));
  }
  return texts;
}

std::vector<std::pair<std::string, std::string>> Pairs(simdjson::simdjson_result<element> value) {
  std::vector<std::pair<std::string, std::string>> pairs;
  simdjson::dom::object object;
  if (value.get(object) != simdjson::SUCCESS) return pairs;
  for (const auto field : object) pairs.emplace_back(field.key, Text(field.value));
  std::ranges::sort(pairs);
  return pairs;
}

std::string PairsText(simdjson::simdjson_result<element> value, std::string_view except) {
  std::vector<std::string> parts;
  for (const auto& [name, text] : Pairs(value)) {
    if (name != except) parts.push_back(name + "=" + GoQuote(text));
  }
  return Join(parts, " ");
}

std::vector<std::string> ReadFilters(const Invocation& invocation) {
  std::vector<std::string> filters = invocation.operands;
  if (filters.empty() || matcher::ParseOne(filters[0], invocation.matcher_mode)) return filters;
  // What has an operator was meant as a matcher: better its error than a silence for nothing.
  const std::string& first = filters[0];
  if (first.find('=') == std::string::npos && first.find("!~") == std::string::npos) {
    filters[0] = "alertname=" + GoQuote(first);
  }
  return filters;
}

Result<matcher::Matchers> ReadMatchers(const Invocation& invocation) {
  matcher::Matchers matchers;
  for (const std::string& text : ReadFilters(invocation)) {
    Result<matcher::Matcher> matcher = matcher::ParseOne(text, invocation.matcher_mode);
    if (!matcher) return Fail(matcher.error());
    matchers.push_back(*std::move(matcher));
  }
  return matchers;
}

Result<std::vector<std::pair<std::string, std::string>>> ReadPairs(
    const std::vector<std::string>& texts, matcher::Mode mode, const std::string& what) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const std::string& text : texts) {
    const Result<matcher::Matcher> matcher = matcher::ParseOne(text, mode);
    if (!matcher) return Fail(matcher.error());
    if (matcher->op() != matcher::Op::kEqual) {
      return InvalidArgument(what + " must be specified as key=value pairs, not " + text);
    }
    std::erase_if(pairs, [&](const auto& pair) { return pair.first == matcher->name(); });
    pairs.emplace_back(matcher->name(), matcher->value());
  }
  return pairs;
}

Result<WallTime> ReadTimeFlag(const Invocation& invocation, const std::string& name) {
  const std::string text = invocation.Get(name);
  if (text.empty()) return kNoTime;
  Result<WallTime> time = ParseTime(text);
  if (!time) {
    return InvalidArgument("--" + name + ": " + GoQuote(text) +
                           " is no time (write it like 2026-01-31T15:04:05Z)");
  }
  return time;
}

}  // namespace watchfire::wfctl
