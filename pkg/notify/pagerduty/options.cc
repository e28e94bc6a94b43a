// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// One entry of pagerduty_configs (reference alertmanager-compat §4.3).

#include <array>
#include <optional>
#include <utility>

#include "pkg/notify/pagerduty/pagerduty.h"

namespace watchfire::notify::pagerduty {
namespace {

constexpr const char* kDefaultClient = "{{ template \"pagerduty.default.client\" . }}";

constexpr std::array<std::pair<const char*, const char*>, 4> kDefaultDetails = {{
    {"firing", "{{ .Alerts.Firing | toJson }}"},
    {"num_firing", "{{ .Alerts.Firing | len }}"},
    {"num_resolved", "{{ .Alerts.Resolved | len }}"},
    {"resolved", "{{ .Alerts.Resolved | toJson }}"},
}};

void AddDefaultDetail(const char* key, const char* text, config::TemplateTree* details) {
  config::TemplateTree leaf;
  leaf.kind = config::TemplateTree::Kind::kText;
  leaf.text = templates::Snippet::Parse("details", text).value();
  details->keys.push_back(templates::Snippet::Parse("details", key).value());
  details->items.push_back(std::move(leaf));
}

void ParseKeys(config::Section& section, Options* options) {
  options->service_key = section.SecretTemplate("service_key");
  options->service_key_file = section.String("service_key_file");
  options->routing_key = section.SecretTemplate("routing_key");
  options->routing_key_file = section.String("routing_key_file");
  section.Exclusive("routing_key", "routing_key_file");
  section.Exclusive("service_key", "service_key_file");
  const auto is_set = [&](const char* key) { return !section.SecretString(key).empty(); };
  if (!is_set("service_key") && !is_set("routing_key") && options->service_key_file.empty() &&
      options->routing_key_file.empty()) {
    section.Error("routing_key", "missing service or routing key in PagerDuty config",
                  "set routing_key or routing_key_file");
  }
}

void ParseDetails(config::Section& section, Options* options) {
  options->details = DefaultDetails();
  for (const auto& [key, text] : kDefaultDetails) {
    section.Default(std::string("details.") + key, "template", text);
  }
  const config::Any written = section.Value("details");
  std::optional<config::TemplateTree> tree =
      section.Tree("details", config::Section::TreeOf::kNames);
  for (const auto& [key, text] : kDefaultDetails) section.ShowDefaultEntry("details", key, text);
  if (!tree) return;
  const auto* names = written.As<config::Any::Map>();
  if (names == nullptr) return section.Error("details", "details must be a mapping");
  options->details = *std::move(tree);
  for (const auto& [key, text] : kDefaultDetails) {
    if (!names->contains(key)) AddDefaultDetail(key, text, &options->details);
  }
}

void ParseAttachments(config::Section& section, Options* options) {
  for (config::Section& image : section.Children("images")) {
    options->images.push_back(
        {image.Template("src"), image.Template("alt"), image.Template("href")});
    image.Finish();
  }
  for (config::Section& link : section.Children("links")) {
    options->links.push_back({link.Template("href"), link.Template("text")});
    link.Finish();
  }
}

}  // namespace

config::TemplateTree DefaultDetails() {
  config::TemplateTree details;
  details.kind = config::TemplateTree::Kind::kMap;
  for (const auto& [key, text] : kDefaultDetails) AddDefaultDetail(key, text, &details);
  return details;
}

std::shared_ptr<const void> Parse(config::Section& section, const config::Global& global) {
  auto options = std::make_shared<Options>();
  ParseKeys(section, options.get());
  options->url = section.Url("url", global.pagerduty_url);
  if (options->url.empty()) section.Error("url", "no global PagerDuty URL set");
  options->client = section.Template("client", kDefaultClient);
  options->client_url =
      section.Template("client_url", "{{ template \"pagerduty.default.clientURL\" . }}");
  options->description =
      section.Template("description", "{{ template \"pagerduty.default.description\" .}}");
  // Empty is as good as none.
  section.Default("source", "template", "what `client` is");
  options->source = section.Template("source");
  if (section.String("source").empty()) {
    options->source = options->client;
    section.ShowText("source", section.String("client", kDefaultClient));
  }
  options->severity = section.Template("severity");
  options->event_class = section.Template("class");
  options->component = section.Template("component");
  options->group = section.Template("group");
  ParseDetails(section, options.get());
  ParseAttachments(section, options.get());
  options->timeout = section.GoDuration("timeout", Duration::zero());
  options->http = section.Http("http_config", global.http);
  return options;
}

}  // namespace watchfire::notify::pagerduty
