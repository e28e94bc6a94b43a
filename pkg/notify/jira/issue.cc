// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/jira/issue.h"

#include <algorithm>
#include <chrono>
#include <vector>

#include "pkg/base/json.h"
#include "pkg/base/strings.h"
#include "pkg/notify/json_post.h"

namespace watchfire::notify::jira {
namespace {

bool IsV3(const std::string& api_url) { return api_url.ends_with("/3"); }

// A text as an Atlassian document.
std::string Document(const std::string& text) {
  JsonWriter json(/*escape_html=*/true);
  json.StartObject().Field("type", "doc").Field("version", 1).Key("content").StartArray();
  for (const std::string_view line : Split(text, '\n')) {
    json.StartObject().Field("type", "paragraph").Key("content").StartArray();
    if (!line.empty()) json.StartObject().Field("type", "text").Field("text", line).EndObject();
    json.EndArray().EndObject();
  }
  return json.EndArray().EndObject().Take();
}

std::string Named(const char* key, const std::string& value) {
  JsonWriter json(/*escape_html=*/true);
  return json.StartObject().Field(key, value).EndObject().Take();
}

Status SetDescription(const std::string& description, const Options& options, Fields* fields) {
  if (!IsV3(options.api_url)) {
    if (!description.empty()) (*fields)["description"] = JsonText(description);
    return {};
  }
  const std::string text(Trim(description));
  if (text.empty()) return {};
  const bool is_text = text[0] != '{' && text[0] != '[' && text[0] != '"';
  if (!is_text && !IsJson(text)) {
    return InvalidArgument("description template: invalid JSON for API v3");
  }
  (*fields)["description"] = is_text ? Document(text) : text;
  return {};
}

std::string Jql(const Options& options, const std::string& project, const std::string& label,
                bool firing) {
  std::string jql;
  if (!options.wont_fix_resolution.empty()) {
    jql +=
        "(resolution is EMPTY or resolution != " + GoQuote(options.wont_fix_resolution) + ") and ";
  }
  const auto minutes =
      std::chrono::duration_cast<std::chrono::minutes>(options.reopen_duration).count();
  if (firing && !options.reopen_transition.empty() && minutes > 0) {
    jql += "(resolutiondate is EMPTY OR resolutiondate >= -" + std::to_string(minutes) + "m) and ";
  } else {
    jql += "statusCategory != Done and ";
  }
  return jql + "project=" + GoQuote(project) + " and labels=" + GoQuote(label) +
         " order by status ASC,resolutiondate DESC";
}

}  // namespace

Result<Fields> IssueFields(const Options& options, const std::string& project,
                           const std::string& label, Rendering* message) {
  Fields fields;
  fields["project"] = Named("key", project);
  fields["issuetype"] = Named("name", message->Text(options.issue_type));
  std::string summary = message->Text(options.summary.text, kSummaryRunesMax);
  // The API refuses a summary of several lines.
  std::ranges::replace_if(
      summary, [](char c) { return c == '\n' || c == '\r'; }, ' ');
  fields["summary"] = JsonText(summary);
  const std::string description = message->Text(options.description.text, kDescriptionRunesMax);
  std::vector<std::string> labels = {label};
  for (const templates::Snippet& each : options.labels) labels.push_back(message->Text(each));
  std::ranges::sort(labels);
  JsonWriter json(/*escape_html=*/true);
  json.StartArray();
  for (const std::string& each : labels) json.String(each);
  fields["labels"] = json.EndArray().Take();
  const std::string priority = message->Text(options.priority);
  if (!priority.empty()) fields["priority"] = Named("name", priority);
  WF_RETURN_IF_ERROR(SetDescription(description, options, &fields));
  if (options.fields) WF_RETURN_IF_ERROR(message->JsonMembers(*options.fields, &fields));
  WF_RETURN_IF_ERROR(message->status());
  return fields;
}

std::string ToJson(const Fields& fields) {
  JsonWriter json(/*escape_html=*/true);
  json.StartObject().Key("fields").StartObject();
  for (const auto& [key, value] : fields) json.Key(key).Raw(value);
  return json.EndObject().EndObject().Take() + "\n";
}

std::string CommentJson(const Options& options, const std::string& text) {
  const std::string cut = TruncateRunes(text, kDescriptionRunesMax);
  JsonWriter json(/*escape_html=*/true);
  json.StartObject().Key("body").Raw(IsV3(options.api_url) ? Document(cut) : JsonText(cut));
  return json.EndObject().Take() + "\n";
}

std::string SearchUrl(const Options& options) {
  const std::string& base = options.api_url;
  const std::string host = base.substr(0, base.find('/', base.find("://") + 3));
  const bool cloud = options.api_type == ApiType::kCloud ||
                     (options.api_type == ApiType::kAuto && host.ends_with("atlassian.net"));
  if (!cloud) return base + "/search";
  std::string url = base + "/search/jql";
  const size_t v2 = url.find("/rest/api/2/");
  if (v2 != std::string::npos) url[v2 + 10] = '3';
  return url;
}

std::string SearchJson(const Options& options, const std::string& project, const std::string& label,
                       bool firing) {
  JsonWriter json(/*escape_html=*/true);
  json.StartObject().Key("fields").StartArray().String("status").EndArray();
  json.Field("jql", Jql(options, project, label, firing)).Field("maxResults", 2).EndObject();
  return json.Take() + "\n";
}

}  // namespace watchfire::notify::jira
