// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// One entry of webhook_configs (reference alertmanager-compat §4.2).

#include "pkg/notify/webhook/webhook.h"

namespace watchfire::notify::webhook {
namespace {

// A URL without templates is checked now, not when the page is due.
void ParseUrl(config::Section& section, Options* options) {
  options->url = section.SecretTemplate("url");
  const Secret url = section.SecretTemplateUrl("url");  // Last: it says what may be shown.
  options->url_file = section.String("url_file");
  section.Exclusive("url", "url_file");
  if (url.empty() && options->url_file.empty()) {
    section.Error("url", "one of url or url_file must be configured");
  }
}

}  // namespace

std::shared_ptr<const void> Parse(config::Section& section, const config::Global& global) {
  auto options = std::make_shared<Options>();
  ParseUrl(section, options.get());
  options->max_alerts = section.Int("max_alerts", 0);
  section.ShowDefault("max_alerts", "0");
  if (options->max_alerts < 0) section.Error("max_alerts", "must not be negative", "0 sends all");
  options->timeout = section.GoDuration("timeout", Duration::zero());
  if (options->timeout != Duration::zero() && options->timeout < std::chrono::milliseconds(1)) {
    section.Error("timeout", "must be 0 or at least 1ms", "0 waits as long as the flush may take");
  }
  options->payload = section.Tree("payload");
  options->signing_secret = section.SecretOrFile("signing_secret");
  section.Own("signing_secret");
  section.Own("signing_secret_file");
  options->http = section.Http("http_config", global.http);
  return options;
}

}  // namespace watchfire::notify::webhook
