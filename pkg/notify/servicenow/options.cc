// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// One entry of servicenow_configs (reference paging-backends §4.2).

#include "pkg/notify/servicenow/servicenow.h"

namespace watchfire::notify::servicenow {
namespace {

// By the worst severity of what fires: 1 is high, 3 is low.
constexpr const char* kDefaultLevel =
    "{{ $level := \"3\" }}{{ range .Alerts.Firing }}"
    "{{ if eq .Labels.severity \"critical\" }}{{ $level = \"1\" }}{{ break }}"
    "{{ else if eq .Labels.severity \"warning\" }}{{ $level = \"2\" }}{{ end }}"
    "{{ end }}{{ $level }}";
constexpr const char* kDefaultDescription = "{{ template \"victorops.default.state_message\" . }}";
constexpr const char* kDefaultWorkNotes =
    "Watchfire: {{ len .Alerts.Firing }} firing, {{ len .Alerts.Resolved }} resolved.\n"
    "{{ template \"__alertmanagerURL\" . }}";

void ParseTexts(config::Section& section, Options* options) {
  options->short_description =
      section.Template("short_description", "{{ template \"__subject\" . }}");
  options->description = section.Template("description", kDefaultDescription);
  options->work_notes = section.Template("work_notes", kDefaultWorkNotes);
  for (const char* key : {"impact", "urgency"}) {
    options->columns[key] = section.Template(key, kDefaultLevel);
  }
  for (const char* key : {"category", "subcategory", "assignment_group", "caller_id", "cmdb_ci"}) {
    options->columns[key] = section.Template(key);
  }
  options->fields = section.Tree("fields", config::Section::TreeOf::kNames);
  if (options->fields && options->fields->kind != config::TemplateTree::Kind::kMap) {
    section.Error("fields", "fields must be a mapping");
  }
}

// A table's states are numbers; a text would be taken and ignored.
std::string ParseState(config::Section& section, const std::string& key,
                       const std::string& fallback) {
  std::string state = section.String(key, fallback);
  if (state.find_first_not_of("-0123456789") != std::string::npos) {
    section.Error(key, key + " must be the number of a state", "6 is Resolved, 2 is In Progress");
  }
  return state;
}

}  // namespace

std::shared_ptr<const void> Parse(config::Section& section, const config::Global& global) {
  auto options = std::make_shared<Options>();
  std::string url = section.Url("instance_url");
  if (url.empty()) {
    section.Error("instance_url", "missing instance_url in servicenow_config",
                  "write it like https://example.service-now.com");
  }
  if (ShownUrl(url) != url) {
    section.Error("instance_url", "instance_url must hold no user and password",
                  "set basic_auth in http_config");
  }
  while (url.ends_with('/')) url.pop_back();
  const std::string table = section.String("table", "incident");
  if (table.empty() ||
      table.find_first_not_of("abcdefghijklmnopqrstuvwxyz_0123456789") != std::string::npos) {
    section.Error("table", "table must be a name like incident");
  }
  options->table_url = url + "/api/now/table/" + table;
  ParseTexts(section, options.get());
  options->resolve_state = ParseState(section, "resolve_state", "6");
  options->reopen_state = ParseState(section, "reopen_state", "2");
  options->close_code = section.Template("close_code", "Solution provided");
  options->close_notes = section.Template("close_notes", kDefaultCloseNotes);
  options->http = section.Http("http_config", global.http);
  if (!options->http.basic_auth && !options->http.authorization && !options->http.oauth2) {
    section.Error("http_config", "ServiceNow lets nobody in who does not say who it is",
                  "set basic_auth or oauth2 in http_config");
  }
  return options;
}

}  // namespace watchfire::notify::servicenow
