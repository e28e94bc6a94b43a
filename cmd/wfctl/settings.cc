// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What flags, environment and defaults files amount to.

#include <algorithm>
#include <charconv>
#include <utility>

#include "cmd/wfctl/arguments.h"
#include "cmd/wfctl/dates.h"
#include "pkg/base/strings.h"
#include "pkg/config/client_files.h"

namespace watchfire::wfctl {
namespace {

using Values = std::map<std::string, std::string>;

// Sources: amtool (reference §8); Debian's build of it looks in the last two.
std::vector<std::string> DefaultsFiles(const std::string& home) {
  std::vector<std::string> paths;
  if (!home.empty()) {
    paths = {home + "/.config/wfctl/config.yml", home + "/.config/amtool/config.yml"};
  }
  paths.emplace_back("/etc/amtool/config.yml");
  if (!home.empty()) paths.push_back(home + "/.config/prometheus/amtool.yml");
  paths.emplace_back("/etc/prometheus/amtool.yml");
  return paths;
}

// The same thing under its one name.
std::string Canonical(const std::string& key) {
  if (key == "comment_required") return "require-comment";  // amtool's old name.
  return key == "alertmanager.url" ? "url" : key;
}

// Copies into `flags` the values of one file that nothing before it has set.
Status AddFile(const std::string& path, Values values, const Command& command,
               std::vector<std::pair<std::string, std::string>>* flags) {
  if (values.contains("require-comment")) values.erase("comment_required");
  if (values.contains("url")) values.erase("alertmanager.url");
  for (const auto& [written, value] : values) {
    const std::string key = Canonical(written);
    const auto is_it = [&](const Flag& flag) { return flag.name == key; };
    auto flag = std::ranges::find_if(GlobalFlags(), is_it);
    if (flag == GlobalFlags().end()) {
      flag = std::ranges::find_if(command.flags, is_it);
      if (flag == command.flags.end()) continue;
    }
    if (key == "help" || key == "version") continue;
    const bool is_set = std::ranges::any_of(*flags, [&](const auto& f) { return f.first == key; });
    if (is_set) continue;
    if (flag->is_switch() && value != "true" && value != "false") {
      return InvalidArgument(path + ": " + written + ": expected true or false, not " +
                             GoQuote(value));
    }
    flags->emplace_back(key, value);
  }
  return {};
}

Status ReadFeatures(const std::string& names, Invocation* invocation) {
  if (names.empty()) return {};
  // Source: Alertmanager's --enable-feature (reference §1.1), and ours. Only two concern a client.
  static const auto& known = *new std::vector<std::string>{
      "alert-names-in-metrics", "receiver-name-in-metrics", "group-key-in-metrics",
      "classic-mode",           "utf8-strict-mode",         "auto-gomemlimit",
      "event-recorder",         "grafana-oncall-metrics"};
  for (const std::string_view part : Split(names, ',')) {
    const std::string name(part);
    if (std::ranges::find(known, name) == known.end()) {
      const std::string near = Nearest(name, known);
      return InvalidArgument("unknown option '" + name + "' for --enable-feature" +
                             (near.empty() ? "" : " (did you mean " + near + "?)"));
    }
    if (name != "classic-mode" && name != "utf8-strict-mode") continue;
    const auto mode = name == "classic-mode" ? matcher::Mode::kClassic : matcher::Mode::kUtf8;
    if (invocation->matcher_mode != matcher::Mode::kFallback && invocation->matcher_mode != mode) {
      return InvalidArgument("cannot have both classic and UTF-8 modes enabled");
    }
    invocation->matcher_mode = mode;
  }
  return {};
}

}  // namespace

Status ReadUrl(const std::string& flag, std::string url, Target* target) {
  if (url.find("://") == std::string::npos) url = "http://" + url;
  const size_t authority = url.find("://") + 3;
  const size_t end = std::min(url.find_first_of("/?#", authority), url.size());
  const size_t at = url.substr(0, end).rfind('@');
  if (at != std::string::npos && at >= authority) {
    const std::string user = url.substr(authority, at - authority);
    const size_t colon = user.find(':');
    config::BasicAuth& auth = target->http.basic_auth.emplace();
    auth.username = UrlDecode(user.substr(0, colon), false);
    if (colon != std::string::npos) {
      auth.password = Secret(UrlDecode(user.substr(colon + 1), false));
    }
    url.erase(authority, at + 1 - authority);
  }
  while (url.ends_with('/')) url.pop_back();
  if (!url.starts_with("http://") && !url.starts_with("https://")) {
    return InvalidArgument("--" + flag + ": neither http nor https: " + url);
  }
  target->url = std::move(url);
  return {};
}

Status AddDefaults(const World& world, Parsed* parsed) {
  std::vector<std::pair<std::string, std::string>> flags = std::move(parsed->invocation.flags);
  for (auto& [name, value] : flags) name = Canonical(name);
  if (!world.environment_url.empty() &&
      std::ranges::none_of(flags, [](const auto& flag) { return flag.first == "url"; })) {
    flags.emplace_back("url", world.environment_url);
  }
  for (const std::string& path : DefaultsFiles(world.home)) {
    Result<Values> values = config::LoadFlatFile(path, world.files);
    if (!values && values.error().code == Code::kNotFound) continue;
    if (!values) return Fail(values.error());
    WF_RETURN_IF_ERROR(AddFile(path, *std::move(values), *parsed->command, &flags));
  }
  parsed->invocation.flags = std::move(flags);
  return {};
}

Status Settle(const World& world, Invocation* invocation) {
  WF_RETURN_IF_ERROR(
      ReadUrl("url", invocation->Get("url", "http://localhost:9093"), &invocation->target));
  const std::string http_file = invocation->Get("http.config.file");
  if (!http_file.empty()) {
    if (invocation->target.http.basic_auth) {
      return InvalidArgument("basic authentication and http.config.file are mutually exclusive");
    }
    const config::HttpFile file = config::LoadHttpFile(http_file, world.files);
    if (!file.http) return InvalidArgument(file.problems.front().ToString());
    invocation->target.http = *file.http;
  }
  const Result<Duration> timeout = ReadDuration(invocation->Get("timeout", "30s"));
  if (!timeout) return InvalidArgument("--timeout: " + timeout.error().message);
  if (*timeout <= Duration::zero()) return InvalidArgument("--timeout must be more than 0");
  invocation->target.timeout = *timeout;

  static const auto& outputs =
      *new std::vector<std::string>{"simple", "extended", "wide", "json", "yaml", "ical", "md"};
  invocation->output = invocation->Get("output", "simple");
  if (invocation->output == "table") invocation->output = "simple";  // Its name before 0.2.
  if (std::ranges::find(outputs, invocation->output) == outputs.end()) {
    return InvalidArgument("-o: " + GoQuote(invocation->output) + " is none of " +
                           Join(outputs, ", "));
  }
  invocation->verbose = invocation->On("verbose");
  invocation->version_check = invocation->On("version-check", true);
  return ReadFeatures(invocation->Get("enable-feature"), invocation);
}

Result<Duration> ReadDuration(const std::string& text) {
  Result<Duration> duration = ParseGoDuration(text);
  if (!duration) duration = ParseDuration(text);
  return duration;
}

int ReadNumber(std::string_view text) {
  int number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && stop == end && number >= 0 ? number : -1;
}

}  // namespace watchfire::wfctl
