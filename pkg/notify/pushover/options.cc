// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// One entry of pushover_configs (reference alertmanager-compat §4.8).

#include "pkg/notify/pushover/pushover.h"

namespace watchfire::notify::pushover {
namespace {

// What the vendor takes for an emergency.
constexpr std::chrono::seconds kRetryMin{30};
constexpr std::chrono::seconds kExpireMax{10'800};

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

}  // namespace

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
  section.ShowDefault("html", "false");
  options->monospace = section.Bool("monospace", false);
  if (options->html && options->monospace) {
    section.Error("monospace", "at most one of monospace & html must be configured");
  }
  CheckEmergency(section, *options);
  options->http = section.Http("http_config", global.http);
  return options;
}

}  // namespace watchfire::notify::pushover
