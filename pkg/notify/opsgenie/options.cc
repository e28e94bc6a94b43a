// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// One entry of opsgenie_configs (reference alertmanager-compat §4.4).

#include <utility>

#include "pkg/base/strings.h"
#include "pkg/notify/opsgenie/opsgenie.h"

namespace watchfire::notify::opsgenie {
namespace {

void ParseKey(config::Section& section, const config::Global& global, Options* options) {
  const config::SecretSource key = section.SecretOrFile("api_key", global.opsgenie_api_key);
  if (key.empty()) {
    section.Error("api_key", "no global OpsGenie API Key set either inline or in a file",
                  "set api_key or api_key_file here, or opsgenie_api_key in global");
  }
  options->api_key_file = key.file;
  if (!key.file.empty()) return;
  Result<templates::Snippet> snippet = templates::Snippet::Parse("api_key", key.value.reveal());
  if (!snippet) return section.Error("api_key", "invalid template syntax in api_key");
  options->api_key = *std::move(snippet);
}

void ParseUrl(config::Section& section, const config::Global& global, Options* options) {
  options->api_url = section.Url("api_url", global.opsgenie_api_url);
  if (options->api_url.empty()) section.Error("api_url", "no global OpsGenie URL set");
  if (!options->api_url.ends_with('/')) options->api_url += '/';
  const size_t scheme = options->api_url.find("://");
  const std::string host =
      ToLower(options->api_url.substr(0, options->api_url.find_first_of("/:", scheme + 3)));
  if (host.ends_with("opsgenie.com")) {
    section.Warn("api_url", "Opsgenie is switched off on 2027-04-05: nobody is paged from then on",
                 "move to Jira Service Management and set api_url: "
                 "https://api.atlassian.com/jsm/ops/integration/");
  }
}

void ParseResponders(config::Section& section, Options* options) {
  for (config::Section& entry : section.Children("responders")) {
    options->responders.push_back({entry.Template("id"), entry.Template("name"),
                                   entry.Template("username"), entry.Template("type")});
    const std::string id = entry.String("id");
    const std::string name = entry.String("name");
    const std::string username = entry.String("username");
    std::string type = entry.String("type");
    const bool is_template = type.find("{{") != std::string::npos;
    if (!is_template) type = ToLower(type);
    // As Go prints it.
    const std::string shown =
        "opsGenieConfig responder {" + id + " " + name + " " + username + " " + type + "}";
    if (id.empty() && name.empty() && username.empty()) {
      entry.Error("type", shown + " has to have at least one of id, username or name specified");
    } else if (!is_template) {
      entry.OneOf("type", type, {"team", "teams", "user", "escalation", "schedule"},
                  shown +
                      " type does not match valid options "
                      "^(team|teams|user|escalation|schedule)$");
    }
    entry.Finish();
  }
}

}  // namespace

std::shared_ptr<const void> Parse(config::Section& section, const config::Global& global) {
  auto options = std::make_shared<Options>();
  ParseKey(section, global, options.get());
  ParseUrl(section, global, options.get());
  options->message = section.Template("message", "{{ template \"opsgenie.default.message\" . }}");
  options->description =
      section.Template("description", "{{ template \"opsgenie.default.description\" . }}");
  options->source = section.Template("source", "{{ template \"opsgenie.default.source\" . }}");
  options->details = section.TemplateMap("details");
  options->entity = section.Template("entity");
  ParseResponders(section, options.get());
  options->actions = section.TemplateWords("actions");
  options->tags = section.Template("tags");
  options->note = section.Template("note");
  options->priority = section.Template("priority");
  options->update_alerts = section.Bool("update_alerts", false);
  options->http = section.Http("http_config", global.http);
  return options;
}

}  // namespace watchfire::notify::opsgenie
