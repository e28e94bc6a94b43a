// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// One entry of jira_configs (reference alertmanager-compat §4.14).

#include <optional>
#include <utility>

#include "pkg/notify/jira/jira.h"

namespace watchfire::notify::jira {
namespace {

// A text, or a mapping of it and whether it is updated.
Text ParseText(config::Section& section, const std::string& key) {
  const std::string fallback = "{{ template \"jira.default." + key + "\" . }}";
  if (!section.HasMap(key)) return {section.Template(key, fallback)};
  std::optional<config::Section> child = section.Child(key);
  Text text{child->Template("template", fallback), child->Bool("enable_update", true)};
  child->Finish();
  return text;
}

ApiType ParseApiType(config::Section& section) {
  const std::string type = section.String("api_type", "auto");
  section.OneOf("api_type", type, {"auto", "cloud", "datacenter"},
                "unknown api_type on jira_config, must be auto, cloud or datacenter");
  if (type == "cloud") return ApiType::kCloud;
  return type == "datacenter" ? ApiType::kDataCenter : ApiType::kAuto;
}

void ReadLabels(config::Section& section, const std::string& key, Options* options) {
  for (const std::string& text : section.Strings(key)) {
    Result<templates::Snippet> label = templates::Snippet::Parse("labels", text);
    if (!label) section.Error(key, "invalid template syntax: " + label.error().message);
    if (label) options->labels.push_back(*std::move(label));
  }
}

// A list, or a mapping of it and whether it is updated.
void ParseLabels(config::Section& section, Options* options) {
  if (!section.HasMap("labels")) return ReadLabels(section, "labels", options);
  std::optional<config::Section> child = section.Child("labels");
  ReadLabels(*child, "values", options);
  options->update_labels = child->Bool("enable_update", true);
  child->Finish();
}

}  // namespace

std::shared_ptr<const void> Parse(config::Section& section, const config::Global& global) {
  auto options = std::make_shared<Options>();
  options->api_url = section.Url("api_url", global.jira_api_url);
  if (options->api_url.empty()) {
    section.Error("api_url", "no global Jira Cloud URL set",
                  "write it like https://example.atlassian.net/rest/api/3");
  }
  while (options->api_url.ends_with('/')) options->api_url.pop_back();
  if (!options->api_url.empty() && options->api_url.find("/rest/api/") == std::string::npos) {
    section.Warn("api_url", "Jira answers 404 to all but its API, which is below /rest/api/",
                 "write it like https://example.atlassian.net/rest/api/3");
  }
  options->api_type = ParseApiType(section);
  options->project = section.Template("project");
  if (section.String("project").empty()) {
    section.Error("project", "missing project in jira_config");
  }
  options->issue_type = section.Template("issue_type");
  if (section.String("issue_type").empty()) {
    section.Error("issue_type", "missing issue_type in jira_config");
  }
  options->summary = ParseText(section, "summary");
  options->description = ParseText(section, "description");
  ParseLabels(section, options.get());
  options->priority = section.Template("priority", "{{ template \"jira.default.priority\" . }}");
  options->reopen_transition = section.String("reopen_transition");
  options->resolve_transition = section.String("resolve_transition");
  options->wont_fix_resolution = section.String("wont_fix_resolution");
  options->reopen_duration = section.PromDuration("reopen_duration", Duration::zero());
  options->fields = section.Tree("fields", config::Section::TreeOf::kNames);
  if (options->fields && options->fields->kind != config::TemplateTree::Kind::kMap) {
    section.Error("fields", "fields must be a mapping");
  }
  options->http = section.Http("http_config", global.http);
  return options;
}

}  // namespace watchfire::notify::jira
