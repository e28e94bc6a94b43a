// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// One entry of victorops_configs (reference alertmanager-compat §4.5).

#include <array>
#include <string_view>

#include "pkg/notify/victorops/victorops.h"

namespace watchfire::notify::victorops {
namespace {

constexpr std::array<std::string_view, 7> kFixedFields = {
    "routing_key",     "message_type", "state_message", "entity_display_name",
    "monitoring_tool", "entity_id",    "entity_state"};

templates::Snippet Default(config::Section& section, const std::string& key) {
  return section.Template(key, "{{ template \"victorops.default." + key + "\" . }}");
}

}  // namespace

std::shared_ptr<const void> Parse(config::Section& section, const config::Global& global) {
  auto options = std::make_shared<Options>();
  const config::SecretSource key = section.SecretOrFile("api_key", global.victorops_api_key);
  if (key.empty()) {
    section.Error("api_key", "no global VictorOps API Key set",
                  "set api_key or api_key_file here, or victorops_api_key in global");
  }
  options->api_key = key.value;
  options->api_key_file = key.file;
  options->api_url = section.Url("api_url", global.victorops_api_url);
  if (options->api_url.empty()) section.Error("api_url", "no global VictorOps URL set");
  if (!options->api_url.ends_with('/')) options->api_url += '/';
  options->routing_key = section.Template("routing_key");
  if (options->routing_key.empty() && section.String("routing_key").empty()) {
    section.Error("routing_key", "missing Routing key in VictorOps config");
  }
  options->message_type = section.Template("message_type", "CRITICAL");
  options->state_message = Default(section, "state_message");
  options->entity_display_name = Default(section, "entity_display_name");
  options->monitoring_tool = Default(section, "monitoring_tool");
  options->custom_fields = section.TemplateMap("custom_fields");
  for (const std::string_view name : kFixedFields) {
    if (!options->custom_fields.contains(std::string(name))) continue;
    section.Error("custom_fields", "victorops config contains custom field " + std::string(name) +
                                       " which cannot be used as it conflicts with the "
                                       "fixed/static fields");
  }
  options->http = section.Http("http_config", global.http);
  return options;
}

}  // namespace watchfire::notify::victorops
