// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// One entry of incidentio_configs (reference alertmanager-compat §4.17).

#include "pkg/notify/incidentio/incidentio.h"

namespace watchfire::notify::incidentio {
namespace {

void ParseUrl(config::Section& section, Options* options) {
  options->url = section.Url("url");
  options->url_file = section.String("url_file");
  section.Exclusive("url", "url_file");
  if (options->url.empty() && options->url_file.empty()) {
    section.Error("url", "one of url or url_file must be configured");
  }
}

// Only somebody who writes an http_config is asked for a credential.
void ParseAuthorization(config::Section& section, const config::Global& global, Options* options) {
  options->token = section.SecretOrFile("alert_source_token");
  options->http = section.Http("http_config", global.http, config::FilePaths::kAsWritten);
  if (!section.Has("http_config")) return;
  if (options->http.authorization && !options->token.empty()) {
    section.Error("http_config",
                  "cannot specify alert_source_token or alert_source_token_file when using "
                  "http_config.authorization");
  }
  if (!options->http.authorization && options->token.empty()) {
    section.Error("http_config",
                  "at least one of alert_source_token, alert_source_token_file or "
                  "http_config.authorization must be configured");
  }
}

}  // namespace

std::shared_ptr<const void> Parse(config::Section& section, const config::Global& global) {
  auto options = std::make_shared<Options>();
  ParseUrl(section, options.get());
  ParseAuthorization(section, global, options.get());
  options->metadata = section.TemplateMap("metadata");
  options->max_alerts = section.Int("max_alerts", 0);
  section.ShowDefault("max_alerts", "0");
  if (options->max_alerts < 0) section.Error("max_alerts", "must not be negative", "0 sends all");
  options->timeout = section.GoDuration("timeout", Duration::zero());
  return options;
}

}  // namespace watchfire::notify::incidentio
